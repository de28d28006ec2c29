#include "replay/recording.h"

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

/* Of several corners of one instant, the first and the last matter. */
static void keep_corner(struct recording *recording, struct memory_curve *curve, int64_t at_ns,
			int64_t bytes)
{
	struct memory_corner *corners = curve->corners;
	size_t count = curve->count;

	if (count && corners[count - 1].at_ns == at_ns && corners[count - 1].bytes == bytes)
		return;
	if (count > 1 && corners[count - 1].at_ns == at_ns && corners[count - 2].at_ns == at_ns)
		corners[count - 1].bytes = bytes;
	else if (memory_grow(&curve->corners, &curve->capacity, count + 1, sizeof(*curve->corners),
			     "recording", recording->error))
		curve->corners[curve->count++] = (struct memory_corner){ at_ns, bytes };
}

static void keep_limbo(void *data, int64_t at_ns, int64_t bytes)
{
	struct recording *recording = data;

	keep_corner(recording, &recording->limbo, at_ns, bytes);
}

static void keep_in_use(void *data, int64_t at_ns, int64_t bytes)
{
	struct recording *recording = data;

	keep_corner(recording, &recording->in_use, at_ns, bytes);
}

bool recording_take(struct recording *recording, const struct simulation_config *config,
		    uint32_t replication, struct error *error)
{
	const struct observer observer = {
		.data = recording,
		.step = keep_step,
		.hold = keep_hold,
		.queued = keep_queued,
		.woken = keep_woken,
		.spawned = keep_spawned,
		.limbo = keep_limbo,
		.in_use = keep_in_use,
	};

	*recording = (struct recording){ .error = error };
	recording->simulation = simulation_new(config, error);
	if (!recording->simulation)
		return false;
	keep_limbo(recording, 0, 0);
	simulation_observe(recording->simulation, &observer);
	simulation_run(recording->simulation, replication, error);
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
	free(recording->limbo.corners);
	free(recording->in_use.corners);
	*recording = (struct recording){ 0 };
}
