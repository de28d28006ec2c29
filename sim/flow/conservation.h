#ifndef SIM_FLOW_CONSERVATION_H
#define SIM_FLOW_CONSERVATION_H

/*
 * What must hold at the end of every replication, whatever happened in it: memory, pages,
 * requests and locks are accounted for. A violation is a defect of a model or of the engine,
 * never of a scenario; it names the guest and what does not add up.
 */

#include "flow/runtime.h"

/* False: the engine's error says what does not add up. */
bool conservation_holds(struct simulation *simulation);

#endif
