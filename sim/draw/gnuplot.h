#ifndef SIM_DRAW_GNUPLOT_H
#define SIM_DRAW_GNUPLOT_H

/*
 * Runs gnuplot: without a shell, with an empty environment and no start-up file, in a temporary
 * folder of its own, and no longer than a minute.
 */

#include "draw/picture.h"

/*
 * What gnuplot draws of a picture whose table is finished, with its script in that folder, for a
 * terminal "svg", "png", "pdf" or "txt"; a byte 0 stands behind it. The caller frees it; NULL: an
 * error is set.
 */
char *gnuplot_draw(const struct picture *picture, const char *scripts, const char *terminal,
		   size_t *size, struct error *error);

/* What dot of Graphviz draws of a graph in its language, as SVG; likewise. */
char *graphviz_draw(const char *graph, size_t *size, struct error *error);

#endif
