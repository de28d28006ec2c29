#include "decide/plan_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/simulation.h"

enum { SETTINGS_MOST = 64 };

bool plan_value_load(const struct plan_values *values, int64_t value, uint64_t seed,
		     struct scenario *scenario, struct error *error)
{
	struct setting settings[SETTINGS_MOST];
	char value_text[SCALE_TEXT], seed_text[32];
	size_t count = 0;

	if (values->setting_count + 3 > SETTINGS_MOST)
		return error_set(error, ERROR_INPUT, "more than %d settings", SETTINGS_MOST - 3);
	for (; count < values->setting_count; count++)
		settings[count] = values->settings[count];
	scale_text(value_text, &values->config->between, value);
	settings[count++] = (struct setting){ values->config->vary, value_text, NULL };
	if (values->each_value)
		settings[count++] = (struct setting){ values->config->each.pointer,
						      values->each_value, values->file };
	if (seed) {
		snprintf(seed_text, sizeof(seed_text), "%llu", (unsigned long long)seed);
		settings[count++] = (struct setting){ "/experiment/seed", seed_text, NULL };
	}
	return scenario_load(scenario, values->file, settings, count, NULL, error);
}

/* Whether the scenario can be set up at a value: it is valid, and its guests fit the host. If
 * not, *why (the caller's) is the first line of the reason. */
static bool can_run(const struct plan_values *values, int64_t value, bool *can, char **why,
		    struct error *error)
{
	struct error inner = { 0 };
	struct scenario scenario;

	if (plan_value_load(values, value, 0, &scenario, &inner)) {
		struct simulation *simulation;

		scenario.simulation.until_ns = 1;
		simulation = simulation_new(&scenario.simulation, &inner);
		if (simulation)
			simulation_run(simulation, 0, &inner);
		simulation_free(simulation);
		scenario_fini(&scenario);
	}
	*can = inner.kind == ERROR_NONE;
	if (*can)
		return true;
	if (inner.kind != ERROR_INPUT)
		return error_set(error, inner.kind, "%s", inner.message);
	inner.message[strcspn(inner.message, "\n")] = '\0';
	free(*why);
	*why = memory_text(inner.message, error);
	return *why != NULL;
}

bool plan_value_bracket(const struct plan_values *values, int64_t *low, int64_t *high,
			struct plan_answer *answer, struct error *error)
{
	bool maximize = values->config->maximize, can;
	int64_t good = maximize ? *low : *high, bad = maximize ? *high : *low;

	if (!can_run(values, bad, &can, &answer->impossible, error))
		return false;
	if (can)
		return true;
	if (!can_run(values, good, &can, &answer->impossible, error))
		return false;
	if (!can) /* not even the easiest: the plan itself is wrong */
		return error_set(error, ERROR_INPUT, "%s", answer->impossible);
	while (llabs(good - bad) > 1) {
		int64_t middle = good + (bad - good) / 2;

		if (!can_run(values, middle, &can, &answer->impossible, error))
			return false;
		if (can)
			good = middle;
		else
			bad = middle;
	}
	answer->impossible_value = bad;
	*(maximize ? high : low) = good;
	return true;
}
