#ifndef MODELS_S390_PV_PARTS_H
#define MODELS_S390_PV_PARTS_H

/*
 * What the parts of model s390-pv share. s390-pv.c has the strategies and the model;
 * _terms parameters and prices, _boot the boot, _teardown DISABLE and its parts, _async
 * PREPARE and PERFORM, _exit the end of a process, _lazy the design of 2021.
 */

#include "models/fill.h"
#include "models/memslots.h"

struct parameters {
	struct fill fill;
	int64_t image_bytes;
	double image_bandwidth;
	int64_t vmm_resident_bytes;
	int64_t loader_touch_bytes;
	struct boot_touch boot_touch;
	double workload_rate;
	int64_t perform_delay_ns;
	int64_t donated_base_bytes, donated_per_mib_bytes;
	bool async_destroy, guest_table;
	double large_folios;
	double crypto_queues_bound;
	bool exit_notifier;
	double atomic_failure;
	bool oom_notifier;
	struct slot_updates updates;
};

extern const struct record pv_parameter_record;

enum {
	GUEST_STOP = FIRST_TERM,
	GUEST_BIOS,
	GUEST_DIAG308,
	GUEST_BOOT,
	QEMU_START,
	QEMU_PAUSE,
	QEMU_SUBSYSTEM_RESET,
	QEMU_CRYPTO_RESET,
	QEMU_DEVICE_RESET,
	QEMU_CPU_RESET,
	QEMU_THREAD_START,
	KVM_DISABLE_COW,
	KVM_ALLOC_STORAGE,
	KVM_REPLACE_ASCE,
	KVM_GATHER,
	MM_FAULT,
	MM_ZERO,
	MM_FREE,
	KERNEL_EXIT,
	UVC_CREATE_CONF,
	UVC_CREATE_CPU,
	UVC_SET_SEC_PARMS,
	UVC_UNPACK,
	UVC_VERIFY,
	UVC_CPU_SET_STATE,
	UVC_IMPORT,
	UVC_EXPORT,
	UVC_DESTROY_PAGE,
	UVC_NOOP,
	UVC_DESTROY_CPU,
	UVC_DESTROY_CONF,
	UVC_DESTROY_FAST,
	KVM_SET_REGION,
	SRCU_GRACE,
	KVM_KTHREAD_START,
	KVM_LIST_PAGE,
	KVM_OOM_WAIT,
	KVM_DISABLE_COW_PAGE,
	MM_POPULATE,
	MM_FAULT_SHARED_4K,
	QEMU_PAUSE_WAIT,
	KVM_WALK_ENTRY,
	KVM_SPLIT_FOLIO,
	GUEST_MEMMAP,
	GUEST_MEMMAP_SHARED,
	TERM_COUNT
};

extern const struct term pv_terms[TERM_COUNT];

enum design { SYNC, LAZY, ASYNC, ASYNC_FAST, ASYNC_7_0 };

enum page_state {
	PLAIN = PAGE_FIRST, /* not secure: the host may use it */
	STALE,              /* secure, of a dead guest */
	OWNED,              /* secure, of the living guest */
	NODE,               /* lazy: a node of a list of pages */
};

/* What all guests of the host share. */
struct pv_host {
	int64_t lists; /* lazy: lists of pages that are not yet worked off */
};

/* Prefix pages lie there: they are destroyed before the next guest runs. */
#define LOW_BYTES (INT64_C(2) << 30)

struct pv_state {
	struct fill_state fill;
	bool handle;              /* a protected configuration belongs to the KVM VM */
	bool dead;                /* ... and its generation has been counted as dead */
	uint64_t protected_vcpus; /* that have a handle */
	uint64_t stuck_vcpus; /* that the Ultravisor could not destroy; KVM has forgotten them */
	uint32_t set_aside;   /* generation, 0: none */
	uint32_t need_cleanup[DEAD_GENERATIONS_MAX]; /* generations; the last is the list's first */
	uint32_t leftovers;                          /* in need_cleanup */
	int64_t protected_count; /* configurations in the address space: context.protected_count */
	bool mm_gone;            /* the process has left its address space */
	bool cow_disabled;       /* !mm->context.allow_cow_sharing */
	bool fresh;              /* first boot of the process: its pages are still to be zeroed */
	uint64_t list_head; /* lazy: first page of the list made last, behind the address space */
};
FILL_EMBEDDED(struct pv_state);

static inline struct pv_host *host_of(const struct guest *guest)
{
	return guest->shared;
}

static inline struct pv_state *pv_of(const struct guest *guest)
{
	return guest->state;
}

/* Present pages of the guest and of its whole process: the guest's come first in the map. */
static inline uint64_t guest_pages(const struct guest *guest)
{
	return page_map_pages(&guest->pages) ? guest_resident_pages(guest) : 0;
}

static inline uint64_t process_pages(const struct guest *guest)
{
	return guest_resident_pages(guest) + pages_4k(parameters_of(guest)->vmm_resident_bytes);
}

/* s390-pv_boot.c */
extern const struct flow pv_boot_protected, pv_prealloc, pv_workload;
extern const struct hook pv_no_longer_fresh, pv_start_process;
extern const struct count pv_resident;

/*
 * The guest boots. When s390_machine_protect fails behind ENABLE (which undoes itself), QEMU
 * unprotects the guest and gives its loader an error code; the process lives on.
 */
#define BOOT(unprotect_)                                                                           \
	CALL_OR(pv_boot_protected, "failed", "s390_machine_reset"), GOTO("booted"),                \
		LABEL("failed"), UNLESS(pv_is_protected, "booted"),                                \
		FORGET("s390_machine_protect"), CALL(unprotect_, "s390_machine_protect"),          \
		FAIL(EINVAL, "booted", "s390_pv_inject_reset_error"), LABEL("booted")

/* The end of KVM_PV_DISABLE: QEMU does not survive one that fails. */
#define PV_DISABLED                                                                                \
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"), GOTO("done"), LABEL("failed"),                     \
		UNLOCK(kvm_lock, "kvm_s390_handle_pv"), DIE("__s390_pv_cmd_exit"), LABEL("done")

/* s390_machine_unprotect without async; a boot that failed has left an ordinary guest. */
#define UNPROTECT(disable_)                                                                        \
	UNLESS(pv_is_protected, "done"), CALL(disable_, "s390_pv_vm_disable"), LABEL("done")

/* s390-pv_teardown.c */
uint64_t pv_donated_bytes(const struct guest *guest);
struct page_range pv_whole_space(const struct guest *guest);
extern const struct count pv_donated, pv_donated_pages;

/* The Ultravisor has given the memory back: its pages are freed. */
#define FREE_DONATION(where_)                                                                      \
	SPEND_YIELDING(MM_FREE, &pv_donated_pages, where_), FREE(pv_donation, pv_donated, where_)
extern const struct memory_kind pv_donation;
extern const struct condition pv_has_handle, pv_is_protected, pv_destroys_fast, pv_handle_kept;
extern const struct condition pv_vcpu_stuck, pv_walks_guest_table;
extern const struct hook pv_end_generation, pv_disposed, pv_live_gone, pv_leak_taken, pv_leak_live;
extern const struct hook pv_no_vcpu_stuck, pv_mm_gone;
extern const struct page_loop pv_destroy_range_interruptible, pv_destroy_lower_2g;
extern const struct page_loop pv_table_interruptible, pv_table_lower_2g;
extern const struct flow pv_cpus_from_pv, pv_deinit_vm, pv_deinit_fast, pv_cleanup_all, pv_disable;

static inline void pv_add_leftover(struct pv_state *pv, uint32_t number)
{
	pv->need_cleanup[pv->leftovers++] = number; /* each is a dead generation: there is room */
}

/* s390-pv_async.c */
extern const struct hook pv_kzalloc;
extern const struct flow pv_unprotect_async, pv_perform;

/* s390-pv_exit.c */
extern const struct flow pv_process_exit;

/* s390-pv_lazy.c */
extern const struct flow pv_start_lazy, pv_unprotect_lazy, pv_process_exit_lazy;

#endif
