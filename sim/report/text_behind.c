/* What stands behind a latency: limbo, locks, pages, failures. */

#include <stdlib.h>
#include <string.h>

#include "report/text_parts.h"
#include "report/text_tools.h"

enum { LOCKS_MOST = 5, COUNTERS_MOST = 5 };

static void print_line(FILE *out, const struct result_metric *metric, const char *label,
		       const char *why)
{
	if (!metric || !metric->n || metric->max.value == 0)
		return;
	print_visible(out, "  %s\t", label);
	fprintf(out, "%s\t%s\t%s\n", VALUE(metric->unit, metric->mean.value),
		INTERVAL(metric->unit, metric->ci_low, metric->ci_high, ""), why ? why : "");
}

/* The failures of each errno, with or without a label. */
static void print_family(FILE *out, const struct result *result, const char *group,
			 const struct metric_kind *kind)
{
	for (size_t i = 0; i < result->metric_count; i++)
		if (metric_kind_of(result->metrics[i].name) == kind &&
		    (!group || strcmp(result->metrics[i].group, group) == 0))
			print_line(out, &result->metrics[i], result->metrics[i].name, kind->why);
}

/* A section of lines, of metrics that have their place there. */
static void print_lines(FILE *out, const struct result *result, const char *group, int section)
{
	for (int line = section; line < section + LINES_MOST; line++) {
		for (size_t k = 0; k < METRIC_KINDS; k++) {
			const struct metric_kind *kind = &metric_kinds[k];

			if (!kind->line || kind->line != line)
				continue;
			if (metric_is_family(kind))
				print_family(out, result, group, kind);
			else
				print_line(out,
					   result_metric(result, kind->name,
							 kind->of == OF_HOST ? "host" : group),
					   kind->label, kind->why);
		}
	}
}

/* The lock that was waited for longest, but less long than `before` (NULL: no limit). */
static const struct result_metric *next_lock(const struct result *result,
					     const struct result_metric *before)
{
	const struct result_metric *best = NULL;

	for (size_t i = 0; i < result->metric_count; i++) {
		const struct result_metric *metric = &result->metrics[i];

		if (metric_kind_of(metric->name) != &metric_kinds[METRIC_LOCK_WAIT] || !metric->n ||
		    !(metric->max.value > 0))
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
		if (result_metric(result, metric_kinds[METRIC_LONGEST_SLICE].name, NULL))
			fputs("  no lock was waited for\n", out);
		return;
	}
	for (int i = 0; wait && i < LOCKS_MOST; i++, wait = next_lock(result, wait)) {
		char lock[256], label[300], name[256];
		const struct result_metric *hold;

		metric_member(lock, sizeof(lock), &metric_kinds[METRIC_LOCK_WAIT], wait->name);
		metric_family_name(name, sizeof(name), &metric_kinds[METRIC_LOCK_HOLD], lock);
		hold = result_metric(result, name, wait->group);
		snprintf(label, sizeof(label), "wait for %s", lock);
		print_visible(out, "  %s\t", label);
		fputs(VALUE(wait->unit, wait->mean.value), out);
		if (hold && hold->n)
			fprintf(out, "\theld for %s", VALUE(hold->unit, hold->mean.value));
		fputc('\n', out);
	}
}

/* Of requests and processes; others are charged. */
static bool is_of_requests(const struct result_counter *counter)
{
	const struct counter_kind *kind = counter_kind_of(counter->name);

	return kind && kind >= &counter_kinds[COUNTER_UNFINISHED] &&
	       kind <= &counter_kinds[COUNTER_OOM_NEIGHBOURS];
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
			    is_of_requests(counter) || (best && counter->value <= best->value))
				continue;
			best = counter;
		}
		if (!best)
			break;
		print_visible(out, "%s%s %s", printed ? ", " : "  most often charged: ", best->name,
			      VALUE(UNIT_COUNT, best->mean));
		before = best;
	}
	if (before)
		fputc('\n', out);
}

static void print_reasons(FILE *out, const struct result *result, const char *group)
{
	struct error error = { 0 };

	for (size_t i = 0; i < result->failure_count; i++) {
		const struct result_failure *failure = &result->failures[i];
		char *text;

		if (group && strcmp(failure->group, group) != 0)
			continue;
		text = failure_text(failure, result->replications, &error);
		print_visible(out, "  %s\n", text ? text : error.message);
		free(text);
	}
}

/* A guest of which something failed or was lost. */
static bool has_failures(const struct result *result, const char *group)
{
	for (size_t i = 0; i < result->failure_count; i++)
		if (strcmp(result->failures[i].group, group) == 0)
			return true;
	for (size_t i = 0; i < result->counter_count; i++) {
		const struct result_counter *counter = &result->counters[i];
		const struct counter_kind *kind = counter_kind_of(counter->name);

		if (counter->value && kind && kind->is_loss && strcmp(counter->group, group) == 0)
			return true;
	}
	return false;
}

/* Of all guests but the answer's: nothing that failed is passed over. */
static void print_others(FILE *out, const struct result *result, const char *group)
{
	for (size_t i = 0; i < result->metric_count; i++) {
		const char *other = result->metrics[i].group;
		bool first = strcmp(other, group) != 0 && strcmp(other, "host") != 0;

		for (size_t k = 0; k < i && first; k++)
			first = strcmp(result->metrics[k].group, other) != 0;
		if (!first || !has_failures(result, other))
			continue;
		print_visible(out, "\nOf %s\n", other);
		text_failures(out, result, other);
	}
}

void text_failures(FILE *out, const struct result *result, const char *group)
{
	print_lines(out, result, group, LINES_FAILURES);
	print_reasons(out, result, group);
	for (size_t i = 0; i < result->counter_count; i++) {
		const struct result_counter *counter = &result->counters[i];
		const struct counter_kind *kind = counter_kind_of(counter->name);

		if (!counter->value || (group && strcmp(counter->group, group) != 0) || !kind ||
		    !kind->is_loss)
			continue;
		fprintf(out, "  %s\t%s\n", kind->name, VALUE(kind->unit, counter->mean));
	}
}

/* Shares of what each host has, one value for each host and hour. */
static void print_used(FILE *out, const struct result *result)
{
	bool any = false;

	for (size_t k = 0; k < METRIC_KINDS; k++) {
		const struct result_metric *metric =
			metric_kinds[k].unit == UNIT_SHARE
				? result_metric(result, metric_kinds[k].name, "host")
				: NULL;

		if (!metric || !metric->n)
			continue;
		if (!any)
			fputs("\n  used by the hour\tmean\tp50\tp99\tmax\n", out);
		any = true;
		fprintf(out, "  %s\t%s\t%s\t%s\t%s\n", metric_kinds[k].label,
			MAYBE(UNIT_SHARE, metric->mean, "-"), MAYBE(UNIT_SHARE, metric->p50, "-"),
			MAYBE(UNIT_SHARE, metric->p99, "-"), MAYBE(UNIT_SHARE, metric->max, "-"));
	}
}

/* Of a fleet. */
static void print_hosts(FILE *out, const struct result *result, const char *group)
{
	if (!result_counter(result, counter_kinds[COUNTER_VMS_ARRIVED].name, group))
		return;
	fputs("\nOn the hosts\n", out);
	print_lines(out, result, group, LINES_FLEET);
	print_used(out, result);
}

void text_behind(FILE *out, const struct result *result, const char *group)
{
	print_hosts(out, result, group);
	fprintf(out, "\nBehind the latency (means per replication%s)\n",
		result->deterministic ? "" : "; 95 % confidence");
	print_lines(out, result, group, LINES_MEMORY);
	print_locks(out, result);
	print_lines(out, result, group, LINES_WORK);
	text_failures(out, result, group);
	print_counters(out, result, group);
	print_others(out, result, group);
}
