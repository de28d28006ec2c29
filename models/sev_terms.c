/* Parameters and prices of model sev. */

#include "models/sev_parts.h"

/* --- parameters ----------------------------------------------------------- */

#define OFFSET(member) offsetof(struct parameters, member)

static const struct field parameter_fields[] = {
	FILL_FIELDS(OFFSET(fill), "1"),
	PREZEROED_FIELD(OFFSET(fill)),
	{ "firmware", FIELD_BYTES, OFFSET(firmware_bytes), "\"4MiB\"", 4096, 0x1p32, NULL, NULL,
	  "what LAUNCH_UPDATE measures and encrypts, priced by 4 KiB; OVMF is built with 2 or 4 "
	  "MiB of flash. There is a command for each physically contiguous piece" },
	{ "es", FIELD_FLAG, OFFSET(es), "false", 0, 0, NULL, NULL,
	  "SEV-ES: the state of each vCPU is encrypted too (LAUNCH_UPDATE_VMSA)" },
	{ "reset_in_process", FIELD_FLAG, OFFSET(reset_in_process), "false", 0, 0, NULL, NULL,
	  "at a reboot of a SEV-ES guest QEMU closes the VM, makes a new one over the "
	  "same memory and launches it again (QEMU 11.0); false: a new process. Plain SEV is reset "
	  "in place either way" },
	ASIDS_FIELD(OFFSET(asids)),
	{ "longterm", FIELD_FLAG, OFFSET(longterm), "false", 0, 0, NULL, NULL,
	  "pin with FOLL_LONGTERM, so that pages in CMA and ZONE_MOVABLE are migrated first: "
	  "upfront as Linux since 2025, demand as January's design would have to; there the fault "
	  "holds a reference already, the migration must fail, and the guest dies with its first "
	  "movable page" },
	{ "movable", FIELD_RATIO, OFFSET(movable), "0", 0, 1, NULL, NULL,
	  "share of the guest's pages that lie in CMA or ZONE_MOVABLE when they are pinned" },
	{ "extra_reference", FIELD_RATIO, OFFSET(extra_reference), "0", 0, 1, NULL, NULL,
	  "probability that the migration of one such page of 4 KiB meets another reference "
	  "(O_DIRECT, vhost) and fails, and with it the pinning" },
	{ "repinned", FIELD_RATIO, OFFSET(repinned), "0", 0, 1, NULL, NULL,
	  "share of the pages touched on demand that fault again with another pfn: the old page is "
	  "put, the new one pinned (what brought it there is not priced)" },
	{ "slot_limit", FIELD_FLAG, OFFSET(slot_limit), "false", 0, 0, NULL, NULL,
	  "kvmalloc refuses more than INT_MAX bytes: with the metadata of the proposals a memslot "
	  "of 1 TiB or more fails with ENOMEM" },
	{ "flush_used_cpus", FIELD_FLAG, OFFSET(flush_used_cpus), "false", 0, 0, NULL, NULL,
	  "Linux 6.17: no superfluous cache flush at destroy, and only on CPUs that ran the "
	  "guest" },
	BOOT_TOUCH_FIELD(OFFSET(boot_touch.bytes), "firmware and kernel touch while they boot"),
	BOOT_TOUCH_RATIO_FIELD(OFFSET(boot_touch.ratio)),
	WORKLOAD_RATE_FIELD(OFFSET(workload_rate), ""),
	SLOT_UPDATE_FIELDS(OFFSET(updates), "43", "43"),
	DEVICE_FIELDS(OFFSET(devices)),
	{ .key = NULL },
};

const struct record sev_parameter_record =
	PARAMETER_RECORD("sev guest", "Parameters of a SEV guest.");

/* --- cost terms ----------------------------------------------------------- */

#define PIN_4K_SEEN                                                                                \
	"; elsewhere: 67 ns with the IOMMU's table (Li Zhe, vfio/type1, v6.16-rc4); 76 ns EPYC "   \
	"7J13, 152 ns Xeon 8167M (D. Jordan, vfio/type1, 2022-01-05); 120 to 128 ns io_uring in "  \
	"a VM (measured); 219 ns page by page on Broadwell (D. Jordan, vfio batch pinning, 2021)"
#define GUP_TEST    "Li Zhe, mm/gup longterm series, 2025 (gup_test, v6.15)"
#define START_TABLE "N. A. Dadhania, RFC v1 0/9, 2022-03-08, table of guest boot times"

const struct term sev_terms[TERM_COUNT] = {
	[GUEST_STOP] = GUEST_STOP_TERM(" until the reset"),
	[GUEST_BOOT] = { "guest.boot", TERM_PER_CALL, 5160e6, 0.02, 90e6, 20e9, TERM_DERIVED,
			 START_TABLE ": the part that does not depend on memory, through demand 16 "
				     "and 192 GiB, less the steps modelled apart; 3.7 s of "
				     "SEV-SNP with OVMF, 0.17 s of a micro-VM (SEVeriFast, ASPLOS "
				     "2024); 5.9 s of SEV-SNP with OVMF, 3.5 s of them OVMF's (TUM "
				     "CVM_eval, README)" },
	[GUEST_MEMMAP] = { "guest.memmap", TERM_PER_MIB, 3200, 0.05, 0, 16e3, TERM_DERIVED,
			   START_TABLE
			   ": growth of demand from 16 to 192 GiB (5.06 ms per GiB) "
			   "less faults and metadata modelled apart; 256 struct pages at "
			   "17 to 60 ns: 254 GiB of a node in 1140 ms, 14 GiB in 216 ms "
			   "(M. Gorman, Parallel struct page initialisation v4, April "
			   "2015)" },
	[QEMU_START] = { "qemu.start", QEMU_START_FIGURES(94e6), TERM_PUBLISHED,
			 "94 ms: TUM CVM_eval, README, QEMU with SNP" QEMU_START_SEEN },
	[QEMU_PAUSE] = QEMU_PAUSE_TERM,
	[QEMU_THREAD_START] = QEMU_THREAD_START_TERM,
	[MM_FAULT] = MM_FAULT_TERM("trap, allocation and mapping without zeroing, any size; "),
	MM_ZERO_TERMS_MILAN,
	[MM_PIN_4K] = { "mm.pin_4k", TERM_PER_PAGE, 62, 0.1, 40, 400, TERM_PUBLISHED,
			"130538 us for 8 GiB, less faults; " GUP_TEST PIN_4K_SEEN },
	[MM_PIN_2M] = { "mm.pin_2m", TERM_PER_PAGE, 5740, 0.1, 1.1e3, 12e3, TERM_DERIVED,
			"47 ms for 16 GiB of resident THP (Li Zhe, vfio/type1, v6.16-rc4), with "
			"the page pointers; elsewhere: gup_test on hugetlb 3.5 us, 1.2 us with "
			"that series; 4 us EPYC 7J13, 9.7 us Xeon 8167M (D. Jordan, vfio/type1, "
			"2022-01-05); 2.8 to 3.4 us io_uring in a VM (measured)" },
	[MM_PIN_1G] = { "mm.pin_1g", TERM_PER_PAGE, 1.8e6, 0.1, 0.55e6, 8e6, TERM_ASSUMED,
			"as 512 pages of 2 MiB of hugetlb; " GUP_TEST
			"; 8 ms before, 1.9 ms after compound pages for dax (J. Martins, "
			"device-dax: compound pages, 126 GiB)" },
	[MM_GET_PAGE] = { "mm.get_page", TERM_PER_PAGE, 5, 0.2, 2, 20, TERM_ASSUMED,
			  "one atomic increment for each 4 KiB; " OWN_GUESS },
	[MM_MIGRATE] = { "mm.migrate_page", TERM_PER_PAGE, 2e3, 0.2, 1e3, 10e3, TERM_ASSUMED,
			 "copy and remap of 4 KiB out of CMA or ZONE_MOVABLE; " OWN_GUESS },
	[MM_UNPIN_4K] = { "mm.unpin_4k", TERM_PER_PAGE, 144, 0.1, 57, 375, TERM_DERIVED,
			  "15 ns to unpin (" GUP_TEST ") and 129 ns to free (" LU FREE_4K_SEEN
			  ")" },
	[MM_UNPIN_2M] = { "mm.unpin_2m", TERM_PER_PAGE, 5.35e3, 0.1, 1.3e3, 37e3, TERM_DERIVED,
			  "10858 us for 8 GiB (" GUP_TEST ") and the release of one huge page, "
			  "2.7 us (" FREE_2M_SOURCE "); 5.5 and 16.5 us with the IOMMU's table, "
			  "by series (Li Zhe, vfio/type1, v6.16-rc4)" },
	[MM_UNPIN_1G] = { "mm.unpin_1g", TERM_PER_PAGE, 1.4e6, 0.1, 16e3, 8.7e6, TERM_ASSUMED,
			  "as 512 pages of 2 MiB; " GUP_TEST "; low: by folios, as mm.put_2m" },
	[MM_UNMAP_4K] = { "mm.unmap_4k", TERM_PER_PAGE, 30, 0.1, 10, 80, TERM_ASSUMED,
			  "clear one entry and drop the mapping's reference; " OWN_GUESS },
	[MM_UNMAP_HUGE] = { "mm.unmap_huge", TERM_PER_PAGE, 500, 0.1, 100, 2e3, TERM_ASSUMED,
			    "the same for a huge page; " OWN_GUESS },
	[KVM_SET_REGION] = SLOT_UPDATE_TERM,
	[SRCU_GRACE] = SLOT_GRACE_TERM,
	[KVM_PAGE_ARRAY] = { "kvm.page_array", TERM_PER_MIB, 170, 0.1, 55, 1.5e3, TERM_DERIVED,
			     "8 bytes for each 4 KiB from vmalloc, zeroed at 12.24 "
			     "GB/s; " ARORA_MILAN "; low and high: as memory is cleared" },
	[KVM_METADATA] = { "kvm.pin_metadata", TERM_PER_MIB, 350, 0.1, 110, 3e3, TERM_DERIVED,
			   "16 bytes for each 4 KiB (pfns[] and a bitmap sized in bytes: RFC "
			   "patches 2/6 and 4/9), zeroed at 12.24 GB/s; low and high: as memory is "
			   "cleared" },
	[KVM_PIN_MUTEX] = { "kvm.slots_arch_lock", TERM_PER_PAGE, 1e3, 0.2, 300, 3e3, TERM_ASSUMED,
			    "slots_arch_lock held to pin and record one mapping; " OWN_GUESS },
	[KVM_SCAN_BITMAP] = { "kvm.scan_pinned", TERM_PER_MIB, 100, 0.1, 50, 500, TERM_ASSUMED,
			      "test 256 bits of the pinned bitmap; " OWN_GUESS },
	[KVM_ZAP] = { "kvm.zap_spte", TERM_PER_PAGE, 20, 0.1, 5, 100, TERM_ASSUMED,
		      "one leaf of the nested page table; " OWN_GUESS },
	[KVM_DESTROY] = { "kvm.destroy_vcpu", TERM_PER_CALL, 100e3, 0.1, 20e3, 1e6, TERM_ASSUMED,
			  OWN_GUESS },
	[CPU_CLFLUSH] = CLFLUSH_TERM,
	[CPU_WBINVD] = WBINVD_TERM,
	[KERNEL_EXIT] = KERNEL_EXIT_TERM,
	[PSP_LAUNCH_START] = PSP_LAUNCH_START_TERM,
	[PSP_ACTIVATE] = PSP_ACTIVATE_TERM,
	[PSP_UPDATE_SEV] = { "psp.launch_update_data", TERM_PER_PAGE, 480e3, 0.02, 100e3, 1e6,
			     TERM_DERIVED,
			     "4 KiB of data: 4.694 s for 39.8 MB (enarx pull request 246, 2020). "
			     "KVM "
			     "sends physically contiguous pages in one command "
			     "(get_num_contig_pages); "
			     "time follows the bytes: 4 KiB to 32 MiB of SEV-SNP take 1.0 ms a "
			     "page "
			     "and 0.6 ms (SEVeriFast, ASPLOS 2024)" },
	[PSP_UPDATE_VMSA] = { "psp.launch_update_vmsa", TERM_PER_CALL, 500e3, 0.1, 100e3, 2e6,
			      TERM_ASSUMED, "as one page of LAUNCH_UPDATE_DATA" },
	[PSP_MEASURE] = { "psp.launch_measure", TERM_PER_CALL, 460e3, 0.05, 100e3, 2e6,
			  TERM_PUBLISHED, "ioctl trace in enarx pull request 246, 2020" },
	[PSP_FINISH] = PSP_FINISH_TERM,
	[PSP_DF_FLUSH] = PSP_DF_FLUSH_TERM,
	[PSP_DEACTIVATE] = PSP_DEACTIVATE_TERM,
	[PSP_DECOMMISSION] = PSP_DECOMMISSION_TERM,
	[QEMU_RESET] = QEMU_DEVICE_RESET_TERM(""),
	[MM_PUT_4K] = { "mm.put_4k", TERM_PER_PAGE, 15, 0.1, 7, 75, TERM_PUBLISHED,
			"31676 us for 8 GiB, the pages stay; " GUP_TEST
			"; 27 to 45 ns io_uring in a VM (measured); high: 74 ns with unmap and "
			"free in VFIO" },
	[MM_PUT_2M] = { "mm.put_2m", TERM_PER_PAGE, 2650, 0.1, 30, 17e3, TERM_PUBLISHED,
			"10858 us for 8 GiB of hugetlb, the pages stay; " GUP_TEST
			"; low: 30 to 60 ns by folios, io_uring on Linux 6.18 in a VM (measured); "
			"high: 16.5 us of THP in VFIO (Li Zhe, vfio/type1, v6.16-rc4)" },
	[MM_PUT_1G] = { "mm.put_1g", TERM_PER_PAGE, 1.36e6, 0.1, 15e3, 8.7e6, TERM_ASSUMED,
			"as 512 pages of 2 MiB; " GUP_TEST "; low: by folios, as mm.put_2m" },
	FILL_TERMS(TERM_DERIVED, ""),
	MEMMAP_SHARED_TERM(TERM_PUBLISHED, ""),
	[QEMU_PAUSE_WAIT] = QEMU_PAUSE_WAIT_TERM,
	DEVICE_TERMS(TERM_PUBLISHED, TERM_DERIVED, ""),
};
