#include "base/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/layout_table.h"
#include "base/memory.h"
#include "base/progress.h"
#include "base/terminal.h"

/* A line that is no row. */
static void print_line(struct span line, int width, FILE *out)
{
	const char *mark = memchr(line.at, '\v', line.length);
	struct span before = { line.at, mark ? (size_t)(mark - line.at) : 0 };
	struct span rest = span_rest(line, before.length + (mark != NULL));
	int indent = mark ? span_columns(before) : (int)span_blanks(line) + 2;
	int used = span_columns(before);

	rest = span_trimmed(rest);
	if (!rest.length)
		before = span_trimmed(before);
	if (indent > width / 2)
		indent = 2;
	fprintf(out, "%.*s", (int)before.length, before.at);
	do {
		struct span part = span_fitting(rest, width - used);

		fprintf(out, "%.*s\n", (int)part.length, part.at);
		rest = span_rest(rest, part.length);
		rest = span_rest(rest, span_blanks(rest));
		if (rest.length)
			fprintf(out, "%*s", indent, "");
		used = indent;
	} while (rest.length);
}

void layout_print(const char *text, int width, FILE *out)
{
	struct layout_table table;
	bool begins = true;

	while (*text) {
		struct span line;

		if (begins)
			layout_measure(&table, text, width);
		line = span_line(&text);
		begins = !line.length;
		if (layout_is_row(line))
			layout_print_row(&table, line, out);
		else
			print_line(line, width, out);
	}
}

/* --- streams ----------------------------------------------------------------------------------- */

bool layout_open(struct layout *layout, FILE *out, struct error *error)
{
	*layout = (struct layout){ .out = out };
	layout->stream = memory_stream(&layout->text, &layout->size);
	return layout->stream || error_memory(error, "text");
}

bool layout_close(struct layout *layout, struct error *error)
{
	if (!memory_stream_close(layout->stream, &layout->text, "text", error))
		return false;
	progress_end();
	layout_print(layout->text, terminal_width(layout->out), layout->out);
	free(layout->text);
	return true;
}
