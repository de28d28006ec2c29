#include "scenario/variation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Where the value that begins at `text` ends. */
static const char *value_end(const char *text)
{
	bool quoted = false;
	int depth = 0;

	for (; *text; text++) {
		if (quoted && *text == '\\' && text[1])
			text++;
		else if (*text == '"')
			quoted = !quoted;
		else if (!quoted && strchr("[{", *text))
			depth++;
		else if (!quoted && strchr("]}", *text))
			depth--;
		else if (!quoted && depth <= 0 && *text == ',')
			break;
	}
	return text;
}

static char *part(const char *text, size_t length, struct error *error)
{
	char *copy = memory_array(length + 1, 1, "value", error);

	if (copy)
		memcpy(copy, text, length);
	return copy;
}

bool variation_read(struct variation *variation, const char *text, struct error *error)
{
	const char *equals = strchr(text, '='), *at;

	*variation = (struct variation){ 0 };
	if (*text != '/' || !equals)
		return error_set(error, ERROR_INPUT,
				 "\"%.100s\" is not /json/pointer=VALUE,VALUE,...", text);
	variation->pointer = part(text, (size_t)(equals - text), error);
	if (!variation->pointer)
		return false;
	for (at = equals + 1;; at++) {
		const char *end = value_end(at);

		if (end == at) {
			error_set(error, ERROR_INPUT, "\"%.100s\" has an empty value", text);
			break;
		}
		if (!memory_grow(&variation->values, &variation->value_capacity,
				 variation->value_count + 1, sizeof(*variation->values), "values",
				 error))
			break;
		variation->values[variation->value_count] = part(at, (size_t)(end - at), error);
		if (!variation->values[variation->value_count])
			break;
		variation->value_count++;
		if (!*end)
			return true;
		at = end;
	}
	variation_fini(variation);
	return false;
}

void variation_fini(struct variation *variation)
{
	for (size_t i = 0; i < variation->value_count; i++)
		free(variation->values[i]);
	free(variation->values);
	free(variation->pointer);
	*variation = (struct variation){ 0 };
}

size_t variation_points(const struct variation *variations, size_t count)
{
	size_t points = 1;

	for (size_t v = 0; v < count; v++)
		points *= variations[v].value_count;
	return points;
}

const char *variation_value(const struct variation *variations, size_t count, size_t point,
			    size_t v)
{
	for (size_t last = count - 1; last > v; last--)
		point /= variations[last].value_count;
	return variations[v].values[point % variations[v].value_count];
}

/* A text and one word more, a blank between; frees the text. */
static char *join(char *text, const char *word, struct error *error)
{
	size_t length = text ? strlen(text) + 1 : 0;
	char *joined = memory_array(length + strlen(word) + 1, 1, "label", error);

	if (joined)
		snprintf(joined, length + strlen(word) + 1, "%s%s%s", text ? text : "",
			 text ? " " : "", word);
	free(text);
	return joined;
}

char *variation_label(const struct variation *variations, size_t count, size_t point,
		      struct error *error)
{
	char *label = NULL;

	for (size_t v = 0; v < count && (!v || label); v++)
		label = join(label, variation_value(variations, count, point, v), error);
	return label;
}

char *variation_pointers(const struct variation *variations, size_t count, struct error *error)
{
	char *text = NULL;

	for (size_t v = 0; v < count && (!v || text); v++)
		text = join(text, variations[v].pointer, error);
	return text;
}
