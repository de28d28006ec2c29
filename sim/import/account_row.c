#include "import/account_row.h"

#include <stdarg.h>
#include <string.h>

#include "report/text_tools.h"

enum { WIDTH = 79, BEHIND_LABEL = 16 };

void account_row(FILE *out, const char *label, const char *format, ...)
{
	char text[2048], *rest = text;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fprintf(out, "  %-*s", BEHIND_LABEL - 2, label);
	while (*rest) {
		size_t length = strlen(rest), fits = WIDTH - BEHIND_LABEL;

		if (length > fits) {
			while (fits && rest[fits] != ' ')
				fits--;
			/* a word that is longer than the row stays whole */
			length = fits ? fits : strcspn(rest, " ");
		}
		print_visible(out, "%.*s", (int)length, rest);
		rest += length;
		rest += strspn(rest, " ");
		fprintf(out, "\n%*s", *rest ? BEHIND_LABEL : 0, "");
	}
}
