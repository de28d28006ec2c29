#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/visible.h"

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
	visible_lines(error->message, sizeof(error->message), raw);
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
