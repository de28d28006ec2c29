#include "repeat/observations.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { KEPT_MOST = 1 << 20 };

static bool count_values(struct observations *observations, size_t replication,
			 const int64_t *values, size_t count, struct error *error)
{
	for (size_t i = 0; i < count; i++)
		if (!histogram_add(&observations->sections[replication % SECTIONS_MOST], values[i],
				   error))
			return false;
	return true;
}

/* From values to histograms: the values kept so far are counted and dropped. */
static bool begin_counting(struct observations *observations, struct error *error)
{
	const int64_t *values = observations->values;

	observations->sections =
		memory_array(SECTIONS_MOST, sizeof(*observations->sections), "histograms", error);
	if (!observations->sections)
		return false;
	for (size_t r = 0; r < observations->replications; r++) {
		if (!count_values(observations, r, values, observations->sums[r].count, error))
			return false;
		values += observations->sums[r].count;
	}
	free(observations->values);
	observations->values = NULL;
	observations->capacity = 0;
	return true;
}

bool observations_add(struct observations *observations, const int64_t *values, size_t count,
		      struct error *error)
{
	size_t limit = observations->limit ? observations->limit : KEPT_MOST;
	struct replication_sum sum = { .count = count };

	if (!memory_grow(&observations->sums, &observations->sum_capacity,
			 observations->replications + 1, sizeof(*observations->sums),
			 "replications", error))
		return false;
	if (!observations->sections && observations->count + count > limit &&
	    !begin_counting(observations, error))
		return false;
	if (observations->sections) {
		if (!count_values(observations, observations->replications, values, count, error))
			return false;
	} else {
		if (!memory_grow(&observations->values, &observations->capacity,
				 observations->count + count, sizeof(*values), "observations",
				 error))
			return false;
		if (count)
			memcpy(observations->values + observations->count, values,
			       count * sizeof(*values));
	}
	for (size_t i = 0; i < count; i++) {
		sum.sum += values[i];
		if (!i || values[i] > sum.largest)
			sum.largest = values[i];
		if (!i || values[i] < sum.smallest)
			sum.smallest = values[i];
	}
	observations->sums[observations->replications++] = sum;
	observations->count += count;
	observations->several = observations->several || count > 1;
	return true;
}

void observations_fini(struct observations *observations)
{
	for (size_t s = 0; observations->sections && s < SECTIONS_MOST; s++)
		histogram_fini(&observations->sections[s]);
	free(observations->sections);
	free(observations->values);
	free(observations->sums);
	*observations = (struct observations){ 0 };
}

bool observations_distribution(const struct observations *observations,
			       struct distribution *distribution, struct error *error)
{
	if (observations->sections)
		return distribution_from_histograms(distribution, observations->sections,
						    SECTIONS_MOST, error);
	return distribution_from_values(distribution, observations->values, observations->count,
					error);
}

/* Index of the first value of a replication, or of what follows the last. */
static size_t first_of(const struct observations *observations, size_t replication)
{
	size_t first = 0;

	for (size_t r = 0; r < replication; r++)
		first += observations->sums[r].count;
	return first;
}

bool observations_section(const struct observations *observations, size_t section, size_t sections,
			  struct distribution *distribution, struct error *error)
{
	size_t first;

	if (observations->sections)
		return distribution_from_histograms(distribution, &observations->sections[section],
						    1, error);
	first = first_of(observations, section * observations->replications / sections);
	return distribution_from_values(distribution, observations->values + first,
					observations_section_count(observations, section, sections),
					error);
}

size_t observations_section_count(const struct observations *observations, size_t section,
				  size_t sections)
{
	size_t count = 0;

	for (size_t r = 0; r < observations->replications; r++) {
		bool inside =
			observations->sections
				? r % SECTIONS_MOST == section
				: r >= section * observations->replications / sections &&
					  r < (section + 1) * observations->replications / sections;

		if (inside)
			count += observations->sums[r].count;
	}
	return count;
}

double mean_of(const struct observations *observations)
{
	__int128 sum = 0;

	for (size_t r = 0; r < observations->replications; r++)
		sum += observations->sums[r].sum;
	return (double)sum / (double)observations->count;
}
