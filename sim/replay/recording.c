#include "replay/recording.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/* Room for one more of a list; false when memory has run out (which recording_take tells). */
#define ROOM(recording, list, count, capacity)                                                     \
	memory_grow(&(recording)->list, &(recording)->capacity, (recording)->count + 1,            \
		    sizeof(*(recording)->list), "recording", (recording)->error)

static void keep_step(void *data, const struct span *span)
{
	struct recording *recording = data;

	if (ROOM(recording, spans, span_count, span_capacity))
		recording->spans[recording->span_count++] = *span;
}

static void keep_hold(void *data, const struct lock_hold *hold)
{
	struct recording *recording = data;

	if (ROOM(recording, holds, hold_count, hold_capacity))
		recording->holds[recording->hold_count++] = *hold;
}

static void keep_woken(void *data, const struct track *waiter, int64_t at_ns)
{
	struct recording *recording = data;

	if (recording->hold_count && ROOM(recording, arrows, arrow_count, arrow_capacity))
		recording->arrows[recording->arrow_count++] = (struct arrow){
			.hold = recording->hold_count - 1, .to = *waiter, .at_ns = at_ns
		};
}

static void keep_spawned(void *data, const struct track *by, const struct track *thread,
			 int64_t at_ns)
{
	struct recording *recording = data;

	if (ROOM(recording, arrows, arrow_count, arrow_capacity))
		recording->arrows[recording->arrow_count++] =
			(struct arrow){ .spawn = true, .from = *by, .to = *thread, .at_ns = at_ns };
}

static void keep_queued(void *data, const struct track *track, int64_t since_ns, int64_t at_ns)
{
	struct recording *recording = data;

	if (ROOM(recording, queued, queued_count, queued_capacity))
		recording->queued[recording->queued_count++] =
			(struct queued){ *track, since_ns, at_ns };
}

static void keep_limbo(struct recording *recording, int64_t at_ns, double jump, double slope)
{
	if (ROOM(recording, limbo, limbo_count, limbo_capacity))
		recording->limbo[recording->limbo_count++] =
			(struct limbo_change){ at_ns, jump, slope };
}

static void keep_jump(void *data, int64_t at_ns, int64_t change_bytes)
{
	keep_limbo(data, at_ns, (double)change_bytes, 0);
}

/* The drop was told as a jump; it was a slope that ends with the jump undone. */
static void keep_ramp(void *data, int64_t since_ns, int64_t at_ns, int64_t bytes)
{
	double slope = (double)bytes / (double)(at_ns - since_ns);

	keep_limbo(data, since_ns, 0, -slope);
	keep_limbo(data, at_ns, (double)bytes, slope);
}

static int by_time(const void *a, const void *b)
{
	const struct limbo_change *left = a, *right = b;

	return (left->at_ns > right->at_ns) - (left->at_ns < right->at_ns);
}

bool recording_take(struct recording *recording, const struct simulation_config *config,
		    uint32_t replication, struct error *error)
{
	const struct observer observer = { recording,  keep_step,    keep_hold, keep_queued,
					   keep_woken, keep_spawned, keep_jump, keep_ramp };

	*recording = (struct recording){ .error = error };
	recording->simulation = simulation_new(config, error);
	if (!recording->simulation)
		return false;
	simulation_observe(recording->simulation, &observer);
	if (simulation_run(recording->simulation, replication, error) &&
	    error->kind == ERROR_NONE && recording->limbo_count)
		qsort(recording->limbo, recording->limbo_count, sizeof(*recording->limbo), by_time);
	simulation_observe(recording->simulation, NULL);
	if (error->kind == ERROR_NONE)
		return true;
	recording_fini(recording);
	return false;
}

void recording_fini(struct recording *recording)
{
	simulation_free(recording->simulation);
	free(recording->spans);
	free(recording->holds);
	free(recording->arrows);
	free(recording->queued);
	free(recording->limbo);
	*recording = (struct recording){ 0 };
}

void recording_limbo(const struct recording *recording,
		     void (*corner)(void *data, int64_t at_ns, int64_t bytes), void *data)
{
	double value = 0, slope = 0;
	int64_t at_ns = 0;

	corner(data, 0, 0);
	for (size_t i = 0; i < recording->limbo_count;) {
		int64_t now_ns = recording->limbo[i].at_ns;

		value += slope * (double)(now_ns - at_ns);
		at_ns = now_ns;
		corner(data, at_ns, llround(fmax(0, value)));
		for (; i < recording->limbo_count && recording->limbo[i].at_ns == now_ns; i++) {
			value += recording->limbo[i].jump;
			slope += recording->limbo[i].slope;
		}
		if (fabs(slope) < 1e-9) /* what rounding leaves of slopes that have ended */
			slope = 0;
		corner(data, at_ns, llround(fmax(0, value)));
	}
}
