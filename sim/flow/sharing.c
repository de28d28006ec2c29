#include "flow/sharing.h"

#include <math.h>
#include <string.h>

#include "engine/cpu_sharing.h"

_Static_assert((int)CROWD_SPEEDS_MAX == (int)CPU_SPEEDS_MAX, "speeds of a crowd");
_Static_assert((int)TERMS_MAX <= UINT8_MAX, "terms in a byte");
_Static_assert((int)CAPACITY_CORES == (int)SHARE_CORES, "cores come first");

void needs_add(struct needs_sum *sum, const struct cost *cost, double units)
{
	enum crowd crowd = cost->sharing.crowd;
	double work_ns = cost->law.mean_ns * units;

	sum->work_ns += work_ns;
	sum->moved_bytes += cost->sharing.moved_bytes * units;
	if (!crowd)
		return;
	sum->crowded_ns[crowd] += work_ns;
	if (!sum->dearest[crowd] || work_ns > sum->dearest_ns[crowd]) {
		sum->dearest[crowd] = &cost->sharing;
		sum->dearest_ns[crowd] = work_ns;
	}
}

struct cpu_needs needs_of(const struct needs_sum *sum)
{
	struct cpu_needs needs = { 0 };

	if (!(sum->work_ns > 0))
		return needs;
	needs.demand[CAPACITY_MEMORY] = sum->moved_bytes / sum->work_ns;
	for (unsigned int crowd = 1; crowd < CROWDS; crowd++) {
		double share = sum->crowded_ns[crowd] / sum->work_ns;

		if (!(share > needs.crowded))
			continue;
		needs.crowd = crowd;
		needs.crowded = share < 1 ? share : 1;
		memcpy(needs.speeds, sum->dearest[crowd]->speeds, sizeof(needs.speeds));
	}
	return needs;
}

void thread_needs(struct thread *thread, const struct needs_sum *sum)
{
	struct simulation *simulation = thread->simulation;
	struct cpu_needs needs = needs_of(sum);
	unsigned int class;

	if (!simulation->bus_can_bind)
		needs.demand[CAPACITY_MEMORY] = 0;
	if (!cpu_class_of(&thread->node->cpu, &needs, &class, &simulation->engine.error))
		engine_stop(&simulation->engine);
	cpu_job_set_class(&thread->job, class);
}

static struct shared_use use_so_far(struct host *host)
{
	const double one_ns = (double)(UINT64_C(1) << CPU_FRACTION_BITS);
	struct shared_use use = { 0 };

	for (size_t k = 0; k < host->node_count; k++) {
		struct cpu *cpu = &host->nodes[k].cpu;
		struct cpu_times times;

		cpu_settle(cpu);
		times = cpu_times_of_all(cpu);
		use.busy_ns += (double)cpu->busy_core / one_ns;
		use.waited_ns += (double)times.lost[CAPACITY_CORES] / one_ns;
		use.slowed_ns += (double)times.lost[CAPACITY_MEMORY] / one_ns;
		use.crowded_ns += (double)times.crowded / one_ns;
	}
	return use;
}

void shared_use_begin(struct host *host)
{
	host->used_before = use_so_far(host);
}

struct shared_use shared_use_of(struct host *host)
{
	struct shared_use use = use_so_far(host);

	use.busy_ns -= host->used_before.busy_ns;
	use.waited_ns -= host->used_before.waited_ns;
	use.slowed_ns -= host->used_before.slowed_ns;
	use.crowded_ns -= host->used_before.crowded_ns;
	return use;
}

double shared_moved_bytes(const struct simulation *simulation)
{
	double bytes = 0;

	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		const struct group *group = &simulation->groups[g];

		for (size_t i = 0; i < group->mover_count; i++) {
			size_t t = group->movers[i];

			bytes += group->config->costs[t].sharing.moved_bytes *
				 (double)simulation->counters[group->first_counter + t - FIRST_TERM]
					 .value;
		}
	}
	return bytes;
}

/* Bytes per ns that a thread moves at most; a price of nothing sets no limit to what it moves. */
static double most_moved(const struct guest_config *guest)
{
	double most = 0;

	for (size_t t = FIRST_TERM; t < guest->model->term_count; t++) {
		const struct cost *cost = &guest->costs[t];
		double moved = cost->sharing.moved_bytes;

		moved = moved > 0 && !(cost->law.mean_ns > 0) ? INFINITY
							      : moved / cost->law.mean_ns;
		most = moved > most ? moved : most;
	}
	return most;
}

bool sharing_bus_can_bind(const struct simulation_config *config)
{
	double nodes = config->host.numa_nodes > 1 ? (double)config->host.numa_nodes : 1, most = 0;

	for (size_t g = 0; g < config->guest_count; g++) {
		double moved = most_moved(&config->guests[g]);

		most = moved > most ? moved : most;
	}
	return most * ceil((double)config->host.cores / nodes) >
	       config->host.memory_bandwidth * 1e-9 / nodes;
}

void sharing_look(struct simulation *simulation)
{
	const struct simulation_config *config = simulation->config;

	simulation->bus_can_bind = sharing_bus_can_bind(config);
	for (size_t g = 0; g < config->guest_count; g++) {
		struct group *group = &simulation->groups[g];
		const struct guest_config *guest = &config->guests[g];

		group->mover_count = 0;
		for (size_t t = FIRST_TERM; t < guest->model->term_count; t++) {
			const struct sharing *sharing = &guest->costs[t].sharing;

			if (sharing->moved_bytes > 0)
				group->movers[group->mover_count++] = (uint8_t)t;
			group->shares[t] = (simulation->bus_can_bind && sharing->moved_bytes > 0) ||
					   (config->host.cores > 1 && sharing->crowd &&
					    sharing->speeds[0] > 0);
		}
	}
}
