/*
 * What is hashed of JSON: keys in the order of their bytes, strings with their length, numbers as they
 * are in memory. It is our own, so that a hash does not depend on the version of the JSON library.
 */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "document/companions.h"
#include "document/digest.h"

static void add_mark(SHA2_CTX *context, char mark)
{
	SHA256Update(context, (const uint8_t *)&mark, 1);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool add_object(SHA2_CTX *context, json_t *object, struct error *error)
{
	enum { FEW = 32 };
	size_t size = json_object_size(object), count = 0;
	const char *few[FEW], **keys = few, *key;
	json_t *value;
	bool ok = true;

	if (size > FEW)
		keys = memory_array(size, sizeof(*keys), "hash", error);
	if (!keys)
		return false;
	json_object_foreach(object, key, value) keys[count++] = key;
	qsort(keys, count, sizeof(*keys), compare_keys);
	digest_whole(context, (int64_t)size);
	for (size_t i = 0; ok && i < count; i++) {
		digest_text(context, keys[i]);
		ok = json_digest(context, json_object_get(object, keys[i]), error);
	}
	if (keys != few)
		free(keys);
	return ok;
}

/* Recursion: documents and settings are at most 32 levels deep. */
bool json_digest(SHA2_CTX *context, json_t *value, struct error *error)
{
	static const char marks[] = {
		[JSON_STRING] = 's', [JSON_INTEGER] = 'i', [JSON_REAL] = 'r',  [JSON_TRUE] = 't',
		[JSON_FALSE] = 'f',  [JSON_NULL] = 'n',    [JSON_ARRAY] = '[', [JSON_OBJECT] = '{'
	};
	size_t index;
	json_t *item;

	add_mark(context, marks[json_typeof(value)]);
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return add_object(context, value, error);
	case JSON_ARRAY:
		digest_whole(context, (int64_t)json_array_size(value));
		json_array_foreach(value, index, item)
		{
			if (!json_digest(context, item, error))
				return false;
		}
		break;
	case JSON_STRING:
		digest_text(context, json_string_value(value));
		break;
	case JSON_INTEGER:
		digest_whole(context, json_integer_value(value));
		break;
	case JSON_REAL:
		digest_real(context, json_real_value(value));
		break;
	default:
		break;
	}
	return true;
}

bool digest_document(const struct document *document, const struct companions *companions,
		     const struct attachments *attachments, char hash[65], struct error *error)
{
	json_t *designs = json_object_get(document->root, "designs"), *item;
	SHA2_CTX context;
	size_t index;

	SHA256Init(&context);
	if (!document->set_count)
		SHA256Update(&context, (const uint8_t *)document->text, document->length);
	else if (!json_digest(&context, document->root, error))
		return false;
	json_array_foreach(designs, index, item)
	{
		const struct document *design =
			companions_find(companions, json_string_value(item));

		if (design && !json_digest(&context, design->root, error))
			return false;
	}
	for (size_t i = 0; i < attachments->count; i++)
		digest_text(&context, attachments->items[i].sha256);
	SHA256End(&context, hash);
	return true;
}
