#include "explain/explain.h"

#include "explain/explain_parts.h"

static bool is_assumed(const struct cost *cost)
{
	return term_is_uncertain(cost->status);
}

static bool explain(struct experiment *experiment, const struct experiment_options *options,
		    struct error *error)
{
	struct result *result = &experiment->result;
	struct result_uncertainty *band = &result->uncertainty;
	struct variant variant;
	bool ok;

	if (experiment->scenario.fleet) {
		result->not_studied = true;
		result->answer_low.reason = result->answer_high.reason =
			"assumptions were not studied";
		return true;
	}
	result->answer_low.reason = result->answer_high.reason = "no term was moved";
	if (options->uncertainty)
		band->low.reason = band->median.reason = band->high.reason =
			"no assumed cost was charged";
	if (result->answer == SIZE_MAX)
		return true;
	ok = variant_init(&variant, &experiment->scenario.simulation, result->answer,
			  &experiment->replications, is_assumed, &options->replicate, error) &&
	     assumptions_fill(result, &variant, error) &&
	     attribution_fill(result, &variant, error) &&
	     (!options->uncertainty ||
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

bool explain_ends(const struct scenario *scenario, const struct replications *replications,
		  size_t metric, const struct replicate_options *options, struct maybe *low,
		  struct maybe *high, struct error *error)
{
	struct variant variant;
	bool ok = variant_init(&variant, &scenario->simulation, metric, replications, is_assumed,
			       options, error) &&
		  assumptions_ends(&variant, "", low, high, error);

	variant_fini(&variant);
	return ok;
}
