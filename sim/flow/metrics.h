#ifndef SIM_FLOW_METRICS_H
#define SIM_FLOW_METRICS_H

/* What a simulation measures: while it runs, and its sums at the end of a replication. */

#include "flow/runtime.h"

void metrics_reset(struct simulation *simulation);        /* before each replication */
void metrics_finish(struct simulation *simulation);       /* after it: sums are complete */
void metrics_warm_up_over(struct simulation *simulation); /* forget what was counted so far */

/* An observation of a metric that is no total; of a latency, with when it was asked for. */
void metrics_sample(struct simulation *simulation, size_t metric, int64_t value);
void metrics_latency(struct simulation *simulation, size_t metric, int64_t value,
		     int64_t requested_ns);

/* A thread that is accounted has spent so much on the part of its operation. */
void metrics_add_spent(struct thread *thread, size_t part, int64_t ns);

/* What an operation whose parts begin with `first_part` has spent; whether it is of the tail. */
void metrics_spent(struct simulation *simulation, size_t first_part, const struct spent *spent,
		   bool tail);

/*
 * The flow in progress has failed: why (flow/failures.h), and whether its operation goes on
 * another way. A refusal has an errno only.
 */
void metrics_failed(struct thread *thread, bool recovered);
void metrics_errno(struct group *group, int error);

/* Units that a cost term is charged. */
void metrics_units(struct thread *thread, int term, uint64_t units);

/* The step in progress has ended; work_ns of it was work of its own. */
void metrics_step(struct thread *thread, int64_t work_ns);

/* The instance is over: what it leaves, and the times of its locks. */
void metrics_instance(struct instance *instance);

/*
 * The instance's dead generations hold so many bytes now. metrics_limbo_held: what the living one
 * takes over of that may have changed.
 */
void metrics_limbo(struct instance *instance, int64_t bytes);
void metrics_limbo_held(struct instance *instance);

/* So many more would perhaps be a peak, but what loops have reclaimed is not known well enough. */
bool metrics_limbo_unsure(struct simulation *simulation, int64_t growth_bytes);

/* Memory in limbo and in use may change its course at this instant: an observer is told. */
void metrics_memory_corner(struct simulation *simulation);

#endif
