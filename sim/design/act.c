/* What a page loop of a design does to pages in each state: prices, and what they become. */

#include <string.h>

#include "design/parts.h"

#define AT(struct_, member) offsetof(struct struct_, member)

static const struct field price_fields[] = {
	{ "term", FIELD_NAMED, AT(page_price, term), NULL, .choices = NAMES("term"),
	  .help = "what is paid" },
	{ "when", FIELD_NAMED, AT(page_price, when), "null", .choices = NAMES("condition"),
	  .help = "only while it holds" },
	{ "calls", FIELD_NAMED, AT(page_price, calls), "null", .choices = NAMES("ratio"),
	  .help = "so many times for each page: a ratio, or a number; none: once" },
	{ .key = NULL },
};
const struct record price_record = { "price", "A price of a page; the name of a term alone, too.",
				     sizeof(struct page_price), price_fields };

static const struct field act_fields[] = {
	{ "prices", FIELD_ANY, 0, "null", .choices = NAMES("list of prices"),
	  .help = "what a page in this state pays" },
	{ "becomes", FIELD_NAMED, AT(page_act, becomes), "null", .choices = NAMES("page state"),
	  .help = "a state of the model, or gone" },
	{ "handled", FIELD_FLAG, AT(page_act, handled), "null",
	  .help = "counted as done (`pages.foreground`, `pages.background`)" },
	{ .key = NULL },
};
const struct record act_record = { "page state", "What is done to pages in one state.",
				   sizeof(struct page_act), act_fields };

static bool read_price(const struct design_reader *reader, const char *pointer, json_t *value,
		       struct page_price *price)
{
	*price = (struct page_price){ 0 };
	return json_is_object(value)
		       ? design_read_record(reader, &price_record, pointer, value, price)
		       : design_read_operand(reader, pointer, OPERAND_TERM, value, &price->term);
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

static bool read_act(const struct design_reader *reader, const char *pointer, int state,
		     json_t *value, struct page_act *act)
{
	json_t *prices = json_object_get(value, "prices");
	char place[POINTER_MAX];

	if (json_is_string(value) && strcmp(json_string_value(value), "pass") == 0) {
		*act = (struct page_act){ .becomes = state };
		return true;
	}
	if (!json_is_object(value))
		return design_error(reader, pointer, "\"pass\" or an object is needed");
	pointer_to_key(place, pointer, "prices");
	return design_read_record(reader, &act_record, pointer, value, act) &&
	       (!prices || read_prices(reader, place, prices, act));
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
		if (!design_page_state(reader, place, name, &state))
			return false;
		if (state == PAGE_GONE)
			return design_error(reader, place, "pages that are gone are passed");
		if (!read_act(reader, place, state, value, &acts->of[state]))
			return false;
	}
	return true;
}
