#include "explain/explain.h"

#include "explain/explain_parts.h"

/* Events of a study that nobody waits for long, however short the experiment was. */
static const uint64_t study_events = 4000000;

/* The base, and all terms at both ends: without them there is nothing to say. */
enum { RUNS_LEAST = 3 };

static bool is_assumed(const struct cost *cost)
{
	return term_is_uncertain(cost->status);
}

static uint64_t budget_of(enum study study, uint64_t experiment_events)
{
	if (study == STUDY_NONE)
		return 0;
	if (study == STUDY_FULL)
		return UNBOUNDED;
	return experiment_events > study_events ? experiment_events : study_events;
}

/* What matters most comes first: the budget may end anywhere. */
static bool study(struct result *result, struct variant *variant,
		  const struct experiment_options *options, struct error *error)
{
	struct result_study *out = &result->study;
	uint64_t wanted = 1 + assumptions_runs(variant) + attribution_runs(result, variant) +
			  capacities_runs(result);
	bool ok;

	out->budget = variant->budget;
	if (!variant_affords(variant, RUNS_LEAST))
		variant->budget = wanted = 0;
	if ((wanted || options->uncertainty) && !variant_begin(variant, wanted, error))
		return false;
	ok = assumptions_together(result, variant, error) &&
	     capacities_fill(result, variant, error) && attribution_fill(result, variant, error) &&
	     assumptions_each(result, variant, error);
	out->events = variant->spent;
	if (wanted) {
		out->replications = variant->count;
		out->usual = variant->usual;
	}
	return ok && variant_note_failures(variant, result, error);
}

static bool explain(struct experiment *experiment, const struct experiment_options *options,
		    struct error *error)
{
	struct result *result = &experiment->result;
	struct result_uncertainty *band = &result->uncertainty;
	struct variant variant;
	bool ok;

	result->study.asked = options->study;
	result->answer_low.reason = result->answer_high.reason = "no term was moved";
	if (options->uncertainty)
		band->low.reason = band->median.reason = band->high.reason =
			"no assumed cost was charged";
	if (result->answer == SIZE_MAX)
		return true;
	ok = variant_init(&variant, &experiment->scenario.simulation, result->answer,
			  &experiment->replications, is_assumed, &options->replicate, error);
	variant.progress = options->study_progress;
	variant.progress_data = options->progress_data;
	variant.budget = budget_of(options->study, experiment->replications.events);
	ok = ok && study(result, &variant, options, error);
	variant.budget = UNBOUNDED; /* draws are asked for by their number */
	ok = ok && (!options->uncertainty ||
		    uncertainty_fill(result, &variant, options->uncertainty, error));
	variant_fini(&variant);
	return ok;
}

bool explain_run(const struct scenario *scenario, const struct experiment_options *options,
		 struct result *result, struct error *error)
{
	struct experiment experiment;

	*result = (struct result){ .answer = SIZE_MAX };
	if (!experiment_run(&experiment, scenario, options, error))
		return false;
	if (!experiment_describe(&experiment.result, &experiment.scenario, options, error) ||
	    !explain(&experiment, options, error)) {
		experiment_fini(&experiment);
		return false;
	}
	*result = experiment.result;
	replications_fini(&experiment.replications);
	return true;
}

static bool is_any(const struct cost *cost)
{
	(void)cost;
	return true;
}

bool explain_band(const struct scenario *scenario, const struct replications *replications,
		  size_t metric, uint64_t draws, const struct replicate_options *options,
		  struct result_uncertainty *band, struct error *error)
{
	struct variant variant;
	bool ok = variant_init(&variant, &scenario->simulation, metric, replications, is_any,
			       options, error) &&
		  variant_begin(&variant, 0, error);

	*band = (struct result_uncertainty){ 0 };
	band->low.reason = band->median.reason = band->high.reason = "no cost was charged";
	ok = ok && uncertainty_draw(band, &variant, draws, error);
	variant_fini(&variant);
	return ok;
}

bool explain_ends(const struct scenario *scenario, const struct replications *replications,
		  size_t metric, const struct replicate_options *options, struct maybe *low,
		  struct maybe *high, struct error *error)
{
	struct variant variant;
	bool ok = variant_init(&variant, &scenario->simulation, metric, replications, is_assumed,
			       options, error) &&
		  variant_begin(&variant, 0, error) &&
		  assumptions_ends(&variant, "", low, high, error);

	variant_fini(&variant);
	return ok;
}
