/*
 * Memory that an update plugs into the guest. Before the guest can use a page of it, it needs a
 * struct page for it, 64 bytes for 4 KiB, out of memory that it has already: what is plugged can
 * be too large for the guest that it is meant for (kata runtime issues 1244 and 2872).
 */

#include <errno.h>

#include "models/memslots_parts.h"

enum { STRUCT_PAGE = 64 };

/* Slots that nothing makes room for are new; which of these are memory: see key hotplug. */
static int64_t plugged_slots(const struct guest *guest)
{
	const struct parameters *parameters = parameters_of(guest);
	bool larger = parameters->slot_bytes > guest->config->memory_bytes;

	if (parameters->hotplug == PLUG_NONE || (parameters->hotplug == PLUG_LARGER && !larger))
		return 0;
	return parameters->creates - memslots_replaced(guest);
}

static uint64_t struct_pages(const struct guest *guest)
{
	return (uint64_t)plugged_slots(guest) * pages_4k(parameters_of(guest)->slot_bytes);
}

static uint64_t memmap_pages(const struct guest *guest)
{
	uint64_t page = (uint64_t)guest->config->page_bytes;

	return (struct_pages(guest) * STRUCT_PAGE + page - 1) / page;
}

/* Not in use by the guest: what was never touched, and what was plugged before. */
static int64_t free_bytes(const struct guest *guest)
{
	return guest->config->memory_bytes - (int64_t)resident_bytes.of(guest) +
	       state_of(guest)->online_bytes;
}

STATIC_CONDITION(plugs_memory, "memory is plugged", plugged_slots(guest) > 0);
STATIC_COUNT(memmap_bytes, "bytes of struct pages",
	     memmap_pages(guest) * (uint64_t)guest->config->page_bytes);
STATIC_COUNT(per_struct_page, "plugged pages of 4 KiB", struct_pages(guest));

STATIC_ERRNO(room_for_memmap, "struct pages",
	     parameters_of(guest)->memmap_on_memory
		     ? 0
		     : guest_short_of(guest, "memory of the guest for its struct pages", UNIT_BYTES,
				      (int64_t)memmap_bytes.of(guest), free_bytes(guest), ENOMEM));

/* They are touched at once, so that the host has them in use. */
STATIC_HOOK(memmap_there, "the memory map of what is plugged")
{
	state_of(guest)->online_bytes += plugged_slots(guest) * parameters_of(guest)->slot_bytes -
					 (int64_t)memmap_bytes.of(guest);
	return page_map_append(&guest->pages, memmap_pages(guest), PLAIN) ? 0 : ENOMEM;
}

static const struct step plug_steps[] = {
	UNLESS(plugs_memory, "out"),
	TRY(room_for_memmap, ENOMEM, NULL, "guest: vmemmap_alloc_block"),
	ALLOCATE(guest_memory, memmap_bytes, NULL, "kvm_tdp_page_fault"),
	DO(memmap_there, "guest: add_memory_resource"),
	USER(GUEST_ONLINE, &per_struct_page, "guest: memmap_init_range, online_pages"),
	LABEL("out"),
};
const struct flow memslots_plug =
	FLOW("add_memory", "the guest makes struct pages for it and puts it online", plug_steps);
