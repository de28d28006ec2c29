#include "experiment/experiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "experiment/assumptions.h"
#include "experiment/fill.h"

enum { FIRST_LOOK = 32, MOST_REPLICATIONS = 65536 };

/* All observations are kept, 8 bytes each. */
static const size_t most_observations = (size_t)1 << 26;

static const char *const answer_names[] = { "reboot.latency", "start.latency",  "shutdown.latency",
					    "update.latency", "relock.latency", NULL };

size_t experiment_answer(const struct replications *replications)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(replications->names, &count);

	for (int i = 0; answer_names[i]; i++)
		for (size_t m = 0; m < count; m++)
			if (strcmp(metrics[m].name, answer_names[i]) == 0 &&
			    replications->metrics[m].count)
				return m;
	return SIZE_MAX;
}

/* --- how many replications ------------------------------------------------- */

static double relative_half_width(const struct observations *observations)
{
	struct interval interval = mean_interval(observations);
	double mean = mean_of(observations);

	if (!interval.exists || mean == 0)
		return interval.exists && interval.high == interval.low ? 0 : INFINITY;
	return (interval.high - interval.low) / 2 / fabs(mean);
}

/* True when every quantile that an objective asks for has the observations it needs. */
static bool objectives_judgeable(const struct scenario *scenario,
				 const struct replications *replications)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(replications->names, &count);

	for (size_t i = 0; i < scenario->objective_count; i++) {
		const struct objective *objective = &scenario->objectives[i];
		size_t needed;

		if (objective->quantile < 0 || objective->quantile >= 1)
			continue; /* no number of observations is enough for the largest possible */
		needed = quantile_least_count(objective->quantile);
		for (size_t m = 0; m < count; m++)
			if (strcmp(metrics[m].name, objective->metric) == 0 &&
			    (!objective->group ||
			     strcmp(metrics[m].group, objective->group) == 0) &&
			    replications->metrics[m].count &&
			    replications->metrics[m].count < needed)
				return false;
	}
	return true;
}

/*
 * The precision is of the truth: stop when half-width / |mean| <= g / (1 + g) (Law,
 * section 9.4.1). Looking at 32, 64, 128 ... costs a little coverage, not much.
 */
static bool sure_enough(const struct scenario *scenario, const struct replications *replications,
			double *reached)
{
	double precision = scenario->experiment.precision;
	size_t answer = experiment_answer(replications);

	if (answer == SIZE_MAX)
		return true;
	*reached = relative_half_width(&replications->metrics[answer]);
	return *reached <= precision / (1 + precision) &&
	       replications->metrics[answer].count >= quantile_least_count(0.99) &&
	       objectives_judgeable(scenario, replications);
}

static size_t observations_kept(const struct replications *replications)
{
	size_t count = 0;

	for (size_t m = 0; m < replications->metric_count; m++)
		count += replications->metrics[m].count;
	return count;
}

static void report_progress(const struct experiment_options *options,
			    const struct replications *replications, double reached)
{
	if (options->progress)
		options->progress(replications->count, reached, options->progress_data);
}

static bool replicate_fixed(const struct scenario *scenario,
			    const struct experiment_options *options,
			    struct replications *replications, struct error *error)
{
	uint64_t wanted = (uint64_t)scenario->experiment.replications;

	while (replications->count < wanted) {
		uint64_t done = replications->count, left = wanted - done;
		uint64_t chunk = done / 4 < 256 ? 256 : done / 4;
		size_t answer;

		if (!replications_run(replications, &scenario->simulation,
				      done + (left < chunk ? left : chunk), &options->replicate,
				      error))
			return false;
		answer = experiment_answer(replications);
		if (options->progress)
			report_progress(
				options, replications,
				answer == SIZE_MAX
					? INFINITY
					: relative_half_width(&replications->metrics[answer]));
	}
	return true;
}

static bool replicate_until_sure(const struct scenario *scenario,
				 const struct experiment_options *options,
				 struct replications *replications, char *text, size_t size,
				 struct error *error)
{
	double precision = scenario->experiment.precision, reached = INFINITY;
	uint64_t look = FIRST_LOOK;
	bool sure;

	for (;; look *= 2) {
		if (!replications_run(replications, &scenario->simulation, look,
				      &options->replicate, error))
			return false;
		sure = sure_enough(scenario, replications, &reached);
		report_progress(options, replications, reached);
		if (sure) {
			if (isfinite(reached))
				snprintf(text, size,
					 "automatic: the answer's mean is known to %g, "
					 "and its p99 has an interval",
					 precision);
			else
				snprintf(text, size,
					 "automatic: nothing to be sure of was observed");
			return true;
		}
		if (look >= MOST_REPLICATIONS ||
		    observations_kept(replications) > most_observations / 2)
			break;
	}
	snprintf(text, size,
		 "automatic: stopped at the cap of %s; relative half-width of the "
		 "answer's mean %.3g, wanted %.3g",
		 look >= MOST_REPLICATIONS ? "65536 replications" : "observations kept in memory",
		 reached, precision / (1 + precision));
	return true;
}

static bool replicate(const struct scenario *scenario, const struct experiment_options *options,
		      struct replications *replications, char **stopping, struct error *error)
{
	char text[256];

	if (!replications_run(replications, &scenario->simulation, 1, &options->replicate, error))
		return false;
	if (!replications->random) {
		snprintf(text, sizeof(text),
			 "deterministic: no random number was drawn, one replication is exact");
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

static bool fill_provenance(struct result *result, const struct scenario *scenario,
			    const struct experiment_options *options, struct error *error)
{
	result->scenario = memory_text(scenario->name, error);
	result->file = memory_text(scenario->file, error);
	result->version = memory_text(options->version, error);
	result->scenario_sha256 = memory_text(scenario->sha256, error);
	result->costs_sha256 = memory_text(scenario->costs_sha256, error);
	result->seed = scenario->simulation.seed;
	result->exact_pages = scenario->simulation.exact_pages;
	return result->scenario && result->file && result->version && result->scenario_sha256 &&
	       result->costs_sha256;
}

static bool study_assumptions(struct result *result, const struct scenario *scenario,
			      const struct replications *replications,
			      const struct experiment_options *options, struct error *error)
{
	if (!options->skip_assumptions)
		return assumptions_fill(result, scenario, replications, options, error);
	result->answer_low.reason = result->answer_high.reason = "assumptions were not studied";
	return true;
}

bool experiment_run(const struct scenario *scenario, const struct experiment_options *options,
		    struct result *result, struct error *error)
{
	struct replications replications;
	bool ok;

	*result = (struct result){ .answer = SIZE_MAX };
	if (!replications_init(&replications, &scenario->simulation, error))
		return false;
	ok = fill_provenance(result, scenario, options, error) &&
	     replicate(scenario, options, &replications, &result->stopping, error) &&
	     result_fill(result, scenario, &replications, error) &&
	     study_assumptions(result, scenario, &replications, options, error);
	replications_fini(&replications);
	if (!ok)
		result_fini(result);
	return ok;
}
