/* Parameters and prices of model kvm. */

#include "models/kvm_parts.h"

/* --- parameters ----------------------------------------------------------- */

#define OFFSET(member) offsetof(struct parameters, member)

static const struct field parameter_fields[] = {
	FILL_FIELDS(OFFSET(fill), "0"),
	PREZEROED_FIELD(OFFSET(fill)),
	RESTORE_FIELDS(OFFSET(restore)),
	SLOT_UPDATE_FIELDS(OFFSET(updates), "43", "43"),
	VMM_SLOT_FIELDS(OFFSET(vmm_slots)),
	DIRECT_BOOT_FIELD(OFFSET(direct_boot)),
	BOOT_TOUCH_FIELD(OFFSET(boot_touch.bytes), "firmware and kernel touch while they boot"),
	BOOT_TOUCH_RATIO_FIELD(OFFSET(boot_touch.ratio)),
	{ "helper_killed", FIELD_FLAG, OFFSET(helper_killed), "false", 0, 0, NULL, NULL,
	  "SIGKILL reaches the whole control group before QEMU is gone: the helper dies with it "
	  "and the memory is taken apart in the foreground after all" },
	{ "helper_in_time", FIELD_NUMBER, OFFSET(helper_in_time), "0.35", 0, 1, NULL, NULL,
	  "of a guest with one vCPU: how often QEMU is gone as a whole when its helper looks for "
	  "the first time; else it looks again a second later, as it does with several vCPUs "
	  "(measured with QEMU 7.2: 7 of 20 ends with one vCPU, none of 8 with four)" },
	{ "file_kept", FIELD_FLAG, OFFSET(file_kept), "false", 0, 0, NULL, NULL,
	  "another process (a vhost-user backend) maps the file behind the guest's memory and "
	  "lives on: the memory stays in use when the VM's process has ended" },
	BALLOON_FIELDS(OFFSET(balloon)),
	DEVICE_FIELDS(OFFSET(devices)),
	{ .key = NULL },
};

const struct record kvm_parameter_record =
	PARAMETER_RECORD("kvm guest", "Parameters of a plain KVM guest.");

/* --- cost terms ----------------------------------------------------------- */

const struct term kvm_terms[TERM_COUNT] = {
	[GUEST_STOP] = GUEST_STOP_TERM(""),
	[GUEST_FIRMWARE] = { "guest.firmware", TERM_PER_CALL, 1144e6, 0.05, 3e6, 5e9,
			     TERM_PUBLISHED,
			     "OVMF, guest without encryption: TUM CVM_eval, README; SeaBIOS and a "
			     "bzImage 79 ms, qboot and PVH 4.8 ms (S. Garzarella, 2019), 863 ms "
			     "(L. Merwick, 2018); OVMF 0.8 s more than SeaBIOS (intel/nemu issue "
			     "168, 2018); high: OVMF of an encrypted guest, 3.5 s (the same "
			     "README)" },
	[GUEST_BOOT] = { "guest.boot", TERM_PER_CALL, 2750e6, 0.05, 1e6, 20e9, TERM_PUBLISHED,
			 "kernel 1724 ms and init 1026 ms: TUM CVM_eval, README" GUEST_BOOT_SEEN },
	[QEMU_START] = { "qemu.start", QEMU_START_FIGURES(140e6), TERM_PUBLISHED,
			 "guest without encryption: TUM CVM_eval, README" QEMU_START_SEEN },
	[QEMU_PAUSE] = QEMU_PAUSE_TERM,
	[QEMU_DEVICE_RESET] = QEMU_DEVICE_RESET_TERM(""),
	[HELPER_POLL] = { "helper.poll", TERM_PER_CALL, 1e9, 0, 1e9, 1.35e9, TERM_DERIVED,
			  "the signal of its parent's death comes when one thread of QEMU has "
			  "ended; while others are still ending the helper sleeps for a second "
			  "(QEMU util/async-teardown.c: hup_handler); measured with QEMU 7.2: "
			  "1.007 "
			  "to 1.325 s" },
	[KVM_SET_REGION] = SLOT_UPDATE_TERM,
	[SRCU_GRACE] = SLOT_GRACE_TERM,
	[KVM_CREATE_VM] = { "kvm.create_vm", TERM_PER_CALL, 275e3, 0.2, 100e3, 70e6, TERM_PUBLISHED,
			    "enarx pull request 246, 2020; 30 to 70 ms more on one host with Linux "
			    "6.1 (AMDSEV issue 145)" },
	[KVM_DESTROY] = { "kvm.destroy_vm", TERM_PER_CALL, 5e6, 0.2, 100e3, 50e6, TERM_ASSUMED,
			  "vCPUs, irqchip and page tables of KVM; " OWN_GUESS },
	[MM_FAULT] = MM_FAULT_TERM("trap, allocation and mapping without zeroing, any size; "),
	MM_ZERO_TERMS_MILAN,
	[MM_FREE_4K] = { "mm.free_4k", MM_FREE_4K_FIGURES, TERM_PUBLISHED,
			 "munmap of 320 GiB of 4 KiB pages in 10.8 s on Haswell-EX, v4.10: " LU
				 FREE_4K_SEEN },
	[MM_FREE_2M] = { "mm.free_2m", MM_FREE_2M_FIGURES, TERM_DERIVED, FREE_2M_SOURCE },
	[MM_FREE_1G] = MM_FREE_1G_TERM,
	[KERNEL_EXIT] = KERNEL_EXIT_TERM,
	[QEMU_THREAD_START] = QEMU_THREAD_START_TERM,
	FILL_TERMS(TERM_DERIVED, ""),
	RESTORE_TERMS,
	BALLOON_TERMS,
	[QEMU_PAUSE_WAIT] = QEMU_PAUSE_WAIT_TERM,
	DEVICE_TERMS(TERM_PUBLISHED, TERM_DERIVED, ""),
	[SRCU_IDLE] = SLOT_IDLE_TERM,
	[SRCU_PENDING] = SLOT_PENDING_TERM,
	MEMMAP_TERMS(TERM_PUBLISHED, ""),
};
