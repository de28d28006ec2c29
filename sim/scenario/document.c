#include "scenario/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum { SIZE_LIMIT = 8 << 20, DEPTH_LIMIT = 32, PIECE = 1 << 16 };

/* --- reading -------------------------------------------------------------- */

static bool read_all(int file, const char *path, char **text, size_t *length, struct error *error)
{
	size_t capacity = 0;

	*text = NULL;
	*length = 0;
	for (;;) {
		ssize_t got;

		if (!memory_grow(text, &capacity, *length + PIECE + 1, 1, "file", error))
			return false;
		got = read(file, *text + *length, PIECE);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(error, ERROR_INPUT, "%s: cannot read: %s", path,
					 strerror(errno));
		if (got == 0)
			break;
		*length += (size_t)got;
		if (*length > SIZE_LIMIT)
			return error_set(error, ERROR_INPUT, "%s: error: larger than 8 MiB", path);
	}
	(*text)[*length] = '\0';
	return true;
}

static int open_regular(const char *path, struct error *error)
{
	struct stat status;
	int file;

	if (strcmp(path, "-") == 0)
		return STDIN_FILENO;
	file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* opening a FIFO must not wait */
	if (file < 0 || fstat(file, &status) != 0) {
		error_set(error, ERROR_INPUT, "%s: error: cannot open: %s", path, strerror(errno));
		if (file >= 0)
			close(file);
		return -1;
	}
	if (!S_ISREG(status.st_mode)) {
		error_set(error, ERROR_INPUT,
			  "%s: error: %s; a regular file (or - for standard input) "
			  "is needed",
			  path,
			  S_ISDIR(status.st_mode) ? "this is a directory" : "not a regular file");
		close(file);
		return -1;
	}
	return file;
}

/* jansson recurses: the depth is checked on the text, before it sees it. */
static bool check_depth(const struct document *document, struct error *error)
{
	size_t depth = 0, line = 1, column = 1;
	bool string = false;

	for (const char *at = document->text; *at; at++, column++) {
		if (*at == '\n') {
			line++;
			column = 0;
		}
		if (string) {
			if (*at == '\\' && at[1])
				at++, column++;
			else if (*at == '"')
				string = false;
		} else if (*at == '"') {
			string = true;
		} else if (*at == '{' || *at == '[') {
			if (++depth > DEPTH_LIMIT)
				return error_set(
					error, ERROR_INPUT,
					"%s:%zu:%zu: error: nested more than %d levels deep",
					document->path, line, column, DEPTH_LIMIT);
		} else if ((*at == '}' || *at == ']') && depth) {
			depth--;
		}
	}
	return true;
}

bool document_parse(struct document *document, const char *path, const char *text, size_t length,
		    struct error *error)
{
	json_error_t failure = { 0 };
	size_t blank;

	*document = (struct document){ 0 };
	document->path = memory_text(path, error);
	document->text = memory_array(length + 1, 1, "file", error);
	if (!document->path || !document->text)
		goto fail;
	memcpy(document->text, text, length);
	document->length = length;
	blank = strspn(document->text, " \t\r\n");
	if (blank == length) {
		error_set(error, ERROR_INPUT,
			  "%s: error: the file is empty, a scenario is needed "
			  "(an object with host, guests and events)",
			  path);
		goto fail;
	}
	if (strncmp(document->text, "\xef\xbb\xbf", 3) == 0) {
		error_set(error, ERROR_INPUT,
			  "%s:1:1: error: the file begins with a byte order mark; "
			  "save it as UTF-8 without one",
			  path);
		goto fail;
	}
	if (memchr(document->text, '\0', length)) {
		error_set(error, ERROR_INPUT,
			  "%s: error: the file holds a zero byte, it is no text", path);
		goto fail;
	}
	if (!check_depth(document, error))
		goto fail;
	json_object_seed(1); /* nothing may depend on the order of a hash table */
	document->root = json_loadb(document->text, length, JSON_REJECT_DUPLICATES, &failure);
	if (!document->root && (!failure.text[0] || /* it says nothing when memory is short */
				json_error_code(&failure) == json_error_out_of_memory)) {
		error_memory(error, "JSON");
		goto fail;
	}
	if (!document->root) {
		error_set(error, ERROR_INPUT, "%s:%d:%d: error: %s", path, failure.line,
			  failure.column, failure.text);
		goto fail;
	}
	return true;
fail:
	document_fini(document);
	return false;
}

bool document_read(struct document *document, const char *path, struct error *error)
{
	const char *name = strcmp(path, "-") == 0 ? "<standard input>" : path;
	char *text = NULL;
	size_t length;
	bool ok = false;
	int file = open_regular(path, error);

	*document = (struct document){ 0 };
	if (file < 0)
		return false;
	ok = read_all(file, name, &text, &length, error) &&
	     document_parse(document, name, text, length, error);
	if (file != STDIN_FILENO)
		close(file);
	free(text);
	return ok;
}

void document_fini(struct document *document)
{
	for (size_t i = 0; i < document->set_count; i++)
		free(document->set[i]);
	free(document->set);
	free(document->path);
	free(document->text);
	json_decref(document->root);
	*document = (struct document){ 0 };
}

/* --- messages ------------------------------------------------------------- */

/* The line that a position is in and a caret under it, as text; empty when too long to show. */
static void quote_line(const struct document *document, size_t line, size_t column, char *quote,
		       size_t size)
{
	const char *at = document->text;
	size_t length, used;

	quote[0] = '\0';
	for (size_t i = 1; i < line && at; i++) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return;
	length = strcspn(at, "\r\n");
	if (length > 120 || column > length + 1)
		return;
	used = (size_t)snprintf(quote, size, "\n%5zu | %.*s\n      | ", line, (int)length, at);
	for (size_t i = 1; i < column && used + 2 < size; i++)
		quote[used++] = ' ';
	snprintf(quote + used, size - used, "^");
	for (char *c = quote; *c; c++)
		if (*c == '\t')
			*c = ' ';
}

static void describe(const struct document *document, const char *pointer, const char *severity,
		     const char *message, char *out, size_t size)
{
	char place[POINTER_MAX];
	char quote[400] = "";
	size_t line, column;
	char *slash;

	snprintf(place, sizeof(place), "%s", pointer);
	if (document_is_set(document, pointer)) {
		snprintf(out, size, "--set %s: %s: %s", pointer, severity, message);
		return;
	}
	/* A value that is missing is reported at the object that lacks it. */
	while (!document_position(document, place, &line, &column)) {
		slash = strrchr(place, '/');
		if (!slash) {
			line = column = 1;
			break;
		}
		*slash = '\0';
	}
	quote_line(document, line, column, quote, sizeof(quote));
	snprintf(out, size, "%s:%zu:%zu: %s: %s%s%s%s", document->path, line, column, severity,
		 pointer, *pointer ? ": " : "", message, quote);
}

bool document_error(const struct document *document, const char *pointer, struct error *error,
		    const char *format, ...)
{
	char message[1024], whole[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	describe(document, pointer, "error", message, whole, sizeof(whole));
	return error_set(error, ERROR_INPUT, "%s", whole);
}

void document_warning(const struct document *document, const char *pointer, FILE *out,
		      const char *format, ...)
{
	char message[1024], whole[2048];
	struct error safe = { 0 };
	va_list arguments;

	if (!out)
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	describe(document, pointer, "warning", message, whole, sizeof(whole));
	error_set(&safe, ERROR_INPUT, "%s", whole); /* takes control characters out */
	fprintf(out, "%s\n", safe.message);
}
