#include "report/account.h"

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

/* Why most of those failed that did not start. */
static const struct result_failure *why_failed(const struct result *result)
{
	for (size_t i = 0; i < result->failure_count; i++)
		if (strcmp(result->failures[i].operation, operation_names[OPERATION_START]) == 0 &&
		    !result->failures[i].recovered)
			return &result->failures[i];
	return NULL;
}

static void append_states(const struct result *result, const struct state *states, size_t count,
			  char line[ACCOUNT_LINE])
{
	double arrived = mean_of(result, COUNTER_VMS_ARRIVED);
	const char *comma = "";

	for (size_t i = 0; i < count; i++) {
		enum counter_id id = states[i].id;
		double vms = mean_of(result, id);

		if (vms <= 0 && !states[i].always)
			continue;
		append(line, "%s%.7g %s", comma, vms, counter_kinds[id].label);
		comma = ", ";
		if (id == COUNTER_VMS_REJECTED && vms > 0)
			append(line, " (%.3g %%)", 100 * vms / arrived);
		if (id == COUNTER_VMS_FAILED && vms > 0 && why_failed(result))
			append(line, " (%s at \"%s\")", why_failed(result)->errno_name,
			       why_failed(result)->step);
	}
}

bool account_of(const struct result *result, struct account *account)
{
	const struct result_counter *arrived =
		result_counter(result, counter_kinds[COUNTER_VMS_ARRIVED].name, NULL);
	double waited = mean_of(result, COUNTER_VMS_WAITED);
	double moved = mean_of(result, COUNTER_VMS_MOVED);
	double left_out = mean_of(result, COUNTER_VMS_LEFT_OUT);

	*account = (struct account){ 0 };
	if (!arrived)
		return false;
	append(account->vms, "%.7g VMs arrived: ", arrived->mean);
	append_states(result, of_arrived, sizeof(of_arrived) / sizeof(of_arrived[0]), account->vms);
	if (left_out > 0)
		append(account->vms, "; %.7g more arrive after experiment.until", left_out);
	append(account->details, "Of the started: ");
	append_states(result, of_started, sizeof(of_started) / sizeof(of_started[0]),
		      account->details);
	append(account->details, ". Of all, %.7g waited for room", waited);
	if (moved > 0)
		append(account->details, "; %.7g moves to another host", moved);
	return true;
}
