#ifndef SIM_DRAW_PLOT_H
#define SIM_DRAW_PLOT_H

/*
 * Pictures of stored results. What a file is, its first bytes or its "format" say; what can
 * be drawn of it:
 *
 *   sim-result       cdf, ccdf, breakdown, limbo, memory (several files: one line or bar each),
 *                    hosts (of one)
 *   sim-comparison   breakdown, latency
 *   sweep (SQLite)   latency: a metric against what varies, one line per other combination
 *   sim-plan         plan: every look against its limit; frontier: answers by "for_each"
 *   sim-sensitivity  tornado
 *   sim-validation   parity
 *
 * The first of a line is the default. Captions name scenario, seed and version.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"
#include "draw/picture.h"
#include "report/host_use.h"

enum { PLOT_FILES_MOST = 8, PLOT_FILTERS_MOST = 8, PLOT_REPLICATIONS_MOST = 32 };

/*
 * Tell the corners of memory over time, in limbo or in use, in so many replications of the result
 * `root` from the first on, one after another.
 */
typedef bool plot_memory_source(const json_t *root, const char *path, bool in_use, uint32_t first,
				uint32_t count,
				void (*corner)(void *data, uint32_t replication, int64_t at_ns,
					       int64_t bytes),
				void *data, struct error *error);

/* Tell what each host has in use over the time of that replication. */
typedef bool plot_use_source(const json_t *root, const char *path, uint32_t replication,
			     struct host_use *use, struct error *error);

struct plot_request {
	const char *files[PLOT_FILES_MOST];
	size_t file_count;
	const char *kind;     /* NULL: the default of the first file */
	const char *metric;   /* NULL: the answer, or reboot.latency, or the first that is there */
	const char *quantile; /* of a sweep: "mean" (NULL), "p50", "p90", "p99", "max" */
	const char *x;        /* of a sweep: a pointer; NULL: the first numeric one */
	const char *where[PLOT_FILTERS_MOST]; /* of a sweep: only points of "/pointer=value" */
	size_t where_count;
	double slo;            /* NaN: none; else in the metric's unit (ns, bytes, count) */
	bool linear;           /* no logarithmic axes */
	int64_t replication;   /* of what is over time: this one alone; negative: many ... */
	uint32_t replications; /* ... so many at most; 0: PLOT_REPLICATIONS_MOST */
	/* Pictures run nothing: who wants memory, or the use of hosts, says who runs it again. */
	plot_memory_source *memory;
	plot_use_source *use;
};

struct plot_document {
	const char *path;
	json_t *root; /* borrowed; NULL: the file of a sweep */
};

/*
 * A kind fills a picture: of the first document, or of all that the request names. plot.c has the
 * table of them.
 */
typedef bool plot_kind(const struct plot_request *request, const struct plot_document *documents,
		       struct picture *picture, struct error *error);

/* Of results: shares of operations by time, a bar of steps for each guest, memory in limbo and
 * in use over time. */
plot_kind plot_cdf, plot_ccdf, plot_breakdown, plot_limbo, plot_memory;

/* Cores, memory and bandwidth of hosts over time, with what they have. */
plot_kind plot_hosts;

/* Of a comparison: a bar of steps for each design, or its mean with the interval. */
plot_kind plot_designs, plot_design_means;

/* Of a sweep: a metric against what varies. */
plot_kind plot_sweep;

/* Of a plan: every look against its limit, or answers for each value; costs at their ends; predictions and publications. */
plot_kind plot_plan, plot_frontier, plot_sensitivity, plot_validation;

/* Fill *picture, which the caller finishes with picture_fini also after an error. */
bool plot_prepare(const struct plot_request *request, struct picture *picture, struct error *error);

#endif
