#include "foreign/words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool line_error(const char *path, size_t number, struct error *error, const char *format, ...)
{
	char message[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	return error_set(error, ERROR_INPUT, "%s:%zu: error: %s", path, number, message);
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
