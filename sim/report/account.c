#include "report/account.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/text_tools.h"

/* How a counter of VMs is called in the account. */
struct state {
	enum counter_id id;
	bool always; /* also when there are none */
};

static const struct state of_arrived[] = { { COUNTER_VMS_STARTED, true },
					   { COUNTER_VMS_REJECTED, true },
					   { COUNTER_VMS_WAITING, true },
					   { COUNTER_VMS_FAILED, true },
					   { COUNTER_VMS_STARTING, false } };
static const struct state of_started[] = { { COUNTER_VMS_RUNNING, true },
					   { COUNTER_VMS_TORN_DOWN, true },
					   { COUNTER_VMS_STOPPING, false },
					   { COUNTER_VMS_MOVING, false },
					   { COUNTER_VMS_LOST, false } };

static double mean_of(const struct result *result, enum counter_id id)
{
	const struct result_counter *counter = result_counter(result, counter_kinds[id].name, NULL);

	return counter ? counter->mean : 0;
}

__attribute__((format(printf, 2, 3))) static void append(char line[ACCOUNT_LINE],
							 const char *format, ...)
{
	size_t length = strlen(line);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line + length, ACCOUNT_LINE - length, format, arguments);
	va_end(arguments);
}

/* "14", or "14.1" as a mean of replications; false then. */
static bool append_count(char line[ACCOUNT_LINE], const char *before, double count)
{
	bool whole = count == floor(count);

	append(line, whole ? "%s%.0f" : count < 100 ? "%s%.3g" : "%s%.1f", before, count);
	return whole;
}

/* Why most of those failed that did not start. */
static const struct result_failure *why_failed(const struct result *result)
{
	for (size_t i = 0; i < result->failure_count; i++)
		if (strcmp(result->failures[i].operation, operation_names[OPERATION_START]) == 0 &&
		    !result->failures[i].recovered)
			return &result->failures[i];
	return NULL;
}

static bool append_states(const struct result *result, const struct state *states, size_t count,
			  char line[ACCOUNT_LINE])
{
	double arrived = mean_of(result, COUNTER_VMS_ARRIVED);
	const char *comma = "";
	bool whole = true;

	for (size_t i = 0; i < count; i++) {
		enum counter_id id = states[i].id;
		double vms = mean_of(result, id);

		if (vms <= 0 && !states[i].always)
			continue;
		whole = append_count(line, comma, vms) && whole;
		append(line, " %s", counter_kinds[id].label);
		comma = ", ";
		if (id == COUNTER_VMS_REJECTED && vms > 0)
			append(line, " (%.3g %%)", 100 * vms / arrived);
		if (id == COUNTER_VMS_FAILED && vms > 0 && why_failed(result))
			append(line, " (%s at \"%s\")", why_failed(result)->errno_name,
			       why_failed(result)->step);
	}
	return whole;
}

bool account_of(const struct result *result, struct account *account)
{
	const struct result_counter *arrived =
		result_counter(result, counter_kinds[COUNTER_VMS_ARRIVED].name, NULL);
	double waited = mean_of(result, COUNTER_VMS_WAITED);
	double moved = mean_of(result, COUNTER_VMS_MOVED);
	double left_out = mean_of(result, COUNTER_VMS_LEFT_OUT);
	bool whole;

	*account = (struct account){ 0 };
	if (!arrived)
		return false;
	whole = append_count(account->vms, "", arrived->mean);
	append(account->vms, " VMs arrived: ");
	whole = append_states(result, of_arrived, sizeof(of_arrived) / sizeof(of_arrived[0]),
			      account->vms) &&
		whole;
	if (left_out > 0) {
		whole = append_count(account->vms, "; ", left_out) && whole;
		append(account->vms, " more arrive after experiment.until");
	}
	append(account->details, "Of the started: ");
	whole = append_states(result, of_started, sizeof(of_started) / sizeof(of_started[0]),
			      account->details) &&
		whole;
	whole = append_count(account->details, ". Of all, ", waited) && whole;
	append(account->details, " waited for room");
	if (moved > 0) {
		whole = append_count(account->details, "; ", moved) && whole;
		append(account->details, " moves to another host");
	}
	if (!whole)
		append(account->details, " (means of %llu replications)",
		       (unsigned long long)result->replications);
	return true;
}

static const struct result_failure *commonest_failure(const struct result *result,
						      const char *group)
{
	for (size_t i = 0; i < result->failure_count; i++)
		if (!result->failures[i].recovered && strcmp(result->failures[i].group, group) == 0)
			return &result->failures[i];
	return NULL;
}

static uint64_t count_of(const struct result *result, enum counter_id id, const char *group)
{
	const struct result_counter *counter =
		result_counter(result, counter_kinds[id].name, group);

	return counter ? counter->value : 0;
}

bool account_of_failed(const struct result *result, char line[ACCOUNT_LINE])
{
	double replications = (double)result->replications;
	const struct result_metric *metric;
	const struct result_failure *why;
	uint64_t failed, requested;
	bool whole;

	*line = 0;
	if (result->answer >= result->metric_count)
		return false;
	metric = &result->metrics[result->answer];
	failed = count_of(result, COUNTER_FAILED, metric->group);
	requested = count_of(result, COUNTER_REQUESTED, metric->group);
	if (!failed)
		return false;
	whole = append_count(line, "", (double)failed / replications);
	whole = append_count(line, " of ", (double)requested / replications) && whole;
	why = commonest_failure(result, metric->group);
	if (why && metric->n + failed == requested &&
	    strncmp(why->operation, metric->name, strlen(why->operation)) == 0)
		append(line, " %ss", why->operation); /* nothing else was asked for */
	else
		append(line, " operations of %s", metric->group);
	append(line, "%s failed", whole ? "" : " in a replication");
	if (why)
		append(line, " (%s at \"%s\")", why->errno_name, why->step);
	append(line, ": they are not among these times");
	return true;
}
