/*
 * The canonical text: no blanks, keys in the order of their bytes, strings as
 * length:bytes, integers in decimal, reals with 17 digits. It is our own, so that
 * a hash does not depend on the version of the JSON library.
 */

#include <sha256.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "document/companions.h"

static void add_text(SHA2_CTX *context, const char *text)
{
	SHA256Update(context, (const uint8_t *)text, strlen(text));
}

static void add_string(SHA2_CTX *context, const char *text)
{
	char length[32];

	snprintf(length, sizeof(length), "%zu:", strlen(text));
	add_text(context, length);
	add_text(context, text);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool add_value(SHA2_CTX *context, json_t *value, struct error *error);

static bool add_object(SHA2_CTX *context, json_t *object, struct error *error)
{
	size_t size = json_object_size(object), count = 0;
	const char **keys = memory_array(size, sizeof(*keys), "hash", error);
	const char *key;
	json_t *value;
	bool ok = keys != NULL;

	if (!ok)
		return false;
	json_object_foreach(object, key, value) keys[count++] = key;
	qsort(keys, count, sizeof(*keys), compare_keys);
	add_text(context, "{");
	for (size_t i = 0; ok && i < count; i++) {
		add_string(context, keys[i]);
		ok = add_value(context, json_object_get(object, keys[i]), error);
	}
	add_text(context, "}");
	free(keys);
	return ok;
}

/* Recursion: documents and settings are at most 32 levels deep. */
static bool add_value(SHA2_CTX *context, json_t *value, struct error *error)
{
	char number[64];
	size_t index;
	json_t *item;
	bool ok = true;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return add_object(context, value, error);
	case JSON_ARRAY:
		add_text(context, "[");
		json_array_foreach(value, index, item) ok = ok && add_value(context, item, error);
		add_text(context, "]");
		return ok;
	case JSON_STRING:
		add_string(context, json_string_value(value));
		return true;
	case JSON_INTEGER:
		snprintf(number, sizeof(number), "i%" JSON_INTEGER_FORMAT ",",
			 json_integer_value(value));
		break;
	case JSON_REAL:
		snprintf(number, sizeof(number), "r%.17g,", json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		snprintf(number, sizeof(number), "%s,",
			 json_is_true(value)    ? "true"
			 : json_is_false(value) ? "false"
						: "null");
		break;
	}
	add_text(context, number);
	return true;
}

bool digest_document(const struct document *document, const struct companions *companions,
		     char hash[65], struct error *error)
{
	json_t *designs = json_object_get(document->root, "designs"), *item;
	SHA2_CTX context;
	bool ok = true;
	size_t index;

	SHA256Init(&context);
	if (document->set_count)
		ok = add_value(&context, document->root, error);
	else
		SHA256Update(&context, (const uint8_t *)document->text, document->length);
	json_array_foreach(designs, index, item)
	{
		const struct document *design =
			companions_find(companions, json_string_value(item));

		if (design)
			ok = ok && add_value(&context, design->root, error);
	}
	SHA256End(&context, hash);
	return ok;
}
