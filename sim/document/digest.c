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

static void add_string(FILE *out, const char *text)
{
	fprintf(out, "%zu:%s", strlen(text), text);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool add_value(FILE *out, json_t *value, struct error *error);

static bool add_object(FILE *out, json_t *object, struct error *error)
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
	fputc('{', out);
	for (size_t i = 0; ok && i < count; i++) {
		add_string(out, keys[i]);
		ok = add_value(out, json_object_get(object, keys[i]), error);
	}
	fputc('}', out);
	free(keys);
	return ok;
}

/* Recursion: documents and settings are at most 32 levels deep. */
static bool add_value(FILE *out, json_t *value, struct error *error)
{
	size_t index;
	json_t *item;
	bool ok = true;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return add_object(out, value, error);
	case JSON_ARRAY:
		fputc('[', out);
		json_array_foreach(value, index, item) ok = ok && add_value(out, item, error);
		fputc(']', out);
		break;
	case JSON_STRING:
		add_string(out, json_string_value(value));
		break;
	case JSON_INTEGER:
		fprintf(out, "i%" JSON_INTEGER_FORMAT ",", json_integer_value(value));
		break;
	case JSON_REAL:
		fprintf(out, "r%.17g,", json_real_value(value));
		break;
	case JSON_TRUE:
		fputs("true,", out);
		break;
	case JSON_FALSE:
		fputs("false,", out);
		break;
	case JSON_NULL:
		fputs("null,", out);
		break;
	}
	return ok;
}

bool digest_document(const struct document *document, const struct companions *companions,
		     const struct attachments *attachments, char hash[65], struct error *error)
{
	json_t *designs = json_object_get(document->root, "designs"), *item;
	char *text = NULL;
	size_t length, index;
	FILE *out = open_memstream(&text, &length);
	bool ok = true;

	if (!out)
		return error_memory(error, "hash");
	if (document->set_count)
		ok = add_value(out, document->root, error);
	else
		fwrite(document->text, 1, document->length, out);
	json_array_foreach(designs, index, item)
	{
		const struct document *design =
			companions_find(companions, json_string_value(item));

		ok = ok && (!design || add_value(out, design->root, error));
	}
	for (size_t i = 0; i < attachments->count; i++)
		add_string(out, attachments->items[i].sha256);
	if (!memory_stream_close(out, &text, "hash", error))
		ok = false;
	else
		SHA256Data((const uint8_t *)text, length, hash);
	free(text);
	return ok;
}
