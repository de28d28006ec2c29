/*
 * Flows of devices, for one file of a model to include: devices_attach (a start, when the memory
 * is mapped), devices_boot (in each boot), devices_reset (a reset of the VM), devices_detach (the
 * process ends, before its memory is freed; right in any state). The file says before:
 *
 *   devices_state_of(guest)   its struct devices_state
 *   DEVICES_DMA_BYTES         how much memory devices reach: an expression of `guest`
 *   DEVICES_RANGE             pages of the living process, or NULL: all that devices reach is there
 *   DEVICES_FAULT             what is to pay for a page that no one has touched: its prices, state
 *   DEVICES_OTHERS            acts of the other page states
 */

#include <errno.h>

static inline const struct devices *devices_of(const struct guest *guest)
{
	return &parameters_of(guest)->devices;
}

/* --- counts, conditions, hooks -------------------------------------------- */

STATIC_COUNT(devices_functions, "PCI functions", devices_function_count(devices_of(guest), false));
STATIC_COUNT(devices_passed, "functions that are passed through",
	     devices_function_count(devices_of(guest), true));
STATIC_COUNT(devices_open, "functions that are open", devices_state_of(guest)->functions);
STATIC_COUNT(devices_flr, "functions that know FLR",
	     devices_state_of(guest)->functions ? devices_resets(devices_of(guest), DEVICE_FLR)
						: 0);
STATIC_COUNT(devices_buses, "buses",
	     devices_state_of(guest)->functions
		     ? devices_resets(devices_of(guest), DEVICE_BUS_RESET)
		     : 0);
STATIC_COUNT(devices_view_parts, "transactions x views x functions",
	     devices_views(devices_of(guest)));
STATIC_COUNT(devices_bar_4k, "pages of BARs", devices_bar_pages(devices_of(guest)));
STATIC_COUNT(devices_bar_huge, "huge mappings of BARs", devices_bar_steps(devices_of(guest)));
STATIC_COUNT(devices_to_pin, "pages to pin",
	     devices_pages_allowed(guest, devices_of(guest), devices_state_of(guest),
				   DEVICES_DMA_BYTES));
STATIC_COUNT(devices_mapped, "pages of an address space", devices_pages(guest, DEVICES_DMA_BYTES));
STATIC_COUNT(devices_pinned, "pages that were pinned", devices_state_of(guest)->pinned);
STATIC_COUNT(devices_tables, "bytes of IOMMU tables",
	     devices_table_bytes(guest, DEVICES_DMA_BYTES));
static uint64_t devices_tables_running(const struct guest *guest)
{
	return devices_spaces(devices_of(guest)) * devices_tables.of(guest);
}
/* Tables of the IOMMU that map guest memory. */
static const struct memory_kind devices_iommu_tables = { "IOMMU tables", devices_tables_running };

STATIC_COUNT(devices_table_regions, "regions x backends",
	     devices_regions(guest) * devices_count(devices_of(guest), DEVICE_VHOST_USER));
STATIC_COUNT(devices_backend_pages, "pages x backends",
	     devices_count(devices_of(guest), DEVICE_VHOST_USER) * guest_resident_pages(guest));

STATIC_RATIO(devices_4k, "4 KiB of a page", (double)guest->config->page_bytes / PAGE_BYTES);
STATIC_RATIO(devices_syncs, "a sync for each 512", 1.0 / 512);

STATIC_CONDITION(devices_any, "the guest has such devices", devices_of(guest)->list.count > 0);
STATIC_CONDITION(devices_some_pass, "some are passed through", devices_pass(devices_of(guest)));
STATIC_CONDITION(devices_are_there, "some are open or mapped",
		 devices_state_of(guest)->functions + devices_state_of(guest)->spaces > 0);
STATIC_CONDITION(devices_space_left, "an address space is to be mapped",
		 devices_state_of(guest)->spaces < devices_spaces(devices_of(guest)));
STATIC_CONDITION(devices_next_type1, "it is a container of type 1",
		 devices_state_of(guest)->spaces < devices_spaces_type1(devices_of(guest)));
STATIC_CONDITION(devices_space_mapped, "an address space is mapped",
		 devices_state_of(guest)->spaces > 0);
STATIC_CONDITION(devices_last_type1, "it is one of type 1",
		 devices_state_of(guest)->spaces <= devices_spaces_type1(devices_of(guest)));
STATIC_CONDITION(devices_bars_mapped, "BARs are mapped for DMA",
		 devices_bar_pages(devices_of(guest)) > 0);
STATIC_CONDITION(devices_huge_pfnmap, "by the sizes of their mappings",
		 devices_of(guest)->huge_pfnmap);
STATIC_CONDITION(devices_backends, "there are vhost-user backends",
		 devices_count(devices_of(guest), DEVICE_VHOST_USER) > 0);
STATIC_CONDITION(devices_single, "page by page", !devices_of(guest)->batched);
STATIC_CONDITION(devices_count_4k, "each 4 KiB is counted",
		 backed_huge.holds(guest) && !devices_of(guest)->by_folio);
STATIC_CONDITION(devices_put_4k, "each 4 KiB is unpinned",
		 backed_4k.holds(guest) || !devices_of(guest)->by_folio);
STATIC_CONDITION(devices_put_folio, "a huge page is unpinned",
		 backed_huge.holds(guest) && devices_of(guest)->by_folio);

STATIC_EFFECT(devices_opened, "the functions are open",
	      devices_state_of(guest)->functions = devices_passed.of(guest));
STATIC_EFFECT(devices_closed, "the functions are closed", devices_state_of(guest)->functions = 0);
STATIC_EFFECT(devices_begin_space, "nothing is pinned yet", guest->calls_made = 0;
	      devices_state_of(guest)->pinned = 0);
STATIC_EFFECT(devices_space_done, "one more address space", devices_state_of(guest)->spaces++);
STATIC_EFFECT(devices_some_pinned, "what was pinned until it failed",
	      devices_state_of(guest)->pinned = guest->calls_made);
STATIC_EFFECT(devices_none_pinned, "it is unpinned", devices_state_of(guest)->pinned = 0);
STATIC_HOOK(devices_space_undone, "one address space less")
{
	NEEDS(devices_state_of(guest)->spaces > 0);
	devices_state_of(guest)->spaces--;
	return 0;
}
STATIC_ERRNO(devices_memlock_holds, "vfio_lock_acct",
	     devices_lock_acct(guest, devices_of(guest), devices_state_of(guest),
			       DEVICES_DMA_BYTES));

/* --- page loops ----------------------------------------------------------- */

#ifdef DEVICES_RANGE
static const struct page_acts devices_fault_acts = { { DEVICES_FAULT, DEVICES_OTHERS } };
/* What a device may write to must be there. */
static const struct page_loop devices_fault_in = {
	.name = "fault in what is to be pinned",
	.range = DEVICES_RANGE,
	.count = &devices_to_pin,
	.interruptible = true,
	.yields = true,
	.acts = &devices_fault_acts,
};
/* A backend maps the file of the memory, and with it what no one has touched. */
static const struct page_loop devices_backend_faults = {
	.name = "fault in what the backend maps",
	.range = DEVICES_RANGE,
	.interruptible = true,
	.yields = true,
	.acts = &devices_fault_acts,
};
#define DEVICES_FAULT_IN(label_, where_) PAGES(devices_fault_in, label_, where_),
#define DEVICES_BACKEND_FAULTS           PAGES(devices_backend_faults, "out", "backend: mmap"),
#else
#define DEVICES_FAULT_IN(label_, where_)
#define DEVICES_BACKEND_FAULTS
#endif

static const struct page_call devices_pin_calls[] = {
	{ .name = "pin_user_pages_remote", .error = EFAULT }, { 0 }
};
static const struct page_acts devices_pin_acts = { {
	[PAGE_NONE] = { { PRICE_BY_BACKING(VFIO_PIN),
			  PRICE_WHEN_TIMES(VFIO_COUNT_4K, devices_count_4k, devices_4k),
			  PRICE_WHEN_TIMES(VFIO_PIN_SINGLE, devices_single, devices_4k),
			  PRICE_BY_BACKING(IOMMU_MAP) },
			PAGE_NONE,
			false },
} };
static const struct page_loop devices_pin = {
	.name = "pin and map",
	.count = &devices_to_pin,
	.interruptible = true,
	.yields = true,
	.calls = devices_pin_calls,
	.acts = &devices_pin_acts,
};

/* iommufd takes pages in batches and counts each, whatever its folio. */
static const struct page_call devices_ioas_calls[] = {
	{ .name = "pin_user_pages_fast", .error = EFAULT }, { 0 }
};
static const struct page_acts devices_ioas_acts = { {
	[PAGE_NONE] = { { PRICE_BY_BACKING(VFIO_PIN),
			  PRICE_WHEN_TIMES(VFIO_COUNT_4K, backed_huge, devices_4k),
			  PRICE_BY_BACKING(IOMMU_MAP) },
			PAGE_NONE,
			false },
} };
static const struct page_loop devices_ioas_pin = {
	.name = "pin and map for the IOAS",
	.count = &devices_to_pin,
	.interruptible = true,
	.yields = true,
	.calls = devices_ioas_calls,
	.acts = &devices_ioas_acts,
};

#define DEVICES_UNMAP PRICE_BY_BACKING(IOMMU_UNMAP), PRICE_TIMES(IOMMU_IOTLB_SYNC, devices_syncs)
static const struct page_acts devices_unmap_acts = { {
	[PAGE_NONE] = { { DEVICES_UNMAP, PRICE_WHEN_TIMES(VFIO_PUT_4K, devices_put_4k, devices_4k),
			  PRICE_WHEN(VFIO_PUT_FOLIO, devices_put_folio) },
			PAGE_NONE,
			false },
} };
static const struct page_loop devices_unmap = {
	.name = "unmap and unpin",
	.count = &devices_mapped,
	.yields = true,
	.acts = &devices_unmap_acts,
};
static const struct page_loop devices_unmap_pinned = {
	.name = "unmap and unpin what there is",
	.count = &devices_pinned,
	.yields = true,
	.acts = &devices_unmap_acts,
};
/* unpin_user_page_range_dirty_lock looks at folios. */
static const struct page_acts devices_ioas_unmap_acts = { {
	[PAGE_NONE] = { { DEVICES_UNMAP, PRICE_WHEN(VFIO_PUT_4K, backed_4k),
			  PRICE_WHEN(VFIO_PUT_FOLIO, backed_huge) },
			PAGE_NONE,
			false },
} };
static const struct page_loop devices_ioas_unmap = {
	.name = "unmap and unpin an IOAS",
	.count = &devices_mapped,
	.yields = true,
	.acts = &devices_ioas_unmap_acts,
};
static const struct page_loop devices_ioas_unmap_pinned = {
	.name = "unmap and unpin what there is of an IOAS",
	.count = &devices_pinned,
	.yields = true,
	.acts = &devices_ioas_unmap_acts,
};

static const struct page_acts devices_backend_acts = { {
	[PAGE_NONE] = { { PRICE_BY_BACKING(VHOST_MAP) }, PAGE_NONE, false },
} };
static const struct page_loop devices_backend_map = {
	.name = "backends map the memory",
	.count = &devices_backend_pages,
	.interruptible = true,
	.yields = true,
	.acts = &devices_backend_acts,
};

/* --- flows ---------------------------------------------------------------- */

/* One device after the other; no signal ends the wait. */
static const struct step devices_reset_steps[] = {
	UNLESS(devices_are_there, "out"),
	STEP(SLEEP, .term = PCI_FLR, .count = &devices_flr, .where = "pcie_flr: msleep"),
	STEP(SLEEP, .term = PCI_BUS_RESET, .count = &devices_buses,
	     .where = "pci_reset_secondary_bus: msleep"),
	LABEL("out"),
};
static const struct flow devices_reset =
	FLOW("pci_reset_function", "passed devices are reset", devices_reset_steps);

/* All of the address space or nothing. */
#define DEVICES_MAP(pin_, unmap_, map_, fault_, pin_where_, account_, undo_)                       \
	ALLOCATE(devices_iommu_tables, devices_tables, "out", map_),                               \
		DO(devices_begin_space, map_),                                                     \
		DEVICES_FAULT_IN("tables", fault_) PAGES(pin_, "undo", pin_where_),                \
		TRY(devices_memlock_holds, ENOMEM, "undo", account_),                              \
		DO(devices_space_done, map_), GOTO("out"), LABEL("undo"),                          \
		DO(devices_some_pinned, undo_), PAGES(unmap_, NULL, undo_),                        \
		DO(devices_none_pinned, undo_), LABEL("tables"),                                   \
		FREE(devices_iommu_tables, devices_tables, undo_), LABEL("out")

static const struct step devices_map_steps[] = {
	DEVICES_MAP(devices_pin, devices_unmap_pinned, "vfio_dma_do_map",
		    "vfio_pin_pages_remote: handle_mm_fault", "vfio_pin_map_dma: iommu_map",
		    "vfio_pin_pages_remote", "vfio_remove_dma: vfio_unmap_unpin"),
};
static const struct flow devices_map =
	FLOW("VFIO_IOMMU_MAP_DMA", "pin all that devices reach, and map it", devices_map_steps);

static const struct step devices_ioas_map_steps[] = {
	DEVICES_MAP(devices_ioas_pin, devices_ioas_unmap_pinned, "iommufd_ioas_map",
		    "pfn_reader_user_pin: handle_mm_fault", "iopt_map_pages: batch_to_domain",
		    "iopt_pages_update_pinned", "iopt_area_unfill_domains"),
};
static const struct flow devices_ioas_map =
	FLOW("IOMMU_IOAS_MAP", "the same by iommufd", devices_ioas_map_steps);

static const struct step devices_backend_steps[] = {
	USER(VHOST_SET_REGION, &devices_table_regions, "qemu: vhost_user_set_mem_table"),
	DEVICES_BACKEND_FAULTS PAGES(devices_backend_map, "out",
				     "backend: mmap: populate_vma_page_range"),
	LABEL("out"),
};
static const struct flow devices_backend =
	FLOW("VHOST_USER_SET_MEM_TABLE", "backends map the memory, region by region",
	     devices_backend_steps);

static const struct step devices_attach_steps[] = {
	UNLESS(devices_any, "out"),
	USER(QEMU_DEVICE, &devices_functions, "qemu: qdev_realize"),
	UNLESS(devices_some_pass, "backends"),
	DO(devices_opened, "vfio_pci_core_enable"),
	SPEND_YIELDING(VFIO_SETUP, &devices_passed, "vfio_pci_core_enable"),
	CALL(devices_reset, "vfio_pci_core_enable"),
	LABEL("space"),
	UNLESS(devices_space_left, "mapped"),
	UNLESS(devices_next_type1, "iommufd"),
	CALL_OR(devices_map, "out", "qemu: vfio_listener_region_add"),
	GOTO("space"),
	LABEL("iommufd"),
	CALL_OR(devices_ioas_map, "out", "qemu: vfio_listener_region_add"),
	GOTO("space"),
	LABEL("mapped"),
	CALL(devices_reset, "qemu: vfio_pci_reset"),
	LABEL("backends"),
	UNLESS(devices_backends, "out"),
	CALL_OR(devices_backend, "out", "qemu: vhost_user_set_mem_table"),
	LABEL("out"),
};
static const struct flow devices_attach =
	FLOW("devices", "QEMU makes the guest's devices", devices_attach_steps);

/* Firmware and kernel move BARs about; each move is a memory transaction of QEMU. */
static const struct step devices_boot_steps[] = {
	UNLESS(devices_any, "out"),
	USER(QEMU_FLAT_VIEW, &devices_view_parts,
	     "qemu: memory_region_transaction_commit: generate_memory_topology"),
	USER(GUEST_FUNCTION, &devices_functions, "guest: pci_setup_device"),
	UNLESS(devices_bars_mapped, "out"),
	UNLESS(devices_huge_pfnmap, "page by page"),
	SPEND_YIELDING(VFIO_PFNMAP_HUGE, &devices_bar_huge,
		       "vfio_pin_pages_remote: follow_pfnmap_start"),
	GOTO("out"),
	LABEL("page by page"),
	SPEND_YIELDING(VFIO_PFNMAP_4K, &devices_bar_4k, "vfio_pin_pages_remote: follow_fault_pfn"),
	LABEL("out"),
};
static const struct flow devices_boot =
	FLOW("PCI", "the guest finds its devices", devices_boot_steps);

static const struct step devices_detach_steps[] = {
	UNLESS(devices_are_there, "out"),
	CALL(devices_reset, "vfio_pci_core_disable"),
	SPEND_YIELDING(VFIO_SETUP, &devices_open, "vfio_pci_core_disable"),
	DO(devices_closed, "vfio_pci_core_disable"),
	LABEL("space"),
	UNLESS(devices_space_mapped, "out"),
	UNLESS(devices_last_type1, "iommufd"),
	PAGES(devices_unmap, NULL, "vfio_iommu_unmap_unpin_all: vfio_unmap_unpin"),
	GOTO("unmapped"),
	LABEL("iommufd"),
	PAGES(devices_ioas_unmap, NULL, "iopt_area_unfill_domains: batch_unpin"),
	LABEL("unmapped"),
	FREE(devices_iommu_tables, devices_tables, "iommu_domain_free"),
	DO(devices_space_undone, "iommu_domain_free"),
	GOTO("space"),
	LABEL("out"),
};
static const struct flow devices_detach =
	FLOW("vfio_device_fops_release", "reset, unmap, unpin", devices_detach_steps);
