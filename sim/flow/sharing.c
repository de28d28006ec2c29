#include "flow/sharing.h"

#include <math.h>
#include <string.h>

#include "engine/cpu_sharing.h"
#include "flow/sharing_bound.h"

_Static_assert((int)CROWD_SPEEDS_MAX == (int)CPU_SPEEDS_MAX, "speeds of a crowd");
_Static_assert((int)TERMS_MAX <= UINT8_MAX, "terms in a byte");
_Static_assert((int)HOST_CAPACITIES_MAX == (int)SHARE_CAPACITIES_MAX, "capacities");
_Static_assert((int)CAPACITY_CORES == (int)SHARE_CORES, "cores come first");

void needs_add(struct needs_sum *sum, const struct cost *cost, double units)
{
	enum crowd crowd = cost->sharing.crowd;
	double work_ns = cost->law.mean_ns * units;

	sum->work_ns += work_ns;
	for (size_t r = CAPACITY_MEMORY; r < HOST_CAPACITIES_MAX; r++)
		sum->uses[r] += cost->sharing.uses[r] * units;
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
	for (size_t r = CAPACITY_MEMORY; r < HOST_CAPACITIES_MAX; r++)
		needs.demand[r] = sum->uses[r] / sum->work_ns;
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

	for (size_t r = CAPACITY_MEMORY; r < HOST_CAPACITIES_MAX; r++)
		if (!(simulation->can_bind >> r & 1))
			needs.demand[r] = 0;
	if (!cpu_class_of(&thread->node->cpu, &needs, &class, &simulation->engine.error))
		engine_stop(&simulation->engine);
	cpu_job_set_class(&thread->job, class);
}

static struct shared_use use_so_far(struct host *host)
{
	struct shared_use use = { 0 };
	double held_ns;

	cpu_settle(&host->all_cores);
	held_ns = cpu_ns(host->all_cores.busy_core);
	for (size_t k = 0; k < host->node_count; k++) {
		struct cpu *cpu = &host->nodes[k].cpu;
		struct cpu_times times;

		cpu_settle(cpu);
		times = cpu_times_of_all(cpu);
		use.busy_ns += cpu_ns(cpu->busy_core) + held_ns * cpu->cores;
		use.waited_ns += cpu_ns(times.lost[CAPACITY_CORES]);
		for (size_t r = CAPACITY_MEMORY; r < HOST_CAPACITIES_MAX; r++)
			use.slowed_ns[r] += cpu_ns(times.lost[r]);
		use.crowded_ns += cpu_ns(times.crowded);
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
	for (size_t r = CAPACITY_MEMORY; r < HOST_CAPACITIES_MAX; r++)
		use.slowed_ns[r] -= host->used_before.slowed_ns[r];
	use.crowded_ns -= host->used_before.crowded_ns;
	return use;
}

double shared_busy_ns(struct host *host)
{
	return use_so_far(host).busy_ns;
}

double shared_used(const struct simulation *simulation, size_t capacity)
{
	double used = 0;

	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		const struct group *group = &simulation->groups[g];

		for (size_t i = 0; i < group->user_count; i++) {
			size_t t = group->users[i];

			used += group->config->costs[t].sharing.uses[capacity] *
				(double)simulation->counters[group->first_counter + t - FIRST_TERM]
					.value;
		}
	}
	return used;
}

/*
 * Of a capacity that a thread with the guest's prices uses at most, per ns; a price of nothing sets
 * no limit to it.
 */
static double most_used(const struct guest_config *guest, size_t capacity)
{
	double most = 0;

	for (size_t t = FIRST_TERM; t < guest->model->term_count; t++) {
		const struct cost *cost = &guest->costs[t];
		double used = cost->sharing.uses[capacity];

		used = used > 0 && !(cost->law.mean_ns > 0) ? INFINITY : used / cost->law.mean_ns;
		most = used > most ? used : most;
	}
	return most;
}

/* All cores of a node together, each at so many units per ns, want more than there is. */
static bool want_more(const struct host_config *host, size_t capacity, double each_per_ns)
{
	double nodes = host->numa_nodes > 1 ? (double)host->numa_nodes : 1;

	return each_per_ns * ceil((double)host->cores / nodes) >
	       host_capacity_per_s(host, capacity) * 1e-9 / nodes;
}

bool sharing_can_bind(const struct simulation_config *config, size_t capacity)
{
	double most = 0;

	for (size_t g = 0; g < config->guest_count; g++)
		most = fmax(most, most_used(&config->guests[g], capacity));
	return want_more(&config->host, capacity, most);
}

static void look_at_group(struct group *group, uint32_t can_bind)
{
	const struct guest_config *guest = group->config;
	bool crowds = group->simulation->config->host.cores > 1;

	group->user_count = 0;
	for (size_t t = FIRST_TERM; t < guest->model->term_count; t++) {
		const struct sharing *sharing = &guest->costs[t].sharing;
		bool uses = false;

		group->shares[t] = crowds && sharing->crowd && sharing->speeds[0] > 0;
		for (size_t r = CAPACITY_MEMORY; r < HOST_CAPACITIES_MAX; r++) {
			uses = uses || sharing->uses[r] > 0;
			if (sharing->uses[r] > 0 && can_bind >> r & 1)
				group->shares[t] = true;
		}
		if (uses)
			group->users[group->user_count++] = (uint8_t)t;
	}
}

/* By what its flows can do: most prices stand beside others that use nothing. */
static bool can_bind(const struct simulation *simulation, size_t capacity)
{
	double most = 0;

	for (size_t g = 0; g < simulation->config->guest_count; g++)
		most = fmax(most, sharing_most_used(&simulation->groups[g], capacity));
	return want_more(&simulation->config->host, capacity, most);
}

void sharing_look(struct simulation *simulation)
{
	const struct simulation_config *config = simulation->config;

	simulation->can_bind = 0;
	for (size_t r = CAPACITY_MEMORY; r < host_capacities(&config->host); r++)
		simulation->can_bind |= (uint32_t)can_bind(simulation, r) << r;
	for (size_t g = 0; g < config->guest_count; g++)
		look_at_group(&simulation->groups[g], simulation->can_bind);
}
