#include "repeat/experiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/progress.h"
#include "repeat/answer.h"
#include "repeat/notes.h"
#include "repeat/stopping.h"
#include "repeat/summary.h"
#include "repeat/warm_up.h"

/* --- how many replications ------------------------------------------------- */

/* How far it is: `wanted` replications, or (0) as many as make the mean as sure as `precision`. */
static void show_progress(const struct replications *replications, double reached, uint64_t wanted,
			  double precision)
{
	unsigned long long count = (unsigned long long)replications->count;
	double limit = precision / (1 + precision), share = NAN;

	if (wanted)
		share = (double)count / (double)wanted;
	else if (isfinite(reached) && reached > limit) /* widths go with the root of the number */
		share = fmax(pow(limit / reached, 2), (double)count / MOST_REPLICATIONS);
	if (!isfinite(reached))
		progress_show(share, "%llu replications", count);
	else if (wanted)
		progress_show(share, "%llu of %llu replications, mean known to %.2g %%", count,
			      (unsigned long long)wanted, 100 * reached);
	else
		progress_show(share, "%llu replications, mean known to %.2g %% (wanted: %.2g %%)",
			      count, 100 * reached, 100 * limit);
}

static bool replicate_fixed(const struct scenario *scenario,
			    const struct experiment_options *options,
			    struct replications *replications, struct error *error)
{
	uint64_t wanted = (uint64_t)scenario->experiment.replications;

	while (replications->count < wanted) {
		uint64_t done = replications->count, left = wanted - done;
		uint64_t chunk = !progress_is_shown() ? left : done / 4 < 256 ? 256 : done / 4;
		size_t answer;

		if (!replications_run(replications, &scenario->simulation,
				      done + (left < chunk ? left : chunk), &options->replicate,
				      error))
			return false;
		if (!progress_is_shown())
			continue;
		answer = answer_of(replications);
		show_progress(replications,
			      answer == SIZE_MAX
				      ? INFINITY
				      : relative_half_width(&replications->metrics[answer], 0.95),
			      wanted, 0);
	}
	return true;
}

static bool replicate_until_sure(const struct scenario *scenario,
				 const struct experiment_options *options,
				 struct replications *replications, char *text, size_t size,
				 struct error *error)
{
	double precision = scenario->experiment.precision, reached = INFINITY;
	const char *what =
		scenario->experiment.metric_count ? "every requested mean" : "the answer's mean";
	bool judged = scenario->objective_count > 0;
	uint64_t look = FIRST_LOOK;
	int looks = 1;

	for (;; look *= 2, looks++) {
		bool sure;

		if (!replications_run(replications, &scenario->simulation, look,
				      &options->replicate, error))
			return false;
		if (!stopping_sure(scenario, replications, &reached, &sure, error))
			return false;
		show_progress(replications, reached, 0, precision);
		if (sure || look >= MOST_REPLICATIONS)
			break;
	}
	if (!isfinite(reached) && answer_of(replications) == SIZE_MAX)
		snprintf(text, size, "automatic: nothing to be sure of was observed");
	else if (look < MOST_REPLICATIONS || reached <= precision / (1 + precision))
		snprintf(text, size,
			 "automatic: %s is known to %g, %sthe answer's p99 has an interval%s; "
			 "%d look%s",
			 what, precision, judged ? "" : "and ",
			 judged ? ", and objectives are judged" : "", looks, looks == 1 ? "" : "s");
	else
		snprintf(text, size,
			 "automatic: stopped at the cap of %d replications after %d looks; "
			 "relative half-width of %s %.3g, wanted %.3g",
			 MOST_REPLICATIONS, looks, what, reached, precision / (1 + precision));
	return true;
}

static bool replicate(const struct scenario *scenario, const struct experiment_options *options,
		      struct replications *replications, char **stopping, struct error *error)
{
	char text[256];

	if (replications->count == 0 &&
	    !replications_run(replications, &scenario->simulation, 1, &options->replicate, error))
		return false;
	if (!replications->random) {
		snprintf(text, sizeof(text),
			 "deterministic: no random number was drawn, one replication is exact");
	} else if (!scenario->experiment.replications && scenario->fleet) {
		snprintf(text, sizeof(text),
			 "a trace: one replication; --replications N gives intervals");
	} else if (scenario->experiment.replications) {
		snprintf(text, sizeof(text), "as many replications as asked for");
		if (!replicate_fixed(scenario, options, replications, error))
			return false;
	} else if (!replicate_until_sure(scenario, options, replications, text, sizeof(text),
					 error)) {
		return false;
	}
	*stopping = memory_text(text, error);
	return *stopping != NULL;
}

/* --- the whole --------------------------------------------------------------- */

bool experiment_describe(struct result *result, const struct scenario *scenario,
			 const struct experiment_options *options, struct error *error)
{
	struct scenario_hashes hashes;

	if (!scenario_hash(scenario, &hashes, error))
		return false;
	result->scenario = memory_text(scenario->name, error);
	result->file = memory_text(scenario->file, error);
	result->carried = scenario_carried_text(scenario, error);
	if (scenario->platform.name) {
		result->platform = memory_text(scenario->platform.name, error);
		if (!result->platform)
			return false;
	}
	result->version = memory_text(options->version, error);
	if (options->commit) {
		result->commit = memory_text(options->commit, error);
		if (!result->commit)
			return false;
	}
	result->scenario_sha256 = memory_text(hashes.document, error);
	result->costs_sha256 = memory_text(hashes.costs, error);
	result->seed = scenario->simulation.seed;
	result->exact_pages = scenario->simulation.exact_pages;
	result->warm_up_ns = scenario->simulation.record_from_ns;
	return result->scenario && result->file && result->carried && result->version &&
	       result->scenario_sha256 && result->costs_sha256;
}

bool experiment_run(struct experiment *experiment, const struct scenario *scenario,
		    const struct experiment_options *options, struct error *error)
{
	struct scenario *own = &experiment->scenario;
	struct replications *replications = &experiment->replications;
	struct result *result = &experiment->result;
	bool ok;

	*experiment = (struct experiment){ .scenario = *scenario, .result.answer = SIZE_MAX };
	if (!warm_up_find(own, &options->replicate, error) ||
	    !replications_init(replications, &own->simulation, options->replicate.crew, error))
		return false;
	ok = replicate(own, options, replications, &result->stopping, error) &&
	     replications_summarize(replications, own, result, error) &&
	     notes_fill(result, own, replications, error);
	if (!ok)
		experiment_fini(experiment);
	return ok;
}

void experiment_fini(struct experiment *experiment)
{
	replications_fini(&experiment->replications);
	result_fini(&experiment->result);
}
