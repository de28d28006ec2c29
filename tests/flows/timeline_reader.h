#ifndef TESTS_FLOWS_TIMELINE_READER_H
#define TESTS_FLOWS_TIMELINE_READER_H

/*
 * Timelines as viewers read them (Trace Event Format). Times in the file are microseconds with
 * three decimals; viewers keep them as doubles, or make integers of them by cutting or rounding.
 * Some believe the order of begin and end events, some sort slices by their times and nest them
 * by these alone. Whatever a viewer does, no slice of a track may reach out of the one that it
 * begins in. A file is read line by line: an event stands on a line.
 */

#include "fixture.h"

#include <jansson.h>
#include <math.h>

enum time_reading { AS_DOUBLES, CUT_TO_NS, ROUNDED_TO_NS, CUT_TO_US, TIME_READINGS };

static const char *const time_reading_names[TIME_READINGS] = {
	"doubles of microseconds", "nanoseconds, cut", "nanoseconds, rounded", "microseconds, cut"
};

/* The file's number as that viewer has it. */
static inline double read_time(double ts, enum time_reading reading)
{
	switch (reading) {
	case CUT_TO_NS:
		return trunc(ts * 1e3);
	case ROUNDED_TO_NS:
		return (double)llround(ts * 1e3);
	case CUT_TO_US:
		return trunc(ts);
	case AS_DOUBLES:
	case TIME_READINGS:
		break;
	}
	return ts;
}

/* Of complete slices ("X") the file has a length, of others the time of their end. */
struct read_slice {
	json_int_t process, track;
	double ts, end_ts, length; /* as they stand in the file; one of the last two is NaN */
	double begin, end;         /* in a reading */
	size_t order;
};

struct slice_list {
	struct read_slice *items;
	size_t count, capacity;
};

static inline int by_track_and_time(const void *a, const void *b)
{
	const struct read_slice *left = a, *right = b;

	if (left->process != right->process)
		return left->process < right->process ? -1 : 1;
	if (left->track != right->track)
		return left->track < right->track ? -1 : 1;
	if (left->begin != right->begin)
		return left->begin < right->begin ? -1 : 1;
	if (left->end != right->end)
		return left->end > right->end ? -1 : 1;
	return (left->order > right->order) - (left->order < right->order);
}

/* How many slices reach out of the one that they begin in, for who knows their times alone. */
static inline size_t count_overlaps(struct slice_list *slices, enum time_reading reading)
{
	double *ends = calloc(slices->count + 1, sizeof(*ends));
	size_t depth = 0, overlaps = 0;

	assert_non_null(ends);
	for (size_t i = 0; i < slices->count; i++) {
		struct read_slice *slice = &slices->items[i];

		slice->begin = read_time(slice->ts, reading);
		slice->end = isnan(slice->length)
				     ? read_time(slice->end_ts, reading)
				     : slice->begin + read_time(slice->length, reading);
	}
	if (slices->count)
		qsort(slices->items, slices->count, sizeof(*slices->items), by_track_and_time);
	for (size_t i = 0; i < slices->count; i++) {
		const struct read_slice *slice = &slices->items[i];

		if (i && (slice->process != slice[-1].process || slice->track != slice[-1].track))
			depth = 0;
		while (depth && ends[depth - 1] <= slice->begin)
			depth--;
		overlaps += depth && slice->end > ends[depth - 1];
		ends[depth++] = slice->end;
	}
	free(ends);
	return overlaps;
}

static inline void keep_slice(struct slice_list *slices, const json_t *event, double ts,
			      double end_ts, double length)
{
	if (slices->count == slices->capacity) {
		slices->capacity = 2 * slices->capacity + 64;
		slices->items =
			reallocarray(slices->items, slices->capacity, sizeof(*slices->items));
		assert_non_null(slices->items);
	}
	slices->items[slices->count] = (struct read_slice){
		.process = json_integer_value(json_object_get(event, "pid")),
		.track = json_integer_value(json_object_get(event, "tid")),
		.ts = ts,
		.end_ts = end_ts,
		.length = length,
		.order = slices->count,
	};
	slices->count++;
}

/* What is open on each track, for who believes the order of events: "PROCESS TRACK" -> events. */
static inline json_t *stack_of(json_t *stacks, const json_t *event)
{
	char track[64];
	json_t *stack;

	snprintf(track, sizeof(track), "%" JSON_INTEGER_FORMAT " %" JSON_INTEGER_FORMAT,
		 json_integer_value(json_object_get(event, "pid")),
		 json_integer_value(json_object_get(event, "tid")));
	stack = json_object_get(stacks, track);
	if (!stack) {
		stack = json_array();
		assert_int_equal(json_object_set_new(stacks, track, stack), 0);
	}
	return stack;
}

static inline double number_at(const json_t *event, const char *key)
{
	const json_t *value = json_object_get(event, key);

	assert_true(json_is_number(value));
	return json_number_value(value);
}

/* Take an event: a complete slice, or the end of the one that is open. */
static inline void take_event(struct slice_list *slices, json_t *stacks, json_t *event)
{
	const char *phase = json_string_value(json_object_get(event, "ph"));
	const json_t *open;
	json_t *stack;
	size_t depth;

	assert_non_null(phase);
	if (strcmp(phase, "X") == 0) {
		keep_slice(slices, event, number_at(event, "ts"), NAN, number_at(event, "dur"));
	} else if (strcmp(phase, "B") == 0) {
		assert_int_equal(json_array_append(stack_of(stacks, event), event), 0);
	} else if (strcmp(phase, "E") == 0) {
		stack = stack_of(stacks, event);
		depth = json_array_size(stack);
		assert_true(depth > 0);
		open = json_array_get(stack, depth - 1);
		assert_string_equal(json_string_value(json_object_get(open, "name")),
				    json_string_value(json_object_get(event, "name")));
		assert_string_equal(json_string_value(json_object_get(open, "cat")),
				    json_string_value(json_object_get(event, "cat")));
		assert_true(number_at(open, "ts") <= number_at(event, "ts"));
		keep_slice(slices, event, number_at(open, "ts"), number_at(event, "ts"), NAN);
		json_array_remove(stack, depth - 1);
	}
}

/* The next event of a file; NULL behind the last. The caller lets it go. */
static inline json_t *next_event(FILE *file, char **line, size_t *size)
{
	for (;;) {
		ssize_t length = getline(line, size, file);
		json_t *event;

		if (length < 0)
			return NULL;
		while (length && strchr(",\n", (*line)[length - 1]))
			(*line)[--length] = '\0';
		if (strncmp(*line, "{\"ph\"", 5) != 0) /* what stands around the list */
			continue;
		event = json_loads(*line, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(event);
		return event;
	}
}

/* Read it in each way; returns how many slices there are. A failure names `what`. */
static inline size_t check_nesting_of(FILE *file, const char *what)
{
	struct slice_list slices = { 0 };
	json_t *stacks = json_object(), *event, *stack;
	char *line = NULL;
	const char *track;
	size_t size = 0;

	rewind(file);
	while ((event = next_event(file, &line, &size))) {
		take_event(&slices, stacks, event);
		json_decref(event);
	}
	json_object_foreach(stacks, track, stack)
	{
		if (json_array_size(stack))
			fail_msg("%s: a slice of track %s never ends", what, track);
	}
	for (int reading = 0; reading < TIME_READINGS; reading++) {
		size_t overlaps = count_overlaps(&slices, (enum time_reading)reading);

		if (overlaps)
			fail_msg("%s, times read as %s: %zu of %zu slices reach out of another",
				 what, time_reading_names[reading], overlaps, slices.count);
	}
	free(slices.items);
	free(line);
	json_decref(stacks);
	return slices.count;
}

#endif
