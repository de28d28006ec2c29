#include "explain/explain.h"

#include "base/progress.h"
#include "explain/explain_parts.h"
#include "repeat/summary.h"

/* Events of a study that nobody waits for long, however short the experiment was. */
static const uint64_t study_events = 4000000;

/* The base, and all terms at both ends: without them there is nothing to say. */
enum { RUNS_LEAST = 3 };

enum { DRAWS_USUAL = 100, DRAWS_FULL = 200 };

uint64_t study_budget(enum study study, uint64_t experiment_events)
{
	if (study == STUDY_NONE)
		return 0;
	if (study == STUDY_FULL)
		return UNBOUNDED;
	return experiment_events > study_events ? experiment_events : study_events;
}

/* Half of what is left may be for the band, or all when that alone pays for the least. */
uint64_t study_draws(const struct variant *variant, enum study asked)
{
	uint64_t usual = asked == STUDY_FULL ? DRAWS_FULL : DRAWS_USUAL;
	uint64_t paid = variant_affordable(variant);

	if (asked == STUDY_NONE || paid < DRAWS_LEAST)
		return 0;
	if (paid / 2 < DRAWS_LEAST)
		return DRAWS_LEAST;
	return paid / 2 < usual ? paid / 2 : usual;
}

/* What is asked for by its number is not bounded. */
static bool draw_unbounded(struct result *result, struct variant *variant, uint64_t draws,
			   struct error *error)
{
	uint64_t budget = variant->budget, spent = variant->spent;
	bool ok;

	variant->budget = UNBOUNDED;
	ok = uncertainty_of(result, variant, draws, error);
	variant->budget = budget;
	variant->spent = spent;
	return ok;
}

/* Draws that turn out dearer than they were reckoned take no more than their half of the budget. */
static bool draw_bounded(struct result *result, struct variant *variant, uint64_t draws,
			 struct error *error)
{
	uint64_t budget = variant->budget;
	bool ok;

	variant->wanted += draws;
	if (budget != UNBOUNDED && variant_affordable(variant) / 2 >= draws)
		variant->budget = variant->spent + (budget - variant->spent) / 2;
	ok = uncertainty_of(result, variant, draws, error);
	variant->budget = budget;
	return ok;
}

static bool find_band(struct result *result, struct variant *variant,
		      const struct experiment_options *options, struct error *error)
{
	uint64_t draws = study_draws(variant, options->study);

	if (options->uncertainty)
		return draw_unbounded(result, variant, options->uncertainty, error);
	if (draws && !draw_bounded(result, variant, draws, error))
		return false;
	if (result->uncertainty.by == BAND_OF_NOTHING && options->study != STUDY_NONE)
		uncertainty_ends(&result->uncertainty, variant->price_count, result->answer_low,
				 result->answer_high);
	return true;
}

static bool find_rest(struct result *result, struct variant *variant, struct error *error)
{
	return result->study.asked == STUDY_BAND || (capacities_fill(result, variant, error) &&
						     attribution_fill(result, variant, error) &&
						     assumptions_each(result, variant, error));
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
	variant->expected = wanted + (options->uncertainty ? options->uncertainty
							   : study_draws(variant, options->study));
	ok = assumptions_together(result, variant, error) &&
	     find_band(result, variant, options, error) && find_rest(result, variant, error);
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
	result->study.draws_asked = options->uncertainty;
	result->answer_low.reason = result->answer_high.reason = "no term was moved";
	band->low.reason = band->median.reason = band->high.reason =
		options->study == STUDY_NONE ? "prices were not moved" : "no price has a range";
	if (result->answer == SIZE_MAX)
		return true;
	ok = variant_init(&variant, &experiment->scenario.simulation, result->answer,
			  &experiment->replications, price_has_range, &options->replicate, error);
	progress_part(0, 1, "prices and steps");
	variant.budget = study_budget(options->study, experiment->replications.events);
	ok = ok && study(result, &variant, options, error);
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
	    !explain(&experiment, options, error) ||
	    !replications_keep(&experiment.replications, &experiment.result, error)) {
		experiment_fini(&experiment);
		return false;
	}
	*result = experiment.result;
	replications_fini(&experiment.replications);
	return true;
}

bool explain_band(const struct scenario *scenario, const struct replications *replications,
		  size_t metric, uint64_t draws, const struct replicate_options *options,
		  struct result_uncertainty *band, struct error *error)
{
	struct variant variant;
	bool ok = variant_init(&variant, &scenario->simulation, metric, replications,
			       price_has_range, options, error) &&
		  variant_begin(&variant, 0, error);

	*band = (struct result_uncertainty){ 0 };
	band->low.reason = band->median.reason = band->high.reason = "no price has a range";
	ok = ok && uncertainty_draw(band, &variant, draws, error);
	variant_fini(&variant);
	return ok;
}
