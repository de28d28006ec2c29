/* Chances and hooks of model sev: what changes the state of a guest. */

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/elementary.h"
#include "models/sev_parts.h"

/* --- chances -------------------------------------------------------------- */

/* One page that cannot be migrated is enough; the fault of January holds a reference to each. */
static double migration_fails(const struct guest *guest)
{
	uint64_t pages = sev_of(guest)->movable_4k;

	if (!pages)
		return 0;
	if (design_of(guest) == DEMAND)
		return 1;
	return -elementary_expm1((double)pages *
				 elementary_log1p(-parameters_of(guest)->extra_reference));
}
const struct chance sev_migration_fails = { "migrate_longterm_unpinnable_folios", migration_fails };

/* --- hooks ---------------------------------------------------------------- */

HOOK(sev_start_process, "a new address space")
{
	memset(guest->state, 0, sizeof(struct sev_state));
	sev_of(guest)->process = true;
	page_map_fill(&guest->pages, guest_resident_pages(guest), FRESH);
	return 0;
}

HOOK(sev_no_process, "the address space is gone")
{
	sev_of(guest)->process = false;
	page_map_fill(&guest->pages, 0, FRESH);
	return 0;
}

EFFECT(sev_preallocated, "memory is present", page_map_turn(&guest->pages, FRESH, PRESENT));

/* Of the pages that come first: up front all, on demand those that the boot touches. */
HOOK(sev_find_movable, "is_longterm_pinnable_page")
{
	uint64_t end = page_map_pages(&guest->pages), pages = 0;
	struct page_range run = { 0, 0 };
	int state;

	if (!sev_pins_upfront.holds(guest) && sev_boot_touch.of(guest) < end)
		end = sev_boot_touch.of(guest);
	for (; run.end < end; run.first = run.end) {
		run.end = page_map_run(&guest->pages, run.first, &state).end;
		if (state == FRESH || state == PRESENT)
			pages += (run.end < end ? run.end : end) - run.first;
	}
	sev_of(guest)->movable_4k =
		sev_must_migrate.holds(guest)
			? (uint64_t)llround((double)pages * sev_movable_in_page.of(guest))
			: 0;
	return 0;
}

EFFECT(sev_note_registered, "memory is registered", sev_of(guest)->registered = true);

HOOK(sev_note_unregistered, "nothing is registered")
{
	only_pages_held(guest, *generation);
	sev_of(guest)->registered = false;
	return 0;
}

HOOK(sev_rlimit_memlock, "RLIMIT_MEMLOCK")
{
	const struct devices *devices = &parameters_of(guest)->devices;

	return devices->cap_ipc_lock
		       ? 0
		       : guest_short_of(guest, "RLIMIT_MEMLOCK", UNIT_BYTES,
					guest->config->memory_bytes,
					devices_memlock(guest->config, devices), ENOMEM);
}

ERRNO(sev_kvcalloc_metadata, "kvcalloc",
      parameters_of(guest)->slot_limit
	      ? guest_short_of(guest, "INT_MAX of kvmalloc", UNIT_BYTES,
			       (int64_t)sev_page_array.of(guest), INT32_MAX, ENOMEM)
	      : 0);

HOOK(sev_end_generation, "the generation ends")
{
	uint64_t extra =
		sev_pins_upfront.holds(guest) ? sev_page_array.of(guest) : sev_metadata.of(guest);

	*generation = guest_generation_dies(guest, sev_of(guest)->registered ? (int64_t)extra : 0);
	if (!*generation)
		return ENOMEM;
	page_map_turn(&guest->pages, FRESH, PAGE_GONE);
	for (int state = PRESENT; state <= UNPINNED; state++)
		page_map_turn(&guest->pages, state, DEAD);
	return 0;
}
