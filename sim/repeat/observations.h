#ifndef SIM_REPEAT_OBSERVATIONS_H
#define SIM_REPEAT_OBSERVATIONS_H

/*
 * Observations of one metric over replications. Replications are independent of each
 * other; observations within one are not.
 *
 * Most metrics hold one number for each replication, and many the same one in all. Values
 * are a column, which begins with the first that differs. Beyond a limit they are counted
 * into histograms, replication r into section r modulo 20, and what a replication gave by
 * itself is known of the first 2^20 only: nothing grows for ever. Count, sum and extremes
 * are of all, whatever is kept.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/distribution.h"
#include "base/error.h"

enum { SECTIONS_MOST = 20 };

struct replication_sum {
	__int128 sum;
	int64_t smallest, largest;
	size_t count;
};

struct observations {
	size_t replications;
	size_t count; /* of all observations */
	__int128 sum;
	int64_t smallest, largest;
	size_t worst; /* the first replication that has the largest */
	bool several; /* some replication has more than one */

	size_t kept;     /* what replications 0 .. kept - 1 gave is known one by one: */
	int64_t *values; /* those of replication r behind those of r - 1; NULL: all are `value` */
	int64_t value;
	size_t value_count, capacity;
	size_t each;  /* so many of each replication, */
	size_t *ends; /* unless these say where the values of each end; else NULL */
	size_t end_capacity;
	struct replication_sum *sums; /* when several are counted, instead of values */
	size_t sum_capacity;

	struct histogram *sections; /* SECTIONS_MOST; NULL: values are kept */
	size_t limit;               /* values kept at most; 0: the default, 2^20 */
};

/* Observations of the next replication (perhaps none). */
bool observations_add(struct observations *observations, const int64_t *values, size_t count,
		      struct error *error);

/*
 * The same as observations_add() of each of `rows` replications, of which each has `count` values
 * at `values`, `step` words behind those of the one before.
 */
bool observations_add_rows(struct observations *observations, const int64_t *values, size_t count,
			   size_t step, size_t rows, struct error *error);
void observations_fini(struct observations *observations);

/* What replication r < kept gave: its values (there must be no sections), and their sum. */
const int64_t *observations_of(const struct observations *observations, size_t r, size_t *count);
struct replication_sum observations_sum(const struct observations *observations, size_t r);

/*
 * When each replication gave one value, as for most metrics: that of replication r < kept is at
 * r * *step; else NULL.
 */
const int64_t *observations_column(const struct observations *observations, size_t *step);

/* All of them; the caller frees it. */
bool observations_distribution(const struct observations *observations,
			       struct distribution *distribution, struct error *error);

/*
 * Those of section s of m, for 1 <= s + 1 <= m <= SECTIONS_MOST: whole replications, in
 * m equal stretches while values are kept; else m must be SECTIONS_MOST.
 */
bool observations_section(const struct observations *observations, size_t section, size_t sections,
			  struct distribution *distribution, struct error *error);
size_t observations_section_count(const struct observations *observations, size_t section,
				  size_t sections);

/* Mean of all observations (there must be one). */
double mean_of(const struct observations *observations);

#endif
