#ifndef MODELS_KVM_PARTS_H
#define MODELS_KVM_PARTS_H

/* What the parts of model kvm share: kvm_terms.c has parameters and prices, kvm.c the rest. */

#include "models/balloon.h"
#include "models/devices.h"
#include "models/fill.h"
#include "models/memslots.h"
#include "models/restore.h"

struct parameters {
	struct fill fill;
	struct restore restore;
	struct slot_updates updates;
	struct vmm_slots vmm_slots;
	bool direct_boot;
	struct boot_touch boot_touch;
	bool helper_killed;
	double helper_in_time;
	bool file_kept;
	struct balloon balloon;
	struct devices devices;
};

enum {
	GUEST_STOP = FIRST_TERM,
	GUEST_FIRMWARE,
	GUEST_BOOT,
	QEMU_START,
	QEMU_PAUSE,
	QEMU_DEVICE_RESET,
	HELPER_POLL,
	KVM_SET_REGION,
	SRCU_GRACE,
	KVM_CREATE_VM,
	KVM_DESTROY,
	MM_FAULT,
	MM_ZERO_4K,
	MM_ZERO_2M,
	MM_ZERO_1G,
	MM_FREE_4K,
	MM_FREE_2M,
	MM_FREE_1G,
	KERNEL_EXIT,
	QEMU_THREAD_START,
	MM_POPULATE,
	MM_FAULT_SHARED_4K,
	MM_FAULT_SHARED_HUGE,
	VMM_RESUME,
	VMM_COPY,
	UFFD_FAULT,
	BALLOON_RETURN,
	BALLOON_DEFLATE,
	BALLOON_INFLATE,
	MM_DISCARD_SLICE,
	MM_FLUSH_PAGE,
	MM_SHOOTDOWN,
	QEMU_PAUSE_WAIT,
	DEVICE_TERM_NAMES,
	SRCU_IDLE,
	SRCU_PENDING,
	GUEST_MEMMAP,
	GUEST_MEMMAP_SHARED,
	TERM_COUNT
};

extern const struct record kvm_parameter_record;
extern const struct term kvm_terms[TERM_COUNT];

#endif
