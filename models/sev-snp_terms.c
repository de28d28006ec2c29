/* Parameters and prices of model sev-snp. */

#include "models/sev-snp_parts.h"

#define OFFSET(member) offsetof(struct parameters, member)

static const struct field parameter_fields[] = {
	GMEM_FIELDS("0.75", " (AMDSEV issue 250, December 2024: about 7 GB of the host for a guest "
			    "of 4 GB)"),
	{ "firmware", FIELD_BYTES, OFFSET(firmware_bytes), "\"4MiB\"", 4096, 0x1p32, NULL, NULL,
	  "what SNP_LAUNCH_UPDATE measures and encrypts, page by page; OVMF is built with 2 or 4 "
	  "MiB of flash" },
	{ "launch_metadata", FIELD_BYTES, OFFSET(metadata_bytes), "\"124KiB\"", 0, 0x1p32, NULL,
	  NULL,
	  "the same of what the firmware asks for besides: pages of zeros, secrets, CPUID "
	  "(OvmfSevMetadata: 31 pages in QEMU's log, amd/sev-utils issue 17, 2024)" },
	{ "launch_ranges", FIELD_COUNT, OFFSET(ranges), "8", 1, 1e6, NULL, NULL,
	  "contiguous ranges of these, each an ioctl (8 in the same log)" },
	ASIDS_FIELD(OFFSET(asids)),
	{ "flush_used_cpus", FIELD_FLAG, OFFSET(flush_used_cpus), "true", 0, 0, NULL, NULL,
	  "Linux 6.17: no superfluous cache flush at destroy" },
	DEVICE_FIELDS(OFFSET(devices)),
	{ .key = NULL },
};

const struct record snp_parameter_record =
	PARAMETER_RECORD("sev-snp guest", "Parameters of a SEV-SNP guest.");

#define KALRA "A. Kalra, linux-coco, 2025-02-20"
#define TUM   "TUM CVM_eval, README of benchmarks/boottime"

const struct term snp_terms[TERM_COUNT] = {
	[GUEST_STOP] = GUEST_STOP_TERM(" until the reset"),
	[GUEST_FIRMWARE] = { "guest.firmware", TERM_PER_CALL, 2840e6, 0.05, 3e6, 5e9, TERM_DERIVED,
			     "OVMF without what it accepts: 3498 ms less 0.66 s between PEI and "
			     "DXE "
			     "beyond a plain guest's; " TUM "; 3.16 s with it (SEVeriFast, ASPLOS "
			     "2024); 1.14 s of a plain guest" },
	[GUEST_BOOT] = { "guest.boot", TERM_PER_CALL, 2400e6, 0.05, 1e6, 20e9, TERM_PUBLISHED,
			 "kernel 1485 ms and init 913 ms; " TUM GUEST_BOOT_SEEN },
	[QEMU_START] = { "qemu.start", QEMU_START_FIGURES(94e6), TERM_PUBLISHED,
			 "94 ms: " TUM QEMU_START_SEEN },
	[QEMU_PAUSE] = QEMU_PAUSE_TERM,
	[QEMU_PAUSE_WAIT] = QEMU_PAUSE_WAIT_TERM,
	[QEMU_RESET] = QEMU_DEVICE_RESET_TERM(""),
	GMEM_TERMS(TERM_PUBLISHED, ""),
	[KVM_CREATE_VM] = { "kvm.create_vm", TERM_PER_CALL, 275e3, 0.2, 100e3, 70e6, TERM_PUBLISHED,
			    "enarx pull request 246, 2020; 30 to 70 ms more on one host with Linux "
			    "6.1 (AMDSEV issue 145)" },
	[KVM_SET_REGION] = SLOT_UPDATE_TERM,
	[SRCU_GRACE] = SLOT_GRACE_TERM,
	[KVM_ZAP] = { "kvm.zap_spte", TERM_PER_PAGE, 20, 0.1, 5, 100, TERM_ASSUMED,
		      "one leaf of the nested page table; " OWN_GUESS },
	[KVM_DESTROY] = { "kvm.destroy_vcpu", TERM_PER_CALL, 100e3, 0.1, 20e3, 1e6, TERM_ASSUMED,
			  OWN_GUESS },
	MM_ZERO_TERMS_MILAN,
	[MM_FAULT_SHARED_4K] = GMEM_SHARED_TERM(TERM_ASSUMED, "as of TDX: "),
	FILL_SHARED_HUGE_TERM(TERM_ASSUMED, "as in an address space; "),
	[MM_FREE_4K] = { "mm.free_4k", MM_FREE_4K_FIGURES, TERM_ASSUMED,
			 "munmap of 320 GiB of 4 KiB pages in 10.8 s on Haswell-EX, v4.10: " LU
				 FREE_4K_SEEN },
	[MM_FREE_2M] = { "mm.free_2m", MM_FREE_2M_FIGURES, TERM_DERIVED, FREE_2M_SOURCE },
	[KERNEL_EXIT] = KERNEL_EXIT_TERM,
	[CPU_CLFLUSH] = CLFLUSH_TERM,
	[CPU_WBINVD] = WBINVD_TERM,
	[SNP_FAULT] = { "snp.nested_fault", TERM_PER_PAGE, 3e3, 0.1, 1.2e3, 10e3, TERM_DERIVED,
			"exit and entry of a nested fault with its walk: what RMPUPDATE, PVALIDATE "
			"and a page leave of 6.2 us (128 GB boot in 22 s lazily, in 227 s "
			"eagerly: " KALRA
			"); an exit through #VC takes 3.55 to 3.89 us (TUM CVM_eval, vmexit); "
			"QEMU faults ahead to avoid 1024 of them for 4 MiB (QEMU commit "
			"4cdc489e)" },
	[SNP_PVALIDATE] = { "snp.pvalidate", TERM_PER_PAGE, 1e3, 0.2, 100, 3e3, TERM_ASSUMED,
			    "one page of the size that the RMP has; part of 6.2 us (" KALRA
			    ") that has no figure of its own" },
	[RMP_UPDATE] = { "rmp.rmpupdate", TERM_PER_PAGE, 1.2e3, 0.2, 200, 4e3, TERM_ASSUMED,
			 "RMPUPDATE of one entry with its lookup (rmp_make_private, "
			 "rmp_make_shared); part of 6.2 us (" KALRA ") that has no figure of its "
			 "own" },
	[RMP_PSMASH] = { "rmp.psmash", TERM_PER_PAGE, 2e3, 0.2, 500, 20e3, TERM_ASSUMED,
			 "one entry of 2 MiB becomes 512; " OWN_GUESS },
	[PSP_LAUNCH_START] = PSP_LAUNCH_START_TERM,
	[PSP_ACTIVATE] = PSP_ACTIVATE_TERM,
	[PSP_LAUNCH_RANGE] = { "psp.snp_launch_range", TERM_PER_CALL, 0.6e6, 0.1, 0.1e6, 2e6,
			       TERM_DERIVED,
			       "4 KiB take 1.6 ms, each page more 1.0 ms; SEVeriFast, ASPLOS 2024, "
			       "artifact: 4 KiB to 32 MiB" },
	[PSP_LAUNCH_UPDATE] = { "psp.snp_launch_update", TERM_PER_PAGE, 1.0e6, 0.02, 0.7e6, 3.2e6,
				TERM_PUBLISHED,
				"SEVeriFast, ASPLOS 2024, artifact: 4 KiB to 32 MiB; high: 3.18 s "
				"to launch QEMU and OVMF (" TUM "), if that was 4 MiB" },
	[PSP_FINISH] = PSP_FINISH_TERM,
	[PSP_DF_FLUSH] = PSP_DF_FLUSH_TERM,
	[PSP_DEACTIVATE] = PSP_DEACTIVATE_TERM,
	[PSP_DECOMMISSION] = PSP_DECOMMISSION_TERM,
	DEVICE_TERMS(TERM_PUBLISHED, TERM_DERIVED, ""),
	MEMMAP_TERMS(TERM_PUBLISHED, ""),
};
