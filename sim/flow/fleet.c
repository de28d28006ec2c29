/*
 * VMs of a trace on many hosts: placement, waiting for room, life and end.
 *
 * A VM needs what its guest holds when it runs. Room on a host is its memory less what
 * placed VMs need and less what dead ones have not given back yet. An arrival that finds
 * no room anywhere waits, first come first served for each host that gets room, until
 * its patience ends.
 */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/runtime.h"

/* While somebody waits, dead memory comes back in portions of this size. */
static const int64_t portion_bytes = (int64_t)1 << 30;

struct vm {
	const struct vm_request *request;
	int64_t placed_ns;
	bool down;       /* the guest is gone; its memory may linger */
	struct vm *next; /* in the queue */
};

struct fleet_host {
	int64_t committed_bytes; /* needed by VMs that are placed and not gone */
	int64_t lingering_bytes; /* held by VMs that are gone */
	int64_t peak_bytes;      /* of both */
	int64_t lingering_peak_bytes;
	int64_t vcpus;
	uint64_t started;
	bool changed; /* it has got room */
};

/* A guest slot that one VM after another uses. */
struct slot {
	struct instance instance; /* first: an instance of a fleet is its slot */
	struct event life;        /* the end of its VM's life */
	struct slot *next;        /* free ones */
};

enum vm_count {
	VMS_ARRIVED,
	VMS_STARTED,
	VMS_WAITED,
	VMS_REJECTED,
	VMS_FAILED,
	VMS_TORN_DOWN,
	VMS_RUNNING,
	VMS_STARTING,
	VMS_STOPPING,
	VMS_WAITING,
	VM_COUNTS
};

static const char *const vm_count_names[VM_COUNTS] = {
	[VMS_ARRIVED] = "vms.arrived",   [VMS_STARTED] = "vms.started",
	[VMS_WAITED] = "vms.waited",     [VMS_REJECTED] = "vms.rejected",
	[VMS_FAILED] = "vms.failed",     [VMS_TORN_DOWN] = "vms.torn_down",
	[VMS_RUNNING] = "vms.running",   [VMS_STARTING] = "vms.starting",
	[VMS_STOPPING] = "vms.stopping", [VMS_WAITING] = "vms.waiting",
};

struct fleet {
	const struct fleet_config *config;
	struct simulation *simulation;
	struct group *group;
	struct fleet_host *hosts;
	struct vm *vms;
	int64_t *need_bytes;     /* by flavour */
	size_t arrived;          /* VMs so far */
	struct vm *first, *last; /* that wait */
	uint64_t waiting;
	struct slot **slots;
	size_t slot_count, slot_capacity;
	struct slot *free_slots;
	struct event arrival, retry, expiry;
	uint64_t counts[VM_COUNTS];
	size_t first_count, first_host_count;                    /* counters */
	size_t delay, host_limbo, host_memory, rejected, waited; /* metrics */
};

static struct slot *slot_of(struct instance *instance)
{
	return (struct slot *)instance;
}

/* --- placement ------------------------------------------------------------------- */

static int64_t room_on(const struct fleet *fleet, size_t host)
{
	return fleet->simulation->config->host.memory_bytes - fleet->hosts[host].committed_bytes -
	       fleet->hosts[host].lingering_bytes;
}

static bool fits(const struct fleet *fleet, size_t host, const struct vm *vm)
{
	const struct fleet_config *config = fleet->config;
	double most = config->vcpus_per_core * (double)fleet->simulation->config->host.cores;
	int64_t vcpus = config->flavours[vm->request->flavour].vcpus;

	return room_on(fleet, host) >= fleet->need_bytes[vm->request->flavour] &&
	       (config->vcpus_per_core <= 0 || (double)(fleet->hosts[host].vcpus + vcpus) <= most);
}

static bool is_better(const struct fleet *fleet, size_t host, size_t than)
{
	if (fleet->config->placement == PLACEMENT_BEST_FIT)
		return room_on(fleet, host) < room_on(fleet, than);
	return fleet->hosts[host].lingering_bytes < fleet->hosts[than].lingering_bytes;
}

/* A host with room, or SIZE_MAX. */
static size_t choose(const struct fleet *fleet, const struct vm *vm)
{
	size_t best = SIZE_MAX;

	for (size_t h = 0; h < fleet->simulation->host_count; h++) {
		if (!fits(fleet, h, vm))
			continue;
		if (fleet->config->placement == PLACEMENT_FIRST_FIT)
			return h;
		if (best == SIZE_MAX || is_better(fleet, h, best))
			best = h;
	}
	return best;
}

static void note_peaks(struct fleet_host *host)
{
	if (host->committed_bytes + host->lingering_bytes > host->peak_bytes)
		host->peak_bytes = host->committed_bytes + host->lingering_bytes;
	if (host->lingering_bytes > host->lingering_peak_bytes)
		host->lingering_peak_bytes = host->lingering_bytes;
}

/* --- slots ------------------------------------------------------------------------ */

static event_handler life_over;

static struct slot *slot_new(struct fleet *fleet, struct error *error)
{
	struct slot *slot = memory_array(1, sizeof(*slot), "guest", error);

	if (!slot)
		return NULL;
	if (!memory_grow(&fleet->slots, &fleet->slot_capacity, fleet->slot_count + 1,
			 sizeof(*fleet->slots), "guests", error)) {
		free(slot);
		return NULL;
	}
	fleet->slots[fleet->slot_count++] = slot; /* fleet_fini frees it */
	if (!instance_init(fleet->simulation, fleet->group, &slot->instance, error) ||
	    !event_init(&fleet->simulation->engine, &slot->life, life_over, error))
		return NULL;
	return slot;
}

static struct slot *take_slot(struct fleet *fleet)
{
	struct slot *slot = fleet->free_slots;

	if (slot)
		fleet->free_slots = slot->next;
	else
		slot = slot_new(fleet, &fleet->simulation->engine.error);
	if (!slot)
		engine_stop(&fleet->simulation->engine);
	return slot;
}

static void put(struct fleet *fleet, struct vm *vm, size_t host)
{
	struct simulation *simulation = fleet->simulation;
	struct fleet_host *at = &fleet->hosts[host];
	const struct guest_config *flavour = &fleet->config->flavours[vm->request->flavour];
	struct slot *slot = take_slot(fleet);
	struct instance *instance;

	if (!slot)
		return;
	instance = &slot->instance;
	instance->vm = vm;
	instance->entity = (uint32_t)(simulation->instance_count + (size_t)(vm - fleet->vms));
	instance->guest.config = flavour;
	instance_settle_on(instance, &simulation->hosts[host]);
	if (!instance_begin(instance, false, &simulation->engine.error)) {
		engine_stop(&simulation->engine);
		return;
	}
	vm->placed_ns = simulation->engine.now_ns;
	at->committed_bytes += fleet->need_bytes[vm->request->flavour];
	at->vcpus += flavour->vcpus;
	note_peaks(at);
	if (vm->request->arrival_ns >= simulation->config->record_from_ns)
		books_latency(simulation, fleet->delay, vm->placed_ns - vm->request->arrival_ns,
			      vm->request->arrival_ns);
	instance_request(instance, OPERATION_START);
}

/* --- waiting ------------------------------------------------------------------------ */

static void expect_expiry(struct fleet *fleet)
{
	struct engine *engine = &fleet->simulation->engine;
	int64_t at_ns;

	if (!fleet->first) {
		event_cancel(engine, &fleet->expiry);
		return;
	}
	at_ns = fleet->first->request->arrival_ns + fleet->config->patience_ns;
	event_schedule_in(engine, &fleet->expiry,
			  at_ns > engine->now_ns ? at_ns - engine->now_ns : 0);
}

static void wait_for_room(struct fleet *fleet, struct vm *vm)
{
	fleet->counts[VMS_WAITED]++;
	vm->next = NULL;
	if (fleet->last)
		fleet->last->next = vm;
	else
		fleet->first = vm;
	fleet->last = vm;
	if (!fleet->waiting++)
		walk_settle_freed(fleet->simulation, NULL); /* from now on in portions */
	expect_expiry(fleet);
}

/* Take `vm` out of the queue, behind `before` (NULL: it is the first). */
static void stop_waiting(struct fleet *fleet, struct vm *vm, struct vm *before)
{
	if (before)
		before->next = vm->next;
	else
		fleet->first = vm->next;
	if (fleet->last == vm)
		fleet->last = before;
	fleet->waiting--;
}

static void got_room(struct fleet *fleet, size_t host)
{
	fleet->hosts[host].changed = true;
	if (fleet->waiting)
		event_schedule_in(&fleet->simulation->engine, &fleet->retry, 0);
}

static struct fleet *fleet_of_retry(struct event *event)
{
	return (struct fleet *)((char *)event - offsetof(struct fleet, retry));
}

static void try_again(struct engine *engine, struct event *event)
{
	struct fleet *fleet = fleet_of_retry(event);

	(void)engine;
	for (size_t h = 0; h < fleet->simulation->host_count; h++) {
		struct vm *before = NULL;

		if (!fleet->hosts[h].changed)
			continue;
		fleet->hosts[h].changed = false;
		for (struct vm *vm = fleet->first, *next; vm; vm = next) {
			next = vm->next;
			if (fits(fleet, h, vm)) {
				stop_waiting(fleet, vm, before);
				put(fleet, vm, h);
			} else {
				before = vm;
			}
		}
	}
	expect_expiry(fleet);
}

static void give_up(struct engine *engine, struct event *event)
{
	struct fleet *fleet = (struct fleet *)((char *)event - offsetof(struct fleet, expiry));

	while (fleet->first &&
	       fleet->first->request->arrival_ns + fleet->config->patience_ns <= engine->now_ns) {
		stop_waiting(fleet, fleet->first, NULL);
		fleet->counts[VMS_REJECTED]++;
	}
	expect_expiry(fleet);
}

/* --- arrivals and lives --------------------------------------------------------------- */

static void expect_arrival(struct fleet *fleet)
{
	struct engine *engine = &fleet->simulation->engine;
	int64_t at_ns;

	if (fleet->arrived == fleet->config->vm_count)
		return;
	at_ns = fleet->config->vms[fleet->arrived].arrival_ns;
	event_schedule_in(engine, &fleet->arrival, at_ns - engine->now_ns);
}

static void arrive(struct engine *engine, struct event *event)
{
	struct fleet *fleet = (struct fleet *)((char *)event - offsetof(struct fleet, arrival));
	struct vm *vm = &fleet->vms[fleet->arrived];
	size_t host;

	(void)engine;
	*vm = (struct vm){ .request = &fleet->config->vms[fleet->arrived] };
	fleet->arrived++;
	fleet->counts[VMS_ARRIVED]++;
	host = choose(fleet, vm);
	if (host != SIZE_MAX)
		put(fleet, vm, host);
	else if (fleet->config->patience_ns > 0)
		wait_for_room(fleet, vm);
	else
		fleet->counts[VMS_REJECTED]++;
	expect_arrival(fleet);
}

static void life_over(struct engine *engine, struct event *event)
{
	struct slot *slot = (struct slot *)((char *)event - offsetof(struct slot, life));

	(void)engine;
	instance_request(&slot->instance, OPERATION_SHUTDOWN);
}

void fleet_started(struct instance *instance)
{
	struct fleet *fleet = instance->simulation->fleet;
	const struct vm *vm = instance->vm;
	struct engine *engine = &fleet->simulation->engine;
	int64_t end_ns = vm->placed_ns + vm->request->lifetime_ns;

	fleet->counts[VMS_STARTED]++;
	fleet->hosts[instance->host->number].started++;
	if (vm->request->lifetime_ns >= 0)
		event_schedule_in(engine, &slot_of(instance)->life,
				  end_ns > engine->now_ns ? end_ns - engine->now_ns : 0);
}

/* What it needed is free again, but for what it still holds. */
static void uncommit(struct fleet *fleet, struct instance *instance)
{
	struct fleet_host *host = &fleet->hosts[instance->host->number];

	host->committed_bytes -= fleet->need_bytes[instance->vm->request->flavour];
	host->vcpus -= instance->guest.config->vcpus;
	host->lingering_bytes += instance->held_bytes;
	note_peaks(host);
	got_room(fleet, instance->host->number);
}

void fleet_down(struct instance *instance)
{
	struct fleet *fleet = instance->simulation->fleet;

	instance->vm->down = true;
	fleet->counts[VMS_TORN_DOWN]++;
	uncommit(fleet, instance);
}

static void release(struct fleet *fleet, struct instance *instance)
{
	books_instance(instance);
	instance->vm = NULL;
	slot_of(instance)->next = fleet->free_slots;
	fleet->free_slots = slot_of(instance);
}

void fleet_idle(struct instance *instance)
{
	struct fleet *fleet = instance->simulation->fleet;

	if (instance->vm->down) {
		release(fleet, instance);
	} else if (!instance->guest.running && !instance->busy && !instance->request_count) {
		fleet->counts[VMS_FAILED]++; /* it did not start */
		uncommit(fleet, instance);
		release(fleet, instance);
	}
}

void fleet_memory_back(struct instance *instance, int64_t bytes)
{
	struct fleet *fleet = instance->simulation->fleet;

	if (!instance->vm || !instance->vm->down)
		return;
	fleet->hosts[instance->host->number].lingering_bytes -= bytes;
	got_room(fleet, instance->host->number);
}

uint64_t fleet_chunk_pages(const struct instance *instance)
{
	const struct fleet *fleet = instance->simulation->fleet;

	if (!fleet || !fleet->waiting)
		return UINT64_MAX;
	return (uint64_t)(portion_bytes / instance->guest.config->page_bytes);
}

/* --- building, and the books -------------------------------------------------------- */

/* What a running guest of each flavour holds: its pages, and what the model adds. */
static bool find_needs(struct fleet *fleet, struct error *error)
{
	struct slot *slot = slot_new(fleet, error);
	struct guest *guest;

	if (!slot)
		return false;
	guest = &slot->instance.guest;
	for (size_t f = 0; f < fleet->config->flavour_count; f++) {
		const struct guest_config *flavour = &fleet->config->flavours[f];

		guest->config = flavour;
		memset(guest->state, 0, flavour->model->state_size);
		fleet->need_bytes[f] = flavour->model->begin(guest, true);
		fleet->need_bytes[f] +=
			(int64_t)page_map_pages(&guest->pages) * flavour->page_bytes;
	}
	memset(slot->instance.resources->shared, 0, fleet->group->config->model->shared_size);
	return true;
}

bool fleet_build(struct simulation *simulation, struct error *error)
{
	const struct fleet_config *config = simulation->config->fleet;
	struct engine *engine = &simulation->engine;
	struct fleet *fleet = simulation->fleet;

	if (!config)
		return true;
	fleet->hosts = memory_array(simulation->host_count, sizeof(*fleet->hosts), "hosts", error);
	fleet->vms = memory_array(config->vm_count, sizeof(*fleet->vms), "VMs", error);
	fleet->need_bytes =
		memory_array(config->flavour_count, sizeof(*fleet->need_bytes), "flavours", error);
	return fleet->hosts && fleet->vms && fleet->need_bytes &&
	       event_init(engine, &fleet->arrival, arrive, error) &&
	       event_init(engine, &fleet->retry, try_again, error) &&
	       event_init(engine, &fleet->expiry, give_up, error) && find_needs(fleet, error);
}

void fleet_fini(struct simulation *simulation)
{
	struct fleet *fleet = simulation->fleet;

	if (!fleet)
		return;
	for (size_t i = 0; i < fleet->slot_count; i++) {
		instance_fini(&fleet->slots[i]->instance);
		free(fleet->slots[i]);
	}
	free(fleet->slots);
	free(fleet->hosts);
	free(fleet->vms);
	free(fleet->need_bytes);
	free(fleet);
}

void fleet_reset(struct simulation *simulation)
{
	struct fleet *fleet = simulation->fleet;

	if (!fleet)
		return;
	memset(fleet->hosts, 0, simulation->host_count * sizeof(*fleet->hosts));
	memset(fleet->counts, 0, sizeof(fleet->counts));
	fleet->arrived = 0;
	fleet->first = fleet->last = NULL;
	fleet->waiting = 0;
	fleet->free_slots = NULL;
	for (size_t i = fleet->slot_count; i-- > 0;) {
		struct slot *slot = fleet->slots[i];

		slot->instance.vm = NULL;
		slot->instance.threads = NULL;
		slot->instance.busy = slot->instance.dying = false;
		slot->instance.request_count = 0;
		slot->next = fleet->free_slots;
		fleet->free_slots = slot;
	}
	expect_arrival(fleet);
}

bool fleet_build_metrics(struct simulation *simulation, size_t *metric_capacity,
			 size_t *counter_capacity, struct error *error)
{
	const struct fleet_config *config = simulation->config->fleet;
	static const char *const host_names[] = { "limbo.peak_bytes", "cpu.background_ns",
						  "vms.started" };
	struct fleet *fleet;
	const char *group;

	if (!config)
		return true;
	fleet = simulation->fleet = memory_array(1, sizeof(*fleet), "fleet", error);
	if (!fleet)
		return false;
	fleet->config = config;
	fleet->simulation = simulation;
	fleet->group = &simulation->groups[config->guest];
	group = fleet->group->config->name;
	if (!books_add_metric(simulation, &fleet->delay, "start.delay", group, METRIC_NANOSECONDS,
			      metric_capacity, error) ||
	    !books_add_metric(simulation, &fleet->rejected, "vms.rejected", group, METRIC_COUNT,
			      metric_capacity, error) ||
	    !books_add_metric(simulation, &fleet->waited, "vms.waited", group, METRIC_COUNT,
			      metric_capacity, error) ||
	    !books_add_metric(simulation, &fleet->host_limbo, "host.limbo.peak", "host",
			      METRIC_BYTES, metric_capacity, error) ||
	    !books_add_metric(simulation, &fleet->host_memory, "host.memory.peak", "host",
			      METRIC_BYTES, metric_capacity, error))
		return false;
	fleet->first_count = simulation->counter_count;
	for (int i = 0; i < VM_COUNTS; i++)
		if (!books_add_counter(simulation, vm_count_names[i], group, counter_capacity,
				       error))
			return false;
	fleet->first_host_count = simulation->counter_count;
	for (int64_t h = 0; h < config->hosts; h++) {
		char number[32];
		const char *name;

		snprintf(number, sizeof(number), "%lld", (long long)h);
		name = books_keep_name(simulation, error, "host %s%s", number, "");
		for (int i = 0; i < 3; i++)
			if (!name || !books_add_counter(simulation, host_names[i], name,
							counter_capacity, error))
				return false;
	}
	return true;
}

void fleet_instances_over(struct simulation *simulation)
{
	struct fleet *fleet = simulation->fleet;

	if (!fleet)
		return;
	for (size_t i = 0; i < fleet->slot_count; i++) {
		struct instance *instance = &fleet->slots[i]->instance;

		if (!instance->vm)
			continue;
		books_instance(instance);
		if (instance->vm->down)
			continue;
		if (!instance->guest.running)
			fleet->counts[VMS_STARTING]++;
		else if (instance->busy || instance->request_count)
			fleet->counts[VMS_STOPPING]++;
		else
			fleet->counts[VMS_RUNNING]++;
	}
	fleet->counts[VMS_WAITING] = fleet->waiting;
}

void fleet_finish(struct simulation *simulation)
{
	struct fleet *fleet = simulation->fleet;
	int64_t limbo = 0, memory = 0;

	if (!fleet)
		return;
	for (int i = 0; i < VM_COUNTS; i++)
		simulation->counters[fleet->first_count + (size_t)i].value = fleet->counts[i];
	for (size_t h = 0; h < simulation->host_count; h++) {
		struct counter *counters = &simulation->counters[fleet->first_host_count + 3 * h];

		counters[0].value = (uint64_t)fleet->hosts[h].lingering_peak_bytes;
		counters[1].value = (uint64_t)simulation->hosts[h].background_ns;
		counters[2].value = fleet->hosts[h].started;
		if (fleet->hosts[h].lingering_peak_bytes > limbo)
			limbo = fleet->hosts[h].lingering_peak_bytes;
		if (fleet->hosts[h].peak_bytes > memory)
			memory = fleet->hosts[h].peak_bytes;
	}
	books_sample(simulation, fleet->rejected, (int64_t)fleet->counts[VMS_REJECTED]);
	books_sample(simulation, fleet->waited, (int64_t)fleet->counts[VMS_WAITED]);
	books_sample(simulation, fleet->host_limbo, limbo);
	books_sample(simulation, fleet->host_memory, memory);
}
