#ifndef SIM_CALIBRATE_MEMORY_H
#define SIM_CALIBRATE_MEMORY_H

#include "calibrate/trial.h"

/* Map the trial's memory and make `resident` of it present: job->memory. False: job->failed. */
bool memory_present(struct job *job);

#endif
