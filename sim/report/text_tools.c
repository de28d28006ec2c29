#include "report/text_tools.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/quantity.h"
#include "base/shape.h"
#include "base/visible.h"

const char *value_text(char cell[CELL_SIZE], enum unit unit, double value)
{
	FILE *out = fmemopen(cell, CELL_SIZE, "w");

	if (!out)
		memory_exhausted("text");
	if (value < 0) { /* the low end of a wide interval */
		fputc('-', out);
		value = -value;
	}
	if (unit == UNIT_NANOSECONDS)
		quantity_print_duration(out, value);
	else if (unit == UNIT_BYTES)
		quantity_print_bytes(out, value);
	else if (unit == UNIT_SHARE)
		fprintf(out, "%.3g %%", value * 1e-4);
	else
		fprintf(out, value >= 1000 || value == floor(value) ? "%.0f" : "%.4g", value);
	fclose(out);
	return cell;
}

const char *maybe_text(char cell[CELL_SIZE], enum unit unit, struct maybe value, const char *none)
{
	return value.exists && isfinite(value.value) ? value_text(cell, unit, value.value) : none;
}

const char *aligned_text(char cell[CELL_SIZE], enum unit unit, struct maybe value, int width,
			 const char *none)
{
	const char *text = value.exists ? VALUE(unit, value.value) : none;
	/* a value that fills its column keeps apart from the one before */
	const char *apart = strlen(text) < (size_t)width ? "" : " ";

	snprintf(cell, CELL_SIZE, "%s%*s", apart, width, text);
	return cell;
}

const char *band_text(char cell[CELL_SIZE], enum unit unit, const struct result_uncertainty *band,
		      const char *platform)
{
	const char *range = INTERVAL(unit, band->low, band->high, "no upper end");

	if (band->by == BAND_OF_NOTHING) {
		snprintf(cell, CELL_SIZE, "%s", band->low.reason);
		return cell;
	}
	snprintf(cell, CELL_SIZE, "%s %s %llu price%s, %s%.60s", range,
		 band->by == BAND_OF_DRAWS ? "across the ranges of its" : "at either end of its",
		 (unsigned long long)band->terms, band->terms == 1 ? "" : "s",
		 platform ? "on " : "no platform named", platform ? platform : "");
	return cell;
}

const char *interval_text(char cell[CELL_SIZE], enum unit unit, struct maybe low, struct maybe high,
			  const char *none)
{
	const char *from, *to;

	if (!low.exists || !high.exists)
		return none;
	from = VALUE(unit, low.value);
	to = VALUE(unit, high.value);
	if (strcmp(from, to) != 0)
		snprintf(cell, CELL_SIZE, "%s .. %s", from, to);
	else if (low.value < high.value)
		snprintf(cell, CELL_SIZE, "%s +- %s", from,
			 VALUE(unit, (high.value - low.value) / 2));
	else
		snprintf(cell, CELL_SIZE, "%s", from);
	return cell;
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

/* What is shown of the text, each of the `special` bytes of it behind a `mark`. */
static void print_marked(FILE *out, const char *text, const char *special, char mark)
{
	char shown[5];

	while (*text) {
		next_shown(&text, shown);
		for (const char *byte = shown; *byte; byte++) {
			if (strchr(special, *byte))
				fputc(mark, out);
			fputc(*byte, out);
		}
	}
}

void print_visible(FILE *out, const char *format, ...)
{
	static const char ends[] = "\n\t\v ";
	size_t before = strspn(format, ends), after = 0;
	char *text = NULL;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		memory_exhausted("text");
	while (format[before] && strchr(ends, format[strlen(format) - after - 1]))
		after++;
	text[(size_t)length - after] = '\0';
	fprintf(out, "%.*s", (int)before, format);
	print_marked(out, text + before, "", 0);
	fputs(format + strlen(format) - after, out);
	free(text);
}

char *fitted_text(char cell[CELL_SIZE], const char *text, int width)
{
	char shown[5], *end = cell;
	int columns = 0, room, printed = 0;

	for (const char *rest = text; *rest;)
		columns += next_shown(&rest, shown);
	room = columns > width ? width - 3 : width;
	while (*text) {
		int more = next_shown(&text, shown);

		if (printed + more > room)
			break;
		end = stpcpy(end, shown);
		printed += more;
	}
	if (columns > width) {
		end = stpcpy(end, "...");
		printed += 3;
	}
	snprintf(end, (size_t)(cell + CELL_SIZE - end), "%*s", width - printed, "");
	return cell;
}

char *printable_text(const char *text)
{
	size_t size = 4 * strlen(text) + 1;
	char *copy = malloc(size);

	if (copy)
		visible_text(copy, size, text);
	return copy;
}

void print_html(FILE *out, const char *text)
{
	static const char special[] = "&<>\"'";
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
	char shown[5];

	for (text = text ? text : "-"; *text;) {
		const char *found;

		next_shown(&text, shown);
		found = strchr(special, *shown);
		fputs(found ? entities[found - special] : shown, out);
	}
}

/* --- cells ------------------------------------------------------------------- */

char *failure_text(const struct result_failure *failure, uint64_t replications, struct error *error)
{
	char shortage[2 * CELL_SIZE] = "";
	char *text = NULL;

	if (failure->short_of)
		snprintf(shortage, sizeof(shortage), "%s%s: %s of %s asked for, %s left",
			 failure->oom_killer ? ", the OOM killer took " : "",
			 failure->oom_killer ? failure->oom_killer : "",
			 VALUE(failure->unit, (double)failure->wanted), failure->short_of,
			 VALUE(failure->unit, (double)failure->there));
	if (asprintf(&text, "%s %s (%s per replication): %s at \"%s\" (%s)%s", failure->operation,
		     failure->recovered ? "went on another way" : "failed",
		     VALUE(UNIT_COUNT, (double)failure->count / (double)replications),
		     failure->errno_name, failure->step, failure->where, shortage) >= 0)
		return text;
	error_memory(error, "failure");
	return NULL;
}

void csv_heading(FILE *out, const struct shape *shape)
{
	for (const struct member *column = shape->members; column->key; column++)
		fprintf(out, "%s%s", column == shape->members ? "" : ",", column->key);
}

static bool is_number(const char *text)
{
	char *end;

	strtod(text, &end);
	return end != text && !*end;
}

void csv_cell(FILE *out, const char *text)
{
	const char *quote = strpbrk(text, ",\"") ? "\"" : "";
	/* A spreadsheet would run such a cell as a formula, unless it is a number. */
	const char *disarm = *text && strchr("=+-@", *text) && !is_number(text) ? "'" : "";

	fprintf(out, "%s%s", quote, disarm);
	print_marked(out, text, "\"", '"');
	fputs(quote, out);
}

void csv_number(FILE *out, struct maybe value)
{
	fputc(',', out);
	if (value.exists)
		fprintf(out, "%.15g", value.value);
}

void markdown_cell(FILE *out, const char *text)
{
	print_marked(out, text, "|\\`*_{}<>[]()#+-!~&", '\\');
}

void markdown_own_cell(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '|')
			fputs("\\|", out);
		else
			fputc(*text, out);
	}
}

void markdown_value(FILE *out, enum unit unit, struct maybe value)
{
	fprintf(out, " %s |", MAYBE(unit, value, "–"));
}
