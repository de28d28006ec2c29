/*
 * How a trust domain is taken apart: its key goes back before its pages, or page by page while it
 * could still run.
 */

#include <errno.h>
#include <math.h>

#include "base/elementary.h"
#include "models/tdx_parts.h"

/* --- counts, conditions, chances ------------------------------------------ */

static enum design design_of(const struct guest *guest)
{
	return (enum design)guest->config->strategy;
}

static double vcpu_gibibytes(const struct guest *guest)
{
	return (double)guest->config->vcpus * (double)guest->config->memory_bytes * 0x1p-30;
}
RATIO(tdx_shootdowns, "vCPUs x GiB", vcpu_gibibytes(guest));
STATIC_COUNT(per_shootdown, "pages x vCPUs x GiB",
	     (uint64_t)llround((double)page_map_pages(&guest->pages) * vcpu_gibibytes(guest)));
STATIC_CONDITION(terminate_first, "the VMM terminates the guest first",
		 design_of(guest) != REMOVE_WHILE_RUNNABLE);
CONDITION(tdx_clear_pages, "reclaimed pages are cleared",
	  design_of(guest) != TERMINATE_FIRST_NO_CLEAR);
CONDITION(tdx_exists, "the TDX module knows the TD", tdx_of(guest)->td);

STATIC_CHANCE(vcpu_runs, "kvm_trylock_all_vcpus",
	      -elementary_expm1((double)guest->config->vcpus *elementary_log1p(
		      -parameters_of(guest)->vcpu_running)));

/*
 * Pages that the module holds beside those of the guest: the TD's root (TDR) and control structure
 * (TDCS, six of MIN_NUM_TDCS_PAGES), six for each vCPU (TDVPS, MIN_TDVPS_PAGES: Intel TDX module
 * 1.5, sources), and the tables of the secure EPT, each of which maps 2 MiB.
 */
enum { TD_PAGES = 1 + 6, VCPU_PAGES = 6, PAGES_IN_TABLE = 512 };
STATIC_COUNT(per_control_page, "control pages",
	     TD_PAGES + (uint64_t)guest->config->vcpus * VCPU_PAGES);
STATIC_COUNT(per_table, "tables of the secure EPT", tdx_of(guest)->tables);
RATIO(tdx_tables, "a table for each 512", 1.0 / PAGES_IN_TABLE);

STATIC_EFFECT(count_tables, "what maps its private pages",
	      tdx_of(guest)->tables = (guest->pages.in_state[GMEM_DEAD] + PAGES_IN_TABLE - 1) /
				      PAGES_IN_TABLE);
STATIC_EFFECT(td_gone, "the TDR is reclaimed", tdx_of(guest)->td = false);

/* --- page loops ----------------------------------------------------------- */

/* Dynamic removal: the module still runs the guest, so each page is blocked, tracked, removed. */
static const struct page_acts remove_acts = { {
	GMEM_PASS_LIVING,
	[GMEM_DEAD] = { { PRICE(TDX_REMOVE), TDX_RECLAIM_PAGE }, PAGE_GONE, true },
	PASS(GMEM_DEAD_SHARED),
} };
static const struct page_acts reclaim_acts = { {
	GMEM_PASS_LIVING,
	[GMEM_DEAD] = { { TDX_RECLAIM_PAGE }, PAGE_GONE, true },
	PASS(GMEM_DEAD_SHARED),
} };
static const struct page_acts free_acts = { {
	GMEM_PASS_LIVING,
	PASS(GMEM_DEAD),
	[GMEM_DEAD_SHARED] = { { PRICE(MM_FREE) }, PAGE_GONE, true },
} };

#define FAULT_POINT "tdh_phymem_page_reclaim"
GMEM_END(reclaim_acts, FAULT_POINT, free_acts);

static const struct page_loop remove_all = {
	.name = "remove all pages",
	.range = all_pages,
	.yields = true,
	.frees = true,
	.fault = FAULT_POINT,
	.acts = &remove_acts,
};

/* --- flows ---------------------------------------------------------------- */

static const struct step release_hkid_steps[] = {
	SPEND_YIELDING(TDX_FLUSH_VP, &per_vcpu, "tdx_flush_vp_on_cpu"),
	LOCK(mmu_lock, "tdx_mmu_release_hkid"),
	SPEND(TDX_TEARDOWN, NULL, "tdx_mmu_release_hkid"),
	UNLOCK(mmu_lock, "tdx_mmu_release_hkid"),
};
static const struct flow release_hkid =
	FLOW("tdx_mmu_release_hkid", "the guest can never run again", release_hkid_steps);

static const struct step terminate_steps[] = {
	CHANCE(vcpu_runs, EBUSY, "out", "kvm_trylock_all_vcpus"),
	LOCK(kvm_lock, "tdx_terminate_vm"),
	LOCK(vcpu_mutex, "kvm_trylock_all_vcpus"),
	CALL(release_hkid, "tdx_terminate_vm"),
	UNLOCK(vcpu_mutex, "kvm_unlock_all_vcpus"),
	UNLOCK(kvm_lock, "tdx_terminate_vm"),
	LABEL("out"),
};
static const struct flow terminate =
	FLOW("KVM_TDX_TERMINATE_VM", "give the key back before the pages", terminate_steps);

static const struct step remove_steps[] = {
	LOCK(slots_lock, "kvm_gmem_release"),
	PAGES(remove_all, NULL, "tdx_sept_remove_private_spte"),
	SPEND_YIELDING(TDX_SHOOTDOWN, &per_shootdown, "tdx_track: kvm_make_all_cpus_request"),
	UNLOCK(slots_lock, "kvm_gmem_release"),
	CALL(release_hkid, "kvm_destroy_vm"),
};
static const struct flow remove_runnable =
	FLOW("kvm_gmem_release", "pages leave a guest that could still run", remove_steps);

/* Whatever is left of a TD whose key is gone; the kernel clears these as it does the guest's. */
static const struct step reclaim_control_steps[] = {
	SPEND_YIELDING(TDX_RECLAIM, &per_table, "tdx_sept_free_private_spt: tdx_reclaim_page"),
	SPEND_YIELDING(TDX_RECLAIM, &per_control_page,
		       "tdx_vcpu_free, tdx_vm_destroy: tdx_reclaim_control_page"),
	UNLESS(tdx_clear_pages, "cleared"),
	SPEND_YIELDING(TDX_CLEAR, &per_table, "tdx_sept_free_private_spt: tdx_clear_page"),
	SPEND_YIELDING(TDX_CLEAR, &per_control_page,
		       "tdx_vcpu_free, tdx_vm_destroy: tdx_clear_page"),
	LABEL("cleared"),
};
static const struct flow reclaim_control =
	FLOW("tdx_vm_destroy", "tables and control pages come back", reclaim_control_steps);

static const struct step destroy_steps[] = {
	UNLESS(gmem_has_process, "out"),
	CALL_OR(gmem_leave, "out", "exit_mm"),
	UNLESS(tdx_exists, "gone"),
	DO(count_tables, "kvm_destroy_vm"),
	UNLESS(terminate_first, "runnable"),
	CALL_OR(terminate, "busy", "qemu: tdx_finalize_vm"),
	LOCK(slots_lock, "kvm_gmem_release"),
	PAGES(gmem_release, NULL, "tdx_reclaim_page: tdh_phymem_page_reclaim"),
	UNLOCK(slots_lock, "kvm_gmem_release"),
	GOTO("reclaimed"),
	LABEL("busy"), /* it stays as it was: the slow way */
	RECOVER("qemu: tdx_finalize_vm"),
	LABEL("runnable"),
	CALL(remove_runnable, "kvm_gmem_release"),
	LABEL("reclaimed"),
	CALL(reclaim_control, "kvm_destroy_vm"),
	DO(td_gone, "tdx_vm_destroy"),
	LABEL("gone"),
	DO(gmem_no_process, "kvm_destroy_vm"),
	MARK(MILESTONE_RECLAIMED),
	LABEL("out"),
};
const struct flow tdx_destroy =
	FLOW("kvm_destroy_vm", "the module gives every page back", destroy_steps);
