/*
 * Which functions of the kernel tell which prices.
 *
 * Where two functions tell the same price the nearer one stands first. Functions that compilers
 * put into their callers are not here: zap_pte_range and clear_page, the Ultravisor's calls
 * (uv_call), RMI and TDX calls of older kernels. Names of mm and of KVM on x86 stand in
 * /proc/kallsyms of Linux 6.18; those of s390, arm64, SEV and TDX in the sources of arch/ and
 * drivers/crypto/ccp/sev-dev.c. Numbers of PSP commands: include/linux/psp-sev.h.
 */

#include "flow/term.h"

/* Arguments of a row behind the function and the term. */
#define CALL .amount = AMOUNT_CALL
#define BYTES(arguments_, probe_)                                                                  \
	.amount = AMOUNT_BYTES, .arguments = (arguments_), .probe = (probe_)
#define PAGES(arguments_, probe_)                                                                  \
	.amount = AMOUNT_PAGES, .arguments = (arguments_), .probe = (probe_)
#define ONLY(which_, value_) .which = (which_), .value = (value_)

/* A function whose price is one of a page, by its size; of 4 KiB it has another name, too. */
#define SIZES(function_, term_, also_, ...)                                                        \
	{ (function_), term_ "_4k", (also_), __VA_ARGS__ },                                        \
		{ (function_), term_ "_2m", NULL, __VA_ARGS__ },                                   \
	{                                                                                          \
		(function_), term_ "_1g", NULL, __VA_ARGS__                                        \
	}
#define BY_SIZE(function_, term_, ...) SIZES(function_, term_, NULL, __VA_ARGS__)
#define FREES(function_, ...)          SIZES(function_, "mm.free", "mm.free_page", __VA_ARGS__)

#define PSP(command_, term_)                                                                       \
	{                                                                                          \
		"__sev_do_cmd_locked", (term_), NULL, "x86_64", CALL, .probe = "arg0",             \
								      ONLY("cmd", command_)        \
	}

const struct term_function term_function_table[] = {
	/* memory of any guest */
	FREES("unmap_page_range", NULL, BYTES("end - addr", "arg3 - arg2"),
	      .note = "pages of the range must be present; without the page tables"),
	FREES("zap_page_range_single", NULL, BYTES("size", "arg2"),
	      .note = "MADV_DONTNEED; pages of the range must be present"),
	FREES("munmap()", NULL, BYTES("len", "args->len"),
	      .note = "pages of the range must be present; the system call is the fixed part"),
	FREES("madvise()", NULL, BYTES("len_in", "args->len_in"), ONLY("behavior", "MADV_DONTNEED"),
	      .note = "pages of the range must be present; the system call is the fixed part"),
	FREES("exit_mmap", NULL, BYTES(NULL, NULL),
	      .note = "all memory of a process: say its resident size by --per"),
	{ "folio_zero_user", "mm.zero_2m", NULL, NULL, CALL,
	  .note = "clear_huge_page before Linux 6.11" },
	{ "folio_zero_user", "mm.zero_1g", NULL, NULL, CALL,
	  .note = "clear_huge_page before Linux 6.11" },
	{ "clear_huge_page", "mm.zero_2m", NULL, NULL, CALL,
	  .note = "folio_zero_user since Linux 6.11" },
	{ "clear_huge_page", "mm.zero_1g", NULL, NULL, CALL,
	  .note = "folio_zero_user since Linux 6.11" },
	{ "faultin_page_range", "mm.populate", NULL, NULL, BYTES("end - start", "arg2 - arg1"),
	  .less = "mm.zero_4k", .note = "MADV_POPULATE_WRITE; faultin_vma_page_range before 6.9" },
	{ "populate_vma_page_range", "mm.populate", NULL, NULL, BYTES("end - start", "arg2 - arg1"),
	  .less = "mm.zero_4k", .note = "MAP_POPULATE, mlock" },
	{ "madvise()", "mm.populate", NULL, NULL, BYTES("len_in", "args->len_in"),
	  ONLY("behavior", "MADV_POPULATE_WRITE"), .less = "mm.zero_4k" },
	{ "handle_mm_fault", "mm.fault", NULL, NULL, CALL, .less = "mm.zero_4k",
	  .note = "a probe costs as much as the fault: sample, do not trace all; without the "
		  "trap" },
	{ "handle_userfault", "uffd.fault", NULL, NULL, CALL,
	  .note = "with the time that the handler takes" },
	{ "flush_tlb_mm_range", "mm.shootdown", NULL, "x86_64", CALL },
	BY_SIZE("vfio_pin_pages_remote", "vfio.pin", NULL, PAGES("npage", "arg2"),
		.note = "faults are in it unless the pages are present"),
	{ "pcie_flr", "pci.flr", NULL, NULL, CALL,
	  .note = "sleeping time belongs to it: function_graph needs its option sleep-time" },
	{ "pci_bridge_secondary_bus_reset", "pci.bus_reset", NULL, NULL, CALL,
	  .note = "sleeping time belongs to it: function_graph needs its option sleep-time" },
	{ "vfio_pci_core_enable", "vfio.setup", NULL, NULL, CALL, .less = "pci.flr" },
	BY_SIZE("pin_user_pages_fast", "mm.pin", NULL, PAGES("nr_pages", "arg1"),
		.note = "faults are in it unless the pages are present"),
	BY_SIZE("unpin_user_pages", "mm.unpin", NULL, PAGES("npages", "arg1")),
	{ "kthread_create_on_node", "kvm.kthread_start", NULL, NULL, CALL },

	/* KVM and memslots */
	{ "synchronize_srcu_expedited", "srcu.grace_period", NULL, NULL, CALL,
	  .note = "sleeping time belongs to it: function_graph needs its option sleep-time" },
	{ "kvm_set_memslot", "kvm.set_region", NULL, NULL, CALL, .less = "srcu.grace_period",
	  .note = "one grace period to create or delete, two to move" },
	{ "ioctl()", "kvm.set_region", NULL, NULL, CALL, ONLY("cmd", "KVM_SET_USER_MEMORY_REGION"),
	  .less = "srcu.grace_period",
	  .note = "one grace period to create or delete, two to move" },
	{ "ioctl()", "kvm.create_vm", NULL, NULL, CALL, ONLY("cmd", "KVM_CREATE_VM") },
	{ "kvm_destroy_vm", "kvm.destroy_vm", NULL, NULL, CALL },
	{ "kvm_mmu_zap_all_fast", "kvm.zap_roots", NULL, "x86_64", CALL },
	{ "kvm_arch_vcpu_destroy", "kvm.destroy_vcpu", NULL, "x86_64", CALL },

	/* s390: the Ultravisor, by the functions that call it */
	{ "kvm_s390_pv_init_vm", "uvc.create_conf", NULL, "s390x", CALL,
	  .note = "with the donated memory, which is allocated there" },
	{ "kvm_s390_pv_create_cpu", "uvc.create_cpu", NULL, "s390x", CALL },
	{ "kvm_s390_pv_set_sec_parms", "uvc.set_sec_parms", NULL, "s390x", CALL },
	{ "kvm_s390_pv_unpack", "uvc.unpack", NULL, "s390x", BYTES("size", "arg2") },
	{ "kvm_s390_pv_set_cpu_state", "uvc.cpu_set_state", NULL, "s390x", CALL },
	{ "__s390_uv_destroy_range", "uvc.destroy_page", NULL, "s390x",
	  BYTES("end - start", "arg2 - arg1"), .less = "kvm.gather_page",
	  .note = "pages of the range must be present and secure" },
	{ "uv_destroy_folio", "uvc.destroy_page", NULL, "s390x", CALL,
	  .note = "uv_destroy_page, uv_destroy_owned_page in older kernels; sample, do not trace "
		  "all" },
	{ "uv_destroy_page", "uvc.destroy_page", NULL, "s390x", CALL,
	  .note = "uv_destroy_folio in newer kernels; sample, do not trace all" },
	{ "uv_convert_from_secure_folio", "uvc.export", NULL, "s390x", CALL,
	  .note = "uv_convert_from_secure in older kernels" },
	{ "uv_convert_from_secure", "uvc.export", NULL, "s390x", CALL },
	{ "gmap_make_secure", "uvc.import", NULL, "s390x", CALL,
	  .note = "with the page's fault when it is not present" },
	{ "kvm_s390_pv_destroy_cpu", "uvc.destroy_cpu", NULL, "s390x", CALL },
	{ "kvm_s390_pv_dispose_one_leftover", "uvc.destroy_conf", NULL, "s390x", CALL,
	  .note = "a configuration that was set aside, without its pages" },
	{ "kvm_s390_pv_deinit_vm_fast", "uvc.destroy_fast", NULL, "s390x", CALL },
	{ "s390_replace_asce", "kvm.replace_asce", NULL, "s390x", CALL },
	{ "s390_disable_cow_sharing", "kvm.disable_cow_sharing", NULL, "s390x", CALL,
	  .note = "gmap_mark_unmergeable in older kernels" },

	/* SEV: the PSP's commands, one at a time */
	PSP("0x30", "psp.launch_start"),
	PSP("0x21", "psp.activate"),
	PSP("0xa1", "psp.snp_launch_update"),
	PSP("0x32", "psp.launch_update_vmsa"),
	PSP("0x33", "psp.launch_measure"),
	PSP("0x35", "psp.launch_finish"),
	PSP("0x0a", "psp.df_flush"),
	PSP("0x22", "psp.deactivate"),
	PSP("0x20", "psp.decommission"),
	{ "sev_clflush_pages", "cpu.clflush_4k", NULL, "x86_64", PAGES("npages", "arg1") },
	{ "wbinvd_on_all_cpus", "cpu.wbinvd_all", NULL, "x86_64", CALL },
	{ "rmp_make_private", "rmp.rmpupdate", NULL, "x86_64", CALL,
	  .note = "sample, do not trace all" },
	{ "rmp_make_shared", "rmp.rmpupdate", NULL, "x86_64", CALL,
	  .note = "sample, do not trace all" },

	/* TDX */
	{ "tdx_sept_remove_private_spte", "tdx.remove_page", NULL, "x86_64", CALL,
	  .note = "while the guest is runnable; sample, do not trace all" },
	{ "__tdx_reclaim_page", "tdx.reclaim_page", NULL, "x86_64", CALL,
	  .note = "sample, do not trace all" },
	{ "tdh_phymem_page_reclaim", "tdx.reclaim_page", NULL, "x86_64", CALL,
	  .note = "sample, do not trace all" },
	{ "tdx_clear_page", "tdx.clear_page", NULL, "x86_64", CALL,
	  .note = "sample, do not trace all" },
	{ "tdh_mem_page_add", "tdx.page_add", NULL, "x86_64", CALL },
	{ "tdh_mr_extend", "tdx.mr_extend", NULL, "x86_64", CALL },
	{ "tdh_vp_flush", "tdx.flush_vp", NULL, "x86_64", CALL },
	{ "tdx_mmu_release_hkid", "tdx.release_hkid", NULL, "x86_64", CALL,
	  .note = "each vCPU's flush is in it" },

	/* arm64 */
	BY_SIZE("kvm_pgtable_stage2_unmap", "stage2.unmap", "arm64", BYTES("size", "arg2"),
		.note = "pages of the range must be mapped; with FEAT_TLBIRANGE it is "
			"stage2.unmap_range_*: say --term"),
	BY_SIZE("user_mem_abort", "stage2.fault", "arm64", CALL,
		.note = "cache maintenance is in it without FEAT_S2FWB: --less dcache.clean_*"),
	{ "kvm_pgtable_stage2_wrprotect", "stage2.write_protect", NULL, "arm64",
	  BYTES("size", "arg2") },
	BY_SIZE("dcache_clean_inval_poc", "dcache.clean", "arm64",
		BYTES("end - start", "arg1 - arg0")),
	{ "icache_inval_pou", "icache.page", NULL, "arm64", BYTES("end - start", "arg1 - arg0") },
	{ "ioctl()", "kvm.vcpu_init", NULL, "arm64", CALL, ONLY("cmd", "KVM_ARM_VCPU_INIT") },
};
const size_t term_function_count = sizeof(term_function_table) / sizeof(*term_function_table);
