#ifndef SIM_FLOW_CONFIG_H
#define SIM_FLOW_CONFIG_H

/*
 * What a simulation is built from: the host, its guests and what happens to
 * them, already checked and with every default filled in. sim/scenario reads
 * these structs from JSON; its field tables document each member.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/term.h"

struct model;
struct population;
struct strategy;
struct version_row;

/* Host features; host_features[] has their names in the same order. */
enum host_feature {
	FEATURE_FAST_DESTROY,
	FEATURE_MISC_UV,
	FEATURE_FWB,
	FEATURE_DIC,
	FEATURE_RANGE_TLBI,
	FEATURE_SME_COHERENT,
	FEATURE_COUNT
};
extern const char *const host_feature_names[FEATURE_COUNT + 1];

/* What host processors are. */
enum architecture { ARCHITECTURE_X86_64, ARCHITECTURE_ARM64, ARCHITECTURE_S390X, ARCHITECTURES };
enum {
	ON_X86_64 = 1 << ARCHITECTURE_X86_64,
	ON_ARM64 = 1 << ARCHITECTURE_ARM64,
	ON_S390X = 1 << ARCHITECTURE_S390X
};
extern const char *const architecture_names[ARCHITECTURES + 1]; /* "x86_64", ..., NULL */

/* Two prices of one estimate that err together: as their logarithms are correlated. */
struct correlation {
	const char *terms[2]; /* borrowed */
	double value;         /* above -1, below 1 */
};

/* Sizes of the pages behind a guest. */
enum page_size { PAGE_4K, PAGE_2M, PAGE_1G, PAGE_SIZES };
extern const int64_t page_size_bytes[PAGE_SIZES];

/* Something else that prices use and threads share: invalidations of an IOMMU, bytes of a disk. */
struct capacity_config {
	char *name, *unit;
	double per_s; /* for the whole host */
};

/* Plausible ends of the bandwidth in bytes per s; equal where the host says what it has. */
struct bandwidth_range {
	double low, high;
	enum term_status status;
	const char *source; /* borrowed */
};

struct host_config {
	int64_t numa_nodes; /* that cores, memory, pools and bandwidth are divided among */
	int64_t cores;
	int64_t memory_bytes;                     /* pools of hugepages included */
	int64_t hugepages[PAGE_SIZES];            /* that are kept in pools; none of 4 KiB */
	uint64_t features;                        /* bit i: enum host_feature i */
	double memory_bandwidth;                  /* bytes per s that all cores together can move */
	struct bandwidth_range bandwidth;         /* what it may be elsewhere */
	const struct capacity_config *capacities; /* besides cores and memory bandwidth */
	size_t capacity_count;
	bool overcommit; /* without memory the OOM killer takes a process */
	bool metadata;   /* memory that guests need besides their own counts */
	int64_t kernel;  /* version (base/version.h); 0: not named */
};

/* Of all capacities, those that the scenario names included. */
static inline size_t host_capacities(const struct host_config *host)
{
	return CAPACITY_OWN + host->capacity_count;
}

/* What there is of one per s, for the whole host; not of cores. */
double host_capacity_per_s(const struct host_config *host, size_t capacity);

/* Bytes that the host keeps in its pool of that size; PAGE_4K: those in no pool (below 0: too few). */
int64_t host_pool_bytes(const struct host_config *host, enum page_size size);

/* Where a guest's memory and threads are on a host with several NUMA nodes. */
enum numa_policy { NUMA_UNBOUND, NUMA_BOUND, NUMA_SPREAD };
extern const char *const numa_policy_names[]; /* "unbound", "bound", "spread", NULL */

/* A failure that is switched on: a step of the guest's flows fails by chance or at one call. */
struct fault_config {
	char *step; /* name of a fallible step ("uvc.destroy_conf", "kvm_s390_pv_set_aside") */
	double probability; /* of each call; 0 when `call` is given */
	int64_t call;       /* the n-th call of the run fails, from 1; 0: by probability */
};

struct guest_config {
	char *name;
	int64_t count; /* instances of this guest */
	const struct model *model;
	int strategy; /* the shipped one, as the model numbers it; a design has that of what it extends */
	const struct strategy *design; /* its flows: that strategy, or a design of the scenario */
	int64_t vcpus;
	int64_t memory_bytes;
	double resident;          /* fraction of the memory that is present */
	enum page_size page_size; /* of what is behind its memory ... */
	int64_t page_bytes;       /* ... in bytes */
	enum numa_policy numa;
	int64_t numa_node;   /* that it is bound to; -1: instances take turns */
	bool hugetlb;        /* it comes from the host's pool of that size */
	int64_t limit_bytes; /* memory.max of the VM's control group; 0: none */
	int64_t vmm_bytes;   /* that the VM's process needs for itself */
	int64_t qemu;        /* version; 0: not named */
	int vmm;             /* enum vmm (flow/version.h) */
	/* What of the table of versions holds for it and was taken; owned, the rows are not. */
	const struct version_row **versions;
	size_t version_count;
	void *parameters;   /* the model's own, laid out by model->parameters; owned */
	struct cost *costs; /* one per term of the model; owned */
	struct fault_config *faults;
	size_t fault_count;
};

enum operation {
	OPERATION_START,
	OPERATION_REBOOT,
	OPERATION_SHUTDOWN,
	OPERATION_UPDATE,
	OPERATION_RELOCK,
	OPERATION_KILL,
	OPERATION_COUNT
};
/* "start", "reboot", "shutdown", "update", "relock", "kill" */
extern const char *const operation_names[OPERATION_COUNT + 1];

enum { EVENT_OCCURRENCES_MAX = 1 << 20 }; /* of one event: streams name no more (engine/stream.h) */

/* Something that happens to instances of one guest: to those that all of this is true of. */
struct event_config {
	enum operation operation;
	size_t guest;          /* index into guests */
	double share;          /* with this probability each of them is among those; 1: all are */
	int64_t host;          /* they are on that host; -1: on any */
	int64_t older_than_ns; /* they were started longer ago; 0: at any time */
	int64_t at_ns;         /* first time */
	int64_t every_ns;      /* repeated with this period; 0: once */
	double rate_per_s;     /* Poisson arrivals per instance from at_ns on; 0: none */
	int64_t times;         /* at most so many; 0: until the end */
	int64_t concurrency;   /* rolling: at most so many instances at once; 0: all */
	bool coalesce;         /* one that comes while the same waits already is served by that */
};

/* A step by its names, as parts of a latency carry them. */
struct step_name {
	const char *group, *flow, *step, *where;
};

struct simulation_config {
	struct host_config host;
	struct guest_config *guests;
	size_t guest_count;
	struct event_config *events;
	size_t event_count;
	int64_t until_ns;
	uint64_t seed;
	bool exact_pages;
	const struct population *population; /* guests that come and go; NULL: none, and one host */
	int64_t record_from_ns;              /* what was requested before is not observed */
	const struct step_name *free_step;   /* takes no time, as if it cost nothing; NULL: none */
	struct correlation *correlations;    /* of draws of prices */
	size_t correlation_count;
};

#endif
