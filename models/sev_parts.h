#ifndef MODELS_SEV_PARTS_H
#define MODELS_SEV_PARTS_H

/*
 * What the parts of model sev share. sev.c has the flows of operations, the strategies and the
 * model; _launch the flows that make and end a VM's protection; _terms parameters and prices;
 * _state locks, counts and conditions; _hooks chances and hooks; _loops what is done page by page.
 */

#include "models/devices.h"
#include "models/fill.h"
#include "models/memslots.h"
#include "models/psp.h"

struct parameters {
	struct fill fill;
	int64_t firmware_bytes;
	bool es;
	bool reset_in_process;
	int64_t asids;
	bool longterm;
	double movable, extra_reference, repinned;
	bool slot_limit;
	bool flush_used_cpus;
	struct boot_touch boot_touch;
	double workload_rate;
	struct slot_updates updates;
	struct devices devices;
};

enum {
	GUEST_STOP = FIRST_TERM,
	GUEST_BOOT,
	GUEST_MEMMAP,
	QEMU_START,
	QEMU_PAUSE,
	QEMU_THREAD_START,
	MM_FAULT,
	MM_ZERO_4K,
	MM_ZERO_2M,
	MM_ZERO_1G,
	MM_PIN_4K,
	MM_PIN_2M,
	MM_PIN_1G,
	MM_GET_PAGE,
	MM_MIGRATE,
	MM_UNPIN_4K,
	MM_UNPIN_2M,
	MM_UNPIN_1G,
	MM_UNMAP_4K,
	MM_UNMAP_HUGE,
	KVM_SET_REGION,
	SRCU_GRACE,
	KVM_PAGE_ARRAY,
	KVM_METADATA,
	KVM_PIN_MUTEX,
	KVM_SCAN_BITMAP,
	KVM_ZAP,
	KVM_DESTROY,
	CPU_CLFLUSH,
	CPU_WBINVD,
	KERNEL_EXIT,
	PSP_LAUNCH_START,
	PSP_ACTIVATE,
	PSP_UPDATE_SEV,
	QEMU_PAUSE_WAIT,
	PSP_UPDATE_VMSA,
	PSP_MEASURE,
	PSP_FINISH,
	PSP_DF_FLUSH,
	PSP_DEACTIVATE,
	PSP_DECOMMISSION,
	QEMU_RESET,
	MM_PUT_4K,
	MM_PUT_2M,
	MM_PUT_1G,
	MM_POPULATE,
	MM_FAULT_SHARED_4K,
	MM_FAULT_SHARED_HUGE,
	DEVICE_TERM_NAMES,
	GUEST_MEMMAP_SHARED,
	TERM_COUNT
};

enum page_state {
	DEAD = PAGE_FIRST, /* of the exiting process */
	FRESH,             /* mapped, not yet touched */
	PRESENT,           /* touched, but never pinned */
	PINNED,
	UNPINNED, /* by a VM that is gone from a process that lives; migrated, if it had to be */
};

enum design { UPFRONT, DEMAND, DEMAND_LONGTERM };

/* How far the guest has come: the exit of its process gives back what is there. */
struct sev_state {
	struct fill_state fill;
	struct psp_guest psp;
	bool process;    /* the memory is mapped */
	bool registered; /* page pointers, or the memslots' metadata, are there */
	struct devices_state devices;
	uint64_t movable_4k; /* pages in CMA or ZONE_MOVABLE that are about to be pinned */
};
FILL_EMBEDDED(struct sev_state);

static inline struct sev_state *sev_of(const struct guest *guest)
{
	return guest->state;
}

static inline struct psp_host *host_of(const struct guest *guest)
{
	return guest->shared;
}

static inline enum design design_of(const struct guest *guest)
{
	return (enum design)guest->config->strategy;
}

/* --- sev_terms.c --- */
extern const struct record sev_parameter_record;
extern const struct term sev_terms[TERM_COUNT];

/* --- sev_state.c --- */
bool sev_pins_longterm(const struct guest_config *config);
extern const struct condition sev_encrypts_vcpus, sev_fault_pins_longterm, sev_flush_all_cpus,
	sev_has_metadata, sev_has_process, sev_meets_movable, sev_must_migrate, sev_not_coherent,
	sev_pins_on_demand, sev_pins_upfront, sev_pins_anew, sev_resets_in_process;
extern const struct count sev_boot_touch, sev_metadata, sev_page_array, sev_per_firmware_page,
	sev_per_movable_page, sev_untouched, sev_workload_pace;
extern const struct memory_kind sev_page_pointers, sev_pin_metadata;
extern const struct ratio sev_movable_in_page, sev_anew;
double sev_resident(const struct guest_config *config);

/* --- sev_hooks.c --- */
extern const struct chance sev_migration_fails;
extern const struct hook sev_end_generation, sev_find_movable, sev_kvcalloc_metadata,
	sev_no_process, sev_note_registered, sev_note_unregistered, sev_preallocated,
	sev_rlimit_memlock, sev_start_process;

/* --- sev_launch.c --- */
extern const struct condition sev_has_asid;
extern const struct hook sev_note_launched;
extern const struct flow sev_asid_new, sev_launch, sev_register_nothing, sev_register_region,
	sev_unbind_asid;

/* --- sev_loops.c --- */
extern const struct count sev_per_4k, sev_per_touched_4k;
extern const struct flow sev_toucher, sev_toucher_longterm;
extern const struct page_loop sev_boot_faults, sev_boot_faults_longterm, sev_pin_region,
	sev_unmap_all, sev_unpin_region, sev_workload_faults, sev_zap_all;

#endif
