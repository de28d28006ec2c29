/* What a page loop of a design does to pages in each state: prices, and what they become. */

#include <string.h>

#include "base/nearest.h"
#include "design/parts.h"

static const char *const price_keys[] = { "term", "when", "calls", NULL };
static const char *const act_keys[] = { "prices", "becomes", "handled", NULL };

static const struct ratio *read_ratio(const struct design_reader *reader, const char *pointer,
				      const json_t *value)
{
	if (!json_is_number(value))
		return design_thing(reader, pointer, OPERAND_RATIO, value);
	if (json_number_value(value) < 0 || json_number_value(value) > 1e6) {
		design_error(reader, pointer, "calls of a page lie between 0 and 1e6");
		return NULL;
	}
	return design_ratio(reader, json_number_value(value));
}

/* "TERM", or {"term": TERM, "when": CONDITION, "calls": RATIO}. */
static bool read_price(const struct design_reader *reader, const char *pointer, json_t *value,
		       struct page_price *price)
{
	json_t *when = json_object_get(value, "when"), *calls = json_object_get(value, "calls");
	char place[POINTER_MAX];

	*price = (struct page_price){ 0 };
	if (!json_is_object(value))
		return design_term(reader, pointer, value, &price->term);
	if (!design_known_keys(reader, pointer, value, "a price", price_keys))
		return false;
	pointer_to_key(place, pointer, "term");
	if (!design_term(reader, place, json_object_get(value, "term"), &price->term))
		return false;
	pointer_to_key(place, pointer, "when");
	if (when) {
		price->when = design_thing(reader, place, OPERAND_CONDITION, when);
		if (!price->when)
			return false;
	}
	pointer_to_key(place, pointer, "calls");
	if (calls) {
		price->calls = read_ratio(reader, place, calls);
		if (!price->calls)
			return false;
	}
	return true;
}

static bool read_prices(const struct design_reader *reader, const char *pointer, json_t *list,
			struct page_act *act)
{
	size_t index;
	json_t *item;

	if (!json_is_array(list) || json_array_size(list) > PAGE_PRICES_MAX)
		return design_error(reader, pointer, "a list of at most %d prices is needed",
				    PAGE_PRICES_MAX);
	memset(act->prices, 0, sizeof(act->prices));
	json_array_foreach(list, index, item)
	{
		char place[POINTER_MAX];

		pointer_to_index(place, pointer, index);
		if (!read_price(reader, place, item, &act->prices[index]))
			return false;
	}
	return true;
}

/* The number of a page state, "gone" included. */
static bool read_state(const struct design_reader *reader, const char *pointer, const char *name,
		       int *state)
{
	const struct model *model = &reader->into->model;
	const char *names[PAGE_STATES_MAX + 1] = { NULL };
	char hint[HINT_MAX], list[256] = "";
	int last = PAGE_FIRST + (int)model->page_state_count - 1;

	for (int i = PAGE_GONE; i <= last; i++) {
		names[i - PAGE_GONE] = model_page_state(model, i);
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
			 i > PAGE_GONE ? ", " : "", names[i - PAGE_GONE]);
		if (name && strcmp(name, names[i - PAGE_GONE]) == 0) {
			*state = i;
			return true;
		}
	}
	return design_error(reader, pointer, "%s pages have no state \"%.60s\"; there are %s%s",
			    model->name, name ? name : "", list,
			    name ? did_you_mean(hint, name, names) : "");
}

static bool read_act(const struct design_reader *reader, const char *pointer, int state,
		     json_t *value, struct page_act *act)
{
	json_t *prices = json_object_get(value, "prices");
	const json_t *becomes = json_object_get(value, "becomes");
	const json_t *handled = json_object_get(value, "handled");
	char place[POINTER_MAX];

	if (json_is_string(value) && strcmp(json_string_value(value), "pass") == 0) {
		*act = (struct page_act){ .becomes = state };
		return true;
	}
	if (!json_is_object(value))
		return design_error(reader, pointer, "\"pass\" or an object is needed");
	if (!design_known_keys(reader, pointer, value, "a page state", act_keys))
		return false;
	pointer_to_key(place, pointer, "prices");
	if (prices && !read_prices(reader, place, prices, act))
		return false;
	pointer_to_key(place, pointer, "becomes");
	if (becomes && !read_state(reader, place, json_string_value(becomes), &act->becomes))
		return false;
	pointer_to_key(place, pointer, "handled");
	if (handled && !json_is_boolean(handled))
		return design_error(reader, place, "true or false is needed");
	if (handled)
		act->handled = json_is_true(handled);
	return true;
}

bool design_read_acts(const struct design_reader *reader, const char *pointer, json_t *object,
		      struct page_loop *loop)
{
	json_t *states = json_object_get(object, "states");
	json_t *prices = json_object_get(object, "prices");
	struct page_acts *acts;
	const char *name;
	json_t *value;
	char inside[POINTER_MAX], place[POINTER_MAX];

	if (!states && !prices)
		return true;
	acts = memory_keep_array(&reader->designs->keeper, 1, sizeof(*acts), "acts", reader->error);
	if (!acts)
		return false;
	*acts = *loop->acts;
	loop->acts = acts;
	pointer_to_key(inside, pointer, "prices");
	if (prices && loop->range)
		return design_error(reader, inside,
				    "this loop is over pages: prices stand in \"states\"");
	if (prices)
		return read_prices(reader, inside, prices, &acts->of[PAGE_NONE]);
	pointer_to_key(inside, pointer, "states");
	if (!json_is_object(states) || !loop->range)
		return design_error(reader, inside, "%s",
				    loop->range ? "an object of page states is needed"
						: "this loop is over no pages: it has \"prices\"");
	json_object_foreach(states, name, value)
	{
		int state = PAGE_NONE;

		if (strncmp(name, "//", 2) == 0)
			continue;
		pointer_to_key(place, inside, name);
		if (!read_state(reader, place, name, &state))
			return false;
		if (state == PAGE_GONE)
			return design_error(reader, place, "pages that are gone are passed");
		if (!read_act(reader, place, state, value, &acts->of[state]))
			return false;
	}
	return true;
}
