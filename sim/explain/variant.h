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
#include "repeat/replicate.h"
#include "report/result.h"

struct variant {
	const struct simulation_config *original;
	struct simulation_config config; /* with costs of its own */
	size_t metric;                   /* index of the answer among the metrics */
	uint64_t count;                  /* replications of each run */
	double base;                     /* their mean with the costs as they are */
	double full;                     /* the answer's mean over all replications */
	uint64_t failed;                 /* runs that ended in an error, and why the first ... */
	char problem[512];               /* ... of them did */
	const struct replicate_options *options;
	struct crew *crew; /* runs them all */
};

/*
 * Copy the configuration (which must outlive the variant) and find the base from the
 * first replications: `count` of them (more when they vary much), or as many as
 * `replications` has when so few give no answer. `full`: the mean of the answer as
 * reported. variant_fini in any case.
 */
bool variant_init(struct variant *variant, const struct simulation_config *config, size_t metric,
		  uint64_t count, const struct replications *replications,
		  const struct replicate_options *options, struct error *error);
void variant_fini(struct variant *variant);

/*
 * Give a term another mean, in all guests of its model that were given the same cost: it is
 * one price. variant_restore puts everything back.
 */
void variant_move(struct variant *variant, size_t guest, size_t term, double mean_ns);
void variant_restore(struct variant *variant);

/*
 * True for the first guest of those that share a cost, when any of them was charged for it
 * in `replications`: the terms to move, each once.
 */
bool variant_concerns(const struct variant *variant, const struct replications *replications,
		      size_t guest, size_t term);

/* True when other guests share the cost. */
bool variant_is_shared(const struct variant *variant, size_t guest, size_t term);

/*
 * The answer's mean with the costs as they are now, carried over to all replications:
 * their mean and the paired difference of the few. It does not exist when no operation
 * ended within these replications, or when they end in an error: that costs this answer
 * alone, and is remembered in `failed`.
 */
bool variant_answer(struct variant *variant, struct maybe *mean, struct error *error);

/* A note in the result when runs failed: how many, and why the first. */
bool variant_note_failures(const struct variant *variant, struct result *result,
			   struct error *error);

#endif
