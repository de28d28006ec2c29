#include "repeat/warm_up.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/special_functions.h"
#include "repeat/answer.h"

enum { PILOTS = 32, BATCH = 5, LEAST = 50, TAIL_LEAST = 5 };

/* Pilot replications are numbered from the end, so that none is part of the answer. */
enum { FIRST_PILOT = (1 << 24) - PILOTS };

bool mser5_cut(const double *series, size_t count, size_t *cut)
{
	size_t batches = count / BATCH, best = 0;
	double sum = 0, squares = 0, least = INFINITY;

	if (count < LEAST)
		return false;
	/* From the end: sums over the batches that stay. */
	for (size_t d = batches; d-- > 0;) {
		double mean = 0, kept = (double)(batches - d), value;

		for (size_t i = 0; i < BATCH; i++)
			mean += series[d * BATCH + i] / BATCH;
		sum += mean;
		squares += mean * mean;
		value = (squares - sum * sum / kept) / (kept * kept);
		if (batches - d >= TAIL_LEAST && value <= least) {
			least = value;
			best = d;
		}
	}
	*cut = best * BATCH;
	return best <= batches / 2;
}

struct pilots {
	size_t metric;
	size_t common;                        /* observations that every pilot has */
	double *series;                       /* their averages over pilots */
	double *times;                        /* and when they were requested */
	double growth[PILOTS], level[PILOTS]; /* last quarter less the third, and the third */
	double service_ns;                    /* mean time of the answer outside the queue */
};

static double mean_between(const int64_t *values, size_t first, size_t end)
{
	double sum = 0;

	for (size_t i = first; i < end; i++)
		sum += (double)values[i];
	return sum / (double)(end - first);
}

static void add_service(struct pilots *pilots, const struct simulation *simulation)
{
	size_t count;
	const struct part *parts = simulation_parts(simulation, &count);
	const struct metric *metric = &simulation_metrics(simulation, &count)[pilots->metric];
	double sum = 0;

	simulation_parts(simulation, &count);
	for (size_t p = 0; p < count; p++)
		if (parts[p].metric == pilots->metric && strncmp(parts[p].step, "queued", 6) != 0)
			sum += (double)parts[p].total_ns;
	if (metric->count)
		pilots->service_ns += sum / (double)metric->count / PILOTS;
}

static bool add_pilot(struct pilots *pilots, int pilot, const struct simulation *simulation,
		      struct error *error)
{
	size_t count;
	const struct metric *metric = &simulation_metrics(simulation, &count)[pilots->metric];
	size_t observed = metric->count;

	if (pilot == 0) {
		pilots->common = observed;
		pilots->series =
			memory_array(observed, sizeof(*pilots->series), "pilot series", error);
		pilots->times =
			memory_array(observed, sizeof(*pilots->times), "pilot times", error);
		if (!pilots->series || !pilots->times)
			return false;
	}
	if (observed < pilots->common)
		pilots->common = observed;
	for (size_t i = 0; i < pilots->common; i++) {
		pilots->series[i] += (double)metric->samples[i] / PILOTS;
		pilots->times[i] += (double)metric->times[i] / PILOTS;
	}
	if (observed >= 4) {
		pilots->level[pilot] =
			mean_between(metric->samples, observed / 2, observed * 3 / 4);
		pilots->growth[pilot] = mean_between(metric->samples, observed * 3 / 4, observed) -
					pilots->level[pilot];
	}
	add_service(pilots, simulation);
	return true;
}

/* Still growing by more than 5 % at the end, surely (one-sided, 99.9 %). */
static bool grows(const struct pilots *pilots)
{
	double mean = 0, level = 0, variance = 0;

	for (int i = 0; i < PILOTS; i++) {
		mean += pilots->growth[i] / PILOTS;
		level += pilots->level[i] / PILOTS;
	}
	for (int i = 0; i < PILOTS; i++)
		variance += (pilots->growth[i] - mean) * (pilots->growth[i] - mean) / (PILOTS - 1);
	return mean > 0.05 * level &&
	       mean > special_student_quantile(0.999, PILOTS - 1) * sqrt(variance / PILOTS);
}

/* Requests per second that ask for the answer, of one guest. */
static double arrival_rate(const struct scenario *scenario, const char *group)
{
	const struct simulation_config *config = &scenario->simulation;
	double rate = 0;

	for (size_t i = 0; i < config->event_count; i++)
		if (strcmp(config->guests[config->events[i].guest].name, group) == 0)
			rate += config->events[i].rate_per_s;
	return rate;
}

static bool judge(const struct scenario *scenario, const struct pilots *pilots, const char *group,
		  int64_t *warm_up_ns, struct error *error)
{
	double load = arrival_rate(scenario, group) * pilots->service_ns * 1e-9;
	size_t cut = 0;

	if (grows(pilots) && load > 0.95)
		return error_set(
			error, ERROR_INPUT,
			"/experiment/warm_up: unstable, load %.2f: the answer grows to the "
			"end, for more is asked of %.60s than can be served; there is no "
			"steady state",
			load, group);
	if (!mser5_cut(pilots->series, pilots->common, &cut))
		return error_set(error, ERROR_INPUT,
				 "/experiment/warm_up: no steady state within half of the run "
				 "(%zu observations)%s; lengthen experiment.until",
				 pilots->common, grows(pilots) ? ", it grows to the end" : "");
	*warm_up_ns = cut ? llround(pilots->times[cut]) : 0;
	return true;
}

bool warm_up_find(struct scenario *scenario, const struct replicate_options *options,
		  struct error *error)
{
	int64_t *warm_up_ns = &scenario->simulation.record_from_ns;
	struct pilots pilots = { .metric = SIZE_MAX };
	const struct metric *metrics;
	struct simulation *simulation;
	size_t count;
	bool ok;

	if (!scenario->experiment.find_warm_up)
		return true;
	*warm_up_ns = 0;
	simulation = simulation_new(&scenario->simulation, error);
	ok = simulation != NULL;
	for (int pilot = 0; ok && pilot < PILOTS; pilot++) {
		if (options->stop && *options->stop)
			ok = error_set(error, ERROR_INTERRUPTED, "interrupted");
		ok = ok && simulation_run(simulation, (uint32_t)(FIRST_PILOT + pilot), error);
		if (!ok)
			break;
		if (pilot == 0) {
			pilots.metric = answer_of_simulation(simulation);
			if (pilots.metric == SIZE_MAX)
				break;
		}
		ok = add_pilot(&pilots, pilot, simulation, error);
	}
	if (ok && pilots.metric != SIZE_MAX) {
		metrics = simulation_metrics(simulation, &count);
		ok = judge(scenario, &pilots, metrics[pilots.metric].group, warm_up_ns, error);
	}
	simulation_free(simulation);
	free(pilots.series);
	free(pilots.times);
	return ok;
}
