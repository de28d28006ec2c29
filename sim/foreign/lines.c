#include "foreign/lines.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

bool line_error(const char *path, size_t number, struct error *error, const char *format, ...)
{
	char message[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	return error_set(error, ERROR_INPUT, "%s:%zu: error: %s", path, number, message);
}

bool lines_open(struct lines *lines, const char *path, struct error *error)
{
	*lines = (struct lines){ .path = path };
	lines->buffer = memory_array(LINE_LONGEST + 1, 1, "line", error);
	if (!lines->buffer)
		return false;
	lines->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	return lines->file ||
	       error_set(error, ERROR_INPUT, "cannot open %s: %s", path, strerror(errno));
}

void lines_fini(struct lines *lines)
{
	if (lines->file && lines->file != stdin)
		fclose(lines->file);
	free(lines->buffer);
	*lines = (struct lines){ 0 };
}

/* More bytes behind those that are there. */
static bool fill(struct lines *lines, struct error *error)
{
	size_t got;

	memmove(lines->buffer, lines->buffer + lines->begin, lines->end - lines->begin);
	lines->end -= lines->begin;
	lines->begin = 0;
	if (lines->end == LINE_LONGEST)
		return line_error(lines->path, lines->number + 1, error,
				  "a line of more than %d bytes: this is no text of a tracer",
				  LINE_LONGEST - 1);
	got = fread(lines->buffer + lines->end, 1, LINE_LONGEST - lines->end, lines->file);
	lines->end += got;
	lines->at_end = got == 0;
	return !ferror(lines->file) ||
	       error_set(error, ERROR_INPUT, "cannot read %s: %s", lines->path, strerror(errno));
}

static bool check(const struct lines *lines, const char *line, size_t length, struct error *error)
{
	if (lines->number == 1 &&
	    (strncmp(line, "\xff\xfe", 2) == 0 || strncmp(line, "\xfe\xff", 2) == 0))
		return line_error(lines->path, 1, error,
				  "UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8");
	return !memchr(line, '\0', length) ||
	       line_error(lines->path, lines->number, error, "a zero byte: this is no text");
}

bool lines_next(struct lines *lines, char **line, struct error *error)
{
	char *newline = NULL;
	size_t length;

	for (;;) {
		*line = lines->buffer + lines->begin;
		newline = memchr(*line, '\n', lines->end - lines->begin);
		if (newline || lines->at_end)
			break;
		if (!fill(lines, error))
			return false;
	}
	length = newline ? (size_t)(newline - *line) : lines->end - lines->begin;
	if (!newline && length == 0)
		return false;
	lines->begin += length + (newline != NULL);
	lines->number++;
	(*line)[length] = '\0';
	if (!check(lines, *line, length, error))
		return false;
	if (length && (*line)[length - 1] == '\r')
		(*line)[length - 1] = '\0';
	if (lines->number == 1 && strncmp(*line, "\xef\xbb\xbf", 3) == 0)
		*line += 3;
	return true;
}

char *skip_blanks(const char *at)
{
	return (char *)at + strspn(at, " \t");
}

bool take_text(char **at, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(*at, text, length) != 0)
		return false;
	*at += length;
	return true;
}

bool take_number(char **at, double *value)
{
	size_t digits = strspn(*at, "0123456789."), whole = strspn(*at, "0123456789");
	char copy[64];
	char *end;

	if (whole == 0 || digits >= sizeof(copy))
		return false;
	memcpy(copy, *at, digits);
	copy[digits] = '\0';
	*value = strtod(copy, &end);
	if (*end || !isfinite(*value))
		return false;
	*at += digits;
	return true;
}

char *take_word(char **at)
{
	char *word = skip_blanks(*at);
	size_t length = strcspn(word, " \t");

	*at = word + length + (word[length] != '\0');
	word[length] = '\0';
	return word;
}

void trim_end(char *text)
{
	size_t length = strlen(text);

	while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		text[--length] = '\0';
}
