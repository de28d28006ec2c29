#ifndef SIM_EXPERIMENT_PLOT_H
#define SIM_EXPERIMENT_PLOT_H

/*
 * Pictures of stored results. What a file is, its first bytes or its "format" say; what can
 * be drawn of it:
 *
 *   sim-result       cdf, ccdf, breakdown, limbo (several files: one line or bar each)
 *   sim-comparison   breakdown, latency
 *   sweep (SQLite)   latency: a metric against what varies, one line per other combination
 *   sim-plan         plan: every look against its limit
 *   sim-sensitivity  tornado
 *   sim-validation   parity
 *
 * The first of a line is the default. Captions name scenario, seed and version.
 */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/error.h"
#include "report/picture.h"

enum { PLOT_FILES_MOST = 8, PLOT_FILTERS_MOST = 8 };

struct plot_request {
	const char *files[PLOT_FILES_MOST];
	size_t file_count;
	const char *kind;     /* NULL: the default of the first file */
	const char *metric;   /* NULL: the answer, or reboot.latency, or the first that is there */
	const char *quantile; /* of a sweep: "mean" (NULL), "p50", "p90", "p99", "max" */
	const char *x;        /* of a sweep: a pointer; NULL: the first numeric one */
	const char *where[PLOT_FILTERS_MOST]; /* of a sweep: only points of "/pointer=value" */
	size_t where_count;
	double slo;  /* NaN: none; else in the metric's unit (ns, bytes, count) */
	bool linear; /* no logarithmic axes */
};

/* Fill *picture, which the caller finishes with picture_fini also after an error. */
bool plot_prepare(const struct plot_request *request, struct picture *picture, struct error *error);

/* --- the parts: plot_result.c, plot_sweep.c, plot_others.c; private --- */

struct plot_unit {
	const char *name; /* "s", "GiB", "" */
	double divisor;
};

/* A unit in which `largest` (ns, bytes or a count, by the name of its unit) reads well. */
struct plot_unit plot_unit_for(const char *unit, double largest);

/* "reboot.latency of db (s)" */
void plot_axis(char *out, const char *metric, const char *group, struct plot_unit unit);

/* Whether values over this range are drawn on a logarithmic axis. */
bool plot_is_wide(double smallest, double largest);

/* Mark the limit that was asked for, if any. */
void plot_slo(const struct plot_request *request, struct picture *picture, struct plot_unit unit);

/* The text of a member; "-" when it has none. The number; NaN when it has none. */
const char *plot_text(const json_t *object, const char *key);
double plot_number(const json_t *object, const char *key);

struct plot_document {
	const char *path;
	json_t *root; /* borrowed */
};

bool plot_results(const struct plot_request *request, const struct plot_document *documents,
		  struct picture *picture, struct error *error);
bool plot_comparison(const struct plot_request *request, const struct plot_document *document,
		     struct picture *picture, struct error *error);
bool plot_plan(const struct plot_request *request, const struct plot_document *document,
	       struct picture *picture, struct error *error);
bool plot_sensitivity(const struct plot_request *request, const struct plot_document *document,
		      struct picture *picture, struct error *error);
bool plot_validation(const struct plot_request *request, const struct plot_document *document,
		     struct picture *picture, struct error *error);
bool plot_sweep(const struct plot_request *request, struct picture *picture, struct error *error);

#endif
