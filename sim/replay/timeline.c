#include "replay/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/memory.h"
#include "replay/recording.h"
#include "replay/slices.h"
#include "report/output.h"

enum { RAMP_SAMPLES = 64 };

struct timeline {
	struct error *error;
	struct recording recording;
	struct trace_event *events;
	size_t count, capacity;
	json_t *places;     /* key -> number of the track */
	json_t *tracks;     /* process -> tracks so far */
	size_t slice_count; /* the first events are the slices, by place and time */
};

/* --- tracks ------------------------------------------------------------------------- */

/* The number of a track, a new one when the key is new: then it is given a name. */
static struct place place_of(struct timeline *timeline, uint32_t process, const char *key)
{
	char full[NAME_MAX_LENGTH + 32], own[32];
	json_int_t number;
	json_t *known;

	snprintf(full, sizeof(full), "%" PRIu32 " %s", process, key);
	snprintf(own, sizeof(own), "%" PRIu32, process);
	known = json_object_get(timeline->places, full);
	if (known)
		return (struct place){ process, (uint32_t)json_integer_value(known) };
	number = json_integer_value(json_object_get(timeline->tracks, own)) + 1;
	if (json_object_set_new(timeline->tracks, own, json_integer(number)) != 0 ||
	    json_object_set_new(timeline->places, full, json_integer(number)) != 0)
		error_memory(timeline->error, "tracks");
	return (struct place){ process, (uint32_t)number };
}

static struct place place_of_track(struct timeline *timeline, const struct track *track)
{
	char key[NAME_MAX_LENGTH];

	snprintf(key, sizeof(key), "%s%s (thread %" PRIu32 ")", track->flow,
		 track->foreground ? "" : ", in background", track->thread);
	return place_of(timeline, track->guest + 1 + HOST_PROCESS, key);
}

static struct place place_of_lock(struct timeline *timeline, const struct lock_hold *hold)
{
	char key[NAME_MAX_LENGTH];

	snprintf(key, sizeof(key), "lock %s%s", hold->lock, hold->shared ? ", readers" : "");
	return place_of(timeline,
			hold->guest == UINT32_MAX ? HOST_PROCESS : hold->guest + 1 + HOST_PROCESS,
			key);
}

/* --- events -------------------------------------------------------------------------- */

static void add(struct timeline *timeline, struct trace_event event)
{
	if (memory_grow(&timeline->events, &timeline->capacity, timeline->count + 1,
			sizeof(*timeline->events), "timeline", timeline->error))
		timeline->events[timeline->count++] = event;
}

/* An arrow or a time in a queue: the end has the identity of the start. */
static void add_pair(struct timeline *timeline, struct trace_event start, enum kind end,
		     int64_t end_ns, struct place place)
{
	start.order = timeline->count;
	add(timeline, start);
	start.kind = end;
	start.at_ns = end_ns;
	start.place = place;
	add(timeline, start);
}

static void add_step(struct timeline *timeline, const struct span *span)
{
	struct trace_event event = {
		.at_ns = span->begin_ns,
		.length_ns = span->end_ns - span->begin_ns,
		.kind = SLICE,
		.order = timeline->count,
		.place = place_of_track(timeline, &span->track),
		.category = span->waiting   ? "wait"
			    : span->counted ? "foreground"
					    : "background",
		.name = span->step,
		.where = span->where,
		.flow = span->flow,
		.counted = span->counted,
	};

	add(timeline, event);
	if (!span->waited_ns)
		return;
	event.length_ns = span->waited_ns;
	event.order = timeline->count;
	event.category = "wait";
	event.suffix = span->waits_for;
	add(timeline, event);
}

static void add_hold(struct timeline *timeline, const struct lock_hold *hold)
{
	if (hold->end_ns == hold->begin_ns)
		return;
	add(timeline, (struct trace_event){ .at_ns = hold->begin_ns,
					    .length_ns = hold->end_ns - hold->begin_ns,
					    .kind = SLICE,
					    .order = timeline->count,
					    .place = place_of_lock(timeline, hold),
					    .category = "lock",
					    .name = hold->shared ? "read" : "held",
					    .holder = &hold->holder });
}

/* Readers that hold a lock together are one slice: their union, of the first one's name. */
static void join_readers(struct timeline *timeline)
{
	size_t kept = 0;

	qsort(timeline->events, timeline->count, sizeof(*timeline->events), slice_compare);
	for (size_t i = 0; i < timeline->count; i++) {
		struct trace_event *event = &timeline->events[i];
		struct trace_event *last = kept ? &timeline->events[kept - 1] : NULL;

		if (last && event->holder && last->holder && strcmp(event->name, "read") == 0 &&
		    place_compare(event->place, last->place) == 0 &&
		    event->at_ns < last->at_ns + last->length_ns) {
			if (event->at_ns + event->length_ns > last->at_ns + last->length_ns)
				last->length_ns = event->at_ns + event->length_ns - last->at_ns;
			continue;
		}
		timeline->events[kept++] = *event;
	}
	timeline->count = kept;
}

static void add_arrow(struct timeline *timeline, const struct arrow *arrow)
{
	const struct lock_hold *hold =
		arrow->spawn ? NULL : &timeline->recording.holds[arrow->hold];
	struct place from = arrow->spawn ? place_of_track(timeline, &arrow->from)
					 : place_of_lock(timeline, hold);
	struct place to = place_of_track(timeline, &arrow->to);
	const struct slices slices = { timeline->events, timeline->slice_count };
	struct trace_event start = { .kind = FLOW_START,
				     .place = from,
				     .category = arrow->spawn ? "spawn" : "lock",
				     .name = arrow->spawn ? "spawn" : hold->lock };
	int64_t to_ns;

	if (slices_touch(&slices, from, arrow->at_ns, !arrow->spawn, &start.at_ns) &&
	    (arrow->spawn ? slices_first(&slices, to, arrow->at_ns, &to_ns)
			  : slices_touch(&slices, to, arrow->at_ns, true, &to_ns)))
		add_pair(timeline, start, FLOW_END, to_ns, to);
}

static void add_queued(struct timeline *timeline, const struct queued *queued)
{
	struct place place = { queued->track.guest + 1 + HOST_PROCESS, 0 };
	const struct trace_event start = { .at_ns = queued->since_ns,
					   .kind = QUEUE_START,
					   .place = place,
					   .category = "queued",
					   .name = "queued behind another operation" };

	add_pair(timeline, start, QUEUE_END, queued->at_ns, place);
}

/* --- counters ------------------------------------------------------------------------- */

static void add_counter(struct timeline *timeline, int64_t at_ns, const char *name, double value)
{
	add(timeline, (struct trace_event){ .at_ns = at_ns,
					    .kind = COUNTER,
					    .order = timeline->count,
					    .place = { HOST_PROCESS, 0 },
					    .category = "-",
					    .name = name,
					    .value = value });
}

/* A counter is a staircase: what is straight between two corners gets steps of its own. */
static void add_limbo(struct timeline *timeline, struct limbo_corner from, struct limbo_corner to)
{
	static const char *const name = "memory in limbo (bytes)";
	int64_t elapsed_ns = to.at_ns - from.at_ns, change = to.bytes - from.bytes;

	for (int i = 1; i < RAMP_SAMPLES && elapsed_ns >= RAMP_SAMPLES && change; i++)
		add_counter(timeline, from.at_ns + elapsed_ns / RAMP_SAMPLES * i, name,
			    (double)from.bytes + (double)change * i / RAMP_SAMPLES);
	add_counter(timeline, to.at_ns, name, (double)to.bytes);
}

struct edge {
	int64_t at_ns;
	int change;
};

static int by_edge(const void *a, const void *b)
{
	const struct edge *left = a, *right = b;

	if (left->at_ns != right->at_ns)
		return left->at_ns < right->at_ns ? -1 : 1;
	return left->change - right->change;
}

static void add_runnable(struct timeline *timeline)
{
	const struct recording *recording = &timeline->recording;
	struct edge *edges = memory_array(2 * recording->span_count + 1, sizeof(*edges), "timeline",
					  timeline->error);
	size_t count = 0;
	int runnable = 0;

	for (size_t i = 0; edges && i < recording->span_count; i++) {
		const struct span *span = &recording->spans[i];

		if (!span->on_core)
			continue;
		edges[count++] = (struct edge){ span->begin_ns, 1 };
		edges[count++] = (struct edge){ span->end_ns, -1 };
	}
	if (edges && count) {
		qsort(edges, count, sizeof(*edges), by_edge);
		add_counter(timeline, 0, "runnable threads", 0);
	}
	for (size_t i = 0; edges && i < count; i++) {
		runnable += edges[i].change;
		if (i + 1 == count || edges[i + 1].at_ns != edges[i].at_ns)
			add_counter(timeline, edges[i].at_ns, "runnable threads", runnable);
	}
	free(edges);
}

static int by_time(const void *a, const void *b)
{
	const struct trace_event *left = a, *right = b;

	if (left->at_ns != right->at_ns)
		return left->at_ns < right->at_ns ? -1 : 1;
	if ((left->kind == SLICE) != (right->kind == SLICE)) /* arrows behind what they touch */
		return left->kind == SLICE ? -1 : 1;
	if (left->length_ns != right->length_ns)
		return left->length_ns > right->length_ns ? -1 : 1;
	if (left->order != right->order)
		return left->order < right->order ? -1 : 1;
	return (int)left->kind - (int)right->kind;
}

static bool collect(struct timeline *timeline)
{
	const struct recording *recording = &timeline->recording;

	for (size_t i = 0; i < recording->span_count; i++)
		add_step(timeline, &recording->spans[i]);
	for (size_t i = 0; i < recording->hold_count; i++)
		add_hold(timeline, &recording->holds[i]);
	join_readers(timeline);
	timeline->slice_count = timeline->count;
	for (size_t i = 0; i < timeline->count; i++)
		timeline->events[i].order = i;
	for (size_t i = 0; i < recording->arrow_count; i++)
		add_arrow(timeline, &recording->arrows[i]);
	for (size_t i = 0; i < recording->queued_count; i++)
		add_queued(timeline, &recording->queued[i]);
	for (size_t i = 0; i < recording->limbo_count; i++)
		add_limbo(timeline, recording->limbo[i ? i - 1 : 0], recording->limbo[i]);
	add_runnable(timeline);
	if (timeline->error->kind == ERROR_NONE && timeline->count)
		qsort(timeline->events, timeline->count, sizeof(*timeline->events), by_time);
	return timeline->error->kind == ERROR_NONE;
}

bool timeline_write(const struct scenario *scenario, uint32_t replication, FILE *out,
		    struct error *error)
{
	struct timeline timeline = { .error = error };

	if (!recording_take(&timeline.recording, &scenario->simulation, replication, error))
		return false;
	timeline.places = json_object();
	timeline.tracks = json_object();
	if (!timeline.places || !timeline.tracks) {
		error_memory(error, "tracks");
	} else if (collect(&timeline)) {
		const struct trace trace = { scenario, replication, timeline.events, timeline.count,
					     timeline.places };

		trace_write(&trace, out, error);
	}
	json_decref(timeline.places);
	json_decref(timeline.tracks);
	free(timeline.events);
	recording_fini(&timeline.recording);
	return error->kind == ERROR_NONE;
}

bool timeline_write_file(const struct scenario *scenario, uint32_t replication, const char *path,
			 struct error *error)
{
	struct output output;

	if (!output_open(&output, path, error))
		return false;
	timeline_write(scenario, replication, output.stream, error);
	return output_close(&output, error);
}
