#ifndef MODELS_SEV_SNP_PARTS_H
#define MODELS_SEV_SNP_PARTS_H

/* What the parts of model sev-snp share: sev-snp_terms.c has parameters and prices. */

#include "models/gmem.h"
#include "models/psp.h"

struct parameters {
	struct gmem gmem;
	int64_t firmware_bytes, metadata_bytes;
	int64_t ranges;
	int64_t asids;
	bool flush_used_cpus;
	struct devices devices;
};

enum {
	GUEST_STOP = FIRST_TERM,
	GUEST_FIRMWARE,
	GUEST_BOOT,
	QEMU_START,
	QEMU_PAUSE,
	QEMU_PAUSE_WAIT,
	QEMU_RESET,
	QEMU_CONVERT,
	KVM_CREATE_VM,
	KVM_SET_REGION,
	SRCU_GRACE,
	KVM_ATTRIBUTES,
	KVM_ZAP,
	KVM_DESTROY,
	MM_FAULT,
	MM_ZERO_4K,
	MM_ZERO_2M,
	MM_ZERO_1G,
	MM_FAULT_SHARED_4K,
	MM_FAULT_SHARED_HUGE,
	MM_FREE_4K,
	MM_FREE_2M,
	KERNEL_EXIT,
	CPU_CLFLUSH,
	CPU_WBINVD,
	SNP_FAULT,
	SNP_PVALIDATE,
	RMP_UPDATE,
	RMP_PSMASH,
	PSP_LAUNCH_START,
	PSP_ACTIVATE,
	PSP_LAUNCH_RANGE,
	PSP_LAUNCH_UPDATE,
	PSP_FINISH,
	PSP_DF_FLUSH,
	PSP_DEACTIVATE,
	PSP_DECOMMISSION,
	DEVICE_TERM_NAMES,
	GUEST_EXIT,
	GUEST_MEMMAP,
	GUEST_MEMMAP_SHARED,
	TERM_COUNT
};

enum design { FAULT, PREFAULT };

struct snp_state {
	struct gmem_state gmem;
	struct psp_guest psp;
	struct devices_state devices;
};
GMEM_EMBEDDED(struct snp_state);

extern const struct record snp_parameter_record;
extern const struct term snp_terms[TERM_COUNT];

#endif
