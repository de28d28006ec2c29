#include "replay/again.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "document/document.h"

static bool is_builders(const char *pointer)
{
	return strcmp(pointer, "/provenance/version") == 0 ||
	       strcmp(pointer, "/provenance/commit") == 0;
}

/* True: `pointer` is where the two differ. Recursion: documents are at most 32 levels deep. */
static bool differ(json_t *one, json_t *other, char pointer[POINTER_MAX])
{
	char here[POINTER_MAX];
	const char *key;
	size_t index;
	json_t *item;

	if (is_builders(pointer))
		return false;
	if (json_is_number(one) && json_is_number(other)) /* other programs write 0.0 as 0 */
		return json_is_integer(one) && json_is_integer(other)
			       ? !json_equal(one, other)
			       : json_number_value(one) != json_number_value(other);
	if (!one || !other || json_typeof(one) != json_typeof(other))
		return true;
	memcpy(here, pointer, sizeof(here));
	if (json_is_object(one)) {
		json_object_foreach(one, key, item)
		{
			pointer_to_key(pointer, here, key);
			if (differ(item, json_object_get(other, key), pointer))
				return true;
		}
		json_object_foreach(other, key, item)
		{
			pointer_to_key(pointer, here, key);
			if (!json_object_get(one, key))
				return !is_builders(pointer);
		}
	} else if (json_is_array(one)) {
		json_array_foreach(one, index, item)
		{
			pointer_to_index(pointer, here, index);
			if (differ(item, json_array_get(other, index), pointer))
				return true;
		}
		if (json_array_size(one) != json_array_size(other))
			return true;
	} else if (!json_equal(one, other)) {
		return true;
	}
	memcpy(pointer, here, sizeof(here));
	return false;
}

/* The value at a pointer, cut to fit a line. */
static void say_value(const json_t *root, const char *pointer, char *text, size_t size)
{
	char token[POINTER_MAX];
	char *value;

	while (root && pointer_next(&pointer, token))
		root = json_is_array(root) ? json_array_get(root, strtoul(token, NULL, 10))
					   : json_object_get(root, token);
	value = root ? json_dumps(root, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15))
		     : NULL;
	snprintf(text, size, "%.80s", value ? value : "nothing");
	free(value);
}

static const char *builder(const struct document *stored, const char *key)
{
	const json_t *provenance = json_object_get(stored->root, "provenance");
	const char *text = json_string_value(json_object_get(provenance, key));

	return text ? text : "not known";
}

bool again_document(struct document *document, const char *path, report_writer *write,
		    const void *what, struct error *error)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = memory_stream(&text, &size);
	bool ok = file ? write(what, file, error) : error_memory(error, "result");

	ok = file && memory_stream_close(file, &text, "result", error) && ok;
	ok = ok && document_parse(document, path, text, strlen(text), error);
	free(text);
	return ok;
}

bool again_same(const struct document *stored, report_writer *write, const void *what,
		struct error *error)
{
	char pointer[POINTER_MAX] = "", value[100];
	struct document now;

	if (!again_document(&now, stored->path, write, what, error))
		return false;
	if (differ(stored->root, now.root, pointer)) {
		say_value(now.root, pointer, value, sizeof(value));
		document_error(stored, pointer, error,
			       "not reproduced: this program gives %s (the result was written by "
			       "version %s, commit %s)",
			       value, builder(stored, "version"), builder(stored, "commit"));
		error->kind = ERROR_INTERNAL;
	}
	document_fini(&now);
	return error->kind == ERROR_NONE;
}
