#include "replay/slices.h"

int place_compare(struct place left, struct place right)
{
	if (left.process != right.process)
		return left.process < right.process ? -1 : 1;
	return (left.track > right.track) - (left.track < right.track);
}

int slice_compare(const void *a, const void *b)
{
	const struct trace_event *left = a, *right = b;
	int order = place_compare(left->place, right->place);

	if (order)
		return order;
	if (left->at_ns != right->at_ns)
		return left->at_ns < right->at_ns ? -1 : 1;
	if (left->length_ns != right->length_ns)
		return left->length_ns > right->length_ns ? -1 : 1;
	return (left->order > right->order) - (left->order < right->order);
}

/* How many slices stand before the first of the track that begins after a time. */
static size_t slices_until(const struct slices *slices, struct place place, int64_t at_ns)
{
	size_t low = 0, high = slices->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct trace_event *other = &slices->items[middle];
		int order = place_compare(other->place, place);

		if (order < 0 || (order == 0 && other->at_ns <= at_ns))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The last outer slice of a track that has begun by a time; NULL: none. */
static const struct trace_event *slice_at(const struct slices *slices, struct place place,
					  int64_t at_ns)
{
	size_t until = slices_until(slices, place, at_ns);

	while (until && slices->items[until - 1].suffix) /* a wait is inside of the one before */
		until--;
	return until && place_compare(slices->items[until - 1].place, place) == 0
		       ? &slices->items[until - 1]
		       : NULL;
}

bool slices_touch(const struct slices *slices, struct place place, int64_t at_ns, bool end_of_wait,
		  int64_t *touched_ns)
{
	const struct trace_event *slice = slice_at(slices, place, end_of_wait ? at_ns - 1 : at_ns);

	*touched_ns = end_of_wait ? at_ns - 1 : at_ns;
	if (slice && *touched_ns < slice->at_ns + slice->length_ns)
		return true;
	*touched_ns = at_ns - 1;
	return slice && !end_of_wait && *touched_ns >= slice->at_ns &&
	       *touched_ns < slice->at_ns + slice->length_ns;
}

bool slices_first(const struct slices *slices, struct place place, int64_t at_ns,
		  int64_t *touched_ns)
{
	const struct trace_event *slice = slice_at(slices, place, at_ns);
	size_t until = slices_until(slices, place, at_ns);

	if (slice && slice->at_ns == at_ns) {
		*touched_ns = at_ns;
		return true;
	}
	if (until == slices->count || place_compare(slices->items[until].place, place) != 0)
		return false;
	*touched_ns = slices->items[until].at_ns;
	return true;
}
