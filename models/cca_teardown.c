/*
 * What takes a realm apart: each granule is destroyed and undelegated, then RECs, tables, and the
 * realm itself. What the RMM does not give back is leaked.
 */

#include <errno.h>
#include <string.h>

#include "models/cca_parts.h"

/*
 * The ordered workqueue of strategy background: realms of one guest that linger at once go one
 * after another.
 */
const struct lock_kind cca_teardown_queue = { "realm_teardown_wq", "realm_teardown",
					      .scope = SCOPE_GUEST };

/* --- the realm in work: counts, conditions --------------------------------- */

static struct realm *working(const struct guest *guest)
{
	return &cca_of(guest)->working;
}

STATIC_COUNT(per_rec, "RECs", working(guest)->recs);
STATIC_COUNT(per_rec_granule, "granules of RECs",
	     (working(guest)->recs - working(guest)->stuck_recs) * rec_granules(guest));
STATIC_COUNT(per_table, "tables", working(guest)->tables);
STATIC_CONDITION(created, "the RMM knows the realm", working(guest)->created);
STATIC_CONDITION(empty, "nothing of the realm is left",
		 !working(guest)->stuck_recs && !working(guest)->stuck_tables);

static uint64_t leaked_realm_bytes(const struct guest *guest)
{
	const struct realm *realm = working(guest);

	return (realm->stuck_recs * rec_granules(guest) + (realm->stays ? 1 + ROOT_TABLES : 0)) *
	       GRANULE_BYTES;
}
STATIC_COUNT(returned_realm_bytes, "bytes of RD and RECs that came back",
	     working(guest)->granules ? cca_realm_bytes(guest) - leaked_realm_bytes(guest) : 0);
STATIC_COUNT(returned_table_bytes, "bytes of tables that came back",
	     (working(guest)->tables - working(guest)->stuck_tables) * GRANULE_BYTES);

/* Memory that the dead process never touched, and the tables that it would have needed. */
COUNT(cca_untouched, "bytes that were never touched",
      guest->pages.in_state[FRESH] * (uint64_t)guest->config->page_bytes);

static uint64_t spare_table_bytes(const struct guest *guest)
{
	const struct cca_state *cca = cca_of(guest);
	const struct realm *realm = cca->dead_count ? &cca->dead[cca->dead_count - 1] : NULL;

	if (!realm || !realm->tables_taken)
		return 0;
	return cca_table_granules.of_running(guest) - realm->tables * GRANULE_BYTES;
}
const struct count cca_spare_tables = { "bytes of tables that were never made", spare_table_bytes };

/* --- hooks ----------------------------------------------------------------- */

HOOK(cca_end_generation, "the process is dead")
{
	struct cca_state *cca = cca_of(guest);
	struct realm realm = cca->live;
	uint64_t bytes;

	NEEDS(cca->process);
	realm.tables = realm.tables_taken
			       ? cca_tables(guest, guest->pages.in_state[REALM], realm.ripas)
			       : 0;
	bytes = realm.tables * GRANULE_BYTES + (realm.granules ? cca_realm_bytes(guest) : 0);
	realm.generation = guest_generation_dies(guest, (int64_t)bytes);
	if (!realm.generation)
		return ENOMEM;
	page_map_turn(&guest->pages, REALM, DEAD);
	cca->dead[cca->dead_count++] = realm; /* each is a dead generation: there is room */
	cca->live = (struct realm){ 0 };
	cca->process = false;
	return 0;
}

EFFECT(cca_untouched_gone, "what was never touched is gone",
       page_map_turn(&guest->pages, FRESH, PAGE_GONE));

STATIC_HOOK(take_oldest, "the realm that died first")
{
	struct cca_state *cca = cca_of(guest);

	NEEDS(cca->dead_count > 0);
	cca->working = cca->dead[0];
	cca->dead_count--;
	memmove(cca->dead, cca->dead + 1, cca->dead_count * sizeof(cca->dead[0]));
	*generation = cca->working.generation;
	return 0;
}

STATIC_EFFECT(recs_tried, "no vCPU has a REC", working(guest)->stuck_recs = guest->failed_calls);

STATIC_EFFECT(tables_left, "tables are left",
	      working(guest)->stuck_tables = working(guest)->tables - guest->calls_made);

STATIC_EFFECT(realm_stays, "the realm stays with the RMM", working(guest)->stays = true);

/* Of a realm that stays nobody hears any more. */
STATIC_HOOK(realm_gone, "REALM_STATE_DEAD")
{
	struct realm *realm = working(guest);
	struct dead_generation *dead = guest_dead_generation(guest, *generation);
	uint64_t leaked = leaked_realm_bytes(guest) + realm->stuck_tables * GRANULE_BYTES;

	guest->leaked_bytes += (int64_t)leaked;
	only_pages_held(guest, *generation);
	if (dead && leaked)
		guest_generation_forget(guest, dead);
	return 0;
}

/* --- page loops ------------------------------------------------------------ */

static struct page_range realm_pages(const struct guest *guest)
{
	return working(guest)->pages;
}

static const struct page_acts destroy_acts = { {
	PASS(FRESH),
	PASS(REALM),
	[DEAD] = { { PRICE(RMI_DATA_DESTROY), PRICE(RMI_UNDELEGATE) }, UNDELEGATED, false },
	PASS(UNDELEGATED),
} };
static const struct page_loop destroy_data = {
	.name = "destroy and undelegate all data",
	.range = realm_pages,
	.yields = true,
	.acts = &destroy_acts,
};

/* Two calls for each run of neighbours: RMI_RTT_DATA_UNMAP says where it ends. */
STATIC_RATIO(range_calls, "calls of a run",
	     2.0 * GRANULE_BYTES / (double)parameters_of(guest)->run_bytes);
STATIC_CONDITION(by_ranges, "the RMM takes ranges (2.0)", guest->config->strategy == RANGES);

static const struct page_acts unmap_acts = { {
	PASS(FRESH),
	PASS(REALM),
	[DEAD] = { { PRICE_TIMES(RMI_RANGE_CALL, range_calls), PRICE(RMI_UNMAP_GRANULE),
		     PRICE(RMI_UNDELEGATE_GRANULE) },
		   UNDELEGATED,
		   false },
	PASS(UNDELEGATED),
} };
static const struct page_loop unmap_ranges = {
	.name = "unmap and undelegate all runs",
	.range = realm_pages,
	.yields = true,
	.acts = &unmap_acts,
};

/* The memory of guest_memfd comes back when its inode goes; a granule still delegated never does. */
static const struct page_acts evict_acts = { {
	PASS(FRESH),
	PASS(REALM),
	PASS(DEAD),
	[UNDELEGATED] = { { PRICE(MM_FREE) }, PAGE_GONE, true },
} };
static const struct page_loop evict_pages = {
	.name = "free all pages",
	.range = realm_pages,
	.yields = true,
	.frees = true,
	.fault = "rmi.granule_undelegate",
	.acts = &evict_acts,
};

/* The first table that cannot be destroyed ends the walk, in which nothing reschedules. */
static const struct page_acts destroy_table_acts = { {
	[PAGE_NONE] = { { PRICE(RMI_RTT_DESTROY), PRICE(RMI_UNDELEGATE) }, PAGE_NONE, false },
} };
static const struct page_call destroy_table[] = { { .name = "rmi.rtt_destroy", .error = EIO },
						  { 0 } };
static const struct page_loop destroy_tables = {
	.name = "destroy tables",
	.count = &per_table,
	.calls = destroy_table,
	.acts = &destroy_table_acts,
};

/* --- flows ----------------------------------------------------------------- */

/* cond_resched_rwlock_write between two granules; nobody else wants the lock of a dead VM. */
static const struct step release_steps[] = {
	LOCK(mmu_lock, "kvm_gmem_release"),
	UNLESS(by_ranges, "granules"),
	PAGES(unmap_ranges, NULL, "realm_unmap_private_range: undelegate_range_desc"),
	GOTO("destroyed"),
	LABEL("granules"),
	PAGES(destroy_data, NULL, "realm_destroy_private_granule"),
	LABEL("destroyed"),
	UNLOCK(mmu_lock, "kvm_gmem_release"),
	PAGES(evict_pages, NULL, "truncate_inode_pages_final"),
};
static const struct flow release =
	FLOW("kvm_gmem_release", "every granule is destroyed and undelegated", release_steps);

static const struct step destroy_steps[] = {
	DO(take_oldest, "kvm_gmem_release"),
	CALL(release, "fput"),
	SPEND(KVM_DESTROY, NULL, "kvm_destroy_vm"),
	UNLESS(created, "settle"),
	SPEND_OR(RMI_REC_DESTROY, &per_rec, EIO, "tried", "kvm_destroy_rec"),
	GOTO("recs"),
	LABEL("tried"), /* all are, and each that fails is leaked */
	DO(recs_tried, "kvm_destroy_rec"),
	FORGET("kvm_destroy_vcpus"),
	LABEL("recs"),
	SPEND(RMI_UNDELEGATE, &per_rec_granule, "free_rec_aux"),
	PAGES(destroy_tables, "left", "realm_tear_down_rtt_level"),
	GOTO("tables"),
	LABEL("left"),
	DO(tables_left, "kvm_realm_destroy_rtts"),
	FORGET("kvm_realm_destroy_rtts"),
	LABEL("tables"),
	SPEND_OR(RMI_REALM_DESTROY, NULL, EIO, "stays", "kvm_destroy_realm"),
	UNLESS(empty, "stays"), /* RMI_ERROR_REALM: it has RECs or tables */
	SPEND(RMI_UNDELEGATE, &cca_per_descriptor_granule, "kvm_destroy_realm"),
	GOTO("settle"),
	LABEL("stays"),
	DO(realm_stays, "kvm_destroy_realm"),
	FORGET("kvm_destroy_realm"),
	LABEL("settle"),
	FREE(cca_realm_granules, returned_realm_bytes, "free_delegated_granule"),
	FREE(cca_table_granules, returned_table_bytes, "free_rtt"),
	DO(realm_gone, "kvm_destroy_realm"),
	MARK(MILESTONE_RECLAIMED),
};
const struct flow cca_destroy_realm =
	FLOW("kvm_destroy_realm", "pages, RECs, tables, the realm", destroy_steps);

static const struct step work_steps[] = {
	SPEND(KVM_WORK_START, NULL, "process_one_work"),
	LOCK(cca_teardown_queue, "realm_teardown_work"),
	CALL(cca_destroy_realm, "realm_teardown_work"),
	UNLOCK(cca_teardown_queue, "realm_teardown_work"),
};
const struct flow cca_teardown_work =
	FLOW("realm_teardown_work", "take the realm apart behind its process", work_steps);
