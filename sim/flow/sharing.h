#ifndef SIM_FLOW_SHARING_H
#define SIM_FLOW_SHARING_H

/* What threads share on their host besides its cores: needs of their work, by its prices. */

#include "flow/runtime.h"

/* What the prices of one piece of work come to; begin with zero. */
struct needs_sum {
	double work_ns, uses[HOST_CAPACITIES_MAX];
	double crowded_ns[CROWDS];
	const struct sharing *dearest[CROWDS]; /* whose speeds hold for the crowd */
	double dearest_ns[CROWDS];
};

/* So many units of that cost, at its mean price. */
void needs_add(struct needs_sum *sum, const struct cost *cost, double units);

/* Needs of a ns of such work; of several crowds those of the one that it is longest in. */
struct cpu_needs needs_of(const struct needs_sum *sum);

/* The thread's next work on a core has the needs of that sum; or none. */
void thread_needs(struct thread *thread, const struct needs_sum *sum);
static inline void thread_needs_nothing(struct thread *thread)
{
	cpu_job_set_class(&thread->job, 0);
}

void shared_use_begin(struct host *host);
struct shared_use shared_use_of(struct host *host);
double shared_busy_ns(struct host *host); /* of all cores, since time 0 */

/* What the units that were charged so far have used of a capacity: bytes of CAPACITY_MEMORY. */
double shared_used(const struct simulation *simulation, size_t capacity);

/*
 * What can slow anybody with the costs and the host as they are: nothing is done for what cannot.
 * A capacity: all cores of a node together, each at what uses most of it.
 */
void sharing_look(struct simulation *simulation);
bool sharing_can_bind(const struct simulation_config *config, size_t capacity);

#endif
