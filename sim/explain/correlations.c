/*
 * A Gaussian copula within a Latin hypercube: normal scores of the draws are multiplied by the
 * Cholesky factor of the correlations, and each price's draws are put into the order of what
 * comes out. Their strata stay as they are (R. L. Iman, W. J. Conover, Communications in
 * Statistics B 11, 1982).
 */

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_sort.h>

#include "base/memory.h"
#include "base/special_functions.h"
#include "explain/explain_parts.h"

/* The prices that correlations name, and the factor of these. */
struct copula {
	size_t *members; /* numbers of prices */
	size_t count;
	gsl_matrix *factor;
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

static bool fill_factor(struct copula *copula, const struct variant *variant, struct error *error)
{
	const struct simulation_config *config = variant->original;

	copula->factor = gsl_matrix_alloc(copula->count, copula->count);
	if (!copula->factor)
		return error_memory(error, "correlations");
	gsl_matrix_set_identity(copula->factor);
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
			gsl_matrix_set(copula->factor, i, other, correlation->value);
			gsl_matrix_set(copula->factor, other, i, correlation->value);
		}
	}
	if (gsl_linalg_cholesky_decomp1(copula->factor) == GSL_SUCCESS)
		return true;
	return error_set(error, ERROR_INPUT,
			 "the correlations of %s and others cannot hold at once: their matrix is "
			 "not positive definite; leave some out of the profile, or make them "
			 "smaller",
			 variant->prices[copula->members[0]].name);
}

/* Of draw d: what the factor makes of the members' scores, into mixed[i * draws + d]. */
static void mix(const struct copula *copula, uint64_t draws, uint64_t d, const double *u,
		gsl_vector *scores, double *mixed)
{
	for (size_t i = 0; i < copula->count; i++)
		gsl_vector_set(
			scores, i,
			special_normal_quantile(fmax(u[copula->members[i] * draws + d], DBL_MIN)));
	gsl_blas_dtrmv(CblasLower, CblasNoTrans, CblasNonUnit, copula->factor, scores);
	for (size_t i = 0; i < copula->count; i++)
		mixed[i * draws + d] = gsl_vector_get(scores, i);
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
	gsl_vector *scores = NULL;
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
	scores = gsl_vector_alloc(copula.count);
	ok = mixed && order && (scores || error_memory(error, "draws"));
	for (uint64_t d = 0; ok && d < draws; d++)
		mix(&copula, draws, d, u, scores, mixed);
	for (size_t i = 0; ok && i < copula.count; i++)
		reorder(u + copula.members[i] * draws, mixed + i * draws, draws, order);
out:
	gsl_matrix_free(copula.factor);
	gsl_vector_free(scores);
	free(copula.members);
	free(mixed);
	free(order);
	return ok;
}
