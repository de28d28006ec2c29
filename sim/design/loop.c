/* The page loops of a design: shipped ones with other batches, locks, order, range, prices. */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/quantity.h"
#include "design/parts.h"

struct raw_loop {
	char *extends, *lock, *gather;
	int order; /* 0 ascending, 1 descending */
	bool touch, interruptible, yields, frees;
	int64_t yield_bytes, batch;
	struct field_list calls; /* of char * */
};

#define AT(struct_, member) offsetof(struct struct_, member)

static const char *const orders[] = { "ascending", "descending", NULL };

static const struct field loop_fields[] = {
	{ "extends", FIELD_NAME, AT(raw_loop, extends), "null",
	  .help = "page loop that it is like; without it the one of its own name is changed "
		  "everywhere" },
	{ "range", FIELD_ANY, 0, "null",
	  .help = "only a part of the pages: {\"from\": \"2GiB\", \"to\": \"4GiB\"}, or shares "
		  "between 0 and 1" },
	{ "count", FIELD_ANY, 0, "null", .help = "at most so many pages: a count, or \"none\"" },
	{ "order", FIELD_CHOICE, AT(raw_loop, order), "null", .choices = orders,
	  .help = "of addresses" },
	{ "touch", FIELD_FLAG, AT(raw_loop, touch), "null",
	  .help = "the new guest's own accesses: counted as pages.touched" },
	{ "interruptible", FIELD_FLAG, AT(raw_loop, interruptible), "null",
	  .help = "a fatal signal ends it at a batch's end, with EINTR" },
	{ "yields", FIELD_FLAG, AT(raw_loop, yields), "null",
	  .help = "a reschedule point after each page" },
	{ "yield_bytes", FIELD_BYTES, AT(raw_loop, yield_bytes), "null", 0, 0x1p50,
	  .help = "or only after so much memory" },
	{ "frees", FIELD_FLAG, AT(raw_loop, frees), "null",
	  .help = "gives each page that it handles back to the host's memory" },
	{ "batch", FIELD_COUNT, AT(raw_loop, batch), "null", 1, 1e9, .help = "pages of one batch" },
	{ "lock", FIELD_NAME, AT(raw_loop, lock), "null",
	  .help = "lock that is held (for reading) while a batch is gathered, or \"none\"" },
	{ "gather", FIELD_NAME, AT(raw_loop, gather), "null",
	  .help = "price of a page for gathering it under the lock, or \"none\"" },
	{ "pace", FIELD_ANY, 0, "null",
	  .help = "time off the cores between two pages: a count in ns, or \"none\"" },
	{ "calls", FIELD_TEXTS, AT(raw_loop, calls), "null",
	  .help = "calls that end the loop when they fail: some of those of the loop that it "
		  "extends" },
	{ "prices", FIELD_ANY, 0, "null", .help = "of a loop over no pages: what one unit pays" },
	{ "states", FIELD_ANY, 0, "null",
	  .help = "for page states: \"pass\", or {\"prices\": [...], \"becomes\": STATE, "
		  "\"handled\": true}" },
	{ .key = NULL },
};
const struct record loop_record = { "page loop", "A page loop of a design.",
				    sizeof(struct raw_loop), loop_fields };

/* --- the loop ------------------------------------------------------------------ */

/* A name, or "none": then *thing is NULL. */
static bool read_name(const struct design_reader *reader, const char *pointer, json_t *object,
		      const char *key, enum operand operand, const void **thing)
{
	const json_t *value = json_object_get(object, key);
	const char *name = json_string_value(value);
	char place[POINTER_MAX];

	pointer_to_key(place, pointer, key);
	if (!value)
		return true;
	*thing = NULL;
	if (name && strcmp(name, "none") == 0)
		return true;
	*thing = operand == OPERAND_COUNT
			 ? (const void *)design_count(reader, place, json_object_get(object, key))
			 : design_thing(reader, place, operand, value);
	return *thing != NULL;
}

static bool read_gather(const struct design_reader *reader, const char *pointer,
			const json_t *object, struct page_loop *loop)
{
	const json_t *gather = json_object_get(object, "gather");
	char place[POINTER_MAX];

	if (!json_is_string(gather))
		return true;
	loop->gather = NO_TERM;
	pointer_to_key(place, pointer, "gather");
	return strcmp(json_string_value(gather), "none") == 0 ||
	       design_term(reader, place, gather, &loop->gather);
}

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
	static const char *const keys[] = { "from", "to", NULL };
	json_t *range = json_object_get(object, "range");
	char inside[POINTER_MAX], from[POINTER_MAX], to[POINTER_MAX];

	if (!range)
		return true;
	pointer_to_key(inside, pointer, "range");
	if (!loop->range)
		return design_error(reader, inside, "this loop is over no pages");
	if (!json_is_object(range))
		return design_error(reader, inside, "an object with \"from\" and \"to\" is needed");
	pointer_to_key(from, inside, "from");
	pointer_to_key(to, inside, "to");
	loop->part = (struct loop_part){ 0 };
	if (!design_known_keys(reader, inside, range, "a range", keys) ||
	    !read_end(reader, from, json_object_get(range, "from"), &loop->part.from_bytes,
		      &loop->part.from_share) ||
	    !read_end(reader, to, json_object_get(range, "to"), &loop->part.to_bytes,
		      &loop->part.to_share))
		return false;
	return check_part(reader, inside, json_object_get(range, "to") != NULL, &loop->part);
}

/* The members that the object has, over those of the loop. */
static bool read_members(const struct design_reader *reader, const char *pointer, json_t *object,
			 struct raw_loop *raw, struct page_loop *loop)
{
	const void *count = loop->count, *pace = loop->pace_ns, *lock = loop->lock;

	raw->order = loop->descending;
	raw->touch = loop->touch;
	raw->interruptible = loop->interruptible;
	raw->yields = loop->yields;
	raw->yield_bytes = loop->yield_bytes;
	raw->frees = loop->frees;
	raw->batch = loop->batch;
	if (!record_read(reader->document, &loop_record, object, pointer, raw, reader->error) ||
	    !read_name(reader, pointer, object, "count", OPERAND_COUNT, &count) ||
	    !read_name(reader, pointer, object, "pace", OPERAND_COUNT, &pace) ||
	    !read_name(reader, pointer, object, "lock", OPERAND_LOCK, &lock) ||
	    !read_gather(reader, pointer, object, loop) ||
	    !read_calls(reader, pointer, object, &raw->calls, loop))
		return false;
	if (!read_part(reader, pointer, object, loop))
		return false;
	loop->descending = raw->order == 1;
	loop->touch = raw->touch;
	loop->interruptible = raw->interruptible;
	loop->yields = raw->yields;
	loop->yield_bytes = raw->yield_bytes;
	loop->frees = raw->frees;
	loop->batch = (uint32_t)raw->batch;
	loop->count = count;
	loop->pace_ns = pace;
	loop->lock = lock;
	return design_read_acts(reader, pointer, object, loop);
}

static bool read_loop(struct design_reader *reader, const char *pointer, const char *name,
		      json_t *object)
{
	static const struct record *const records[] = { &loop_record, NULL };
	const json_t *extends = json_object_get(object, "extends");
	json_t *own = json_string(name);
	struct raw_loop raw = { 0 };
	struct page_loop *loop = memory_keep_array(&reader->designs->keeper, 1, sizeof(*loop),
						   "page loop", reader->error);
	const struct page_loop *from = NULL;
	char place[POINTER_MAX];
	bool ok = false;

	if (!own)
		error_memory(reader->error, "page loop");
	if (!own || !loop ||
	    !memory_grow(&reader->loops, &reader->loop_capacity, reader->loop_count + 1,
			 sizeof(const struct page_loop *), "page loops", reader->error))
		goto out;
	if (!json_is_object(object)) {
		design_error(reader, pointer, "a page loop is an object");
		goto out;
	}
	if (!record_check_keys(reader->document, object, pointer, records, reader->error))
		goto out;
	pointer_to_key(place, pointer, "extends");
	from = design_thing(reader, extends ? place : pointer, OPERAND_LOOP,
			    extends ? extends : own);
	if (!from)
		goto out;
	*loop = *from;
	loop->name = name;
	if (!read_members(reader, pointer, object, &raw, loop))
		goto out;
	reader->loops[reader->loop_count++] = loop;
	if (!extends)
		fork_replace_loop(reader->fork, from, loop);
	ok = true;
out:
	record_fini(&loop_record, &raw);
	json_decref(own);
	return ok;
}

bool design_read_loops(struct design_reader *reader, json_t *loops)
{
	const char *name;
	json_t *value;
	char pointer[POINTER_MAX], place[POINTER_MAX];

	pointer_to_key(pointer, reader->base, "loops");
	if (loops && !json_is_object(loops))
		return design_error(reader, pointer,
				    "an object of page loops by their names is needed");
	json_object_foreach(loops, name, value)
	{
		pointer_to_key(place, pointer, name);
		if (strncmp(name, "//", 2) != 0 && !read_loop(reader, place, name, value))
			return false;
	}
	return true;
}
