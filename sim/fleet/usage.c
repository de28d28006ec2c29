/*
 * How much of each host is used, hour by hour: cores and memory bandwidth by what threads did,
 * memory and vCPUs by the VMs that are placed there. An observation for each host and hour; what is
 * left of the last hour is one when it is half of one, or all that there is.
 */

#include <math.h>

#include "fleet/fleet_parts.h"
#include "flow/metrics.h"
#include "flow/sharing.h"

static const int64_t hour_ns = 3600 * (int64_t)1000000000;

static void settle(struct fleet *fleet, struct usage *usage)
{
	int64_t now_ns = fleet->simulation->engine.now_ns;
	double passed_ns = (double)(now_ns - usage->settled_ns);

	usage->now.bytes += passed_ns * (double)usage->bytes;
	usage->now.vcpus += passed_ns * (double)usage->vcpus;
	usage->settled_ns = now_ns;
}

void usage_changed(struct fleet *fleet, size_t host)
{
	struct fleet_host *at = &fleet->hosts[host];

	settle(fleet, &at->usage);
	at->usage.bytes = at->committed_bytes + at->lingering_bytes;
	at->usage.vcpus = at->vcpus;
}

/* All sums of the host, up to now. */
static struct used used_by_now(struct fleet *fleet, size_t host)
{
	struct usage *usage = &fleet->hosts[host].usage;

	settle(fleet, usage);
	usage->now.cores = shared_use_of(&fleet->simulation->hosts[host]).busy_ns;
	usage->now.moved = fleet->simulation->hosts[host].moved_bytes;
	return usage->now;
}

static void observe(struct fleet *fleet, enum metric_id id, double used, double most,
		    int64_t from_ns)
{
	const struct simulation *simulation = fleet->simulation;

	metrics_latency(fleet->simulation, simulation->host_metrics.index[id],
			most > 0 ? llround(used / most * WHOLE_SHARE) : 0, from_ns);
}

/* The part of the hour that is over. */
static void observe_host(struct fleet *fleet, size_t host, int64_t from_ns)
{
	const struct host_config *config = &fleet->simulation->config->host;
	double passed_ns = (double)(fleet->simulation->engine.now_ns - from_ns);
	struct used now = used_by_now(fleet, host), *before = &fleet->hosts[host].usage.before;
	double cores_ns = passed_ns * (double)config->cores;

	observe(fleet, METRIC_HOST_CORES_USED, now.cores - before->cores, cores_ns, from_ns);
	observe(fleet, METRIC_HOST_VCPUS_USED, now.vcpus - before->vcpus, cores_ns, from_ns);
	observe(fleet, METRIC_HOST_MEMORY_USED, now.bytes - before->bytes,
		passed_ns * (double)fleet->room_bytes, from_ns);
	observe(fleet, METRIC_HOST_BANDWIDTH_USED, now.moved - before->moved,
		passed_ns * 1e-9 * config->memory_bandwidth, from_ns);
	*before = now;
}

/* So long the clock goes on: until the experiment ends, or no VM is there and none will come. */
static void expect(struct fleet *fleet)
{
	struct engine *engine = &fleet->simulation->engine;
	int64_t end_ns = fleet->simulation->config->until_ns;
	int64_t left_ns = end_ns - fleet->hour_from_ns;

	event_schedule_in(engine, &fleet->hour,
			  fleet->hour_from_ns - engine->now_ns +
				  (left_ns < hour_ns ? left_ns : hour_ns));
}

static void hour_over(struct engine *engine, struct event *event)
{
	struct fleet *fleet = (struct fleet *)((char *)event - offsetof(struct fleet, hour));

	if (engine->now_ns - fleet->hour_from_ns < hour_ns)
		return; /* the experiment ends: see usage_end() */
	for (size_t h = 0; h < fleet->simulation->host_count; h++)
		observe_host(fleet, h, fleet->hour_from_ns);
	fleet->hour_from_ns = engine->now_ns;
	if (engine->now_ns < fleet->simulation->config->until_ns)
		expect(fleet);
}

void usage_look_for_end(struct fleet *fleet)
{
	if (!fleet->present && !fleet->waiting && fleet->arrived == fleet->config->vm_count)
		event_cancel(&fleet->simulation->engine, &fleet->hour);
}

void usage_begin(struct fleet *fleet)
{
	fleet->hour_from_ns = fleet->simulation->engine.now_ns;
	for (size_t h = 0; h < fleet->simulation->host_count; h++)
		fleet->hosts[h].usage.before = fleet->hosts[h].usage.from = used_by_now(fleet, h);
	expect(fleet);
	usage_look_for_end(fleet);
}

void usage_end(struct fleet *fleet)
{
	int64_t now_ns = fleet->simulation->engine.now_ns;
	bool first = fleet->hour_from_ns == fleet->simulation->config->record_from_ns;

	for (size_t h = 0; h < fleet->simulation->host_count; h++) {
		if (now_ns - fleet->hour_from_ns >= hour_ns / 2 ||
		    (first && now_ns > fleet->hour_from_ns))
			observe_host(fleet, h, fleet->hour_from_ns);
		(void)used_by_now(fleet, h);
	}
}

bool usage_build(struct fleet *fleet, struct error *error)
{
	return event_init(&fleet->simulation->engine, &fleet->hour, hour_over, error);
}
