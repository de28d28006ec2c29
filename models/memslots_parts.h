#ifndef MODELS_MEMSLOTS_PARTS_H
#define MODELS_MEMSLOTS_PARTS_H

/*
 * What the parts of model memslots share: memslots_state.c has parameters, prices, locks,
 * memory, counts, conditions and hooks; memslots_window.c the chances of a vCPU that meets a
 * missing slot; memslots_list.c the RFC's ioctl; memslots_plug.c memory that is plugged;
 * memslots.c the other flows and the model.
 */

#include "models/devices.h"
#include "models/memslots.h"

/* Who zaps what a removed slot had mapped: the caller, or workers on all CPUs. */
enum zap { ZAP_SYNC, ZAP_ASYNC, ZAP_ASYNC_5_15 };

/* Who runs while a swap waits for its grace period. */
enum srcu { SRCU_RUNS, SRCU_IDLES, SRCU_BY_STATE };

/* Which new slots are memory of the guest, and no device's. */
enum plug { PLUG_LARGER, PLUG_ALL, PLUG_NONE };

struct parameters {
	int64_t creates, deletes, moves, flags;
	struct slot_updates updates;
	int64_t address_spaces;
	int64_t slot_bytes;
	int architecture; /* enum architecture */
	double access_rate, fetch_share, touched;
	int64_t reader_hold_ns, notifier_hold_ns;
	int64_t concurrent;
	bool fast_zap;
	int zap;
	int srcu;
	int hotplug;
	bool memmap_on_memory;
	struct devices devices;
};

enum {
	SRCU_GRACE = FIRST_TERM,
	KVM_SET_REGION,
	KVM_ZAP,
	KVM_FAULT,
	QEMU_KICK,
	QEMU_IOCTL_LOCK,
	QEMU_RESET,
	GUEST_STOP,
	GUEST_BOOT,
	QEMU_START,
	KVM_DESTROY,
	KVM_ZAP_ROOTS,
	KVM_ZAP_ASYNC,
	KVM_ZAP_ASYNC_5_15,
	GUEST_ONLINE,
	QEMU_PAUSE_WAIT,
	DEVICE_TERM_NAMES,
	SRCU_IDLE,
	TERM_COUNT
};

enum page_state { PLAIN = PAGE_FIRST }; /* of the process: only their number matters */

enum design { SEQUENTIAL, BATCH, ONE_SWAP_BATCH, INHIBIT, KICK_ALL };

struct slots_state {
	struct devices_state devices;

	/* Of the update in progress. */
	int64_t entry;      /* 0 .. memslots_entries() - 1: removals first, then additions */
	int64_t space;      /* address spaces whose sets are still to be swapped */
	int64_t invalid;    /* slots that the list has made invalid: each has an object */
	int64_t concurrent; /* plain ioctls that another thread has still to make */

	/* Of the sets of memslots and their lock, until the process ends. */
	int64_t edited;         /* entries in the inactive set that no swap has published yet */
	bool torn;              /* half a list was published: the two sets differ for good */
	bool slots_invalid;     /* a list has failed: what it made invalid stays so */
	bool slots_lock_locked; /* by an error path that is over */

	int64_t online_bytes; /* plugged into the guest, less their struct pages */

	/* Pages that the guest touches again. */
	uint64_t pages;   /* that no vCPU has taken yet */
	uint64_t share;   /* of the vCPU that took last */
	int64_t to_begin; /* vCPUs that have still to go back to them ... */
	int64_t to_take;  /* ... and to take their shares */
};

static inline struct slots_state *state_of(const struct guest *guest)
{
	return guest->state;
}

static inline enum design design_of(const struct guest *guest)
{
	return (enum design)guest->config->strategy;
}

/* Entries of one update: in plain ioctls removals swap twice, additions once. */
static inline int64_t memslots_removals(const struct guest *guest)
{
	return parameters_of(guest)->deletes + parameters_of(guest)->moves;
}

static inline int64_t memslots_additions(const struct guest *guest)
{
	return parameters_of(guest)->creates + parameters_of(guest)->flags;
}

static inline int64_t memslots_entries(const struct guest *guest)
{
	return memslots_removals(guest) + memslots_additions(guest);
}

/* Deleted slots in whose place others are created. The rest is memory that the guest gave up. */
static inline int64_t memslots_replaced(const struct guest *guest)
{
	const struct parameters *parameters = parameters_of(guest);

	return parameters->deletes < parameters->creates ? parameters->deletes
							 : parameters->creates;
}

/* A removal zaps whatever the guest has mapped, and not only the slot's pages. */
static inline bool memslots_zaps_roots(const struct guest *guest)
{
	return parameters_of(guest)->fast_zap || parameters_of(guest)->zap != ZAP_SYNC;
}

/* Mapped pages of one slot. */
uint64_t memslots_slot_pages(const struct guest *guest);

/* kvm->slots_lock, which an error path may have left locked. */
#define SLOTS_LOCK(where_) LOCK(slots_lock, where_), CALL(memslots_left_locked, where_)

/* One swap of the sets; slots_arch_lock is dropped before its grace period, which is either. */
#define GRACE_OF_SWAP                                                                              \
	GRACE(kvm_srcu, SRCU_GRACE, &memslots_per_running_grace, "synchronize_srcu_expedited"),    \
		GRACE(kvm_srcu, SRCU_IDLE, &memslots_per_idle_grace, "synchronize_srcu_expedited")
#define SWAP(where_)                                                                               \
	CALL(memslots_swap, where_), UNLOCK(slots_arch_lock, "kvm_swap_active_memslots"),          \
		GRACE_OF_SWAP

/*
 * What was mapped goes: page by page, with all roots at once by the caller, or by workers that the
 * ioctl waits for and that leave no core to others (all counts but one are zero).
 */
#define ZAP(pages_)                                                                                \
	SPEND_YIELDING(KVM_ZAP, &(pages_), "kvm_arch_flush_shadow_memslot"),                       \
		SPEND_YIELDING(KVM_ZAP_ROOTS, &memslots_per_root_zap, "kvm_mmu_zap_all_fast"),     \
		ALL_CORES_YIELDING(KVM_ZAP_ASYNC, &memslots_per_async_zap,                         \
				   "tdp_mmu_zap_root_work"),                                       \
		ALL_CORES_YIELDING(KVM_ZAP_ASYNC_5_15, &memslots_per_async_zap_5_15,               \
				   "tdp_mmu_zap_root_work")

extern const struct chance memslots_vcpu_hits_window, memslots_vcpu_hits_leftover;
extern const struct condition memslots_boot_has_updates, memslots_common_swap,
	memslots_concurrent_left, memslots_entry_adds, memslots_entry_left, memslots_entry_removes,
	memslots_half_edited, memslots_kernel_kicks, memslots_lock_left_locked,
	memslots_notifier_present, memslots_one_swap_each, memslots_reader_present,
	memslots_space_left, memslots_vcpu_left;
extern const struct count memslots_per_running_grace, memslots_per_idle_grace;
extern const struct count memslots_per_async_zap, memslots_per_async_zap_5_15;
extern const struct count memslots_boot_notifier_hold, memslots_copied_bytes, memslots_for_ever,
	memslots_invalid_bytes, memslots_lock_and_unlock, memslots_notifier_hold,
	memslots_object_bytes, memslots_per_removed_page, memslots_per_root_zap, memslots_per_share,
	memslots_per_slot_page, memslots_reader_hold;
extern const struct flow memslots_left_locked, memslots_region_list, memslots_swap, memslots_vcpu;
extern const struct flow memslots_plug;
extern const struct hook memslots_address_space, memslots_all_spaces, memslots_begin_update,
	memslots_change_matches, memslots_edit_inactive, memslots_end_generation,
	memslots_first_entry, memslots_half_published, memslots_kcalloc_batch, memslots_leak_list,
	memslots_leak_slots, memslots_leave_locked, memslots_list_complete,
	memslots_next_concurrent, memslots_next_entry, memslots_next_space, memslots_next_vcpu,
	memslots_no_pages, memslots_pages_to_touch, memslots_prepare_region, memslots_slot_invalid,
	memslots_slot_number, memslots_start_process, memslots_take_share;
extern const struct memory_kind memslots_list, memslots_slot_objects;
extern const struct record memslots_parameter_record;
extern const struct term memslots_terms[TERM_COUNT];

#endif
