#ifndef SIM_REPORT_PLANNING_H
#define SIM_REPORT_PLANNING_H

/* What a plan found: a number, how sure, what binds, and why not one more. */

#include "base/scale.h"
#include "report/answer_table.h"
#include "report/limit.h"
#include "report/result.h"

struct plan_point {
	int64_t value;
	enum judgement verdict;
	uint64_t replications;
	size_t binding;              /* limit that failed, is unresolved, or has the least room */
	struct limit_bounds *bounds; /* one per limit; owned */
};

enum { PLAN_PARTS_MOST = 3 };
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
	enum judgement first_verdict; /* of the easiest value, when nothing was found */
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
	struct limit_bounds *at_low, *at_high;
	struct plan_part parts
		[PLAN_PARTS_MOST]; /* of the binding latency at the next point, largest first */
	size_t part_count;
	char *failure; /* why most operations failed there; owned; NULL: none did */
};

struct planning {
	char *scenario, *version, *vary, *each; /* owned */
	char *platform;                         /* owned; NULL: none is named */
	char *commit;                           /* of the program; owned; NULL: not known */
	char *carried; /* all that is needed to run it again, as JSON; owned; NULL: left out */
	uint64_t seed;
	struct scale between; /* of what varies: values are its numbers */
	bool maximize;
	double alpha, tolerance;
	uint64_t most;        /* replications at a value */
	struct limit *limits; /* owned; the last is planning_failures */
	size_t limit_count;
	struct plan_answer *answers; /* owned */
	size_t answer_count, search_count;
};

/* The limit that every plan has: operations do not fail. */
extern const char planning_failures[];

void planning_fini(struct planning *planning);

/* A value as a scenario has it: "12", "443GiB". */
#define PLANNING_VALUE(planning, value) planning_value((char[SCALE_TEXT]){ "" }, planning, value)
const char *planning_value(char text[SCALE_TEXT], const struct planning *planning, int64_t value);

/* "meets", "infeasible" or "unresolved". */
const char *planning_verdict(const struct plan_answer *answer);

/* The look of the search at the next larger value than *last (NULL: at the least); NULL: none. */
const struct plan_point *planning_next_look(const struct plan_answer *answer,
					    const struct plan_point *last);

/* Whether a limit that is met at the answer's value is missed at an end of the prices' ranges. */
bool planning_missed_at(const struct limit_bounds *end);

/*
 * What the answer's value is bound by: the metric of the limit that the nearest value which does not meet
 * fails on, or words that nothing is: the range ends there, or what is beyond cannot run. Of an answer that
 * was found.
 */
const char *planning_binds(const struct planning *planning, const struct plan_answer *answer);

/* What a verdict is to the eye: "met", "missed" or "undecided". */
const char *planning_look(const struct plan_answer *answer);

/* What was found, and what was looked at for an answer, as tables; answer_table_fini in any case. */
bool planning_answers(const struct planning *planning, struct answer_table *table,
		      struct error *error);
bool planning_looks(const struct planning *planning, const struct plan_answer *answer,
		    struct answer_table *table, struct error *error);

/* Whether any is, at either end. */
bool planning_missed_within(const struct planning *planning, const struct plan_answer *answer);

/* 0 every search found a value, 3 some found that none can be, 4 some could not tell. */
int planning_status(const struct planning *planning);

report_writer planning_write_text, planning_write_json, planning_write_csv, planning_write_markdown;

#endif
