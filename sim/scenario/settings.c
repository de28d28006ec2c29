/* Changes from the command line: --set /json/pointer=VALUE. */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "scenario/document.h"

static bool unknown_key(json_t *object, const char *key, const char *setting, struct error *error)
{
	const char *names[64];
	const char *name, *near;
	json_t *value;
	size_t count = 0;

	json_object_foreach(object, name, value) if (count + 1 < sizeof(names) / sizeof(names[0]))
		names[count++] = name;
	names[count] = NULL;
	near = nearest_name(key, names);
	return error_set(error, ERROR_INPUT,
			 "--set %s: error: the scenario has no \"%s\" there%s%s%s", setting, key,
			 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* An object of the scenario that may be left out appears when something is set in it. */
static json_t *optional_object(json_t *root, const char *key)
{
	static const char *const names[] = { "host", "experiment" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], key) == 0 &&
		    json_object_set_new(root, key, json_object()) == 0)
			return json_object_get(root, key);
	return NULL;
}

static bool array_index(const char *token, size_t size, size_t *index)
{
	char *end;

	if (strcmp(token, "-") == 0) {
		*index = size;
		return true;
	}
	*index = strtoul(token, &end, 10);
	return *token >= '0' && *token <= '9' && !*end && *index < size;
}

static bool put(json_t *container, const char *token, json_t *value, const char *setting,
		struct error *error)
{
	size_t index;
	int failed;

	if (json_is_object(container)) {
		failed = json_object_set(container, token, value);
	} else if (json_is_array(container)) {
		if (!array_index(token, json_array_size(container), &index))
			return error_set(
				error, ERROR_INPUT,
				"--set %s: error: the list has %zu items, \"%s\" is none of them",
				setting, json_array_size(container), token);
		failed = index == json_array_size(container)
				 ? json_array_append(container, value)
				 : json_array_set(container, index, value);
	} else {
		return error_set(error, ERROR_INPUT,
				 "--set %s: error: what is there is neither an object nor a list",
				 setting);
	}
	return failed ? error_memory(error, "setting") : true;
}

bool document_set(struct document *document, const char *setting, struct error *error)
{
	const char *equals = strchr(setting, '='), *rest;
	char pointer[POINTER_MAX], token[POINTER_MAX];
	json_t *at = document->root, *value = NULL;
	bool ok = false;

	if (!equals || setting[0] != '/' || (size_t)(equals - setting) >= sizeof(pointer))
		return error_set(error, ERROR_INPUT,
				 "--set %s: error: /json/pointer=VALUE is needed (for example "
				 "/guests/0/memory=16GiB)",
				 setting);
	memcpy(pointer, setting, (size_t)(equals - setting));
	pointer[equals - setting] = '\0';
	value = json_loads(equals + 1, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	if (!value)
		value = json_string(equals + 1);
	if (!value)
		return error_set(error, ERROR_INPUT, "--set %s: error: the value is not UTF-8",
				 setting);
	rest = pointer;
	while (pointer_next(&rest, token)) {
		json_t *inner = NULL;
		size_t index;

		if (!*rest) {
			ok = put(at, token, value, setting, error);
			break;
		}
		if (json_is_object(at)) {
			inner = json_object_get(at, token);
			if (!inner && at == document->root)
				inner = optional_object(at, token);
			if (!inner) {
				unknown_key(at, token, setting, error);
				goto out;
			}
		} else if (json_is_array(at) && array_index(token, json_array_size(at), &index)) {
			inner = json_array_get(at, index);
		}
		if (!inner) {
			error_set(error, ERROR_INPUT, "--set %s: error: there is nothing at \"%s\"",
				  setting, token);
			goto out;
		}
		at = inner;
	}
	ok = ok && memory_grow(&document->set, &document->set_capacity, document->set_count + 1,
			       sizeof(*document->set), "settings", error);
	if (ok) {
		document->set[document->set_count] = memory_text(pointer, error);
		ok = document->set[document->set_count] != NULL;
		document->set_count += ok;
	}
out:
	json_decref(value);
	return ok;
}

bool document_is_set(const struct document *document, const char *pointer)
{
	for (size_t i = 0; i < document->set_count; i++) {
		size_t length = strlen(document->set[i]);

		if (strncmp(pointer, document->set[i], length) == 0 &&
		    (pointer[length] == '\0' || pointer[length] == '/'))
			return true;
	}
	return false;
}
