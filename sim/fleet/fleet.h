#ifndef SIM_FLEET_FLEET_H
#define SIM_FLEET_FLEET_H

/*
 * A fleet: the VMs of a trace on many hosts. A scenario makes it the population of its
 * simulation (flow/population.h).
 */

#include "flow/config.h"
#include "flow/population.h"

/* How a host is chosen among those that have room. */
enum placement { PLACEMENT_FIRST_FIT, PLACEMENT_BEST_FIT, PLACEMENT_LEAST_LIMBO };

/* One VM of a trace. */
struct vm_request {
	int64_t arrival_ns;
	int64_t lifetime_ns; /* from its start on; negative: it outlives the trace */
	uint32_t flavour;    /* index into the fleet's */
};

/* A host from which all VMs are moved: each shuts down and starts again elsewhere. */
struct evacuation_config {
	int64_t at_ns;
	int64_t host;          /* number, from 0 */
	int64_t concurrency;   /* VMs on their way at once; 0: any number */
	int64_t back_after_ns; /* empty, it takes VMs again after this time; 0: never */
};

/*
 * Many hosts, each as simulation_config.host says, and VMs that come and go. Flavours are
 * guests[population.guest] with memory and vCPUs of their own.
 */
struct fleet_config {
	struct population population; /* its ops are fleet_ops */
	enum placement placement;
	int64_t patience_ns;   /* how long an arrival waits for room before it is rejected */
	double vcpus_per_core; /* at most so many on a host; 0: any number */
	struct guest_config *flavours;
	size_t flavour_count;
	struct vm_request *vms; /* by arrival */
	size_t vm_count;
	int64_t end_ns; /* of the trace: the last arrival, or end of a life that it tells */
	struct evacuation_config *evacuations;
	size_t evacuation_count;
};

extern const struct population_ops fleet_ops;

#endif
