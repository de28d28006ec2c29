#include "report/text_tools.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "base/visible.h"

static void print_count(FILE *out, double value)
{
	if (value >= 1000 || value == floor(value))
		fprintf(out, "%.0f", value);
	else
		fprintf(out, "%.4g", value);
}

void print_value(FILE *out, enum unit unit, double value)
{
	if (value < 0) { /* the low end of a wide interval */
		fputc('-', out);
		value = -value;
	}
	switch (unit) {
	case UNIT_NANOSECONDS:
		quantity_print_duration(out, value);
		break;
	case UNIT_BYTES:
		quantity_print_bytes(out, value);
		break;
	case UNIT_PAGES:
	case UNIT_COUNT:
		print_count(out, value);
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
	/* a value that fills its column keeps apart from the one before */
	fprintf(out, "%s%*s", strlen(text) < (size_t)width ? "" : " ", width, text);
}

void print_range(FILE *out, enum unit unit, double low, double high)
{
	print_value(out, unit, low);
	fputs(" .. ", out);
	print_value(out, unit, high);
}

/* --- text from outside ------------------------------------------------------ */

/* Put the next character, or \xNN for a byte of it, into `shown`; returns its columns. */
static int next_shown(const char **text, char shown[5])
{
	size_t length = visible_length(*text);

	if (length) {
		memcpy(shown, *text, length);
		shown[length] = '\0';
		*text += length;
		return 1;
	}
	snprintf(shown, 5, "\\x%02x", (unsigned char)**text);
	(*text)++;
	/* the rest of a harmful sequence is no UTF-8 by itself and comes out the same way */
	return 4;
}

void print_text(FILE *out, const char *text)
{
	char shown[5];

	while (*text) {
		next_shown(&text, shown);
		fputs(shown, out);
	}
}

void print_text_in(FILE *out, const char *text, int width)
{
	char shown[5];
	int columns = 0, room, printed = 0;

	for (const char *rest = text; *rest;)
		columns += next_shown(&rest, shown);
	room = columns > width ? width - 3 : width;
	while (*text) {
		int more = next_shown(&text, shown);

		if (printed + more > room)
			break;
		fputs(shown, out);
		printed += more;
	}
	if (columns > width) {
		fputs("...", out);
		printed += 3;
	}
	for (; printed < width; printed++)
		fputc(' ', out);
}

char *printable_text(const char *text)
{
	char *copy = malloc(4 * strlen(text) + 1), *end = copy, shown[5];

	if (!copy)
		return NULL;
	*copy = '\0';
	while (*text) {
		next_shown(&text, shown);
		end = stpcpy(end, shown);
	}
	return copy;
}

void print_html(FILE *out, const char *text)
{
	char *clean = printable_text(text ? text : "-");

	for (const char *at = clean; at && *at; at++) {
		switch (*at) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(*at, out);
		}
	}
	free(clean);
}

bool csv_cell(FILE *out, const char *text, struct error *error)
{
	char *copy = printable_text(text);
	bool quote, formula;

	if (!copy)
		return error_memory(error, "CSV cell");
	quote = strpbrk(copy, ",\"") != NULL;
	/* A spreadsheet would run such a cell as a formula. */
	formula = *copy && strchr("=+-@", *copy) != NULL;
	if (quote)
		fputc('"', out);
	if (formula)
		fputc('\'', out);
	for (const char *c = copy; *c; c++) {
		if (*c == '"')
			fputc('"', out);
		fputc(*c, out);
	}
	if (quote)
		fputc('"', out);
	free(copy);
	return true;
}

bool markdown_cell(FILE *out, const char *text, struct error *error)
{
	char *copy = printable_text(text);

	if (!copy)
		return error_memory(error, "Markdown cell");
	for (const char *c = copy; *c; c++) {
		if (strchr("|\\`*_{}<>[]()#+-!~&", *c))
			fputc('\\', out);
		fputc(*c, out);
	}
	free(copy);
	return true;
}
