#include "scenario/costs.h"

#include <limits.h>
#include <sha256.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/quantity.h"
#include "flow/model.h"
#include "scenario/data_folder.h"

enum { PROFILES_MAX = 100 };

static struct cost default_cost(const struct term *term)
{
	return (struct cost){
		.law = { term->mean_ns, term->cv },
		.low_ns = term->low_ns,
		.high_ns = term->high_ns,
		.status = term->status,
		.source = term->source,
	};
}

bool costs_default(const struct model *model, struct cost **costs, struct error *error)
{
	*costs = memory_array(model->term_count, sizeof(**costs), "costs", error);
	if (!*costs)
		return false;
	for (size_t i = FIRST_TERM; i < model->term_count; i++)
		(*costs)[i] = default_cost(&model->terms[i]);
	return true;
}

/* --- one term ------------------------------------------------------------- */

static bool read_duration(const struct document *document, const char *pointer, json_t *value,
			  double *ns, struct error *error)
{
	struct error why = { 0 };

	if (!json_is_string(value))
		return document_error(document, pointer, error,
				      "a duration is needed, for example \"1.5us\"");
	if (!quantity_read(json_string_value(value), QUANTITY_DURATION, ns, &why))
		return document_error(document, pointer, error, "%s", why.message);
	return true;
}

static bool read_range(const struct document *document, const char *pointer, json_t *value,
		       struct cost *cost, struct error *error)
{
	if (!json_is_array(value) || json_array_size(value) != 2)
		return document_error(document, pointer, error,
				      "a range is a list of two durations, [\"1us\", \"5us\"]");
	if (!read_duration(document, pointer, json_array_get(value, 0), &cost->low_ns, error) ||
	    !read_duration(document, pointer, json_array_get(value, 1), &cost->high_ns, error))
		return false;
	if (cost->low_ns > cost->high_ns)
		return document_error(document, pointer, error, "the range begins above its end");
	return true;
}

static bool read_status(const struct document *document, const char *pointer, json_t *value,
			struct cost *cost, struct error *error)
{
	const char *text = json_string_value(value);

	for (int i = TERM_PUBLISHED; text && i <= TERM_ASSUMED; i++) {
		if (strcmp(text, term_status_names[i]) == 0) {
			cost->status = (enum term_status)i;
			return true;
		}
	}
	return document_error(
		document, pointer, error,
		"a status is \"published\", \"measured\", \"derived\" or \"assumed\"");
}

/* The members of one cost term, over what the cost was. */
static bool read_cost(const struct document *document, const char *pointer, json_t *object,
		      struct cost *cost, struct error *error)
{
	static const char *const keys[] = { "mean", "cv", "range", "status", "source", NULL };
	bool ranged = json_object_get(object, "range") != NULL;
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return document_error(
			document, pointer, error,
			"a cost term is an object with mean, cv, range, status, source");
	json_object_foreach(object, key, value)
	{
		char inner[POINTER_MAX];
		const char *near;
		bool ok = true;

		snprintf(inner, sizeof(inner), "%s", pointer);
		pointer_add_key(inner, key);
		if (strcmp(key, "mean") == 0) {
			ok = read_duration(document, inner, value, &cost->law.mean_ns, error);
		} else if (strcmp(key, "cv") == 0) {
			if (!json_is_number(value) || json_number_value(value) < 0 ||
			    json_number_value(value) > 100)
				return document_error(document, inner, error,
						      "a number between 0 and 100 is needed");
			cost->law.cv = json_number_value(value);
		} else if (strcmp(key, "range") == 0) {
			ok = read_range(document, inner, value, cost, error);
		} else if (strcmp(key, "status") == 0) {
			ok = read_status(document, inner, value, cost, error);
		} else if (strcmp(key, "source") == 0) {
			if (!json_is_string(value))
				return document_error(document, inner, error, "a string is needed");
			cost->source = json_string_value(value);
		} else if (strncmp(key, "//", 2) != 0) {
			near = nearest_name(key, keys);
			return document_key_error(document, inner, error,
						  "a cost term has no \"%.60s\"%s%s%s", key,
						  near ? "; did you mean \"" : "", near ? near : "",
						  near ? "\"?" : "");
		}
		if (!ok)
			return false;
	}
	if (cost->status != TERM_ASSUMED && json_object_get(object, "status") &&
	    !json_object_get(object, "source"))
		return document_error(document, pointer, error,
				      "a cost that is not assumed needs its source");
	/* The evidence for the default is none for another value. */
	if (json_object_get(object, "mean") && !json_object_get(object, "status"))
		cost->status = TERM_ASSUMED;
	if (json_object_get(object, "mean") && !json_object_get(object, "source"))
		cost->source = "given without a source";
	if (!ranged && cost->law.mean_ns < cost->low_ns)
		cost->low_ns = cost->law.mean_ns;
	if (!ranged && cost->law.mean_ns > cost->high_ns)
		cost->high_ns = cost->law.mean_ns;
	if (cost->law.mean_ns < cost->low_ns || cost->law.mean_ns > cost->high_ns)
		return document_error(document, pointer, error, "the mean lies outside its range");
	return true;
}

/* --- one object of terms -------------------------------------------------- */

static bool unknown_term(const struct document *document, const char *pointer, const char *name,
			 struct error *error)
{
	const char *names[1024];
	const char *near;
	size_t count = 0;

	for (size_t m = 0; m < model_table_count; m++)
		for (size_t t = FIRST_TERM; t < model_table[m]->term_count && count < 1023; t++)
			names[count++] = model_table[m]->terms[t].name;
	names[count] = NULL;
	near = nearest_name(name, names);
	return document_key_error(
		document, pointer, error,
		"no model has a cost term \"%.60s\"%s%s%s (`sim costs` lists them)", name,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static const struct term *find_term(const struct model *model, const char *name)
{
	for (size_t t = FIRST_TERM; t < model->term_count; t++)
		if (strcmp(model->terms[t].name, name) == 0)
			return &model->terms[t];
	return NULL;
}

/* The first guest of a model, or NULL; the later ones get a copy of its costs at the end. */
static struct guest_config *first_guest(const struct model *model, struct guest_config *guests,
					size_t guest_count)
{
	for (size_t g = 0; g < guest_count; g++)
		if (guests[g].model == model)
			return &guests[g];
	return NULL;
}

/* One term of a profile, in every model that has it; checked even if no guest pays it. */
static bool apply_term(const struct document *document, const char *pointer, const char *name,
		       json_t *value, struct guest_config *guests, size_t guest_count,
		       const char *profile, struct error *error)
{
	bool known = false;

	for (size_t m = 0; m < model_table_count; m++) {
		const struct model *model = model_table[m];
		const struct term *term = find_term(model, name);
		struct guest_config *guest = first_guest(model, guests, guest_count);
		struct cost unused, *cost = &unused;

		if (!term)
			continue;
		known = true;
		unused = default_cost(term);
		if (guest)
			cost = &guest->costs[term - model->terms];
		if (!read_cost(document, pointer, value, cost, error))
			return false;
		cost->profile = profile;
	}
	return known || unknown_term(document, pointer, name, error);
}

static bool apply_terms(const struct document *document, const char *pointer, json_t *terms,
			struct guest_config *guests, size_t guest_count, const char *profile,
			struct error *error)
{
	const char *name;
	json_t *value;

	if (!json_is_object(terms))
		return document_error(document, pointer, error,
				      "an object of cost terms is needed");
	json_object_foreach(terms, name, value)
	{
		char inner[POINTER_MAX];

		if (strncmp(name, "//", 2) == 0)
			continue;
		snprintf(inner, sizeof(inner), "%s", pointer);
		pointer_add_key(inner, name);
		if (!apply_term(document, inner, name, value, guests, guest_count, profile, error))
			return false;
	}
	return true;
}

/* --- profiles ------------------------------------------------------------- */

static bool apply_profile(const struct document *scenario, const char *pointer, const char *name,
			  struct guest_config *guests, size_t guest_count,
			  struct profiles *profiles, struct error *error)
{
	static const char *const keys[] = { "name", "about", "costs", "$schema", NULL };
	char path[PATH_MAX];
	struct document *document;
	const char *key;
	json_t *value;

	if (!data_folder_find(scenario->path, name, path, sizeof(path)))
		return document_error(
			scenario, pointer, error,
			"no such cost profile beside the scenario, in $SIM_PATH or in the "
			"program's data folder");
	document = &profiles->documents[profiles->count];
	if (!document_read(document, path, error))
		return false;
	profiles->count++;
	if (!json_is_object(document->root) || !json_object_get(document->root, "costs"))
		return document_error(document, "", error,
				      "a cost profile is an object with \"costs\"");
	json_object_foreach(document->root, key, value)
	{
		const char *near;
		char inner[POINTER_MAX] = "";
		bool known = strncmp(key, "//", 2) == 0;

		for (int i = 0; keys[i]; i++)
			known = known || strcmp(keys[i], key) == 0;
		pointer_add_key(inner, key);
		if (known)
			continue;
		near = nearest_name(key, keys);
		return document_key_error(
			document, inner, error, "a cost profile has no key \"%.60s\"%s%s%s", key,
			near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	}
	return apply_terms(document, "/costs", json_object_get(document->root, "costs"), guests,
			   guest_count, document->path, error);
}

bool costs_apply(const struct document *scenario, json_t *list, struct guest_config *guests,
		 size_t guest_count, struct profiles *profiles, struct error *error)
{
	size_t index;
	json_t *item;

	if (!list)
		return true;
	if (!json_is_array(list))
		return document_error(
			scenario, "/costs", error,
			"a list of cost profiles is needed, [\"costs/s390-assumed.json\"]");
	if (json_array_size(list) > PROFILES_MAX)
		return document_error(scenario, "/costs", error, "more than %d cost profiles",
				      PROFILES_MAX);
	profiles->documents = memory_array(json_array_size(list), sizeof(*profiles->documents),
					   "profiles", error);
	if (!profiles->documents)
		return false;
	json_array_foreach(list, index, item)
	{
		char pointer[POINTER_MAX] = "/costs";
		bool ok;

		pointer_add_index(pointer, index);
		if (json_is_string(item))
			ok = apply_profile(scenario, pointer, json_string_value(item), guests,
					   guest_count, profiles, error);
		else
			ok = apply_terms(scenario, pointer, item, guests, guest_count,
					 document_is_set(scenario, pointer) ? "--set"
									    : scenario->path,
					 error);
		if (!ok)
			return false;
	}
	for (size_t g = 0; g < guest_count; g++) {
		const struct guest_config *first =
			first_guest(guests[g].model, guests, guest_count);

		if (first != &guests[g])
			memcpy(guests[g].costs, first->costs,
			       guests[g].model->term_count * sizeof(*first->costs));
	}
	return true;
}

void profiles_fini(struct profiles *profiles)
{
	for (size_t i = 0; i < profiles->count; i++)
		document_fini(&profiles->documents[i]);
	free(profiles->documents);
	*profiles = (struct profiles){ 0 };
}

void costs_hash(const struct guest_config *guests, size_t guest_count, char hash[65])
{
	SHA2_CTX context;

	SHA256Init(&context);
	for (size_t g = 0; g < guest_count; g++) {
		for (size_t t = FIRST_TERM; t < guests[g].model->term_count; t++) {
			const struct cost *cost = &guests[g].costs[t];
			char line[512];
			int length = snprintf(
				line, sizeof(line), "%s %s %.17g %.17g %.17g %.17g %d\n",
				guests[g].name, guests[g].model->terms[t].name, cost->law.mean_ns,
				cost->law.cv, cost->low_ns, cost->high_ns, (int)cost->status);

			SHA256Update(&context, (const uint8_t *)line, (size_t)length);
		}
	}
	SHA256End(&context, hash);
}
