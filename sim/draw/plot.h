#ifndef SIM_DRAW_PLOT_H
#define SIM_DRAW_PLOT_H

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

#include "draw/plot_kinds.h"

/* Fill *picture, which the caller finishes with picture_fini also after an error. */
bool plot_prepare(const struct plot_request *request, struct picture *picture, struct error *error);

#endif
