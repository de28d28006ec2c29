/* What each host has in use over the time of a replication: it runs twice, first for its length. */

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "flow/population.h"
#include "flow/simulation.h"
#include "replay/replay.h"

enum { PARTS = 240 };

struct watch {
	struct host_use *use;
	int64_t end_ns;  /* of the last step */
	size_t part;     /* that is over when hosts are told next */
	double *busy_ns; /* of each host, at the end of the part before */
};

static void find_end(void *data, const struct span *span)
{
	struct watch *watch = data;

	if (span->end_ns > watch->end_ns)
		watch->end_ns = span->end_ns;
}

/* What a step has moved, evenly over its time. */
static void add_moved(void *data, const struct span *span)
{
	const struct watch *watch = data;
	const struct host_use *use = watch->use;
	double begin_ns = (double)span->begin_ns, end_ns = (double)span->end_ns;
	double *moved = &use->used[HOST_BANDWIDTH][span->track.host * use->parts];
	size_t part = (size_t)(begin_ns / use->part_ns);

	for (; span->moved_bytes > 0 && part < use->parts; part++) {
		double from = fmax(begin_ns, (double)part * use->part_ns);
		double to = fmin(end_ns, (double)(part + 1) * use->part_ns);

		if (to <= from)
			return;
		moved[part] += span->moved_bytes * (to - from) / (end_ns - begin_ns) /
			       (use->part_ns * 1e-9);
	}
}

static void keep_state(void *data, const struct host_state *state)
{
	struct watch *watch = data;
	const struct host_use *use = watch->use;
	size_t at = state->host * use->parts + watch->part;

	if (watch->part < use->parts) {
		use->used[HOST_CORES][at] =
			(state->busy_ns - watch->busy_ns[state->host]) / use->part_ns;
		use->used[HOST_MEMORY][at] = state->bytes;
		watch->busy_ns[state->host] = state->busy_ns;
	}
	if (state->host + 1 == use->hosts)
		watch->part++;
}

/* Nothing happened any more: what is in use stays so. */
static void go_on(const struct watch *watch)
{
	const struct host_use *use = watch->use;

	for (size_t h = 0; h < use->hosts; h++)
		for (size_t part = watch->part; part && part < use->parts; part++)
			use->used[HOST_MEMORY][h * use->parts + part] =
				use->used[HOST_MEMORY][h * use->parts + part - 1];
}

static bool observe(const struct simulation_config *config, uint32_t replication,
		    const struct observer *observer, struct error *error)
{
	struct simulation *simulation = simulation_new(config, error);

	if (!simulation)
		return false;
	simulation_observe(simulation, observer);
	simulation_run(simulation, replication, error);
	simulation_free(simulation);
	return error->kind == ERROR_NONE;
}

static bool take(const struct simulation_config *config, uint32_t replication, struct host_use *use,
		 struct error *error)
{
	size_t hosts = config->population ? (size_t)config->population->hosts : 1;
	struct watch watch = { .use = use };
	struct observer observer = { .data = &watch, .step = find_end };

	if (!observe(config, replication, &observer, error) ||
	    !host_use_init(use, hosts, PARTS, error))
		return false;
	observer.every_ns = watch.end_ns / PARTS + 1;
	observer.step = add_moved;
	observer.host = keep_state;
	use->part_ns = (double)observer.every_ns;
	use->most[HOST_CORES] = (double)config->host.cores;
	use->most[HOST_MEMORY] = (double)config->host.memory_bytes;
	use->most[HOST_BANDWIDTH] = config->host.memory_bandwidth;
	watch.busy_ns = memory_array(hosts, sizeof(*watch.busy_ns), "use of hosts", error);
	if (watch.busy_ns && observe(config, replication, &observer, error))
		go_on(&watch);
	else
		host_use_fini(use);
	free(watch.busy_ns);
	return error->kind == ERROR_NONE;
}

bool replay_host_use(const json_t *root, const char *path, uint32_t replication,
		     struct host_use *use, struct error *error)
{
	struct scenario scenario;
	bool ok;

	if (!replay_scenario_of(&scenario, root, path, error))
		return false;
	ok = take(&scenario.simulation, replication, use, error);
	scenario_fini(&scenario);
	return ok;
}
