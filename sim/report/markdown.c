/* Metrics and the breakdown of the answer as Markdown tables. */

#include <string.h>

#include "report/formats.h"
#include "report/text_tools.h"

static void cell(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("|\\`*_<>[]", *text))
			fputc('\\', out);
		if (*text == '\n')
			fputc(' ', out);
		else
			fputc(*text, out);
	}
}

static void value(FILE *out, const struct result_metric *metric, struct maybe number)
{
	fputs(" | ", out);
	if (number.exists)
		print_value(out, metric->unit, number.value);
	else
		fputs("–", out);
}

static bool write_markdown(const struct result *result, FILE *out, struct error *error)
{
	fputs("## ", out);
	cell(out, result->scenario);
	fprintf(out, "\n\nsim %s, seed %llu, %llu replications%s.\n\n", result->version,
		(unsigned long long)result->seed, (unsigned long long)result->replications,
		result->deterministic ? " (deterministic)" : "");
	fputs("| metric | group | n | mean | 95 % low | 95 % high | p50 | p99 | max |\n"
	      "|---|---|---|---|---|---|---|---|---|\n",
	      out);
	for (size_t i = 0; i < result->metric_count; i++) {
		const struct result_metric *metric = &result->metrics[i];

		if (!metric->n)
			continue;
		fputs("| ", out);
		cell(out, metric->name);
		fputs(" | ", out);
		cell(out, metric->group);
		fprintf(out, " | %llu", (unsigned long long)metric->n);
		value(out, metric, metric->mean);
		value(out, metric, metric->ci_low);
		value(out, metric, metric->ci_high);
		value(out, metric, metric->p50);
		value(out, metric, metric->p99);
		value(out, metric, metric->max);
		fputs(" |\n", out);
	}
	fputs("\n| metric | group | step | function | mean | share |\n|---|---|---|---|---|---|\n",
	      out);
	for (size_t i = 0; i < result->part_count; i++) {
		const struct result_part *part = &result->parts[i];

		fputs("| ", out);
		cell(out, part->metric);
		fputs(" | ", out);
		cell(out, part->group);
		fputs(" | ", out);
		cell(out, part->step);
		fputs(" | ", out);
		cell(out, part->where);
		fputs(" | ", out);
		print_value(out, UNIT_NANOSECONDS, part->mean);
		fprintf(out, " | %.1f %% |\n", 100 * part->share);
	}
	return report_check(out, error);
}

const struct report_format format_markdown = { "md", "tables in Markdown", write_markdown };
