#include "explain/explain.h"

#include "explain/assumptions.h"
#include "explain/attribution.h"
#include "explain/uncertainty.h"

static bool explain(struct experiment *experiment, const struct experiment_options *options,
		    struct error *error)
{
	struct result *result = &experiment->result;
	const struct scenario *scenario = &experiment->scenario;
	const struct replications *replications = &experiment->replications;

	if (scenario->fleet) {
		result->not_studied = true;
		result->answer_low.reason = result->answer_high.reason =
			"assumptions were not studied";
		return true;
	}
	return assumptions_fill(result, scenario, replications, options, error) &&
	       attribution_fill(result, scenario, replications, &options->replicate, error) &&
	       (!options->uncertainty || uncertainty_fill(result, scenario, replications,
							  options->uncertainty, options, error));
}

bool explain_run(const struct scenario *scenario, const struct experiment_options *options,
		 struct result *result, struct error *error)
{
	struct experiment experiment;

	*result = (struct result){ .answer = SIZE_MAX };
	if (!experiment_run(&experiment, scenario, options, error))
		return false;
	if (!explain(&experiment, options, error)) {
		experiment_fini(&experiment);
		return false;
	}
	*result = experiment.result;
	replications_fini(&experiment.replications);
	return true;
}
