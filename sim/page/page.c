#include "page/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/output.h"
#include "report/text_tools.h"

static const char style[] =
	":root{color-scheme:light dark;--ink:#1b1b1b;--soft:#555;--paper:#fff;--line:#d5d5d5;"
	"--bar:#0072b2;--shade:#f4f4f4}"
	"@media(prefers-color-scheme:dark){:root{--ink:#eaeaea;--soft:#b5b5b5;--paper:#161616;"
	"--line:#444;--bar:#56b4e9;--shade:#222}}"
	"*{box-sizing:border-box}"
	"body{margin:0 auto;max-width:62rem;padding:1.2rem;font:16px/1.5 system-ui,sans-serif;"
	"color:var(--ink);background:var(--paper)}"
	"h1{font-size:1.7rem;line-height:1.2;margin:.2em 0}h2{font-size:1.2rem;margin:2em 0 .5em;"
	"border-bottom:1px solid var(--line)}"
	".soft{color:var(--soft)}.answer{font-size:2.4rem;font-weight:600;margin:.2em 0 0}"
	"table{border-collapse:collapse;width:100%;font-size:.92rem}"
	"caption{text-align:left;color:var(--soft);padding:.3em 0}"
	"th,td{text-align:left;padding:.25em .6em;border-bottom:1px solid var(--line);"
	"vertical-align:top}"
	"td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
	".wide{overflow-x:auto}.wide:focus-visible,summary:focus-visible{outline:3px solid "
	"var(--bar)}"
	".bar{display:inline-block;height:.8em;background:var(--bar)}"
	"figure{margin:1em 0}figure>svg{width:100%;height:auto;background:#fff;border:1px solid "
	"var(--line)}figcaption{color:var(--soft);font-size:.9rem}"
	"pre{background:var(--shade);padding:.8em;overflow-x:auto;white-space:pre-wrap;"
	"overflow-wrap:anywhere}"
	".met::before{content:'\\2713  '}.missed::before{content:'\\2717  '}"
	".skip{position:absolute;left:-99rem}.skip:focus{left:1rem}"
	"@page{size:A4;margin:14mm}"
	"@media "
	"print{:root{--ink:#000;--soft:#333;--paper:#fff;--line:#999;--bar:#555;--shade:#fff}"
	"body{max-width:none;padding:0;font-size:10.5pt}figure,tr,pre{break-inside:avoid}"
	"h2{break-after:avoid}.skip{display:none}.wide{overflow:visible}}";

static void print_maybe(FILE *out, enum unit unit, struct maybe value)
{
	if (value.exists && isfinite(value.value))
		print_value(out, unit, value.value);
	else
		fputs("–", out);
}

static void number_cell(FILE *out, enum unit unit, struct maybe value)
{
	fputs("<td class=n>", out);
	print_maybe(out, unit, value);
	fputs("</td>", out);
}

static void text_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	print_html(out, text);
	fputs("</td>", out);
}

/* A table that is too wide can be scrolled, with keys too: so it has a name and a tab stop. */
static void begin_table(FILE *out, const char *caption, const char *heading)
{
	fprintf(out,
		"<div class=wide role=region aria-label=\"%s\" "
		"tabindex=0><table><caption>%s</caption>"
		"<thead><tr>%s</tr></thead><tbody>\n",
		caption, caption, heading);
}

static void end_table(FILE *out)
{
	fputs("</tbody></table></div>\n", out);
}

static void print_picture(FILE *out, const struct page_picture *picture)
{
	if (!picture->svg)
		return;
	fputs("<figure>", out);
	fputs(picture->svg, out);
	fputs("<figcaption>", out);
	print_html(out, picture->caption);
	fputs("</figcaption></figure>\n", out);
}

/* --- sections --------------------------------------------------------------------- */

static void write_answer(const struct page *page, FILE *out)
{
	const struct result *result = page->result;
	const struct result_metric *metric;

	fputs("<section aria-labelledby=answer><h2 id=answer>Answer</h2>\n", out);
	if (result->answer >= result->metric_count) {
		fputs("<p>No operation ended.</p></section>\n", out);
		return;
	}
	metric = &result->metrics[result->answer];
	fputs("<p class=answer>", out);
	print_maybe(out, metric->unit, metric->mean);
	fputs("</p><p>mean ", out);
	print_html(out, metric->name);
	fputs(" of ", out);
	print_html(out, metric->group);
	if (metric->ci_low.exists) {
		fputs("; 95 % confidence ", out);
		print_range(out, metric->unit, metric->ci_low.value, metric->ci_high.value);
	} else if (metric->ci_low.reason) {
		fputs("; no interval: ", out);
		print_html(out, metric->ci_low.reason);
	}
	fprintf(out, "; %llu replications", (unsigned long long)result->replications);
	fputs(". Half take at most ", out);
	print_maybe(out, metric->unit, metric->p50);
	fputs(", 99 of 100 at most ", out);
	print_maybe(out, metric->unit, metric->p99);
	fputs(".</p>\n<p class=soft>", out);
	print_html(out, result->stopping);
	fputs("</p>\n", out);
	if (result->answer_low.exists && result->answer_high.exists) {
		fputs("<p>With all assumed costs at the ends of their ranges: ", out);
		print_range(out, metric->unit, result->answer_low.value, result->answer_high.value);
		fputs(".</p>\n", out);
	}
	for (size_t i = 0; i < result->note_count; i++) {
		fputs("<p>", out);
		print_html(out, result->notes[i]);
		fputs("</p>\n", out);
	}
	if (result->caveat) {
		fputs("<p><strong>", out);
		print_html(out, result->caveat);
		fputs("</strong>", out);
		if (result->caveat_low.exists && result->caveat_high.exists) {
			fputs(" Their ranges alone give ", out);
			print_range(out, metric->unit, result->caveat_low.value,
				    result->caveat_high.value);
			fputc('.', out);
		}
		fputs("</p>\n", out);
	}
	if (result->objective_count)
		fputs("<ul aria-label=objectives>\n", out);
	for (size_t i = 0; i < result->objective_count; i++) {
		const struct result_objective *objective = &result->objectives[i];

		fprintf(out, "<li class=%s>%s: ", objective->met ? "met" : "missed",
			objective->met ? "met" : "missed");
		print_html(out, objective->metric);
		if (objective->quantile >= 0)
			fprintf(out, ", p%g", 100 * objective->quantile);
		fputs(" is ", out);
		print_maybe(out, objective->unit, objective->value);
		fputs(", at most ", out);
		print_value(out, objective->unit, objective->at_most);
		fputs("</li>\n", out);
	}
	if (result->objective_count)
		fputs("</ul>\n", out);
	print_picture(out, &page->distribution);
	if (page->no_pictures) {
		fputs("<p class=soft>Some pictures are missing: ", out);
		print_html(out, page->no_pictures);
		fputs("</p>\n", out);
	}
	fputs("</section>\n", out);
}

static void write_steps(const struct page *page, FILE *out)
{
	const struct result *result = page->result;
	const struct result_metric *metric;

	if (result->answer >= result->metric_count)
		return;
	metric = &result->metrics[result->answer];
	fputs("<section aria-labelledby=steps><h2 id=steps>Where the time goes</h2>\n", out);
	begin_table(out, "Steps of the answer, largest first",
		    "<th scope=col class=n>share</th><th scope=col class=n>mean</th><th scope=col "
		    "class=n>slowest hundredth</th><th scope=col class=n>answer if free</th><th "
		    "scope=col>step</th><th scope=col>function</th>");
	for (size_t p = 0; p < result->part_count; p++) {
		const struct result_part *part = &result->parts[p];

		if (!result_part_is_of(part, metric) || part->share < 0.0005)
			continue;
		fprintf(out,
			"<tr><td class=n><span class=bar style=\"width:%.2fem\" "
			"aria-hidden=true></span> %.1f %%</td>",
			6 * part->share, 100 * part->share);
		number_cell(out, UNIT_NANOSECONDS, maybe_some(part->mean));
		number_cell(out, UNIT_NANOSECONDS,
			    result->tail_from.exists ? maybe_some(part->tail_mean)
						     : result->tail_from);
		number_cell(out, UNIT_NANOSECONDS, part->if_free);
		text_cell(out, part->step);
		text_cell(out, part->where);
		fputs("</tr>\n", out);
	}
	end_table(out);
	print_picture(out, &page->steps);
	fputs("</section>\n", out);
}

static void write_designs(const struct page *page, FILE *out)
{
	const struct comparison *comparison = page->comparison;

	if (!comparison)
		return;
	fputs("<section aria-labelledby=designs><h2 id=designs>Designs side by side</h2>\n", out);
	begin_table(out, "Differences under common random numbers, 95 % confidence",
		    "<th scope=col>design</th><th scope=col class=n>mean</th><th scope=col "
		    "class=n>99 %</th><th scope=col class=n>difference</th><th scope=col "
		    "class=n>interval</th><th scope=col class=n>ratio</th><th scope=col "
		    "class=n>limbo, peak</th><th scope=col class=n>reclaimed after</th>");
	for (size_t d = 0; d < comparison->design_count; d++) {
		const struct comparison_design *design = &comparison->designs[d];
		const struct result_metric *metric = comparison_metric(design);
		struct maybe none = { 0 };

		fputs("<tr><th scope=row>", out);
		print_html(out, design->label);
		fputs(d == comparison->baseline ? " (baseline)</th>" : "</th>", out);
		number_cell(out, comparison->unit, metric ? metric->mean : none);
		number_cell(out, comparison->unit, metric ? metric->p99 : none);
		number_cell(out, comparison->unit, design->difference);
		fputs("<td class=n>", out);
		if (design->difference_low.exists && design->difference_high.exists)
			print_range(out, comparison->unit, design->difference_low.value,
				    design->difference_high.value);
		else
			fputs("–", out);
		fputs("</td><td class=n>", out);
		if (design->ratio.exists)
			fprintf(out, "%.3f", design->ratio.value);
		else
			fputs("–", out);
		fputs("</td>", out);
		number_cell(out, UNIT_BYTES, comparison_also(design, METRIC_LIMBO_PEAK));
		number_cell(out, UNIT_NANOSECONDS, comparison_also(design, METRIC_TEARDOWN));
		fputs("</tr>\n", out);
	}
	end_table(out);
	print_picture(out, &page->designs);
	fputs("</section>\n", out);
}

static void write_slowest(const struct page *page, FILE *out)
{
	if (!page->timeline.svg && !page->limbo.svg)
		return;
	fputs("<section aria-labelledby=slowest><h2 id=slowest>", out);
	print_html(out, page->slowest);
	fputs("</h2>\n", out);
	print_picture(out, &page->timeline);
	print_picture(out, &page->limbo);
	fputs("</section>\n", out);
}

static void write_others(const struct page *page, FILE *out)
{
	const struct result *result = page->result;

	fputs("<section aria-labelledby=others><h2 id=others>Everything that was observed</h2>\n",
	      out);
	begin_table(out, "Metrics over all replications",
		    "<th scope=col>metric</th><th scope=col>of</th><th scope=col class=n>n</th><th "
		    "scope=col class=n>mean</th><th scope=col class=n>p50</th><th scope=col "
		    "class=n>p99</th><th scope=col class=n>max</th>");
	for (size_t m = 0; m < result->metric_count; m++) {
		const struct result_metric *metric = &result->metrics[m];

		if (!metric->n || (metric->max.exists && metric->max.value <= 0))
			continue;
		fputs("<tr>", out);
		text_cell(out, metric->name);
		text_cell(out, metric->group);
		fprintf(out, "<td class=n>%llu</td>", (unsigned long long)metric->n);
		number_cell(out, metric->unit, metric->mean);
		number_cell(out, metric->unit, metric->p50);
		number_cell(out, metric->unit, metric->p99);
		number_cell(out, metric->unit, metric->max);
		fputs("</tr>\n", out);
	}
	end_table(out);
	fputs("</section>\n", out);
}

static void write_assumptions(const struct page *page, FILE *out)
{
	const struct result *result = page->result;

	fputs("<section aria-labelledby=assumptions><h2 id=assumptions>What it rests on</h2>\n",
	      out);
	if (!result->assumption_count)
		fputs("<p>No assumed cost was charged, or their effect was not studied.</p>\n",
		      out);
	else
		begin_table(out, "Assumed costs, and the answer at the ends of their ranges",
			    "<th scope=col>cost</th><th scope=col class=n>value</th><th scope=col "
			    "class=n>range</th><th scope=col class=n>answer</th><th "
			    "scope=col>source</th>");
	for (size_t i = 0; i < result->assumption_count; i++) {
		const struct result_assumption *item = &result->assumptions[i];

		fputs("<tr>", out);
		text_cell(out, item->term);
		number_cell(out, UNIT_NANOSECONDS, maybe_some(item->mean_ns));
		fputs("<td class=n>", out);
		print_range(out, UNIT_NANOSECONDS, item->low_ns, item->high_ns);
		fputs("</td><td class=n>", out);
		if (isfinite(item->answer_low) && isfinite(item->answer_high))
			print_range(out, UNIT_NANOSECONDS, item->answer_low, item->answer_high);
		else
			fputs("–", out);
		fputs("</td>", out);
		text_cell(out, item->source);
		fputs("</tr>\n", out);
	}
	if (result->assumption_count)
		end_table(out);
	fputs("</section>\n", out);
}

static void write_origin(const struct page *page, FILE *out)
{
	const struct result *result = page->result;

	fputs("<section aria-labelledby=again><h2 id=again>Make it again</h2>\n<pre>", out);
	print_html(out, page->command);
	fputs("</pre>\n<p class=soft>sim ", out);
	print_html(out, result->version);
	fprintf(out, ", seed %llu, scenario SHA-256 ", (unsigned long long)result->seed);
	print_html(out, result->scenario_sha256);
	fputs(", costs SHA-256 ", out);
	print_html(out, result->costs_sha256);
	fputs("</p></section>\n", out);
}

bool page_write(const struct page *page, FILE *out, struct error *error)
{
	fputs("<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
	      "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
	      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src "
	      "'unsafe-inline'; img-src data:\">\n<title>",
	      out);
	print_html(out, page->result->scenario);
	fprintf(out, "</title>\n<style>%s</style></head>\n<body>\n", style);
	fputs("<a class=skip href=#answer>To the answer</a>\n<header><p class=soft>sim "
	      "report</p><h1>",
	      out);
	print_html(out, page->result->scenario);
	fputs("</h1>", out);
	if (page->about) {
		fputs("<p>", out);
		print_html(out, page->about);
		fputs("</p>", out);
	}
	fputs("</header>\n<main>\n", out);
	write_answer(page, out);
	write_steps(page, out);
	write_designs(page, out);
	write_slowest(page, out);
	write_others(page, out);
	write_assumptions(page, out);
	write_origin(page, out);
	fputs("</main>\n</body></html>\n", out);
	return report_check(out, error);
}

void page_fini(struct page *page)
{
	free(page->distribution.svg);
	free(page->steps.svg);
	free(page->designs.svg);
	free(page->timeline.svg);
	free(page->limbo.svg);
}
