#ifndef SIM_CALIBRATE_PROFILE_H
#define SIM_CALIBRATE_PROFILE_H

#include <jansson.h>

#include "calibrate/calibrate.h"

/*
 * A cost profile of what was measured; new reference, or NULL: no memory. Values have three
 * digits: the file gives the same bytes of results anywhere.
 */
json_t *calibration_profile(const struct calibration *calibration);

#endif
