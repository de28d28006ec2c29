/* What a protected s390 guest can be told, and what its steps cost. */

#include "models/s390-pv_parts.h"

#define OFFSET(member) offsetof(struct parameters, member)

static const struct field parameter_fields[] = {
	FILL_FIELDS(OFFSET(fill), "0"),
	{ "image", FIELD_BYTES, OFFSET(image_bytes), "\"100MiB\"", 4096, 0x1p50, NULL, NULL,
	  "boot image that UNPACK decrypts, one Ultravisor call for each 4 KiB" },
	{ "image_bandwidth", FIELD_BANDWIDTH, OFFSET(image_bandwidth), "\"500MB/s\"", 1, 1e15, NULL,
	  NULL, "speed at which the boot loader reads the image from its disk" },
	{ "vmm_resident", FIELD_BYTES, OFFSET(vmm_resident_bytes), "\"64MiB\"", 0, 0x1p50, NULL,
	  NULL,
	  "QEMU's own present memory: never secure, but a walk of the address space meets it" },
	{ "loader_touch", FIELD_BYTES, OFFSET(loader_touch_bytes), "\"1MiB\"", 0, 0x1p60, NULL,
	  NULL,
	  "memory at the guest's top that non-secure code (BIOS, boot loader, QEMU) touches before "
	  "the new guest is protected; pages of the old guest among it are exported" },
	BOOT_TOUCH_FIELD(OFFSET(boot_touch.bytes),
			 "the new kernel touches while it boots, from the guest's top downwards, "
			 "as Linux' memblock allocates"),
	BOOT_TOUCH_RATIO_FIELD(OFFSET(boot_touch.ratio)),
	WORKLOAD_RATE_FIELD(OFFSET(workload_rate), ", top down"),
	{ "perform_delay", FIELD_DURATION, OFFSET(perform_delay_ns), "\"0s\"", 0, 1e18, NULL, NULL,
	  "how long QEMU's cleanup thread waits before it issues PERFORM" },
	{ "donated_base", FIELD_BYTES, OFFSET(donated_base_bytes), "\"1MiB\"", 0, 0x1p40, NULL,
	  NULL,
	  "memory donated to the Ultravisor for each configuration (assumed; the machine reports "
	  "it)" },
	{ "donated_per_mib", FIELD_BYTES, OFFSET(donated_per_mib_bytes), "\"4KiB\"", 0, 0x1p20,
	  NULL, NULL,
	  "memory donated for each MiB of guest memory (assumed; the machine reports it)" },
	{ "async_destroy", FIELD_FLAG, OFFSET(async_destroy), "true", 0, 0, NULL, NULL,
	  "the kvm module parameter (lazy_destroy in the first series); off: QEMU misses the "
	  "capability, and everything is destroyed in the foreground" },
	{ "guest_table", FIELD_FLAG, OFFSET(guest_table), "false", 0, 0, NULL, NULL,
	  "KVM has a table of its own for the guest (Linux 7.0): pages are destroyed along it, "
	  "QEMU's "
	  "own are not met, nothing is gathered, pages of the next guest are exported, and imports "
	  "take turns at import_lock; of all strategies but lazy, and of async-7.0 always" },
	{ "large_folios", FIELD_RATIO, OFFSET(large_folios), "0", 0, 1, NULL, NULL,
	  "share of fresh memory that comes in folios of 1 MiB: each must be split before a page "
	  "of it "
	  "can be imported" },
	{ "crypto_queues_bound", FIELD_RATIO, OFFSET(crypto_queues_bound), "0", 0, 1, NULL, NULL,
	  "probability that crypto queues are still bound when destroy-fast is tried: return code "
	  "0x104, PREPARE fails with EIO and QEMU falls back to DISABLE" },
	{ "exit_notifier", FIELD_FLAG, OFFSET(exit_notifier), "true", 0, 0, NULL, NULL,
	  "an exiting process destroys its vCPUs before its memory is unmapped (mmu notifier), so "
	  "that pages can be destroyed; off: each is exported" },
	{ "atomic_failure", FIELD_RATIO, OFFSET(atomic_failure), "0", 0, 1, NULL, NULL,
	  "share of the attempts to allocate a list node, atomically and without reserves, that "
	  "fail: one page each is cleaned in line" },
	{ "oom_notifier", FIELD_FLAG, OFFSET(oom_notifier), "true", 0, 0, NULL, NULL,
	  "a start that finds no memory waits while pages are on lists (v2 and v3 of the series); "
	  "off: it fails with ENOMEM" },
	SLOT_UPDATE_FIELDS(OFFSET(updates), "0", "0"),
	{ .key = NULL },
};

const struct record pv_parameter_record =
	PARAMETER_RECORD("s390-pv guest", "Parameters of a protected s390 guest.");

#define NO_FIGURE "no public figure exists for the time of an Ultravisor call; "

const struct term pv_terms[TERM_COUNT] = {
	[GUEST_STOP] = GUEST_STOP_TERM(" until DIAGNOSE 0x308"),
	[GUEST_BIOS] = { "guest.bios", TERM_PER_CALL, 300e6, 0.05, 30e6, 3e9, TERM_ASSUMED,
			 "s390-ccw finds the boot device; " OWN_GUESS
			 ": between a minimal firmware of x86 and OVMF (kvm: guest.firmware)" },
	[GUEST_DIAG308] = { "guest.diag308", TERM_PER_CALL, 20e3, 0.1, 5e3, 100e3, TERM_ASSUMED,
			    "one exit to QEMU and back; " OWN_GUESS },
	[GUEST_BOOT] = { "guest.boot", TERM_PER_CALL, 3e9, 0.05, 1e6, 20e9, TERM_ASSUMED,
			 "kernel and services until the guest serves" GUEST_BOOT_SEEN },
	[QEMU_START] = { "qemu.start", QEMU_START_FIGURES(94e6), TERM_ASSUMED,
			 "x86 figures, assumed alike here: 94 ms (TUM CVM_eval, "
			 "README)" QEMU_START_SEEN },
	[QEMU_PAUSE] = QEMU_PAUSE_TERM,
	[QEMU_SUBSYSTEM_RESET] = { "qemu.subsystem_reset", TERM_PER_CALL, 1e6, 0.1, 100e3, 10e6,
				   TERM_ASSUMED, "reset of the channel subsystem; " OWN_GUESS },
	[QEMU_CRYPTO_RESET] = { "qemu.crypto_reset", TERM_PER_CALL, 100e3, 0.1, 10e3, 10e6,
				TERM_ASSUMED,
				"reset of the crypto queues, which must precede "
				"unprotect; " OWN_GUESS },
	[QEMU_DEVICE_RESET] = QEMU_DEVICE_RESET_TERM(""),
	[QEMU_CPU_RESET] = { "qemu.cpu_reset", TERM_PER_CALL, 20e3, 0.1, 5e3, 100e3, TERM_ASSUMED,
			     "reset of one vCPU; " OWN_GUESS },
	[QEMU_THREAD_START] = { "qemu.thread_start", TERM_PER_CALL, 50e3, 0.2, 20e3, 500e3,
				TERM_ASSUMED,
				"a detached thread until its first instruction; " OWN_GUESS },
	[KVM_DISABLE_COW] = { "kvm.disable_cow_sharing", TERM_PER_CALL, 200e3, 0.1, 20e3, 100e6,
			      TERM_ASSUMED,
			      "of the first ENABLE of a process, later ones find allow_cow_sharing "
			      "off (Linux 6.10, arch/s390/mm/gmap.c): KSM pages are broken up; "
			      "none "
			      "are assumed; " OWN_GUESS },
	[KVM_ALLOC_STORAGE] = { "kvm.alloc_storage", TERM_PER_PAGE, 600, 0.1, 210, 4e3,
				TERM_ASSUMED,
				"allocate 4 KiB of donated memory (vzalloc), 200 ns, and clear it, "
				"400 ns as mm.zero_page; low and high with that" },
	[KVM_REPLACE_ASCE] = { "kvm.replace_asce", TERM_PER_CALL, 5e3, 0.1, 1e3, 50e3, TERM_ASSUMED,
			       "copy one 16 KiB top table; " OWN_GUESS },
	[KVM_GATHER] = { "kvm.gather_page", TERM_PER_PAGE, 60, 0, 20, 200, TERM_ASSUMED,
			 "62 ns were published for taking a reference on a 4 KiB page on x86 (Li "
			 "Zhe, mm/gup longterm series, 2025); assumed alike here" },
	[MM_FAULT] = { "mm.fault", TERM_PER_PAGE, 1e3, 0.2, 200, 5e3, TERM_ASSUMED,
		       "trap, host page table and guest page table; " MM_FAULT_SEEN },
	[MM_ZERO] = { "mm.zero_page", TERM_PER_PAGE, 400, 0.1, 110, 3e3, TERM_ASSUMED,
		      "clear 4 KiB at about 10 GB/s; x86 figures, assumed alike here: " ARORA
			      ZERO_4K_SEEN },
	[MM_FREE] = { "mm.free_page", MM_FREE_4K_FIGURES, TERM_ASSUMED,
		      "129 ns per 4 KiB page were published for munmap on x86 (" LU
		      "); assumed alike here" FREE_4K_SEEN },
	[KERNEL_EXIT] = KERNEL_EXIT_TERM,
	[UVC_CREATE_CONF] = { "uvc.create_conf", TERM_PER_CALL, 1e6, 0.1, 100e3, 1e9, TERM_ASSUMED,
			      NO_FIGURE "may be long on big hosts: the kernel reschedules between "
					"its parts" },
	[UVC_CREATE_CPU] = { "uvc.create_cpu", TERM_PER_CALL, 20e3, 0.1, 5e3, 100e3, TERM_ASSUMED,
			     NO_FIGURE OWN_GUESS },
	[UVC_SET_SEC_PARMS] = { "uvc.set_sec_parms", TERM_PER_CALL, 100e3, 0.1, 20e3, 1e6,
				TERM_ASSUMED, NO_FIGURE "one call for the image's header" },
	[UVC_UNPACK] = { "uvc.unpack", TERM_PER_PAGE, 5e3, 0.1, 2e3, 15e3, TERM_ASSUMED,
			 NO_FIGURE "at least an import, and decryption" },
	[UVC_VERIFY] = { "uvc.verify", TERM_PER_CALL, 100e3, 0.1, 20e3, 1e6, TERM_ASSUMED,
			 NO_FIGURE OWN_GUESS },
	[UVC_CPU_SET_STATE] = { "uvc.cpu_set_state", TERM_PER_CALL, 20e3, 0.1, 5e3, 100e3,
				TERM_ASSUMED, NO_FIGURE OWN_GUESS },
	[UVC_IMPORT] = { "uvc.import", TERM_PER_PAGE, 4e3, 0.1, 2e3, 10e3, TERM_ASSUMED,
			 NO_FIGURE "taken as long as an export" },
	[UVC_EXPORT] = { "uvc.export", TERM_PER_PAGE, 4e3, 0.1, 2e3, 10e3, TERM_ASSUMED,
			 NO_FIGURE "destroy is about twice as fast as export (J. Frank, \"s390/uv: "
				   "add destroy page call\", 2020)" },
	[UVC_DESTROY_PAGE] = { "uvc.destroy_page", TERM_PER_PAGE, 2e3, 0.1, 1e3, 5e3, TERM_ASSUMED,
			       NO_FIGURE
			       "20 minutes were said of a huge guest of unknown size (D. "
			       "Hildenbrand, 2021-08-06): 4.5 us per page if it was 1 TiB" },
	[UVC_NOOP] = { "uvc.noop", TERM_PER_PAGE, 500, 0.1, 100, 1e3, TERM_ASSUMED,
		       NO_FIGURE "a call for a page that is not (or no longer) the old guest's" },
	[UVC_DESTROY_CPU] = { "uvc.destroy_cpu", TERM_PER_CALL, 20e3, 0.1, 5e3, 100e3, TERM_ASSUMED,
			      NO_FIGURE OWN_GUESS },
	[UVC_DESTROY_CONF] = { "uvc.destroy_conf", TERM_PER_CALL, 200e3, 0.1, 20e3, 10e6,
			       TERM_ASSUMED, NO_FIGURE OWN_GUESS },
	[UVC_DESTROY_FAST] = { "uvc.destroy_fast", TERM_PER_CALL, 200e3, 0.1, 20e3, 10e6,
			       TERM_ASSUMED,
			       NO_FIGURE "taken as long as the ordinary call for a configuration" },
	[KVM_SET_REGION] = SLOT_UPDATE_TERM,
	[SRCU_GRACE] = SLOT_GRACE_TERM,
	[KVM_KTHREAD_START] = { "kvm.kthread_start", TERM_PER_CALL, 50e3, 0.2, 20e3, 500e3,
				TERM_ASSUMED,
				"a kernel thread until its first instruction; " OWN_GUESS },
	[KVM_LIST_PAGE] = { "kvm.list_page", TERM_PER_PAGE, 100, 0.1, 40, 300, TERM_ASSUMED,
			    "unmap, one more reference, one entry of a list; 62 ns were published "
			    "for the reference on x86 (Li Zhe, mm/gup longterm series, 2025)" },
	[KVM_OOM_WAIT] = { "kvm.oom_wait", TERM_PER_CALL, 20e6, 0, 10e6, 24e6, TERM_PUBLISHED,
			   "msleep(20) in the out-of-memory notifier, 10 ms in its text: C. "
			   "Imbrenda, KVM: s390: pv: implement lazy destroy, v3 13/14, 2021" },
	[KVM_DISABLE_COW_PAGE] = { "kvm.disable_cow_page", TERM_PER_PAGE, 20, 0.1, 5, 100,
				   TERM_ASSUMED,
				   "look at one page table entry, take no reference: less than the "
				   "62 ns published for that on x86 (Li Zhe, mm/gup longterm "
				   "series, 2025); 100 ns: the entry is not cached" },
	FILL_TERMS_4K(TERM_ASSUMED, "an x86 figure, assumed alike here: "),
	[QEMU_PAUSE_WAIT] = QEMU_PAUSE_WAIT_TERM,
	[KVM_WALK_ENTRY] = { "kvm.walk_entry", TERM_PER_PAGE, 10, 0, 2, 60, TERM_ASSUMED,
			     "look at one entry of the guest's table, take no reference: far less "
			     "than kvm.gather_page, for which 62 ns were published on x86 (Li Zhe, "
			     "mm/gup longterm series, 2025); high: as dear as that" },
	[KVM_SPLIT_FOLIO] = { "kvm.split_folio", TERM_PER_CALL, 50e3, 0.2, 5e3, 1e6, TERM_ASSUMED,
			      "unmap a folio of 256 pages, drain the LRU lists, split "
			      "it; " OWN_GUESS },
	MEMMAP_TERMS(TERM_ASSUMED, "an x86 figure, assumed alike here: "),
};
