/* Prices that are known already: --less TERM=VALUE. */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/fit_parts.h"
#include "document/record.h"
#include "scenario/profile.h"

static bool read_price(const char *text, double *value, struct error *error)
{
	const struct field price = { .key = "price", .kind = FIELD_PRICE };
	struct error own = { 0 };

	return field_read_text(&price, "price", text, value, &own) ||
	       error_set(error, ERROR_INPUT, "\"%.60s\" is neither a price (184ns) nor a profile",
			 text);
}

/* "184ns", or its range "150ns..220ns". */
static bool read_value(const char *text, struct fit_value *value, struct error *error)
{
	const char *dots = strstr(text, "..");
	char low[64];

	if (!dots) {
		if (!read_price(text, &value->value, error))
			return false;
		value->low = value->high = value->value;
		return true;
	}
	snprintf(low, sizeof(low), "%.*s", (int)(dots - text), text);
	if (!read_price(low, &value->low, error) || !read_price(dots + 2, &value->high, error))
		return false;
	value->value = (value->low + value->high) / 2;
	return value->low <= value->high ||
	       error_set(error, ERROR_INPUT, "the range \"%.60s\" falls", text);
}

/* The term as a profile has it. */
static bool read_profile(const char *path, const char *term, struct fit_value *value,
			 struct error *error)
{
	struct document document;
	struct profile profile = { 0 };
	json_t *cost, *range;
	const char *mean;
	bool ok;

	if (!document_read(&document, path, error))
		return false;
	ok = profile_read(&document, &profile, error);
	cost = ok ? json_object_get(profile.costs, term) : NULL;
	mean = json_string_value(json_object_get(cost, "mean"));
	range = json_object_get(cost, "range");
	if (ok && mean)
		ok = read_value(mean, value, error);
	else if (ok)
		ok = document_error(&document, "/costs", error, "it has no price of %.60s", term);
	if (ok && json_array_size(range) == 2 && json_string_value(json_array_get(range, 0)) &&
	    json_string_value(json_array_get(range, 1)))
		ok = read_price(json_string_value(json_array_get(range, 0)), &value->low, error) &&
		     read_price(json_string_value(json_array_get(range, 1)), &value->high, error);
	profile_fini(&profile);
	document_fini(&document);
	return ok;
}

bool known_price_read(void *target, const char *text, struct error *error)
{
	struct known_prices *prices = target;
	const char *equals = strchr(text, '=');
	struct known_price *price;
	char term[64];

	if (!equals || equals == text || equals - text >= (ptrdiff_t)sizeof(term))
		return error_set(error, ERROR_INPUT,
				 "TERM=VALUE is needed: mm.zero_4k=184ns or mm.zero_4k=host.json");
	if (!memory_grow(&prices->items, &prices->capacity, prices->count + 1,
			 sizeof(*prices->items), "prices", error))
		return false;
	price = &prices->items[prices->count];
	snprintf(term, sizeof(term), "%.*s", (int)(equals - text), text);
	if (!traced_term(NULL, term))
		return error_set(error, ERROR_INPUT,
				 "no model has a term \"%s\"; sim costs lists them", term);
	if (equals[1] >= '0' && equals[1] <= '9'
		    ? !read_value(equals + 1, &price->value, error)
		    : !read_profile(equals + 1, term, &price->value, error))
		return false;
	price->term = memory_text(term, error);
	if (!price->term)
		return false;
	prices->count++;
	return true;
}

void known_prices_fini(struct known_prices *prices)
{
	for (size_t i = 0; i < prices->count; i++)
		free(prices->items[i].term);
	free(prices->items);
	*prices = (struct known_prices){ 0 };
}
