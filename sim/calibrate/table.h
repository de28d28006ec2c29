#ifndef SIM_CALIBRATE_TABLE_H
#define SIM_CALIBRATE_TABLE_H

/*
 * What is measured, and which prices follow from it: two tables. Progress, lists, documents and
 * the profile come from them.
 *
 * Each measurement takes the time of a work at several sizes. A line through them has a slope
 * (per unit) and a fixed part; of calls, which have one size, there is only the time per call.
 * A price is a sum of such parts: mm.fault is the slope of touch-4k less that of clear-4k.
 */

#include "calibrate/trial.h"

enum measurement_id {
	POPULATE_4K, /* the first: it is repeated at the end */
	CLEAR_4K,
	TOUCH_4K,
	TOUCH_4K_TWO,
	UNMAP_4K,
	UNMAP_4K_TWO,
	CLEAR_TWO,
	END_4K,
	END_SMALL,
	POPULATE_2M,
	TOUCH_2M,
	TOUCH_2M_TWO,
	END_2M,
	UNMAP_2M_TWO,
	UNMAP_2M,
	UNMAP_FILE_4K,
	DISCARD_64K,
	TOUCH_POOL_2M,
	UNMAP_POOL_2M,
	TOUCH_POOL_1G,
	UNMAP_POOL_1G,
	MLOCK_4K,
	PIN_4K,
	UNPIN_4K,
	UNPIN_FREE_4K,
	UNMAP_PINNED_4K,
	PIN_2M,
	UNPIN_2M,
	UNPIN_FREE_2M,
	UNMAP_PINNED_2M,
	CACHE_CLEAN,
	GRACE,
	IPI,
	THREAD,
	PROCESS,
	KVM_CREATE_VM,
	KVM_CREATE_VCPU,
	KVM_DESTROY_VM,
	KVM_SLOT_CREATE,
	KVM_SLOT_DELETE,
	KVM_SLOT_FLAGS,
	KVM_SLOT_MOVE,
	KVM_SLOT_CREATE_RUNNING,
	KVM_SLOT_DELETE_RUNNING,
	KVM_SLOT_MOVE_RUNNING,
	KVM_KICK,
	KVM_LOOP,
	KVM_TOUCH,
	KVM_ZAP,
	KVM_LOG_DIRTY,
	KVM_UNMAP,
	KVM_CLOSE,
	KVM_END,
	MEASUREMENTS
};

enum { SIZES_MOST = 3 };

struct measurement {
	const char *name;    /* "touch-4k" */
	const char *summary; /* what is timed */
	const char *unit;    /* of its slope: "page of 4 KiB", "call" */
	uint64_t unit_size;  /* what one unit is in the sizes */
	uint64_t sizes[SIZES_MOST]; /* ascending; one alone: the time per unit, and no fixed part */
	unsigned int needs;  /* bits of enum need */
	struct trial trial;  /* without its size */
	bool waits;          /* it is not at work all the time: CPU time says nothing */
	bool variable;       /* calls differ by themselves: their variation becomes the price's cv */
};

extern const struct measurement measurements[MEASUREMENTS];

size_t measurement_sizes(const struct measurement *measurement);

enum part { PART_NONE, PART_SLOPE, PART_FIXED };

enum { ADDENDS_MOST = 3 };

/* `times` the slope (or the fixed part) of a measurement. */
struct addend {
	double times;
	enum measurement_id of;
	enum part part;
};

struct price_rule {
	const char *term; /* a cost term, for all models that have it */
	struct addend addends[ADDENDS_MOST]; /* ends with PART_NONE */
	unsigned int needs;                  /* beside those of the measurements */
	/* Two at once, each on a core of its own, and one alone: what the crowd `zone` does. */
	bool crowded;
	enum measurement_id two, one;
};

extern const struct price_rule price_rules[];
extern const size_t price_rule_count;

/* All needs of a rule's measurements and its own. */
unsigned int price_rule_needs(const struct price_rule *rule);

/* "slope of touch-4k less slope of clear-4k" into `text`. */
void price_rule_text(const struct price_rule *rule, char *text, size_t size);

#endif
