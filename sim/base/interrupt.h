#ifndef SIM_BASE_INTERRUPT_H
#define SIM_BASE_INTERRUPT_H

/* Set once, by a signal: whatever takes long looks at it and ends with ERROR_INTERRUPTED. */

#include <stdbool.h>

extern volatile bool interrupted;

#endif
