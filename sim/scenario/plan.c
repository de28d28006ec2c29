/* What a scenario varies: the pointers of its sweep and their values, and its plan. */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "document/record.h"
#include "scenario/loader.h"

enum { VARIATIONS_MOST = 16 };

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

static bool load_between(struct loader *loader, const json_t *range, struct plan_config *plan)
{
	const json_t *low = json_array_get(range, 0), *high = json_array_get(range, 1);

	plan->low = json_integer_value(low);
	plan->high = json_integer_value(high);
	if (json_array_size(range) == 2 && json_is_integer(low) && json_is_integer(high) &&
	    plan->low <= plan->high && plan->high - plan->low < 1000000000)
		return true;
	if (json_is_integer(low) && json_is_integer(high) && plan->low > plan->high)
		return loader_error(loader, "/plan/between",
				    "the first is larger than the second; [%lld, %lld]?",
				    (long long)plan->high, (long long)plan->low);
	return loader_error(loader, "/plan/between",
			    "two whole numbers are needed, [1, 400] for example");
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
	if (plan->most < plan->first)
		plan->most = plan->first;
	if (*plan->vary != '/')
		return loader_error(loader, "/plan/vary",
				    "a JSON pointer is needed, /guests/0/count for example");
	if (!raw->subject_to.count || raw->subject_to.count > 16)
		return loader_error(loader, "/plan/subject_to", "one to 16 limits are needed");
	return load_between(loader, json_object_get(object, "between"), plan) &&
	       load_each(loader, json_object_get(object, "for_each"), plan) &&
	       load_limits(loader, "/plan/subject_to", &raw->subject_to,
			   json_object_get(object, "subject_to"), &plan->limits,
			   &plan->limit_count);
}
