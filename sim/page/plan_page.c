#include "page/plan_page.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "draw/plot.h"
#include "page/page.h"
#include "report/text_tools.h"

static const char label[] = "What was observed of each limit against what varies";

/* The picture that sim plot draws of the plan as JSON; NULL: none, *why says why. */
static char *draw(const struct plan_page *page, struct error *why)
{
	const struct plot_request request = { .files = { "the plan" },
					      .file_count = 1,
					      .slo = NAN };
	struct plot_document document = { "the plan", NULL };
	struct picture picture;
	char *text = NULL, *svg = NULL;
	size_t size;
	FILE *file = memory_stream(&text, &size);
	bool written = file && planning_write_json(page->planning, file, why);

	if (file && fclose(file) != 0)
		written = false;
	document.root = written ? json_loads(text, 0, NULL) : NULL;
	free(text);
	if (!document.root) {
		error_memory(why, "plan");
		return NULL;
	}
	if (picture_begin(&picture, why) && plot_plan(&request, &document, &picture, why))
		svg = picture_svg(&picture, page->scripts, "plan", label, why);
	picture_fini(&picture);
	json_decref(document.root);
	return svg;
}

static void print_limit(FILE *out, const struct limit *limit)
{
	print_html(out, limit->metric);
	if (limit->group) {
		fputs(" of ", out);
		print_html(out, limit->group);
	}
	limit_print_rest(out, limit);
}

static void write_picture(const struct plan_page *page, FILE *out)
{
	struct error why = { 0 };
	char *svg = NULL;

	if (!page->scripts)
		error_set(&why, ERROR_OUTPUT, "the scripts for gnuplot are not in the data folder");
	else
		svg = draw(page, &why);
	if (svg)
		fprintf(out,
			"<figure><div class=wide role=region aria-label=\"%s\" tabindex=0>%s</div>"
			"<figcaption>%s.</figcaption></figure>\n",
			label, svg, label);
	else
		print_html(out, why.message);
	free(svg);
}

static void write_cell(FILE *out, const struct answer_table_column *column,
		       const struct answer_table_cell *cell)
{
	if (column->name)
		fputs("<th scope=row>", out);
	else if (cell->look)
		fprintf(out, "<td class=%s>", cell->look);
	else
		fputs(column->number ? "<td class=n>" : "<td>", out);
	print_html(out, cell->text ? cell->text : "–");
}

static bool write_table(struct answer_table *table, bool built, FILE *out)
{
	if (!built) {
		answer_table_fini(table);
		return false;
	}
	fputs("<div class=wide role=region tabindex=0 aria-label=\"", out);
	print_html(out, table->caption);
	fputs("\"><table><caption><span>", out);
	print_html(out, table->caption);
	fputs("</span></caption><thead><tr>", out);
	for (size_t c = 0; c < table->column_count; c++) {
		fputs(table->columns[c].number ? "<th scope=col class=n>" : "<th scope=col>", out);
		print_html(out, table->columns[c].title);
	}
	fputs("</tr></thead><tbody>\n", out);
	for (size_t i = 0; i < table->cell_count; i += table->column_count) {
		fputs("<tr>", out);
		for (size_t c = 0; c < table->column_count; c++)
			write_cell(out, &table->columns[c], &table->cells[i + c]);
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table></div>\n", out);
	answer_table_fini(table);
	return true;
}

bool plan_page_write(const void *what, FILE *out, struct error *error)
{
	const struct plan_page *page = what;
	const struct planning *planning = page->planning;
	struct answer_table table;
	bool ok;

	fputs("<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
	      "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
	      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; img-src data:\">\n<title>",
	      out);
	print_html(out, planning->scenario);
	fputs("</title>\n", out);
	page_write_style(out);
	fputs("</head>\n<body>\n", out);
	fputs("<header><p class=soft>sim plan</p><h1>", out);
	print_html(out, planning->scenario);
	fprintf(out, "</h1></header>\n<main>\n<p>%s ", planning->maximize ? "Largest" : "Smallest");
	print_html(out, planning->vary);
	fprintf(out, " between %s and %s with</p>\n<ul>\n",
		PLANNING_VALUE(planning, planning->between.first),
		PLANNING_VALUE(planning, planning->between.last));
	for (size_t i = 0; i < planning->limit_count; i++) {
		fputs("<li>", out);
		print_limit(out, &planning->limits[i]);
		fputc('\n', out);
	}
	fputs("</ul>\n", out);
	ok = write_table(&table, planning_answers(planning, &table, error), out);
	write_picture(page, out);
	for (size_t a = 0; ok && a < planning->answer_count; a++)
		ok = write_table(&table,
				 planning_looks(planning, &planning->answers[a], &table, error),
				 out);
	fputs("<p class=soft>sim ", out);
	print_html(out, planning->version);
	fprintf(out,
		", seed %" PRIu64
		"; unsafe with at most %g %%, given the prices.</p>\n</main>\n</body></html>\n",
		planning->seed, 100 * planning->alpha);
	return ok && report_check(out, error);
}
