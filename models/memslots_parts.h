#ifndef MODELS_MEMSLOTS_PARTS_H
#define MODELS_MEMSLOTS_PARTS_H

/*
 * What the two parts of model memslots share: memslots_state.c has parameters, prices, locks,
 * counts, conditions, the window and hooks; memslots.c the flows, the strategies and the model.
 */

#include "models/memslots.h"

enum architecture { X86, ARM64, S390 };

struct parameters {
	int64_t creates, deletes, moves, flags;
	struct slot_updates updates;
	int64_t address_spaces;
	int64_t slot_bytes;
	int architecture;
	double access_rate, fetch_share;
	int64_t reader_hold_ns, notifier_hold_ns;
};

enum {
	SRCU_GRACE = 1, /* 0: none */
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
	TERM_COUNT
};

enum page_state { PLAIN = PAGE_FIRST };

enum design { SEQUENTIAL, BATCH, ONE_SWAP_BATCH, INHIBIT, KICK_ALL };

/* Entries of the update in progress that are still to be done. */
struct slots_state {
	int64_t removals; /* DELETE and MOVE: two swaps in a plain update */
	int64_t others;   /* CREATE and FLAGS_ONLY: one */
};

static inline const struct parameters *parameters_of(const struct guest *guest)
{
	return guest->config->parameters;
}

static inline struct slots_state *state_of(const struct guest *guest)
{
	return guest->state;
}

static inline enum design design_of(const struct guest *guest)
{
	return (enum design)guest->config->strategy;
}

extern const struct chance memslots_vcpu_hits_window;
extern const struct condition memslots_kernel_kicks, memslots_notifier_present,
	memslots_one_swap_each, memslots_others_left, memslots_reader_present,
	memslots_removals_left;
extern const struct count memslots_for_ever, memslots_resident, memslots_lock_and_unlock,
	memslots_notifier_hold, memslots_per_address_space, memslots_per_removed_page,
	memslots_per_slot_page, memslots_per_vcpu, memslots_reader_hold;
extern const struct hook memslots_begin_update, memslots_change_matches, memslots_end_generation,
	memslots_kcalloc_batch, memslots_leak_slots, memslots_next_other, memslots_next_removal,
	memslots_no_pages, memslots_prepare_region, memslots_slot_number, memslots_start_process;
extern const struct lock_kind memslots_kvm_srcu, memslots_slots_arch_lock, memslots_slots_lock;
extern const struct record memslots_parameter_record;
extern const struct term memslots_terms[TERM_COUNT];

#endif
