/*
 * Locked memslots: all memory pinned and mapped at once, cache maintenance done at the
 * mapping (immediate), at the first KVM_RUN (deferred), or both (double).
 *
 * A. Elisei, "[RFC PATCH v5 00/38] KVM: arm64: Add Statistical Profiling Extension (SPE)
 * support", November 2021 (v4: August 2021). The series was not merged in this form.
 */

#include <errno.h>
#include <math.h>

#include "models/arm64.h"

/* --- counts, conditions, chances ------------------------------------------ */

static bool maps_and_cleans(const struct guest *guest)
{
	int strategy = guest->config->strategy;

	return !guest_host_has(guest, FEATURE_FWB) && (strategy == IMMEDIATE || strategy == DOUBLE);
}
static const struct condition clean_at_map = { "cleaned as it is mapped, without FWB",
					       maps_and_cleans };

static bool must_flush(const struct guest *guest)
{
	return state_of(guest)->pending_dcache;
}
static const struct condition pending_dcache = { "FLUSH_DCACHE is pending", must_flush };

static bool must_invalidate(const struct guest *guest)
{
	return state_of(guest)->pending_icache && !guest_host_has(guest, FEATURE_DIC);
}
static const struct condition pending_icache = { "INVAL_ICACHE is pending, without DIC",
						 must_invalidate };

static bool has_other_vcpus(const struct guest *guest)
{
	return guest->config->vcpus > 1;
}
static const struct condition other_vcpus = { "there are other vCPUs", has_other_vcpus };

static bool has_retries(const struct guest *guest)
{
	return state_of(guest)->attempts <= parameters_of(guest)->lock_retries;
}
static const struct condition tries_again = { "the VMM tries again", has_retries };

static bool is_spoilt(const struct guest *guest)
{
	return state_of(guest)->spoilt;
}
static const struct condition was_spoilt = { "it was EAGAIN", is_spoilt };

static bool unwinds_well(const struct guest *guest)
{
	return !parameters_of(guest)->error_path_bugs;
}
static const struct condition error_path_unmaps = { "the error path unmaps", unwinds_well };

static bool vcpus_are_paused(const struct guest *guest)
{
	return parameters_of(guest)->pause_for_lock;
}
static const struct condition pauses = { "the VMM pauses the vCPUs", vcpus_are_paused };

static double mean_ns(const struct guest *guest, int term)
{
	return guest->config->costs[term].law.mean_ns;
}

/*
 * The notifier's sequence is sampled once before the loop, so any invalidation during
 * the loop spoils it: 1 - exp(-rate * duration), for the mean duration.
 */
static double spoilt(const struct guest *guest)
{
	const struct page_map *pages = &guest->pages;
	double page_ns = mean_ns(guest, KVM_ALLOC_ENTRY) + mean_ns(guest, MM_PIN) +
			 mean_ns(guest, STAGE2_MAP);
	double fresh_ns = mean_ns(guest, MM_FAULT) + mean_ns(guest, MM_ZERO_4K);

	if (maps_and_cleans(guest))
		page_ns += mean_ns(guest, CLEAN_4K);
	return -expm1(-parameters_of(guest)->invalidations_per_s * 1e-9 *
		      (page_ns * (double)page_map_pages(pages) +
		       fresh_ns * (double)pages->in_state[FRESH]));
}
static const struct chance invalidation = { "MMU notifier invalidation", spoilt };

/* --- hooks ---------------------------------------------------------------- */

static int check_vcpus(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->spoilt = false;
	return state_of(guest)->running && !parameters_of(guest)->pause_for_lock ? EBUSY : 0;
}
static const struct hook no_vcpu_runs = { "no vCPU is inside KVM_RUN", check_vcpus };

static int check_limit(const struct guest *guest, int64_t used_bytes)
{
	const struct parameters *parameters = parameters_of(guest);

	return parameters->cap_ipc_lock || guest->config->memory_bytes + used_bytes <=
						   parameters->memlock_limit_bytes
		       ? 0
		       : ENOMEM;
}

static int check_rlimit(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	return check_limit(guest, 0);
}
static const struct hook rlimit_memlock = { "RLIMIT_MEMLOCK", check_rlimit };

static int account(struct guest *guest, uint32_t *generation)
{
	int error = check_limit(guest, parameters_of(guest)->memlock_used_bytes);

	(void)generation;
	if (!error)
		state_of(guest)->locked_bytes = guest->config->memory_bytes;
	return error;
}
static const struct hook account_locked_vm = { "account_locked_vm", account };

static int unaccount(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->locked_bytes = 0;
	state_of(guest)->pending_dcache = state_of(guest)->pending_icache = false;
	return 0;
}
static const struct hook unaccount_locked_vm = { "unlocked", unaccount };

static int set_bit(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->pending_dcache = guest->config->strategy != IMMEDIATE;
	return 0;
}
static const struct hook set_pending = { "FLUSH_DCACHE unless cleaned at the mapping", set_bit };

static int clear_bits(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->pending_dcache = state_of(guest)->pending_icache = false;
	return 0;
}
static const struct hook clear_pending = { "nothing is pending", clear_bits };

static int first_attempt(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->attempts = 0;
	return 0;
}
static const struct hook begin_attempts = { "first attempt", first_attempt };

static int next_attempt(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->attempts++;
	return 0;
}
static const struct hook count_attempt = { "one attempt more", next_attempt };

/* The page in hand was pinned, but is not on the list yet. */
static int forget_page(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->spoilt = true;
	if (parameters_of(guest)->error_path_bugs)
		guest->leaked_bytes += guest->config->page_bytes;
	return 0;
}
static const struct hook leak_pin = { "the page in hand stays pinned", forget_page };

/* --- page loops ----------------------------------------------------------- */

#define LOCK_PRICES                                                                                \
	{ KVM_ALLOC_ENTRY, NULL }, { STAGE2_MAP, NULL },                                           \
	{                                                                                          \
		CLEAN_4K, &clean_at_map                                                            \
	}

static const struct page_acts lock_acts = { {
	[FRESH] = { { LOCK_PRICES, { MM_FAULT, NULL }, { MM_ZERO_4K, NULL } }, LOCKED, false },
	[PRESENT] = { { LOCK_PRICES }, LOCKED, false },
	[MAPPED] = { { LOCK_PRICES }, LOCKED, false },
	PASS(LOCKED),
} };

/* One page at a time: mmap_lock is taken and dropped for each. */
static const struct page_loop lock_pages = {
	.name = "pin and map page by page",
	.range = whole_memory,
	.yields = true,
	.gather = MM_PIN,
	.lock = &arm64_mmap_lock,
	.batch = 1,
	.acts = &lock_acts,
};

#define UNPIN(becomes_)                                                                            \
	{                                                                                          \
		{                                                                                  \
			PASS(FRESH), PASS(PRESENT), PASS(MAPPED), [LOCKED] = {                     \
				{ { MM_UNPIN, NULL } },                                            \
				(becomes_),                                                        \
				false                                                              \
			}                                                                          \
		}                                                                                  \
	}
#define UNPIN_LOOP(name_, acts_)                                                                   \
	{                                                                                          \
		.name = (name_), .range = whole_memory, .yields = true, .acts = &(acts_)           \
	}

static const struct page_acts unpin_acts = UNPIN(MAPPED);
const struct page_loop arm64_unpin = UNPIN_LOOP("unpin page by page", unpin_acts);
static const struct page_acts unpin_unmapped_acts = UNPIN(PRESENT);
static const struct page_loop unpin_unmapped =
	UNPIN_LOOP("unpin unmapped pages", unpin_unmapped_acts);

/* Stage 2 of a slot whose maintenance is still to come is dropped: later faults will do it. */
static const struct page_acts drop_acts = { {
	PASS(FRESH),
	PASS(PRESENT),
	PASS(MAPPED),
	[LOCKED] = { { { STAGE2_UNMAP_4K, &arm64_tlbi_4k },
		       { STAGE2_UNMAP_RANGE_4K, &arm64_range_4k },
		       { CLEAN_4K, &arm64_no_fwb } },
		     LOCKED,
		     false },
} };
static const struct page_loop unmap_locked = {
	.name = "unmap the slot",
	.range = whole_memory,
	.yields = true,
	.yield_bytes = 1 << 30,
	.acts = &drop_acts,
};

static const struct page_acts flush_acts = { {
	PASS(FRESH),
	PASS(PRESENT),
	PASS(MAPPED),
	[LOCKED] = { { { CLEAN_4K, &arm64_no_fwb } }, LOCKED, false },
} };
static const struct page_loop flush_locked = {
	.name = "clean all locked memory",
	.range = whole_memory,
	.yields = true,
	.yield_bytes = 1 << 30,
	.acts = &flush_acts,
};

static const struct page_acts protect_acts = { {
	PASS(FRESH),
	PASS(PRESENT),
	[MAPPED] = { { { STAGE2_WRITE_PROTECT, NULL } }, MAPPED, false },
	PASS(LOCKED),
} };
static const struct page_loop write_protect = {
	.name = "write-protect for dirty logging",
	.range = whole_memory,
	.yields = true,
	.acts = &protect_acts,
};

/* --- flows ---------------------------------------------------------------- */

/* One attempt, with every vCPU unable to run from its beginning to its end. */
static const struct step lock_memslot_steps[] = {
	LOCK(arm64_kvm_lock, "kvm_vm_ioctl_enable_cap"),
	SPEND(KVM_TRYLOCK_VCPU, &arm64_per_vcpu, "lock_all_vcpus"),
	TRY(no_vcpu_runs, EBUSY, "busy", "lock_all_vcpus: mutex_trylock"),
	TRYLOCK(arm64_vcpu_mutex, "busy", "lock_all_vcpus"),
	LOCK(arm64_slots_lock, "kvm_mmu_lock_memslot"),
	TRY(rlimit_memlock, ENOMEM, "out", "lock_memslot"),
	PAGES(lock_pages, NULL, "lock_memslot: pin_user_pages, user_mem_abort"),
	CHANCE(invalidation, EAGAIN, "retry", "mmu_notifier_retry"),
	TRY(account_locked_vm, ENOMEM, "unwind", "account_locked_vm"),
	DO(set_pending, "kvm_mmu_lock_memslot"),
	GOTO("out"),
	LABEL("retry"),
	DO(leak_pin, "lock_memslot: out_err"),
	UNLESS(error_path_unmaps, "unpin"),
	LABEL("unwind"),
	PAGES(unmap_locked, NULL, "lock_memslot: unmap_memslot"),
	PAGES(unpin_unmapped, NULL, "unpin_memslot_pages"),
	GOTO("out"),
	LABEL("unpin"),
	PAGES(arm64_unpin, NULL, "unpin_memslot_pages"),
	LABEL("out"),
	UNLOCK(arm64_slots_lock, "kvm_mmu_lock_memslot"),
	UNLOCK(arm64_vcpu_mutex, "unlock_all_vcpus"),
	LABEL("busy"),
	UNLOCK(arm64_kvm_lock, "kvm_vm_ioctl_enable_cap"),
};
static const struct flow lock_memslot =
	FLOW("KVM_ARM_LOCK_MEM", "pin and map all memory", lock_memslot_steps);

/* The VMM: EAGAIN is worth another attempt, from the start. */
static const struct step lock_memory_steps[] = {
	DO(begin_attempts, "VMM"),
	LABEL("again"),
	CALL_OR(lock_memslot, "failed", "KVM_CAP_ARM_LOCK_USER_MEMORY_REGION"),
	GOTO("out"),
	LABEL("failed"),
	DO(count_attempt, "VMM"),
	UNLESS(was_spoilt, "out"),
	UNLESS(tries_again, "out"),
	RECOVER("VMM"),
	GOTO("again"),
	LABEL("out"),
};
const struct flow arm64_lock_memory =
	FLOW("lock_memory", "lock, and try again after EAGAIN", lock_memory_steps);

static const struct step unlock_memory_steps[] = {
	LOCK(arm64_slots_lock, "kvm_mmu_unlock_memslot"),
	UNLESS(pending_dcache, "unpin"),
	PAGES(unmap_locked, NULL, "unlock_memslot: unmap_stage2_range"),
	PAGES(unpin_unmapped, NULL, "unpin_memslot_pages"),
	LABEL("unpin"),
	PAGES(arm64_unpin, NULL, "unpin_memslot_pages"),
	DO(unaccount_locked_vm, "unlock_memslot"),
	UNLOCK(arm64_slots_lock, "kvm_mmu_unlock_memslot"),
};
const struct flow arm64_unlock_memory =
	FLOW("KVM_ARM_UNLOCK_MEM", "unpin all memory", unlock_memory_steps);

static const struct step other_vcpu_steps[] = {
	LOCK(arm64_slots_lock, "kvm_mmu_perform_pending_ops"),
	UNLOCK(arm64_slots_lock, "kvm_mmu_perform_pending_ops"),
};
static const struct flow other_vcpu =
	FLOW("KVM_RUN of another vCPU", "waits, and finds nothing to do", other_vcpu_steps);

/* The first vCPU to run does what is pending; the others wait for slots_lock once. */
static const struct step first_run_steps[] = {
	LOCK(arm64_slots_lock, "kvm_mmu_perform_pending_ops"),
	UNLESS(other_vcpus, "alone"),
	SPAWN(other_vcpu, "kvm_vcpu_first_run_init"),
	LABEL("alone"),
	UNLESS(pending_dcache, "clean"),
	PAGES(flush_locked, NULL, "stage2_flush_memslot"),
	LABEL("clean"),
	UNLESS(pending_icache, "coherent"),
	SPEND(ICACHE_ALL, NULL, "icache_inval_all_pou"),
	LABEL("coherent"),
	DO(clear_pending, "kvm_mmu_perform_pending_ops"),
	UNLOCK(arm64_slots_lock, "kvm_mmu_perform_pending_ops"),
};
const struct flow arm64_first_run =
	FLOW("kvm_mmu_perform_pending_ops", "what was deferred to the first run", first_run_steps);

/* A cancelled migration: dirty logging needs the slot unlocked, then it is locked again. */
static const struct step relock_steps[] = {
	CALL(arm64_unlock_memory, "VMM: migration begins"),
	PAGES(write_protect, NULL, "kvm_mmu_wp_memory_region"),
	UNLESS(pauses, "lock"),
	USER(QEMU_PAUSE, &arm64_per_vcpu, "VMM: pause_all_vcpus"),
	LABEL("lock"),
	CALL(arm64_lock_memory, "VMM: migration is cancelled"),
	CALL(arm64_first_run, "kvm_arch_vcpu_ioctl_run"),
	MARK(MILESTONE_DONE),
};
const struct flow arm64_relock = FLOW("relock", "a cancelled migration", relock_steps);
