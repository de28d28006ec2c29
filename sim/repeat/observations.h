#ifndef SIM_REPEAT_OBSERVATIONS_H
#define SIM_REPEAT_OBSERVATIONS_H

/*
 * Observations of one metric over replications. Replications are independent of each
 * other; observations within one are not. Sums are kept of every replication; values are
 * kept one by one up to a limit, then counted into histograms: replication r into section
 * r modulo 20.
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
	struct replication_sum *sums;
	size_t replications, sum_capacity;
	size_t count; /* of all observations */
	bool several; /* some replication has more than one */

	int64_t *values; /* those of replication r behind those of r - 1; empty when counted */
	size_t capacity;
	struct histogram *sections; /* SECTIONS_MOST; NULL: values are kept */
	size_t limit;               /* values kept at most; 0: the default, 2^20 */
};

/* Observations of the next replication (perhaps none). */
bool observations_add(struct observations *observations, const int64_t *values, size_t count,
		      struct error *error);
void observations_fini(struct observations *observations);

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
