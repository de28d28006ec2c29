#include "decide/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/progress.h"
#include "decide/goal_seek.h"
#include "decide/plan_ends.h"
#include "decide/plan_journal.h"
#include "decide/plan_look.h"
#include "decide/plan_value.h"
#include "repeat/summary.h"
#include "report/text_tools.h"

/* Behind a value that does not meet: what the report says of it. */
struct beyond {
	bool known;
	int64_t value;
	struct plan_part parts[PLAN_PARTS_MOST];
	size_t part_count;
	char *failure;
};

/*
 * The value that is looked at, with its replications so far. One is kept: each is looked at until it
 * is decided and then never again, and that of a long trace has the simulations of all threads.
 */
struct visited {
	bool there, fresh;
	int64_t value;
	struct scenario scenario;
	struct replications replications;
};

struct planner {
	struct plan_values values;
	const struct plan_config *config;
	const struct plan_options *options;
	struct plan_journal *journal; /* or NULL */
	struct planning *planning;
	size_t search; /* its number */
	uint64_t seed; /* of the search; the next one is that of confirmations */
	struct visited visited;
	struct beyond beyond; /* of the last that did not meet */
};

/* --- replications at a value -------------------------------------------------------- */

static void forget(struct planner *planner)
{
	if (planner->visited.there) {
		replications_fini(&planner->visited.replications);
		scenario_fini(&planner->visited.scenario);
	}
	planner->visited = (struct visited){ 0 };
}

static struct visited *visit(struct planner *planner, int64_t value, bool fresh,
			     struct error *error)
{
	struct visited *at = &planner->visited;

	if (at->there && at->value == value && at->fresh == fresh)
		return at;
	forget(planner);
	/* fresh: numbers that no look has seen */
	if (!plan_value_load(&planner->values, value, fresh ? planner->seed + 1 : 0, &at->scenario,
			     error))
		return NULL;
	if (!replications_init(&at->replications, &at->scenario.simulation, NULL, error)) {
		scenario_fini(&at->scenario);
		return NULL;
	}
	at->there = true;
	at->value = value;
	at->fresh = fresh;
	for (size_t m = 0; m < at->replications.metric_count; m++)
		at->replications.metrics[m].limit = (size_t)1 << 40; /* every value is needed */
	return at;
}

/* --- its limits there ------------------------------------------------------------------ */

static void tell(struct planner *planner, int64_t value, bool fresh, uint64_t replications)
{
	const struct plan_progress now = { planner->planning, planner->search, value, fresh,
					   replications };

	if (planner->options->progress)
		planner->options->progress(&now, planner->options->progress_data);
}

static bool estimate(void *data, int64_t value, uint64_t effort, double alpha, bool fresh,
		     struct limit_bounds *bounds, struct error *error)
{
	struct planner *planner = data;
	const struct limit_look look = { alpha, planner->config->tolerance,
					 (size_t)planner->config->most, 0 };
	struct visited *at = visit(planner, value, fresh, error);

	if (!at)
		return false;
	tell(planner, value, fresh, at->replications.count);
	return replications_run(&at->replications, &at->scenario.simulation, effort,
				&planner->options->replicate, error) &&
	       plan_judge(planner->config, &at->replications, &look, bounds, error);
}

static bool known(void *data, double alpha, bool fresh, struct plan_point *point)
{
	const struct planner *planner = data;
	const struct plan_journal_key key = { planner->search, point->value, alpha, fresh };

	return planner->journal &&
	       plan_journal_find(planner->journal, &key, plan_limit_count(planner->config), point);
}

/* --- what is reported -------------------------------------------------------------------- */

static void beyond_fini(struct beyond *beyond)
{
	for (size_t i = 0; i < beyond->part_count; i++) {
		free(beyond->parts[i].step);
		free(beyond->parts[i].where);
	}
	free(beyond->failure);
	*beyond = (struct beyond){ 0 };
}

static bool describe_beyond(struct beyond *beyond, const struct result *result, const char *metric,
			    uint64_t replications, struct error *error)
{
	for (size_t i = 0; i < result->part_count && beyond->part_count < PLAN_PARTS_MOST; i++) {
		const struct result_part *part = &result->parts[i];
		struct plan_part *out = &beyond->parts[beyond->part_count];

		if (!metric_is(part->metric, part->group, metric, NULL))
			continue;
		out->share = part->share;
		out->step = memory_text(part->step, error);
		out->where = memory_text(part->where, error);
		beyond->part_count++;
	}
	for (size_t i = 0; i < result->failure_count && !beyond->failure; i++)
		if (!result->failures[i].recovered)
			beyond->failure = failure_text(&result->failures[i], replications, error);
	return error->kind == ERROR_NONE;
}

/* The largest steps of the binding latency at a value that does not meet, and why most fail. */
static bool look_beyond(struct planner *planner, const struct plan_point *point,
			struct error *error)
{
	const char *metric = planner->planning->limits[point->binding].metric;
	struct visited *at = visit(planner, point->value, false, error);
	struct result result = { .answer = SIZE_MAX };
	/* a look that was kept in a file has not run here */
	bool ok = at &&
		  replications_run(&at->replications, &at->scenario.simulation, point->replications,
				   &planner->options->replicate, error) &&
		  replications_summarize(&at->replications, &at->scenario, &result, error);

	beyond_fini(&planner->beyond);
	planner->beyond.known = true;
	planner->beyond.value = point->value;
	ok = ok &&
	     describe_beyond(&planner->beyond, &result, metric, at->replications.count, error);
	result_fini(&result);
	return ok;
}

static bool take_parts(struct planner *planner, struct plan_answer *answer, struct error *error)
{
	const struct plan_point *point = &answer->points[answer->next];
	struct beyond *beyond = &planner->beyond;

	if ((!beyond->known || beyond->value != point->value) &&
	    !look_beyond(planner, point, error))
		return false;
	memcpy(answer->parts, beyond->parts, sizeof(answer->parts));
	answer->part_count = beyond->part_count;
	answer->failure = beyond->failure;
	*beyond = (struct beyond){ 0 };
	return true;
}

static bool looked(void *data, double alpha, bool fresh, struct plan_point *point,
		   struct error *error)
{
	struct planner *planner = data;
	const struct plan_journal_key key = { planner->search, point->value, alpha, fresh };

	return plan_observe(planner->config, &planner->visited.replications, point->bounds,
			    error) &&
	       (point->verdict == LIMIT_MET || fresh || look_beyond(planner, point, error)) &&
	       (!planner->journal ||
		plan_journal_add(planner->journal, &key, plan_limit_count(planner->config), point,
				 error));
}

/* Whether the limits hold at the answer's value where prices are other. */
static bool look_at_ends(struct planner *planner, struct plan_answer *answer, struct error *error)
{
	struct limit_bounds **const bounds[] = { &answer->at_low, &answer->at_high };
	bool ok = true;

	forget(planner);
	for (int end = PRICES_LOW; ok && end <= PRICES_HIGH; end++) {
		struct scenario scenario;

		if (!plan_value_load(&planner->values, answer->value, 0, &scenario, error))
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
	const struct goal_source source = { planner, plan_limit_count(config), estimate, known,
					    looked };
	struct goal_options options = { .low = config->between.first,
					.high = config->between.last,
					.maximize = config->maximize,
					.first = (uint64_t)config->first,
					.most = (uint64_t)config->most,
					.alpha = config->alpha,
					.tolerance = config->tolerance };

	return plan_value_bracket(&planner->values, &options.low, &options.high, answer, error) &&
	       goal_seek(&source, &options, answer, error) &&
	       (!answer->found || look_at_ends(planner, answer, error)) &&
	       (answer->next == SIZE_MAX || take_parts(planner, answer, error));
}

static bool describe_limits(struct planning *out, const struct plan_config *config,
			    struct error *error)
{
	out->limits = memory_array(plan_limit_count(config), sizeof(*out->limits), "limits", error);
	if (!out->limits)
		return false;
	for (size_t i = 0; i < config->limit_count; i++) {
		const struct objective *from = &config->limits[i];
		struct limit *to = &out->limits[out->limit_count++];

		to->metric = memory_text(from->metric, error);
		to->group = from->group ? memory_text(from->group, error) : NULL;
		to->unit = from->unit;
		to->quantile = from->quantile;
		to->at_most = from->at_most;
		if (!to->metric || (from->group && !to->group))
			return false;
	}
	out->limits[out->limit_count] = (struct limit){
		.metric = memory_text(planning_failures, error), .unit = UNIT_COUNT, .quantile = 1
	};
	return out->limits[out->limit_count++].metric != NULL;
}

static bool describe(struct planning *out, const struct scenario *scenario,
		     const struct plan_options *options, struct error *error)
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
	out->between = config->between;
	out->maximize = config->maximize;
	out->alpha = config->alpha;
	out->tolerance = config->tolerance;
	out->most = (uint64_t)config->most;
	out->search_count = config->each.value_count ? config->each.value_count : 1;
	out->answers = memory_array(out->search_count, sizeof(*out->answers), "plans", error);
	return out->scenario && out->version && out->vary && out->answers &&
	       describe_limits(out, config, error);
}

/* What looks depend on. */
static struct plan_journal *open_journal(const struct scenario *scenario,
					 const struct plan_options *options, struct error *error)
{
	struct scenario_hashes hashes;
	char identity[256];

	if (!scenario_hash(scenario, &hashes, error))
		return NULL;
	snprintf(identity, sizeof(identity), "%s %s %s", hashes.document, hashes.costs,
		 options->version);
	return plan_journal_open(options->keep, identity, error);
}

static bool seek_all(struct planner *planner, struct planning *out, struct error *error)
{
	const struct variation *each = &planner->config->each;
	bool ok = true;

	for (size_t a = 0; ok && a < out->search_count; a++) {
		struct plan_answer *answer = &out->answers[out->answer_count++];

		planner->search = a;
		if (each->value_count) {
			planner->values.each_value = each->values[a];
			answer->each = memory_text(each->values[a], error);
			ok = answer->each != NULL;
		}
		ok = ok && seek(planner, answer, error);
		forget(planner);
		beyond_fini(&planner->beyond);
	}
	return ok;
}

/* Of a scenario that has a plan. */
static bool run_loaded(struct planner *planner, const struct scenario *scenario,
		       struct planning *out, struct error *error)
{
	bool ok = describe(out, scenario, planner->options, error);

	if (ok && planner->options->keep) {
		planner->journal = open_journal(scenario, planner->options, error);
		ok = planner->journal != NULL;
	}
	ok = ok && seek_all(planner, out, error);
	plan_journal_close(planner->journal);
	if (!ok)
		planning_fini(out);
	return ok;
}

bool plan_run(const char *file, const struct setting *settings, size_t setting_count,
	      const struct plan_options *options, struct planning *out, struct error *error)
{
	struct planner *planner;
	struct scenario scenario;
	bool ok = false;

	*out = (struct planning){ 0 };
	if (!scenario_load(&scenario, file, settings, setting_count, stderr, error))
		return false;
	planner = memory_array(1, sizeof(*planner), "plan", error);
	if (planner && scenario.plan) {
		*planner = (struct planner){ .values = { file, settings, setting_count,
							 scenario.plan, NULL },
					     .config = scenario.plan,
					     .options = options,
					     .planning = out,
					     .seed = scenario.simulation.seed };
		ok = run_loaded(planner, &scenario, out, error);
	} else if (planner) {
		error_set(
			error, ERROR_INPUT,
			"%s has no \"plan\": {\"vary\": \"/guests/0/count\", \"between\": [1, "
			"400], \"subject_to\": [...]} is needed; or --vary and --between, with the "
			"limits that are its objectives",
			file);
	}
	free(planner);
	scenario_fini(&scenario);
	return ok;
}
