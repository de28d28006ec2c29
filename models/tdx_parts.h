#ifndef MODELS_TDX_PARTS_H
#define MODELS_TDX_PARTS_H

/*
 * What the parts of model tdx share. tdx.c has start and reboot, the strategies and the model;
 * _terms parameters and prices; _end how a trust domain is taken apart.
 */

#include "models/gmem.h"

struct parameters {
	struct gmem gmem;
	int64_t firmware_bytes;
	double vcpu_running;
	struct devices devices;
};

enum {
	GUEST_STOP = FIRST_TERM,
	KERNEL_EXIT,
	TDX_FLUSH_VP,
	TDX_TEARDOWN,
	TDX_RECLAIM,
	TDX_CLEAR,
	TDX_REMOVE,
	TDX_SHOOTDOWN,
	MM_FREE,
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
	MM_FAULT,
	MM_ZERO,
	MM_FAULT_SHARED_4K,
	TDX_INIT_VM,
	TDX_INIT_VCPU,
	TDX_PAGE_ADD,
	TDX_MR_EXTEND,
	TDX_FINALIZE,
	TDX_PAGE_AUG,
	TDX_ACCEPT,
	TDX_IDLE,
	DEVICE_TERM_NAMES,
	GUEST_EXIT,
	GUEST_MEMMAP,
	GUEST_MEMMAP_SHARED,
	TDX_SEPT_ADD,
	TERM_COUNT
};

enum design { TERMINATE_FIRST, TERMINATE_FIRST_NO_CLEAR, REMOVE_WHILE_RUNNABLE };

struct tdx_state {
	struct gmem_state gmem;
	struct devices_state devices;
	bool td;         /* the TDX module knows it: there is a key and a TDR */
	uint64_t tables; /* of the secure EPT of the TD that ends */
};
GMEM_EMBEDDED(struct tdx_state);

static inline struct tdx_state *tdx_of(const struct guest *guest)
{
	return guest->state;
}

/* --- tdx_terms.c --- */
extern const struct record tdx_parameter_record;
extern const struct term tdx_terms[TERM_COUNT];
extern const struct term_domain tdx_domains[];

/* --- tdx_end.c --- */
extern const struct condition tdx_clear_pages, tdx_exists;
extern const struct ratio tdx_shootdowns, tdx_tables;
extern const struct flow tdx_destroy;

/* A page of a TD that cannot run any more, and of one that still could. */
#define TDX_RECLAIM_PAGE PRICE(TDX_RECLAIM), PRICE_WHEN(TDX_CLEAR, tdx_clear_pages), PRICE(MM_FREE)

#endif
