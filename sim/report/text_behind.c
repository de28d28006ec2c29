/* What stands behind a latency: limbo, locks, pages, failures. */

#include <string.h>

#include "report/text_parts.h"
#include "report/text_tools.h"

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
		print_range(out, metric->unit, metric->ci_low.value, metric->ci_high.value);
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

		if (strncmp(metric->name, "lock.", 5) != 0 ||
		    !text_ends_with(metric->name, ".wait") || !metric->n ||
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
			    strncmp(counter->name, "operations.", 11) == 0 ||
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

void text_failures(FILE *out, const struct result *result, const char *group)
{
	static const char *const losses[] = { "pages.lost", "memory.leaked_bytes",
					      "operations.unfinished", "operations.refused",
					      "operations.coalesced" };

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

static uint64_t counter_value(const struct result *result, const char *name, const char *group)
{
	for (size_t i = 0; i < result->counter_count; i++)
		if (strcmp(result->counters[i].name, name) == 0 &&
		    strcmp(result->counters[i].group, group) == 0)
			return result->counters[i].value;
	return 0;
}

/* Every VM of a trace is accounted for. */
static void print_fleet(FILE *out, const struct result *result, const char *group)
{
	static const char *const states[] = { "running", "torn_down", "starting", "stopping",
					      "waiting", "rejected",  "failed" };
	uint64_t arrived = counter_value(result, "vms.arrived", group);

	if (!arrived)
		return;
	fprintf(out, "\nOf %llu VMs ", (unsigned long long)arrived);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		char name[32];

		snprintf(name, sizeof(name), "vms.%s", states[i]);
		fprintf(out, "%s%llu %s", i ? ", " : "",
			(unsigned long long)counter_value(result, name, group),
			strcmp(states[i], "torn_down") == 0 ? "torn down" : states[i]);
	}
	fprintf(out, "; %llu waited for room, %llu moves\n",
		(unsigned long long)counter_value(result, "vms.waited", group),
		(unsigned long long)counter_value(result, "vms.moved", group));
	print_line(out, result, "delay of starts", "start.delay", group, "until a host had room");
	print_line(out, result, "fullest host", "host.memory.peak", NULL,
		   "needed by VMs and held by dead ones");
	print_line(out, result, "limbo of one host", "host.limbo.peak", NULL, "at most");
	print_line(out, result, "move of a VM", "move.latency", group,
		   "told to go .. running elsewhere");
	print_line(out, result, "evacuation", "evacuation.latency", NULL,
		   "until the host is empty");
}

void text_behind(FILE *out, const struct result *result, const char *group)
{
	print_fleet(out, result, group);
	fprintf(out, "\nBehind the latency (means per replication%s)\n",
		result->deterministic ? "" : "; 95 % confidence");
	print_line(out, result, "time to reclaim all", "teardown.latency", group, "");
	print_line(out, result, "limbo memory, peak", "limbo.peak", "host", "");
	print_line(out, result, "limbo memory, mean", "limbo.mean", "host", "over the whole run");
	print_line(out, result, "longest slice", "slice.max", "host", "without a reschedule point");
	print_locks(out, result);
	print_line(out, result, "background CPU", "cpu.background", group, "");
	print_line(out, result, "stall of the guest", "guest.stall", group,
		   "time that its vCPUs lose");
	print_line(out, result, "pages in foreground", "pages.foreground", group, "");
	print_line(out, result, "pages in background", "pages.background", group, "");
	print_line(out, result, "pages at first touch", "pages.touched", group, "");
	text_failures(out, result, group);
	print_counters(out, result, group);
}
