/* What a realm can be told, and what its steps cost. */

#include "models/cca_parts.h"

#define OFFSET(member) offsetof(struct parameters, member)

static const struct field parameter_fields[] = {
	{ "image", FIELD_BYTES, OFFSET(image_bytes), "\"64MiB\"", 0, 0x1p40, NULL, NULL,
	  "kernel, initial file system and device tree: copied into the realm and measured before "
	  "it is activated" },
	BOOT_TOUCH_FIELD(OFFSET(boot_touch.bytes), "the kernel touches while it boots"),
	BOOT_TOUCH_RATIO_FIELD(OFFSET(boot_touch.ratio)),
	WORKLOAD_RATE_FIELD(OFFSET(workload_rate), ", from the bottom"),
	{ "rec_aux", FIELD_COUNT, OFFSET(rec_aux_granules), "16", 0, 16, NULL, NULL,
	  "auxiliary granules of each REC (RMI_REC_AUX_COUNT): the RMM says how many, at most 16" },
	{ "contiguous_run", FIELD_BYTES, OFFSET(run_bytes), "\"2MiB\"", 4096, 0x1p40, NULL, NULL,
	  "memory of the realm that is contiguous in the host's, on average: strategy ranges gives "
	  "so "
	  "much back by one call; 4 KiB: no two pages are neighbours" },
	DEVICE_FIELDS(OFFSET(devices)),
	{ .key = NULL },
};

const struct record cca_parameter_record = PARAMETER_RECORD("cca guest", "Parameters of a realm.");

#define X86 "an x86 figure, assumed alike here: "

/*
 * No machine with RME has been measured in public, so what one RMI call costs is put together:
 * switches between the worlds at EL3 and back (half a microsecond each way), what TF-RMM and
 * TF-A do in between, and published prices of the same work elsewhere. The ranges go from calls
 * without a cold cache to ones several times as dear.
 */
#define SWITCH "1 us to the RMM and back through EL3"
#define GPT                                                                                        \
	SWITCH ", one more call from there to EL3, two cleanings of the granule to the point of "  \
	       "physical aliasing (0.5 us each: 130 ms per GiB on Kunpeng 920, Y. Wang, 2021), "   \
	       "TLBI by physical address to all (TF-A gpt_rme.c); no public figure"

const struct term cca_terms[TERM_COUNT] = {
	[GUEST_STOP] = GUEST_STOP_TERM(""),
	[GUEST_BOOT] = { "guest.boot", TERM_PER_CALL, 3e9, 0.05, 1e6, 20e9, TERM_ASSUMED,
			 "kernel and services until the guest serves" GUEST_BOOT_SEEN },
	[QEMU_START] = { "qemu.start", QEMU_START_FIGURES(140e6), TERM_ASSUMED,
			 X86 "TUM CVM_eval, README" QEMU_START_SEEN },
	[KVM_CREATE_VM] = { "kvm.create_vm", TERM_PER_CALL, 275e3, 0.2, 100e3, 70e6, TERM_ASSUMED,
			    X86 "enarx pull request 246, 2020" },
	[KVM_VCPU_INIT] = { "kvm.vcpu_init", TERM_PER_CALL, 10e3, 0.1, 2e3, 100e3, TERM_ASSUMED,
			    "KVM_ARM_VCPU_INIT of one vCPU; " OWN_GUESS },
	[KVM_WORK_START] = { "kvm.work_start", TERM_PER_CALL, 20e3, 0.2, 5e3, 1e6, TERM_ASSUMED,
			     "a worker of the queue wakes up; " OWN_GUESS },
	[KVM_DESTROY] = { "kvm.destroy_vm", TERM_PER_CALL, 5e6, 0.2, 100e3, 50e6, TERM_ASSUMED,
			  "vCPUs and GIC, without what the RMM does; " OWN_GUESS },
	[KERNEL_EXIT] = KERNEL_EXIT_TERM,
	[MM_FAULT] = MM_FAULT_TERM("a page of guest_memfd, without zeroing; "),
	[MM_ZERO] = { "mm.zero_4k", MM_ZERO_4K_FIGURES, TERM_ASSUMED, X86 ARORA ZERO_4K_SEEN },
	[MM_FREE] = { "mm.free_4k", MM_FREE_4K_FIGURES, TERM_ASSUMED, X86 LU FREE_4K_SEEN },
	[RMI_DELEGATE] = { "rmi.granule_delegate", TERM_PER_PAGE, 3e3, 0.1, 1e3, 12e3, TERM_ASSUMED,
			   GPT },
	[RMI_UNDELEGATE] = { "rmi.granule_undelegate", TERM_PER_PAGE, 3e3, 0.1, 1e3, 12e3,
			     TERM_ASSUMED, GPT },
	[RMI_REALM_CREATE] = { "rmi.realm_create", TERM_PER_CALL, 20e3, 0.1, 5e3, 500e3,
			       TERM_ASSUMED, "checks, VMID, first measurement; " OWN_GUESS },
	[RMI_REALM_ACTIVATE] = { "rmi.realm_activate", TERM_PER_CALL, 5e3, 0.1, 1e3, 100e3,
				 TERM_ASSUMED, SWITCH " and a change of state; " OWN_GUESS },
	[RMI_REALM_DESTROY] = { "rmi.realm_destroy", TERM_PER_CALL, 10e3, 0.1, 2e3, 500e3,
				TERM_ASSUMED, SWITCH ", VMID, TLBI; " OWN_GUESS },
	[RMI_REC_CREATE] = { "rmi.rec_create", TERM_PER_CALL, 50e3, 0.1, 10e3, 1e6, TERM_ASSUMED,
			     "registers, auxiliary granules, measurement, "
			     "attestation; " OWN_GUESS },
	[RMI_REC_DESTROY] = { "rmi.rec_destroy", TERM_PER_CALL, 20e3, 0.1, 3e3, 500e3, TERM_ASSUMED,
			      "auxiliary granules are cleared; " OWN_GUESS },
	[RMI_REC_ENTER] = { "rmi.rec_enter", TERM_PER_PAGE, 3e3, 0.1, 1e3, 15e3, TERM_ASSUMED,
			    "exit to KVM and entry for one fault, all registers saved and "
			    "restored; " OWN_GUESS },
	[RMI_RTT_CREATE] = { "rmi.rtt_create", TERM_PER_CALL, 2e3, 0.1, 600, 10e3, TERM_ASSUMED,
			     SWITCH " and 512 entries; " OWN_GUESS },
	[RMI_RTT_DESTROY] = { "rmi.rtt_destroy", TERM_PER_CALL, 2e3, 0.1, 600, 10e3, TERM_ASSUMED,
			      SWITCH ", a walk, TLBI, clearing; " OWN_GUESS },
	[RMI_RTT_INIT_RIPAS] = { "rmi.rtt_init_ripas", TERM_PER_CALL, 200e3, 0.1, 50e3, 1e6,
				 TERM_ASSUMED,
				 "512 entries of 2 MiB, each of which extends the measurement (0.4 "
				 "us); " OWN_GUESS },
	[RMI_DATA_CREATE] = { "rmi.data_create", TERM_PER_PAGE, 5e3, 0.1, 2e3, 30e3, TERM_ASSUMED,
			      SWITCH ", copy, and SHA-256 of 4 KiB at 1 to 2 GB/s; " OWN_GUESS },
	[RMI_DATA_CREATE_UNKNOWN] = { "rmi.data_create_unknown", TERM_PER_PAGE, 1.5e3, 0.1, 500,
				      8e3, TERM_ASSUMED, SWITCH " and a walk; " OWN_GUESS },
	[RMI_DATA_DESTROY] = { "rmi.data_destroy", TERM_PER_PAGE, 2.2e3, 0.1, 800, 10e3,
			       TERM_ASSUMED,
			       SWITCH ", a walk, TLBI, and the granule is cleared (335 ns: " ARORA
				      "); no public figure" },
	[RMI_RANGE_CALL] = { "rmi.range_call", TERM_PER_CALL, 1e3, 0.1, 400, 4e3, TERM_ASSUMED,
			     SWITCH ", whatever the range; no public figure" },
	[RMI_UNMAP_GRANULE] = { "rmi.data_unmap_4k", TERM_PER_PAGE, 1.2e3, 0.1, 300, 8e3,
				TERM_ASSUMED,
				"a granule of RMI_RTT_DATA_UNMAP: rmi.data_destroy less the "
				"switch; no public figure" },
	[RMI_UNDELEGATE_GRANULE] = { "rmi.range_undelegate_4k", TERM_PER_PAGE, 2e3, 0.1, 500, 10e3,
				     TERM_ASSUMED,
				     "a granule of RMI_GRANULE_RANGE_UNDELEGATE: "
				     "rmi.granule_undelegate less the switch; no public figure" },
	DEVICE_TERMS(TERM_ASSUMED, TERM_ASSUMED, X86),
};
