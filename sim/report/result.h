#ifndef SIM_REPORT_RESULT_H
#define SIM_REPORT_RESULT_H

/*
 * The one result struct. An experiment fills it; every writer (text, JSON, CSV,
 * ...) only reads it. All strings and arrays are owned by the result.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/distribution.h"
#include "flow/metric_kind.h"
#include "report/limit.h"
#include "report/output.h"

/* A number that may not exist; then `reason` says why (static text). */
struct maybe {
	bool exists;
	double value;
	const char *reason;
};

static inline struct maybe maybe_some(double value)
{
	return (struct maybe){ true, value, NULL };
}

static inline struct maybe maybe_none(const char *reason)
{
	return (struct maybe){ .reason = reason };
}

struct result_metric {
	char *name;  /* "reboot.latency" */
	char *group; /* guest name, or "host" */
	enum unit unit;
	uint64_t n; /* observations over all replications */
	struct maybe mean;
	struct maybe ci_low, ci_high;               /* 95 % confidence interval of the mean */
	struct maybe min, p50, p90, p99, p999, max; /* observed: whole numbers */
	struct maybe p50_low, p50_high, p99_low, p99_high; /* 95 % intervals */
	struct distribution values; /* all n; for the distribution of percentiles */
	uint64_t worst;             /* the replication that holds max */
	/* Sum and number of the observations of each replication; NULL: not kept, one each. */
	int64_t *sums, *counts;
};

/* One share of a latency: `mean` summed over all parts of (metric, group) is the metric's mean. */
struct result_part {
	char *metric, *group;
	char *flow, *step, *where; /* where: kernel (or QEMU, guest, firmware) function */
	__int128 total;            /* ns over all observations: these sums are exact */
	double mean, share;
	double tail_mean, tail_share; /* of the slowest hundredth, when result.tail_from exists */
	struct maybe if_free;         /* mean of the answer if the step took no time */
	struct maybe band_low,
		band_high; /* of its mean across the ranges of prices (uncertainty) */
};

/* Counts over all replications ("fallbacks", "failures.EIO", "uvc.destroy_page"). */
struct result_counter {
	char *name, *group;
	uint64_t value;
	double mean; /* per replication */
};

/* What the threads of a host share. */
struct result_capacity {
	char *name;     /* "cores", "memory bandwidth", those that the scenario names, "crowds" */
	char *unit;     /* of the amount; NULL: it has none */
	double amount;  /* of all hosts: cores, or so much per s */
	double used;    /* share of it, on average over the observed time */
	double lost_ns; /* time that threads lost for want of it, per replication */
	struct maybe
		answer_twice; /* the answer's mean with twice as much; of crowds: without them */
};
enum { CAPACITY_ROWS_MAX = HOST_CAPACITIES_MAX + 1 };

/* A price that was charged, and what the answer does across its range. */
struct result_assumption {
	char *term, *group, *source;
	const char *status;              /* "assumed", "published", ... */
	double mean_ns, low_ns, high_ns; /* of the term */
	/* By how much its ends differ in what is charged for each of the answer's operations, ns. */
	double at_stake;
	bool moved; /* it was run at both ends */
	/* The answer's mean with the term at low_ns, high_ns; not finite: it never ended then. */
	double answer_low, answer_high;
	bool mattered; /* the answer moves by 1 % or more */
};

/* How much to run again with other costs. */
enum study { STUDY_BOUNDED, STUDY_FULL, STUDY_BAND, STUDY_NONE };
extern const char *const study_names[]; /* in the same order; ends with NULL */

/* What that took, and what was left out for its cost. */
struct result_study {
	enum study asked;
	uint64_t draws_asked;         /* of all prices; 0: as many as there is time for */
	uint64_t budget, events;      /* that it might fire (UINT64_MAX: any number), and did */
	uint64_t replications, usual; /* of a run, and if there were no bound; 0: nothing was run */
	size_t terms_left;            /* prices that were not moved alone */
	size_t steps_left;            /* large steps that were not made free */
	uint64_t slow_left;           /* operations of the slowest hundredth not looked at */
};

/* What the ranges of all prices together do to the answer's mean. */
enum band_by { BAND_OF_NOTHING, BAND_OF_DRAWS, BAND_OF_ENDS };
extern const char *const band_names[]; /* "nothing", "draws", "ends" */
struct result_uncertainty {
	enum band_by by;
	uint64_t draws, terms; /* that were made; prices that have a range */
	/* 2.5, 50 and 97.5 % of the draws' means, or with all prices at either end. */
	struct maybe low, median, high;
};

struct result_objective {
	struct limit limit; /* of one group */
	struct maybe value; /* of the mean or quantile, as it is estimated */
	struct limit_bounds bounds;
	enum judgement judgement; /* by them */
};

/* Operations of a guest that failed at one step; the numbers are of the first time. */
struct result_failure {
	char *group, *operation, *flow, *step, *where;
	const char *errno_name; /* "ENOMEM" */
	bool recovered;         /* they went on another way */
	uint64_t count;         /* over all replications */
	const char *short_of;   /* what ran out; NULL: nothing did */
	enum unit unit;
	int64_t wanted, there; /* asked for, and what was left of it */
	const char
		*oom_killer; /* took the process: "who asked", or "for another"; NULL: it did not */
};

/* What a reader asked of the text and tables; zeroed: what is usual. */
struct result_view {
	const char *const *metrics; /* nothing but these; borrowed */
	size_t metric_count;        /* 0: what is usual */
	bool all_steps;             /* no step is folded, and each has its band */
};

struct result {
	struct result_view view;
	char *scenario; /* name */
	char *file;     /* as given on the command line */
	char *carried;  /* all that is needed to run it again, as JSON; NULL: left out */
	char *version;
	char *commit; /* that the program was built from; NULL: not known */
	uint64_t seed;
	char *platform;        /* that it runs on, as the scenario names it; NULL: none */
	char *scenario_sha256; /* of the bytes read, after --set: of the changed document */
	char *costs_sha256;    /* of the resolved cost terms */
	uint64_t replications;
	bool deterministic; /* no random draw was made: one replication is the truth */
	bool exact_pages;
	int64_t warm_up_ns; /* what was requested before is not in the result */
	char *stopping;     /* one sentence: why so many replications */
	/* The other strategies of the answer's model that have its operation: a sentence; or NULL. */
	char *alternatives;
	uint64_t events; /* fired, over all replications */

	size_t answer; /* index into metrics of the headline (SIZE_MAX: none) */
	struct result_metric *metrics;
	size_t metric_count;
	struct result_part *parts; /* by metric and group, largest first */
	size_t part_count;
	struct maybe tail_from; /* the answer's slowest hundredth are of this and more ... */
	uint64_t tail_count;    /* ... and so many (with study.slow_left) */
	struct result_counter *counters;
	size_t counter_count;
	struct result_failure *failures; /* the most frequent first */
	size_t failure_count;
	struct result_capacity capacities[CAPACITY_ROWS_MAX];
	size_t capacity_count;
	struct result_assumption *assumptions; /* largest effect first, those not moved last */
	size_t assumption_count;
	/* What a model wants said plainly of some terms, and the answer at their ends; NULL: nothing. */
	char *caveat, *caveat_terms;
	struct maybe caveat_low, caveat_high;
	struct maybe answer_low, answer_high; /* with all prices at their low / high end */
	struct result_study study;
	struct result_uncertainty uncertainty;
	char **notes; /* sentences: what must be known besides the numbers */
	size_t note_count;
	struct result_objective *objectives;
	size_t objective_count;
};

void result_fini(struct result *result);

/* The part is a share of that metric. */
bool result_part_is_of(const struct result_part *part, const struct result_metric *metric);

/*
 * The metric of that name and group (NULL: of any), SIZE_MAX or NULL when there is none; where
 * several are, the first, or the first that was observed.
 */
size_t result_find_observed(const struct result *result, const char *name);
const struct result_metric *result_metric(const struct result *result, const char *name,
					  const char *group);

/* "lock.mmap_lock.wait" is called so, and as its family is: "lock.NAME.wait". */
bool result_is_called(const struct result_metric *metric, const char *name);

/* A reader who chose metrics chose this one, or chose none. */
bool result_is_chosen(const struct result *result, const struct result_metric *metric);

/* The counter of that name and group (NULL: of any), or NULL. */
const struct result_counter *result_counter(const struct result *result, const char *name,
					    const char *group);

/* Why values of the metric do not exist, each reason once, "; " between; false: all exist. */
enum { REASONS_SIZE = 512 };
bool metric_reasons(const struct result_metric *metric, char reasons[REASONS_SIZE]);

/* Of all objectives together. */
enum judgement result_judgement(const struct result *result);

/* Operations were asked for, and not one has succeeded: all failed, were refused, or had no end.
 * Of a fleet: no VM has started, though some were rejected or failed. */
bool result_nothing_succeeded(const struct result *result);

/* The ways to write a result, and their names for the command line. */
report_writer result_write_text, result_write_json, result_write_csv, result_write_markdown,
	result_write_percentiles;
extern report_writer *const result_writers[];
extern const char *const result_format_names[]; /* in the same order; ends with NULL */
extern const enum study result_format_study[];  /* what it shows of runs with other costs */

/* What is worth running for a format, of what was asked for. */
enum study result_study_for(int format, enum study asked);

#endif
