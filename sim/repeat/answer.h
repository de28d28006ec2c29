#ifndef SIM_REPEAT_ANSWER_H
#define SIM_REPEAT_ANSWER_H

/* Which metric a report leads with. */

#include "repeat/replicate.h"

/* The index of the first metric that was observed (first group), in this order: reboot, start,
 * shutdown, update, relock latency; SIZE_MAX when none was. */
size_t answer_of(const struct replications *replications);

/* The same of one simulation that has run. */
size_t answer_of_simulation(const struct simulation *simulation);

#endif
