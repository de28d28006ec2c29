#include "engine/share.h"

#include <math.h>

enum { RISING = SHARE_CAPACITIES_MAX }; /* no bottleneck yet */

/* What all members use of a capacity while they work at full speed. */
static double full_use(const struct share *share, size_t capacity)
{
	return share->jobs * share->speed * share->demand[capacity];
}

/* The rate at which all of a capacity is used, when all who rise have risen to it. */
static double used_up_at(size_t capacity, double amount, const struct share *shares, size_t count)
{
	double left = amount, wanted = 0;

	for (size_t k = 0; k < count; k++) {
		if (shares[k].bottleneck == RISING)
			wanted += full_use(&shares[k], capacity);
		else
			left -= full_use(&shares[k], capacity) * shares[k].rate;
	}
	return wanted > 0 ? left / wanted : INFINITY;
}

void share_out(const double *capacity, size_t capacities, struct share *shares, size_t count)
{
	double level = 0;
	size_t tightest;

	for (size_t k = 0; k < count; k++)
		shares[k].bottleneck = RISING;
	do {
		double next = 1;

		tightest = SHARE_CORES;
		for (size_t r = SHARE_CORES + 1; r < capacities; r++) {
			double at = used_up_at(r, capacity[r], shares, count);

			if (at < next) {
				next = at;
				tightest = r;
			}
		}
		if (next > level) /* by rounding it may be less */
			level = next;
		for (size_t k = 0; k < count; k++) {
			if (shares[k].bottleneck != RISING ||
			    (tightest != SHARE_CORES && !(full_use(&shares[k], tightest) > 0)))
				continue;
			shares[k].rate = level;
			shares[k].bottleneck = tightest;
		}
	} while (tightest != SHARE_CORES);
}

double share_use(size_t capacity, const struct share *shares, size_t count)
{
	double use = 0;

	for (size_t k = 0; k < count; k++)
		use += full_use(&shares[k], capacity) * shares[k].rate;
	return use;
}
