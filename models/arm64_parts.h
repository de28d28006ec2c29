#ifndef MODELS_ARM64_PARTS_H
#define MODELS_ARM64_PARTS_H

/*
 * What the parts of model arm64 share. arm64.c has boot, reset and exit, the
 * strategies and the model; _terms parameters and prices; _stage2 the guest's page
 * tables (faults, cache maintenance, unmap); _lock and _locked the locked memslots of the
 * SPE series; _pkvm protected guests, and those that share their memory with the host.
 */

#include "models/devices.h"
#include "models/fill.h"
#include "models/memslots.h"

struct parameters {
	struct fill fill;
	bool direct_boot;
	int64_t firmware_touch_bytes, text_bytes;
	struct boot_touch boot_touch;
	double workload_rate;
	bool free_yields, teardown_cleans;
	int64_t memlock_used_bytes;
	double invalidations_per_s;
	int64_t lock_retries;
	bool pause_for_lock;
	int lock_rule;
	bool error_path_bugs;
	struct slot_updates updates;
	struct devices devices;
	struct vmm_slots vmm_slots;
};

/* Which vCPUs forbid a lock: those inside KVM_RUN, or all that have ever run. */
enum lock_rule { LOCK_RULE_V5, LOCK_RULE_V4 };

extern const struct record arm64_parameter_record;

enum {
	GUEST_STOP = FIRST_TERM,
	GUEST_FIRMWARE,
	GUEST_BOOT,
	QEMU_START,
	QEMU_PAUSE,
	QEMU_DEVICE_RESET,
	KVM_CREATE_VM,
	KVM_VCPU_INIT,
	KVM_SET_REGION,
	SRCU_GRACE,
	KVM_TRYLOCK_VCPU,
	KVM_ALLOC_ENTRY,
	MM_PIN,
	MM_UNPIN,
	MM_FAULT,
	MM_ZERO_4K,
	MM_ZERO_2M,
	MM_ZERO_1G,
	MM_FREE_4K,
	MM_FREE_2M,
	MM_FREE_1G,
	STAGE2_MAP,
	STAGE2_FAULT_4K,
	STAGE2_FAULT_2M,
	STAGE2_FAULT_1G,
	STAGE2_PERMISSION_FAULT,
	STAGE2_WRITE_PROTECT,
	STAGE2_UNMAP_SLOT,
	STAGE2_UNMAP_4K,
	STAGE2_UNMAP_2M,
	STAGE2_UNMAP_1G,
	STAGE2_UNMAP_RANGE_4K,
	STAGE2_UNMAP_RANGE_2M,
	STAGE2_UNMAP_RANGE_1G,
	STAGE2_SWEEP,
	STAGE2_FREE_LEAF,
	CLEAN_4K,
	CLEAN_2M,
	CLEAN_1G,
	ICACHE_PAGE,
	ICACHE_ALL,
	KERNEL_EXIT,
	KVM_DESTROY,
	PKVM_DONATE,
	PKVM_START_TEARDOWN,
	PKVM_MARK_PAGE,
	PKVM_RECLAIM_PAGE,
	PKVM_FINALIZE,
	QEMU_THREAD_START,
	MM_POPULATE,
	MM_FAULT_SHARED_4K,
	MM_FAULT_SHARED_HUGE,
	QEMU_PAUSE_WAIT,
	DEVICE_TERM_NAMES,
	SRCU_IDLE,
	SRCU_PENDING,
	GUEST_MEMMAP,
	GUEST_MEMMAP_SHARED,
	PKVM_SHARE,
	PKVM_UNSHARE,
	TERM_COUNT
};

extern const struct term arm64_terms[TERM_COUNT];

enum design { UNLOCKED, IMMEDIATE, DEFERRED, DOUBLE, PKVM, PKVM_ONE_CALL, PKVM_NON_PROTECTED };

enum page_state {
	FRESH = PAGE_FIRST, /* not yet in host memory */
	PRESENT,            /* there, but not in stage 2 */
	MAPPED,             /* in stage 2 */
	LOCKED,             /* in stage 2 and pinned */
};

/* Of one process; all zero while there is none. */
struct arm64_state {
	struct fill_state fill;
	struct devices_state devices;
	bool has_vm;          /* KVM_CREATE_VM has been called */
	bool has_run;         /* a vCPU has, and unless they are paused one is inside KVM_RUN */
	bool pending_dcache;  /* the bit that the first KVM_RUN looks at */
	bool pending_icache;  /* the same of the instruction cache */
	int64_t locked_bytes; /* accounted against RLIMIT_MEMLOCK; 0: no memslot is locked */
	int64_t attempts;     /* of the lock in progress, after the first */
	bool spoilt;          /* the last attempt met an invalidation */
};
FILL_EMBEDDED(struct arm64_state);

static inline struct arm64_state *state_of(const struct guest *guest)
{
	return guest->state;
}

static inline bool locks_memory(const struct guest_config *config)
{
	return config->strategy == IMMEDIATE || config->strategy == DEFERRED ||
	       config->strategy == DOUBLE;
}

/* arm64.c */
extern const struct flow arm64_workload;

/* arm64_stage2.c */
extern const struct condition arm64_tlbi_4k, arm64_tlbi_2m, arm64_tlbi_1g;
extern const struct condition arm64_range_4k, arm64_range_2m, arm64_range_1g;
extern const struct condition arm64_no_fwb, arm64_no_dic, arm64_locks_memory;
extern const struct page_loop arm64_firmware_faults, arm64_boot_faults, arm64_workload_faults;
extern const struct flow arm64_boot_toucher, arm64_caches_on, arm64_exec_faults, arm64_reset_vcpus;
extern const struct flow arm64_replace_slot, arm64_free_stage2;

/* arm64_lock.c */
extern const struct page_loop arm64_unpin;
extern const struct flow arm64_lock_memory, arm64_unlock_memory;

/* arm64_locked.c */
extern const struct condition arm64_pending_dcache;
extern const struct flow arm64_first_run, arm64_relock;

/* arm64_pkvm.c */
extern const struct flow arm64_pkvm_teardown;
extern const struct condition arm64_is_pkvm, arm64_is_shared;

#endif
