/* What is said of a document, where in it, and how it looks. */

#include <stdint.h>
#include <string.h>

#include "base/visible.h"
#include "document/document.h"

enum { MESSAGE_MAX = 2048, QUOTE_WHOLE = 110, QUOTE_WIDTH = 64, QUOTE_BEFORE = 40 };

/* Bytes of the character at `at`; the parser counts a byte that is not UTF-8 as one, too. */
static size_t character_bytes(const char *at)
{
	size_t bytes = visible_length(at);

	return bytes ? bytes : 1;
}

/* The character at `at` as it is shown, a tab as a blank; how many bytes it has. */
static size_t show_character(const char *at, char shown[5])
{
	size_t bytes = character_bytes(at);
	char piece[8];

	snprintf(piece, sizeof(piece), "%.*s", (int)bytes, *at == '\t' ? " " : at);
	visible_text(shown, 5, piece);
	return bytes;
}

static size_t shown_columns(const char *shown, size_t bytes)
{
	return bytes > 1 ? 1 : strlen(shown);
}

/* Where the window of a long line begins, QUOTE_BEFORE characters before the column; *character: its number. */
static const char *window_begin(const char *at, const char *end, size_t column, size_t *character)
{
	*character = 1;
	if ((size_t)(end - at) <= QUOTE_WHOLE)
		return at;
	for (; at < end && *character + QUOTE_BEFORE < column; ++*character)
		at += character_bytes(at);
	return at;
}

/*
 * The line that a position is in and a caret under it, as text; of a long line a window around the
 * column, "..." where it is cut.
 */
static void quote_line(const struct document *document, size_t line, size_t column, char *quote,
		       size_t size)
{
	const char *at = document->text, *end;
	size_t length, used, caret = 0, columns = 0, characters, most;
	char shown[5];

	quote[0] = '\0';
	for (size_t i = 1; i < line && at; i++) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	length = at ? strcspn(at, "\r\n") : 0;
	if (!length || column > length + 1)
		return;
	end = at + length;
	at = window_begin(at, end, column, &characters);
	most = length <= QUOTE_WHOLE ? SIZE_MAX : QUOTE_WIDTH;
	used = (size_t)snprintf(quote, size, "\n%5zu | %s", line, characters > 1 ? "..." : "");
	caret = characters > 1 ? 3 : 0;
	while (at < end && columns < most && used + 16 < size) {
		size_t bytes = show_character(at, shown);

		if (characters++ < column)
			caret += shown_columns(shown, bytes);
		columns += shown_columns(shown, bytes);
		used += (size_t)snprintf(quote + used, size - used, "%s", shown);
		at += bytes;
	}
	if (at < end)
		used += (size_t)snprintf(quote + used, size - used, "...");
	if (used + caret + 16 > size)
		quote[0] = '\0';
	else
		snprintf(quote + used, size - used, "\n      | %*s^", (int)caret, "");
}

bool document_place_error(const struct document *document, size_t line, size_t column,
			  struct error *error, const char *message, const char *hint)
{
	char path[VISIBLE_PATH], quote[600], shown[500];

	visible_path(path, document->path);
	visible_text(shown, sizeof(shown), message);
	quote_line(document, line, column, quote, sizeof(quote));
	return error_set(error, ERROR_INPUT, "%s:%zu:%zu: error: %s%s%s%s", path, line, column,
			 shown, quote, *hint ? "\nhint: " : "", hint);
}

static void describe(const struct document *document, const char *pointer, enum caret caret,
		     const char *severity, const char *message, char out[MESSAGE_MAX])
{
	char path[VISIBLE_PATH], at[POINTER_MAX], name[300], shown[500], quote[600];
	size_t line, column;
	char *slash;

	visible_text(name, sizeof(name), pointer);
	visible_text(shown, sizeof(shown), message);
	if (document_is_set(document, pointer)) {
		snprintf(out, MESSAGE_MAX, "--set %s: %s: %s", name, severity, shown);
		return;
	}
	snprintf(at, sizeof(at), "%s", pointer);
	/* A value that is missing is reported at the object that lacks it. */
	while (!document_position(document, at, caret, &line, &column)) {
		slash = strrchr(at, '/');
		caret = CARET_VALUE;
		if (!slash) {
			line = column = 1;
			break;
		}
		*slash = '\0';
	}
	visible_path(path, document->path);
	quote_line(document, line, column, quote, sizeof(quote));
	snprintf(out, MESSAGE_MAX, "%s:%zu:%zu: %s: %s%s%s%s", path, line, column, severity, name,
		 *name ? ": " : "", shown, quote);
}

bool file_error(const char *path, struct error *error, const char *format, ...)
{
	char message[500], shown[VISIBLE_PATH];

	FORMAT_MESSAGE(message, format);
	visible_path(shown, path);
	return error_set(error, ERROR_INPUT, "%s: error: %s", shown, message);
}

bool document_error(const struct document *document, const char *pointer, struct error *error,
		    const char *format, ...)
{
	char message[1024], whole[MESSAGE_MAX];

	FORMAT_MESSAGE(message, format);
	describe(document, pointer, CARET_VALUE, "error", message, whole);
	return error_set(error, ERROR_INPUT, "%s", whole);
}

bool document_error_at(const struct document *document, const char *pointer, const char *key,
		       struct error *error, const char *format, ...)
{
	char message[1024], inner[POINTER_MAX];

	FORMAT_MESSAGE(message, format);
	pointer_to_key(inner, pointer, key);
	return document_error(document, inner, error, "%s", message);
}

bool document_key_error(const struct document *document, const char *pointer, const char *key,
			struct error *error, const char *format, ...)
{
	char message[1024], inner[POINTER_MAX], whole[MESSAGE_MAX];

	FORMAT_MESSAGE(message, format);
	pointer_to_key(inner, pointer, key);
	describe(document, inner, CARET_KEY, "error", message, whole);
	return error_set(error, ERROR_INPUT, "%s", whole);
}

void document_warning(const struct document *document, const char *pointer, FILE *out,
		      const char *format, ...)
{
	char message[1024], whole[MESSAGE_MAX];

	if (!out)
		return;
	FORMAT_MESSAGE(message, format);
	describe(document, pointer, CARET_VALUE, "warning", message, whole);
	fprintf(out, "%s\n", whole);
}
