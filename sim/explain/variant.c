#include "explain/variant.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/model.h"
#include "repeat/notes.h"

enum { MOST = 512 };

static const char no_end[] = "the operation did not end in time with these costs";

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

static bool run(struct variant *variant, struct maybe *mean, struct error *error)
{
	struct replications replications;
	const struct observations *observations;
	struct error own = { 0 };
	bool ok;

	*mean = maybe_none(no_end);
	if (!replications_init(&replications, &variant->config, variant->crew, error))
		return false;
	ok = replications_run(&replications, &variant->config, variant->count, variant->options,
			      &own);
	observations = &replications.metrics[variant->metric];
	if (ok && observations->count)
		*mean = maybe_some(mean_of(observations));
	replications_fini(&replications);
	return ok || forgive(variant, &own, mean, error);
}

/* As many that their mean is known to 2 %, within 512: an answer with two modes needs them. */
static uint64_t enough(const struct observations *observations, uint64_t least)
{
	struct interval interval = mean_interval(observations);
	double replications = (double)observations->replications;
	double half, wanted;

	if (!interval.exists)
		return least;
	half = (interval.high - interval.low) / 2 / mean_of(observations);
	wanted = ceil(replications * (half / 0.04) * (half / 0.04));
	if (!(wanted > (double)least))
		return least;
	return wanted < MOST ? (uint64_t)wanted : MOST;
}

bool variant_init(struct variant *variant, const struct simulation_config *config, size_t metric,
		  uint64_t count, const struct replications *replications,
		  const struct replicate_options *options, struct error *error)
{
	struct maybe base;

	*variant = (struct variant){ .original = config,
				     .metric = metric,
				     .full = mean_of(&replications->metrics[metric]),
				     .options = options };
	count = enough(&replications->metrics[metric], count);
	variant->count = replications->count < count ? replications->count : count;
	variant->crew = crew_new(error);
	if (!variant->crew || !copy_costs(variant, error) || !run(variant, &base, error))
		return false;
	if (!base.exists) { /* an answer too rare for a few replications */
		variant->count = replications->count;
		if (!run(variant, &base, error))
			return false;
	}
	variant->base = base.exists ? base.value : 0;
	return true;
}

void variant_fini(struct variant *variant)
{
	crew_free(variant->crew);
	for (size_t g = 0; variant->config.guests && g < variant->config.guest_count; g++)
		free(variant->config.guests[g].costs);
	free(variant->config.guests);
}

static bool is_used(const struct replications *replications, const struct guest_config *guest,
		    size_t term)
{
	size_t count;
	const struct counter *counters = simulation_counters(replications->names, &count);

	for (size_t c = 0; c < count; c++)
		if (strcmp(counters[c].name, guest->model->terms[term].name) == 0 &&
		    strcmp(counters[c].group, guest->name) == 0)
			return replications->counters[c] > 0;
	return false;
}

/* The same price on the same host: guests of one model that were given the same cost. */
static bool is_same(const struct variant *variant, size_t guest, size_t other, size_t term)
{
	const struct guest_config *a = &variant->original->guests[guest];
	const struct guest_config *b = &variant->original->guests[other];

	return a->model == b->model && a->costs[term].law.mean_ns == b->costs[term].law.mean_ns &&
	       a->costs[term].low_ns == b->costs[term].low_ns &&
	       a->costs[term].high_ns == b->costs[term].high_ns;
}

void variant_move(struct variant *variant, size_t guest, size_t term, double mean_ns)
{
	for (size_t g = 0; g < variant->config.guest_count; g++)
		if (is_same(variant, guest, g, term))
			variant->config.guests[g].costs[term].law.mean_ns = mean_ns;
}

bool variant_is_shared(const struct variant *variant, size_t guest, size_t term)
{
	for (size_t g = 0; g < variant->config.guest_count; g++)
		if (g != guest && is_same(variant, guest, g, term))
			return true;
	return false;
}

bool variant_concerns(const struct variant *variant, const struct replications *replications,
		      size_t guest, size_t term)
{
	bool used = false;

	for (size_t g = 0; g < variant->config.guest_count; g++) {
		if (!is_same(variant, guest, g, term))
			continue;
		if (g < guest)
			return false;
		used = used || is_used(replications, &variant->original->guests[g], term);
	}
	return used;
}

void variant_restore(struct variant *variant)
{
	for (size_t g = 0; g < variant->config.guest_count; g++)
		memcpy(variant->config.guests[g].costs, variant->original->guests[g].costs,
		       variant->original->guests[g].model->term_count *
			       sizeof(*variant->config.guests[g].costs));
	variant->config.free_step = NULL;
}

bool variant_answer(struct variant *variant, struct maybe *mean, struct error *error)
{
	if (!run(variant, mean, error))
		return false;
	if (mean->exists)
		mean->value = fmax(0, mean->value + variant->full - variant->base);
	return true;
}

bool variant_note_failures(const struct variant *variant, struct result *result,
			   struct error *error)
{
	return !variant->failed ||
	       result_note(
		       result, error,
		       "%llu of the runs with other costs failed and are left out; the first: %s",
		       (unsigned long long)variant->failed, variant->problem);
}
