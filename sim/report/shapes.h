#ifndef SIM_REPORT_SHAPES_H
#define SIM_REPORT_SHAPES_H

/*
 * The documents that reports are, as tables (base/shape.h). json_write holds every document to its
 * table, and headings of CSV are printed from theirs.
 */

#include "base/shape.h"

extern const struct shape result_shape, stored_scenario_shape, comparison_shape, plan_shape,
	sensitivity_shape, explanation_shape, validation_shape;
/* Those that carry their scenario, and stand alone; they end with NULL. */
extern const struct shape *const carrying_shapes[];
/* What these hold of it. */
extern const struct shape carried_shape, study_options_shape, bounds_shape;

/* Tables as CSV: their columns in order. */
extern const struct shape result_csv_shape, comparison_csv_shape, sensitivity_csv_shape;

#endif
