/* JSON changed as JSON, so that more than the first check of a reader is reached. */

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "target.h"

enum { WORDS_MOST = 4000, NODES_MOST = 2000 };

/* --- words ----------------------------------------------------------------------------------------- */

struct words {
	const char *items[WORDS_MOST + 1];
	size_t count;
};

static void add(struct words *words, const char *text)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->items[i], text) == 0)
			return;
	if (words->count < WORDS_MOST)
		words->items[words->count++] = text;
}

/* Names of properties, and texts of "enum" and "const". */
static void find_words(struct words *words, json_t *schema)
{
	const char *key;
	json_t *value, *item;
	size_t index;

	json_array_foreach(schema, index, item) find_words(words, item);
	json_object_foreach(schema, key, value)
	{
		const char *name;

		if (strcmp(key, "properties") == 0)
			json_object_foreach(value, name, item) add(words, name);
		if (strcmp(key, "enum") == 0)
			json_array_foreach(value, index, item) if (json_is_string(item))
				add(words, json_string_value(item));
		if (strcmp(key, "const") == 0 && json_is_string(value))
			add(words, json_string_value(value));
		find_words(words, value);
	}
}

const char *const *fuzz_words(const struct fuzz_target *target)
{
	static struct words words;
	static const struct fuzz_target *known;
	static json_t *schema; /* keeps the texts */
	struct error error = { 0 };
	char *text = NULL;
	size_t length = 0;
	FILE *out;

	if (known == target || !target->schema)
		return words.items;
	known = target;
	out = open_memstream(&text, &length);
	if (!out || !target->schema(out, &error))
		abort();
	fclose(out);
	json_decref(schema);
	schema = json_loads(text, 0, NULL);
	free(text);
	words = (struct words){ 0 };
	find_words(&words, schema);
	return words.items;
}

/* --- values ---------------------------------------------------------------------------------------- */

static const char *a_word(const struct fuzz_target *target, unsigned int *random)
{
	const char *const *words = fuzz_words(target);
	unsigned int count = 0;

	while (words[count])
		count++;
	return count ? words[fuzz_random(random, count)] : "name";
}

static json_t *a_value(const struct fuzz_target *target, unsigned int *random)
{
	static const char *const texts[] = { "",         "1ns",       "0.5us",
					     "10s",      "1h",        "106751d",
					     "4KiB",     "1GiB",      "1TiB",
					     "8PiB",     "1B",        "250MB/s",
					     "3/h",      "1e9/s",     "6.12",
					     "1..2",     "auto",      "a/b",
					     "../a",     "/dev/null", "db",
					     "*",        "\x1b[2J",   "a\nb",
					     "\u202e",   "$(a)",      "`a`",
					     "<script>", "=1+1",      "%s%n",
					     "\"",       "~0~1",      "kvm/exit",
					     "0.2ns",    "2023-01",   "1000000GiB",
					     "0B",       "0ns",       "9223372036854775807ns",
					     "x86_64" };
	static const double numbers[] = { 0.5, 0.95, 1e308, -1e308, 1e-320, 0.1, -0.0, 1e18 };
	static const json_int_t wholes[] = { 0,         1,         -1,        2,
					     3,         64,        4096,      100000,
					     1LL << 31, 1LL << 53, INT64_MAX, INT64_MIN };

	switch (fuzz_random(random, 10)) {
	case 0:
		return json_null();
	case 1:
		return json_boolean(fuzz_random(random, 2));
	case 2:
		return json_real(
			numbers[fuzz_random(random, sizeof(numbers) / sizeof(numbers[0]))]);
	case 3:
	case 4:
		return json_integer(
			wholes[fuzz_random(random, sizeof(wholes) / sizeof(wholes[0]))]);
	case 5:
		return fuzz_random(random, 2) ? json_array() : json_object();
	case 6:
	case 7:
		return json_string(a_word(target, random));
	default:
		return json_string(texts[fuzz_random(random, sizeof(texts) / sizeof(texts[0]))]);
	}
}

/* --- trees ----------------------------------------------------------------------------------------- */

struct nodes {
	json_t *items[NODES_MOST];
	size_t count;
};

static void collect(struct nodes *nodes, json_t *value)
{
	const char *key;
	json_t *inner;
	size_t index;

	if (nodes->count == NODES_MOST)
		return;
	nodes->items[nodes->count++] = value;
	json_object_foreach(value, key, inner) collect(nodes, inner);
	json_array_foreach(value, index, inner) collect(nodes, inner);
}

static void change_object(const struct fuzz_target *target, json_t *object, json_t *other,
			  unsigned int *random)
{
	unsigned int size = (unsigned int)json_object_size(object);
	void *at = json_object_iter(object);
	const char *key;
	json_t *value;

	for (unsigned int n = size ? fuzz_random(random, size) : 0; n; n--)
		at = json_object_iter_next(object, at);
	switch (at ? fuzz_random(random, 6) : 5) {
	case 0:
		json_object_del(object, json_object_iter_key(at));
		break;
	case 1: /* renamed */
		value = json_incref(json_object_iter_value(at));
		key = a_word(target, random);
		json_object_del(object, json_object_iter_key(at));
		json_object_set_new(object, key, value);
		break;
	case 2:
		json_object_iter_set_new(object, at, json_deep_copy(other));
		break;
	case 3:
	case 4:
		json_object_iter_set_new(object, at, a_value(target, random));
		break;
	default:
		json_object_set_new(object, a_word(target, random), a_value(target, random));
	}
}

static void change_array(const struct fuzz_target *target, json_t *array, json_t *other,
			 unsigned int *random)
{
	size_t size = json_array_size(array),
	       at = size ? fuzz_random(random, (unsigned int)size) : 0;

	switch (size ? fuzz_random(random, 6) : 5) {
	case 0:
		json_array_remove(array, at);
		break;
	case 1: /* many of them */
		for (unsigned int n = 1 + fuzz_random(random, 40); n; n--)
			json_array_append_new(array, json_deep_copy(json_array_get(array, at)));
		break;
	case 2:
		json_array_set_new(array, at, json_deep_copy(other));
		break;
	case 3:
	case 4:
		json_array_set_new(array, at, a_value(target, random));
		break;
	default:
		json_array_append_new(array, a_value(target, random));
	}
}

size_t fuzz_mutate_json(const struct fuzz_target *target, uint8_t *data, size_t size, size_t most,
			unsigned int seed)
{
	static struct nodes nodes;
	json_t *root = json_loadb((const char *)data, size, 0, NULL);
	unsigned int random = seed;
	size_t length = 0;
	char *text;

	if (!root)
		return 0;
	for (unsigned int n = 1 + fuzz_random(&random, 3); n; n--) {
		json_t *value, *other;

		nodes.count = 0;
		collect(&nodes, root);
		value = nodes.items[fuzz_random(&random, (unsigned int)nodes.count)];
		other = nodes.items[fuzz_random(&random, (unsigned int)nodes.count)];
		if (json_is_object(value))
			change_object(target, value, other, &random);
		else if (json_is_array(value))
			change_array(target, value, other, &random);
		else
			n++; /* of a value that holds others, then */
	}
	text = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	if (text && strlen(text) <= most) {
		length = strlen(text);
		memcpy(data, text, length);
	}
	free(text);
	return length;
}
