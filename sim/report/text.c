/* The report for people: the answer first, then why, then how sure. */

#include <math.h>
#include <string.h>

#include "report/formats.h"
#include "report/text_tools.h"

static const double least_share = 0.005; /* smaller steps are folded into one line */

static const struct result_metric *find(const struct result *result, const char *name,
					const char *group)
{
	for (size_t i = 0; i < result->metric_count; i++)
		if (strcmp(result->metrics[i].name, name) == 0 &&
		    (!group || strcmp(result->metrics[i].group, group) == 0))
			return &result->metrics[i];
	return NULL;
}

static void print_between(FILE *out, enum unit unit, double low, double high)
{
	print_value(out, unit, low);
	fputs(" .. ", out);
	print_value(out, unit, high);
}

static void print_quantile(FILE *out, const char *name, const struct result_metric *metric,
			   struct maybe value, struct maybe low, struct maybe high,
			   unsigned int needed)
{
	fprintf(out, "  %-5s ", name);
	if (!value.exists) {
		fprintf(out, "n too small for %s (%llu of at least %u)\n", name,
			(unsigned long long)metric->n, needed);
		return;
	}
	print_value_in(out, metric->unit, value.value, 14);
	if (low.exists && high.exists) {
		fputs("   95 % confidence ", out);
		print_between(out, metric->unit, low.value, high.value);
	}
	fputc('\n', out);
}

static void print_latency(FILE *out, const struct result *result, const struct result_metric *metric)
{
	char title[64];
	size_t length = strcspn(metric->name, ".");

	snprintf(title, sizeof(title), "%.*s latency", (int)length, metric->name);
	title[0] = (char)(title[0] - 'a' + 'A');
	fprintf(out, "%s of %s\n", title, metric->group);
	fputs("  mean  ", out);
	print_value_in(out, metric->unit, metric->mean.value, 14);
	if (result->deterministic) {
		fputs("   deterministic: one replication is exact\n", out);
		if (metric->n > 1) {
			fputs("  max   ", out);
			print_value_in(out, metric->unit, metric->max.value, 14);
			fprintf(out, "   of %llu\n", (unsigned long long)metric->n);
		}
		return;
	}
	if (metric->ci_low.exists) {
		fputs("   95 % confidence ", out);
		print_between(out, metric->unit, metric->ci_low.value, metric->ci_high.value);
	}
	fputc('\n', out);
	print_quantile(out, "p50", metric, metric->p50, metric->p50_low, metric->p50_high, 6);
	print_quantile(out, "p99", metric, metric->p99, metric->p99_low, metric->p99_high, 368);
}

static void print_breakdown(FILE *out, const struct result *result,
			    const struct result_metric *metric)
{
	double rest = 0;
	unsigned int folded = 0;

	fputs("\nWhere the time goes\n"
	      "  share          time  step                                      function\n", out);
	for (size_t i = 0; i < result->part_count; i++) {
		const struct result_part *part = &result->parts[i];

		if (strcmp(part->metric, metric->name) != 0 || strcmp(part->group, metric->group) != 0)
			continue;
		if (part->share < least_share) {
			rest += part->mean;
			folded++;
			continue;
		}
		fprintf(out, "  %4.1f %%", 100 * part->share);
		print_value_in(out, UNIT_NANOSECONDS, part->mean, 13);
		fputs("  ", out);
		print_text_in(out, part->step, 40);
		fprintf(out, "  %s\n", part->where);
	}
	if (folded) {
		fprintf(out, "  %4.1f %%", 100 * rest / metric->mean.value);
		print_value_in(out, UNIT_NANOSECONDS, rest, 13);
		fprintf(out, "  %u smaller steps\n", folded);
	}
}

static void print_line(FILE *out, const struct result *result, const char *label, const char *name,
		       const char *group, const char *explanation)
{
	const struct result_metric *metric = find(result, name, group);

	if (!metric || !metric->n || metric->max.value == 0)
		return;
	fputs("  ", out);
	print_text_in(out, label, 24);
	print_value_in(out, metric->unit, metric->mean.value, 14);
	if (metric->ci_low.exists && metric->ci_low.value < metric->ci_high.value) {
		fputs("   ", out);
		print_between(out, metric->unit, metric->ci_low.value, metric->ci_high.value);
	}
	if (*explanation)
		fprintf(out, "   %s", explanation);
	fputc('\n', out);
}

static void print_guest(FILE *out, const struct result *result, const char *group)
{
	char label[64];

	fprintf(out, "\nBehind the latency (means; 95 %% confidence)\n");
	print_line(out, result, "time to reclaim all", "teardown.latency", group, "");
	print_line(out, result, "background CPU", "cpu.background", group, "");
	print_line(out, result, "pages in foreground", "pages.foreground", group, "");
	print_line(out, result, "pages in background", "pages.background", group, "");
	print_line(out, result, "pages at first touch", "pages.touched", group, "");
	print_line(out, result, "limbo memory, peak", "limbo.peak", "host", "");
	print_line(out, result, "limbo memory, mean", "limbo.mean", "host", "over the whole run");
	print_line(out, result, "longest slice", "slice.max", "host", "without a reschedule point");
	for (size_t i = 0; i < result->metric_count; i++) {
		const struct result_metric *metric = &result->metrics[i];
		size_t length = strlen(metric->name);

		if (strncmp(metric->name, "lock.", 5) != 0 || length < 10)
			continue;
		snprintf(label, sizeof(label), "%s %.*s",
			 strcmp(metric->name + length - 5, ".wait") == 0 ? "wait for" : "hold of",
			 (int)(length - 10), metric->name + 5);
		print_line(out, result, label, metric->name, "host", "");
	}
	print_line(out, result, "fallbacks", "fallbacks", group, "per replication");
	for (size_t i = 0; i < result->metric_count; i++)
		if (strncmp(result->metrics[i].name, "failures.", 9) == 0 &&
		    strcmp(result->metrics[i].group, group) == 0)
			print_line(out, result, result->metrics[i].name, result->metrics[i].name, group,
				   "per replication");
	for (size_t i = 0; i < result->counter_count; i++) {
		const struct result_counter *counter = &result->counters[i];

		if (counter->value && strcmp(counter->group, group) == 0 &&
		    (strcmp(counter->name, "pages.lost") == 0 ||
		     strcmp(counter->name, "memory.leaked_bytes") == 0 ||
		     strcmp(counter->name, "operations.unfinished") == 0))
			fprintf(out, "  %-24s%14.6g   per replication\n", counter->name, counter->mean);
	}
}

static void print_objectives(FILE *out, const struct result *result)
{
	if (!result->objective_count)
		return;
	fputs("\nObjectives\n", out);
	for (size_t i = 0; i < result->objective_count; i++) {
		const struct result_objective *objective = &result->objectives[i];

		fprintf(out, "  %-6s %s of %s, ", objective->met ? "met" : "MISSED", objective->metric,
			objective->group);
		if (objective->quantile < 0)
			fputs("mean", out);
		else
			fprintf(out, "p%g", 100 * objective->quantile);
		fputs(": ", out);
		if (objective->value.exists)
			print_value(out, objective->unit, objective->value.value);
		else
			fputs(objective->value.reason, out);
		fputs(", at most ", out);
		print_value(out, objective->unit, objective->at_most);
		fputc('\n', out);
	}
}

static void print_assumptions(FILE *out, const struct result *result)
{
	size_t mattering = 0;

	for (size_t i = 0; i < result->assumption_count; i++)
		mattering += result->assumptions[i].mattered;
	if (!result->assumption_count) {
		fputs("\nNo cost term of this scenario is an assumption.\n", out);
		return;
	}
	fprintf(out, "\nAssumptions: %zu of the cost terms are assumed, not measured or published", result->assumption_count);
	if (!mattering) {
		fputs("; none of them moves the answer by 1 %.\n", out);
		return;
	}
	fputs(".\nThese move the answer by 1 % or more across their plausible ranges:\n"
	      "  term                        mean        range                      answer (mean)\n", out);
	for (size_t i = 0; i < result->assumption_count; i++) {
		const struct result_assumption *item = &result->assumptions[i];

		if (!item->mattered)
			continue;
		fputs("  ", out);
		print_text_in(out, item->term, 22);
		print_value_in(out, UNIT_NANOSECONDS, item->mean_ns, 10);
		print_value_in(out, UNIT_NANOSECONDS, item->low_ns, 12);
		fputs(" .. ", out);
		print_value_in(out, UNIT_NANOSECONDS, item->high_ns, 0);
		fputs("   ->  ", out);
		if (isfinite(item->answer_low) && isfinite(item->answer_high))
			print_between(out, UNIT_NANOSECONDS, item->answer_low, item->answer_high);
		else
			fputs("does not end in time at one end", out);
		fputc('\n', out);
	}
	if (result->answer_low.exists && result->answer_high.exists) {
		fputs("With all assumed terms at the low or the high end of their ranges: ", out);
		print_between(out, UNIT_NANOSECONDS, result->answer_low.value, result->answer_high.value);
		fputs(".\n", out);
	}
}

static bool write_text(const struct result *result, FILE *out, struct error *error)
{
	fprintf(out, "%s\n", result->scenario);
	fprintf(out, "sim %s, seed %llu, %llu replication%s: %s\n\n", result->version,
		(unsigned long long)result->seed, (unsigned long long)result->replications,
		result->replications == 1 ? "" : "s", result->stopping);
	if (result->answer >= result->metric_count) {
		fputs("No operation ended within experiment.until: nothing to report.\n", out);
		for (size_t i = 0; i < result->metric_count; i++)
			if (strncmp(result->metrics[i].name, "failures.", 9) == 0 &&
			    result->metrics[i].mean.value > 0)
				fprintf(out, "  %s of %s: %g per replication\n", result->metrics[i].name,
					result->metrics[i].group, result->metrics[i].mean.value);
		return report_check(out, error);
	}
	print_latency(out, result, &result->metrics[result->answer]);
	for (size_t i = 0; i < result->metric_count; i++) {
		const struct result_metric *metric = &result->metrics[i];
		size_t length = strlen(metric->name);

		if (i != result->answer && metric->n && length > 8 &&
		    strcmp(metric->name + length - 8, ".latency") == 0 &&
		    strcmp(metric->name, "teardown.latency") != 0)
			print_latency(out, result, metric);
	}
	print_breakdown(out, result, &result->metrics[result->answer]);
	print_guest(out, result, result->metrics[result->answer].group);
	print_objectives(out, result);
	print_assumptions(out, result);
	return report_check(out, error);
}

const struct report_format format_text = { "text", "for people", write_text };
