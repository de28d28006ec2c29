#ifndef SIM_ENGINE_CPU_CLASS_H
#define SIM_ENGINE_CPU_CLASS_H

/*
 * A class of jobs on a host's cores: they do the same kind of work, so they all have the same
 * rate, and one virtual clock.
 *
 * The host's clock shows how much work would be done by now by a job that needs nothing but a
 * core. A class whose work needs more may be `behind` it, and what its own clock shows is the
 * difference. While nothing but the cores binds no class falls further behind: nothing is done
 * for any of them then, and what has passed is caught up when it is asked for. All is integer;
 * a stretch of time is rounded down to 2^-40 ns of work.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/heap.h"
#include "engine/share.h"

typedef unsigned __int128 cpu_virtual; /* 2^-40 ns */

enum {
	CPU_FRACTION_BITS = 40, /* of a nanosecond of virtual time */
	CPU_RATE_BITS = 60,     /* of a rate: 1 << CPU_RATE_BITS is a whole core */
	CPU_SPEEDS_MAX = 4,     /* of a crowd, from two members on */
	CPU_CROWDS_MAX = 8,
};

/* What a kind of work needs besides a core; zero: nothing. */
struct cpu_needs {
	/* Units of each capacity per ns of work (0 or more); that of SHARE_CORES is not read. */
	double demand[SHARE_CAPACITIES_MAX];
	/*
	 * So much of the work (0 to 1) is done in a crowd, of number 1 to CPU_CROWDS_MAX - 1: when
	 * n jobs of it have a core it proceeds at speeds[n - 2] (above 0, up to 1; a line between
	 * whole n), and beyond the last speed so that all together do no more. 0: there is none.
	 */
	double crowded;
	uint32_t crowd;
	double speeds[CPU_SPEEDS_MAX]; /* 0 ends them */
};

/* Integrals over time, in 2^-40 ns; together they are that of the runnable members. */
struct cpu_times {
	cpu_virtual work;    /* done */
	cpu_virtual crowded; /* on a core without doing work, for what the others do */
	/* On a core without doing work, by bottleneck; [SHARE_CORES]: off the cores. */
	cpu_virtual lost[SHARE_CAPACITIES_MAX];
};

struct cpu_class {
	struct heap jobs; /* runnable members, by (finish by the class's clock, slot) */
	struct cpu_needs needs;
	/* Of each member, while rates are uneven; 0: it has what the host's clock shows. */
	uint64_t work_rate;
	uint64_t crowded_rate; /* what the crowd takes from it */
	uint32_t bottleneck;   /* and who takes the rest */
	/* by settled_ns, when the host's clock was at settled_clock: */
	int64_t settled_ns;
	cpu_virtual settled_clock;
	cpu_virtual behind;            /* the host's clock */
	unsigned __int128 behind_area; /* twice the integral of it (in whole ns) over time, ns^2 */
	struct cpu_times times;
	cpu_virtual work_before; /* of times.work, when it had other needs */
};

/* In whole ns and parts of one. */
static inline double cpu_ns(cpu_virtual duration)
{
	return (double)duration / (double)((cpu_virtual)1 << CPU_FRACTION_BITS);
}

/* The class of the lowest bit of a set of some. */
static inline unsigned int cpu_first_class(uint32_t set)
{
	return (unsigned int)__builtin_ctz(set);
}

/* Virtual time that passes at a rate, rounded down. */
static inline cpu_virtual cpu_at_rate(int64_t elapsed_ns, uint64_t rate)
{
	return (cpu_virtual)(uint64_t)elapsed_ns * rate >> (CPU_RATE_BITS - CPU_FRACTION_BITS);
}

/* The time after which `left` has passed at a rate (above 0), rounded up; at most INT64_MAX. */
int64_t cpu_time_until(cpu_virtual left, uint64_t rate);

static inline double cpu_rate_value(uint64_t rate)
{
	return (double)rate / (double)(UINT64_C(1) << CPU_RATE_BITS);
}

/* A rate of 0 to 1 in 2^-60, rounded down, but not to 0. */
uint64_t cpu_rate(double rate);

/* How fast work with these needs proceeds when so many of its crowd have a core. */
double cpu_crowd_speed(const struct cpu_needs *needs, double members);

/* An empty class without needs; it owns its heap. False: no memory. */
bool cpu_class_init(struct cpu_class *class, struct error *error);
void cpu_class_fini(struct cpu_class *class);
void cpu_class_reset(struct cpu_class *class, int64_t now_ns); /* when the clock is at 0 */

/*
 * Catch up: from settled_ns to now_ns the number of members was what it is, and they went at
 * their own rates (`uneven`) or with the host's clock, which is at `clock` now.
 */
__attribute__((noinline)) void cpu_class_settle(struct cpu_class *class, int64_t now_ns,
						cpu_virtual clock, bool uneven);

#endif
