/*
 * KVM_ARM_LOCK_MEM and KVM_ARM_UNLOCK_MEM: all memory is pinned and mapped page by page, and
 * what a failure at some page undoes of that.
 *
 * A. Elisei, "[RFC PATCH v4 03/39] KVM: arm64: Implement the memslot lock/unlock
 * functionality" and 04/39, August 2021; v5, November 2021.
 */

#include <errno.h>

#include "base/elementary.h"
#include "models/arm64_parts.h"

/* --- conditions ------------------------------------------------------------- */

STATIC_CONDITION(clean_at_map, "cleaned as it is mapped, without FWB",
		 arm64_no_fwb.holds(guest) && (guest->config->strategy == IMMEDIATE ||
					       guest->config->strategy == DOUBLE));
STATIC_CONDITION(tries_again, "the VMM tries again",
		 state_of(guest)->attempts <= parameters_of(guest)->lock_retries);
STATIC_CONDITION(was_spoilt, "it was EAGAIN", state_of(guest)->spoilt);

static double mean_ns(const struct guest *guest, int term)
{
	return guest->config->costs[term].law.mean_ns;
}

/*
 * The notifier's sequence is sampled once before the loop and looked at for each page: an
 * invalidation meets a loop of some duration with 1 - exp(-rate * duration). Here of one page,
 * by the mean over those that are left to do.
 */
static double invalidated(const struct guest *guest)
{
	const struct page_map *pages = &guest->pages;
	double page_ns = mean_ns(guest, KVM_ALLOC_ENTRY) + mean_ns(guest, MM_PIN) +
			 mean_ns(guest, STAGE2_MAP);
	double fresh_ns = mean_ns(guest, MM_FAULT) + mean_ns(guest, MM_ZERO_4K);

	if (clean_at_map.holds(guest))
		page_ns += mean_ns(guest, CLEAN_4K);
	page_ns += fresh_ns * (double)pages->in_state[FRESH] / (double)page_map_pages(pages);
	return -elementary_expm1(-parameters_of(guest)->invalidations_per_s * 1e-9 * page_ns);
}

/* --- what can fail at each page -------------------------------------------- */

/* In the order of a page's calls. */
enum { PIN, TOPUP, RETRY, MAP };
static const struct page_call lock_calls[] = {
	[PIN] = { "pin_user_pages", ENOMEM, NULL },
	[TOPUP] = { "kvm_mmu_topup_memory_cache", ENOMEM, NULL },
	[RETRY] = { "mmu_notifier_retry", EAGAIN, invalidated },
	[MAP] = { "kvm_pgtable_stage2_map", ENOMEM, NULL },
	{ 0 },
};

static bool failed_at(const struct guest *guest, int call)
{
	return guest->failed_call == &lock_calls[call];
}

/* In the series other failures at a page only unpin. */
STATIC_CONDITION(error_path_unmaps, "the error path unmaps",
		 !parameters_of(guest)->error_path_bugs || failed_at(guest, MAP));

/* --- hooks ---------------------------------------------------------------- */

STATIC_HOOK(no_vcpu_runs, "no vCPU is inside KVM_RUN")
{
	state_of(guest)->spoilt = false;
	return state_of(guest)->has_run && !parameters_of(guest)->pause_for_lock ? EBUSY : 0;
}

STATIC_ERRNO(no_vcpu_has_run, "no vCPU has run, by v4's rule",
	     parameters_of(guest)->lock_rule == LOCK_RULE_V4 && state_of(guest)->has_run ? EBUSY
											 : 0);

static int check_limit(struct guest *guest, int64_t used_bytes)
{
	const struct parameters *parameters = parameters_of(guest);

	if (parameters->devices.cap_ipc_lock)
		return 0;
	return guest_short_of(guest, "RLIMIT_MEMLOCK", UNIT_BYTES, guest->config->memory_bytes,
			      devices_memlock(guest->config, &parameters->devices) - used_bytes,
			      ENOMEM);
}

STATIC_ERRNO(rlimit_memlock, "RLIMIT_MEMLOCK", check_limit(guest, 0));

STATIC_HOOK(account_locked_vm, "account_locked_vm")
{
	int error = check_limit(guest, parameters_of(guest)->memlock_used_bytes);

	if (!error)
		state_of(guest)->locked_bytes = guest->config->memory_bytes;
	return error;
}

STATIC_HOOK(unaccount_locked_vm, "unlocked")
{
	state_of(guest)->locked_bytes = 0;
	state_of(guest)->pending_dcache = state_of(guest)->pending_icache = false;
	return 0;
}

STATIC_EFFECT(set_pending, "FLUSH_DCACHE unless cleaned at the mapping",
	      state_of(guest)->pending_dcache = guest->config->strategy != IMMEDIATE);

STATIC_EFFECT(begin_attempts, "first attempt", state_of(guest)->attempts = 0);

STATIC_EFFECT(count_attempt, "one attempt more", state_of(guest)->attempts++);

/* The first page that is not locked: those before it are, or are lost. */
static uint64_t page_in_hand(const struct page_map *pages)
{
	uint64_t page = 0;
	int state = LOCKED;

	while (page < page_map_pages(pages)) {
		struct page_range run = page_map_run(pages, page, &state);

		if (state != LOCKED && state != PAGE_GONE)
			break;
		page = run.end;
	}
	return page;
}

/* Once pinned it is on no list until it is mapped: nobody will unpin it, so it is never free. */
STATIC_HOOK(leak_pin, "the page in hand stays pinned")
{
	uint64_t page = page_in_hand(&guest->pages);

	state_of(guest)->spoilt = failed_at(guest, RETRY);
	if (!parameters_of(guest)->error_path_bugs || failed_at(guest, PIN))
		return 0;
	if (page == page_map_pages(&guest->pages)) /* it is lost already */
		return 0;
	if (!page_map_set(&guest->pages, (struct page_range){ page, page + 1 }, PAGE_GONE))
		return ENOMEM;
	guest->lost_pages++;
	return 0;
}

/* --- page loops ----------------------------------------------------------- */

#define LOCK_PRICES PRICE(KVM_ALLOC_ENTRY), PRICE(STAGE2_MAP), PRICE_WHEN(CLEAN_4K, clean_at_map)

static const struct page_acts lock_acts = { {
	[FRESH] = { { LOCK_PRICES, PRICE(MM_FAULT), PRICE(MM_ZERO_4K) }, LOCKED, false },
	[PRESENT] = { { LOCK_PRICES }, LOCKED, false },
	[MAPPED] = { { LOCK_PRICES }, LOCKED, false },
	PASS(LOCKED),
} };

/* One page at a time: mmap_lock is taken and dropped for each. */
static const struct page_loop lock_pages = {
	.name = "pin and map page by page",
	.range = all_pages,
	.yields = true,
	.gather = MM_PIN,
	.lock = &mmap_lock,
	.batch = 1,
	.calls = lock_calls,
	.acts = &lock_acts,
};

#define UNPIN(becomes_)                                                                            \
	{                                                                                          \
		{                                                                                  \
			PASS(FRESH), PASS(PRESENT), PASS(MAPPED), [LOCKED] = {                     \
				{ PRICE(MM_UNPIN) },                                               \
				(becomes_),                                                        \
				false                                                              \
			}                                                                          \
		}                                                                                  \
	}
#define UNPIN_LOOP(name_, acts_)                                                                   \
	{                                                                                          \
		.name = (name_), .range = all_pages, .yields = true, .acts = &(acts_)              \
	}

static const struct page_acts unpin_acts = UNPIN(MAPPED);
const struct page_loop arm64_unpin = UNPIN_LOOP("unpin page by page", unpin_acts);
static const struct page_acts unpin_unmapped_acts = UNPIN(PRESENT);
static const struct page_loop unpin_unmapped =
	UNPIN_LOOP("unpin unmapped pages", unpin_unmapped_acts);

#define UNMAP(cleaned_when_)                                                                       \
	{                                                                                          \
		{                                                                                  \
			PASS(FRESH), PASS(PRESENT), PASS(MAPPED), [LOCKED] = {                     \
				{ PRICE_WHEN(STAGE2_UNMAP_4K, arm64_tlbi_4k),                      \
				  PRICE_WHEN(STAGE2_UNMAP_RANGE_4K, arm64_range_4k),               \
				  PRICE_WHEN(CLEAN_4K, cleaned_when_) },                           \
				LOCKED,                                                            \
				false                                                              \
			}                                                                          \
		}                                                                                  \
	}
#define UNMAP_LOOP(name_, acts_)                                                                   \
	{                                                                                          \
		.name = (name_), .range = all_pages, .yields = true, .yield_bytes = 1 << 30,       \
		.acts = &(acts_)                                                                   \
	}

/* A slot whose maintenance is still to come: later faults will do it. */
static const struct page_acts drop_acts = UNMAP(arm64_no_fwb);
static const struct page_loop unmap_locked = UNMAP_LOOP("unmap the slot", drop_acts);

/* A copy of the page table operations has no callback for maintenance, here as at the map. */
static const struct page_acts unwind_acts = UNMAP(clean_at_map);
static const struct page_loop unwind_mapped = UNMAP_LOOP("unmap what was mapped", unwind_acts);

/* --- flows ---------------------------------------------------------------- */

/* One attempt, with every vCPU unable to run from its beginning to its end. */
static const struct step lock_memslot_steps[] = {
	LOCK(kvm_lock, "kvm_vm_ioctl_enable_cap"),
	SPEND(KVM_TRYLOCK_VCPU, &per_vcpu, "lock_all_vcpus"),
	TRY(no_vcpu_runs, EBUSY, "busy", "lock_all_vcpus: mutex_trylock"),
	TRYLOCK(vcpu_mutex, "busy", "lock_all_vcpus"),
	TRY(no_vcpu_has_run, EBUSY, "has run", "kvm_mmu_lock_memslot"),
	LOCK(slots_lock, "kvm_mmu_lock_memslot"),
	TRY(rlimit_memlock, ENOMEM, "out", "lock_memslot"),
	PAGES(lock_pages, "failed", "lock_memslot: pin_user_pages, user_mem_abort"),
	TRY(account_locked_vm, ENOMEM, "unwind", "account_locked_vm"),
	DO(set_pending, "kvm_mmu_lock_memslot"),
	GOTO("out"),
	LABEL("failed"),
	DO(leak_pin, "lock_memslot: out_err"),
	UNLESS(error_path_unmaps, "unpin"),
	LABEL("unwind"),
	PAGES(unwind_mapped, NULL, "kvm_pgtable_stage2_unmap"),
	PAGES(unpin_unmapped, NULL, "unpin_memslot_pages"),
	GOTO("out"),
	LABEL("unpin"),
	PAGES(arm64_unpin, NULL, "unpin_memslot_pages"),
	LABEL("out"),
	UNLOCK(slots_lock, "kvm_mmu_lock_memslot"),
	LABEL("has run"),
	UNLOCK(vcpu_mutex, "unlock_all_vcpus"),
	LABEL("busy"),
	UNLOCK(kvm_lock, "kvm_vm_ioctl_enable_cap"),
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
	LOCK(slots_lock, "kvm_mmu_unlock_memslot"),
	UNLESS(arm64_pending_dcache, "unpin"),
	PAGES(unmap_locked, NULL, "unlock_memslot: unmap_stage2_range"),
	PAGES(unpin_unmapped, NULL, "unpin_memslot_pages"),
	LABEL("unpin"),
	PAGES(arm64_unpin, NULL, "unpin_memslot_pages"),
	DO(unaccount_locked_vm, "unlock_memslot"),
	UNLOCK(slots_lock, "kvm_mmu_unlock_memslot"),
};
const struct flow arm64_unlock_memory =
	FLOW("KVM_ARM_UNLOCK_MEM", "unpin all memory", unlock_memory_steps);
