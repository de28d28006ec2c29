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
	const struct simulation_config *config;
	struct error *error;
	struct recording recording;
	struct trace_event *events;
	size_t count, capacity;
	json_t *places;      /* "PROCESS NAME" -> number of the track */
	uint32_t last_track; /* numbers go on from the processes' */
	size_t slice_count;  /* the first events are the slices, by place and time */
};

/* --- tracks ------------------------------------------------------------------------- */

static bool of_a_fleet(const struct timeline *timeline)
{
	return timeline->config->population != NULL;
}

/* A fleet's threads are shown at their host, others at their guest. */
static uint32_t process_of(const struct timeline *timeline, const struct track *track)
{
	return FIRST_PROCESS + 1 + (of_a_fleet(timeline) ? track->host : track->guest);
}

/* The first part of a track's name: which VM of a fleet; elsewhere the process says it. */
static void print_guest(const struct timeline *timeline, const char *name, uint32_t guest,
			char *text, size_t size)
{
	*text = '\0';
	if (of_a_fleet(timeline))
		snprintf(text, size, "%.*s %" PRIu32 ": ", NAME_MAX_LENGTH / 4, name, guest);
}

/* The track of a name, a new one when the name is new. */
static struct place place_of(struct timeline *timeline, uint32_t process, const char *name)
{
	char key[NAME_MAX_LENGTH + 32];
	json_t *known;

	snprintf(key, sizeof(key), "%" PRIu32 " %s", process, name);
	known = json_object_get(timeline->places, key);
	if (known)
		return (struct place){ process, (uint32_t)json_integer_value(known) };
	timeline->last_track++;
	if (json_object_set_new(timeline->places, key, json_integer(timeline->last_track)) != 0)
		error_memory(timeline->error, "tracks");
	return (struct place){ process, timeline->last_track };
}

static struct place place_of_track(struct timeline *timeline, const struct track *track)
{
	char name[NAME_MAX_LENGTH], guest[NAME_MAX_LENGTH / 2];

	print_guest(timeline, track->name, track->guest, guest, sizeof(guest));
	snprintf(name, sizeof(name), "%s%s%s (thread %" PRIu32 ")", guest, track->flow,
		 track->foreground ? "" : ", in background", track->thread);
	return place_of(timeline, process_of(timeline, track), name);
}

static struct place place_of_lock(struct timeline *timeline, const struct lock_hold *hold)
{
	char name[NAME_MAX_LENGTH], guest[NAME_MAX_LENGTH / 2] = "";
	const struct track owner = { .host = hold->holder.host, .guest = hold->guest };
	bool of_host = hold->guest == UINT32_MAX;

	if (!of_host)
		print_guest(timeline, hold->holder.name, hold->guest, guest, sizeof(guest));
	snprintf(name, sizeof(name), "%slock %s%s", guest, hold->lock,
		 hold->shared ? ", readers" : "");
	return place_of(timeline,
			of_host && !of_a_fleet(timeline) ? FIRST_PROCESS
							 : process_of(timeline, &owner),
			name);
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

	if (!timeline->count) /* qsort wants something to sort */
		return;
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
	struct place place = { process_of(timeline, &queued->track), 0 };
	const struct trace_event start = { .at_ns = queued->since_ns,
					   .kind = QUEUE_START,
					   .place = place,
					   .category = "queued",
					   .name = "queued behind another operation" };

	add_pair(timeline, start, QUEUE_END, queued->at_ns, place);
}

/* --- counters ------------------------------------------------------------------------- */

static void add_counter(struct timeline *timeline, uint32_t process, int64_t at_ns,
			const char *name, double value)
{
	add(timeline, (struct trace_event){ .at_ns = at_ns,
					    .kind = COUNTER,
					    .order = timeline->count,
					    .place = { process, 0 },
					    .category = "-",
					    .name = name,
					    .value = value });
}

/* A counter is a staircase: what is straight between two corners gets steps of its own. */
static void add_ramp(struct timeline *timeline, const char *name, struct memory_corner from,
		     struct memory_corner to)
{
	int64_t elapsed_ns = to.at_ns - from.at_ns, change = to.bytes - from.bytes;

	for (int i = 1; i < RAMP_SAMPLES && elapsed_ns >= RAMP_SAMPLES && change; i++)
		add_counter(timeline, FIRST_PROCESS, from.at_ns + elapsed_ns / RAMP_SAMPLES * i,
			    name, (double)from.bytes + (double)change * i / RAMP_SAMPLES);
	add_counter(timeline, FIRST_PROCESS, to.at_ns, name, (double)to.bytes);
}

static void add_memory(struct timeline *timeline, const char *name,
		       const struct memory_curve *curve)
{
	for (size_t i = 0; i < curve->count; i++)
		add_ramp(timeline, name, curve->corners[i ? i - 1 : 0], curve->corners[i]);
}

/* A thread of a host begins or ceases to run or to want to. */
struct edge {
	uint32_t process;
	int change;
	int64_t at_ns;
};

static int by_edge(const void *a, const void *b)
{
	const struct edge *left = a, *right = b;

	if (left->process != right->process)
		return left->process < right->process ? -1 : 1;
	if (left->at_ns != right->at_ns)
		return left->at_ns < right->at_ns ? -1 : 1;
	return left->change - right->change;
}

static void add_runnable(struct timeline *timeline)
{
	static const char *const name = "runnable threads";
	const struct recording *recording = &timeline->recording;
	struct edge *edges = memory_array(2 * recording->span_count + 1, sizeof(*edges), "timeline",
					  timeline->error);
	size_t count = 0;
	int runnable = 0;

	for (size_t i = 0; edges && i < recording->span_count; i++) {
		const struct span *span = &recording->spans[i];
		uint32_t process =
			of_a_fleet(timeline) ? process_of(timeline, &span->track) : FIRST_PROCESS;

		if (!span->on_core)
			continue;
		edges[count++] = (struct edge){ process, 1, span->begin_ns };
		edges[count++] = (struct edge){ process, -1, span->end_ns };
	}
	if (count)
		qsort(edges, count, sizeof(*edges), by_edge);
	for (size_t i = 0; i < count; i++) {
		if (!i || edges[i - 1].process != edges[i].process)
			add_counter(timeline, edges[i].process, 0, name, 0);
		runnable += edges[i].change;
		if (i + 1 == count || edges[i + 1].process != edges[i].process ||
		    edges[i + 1].at_ns != edges[i].at_ns)
			add_counter(timeline, edges[i].process, edges[i].at_ns, name, runnable);
	}
	free(edges);
}

/* The ends of the slices, which are the first events. */
static void add_ends(struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->slice_count; i++) {
		struct trace_event end = timeline->events[i];

		end.kind = SLICE_END;
		end.at_ns += end.length_ns;
		add(timeline, end);
	}
}

/* At one instant slices end, then others begin, and arrows stand behind what they touch. */
static enum kind rank_of(const struct trace_event *event)
{
	return event->kind > SLICE ? COUNTER : event->kind;
}

static int by_time(const void *a, const void *b)
{
	const struct trace_event *left = a, *right = b;
	/* outer slices begin first and end last */
	int less = rank_of(left) == SLICE_END ? 1 : -1;

	if (left->at_ns != right->at_ns)
		return left->at_ns < right->at_ns ? -1 : 1;
	if (rank_of(left) != rank_of(right))
		return rank_of(left) < rank_of(right) ? -1 : 1;
	if (left->length_ns != right->length_ns)
		return left->length_ns > right->length_ns ? less : -less;
	if (left->order != right->order)
		return left->order < right->order ? less : -less;
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
	add_ends(timeline);
	for (size_t i = 0; i < recording->arrow_count; i++)
		add_arrow(timeline, &recording->arrows[i]);
	for (size_t i = 0; i < recording->queued_count; i++)
		add_queued(timeline, &recording->queued[i]);
	add_memory(timeline, "memory in limbo (bytes)", &recording->limbo);
	add_memory(timeline, "memory in use (bytes)", &recording->in_use);
	add_runnable(timeline);
	if (timeline->error->kind == ERROR_NONE && timeline->count)
		qsort(timeline->events, timeline->count, sizeof(*timeline->events), by_time);
	return timeline->error->kind == ERROR_NONE;
}

bool timeline_write(const struct scenario *scenario, uint32_t replication, FILE *out,
		    struct error *error)
{
	struct timeline timeline = { .config = &scenario->simulation, .error = error };

	if (!recording_take(&timeline.recording, &scenario->simulation, replication, error))
		return false;
	timeline.places = json_object();
	timeline.last_track = FIRST_PROCESS - 1 + trace_process_count(timeline.config);
	if (!timeline.places) {
		error_memory(error, "tracks");
	} else if (collect(&timeline)) {
		const struct trace trace = { scenario, replication, timeline.events, timeline.count,
					     timeline.places };

		trace_write(&trace, out, error);
	}
	json_decref(timeline.places);
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
