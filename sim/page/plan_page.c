#include "page/plan_page.h"

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
	FILE *file = open_memstream(&text, &size);
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
		fprintf(out, "<figure>%s<figcaption>%s.</figcaption></figure>\n", svg, label);
	else
		print_html(out, why.message);
	free(svg);
}

static void begin_table(FILE *out, const char *caption)
{
	fputs("<div class=wide role=region tabindex=0 aria-label=\"", out);
	print_html(out, caption);
	fputs("\"><table><caption>", out);
	print_html(out, caption);
	fputs("</caption><thead><tr>", out);
}

static void write_answers(const struct planning *planning, FILE *out)
{
	begin_table(out, planning->each ? planning->each : "What was found");
	fprintf(out,
		"<th scope=col>%s<th scope=col>verdict<th scope=col class=n>%s<th scope=col>binds"
		"<th scope=col>with all prices at their ends</tr></thead><tbody>\n",
		planning->each ? "for" : "", planning->maximize ? "largest" : "smallest");
	for (size_t a = 0; a < planning->answer_count; a++) {
		const struct plan_answer *answer = &planning->answers[a];

		fputs("<tr><th scope=row>", out);
		print_html(out, answer->each ? answer->each : "");
		fprintf(out, "<td class=%s>%s<td class=n>%s<td>",
			answer->found                           ? "met"
			: answer->first_verdict == LIMIT_MISSED ? "missed"
								: "undecided",
			planning_verdict(answer),
			answer->found ? PLANNING_VALUE(planning, answer->value) : "–");
		print_html(out,
			   answer->found
				   ? planning->limits[answer->points[answer->confirmation].binding]
					     .metric
				   : NULL);
		fprintf(out, "<td>%s</tr>\n",
			!answer->at_low                            ? "–"
			: planning_missed_within(planning, answer) ? "missed"
								   : "met");
	}
	fputs("</tbody></table></div>\n", out);
}

static void write_look(const struct planning *planning, const struct plan_point *point, FILE *out)
{
	const char *verdict = judgement_names[point->verdict];

	fprintf(out, "<tr><td class=n>%s<td class=%s>%s<td class=n>%" PRIu64,
		PLANNING_VALUE(planning, point->value), verdict, verdict, point->replications);
	for (size_t i = 0; i < planning->limit_count; i++) {
		double observed = point->bounds[i].observed;

		fprintf(out, "<td class=n>%s",
			isfinite(observed) ? VALUE(planning->limits[i].unit, observed) : "–");
	}
	fputs("</tr>\n", out);
}

static void write_looks(const struct planning *planning, const struct plan_answer *answer,
			FILE *out)
{
	begin_table(out, answer->each ? answer->each : "What was looked at");
	fputs("<th scope=col class=n>value<th scope=col>verdict<th scope=col class=n>replications",
	      out);
	for (size_t i = 0; i < planning->limit_count; i++) {
		fputs("<th scope=col class=n>", out);
		print_html(out, planning->limits[i].metric);
	}
	fputs("</tr></thead><tbody>\n", out);
	for (const struct plan_point *point = planning_next_look(answer, NULL); point;
	     point = planning_next_look(answer, point))
		write_look(planning, point, out);
	fputs("</tbody></table></div>\n", out);
}

bool plan_page_write(const void *what, FILE *out, struct error *error)
{
	const struct plan_page *page = what;
	const struct planning *planning = page->planning;

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
	write_answers(planning, out);
	write_picture(page, out);
	for (size_t a = 0; a < planning->answer_count; a++)
		write_looks(planning, &planning->answers[a], out);
	fputs("<p class=soft>sim ", out);
	print_html(out, planning->version);
	fprintf(out,
		", seed %" PRIu64
		"; unsafe with at most %g %%, given the prices.</p>\n</main>\n</body></html>\n",
		planning->seed, 100 * planning->alpha);
	return report_check(out, error);
}
