#ifndef SIM_FLOW_SHARING_H
#define SIM_FLOW_SHARING_H

/* What threads share on their host besides its cores: needs of their work, by its prices. */

#include "flow/runtime.h"

/* What the prices of one piece of work come to; begin with zero. */
struct needs_sum {
	double work_ns, moved_bytes;
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

/* Bytes that the units which were charged so far have moved. */
double shared_moved_bytes(const struct simulation *simulation);

/*
 * What can slow anybody with the costs and the host as they are: nothing is done for what cannot.
 * The bus: all cores together, each at what moves most.
 */
void sharing_look(struct simulation *simulation);
bool sharing_bus_can_bind(const struct simulation_config *config);

#endif
