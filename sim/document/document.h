#ifndef SIM_DOCUMENT_DOCUMENT_H
#define SIM_DOCUMENT_DOCUMENT_H

/*
 * A JSON file: its text, its values, and where each value stands.
 *
 * Reading is guarded: regular files or standard input only, at most 8 MiB, at
 * most 32 levels deep, no duplicate keys, strict JSON. Changes by `--set` are
 * remembered, so that messages can tell a value of the file from one of the
 * command line.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "base/error.h"

enum { POINTER_MAX = 512, DEPTH_LIMIT = 32 };

/* A value that was set, and what paths in it are relative to. */
struct set_value {
	char *pointer; /* as pointer_to_... writes it */
	char *file;    /* in which the value stands; NULL: the command line, the current folder */
};

struct document {
	char *path; /* as given; "-" for standard input */
	char *text; /* as read */
	size_t length;
	char *beside; /* of a page with a second document: its text; else NULL */
	json_t *root; /* changed by settings */
	struct set_value *set;
	size_t set_count, set_capacity;
};

/*
 * Read and parse a file ("-": standard input); one that is not there is sought among those that come
 * with the program (data_folder_find). On failure nothing is owned.
 */
bool document_read(struct document *document, const char *path, struct error *error);

/* The same from memory; `path` names it in messages. */
bool document_parse(struct document *document, const char *path, const char *text, size_t length,
		    struct error *error);

/* Another one with the same file and none of its settings, for settings of its own. */
bool document_copy(struct document *document, const struct document *original, struct error *error);
void document_fini(struct document *document);

/*
 * What the file is, for somebody who gave it where another is needed: "a scenario", "a cost profile", "a stored result
 * (sim run --format json)"; NULL: none that is known.
 */
const char *document_kind(const json_t *root);

/* Text is nested at most DEPTH_LIMIT levels deep; if not, *bad is where it goes too deep. */
bool document_depth_fits(const char *text, const char **bad);

/*
 * Apply one "/json/pointer=VALUE": VALUE is JSON, or else a string. An item of a list that has a "name"
 * may be called by it: /guests/db/memory. An object or list of the record
 * (that of the whole document) that may be left out appears, with its default, when something is
 * set in it. `file` is where the value stands: what --set says has none (NULL).
 */
struct record;
bool document_set(struct document *document, const struct record *record, const char *setting,
		  const char *file, struct error *error);

/* The pointer with the numbers of items that it calls by their names, as far as it leads. */
void document_numbers(const struct document *document, const char *pointer, char out[POINTER_MAX]);

/* The value that was set at the pointer or around it, the latest; NULL: the document's own. */
const struct set_value *document_set_value(const struct document *document, const char *pointer);
static inline bool document_is_set(const struct document *document, const char *pointer)
{
	return document_set_value(document, pointer) != NULL;
}

/* What of a member the caret stands under (an item of a list has no key: its value). */
enum caret { CARET_VALUE, CARET_KEY };

/* Line and column (from 1) of what is at a JSON pointer; false when it is not in the text. */
bool document_position(const struct document *document, const char *pointer, enum caret caret,
		       size_t *line, size_t *column);

/*
 * Record "path:line:column: error: pointer: message", the line of the file, and a
 * caret under the value; of a value from the command line "--set pointer: error:
 * message". What comes from outside is shown with its harmful bytes as \xNN.
 * Returns false.
 */
bool document_error(const struct document *document, const char *pointer, struct error *error,
		    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same of what is, or should be, under a key of the object at the pointer. */
bool document_error_at(const struct document *document, const char *pointer, const char *key,
		       struct error *error, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* That one with the caret under the key. */
bool document_key_error(const struct document *document, const char *pointer, const char *key,
			struct error *error, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* What a function that takes a format is told, into its array `message`. */
#define FORMAT_MESSAGE(message, format)                                                            \
	do {                                                                                       \
		va_list arguments;                                                                 \
		va_start(arguments, format);                                                       \
		vsnprintf(message, sizeof(message), format, arguments);                            \
		va_end(arguments);                                                                 \
	} while (0)

/* Record "path: error: message", for a file that has no text yet. Returns false. */
bool file_error(const char *path, struct error *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Record an error at a place of the text, with a hint ("": none). Returns false. */
bool document_place_error(const struct document *document, size_t line, size_t column,
			  struct error *error, const char *message, const char *hint);

/* As document_error, but a warning on `out` (NULL: dropped). */
void document_warning(const struct document *document, const char *pointer, FILE *out,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * `pointer` with "/key" (escaped as RFC 6901 says) or "/index" behind it; `inner` may be
 * `pointer` itself.
 */
void pointer_to_key(char inner[POINTER_MAX], const char *pointer, const char *key);
void pointer_to_index(char inner[POINTER_MAX], const char *pointer, size_t index);

/* Take the first token off a pointer, unescaped. False at its end. */
bool pointer_next(const char **pointer, char token[POINTER_MAX]);

#endif
