/* What an arm64 guest can be told, and what its steps cost. */

#include "models/arm64_parts.h"

#define OFFSET(member) offsetof(struct parameters, member)

static const char *const lock_rules[] = {
	[LOCK_RULE_V5] = "v5",
	[LOCK_RULE_V4] = "v4",
	NULL,
};

static const struct field parameter_fields[] = {
	FILL_FIELDS(OFFSET(fill), "0"),
	PREZEROED_FIELD(OFFSET(fill)),
	DIRECT_BOOT_FIELD(OFFSET(direct_boot)),
	{ "firmware_touch", FIELD_BYTES, OFFSET(firmware_touch_bytes), "\"64MiB\"", 0, 0x1p60, NULL,
	  NULL, "memory that firmware and boot loader touch before they turn the caches on" },
	{ "text", FIELD_BYTES, OFFSET(text_bytes), "\"32MiB\"", 0, 0x1p40, NULL, NULL,
	  "instructions of the booting kernel: mapped without the right to execute at first, so "
	  "each 4 KiB faults once more and, without DIC, has its instruction cache invalidated" },
	BOOT_TOUCH_FIELD(OFFSET(boot_touch.bytes), "the kernel touches while it boots"),
	BOOT_TOUCH_RATIO_FIELD(OFFSET(boot_touch.ratio)),
	WORKLOAD_RATE_FIELD(OFFSET(workload_rate), ""),
	{ "free_yields", FIELD_FLAG, OFFSET(free_yields), "true", 0, 0, NULL, NULL,
	  "the walk that frees stage 2 reschedules after each GiB (Linux, November 2025); off: it "
	  "does not reschedule at all" },
	{ "teardown_cleans", FIELD_FLAG, OFFSET(teardown_cleans), "false", 0, 0, NULL, NULL,
	  "at the end of a process stage 2 is unmapped block by block before it is freed, with a "
	  "TLB "
	  "invalidation and, without FWB, cache maintenance for each (Linux before 5.10)" },
	{ "memlock_used", FIELD_BYTES, OFFSET(memlock_used_bytes), "\"0B\"", 0, 0x1p60, NULL, NULL,
	  "memory that the VMM has locked otherwise: of the checks of a locked memslot, before the "
	  "lock and after it, only the second knows of it" },
	{ "invalidations", FIELD_RATE, OFFSET(invalidations_per_s), "\"0/s\"", 0, 1e6, NULL, NULL,
	  "MMU notifier invalidations; the lock fails with EAGAIN at the first page behind one" },
	{ "lock_retries", FIELD_COUNT, OFFSET(lock_retries), "3", 0, 1000, NULL, NULL,
	  "how often the VMM tries the lock again after EAGAIN, each time from the start" },
	{ "pause_for_lock", FIELD_FLAG, OFFSET(pause_for_lock), "true", 0, 0, NULL, NULL,
	  "the VMM pauses the vCPUs before it locks again; off: one is inside KVM_RUN and the lock "
	  "fails with EBUSY" },
	{ "lock_rule", FIELD_CHOICE, OFFSET(lock_rule), "\"v5\"", 0, 0, lock_rules, NULL,
	  "revision of the series: v5 refuses a lock (EBUSY) while a vCPU is inside KVM_RUN, v4 "
	  "once any vCPU has run: pausing does not help, only a new process can lock" },
	{ "error_path_bugs", FIELD_FLAG, OFFSET(error_path_bugs), "true", 0, 0, NULL, NULL,
	  "as in the series: only a failed mapping and account_locked_vm unmap what was mapped, "
	  "and the page in hand stays pinned for ever unless pin_user_pages itself failed" },
	SLOT_UPDATE_FIELDS(OFFSET(updates), "43", "43"),
	DEVICE_FIELDS(OFFSET(devices)),
	VMM_SLOT_FIELDS(OFFSET(vmm_slots)),
	{ .key = NULL },
};

const struct record arm64_parameter_record =
	PARAMETER_RECORD("arm64 guest", "Parameters of an arm64 guest.");

#define X86  "an x86 figure, assumed alike here: "
#define WANG "Y. Wang, KVM: arm64: Move CMOs from user_mem_abort to the fault handlers, v7, 2021"
#define FLUSH                                                                                      \
	"130 ms per GiB, clean and invalidate to the point of coherency, Kunpeng 920 (Y. Wang, "   \
	"skip the cache flush when coalescing tables into a block, 2021); low: 51 ms per GiB, "    \
	"high: 358 ms, Pixel 6 at EL2 by two ways (V. Donnefort); 208 ms at most on a D05 (12 s "  \
	"for 90 % of 64 GiB, kvm, December 2019); at least 234 ms where 192 GiB locked up a CPU "  \
	"(O. Upton, 2022)"
#define ONE_HOST "; one host, of which no more is known: others may differ by three"
#define ANANTA                                                                                     \
	"R. Ananta, KVM: arm64: Add support for FEAT_TLBIRANGE, August 2023: slope of its table "  \
	"between 2 and 64 GiB"

const struct term arm64_terms[TERM_COUNT] = {
	[GUEST_STOP] = GUEST_STOP_TERM(""),
	[GUEST_FIRMWARE] = { "guest.firmware", TERM_PER_CALL, 1e9, 0.05, 3e6, 10e9, TERM_ASSUMED,
			     "UEFI for virtual machines; " OWN_GUESS
			     " but that of x86: 1.1 s of OVMF (TUM CVM_eval, README)" },
	[GUEST_BOOT] = { "guest.boot", TERM_PER_CALL, 3e9, 0.05, 1e6, 20e9, TERM_ASSUMED,
			 "kernel and services until the guest serves" GUEST_BOOT_SEEN },
	[QEMU_START] = { "qemu.start", QEMU_START_FIGURES(140e6), TERM_ASSUMED,
			 X86 "TUM CVM_eval, README" QEMU_START_SEEN },
	[QEMU_PAUSE] = QEMU_PAUSE_TERM,
	[QEMU_DEVICE_RESET] = QEMU_DEVICE_RESET_TERM("with the GIC and its ITS; "),
	[KVM_CREATE_VM] = { "kvm.create_vm", TERM_PER_CALL, 275e3, 0.2, 100e3, 70e6, TERM_ASSUMED,
			    X86 "enarx pull request 246, 2020" },
	[KVM_VCPU_INIT] = { "kvm.vcpu_init", TERM_PER_CALL, 10e3, 0.1, 2e3, 100e3, TERM_ASSUMED,
			    "KVM_ARM_VCPU_INIT of one vCPU without its memory; " OWN_GUESS },
	[KVM_SET_REGION] = SLOT_UPDATE_TERM,
	[SRCU_GRACE] = SLOT_GRACE_TERM,
	[KVM_TRYLOCK_VCPU] = { "kvm.trylock_vcpu", TERM_PER_CALL, 50, 0.1, 20, 200, TERM_ASSUMED,
			       "mutex_trylock of one vCPU; " OWN_GUESS },
	[KVM_ALLOC_ENTRY] = { "kvm.alloc_entry", TERM_PER_PAGE, 50, 0.1, 20, 150, TERM_ASSUMED,
			      "one list entry of 24 bytes for each page, kmalloc; " OWN_GUESS },
	[MM_PIN] = { "mm.pin_4k", TERM_PER_PAGE, 219, 0.1, 40, 400, TERM_DERIVED,
		     "21.4 % of 268 ms per GiB are not clearing: D. Jordan, vfio pinning page by "
		     "page, February 2021 (x86); batched: 62 ns (gup_test, Li Zhe, 2025), 76 and "
		     "152 "
		     "ns (D. Jordan, vfio/type1, 2022-01-05)" },
	[MM_UNPIN] = { "mm.unpin_4k", TERM_PER_PAGE, 100, 0.1, 40, 300, TERM_ASSUMED,
		       "set dirty, unpin, kfree of the entry; " OWN_GUESS },
	[MM_FAULT] = MM_FAULT_TERM("allocation and mapping in the host, without zeroing; "),
	[MM_ZERO_4K] = { "mm.zero_4k", MM_ZERO_4K_FIGURES, TERM_ASSUMED, X86 ARORA ZERO_4K_SEEN },
	[MM_ZERO_2M] = { "mm.zero_2m", MM_ZERO_2M_FIGURES, TERM_ASSUMED, X86 ARORA ZERO_2M_SEEN },
	[MM_ZERO_1G] = { "mm.zero_1g", MM_ZERO_1G_FIGURES, TERM_ASSUMED, X86 ARORA ZERO_1G_SEEN },
	[MM_FREE_4K] = { "mm.free_4k", MM_FREE_4K_FIGURES, TERM_ASSUMED, X86 LU FREE_4K_SEEN },
	[MM_FREE_2M] = { "mm.free_2m", MM_FREE_2M_FIGURES, TERM_ASSUMED, X86 FREE_2M_SOURCE },
	[MM_FREE_1G] = MM_FREE_1G_TERM,
	[STAGE2_MAP] = { "stage2.map_4k", TERM_PER_PAGE, 400, 0.1, 150, 1e3, TERM_ASSUMED,
			 "mmu_lock and one leaf entry, without a fault; " OWN_GUESS },
	[STAGE2_FAULT_4K] = { "stage2.fault_4k", TERM_PER_PAGE, 2.63e3, 0.1, 1e3, 5e3, TERM_DERIVED,
			      "3.13 us less the cache maintenance: 0.82 s for 1 GiB by one "
			      "vCPU; 4.3 to 5 us where 20 to 80 wait for each other; " WANG },
	[STAGE2_FAULT_2M] = { "stage2.fault_2m", TERM_PER_PAGE, 10.5e3, 0.2, 3e3, 20e3,
			      TERM_DERIVED,
			      "6.92 s for 10240 blocks by 40 vCPUs, less the cache "
			      "maintenance; " WANG },
	[STAGE2_FAULT_1G] = { "stage2.fault_1g", TERM_PER_PAGE, 10.5e3, 0.2, 3e3, 100e3,
			      TERM_ASSUMED, "as for 2 MiB; no public figure without zeroing" },
	[STAGE2_PERMISSION_FAULT] = { "stage2.permission_fault", TERM_PER_PAGE, 1.5e3, 0.1, 1e3,
				      3e3, TERM_ASSUMED, OWN_GUESS },
	[STAGE2_WRITE_PROTECT] = { "stage2.write_protect", TERM_PER_PAGE, 50, 0.1, 10, 500,
				   TERM_ASSUMED, "one leaf entry for dirty logging; " OWN_GUESS },
	[STAGE2_UNMAP_SLOT] = { "stage2.unmap_slot", TERM_PER_CALL, 6e6, 0.1, 0, 60e6, TERM_DERIVED,
				"what does not grow with the size: 4 to 60 ms by its four "
				"columns; " ANANTA },
	[STAGE2_UNMAP_4K] = { "stage2.unmap_4k", TERM_PER_PAGE, 1925, 0.02, 600, 6e3, TERM_DERIVED,
			      ANANTA ONE_HOST },
	[STAGE2_UNMAP_2M] = { "stage2.unmap_2m", TERM_PER_PAGE, 4221, 0.02, 1.3e3, 13e3,
			      TERM_DERIVED, ANANTA ONE_HOST },
	[STAGE2_UNMAP_1G] = { "stage2.unmap_1g", TERM_PER_PAGE, 4221, 0.1, 1e3, 20e3, TERM_ASSUMED,
			      "as for 2 MiB; no public figure" },
	[STAGE2_UNMAP_RANGE_4K] = { "stage2.unmap_range_4k", TERM_PER_PAGE, 453, 0.02, 150, 1.4e3,
				    TERM_DERIVED, ANANTA ONE_HOST },
	[STAGE2_UNMAP_RANGE_2M] = { "stage2.unmap_range_2m", TERM_PER_PAGE, 1544, 0.02, 500, 4.7e3,
				    TERM_DERIVED, ANANTA ONE_HOST },
	[STAGE2_UNMAP_RANGE_1G] = { "stage2.unmap_range_1g", TERM_PER_PAGE, 1544, 0.1, 500, 10e3,
				    TERM_ASSUMED, "as for 2 MiB; no public figure" },
	[STAGE2_SWEEP] = { "stage2.sweep_gib", TERM_PER_CALL, 8, 0.1, 4, 20, TERM_DERIVED,
			   "140 s for 2^34 steps of 1 GiB through empty tables: R. Ananta, destroy "
			   "stage 2 with reschedule points, 2025" },
	[STAGE2_FREE_LEAF] = { "stage2.free_leaf", TERM_PER_PAGE, 5, 0.1, 3, 20, TERM_DERIVED,
			       "at least 3 ns: 128 GiB took more than 100 ms; R. Ananta, destroy "
			       "stage 2 with reschedule points, 2025" },
	[CLEAN_4K] = { "dcache.clean_4k", TERM_PER_PAGE, 496, 0.02, 195, 1367, TERM_DERIVED,
		       FLUSH },
	[CLEAN_2M] = { "dcache.clean_2m", TERM_PER_PAGE, 253.9e3, 0.02, 100e3, 700e3, TERM_DERIVED,
		       FLUSH },
	[CLEAN_1G] = { "dcache.clean_1g", TERM_PER_PAGE, 130e6, 0.02, 51e6, 358e6, TERM_PUBLISHED,
		       FLUSH },
	[ICACHE_PAGE] = { "icache.page", TERM_PER_PAGE, 300, 0.1, 100, 1e3, TERM_ASSUMED,
			  "instruction cache lines of 4 KiB; " OWN_GUESS },
	[ICACHE_ALL] = { "icache.all", TERM_PER_CALL, 1e3, 0.2, 300, 1e6, TERM_ASSUMED,
			 "one broadcast IC IALLUIS; " OWN_GUESS },
	[KERNEL_EXIT] = KERNEL_EXIT_TERM,
	[KVM_DESTROY] = { "kvm.destroy_vm", TERM_PER_CALL, 5e6, 0.2, 100e3, 50e6, TERM_ASSUMED,
			  "vCPUs and GIC; " OWN_GUESS },
	[PKVM_DONATE] = { "pkvm.donate_page", TERM_PER_PAGE, 2e3, 0.1, 500, 5e3, TERM_ASSUMED,
			  "one hypercall for each page that a protected guest "
			  "touches; " OWN_GUESS },
	[PKVM_START_TEARDOWN] = { "pkvm.start_teardown", TERM_PER_CALL, 10e3, 0.1, 2e3, 100e3,
				  TERM_ASSUMED, OWN_GUESS },
	[PKVM_MARK_PAGE] = { "pkvm.mark_page", TERM_PER_PAGE, 2.29e3, 0.1, 50, 5e3, TERM_DERIVED,
			     "150 ms in one call on Pixel 6 (Q. Perret, refactor the guest "
			     "teardown path, android-kvm), if that guest had 256 MiB: its size is "
			     "not public" },
	[PKVM_RECLAIM_PAGE] = { "pkvm.reclaim_page", TERM_PER_PAGE, 1806, 0.05, 1e3, 3e3,
				TERM_DERIVED,
				"hypercall, clearing and unpin: about 65 s for 128 GiB on Ampere "
				"Altra (R. Ananta, 2025), less freeing at 129 ns" },
	[PKVM_FINALIZE] = { "pkvm.finalize_teardown", TERM_PER_CALL, 50e3, 0.1, 10e3, 1e6,
			    TERM_ASSUMED, OWN_GUESS },
	[QEMU_THREAD_START] = QEMU_THREAD_START_TERM,
	FILL_TERMS(TERM_ASSUMED, X86),
	[QEMU_PAUSE_WAIT] = QEMU_PAUSE_WAIT_TERM,
	DEVICE_TERMS(TERM_ASSUMED, TERM_ASSUMED, X86),
	[SRCU_IDLE] = SLOT_IDLE_TERM,
	[SRCU_PENDING] = SLOT_PENDING_TERM,
	MEMMAP_TERMS(TERM_ASSUMED, X86),
	[PKVM_SHARE] = { "pkvm.share", TERM_PER_PAGE, 1e3, 0.1, 300, 3e3, TERM_ASSUMED,
			 "hypercall and page states of one mapping, 4 KiB or 2 MiB, beside its "
			 "fault; less than pkvm.reclaim_page, which clears; " OWN_GUESS },
	[PKVM_UNSHARE] = { "pkvm.unshare", TERM_PER_PAGE, 1e3, 0.1, 300, 3e3, TERM_ASSUMED,
			   "the same beside its unmapping: __pkvm_host_unshare_guest; " OWN_GUESS },
};
