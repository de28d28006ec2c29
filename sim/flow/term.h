#ifndef SIM_FLOW_TERM_H
#define SIM_FLOW_TERM_H

/*
 * Cost terms: every price that a flow can charge, with its pedigree.
 *
 * A model lists its terms with their default values. A cost profile (JSON) may
 * override any of them; the resolved values of one run are in a struct cost.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "engine/law.h"

/* Where a value comes from. Only `assumed` is without evidence. */
enum term_status { TERM_PUBLISHED, TERM_MEASURED, TERM_DERIVED, TERM_ASSUMED };

/* What one unit of the price is. */
enum term_unit { TERM_PER_CALL, TERM_PER_PAGE, TERM_PER_MIB };

/* Numbers of terms begin at 1, so that a price that was left out is none: terms[0] stays empty. */
enum { NO_TERM, FIRST_TERM };

/* What the threads of a host share, by the engine's numbers (engine/cpu_sharing.h). */
enum host_capacity {
	CAPACITY_CORES,
	CAPACITY_MEMORY, /* the bus: bytes */
	CAPACITY_OWN,    /* the first of those that a scenario names */
	HOST_CAPACITIES_MAX = 8
};

/* Work that is slower when others do the same. */
enum crowd {
	CROWD_NONE,
	CROWD_ZONE,      /* gives pages back to the buddy allocator: zone->lock */
	CROWD_MEMORY,    /* clears or copies memory */
	CROWD_SHOOTDOWN, /* flushes TLBs of other CPUs */
	CROWDS
};
enum { CROWD_SPEEDS_MAX = 4 };
extern const char *const crowd_names[]; /* "none", "zone", "memory", "shootdown", NULL */

enum { TERMS_MAX = 200 }; /* of one model, those of designs included */

struct term {
	const char *name; /* "uvc.destroy_page": lower case, dots, underscores */
	enum term_unit unit;
	double mean_ns;
	double cv;              /* standard deviation / mean of one unit; 0: constant */
	double low_ns, high_ns; /* plausible range of the mean */
	enum term_status status;
	const char *source; /* author, title, year of the figure; for assumptions the reasoning */
};

/*
 * What one unit of a price uses that others on the host want, too, besides a core. Zero: nothing.
 * Who waits for it keeps the core.
 */
struct sharing {
	/* Of each capacity; of CAPACITY_MEMORY bytes, each that is cleared once. None of cores. */
	double uses[HOST_CAPACITIES_MAX];
	/* Whom it gets in the way of, and how fast it is when 2, 3, ... of them have a core. */
	enum crowd crowd;
	double speeds[CROWD_SPEEDS_MAX]; /* as a share of that alone; 0 ends them */
	double slowest, fastest;         /* plausible ends of the first */
	enum term_status speeds_status;  /* their evidence, and ... */
	const char *speeds_source;       /* ... borrowed, where it comes from */
};

/* The value of a term in one run. */
struct cost {
	struct law law;
	struct sharing sharing;
	double low_ns, high_ns;
	enum term_status status;
	const char *source; /* borrowed from the term or the profile */
};

/* That of prices, by their names; what is not listed shares nothing. */
struct term_sharing {
	const char *model; /* whose price it is; NULL: that of all models which have it */
	const char *term;
	struct sharing sharing;
};
extern const struct term_sharing term_sharing_table[];
extern const size_t term_sharing_count;

/* Bytes of one unit: of pages by the name (mm.zero_2m, mm.free_1g; 4 KiB without); 0: a call. */
double term_unit_bytes(const struct term *term);

/* How many units one call of a function does. */
enum function_amount { AMOUNT_CALL /* one */, AMOUNT_BYTES, AMOUNT_PAGES /* of 4 KiB */ };

/*
 * How a price is measured: which function of the kernel, or system call, gives it. Tracers tell
 * how long its calls take; an argument tells how much each did.
 */
struct term_function {
	const char *function;     /* as /proc/kallsyms has it; "munmap()" is a system call */
	const char *term;         /* of all models that have it */
	const char *also;         /* what some models call the same price; NULL: all alike */
	const char *architecture; /* x86_64, arm64, s390x: where it is; NULL: anywhere */
	enum function_amount amount;
	const char *arguments; /* what tells the amount, "end - addr"; NULL: nothing does */
	const char *probe;     /* the same as bpftrace writes it, "arg3 - arg2" */
	const char *which;     /* only calls whose argument of this name ... */
	const char *value;     /* ... has this value; NULL: all */
	const char *less;      /* a term that the duration holds, too; NULL: none */
	const char *note;      /* what must be known; NULL: nothing */
};
extern const struct term_function term_function_table[];
extern const size_t term_function_count;

/* "published", "measured", "derived", "assumed"; "call", "page", "MiB". */
extern const char *const term_status_names[];
extern const char *const term_unit_names[];

#endif
