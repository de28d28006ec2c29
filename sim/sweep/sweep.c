#include "sweep/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sha256.h>

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/progress.h"
#include "base/quantity.h"
#include "document/json.h"
#include "document/library.h"
#include "engine/stream.h"
#include "explain/explain.h"
#include "repeat/experiment.h"

enum { PURPOSE_POINTS = STREAM_PURPOSES_MAX - 3, POINTS_MOST = 10000000, SETTINGS_MOST = 64 };

/* --- points --------------------------------------------------------------------- */

/* "4GiB..64GiB", "10..200" or "0.1..0.9": the value at u in [0, 1). */
static bool between(const char *range, double u, char *text, size_t size, struct error *error)
{
	const char *dots = strstr(range, "..");
	struct error ignored = { 0 };
	char low_text[128], *end;
	double low, high;

	if (!dots || (size_t)(dots - range) >= sizeof(low_text))
		return error_set(error, ERROR_INPUT,
				 "\"%.60s\" is no range LOW..HIGH, as samples need", range);
	snprintf(low_text, sizeof(low_text), "%.*s", (int)(dots - range), range);
	if (quantity_read(low_text, QUANTITY_BYTES, &low, &ignored) &&
	    quantity_read(dots + 2, QUANTITY_BYTES, &high, &ignored)) {
		/* whole pages: a memory size may have to be a multiple of 4 KiB */
		snprintf(text, size, "%lldKiB",
			 (long long)floor((low + u * (high - low)) / 4096) * 4);
		return true;
	}
	if (quantity_read(low_text, QUANTITY_DURATION, &low, &ignored) &&
	    quantity_read(dots + 2, QUANTITY_DURATION, &high, &ignored)) {
		snprintf(text, size, "%lldns", (long long)llround(low + u * (high - low)));
		return true;
	}
	low = strtod(low_text, &end);
	if (*end || end == low_text)
		return error_set(error, ERROR_INPUT, "\"%.60s\" is no range", range);
	high = strtod(dots + 2, &end);
	if (*end || end == dots + 2)
		return error_set(error, ERROR_INPUT, "\"%.60s\" is no range", range);
	if (!strpbrk(low_text, ".e") && !strpbrk(dots + 2, ".e"))
		snprintf(text, size, "%lld", (long long)floor(low + u * (high - low + 1)));
	else
		snprintf(text, size, "%.9g", low + u * (high - low));
	return true;
}

/* One stratum of a variation for each point, in an order of its own. */
static bool draw_strata(const struct sweep *sweep, size_t v, double *u, struct error *error)
{
	const struct stream_name name = { .seed = sweep->plan->seed,
					  .replication = STREAM_REPLICATIONS_MAX - 1,
					  .entity = (uint32_t)v,
					  .purpose = PURPOSE_POINTS };
	struct stream stream;

	if (!stream_begin(&stream, &name))
		return error_set(error, ERROR_INTERNAL, "no stream for points");
	stream_strata(&stream, u, sweep->point_count);
	return true;
}

/* The values of a variation at all points; u: place to draw them. */
static bool take_values(struct sweep *sweep, size_t v, double *u, struct error *error)
{
	const struct sweep_plan *plan = sweep->plan;

	if (plan->samples && !draw_strata(sweep, v, u, error))
		return false;
	for (size_t p = 0; p < sweep->point_count; p++) {
		char **value = &sweep->values[p * plan->variation_count + v], drawn[64];

		if (plan->samples &&
		    !between(plan->variations[v].values[0], u[p], drawn, sizeof(drawn), error))
			return false;
		*value = memory_text(plan->samples ? drawn
						   : variation_value(plan->variations,
								     plan->variation_count, p, v),
				     error);
		if (!*value)
			return false;
	}
	return true;
}

static bool take_points(struct sweep *sweep, struct error *error)
{
	double *u = memory_array(sweep->point_count, sizeof(*u), "points", error);
	bool ok = u != NULL;

	for (size_t v = 0; ok && v < sweep->plan->variation_count; v++)
		ok = take_values(sweep, v, u, error);
	free(u);
	return ok;
}

const char *sweep_value(const struct sweep *sweep, size_t point, size_t variation)
{
	return sweep->values[point * sweep->plan->variation_count + variation];
}

/* The scenario at a point: the settings of all, then the point's own. */
static bool load_point(const struct sweep *sweep, struct library *library, size_t point,
		       struct scenario *scenario, struct error *error)
{
	const struct sweep_plan *plan = sweep->plan;
	struct setting settings[SETTINGS_MOST];
	size_t count = 0;

	if (plan->setting_count + plan->variation_count > SETTINGS_MOST)
		return error_set(error, ERROR_INPUT, "more than %d settings", SETTINGS_MOST);
	for (; count < plan->setting_count; count++)
		settings[count] = plan->settings[count];
	for (size_t v = 0; v < plan->variation_count; v++)
		settings[count++] =
			(struct setting){ plan->variations[v].pointer, sweep_value(sweep, point, v),
					  plan->variations[v].of_file ? plan->file : NULL };
	return scenario_load_by(scenario, library, plan->file, settings, count, error);
}

/* What payloads depend on at a point, and the files of its scenario. */
static bool add_point(struct sweep *sweep, size_t point, SHA2_CTX *context, json_t *carried,
		      struct error *error)
{
	struct scenario_hashes hashes;
	struct scenario scenario;
	bool ok;

	if (!load_point(sweep, sweep->library, point, &scenario, error))
		return false;
	ok = scenario_hash(&scenario, &hashes, error) &&
	     scenario_carry_files(&scenario, carried, error);
	scenario_fini(&scenario);
	if (!ok)
		return false;
	SHA256Update(context, (const unsigned char *)hashes.document, 64);
	SHA256Update(context, (const unsigned char *)hashes.costs, 64);
	return true;
}

/* The scenario without a point's own settings, with the prices of the first; NULL: an error. */
static json_t *carry_first(struct sweep *sweep, struct error *error)
{
	const struct sweep_plan *plan = sweep->plan;
	json_t *carried = NULL, *with_prices = NULL;
	struct scenario plain;
	char *text = NULL, *priced = NULL;

	if (!scenario_load_by(&plain, sweep->library, plan->file, plan->settings,
			      plan->setting_count, error))
		return NULL;
	text = scenario_carried_text(&plain, error);
	priced = scenario_carried_text(&sweep->first, error);
	if (text && priced) {
		carried = json_loads(text, 0, NULL);
		with_prices = json_loads(priced, 0, NULL);
		if (!carried || !with_prices ||
		    json_object_set(carried, "costs", json_object_get(with_prices, "costs")) != 0)
			error_memory(error, "scenario");
	}
	json_decref(with_prices);
	free(text);
	free(priced);
	scenario_fini(&plain);
	if (error->kind == ERROR_NONE)
		return carried;
	json_decref(carried);
	return NULL;
}

/* All that payloads depend on: the scenario at every point, costs, and the program. */
static bool check_points(struct sweep *sweep, const char *version, struct error *error)
{
	json_t *carried;
	SHA2_CTX context;

	sweep->library = memory_array(1, sizeof(*sweep->library), "library", error);
	if (!sweep->library || !load_point(sweep, sweep->library, 0, &sweep->first, error))
		return false;
	sweep->name = memory_text(sweep->first.name, error);
	sweep->scenario_seed = sweep->first.simulation.seed;
	carried = sweep->name ? carry_first(sweep, error) : NULL;
	if (!carried)
		return false;
	SHA256Init(&context);
	SHA256Update(&context, (const unsigned char *)version, strlen(version));
	SHA256Update(&context, (const unsigned char *)(sweep->plan->band ? "band" : "none"), 4);
	for (size_t p = 0; error->kind == ERROR_NONE && p < sweep->point_count; p++) {
		progress_show((double)p / (double)sweep->point_count, "checking point %zu of %zu",
			      p + 1, sweep->point_count);
		if (interrupted)
			error_set(error, ERROR_INTERRUPTED, "interrupted");
		else
			add_point(sweep, p, &context, carried, error);
	}
	SHA256End(&context, sweep->identity);
	if (error->kind == ERROR_NONE) {
		sweep->carried = json_dumps(carried, JSON_COMPACT | JSON_REAL_PRECISION(17));
		if (!sweep->carried)
			error_memory(error, "scenario");
	}
	json_decref(carried);
	return error->kind == ERROR_NONE;
}

bool sweep_init(struct sweep *sweep, const struct sweep_plan *plan, const char *version,
		struct error *error)
{
	bool ok;

	*sweep = (struct sweep){ .plan = plan };
	sweep->point_count = plan->samples
				     ? (size_t)plan->samples
				     : variation_points(plan->variations, plan->variation_count);
	if (sweep->point_count > POINTS_MOST)
		return error_set(error, ERROR_INPUT, "more than %d points", POINTS_MOST);
	sweep->values = memory_array(sweep->point_count * plan->variation_count + 1,
				     sizeof(*sweep->values), "points", error);
	ok = sweep->values && take_points(sweep, error) && check_points(sweep, version, error);
	if (!ok)
		sweep_fini(sweep);
	return ok;
}

void sweep_fini(struct sweep *sweep)
{
	for (size_t i = 0; sweep->values && i < sweep->point_count * sweep->plan->variation_count;
	     i++)
		free(sweep->values[i]);
	free(sweep->values);
	free(sweep->name);
	free(sweep->carried);
	scenario_fini(&sweep->first);
	if (sweep->library)
		library_fini(sweep->library);
	free(sweep->library);
	*sweep = (struct sweep){ 0 };
}

/* --- one point -------------------------------------------------------------------- */

/* Times are mostly whole, and whole numbers are text in a tenth of the time. */
static json_t *maybe(struct maybe value)
{
	if (!value.exists || !isfinite(value.value))
		return json_null();
	if (fabs(value.value) < 0x1p53 && value.value == floor(value.value))
		return json_integer((json_int_t)value.value);
	return json_real(value.value);
}

/* The band of the answer's mean, with the means of all prices at an end where draws are too dear. */
static bool find_band(const struct experiment *experiment, bool wanted, const volatile bool *stop,
		      struct result_uncertainty *band, struct error *error)
{
	const struct replicate_options options = { .threads = 1, .stop = stop };
	struct explain_design design = { .scenario = &experiment->scenario,
					 .replications = &experiment->replications,
					 .metric = experiment->result.answer };

	*band = (struct result_uncertainty){ 0 };
	if (!wanted || design.metric == SIZE_MAX)
		return true;
	if (!explain_designs(&design, 1, 0, &options, error))
		return false;
	*band = design.band;
	return true;
}

static json_t *payload_of(const struct result *result, const struct result_uncertainty *band,
			  json_t *prices)
{
	json_t *metrics = json_array();

	for (size_t m = 0; m < result->metric_count; m++) {
		const struct result_metric *metric = &result->metrics[m];
		bool answer = m == result->answer;

		if (!metric->n)
			continue;
		metrics = list_with(
			metrics,
			json_pack("[s, s, s, I, o, o, o, o, o, o, o, o, o, o]", metric->name,
				  metric->group, unit_names[metric->unit], (json_int_t)metric->n,
				  maybe(metric->mean), maybe(metric->ci_low),
				  maybe(metric->ci_high), maybe(metric->min), maybe(metric->p50),
				  maybe(metric->p90), maybe(metric->p99), maybe(metric->max),
				  answer ? maybe(band->low) : json_null(),
				  answer ? maybe(band->high) : json_null()));
	}
	return json_pack("{s:I, s:o, s:I, s:o}", "replications", (json_int_t)result->replications,
			 "metrics", metrics, "draws", (json_int_t)band->draws, "prices", prices);
}

/* An error of a run does not say at which point. */
static void tell_point(const struct sweep *sweep, size_t point, struct error *error)
{
	struct error inner = *error;
	char where[256];
	size_t used = 0;

	for (size_t v = 0; v < sweep->plan->variation_count && used < sizeof(where) - 1; v++)
		used += (size_t)snprintf(where + used, sizeof(where) - used, "%s%s=%s",
					 v ? ", " : "", sweep->plan->variations[v].pointer,
					 sweep_value(sweep, point, v));
	*error = (struct error){ 0 };
	error_set(error, inner.kind, "point %zu (%s): %s", point, where, inner.message);
}

/* Takes the prices over. */
static json_t *payload_with_band(const struct experiment *experiment, bool band, json_t *prices,
				 const volatile bool *stop, struct error *error)
{
	struct result_uncertainty found;
	json_t *payload;

	if (!find_band(experiment, band, stop, &found, error)) {
		json_decref(prices);
		return NULL;
	}
	payload = payload_of(&experiment->result, &found, prices);
	if (!payload)
		error_memory(error, "payload");
	return payload;
}

json_t *sweep_payload(const struct scenario *scenario, bool band, const volatile bool *stop,
		      struct error *error)
{
	const struct experiment_options options = { .replicate = { .threads = 1, .stop = stop },
						    .version = "" };
	struct experiment experiment;
	json_t *payload;

	if (!experiment_run(&experiment, scenario, &options, error))
		return NULL;
	payload = payload_with_band(&experiment, band, json_object(), stop, error);
	experiment_fini(&experiment);
	return payload;
}

/* What its simulation has adopted must exist until it has adopted the next: two take turns. */
struct bench {
	struct crew *crew;
	struct library library;
	struct scenario scenarios[2];
	struct experiment experiments[2];
	bool loaded[2];
	int turn;
};

struct bench *bench_new(struct error *error)
{
	struct bench *bench = memory_array(1, sizeof(*bench), "sweep", error);

	if (bench)
		bench->crew = crew_new(error);
	if (bench && bench->crew)
		return bench;
	free(bench);
	return NULL;
}

static void unload(struct bench *bench, int turn)
{
	if (bench->loaded[turn])
		scenario_fini(&bench->scenarios[turn]);
	bench->loaded[turn] = false;
}

void bench_free(struct bench *bench)
{
	if (!bench)
		return;
	crew_free(bench->crew);
	unload(bench, 0);
	unload(bench, 1);
	library_fini(&bench->library);
	free(bench);
}

json_t *sweep_compute(const struct sweep *sweep, struct bench *bench, size_t point,
		      const volatile bool *stop, struct error *error)
{
	const struct experiment_options options = {
		.replicate = { .threads = 1, .stop = stop, .crew = bench->crew }, .version = ""
	};
	int turn = bench->turn;
	struct experiment *experiment = &bench->experiments[turn];
	json_t *payload;

	unload(bench, turn);
	if (!load_point(sweep, &bench->library, point, &bench->scenarios[turn], error))
		return NULL;
	bench->loaded[turn] = true;
	bench->turn = !turn;
	if (experiment_run(experiment, &bench->scenarios[turn], &options, error)) {
		payload = payload_with_band(
			experiment, sweep->plan->band,
			scenario_price_changes(&sweep->first, &bench->scenarios[turn]), stop,
			error);
		experiment_fini(experiment);
		if (!payload && error->kind != ERROR_INTERRUPTED)
			tell_point(sweep, point, error);
		return payload;
	}
	crew_free(bench->crew); /* nobody knows which of the two it had adopted */
	bench->crew = NULL;
	if (error->kind != ERROR_INTERRUPTED)
		tell_point(sweep, point, error);
	return NULL;
}
