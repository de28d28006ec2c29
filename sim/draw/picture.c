#include "draw/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/visible.h"
#include "draw/gnuplot.h"
#include "draw/svg.h"
#include "draw/terminal.h"
#include "report/output.h"

enum { PATH_SIZE = 4096 };

bool picture_begin(struct picture *picture, struct error *error)
{
	*picture = (struct picture){ 0 };
	picture->table = memory_stream(&picture->text, &picture->size);
	return picture->table || error_memory(error, "picture");
}

void picture_fini(struct picture *picture)
{
	if (picture->table)
		fclose(picture->table);
	free(picture->text);
	*picture = (struct picture){ 0 };
}

void picture_text(char *out, size_t size, const char *text)
{
	visible_text(out, size, text);
	for (; *out; out++)
		if (*out == '"')
			*out = '\'';
}

void picture_cell(struct picture *picture, const char *text)
{
	char clean[PICTURE_TEXT];
	int columns = 0;

	picture_text(clean, sizeof(clean), *text ? text : "-");
	for (const char *at = clean; *at; at++) {
		if (*at == '\\') /* in a quoted cell gnuplot takes "\6" for a control byte */
			fputc('\\', picture->table);
		fputc(*at, picture->table);
		columns += ((unsigned char)*at & 0xc0) != 0x80;
	}
	if (columns > picture->name_columns)
		picture->name_columns = columns;
}

void picture_number(struct picture *picture, double value)
{
	if (isfinite(value))
		fprintf(picture->table, "%.12g", value);
	else
		fputc('?', picture->table);
}

void picture_option(struct picture *picture, const char *word)
{
	size_t used = strlen(picture->options);

	snprintf(picture->options + used, sizeof(picture->options) - used, "%s%s", used ? " " : "",
		 word);
}

void picture_option_value(struct picture *picture, const char *word, double value)
{
	char text[64];

	/* always with a point: gnuplot 5.4 reads 1.0e+09 and not 1e+09 */
	snprintf(text, sizeof(text), "%s=%#.9g", word, value);
	picture_option(picture, text);
}

/* The table for readers: what its columns are stands above it. */
static bool keep_table(const struct picture *picture, const char *path, struct error *error)
{
	static const struct {
		const char *script, *columns;
	} tables[] = {
		{ "lines.gp", "x, y, low end, high end, mark; a line of its own is a line's name" },
		{ "parity.gp", "x, y, low end, high end; a line of its own is a table's name" },
		{ "hosts.gp", "x, median of hosts, least, tenth, nine tenths, most, in percent; a "
			      "line of its own is a resource's name" },
		{ "frontier.gp",
		  "which, answer, -, -, name; then which, looked at, verdict (0: met, "
		  "1: missed, 2: undecided)" },
		{ "plan.gp", "x, observed, verdict (0: met, 1: missed, 2: undecided)" },
		{ "bars.gp", "bar, and a part each" },
		{ "shares.gp", "part, length, words" },
		{ "tornado.gp", "price, at its low end, at its high end" },
	};
	struct output output = { 0 };

	if (!output_open(&output, path, error))
		return false;
	fprintf(output.stream, "# %.*s\n", (int)strcspn(picture->title, "\n"), picture->title);
	if (*picture->x_label)
		fprintf(output.stream, "# x: %s\n", picture->x_label);
	if (*picture->y_label)
		fprintf(output.stream, "# y: %s\n", picture->y_label);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (strcmp(tables[i].script, picture->script) == 0)
			fprintf(output.stream, "# columns: %s\n", tables[i].columns);
	if (fwrite(picture->text, 1, picture->size, output.stream) != picture->size)
		error_set(error, ERROR_OUTPUT, "%s: cannot write", path);
	return output_close(&output, error);
}

static bool keep(const char *bytes, size_t size, const char *path, struct error *error)
{
	struct output output = { 0 };

	if (!output_open(&output, path, error))
		return false;
	if (fwrite(bytes, 1, size, output.stream) != size)
		error_set(error, ERROR_OUTPUT, "%s: cannot write", path);
	return output_close(&output, error);
}

static const char *ending_of(const char *path, const char *format)
{
	static const char *const formats[] = { "svg", "png", "pdf", "txt", NULL };
	const char *dot = strrchr(path, '.'), *ending = format;

	if (!format && strcmp(path, "-") == 0)
		ending = "txt";
	else if (!format)
		ending = dot ? dot + 1 : "";
	for (int i = 0; formats[i]; i++)
		if (strcmp(ending, formats[i]) == 0)
			return formats[i];
	return NULL;
}

static void clean(char *text, size_t size)
{
	char *shown = strdup(text);

	if (!shown)
		memory_exhausted("picture");
	visible_lines(text, size, shown);
	free(shown);
}

/* The names of panels, with the tabulators between them. */
static void clean_panels(char *text, size_t size)
{
	char *shown = strdup(text), *rest = shown, *part;
	size_t used = 0;

	if (!shown)
		memory_exhausted("picture");
	while ((part = strsep(&rest, "\t"))) {
		visible_lines(text + used, size - used, part);
		used += strlen(text + used);
		if (rest && used + 1 < size)
			text[used++] = '\t';
	}
	text[used] = '\0';
	free(shown);
}

/* The table is filled; whatever texts were put together of, they are safe to show. */
static bool finish_table(struct picture *picture, struct error *error)
{
	FILE *table = picture->table;

	clean(picture->title, sizeof(picture->title));
	clean(picture->x_label, sizeof(picture->x_label));
	clean_panels(picture->y_label, sizeof(picture->y_label));
	clean(picture->caption, sizeof(picture->caption));
	picture_option_value(picture, "names", picture->name_columns);
	picture->table = NULL;
	return memory_stream_close(table, &picture->text, "picture", error);
}

char *picture_svg(struct picture *picture, const char *scripts, const char *name, const char *label,
		  struct error *error)
{
	char *svg = NULL, *text = NULL;
	size_t size;
	FILE *out;

	if (finish_table(picture, error))
		svg = gnuplot_draw(picture, scripts, "svg", &size, error);
	out = svg && strstr(svg, "<svg") ? memory_stream(&text, &size) : NULL;
	if (out) {
		svg_write_in_page(svg, name, label, out);
		memory_stream_close(out, &text, "picture", error);
	}
	if (!text)
		error_set(error, ERROR_OUTPUT, "gnuplot has drawn no SVG");
	free(svg);
	return text;
}

/* As it is kept: gnuplot's words of an SVG or a terminal's picture are not the last. */
static char *finish(const struct picture *picture, const char *ending,
		    struct terminal_size terminal, char *drawn, size_t *size, struct error *error)
{
	bool is_svg = strcmp(ending, "svg") == 0;
	char *text = NULL;
	FILE *out;

	if (!drawn || (!is_svg && strcmp(ending, "txt") != 0))
		return drawn;
	out = memory_stream(&text, size);
	if (out) {
		if (is_svg)
			svg_write_alone(drawn, picture->title, out);
		else
			terminal_write(picture, terminal, drawn, out);
		memory_stream_close(out, &text, "picture", error);
	}
	free(drawn);
	if (!text)
		error_memory(error, "picture");
	return text;
}

bool picture_draw(struct picture *picture, const char *scripts, const char *path,
		  const char *format, const char *data_path, struct error *error)
{
	const char *ending = ending_of(path, format);
	struct terminal_size terminal = terminal_size();
	char beside[PATH_SIZE];
	struct error why = { 0 };
	size_t size;
	char *bytes;

	if (!ending)
		return error_set(error, ERROR_INPUT,
				 "%s: the picture's name must end with .svg, .png, .pdf or .txt",
				 path);
	if (!finish_table(picture, error) || (data_path && !keep_table(picture, data_path, error)))
		return false;
	picture_option_value(picture, "columns", terminal.columns);
	picture_option_value(picture, "lines", terminal.lines);
	bytes = gnuplot_draw(picture, scripts, ending, &size, &why);
	bytes = finish(picture, ending, terminal, bytes, &size, &why);
	if (bytes) {
		keep(bytes, size, path, error);
		free(bytes);
	} else {
		struct error ignored = { 0 };

		snprintf(beside, sizeof(beside), "%s.tsv", path);
		if (!data_path && strcmp(path, "-") != 0 && keep_table(picture, beside, &ignored))
			error_set(error, why.kind, "%s; the numbers are in %s", why.message,
				  beside);
		else
			error_set(error, why.kind, "%s", why.message);
	}
	return error->kind == ERROR_NONE;
}
