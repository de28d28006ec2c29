/*
 * Stage 2 of an arm64 guest: faults that fill it, cache maintenance to the point of
 * coherency (none with FWB), unmapping with and without range TLBI, reset, and the walk
 * that frees it.
 */

#include <math.h>

#include "models/arm64_parts.h"

/* --- counts and conditions ------------------------------------------------ */

STATIC_COUNT(firmware_touch, "pages touched by the firmware",
	     parameters_of(guest)->direct_boot
		     ? 0
		     : (uint64_t)ceil((double)parameters_of(guest)->firmware_touch_bytes /
				      (double)guest->config->page_bytes));
/* The kernel's touches come on top of the firmware's, which lie first. */
STATIC_COUNT(boot_touch, "pages touched until the boot is over",
	     firmware_touch.of(guest) + boot_touch_pages(guest, &parameters_of(guest)->boot_touch));
STATIC_COUNT(workload_pace, "ns between first touches",
	     first_touch_pace_ns(guest, parameters_of(guest)->workload_rate));
STATIC_COUNT(per_text_page, "pages of instructions", pages_4k(parameters_of(guest)->text_bytes));

/* KVM_ARM_VCPU_INIT of every vCPU but the first finds tables that are empty already. */
STATIC_COUNT(per_empty_gib, "GiB of empty tables",
	     ((guest->config->memory_bytes + (1 << 30) - 1) >> 30) * (guest->config->vcpus - 1));

CONDITION(arm64_no_fwb, "without FWB", !guest_host_has(guest, FEATURE_FWB));
CONDITIONS_BY_SIZE(STATIC_CONDITION, clean, "without FWB, ", "", arm64_no_fwb.holds(guest));
CONDITION(arm64_no_dic, "without DIC", !guest_host_has(guest, FEATURE_DIC));

/* One TLB invalidation for each page, or for many. */
CONDITIONS_BY_SIZE(CONDITION, arm64_tlbi, "", " without range TLBI",
		   !guest_host_has(guest, FEATURE_RANGE_TLBI));
CONDITIONS_BY_SIZE(CONDITION, arm64_range, "", " with range TLBI",
		   guest_host_has(guest, FEATURE_RANGE_TLBI));
CONDITION(arm64_locks_memory, "its memslots are locked", locks_memory(guest->config));

/* A lock that failed has left the memslot to itself. */
static bool is_locked(const struct guest *guest)
{
	return state_of(guest)->locked_bytes > 0;
}

STATIC_CONDITION(reset_unmaps, "a reset unmaps: no FWB, not locked",
		 arm64_no_fwb.holds(guest) && !is_locked(guest));
STATIC_CONDITION(reset_flushes, "no DIC, not locked",
		 arm64_no_dic.holds(guest) && !is_locked(guest));
STATIC_CONDITION(teardown_unmaps, "a teardown unmaps and cleans",
		 parameters_of(guest)->teardown_cleans || arm64_is_shared.holds(guest));
STATIC_CONDITION(free_yields, "the walk reschedules after each GiB",
		 parameters_of(guest)->free_yields);

STATIC_EFFECT(set_pending, "FLUSH_DCACHE and INVAL_ICACHE of locked slots",
	      state_of(guest)->pending_dcache = state_of(guest)->pending_icache = is_locked(guest));

/* --- page loops ----------------------------------------------------------- */

#define CLEAN PRICE_BY_SIZE(CLEAN, clean)
#define MAP                                                                                        \
	PRICE_BY_BACKING(STAGE2_FAULT), CLEAN, PRICE_WHEN(PKVM_DONATE, arm64_is_pkvm),             \
		PRICE_WHEN(PKVM_SHARE, arm64_is_shared)

static const struct page_acts fault_acts = { {
	[FRESH] = { { PRICE(MM_FAULT), FILL_ZERO, MAP, FILL_SHARED }, MAPPED, false },
	[PRESENT] = { { MAP }, MAPPED, false },
	PASS(MAPPED),
	PASS(LOCKED),
} };

#define FAULTS(name_, count_)                                                                      \
	.name = (name_), .range = all_pages, .count = (count_), .touch = true,                     \
	.interruptible = true, .yields = true, .acts = &fault_acts

const struct page_loop arm64_firmware_faults = {
	FAULTS("first touches of the firmware", &firmware_touch),
};

const struct page_loop arm64_boot_faults = {
	FAULTS("first touches of the kernel", &boot_touch),
};

FILL_TOUCHER(, arm64_boot_toucher, "first touches of the kernel by one vCPU", all_pages, boot_touch,
	     false, "user_mem_abort", .acts = &fault_acts);

const struct page_loop arm64_workload_faults = {
	FAULTS("first touches of the workload", NULL),
	.pace_ns = &workload_pace,
};

static const struct page_acts flush_acts = { {
	PASS(FRESH),
	PASS(PRESENT),
	[MAPPED] = { { CLEAN }, MAPPED, false },
	[LOCKED] = { { CLEAN }, LOCKED, false },
} };
static const struct page_loop flush_mapped = {
	.name = "clean what is mapped",
	.range = all_pages,
	.yields = true,
	.yield_bytes = 1 << 30,
	.acts = &flush_acts,
};

static const struct page_acts unmap_acts = { {
	PASS(FRESH),
	PASS(PRESENT),
	[MAPPED] = { { PRICE_BY_SIZE(STAGE2_UNMAP, arm64_tlbi),
		       PRICE_BY_SIZE(STAGE2_UNMAP_RANGE, arm64_range), CLEAN,
		       PRICE_WHEN(PKVM_UNSHARE, arm64_is_shared) },
		     PRESENT,
		     true },
	PASS(LOCKED),
} };
static const struct page_loop unmap_stage2 = {
	.name = "unmap stage 2",
	.range = all_pages,
	.yields = true,
	.yield_bytes = 1 << 30,
	.acts = &unmap_acts,
};

/* No TLB invalidation and no cache maintenance: nothing can use the tables any more. */
static const struct page_acts free_acts = { {
	PASS(FRESH),
	PASS(PRESENT),
	[MAPPED] = { { PRICE(STAGE2_FREE_LEAF) }, PRESENT, false },
	[LOCKED] = { { PRICE(STAGE2_FREE_LEAF) }, LOCKED, false },
} };
static const struct page_loop free_leaves = {
	.name = "free stage 2",
	.range = all_pages,
	.acts = &free_acts,
};
static const struct page_loop free_leaves_yielding = {
	.name = "free stage 2, GiB by GiB",
	.range = all_pages,
	.yields = true,
	.yield_bytes = 1 << 30,
	.acts = &free_acts,
};

/* --- flows ---------------------------------------------------------------- */

/* The guest turns MMU and caches on; without FWB that is trapped, and all is flushed. */
static const struct step caches_on_steps[] = {
	UNLESS(arm64_no_fwb, "coherent"),
	LOCK(mmu_lock, "stage2_flush_vm"),
	PAGES(flush_mapped, NULL, "stage2_flush_memslot"),
	UNLOCK(mmu_lock, "stage2_flush_vm"),
	LABEL("coherent"),
};
const struct flow arm64_caches_on =
	FLOW("kvm_toggle_cache", "the guest turns its caches on", caches_on_steps);

static const struct step exec_faults_steps[] = {
	SPEND_YIELDING(STAGE2_PERMISSION_FAULT, &per_text_page, "user_mem_abort"),
	UNLESS(arm64_no_dic, "done"),
	SPEND_YIELDING(ICACHE_PAGE, &per_text_page, "invalidate_icache_guest_page"),
	LABEL("done"),
};
const struct flow arm64_exec_faults =
	FLOW("user_mem_abort", "pages become executable", exec_faults_steps);

/* KVM_ARM_VCPU_INIT after the guest has run: only the first vCPU finds something to unmap. */
static const struct step reset_vcpus_steps[] = {
	SPEND(KVM_VCPU_INIT, &per_vcpu, "kvm_arch_vcpu_ioctl_vcpu_init"),
	UNLESS(reset_unmaps, "kept"),
	READ_LOCK(kvm_srcu, "stage2_unmap_vm"),
	READ_LOCK(mmap_lock, "stage2_unmap_vm"),
	LOCK(mmu_lock, "stage2_unmap_vm"),
	SPEND(STAGE2_UNMAP_SLOT, NULL, "stage2_unmap_memslot"),
	PAGES(unmap_stage2, NULL, "stage2_unmap_walker"),
	SPEND_YIELDING(STAGE2_SWEEP, &per_empty_gib, "stage2_unmap_vm: later vCPUs"),
	UNLOCK(mmu_lock, "stage2_unmap_vm"),
	UNLOCK(mmap_lock, "stage2_unmap_vm"),
	UNLOCK(kvm_srcu, "stage2_unmap_vm"),
	LABEL("kept"),
	DO(set_pending, "kvm_arch_vcpu_ioctl_vcpu_init"),
	UNLESS(reset_flushes, "done"),
	SPEND(ICACHE_ALL, &per_vcpu, "icache_inval_all_pou"),
	LABEL("done"),
};
const struct flow arm64_reset_vcpus =
	FLOW("KVM_ARM_VCPU_INIT", "the vCPUs start anew", reset_vcpus_steps);

/* DELETE swaps the memslots twice with the zap between; CREATE once. */
static const struct step replace_slot_steps[] = {
	LOCK(slots_lock, "kvm_set_memory_region"),
	SPEND(KVM_SET_REGION, NULL, "kvm_set_memslot"),
	GRACE(kvm_srcu, SRCU_GRACE, NULL, "kvm_swap_active_memslots: invalid"),
	LOCK(mmu_lock, "kvm_arch_flush_shadow_memslot"),
	SPEND(STAGE2_UNMAP_SLOT, NULL, "kvm_stage2_unmap_range"),
	PAGES(unmap_stage2, NULL, "stage2_unmap_walker"),
	UNLOCK(mmu_lock, "kvm_arch_flush_shadow_memslot"),
	GRACE(kvm_srcu, SRCU_GRACE, NULL, "kvm_swap_active_memslots: deleted"),
	UNLOCK(slots_lock, "kvm_set_memory_region"),
	LOCK(slots_lock, "kvm_set_memory_region"),
	SPEND(KVM_SET_REGION, NULL, "kvm_set_memslot"),
	GRACE(kvm_srcu, SRCU_GRACE, NULL, "kvm_swap_active_memslots: created"),
	UNLOCK(slots_lock, "kvm_set_memory_region"),
	MARK(MILESTONE_DONE),
};
const struct flow arm64_replace_slot =
	FLOW("KVM_SET_USER_MEMORY_REGION", "the memslot is deleted and created again",
	     replace_slot_steps);

/* Under mmu_lock the root is only unlinked; before 5.10, and of pKVM, all is unmapped first. */
static const struct step free_stage2_steps[] = {
	LOCK(mmu_lock, "kvm_free_stage2_pgd"),
	UNLESS(teardown_unmaps, "unlink"),
	PAGES(unmap_stage2, NULL, "unmap_stage2_range"),
	LABEL("unlink"),
	UNLOCK(mmu_lock, "kvm_free_stage2_pgd"),
	UNLESS(free_yields, "at once"),
	PAGES(free_leaves_yielding, NULL, "kvm_pgtable_stage2_destroy_range"),
	GOTO("done"),
	LABEL("at once"),
	PAGES(free_leaves, NULL, "kvm_pgtable_stage2_destroy"),
	LABEL("done"),
};
const struct flow arm64_free_stage2 =
	FLOW("kvm_free_stage2_pgd", "the tables are walked and freed", free_stage2_steps);
