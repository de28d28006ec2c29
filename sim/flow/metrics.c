#include "flow/metrics.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/sum.h"
#include "flow/instance.h"
#include "flow/memory.h"
#include "flow/nodes.h"
#include "flow/observe.h"
#include "flow/sharing.h"

static void reset_counts(struct simulation *simulation)
{
	simulation->failures.count = 0;
	for (size_t i = 0; i < simulation->counter_count; i++)
		simulation->counters[i].value = 0;
	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		struct group *group = &simulation->groups[g];

		memset(group->metrics.total, 0, sizeof(group->metrics.total));
		memset(group->counts, 0, sizeof(group->counts));
		memset(group->lock_wait_ns, 0,
		       group->config->model->lock_count * sizeof(*group->lock_wait_ns));
		memset(group->lock_hold_ns, 0,
		       group->config->model->lock_count * sizeof(*group->lock_hold_ns));
		memset(group->failures, 0, step_errno_count * sizeof(*group->failures));
	}
	memset(simulation->host_metrics.total, 0, sizeof(simulation->host_metrics.total));
}

void metrics_reset(struct simulation *simulation)
{
	for (size_t i = 0; i < simulation->metric_count; i++)
		simulation->metrics[i].count = metric_is_total(simulation->metrics[i].kind);
	for (size_t i = 0; i < simulation->spent_count; i++) {
		struct part *part = &simulation->parts[simulation->spent_parts[i]];

		part->total_ns = part->tail_ns = 0;
		part->listed = false;
	}
	simulation->spent_count = 0;
	reset_counts(simulation);
	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		struct group *group = &simulation->groups[g];

		memset(group->fault_calls, 0,
		       group->config->fault_count * sizeof(*group->fault_calls));
	}
	simulation->limbo_bytes = simulation->limbo_peak_bytes = 0;
	simulation->limbo_held_bytes = simulation->limbo_held_peak_bytes = 0;
}

static void forget_locks(struct simulation *simulation)
{
	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		struct group *group = &simulation->groups[g];

		for (size_t k = 0; k < group->config->model->lock_count; k++) {
			for (size_t h = 0; h < simulation->host_count; h++)
				if (simulation->hosts[h].models[g].model)
					simulation->hosts[h].models[g].locks[k].statistics =
						(struct lock_statistics){ 0 };
			for (size_t i = 0; i < group->count; i++)
				simulation->instances[group->first_instance + i]
					.locks[k]
					.statistics = (struct lock_statistics){ 0 };
		}
	}
}

/* Of all hosts, less what loops that run have reclaimed by now. */
static int64_t limbo_now(struct simulation *simulation)
{
	double bytes = 0;

	for (size_t h = 0; h < simulation->host_count; h++)
		bytes += host_limbo_now(&simulation->hosts[h]);
	return llround(fmax(0, bytes));
}

/* Likewise; what loops free belongs to it, since what is taken over stays in use. */
static int64_t limbo_held_now(struct simulation *simulation)
{
	double bytes = (double)simulation->limbo_held_bytes;

	for (size_t h = 0; h < simulation->host_count; h++) {
		struct host *host = &simulation->hosts[h];

		bytes -= (double)host->in_use_bytes - host_in_use_now(host);
	}
	return llround(fmax(0, bytes));
}

void metrics_warm_up_over(struct simulation *simulation)
{
	struct instance *instance;

	reset_counts(simulation);
	forget_locks(simulation);
	for (size_t i = 0; (instance = simulation_instance(simulation, i)); i++)
		if (instance->in_use) /* what is under way counts from now on */
			instance->group->counts[COUNTER_REQUESTED] += instance->open_requests;
	simulation->limbo_peak_bytes = limbo_now(simulation);
	simulation->limbo_held_peak_bytes = limbo_held_now(simulation);
	for (size_t h = 0; h < simulation->host_count; h++) {
		struct host *host = &simulation->hosts[h];

		host->in_use_peak = llround(host_in_use_now(host));
		(void)host_limbo_now(host); /* settled up to now */
		for (size_t k = 0; k < host->node_count; k++) {
			struct node *node = &host->nodes[k];

			node->limbo.integral = node->in_use.integral = 0;
			node->lost_before_ns = cpu_lost_ns(&node->cpu);
		}
		shared_use_begin(host);
	}
}

void metrics_sample(struct simulation *simulation, size_t metric, int64_t value)
{
	struct samples *samples = &simulation->samples[metric];
	struct metric *entry = &simulation->metrics[metric];

	if (!memory_grow(&samples->values, &samples->capacity, entry->count + 1,
			 sizeof(*samples->values), "observations", &simulation->engine.error)) {
		engine_stop(&simulation->engine);
		return;
	}
	samples->values[entry->count++] = value;
	entry->samples = samples->values;
}

void metrics_latency(struct simulation *simulation, size_t metric, int64_t value,
		     int64_t requested_ns)
{
	struct samples *samples = &simulation->samples[metric];
	struct metric *entry = &simulation->metrics[metric];

	if (!memory_grow(&samples->times, &samples->times_capacity, entry->count + 1,
			 sizeof(*samples->times), "observations", &simulation->engine.error)) {
		engine_stop(&simulation->engine);
		return;
	}
	samples->times[entry->count] = requested_ns;
	entry->times = samples->times;
	metrics_sample(simulation, metric, value);
}

void metrics_add_spent(struct thread *thread, size_t part, int64_t ns)
{
	struct engine *engine = &thread->simulation->engine;

	if (!spent_add(&thread->spent, part, ns, &engine->error))
		engine_stop(engine);
}

void metrics_spent(struct simulation *simulation, size_t first_part, const struct spent *spent,
		   bool tail)
{
	for (size_t i = 0; i < spent->count; i++) {
		size_t index = first_part + spent->entries[i].part;
		struct part *part = &simulation->parts[index];
		int64_t ns = spent->entries[i].ns;

		if (!part->listed)
			simulation->spent_parts[simulation->spent_count++] = index;
		part->listed = true;
		part->total_ns += ns;
		if (tail)
			part->tail_ns += ns;
	}
}

void metrics_errno(struct group *group, int error)
{
	for (size_t i = 0; i < step_errno_count; i++)
		if (step_errnos[i] == error)
			group->failures[i]++;
}

void metrics_failed(struct thread *thread, bool recovered)
{
	struct simulation *simulation = thread->simulation;
	struct group *group = thread->instance->group;
	const struct failure failure = {
		.part = group->first_part[thread->run->request.operation] +
			part_of_step(thread->failed, PART_WORK),
		.error = thread->error,
		.recovered = recovered,
		.count = 1,
		.replication = simulation->replication,
		.shortage = thread->shortage,
	};

	metrics_errno(group, thread->error);
	if (!failures_add(&simulation->failures, &failure, &simulation->engine.error))
		engine_stop(&simulation->engine);
}

void metrics_units(struct thread *thread, int term, uint64_t units)
{
	const struct group *group = thread->instance->group;
	struct simulation *simulation = thread->simulation;
	double bytes = group->config->costs[term].sharing.uses[CAPACITY_MEMORY] * (double)units;

	thread->instance->host->moved_bytes += bytes;
	thread->moved_bytes += bytes;
	simulation->counters[group->first_counter + (size_t)term - FIRST_TERM].value += units;
}

/*
 * A peak that is reckoned may be wrong by this share of it: two standard deviations. Where it
 * would be by more, loops are cut to see what they have reclaimed.
 */
static const double reckoned_error = 0.001;

bool metrics_limbo_unsure(struct simulation *simulation, int64_t growth_bytes)
{
	double variance = 0;

	if (simulation->limbo_bytes + growth_bytes <= simulation->limbo_peak_bytes)
		return false; /* whatever loops have reclaimed of it, it is no peak */
	for (size_t h = 0; h < simulation->host_count; h++)
		for (size_t k = 0; k < simulation->hosts[h].node_count; k++)
			variance += simulation->hosts[h].nodes[k].limbo.variance;
	return variance > 0 &&
	       2 * sqrt(variance) > reckoned_error * (double)(limbo_now(simulation) + growth_bytes);
}

void metrics_limbo(struct instance *instance, int64_t bytes)
{
	struct simulation *simulation = instance->simulation;

	metrics_memory_corner(simulation);
	level_add(&instance->node->limbo, bytes - instance->limbo_bytes);
	simulation->limbo_bytes += bytes - instance->limbo_bytes;
	if (bytes > instance->limbo_bytes &&
	    simulation->limbo_bytes > simulation->limbo_peak_bytes) {
		int64_t now_bytes = limbo_now(simulation);

		if (now_bytes > simulation->limbo_peak_bytes)
			simulation->limbo_peak_bytes = now_bytes;
	}
	instance->limbo_bytes = bytes;
	metrics_memory_corner(simulation);
}

void metrics_limbo_held(struct instance *instance)
{
	struct simulation *simulation = instance->simulation;
	int64_t bytes = instance->limbo_bytes - memory_taken_over(instance);
	bool grows = bytes > instance->limbo_held_bytes;

	simulation->limbo_held_bytes += bytes - instance->limbo_held_bytes;
	instance->limbo_held_bytes = bytes;
	if (grows && simulation->limbo_held_bytes > simulation->limbo_held_peak_bytes) {
		int64_t now_bytes = limbo_held_now(simulation);

		if (now_bytes > simulation->limbo_held_peak_bytes)
			simulation->limbo_held_peak_bytes = now_bytes;
	}
}

void metrics_memory_corner(struct simulation *simulation)
{
	hosts_in_use_corner(simulation);
	if (simulation->observer && simulation->observer->limbo)
		simulation->observer->limbo(simulation->observer->data, simulation->engine.now_ns,
					    limbo_now(simulation));
}

static void background(struct instance *instance, int64_t work_ns)
{
	sum_add(&instance->group->metrics.total[METRIC_BACKGROUND_CPU], work_ns);
	sum_add(&instance->host->background_ns, work_ns);
}

void metrics_step(struct thread *thread, int64_t work_ns)
{
	const struct frame *frame = &thread->frames[thread->depth - 1];
	const struct step *step = thread->program->steps[frame->next].step;
	int64_t elapsed_ns = thread->simulation->engine.now_ns - thread->step_began_ns;
	enum step_time time = step_forms[step->kind].time;
	bool on_core = step_on_core(step);
	int64_t slowed_ns = thread->step_slowed_ns, waiting_ns = 0;

	if (on_core || time == TIME_SERVED || time == TIME_GRACE)
		waiting_ns = elapsed_ns - work_ns - slowed_ns;
	if (waiting_ns < 0) { /* ends of work are rounded up to a whole ns */
		slowed_ns += waiting_ns;
		waiting_ns = 0;
	}
	if (on_core && (!thread->accounted || thread->done))
		background(thread->instance, work_ns + slowed_ns);
	if (step->stall)
		sum_add(&thread->instance->group->metrics.total[METRIC_STALL], elapsed_ns);
	if (thread->simulation->observer)
		observe_step(thread, elapsed_ns, waiting_ns);
	if (!thread->accounted || thread->done)
		return;
	metrics_add_spent(thread, part_of_step(frame->next, PART_WORK),
			  elapsed_ns - waiting_ns - slowed_ns - thread->step_joined_ns);
	metrics_add_spent(thread, part_of_step(frame->next, PART_WAITING), waiting_ns);
	metrics_add_spent(thread, part_of_step(frame->next, PART_SLOWED), slowed_ns);
}
