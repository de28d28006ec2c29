#include "decide/setup.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * There are hundreds of runs: one of a dear scenario has fewer replications, so that it fires so
 * many events at most, but not fewer than these.
 */
enum { EVENTS_OF_RUN = 50000, FEWEST = 8 };

/* Whatever its status; a price of nothing has no logarithm. */
static bool every_price(const struct cost *cost)
{
	return cost->law.mean_ns > 0;
}

/* The settings of the command line, and behind them those of the setup. */
static bool load(struct setup *setup, const struct setup_source *source,
		 const struct setting *settings, size_t setting_count, struct error *error)
{
	size_t count = source->setting_count + setting_count;
	struct setting *all = memory_array(count, sizeof(*all), "settings", error);
	bool ok;

	if (!all)
		return false;
	for (size_t i = 0; i < count; i++)
		all[i] = i < source->setting_count ? source->settings[i]
						   : settings[i - source->setting_count];
	ok = scenario_load_by(&setup->scenario, source->library, source->file, all, count, error);
	free(all);
	return ok;
}

/* Why nothing was observed: the first failure, if there is one. */
static void say_nothing_ended(struct setup *setup)
{
	const struct result *result = &setup->base.result;

	if (result->failure_count)
		snprintf(setup->problem, sizeof(setup->problem), "%s fails: %s at \"%s\"",
			 result->failures[0].operation, result->failures[0].errno_name,
			 result->failures[0].step);
	else
		snprintf(setup->problem, sizeof(setup->problem),
			 "no operation ends within experiment.until");
}

static bool run_base(struct setup *setup, const struct setup_source *source, struct error *error)
{
	struct scenario own = setup->scenario;
	struct replications *replications = &setup->base.replications;
	uint64_t wanted = source->replications, each;

	if (!own.experiment.replications)
		own.experiment.replications = FEWEST;
	else
		wanted = (uint64_t)own.experiment.replications;
	if (!experiment_run(&setup->base, &own, source->options, error))
		return false;
	setup->ran = true;
	each = replications->events / replications->count;
	if (!setup->scenario.experiment.replications && wanted * each > EVENTS_OF_RUN)
		wanted = EVENTS_OF_RUN / each > FEWEST ? EVENTS_OF_RUN / each : FEWEST;
	return !replications->random || wanted <= replications->count ||
	       replications_run(replications, &setup->base.scenario.simulation, wanted,
				&source->options->replicate, error);
}

bool setup_init(struct setup *setup, const struct setup_source *source,
		const struct setting *settings, size_t setting_count, struct error *error)
{
	const struct replicate_options *options = &source->options->replicate;
	struct error own = { 0 };

	*setup = (struct setup){ 0 };
	setup->loaded = load(setup, source, settings, setting_count, &own);
	if (!setup->loaded || !run_base(setup, source, &own)) {
		if (own.kind != ERROR_INPUT)
			return error_set(error, own.kind, "%s", own.message);
		snprintf(setup->problem, sizeof(setup->problem), "%.1000s", own.message);
		return true;
	}
	if (setup->base.result.answer >= setup->base.result.metric_count) {
		say_nothing_ended(setup);
		return true;
	}
	if (!variant_init(&setup->variant, &setup->base.scenario.simulation,
			  setup->base.result.answer, &setup->base.replications, every_price,
			  options, error))
		return false;
	setup->variant.count = setup->base.replications.count;
	return true;
}

void setup_fini(struct setup *setup)
{
	if (setup->variant.original)
		variant_fini(&setup->variant);
	if (setup->ran)
		experiment_fini(&setup->base);
	if (setup->loaded)
		scenario_fini(&setup->scenario);
	*setup = (struct setup){ 0 };
}

const struct price *setup_price(const struct setup *setup, const char *name)
{
	for (size_t p = 0; p < setup->variant.price_count; p++)
		if (strcmp(setup->variant.prices[p].name, name) == 0)
			return &setup->variant.prices[p];
	return NULL;
}

bool setup_run(struct setup *setup, const struct moved_price *prices, size_t count,
	       struct replications *replications, struct error *error)
{
	for (size_t i = 0; i < count; i++)
		for (size_t p = 0; p < setup->variant.price_count; p++)
			if (strcmp(setup->variant.prices[p].name, prices[i].name) == 0)
				variant_move(&setup->variant, setup->variant.prices[p].guest,
					     setup->variant.prices[p].term, prices[i].mean_ns);
	return variant_replicate(&setup->variant, replications, error);
}

size_t setup_metric(struct setup *setup, const struct measured *of, const char *group)
{
	const struct replications *replications = &setup->base.replications;
	size_t count, found = SIZE_MAX;
	const struct metric *metrics = simulation_metrics(replications->names, &count);

	if (!of->metric)
		return setup->base.result.answer;
	if (metric_kind_of(of->metric)->of == OF_HOST)
		group = NULL;
	for (size_t m = 0; m < count; m++) {
		if (!metric_is(metrics[m].name, metrics[m].group, of->metric, group))
			continue;
		if (replications->metrics[m].count)
			return m;
		found = m;
	}
	snprintf(setup->problem, sizeof(setup->problem),
		 found == SIZE_MAX ? "the scenario has no metric %.60s%s%.60s"
				   : "no %.60s%s%.60s was observed in the scenario",
		 of->metric, group ? " of " : "", group ? group : "");
	return SIZE_MAX;
}

/* --- predictions ------------------------------------------------------------------- */

static double deviation_of(const struct distribution *distribution, double mean)
{
	struct value_count item;
	double squares = 0;

	for (size_t at = 0; distribution_next(distribution, &at, &item);)
		squares += (double)item.count * ((double)item.value - mean) *
			   ((double)item.value - mean);
	return distribution->count > 1 ? sqrt(squares / (double)(distribution->count - 1)) : 0;
}

/* Standard deviation of the p-quantile of n of them. */
static double quantile_deviation(const struct distribution *distribution, double p, double n)
{
	double away = sqrt(p * (1 - p) / n);

	return (double)(distribution_quantile(distribution, fmin(1, p + away)) -
			distribution_quantile(distribution, fmax(1e-9, p - away))) /
	       2;
}

bool predict(const struct setup *setup, const struct replications *replications, size_t metric,
	     double quantile, uint64_t n, struct prediction *prediction, struct error *error)
{
	const struct observations *observations = &replications->metrics[metric];
	struct distribution distribution;
	double own, few;

	*prediction =
		(struct prediction){ .value = (double)setup->base.scenario.simulation.until_ns };
	if (!observations->count)
		return true;
	if (!observations_distribution(observations, &distribution, error))
		return false;
	if (quantile < 0) {
		prediction->value = mean_of(observations);
		own = deviation_of(&distribution, prediction->value);
		few = own / sqrt((double)observations->count);
		own = n ? own / sqrt((double)n) : 0;
	} else {
		prediction->value = (double)distribution_quantile(&distribution, quantile);
		few = quantile_deviation(&distribution, quantile, (double)observations->count);
		own = n ? quantile_deviation(&distribution, quantile, (double)n) : 0;
	}
	distribution_fini(&distribution);
	prediction->sampling = hypot(own, few);
	return true;
}
