#include "explain/sensitivity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/progress.h"
#include "engine/stream.h"
#include "explain/variant.h"

enum { LEVELS = 4, PURPOSE_MORRIS = STREAM_PURPOSES_MAX - 2 };

struct morris {
	double sum, sizes, squares;
	uint64_t count;
};

static void place_all(struct variant *variant, const double *u)
{
	for (size_t i = 0; i < variant->price_count; i++) {
		const struct price *price = &variant->prices[i];

		variant_move(variant, price->guest, price->term, price_at(price, u[i]));
	}
}

/* An order of the terms, and a start on a level from which a step up or down stays inside. */
static bool draw_trajectory(size_t terms, uint64_t seed, uint64_t trajectory, double *u,
			    double *steps, size_t *order)
{
	const struct stream_name name = { .seed = seed,
					  .replication = STREAM_REPLICATIONS_MAX - 1,
					  .occurrence = (uint32_t)trajectory,
					  .purpose = PURPOSE_MORRIS };
	const double step = LEVELS / 2.0 / (LEVELS - 1);
	struct stream stream;

	if (!stream_begin(&stream, &name))
		return false;
	for (size_t i = 0; i < terms; i++) {
		double level = floor(stream_uniform(&stream) * LEVELS) / (LEVELS - 1);

		u[i] = level;
		steps[i] = level + step <= 1 + 1e-9 ? step : -step;
		order[i] = i;
	}
	for (size_t i = terms; i > 1; i--) {
		size_t other = (size_t)(stream_uniform(&stream) * (double)i), kept = order[i - 1];

		order[i - 1] = order[other];
		order[other] = kept;
	}
	return true;
}

static bool walk_trajectory(struct sensitivity *out, struct variant *variant,
			    struct morris *effects, double *u, const double *steps,
			    const size_t *order, struct error *error)
{
	struct maybe before, after;

	place_all(variant, u);
	if (!variant_answer(variant, &before, error))
		return false;
	out->runs++;
	for (size_t k = 0; k < out->row_count; k++, before = after) {
		size_t i = order[k];
		double effect;

		u[i] += steps[i];
		place_all(variant, u);
		if (!variant_answer(variant, &after, error))
			return false;
		out->runs++;
		if (!before.exists || !after.exists)
			continue;
		effect = (after.value - before.value) / steps[i];
		effects[i].sum += effect;
		effects[i].sizes += fabs(effect);
		effects[i].squares += effect * effect;
		effects[i].count++;
	}
	return true;
}

static bool screen(struct sensitivity *out, struct variant *variant, struct error *error)
{
	size_t terms = out->row_count;
	struct morris *effects = memory_array(terms, sizeof(*effects), "effects", error);
	double *u = memory_array(terms, sizeof(*u), "levels", error);
	double *steps = memory_array(terms, sizeof(*steps), "steps", error);
	size_t *order = memory_array(terms, sizeof(*order), "order", error);
	bool ok = effects && u && steps && order;

	for (uint64_t t = 0; ok && t < out->trajectories; t++) {
		ok = draw_trajectory(terms, variant->original->seed, t, u, steps, order) ||
		     error_set(error, ERROR_INTERNAL, "no stream for a trajectory");
		ok = ok && walk_trajectory(out, variant, effects, u, steps, order, error);
	}
	for (size_t i = 0; ok && i < terms; i++) {
		double n = (double)effects[i].count, mean = effects[i].sum / n;

		if (effects[i].count < 2)
			continue;
		out->rows[i].morris_mean = maybe_some(effects[i].sizes / n);
		out->rows[i].morris_spread =
			maybe_some(sqrt(fmax(0, (effects[i].squares - n * mean * mean) / (n - 1))));
	}
	free(effects);
	free(u);
	free(steps);
	free(order);
	return ok;
}

/* Every cost with a range that was charged, moved alone. */
static bool one_at_a_time(struct sensitivity *out, struct variant *variant, struct error *error)
{
	out->rows = memory_array(variant->price_count, sizeof(*out->rows), "terms", error);
	for (size_t i = 0; out->rows && i < variant->price_count; i++) {
		const struct price *price = &variant->prices[i];
		struct sensitivity_row *row = &out->rows[out->row_count++];

		row->term = memory_text(price->name, error);
		row->group = memory_text(price->group, error);
		row->source = memory_text(price->cost->source, error);
		row->status = term_status_names[price->cost->status];
		row->value = price->cost->law.mean_ns;
		row->low = price->cost->low_ns;
		row->high = price->cost->high_ns;
		row->morris_mean.reason = row->morris_spread.reason = "no screening";
		if (!row->term || !row->group || !row->source ||
		    !variant_ends(variant, price, &row->at_low, &row->at_high, error))
			return false;
		out->runs += 2;
	}
	return out->rows != NULL;
}

static int compare(const void *a, const void *b)
{
	double left = sensitivity_swing(a), right = sensitivity_swing(b);

	if (left != right)
		return left < right ? 1 : -1;
	return strcmp(((const struct sensitivity_row *)a)->term,
		      ((const struct sensitivity_row *)b)->term);
}

static bool describe(struct sensitivity *out, const struct experiment *run,
		     const struct experiment_options *options, struct error *error)
{
	const struct result *result = &run->result;
	const struct result_metric *metric;

	if (result->answer >= result->metric_count)
		return error_set(error, ERROR_INPUT,
				 "no operation ended within experiment.until: there is no answer "
				 "that could be sensitive");
	metric = &result->metrics[result->answer];
	out->scenario = memory_text(run->scenario.name, error);
	out->metric = memory_text(metric->name, error);
	out->group = memory_text(metric->group, error);
	out->version = memory_text(options->version, error);
	out->carried = scenario_carried_text(&run->scenario, error);
	if (options->commit)
		out->commit = memory_text(options->commit, error);
	if (run->scenario.platform.name)
		out->platform = memory_text(run->scenario.platform.name, error);
	out->seed = run->scenario.simulation.seed;
	out->unit = metric->unit;
	out->mean = metric->mean.value;
	return error->kind == ERROR_NONE;
}

static bool move_terms(struct sensitivity *out, const struct experiment *run,
		       const struct replicate_options *options, struct error *error)
{
	struct variant variant;
	bool ok = variant_init(&variant, &run->scenario.simulation, run->result.answer,
			       &run->replications, price_has_range, options, error);

	variant.expected = 2 * variant.price_count + out->trajectories * (variant.price_count + 1);
	progress_part(0, 1, "sensitivity");
	ok = ok && variant_begin(&variant, 0, error) && one_at_a_time(out, &variant, error) &&
	     (!out->trajectories || screen(out, &variant, error));

	out->replications = variant.count;
	variant_fini(&variant);
	if (ok)
		qsort(out->rows, out->row_count, sizeof(*out->rows), compare);
	return ok;
}

bool sensitivity_run(const struct scenario *scenario, uint64_t trajectories,
		     const struct experiment_options *options, struct sensitivity *out,
		     struct error *error)
{
	struct experiment run;
	bool ok;

	*out = (struct sensitivity){ .trajectories = trajectories };
	if (!experiment_run(&run, scenario, options, error))
		return false;
	ok = describe(out, &run, options, error) &&
	     move_terms(out, &run, &options->replicate, error);
	experiment_fini(&run);
	if (!ok)
		sensitivity_fini(out);
	return ok;
}
