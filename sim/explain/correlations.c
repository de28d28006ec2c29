/*
 * A Gaussian copula within a Latin hypercube: normal scores of the draws are multiplied by the
 * Cholesky factor of the correlations, and each price's draws are put into the order of what
 * comes out. Their strata stay as they are (R. L. Iman, W. J. Conover, Communications in
 * Statistics B 11, 1982). The factor is not a library's: on arm64 and s390x those fuse
 * multiplications and additions, and what is singular, or which draw comes first, would be
 * another machine's.
 */

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "base/memory.h"
#include "base/special_functions.h"
#include "explain/explain_parts.h"

/* The prices that correlations name, and the factor of these. */
struct copula {
	size_t *members; /* numbers of prices */
	size_t count;
	double *factor; /* its lower triangle, row by row of `count` */
};

/* The price of that name that comes with `other`: of the same guests. SIZE_MAX: not charged. */
static size_t find_member(const struct copula *copula, const struct variant *variant,
			  const char *name, size_t guest)
{
	for (size_t i = 0; i < copula->count; i++) {
		const struct price *price = &variant->prices[copula->members[i]];

		if (price->guest == guest && strcmp(price->name, name) == 0)
			return i;
	}
	return SIZE_MAX;
}

static bool is_named(const struct simulation_config *config, const char *name)
{
	for (size_t i = 0; i < config->correlation_count; i++)
		if (strcmp(config->correlations[i].terms[0], name) == 0 ||
		    strcmp(config->correlations[i].terms[1], name) == 0)
			return true;
	return false;
}

static bool find_members(struct copula *copula, const struct variant *variant, struct error *error)
{
	copula->members =
		memory_array(variant->price_count, sizeof(*copula->members), "prices", error);
	for (size_t p = 0; copula->members && p < variant->price_count; p++)
		if (variant->prices[p].guest != (size_t)PRICE_OF_HOST &&
		    is_named(variant->original, variant->prices[p].name))
			copula->members[copula->count++] = p;
	return copula->members != NULL;
}

/* Cholesky's factor into the lower triangle; false: the matrix is not positive definite. */
static bool factorize(double *matrix, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double *row = matrix + i * count;

		for (size_t j = 0; j <= i; j++) {
			const double *other = matrix + j * count;
			double rest = row[j];

			for (size_t k = 0; k < j; k++)
				rest -= row[k] * other[k];
			if (i == j && !(rest > 0))
				return false;
			row[j] = i == j ? sqrt(rest) : rest / other[j];
		}
	}
	return true;
}

static bool fill_factor(struct copula *copula, const struct variant *variant, struct error *error)
{
	const struct simulation_config *config = variant->original;
	size_t count = copula->count;

	copula->factor = memory_array(count * count, sizeof(double), "correlations", error);
	if (!copula->factor)
		return false;
	for (size_t i = 0; i < count; i++)
		copula->factor[i * count + i] = 1;
	for (size_t c = 0; c < config->correlation_count; c++) {
		const struct correlation *correlation = &config->correlations[c];

		for (size_t i = 0; i < copula->count; i++) {
			const struct price *price = &variant->prices[copula->members[i]];
			size_t other;

			if (strcmp(price->name, correlation->terms[0]) != 0)
				continue;
			other = find_member(copula, variant, correlation->terms[1], price->guest);
			if (other == SIZE_MAX)
				continue;
			copula->factor[i * count + other] = correlation->value;
			copula->factor[other * count + i] = correlation->value;
		}
	}
	if (factorize(copula->factor, count))
		return true;
	return error_set(error, ERROR_INPUT,
			 "the correlations of %s and others cannot hold at once: their matrix is "
			 "not positive definite; leave some out of the profile, or make them "
			 "smaller",
			 variant->prices[copula->members[0]].name);
}

/* Of draw d: what the factor makes of the members' scores, into mixed[i * draws + d]. */
static void mix(const struct copula *copula, uint64_t draws, uint64_t d, const double *u,
		double *mixed)
{
	for (size_t i = 0; i < copula->count; i++)
		mixed[i * draws + d] = 0;
	for (size_t j = 0; j < copula->count; j++) {
		double score =
			special_normal_quantile(fmax(u[copula->members[j] * draws + d], DBL_MIN));

		for (size_t i = j; i < copula->count; i++)
			mixed[i * draws + d] += copula->factor[i * copula->count + j] * score;
	}
}

/* Put a price's draws into the order of its mixed scores. */
static void reorder(double *u, const double *mixed, uint64_t draws, size_t *order)
{
	gsl_sort_index(order, mixed, 1, draws);
	gsl_sort(u, 1, draws);
	/* u[k] belongs to draw order[k] */
	for (size_t k = 0; k < draws; k++) {
		while (order[k] != k) {
			size_t to = order[k];
			double moved = u[k];

			u[k] = u[to];
			u[to] = moved;
			order[k] = order[to];
			order[to] = to;
		}
	}
}

bool correlations_apply(const struct variant *variant, uint64_t draws, double *u,
			struct error *error)
{
	struct copula copula = { 0 };
	double *mixed = NULL;
	size_t *order = NULL;
	bool ok;

	if (!variant->original->correlation_count)
		return true;
	ok = find_members(&copula, variant, error);
	if (!ok || copula.count < 2)
		goto out;
	ok = fill_factor(&copula, variant, error);
	if (!ok)
		goto out;
	mixed = memory_array(copula.count * draws, sizeof(*mixed), "draws", error);
	order = memory_array(draws, sizeof(*order), "draws", error);
	ok = mixed && order;
	for (uint64_t d = 0; ok && d < draws; d++)
		mix(&copula, draws, d, u, mixed);
	for (size_t i = 0; ok && i < copula.count; i++)
		reorder(u + copula.members[i] * draws, mixed + i * draws, draws, order);
out:
	free(copula.factor);
	free(copula.members);
	free(mixed);
	free(order);
	return ok;
}
