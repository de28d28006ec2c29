#include "import/account_row.h"

#include <stdarg.h>

#include "report/text_tools.h"

enum { LABEL_WIDTH = 14 };

void account_row(FILE *out, const char *label, const char *format, ...)
{
	char text[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fprintf(out, "  %-*s\v", LABEL_WIDTH, label);
	print_visible(out, "%s\n", text);
}
