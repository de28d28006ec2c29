/* What devices of a guest need: how many of what, address spaces, RLIMIT_MEMLOCK. */

#include <errno.h>
#include <string.h>

#include "models/devices.h"

const char *const device_kinds[] = {
	[DEVICE_VFIO] = "vfio",
	[DEVICE_IOMMUFD] = "iommufd",
	[DEVICE_VHOST_USER] = "vhost-user",
	[DEVICE_EMULATED] = "emulated",
	[DEVICE_KINDS] = NULL,
};
const char *const device_resets[] = {
	[DEVICE_FLR] = "flr",
	[DEVICE_BUS_RESET] = "bus",
	[DEVICE_NO_RESET] = "none",
	NULL,
};
const char *const memlock_rules[] = {
	[MEMLOCK_GIVEN] = "given",
	[MEMLOCK_LIBVIRT] = "libvirt",
	[MEMLOCK_LIBVIRT_ONCE] = "libvirt-once",
	NULL,
};

#define OFFSET(member) offsetof(struct device, member)
static const struct field device_fields[] = {
	{ "kind", FIELD_CHOICE, OFFSET(kind), "\"vfio\"", .choices = device_kinds,
	  .help = "vfio: passed through by a type 1 container; iommufd: by that; vhost-user: a "
		  "backend process that maps the memory; emulated: by QEMU" },
	{ "count", FIELD_COUNT, OFFSET(count), "1", 1, 4096, .help = "so many of them" },
	{ "functions", FIELD_COUNT, OFFSET(functions), "1", 1, 256,
	  .help = "PCI functions of each" },
	{ "bars", FIELD_BYTES, OFFSET(bar_bytes), "\"0B\"", 0, 0x1p50,
	  .help = "memory of its BARs that is mapped in the IOMMU, too, so that devices reach each "
		  "other; iommufd maps none" },
	{ "viommu", FIELD_FLAG, OFFSET(viommu), "false",
	  .help = "behind a virtual IOMMU: each device has an address space of its own, all of "
		  "which hold the whole memory; false: all share one" },
	{ "reset", FIELD_CHOICE, OFFSET(reset), "\"flr\"", .choices = device_resets,
	  .help = "how a passed device is reset: each function by FLR, or its bus" },
	{ .key = NULL },
};
const struct record device_record = { "device", "A kind of device of a guest.",
				      sizeof(struct device), device_fields };

/* --- the list ------------------------------------------------------------- */

static const struct device *device_at(const struct devices *devices, size_t index)
{
	return &((const struct device *)devices->list.items)[index];
}

static bool is_passed(const struct device *device)
{
	return device->kind == DEVICE_VFIO || device->kind == DEVICE_IOMMUFD;
}

uint64_t devices_count(const struct devices *devices, enum device_kind kind)
{
	uint64_t count = 0;

	for (size_t i = 0; i < devices->list.count; i++)
		if (device_at(devices, i)->kind == (int)kind)
			count += (uint64_t)device_at(devices, i)->count;
	return count;
}

bool devices_pass(const struct devices *devices)
{
	return devices_count(devices, DEVICE_VFIO) + devices_count(devices, DEVICE_IOMMUFD) > 0;
}

uint64_t devices_function_count(const struct devices *devices, bool passed_only)
{
	uint64_t functions = 0;

	for (size_t i = 0; i < devices->list.count; i++) {
		const struct device *device = device_at(devices, i);

		if (!passed_only || is_passed(device))
			functions += (uint64_t)(device->count * device->functions);
	}
	return functions;
}

/* Those that no virtual IOMMU tells apart share one. */
static uint64_t spaces_of(const struct devices *devices, enum device_kind kind)
{
	uint64_t own = 0, shared = 0;

	for (size_t i = 0; i < devices->list.count; i++) {
		const struct device *device = device_at(devices, i);

		if (device->kind == (int)kind && device->viommu)
			own += (uint64_t)device->count;
		else if (device->kind == (int)kind)
			shared = 1;
	}
	return own + shared;
}

uint64_t devices_spaces_type1(const struct devices *devices)
{
	return spaces_of(devices, DEVICE_VFIO);
}

uint64_t devices_spaces(const struct devices *devices)
{
	return spaces_of(devices, DEVICE_VFIO) + spaces_of(devices, DEVICE_IOMMUFD);
}

uint64_t devices_resets(const struct devices *devices, enum device_reset reset)
{
	uint64_t resets = 0;

	for (size_t i = 0; i < devices->list.count; i++) {
		const struct device *device = device_at(devices, i);

		if (is_passed(device) && device->reset == (int)reset)
			resets += (uint64_t)(device->count *
					     (reset == DEVICE_FLR ? device->functions : 1));
	}
	return resets;
}

/* QEMU's own: memory, I/O ports, and both as a CPU in system management mode sees them. */
enum { QEMU_VIEWS = 4 };

uint64_t devices_views(const struct devices *devices)
{
	uint64_t functions = devices_function_count(devices, false);
	uint64_t views = QEMU_VIEWS + (devices->shared_views ? 0 : functions);

	return functions * (uint64_t)devices->updates * views * functions;
}

/* Each container of type 1 maps the BARs of all devices. */
static uint64_t bar_units(const struct devices *devices, int64_t unit_bytes)
{
	uint64_t units = 0;

	for (size_t i = 0; i < devices->list.count; i++) {
		const struct device *device = device_at(devices, i);

		if (is_passed(device))
			units += (uint64_t)(device->count *
					    ((device->bar_bytes + unit_bytes - 1) / unit_bytes));
	}
	return units * devices_spaces_type1(devices) * (uint64_t)devices->decodes;
}

uint64_t devices_bar_pages(const struct devices *devices)
{
	return bar_units(devices, PAGE_BYTES);
}

uint64_t devices_bar_steps(const struct devices *devices)
{
	return bar_units(devices, INT64_C(1) << 30);
}

/* --- a guest -------------------------------------------------------------- */

uint64_t devices_pages(const struct guest *guest, int64_t dma_bytes)
{
	int64_t page = guest->config->page_bytes;

	return (uint64_t)((dma_bytes + page - 1) / page);
}

int64_t devices_memlock(const struct guest_config *config, const struct devices *devices)
{
	uint64_t spaces = devices->memlock_rule == MEMLOCK_LIBVIRT ? devices_spaces(devices) : 1;

	if (devices->memlock_rule == MEMLOCK_GIVEN)
		return devices->memlock_bytes;
	return (int64_t)spaces * config->memory_bytes + (INT64_C(1) << 30);
}

uint64_t devices_pages_allowed(const struct guest *guest, const struct devices *devices,
			       const struct devices_state *state, int64_t dma_bytes)
{
	uint64_t pages = devices_pages(guest, dma_bytes), allowed;

	if (devices->cap_ipc_lock)
		return pages;
	allowed = (uint64_t)(devices_memlock(guest->config, devices) / guest->config->page_bytes);
	allowed = allowed > state->spaces * pages ? allowed - state->spaces * pages : 0;
	return allowed < pages ? allowed : pages;
}

int devices_lock_acct(struct guest *guest, const struct devices *devices,
		      const struct devices_state *state, int64_t dma_bytes)
{
	uint64_t pages = devices_pages(guest, dma_bytes);
	uint64_t allowed = devices_pages_allowed(guest, devices, state, dma_bytes);

	if (allowed == pages)
		return 0;
	return guest_short_of(guest, "RLIMIT_MEMLOCK", UNIT_BYTES,
			      (int64_t)pages * guest->config->page_bytes,
			      (int64_t)allowed * guest->config->page_bytes, ENOMEM);
}

/* Eight bytes for each mapping, in tables of 4 KiB; upper levels are left out. */
uint64_t devices_table_bytes(const struct guest *guest, int64_t dma_bytes)
{
	return (devices_pages(guest, dma_bytes) + 511) / 512 * PAGE_BYTES;
}

uint64_t devices_regions(const struct guest *guest)
{
	return guest->config->memory_bytes > INT64_C(3) << 30 ? 2 : 1;
}

struct devices_state devices_running(const struct devices *devices)
{
	return (struct devices_state){ .functions = devices_function_count(devices, true),
				       .spaces = devices_spaces(devices) };
}

int64_t devices_bounce_bytes(const struct guest_config *config)
{
	int64_t bytes = config->memory_bytes / 100 * 6, most = INT64_C(1) << 30;

	if (bytes < INT64_C(64) << 20)
		bytes = INT64_C(64) << 20;
	if (bytes > most)
		bytes = most;
	return bytes < config->memory_bytes ? bytes : config->memory_bytes;
}

/* --- checks --------------------------------------------------------------- */

/* So that no product of them leaves 64 bits. */
enum { FUNCTIONS_MAX = 4096, SPACES_MAX = 1024 };

static double bar_bytes(const struct devices *devices)
{
	double bytes = 0;

	for (size_t i = 0; i < devices->list.count; i++)
		bytes += (double)device_at(devices, i)->count *
			 (double)device_at(devices, i)->bar_bytes;
	return bytes;
}

bool devices_check(const struct devices *devices, const char **key, struct error *error)
{
	uint64_t functions = devices_function_count(devices, false);

	*key = "devices";
	for (size_t i = 0; i < devices->list.count; i++) {
		const struct device *device = device_at(devices, i);

		if (is_passed(device) || (!device->bar_bytes && !device->viommu))
			continue;
		return error_set(error, ERROR_INPUT,
				 "number %zu: only devices that are passed through (\"vfio\", "
				 "\"iommufd\") map memory for DMA: \"%s\" has no effect",
				 i, device->viommu ? "viommu" : "bars");
	}
	if (functions > FUNCTIONS_MAX)
		return error_set(error, ERROR_INPUT, "%llu PCI functions; %d are possible",
				 (unsigned long long)functions, FUNCTIONS_MAX);
	if (devices_spaces(devices) > SPACES_MAX)
		return error_set(error, ERROR_INPUT,
				 "%llu address spaces behind a virtual IOMMU; %d are possible",
				 (unsigned long long)devices_spaces(devices), SPACES_MAX);
	if (bar_bytes(devices) > 0x1p48)
		return error_set(error, ERROR_INPUT, "BARs of %.4g TiB; 256 TiB are possible",
				 bar_bytes(devices) * 0x1p-40);
	return true;
}

bool devices_check_no_passthrough(const struct devices *devices, const char *why, const char **key,
				  struct error *error)
{
	*key = "devices";
	return !devices_pass(devices) || error_set(error, ERROR_INPUT, "%s", why);
}

const char *devices_ignored(const struct devices *devices, const char *key)
{
	static const char *const of_passed[] = { "bar_maps", "pin_batched", "pin_folios",
						 "huge_pfnmap", "memlock_rule" };
	bool given = devices->memlock_rule == MEMLOCK_GIVEN;

	for (size_t i = 0; i < sizeof(of_passed) / sizeof(of_passed[0]); i++)
		if (strcmp(key, of_passed[i]) == 0 && !devices_pass(devices))
			return "no device is passed through";
	if ((strcmp(key, "memory_updates") == 0 || strcmp(key, "flatview_sharing") == 0) &&
	    !devices->list.count)
		return "the guest has no devices";
	if (devices->cap_ipc_lock && strncmp(key, "memlock_", 8) == 0)
		return "RLIMIT_MEMLOCK does not hold for a VMM with cap_ipc_lock: false is needed";
	if (strcmp(key, "memlock_limit") == 0 && !given)
		return "memlock_rule says what the limit is";
	return NULL;
}
