/* Counts, conditions and hooks of model memslots. */

#include <errno.h>
#include <math.h>
#include <string.h>

#include "models/memslots_parts.h"

/* --- counts --------------------------------------------------------------- */

uint64_t memslots_slot_pages(const struct guest *guest)
{
	int64_t page = guest->config->page_bytes;
	int64_t pages = (parameters_of(guest)->slot_bytes + page - 1) / page;

	return (uint64_t)llround((double)pages * guest->config->resident);
}

/*
 * struct kvm_memory_slot, about; struct kvm_userspace_memory_region_entry of the RFC; its struct
 * kvm_internal_memory_region_list; and KMALLOC_MAX_SIZE, beyond which kcalloc gives NULL.
 */
enum { SLOT_BYTES = 192, ENTRY_BYTES = 64, BATCH_BYTES = 32, KMALLOC_MAX = 4 << 20 };

COUNT(memslots_lock_and_unlock, "vCPUs, locked and unlocked", 2 * guest->config->vcpus);
/* Roots are zapped as one, whatever they map; otherwise each page of the slot is. */
static uint64_t zapped_pages(const struct guest *guest)
{
	return memslots_zaps_roots(guest) ? 0 : memslots_slot_pages(guest);
}

COUNT(memslots_per_slot_page, "mapped pages of the slot", zapped_pages(guest));
COUNT(memslots_per_removed_page, "mapped pages of all removed slots",
      (uint64_t)memslots_removals(guest) * zapped_pages(guest));
COUNT(memslots_per_root_zap, "zaps of all roots",
      parameters_of(guest)->zap == ZAP_SYNC && parameters_of(guest)->fast_zap);
COUNT(memslots_per_async_zap, "zaps by workers", parameters_of(guest)->zap == ZAP_ASYNC);
COUNT(memslots_per_async_zap_5_15, "zaps by workers of 5.15",
      parameters_of(guest)->zap == ZAP_ASYNC_5_15);
/* Whose vCPUs are all stopped, or who has none that runs. */
static bool is_idle(const struct guest *guest)
{
	int srcu = parameters_of(guest)->srcu;

	return srcu == SRCU_IDLES || (srcu == SRCU_BY_STATE && (design_of(guest) == INHIBIT ||
								design_of(guest) == KICK_ALL));
}

COUNT(memslots_per_running_grace, "grace periods beside a vCPU that runs", !is_idle(guest));
COUNT(memslots_per_idle_grace, "grace periods beside none", is_idle(guest));

COUNT(memslots_per_share, "pages of the vCPU's share", state_of(guest)->share);
COUNT(memslots_object_bytes, "bytes of a slot object", SLOT_BYTES);
COUNT(memslots_invalid_bytes, "bytes of the invalid slots", state_of(guest)->invalid *SLOT_BYTES);
COUNT(memslots_copied_bytes, "bytes of the copied list", memslots_entries(guest) * ENTRY_BYTES);
COUNT(memslots_notifier_hold, "ns of an invalidation in flight",
      parameters_of(guest)->notifier_hold_ns);
COUNT(memslots_boot_notifier_hold, "ns of an invalidation in flight, at each swap of the boot",
      slot_updates_graces(&parameters_of(guest)->updates) *
	      (uint64_t)parameters_of(guest)->notifier_hold_ns);
COUNT(memslots_reader_hold, "ns of the exit handler", parameters_of(guest)->reader_hold_ns);
COUNT(memslots_for_ever, "ns, more than any experiment lasts", (uint64_t)1 << 60);

/* --- conditions ----------------------------------------------------------- */

CONDITION(memslots_entry_left, "an entry is left",
	  state_of(guest)->entry < memslots_entries(guest));
CONDITION(memslots_entry_removes, "it is a DELETE or MOVE",
	  state_of(guest)->entry < memslots_removals(guest));
CONDITION(memslots_entry_adds, "it is a CREATE or FLAGS_ONLY",
	  state_of(guest)->entry >= memslots_removals(guest));
CONDITION(memslots_space_left, "an address space is left", state_of(guest)->space > 0);
CONDITION(memslots_concurrent_left, "another thread has an update to make",
	  state_of(guest)->concurrent > 0);
CONDITION(memslots_vcpu_left, "a vCPU with pages to touch is left", state_of(guest)->to_begin > 0);
CONDITION(memslots_half_edited, "the inactive set holds entries of a list",
	  state_of(guest)->edited > 0);
CONDITION(memslots_lock_left_locked, "an error path has left slots_lock locked",
	  state_of(guest)->slots_lock_locked);
CONDITION(memslots_boot_has_updates, "the boot has updates",
	  slot_updates_count(&parameters_of(guest)->updates) > 0);
CONDITION(memslots_reader_present, "an exit handler is in progress",
	  parameters_of(guest)->reader_hold_ns > 0);
CONDITION(memslots_notifier_present, "an invalidation is in flight",
	  parameters_of(guest)->notifier_hold_ns > 0);
/* Only the RFC's list swaps once for each removal. */
CONDITION(memslots_one_swap_each, "each removal has a swap of its own", design_of(guest) == BATCH);
CONDITION(memslots_common_swap, "all removals share a swap",
	  design_of(guest) == ONE_SWAP_BATCH && memslots_removals(guest) > 0);
CONDITION(memslots_kernel_kicks, "vCPUs are stopped by the kernel", design_of(guest) == KICK_ALL);

/* --- hooks: an update on its way ------------------------------------------- */

HOOK(memslots_begin_update, "the list of changes")
{
	struct slots_state *state = state_of(guest);

	state->entry = state->invalid = 0;
	if (design_of(guest) == BATCH || design_of(guest) == ONE_SWAP_BATCH)
		state->concurrent += parameters_of(guest)->concurrent;
	return 0;
}

EFFECT(memslots_first_entry, "first entry", state_of(guest)->entry = 0);

EFFECT(memslots_next_entry, "next entry", state_of(guest)->entry++);

EFFECT(memslots_all_spaces, "address spaces to swap",
       state_of(guest)->space = parameters_of(guest)->address_spaces);

HOOK(memslots_next_space, "next address space")
{
	NEEDS(state_of(guest)->space > 0);
	state_of(guest)->space--;
	return 0;
}

HOOK(memslots_next_concurrent, "next update of the other thread")
{
	NEEDS(state_of(guest)->concurrent > 0);
	state_of(guest)->concurrent--;
	return 0;
}

/* --- hooks: the two sets, and what a list leaves of them -------------------- */

/* These succeed unless a fault is switched on; each stands for a defect of the RFC. */
const struct hook memslots_slot_number = { "m_iter->slot", succeeds };
const struct hook memslots_address_space = { "m_iter->slot >> 16", succeeds };
const struct hook memslots_change_matches = { "b_iter->change", succeeds };
const struct hook memslots_prepare_region = { "kvm_prepare_memory_region", succeeds };

/* Nothing limits nent. */
ERRNO(memslots_kcalloc_batch, "kcalloc",
      guest_short_of(guest, "KMALLOC_MAX_SIZE", UNIT_BYTES,
		     (int64_t)(memslots_entries(guest) * BATCH_BYTES), KMALLOC_MAX, ENOMEM));

EFFECT(memslots_slot_invalid, "the slot has an invalid copy", state_of(guest)->invalid++);

EFFECT(memslots_edit_inactive, "the inactive set is edited", state_of(guest)->edited++);

EFFECT(memslots_list_complete, "the list is complete", state_of(guest)->edited = 0);

/* The entries are in one copy only: each later swap shows them or hides them. */
HOOK(memslots_half_published, "a swap publishes half a list")
{
	state_of(guest)->edited = 0;
	state_of(guest)->torn = true;
	return 0;
}

/* Nothing points any more to the slots that the invalid ones stand for. */
HOOK(memslots_leak_slots, "slot objects are leaked")
{
	struct slots_state *state = state_of(guest);

	guest->leaked_bytes += (int64_t)memslots_invalid_bytes.of(guest);
	state->slots_invalid = state->slots_invalid || state->invalid > 0;
	state->invalid = 0;
	return 0;
}

EFFECT(memslots_leak_list, "the copied list is leaked",
       guest->leaked_bytes += (int64_t)memslots_copied_bytes.of(guest));

EFFECT(memslots_leave_locked, "slots_lock stays locked", state_of(guest)->slots_lock_locked = true);

/* --- hooks: the guest's own accesses ----------------------------------------- */

HOOK(memslots_pages_to_touch, "slots that come back")
{
	const struct parameters *parameters = parameters_of(guest);
	struct slots_state *state = state_of(guest);
	uint64_t slots = (uint64_t)(memslots_replaced(guest) + parameters->moves);

	state->pages = slots * memslots_slot_pages(guest);
	if (memslots_zaps_roots(guest) && memslots_removals(guest))
		state->pages = guest_resident_pages(guest);
	state->pages = (uint64_t)llround(parameters->touched * (double)state->pages);
	state->to_begin = guest->config->vcpus;
	if (state->pages < (uint64_t)state->to_begin)
		state->to_begin = (int64_t)state->pages;
	state->to_take = state->to_begin;
	return 0;
}

HOOK(memslots_next_vcpu, "next vCPU")
{
	NEEDS(state_of(guest)->to_begin > 0);
	state_of(guest)->to_begin--;
	return 0;
}

HOOK(memslots_take_share, "an equal share of the pages")
{
	struct slots_state *state = state_of(guest);

	NEEDS(state->to_take > 0);
	state->share = state->pages / (uint64_t)state->to_take--;
	state->pages -= state->share;
	return 0;
}

/* --- hooks: the process ------------------------------------------------------- */

HOOK(memslots_start_process, "a new address space")
{
	memset(guest->state, 0, sizeof(struct slots_state));
	page_map_fill(&guest->pages, guest_resident_pages(guest), PLAIN);
	return 0;
}

ERRNO(memslots_end_generation, "the generation ends", guest_generation_dies(guest, 0) ? 0 : ENOMEM);

EFFECT(memslots_no_pages, "the address space is gone", page_map_fill(&guest->pages, 0, PLAIN));
