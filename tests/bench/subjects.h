#ifndef BENCH_SUBJECTS_H
#define BENCH_SUBJECTS_H

/*
 * What is timed inside of one process: the same model on the engine's public interface, as a
 * bare loop that draws our variates, and as a bare loop that draws the fastest; or three ways to
 * share a host (SHARE).
 */

#include <stdint.h>

#include "engine/variate.h"
#include "fast_variate.h"

enum contender { ON_ENGINE, BARE_OURS, BARE_FASTEST, CONTENDERS };

struct outcome {
	double seconds; /* CPU time of the events, without what builds up and tears down */
	double mean;    /* what contenders must agree on */
};

/* What a contender draws; a bare loop is compiled anew for each. */
typedef double draw(void *source, double mean);

static inline double draw_ours(void *source, double mean)
{
	return stream_exponential(source, mean);
}

static inline double draw_fastest(void *source, double mean)
{
	return fast_exponential(source, mean);
}

/* Handed to all contenders of one subject. */
struct task {
	uint64_t count;   /* customers, or holds */
	uint32_t pending; /* of HOLD; jobs of SHARE */
	uint64_t seed;
	double stretch; /* of all means; 1 but where a disagreement is wanted */
};

/*
 * M/M/1: arrival rate 0.9, service rate 1. The mean time in system is 1 / (1 - 0.9) = 10 s; its
 * standard error after `customers` is mm1_standard_error().
 */
struct outcome mm1_run(enum contender contender, const struct task *task);
double mm1_standard_error(double customers);

/*
 * HOLD: the next of `pending` events fires and is scheduled again after an exponential time of
 * mean 1 s. The mean is that time again, from the clock at the end: times between events are
 * exponential of mean 1 / pending, so its standard error is 1 / sqrt(holds).
 */
struct outcome hold_run(enum contender contender, const struct task *task);

/*
 * SHARE: `pending` jobs share cores and capacities; `count` pieces of work end, of mean 1 s. That
 * of all that were begun is the mean: standard error at most 1 / sqrt(count).
 */
enum {
	SHARE_CORES_ALONE = ON_ENGINE,
	SHARE_UNSATURATED = BARE_OURS,
	SHARE_SATURATED = BARE_FASTEST
};

struct outcome share_run(enum contender contender, const struct task *task);

#endif
