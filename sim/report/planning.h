#ifndef SIM_REPORT_PLANNING_H
#define SIM_REPORT_PLANNING_H

/* What a plan found: a number, how sure, what binds, and why not one more. */

#include "report/result.h"

enum plan_verdict { PLAN_MEETS, PLAN_FAILS, PLAN_UNRESOLVED };
extern const char *const plan_verdict_names[]; /* "meets", "fails", "unresolved" */

struct plan_limit {
	char *metric, *group; /* owned; group may be NULL */
	enum unit unit;
	double quantile; /* negative: the mean; 1: never */
	double at_most;
};

/* A limit at a point: bounds of a probability to exceed it, or of a mean. */
struct plan_bounds {
	double low, estimate, high, limit;
};

struct plan_point {
	int64_t value;
	enum plan_verdict verdict;
	uint64_t replications;
	size_t binding;             /* limit that failed, is unresolved, or has the least room */
	struct plan_bounds *bounds; /* one per limit; owned */
};

struct plan_part {
	char *step, *where; /* owned */
	double share;
};

/* One search; several make a frontier. */
struct plan_answer {
	char *each;        /* the value of the second quantity; owned; NULL: there is none */
	bool found;        /* some value meets all limits, confirmed */
	bool unresolved;   /* the search met its effort's end: a larger value may do */
	bool not_monotone; /* an easier value failed where a harder one met */
	enum plan_verdict first_verdict; /* of the easiest value, when nothing was found */
	int64_t value;
	struct plan_point *points; /* in the order of looks; owned */
	size_t point_count;
	size_t confirmation;   /* index of the look on fresh random numbers; SIZE_MAX: none */
	size_t next;           /* index of the nearest point that did not meet; SIZE_MAX: none */
	uint64_t replications; /* in all */
	double alpha_each;     /* of a verdict of the search */
	char *impossible; /* why impossible_value and what is beyond cannot run; owned; or NULL */
	int64_t impossible_value;
	/* Estimates of each limit at `value` with all prices at their low, high ends; owned, or NULL. */
	struct plan_bounds *at_low, *at_high;
	struct plan_part parts[3]; /* of the binding latency at the next point, largest first */
	size_t part_count;
	char *failure; /* why most operations failed there; owned; NULL: none did */
};

struct planning {
	char *scenario, *version, *vary, *each; /* owned */
	char *platform;                         /* owned; NULL: none is named */
	char *commit;                           /* of the program; owned; NULL: not known */
	char *carried; /* all that is needed to run it again, as JSON; owned; NULL: left out */
	uint64_t seed;
	int64_t low, high;
	bool maximize;
	double alpha;
	struct plan_limit *limits; /* owned */
	size_t limit_count;
	struct plan_answer *answers; /* owned */
	size_t answer_count;
};

void planning_fini(struct planning *planning);

/* Whether a limit that is met at the answer's value is missed at an end of the prices' ranges. */
bool planning_missed_at(const struct plan_bounds *end);

/* 0 every search found a value, 3 some found that none can be, 4 some could not tell. */
int planning_status(const struct planning *planning);

report_writer planning_write_text, planning_write_json;

#endif
