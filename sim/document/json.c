#include "document/json.h"

json_t *list_with(json_t *list, json_t *item)
{
	if (json_array_append_new(list, item) == 0)
		return list;
	json_decref(list);
	return NULL;
}

json_t *object_with(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) == 0)
		return object;
	json_decref(object);
	return NULL;
}

json_t *object_with_in(json_t *object, const char *inner, const char *key, json_t *value)
{
	if (json_object_set_new(json_object_get(object, inner), key, value) == 0)
		return object;
	json_decref(object);
	return NULL;
}

json_t *list_of_names(const char *const *names)
{
	json_t *list = json_array();

	for (; names && *names; names++)
		list = list_with(list, json_string(*names));
	return list;
}

bool json_print(json_t *value, const char *what, int indent, FILE *out, struct error *error)
{
	if (!value)
		error_memory(error, what);
	else if (json_dumpf(value, out, JSON_INDENT(indent) | JSON_REAL_PRECISION(15)) != 0 ||
		 fputc('\n', out) == EOF)
		error_set(error, ERROR_OUTPUT, "cannot write the %s", what);
	json_decref(value);
	return error->kind == ERROR_NONE;
}
