#include "flow/nodes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/cpu_sharing.h"

/* The part of node k: whole numbers that add up. */
static int64_t part_of(int64_t whole, size_t k, size_t nodes)
{
	int64_t n = (int64_t)nodes, each = whole / n, rest = whole % n;

	return each + ((int64_t)k < rest);
}

static void size_node(struct host *host, size_t k, const struct host_config *config)
{
	struct node *node = &host->nodes[k];
	size_t nodes = host->node_count;
	int64_t pages = part_of(host_pool_bytes(config, PAGE_4K) / PAGE_BYTES, k, nodes);

	node->cpu.cores = (uint32_t)part_of(config->cores, k, nodes);
	for (size_t r = CAPACITY_MEMORY; r < host_capacities(config); r++)
		node->cpu.capacities[r].per_ns =
			host_capacity_per_s(config, r) * 1e-9 / (double)nodes;
	node->pools[PAGE_4K].capacity_bytes = pages * PAGE_BYTES;
	if (k == 0) /* and what is no whole page */
		node->pools[PAGE_4K].capacity_bytes +=
			host_pool_bytes(config, PAGE_4K) % PAGE_BYTES;
	for (int size = PAGE_2M; size < PAGE_SIZES; size++)
		node->pools[size].capacity_bytes =
			part_of(config->hugepages[size], k, nodes) * page_size_bytes[size];
}

bool nodes_build(struct simulation *simulation, struct host *host, struct error *error)
{
	const struct host_config *config = &simulation->config->host;
	size_t count = config->numa_nodes > 1 ? (size_t)config->numa_nodes : 1;

	host->nodes = memory_array(count, sizeof(*host->nodes), "nodes", error);
	if (!host->nodes)
		return false;
	for (; host->node_count < count; host->node_count++) {
		struct node *node = &host->nodes[host->node_count];

		if (!cpu_init(&node->cpu, &simulation->engine, 1, error))
			return false;
		for (size_t r = CAPACITY_MEMORY; r < host_capacities(config); r++)
			if (!cpu_add_capacity(&node->cpu, 1, &(unsigned int){ 0 }, error)) {
				cpu_fini(&node->cpu);
				return false;
			}
		for (int size = 0; size < PAGE_SIZES; size++)
			pool_init(&node->pools[size], &simulation->engine, 0);
	}
	nodes_adopt(simulation, host);
	return true;
}

void nodes_adopt(struct simulation *simulation, struct host *host)
{
	for (size_t k = 0; k < host->node_count; k++)
		size_node(host, k, &simulation->config->host);
}

void nodes_reset(struct host *host)
{
	for (size_t k = 0; k < host->node_count; k++) {
		struct node *node = &host->nodes[k];

		cpu_reset(&node->cpu);
		cpu_forget_jobs(&node->cpu);
		level_reset(&node->limbo, &node->cpu);
		level_reset(&node->in_use, &node->cpu);
		for (int size = 0; size < PAGE_SIZES; size++)
			node->pools[size].used_bytes = 0;
		node->lost_before_ns = node->used_peak = 0;
		node->threads = 0;
	}
}

void nodes_fini(struct host *host)
{
	for (size_t k = 0; k < host->node_count; k++)
		cpu_fini(&host->nodes[k].cpu);
	free(host->nodes);
}

/* --- which one ------------------------------------------------------------ */

static int64_t left_on(const struct node *node, enum page_size size)
{
	return node->pools[size].capacity_bytes - node->pools[size].used_bytes;
}

/* a has fewer threads for each of its cores than b. */
static bool is_less_busy(const struct node *a, const struct node *b)
{
	return (uint64_t)a->threads * b->cpu.cores < (uint64_t)b->threads * a->cpu.cores;
}

void node_choose(struct instance *instance)
{
	const struct guest_config *config = instance->group->config;
	enum page_size size = config->hugetlb ? config->page_size : PAGE_4K;
	struct host *host = instance->host;
	struct node *best = &host->nodes[instance->number % host->node_count];

	if (config->numa == NUMA_BOUND && config->numa_node >= 0)
		best = &host->nodes[(size_t)config->numa_node % host->node_count];
	for (size_t k = 0; config->numa == NUMA_UNBOUND && k < host->node_count; k++) {
		struct node *node = &host->nodes[k];

		if (is_less_busy(node, best) ||
		    (!is_less_busy(best, node) && left_on(node, size) > left_on(best, size)))
			best = node;
	}
	instance->node = best;
	instance->guest.cores =
		node_is_bound(instance) ? instance->node->cpu.cores : instance->guest.host->cores;
}

bool node_is_bound(const struct instance *instance)
{
	return instance->host->node_count > 1 && instance->group->config->numa == NUMA_BOUND;
}

bool nodes_may_meet(const struct instance *instance, const struct instance *other)
{
	return !node_is_bound(instance) || !node_is_bound(other) || instance->node == other->node;
}

struct node *node_of_thread(const struct instance *instance)
{
	const struct host *host = instance->host;
	struct node *best = instance->node;

	if (host->node_count == 1 || node_is_bound(instance) ||
	    (instance->group->config->numa == NUMA_UNBOUND && best->threads < best->cpu.cores))
		return best;
	for (size_t k = 0; k < host->node_count; k++)
		if (is_less_busy(&host->nodes[k], best))
			best = &host->nodes[k];
	return best;
}

void nodes_hold(struct host *host, bool held)
{
	for (size_t k = 0; k < host->node_count; k++)
		cpu_hold(&host->nodes[k].cpu, held);
}

/* --- memory --------------------------------------------------------------- */

/* Of a host with several nodes, where an instance's memory is: by node, then size of the pool. */
static int64_t *held_on(const struct instance *instance, const struct node *node,
			enum page_size size)
{
	return &instance->on_nodes[(node - instance->host->nodes) * PAGE_SIZES + size];
}

int64_t nodes_left(const struct instance *instance, enum page_size size)
{
	const struct host *host = instance->host;
	int64_t left = 0;

	if (host->node_count == 1 || node_is_bound(instance))
		return left_on(instance->node, size);
	for (size_t k = 0; k < host->node_count; k++)
		left += left_on(&host->nodes[k], size);
	return left;
}

static int64_t used_on(const struct node *node)
{
	int64_t bytes = 0;

	for (int size = 0; size < PAGE_SIZES; size++)
		bytes += node->pools[size].used_bytes;
	return bytes;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void take_on(struct instance *instance, struct node *node, enum page_size size,
		    int64_t bytes)
{
	if (!pool_take(&node->pools[size], bytes))
		engine_fail(&instance->simulation->engine, ERROR_INTERNAL,
			    "guest %s takes memory that is not there",
			    instance->guest.config->name);
	if (!instance->on_nodes)
		return;
	*held_on(instance, node, size) += bytes;
	if (used_on(node) > node->used_peak)
		node->used_peak = used_on(node);
}

void nodes_take(struct instance *instance, enum page_size size, int64_t bytes)
{
	struct host *host = instance->host;
	size_t own = (size_t)(instance->node - host->nodes);
	bool spread = instance->group->config->numa == NUMA_SPREAD;

	if (host->node_count == 1 || node_is_bound(instance)) {
		take_on(instance, instance->node, size, bytes);
		return;
	}
	for (size_t i = 0; spread && i < host->node_count; i++) { /* its share of what is left */
		struct node *node = &host->nodes[i];
		int64_t share = least(part_of(bytes, 0, host->node_count - i), left_on(node, size));

		take_on(instance, node, size, share);
		bytes -= share;
	}
	for (size_t i = 0; bytes && i < host->node_count; i++) { /* its own first */
		struct node *node = &host->nodes[(own + i) % host->node_count];
		int64_t share = least(bytes, left_on(node, size));

		take_on(instance, node, size, share);
		bytes -= share;
	}
}

/* What loops free lies anywhere: from each node in proportion to what it has there. */
void nodes_give(struct instance *instance, enum page_size size, int64_t bytes)
{
	struct host *host = instance->host;
	int64_t held = 0;

	if (!instance->on_nodes) {
		pool_give(&host->nodes[0].pools[size], bytes);
		return;
	}
	for (size_t k = 0; k < host->node_count; k++)
		held += *held_on(instance, &host->nodes[k], size);
	for (size_t k = 0; k < host->node_count && held; k++) {
		int64_t *here = held_on(instance, &host->nodes[k], size);
		int64_t share = (int64_t)((__int128)bytes * *here / held);

		if (*here == held) /* the last that has any: the rest */
			share = bytes;
		held -= *here;
		bytes -= share;
		*here -= share;
		pool_give(&host->nodes[k].pools[size], share);
	}
}

void nodes_forget(struct instance *instance)
{
	if (instance->on_nodes)
		memset(instance->on_nodes, 0,
		       instance->host->node_count * PAGE_SIZES * sizeof(*instance->on_nodes));
}

int64_t host_used_bytes(const struct host *host)
{
	int64_t bytes = 0;

	for (size_t k = 0; k < host->node_count; k++)
		bytes += used_on(&host->nodes[k]);
	return bytes;
}

/* Of the level at that place in each node. */
static double all_nodes_now(struct host *host, size_t offset)
{
	double bytes = 0;

	for (size_t k = 0; k < host->node_count; k++)
		bytes += level_now((struct level *)((char *)&host->nodes[k] + offset));
	return bytes;
}

double host_in_use_now(struct host *host)
{
	return all_nodes_now(host, offsetof(struct node, in_use));
}

void hosts_in_use_corner(struct simulation *simulation)
{
	double bytes = 0;

	if (!simulation->observer || !simulation->observer->in_use)
		return;
	for (size_t h = 0; h < simulation->host_count; h++)
		bytes += host_in_use_now(&simulation->hosts[h]);
	simulation->observer->in_use(simulation->observer->data, simulation->engine.now_ns,
				     llround(bytes));
}

double host_limbo_now(struct host *host)
{
	return all_nodes_now(host, offsetof(struct node, limbo));
}
