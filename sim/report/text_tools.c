#include "report/text_tools.h"

#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"

void print_value(FILE *out, enum unit unit, double value)
{
	switch (unit) {
	case UNIT_NANOSECONDS:
		quantity_print_duration(out, value);
		break;
	case UNIT_BYTES:
		quantity_print_bytes(out, value);
		break;
	case UNIT_PAGES:
	case UNIT_COUNT:
		fprintf(out, "%.15g", value);
		break;
	}
}

void print_value_in(FILE *out, enum unit unit, double value, int width)
{
	char text[64] = "";
	FILE *memory = fmemopen(text, sizeof(text), "w");

	if (!memory) { /* no alignment then */
		print_value(out, unit, value);
		return;
	}
	print_value(memory, unit, value);
	fclose(memory);
	fprintf(out, "%*s", width, text);
}

void print_text_in(FILE *out, const char *text, int width)
{
	int columns = 0;

	for (const char *c = text; *c; c++)
		columns += ((unsigned char)*c & 0xc0) != 0x80;
	if (width && columns > width) {
		int printed = 0;

		for (; *text && printed < width - 3; text++) {
			printed += ((unsigned char)text[1] & 0xc0) != 0x80;
			fputc(*text, out);
		}
		fputs("...", out);
		return;
	}
	fputs(text, out);
	for (; columns < width; columns++)
		fputc(' ', out);
}
