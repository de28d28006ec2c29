#ifndef SIM_CALIBRATE_TABLE_H
#define SIM_CALIBRATE_TABLE_H

/*
 * What is measured, and which prices follow from it: two tables. Progress, lists, documents and
 * the profile come from them.
 *
 * Each measurement takes the time of a work at several sizes. A line through them has a slope
 * (per unit) and a fixed part; of what has nothing fixed to speak of, and of calls, there is only
 * the time per unit.
 * A price is a sum of such parts: mm.fault is the slope of touch-4k less that of clear.
 */

#include <stdio.h>

#include "calibrate/trial.h"

enum measurement_id {
	POPULATE_4K, /* the first: it is repeated at the end */
	CLEAR,
	CLEAR_ALL,
	TOUCH_4K,
	TOUCH_4K_TWO,
	UNMAP_4K,
	END_4K,
	END_4K_TWO,
	END_4K_FOUR,
	END_HELPER,
	END_EMPTY,
	UNMAP_FILE_4K,
	DISCARD_4K,
	DISCARD_64K,
	DISCARD_SHARED,
	POPULATE_2M,
	TOUCH_2M,
	TOUCH_2M_TWO,
	UNMAP_2M,
	END_2M,
	END_2M_TWO,
	END_2M_FOUR,
	TOUCH_1G,
	UNMAP_1G,
	TOUCH_POOL,
	UNMAP_POOL,
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
	KVM_SLOT_FLAGS_RUNNING,
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
	const char *name;           /* "touch-4k" */
	const char *summary;        /* what is timed */
	unsigned int needs;         /* bits of enum need */
	const char *unit;           /* of its slope: "page of 4 KiB", "call" */
	uint64_t unit_size;         /* what one unit is in the sizes */
	uint64_t sizes[SIZES_MOST]; /* ascending; one alone: time per unit, no fixed part */
	struct trial trial;         /* without its size */
	bool through_zero;          /* nothing of it does not grow with the size */
};

extern const struct measurement measurements[MEASUREMENTS];

size_t measurement_sizes(const struct measurement *measurement);

/* Its times are a line with a fixed part. */
bool measurement_is_line(const struct measurement *measurement);

enum line_part { PART_NONE, PART_SLOPE, PART_FIXED };

enum { ADDENDS_MOST = 3 };

/* `times` the slope (or the fixed part) of a measurement. */
struct addend {
	double times;
	enum measurement_id of;
	enum line_part part;
};

struct price_rule {
	const char *term;                    /* a cost term, for all models that have it */
	struct addend addends[ADDENDS_MOST]; /* ends with PART_NONE */
	unsigned int needs;                  /* beside those of the measurements */
	/* What those of the crowd `zone` take from each other: alone, and several on cores. */
	bool crowded;
	enum measurement_id one, two, four;
};

extern const struct price_rule price_rules[];
extern const size_t price_rule_count;

/* All needs of a rule's measurements and its own. */
unsigned int price_rule_needs(const struct price_rule *rule);

/* "slope of touch-4k less slope of clear" into `text`. */
void price_rule_text(const struct price_rule *rule, char *text, size_t size);

/* Both tables, for people and as Markdown (`sim calibrate --list`, docs/calibrate.md). */
void tables_print(FILE *out);

#endif
