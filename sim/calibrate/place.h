#ifndef SIM_CALIBRATE_PLACE_H
#define SIM_CALIBRATE_PLACE_H

/*
 * Where measurements are made: the machine, what it stands on, what it can do, and what of it
 * may be used.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* What a measurement may need; bits, in the order of need_table. */
enum need {
	NEED_TWO_CPUS = 1 << 0,
	NEED_FOUR_CPUS = 1 << 1,
	NEED_POPULATE = 1 << 2,
	NEED_THP = 1 << 3,
	NEED_POOL_2M = 1 << 4,
	NEED_POOL_1G = 1 << 5,
	NEED_MEMLOCK = 1 << 6,
	NEED_IO_URING = 1 << 7,
	NEED_CACHE_CLEAN = 1 << 8,
	NEED_MEMBARRIER = 1 << 9,
	NEED_KVM = 1 << 10,
	NEED_GUEST = 1 << 11,
	NEED_X86 = 1 << 12,
	NEED_ARM64 = 1 << 13,
};
enum { NEEDS = 14, CPUS_MOST = 64 };

struct need_row {
	const char *name, *help; /* "kvm", "/dev/kvm can be opened" */
};
extern const struct need_row need_table[NEEDS];

struct place {
	char architecture[32]; /* "x86_64" */
	char cpu[96];          /* "AMD EPYC 7J13"; control characters are blanks */
	char machine[96];      /* of DMI; "": not known */
	char kernel[96];
	char date[16];            /* YYYY-MM-DD */
	char ground[160];         /* "bare metal", "a guest (KVM)", ... and how it is known */
	char missing[NEEDS][120]; /* why a need is not met; "": it is */
	size_t cpus[CPUS_MOST];   /* that may be used */
	size_t cpu_count;
	uint64_t available_bytes;            /* of memory, at the start */
	uint64_t bound_bytes;                /* that all processes of a trial may have together */
	double syscall_ns, fault_ns, ipi_ns; /* 0: not known */
	const volatile bool *stop;
};

/*
 * Look around; only prices take time, some milliseconds. At most `most_bytes` of memory may be
 * used at once (0, or more than that: half of what is available).
 */
bool place_look(struct place *place, const volatile bool *stop, uint64_t most_bytes,
		struct error *error);

/* The first of `needs` (bits) that is not met, or NULL; `why` says what is missing. */
const struct need_row *place_lacks(const struct place *place, unsigned int needs, const char **why);

/* So many bytes of memory are available now (MemAvailable); 0: not known. */
uint64_t place_available_bytes(void);

/*
 * CPU time of other processes since `since` (NULL: fill in *now alone), as a share of all CPUs; 0
 * where /proc/stat does not say.
 */
struct cpu_times {
	double elapsed_ns, busy_ns, own_ns;
};
double place_others(const struct cpu_times *since, struct cpu_times *now);

void place_print(const struct place *place, FILE *out);

#endif
