/* The answer, metrics, the breakdown and what it rests on as Markdown tables. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/formats.h"
#include "report/text_tools.h"

/* Text cells, each followed by a bar; ends with NULL. */
static bool cells(FILE *out, const char *const *texts, struct error *error)
{
	fputc('|', out);
	for (; *texts; texts++) {
		fputc(' ', out);
		if (!markdown_cell(out, *texts, error))
			return false;
		fputs(" |", out);
	}
	return true;
}

static void value(FILE *out, enum unit unit, struct maybe number)
{
	fputc(' ', out);
	if (number.exists && isfinite(number.value))
		print_value(out, unit, number.value);
	else
		fputs("–", out);
	fputs(" |", out);
}

static bool write_metrics(const struct result *result, FILE *out, struct error *error)
{
	fputs("| metric | group | n | mean | 95 % low | 95 % high | p50 | p99 | max |\n"
	      "|---|---|---:|---:|---:|---:|---:|---:|---:|\n",
	      out);
	for (size_t i = 0; i < result->metric_count; i++) {
		const struct result_metric *metric = &result->metrics[i];
		const char *const texts[] = { metric->name, metric->group, NULL };

		if (!metric->n)
			continue;
		if (!cells(out, texts, error))
			return false;
		fprintf(out, " %llu |", (unsigned long long)metric->n);
		value(out, metric->unit, metric->mean);
		value(out, metric->unit, metric->ci_low);
		value(out, metric->unit, metric->ci_high);
		value(out, metric->unit, metric->p50);
		value(out, metric->unit, metric->p99);
		value(out, metric->unit, metric->max);
		fputc('\n', out);
	}
	return true;
}

static bool write_parts(const struct result *result, FILE *out, struct error *error)
{
	if (result->part_count)
		fputs("\n| metric | group | step | function | mean | share |\n"
		      "|---|---|---|---|---:|---:|\n",
		      out);
	for (size_t i = 0; i < result->part_count; i++) {
		const struct result_part *part = &result->parts[i];
		const char *const texts[] = { part->metric, part->group, part->step, part->where,
					      NULL };

		if (!cells(out, texts, error))
			return false;
		value(out, UNIT_NANOSECONDS, maybe_some(part->mean));
		fprintf(out, " %.1f %% |\n", 100 * part->share);
	}
	return true;
}

static bool write_objectives(const struct result *result, FILE *out, struct error *error)
{
	if (result->objective_count)
		fputs("\n| objective | group | quantile | value | at most | met |\n"
		      "|---|---|---|---:|---:|---|\n",
		      out);
	for (size_t i = 0; i < result->objective_count; i++) {
		const struct result_objective *item = &result->objectives[i];
		const char *const texts[] = { item->metric, item->group, NULL };

		if (!cells(out, texts, error))
			return false;
		if (item->quantile < 0)
			fputs(" mean |", out);
		else
			fprintf(out, " p%g |", 100 * item->quantile);
		value(out, item->unit, item->value);
		value(out, item->unit, maybe_some(item->at_most));
		fputs(item->met ? " yes |\n" : " **no** |\n", out);
	}
	return true;
}

static bool write_assumptions(const struct result *result, FILE *out, struct error *error)
{
	bool any = false;

	for (size_t i = 0; i < result->assumption_count; i++) {
		const struct result_assumption *item = &result->assumptions[i];
		const char *const texts[] = { item->term, item->group, NULL };

		if (!item->mattered)
			continue;
		if (!any)
			fputs("\n| assumed term | group | value | low | high | answer at low | "
			      "answer at high |\n|---|---|---:|---:|---:|---:|---:|\n",
			      out);
		any = true;
		if (!cells(out, texts, error))
			return false;
		value(out, UNIT_NANOSECONDS, maybe_some(item->mean_ns));
		value(out, UNIT_NANOSECONDS, maybe_some(item->low_ns));
		value(out, UNIT_NANOSECONDS, maybe_some(item->high_ns));
		value(out, UNIT_NANOSECONDS, maybe_some(item->answer_low));
		value(out, UNIT_NANOSECONDS, maybe_some(item->answer_high));
		fputc('\n', out);
	}
	return true;
}

static bool write_markdown(const struct result *result, FILE *out, struct error *error)
{
	fputs("## ", out);
	if (!markdown_cell(out, result->scenario, error))
		return false;
	fputs("\n\nsim ", out);
	print_text(out, result->version);
	fprintf(out, ", seed %llu, %llu replication%s%s.\n\n", (unsigned long long)result->seed,
		(unsigned long long)result->replications, result->replications == 1 ? "" : "s",
		result->deterministic ? " (deterministic)" : "");
	for (size_t i = 0; i < result->note_count; i++) {
		fputs("> ", out);
		if (!markdown_cell(out, result->notes[i], error))
			return false;
		fputs("\n\n", out);
	}
	return write_metrics(result, out, error) && write_parts(result, out, error) &&
	       write_objectives(result, out, error) && write_assumptions(result, out, error) &&
	       report_check(out, error);
}

const struct report_format format_markdown = { "md", "tables in Markdown", write_markdown };
