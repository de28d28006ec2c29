#ifndef SIM_EXPLAIN_PRICES_H
#define SIM_EXPLAIN_PRICES_H

/* The prices of an experiment that may be something else on another machine. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "repeat/replicate.h"

/*
 * A cost, once for all guests of a model that were given the same: it is one price. Those of the
 * host say what its threads take from each other.
 */
enum { PRICE_OF_HOST = -1 };
enum host_price {
	HOST_MEMORY_BUS = CROWD_NONE, /* how long it takes all cores together to move one MiB */
	/* of enum crowd: what a second one on another core adds to 1 ms of such work */
	HOST_PRICES = CROWDS
};

/* Whether it may be something else: no price is certain that has a range, whoever measured it. */
bool price_has_range(const struct cost *cost);

/* Units of a guest's term that the replications charged, of all guests of its group. */
uint64_t price_units(const struct replications *replications, const struct guest_config *guest,
		     size_t term);

struct price {
	size_t guest, term; /* the first of them; or (size_t) PRICE_OF_HOST, enum host_price */
	const struct cost *cost;
	const char *name, *group; /* group: the guest, or the model of several */
	uint64_t units;           /* charged by the original */
};

/*
 * The host's prices that are wanted and can make a difference, to `prices` (as many as HOST_PRICES
 * fit): how many. Their costs are written to `costs`, which must live as long.
 */
size_t host_prices(const struct simulation_config *config, const struct replications *replications,
		   bool (*wanted)(const struct cost *cost), struct cost costs[HOST_PRICES],
		   struct price *prices);

/* Whether that is the name of a crowd's: a profile says it as speeds of each price. */
bool host_price_is_crowd(const char *name);

/*
 * Give one of them another value. Speeds of a crowd are those of each price in it, which move along
 * their own ranges as the value does along that of `cost`.
 */
void host_price_move(struct simulation_config *config, const struct simulation_config *original,
		     const struct cost *cost, enum host_price which, double mean_ns);

/* Move all prices of a configuration to the low or to the high ends of their ranges, for good. */
void prices_move_all(struct simulation_config *config, bool high);

/*
 * Where in its range a price lies for u in [0, 1]: 0 low, 0.5 the value itself, 1 high; evenly
 * on a logarithmic scale between the value and either end (a range that begins at 0: evenly).
 */
double price_at(const struct price *price, double u);

#endif
