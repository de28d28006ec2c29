#ifndef SIM_FLOW_HOST_H
#define SIM_FLOW_HOST_H

/* The machines: cores, memory, and what the guests of one model share on each. */

#include "flow/runtime.h"

bool hosts_build(struct simulation *simulation, struct error *error);
void hosts_adopt(struct simulation *simulation); /* cores and memory of the present configuration */
void hosts_fini(struct simulation *simulation);
void hosts_reset(struct simulation *simulation); /* before each replication */

/* From now on the instance is on that host. */
void instance_settle_on(struct instance *instance, struct host *host);

#endif
