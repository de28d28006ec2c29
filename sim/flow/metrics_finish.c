/* The end of a replication: what its sums lack yet. */

#include <math.h>
#include <string.h>

#include "base/sum.h"
#include "flow/metrics.h"
#include "flow/nodes.h"
#include "flow/sharing.h"

void metrics_instance(struct instance *instance)
{
	struct group *group = instance->group;

	group->counts[COUNTER_LOST_PAGES] += instance->guest.lost_pages;
	group->counts[COUNTER_LEAKED_BYTES] += (uint64_t)instance->guest.leaked_bytes;
	group->counts[COUNTER_UNFINISHED] += instance->open_requests;
	for (size_t k = 0; k < group->config->model->lock_count; k++) {
		struct lock_statistics *statistics = &instance->locks[k].statistics;

		sum_add(&group->lock_wait_ns[k], statistics->wait_total_ns);
		sum_add(&group->lock_hold_ns[k], statistics->hold_total_ns);
	}
}

static void finish_group(struct simulation *simulation, struct group *group)
{
	for (size_t i = 0; i < group->count; i++)
		metrics_instance(&simulation->instances[group->first_instance + i]);
	for (size_t i = 0; i < COUNTERS_OF_GUEST; i++)
		simulation->counters[group->extra_counters + i].value = group->counts[i];
}

static void finish_locks(struct simulation *simulation)
{
	int64_t *sums = simulation->lock_sums;

	memset(sums, 0, simulation->lock_sum_count * sizeof(*sums));
	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		const struct group *group = &simulation->groups[g];
		const struct model *model = group->config->model;

		for (size_t k = 0; k < model->lock_count; k++) {
			size_t m = group->lock_sums[k];

			sum_add(&sums[m], group->lock_wait_ns[k]);
			sum_add(&sums[m + 1], group->lock_hold_ns[k]);
			for (size_t h = 0; h < simulation->host_count; h++) {
				const struct host_model *resources =
					&simulation->hosts[h].models[g];

				if (!resources->model)
					continue;
				sum_add(&sums[m], resources->locks[k].statistics.wait_total_ns);
				sum_add(&sums[m + 1], resources->locks[k].statistics.hold_total_ns);
			}
		}
	}
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Of all hosts, at the end of a replication. */
struct host_sums {
	double limbo, in_use; /* bytes * ns */
	struct shared_use use;
	int64_t lost_ns, node_peak; /* on the worst node */
};

static void add_node(struct host_sums *sums, struct node *node)
{
	level_settle(&node->limbo);
	sums->limbo += node->limbo.integral;
	level_settle(&node->in_use);
	sums->in_use += node->in_use.integral;
	sums->lost_ns = larger(sums->lost_ns, cpu_lost_ns(&node->cpu) - node->lost_before_ns);
	sums->node_peak = larger(sums->node_peak, node->used_peak);
}

static void add_host(struct host_sums *sums, struct host *host)
{
	struct shared_use use = shared_use_of(host);

	sums->use.busy_ns += use.busy_ns;
	sums->use.waited_ns += use.waited_ns;
	for (size_t r = CAPACITY_MEMORY; r < HOST_CAPACITIES_MAX; r++)
		sums->use.slowed_ns[r] += use.slowed_ns[r];
	sums->use.crowded_ns += use.crowded_ns;
	for (size_t k = 0; k < host->node_count; k++)
		add_node(sums, &host->nodes[k]);
}

static int64_t whole(double sum)
{
	return sum < (double)SUM_MOST ? llround(sum) : SUM_MOST;
}

void metrics_finish(struct simulation *simulation)
{
	int64_t end_ns = simulation->engine.now_ns;
	int64_t *total = simulation->host_metrics.total;
	struct host_sums sums = { 0 };

	for (size_t g = 0; g < simulation->config->guest_count; g++)
		finish_group(simulation, &simulation->groups[g]);
	for (size_t h = 0; h < simulation->host_count; h++) {
		add_host(&sums, &simulation->hosts[h]);
		total[METRIC_MEMORY_PEAK] =
			larger(total[METRIC_MEMORY_PEAK], simulation->hosts[h].in_use_peak);
	}
	end_ns -= simulation->config->record_from_ns;
	total[METRIC_LIMBO_PEAK] = simulation->limbo_peak_bytes;
	total[METRIC_LIMBO_HELD] = simulation->limbo_held_peak_bytes;
	total[METRIC_LIMBO_MEAN] = end_ns > 0 ? whole(sums.limbo / (double)end_ns) : 0;
	total[METRIC_MEMORY_MEAN] = end_ns > 0 ? whole(sums.in_use / (double)end_ns) : 0;
	total[METRIC_NODE_MEMORY] = sums.node_peak;
	total[METRIC_OBSERVED_TIME] = larger(end_ns, 0);
	total[METRIC_CORES_BUSY] = whole(sums.use.busy_ns);
	total[METRIC_CORES_WAIT] = whole(sums.use.waited_ns);
	total[METRIC_MEMORY_MOVED] = whole(shared_used(simulation, CAPACITY_MEMORY));
	total[METRIC_MEMORY_SLOWED] = whole(sums.use.slowed_ns[CAPACITY_MEMORY]);
	total[METRIC_CROWD_SLOWED] = whole(sums.use.crowded_ns);
	total[METRIC_NEIGHBOUR] =
		end_ns > 0 ? whole((double)sums.lost_ns / (double)end_ns * 1e9) : 0;
	finish_locks(simulation);
	for (size_t i = 0; i < simulation->config->host.capacity_count; i++) {
		simulation->capacity_used[i] = whole(shared_used(simulation, CAPACITY_OWN + i));
		simulation->capacity_slowed[i] = whole(sums.use.slowed_ns[CAPACITY_OWN + i]);
	}
}
