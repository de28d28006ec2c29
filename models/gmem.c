/* What models whose guests have a guest_memfd share: which pages, and what becomes of them. */

#include <errno.h>
#include <math.h>
#include <string.h>

#include "models/gmem.h"

const char *const gmem_acceptances[] = {
	[ACCEPT_LAZY] = "lazy",
	[ACCEPT_AT_ONCE] = "at-once",
	NULL,
};

enum { BOUNCE_MIN_BYTES = 64 << 20, BOUNCE_MAX_BYTES = 1 << 30, RUN_BYTES = 2 << 20 };

static struct gmem_state *state_of(const struct guest *guest)
{
	return guest->state;
}

/* --- parameters ------------------------------------------------------------- */

static bool lazy(const struct guest_config *config)
{
	return gmem_of(config)->acceptance == ACCEPT_LAZY;
}

double gmem_resident(const struct guest_config *config)
{
	return lazy(config) ? config->resident : 1;
}

const char *gmem_ignored(const struct guest_config *config, const struct host_config *host,
			 const char *key)
{
	static const char *const of_lazy[] = { "resident",        "firmware_accepts",
					       "boot_touch",      "boot_touch_ratio",
					       "accept_per_vcpu", "workload_rate" };

	for (size_t i = 0; i < sizeof(of_lazy) / sizeof(of_lazy[0]); i++)
		if (!lazy(config) && strcmp(key, of_lazy[i]) == 0)
			return "the firmware accepts all memory at once";
	return fill_ignored(config, host, key);
}

/* --- memory ------------------------------------------------------------------ */

static uint64_t twice_bytes(const struct guest *guest)
{
	double bytes = (double)guest->config->memory_bytes * gmem_of(guest->config)->twice;

	return (uint64_t)(bytes / PAGE_BYTES) * PAGE_BYTES;
}
const struct count gmem_twice = { "bytes of shared pages beside guest_memfd", twice_bytes };
const struct memory_kind gmem_shared_pages = { "shared pages", twice_bytes };

/* --- counts, ratios, conditions ---------------------------------------------- */

static uint64_t pages_of(const struct guest *guest, double bytes)
{
	return (uint64_t)ceil(bytes / (double)guest->config->page_bytes);
}

static uint64_t at_most_all(const struct guest *guest, uint64_t pages)
{
	uint64_t all = page_map_pages(&guest->pages);

	return pages < all ? pages : all;
}

COUNT(gmem_untouched, "bytes that were never touched",
      guest->pages.in_state[GMEM_FRESH] * (uint64_t)guest->config->page_bytes);
COUNT(gmem_per_4k, "pages of 4 KiB", pages_4k(guest->config->memory_bytes));
COUNT(gmem_firmware_pages, "pages that the firmware accepts",
      lazy(guest->config) ? pages_of(guest, (double)gmem_of(guest->config)->firmware_bytes)
			  : guest_resident_pages(guest));
COUNT(gmem_bringup_pages, "pages that come with vCPUs",
      pages_of(guest,
	       (double)gmem_of(guest->config)->per_vcpu_bytes *(double)guest->config->vcpus));
COUNT(gmem_boot_touch, "pages touched by the boot",
      boot_touch_pages(guest, &gmem_of(guest->config)->boot_touch));
COUNT(gmem_workload_pace, "ns between first touches",
      first_touch_pace_ns(guest, gmem_of(guest->config)->workload_rate));
COUNT(gmem_boot_updates, "updates of the boot",
      slot_updates_count(&gmem_of(guest->config)->updates));
COUNT(gmem_boot_graces, "grace periods of the boot",
      slot_updates_graces(&gmem_of(guest->config)->updates));

static uint64_t bounce_pages(const struct guest *guest)
{
	double ratio = gmem_of(guest->config)->bounce_ratio;
	double bytes = ratio * (double)guest->config->memory_bytes;

	if (ratio <= 0)
		return 0;
	bytes = fmin(fmax(bytes, BOUNCE_MIN_BYTES), BOUNCE_MAX_BYTES);
	return pages_of(guest, bytes);
}
const struct count gmem_bounce_pages = { "pages of bounce buffers", bounce_pages };

RATIO(gmem_pieces, "pieces of 4 KiB", (double)guest->config->page_bytes / PAGE_BYTES);
RATIO(gmem_runs, "runs of 2 MiB", (double)guest->config->page_bytes / RUN_BYTES);
RATIO(gmem_vcpus, "vCPUs", guest->config->vcpus);

CONDITION(gmem_has_process, "the process has a guest_memfd", state_of(guest)->process);
CONFIG_CONDITION(gmem_accepts_lazily, "the kernel accepts memory as it needs it",
		 lazy(guest->config));
CONFIG_CONDITION(gmem_resets_in_process, "QEMU makes a new VM in the same process",
		 gmem_of(guest->config)->reset_in_process);

/* --- ranges ------------------------------------------------------------------- */

struct page_range gmem_bringup_range(const struct guest *guest)
{
	uint64_t first = gmem_firmware_pages.of(guest);

	return (struct page_range){ at_most_all(guest, first),
				    at_most_all(guest, first + gmem_bringup_pages.of(guest)) };
}

struct page_range gmem_untouched_range(const struct guest *guest)
{
	struct page_range range = all_pages(guest), run = { 0, 0 };
	int state;

	for (; range.first < range.end; range.first = run.end) {
		run = page_map_run(&guest->pages, range.first, &state);
		if (state == GMEM_FRESH)
			break;
	}
	return range;
}

struct page_range gmem_converted_range(const struct guest *guest)
{
	uint64_t first = gmem_bounce_pages.of(guest);
	uint64_t pages = pages_of(guest, (double)gmem_of(guest->config)->converted_bytes);

	return (struct page_range){ at_most_all(guest, first), at_most_all(guest, first + pages) };
}

/* --- hooks --------------------------------------------------------------------- */

HOOK(gmem_start_process, "a new address space")
{
	state_of(guest)->process = true;
	page_map_fill(&guest->pages, guest_resident_pages(guest), GMEM_FRESH);
	return 0;
}

HOOK(gmem_end_generation, "the generation ends")
{
	*generation = guest_generation_dies(guest, 0);
	if (!*generation)
		return ENOMEM;
	page_map_turn(&guest->pages, GMEM_FRESH, PAGE_GONE);
	page_map_turn(&guest->pages, GMEM_PRIVATE, GMEM_DEAD);
	page_map_turn(&guest->pages, GMEM_SHARED, GMEM_DEAD_SHARED);
	return 0;
}

HOOK(gmem_no_process, "the guest_memfd is gone")
{
	state_of(guest)->process = false;
	page_map_fill(&guest->pages, 0, GMEM_FRESH);
	return 0;
}

void gmem_begin(struct guest *guest, bool running)
{
	page_map_fill(&guest->pages, running ? guest_resident_pages(guest) : 0, GMEM_PRIVATE);
	*state_of(guest) = (struct gmem_state){ .process = running };
}
