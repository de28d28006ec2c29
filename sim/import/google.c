/*
 * Google's ClusterData2019: the table instance_events of a cell, as JSON lines (what the public
 * buckets hold) or as CSV with a heading (what a query exports).
 *
 * An instance runs from a SCHEDULE to the next end (EVICT, FAIL, FINISH, KILL, LOST); each such
 * run is a VM. Shards are in no promised order, so all events are gathered and sorted: 32 bytes
 * each, at most EVENTS_MOST (1 GiB).
 *
 * Times are microseconds; the trace begins at 600 s; 0 is "before", 2^63-1 is "after". Sizes are
 * shares of the largest machine. A task inside an alloc instance uses what that has reserved, and
 * is left out: the alloc instance is the VM.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/memory.h"
#include "import/cells.h"
#include "import/import.h"

enum { EVENTS_MOST = 1 << 25, BEGIN_S = 600 };

/* clusterdata_trace_format_v3.proto: enum EventType, in its order. */
enum event_type {
	SUBMIT,
	QUEUE,
	ENABLE,
	SCHEDULE,
	EVICT,
	FAIL,
	FINISH,
	KILL,
	LOST,
	UPDATE_PENDING,
	UPDATE_RUNNING,
	TYPE_COUNT
};
static const char *const type_names[TYPE_COUNT] = { "SUBMIT",         "QUEUE",         "ENABLE",
						    "SCHEDULE",       "EVICT",         "FAIL",
						    "FINISH",         "KILL",          "LOST",
						    "UPDATE_PENDING", "UPDATE_RUNNING" };

struct event {
	int64_t time_us, collection;
	float cpus, memory; /* NaN: not said */
	int32_t instance;
	int32_t type;
};

struct events {
	struct event *items;
	size_t count, capacity;
};

enum column { TIME, TYPE, COLLECTION, INSTANCE, ALLOC, CPUS, MEMORY, COLUMN_COUNT };
enum {
	NEEDED = (1 << TIME | 1 << TYPE | 1 << COLLECTION | 1 << INSTANCE | 1 << CPUS | 1 << MEMORY)
};
static const char *const columns[COLUMN_COUNT + 1] = { "time",
						       "type",
						       "collection_id",
						       "instance_index",
						       "alloc_collection_id",
						       "resource_request.cpus",
						       "resource_request.memory",
						       NULL };

static bool read_type(const char *text, int64_t *type)
{
	if (cell_integer(text, type))
		return *type >= 0 && *type < TYPE_COUNT;
	for (*type = 0; *type < TYPE_COUNT; ++*type)
		if (strcasecmp(text, type_names[*type]) == 0)
			return true;
	return false;
}

static float size_of(const char *text)
{
	double value;

	return cell_number(text, &value) ? (float)value : NAN;
}

/* One row as texts, whatever it was written in; "" where nothing is said. */
static bool take(struct import *import, struct events *events, const struct lines *lines,
		 const char *const cells[COLUMN_COUNT])
{
	int64_t type, instance, alloc;
	struct event event;

	if (!cell_integer(cells[COLLECTION], &event.collection) ||
	    !cell_integer(cells[INSTANCE], &instance) || instance < INT32_MIN ||
	    instance > INT32_MAX) {
		import_leave_out(import, lines, "collection_id or instance_index is not a number");
		return true;
	}
	if (!read_type(cells[TYPE], &type)) {
		import_leave_out(import, lines, "the type of event is not known");
		return true;
	}
	if (!cell_integer(cells[TIME], &event.time_us) || event.time_us < 0) {
		import_leave_out(import, lines, "time is not a number of microseconds");
		return true;
	}
	if (type < SCHEDULE || type == UPDATE_PENDING)
		return true; /* waiting, not running */
	if (!import_in_share(import,
			     import_hash(import_hash(0, cells[COLLECTION]), cells[INSTANCE])))
		return true;
	if (cell_integer(cells[ALLOC], &alloc) && alloc > 0) {
		if (type == SCHEDULE)
			import_leave_out(import, lines,
					 "a task inside an alloc instance, which is a VM already");
		return true;
	}
	if (events->count == EVENTS_MOST)
		return lines_error(lines,
				   "more than %d events: take some of the instances "
				   "(--share=0.1)",
				   EVENTS_MOST);
	event.cpus = size_of(cells[CPUS]);
	event.memory = size_of(cells[MEMORY]);
	event.instance = (int32_t)instance;
	event.type = (int32_t)type;
	if (!memory_reserve(&events->items, &events->capacity, events->count + 1, sizeof(event),
			    "events", import->error))
		return false;
	events->items[events->count++] = event;
	return true;
}

/* --- the two ways to write a row ---------------------------------------------------------- */

static bool read_row(struct import *import, const struct table *table, const struct lines *lines,
		     void *context)
{
	const char *cells[COLUMN_COUNT];

	for (int c = 0; c < COLUMN_COUNT; c++)
		cells[c] = table_cell(table, c);
	return take(import, context, lines, cells);
}

/* 64-bit numbers are strings in the published files; a field that is left out is 0 or "". */
static const char *text_of(const json_t *value, char text[40], const char *missing)
{
	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_integer(value))
		snprintf(text, 40, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		snprintf(text, 40, "%.17g", json_real_value(value));
	else
		return missing;
	return text;
}

static bool read_object(struct import *import, struct events *events, struct lines *lines)
{
	json_error_t why;
	json_t *object = json_loads(lines->text, 0, &why);
	const json_t *request = json_object_get(object, "resource_request");
	const char *cells[COLUMN_COUNT];
	char texts[COLUMN_COUNT][40];
	bool ok = true;

	/* jansson calls it unknown when memory runs out inside of a value */
	if (!object && json_error_code(&why) <= json_error_out_of_memory) {
		ok = error_memory(import->error, "event");
	} else if (!json_is_object(object)) {
		import_leave_out(import, lines, "the line is not a JSON object");
	} else {
		for (int c = 0; c < COLUMN_COUNT; c++)
			cells[c] = text_of(c < CPUS    ? json_object_get(object, columns[c])
					   : c == CPUS ? json_object_get(request, "cpus")
						       : json_object_get(request, "memory"),
					   texts[c], c < CPUS ? "0" : "");
		ok = take(import, events, lines, cells);
	}
	json_decref(object);
	return ok;
}

static bool read_json(struct import *import, struct events *events, const char *path)
{
	struct lines lines;

	if (!lines_open(&lines, path, import->error))
		return false;
	while (lines_next(&lines)) {
		if (!*lines.text)
			continue;
		import->rows++;
		if (!read_object(import, events, &lines))
			break;
	}
	lines_close(&lines);
	return import->error->kind == ERROR_NONE;
}

static bool read_file(struct import *import, struct events *events, const char *path)
{
	struct table table = {
		.name = "instance_events", .columns = columns, .needed = NEEDED, .heading = true
	};
	struct lines lines;
	bool json;

	if (!lines_open(&lines, path, import->error))
		return false;
	json = lines_next(&lines) && *lines.text == '{';
	lines_close(&lines);
	if (import->error->kind != ERROR_NONE)
		return false;
	return json ? read_json(import, events, path)
		    : import_rows(import, &table, path, read_row, events);
}

/* --- events to lifetimes ---------------------------------------------------------- */

static int by_instance(const void *a, const void *b)
{
	const struct event *left = a, *right = b;

	if (left->collection != right->collection)
		return left->collection < right->collection ? -1 : 1;
	if (left->instance != right->instance)
		return left->instance < right->instance ? -1 : 1;
	if (left->time_us != right->time_us)
		return left->time_us < right->time_us ? -1 : 1;
	/* at the same time one run ends before the next begins */
	return (left->type == SCHEDULE) - (right->type == SCHEDULE);
}

static int64_t time_ns(int64_t time_us)
{
	if (time_us >= INT64_MAX / 1000 - BEGIN_S * 1000000LL)
		return OUTLIVES;
	return (time_us - BEGIN_S * 1000000LL) * 1000;
}

static bool add_run(struct import *import, const struct event *begin, const struct event *end)
{
	struct vm vm = { .arrival_ns = time_ns(begin->time_us),
			 .end_ns = end ? time_ns(end->time_us) : OUTLIVES };

	if (vm.end_ns <= 0 || vm.arrival_ns == OUTLIVES) {
		import_leave_out(import, NULL, "it ran outside of the trace's time");
		return true;
	}
	if (isnan(begin->cpus) || isnan(begin->memory) || begin->memory <= 0) {
		import_leave_out(import, NULL, "it requests no vCPUs or no memory");
		return true;
	}
	return !import_sizes(import, NULL, (double)begin->cpus * import->options->machine_cores,
			     (double)begin->memory * (double)import->options->machine_memory_bytes,
			     &vm) ||
	       import_add(import, NULL, vm);
}

static bool same_instance(const struct event *a, const struct event *b)
{
	return a->collection == b->collection && a->instance == b->instance;
}

/* The events of one instance, by time. */
static bool fold_instance(struct import *import, const struct event *events, size_t count)
{
	const struct event *running = NULL;
	bool ran = false;

	for (size_t i = 0; i < count; i++) {
		const struct event *event = &events[i];

		if (event->type == SCHEDULE && !running) {
			running = event;
		} else if (event->type == SCHEDULE) {
			import_assume(import, NULL,
				      "were scheduled again without an end: the first time counts");
		} else if (event->type == UPDATE_RUNNING) {
			if (running)
				import_assume(
					import, NULL,
					"changed their size while they ran: the first counts");
		} else if (running) {
			if (!add_run(import, running, event))
				return false;
			running = NULL;
			ran = true;
		} else if (i + 1 < count && events[i + 1].type == SCHEDULE &&
			   events[i + 1].time_us == event->time_us) {
			if (!add_run(import, &events[++i], event)) /* over at once */
				return false;
			ran = true;
		} else if (!ran) {
			import_leave_out(import, NULL, "it ended without a run in these files");
			ran = true; /* said once */
		}
	}
	return !running || add_run(import, running, NULL);
}

static bool fold(struct import *import, const struct event *events, size_t count)
{
	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count && same_instance(&events[i], &events[next]); next++)
			;
		if (!fold_instance(import, events + i, next - i))
			return false;
	}
	return true;
}

bool google2019_read(struct import *import, const char *const *paths, size_t count)
{
	struct events events = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++)
		ok = read_file(import, &events, paths[i]);
	if (ok) {
		if (events.count)
			qsort(events.items, events.count, sizeof(*events.items), by_instance);
		ok = fold(import, events.items, events.count);
	}
	import_remark(import, "the size of a VM is what its first event requests, as a share of "
			      "the machine that --machine-cores and --machine-memory say");
	free(events.items);
	return ok;
}
