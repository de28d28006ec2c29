#ifndef SIM_FLOW_EVENT_SOURCE_H
#define SIM_FLOW_EVENT_SOURCE_H

/* The scenario's events: when which guests are asked for an operation. */

#include "flow/runtime.h"

bool event_sources_build(struct simulation *simulation, struct error *error);

/* How many a configuration has; and to take them, as many, from the present one. */
size_t event_sources_count(const struct simulation_config *config);
void event_sources_adopt(struct simulation *simulation);
void event_sources_reset(struct simulation *simulation); /* their first events are expected */

#endif
