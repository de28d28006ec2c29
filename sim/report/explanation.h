#ifndef SIM_REPORT_EXPLANATION_H
#define SIM_REPORT_EXPLANATION_H

/*
 * Measurements explained: which strategies and which prices give them, what would tell these
 * apart, and an estimate of prices. What was squared and drawn: sim/decide/observed.h.
 */

#include "base/memory.h"
#include "report/result.h"

/* What was measured, and what the scenario predicts of it. */
struct explanation_measurement {
	const char *where;  /* "reboot.csv:3" */
	const char *label;  /* what the scenario was: "16GiB", or "" */
	const char *metric; /* "reboot.latency.p99" */
	enum unit unit;
	double value;
	uint64_t n;    /* operations; 0: very many */
	double noise;  /* standard deviation around the prediction, prices as they are */
	double before; /* predicted with the prices as they are, and ... */
	double after;  /* ... with the estimate; NAN: there is none */
	double apart; /* value less `after`, in standard deviations, those from other prices included */
};

/* A strategy with the prices as they are. */
struct explanation_strategy {
	const char *name;
	bool own;            /* it is the scenario's */
	const char *problem; /* why it predicts nothing; NULL: it does */
	double predicted;    /* of the first measurement */
	double misfit;       /* sum of squares over all, in standard deviations */
	bool fits;           /* no more than 95 % of such sums */
	struct maybe low,
		high; /* of the first measurement with all prices at their low, high ends */
};

/* A strategy with one price moved to where it explains the measurements best. */
struct explanation_candidate {
	const char *strategy, *term, *unit; /* unit: "page" */
	bool own;                           /* the strategy is the scenario's */
	const char *alike;               /* strategies that need the same, "lazy, async"; or "" */
	double value, low, high, needed; /* of the price, ns */
	/*
	 * How far from its value it must go, as a share of the way to the end of its range, on a
	 * logarithmic scale; above 1 it must leave the range.
	 */
	double share;
	double misfit;
	bool fits;
};

/* A measurement that would tell candidates apart. */
struct explanation_experiment {
	const char *what; /* "teardown.latency", "reboot.latency, memory 256GiB" */
	enum unit unit;
	struct maybe *predicted; /* of each of the compared candidates */
	double noise;            /* the largest standard deviation of one such measurement */
	size_t pairs;            /* of candidates that it tells apart, at 95 % */
};

/* Compared candidates: numbers of them, or, less COMPARED_STRATEGY, of strategies. */
enum { COMPARED_MOST = 5, COMPARED_STRATEGY = 1 << 20 };

struct explanation_estimate {
	const char *term, *unit;
	double value, low, high;          /* of the price before, ns */
	double estimate, ci_low, ci_high; /* 95 % */
	bool told;                        /* the interval is narrower than the range */
	bool outside;                     /* the estimate is beyond the range */
};

/* Prices of which only a sum is known. */
struct explanation_confusion {
	const char **terms; /* at least one */
	double *factors;    /* of each in that sum; the first is 1 */
	size_t count;
	struct maybe sum, sum_low, sum_high; /* ns, 95 %; none: nothing is known of it */
	const char *remedy;                  /* a measurement that would tell them apart; or NULL */
};

/* A price that was not estimated, and where the measurements would have it. */
struct explanation_pull {
	const char *term;
	double deviations; /* of what its range allows: above 0 it is dearer */
};

struct explanation_correlation {
	const char *a, *b;
	double value;
};

struct explanation {
	struct memory_keeper keeper; /* of all texts and lists */
	const char *scenario, *version, *file;
	const char *commit, *platform; /* NULL: not known, none is named */
	const char *carried; /* all that is needed to run it again, as JSON; NULL: left out */
	/* Options of the command; the file of measurements is JSON (document/attachment.h), or NULL. */
	const char **observed, **terms, *csv, *csv_name, *group;
	size_t observed_count, term_count;
	uint64_t seed, replications; /* of each run */
	double error;                /* of measuring, relative */
	struct explanation_measurement *measurements;
	size_t measurement_count;
	struct explanation_strategy *strategies;
	size_t strategy_count;
	struct explanation_candidate *candidates; /* best first */
	size_t candidate_count;
	size_t compared[COMPARED_MOST];
	size_t compared_count;
	struct explanation_experiment *experiments; /* best first */
	size_t experiment_count;

	/* The estimate; without one `no_estimate` says why. */
	const char *no_estimate;
	bool others_fixed; /* prices that are not estimated are what they are, not in their ranges */
	struct explanation_estimate *estimates;
	size_t estimate_count;
	double misfit, probability; /* chi-squared, and how often it is larger by chance */
	size_t freedom;             /* measurements less estimated prices; 0: no judgement */
	double widened;             /* the intervals were, by so much, for a poor fit; 1: not */
	struct explanation_confusion *confusions;
	size_t confusion_count;
	struct explanation_correlation *correlations; /* of all pairs that are told */
	size_t correlation_count;
	struct explanation_pull *pulls; /* strongest first */
	size_t pull_count;
};

void explanation_fini(struct explanation *explanation);

report_writer explanation_write_text, explanation_write_json;

/* The estimate as a cost profile: terms that are told, with their intervals as ranges. */
report_writer explanation_write_profile;

#endif
