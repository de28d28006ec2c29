#ifndef SIM_DECIDE_FIT_PARTS_H
#define SIM_DECIDE_FIT_PARTS_H

/* What fits of lines share; private to this folder. */

#include "decide/fit.h"

/* Check the measurements and make room; every weight is 1. */
bool fit_line_begin(const struct fit_data *data, bool through_zero, struct fit_line *line,
		    struct error *error);
/* What the line says of each measurement. */
void fit_line_end(const struct fit_data *data, struct fit_line *line);

#endif
