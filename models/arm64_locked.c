/*
 * Life with locked memslots: cache maintenance done as they are locked (immediate), at the
 * first KVM_RUN (deferred), or both (double), and a cancelled migration.
 *
 * A. Elisei, "[RFC PATCH v5 00/38] KVM: arm64: Add Statistical Profiling Extension (SPE)
 * support", November 2021 (v4: August 2021). The series was not merged in this form.
 */

#include "models/arm64_parts.h"

/* --- conditions ------------------------------------------------------------- */

CONDITION(arm64_pending_dcache, "FLUSH_DCACHE is pending", state_of(guest)->pending_dcache);
STATIC_CONDITION(pending_icache, "INVAL_ICACHE is pending, without DIC",
		 state_of(guest)->pending_icache && !guest_host_has(guest, FEATURE_DIC));
STATIC_CONDITION(other_vcpus, "there are other vCPUs", guest->config->vcpus > 1);
STATIC_CONDITION(pauses, "the VMM pauses the vCPUs", parameters_of(guest)->pause_for_lock);

/* --- hooks ---------------------------------------------------------------- */

STATIC_EFFECT(clear_pending, "nothing is pending",
	      state_of(guest)->pending_dcache = state_of(guest)->pending_icache = false);

/* --- page loops ----------------------------------------------------------- */

static const struct page_acts flush_acts = { {
	PASS(FRESH),
	PASS(PRESENT),
	PASS(MAPPED),
	[LOCKED] = { { PRICE_WHEN(CLEAN_4K, arm64_no_fwb) }, LOCKED, false },
} };
static const struct page_loop flush_locked = {
	.name = "clean all locked memory",
	.range = all_pages,
	.yields = true,
	.yield_bytes = 1 << 30,
	.acts = &flush_acts,
};

static const struct page_acts protect_acts = { {
	PASS(FRESH),
	PASS(PRESENT),
	[MAPPED] = { { PRICE(STAGE2_WRITE_PROTECT) }, MAPPED, false },
	PASS(LOCKED),
} };
static const struct page_loop write_protect = {
	.name = "write-protect for dirty logging",
	.range = all_pages,
	.yields = true,
	.acts = &protect_acts,
};

/* --- flows ---------------------------------------------------------------- */

static const struct step other_vcpu_steps[] = {
	LOCK(slots_lock, "kvm_mmu_perform_pending_ops"),
	UNLOCK(slots_lock, "kvm_mmu_perform_pending_ops"),
};
static const struct flow other_vcpu =
	FLOW("KVM_RUN of another vCPU", "waits, and finds nothing to do", other_vcpu_steps);

/* The first vCPU to run does what is pending; the others wait for slots_lock once. */
static const struct step first_run_steps[] = {
	LOCK(slots_lock, "kvm_mmu_perform_pending_ops"),
	UNLESS(other_vcpus, "alone"),
	SPAWN(other_vcpu, "kvm_vcpu_first_run_init"),
	LABEL("alone"),
	UNLESS(arm64_pending_dcache, "clean"),
	PAGES(flush_locked, NULL, "stage2_flush_memslot"),
	LABEL("clean"),
	UNLESS(pending_icache, "coherent"),
	SPEND(ICACHE_ALL, NULL, "icache_inval_all_pou"),
	LABEL("coherent"),
	DO(clear_pending, "kvm_mmu_perform_pending_ops"),
	UNLOCK(slots_lock, "kvm_mmu_perform_pending_ops"),
};
const struct flow arm64_first_run =
	FLOW("kvm_mmu_perform_pending_ops", "what was deferred to the first run", first_run_steps);

/* A cancelled migration: dirty logging needs the slot unlocked, then it is locked again. */
static const struct step relock_steps[] = {
	CALL(arm64_unlock_memory, "VMM: migration begins"),
	PAGES(write_protect, NULL, "kvm_mmu_wp_memory_region"),
	UNLESS(pauses, "lock"),
	PAUSE_VCPUS("VMM: pause_all_vcpus"),
	LABEL("lock"),
	CALL(arm64_lock_memory, "VMM: migration is cancelled"),
	CALL(arm64_first_run, "kvm_arch_vcpu_ioctl_run"),
	MARK(MILESTONE_DONE),
};
const struct flow arm64_relock = FLOW("relock", "a cancelled migration", relock_steps);
