#include "document/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/visible.h"

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

/* --- numbers with the digits that they need ---------------------------------- */

enum { DIGITS = 15, DIGITS_MOST = 17, DEEPEST = 64 };

/* As jansson has it: "2.0", "5.4e-7". */
static void put_real(double value, bool exact, FILE *out)
{
	char text[40], *exponent, *digits;
	int precision = DIGITS;

	do
		snprintf(text, sizeof(text), "%.*g", precision, value);
	while (exact && strtod(text, NULL) != value && ++precision <= DIGITS_MOST);
	exponent = strchr(text, 'e');
	if (!exponent) {
		fprintf(out, "%s%s", text, strchr(text, '.') ? "" : ".0");
		return;
	}
	digits = exponent + 2 + strspn(exponent + 2, "0");
	fprintf(out, "%.*s%s%s", (int)(exponent - text + 1), text, exponent[1] == '-' ? "-" : "",
		digits);
}

/*
 * Of a value as jansson writes it: what is harmful to a terminal (base/visible.h), which only texts can
 * have, as \uXXXX.
 */
static bool put_shown(char *shown, FILE *out)
{
	for (const char *at = shown; at && *at;) {
		size_t length = *at == '\n' ? 1 : visible_length(at);
		unsigned int code;

		if (length) {
			fwrite(at, 1, length, out);
		} else {
			length = visible_decode(at, &code);
			fprintf(out, "\\u%04x", code);
		}
		at += length ? length : 1;
	}
	free(shown);
	return shown != NULL;
}

bool json_put_line(const json_t *value, size_t flags, FILE *out)
{
	return put_shown(json_dumps(value, JSON_ENCODE_ANY | flags), out);
}

static bool put_text(const char *text, FILE *out)
{
	json_t *string = json_string(text);
	bool ok = string && json_put_line(string, JSON_ENSURE_ASCII, out);

	json_decref(string);
	return ok;
}

static void next_line(int depth, FILE *out)
{
	fprintf(out, "\n%*s", 2 * depth, "");
}

static bool put(const json_t *value, const char *const *exact, int depth, FILE *out);

static bool is_one_of(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

static bool put_object(const json_t *object, const char *const *exact, int depth, FILE *out)
{
	const char *key, *comma = "";
	json_t *item;

	fputc('{', out);
	json_object_foreach((json_t *)object, key, item)
	{
		/* all of an exact object is exact */
		const char *const *inner = exact && is_one_of(exact, key) ? NULL : exact;

		fputs(comma, out);
		next_line(depth + 1, out);
		if (!put_text(key, out))
			return false;
		fputs(": ", out);
		if (!put(item, inner, depth + 1, out))
			return false;
		comma = ",";
	}
	if (*comma)
		next_line(depth, out);
	fputc('}', out);
	return true;
}

static bool put_list(const json_t *list, const char *const *exact, int depth, FILE *out)
{
	size_t index;
	json_t *item;

	fputc('[', out);
	json_array_foreach(list, index, item)
	{
		fputs(index ? "," : "", out);
		next_line(depth + 1, out);
		if (!put(item, exact, depth + 1, out))
			return false;
	}
	if (json_array_size(list))
		next_line(depth, out);
	fputc(']', out);
	return true;
}

/* Recursion: what is written is not deeper than what is read, and some. */
static bool put(const json_t *value, const char *const *exact, int depth, FILE *out)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return depth < DEEPEST && put_object(value, exact, depth, out);
	case JSON_ARRAY:
		return depth < DEEPEST && put_list(value, exact, depth, out);
	case JSON_STRING:
		return put_text(json_string_value(value), out);
	case JSON_REAL:
		put_real(json_real_value(value), !exact, out);
		break;
	case JSON_INTEGER:
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_TRUE:
		fputs("true", out);
		break;
	case JSON_FALSE:
		fputs("false", out);
		break;
	case JSON_NULL:
		fputs("null", out);
		break;
	}
	return true;
}

bool json_put(const json_t *value, const char *const *exact, FILE *out)
{
	return put(value, exact, 0, out) && !ferror(out);
}

bool json_print(json_t *value, const char *what, int indent, FILE *out, struct error *error)
{
	if (!value)
		error_memory(error, what);
	else if (!json_put_line(value, JSON_INDENT((size_t)indent) | JSON_REAL_PRECISION(15),
				out) ||
		 fputc('\n', out) == EOF || ferror(out))
		error_set(error, ERROR_OUTPUT, "cannot write the %s", what);
	json_decref(value);
	return error->kind == ERROR_NONE;
}
