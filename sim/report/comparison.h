#ifndef SIM_REPORT_COMPARISON_H
#define SIM_REPORT_COMPARISON_H

/* Designs side by side: what one metric is in each, and how it differs from a baseline. */

#include "report/result.h"

struct comparison_design {
	char *label;          /* "async"; owned */
	struct result result; /* owned */
	size_t metric;        /* index into result.metrics; SIZE_MAX: not observed here */
	/* Against the baseline; 95 % intervals. They do not exist for the baseline itself. */
	struct maybe difference, difference_low, difference_high;
	struct maybe ratio, ratio_low, ratio_high;
	struct maybe variance_saved; /* share of the difference's variance that pairing removed */
	uint64_t
		paired; /* replications that were held against each other, the first of both; or 0 */
	/* What the ranges of prices do to its mean, and to the difference: under the same draws. */
	struct result_uncertainty band, difference_band;
};

struct comparison {
	char *over;        /* the JSON pointers that differ, or "results"; owned */
	char *metric_name; /* owned */
	enum unit unit;
	struct comparison_design *designs; /* owned */
	size_t design_count, baseline;
	bool stored; /* the designs are stored results: what they were run with is in their study */
	bool paired; /* common random numbers, one replication against the same of the other */
};

void comparison_fini(struct comparison *comparison);

/* The metric of a design, or NULL when it was not observed there. */
const struct result_metric *comparison_metric(const struct comparison_design *design);

/* The same, or one whose values do not exist. */
const struct result_metric *comparison_shown(const struct comparison_design *design);

/*
 * "no difference" when the interval holds zero and lies within 0.05 % of the baseline (or nothing
 * differs at all), "not told apart" when it holds zero and is wider; NULL: there is one.
 */
const char *comparison_no_difference(const struct comparison *comparison,
				     const struct comparison_design *design);

/* One step whose time differs: mean in the design less mean in the baseline, ns. */
struct comparison_part {
	const char *step, *where; /* borrowed from a result */
	double difference;
};

/* The `most` largest differences by size into parts[]; how many there are. */
size_t comparison_parts(const struct comparison *comparison, const struct comparison_design *design,
			struct comparison_part *parts, size_t most);

/* What else a design costs: the mean of a metric of the design, its group or the host. */
struct maybe comparison_also(const struct comparison_design *design, enum metric_id id);

/* Metrics that stand beside the answer in every format. */
enum { COMPARISON_BESIDE = 5 };
extern const enum metric_id comparison_beside[COMPARISON_BESIDE];

report_writer comparison_write_text, comparison_write_json, comparison_write_csv,
	comparison_write_markdown;

#endif
