/*
 * What holds in which versions (flow/version.h). A row more is all that a difference needs whose
 * flow or price is there: a key of a model, or one of its terms. The rows of a key cover all versions
 * from the first one on (a scenario in a gap is told so) and do not overlap.
 *
 * What is there in a version is taken from its sources: the commit that brought it, or the mail that
 * says in which kernel a figure was seen.
 */

#include "flow/version.h"

#include "flow/config.h"

const int64_t version_newest[PROGRAMS] = {
	[PROGRAM_KERNEL] = VERSION(7, 1),
	[PROGRAM_QEMU] = VERSION(11, 0),
	[PROGRAM_VMM] = VMMS,
};

/* A key that is a switch: off before a version, on from there. */
#define SWITCH(program_, from_, model_, key_, before_, behind_, what_)                             \
	{ .program = (program_),                                                                   \
	  .below = (from_),                                                                        \
	  .model = (model_),                                                                       \
	  .key = (key_),                                                                           \
	  .value = (before_),                                                                      \
	  .what = (what_) },                                                                       \
	{                                                                                          \
		.program = (program_), .from = (from_), .model = (model_), .key = (key_),          \
		.value = (behind_), .what = (what_)                                                \
	}

#define STRATEGY(program_, from_, model_, name_, what_)                                            \
	{                                                                                          \
		.program = (program_), .from = (from_), .model = (model_), .key = "strategy",      \
		.value = "\"" name_ "\"", .what = (what_)                                          \
	}

#define PROPOSED(model_, name_, what_)                                                             \
	STRATEGY(PROGRAM_KERNEL, VERSION_NEVER, model_, name_, "proposed, not merged: " what_)

/* --- memslots on x86: what a removal zaps, and who does it ------------------- */

#define ZAPS(from_, below_, key_, value_, optional_, what_)                                        \
	{                                                                                          \
		.program = PROGRAM_KERNEL, .from = (from_), .below = (below_),                     \
		.model = "memslots", .architectures = ON_X86_64, .key = (key_), .value = (value_), \
		.optional = (optional_), .what = (what_)                                           \
	}
#define FAST_ZAP(from_, below_, value_, optional_, what_)                                          \
	ZAPS(from_, below_, "fast_zap", value_, optional_, what_)
#define ZAP(from_, below_, value_, what_) ZAPS(from_, below_, "zap", value_, false, what_)

/* --- SRCU ---------------------------------------------------------------------- */

#define BY_STATE(model_)                                                                           \
	{                                                                                          \
		.program = PROGRAM_KERNEL, .model = (model_), .key = "srcu",                       \
		.value = "\"by-state\"", .optional = true,                                         \
		.what = "a grace period waits for who runs: 38 us with no vCPU, 350 us with one "  \
			"(measured: 50 creations of a slot in 1.9 and 17.4 ms)"                    \
	}
#define PENDING                                                                                    \
	"kvm_io_bus_register_dev leaves a callback that is not expedited, and the next swap of "   \
	"memslots waits for its grace period (Linux 7d9a0273c459; N. Kalyazin, kvm, 2026-02-13: "  \
	"25.2 ms for the first KVM_CREATE_VCPU, 0.14 ms before, HZ=100). call_srcu_expedited "     \
	"(S. Christopherson, RFC, kvm, 2026-03-09) mends it: pending_swaps 0"
#define PENDING_SWAPS(model_)                                                                      \
	{ .program = PROGRAM_KERNEL,                                                               \
	  .below = VERSION(6, 18),                                                                 \
	  .model = (model_),                                                                       \
	  .key = "pending_swaps",                                                                  \
	  .value = "0",                                                                            \
	  .what = PENDING },                                                                       \
	{                                                                                          \
		.program = PROGRAM_KERNEL, .from = VERSION(6, 18), .model = (model_),              \
		.key = "pending_swaps", .value = "1", .optional = true, .what = PENDING            \
	}

/* --- faults of one address space; those of a guest_memfd share its file, not a lock of the mm --- */

#define SHARED_FAULTS(model_)                                                                      \
	{ .program = PROGRAM_KERNEL,                                                               \
	  .below = VERSION(6, 4),                                                                  \
	  .model = (model_),                                                                       \
	  .term = "mm.fault_shared_4k",                                                            \
	  .mean_ns = 1.26e3,                                                                       \
	  .low_ns = 0.6e3,                                                                         \
	  .high_ns = 2.1e3,                                                                        \
	  .status = TERM_DERIVED,                                                                  \
	  .what = "faults of one process take mmap_lock: 41.6 s for 128 GiB by 16 threads, Linux " \
		  "5.14 (D. Jordan, vfio/type1: Cache locked_vm, 2022-01-05), less the fault "     \
		  "itself" },                                                                      \
	{                                                                                          \
		.program = PROGRAM_KERNEL, .from = VERSION(6, 4), .model = (model_),               \
		.term = "mm.fault_shared_4k", .mean_ns = 100, .low_ns = 50, .high_ns = 300,        \
		.status = TERM_MEASURED,                                                           \
		.what = "faults lock one VMA: 60 to 110 ns with two threads on Linux 6.18"         \
	}

/* --- VMMs that load the kernel themselves --------------------------------------- */

#define VMM_ROW(vmm_) .program = PROGRAM_VMM, .from = (vmm_), .below = (vmm_) + 1
#define VMM_KEY(vmm_, model_, key_, value_, what_)                                                 \
	{                                                                                          \
		VMM_ROW(vmm_), .model = (model_), .key = (key_), .value = (value_),                \
			       .optional = true, .what = (what_)                                   \
	}
#define VMM_PRICE(vmm_, model_, term_, mean_, low_, high_, status_, what_)                         \
	{                                                                                          \
		VMM_ROW(vmm_), .model = (model_), .term = (term_), .mean_ns = (mean_),             \
			       .low_ns = (low_), .high_ns = (high_), .status = (status_),          \
			       .what = (what_)                                                     \
	}

/* No firmware rearranges the memory map; the slots are there before a vCPU runs. */
#define DIRECT_BOOT(vmm_, model_)                                                                  \
	VMM_KEY(vmm_, model_, "direct_boot", "true", "the VMM jumps into the kernel"),             \
		VMM_KEY(vmm_, model_, "boot_creates", "0", "no firmware maps devices"),            \
		VMM_KEY(vmm_, model_, "boot_deletes", "0", "no firmware maps devices"),            \
		VMM_KEY(vmm_, model_, "vmm_creates", "4",                                          \
			"RAM, and on VMX KVM's own: TSS, identity map, APIC access page")

#define NSDI                                                                                       \
	"A. Agache and others, Firecracker, NSDI 2020, data set: 1 vCPU, 256 MiB, until /init; "
#define MINIMAL_KERNEL                                                                             \
	"; low: 24 ms of FreeBSD (Firecracker pull request 3944, 2023); high: 0.3 s with a "       \
	"serial console (Firecracker issue 792, 2018). A distribution takes seconds: say so by "   \
	"guest.boot"

#define FIRECRACKER(model_, status_, of_)                                                          \
	DIRECT_BOOT(VMM_FIRECRACKER, model_),                                                      \
		VMM_KEY(VMM_FIRECRACKER, model_, "boot_touch", "\"64MiB\"",                        \
			"a minimal kernel; assumed: of 5 ms that MAP_POPULATE saves (Firecracker " \
			"pull request 3944, 2023) 20 MiB, and as much again twice"),               \
		VMM_PRICE(VMM_FIRECRACKER, model_, "qemu.start", 12e6, 6e6, 60e6, status_,         \
			  of_ "6 to 60 ms, typically 12, until the API answers: Firecracker "      \
			      "SPECIFICATION.md"),                                                 \
		VMM_PRICE(VMM_FIRECRACKER, model_, "guest.boot", 96e6, 20e6, 300e6, status_,       \
			  of_ NSDI "96 ms on Haswell, 111 on m5d.metal, 129 on Nehalem; at most "  \
				   "125 by its specification; less 15 ms of first "                \
				   "touches" MINIMAL_KERNEL)

#define QEMU_MICROVM(model_, status_, of_)                                                         \
	DIRECT_BOOT(VMM_QEMU_MICROVM, model_),                                                     \
		VMM_KEY(VMM_QEMU_MICROVM, model_, "boot_touch", "\"64MiB\"",                       \
			"a small kernel; assumed: as under Firecracker"),                          \
		VMM_PRICE(VMM_QEMU_MICROVM, model_, "qemu.start", 50e6, 20e6, 120e6, status_,      \
			  of_ "30 to 52 ms until QEMU's devices are there (S. Garzarella, QEMU "   \
			      "4.0 and PVH, 2019)"),                                               \
		VMM_PRICE(VMM_QEMU_MICROVM, model_, "guest.boot", 70e6, 20e6, 500e6, status_,      \
			  of_ "139 ms until /init on q35 and PVH (S. Garzarella, 2019), less "     \
			      "QEMU's start and 17 ms of first touches; high: 0.58 s in all on "   \
			      "machine microvm (NSDI 2020, data set)" MINIMAL_KERNEL)

#define CLOUD_HYPERVISOR(model_, status_, of_)                                                     \
	DIRECT_BOOT(VMM_CLOUD_HYPERVISOR, model_),                                                 \
		VMM_KEY(VMM_CLOUD_HYPERVISOR, model_, "boot_touch", "\"100MiB\"",                  \
			"a small kernel; assumed: as in the profile cloud-hypervisor-2020"),       \
		VMM_PRICE(VMM_CLOUD_HYPERVISOR, model_, "qemu.start", 44e6, 5e6, 62e6, status_,    \
			  of_ "25 to 55 ms until the VMM has started, 3.2 to 6.1 until the "       \
			      "kernel: cloud-hypervisor issue 1728, 2020; low: a whole boot in "   \
			      "65 ms (NSDI 2020, Haswell)"),                                       \
		VMM_PRICE(VMM_CLOUD_HYPERVISOR, model_, "guest.boot", 63e6, 20e6, 300e6, status_,  \
			  of_ "76 to 94 ms from the kernel's start to its user, less 24 ms of "    \
			      "first touches: cloud-hypervisor issue 1728, 2020" MINIMAL_KERNEL)

#define KATA(model_)                                                                               \
	DIRECT_BOOT(VMM_KATA, model_),                                                             \
		VMM_KEY(VMM_KATA, model_, "boot_touch", "\"128MiB\"",                              \
			"kernel, agent and container; 124 to 170 MiB of the host for one "         \
			"(kata-containers checkmetrics, memory-footprint)"),                       \
		VMM_PRICE(VMM_KATA, model_, "qemu.start", 200e6, 40e6, 600e6, TERM_ASSUMED,        \
			  "runtime, shim, virtiofsd and VMM: a third of the start; nobody has "    \
			  "published the parts"),                                                  \
		VMM_PRICE(VMM_KATA, model_, "guest.boot", 375e6, 120e6, 1.5e9, TERM_DERIVED,       \
			  "kernel, agent and the container's process: 0.61 s until the workload "  \
			  "runs with QEMU, 0.69 s with cloud-hypervisor (kata-containers "         \
			  "checkmetrics, metric8, 2023), less what comes before; 0.48 s (issue "   \
			  "1102, 2020); 0.99 and 1.10 s (kata 1.x, issue 1058, 2020)")

/* --- the table -------------------------------------------------------------------- */

const struct version_row version_table[] = {
	FAST_ZAP(0, VERSION(3, 11), "false", false,
		 "page by page (Xiao Guangrong, KVM: MMU: fast zap all shadow pages, 2013)"),
	FAST_ZAP(VERSION(3, 11), VERSION(5, 1), "true", false,
		 "all roots at once (Xiao Guangrong, KVM: MMU: fast zap all shadow pages, 2013)"),
	FAST_ZAP(VERSION(5, 1), VERSION(5, 3), "false", false,
		 "the removed slot's pages alone (Linux 4e103134b862); guests with passed-through "
		 "GPUs "
		 "failed, and it was reverted (d012a06ab1d2)"),
	FAST_ZAP(VERSION(5, 3), VERSION(6, 12), "true", false,
		 "all roots at once; 5.3 itself page by page (Linux d012a06ab1d2, 002c5f73c508)"),
	FAST_ZAP(
		VERSION(6, 12), 0, "true", true,
		"all roots at once by default; a VMM that turns KVM_X86_QUIRK_SLOT_ZAP_ALL off has "
		"the slot's pages alone zapped: false (Yan Zhao, KVM: x86/mmu: Introduce a quirk "
		"to "
		"control memslot zap behavior, July 2024)"),
	ZAP(0, VERSION(5, 15), "\"sync\"", "the caller zaps"),
	ZAP(VERSION(5, 15), VERSION(5, 16), "\"async-5.15\"",
	    "50 ms and more on all CPUs in 5.15, which zaps roots more often (Linux 0df9dab891)"),
	ZAP(VERSION(5, 16), VERSION(5, 18), "\"sync\"", "the caller zaps"),
	ZAP(VERSION(5, 18), VERSION(6, 6), "\"async\"",
	    "workers zap invalidated roots (Linux 22b94c4b63eb); stopped by 0df9dab891"),
	ZAP(VERSION(6, 6), 0, "\"sync\"", "the caller zaps again (Linux 0df9dab891)"),
	BY_STATE("memslots"),
	PENDING_SWAPS("kvm"),
	PENDING_SWAPS("arm64"),

	SWITCH(PROGRAM_KERNEL, VERSION(5, 12), NULL, "pin_batched", "false", "true",
	       "VFIO pins 512 pages with one call: 120 GB in 29.7 s instead of 32.5 (D. Jordan, "
	       "vfio/type1: Batch page pinning, Linux 4d83de6da265, 2021)"),
	SWITCH(PROGRAM_KERNEL, VERSION(6, 18), NULL, "pin_folios", "false", "true",
	       "VFIO counts, pins and unpins a huge page as one (Li Zhe, vfio/type1: optimize "
	       "vfio_pin_pages_remote() and vfio_unpin_pages_remote() for large folio, 2025)"),
	SWITCH(PROGRAM_KERNEL, VERSION(6, 15), NULL, "huge_pfnmap", "false", "true",
	       "a BAR of 32 GiB is mapped for DMA in less than 1 ms instead of 1 s (A. "
	       "Williamson, Linux 0fd06844de5d). It takes huge mappings of the BAR, which are "
	       "there since 6.12 and aligned by QEMU since 9.2 (00b519c0)"),
	SWITCH(PROGRAM_QEMU, VERSION(2, 11), NULL, "flatview_sharing", "false", "true",
	       "PCI functions share the views of memory: 112 virtio-net devices boot in 10 s "
	       "instead of 25 (A. Kardashevskiy, QEMU e673ba9af9, 2017)"),

	SWITCH(PROGRAM_KERNEL, VERSION(5, 10), "arm64", "teardown_cleans", "true", "false",
	       "freeing stage 2 unmaps block by block, with TLB and cache maintenance; since the "
	       "page-table code of 5.10 it frees the tables alone (kvm_pgtable_stage2_destroy), as "
	       "M. "
	       "Zyngier proposed (KVM: arm/arm64: Help VMs dying quicker, kvmarm, 2019-12-13)"),
	SWITCH(PROGRAM_KERNEL, VERSION(6, 19), "arm64", "free_yields", "false", "true",
	       "the walk that frees stage 2 reschedules (R. Ananta, November 2025)"),
	SWITCH(PROGRAM_KERNEL, VERSION(6, 17), NULL, "flush_used_cpus", "false", "true",
	       "caches are flushed on the CPUs that ran the guest alone (Z. Shen, S. "
	       "Christopherson, KVM: SEV: Flush cache only on CPUs running SEV guest, 2025)"),
	SWITCH(PROGRAM_QEMU, VERSION(11, 0), NULL, "reset_in_process", "false", "true",
	       "a confidential guest is reset in its process (A. Sinha, Introduce support for "
	       "confidential guest reset, qemu-devel, 2026-02-12; QEMU 11.0); before, it ends"),
	SWITCH(PROGRAM_KERNEL, VERSION(6, 15), "sev", "longterm", "false", "true",
	       "pages are moved out of CMA and ZONE_MOVABLE before they are pinned (Ge Yang, KVM: "
	       "SEV: use long-term pin when registering encrypted memory regions, February 2025)"),
	SWITCH(PROGRAM_KERNEL, VERSION(7, 0), "s390-pv", "guest_table", "false", "true",
	       "KVM has tables of its own for the guest, and pages are destroyed along them (C. "
	       "Imbrenda, KVM: s390: gmap rewrite; kvm-s390-next-7.0-1, 2026-02-11)"),

	SHARED_FAULTS("kvm"),
	SHARED_FAULTS("sev"),
	SHARED_FAULTS("arm64"),
	SHARED_FAULTS("s390-pv"),

	STRATEGY(PROGRAM_QEMU, VERSION(8, 0), "memslots", "inhibit",
		 "accel_ioctl_inhibit_begin (QEMU f39b7d2b96)"),
	PROPOSED("memslots", "batch", "E. G. Esposito, RFC, September 2022"),
	PROPOSED("memslots", "one-swap-batch", "an idea of that thread"),
	PROPOSED("memslots", "kick-all", "E. G. Esposito, October 2022"),
	STRATEGY(PROGRAM_QEMU, VERSION(7, 2), "kvm", "async-teardown", "-async-teardown"),
	STRATEGY(PROGRAM_KERNEL, VERSION(5, 7), "s390-pv", "sync", "protected virtualization"),
	PROPOSED("s390-pv", "lazy", "C. Imbrenda, v1 to v3, 2021"),
	STRATEGY(PROGRAM_KERNEL, VERSION(6, 2), "s390-pv", "async",
		 "KVM_PV_ASYNC_CLEANUP_PREPARE (Linux fb491d5500a7)"),
	STRATEGY(PROGRAM_QEMU, VERSION(8, 0), "s390-pv", "async",
		 "QEMU sets aside what it reboots"),
	STRATEGY(PROGRAM_KERNEL, VERSION(6, 2), "s390-pv", "async-fast",
		 "UVC_CMD_DESTROY_SEC_CONF_FAST (C. Imbrenda, November 2022)"),
	STRATEGY(PROGRAM_QEMU, VERSION(8, 0), "s390-pv", "async-fast",
		 "QEMU sets aside what it reboots"),
	STRATEGY(PROGRAM_KERNEL, VERSION(7, 0), "s390-pv", "async-7.0",
		 "kvm-s390-next-7.0-1, 2026-02-11"),
	STRATEGY(PROGRAM_QEMU, VERSION(8, 0), "s390-pv", "async-7.0",
		 "QEMU sets aside what it reboots"),
	STRATEGY(PROGRAM_KERNEL, VERSION(6, 11), "sev-snp", "fault", "KVM: SEV-SNP hosts"),
	STRATEGY(PROGRAM_KERNEL, VERSION(6, 12), "sev-snp", "prefault", "KVM_PRE_FAULT_MEMORY"),
	STRATEGY(PROGRAM_QEMU, VERSION(10, 1), "sev-snp", "prefault",
		 "a page state change faults ahead (T. Lendacky, QEMU 4cdc489eb9, 2025)"),
	STRATEGY(PROGRAM_KERNEL, VERSION(6, 16), "tdx", "remove-while-runnable", "KVM: TDX hosts"),
	STRATEGY(PROGRAM_KERNEL, VERSION(6, 17), "tdx", "terminate-first",
		 "not before: KVM_TDX_TERMINATE_VM, V4, June 2025"),
	STRATEGY(PROGRAM_KERNEL, VERSION(6, 18), "tdx", "terminate-first-no-clear",
		 "X86_BUG_TDX_PW_MCE says which CPUs need clearing (A. Hunter, V7, August 2025)"),
	STRATEGY(PROGRAM_KERNEL, VERSION(6, 14), "arm64", "pkvm-non-protected",
		 "Q. Perret, Non-protected guest stage-2 support for pKVM; blocks of 2 MiB since "
		 "6.16 (V. Donnefort)"),
	PROPOSED("cca", "exit", "S. Price, arm64: Support for Arm CCA in KVM, v12, December 2025"),
	PROPOSED("cca", "ranges", "the same from v13 on (RMM 2.0)"),
	PROPOSED("cca", "background", "a question, no posted series"),
	STRATEGY(PROGRAM_KERNEL, VERSION(4, 16), "sev", "upfront", "KVM_MEMORY_ENCRYPT_REG_REGION"),
	PROPOSED("sev", "demand", "RFC, January 2022"),
	PROPOSED("sev", "demand-longterm", "RFC, March 2022"),
	PROPOSED("arm64", "immediate", "A. Elisei, KVM: arm64: Add SPE support, 2021"),
	PROPOSED("arm64", "deferred", "A. Elisei, KVM: arm64: Add SPE support, v5, 2021"),
	PROPOSED("arm64", "double", "A. Elisei, KVM: arm64: Add SPE support, 2021"),

	FIRECRACKER("kvm", TERM_PUBLISHED, ""),
	FIRECRACKER("arm64", TERM_ASSUMED, "x86 figures, assumed alike here: "),
	QEMU_MICROVM("kvm", TERM_DERIVED, ""),
	CLOUD_HYPERVISOR("kvm", TERM_PUBLISHED, ""),
	CLOUD_HYPERVISOR("arm64", TERM_ASSUMED, "x86 figures, assumed alike here: "),
	KATA("kvm"),
};
const size_t version_table_count = sizeof(version_table) / sizeof(version_table[0]);
