#include "decide/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "decide/goal_seek.h"
#include "decide/limit.h"
#include "decide/plan_ends.h"
#include "repeat/summary.h"
#include "report/text_tools.h"

enum { CACHE_MOST = 320, SETTINGS_MOST = 64 };

/* A value that was looked at, with its replications so far. */
struct visited {
	int64_t value;
	bool fresh;
	struct scenario scenario;
	struct replications replications;
};

struct planner {
	const char *file;
	const struct setting *settings;
	size_t setting_count;
	const struct plan_config *config;
	const char *each_value; /* or NULL */
	const struct experiment_options *options;
	struct visited *visited[CACHE_MOST];
	size_t visited_count;
};

/* --- replications at a value -------------------------------------------------------- */

static bool load_at(const struct planner *planner, int64_t value, uint64_t seed,
		    struct scenario *scenario, struct error *error)
{
	struct setting settings[SETTINGS_MOST];
	char value_text[32], seed_text[32];
	size_t count = 0;

	if (planner->setting_count + 3 > SETTINGS_MOST)
		return error_set(error, ERROR_INPUT, "more than %d settings", SETTINGS_MOST - 3);
	for (; count < planner->setting_count; count++)
		settings[count] = planner->settings[count];
	snprintf(value_text, sizeof(value_text), "%lld", (long long)value);
	settings[count++] = (struct setting){ planner->config->vary, value_text, NULL };
	if (planner->each_value)
		settings[count++] = (struct setting){ planner->config->each.pointer,
						      planner->each_value, planner->file };
	if (seed) {
		snprintf(seed_text, sizeof(seed_text), "%llu", (unsigned long long)seed);
		settings[count++] = (struct setting){ "/experiment/seed", seed_text, NULL };
	}
	return scenario_load(scenario, planner->file, settings, count, NULL, error);
}

static struct visited *visit(struct planner *planner, int64_t value, bool fresh,
			     struct error *error)
{
	struct visited *at;
	uint64_t seed = 0;

	for (size_t i = 0; i < planner->visited_count; i++)
		if (planner->visited[i]->value == value && planner->visited[i]->fresh == fresh)
			return planner->visited[i];
	if (planner->visited_count == CACHE_MOST) {
		error_set(error, ERROR_INTERNAL, "too many values were looked at");
		return NULL;
	}
	if (fresh && planner->visited_count) /* numbers that no look has seen */
		seed = planner->visited[0]->scenario.simulation.seed + 1;
	at = memory_array(1, sizeof(*at), "plan", error);
	if (!at)
		return NULL;
	at->value = value;
	at->fresh = fresh;
	if (!load_at(planner, value, seed, &at->scenario, error)) {
		free(at);
		return NULL;
	}
	if (!replications_init(&at->replications, &at->scenario.simulation, NULL, error)) {
		scenario_fini(&at->scenario);
		free(at);
		return NULL;
	}
	for (size_t m = 0; m < at->replications.metric_count; m++)
		at->replications.metrics[m].limit = (size_t)1 << 40; /* every value is needed */
	planner->visited[planner->visited_count++] = at;
	return at;
}

static void forget(struct planner *planner)
{
	for (size_t i = 0; i < planner->visited_count; i++) {
		replications_fini(&planner->visited[i]->replications);
		scenario_fini(&planner->visited[i]->scenario);
		free(planner->visited[i]);
	}
	planner->visited_count = 0;
}

/* --- its limits there ------------------------------------------------------------------ */

static bool estimate(void *data, int64_t value, uint64_t effort, double alpha, bool fresh,
		     struct plan_bounds *bounds, struct error *error)
{
	struct planner *planner = data;
	const struct limit_look look = { alpha, planner->config->tolerance,
					 (size_t)planner->config->most };
	struct visited *at = visit(planner, value, fresh, error);

	if (!at || !replications_run(&at->replications, &at->scenario.simulation, effort,
				     &planner->options->replicate, error))
		return false;
	for (size_t i = 0; i < planner->config->limit_count; i++)
		if (!limit_bounds(&planner->config->limits[i], &at->replications, &look, &bounds[i],
				  error))
			return false;
	if (planner->options->progress)
		planner->options->progress(at->replications.count, INFINITY,
					   planner->options->progress_data);
	return true;
}

/* --- what is reported -------------------------------------------------------------------- */

/* The largest steps of the binding latency at the point that did not meet. */
static bool take_parts(struct planner *planner, struct plan_answer *answer, struct error *error)
{
	const struct plan_point *point = &answer->points[answer->next];
	const char *metric = planner->config->limits[point->binding].metric;
	struct visited *at = visit(planner, point->value, false, error);
	struct result result = { .answer = SIZE_MAX };
	bool ok = at && replications_summarize(&at->replications, &at->scenario, &result, error);

	for (size_t i = 0; ok && i < result.part_count && answer->part_count < 3; i++) {
		const struct result_part *part = &result.parts[i];
		struct plan_part *out = &answer->parts[answer->part_count];

		if (!metric_is(part->metric, part->group, metric, NULL))
			continue;
		out->share = part->share;
		out->step = memory_text(part->step, error);
		out->where = memory_text(part->where, error);
		answer->part_count++;
		ok = out->step && out->where;
	}
	for (size_t i = 0; ok && i < result.failure_count && !answer->failure; i++) {
		if (result.failures[i].recovered)
			continue;
		answer->failure = failure_text(&result.failures[i], at->replications.count, error);
		ok = answer->failure != NULL;
	}
	result_fini(&result);
	return ok;
}

/* --- the bracket: what can run at all ----------------------------------------------------- */

/* Whether the scenario can be set up at a value: it is valid, and its guests fit the host. If
 * not, *why (the caller's) is the first line of the reason. */
static bool can_run(const struct planner *planner, int64_t value, bool *can, char **why,
		    struct error *error)
{
	struct error inner = { 0 };
	struct scenario scenario;

	if (load_at(planner, value, 0, &scenario, &inner)) {
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

/* Take from [*low, *high] what cannot run, so that nothing is simulated there. */
static bool bracket(const struct planner *planner, int64_t *low, int64_t *high,
		    struct plan_answer *answer, struct error *error)
{
	bool maximize = planner->config->maximize, can;
	int64_t good = maximize ? *low : *high, bad = maximize ? *high : *low;

	if (!can_run(planner, bad, &can, &answer->impossible, error))
		return false;
	if (can)
		return true;
	if (!can_run(planner, good, &can, &answer->impossible, error))
		return false;
	if (!can) /* not even the easiest: the plan itself is wrong */
		return error_set(error, ERROR_INPUT, "%s", answer->impossible);
	while (llabs(good - bad) > 1) {
		int64_t middle = good + (bad - good) / 2;

		if (!can_run(planner, middle, &can, &answer->impossible, error))
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

/* Whether the limits hold at the answer's value where prices are other. */
static bool look_at_ends(const struct planner *planner, struct plan_answer *answer,
			 struct error *error)
{
	struct plan_bounds **const bounds[] = { &answer->at_low, &answer->at_high };
	bool ok = true;

	for (int end = PRICES_LOW; ok && end <= PRICES_HIGH; end++) {
		struct scenario scenario;

		if (!load_at(planner, answer->value, 0, &scenario, error))
			return false;
		ok = plan_at_end(&scenario, planner->config, (enum price_end)end,
				 &planner->options->replicate, bounds[end], error);
		scenario_fini(&scenario);
	}
	return ok;
}

static bool seek(struct planner *planner, struct plan_answer *answer, struct error *error)
{
	const struct plan_config *config = planner->config;
	const struct goal_source source = { planner, config->limit_count, estimate };
	struct goal_options options = { .low = config->low,
					.high = config->high,
					.maximize = config->maximize,
					.first = (uint64_t)config->first,
					.most = (uint64_t)config->most,
					.alpha = config->alpha,
					.tolerance = config->tolerance };

	return bracket(planner, &options.low, &options.high, answer, error) &&
	       goal_seek(&source, &options, answer, error) &&
	       (!answer->found || look_at_ends(planner, answer, error)) &&
	       (answer->next == SIZE_MAX || take_parts(planner, answer, error));
}

static bool describe(struct planning *out, const struct scenario *scenario,
		     const struct experiment_options *options, struct error *error)
{
	const struct plan_config *config = scenario->plan;

	out->scenario = memory_text(scenario->name, error);
	out->version = memory_text(options->version, error);
	out->commit = options->commit ? memory_text(options->commit, error) : NULL;
	out->carried = scenario_carried_text(scenario, error);
	if (scenario->platform.name)
		out->platform = memory_text(scenario->platform.name, error);
	out->vary = memory_text(config->vary, error);
	out->each = config->each.pointer ? memory_text(config->each.pointer, error) : NULL;
	out->seed = scenario->simulation.seed;
	out->low = config->low;
	out->high = config->high;
	out->maximize = config->maximize;
	out->alpha = config->alpha;
	out->limits = memory_array(config->limit_count, sizeof(*out->limits), "limits", error);
	out->answers =
		memory_array(config->each.value_count + 1, sizeof(*out->answers), "plans", error);
	if (error->kind != ERROR_NONE || !out->scenario || !out->version || !out->vary ||
	    !out->limits || !out->answers)
		return false;
	for (size_t i = 0; i < config->limit_count; i++) {
		const struct objective *from = &config->limits[i];
		struct plan_limit *to = &out->limits[out->limit_count++];

		to->metric = memory_text(from->metric, error);
		to->group = from->group ? memory_text(from->group, error) : NULL;
		to->unit = from->unit;
		to->quantile = from->quantile;
		to->at_most = from->at_most;
		if (!to->metric || (from->group && !to->group))
			return false;
	}
	return true;
}

bool plan_run(const char *file, const struct setting *settings, size_t setting_count,
	      const struct experiment_options *options, struct planning *out, struct error *error)
{
	struct planner *planner = memory_array(1, sizeof(*planner), "plan", error);
	struct scenario scenario;
	size_t searches;
	bool ok;

	*out = (struct planning){ 0 };
	if (!planner)
		return false;
	if (!scenario_load(&scenario, file, settings, setting_count, stderr, error)) {
		free(planner);
		return false;
	}
	*planner = (struct planner){ file, settings, setting_count, scenario.plan,
				     NULL, options,  { 0 },         0 };
	ok = scenario.plan ? describe(out, &scenario, options, error)
			   : error_set(error, ERROR_INPUT,
				       "%s has no \"plan\": {\"vary\": \"/guests/0/count\", "
				       "\"between\": [1, 400], \"subject_to\": [...]} is needed",
				       file);
	searches = !scenario.plan                    ? 0
		   : scenario.plan->each.value_count ? scenario.plan->each.value_count
						     : 1;
	for (size_t a = 0; ok && a < searches; a++) {
		struct plan_answer *answer = &out->answers[out->answer_count++];

		if (scenario.plan->each.value_count) {
			planner->each_value = scenario.plan->each.values[a];
			answer->each = memory_text(planner->each_value, error);
			ok = answer->each != NULL;
		}
		ok = ok && seek(planner, answer, error);
		forget(planner);
	}
	forget(planner);
	free(planner);
	scenario_fini(&scenario);
	if (!ok)
		planning_fini(out);
	return ok;
}
