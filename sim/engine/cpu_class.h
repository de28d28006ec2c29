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
};

/* Integrals over time, in 2^-40 ns; together they are that of the runnable members. */
struct cpu_times {
	cpu_virtual work;                       /* done */
	cpu_virtual stalled;                    /* on a core, without doing work: its speed */
	cpu_virtual lost[SHARE_CAPACITIES_MAX]; /* off the cores, by bottleneck */
};

struct cpu_class {
	struct heap jobs; /* runnable members, by (finish by the class's clock, slot) */
	double demand[SHARE_CAPACITIES_MAX];
	uint32_t speed;      /* which table of speeds; 0: always 1 */
	uint64_t core_rate;  /* while rates are uneven: of each member, on a core ... */
	uint64_t work_rate;  /* ... and of its work */
	uint32_t bottleneck; /* and who is to blame */
	/* by settled_ns, when the host's clock was at settled_clock: */
	int64_t settled_ns;
	cpu_virtual settled_clock;
	cpu_virtual behind;            /* the host's clock */
	unsigned __int128 behind_area; /* twice the integral of it (in whole ns) over time, ns^2 */
	cpu_virtual stalled;           /* by a member that was runnable all the time */
	struct cpu_times times;
};

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

/* An empty class without demands; it owns its heap. False: no memory. */
bool cpu_class_init(struct cpu_class *class, struct error *error);
void cpu_class_fini(struct cpu_class *class);
void cpu_class_reset(struct cpu_class *class, int64_t now_ns); /* when the clock is at 0 */

/*
 * Catch up: from settled_ns to now_ns the number of members was what it is, and they went at
 * their own rates (`uneven`) or with the host's clock, which is at `clock` now. Returns the time
 * that they had on cores.
 */
__attribute__((noinline)) cpu_virtual cpu_class_settle(struct cpu_class *class, int64_t now_ns,
						       cpu_virtual clock, bool uneven);

#endif
