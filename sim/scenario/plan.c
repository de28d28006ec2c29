/* The plan of a scenario: what to vary, between what, under which limits. */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "document/record.h"
#include "scenario/loader.h"

static bool load_between(struct loader *loader, const json_t *range, struct plan_config *plan)
{
	const json_t *low = json_array_get(range, 0), *high = json_array_get(range, 1);

	plan->low = json_integer_value(low);
	plan->high = json_integer_value(high);
	if (json_array_size(range) == 2 && json_is_integer(low) && json_is_integer(high) &&
	    plan->low <= plan->high && plan->high - plan->low < 1000000000)
		return true;
	return loader_error(loader, "/plan/between",
			    "two whole numbers are needed, [1, 400] for example");
}

static bool load_each(struct loader *loader, json_t *object, struct plan_config *plan)
{
	const char *key;
	json_t *values;

	if (!object || json_is_null(object))
		return true;
	if (!json_is_object(object) || json_object_size(object) != 1)
		goto wrong;
	key = json_object_iter_key(json_object_iter(object));
	values = json_object_get(object, key);
	if (*key != '/' || !json_is_array(values) || !json_array_size(values))
		goto wrong;
	return load_variation(loader, key, values, &plan->each);
wrong:
	return loader_error(loader, "/plan/for_each",
			    "one pointer and its values are needed, {\"/guests/0/strategy\": "
			    "[\"sync\", \"async\"]} for example");
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
