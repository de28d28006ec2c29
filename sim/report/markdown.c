/* The answer, metrics, the breakdown and what it rests on as Markdown tables. */

#include "report/account.h"
#include "report/output.h"
#include "report/result.h"
#include "report/text_tools.h"

/* The text cells that a row begins with, each followed by a bar; ends with NULL. */
static void cells(FILE *out, const char *const *texts)
{
	fputc('|', out);
	for (; *texts; texts++) {
		fputc(' ', out);
		markdown_cell(out, *texts);
		fputs(" |", out);
	}
}

/* The values that a row ends with. */
static void values(FILE *out, enum unit unit, const struct maybe *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		markdown_value(out, unit, numbers[i]);
	fputc('\n', out);
}

/* The answer and how sure it is in both ways. */
static void write_answer(const struct result *result, FILE *out)
{
	const struct result_metric *metric;
	struct account account;
	char failed[ACCOUNT_LINE];

	if (account_of(result, &account)) {
		fputs("**", out);
		markdown_cell(out, account.vms);
		fputs(".** ", out);
		markdown_cell(out, account.details);
		fputs(".\n\n", out);
	}
	if (result->answer >= result->metric_count)
		return;
	metric = &result->metrics[result->answer];
	fputs("**", out);
	markdown_cell(out, metric->name);
	fputs("** of ", out);
	markdown_cell(out, metric->group);
	fprintf(out, ": **%s**, %s %s; ", MAYBE(metric->unit, metric->mean, "–"),
		metric->ci_low.exists ? "95 % confidence" : "no interval:",
		INTERVAL(metric->unit, metric->ci_low, metric->ci_high, metric->ci_low.reason));
	markdown_cell(out, BAND(metric->unit, &result->uncertainty, result->platform));
	fputs(".\n\n", out);
	if (account_of_failed(result, failed)) {
		fputs("**", out);
		markdown_cell(out, failed);
		fputs(".**\n\n", out);
	}
}

static void write_metrics(const struct result *result, FILE *out)
{
	fputs("| metric | group | n | mean | 95 % low | 95 % high | p50 | p99 | max |\n"
	      "|---|---|---:|---:|---:|---:|---:|---:|---:|\n",
	      out);
	for (size_t i = 0; i < result->metric_count; i++) {
		const struct result_metric *metric = &result->metrics[i];
		const struct maybe numbers[] = { metric->mean, metric->ci_low, metric->ci_high,
						 metric->p50,  metric->p99,    metric->max };

		if (!metric->n || !result_is_chosen(result, metric))
			continue;
		cells(out, (const char *[]){ metric->name, metric->group, NULL });
		fprintf(out, " %llu |", (unsigned long long)metric->n);
		values(out, metric->unit, numbers, sizeof(numbers) / sizeof(numbers[0]));
	}
}

static void write_parts(const struct result *result, FILE *out)
{
	if (result->part_count)
		fputs("\n| metric | group | step | function | mean | share |\n"
		      "|---|---|---|---|---:|---:|\n",
		      out);
	for (size_t i = 0; i < result->part_count; i++) {
		const struct result_part *part = &result->parts[i];

		cells(out,
		      (const char *[]){ part->metric, part->group, part->step, part->where, NULL });
		markdown_value(out, UNIT_NANOSECONDS, maybe_some(part->mean));
		fprintf(out, " %.1f %% |\n", 100 * part->share);
	}
}

static void write_capacities(const struct result *result, FILE *out)
{
	if (result->capacity_count)
		fputs("\n| shared on the host | amount | used | threads lost | answer if twice as "
		      "large |\n|---|---:|---:|---:|---:|\n",
		      out);
	for (size_t i = 0; i < result->capacity_count; i++) {
		const struct result_capacity *capacity = &result->capacities[i];
		char amount[CELL_SIZE], used[CELL_SIZE];

		if (!capacity_is_worth_a_line(capacity))
			continue;
		cells(out, (const char *[]){ capacity->name, capacity_amount(amount, capacity),
					     capacity_used(used, capacity), NULL });
		markdown_value(out, UNIT_NANOSECONDS, maybe_some(capacity->lost_ns));
		markdown_value(out, UNIT_NANOSECONDS, capacity->answer_twice);
		fputc('\n', out);
	}
}

static void write_objectives(const struct result *result, FILE *out)
{
	if (result->objective_count)
		fputs("\n| objective | group | quantile | value | at most | verdict |\n"
		      "|---|---|---|---:|---:|---|\n",
		      out);
	for (size_t i = 0; i < result->objective_count; i++) {
		const struct result_objective *item = &result->objectives[i];

		cells(out, (const char *[]){ item->limit.metric, item->limit.group, NULL });
		if (item->limit.quantile < 0)
			fputs(" mean |", out);
		else
			fprintf(out, " p%g |", 100 * item->limit.quantile);
		fprintf(out, " %s | %s |",
			item->value.exists ? limit_value(CELL, &item->limit, item->value.value)
					   : "–",
			limit_value(CELL, &item->limit, item->limit.at_most));
		fprintf(out, item->judgement == LIMIT_MET ? " %s |\n" : " **%s** |\n",
			judgement_names[item->judgement]);
	}
}

static void write_assumptions(const struct result *result, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < result->assumption_count; i++) {
		const struct result_assumption *item = &result->assumptions[i];
		const struct maybe numbers[] = { maybe_some(item->mean_ns),
						 maybe_some(item->low_ns),
						 maybe_some(item->high_ns),
						 maybe_some(item->answer_low),
						 maybe_some(item->answer_high) };

		if (!item->mattered)
			continue;
		if (!any)
			fputs("\n| price | group | status | value | low | high | answer at low | "
			      "answer at high |\n|---|---|---|---:|---:|---:|---:|---:|\n",
			      out);
		any = true;
		cells(out, (const char *[]){ item->term, item->group, item->status, NULL });
		values(out, UNIT_NANOSECONDS, numbers, sizeof(numbers) / sizeof(numbers[0]));
	}
	if (result->study.terms_left)
		fprintf(out, "\nNot moved: %zu of %zu prices.\n", result->study.terms_left,
			result->assumption_count);
}

bool result_write_markdown(const void *what, FILE *out, struct error *error)
{
	const struct result *result = what;

	fputs("## ", out);
	markdown_cell(out, result->scenario);
	fputs("\n\n", out);
	write_answer(result, out);
	print_visible(out, "sim %s, seed %llu, %llu replication%s%s.\n\n", result->version,
		      (unsigned long long)result->seed, (unsigned long long)result->replications,
		      result->replications == 1 ? "" : "s",
		      result->deterministic ? " (deterministic)" : "");
	if (result->alternatives) {
		markdown_cell(out, result->alternatives);
		fputs("\n\n", out);
	}
	for (size_t i = 0; i < result->note_count; i++) {
		fputs("> ", out);
		markdown_cell(out, result->notes[i]);
		fputs("\n\n", out);
	}
	write_metrics(result, out);
	if (!result->view.metric_count) {
		write_parts(result, out);
		write_capacities(result, out);
	}
	write_objectives(result, out);
	if (!result->view.metric_count)
		write_assumptions(result, out);
	return report_check(out, error);
}
