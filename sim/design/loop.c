/* The page loops of a design: shipped ones with other batches, locks, order, range, prices. */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/quantity.h"
#include "design/parts.h"

#define AT(struct_, member) offsetof(struct struct_, member)

/* --- what is done to pages in each state: prices, and what they become --------- */

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

static bool read_acts(const struct design_reader *reader, const char *pointer, json_t *object,
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

/* --- the loop ------------------------------------------------------------------ */

struct raw_loop {
	struct page_loop loop;
	int order; /* 0 ascending, 1 descending */
	int64_t batch;
	struct field_list calls; /* of char * */
};

static const char *const orders[] = { "ascending", "descending", NULL };

static const struct field range_fields[] = {
	{ "from", FIELD_ANY, 0, "null", .choices = NAMES("size or share"),
	  .help = "from where the loop's own range begins when it starts" },
	{ "to", FIELD_ANY, 0, "null", .choices = NAMES("size or share"),
	  .help = "none: to the end of the loop's own range" },
	{ .key = NULL },
};
static const struct record range_record = { "range", "A part of the pages of a loop.",
					    sizeof(struct loop_part), range_fields };

static const struct field loop_fields[] = {
	{ "extends", FIELD_ANY, 0, "null", .choices = NAMES("page loop"),
	  .help = "page loop that it is like; without it the one of its own name is changed "
		  "everywhere" },
	{ "range", FIELD_ANY, 0, "null", .record = &range_record,
	  .help = "only a part of the pages: {\"from\": \"2GiB\", \"to\": \"4GiB\"}, or shares "
		  "between 0 and 1" },
	{ "count", FIELD_NAMED, AT(raw_loop, loop.count), "null", .choices = NAMES("count", "none"),
	  .help = "at most so many pages: a count, or \"none\"" },
	{ "order", FIELD_CHOICE, AT(raw_loop, order), "null", .choices = orders,
	  .help = "of addresses" },
	{ "touch", FIELD_FLAG, AT(raw_loop, loop.touch), "null",
	  .help = "the new guest's own accesses: counted as pages.touched" },
	{ "interruptible", FIELD_FLAG, AT(raw_loop, loop.interruptible), "null",
	  .help = "a fatal signal ends it at a batch's end, with EINTR" },
	{ "yields", FIELD_FLAG, AT(raw_loop, loop.yields), "null",
	  .help = "a reschedule point after each page" },
	{ "yield_bytes", FIELD_BYTES, AT(raw_loop, loop.yield_bytes), "null", 0, 0x1p50,
	  .help = "or only after so much memory" },
	{ "frees", FIELD_FLAG, AT(raw_loop, loop.frees), "null",
	  .help = "gives each page that it handles back to the host's memory" },
	{ "batch", FIELD_COUNT, AT(raw_loop, batch), "null", 1, 1e9, .help = "pages of one batch" },
	{ "lock", FIELD_NAMED, AT(raw_loop, loop.lock), "null", .choices = NAMES("lock", "none"),
	  .help = "lock that is held (for reading) while a batch is gathered, or \"none\"" },
	{ "gather", FIELD_NAMED, AT(raw_loop, loop.gather), "null",
	  .choices = NAMES("term", "none"),
	  .help = "price of a page for gathering it under the lock, or \"none\"" },
	{ "pace", FIELD_NAMED, AT(raw_loop, loop.pace_ns), "null",
	  .choices = NAMES("count", "none"),
	  .help = "time off the cores between two pages: a count in ns, or \"none\"" },
	{ "calls", FIELD_TEXTS, AT(raw_loop, calls), "null",
	  .help = "calls that end the loop when they fail: some of those of the loop that it "
		  "extends" },
	{ "prices", FIELD_ANY, 0, "null", .choices = NAMES("list of prices"),
	  .help = "of a loop over no pages: what one unit pays" },
	{ "states", FIELD_ANY, 0, "null", .choices = NAMES("page states"),
	  .help = "for page states: \"pass\", or {\"prices\": [...], \"becomes\": STATE, "
		  "\"handled\": true}" },
	{ .key = NULL },
};
const struct record loop_record = { "page loop", "A page loop; what is not said stays as it is.",
				    sizeof(struct raw_loop), loop_fields };

/* Some of the calls of the loop that is extended. */
static bool read_calls(const struct design_reader *reader, const char *pointer, json_t *object,
		       const struct field_list *names, struct page_loop *loop)
{
	struct page_call *calls;
	size_t kept = 0;

	if (!json_object_get(object, "calls"))
		return true;
	calls = memory_keep_array(&reader->designs->keeper, names->count + 1, sizeof(*calls),
				  "calls", reader->error);
	if (!calls)
		return false;
	for (size_t i = 0; i < names->count; i++) {
		const char *name = ((char **)names->items)[i];
		const struct page_call *call = loop->calls;
		char place[POINTER_MAX];

		while (call && call->name && strcmp(call->name, name) != 0)
			call++;
		pointer_to_key(place, pointer, "calls");
		pointer_to_index(place, place, i);
		if (!call || !call->name)
			return design_error(reader, place,
					    "the loop that it extends makes no call \"%.60s\"",
					    name);
		calls[kept++] = *call;
	}
	loop->calls = kept ? calls : NULL;
	return true;
}

/* One end of a range: guest memory, or a share of the range. */
static bool read_end(const struct design_reader *reader, const char *pointer, const json_t *value,
		     int64_t *bytes, double *share)
{
	struct error why = { 0 };

	if (!value)
		return true;
	if (json_is_string(value))
		return quantity_read_integer(json_string_value(value), QUANTITY_BYTES, bytes,
					     &why) ||
		       design_error(reader, pointer, "%s", why.message);
	*share = json_number_value(value);
	return (json_is_number(value) && *share >= 0 && *share <= 1) ||
	       design_error(reader, pointer,
			    "a size is needed, \"2GiB\", or a share between 0 and 1");
}

/* An end of 0 would mean none; ends of one kind can be told apart. */
static bool check_part(const struct design_reader *reader, const char *pointer, bool ends,
		       const struct loop_part *part)
{
	if (ends && !part->to_bytes && !(part->to_share > 0))
		return design_error(reader, pointer, "the range ends where it begins");
	if ((part->to_bytes && part->from_bytes >= part->to_bytes) ||
	    (part->to_share > 0 && part->from_share >= part->to_share))
		return design_error(reader, pointer, "the range begins at or above its end");
	return true;
}

static bool read_part(const struct design_reader *reader, const char *pointer, json_t *object,
		      struct page_loop *loop)
{
	json_t *range = json_object_get(object, "range");
	const json_t *from = json_object_get(range, "from"), *to = json_object_get(range, "to");
	char inside[POINTER_MAX], place[POINTER_MAX];

	if (!range)
		return true;
	pointer_to_key(inside, pointer, "range");
	if (!loop->range)
		return design_error(reader, inside, "this loop is over no pages");
	loop->part = (struct loop_part){ 0 };
	if (!design_read_record(reader, &range_record, inside, range, &loop->part))
		return false;
	pointer_to_key(place, inside, "from");
	if (!read_end(reader, place, from, &loop->part.from_bytes, &loop->part.from_share))
		return false;
	pointer_to_key(place, inside, "to");
	return read_end(reader, place, to, &loop->part.to_bytes, &loop->part.to_share) &&
	       check_part(reader, inside, to != NULL, &loop->part);
}

/* The members that the object has, over those of the loop. */
static bool read_members(const struct design_reader *reader, const char *pointer, json_t *object,
			 struct page_loop *loop)
{
	struct raw_loop raw = { .loop = *loop, .order = loop->descending, .batch = loop->batch };
	bool ok = design_read_record(reader, &loop_record, pointer, object, &raw) &&
		  read_calls(reader, pointer, object, &raw.calls, &raw.loop) &&
		  read_part(reader, pointer, object, &raw.loop) &&
		  read_acts(reader, pointer, object, &raw.loop);

	*loop = raw.loop;
	loop->descending = raw.order == 1;
	loop->batch = (uint32_t)raw.batch;
	record_fini(&loop_record, &raw);
	return ok;
}

bool design_read_loop(struct design_reader *reader, const char *pointer, const char *name,
		      json_t *object)
{
	const json_t *extends = json_object_get(object, "extends");
	struct page_loop *loop = memory_keep_array(&reader->designs->keeper, 1, sizeof(*loop),
						   "page loop", reader->error);
	const struct page_loop *from;
	char place[POINTER_MAX];

	if (!loop || !memory_grow(&reader->loops, &reader->loop_capacity, reader->loop_count + 1,
				  sizeof(const struct page_loop *), "page loops", reader->error))
		return false;
	if (!json_is_object(object))
		return design_error(reader, pointer, "a page loop is an object");
	pointer_to_key(place, pointer, "extends");
	from = design_thing(reader, extends ? place : pointer, OPERAND_LOOP,
			    extends ? json_string_value(extends) : name);
	if (!from)
		return false;
	*loop = *from;
	loop->name = name;
	if (!read_members(reader, pointer, object, loop))
		return false;
	reader->loops[reader->loop_count++] = loop;
	if (!extends)
		fork_replace_loop(reader->fork, from, loop);
	return true;
}
