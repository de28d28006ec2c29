/*
 * KVM_SET_USER_MEMORY_REGION_LIST as proposed (E. G. Esposito, "[RFC PATCH 9/9] kvm_main.c: handle
 * atomic memslot update", kvm, 2022-09-09), with what its review found. Strategy one-swap-batch
 * is the same with one swap for all removals.
 */

#include <errno.h>

#include "models/memslots_parts.h"

#define LIST "kvm_vm_ioctl_set_memory_region_list"

/* kvm_swap_active_memslots is called for one address space after the other. */
static const struct step swap_spaces_steps[] = {
	DO(memslots_all_spaces, LIST),
	LABEL("space"),
	UNLESS(memslots_space_left, "out"),
	LOCK(slots_arch_lock, LIST),
	SWAP("kvm_swap_active_memslots"),
	DO(memslots_next_space, LIST),
	GOTO("space"),
	LABEL("out"),
};
static const struct flow swap_spaces =
	FLOW("as_to_swap", "one swap for each address space", swap_spaces_steps);

static const struct step region_list_steps[] = {
	ALLOCATE(memslots_list, memslots_copied_bytes, "out", LIST),
	TRY(memslots_kcalloc_batch, ENOMEM, "oops", LIST),
	SLOTS_LOCK(LIST),
	LABEL("first pass"),
	UNLESS(memslots_entry_left, "first pass is over"),
	TRY(memslots_slot_number, EINVAL, "left locked", LIST), /* of each entry, removal or not */
	UNLESS(memslots_entry_removes, "next"),
	LOCK(slots_arch_lock, "kvm_prepare_memslot"),
	TRY(memslots_change_matches, EINVAL, "self-deadlock", "kvm_prepare_memslot"),
	ALLOCATE(memslots_slot_objects, memslots_object_bytes, "failed", "kvm_prepare_memslot"),
	DO(memslots_slot_invalid, "kvm_prepare_memslot"),
	SPEND(KVM_SET_REGION, NULL, "kvm_invalidate_memslot"),
	UNLESS(memslots_one_swap_each, "edited"),
	SWAP("kvm_invalidate_memslot"),
	ZAP(memslots_per_slot_page),
	LOCK(slots_arch_lock, "kvm_invalidate_memslot"),
	LABEL("edited"),
	UNLOCK(slots_arch_lock, "kvm_prepare_memslot"),
	LABEL("next"),
	DO(memslots_next_entry, LIST),
	GOTO("first pass"),
	LABEL("first pass is over"),
	UNLESS(memslots_common_swap, "second pass"),
	CALL(swap_spaces, "kvm_invalidate_memslot"),
	ZAP(memslots_per_removed_page),
	LABEL("second pass"), /* edits the inactive set; whoever waits for slots_lock gets it */
	UNLOCK(slots_lock, LIST),
	DO(memslots_first_entry, LIST),
	LABEL("entry"),
	UNLESS(memslots_entry_left, "publish"),
	TRY(memslots_address_space, EINVAL, "no rollback", LIST), /* as_to_swap[] has no check */
	SLOTS_LOCK("kvm_set_memory_region"),
	LOCK(slots_arch_lock, "kvm_prepare_memslot"),
	UNLESS(memslots_entry_adds, "edit"), /* a removal has paid in the first pass */
	TRY(memslots_prepare_region, ENOMEM, "failed", "kvm_prepare_memory_region"),
	SPEND(KVM_SET_REGION, NULL, "kvm_prepare_memory_region"),
	LABEL("edit"),
	DO(memslots_edit_inactive, "kvm_set_memslot"),
	UNLOCK(slots_arch_lock, "kvm_set_memslot"),
	UNLOCK(slots_lock, "kvm_set_memory_region"),
	DO(memslots_next_entry, LIST),
	GOTO("entry"),
	LABEL("publish"),
	SLOTS_LOCK(LIST),
	DO(memslots_list_complete, LIST),
	CALL(swap_spaces, LIST),
	FREE(memslots_slot_objects, memslots_invalid_bytes, "kvm_finish_memslot"),
	UNLOCK(slots_lock, LIST),
	FREE(memslots_list, memslots_copied_bytes, LIST),
	GOTO("out"),
	LABEL("failed"),
	UNLOCK(slots_arch_lock, "kvm_prepare_memslot"),
	UNLOCK(slots_lock, LIST),
	GOTO("no rollback"),
	LABEL("left locked"), /* goto out4 without mutex_unlock: see memslots_left_locked */
	DO(memslots_leave_locked, LIST),
	UNLOCK(slots_lock, "nobody: a later user sleeps on it"),
	LABEL("no rollback"), /* the first pass stays: slots are invalid, objects are lost */
	DO(memslots_leak_slots, LIST),
	FREE(memslots_list, memslots_copied_bytes, LIST),
	GOTO("out"),
	LABEL("oops"), /* IS_ERR(NULL) is false: a NULL pointer is followed */
	DO(memslots_leak_list, LIST),
	DIE(LIST),
	GOTO("out"),
	LABEL("self-deadlock"), /* returns with slots_arch_lock held: the next entry takes it again */
	PAUSE("mutex_lock for ever", memslots_for_ever, "kvm_prepare_memslot"),
	UNLOCK(slots_arch_lock, "kvm_prepare_memslot"),
	UNLOCK(slots_lock, LIST),
	LABEL("out"),
};
const struct flow memslots_region_list =
	FLOW(LIST, "a list of changes, published together", region_list_steps);
