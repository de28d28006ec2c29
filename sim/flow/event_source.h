#ifndef SIM_FLOW_EVENT_SOURCE_H
#define SIM_FLOW_EVENT_SOURCE_H

/* The scenario's events: when which guests are asked for an operation. */

#include "flow/runtime.h"

bool event_sources_build(struct simulation *simulation, struct error *error);
void event_sources_reset(struct simulation *simulation); /* their first events are expected */

#endif
