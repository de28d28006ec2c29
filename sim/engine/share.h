#ifndef SIM_ENGINE_SHARE_H
#define SIM_ENGINE_SHARE_H

/*
 * Max-min fair shares of capacities, by progressive filling.
 *
 * Jobs of a few classes use several capacities at once: the cores, and others such as a memory
 * bus (bytes per ns) or the time under a lock (ns per ns). The rates of all rise together from 0.
 * When a capacity is used up, those who use it keep the rate that they have: it is their
 * bottleneck. The others go on, until the cores are used up or each job has one of its own.
 * The result is the only feasible one in which nobody can have more without somebody who has
 * no more than that getting less.
 *
 * (D. Bertsekas, R. Gallager, "Data Networks", 2nd edition, 1992, section 6.5.2; as a model of
 * computers: H. Casanova, A. Giersch, A. Legrand, M. Quinson, F. Suter, "Versatile, scalable, and
 * accurate simulation of distributed applications and platforms", Journal of Parallel and
 * Distributed Computing 74(10), 2014.)
 *
 * Rates are computed in double by + - * / alone, in the order of the classes: the same bits on
 * every CPU, whatever the order in which jobs came. Rounding moves a rate by about 2^-50 of
 * (capacity / what those who still rise want of it), at most.
 */

#include <stddef.h>

enum {
	SHARE_CORES = 0, /* the first capacity: each job on a core uses one of it per rate */
	SHARE_CAPACITIES_MAX = 8,
};

/* The runnable members of one class. */
struct share {
	double jobs;  /* how many, above 0 */
	double speed; /* ns of work that a ns on a core does, above 0 up to 1 */
	const double
		*demand;   /* of each capacity per ns of work, from 0 on; that of cores is unused */
	double rate;       /* found: ns on a core per ns, for each job, 0 to 1 */
	size_t bottleneck; /* found: the capacity that keeps it there; SHARE_CORES also at 1 */
};

/*
 * Find the rates of `count` shares (which may be 0) of capacity[capacities], each above 0.
 * Returns the rate of a job that needs nothing but a core: no other has more. O(capacities^2
 * count) at worst; fails never, allocates nothing.
 */
double share_out(const double *capacity, size_t capacities, struct share *shares, size_t count);

/* What the shares, once found, use of a capacity, in its unit per ns. */
double share_use(size_t capacity, const struct share *shares, size_t count);

#endif
