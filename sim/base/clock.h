#ifndef SIM_BASE_CLOCK_H
#define SIM_BASE_CLOCK_H

#include <time.h>

/* Seconds of a clock that does not jump. */
static inline double clock_now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
