/* What a scenario varies: the pointers of its sweep and their values, and its plan. */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "document/record.h"
#include "scenario/loader.h"

enum { VARIATIONS_MOST = 16, LIMITS_MOST = 16 };

/* A pointer and its values; false without a message: they are none. */
static bool load_variation(struct loader *loader, const char *pointer, const json_t *values,
			   struct variation *variation)
{
	size_t count = json_array_size(values);

	if (*pointer != '/' || !count)
		return false;
	variation->of_file = true;
	variation->pointer = memory_text(pointer, loader->error);
	if (!variation->pointer ||
	    !memory_grow(&variation->values, &variation->value_capacity, count,
			 sizeof(*variation->values), "values", loader->error))
		return false;
	for (size_t i = 0; i < count; i++) {
		const json_t *value = json_array_get(values, i);
		char *text = json_is_string(value)
				     ? memory_text(json_string_value(value), loader->error)
				     : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

		if (!text)
			return error_memory(loader->error, "values");
		variation->values[variation->value_count++] = text;
	}
	return true;
}

bool load_sweep(struct loader *loader)
{
	struct scenario *scenario = loader->scenario;
	json_t *object = json_object_get(loader->document->root, "sweep"), *values;
	const char *pointer;

	if (!object || json_is_null(object))
		return true;
	if (!json_is_object(object) || json_object_size(object) > VARIATIONS_MOST)
		goto wrong;
	scenario->variations = memory_array(json_object_size(object) + 1,
					    sizeof(*scenario->variations), "sweep", loader->error);
	if (!scenario->variations)
		return false;
	json_object_foreach(object, pointer, values)
	{
		if (!load_variation(loader, pointer, values,
				    &scenario->variations[scenario->variation_count++]))
			goto wrong;
	}
	return true;
wrong:
	return loader_error(loader, "/sweep",
			    "at most %d pointers, each with its values, are needed: "
			    "{\"/guests/0/memory\": [\"4GiB\", \"64GiB\"]} for example",
			    VARIATIONS_MOST);
}

/* --- the plan --------------------------------------------------------------------- */

/* A number or a quantity as text; the caller frees it. NULL: neither, or no memory. */
static char *end_text(struct loader *loader, const json_t *value)
{
	if (json_is_string(value))
		return memory_text(json_string_value(value), loader->error);
	return json_is_number(value) ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
}

/* "LOW..HIGH" or "LOW,HIGH", as it is typed: either end, without blanks around it; NULL as above. */
static char *typed_end(struct loader *loader, const char *text, bool high)
{
	const char *mark = strstr(text, ".."), *comma = strchr(text, ',');
	size_t marked = mark ? 2 : 1, length;
	char *end;

	mark = mark ? mark : comma;
	if (!mark)
		return NULL;
	text = high ? mark + marked : text;
	text += strspn(text, " ");
	length = high ? strlen(text) : (size_t)(mark - text);
	while (length && text[length - 1] == ' ')
		length--;
	end = memory_array(length + 1, 1, "range", loader->error);
	return end ? memcpy(end, text, length) : NULL;
}

/* Of both ways to say a range. */
static char *end_of_range(struct loader *loader, const json_t *range, bool high)
{
	if (json_is_string(range))
		return typed_end(loader, json_string_value(range), high);
	return json_array_size(range) == 2 ? end_text(loader, json_array_get(range, high)) : NULL;
}

static bool load_between(struct loader *loader, const json_t *object, struct plan_config *plan)
{
	const json_t *range = json_object_get(object, "between");
	const json_t *step = json_object_get(object, "step");
	char *low = end_of_range(loader, range, false);
	char *high = end_of_range(loader, range, true);
	char *apart = end_text(loader, step);
	struct error why = { 0 };
	bool ok = false;

	if (loader->error->kind != ERROR_NONE)
		goto out;
	if (!low || !high)
		loader_error(loader, "/plan/between",
			     "two numbers or quantities are needed, [1, 400] or "
			     "\"64GiB..4TiB\" for example");
	else if (step && !json_is_null(step) && !apart)
		loader_error(loader, "/plan/step",
			     "a number or a quantity is needed, \"1GiB\" for example");
	else if (!scale_read(&plan->between, low, high, apart, &why))
		loader_error(loader, "/plan/between", "%s", why.message);
	else
		ok = true;
out:
	free(low);
	free(high);
	free(apart);
	return ok;
}

static bool load_each(struct loader *loader, json_t *object, struct plan_config *plan)
{
	const char *key = json_object_iter_key(json_object_iter(object));

	return !object || json_is_null(object) ||
	       (json_object_size(object) == 1 &&
		load_variation(loader, key, json_object_get(object, key), &plan->each)) ||
	       loader_error(loader, "/plan/for_each",
			    "one pointer and its values are needed, "
			    "{\"/guests/0/strategy\": [\"sync\", \"async\"]} for example");
}

/* Its own limits, or the objectives. */
static bool load_subject(struct loader *loader, const struct raw_plan *raw, const json_t *object,
			 struct plan_config *plan)
{
	struct raw_scenario *whole = &loader->origin->raw;
	bool own = raw->subject_to.count > 0;
	const struct field_list *list = own ? &raw->subject_to : &whole->objectives;

	if (!list->count || list->count > LIMITS_MOST)
		return loader_error(
			loader, "/plan/subject_to",
			own ? "at most %d limits are possible"
			    : "one to %d limits are needed: [{\"metric\": "
			      "\"reboot.latency\", \"quantile\": 0.99, \"at_most\": "
			      "\"45s\"}] for example, or \"objectives\" of the scenario",
			LIMITS_MOST);
	return load_limits(loader, own ? "/plan/subject_to" : "/objectives", list,
			   own ? json_object_get(object, "subject_to")
			       : json_object_get(loader->document->root, "objectives"),
			   &plan->limits, &plan->limit_count);
}

/* A trace is one history, of which replications vary the costs alone. */
static void choose_replications(const struct scenario *scenario, struct plan_config *plan)
{
	bool few = scenario->fleet != NULL;

	for (size_t i = 0; i < plan->limit_count; i++)
		few = few && plan->limits[i].quantile < 0;
	if (plan->first <= 0)
		plan->first = few ? 3 : 32;
	if (plan->most <= 0)
		plan->most = few ? 6 : 4096;
	if (plan->most < plan->first)
		plan->most = plan->first;
}

bool load_plan(struct loader *loader)
{
	json_t *object = json_object_get(loader->document->root, "plan");
	struct raw_plan *raw = &loader->origin->plan;
	struct plan_config *plan = &raw->config;

	if (!object || json_is_null(object))
		return true;
	if (!record_read_whole(loader->document, &plan_record, object, "/plan", raw, loader->error))
		return false;
	loader->scenario->plan = plan;
	plan->maximize = raw->goal == 0;
	if (*plan->vary != '/')
		return loader_error(loader, "/plan/vary",
				    "a JSON pointer is needed, /guests/0/count for example");
	if (!load_between(loader, object, plan) ||
	    !load_each(loader, json_object_get(object, "for_each"), plan) ||
	    !load_subject(loader, raw, object, plan))
		return false;
	choose_replications(loader->scenario, plan);
	return true;
}
