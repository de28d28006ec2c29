#include "flow/model.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"

const char *const term_status_names[] = { "published", "measured", "derived", "assumed", NULL };
const char *const oom_role_names[] = { NULL, "who asked", "for another" };
const char *const numa_policy_names[] = { "unbound", "bound", "spread", NULL };
const char *const crowd_names[] = { "none", "zone", "memory", "shootdown", NULL };
const char *const term_unit_names[] = { "call", "page", "MiB", NULL };
const char *const architecture_names[] = { "x86_64", "arm64", "s390x", NULL };

const char *const host_feature_names[] = {
	[FEATURE_FAST_DESTROY] = "fast_destroy",
	[FEATURE_MISC_UV] = "misc_uv",
	[FEATURE_FWB] = "fwb",
	[FEATURE_DIC] = "dic",
	[FEATURE_RANGE_TLBI] = "range_tlbi",
	[FEATURE_SME_COHERENT] = "sme_coherent",
	[FEATURE_COUNT] = NULL,
};
const int64_t page_size_bytes[PAGE_SIZES] = { 4096, 2 << 20, 1 << 30 };

double term_unit_bytes(const struct term *term)
{
	if (term->unit == TERM_PER_CALL)
		return 0;
	if (term->unit == TERM_PER_MIB)
		return 0x1p20;
	return strstr(term->name, "_2m") ? 0x1p21 : strstr(term->name, "_1g") ? 0x1p30 : 4096;
}

double host_capacity_per_s(const struct host_config *host, size_t capacity)
{
	return capacity == CAPACITY_MEMORY ? host->memory_bandwidth
					   : host->capacities[capacity - CAPACITY_OWN].per_s;
}

int64_t host_pool_bytes(const struct host_config *host, enum page_size size)
{
	int64_t bytes = host->memory_bytes;

	if (size != PAGE_4K)
		return host->hugepages[size] * page_size_bytes[size];
	for (size = PAGE_2M; size < PAGE_SIZES; size++)
		bytes -= host->hugepages[size] * page_size_bytes[size];
	return bytes;
}

const char *const operation_names[] = {
	[OPERATION_START] = "start",       [OPERATION_REBOOT] = "reboot",
	[OPERATION_SHUTDOWN] = "shutdown", [OPERATION_UPDATE] = "update",
	[OPERATION_RELOCK] = "relock",     [OPERATION_KILL] = "kill",
	[OPERATION_COUNT] = NULL,
};

double guest_resident(const struct guest_config *config)
{
	return config->model && config->model->resident ? config->model->resident(config)
							: config->resident;
}

uint64_t guest_resident_pages_below(const struct guest *guest, int64_t limit_bytes)
{
	int64_t bytes = guest->config->memory_bytes, pages;

	if (bytes > limit_bytes)
		bytes = limit_bytes;
	pages = bytes / guest->config->page_bytes;
	return (uint64_t)llround((double)pages * guest_resident(guest->config));
}

uint64_t guest_resident_pages(const struct guest *guest)
{
	return guest_resident_pages_below(guest, INT64_MAX);
}

bool guest_make_room(struct guest *guest, struct error *error)
{
	return memory_reserve(&guest->dead, &guest->dead_room, guest->dead_count + 1,
			      sizeof(*guest->dead), "dead generations", error);
}

uint32_t guest_generation_dies(struct guest *guest, int64_t held_bytes)
{
	if (guest->dead_count == DEAD_GENERATIONS_MAX)
		return 0;
	assert(guest->dead_count < guest->dead_room);
	guest->dead[guest->dead_count++] = (struct dead_generation){
		.number = guest->generation,
		.died_ns = guest->now_ns,
		.held_bytes = held_bytes,
		.lost = guest->lost_pages,
	};
	return guest->generation++;
}

void guest_generation_forget(struct guest *guest, struct dead_generation *dead)
{
	*dead = guest->dead[--guest->dead_count];
}

struct dead_generation *guest_dead_generation(struct guest *guest, uint32_t number)
{
	for (uint32_t i = 0; i < guest->dead_count; i++)
		if (guest->dead[i].number == number)
			return &guest->dead[i];
	return NULL;
}

int guest_short_of(struct guest *guest, const char *of, enum unit unit, int64_t wanted,
		   int64_t there, int error)
{
	if (wanted <= there)
		return 0;
	guest->shortage = (struct shortage){ of, unit, wanted, there, OOM_NONE };
	return error;
}
