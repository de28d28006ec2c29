#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Terminals obey control characters, and bidi marks reorder text: both are shown, not sent. */
static void append_safely(char *message, size_t size, const char *text)
{
	size_t used = 0;

	while (*text && used + 8 < size) {
		unsigned char c = (unsigned char)*text;
		unsigned char next = (unsigned char)text[1];
		bool control = (c < 0x20 && c != '\n') || c == 0x7f;
		bool c1 = c == 0xc2 && next >= 0x80 && next < 0xa0;
		bool bidi = c == 0xe2 && ((next == 0x80 && (unsigned char)text[2] >= 0x8e) ||
					  (next == 0x81 && (unsigned char)text[2] >= 0xa6));

		if (control || c1 || bidi)
			used += (size_t)snprintf(message + used, size - used, "\\x%02x", c);
		else
			message[used++] = *text;
		text++;
	}
	message[used] = '\0';
}

bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
	char raw[sizeof(error->message)];
	va_list arguments;

	if (error->kind != ERROR_NONE)
		return false;
	error->kind = kind;
	va_start(arguments, format);
	vsnprintf(raw, sizeof(raw), format, arguments);
	va_end(arguments);
	append_safely(error->message, sizeof(error->message), raw);
	return false;
}

bool error_memory(struct error *error, const char *what)
{
	return error_set(error, ERROR_MEMORY, "out of memory (%s)", what);
}

int error_exit_status(const struct error *error)
{
	switch (error->kind) {
	case ERROR_NONE:
		return 0;
	case ERROR_INPUT:
		return 2;
	case ERROR_INTERRUPTED:
		return 130;
	case ERROR_OUTPUT:
	case ERROR_MEMORY:
	case ERROR_INTERNAL:
		break;
	}
	return 1;
}
