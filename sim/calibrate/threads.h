#ifndef SIM_CALIBRATE_THREADS_H
#define SIM_CALIBRATE_THREADS_H

#include "calibrate/trial.h"

/* A thread of the job's process spins on other CPUs than it may run on itself, once this returns. */
bool thread_elsewhere(struct job *job);

#endif
