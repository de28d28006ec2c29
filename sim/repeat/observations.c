#include "repeat/observations.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { KEPT_MOST = 1 << 20 };

/* --- what replications gave, one by one ------------------------------------------ */

/* Where the values of a kept replication begin, or those behind the last end. */
static size_t first_of(const struct observations *observations, size_t replication)
{
	if (!observations->ends)
		return observations->each * replication;
	return replication ? observations->ends[replication - 1] : 0;
}

const int64_t *observations_of(const struct observations *observations, size_t r, size_t *count)
{
	size_t first = first_of(observations, r);

	*count = first_of(observations, r + 1) - first;
	return observations->values ? observations->values + first : &observations->value;
}

static struct replication_sum sum_of(const int64_t *values, size_t count)
{
	struct replication_sum sum = { .count = count };

	for (size_t i = 0; i < count; i++) {
		sum.sum += values[i];
		if (!i || values[i] > sum.largest)
			sum.largest = values[i];
		if (!i || values[i] < sum.smallest)
			sum.smallest = values[i];
	}
	return sum;
}

struct replication_sum observations_sum(const struct observations *observations, size_t r)
{
	const int64_t *values;
	size_t count;

	if (observations->sums)
		return observations->sums[r];
	values = observations_of(observations, r, &count);
	return sum_of(values, count);
}

const int64_t *observations_column(const struct observations *observations, size_t *step)
{
	*step = observations->values ? 1 : 0;
	if (observations->sums || observations->ends || observations->each != 1)
		return NULL;
	return observations->values ? observations->values : &observations->value;
}

/* Replications differ in how many they give: from now on it is said of each. */
static bool begin_ends(struct observations *observations, struct error *error)
{
	if (!memory_reserve(&observations->ends, &observations->end_capacity,
			    observations->kept + 1, sizeof(*observations->ends), "replications",
			    error))
		return false;
	for (size_t r = 0; r < observations->kept; r++)
		observations->ends[r] = (r + 1) * observations->each;
	return true;
}

static bool keep_end(struct observations *observations, size_t count, struct error *error)
{
	if (!observations->kept)
		observations->each = count;
	if (!observations->ends && count != observations->each && !begin_ends(observations, error))
		return false;
	if (!observations->ends)
		return true;
	if (!memory_reserve(&observations->ends, &observations->end_capacity,
			    observations->kept + 1, sizeof(*observations->ends), "replications",
			    error))
		return false;
	observations->ends[observations->kept] = observations->value_count + count;
	return true;
}

/* A column; the values so far, if any, were equal. */
static bool keep_values(struct observations *observations, const int64_t *values, size_t count,
			struct error *error)
{
	bool first = !observations->capacity; /* no column yet */

	if (!observations->value_count && count)
		observations->value = values[0];
	if (!count || (first && count == 1 && values[0] == observations->value))
		return true;
	if (!memory_reserve(&observations->values, &observations->capacity,
			    observations->value_count + count, sizeof(*values), "observations",
			    error))
		return false;
	for (size_t i = 0; first && i < observations->value_count; i++)
		observations->values[i] = observations->value;
	memcpy(observations->values + observations->value_count, values, count * sizeof(*values));
	return true;
}

/* --- when there are too many ------------------------------------------------------- */

static bool count_values(struct observations *observations, size_t replication,
			 const int64_t *values, size_t count, struct error *error)
{
	for (size_t i = 0; i < count; i++)
		if (!histogram_add(&observations->sections[replication % SECTIONS_MOST], values[i],
				   error))
			return false;
	return true;
}

/* Several values of a replication are replaced by their sum. */
static bool begin_sums(struct observations *observations, struct error *error)
{
	if (!memory_reserve(&observations->sums, &observations->sum_capacity,
			    observations->kept + 1, sizeof(*observations->sums), "replications",
			    error))
		return false;
	for (size_t r = 0; r < observations->kept; r++) {
		size_t count;
		const int64_t *values = observations_of(observations, r, &count);

		observations->sums[r] = sum_of(values, count);
	}
	free(observations->values);
	free(observations->ends);
	observations->values = NULL;
	observations->ends = NULL;
	observations->value_count = observations->capacity = observations->end_capacity = 0;
	return true;
}

/* The values kept so far are counted. */
static bool begin_counting(struct observations *observations, struct error *error)
{
	observations->sections =
		memory_array(SECTIONS_MOST, sizeof(*observations->sections), "histograms", error);
	if (!observations->sections)
		return false;
	for (size_t r = 0; r < observations->kept; r++) {
		size_t count;
		const int64_t *values = observations_of(observations, r, &count);

		if (!count_values(observations, r, values, count, error))
			return false;
	}
	return !observations->several || begin_sums(observations, error);
}

/* One more of the first replications, which are known one by one. */
static bool keep(struct observations *observations, const int64_t *values, size_t count,
		 struct error *error)
{
	if (observations->sums) {
		if (!memory_reserve(&observations->sums, &observations->sum_capacity,
				    observations->kept + 1, sizeof(*observations->sums),
				    "replications", error))
			return false;
		observations->sums[observations->kept++] = sum_of(values, count);
		return true;
	}
	if (!keep_end(observations, count, error) ||
	    !keep_values(observations, values, count, error))
		return false;
	observations->value_count += count;
	observations->kept++;
	return true;
}

/* One more of all, however it is kept. */
static void note(struct observations *observations, int64_t value)
{
	observations->sum += value;
	if (!observations->count || value < observations->smallest)
		observations->smallest = value;
	if (!observations->count || value > observations->largest) {
		observations->largest = value;
		observations->worst = observations->replications;
	}
	observations->count++;
}

bool observations_add(struct observations *observations, const int64_t *values, size_t count,
		      struct error *error)
{
	size_t limit = observations->limit ? observations->limit : KEPT_MOST;
	size_t replication = observations->replications;

	observations->several = observations->several || count > 1;
	if (!observations->sections && observations->count + count > limit &&
	    !begin_counting(observations, error))
		return false;
	if (observations->sections &&
	    !count_values(observations, replication, values, count, error))
		return false;
	if (observations->kept == replication &&
	    (observations->sums ? replication < KEPT_MOST : !observations->sections) &&
	    !keep(observations, values, count, error))
		return false;
	for (size_t i = 0; i < count; i++)
		note(observations, values[i]);
	observations->replications++;
	return true;
}

/*
 * The usual case: a column, which needs no look at each replication by itself. Returns how many
 * of the rows were taken: as many as are kept one by one, and for a column that is one number so
 * far as many as are that number.
 */
static size_t add_to_column(struct observations *observations, const int64_t *values, size_t step,
			    size_t rows)
{
	size_t limit = observations->limit ? observations->limit : KEPT_MOST;
	size_t room, taken = 0;

	if (observations->each != 1 || observations->ends || observations->sections ||
	    observations->sums || !observations->kept ||
	    observations->kept != observations->replications || observations->count >= limit)
		return 0;
	room = limit - observations->count;
	if (observations->values && room > observations->capacity - observations->value_count)
		room = observations->capacity - observations->value_count;
	if (rows > room)
		rows = room;
	if (observations->values) {
		int64_t *column = observations->values + observations->value_count;

		for (; taken < rows; taken++) {
			column[taken] = values[taken * step];
			note(observations, column[taken]);
			observations->replications++;
		}
	} else {
		while (taken < rows && values[taken * step] == observations->value)
			taken++;
		observations->sum += (__int128)observations->value * (__int128)taken;
		observations->count += taken;
		observations->replications += taken;
	}
	observations->value_count += taken;
	observations->kept += taken;
	return taken;
}

/* Replications that give nothing, as none before gave. */
static bool add_nothing(struct observations *observations, size_t rows)
{
	if (observations->count || observations->ends || observations->sections ||
	    observations->sums || observations->kept != observations->replications)
		return false;
	observations->kept += rows;
	observations->replications += rows;
	return true;
}

bool observations_add_rows(struct observations *observations, const int64_t *values, size_t count,
			   size_t step, size_t rows, struct error *error)
{
	size_t r = 0;

	if (!count && add_nothing(observations, rows))
		return true;
	while (r < rows) {
		if (count == 1)
			r += add_to_column(observations, values + r * step, step, rows - r);
		if (r < rows && !observations_add(observations, values + r++ * step, count, error))
			return false;
	}
	return true;
}

void observations_fini(struct observations *observations)
{
	for (size_t s = 0; observations->sections && s < SECTIONS_MOST; s++)
		histogram_fini(&observations->sections[s]);
	free(observations->sections);
	free(observations->values);
	free(observations->ends);
	free(observations->sums);
	*observations = (struct observations){ 0 };
}

/* --- their distribution ---------------------------------------------------------------- */

static bool distribution_between(const struct observations *observations, size_t first, size_t end,
				 struct distribution *distribution, struct error *error)
{
	if (!observations->values)
		return distribution_from_one(distribution, observations->value, end - first, error);
	return distribution_from_values(distribution, observations->values + first, end - first,
					error);
}

bool observations_distribution(const struct observations *observations,
			       struct distribution *distribution, struct error *error)
{
	if (observations->sections)
		return distribution_from_histograms(distribution, observations->sections,
						    SECTIONS_MOST, error);
	return distribution_between(observations, 0, observations->count, distribution, error);
}

/* Index of the first value of a section of those that are kept. */
static size_t first_of_section(const struct observations *observations, size_t section,
			       size_t sections)
{
	return first_of(observations, section * observations->replications / sections);
}

bool observations_section(const struct observations *observations, size_t section, size_t sections,
			  struct distribution *distribution, struct error *error)
{
	if (observations->sections)
		return distribution_from_histograms(distribution, &observations->sections[section],
						    1, error);
	return distribution_between(observations, first_of_section(observations, section, sections),
				    first_of_section(observations, section + 1, sections),
				    distribution, error);
}

size_t observations_section_count(const struct observations *observations, size_t section,
				  size_t sections)
{
	if (observations->sections)
		return observations->sections[section].count;
	return first_of_section(observations, section + 1, sections) -
	       first_of_section(observations, section, sections);
}

double mean_of(const struct observations *observations)
{
	return (double)observations->sum / (double)observations->count;
}
