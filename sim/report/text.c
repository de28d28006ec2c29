/* The report for people: the answer first, then why, then how sure. */

#include <math.h>
#include <string.h>

#include "report/formats.h"
#include "report/text_tools.h"

static const double least_share = 0.005; /* smaller steps are folded into one line */
enum { LOCKS_MOST = 5, COUNTERS_MOST = 5, NAME_WIDTH = 24, VALUE_WIDTH = 14 };

static const struct result_metric *find(const struct result *result, const char *name,
					const char *group)
{
	for (size_t i = 0; i < result->metric_count; i++)
		if (strcmp(result->metrics[i].name, name) == 0 &&
		    (!group || strcmp(result->metrics[i].group, group) == 0))
			return &result->metrics[i];
	return NULL;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length > tail && strcmp(text + length - tail, end) == 0;
}

static bool is_latency(const struct result_metric *metric)
{
	return ends_with(metric->name, ".latency") && strcmp(metric->name, "teardown.latency") != 0;
}

static void print_between(FILE *out, enum unit unit, double low, double high)
{
	print_value(out, unit, low);
	fputs(" .. ", out);
	print_value(out, unit, high);
}

/* --- the answer ------------------------------------------------------------ */

static void print_quantile(FILE *out, const char *name, const struct result_metric *metric,
			   struct maybe value, struct maybe low, struct maybe high,
			   unsigned int needed)
{
	if (!value.exists) {
		fprintf(out, "n too small for %s (%llu of at least %u)", name,
			(unsigned long long)metric->n, needed);
		return;
	}
	fprintf(out, "%s ", name);
	print_value(out, metric->unit, value.value);
	if (low.exists && high.exists) {
		fputs(" (", out);
		print_between(out, metric->unit, low.value, high.value);
		fputc(')', out);
	}
}

/* "reboot.latency" of "db": "Reboot latency of db". */
static void print_title(FILE *out, const struct result_metric *metric)
{
	const char *name = metric->name;
	int length = (int)strcspn(name, ".");

	fprintf(out, "%c%.*s latency of ", name[0] - 'a' + 'A', length - 1, name + 1);
	print_text(out, metric->group);
}

static void print_replications(FILE *out, const struct result *result)
{
	fprintf(out, "%llu replication%s", (unsigned long long)result->replications,
		result->replications == 1 ? "" : "s");
}

static void print_answer(FILE *out, const struct result *result, const struct result_metric *metric)
{
	print_title(out, metric);
	fputs(": ", out);
	print_value(out, metric->unit, metric->mean.value);
	fputs("  (", out);
	if (result->deterministic) {
		fputs("deterministic: one replication is exact)\n", out);
		if (metric->n == 1)
			return;
		fprintf(out, "  mean of %llu; p50 ", (unsigned long long)metric->n);
		print_value(out, metric->unit, metric->p50.value);
		fputs(", max ", out);
		print_value(out, metric->unit, metric->max.value);
		fputc('\n', out);
		return;
	}
	if (metric->ci_low.exists && metric->ci_high.exists) {
		fputs("95 % confidence ", out);
		print_between(out, metric->unit, metric->ci_low.value, metric->ci_high.value);
	} else {
		fprintf(out, "no confidence interval: %s", metric->ci_low.reason);
	}
	fputs(", ", out);
	print_replications(out, result);
	fputs(")\n  ", out);
	print_quantile(out, "p50", metric, metric->p50, metric->p50_low, metric->p50_high, 6);
	fputs(", ", out);
	print_quantile(out, "p99", metric, metric->p99, metric->p99_low, metric->p99_high, 368);
	fputs(", max ", out);
	print_value(out, metric->unit, metric->max.value);
	fputc('\n', out);
}

static void print_cell(FILE *out, enum unit unit, struct maybe value)
{
	if (value.exists)
		print_value_in(out, unit, value.value, VALUE_WIDTH);
	else
		fprintf(out, "%*s", VALUE_WIDTH, "n too small");
}

static void print_other_latencies(FILE *out, const struct result *result)
{
	bool any = false;

	for (size_t i = 0; i < result->metric_count; i++) {
		const struct result_metric *metric = &result->metrics[i];

		if (i == result->answer || !metric->n || !is_latency(metric))
			continue;
		if (!any)
			fprintf(out, "\n%-18s%-*s%*s%*s%*s%*s\n", "Other latencies", NAME_WIDTH,
				"of", VALUE_WIDTH, "mean", VALUE_WIDTH, "p50", VALUE_WIDTH, "p99",
				VALUE_WIDTH, "max");
		any = true;
		fputs("  ", out);
		print_text_in(out, metric->name, 16);
		print_text_in(out, metric->group, NAME_WIDTH);
		print_cell(out, metric->unit, metric->mean);
		print_cell(out, metric->unit, metric->p50);
		print_cell(out, metric->unit, metric->p99);
		print_cell(out, metric->unit, metric->max);
		fputc('\n', out);
	}
}

/* --- where the time goes ---------------------------------------------------- */

static void print_share(FILE *out, double share, double mean_ns)
{
	fprintf(out, "  %4.1f %%", 100 * share);
	print_value_in(out, UNIT_NANOSECONDS, mean_ns, 13);
	fputs("  ", out);
}

static void print_breakdown(FILE *out, const struct result *result,
			    const struct result_metric *metric)
{
	double rest = 0, rest_share = 0;
	unsigned int folded = 0;

	fputs("\nWhere the time goes\n"
	      "  share          time  step                                      function\n",
	      out);
	for (size_t i = 0; i < result->part_count; i++) {
		const struct result_part *part = &result->parts[i];

		if (strcmp(part->metric, metric->name) != 0 ||
		    strcmp(part->group, metric->group) != 0)
			continue;
		if (part->share < least_share) {
			rest += part->mean;
			rest_share += part->share;
			folded++;
			continue;
		}
		print_share(out, part->share, part->mean);
		print_text_in(out, part->step, 40);
		fputs("  ", out);
		print_text(out, part->where);
		fputc('\n', out);
	}
	if (folded) {
		print_share(out, rest_share, rest);
		fprintf(out, "%u smaller step%s\n", folded, folded == 1 ? "" : "s");
	}
}

/* --- what stands behind it -------------------------------------------------- */

static void print_line(FILE *out, const struct result *result, const char *label, const char *name,
		       const char *group, const char *explanation)
{
	const struct result_metric *metric = find(result, name, group);

	if (!metric || !metric->n || metric->max.value == 0)
		return;
	fputs("  ", out);
	print_text_in(out, label, NAME_WIDTH);
	print_value_in(out, metric->unit, metric->mean.value, VALUE_WIDTH);
	if (metric->ci_low.exists && metric->ci_high.exists) {
		fputs("   ", out);
		print_between(out, metric->unit, metric->ci_low.value, metric->ci_high.value);
	}
	if (*explanation)
		fprintf(out, "   %s", explanation);
	fputc('\n', out);
}

static const struct result_metric *hold_of(const struct result *result,
					   const struct result_metric *wait)
{
	size_t length = strlen(wait->name) - strlen("wait");

	for (size_t i = 0; i < result->metric_count; i++)
		if (strncmp(result->metrics[i].name, wait->name, length) == 0 &&
		    strcmp(result->metrics[i].name + length, "hold") == 0 &&
		    strcmp(result->metrics[i].group, wait->group) == 0)
			return &result->metrics[i];
	return NULL;
}

/* The lock that was waited for longest, but less long than `before` (NULL: no limit). */
static const struct result_metric *next_lock(const struct result *result,
					     const struct result_metric *before)
{
	const struct result_metric *best = NULL;

	for (size_t i = 0; i < result->metric_count; i++) {
		const struct result_metric *metric = &result->metrics[i];

		if (strncmp(metric->name, "lock.", 5) != 0 || !ends_with(metric->name, ".wait") ||
		    !metric->n || !(metric->max.value > 0))
			continue;
		if (before && (metric->mean.value > before->mean.value ||
			       (metric->mean.value == before->mean.value && metric <= before)))
			continue;
		if (!best || metric->mean.value > best->mean.value)
			best = metric;
	}
	return best;
}

static void print_locks(FILE *out, const struct result *result)
{
	const struct result_metric *wait = next_lock(result, NULL);

	if (!wait) {
		if (find(result, "slice.max", NULL))
			fputs("  no lock was waited for\n", out);
		return;
	}
	for (int i = 0; wait && i < LOCKS_MOST; i++, wait = next_lock(result, wait)) {
		const struct result_metric *hold = hold_of(result, wait);
		char label[64];

		snprintf(label, sizeof(label), "wait for %.*s",
			 (int)(strlen(wait->name) - strlen("lock..wait")), wait->name + 5);
		fputs("  ", out);
		print_text_in(out, label, NAME_WIDTH);
		print_value_in(out, wait->unit, wait->mean.value, VALUE_WIDTH);
		if (hold && hold->n) {
			fputs("   held for ", out);
			print_value(out, hold->unit, hold->mean.value);
		}
		fputc('\n', out);
	}
}

/* Costs charged most often; what they cost is in the table above. */
static void print_counters(FILE *out, const struct result *result, const char *group)
{
	const struct result_counter *before = NULL;

	for (int printed = 0; printed < COUNTERS_MOST; printed++) {
		const struct result_counter *best = NULL;

		for (size_t i = 0; i < result->counter_count; i++) {
			const struct result_counter *counter = &result->counters[i];
			bool later =
				before && (counter->value > before->value ||
					   (counter->value == before->value && counter <= before));

			if (!counter->value || later || strcmp(counter->group, group) != 0 ||
			    (best && counter->value <= best->value))
				continue;
			best = counter;
		}
		if (!best)
			break;
		fputs(printed ? ", " : "  most often charged: ", out);
		print_text(out, best->name);
		fputc(' ', out);
		print_value(out, UNIT_COUNT, best->mean);
		before = best;
	}
	if (before)
		fputc('\n', out);
}

static void print_failures(FILE *out, const struct result *result, const char *group)
{
	static const char *const losses[] = { "pages.lost", "memory.leaked_bytes",
					      "operations.unfinished" };

	print_line(out, result, "fallbacks", "fallbacks", group, "");
	for (size_t i = 0; i < result->metric_count; i++)
		if (strncmp(result->metrics[i].name, "failures.", 9) == 0 &&
		    (!group || strcmp(result->metrics[i].group, group) == 0))
			print_line(out, result, result->metrics[i].name, result->metrics[i].name,
				   result->metrics[i].group, "");
	for (size_t i = 0; i < result->counter_count; i++) {
		const struct result_counter *counter = &result->counters[i];

		if (!counter->value || (group && strcmp(counter->group, group) != 0))
			continue;
		for (size_t k = 0; k < sizeof(losses) / sizeof(losses[0]); k++) {
			if (strcmp(counter->name, losses[k]) != 0)
				continue;
			fprintf(out, "  %-*s", NAME_WIDTH, losses[k]);
			print_value_in(out, k == 1 ? UNIT_BYTES : UNIT_COUNT, counter->mean,
				       VALUE_WIDTH);
			fputc('\n', out);
		}
	}
}

static void print_behind(FILE *out, const struct result *result, const char *group)
{
	fprintf(out, "\nBehind the latency (means per replication%s)\n",
		result->deterministic ? "" : "; 95 % confidence");
	print_line(out, result, "time to reclaim all", "teardown.latency", group, "");
	print_line(out, result, "limbo memory, peak", "limbo.peak", "host", "");
	print_line(out, result, "limbo memory, mean", "limbo.mean", "host", "over the whole run");
	print_line(out, result, "longest slice", "slice.max", "host", "without a reschedule point");
	print_locks(out, result);
	print_line(out, result, "background CPU", "cpu.background", group, "");
	print_line(out, result, "pages in foreground", "pages.foreground", group, "");
	print_line(out, result, "pages in background", "pages.background", group, "");
	print_line(out, result, "pages at first touch", "pages.touched", group, "");
	print_failures(out, result, group);
	print_counters(out, result, group);
}

/* --- objectives and assumptions --------------------------------------------- */

static void print_objectives(FILE *out, const struct result *result)
{
	if (!result->objective_count)
		return;
	fputs("\nObjectives\n", out);
	for (size_t i = 0; i < result->objective_count; i++) {
		const struct result_objective *objective = &result->objectives[i];

		fprintf(out, "  %-6s ", objective->met ? "met" : "MISSED");
		print_text(out, objective->metric);
		fputs(" of ", out);
		print_text(out, objective->group);
		if (objective->quantile < 0)
			fputs(", mean: ", out);
		else
			fprintf(out, ", p%g: ", 100 * objective->quantile);
		if (objective->value.exists)
			print_value(out, objective->unit, objective->value.value);
		else
			fputs(objective->value.reason, out);
		fputs(", at most ", out);
		print_value(out, objective->unit, objective->at_most);
		fputc('\n', out);
	}
}

static void print_assumption(FILE *out, const struct result_assumption *item, bool with_group)
{
	fputs("  ", out);
	print_text_in(out, item->term, 28);
	print_value_in(out, UNIT_NANOSECONDS, item->mean_ns, 10);
	print_value_in(out, UNIT_NANOSECONDS, item->low_ns, 12);
	fputs(" .. ", out);
	print_value_in(out, UNIT_NANOSECONDS, item->high_ns, -10);
	if (isfinite(item->answer_low) && isfinite(item->answer_high)) {
		print_value_in(out, UNIT_NANOSECONDS, item->answer_low, 11);
		fputs(" .. ", out);
		print_value(out, UNIT_NANOSECONDS, item->answer_high);
	} else {
		fputs("  does not end in time at one end", out);
	}
	if (with_group) {
		fputs("   of ", out);
		print_text(out, item->group);
	}
	fputc('\n', out);
}

static void print_assumptions(FILE *out, const struct result *result)
{
	size_t count = result->assumption_count, mattering = 0;
	bool with_group = false;

	for (size_t i = 0; i < count; i++) {
		mattering += result->assumptions[i].mattered;
		with_group |=
			strcmp(result->assumptions[i].group, result->assumptions[0].group) != 0;
	}
	if (!count) {
		fputs("\nAssumptions: no cost term of this scenario is assumed.\n", out);
		return;
	}
	fprintf(out, "\nAssumptions: %zu cost term%s assumed, not measured or published; ", count,
		count == 1 ? " is" : "s are");
	if (!mattering)
		fputs("none moves the answer by 1 %.\n", out);
	else
		fprintf(out,
			"%zu move%s the answer by 1 %% or more.\n"
			"  %-28s%10s%16s%-10s%15s\n",
			mattering, mattering == 1 ? "s" : "", "term", "value", "low .. ", "high",
			"answer");
	for (size_t i = 0; i < count; i++)
		if (result->assumptions[i].mattered)
			print_assumption(out, &result->assumptions[i], with_group);
	if (result->answer_low.exists && result->answer_high.exists) {
		fputs("  With all of them at their low or their high end the answer is ", out);
		print_between(out, UNIT_NANOSECONDS, result->answer_low.value,
			      result->answer_high.value);
		fputs(".\n", out);
	} else {
		fprintf(out, "  With all of them at one end: %s.\n",
			result->answer_low.exists ? result->answer_high.reason
						  : result->answer_low.reason);
	}
}

static void print_provenance(FILE *out, const struct result *result)
{
	fputs("\nsim ", out);
	print_text(out, result->version);
	fputs(", scenario \"", out);
	print_text(out, result->scenario);
	fprintf(out, "\", seed %llu, ", (unsigned long long)result->seed);
	print_replications(out, result);
	fprintf(out, " (%s)\n", result->stopping);
}

static bool write_text(const struct result *result, FILE *out, struct error *error)
{
	if (result->answer < result->metric_count) {
		const struct result_metric *metric = &result->metrics[result->answer];

		print_answer(out, result, metric);
		print_other_latencies(out, result);
		print_breakdown(out, result, metric);
		print_behind(out, result, metric->group);
	} else {
		fputs("No operation ended within experiment.until: there is no latency to "
		      "report.\n",
		      out);
		print_failures(out, result, NULL);
	}
	print_objectives(out, result);
	if (result->answer < result->metric_count)
		print_assumptions(out, result);
	print_provenance(out, result);
	return report_check(out, error);
}

const struct report_format format_text = { "text", "for people", write_text };
