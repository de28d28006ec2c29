#ifndef SIM_FLOW_EVENT_SOURCE_H
#define SIM_FLOW_EVENT_SOURCE_H

/* The scenario's events: when which guests are asked for an operation. */

#include "flow/runtime.h"

bool event_sources_build(struct simulation *simulation, struct error *error);

void event_sources_fini(struct simulation *simulation);

/* How many a configuration has; and to take them, as many, from the present one. */
size_t event_sources_count(const struct simulation_config *config);
void event_sources_adopt(struct simulation *simulation);
void event_sources_reset(struct simulation *simulation); /* their first events are expected */

/*
 * Guests that come and go have sources of their own for what happens to each by itself
 * (`rate`): who drives them keeps these, `of_each` for an instance, and begins and ends them.
 */
size_t event_sources_of_each(const struct simulation_config *config, size_t guest);
bool event_sources_join(struct instance *instance, struct event_source *sources,
			struct error *error);
void event_sources_begin(struct instance *instance, struct event_source *sources);
void event_sources_end(struct instance *instance, struct event_source *sources);

#endif
