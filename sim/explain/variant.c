#include "explain/variant.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/elementary.h"
#include "base/memory.h"
#include "base/progress.h"
#include "flow/model.h"
#include "repeat/notes.h"

/* Under common random numbers a few replications show the movement well. */
enum { USUAL = 8, MOST = 512 };

static const char no_end[] = "the operation did not end in time with these costs";
static const char too_dear[] = "with these costs the scenario is too large to be run again";

static bool copy_costs(struct variant *variant, struct error *error)
{
	const struct simulation_config *original = variant->original;
	struct guest_config *guests =
		memory_array(original->guest_count, sizeof(*guests), "guests", error);

	variant->config = *original;
	variant->config.guests = guests;
	/* The page-by-page mode has the same law and is far slower. */
	variant->config.exact_pages = false;
	if (!guests)
		return false;
	for (size_t g = 0; g < original->guest_count; g++) {
		size_t terms = original->guests[g].model->term_count;

		guests[g] = original->guests[g];
		guests[g].costs = memory_array(terms, sizeof(*guests[g].costs), "costs", error);
		if (!guests[g].costs) {
			variant->config.guest_count = g + 1;
			return false;
		}
		memcpy(guests[g].costs, original->guests[g].costs,
		       terms * sizeof(*guests[g].costs));
	}
	return true;
}

/* The error of a variant is the variant's alone, unless nothing could go on after it. */
static bool forgive(struct variant *variant, const struct error *own, struct maybe *mean,
		    struct error *error)
{
	if (own->kind == ERROR_INTERRUPTED || own->kind == ERROR_MEMORY)
		return error_set(error, own->kind, "%s", own->message);
	if (!variant->failed++)
		snprintf(variant->problem, sizeof(variant->problem), "%.500s", own->message);
	*mean = maybe_none("the run with these costs failed");
	return true;
}

/* Go on until there are so many replications with the costs as they are now; they are paid for. */
static bool run_to(struct variant *variant, struct replications *replications, uint64_t count,
		   struct error *error)
{
	uint64_t before = replications->events;
	bool ok = replications_run(replications, &variant->config, count, variant->options, error);

	variant->spent += ok ? replications->events - before : variant->count * variant->each;
	return ok;
}

/* --- what runs cost ------------------------------------------------------------- */

static uint64_t left(const struct variant *variant)
{
	return variant->budget > variant->spent ? variant->budget - variant->spent : 0;
}

bool variant_affords(const struct variant *variant, uint64_t runs)
{
	return left(variant) && runs * variant->count * variant->each <= left(variant);
}

uint64_t variant_affordable(const struct variant *variant)
{
	uint64_t price = variant->count * variant->each;

	return price ? left(variant) / price : UNBOUNDED;
}

uint64_t variant_spare(const struct variant *variant)
{
	uint64_t made = variant->runs < variant->wanted ? variant->runs : variant->wanted;
	uint64_t reserved = (variant->wanted - made) * variant->count * variant->each;

	return left(variant) > reserved ? left(variant) - reserved : 0;
}

/* As many replications of each run as the budget allows all runs that are wanted. */
static uint64_t affordable(const struct variant *variant)
{
	uint64_t price = variant->wanted * variant->each;

	if (!price || variant->budget / price >= variant->usual)
		return variant->usual;
	return variant->budget / price > variant->least ? variant->budget / price : variant->least;
}

/* As many that their mean is known to 2 %, within 512: an answer with two modes needs them. */
static uint64_t enough(const struct observations *observations)
{
	struct interval interval = mean_interval(observations);
	double replications = (double)observations->replications;
	double half, wanted;

	if (!interval.exists)
		return USUAL;
	half = (interval.high - interval.low) / 2 / mean_of(observations);
	wanted = ceil(replications * (half / 0.04) * (half / 0.04));
	if (!(wanted > 1))
		return 1;
	return wanted < MOST ? (uint64_t)wanted : MOST;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* --- prices ------------------------------------------------------------------- */

/* The same price on the same host: guests of one model that were given the same cost. */
static bool is_same(const struct variant *variant, size_t guest, size_t other, size_t term)
{
	const struct guest_config *a = &variant->original->guests[guest];
	const struct guest_config *b = &variant->original->guests[other];

	return a->model == b->model && a->costs[term].law.mean_ns == b->costs[term].law.mean_ns &&
	       a->costs[term].low_ns == b->costs[term].low_ns &&
	       a->costs[term].high_ns == b->costs[term].high_ns;
}

/* Whether this is the first guest of those that share the price, and any was charged for it. */
static bool find_price(const struct variant *variant, size_t guest, size_t term,
		       struct price *price)
{
	const struct guest_config *guests = variant->original->guests;
	const struct model *model = guests[guest].model;

	*price = (struct price){ .guest = guest,
				 .term = term,
				 .cost = &guests[guest].costs[term],
				 .name = model->terms[term].name,
				 .group = guests[guest].name };
	for (size_t g = 0; g < variant->original->guest_count; g++) {
		if (!is_same(variant, guest, g, term))
			continue;
		if (g < guest)
			return false;
		if (g > guest)
			price->group = model->name;
		price->units += price_units(variant->replications, &guests[g], term);
	}
	return price->units > 0;
}

static bool list_prices(struct variant *variant, bool (*wanted)(const struct cost *cost),
			struct error *error)
{
	const struct simulation_config *config = variant->original;
	size_t most = HOST_PRICES;

	for (size_t g = 0; g < config->guest_count; g++)
		most += config->guests[g].model->term_count;
	variant->prices = memory_array(most, sizeof(*variant->prices), "terms", error);
	for (size_t g = 0; variant->prices && g < config->guest_count; g++)
		for (size_t t = FIRST_TERM; t < config->guests[g].model->term_count; t++)
			if (wanted(&config->guests[g].costs[t]) &&
			    find_price(variant, g, t, &variant->prices[variant->price_count]))
				variant->price_count++;
	if (variant->prices)
		variant->price_count +=
			host_prices(config, variant->replications, wanted, variant->of_host,
				    &variant->prices[variant->price_count]);
	return variant->prices != NULL;
}

/* --- the variant ---------------------------------------------------------------- */

bool variant_init(struct variant *variant, const struct simulation_config *config, size_t metric,
		  const struct replications *replications, bool (*wanted)(const struct cost *cost),
		  const struct replicate_options *options, struct error *error)
{
	uint64_t least = lesser(enough(&replications->metrics[metric]), replications->count);

	*variant = (struct variant){ .original = config,
				     .replications = replications,
				     .options = options,
				     .metric = metric,
				     .count = least,
				     .least = least,
				     .usual = least > USUAL ? least
							    : lesser(USUAL, replications->count),
				     .budget = UNBOUNDED,
				     .full = mean_of(&replications->metrics[metric]) };
	/* Page by page it was far dearer than what is run here. */
	if (!config->exact_pages)
		variant->each = replications->events / replications->count;
	variant->crew = crew_new(error);
	return variant->crew && copy_costs(variant, error) && list_prices(variant, wanted, error);
}

bool variant_begin(struct variant *variant, uint64_t wanted, struct error *error)
{
	struct replications *few = &variant->few;
	struct error own = { 0 };
	struct maybe mean;

	if (!replications_init(few, &variant->config, NULL, error))
		return false;
	variant->wanted = wanted;
	variant->runs++;
	if (!run_to(variant, few, 1, &own))
		return forgive(variant, &own, &mean, error);
	variant->each = few->events;
	variant->count = affordable(variant);
	if (!run_to(variant, few, variant->count, &own))
		return forgive(variant, &own, &mean, error);
	if (!few->metrics[variant->metric].count) { /* too rare for a few replications */
		variant->count = variant->replications->count;
		if (!run_to(variant, few, variant->count, &own))
			return forgive(variant, &own, &mean, error);
	}
	if (few->metrics[variant->metric].count)
		variant->base = mean_of(&few->metrics[variant->metric]);
	return true;
}

void variant_fini(struct variant *variant)
{
	replications_fini(&variant->few);
	crew_free(variant->crew);
	for (size_t g = 0; variant->config.guests && g < variant->config.guest_count; g++)
		free(variant->config.guests[g].costs);
	free(variant->config.guests);
	free(variant->prices);
}

void variant_move(struct variant *variant, size_t guest, size_t term, double mean_ns)
{
	if (guest == (size_t)PRICE_OF_HOST) {
		host_price_move(&variant->config, variant->original, &variant->of_host[term],
				(enum host_price)term, mean_ns);
		return;
	}
	for (size_t g = 0; g < variant->config.guest_count; g++)
		if (is_same(variant, guest, g, term))
			variant->config.guests[g].costs[term].law.mean_ns = mean_ns;
}

static void restore(struct variant *variant)
{
	for (size_t g = 0; g < variant->config.guest_count; g++)
		memcpy(variant->config.guests[g].costs, variant->original->guests[g].costs,
		       variant->original->guests[g].model->term_count *
			       sizeof(*variant->config.guests[g].costs));
	variant->config.free_step = NULL;
	variant->config.host = variant->original->host;
}

void variant_widen(struct variant *variant, size_t capacity)
{
	struct host_config *host = &variant->config.host;

	if (capacity == CAPACITY_CORES) {
		host->cores *= 2;
	} else if (capacity == CAPACITY_MEMORY) {
		host->memory_bandwidth *= 2;
	} else {
		memcpy(variant->capacities, host->capacities,
		       host->capacity_count * sizeof(*host->capacities));
		variant->capacities[capacity - CAPACITY_OWN].per_s *= 2;
		host->capacities = variant->capacities;
	}
}

/* The mean of the few replications with the costs as they are now. */
static bool run(struct variant *variant, struct replications *replications, struct maybe *mean,
		struct error *error)
{
	const struct observations *observations = &replications->metrics[variant->metric];
	struct error own = { 0 };

	*mean = maybe_none(no_end);
	if (!run_to(variant, replications, 1, &own))
		return forgive(variant, &own, mean, error);
	if ((variant->count - 1) * replications->events > left(variant)) {
		variant->given_up++;
		*mean = maybe_none(too_dear);
		return true;
	}
	if (!run_to(variant, replications, variant->count, &own))
		return forgive(variant, &own, mean, error);
	if (observations->count)
		*mean = maybe_some(mean_of(observations));
	return true;
}

void variant_step_means(const struct variant *variant, const struct replications *replications,
			double *means)
{
	size_t observed = replications->metrics[variant->metric].count;

	memset(means, 0, variant->step_count * sizeof(*means));
	for (size_t p = 0; p < replications->part_count; p++)
		if (variant->step_of[p] != SIZE_MAX)
			means[variant->step_of[p]] += (double)replications->part_ns[p];
	for (size_t i = 0; i < variant->step_count; i++)
		means[i] /= (double)observed;
}

static void show_progress(const struct variant *variant)
{
	unsigned long long runs = (unsigned long long)variant->runs;

	if (variant->expected >= variant->runs)
		progress_show((double)runs / (double)variant->expected,
			      "%llu of %llu runs with other prices", runs,
			      (unsigned long long)variant->expected);
	else
		progress_show(NAN, "%llu runs with other prices", runs);
}

bool variant_answer(struct variant *variant, struct maybe *mean, struct error *error)
{
	struct replications replications;
	bool ok;

	if (!replications_init(&replications, &variant->config, variant->crew, error))
		return false;
	ok = run(variant, &replications, mean, error);
	if (ok && variant->steps && mean->exists)
		variant_step_means(variant, &replications, variant->steps);
	replications_fini(&replications);
	restore(variant);
	if (mean->exists)
		mean->value = fmax(0, mean->value + variant->full - variant->base);
	variant->runs++;
	show_progress(variant);
	return ok;
}

bool variant_replicate(struct variant *variant, struct replications *replications,
		       struct error *error)
{
	bool ok = replications_init(replications, &variant->config, variant->crew, error) &&
		  run_to(variant, replications, variant->count, error);

	restore(variant);
	variant->runs++;
	show_progress(variant);
	return ok;
}

bool variant_ends(struct variant *variant, const struct price *price, struct maybe *low,
		  struct maybe *high, struct error *error)
{
	variant_move(variant, price->guest, price->term, price->cost->low_ns);
	if (!variant_answer(variant, low, error))
		return false;
	variant_move(variant, price->guest, price->term, price->cost->high_ns);
	return variant_answer(variant, high, error);
}

bool variant_note_failures(struct variant *variant, struct result *result, struct error *error)
{
	uint64_t failed = variant->failed;

	variant->failed = 0;
	return !failed ||
	       result_note(
		       result, error,
		       "%llu of the runs with other costs failed and are left out; the first: %s",
		       (unsigned long long)failed, variant->problem);
}
