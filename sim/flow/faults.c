#include "flow/faults.h"

#include <string.h>

#include "engine/variate.h"
#include "flow/thread.h"

/* The same call of the same step is named before: it fails once. */
static bool is_repeated(const struct guest_config *config, size_t index)
{
	const struct fault_config *fault = &config->faults[index];

	for (size_t i = 0; i < index; i++)
		if (config->faults[i].call == fault->call &&
		    strcmp(config->faults[i].step, fault->step) == 0)
			return true;
	return false;
}

bool faults_count_failed(struct thread *thread, const char *name, uint64_t calls,
			 struct stream *own, uint64_t *failed)
{
	struct group *group = thread->instance->group;
	const struct guest_config *config = group->config;

	for (size_t i = 0; name && calls && i < config->fault_count; i++) {
		const struct fault_config *fault = &config->faults[i];
		int64_t before = group->fault_calls[i];

		if (strcmp(fault->step, name) != 0)
			continue;
		group->fault_calls[i] += (int64_t)calls;
		if (fault->call) {
			*failed += !is_repeated(config, i) && before < fault->call &&
				   fault->call <= before + (int64_t)calls;
		} else if (fault->probability > 0) {
			struct stream fresh, *stream = own ? own : &fresh;

			if (!own && !thread_stream(thread, PURPOSE_FAULT, &fresh))
				return false;
			thread->simulation->random = true;
			*failed += stream_binomial(stream, calls, fault->probability);
		}
	}
	if (*failed > calls)
		*failed = calls;
	return *failed > 0;
}

uint64_t faults_calls_through(const struct thread *thread, const char *name, uint64_t calls)
{
	const struct group *group = thread->instance->group;

	for (size_t i = 0; i < group->config->fault_count; i++) {
		const struct fault_config *fault = &group->config->faults[i];
		int64_t through = fault->call - group->fault_calls[i];

		if (fault->call && through > 0 && (uint64_t)through < calls &&
		    strcmp(fault->step, name) == 0)
			calls = (uint64_t)through;
	}
	return calls;
}

/* Calls before the first that fails by chance. */
static uint64_t calls_before_chance(struct thread *thread, double probability, uint64_t calls,
				    struct stream *own)
{
	uint64_t drawn;

	if (probability <= 0)
		return calls;
	thread->simulation->random = true;
	drawn = stream_geometric(own, probability);
	return drawn < calls ? drawn : calls;
}

uint64_t faults_calls_before(struct thread *thread, const struct page_call *call, uint64_t calls,
			     struct stream *own)
{
	const struct group *group = thread->instance->group;
	const struct guest_config *config = group->config;
	uint64_t before = calls;

	if (call->probability)
		before = calls_before_chance(thread, call->probability(&thread->instance->guest),
					     before, own);
	for (size_t i = 0; i < config->fault_count; i++) {
		const struct fault_config *fault = &config->faults[i];
		int64_t until = fault->call - 1 - group->fault_calls[i];

		if (strcmp(fault->step, call->name) != 0)
			continue;
		if (!fault->call)
			before = calls_before_chance(thread, fault->probability, before, own);
		else if (until >= 0 && (uint64_t)until < before)
			before = (uint64_t)until;
	}
	return before;
}

void faults_count_calls(struct thread *thread, const char *name, uint64_t calls)
{
	struct group *group = thread->instance->group;

	for (size_t i = 0; i < group->config->fault_count; i++)
		if (strcmp(group->config->faults[i].step, name) == 0)
			group->fault_calls[i] += (int64_t)calls;
}
