#ifndef MODELS_CCA_PARTS_H
#define MODELS_CCA_PARTS_H

/*
 * What the parts of model cca share. cca.c has boot, reboot and exit, the strategies and the
 * model; _terms parameters and prices; _start what makes a realm; _teardown what takes one apart.
 */

#include "models/devices.h"

struct parameters {
	int64_t image_bytes;
	struct boot_touch boot_touch;
	double workload_rate;
	int64_t rec_aux_granules;
	int64_t run_bytes;
	struct devices devices;
};

extern const struct record cca_parameter_record;

enum {
	GUEST_STOP = FIRST_TERM,
	GUEST_BOOT,
	QEMU_START,
	KVM_CREATE_VM,
	KVM_VCPU_INIT,
	KVM_WORK_START,
	KVM_DESTROY,
	KERNEL_EXIT,
	MM_FAULT,
	MM_ZERO,
	MM_FREE,
	RMI_DELEGATE,
	RMI_UNDELEGATE,
	RMI_REALM_CREATE,
	RMI_REALM_ACTIVATE,
	RMI_REALM_DESTROY,
	RMI_REC_CREATE,
	RMI_REC_DESTROY,
	RMI_REC_ENTER,
	RMI_RTT_CREATE,
	RMI_RTT_DESTROY,
	RMI_RTT_INIT_RIPAS,
	RMI_DATA_CREATE,
	RMI_DATA_CREATE_UNKNOWN,
	RMI_DATA_DESTROY,
	RMI_RANGE_CALL,
	RMI_UNMAP_GRANULE,
	RMI_UNDELEGATE_GRANULE,
	DEVICE_TERM_NAMES,
	TERM_COUNT
};

extern const struct term cca_terms[TERM_COUNT];

enum design { EXIT, BACKGROUND, RANGES };

enum page_state {
	FRESH = PAGE_FIRST, /* of the living process, not yet touched */
	REALM,              /* delegated, data of the living realm */
	DEAD,               /* delegated, data of a dead realm */
	UNDELEGATED,        /* of a dead realm, the host's again, but not yet freed */
};

/* A granule is 4 KiB, whatever the host's pages are. The entry level is two tables: 40 bits. */
enum { GRANULE_BYTES = PAGE_BYTES, GRANULES_PER_TABLE = 512, ROOT_TABLES = 2 };

/* What there is of a realm; it begins with nothing, and dies with what it has. */
struct realm {
	uint32_t generation;     /* when dead */
	struct page_range pages; /* of its guest_memfd */
	bool granules;           /* memory for RD, entry level and RECs is taken */
	bool tables_taken;       /* the same for the other tables */
	bool created;            /* the RMM knows it */
	bool ripas;              /* its tables down to blocks of 2 MiB are there */
	uint64_t recs;           /* made, and not yet destroyed */
	uint64_t tables;         /* when dead: below the entry level */
	uint64_t stuck_recs;     /* that the RMM could not destroy */
	uint64_t stuck_tables;   /* the same */
	bool stays;              /* the RMM could not destroy the realm */
};

struct cca_state {
	bool process;
	struct devices_state devices;
	struct realm live;
	struct realm dead[DEAD_GENERATIONS_MAX]; /* the oldest first */
	uint32_t dead_count;
	struct realm working; /* the one that is being taken apart */
};

static inline struct cca_state *cca_of(const struct guest *guest)
{
	return guest->state;
}

static inline uint64_t rec_granules(const struct guest *guest)
{
	return 1 + (uint64_t)parameters_of(guest)->rec_aux_granules;
}

/* cca_start.c */
extern const struct lock_kind cca_config_lock;
extern const struct count cca_per_descriptor_granule;
extern const struct memory_kind cca_realm_granules, cca_table_granules;
extern const struct page_loop cca_boot_faults, cca_workload_faults;
extern const struct hook cca_start_process;
extern const struct flow cca_make_realm;
uint64_t cca_realm_bytes(const struct guest *guest);
uint64_t cca_tables(const struct guest *guest, uint64_t pages, bool ripas);

/* cca_teardown.c */
extern const struct lock_kind cca_teardown_queue;
extern const struct hook cca_end_generation, cca_untouched_gone;
extern const struct count cca_untouched, cca_spare_tables;
extern const struct flow cca_destroy_realm, cca_teardown_work;

#endif
