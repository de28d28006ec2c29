#include "scenario/costs.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "document/record.h"
#include "flow/model.h"
#include "scenario/platform.h"

enum { PROFILES_MAX = 100 };

/* --- terms ---------------------------------------------------------------- */

static bool unknown_term(const struct document *document, const char *pointer, const char *name,
			 const struct designs *designs, struct error *error)
{
	struct candidates known = { 0 };
	char hint[HINT_MAX];

	for (size_t m = 0; m < model_table_count; m++) {
		const struct model *model = designs_model(designs, model_table[m]);

		for (size_t t = FIRST_TERM; t < model->term_count; t++)
			candidates_add(&known, model->terms[t].name);
	}
	return document_key_error(document, pointer, name, error,
				  "no model has a cost term \"%.60s\"%s (`sim costs` lists them)",
				  name, did_you_mean(hint, name, known.names));
}

/*
 * Guests that pay the same prices: of one model, on the same versions. The first of them has the
 * prices; the others get a copy at the end.
 */
struct alike {
	struct guest_config **first; /* one for each kind */
	size_t *kinds;               /* of each guest, an index into that */
	size_t count;
};

static bool are_alike(const struct guest_config *one, const struct guest_config *other)
{
	return one->model == other->model && one->version_count == other->version_count &&
	       (!one->version_count || memcmp(one->versions, other->versions,
					      one->version_count * sizeof(one->versions[0])) == 0);
}

static bool alike_find(struct alike *alike, struct simulation_config *config, struct error *error)
{
	alike->first = memory_array(config->guest_count, sizeof(*alike->first), "costs", error);
	alike->kinds = memory_array(config->guest_count, sizeof(*alike->kinds), "costs", error);
	if (!alike->first || !alike->kinds)
		return false;
	for (size_t g = 0; g < config->guest_count; g++) {
		size_t kind = 0;

		while (kind < alike->count && !are_alike(alike->first[kind], &config->guests[g]))
			kind++;
		if (kind == alike->count)
			alike->first[alike->count++] = &config->guests[g];
		alike->kinds[g] = kind;
	}
	return true;
}

/* What the profiles of a scenario are applied to. */
struct target {
	const struct document *scenario;
	struct simulation_config *config;
	const struct designs *designs;
	struct companions *companions;
	struct chosen_platform *platform;
	struct alike alike;
	struct bandwidth_range bandwidth; /* of any host */
	struct error *error;
};

/* Prices that are given anew do not err with what they were estimated with before. */
static void forget_correlations(struct simulation_config *config, const char *term)
{
	size_t kept = 0;

	for (size_t i = 0; i < config->correlation_count; i++)
		if (strcmp(config->correlations[i].terms[0], term) != 0 &&
		    strcmp(config->correlations[i].terms[1], term) != 0)
			config->correlations[kept++] = config->correlations[i];
	config->correlation_count = kept;
}

static bool apply_to_guests(const struct target *target, const struct document *document,
			    const char *pointer, json_t *value, const struct model *model,
			    size_t term, bool elsewhere)
{
	for (size_t k = 0; k < target->alike.count; k++) {
		struct guest_config *guest = target->alike.first[k];
		struct cost anywhere;

		if (guest->model != model)
			continue;
		anywhere = cost_of_guest(guest, term);
		if (!cost_read(document, pointer, value, &target->config->host, &guest->costs[term],
			       target->error))
			return false;
		if (elsewhere)
			cost_widen(&guest->costs[term], &anywhere);
	}
	return true;
}

/* One term of a profile, in every model that has it; checked even if no guest pays it. */
static bool apply_term(const struct target *target, const struct document *document,
		       const char *pointer, const char *name, json_t *value, bool elsewhere)
{
	char inner[POINTER_MAX];
	bool known = false;

	pointer_to_key(inner, pointer, name);
	forget_correlations(target->config, name);
	for (size_t m = 0; m < model_table_count; m++) {
		const struct model *model = designs_model(target->designs, model_table[m]);
		int term = model_term(model, name);
		struct cost unused;

		if (term == NO_TERM)
			continue;
		known = true;
		unused = cost_default(model, &model->terms[term]);
		if (!cost_read(document, inner, value, &target->config->host, &unused,
			       target->error) ||
		    !apply_to_guests(target, document, inner, value, model, (size_t)term,
				     elsewhere))
			return false;
	}
	return known || unknown_term(document, pointer, name, target->designs, target->error);
}

/* `elsewhere`: they were measured on another platform. */
static bool apply_terms(const struct target *target, const struct document *document,
			const char *pointer, json_t *terms, bool elsewhere)
{
	const char *name;
	json_t *value;

	if (!json_is_object(terms))
		return document_error(document, pointer, target->error,
				      "an object of cost terms is needed");
	json_object_foreach(terms, name, value)
	{
		if (strncmp(name, "//", 2) != 0 &&
		    !apply_term(target, document, pointer, name, value, elsewhere))
			return false;
	}
	return true;
}

/* --- profiles ------------------------------------------------------------- */

static bool add_correlations(const struct target *target, const struct profile *profile)
{
	struct simulation_config *config = target->config;
	size_t count = config->correlation_count + profile->correlation_count;
	struct correlation *all = memory_array(count, sizeof(*all), "correlations", target->error);

	if (!all)
		return false;
	for (size_t i = 0; i < count; i++)
		all[i] = i < config->correlation_count
				 ? config->correlations[i]
				 : profile->correlations[i - config->correlation_count];
	free(config->correlations);
	config->correlations = all;
	config->correlation_count = count;
	return true;
}

/* Every guest must be able to run there. */
static bool check_guests(const struct target *target, const char *pointer,
			 enum architecture architecture)
{
	char why[PLATFORM_WHY_MAX];

	for (size_t g = 0; g < target->config->guest_count; g++)
		if (!platform_runs(architecture, &target->config->guests[g], why))
			return document_error(target->scenario, pointer, target->error,
					      "this platform is %s, but %s",
					      architecture_names[architecture], why);
	return true;
}

/* The scenario runs on what this profile was measured on. */
static bool settle(const struct target *target, const char *pointer, const char *name,
		   struct profile *profile)
{
	struct chosen_platform *platform = target->platform;

	platform->known = true;
	platform->name = memory_text(name, target->error);
	platform->is = profile->platform;
	profile->platform = (struct platform){ 0 };
	return platform->name &&
	       check_guests(target, pointer, (enum architecture)platform->is.architecture);
}

/* The profile that a value at `pointer` names, which the scenario runs on if it `is_platform`. */
static bool apply_profile(const struct target *target, const struct document *document,
			  const char *pointer, const char *name, bool is_platform)
{
	struct error *error = target->error;
	struct profile profile = { 0 };
	bool ok = document && profile_read(document, &profile, error), elsewhere;

	if (ok && is_platform && !profile.measured)
		ok = document_error(target->scenario, pointer, error,
				    "this profile does not say what it was measured on "
				    "(\"platform\"); it can stand in \"costs\"");
	elsewhere = ok && profile.measured && target->platform->known &&
		    !platform_holds(&profile.platform, &target->platform->is);
	if (ok && profile.measured && !target->platform->known)
		ok = settle(target, pointer, name, &profile);
	ok = ok && profile_bandwidth(document, &profile, &target->config->host, error) &&
	     apply_terms(target, document, "/costs", profile.costs, elsewhere);
	if (ok && elsewhere && profile.bandwidth)
		bandwidth_widen(&target->config->host, target->bandwidth);
	ok = ok && (elsewhere || add_correlations(target, &profile));
	profile_fini(&profile);
	return ok;
}

static bool apply_platform(const struct target *target, const char *name)
{
	return !name || apply_profile(target,
				      platform_document(target->companions, target->scenario,
							"/platform", name, target->error),
				      "/platform", name, true);
}

/* Of the list at /costs: the name of a shipped profile, a path, or an object of terms. */
static bool apply_item(const struct target *target, const char *pointer, json_t *item)
{
	const char *name = json_string_value(item);
	const struct document *document;

	if (!name)
		return apply_terms(target, target->scenario, pointer, item, false);
	document = platform_is_shipped(name)
			   ? platform_document(target->companions, target->scenario, pointer, name,
					       target->error)
			   : companions_read(target->companions, target->scenario, pointer, name,
					     "cost profile", target->error);
	return apply_profile(target, document, pointer, name, false);
}

static bool apply_list(const struct target *target, json_t *list)
{
	size_t index;
	json_t *item;

	if (list && !json_is_array(list))
		return document_error(
			target->scenario, "/costs", target->error,
			"a list of cost profiles is needed, [\"costs/s390-assumed.json\"]");
	if (json_array_size(list) > PROFILES_MAX)
		return document_error(target->scenario, "/costs", target->error,
				      "more than %d cost profiles", PROFILES_MAX);
	json_array_foreach(list, index, item)
	{
		char pointer[POINTER_MAX];

		pointer_to_index(pointer, "/costs", index);
		if (!apply_item(target, pointer, item))
			return false;
	}
	return true;
}

/* --- the whole ------------------------------------------------------------ */

bool costs_apply(const struct document *scenario, bool bandwidth_said,
		 struct simulation_config *config, const struct designs *designs,
		 struct companions *companions, struct chosen_platform *platform,
		 struct error *error)
{
	double said = config->host.memory_bandwidth;
	const char *name = json_string_value(json_object_get(scenario->root, "platform"));
	struct target target = { .scenario = scenario,
				 .config = config,
				 .designs = designs,
				 .companions = companions,
				 .platform = platform,
				 .error = error };

	bool ok;

	bandwidth_default(&config->host);
	target.bandwidth = config->host.bandwidth;
	ok = alike_find(&target.alike, config, error) && apply_platform(&target, name) &&
	     apply_list(&target, json_object_get(scenario->root, "costs"));
	if (bandwidth_said) {
		config->host.memory_bandwidth = said;
		config->host.bandwidth = (struct bandwidth_range){ .low = said, .high = said };
	}
	for (size_t g = 0; ok && g < config->guest_count; g++) {
		struct guest_config *guest = &config->guests[g];
		const struct guest_config *first = target.alike.first[target.alike.kinds[g]];

		if (first != guest)
			memcpy(guest->costs, first->costs,
			       guest->model->term_count * sizeof(*first->costs));
	}
	free(target.alike.first);
	free(target.alike.kinds);
	return ok;
}
