#include "decide/fit_profile.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "document/json.h"
#include "flow/config.h"
#include "report/json_tools.h"
#include "report/output.h"
#include "scenario/profile.h"

static json_t *price_text(double value_ns)
{
	/* To a picosecond, and six digits of what is less than a microsecond. */
	return json_sprintf(value_ns < 1000 ? "%.6fns" : "%.3fns", fmax(0, value_ns));
}

static json_t *cost_to_json(const struct fit_cost *cost)
{
	json_t *object = json_pack("{s:o}", "mean", price_text(cost->value.value));

	if (!isnan(cost->cv))
		object = object_with(object, "cv", json_number(cost->cv));
	if (cost->known)
		object = object_with(object, "range",
				     json_pack("[o, o]", price_text(cost->value.low),
					       price_text(cost->value.high)));
	object = object_with(object, "status", json_string("measured"));
	return object_with(object, "source", json_text(cost->source));
}

/* What is said of errors of the term together with others' is of another estimate. */
static void forget_correlations(json_t *root, const char *term)
{
	json_t *list = json_object_get(root, "correlations");

	for (size_t i = json_array_size(list); i-- > 0;)
		for (size_t k = 0; k < 2; k++) {
			const char *name =
				json_string_value(json_array_get(json_array_get(list, i), k));

			if (name && strcmp(name, term) == 0) {
				json_array_remove(list, i);
				break;
			}
		}
	if (list && json_array_size(list) == 0)
		json_object_del(root, "correlations");
}

/* The costs in a profile of which all else is there; takes it over. */
static json_t *with_costs(json_t *root, const struct fit_profile *profile)
{
	for (size_t i = 0; root && i < profile->count; i++) {
		forget_correlations(root, profile->costs[i].term);
		root = object_with_in(root, "costs", profile->costs[i].term,
				      cost_to_json(&profile->costs[i]));
	}
	return root;
}

static bool write_root(json_t *root, const char *path, struct error *error)
{
	struct output output = { 0 };

	if (!output_open(&output, path, error)) {
		json_decref(root);
		return false;
	}
	json_write(root, NULL, output.stream, error);
	return output_close(&output, error);
}

static json_t *new_root(const struct fit_profile *profile)
{
	json_t *root =
		json_pack("{s:s, s:o}", "name", "fitted costs", "about", json_text(profile->about));

	if (profile->architecture >= 0)
		root = object_with(root, "platform",
				   json_pack("{s:s}", "architecture",
					     architecture_names[profile->architecture]));
	return object_with(root, "costs", json_object());
}

bool fit_profile_write(const struct fit_profile *profile, const char *path, struct error *error)
{
	return write_root(with_costs(new_root(profile), profile), path, error);
}

bool fit_profile_merge(const struct fit_profile *profile, const char *path, struct error *error)
{
	struct document document;
	struct profile read = { 0 };
	json_t *root = NULL;
	bool ok;

	if (access(path, F_OK) != 0)
		return fit_profile_write(profile, path, error);
	if (!document_read(&document, path, error))
		return false;
	ok = profile_read(&document, &read, error);
	if (ok && profile->architecture >= 0 && read.measured &&
	    read.platform.architecture != profile->architecture)
		ok = document_error(&document, "/platform/architecture", error,
				    "prices of %s do not belong into this profile",
				    architecture_names[profile->architecture]);
	if (ok)
		root = json_deep_copy(document.root);
	profile_fini(&read);
	document_fini(&document);
	return ok && write_root(with_costs(root, profile), path, error);
}
