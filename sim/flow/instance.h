#ifndef SIM_FLOW_INSTANCE_H
#define SIM_FLOW_INSTANCE_H

/* Guests in the run: built once, begun anew in each replication. */

#include "flow/runtime.h"

/* Instances of a guest that are there from the start: none of those that come and go. */
size_t instances_at_start(const struct simulation_config *config, size_t guest);

/* A guest of the group on the first host, with nothing in it yet. */
bool instance_init(struct simulation *simulation, struct group *group, struct instance *instance,
		   struct error *error);
void instance_fini(struct instance *instance);

/* Into its state at time 0, `running` or not yet started. False: the host has not enough memory. */
bool instance_begin(struct instance *instance, bool running, struct error *error);

/* Its lock of that kind, or its host's; NULL: the engine has an error. */
struct lock *instance_lock(struct instance *instance, const struct lock_kind *kind);

/* All guests, one after another, those of a population included; NULL behind the last. */
struct instance *simulation_instance(const struct simulation *simulation, size_t index);

#endif
