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
	json_error_t failure;
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

/* --- pointers ------------------------------------------------------------- */

void pointer_add_key(char *pointer, const char *key)
{
	size_t used = strlen(pointer);

	if (used + 1 < POINTER_MAX)
		pointer[used++] = '/';
	for (; *key && used + 2 < POINTER_MAX; key++) {
		if (*key == '~' || *key == '/') {
			pointer[used++] = '~';
			pointer[used++] = *key == '~' ? '0' : '1';
		} else {
			pointer[used++] = *key;
		}
	}
	pointer[used] = '\0';
}

void pointer_add_index(char *pointer, size_t index)
{
	size_t used = strlen(pointer);

	snprintf(pointer + used, POINTER_MAX - used, "/%zu", index);
}

/* Take the next token off a pointer, unescaped. False at its end. */
static bool next_token(const char **pointer, char token[POINTER_MAX])
{
	size_t used = 0;

	if (**pointer != '/')
		return false;
	(*pointer)++;
	while (**pointer && **pointer != '/' && used + 1 < POINTER_MAX) {
		char c = *(*pointer)++;

		if (c == '~' && (**pointer == '0' || **pointer == '1'))
			c = *(*pointer)++ == '0' ? '~' : '/';
		token[used++] = c;
	}
	token[used] = '\0';
	return true;
}

/* Damerau-Levenshtein distance (optimal alignment), capped by the names' length. */
static size_t distance(const char *a, const char *b)
{
	enum { LONGEST = 63 };
	size_t m = strnlen(a, LONGEST), n = strnlen(b, LONGEST);
	size_t rows[3][LONGEST + 1];

	for (size_t j = 0; j <= n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= m; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[m % 3][n];
}

const char *nearest_name(const char *name, const char *const *candidates)
{
	const char *best = NULL;
	size_t best_distance = strlen(name) / 3 + 2;

	for (; *candidates; candidates++) {
		size_t far = distance(name, *candidates);

		if (far < best_distance) {
			best = *candidates;
			best_distance = far;
		}
	}
	return best;
}

/* --- settings ------------------------------------------------------------- */

static bool unknown_key(json_t *object, const char *key, const char *setting, struct error *error)
{
	const char *names[64];
	const char *name, *near;
	json_t *value;
	size_t count = 0;

	json_object_foreach(object, name, value) if (count + 1 < sizeof(names) / sizeof(names[0]))
		names[count++] = name;
	names[count] = NULL;
	near = nearest_name(key, names);
	return error_set(error, ERROR_INPUT,
			 "--set %s: error: the scenario has no \"%s\" there%s%s%s", setting, key,
			 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* An object of the scenario that may be left out appears when something is set in it. */
static json_t *optional_object(json_t *root, const char *key)
{
	static const char *const names[] = { "host", "experiment" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], key) == 0 &&
		    json_object_set_new(root, key, json_object()) == 0)
			return json_object_get(root, key);
	return NULL;
}

static bool array_index(const char *token, size_t size, size_t *index)
{
	char *end;

	if (strcmp(token, "-") == 0) {
		*index = size;
		return true;
	}
	*index = strtoul(token, &end, 10);
	return *token >= '0' && *token <= '9' && !*end && *index < size;
}

static bool put(json_t *container, const char *token, json_t *value, const char *setting,
		struct error *error)
{
	size_t index;
	int failed;

	if (json_is_object(container)) {
		failed = json_object_set(container, token, value);
	} else if (json_is_array(container)) {
		if (!array_index(token, json_array_size(container), &index))
			return error_set(
				error, ERROR_INPUT,
				"--set %s: error: the list has %zu items, \"%s\" is none of them",
				setting, json_array_size(container), token);
		failed = index == json_array_size(container)
				 ? json_array_append(container, value)
				 : json_array_set(container, index, value);
	} else {
		return error_set(error, ERROR_INPUT,
				 "--set %s: error: what is there is neither an object nor a list",
				 setting);
	}
	return failed ? error_memory(error, "setting") : true;
}

bool document_set(struct document *document, const char *setting, struct error *error)
{
	const char *equals = strchr(setting, '='), *rest;
	char pointer[POINTER_MAX], token[POINTER_MAX];
	json_t *at = document->root, *value = NULL;
	bool ok = false;

	if (!equals || setting[0] != '/' || (size_t)(equals - setting) >= sizeof(pointer))
		return error_set(error, ERROR_INPUT,
				 "--set %s: error: /json/pointer=VALUE is needed (for example "
				 "/guests/0/memory=16GiB)",
				 setting);
	memcpy(pointer, setting, (size_t)(equals - setting));
	pointer[equals - setting] = '\0';
	value = json_loads(equals + 1, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	if (!value)
		value = json_string(equals + 1);
	if (!value)
		return error_set(error, ERROR_INPUT, "--set %s: error: the value is not UTF-8",
				 setting);
	rest = pointer;
	while (next_token(&rest, token)) {
		json_t *inner = NULL;
		size_t index;

		if (!*rest) {
			ok = put(at, token, value, setting, error);
			break;
		}
		if (json_is_object(at)) {
			inner = json_object_get(at, token);
			if (!inner && at == document->root)
				inner = optional_object(at, token);
			if (!inner) {
				unknown_key(at, token, setting, error);
				goto out;
			}
		} else if (json_is_array(at) && array_index(token, json_array_size(at), &index)) {
			inner = json_array_get(at, index);
		}
		if (!inner) {
			error_set(error, ERROR_INPUT, "--set %s: error: there is nothing at \"%s\"",
				  setting, token);
			goto out;
		}
		at = inner;
	}
	ok = ok && memory_grow(&document->set, &document->set_capacity, document->set_count + 1,
			       sizeof(*document->set), "settings", error);
	if (ok) {
		document->set[document->set_count] = memory_text(pointer, error);
		ok = document->set[document->set_count] != NULL;
		document->set_count += ok;
	}
out:
	json_decref(value);
	return ok;
}

bool document_is_set(const struct document *document, const char *pointer)
{
	for (size_t i = 0; i < document->set_count; i++) {
		size_t length = strlen(document->set[i]);

		if (strncmp(pointer, document->set[i], length) == 0 &&
		    (pointer[length] == '\0' || pointer[length] == '/'))
			return true;
	}
	return false;
}

/* --- positions: the text is walked again, jansson keeps none --------------- */

struct scanner {
	const char *at;
	size_t line, column;
};

static void step(struct scanner *scanner)
{
	if (*scanner->at == '\n') {
		scanner->line++;
		scanner->column = 0;
	}
	/* Columns count characters, not the bytes of one. */
	if (((unsigned char)*scanner->at & 0xc0) != 0x80)
		scanner->column++;
	scanner->at++;
}

static void skip_blank(struct scanner *scanner)
{
	while (*scanner->at && strchr(" \t\r\n,:", *scanner->at))
		step(scanner);
}

/* Skip a string, keeping what it says (escapes but \" and \\ are kept raw). */
static void skip_string(struct scanner *scanner, char text[POINTER_MAX])
{
	size_t used = 0;

	step(scanner);
	while (*scanner->at && *scanner->at != '"') {
		if (*scanner->at == '\\' && (scanner->at[1] == '"' || scanner->at[1] == '\\'))
			step(scanner);
		if (used + 1 < POINTER_MAX)
			text[used++] = *scanner->at;
		step(scanner);
	}
	text[used] = '\0';
	if (*scanner->at)
		step(scanner);
}

static void skip_value(struct scanner *scanner)
{
	char ignored[POINTER_MAX];
	int depth = 0;

	do {
		skip_blank(scanner);
		if (*scanner->at == '"') {
			skip_string(scanner, ignored);
		} else if (*scanner->at == '{' || *scanner->at == '[') {
			depth++;
			step(scanner);
		} else if (*scanner->at == '}' || *scanner->at == ']') {
			depth--;
			step(scanner);
		} else {
			while (*scanner->at && !strchr(",]} \t\r\n", *scanner->at))
				step(scanner);
		}
	} while (depth > 0 && *scanner->at);
}

bool document_position(const struct document *document, const char *pointer, size_t *line,
		       size_t *column)
{
	struct scanner scanner = { document->text, 1, 1 };
	char token[POINTER_MAX], key[POINTER_MAX];

	skip_blank(&scanner);
	while (next_token(&pointer, token)) {
		bool object = *scanner.at == '{', found = false;
		size_t index = 0;

		if (!object && *scanner.at != '[')
			return false;
		step(&scanner);
		for (;;) {
			skip_blank(&scanner);
			if (!*scanner.at || *scanner.at == '}' || *scanner.at == ']')
				break;
			if (object) {
				skip_string(&scanner, key);
				skip_blank(&scanner);
				found = strcmp(key, token) == 0;
			} else {
				found = index++ == strtoul(token, NULL, 10);
			}
			if (found)
				break;
			skip_value(&scanner);
		}
		if (!found)
			return false;
	}
	*line = scanner.line;
	*column = scanner.column;
	return true;
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
