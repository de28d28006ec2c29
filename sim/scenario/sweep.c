/* The sweep of a scenario: JSON pointers and the values that they take. */

#include <stdlib.h>

#include "base/memory.h"
#include "scenario/loader.h"

enum { VARIATIONS_MOST = 16 };

bool load_variation(struct loader *loader, const char *pointer, const json_t *values,
		    struct variation *variation)
{
	size_t count = json_array_size(values);

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
		if (*pointer != '/' || !json_is_array(values) || !json_array_size(values))
			goto wrong;
		if (!load_variation(loader, pointer, values,
				    &scenario->variations[scenario->variation_count++]))
			return false;
	}
	return true;
wrong:
	return loader_error(loader, "/sweep",
			    "at most %d pointers, each with its values, are needed: "
			    "{\"/guests/0/memory\": [\"4GiB\", \"64GiB\"]} for example",
			    VARIATIONS_MOST);
}
