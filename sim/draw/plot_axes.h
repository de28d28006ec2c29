#ifndef SIM_DRAW_PLOT_AXES_H
#define SIM_DRAW_PLOT_AXES_H

/* What the kinds of pictures have in common: units, axes, limits, series, captions. */

#include "draw/plot.h"

struct plot_unit {
	const char *name; /* "s", "GiB", "" */
	double divisor;
};

/* A unit in which `largest` (ns, bytes or a count, by the name of its unit) reads well. */
struct plot_unit plot_unit_for(const char *unit, double largest);

/* What a metric is called in words: "reboot latency", "memory in use, peak". */
void plot_metric_words(char *out, size_t size, const char *metric);

/* And what a pointer leads to: "/guests/0/memory" is the "memory of the guest". */
void plot_pointer_words(char *out, size_t size, const char *pointer);

/* "reboot latency of db (s)", of a metric or pointer. */
void plot_axis(char *out, const char *metric, const char *group, struct plot_unit unit);

/*
 * Of the axis 'x' or 'y' of values from low to high, in that unit: where its marks are, and
 * whether it is one of powers.
 */
void plot_scale(struct picture *picture, char axis, struct plot_unit unit, double low, double high,
		bool powers);

/* Whether values over this range are drawn on a logarithmic axis. */
bool plot_is_wide(double smallest, double largest);

/* Mark the limit that was asked for, unless it is NaN. */
void plot_slo(struct picture *picture, double slo, struct plot_unit unit);

/* Begin the next line of points, with its name. */
void plot_series(struct picture *picture, const char *name);

/* A point and its interval (NaN: there is none), and what its place on the axis is called (or NULL). */
void plot_point(struct picture *picture, double x, double y, double low, double high,
		const char *name);

/* The text of a member; "-" when it has none. The number; NaN when it has none. */
const char *plot_text(const json_t *object, const char *key);
double plot_number(const json_t *object, const char *key);

/* The name of the scenario that a document carries, as the title. */
void plot_scenario_title(struct picture *picture, const json_t *root);

/* A second line of the title. */
void plot_line(struct picture *picture, const char *text);

/*
 * The title's second line: how sure a result's answer is, for given prices and across their ranges;
 * with several results in the picture, or where bands are of sampling alone, that this is so.
 */
void plot_how_sure(struct picture *picture, const json_t *root, size_t count);
void plot_prices_as_given(struct picture *picture);

/* Title and caption of a result. */
void plot_result_caption(struct picture *picture, const struct plot_document *documents,
			 size_t count);

/* The metric that was asked for, or the result's answer. */
const char *plot_metric_of(const struct plot_request *request, const json_t *root);

/* Whether the result has the replication that was asked for, if one was. */
bool plot_has_replication(const struct plot_request *request, const struct plot_document *document,
			  struct error *error);

/* What a line or bar is called: by its file when there are several, else by its group. */
void plot_name_of(const struct plot_request *request, const struct plot_document *document,
		  const char *group, char *out, size_t size);

#endif
