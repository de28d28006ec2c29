#ifndef SIM_FLOW_EVENT_TARGET_H
#define SIM_FLOW_EVENT_TARGET_H

/*
 * Which guests an event meets. All that are there from the start, or, of those that come and
 * go, who runs or is on its way to another host, and is not about to end; less those that `share`,
 * `host` or `older_than` of the event exclude.
 */

#include "flow/runtime.h"

/* Of the occurrence that has come: source->targets, by their numbers. False: an engine error. */
bool event_targets_find(struct event_source *source);

/* The n-th of these, wherever it is by now; NULL: it is not there any more. */
struct instance *event_target(const struct event_source *source, size_t n);

/* The same of one with events of its own: is it one of the share that has them; and now? */
bool event_meets_ever(const struct event_source *source, const struct instance *instance);
bool event_meets_now(const struct event_source *source, const struct instance *instance);

#endif
