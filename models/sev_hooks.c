/* Chances of model sev, and its hooks: what changes the state of a guest and of the host's ASIDs. */

#include <errno.h>
#include <math.h>
#include <string.h>

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
	return -expm1((double)pages * log1p(-parameters_of(guest)->extra_reference));
}
const struct chance sev_migration_fails = { "migrate_longterm_unpinnable_folios", migration_fails };

/* --- hooks ---------------------------------------------------------------- */

static int process_started(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	memset(guest->state, 0, sizeof(struct sev_state));
	sev_of(guest)->process = true;
	sev_of(guest)->threads_to_start = parameters_of(guest)->prealloc_threads;
	page_map_fill(&guest->pages, sev_held_pages(guest), FRESH);
	return 0;
}
const struct hook sev_start_process = { "a new address space", process_started };

static int process_gone(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	sev_of(guest)->process = false;
	page_map_fill(&guest->pages, 0, FRESH);
	return 0;
}
const struct hook sev_no_process = { "the address space is gone", process_gone };

static int thread_started(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	sev_of(guest)->threads_to_start--;
	return 0;
}
const struct hook sev_one_started = { "one thread is on its way", thread_started };

static int all_present(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	if (parameters_of(guest)->prealloc_threads)
		page_map_turn(&guest->pages, FRESH, PRESENT);
	return 0;
}
const struct hook sev_preallocated = { "memory is present", all_present };

/* Of the pages that come first: up front all, on demand those that the boot touches. */
static int movable_found(struct guest *guest, uint32_t *generation)
{
	uint64_t end = page_map_pages(&guest->pages), pages = 0;
	struct page_range run = { 0, 0 };
	int state;

	(void)generation;
	if (!sev_is_upfront(guest) && sev_boot_pages(guest) < end)
		end = sev_boot_pages(guest);
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
const struct hook sev_find_movable = { "is_longterm_pinnable_page", movable_found };

static int note_registered(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	sev_of(guest)->registered = true;
	return 0;
}
const struct hook sev_note_registered = { "memory is registered", note_registered };

static int note_launched(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	sev_of(guest)->launched = true;
	return 0;
}
const struct hook sev_note_launched = { "the PSP knows the guest", note_launched };

static int note_unregistered(struct guest *guest, uint32_t *generation)
{
	struct dead_generation *dead = guest_dead_generation(guest, *generation);

	sev_of(guest)->registered = false;
	if (dead)
		dead->held_bytes = 0;
	return 0;
}
const struct hook sev_note_unregistered = { "nothing is registered", note_unregistered };

static int asid_recycled(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	if (!host_of(guest)->reclaimable)
		return EBUSY;
	host_of(guest)->reclaimable = 0;
	return 0;
}
const struct hook sev_recycle_asids = { "__sev_recycle_asids", asid_recycled };

static int asid_taken(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	host_of(guest)->used++;
	sev_of(guest)->asid = true;
	return 0;
}
const struct hook sev_take_asid = { "sev_asid_new", asid_taken };

static int asid_freed(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	host_of(guest)->used--;
	host_of(guest)->reclaimable++;
	sev_of(guest)->asid = sev_of(guest)->launched = false;
	return 0;
}
const struct hook sev_free_asid = { "reclaimable until the next DF_FLUSH", asid_freed };

static int asid_leaked(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	sev_of(guest)->asid = sev_of(guest)->launched = false;
	return 0;
}
const struct hook sev_leak_asid = { "the ASID is lost", asid_leaked };

static int check_rlimit(struct guest *guest, uint32_t *generation)
{
	const struct parameters *parameters = parameters_of(guest);

	(void)generation;
	return parameters->cap_ipc_lock ||
			       guest->config->memory_bytes <= parameters->memlock_limit_bytes
		       ? 0
		       : ENOMEM;
}
const struct hook sev_rlimit_memlock = { "RLIMIT_MEMLOCK", check_rlimit };

static int check_slot(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	return parameters_of(guest)->slot_limit && sev_array_bytes(guest) > INT32_MAX ? ENOMEM : 0;
}
const struct hook sev_kvcalloc_metadata = { "kvcalloc", check_slot };

static int generation_ends(struct guest *guest, uint32_t *generation)
{
	uint64_t extra = sev_is_upfront(guest) ? sev_array_bytes(guest) : sev_metadata_bytes(guest);

	*generation = guest_generation_dies(guest, sev_of(guest)->registered ? (int64_t)extra : 0);
	if (!*generation)
		return ENOMEM;
	page_map_turn(&guest->pages, FRESH, PAGE_GONE);
	for (int state = PRESENT; state <= UNPINNED; state++)
		page_map_turn(&guest->pages, state, DEAD);
	return 0;
}
const struct hook sev_end_generation = { "the generation ends", generation_ends };
