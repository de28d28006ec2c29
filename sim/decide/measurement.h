#ifndef SIM_DECIDE_MEASUREMENT_H
#define SIM_DECIDE_MEASUREMENT_H

/*
 * What somebody has measured of what a scenario predicts: from the command line
 * ("reboot.latency=6min", "reboot.latency.p99=8min") or from a CSV file.
 *
 * The first line of a file names its columns, in any order:
 *   /json/pointer, or a key of the guest or host (size, strategy, cores): what the scenario had
 *   then; a metric (reboot.latency, teardown.latency.p50): quantities with units, an empty cell
 *   was not measured; or `seconds`: bare numbers, and `metric` which (without it the scenario's
 *   answer); `n`: of how many operations it is the mean; `error`: of the measurement ("2%").
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "document/attachment.h"
#include "flow/metric_kind.h"
#include "scenario/scenario.h"

/* A metric and what of its observations: "reboot.latency.p99". */
struct measured {
	char *metric;    /* NULL: the answer of the scenario */
	double quantile; /* 0..1; negative: the mean */
};

struct measurement {
	const char *where; /* "reboot.csv:3" or "--observed reboot.latency=6min" */
	struct measured of;
	double value; /* in the metric's unit, above 0 */
	double error; /* of the measurement itself, relative (1 standard deviation); negative: as of all */
	uint64_t n;   /* operations; 0: a quantile of very many */
	size_t point; /* what the scenario was */
};

/* What the scenario was when something was measured. */
struct measurement_point {
	const char *label; /* "16GiB sync", or "" */
	struct setting *settings;
	size_t setting_count;
};

enum { MEASUREMENTS_MOST = 1000 };

/* Zeroed: none. */
struct measurements {
	struct measurement *items;
	size_t count, capacity;
	struct measurement_point *points;
	size_t point_count, point_capacity;
	struct memory_keeper keeper; /* of all texts */
};

/* "2%": a share above 0 and at most 1. The message has no name in front. */
bool measurement_error_read(const char *text, double *share, struct error *error);

/* "METRIC=VALUE": the mean (of one operation) or a quantile with the scenario as it is. */
bool measurements_add(struct measurements *measurements, const char *text, struct error *error);

/*
 * A file, whose short names of columns are of that guest of the scenario; without its text it is
 * read from its path. Errors are "file:line: error: ...".
 */
bool measurements_read(struct measurements *measurements, const struct attachment *file,
		       const struct simulation_config *config, size_t guest, struct error *error);

void measurements_fini(struct measurements *measurements);

#endif
