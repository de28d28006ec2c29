#include "page/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "document/page_data.h"
#include "draw/svg.h"
#include "report/account.h"
#include "report/output.h"
#include "report/text_tools.h"

static const char style[] =
	":root{color-scheme:light dark;--ink:#1b1b1b;--soft:#555;--paper:#fff;--line:#d5d5d5;"
	"--bar:#0072b2;--shade:#f4f4f4;--edge:#d0d0d0}"
	"@media(prefers-color-scheme:dark){:root{--ink:#eaeaea;--soft:#b5b5b5;--paper:#161616;"
	"--line:#444;--bar:#56b4e9;--shade:#222;--edge:#484848}}"
	"*{box-sizing:border-box}"
	"body{margin:0 auto;max-width:62rem;padding:1.2rem;font:16px/1.5 system-ui,sans-serif;"
	"color:var(--ink);background:var(--paper)}"
	"h1{font-size:1.7rem;line-height:1.2;margin:.2em 0}h2{font-size:1.2rem;margin:2em 0 .5em;"
	"border-bottom:1px solid var(--line)}"
	".soft{color:var(--soft)}.answer{font-size:2.4rem;font-weight:600;margin:.2em 0 0}"
	"table{border-collapse:collapse;width:100%;font-size:.92rem}"
	/* as wide as what is seen of its table, and there when that is scrolled */
	"caption{text-align:left;color:var(--soft);padding:.3em 0}"
	"caption span{display:inline-block;position:sticky;left:0;max-width:calc(100vw - 2.4rem)}"
	"th,td{text-align:left;padding:.25em .6em;border-bottom:1px solid var(--line);"
	"vertical-align:top}"
	"td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
	"td.met,td.missed,td.undecided{white-space:nowrap}th:last-child{min-width:8em}"
	/* what goes on beyond an edge has a shade there */
	".wide{overflow-x:auto;margin:.8em 0;"
	"background:linear-gradient(90deg,var(--paper) 1rem,transparent) left/2rem 100% no-repeat "
	"local,linear-gradient(270deg,var(--paper) 1rem,transparent) right/2rem 100% no-repeat "
	"local,"
	"linear-gradient(90deg,var(--edge),transparent) left/1rem 100% no-repeat scroll,"
	"linear-gradient(270deg,var(--edge),transparent) right/1rem 100% no-repeat scroll}"
	".wide:focus-visible,summary:focus-visible{outline:3px solid "
	"var(--bar)}"
	".bar{display:inline-block;height:.8em;background:var(--bar)}"
	"p{overflow-wrap:anywhere}"
	"figure{margin:1em 0}figure .wide{margin:0}figure "
	"svg{display:block;width:100%;min-width:38rem;height:auto;"
	"border:1px solid var(--line)}figcaption{color:var(--soft);font-size:.9rem}"
	"pre{background:var(--shade);padding:.8em;overflow-x:auto;white-space:pre-wrap;"
	"overflow-wrap:anywhere}"
	".met::before{content:'\\2713  '}.missed::before{content:'\\2717  '}"
	".undecided::before{content:'?  '}"
	".skip{position:absolute;left:-99rem}.skip:focus{left:1rem}"
	/* a price is a paragraph where there is no room for a row */
	"@media screen and (max-width:44rem){.prices thead{display:none}"
	".prices tr{display:flex;flex-wrap:wrap;padding:.4em 0;border-bottom:1px solid "
	"var(--line)}.prices td{border:0;text-align:left;white-space:normal;padding:.1em .8em .1em "
	"0}"
	".prices td:first-child,.prices td:last-child{flex-basis:100%}"
	".prices td:first-child{font-weight:600}.prices td:last-child{color:var(--soft)}"
	".prices td:nth-child(3)::before{content:'range '}"
	".prices td:nth-child(4)::before{content:'answer '}}"
	"@page{size:A4;margin:14mm}"
	"@media "
	"print{:root{--ink:#000;--soft:#333;--paper:#fff;--line:#999;--bar:#555;--shade:#fff}"
	"body{max-width:none;padding:0;font-size:10.5pt}figure,tr,pre{break-inside:avoid}"
	"h2{break-after:avoid}.skip{display:none}.wide{overflow:visible;background:none}"
	"figure svg{min-width:0}}";

static void number_cell(FILE *out, enum unit unit, struct maybe value)
{
	fprintf(out, "<td class=n>%s</td>", MAYBE(unit, value, "–"));
}

static void range_cell(FILE *out, enum unit unit, struct maybe low, struct maybe high)
{
	fprintf(out, "<td class=n>%s</td>", INTERVAL(unit, low, high, "–"));
}

/* A text from outside between two of our own. */
static void print_between(FILE *out, const char *before, const char *text, const char *after)
{
	fputs(before, out);
	print_html(out, text);
	fputs(after, out);
}

static void text_cell(FILE *out, const char *text)
{
	print_between(out, "<td>", text, "</td>");
}

/*
 * A table that is too wide can be scrolled, with keys too: so it has a name and a tab stop.
 * Headings end with NULL; those of numbers begin with "#". `look`: a class of the style, or "".
 */
static void begin_table(FILE *out, const char *look, const char *caption,
			const char *const *headings)
{
	fprintf(out,
		"<div class=wide role=region aria-label=\"%s\" "
		"tabindex=0><table%s%s><caption><span>%s</span></caption><thead><tr>",
		caption, *look ? " class=" : "", look, caption);
	for (; *headings; headings++)
		fprintf(out, "<th scope=col%s>%s</th>", **headings == '#' ? " class=n" : "",
			*headings + (**headings == '#'));
	fputs("</tr></thead><tbody>\n", out);
}

static void end_table(FILE *out)
{
	fputs("</tbody></table></div>\n", out);
}

static void print_picture(FILE *out, const struct page_picture *picture)
{
	if (!picture->svg)
		return;
	print_between(out, "<figure><div class=wide role=region aria-label=\"", picture->caption,
		      "\" tabindex=0>");
	fprintf(out, "%s</div>", picture->svg);
	print_between(out, "<figcaption>", picture->caption, "</figcaption></figure>\n");
}

/* --- sections --------------------------------------------------------------------- */

/* The number, how sure it is, and what must be known beside it. */
static void write_headline(FILE *out, const struct result *result,
			   const struct result_metric *metric)
{
	char failed[ACCOUNT_LINE];

	fprintf(out, "<p class=answer>%s</p><p>mean ", MAYBE(metric->unit, metric->mean, "–"));
	print_html(out, metric->name);
	print_between(out, " of ", metric->group, "");
	if (metric->ci_low.exists)
		fprintf(out, "; 95 %% confidence %s",
			RANGE(metric->unit, metric->ci_low.value, metric->ci_high.value));
	else if (metric->ci_low.reason)
		print_between(out, "; no interval: ", metric->ci_low.reason, "");
	print_between(out, "; <strong>", BAND(metric->unit, &result->uncertainty, result->platform),
		      "</strong>");
	fprintf(out, ". %llu replication%s", (unsigned long long)result->replications,
		result->replications == 1 ? "" : "s");
	print_between(out, " (", result->stopping, ").");
	if (metric->p50.exists)
		fprintf(out, " Half take at most %s%s%s.", VALUE(metric->unit, metric->p50.value),
			metric->p99.exists ? ", 99 of 100 at most " : "",
			MAYBE(metric->unit, metric->p99, ""));
	fputs("</p>\n", out);
	if (account_of_failed(result, failed))
		print_between(out, "<p><strong>", failed, ".</strong></p>\n");
	if (result->answer_low.exists && result->answer_high.exists)
		fprintf(out, "<p>With all prices at the ends of their ranges: %s.</p>\n",
			RANGE(metric->unit, result->answer_low.value, result->answer_high.value));
	for (size_t i = 0; i < result->note_count; i++)
		print_between(out, "<p>", result->notes[i], "</p>\n");
	if (!result->caveat)
		return;
	print_between(out, "<p><strong>", result->caveat, "</strong>");
	if (result->caveat_low.exists && result->caveat_high.exists)
		fprintf(out, " Their ranges alone give %s.",
			RANGE(metric->unit, result->caveat_low.value, result->caveat_high.value));
	fputs("</p>\n", out);
}

static void write_objectives(FILE *out, const struct result *result)
{
	if (!result->objective_count)
		return;
	fputs("<ul aria-label=objectives>\n", out);
	for (size_t i = 0; i < result->objective_count; i++) {
		const struct result_objective *objective = &result->objectives[i];
		const struct limit *limit = &objective->limit;
		const char *verdict = judgement_names[objective->judgement];

		fprintf(out, "<li class=%s>%s: ", verdict, verdict);
		print_html(out, limit->metric);
		if (limit->quantile >= 0)
			fprintf(out, ", p%g", 100 * limit->quantile);
		fprintf(out, " is %s, at most %s; ",
			objective->value.exists ? limit_value(CELL, limit, objective->value.value)
						: "–",
			limit_value(CELL, limit, limit->at_most));
		limit_print_bounds(out, limit, &objective->bounds);
		if (objective->judgement == LIMIT_UNDECIDED) {
			fputs("; ", out);
			limit_print_needed(out, objective->bounds.needed);
		}
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
}

static void write_answer(const struct page *page, FILE *out)
{
	const struct result *result = page->result;
	struct account account;

	fputs("<section aria-labelledby=answer><h2 id=answer>Answer</h2>\n", out);
	if (account_of(result, &account)) {
		print_between(out, "<p><strong>", account.vms, ".</strong> ");
		print_between(out, "", account.details, ".</p>\n");
	}
	if (result->answer >= result->metric_count) {
		fputs("<p>No operation ended.</p></section>\n", out);
		return;
	}
	write_headline(out, result, &result->metrics[result->answer]);
	write_objectives(out, result);
	print_picture(out, &page->distribution);
	if (page->no_pictures)
		print_between(out, "<p class=soft>Some pictures are missing: ", page->no_pictures,
			      "</p>\n");
	fputs("</section>\n", out);
}

static void write_steps(const struct page *page, FILE *out)
{
	static const char *const headings[] = {
		"step", "#share", "#mean", "#slowest hundredth", "#answer if free", "function", NULL
	};
	const struct result *result = page->result;
	const struct result_metric *metric;

	if (result->answer >= result->metric_count)
		return;
	metric = &result->metrics[result->answer];
	fputs("<section aria-labelledby=steps><h2 id=steps>Where the time goes</h2>\n", out);
	begin_table(out, "", "Steps of the answer, largest first", headings);
	for (size_t p = 0; p < result->part_count; p++) {
		const struct result_part *part = &result->parts[p];

		if (!result_part_is_of(part, metric) || part->share < 0.0005)
			continue;
		fputs("<tr>", out);
		text_cell(out, part->step);
		fprintf(out,
			"<td class=n><span class=bar style=\"width:%.2fem\" "
			"aria-hidden=true></span> %.1f %%</td>",
			6 * part->share, 100 * part->share);
		number_cell(out, UNIT_NANOSECONDS, maybe_some(part->mean));
		number_cell(out, UNIT_NANOSECONDS,
			    result->tail_from.exists ? maybe_some(part->tail_mean)
						     : result->tail_from);
		number_cell(out, UNIT_NANOSECONDS, part->if_free);
		text_cell(out, part->where);
		fputs("</tr>\n", out);
	}
	end_table(out);
	print_picture(out, &page->steps);
	fputs("</section>\n", out);
}

static void write_shared(const struct page *page, FILE *out)
{
	static const char *const headings[] = {
		"what", "#amount", "#used", "#threads lost", "#answer if twice as large", NULL
	};
	const struct result *result = page->result;

	if (!result->capacity_count)
		return;
	fputs("<section aria-labelledby=shared><h2 id=shared>Shared on the host</h2>\n", out);
	begin_table(out, "", "What threads share, and what they lost by it", headings);
	for (size_t i = 0; i < result->capacity_count; i++) {
		const struct result_capacity *capacity = &result->capacities[i];
		char amount[CELL_SIZE], used[CELL_SIZE];

		if (!capacity_is_worth_a_line(capacity))
			continue;
		fputs("<tr>", out);
		text_cell(out, capacity->name);
		fprintf(out, "<td class=n>%s</td><td class=n>%s</td>",
			capacity->unit ? capacity_amount(amount, capacity) : "–",
			capacity->unit ? capacity_used(used, capacity) : "–");
		number_cell(out, UNIT_NANOSECONDS, maybe_some(capacity->lost_ns));
		number_cell(out, UNIT_NANOSECONDS, capacity->answer_twice);
		fputs("</tr>\n", out);
	}
	end_table(out);
	fputs("</section>\n", out);
}

static void write_designs(const struct page *page, FILE *out)
{
	static const char *const headings[] = {
		"design",    "#mean",  "#99 %",        "#difference",
		"#interval", "#ratio", "#limbo, peak", "#reclaimed after",
		NULL
	};
	const struct comparison *comparison = page->comparison;

	if (!comparison)
		return;
	fputs("<section aria-labelledby=designs><h2 id=designs>Designs side by side</h2>\n", out);
	begin_table(out, "", "Differences under common random numbers, 95 % confidence", headings);
	for (size_t d = 0; d < comparison->design_count; d++) {
		const struct comparison_design *design = &comparison->designs[d];
		const struct result_metric *metric = comparison_shown(design);

		print_between(out, "<tr><th scope=row>", design->label,
			      d == comparison->baseline ? " (baseline)</th>" : "</th>");
		number_cell(out, comparison->unit, metric->mean);
		number_cell(out, comparison->unit, metric->p99);
		if (comparison_no_difference(comparison, design))
			print_between(out, "<td class=n>",
				      comparison_no_difference(comparison, design), "</td>");
		else
			number_cell(out, comparison->unit, design->difference);
		range_cell(out, comparison->unit, design->difference_low, design->difference_high);
		if (design->ratio.exists)
			fprintf(out, "<td class=n>%.3f</td>", design->ratio.value);
		else
			fputs("<td class=n>–</td>", out);
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
	if (!page->timeline.svg)
		return;
	print_between(out, "<section aria-labelledby=slowest><h2 id=slowest>", page->slowest,
		      "</h2>\n");
	print_picture(out, &page->timeline);
	fputs("</section>\n", out);
}

static void write_memory(const struct page *page, FILE *out)
{
	if (!page->limbo.svg && !page->memory.svg)
		return;
	fputs("<section aria-labelledby=memory><h2 id=memory>Memory over time</h2>\n", out);
	print_picture(out, &page->memory);
	print_picture(out, &page->limbo);
	fputs("</section>\n", out);
}

static void write_hosts(const struct page *page, FILE *out)
{
	if (!page->hosts.svg)
		return;
	fputs("<section aria-labelledby=hosts><h2 id=hosts>Use of the host over time</h2>\n", out);
	print_picture(out, &page->hosts);
	fputs("</section>\n", out);
}

static void write_others(const struct page *page, FILE *out)
{
	static const char *const headings[] = { "metric", "of",   "#n",   "#mean",
						"#p50",   "#p99", "#max", NULL };
	const struct result *result = page->result;

	fputs("<section aria-labelledby=others><h2 id=others>Everything that was observed</h2>\n",
	      out);
	begin_table(out, "", "Metrics over all replications", headings);
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

/* An end at which the operation does not end in time has no number. */
static struct maybe if_finite(double value)
{
	return isfinite(value) ? maybe_some(value) : maybe_none(NULL);
}

static void write_assumptions(const struct page *page, FILE *out)
{
	static const char *const headings[] = { "price",  "#value", "#range", "#answer",
						"status", "source", NULL };
	const struct result *result = page->result;

	fputs("<section aria-labelledby=assumptions><h2 id=assumptions>What it rests on</h2>\n",
	      out);
	if (!result->assumption_count) {
		fputs("<p>No price that was charged has a range.</p>\n"
		      "</section>\n",
		      out);
		return;
	}
	begin_table(out, "prices", "Prices, and the answer at the ends of their ranges", headings);
	for (size_t i = 0; i < result->assumption_count; i++) {
		const struct result_assumption *item = &result->assumptions[i];

		fputs("<tr>", out);
		text_cell(out, item->term);
		number_cell(out, UNIT_NANOSECONDS, maybe_some(item->mean_ns));
		range_cell(out, UNIT_NANOSECONDS, maybe_some(item->low_ns),
			   maybe_some(item->high_ns));
		if (item->moved)
			range_cell(out, UNIT_NANOSECONDS, if_finite(item->answer_low),
				   if_finite(item->answer_high));
		else
			text_cell(out, "not moved");
		text_cell(out, item->status);
		text_cell(out, item->source);
		fputs("</tr>\n", out);
	}
	end_table(out);
	if (result->study.terms_left && result->study.asked == STUDY_BOUNDED)
		fputs("<p>The scenario is large: what it was too dear to run again is left out; "
		      "--study full does all of it.</p>\n",
		      out);
	fputs("</section>\n", out);
}

static void write_origin(const struct page *page, FILE *out)
{
	const struct result *result = page->result;

	print_between(out, "<section aria-labelledby=again><h2 id=again>Make it again</h2>\n<pre>",
		      page->command, "</pre>\n");
	print_between(out, "<p class=soft>sim ", result->version, "");
	if (result->commit)
		print_between(out, ", commit ", result->commit, "");
	fprintf(out, ", seed %llu", (unsigned long long)result->seed);
	print_between(out, ", scenario SHA-256 ", result->scenario_sha256, "");
	print_between(out, ", costs SHA-256 ", result->costs_sha256,
		      ". This page holds the scenario, its files and prices: sim replay PAGE.html "
		      "runs it again.</p></section>\n");
}

void page_write_style(FILE *out)
{
	fprintf(out, "<style>%s", style);
	svg_write_dark_rules(out);
	fputs("</style>", out);
}

bool page_write(const struct page *page, FILE *out, struct error *error)
{
	print_between(out,
		      "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
		      "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
		      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
		      "style-src 'unsafe-inline'; img-src data:\">\n<title>",
		      page->result->scenario, "</title>\n");
	page_write_style(out);
	fputs("</head>\n<body>\n", out);
	print_between(out,
		      "<a class=skip href=#answer>To the answer</a>\n"
		      "<header><p class=soft>sim report</p><h1>",
		      page->result->scenario, "</h1>");
	if (page->about)
		print_between(out, "<p>", page->about, "</p>");
	fputs("</header>\n<main>\n", out);
	write_answer(page, out);
	write_steps(page, out);
	write_shared(page, out);
	write_designs(page, out);
	write_slowest(page, out);
	write_memory(page, out);
	write_hosts(page, out);
	write_others(page, out);
	write_assumptions(page, out);
	write_origin(page, out);
	fputs("</main>\n", out);
	if (!page_write_data(page_data_result, "result", result_write_json, page->result, out,
			     error) ||
	    (page->comparison &&
	     !page_write_data(page_data_comparison, "comparison", comparison_write_json,
			      page->comparison, out, error)))
		return false;
	fputs("</body></html>\n", out);
	return report_check(out, error);
}

void page_fini(struct page *page)
{
	free(page->distribution.svg);
	free(page->steps.svg);
	free(page->designs.svg);
	free(page->timeline.svg);
	free(page->limbo.svg);
	free(page->memory.svg);
	free(page->hosts.svg);
}
