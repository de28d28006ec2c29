#ifndef SIM_REPORT_JSON_TOOLS_H
#define SIM_REPORT_JSON_TOOLS_H

/*
 * Values of results as JSON. Every function returns NULL when memory runs out; json_pack
 * and the appending functions take that for an error of their own, so one check at the
 * end is enough.
 */

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "base/error.h"
#include "base/shape.h"
#include "report/result.h"

/* Text that may be no UTF-8 (a path): then its bytes are shown as \xNN. NULL: null. */
json_t *json_text(const char *value);

/* A real number, or null when it is not finite. */
json_t *json_number(double value);

/* Values that may not exist: means are real, observed values whole. */
json_t *json_maybe(struct maybe value);
json_t *json_observed(struct maybe value);

/* [low, high], or null. */
json_t *json_interval(struct maybe low, struct maybe high);

/* {low, estimate, high, allowed, observed, needed}; what is not finite is null. */
json_t *json_bounds(const struct limit_bounds *bounds);
/* The "scenario" of a result: what it carries (scenario_carried_text), or else the name alone. */
json_t *json_carried(const char *name, const char *carried);

/* Options of the command that a result depends on; the others are in its scenario. */
json_t *json_study_options(const struct result *result);

/* Append to *list; it is NULL from the first item on that cannot be made or appended. */
void json_add(json_t **list, json_t *item);

/*
 * Write the document (ASCII, indented, 15 digits) and free it; NULL: memory has run out. It must be
 * of that shape (report/shapes.h; NULL: what record tables describe): if not, ERROR_INTERNAL names
 * the place, and nothing is written.
 */
bool json_write(json_t *root, const struct shape *shape, FILE *out, struct error *error);

#endif
