#ifndef SIM_DRAW_SVG_H
#define SIM_DRAW_SVG_H

/*
 * gnuplot's SVG, made fit for readers: it follows a reader who prefers dark pages, has a name for
 * screen readers, and identifiers of its own where it stands in a page. Colours are those of
 * scripts/gnuplot/style.gp; each has another on dark ground.
 */

#include <stdio.h>

/*
 * Rules of CSS that give colours that stand as attributes (fill="#0072b2") their look on dark
 * ground. A page with pictures that were written for pages has them once.
 */
void svg_write_dark_rules(FILE *out);

/* As a file of its own, with the rules. */
void svg_write_alone(const char *svg, const char *label, FILE *out);

/* To stand in a page: without a prologue; identifiers begin with `name`, letters. */
void svg_write_in_page(const char *svg, const char *name, const char *label, FILE *out);

#endif
