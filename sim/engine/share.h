#ifndef SIM_ENGINE_SHARE_H
#define SIM_ENGINE_SHARE_H

/*
 * Max-min fair shares of capacities, by progressive filling.
 *
 * Jobs of a few classes, which have their shares of the cores already, use capacities while they
 * work: the bytes per ns of a memory bus, say, or the ns per ns under a spinning lock. The rates of
 * all rise together from 0. When a capacity is used up, those who use it keep the rate that they
 * have: it is their bottleneck. The others go on, at most until they work all of the time that
 * they have a core. The result is the only feasible one in which nobody can have more without
 * somebody who has no more than that getting less.
 *
 * Who is slowed does not leave its core to others: it waits for a cache line, or spins.
 *
 * (D. Bertsekas, R. Gallager, "Data Networks", 2nd edition, 1992, section 6.5.2; as a model of
 * computers: H. Casanova, A. Giersch, A. Legrand, M. Quinson, F. Suter, "Versatile, scalable, and
 * accurate simulation of distributed applications and platforms", Journal of Parallel and
 * Distributed Computing 74(10), 2014.)
 *
 * Rates are computed in double by + - * / alone, in the order of the classes: the same bits on
 * every CPU. Rounding moves a rate by about 2^-50 of (capacity / what those who still rise want of
 * it), at most.
 */

#include <stddef.h>

enum {
	SHARE_CORES = 0, /* no capacity of those: cores are shared out before */
	SHARE_CAPACITIES_MAX = 8,
};

/* The runnable members of one class. */
struct share {
	double jobs;  /* cores that they have, together; above 0 */
	double speed; /* ns of work that a ns on a core does, above 0 up to 1 */
	const double
		*demand;   /* of each capacity per ns of work, from 0 on; that of cores is unused */
	double rate;       /* found: of that speed, for each job, 0 to 1 */
	size_t bottleneck; /* found: the capacity that keeps it there; SHARE_CORES at 1 */
};

/*
 * Find the rates of `count` shares (which may be 0) of capacity[1 .. capacities - 1], each above
 * 0. O(capacities^2 count) at worst; fails never, allocates nothing.
 */
void share_out(const double *capacity, size_t capacities, struct share *shares, size_t count);

/* What the shares use of a capacity at their rates, in its unit per ns. */
double share_use(size_t capacity, const struct share *shares, size_t count);

#endif
