#ifndef SIM_EXPLAIN_VARIANT_H
#define SIM_EXPLAIN_VARIANT_H

/*
 * A variant of an experiment: what its answer would be if costs were other, or a step
 * free. A copy of a configuration whose costs can be moved, run again under common
 * random numbers. Streams are named by what draws from them, so a few replications show
 * a movement that would drown in the noise of independent ones.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "explain/prices.h"
#include "repeat/replicate.h"
#include "report/result.h"

/*
 * Runs are paid for by the events that they fire, which are the same on every machine. What one
 * will cost is known from the base; one that turns out to be far dearer is given up after its
 * first replication.
 */
#define UNBOUNDED UINT64_MAX

struct variant {
	const struct simulation_config *original;
	const struct replications *replications; /* of the original */
	const struct replicate_options *options;
	struct simulation_config config;                        /* with costs of its own */
	struct cost of_host[HOST_PRICES];                       /* the host's prices */
	struct capacity_config capacities[HOST_CAPACITIES_MAX]; /* one of them widened */
	struct crew *crew;                                      /* runs it with other costs */
	struct price *prices; /* that are wanted and were charged */
	size_t price_count;
	size_t metric;           /* index of the answer among the metrics */
	uint64_t count;          /* replications of each run, ... */
	uint64_t least, usual;   /* ... at least, and if there were no bound, and ... */
	uint64_t each;           /* ... events of one (0: not known yet) */
	uint64_t budget, spent;  /* events that all runs may fire, and have fired */
	uint64_t runs, given_up; /* that were made; of them so many for what they would cost */
	uint64_t wanted;         /* runs that variant_begin was told of */
	uint64_t expected;       /* runs that will be made; 0: not known */
	struct replications few; /* those, with the costs as they are, and ... */
	double base;             /* ... the answer's mean in them */
	double full;             /* its mean over all replications */
	const size_t *step_of;   /* of each part, its place among ... */
	double *steps;           /* ... the means of a run; NULL: they are not wanted */
	size_t step_count;
	uint64_t failed;   /* runs that ended in an error, and why the first ... */
	char problem[512]; /* ... of them did */
};

/*
 * Copy the configuration (which must outlive the variant) and list its prices. Nothing is run
 * yet. variant_fini in any case.
 */
bool variant_init(struct variant *variant, const struct simulation_config *config, size_t metric,
		  const struct replications *replications, bool (*wanted)(const struct cost *cost),
		  const struct replicate_options *options, struct error *error);
void variant_fini(struct variant *variant);

/*
 * Find the base from the first replications: as many that their mean is known to 2 %, and 8
 * unless `wanted` runs of so many are beyond the budget; or as many as `replications` has when
 * so few give no answer; page loops as one piece of work. All below is good only then.
 */
bool variant_begin(struct variant *variant, uint64_t wanted, struct error *error);

/* So many runs are paid for by what is left of the budget. */
uint64_t variant_affordable(const struct variant *variant);

/* What is left of the budget pays for so many runs (before the base: of the least replications). */
bool variant_affords(const struct variant *variant, uint64_t runs);

/* Events that are left of the budget when all the runs that are wanted have been made. */
uint64_t variant_spare(const struct variant *variant);

/* Give a guest's term another mean, and all that have the same price; or the host's price. */
void variant_move(struct variant *variant, size_t guest, size_t term, double mean_ns);

/* The answer's steps by variant->step_of: their means in such replications, step_count of them. */
void variant_step_means(const struct variant *variant, const struct replications *replications,
			double *means);

/* Twice as much of what threads share. */
void variant_widen(struct variant *variant, size_t capacity);

/*
 * The answer's mean with the costs as they were moved, carried over to all replications:
 * their mean and the paired difference of the few. It does not exist when no operation
 * ended within these replications, when they are given up, or when they end in an error: that
 * costs this answer alone, and is remembered in `failed`. Then all costs are as they were.
 * Where `steps` are wanted, they have their means in these replications; without an answer they stay.
 */
bool variant_answer(struct variant *variant, struct maybe *mean, struct error *error);

/*
 * The replications themselves with the costs as they were moved, for who looks at more than the
 * answer's mean; then all costs are as they were. replications_fini in any case.
 */
bool variant_replicate(struct variant *variant, struct replications *replications,
		       struct error *error);

/* The answer with one price alone at its low and at its high end. */
bool variant_ends(struct variant *variant, const struct price *price, struct maybe *low,
		  struct maybe *high, struct error *error);

/* A note in the result when runs have failed since the last: how many, and why the first. */
bool variant_note_failures(struct variant *variant, struct result *result, struct error *error);

#endif
