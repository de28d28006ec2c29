#include "flow/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct operation_run *operation_new(struct simulation *simulation)
{
	struct error *error = &simulation->engine.error;
	struct operation_run *run = simulation->free_runs;

	if (run) {
		simulation->free_runs = run->next;
		return run;
	}
	run = memory_array(1, sizeof(*run), "operation", error);
	if (!run)
		goto fail;
	if (!memory_grow(&simulation->all_runs, &simulation->run_capacity,
			 simulation->run_count + 1, sizeof(*simulation->all_runs), "operations",
			 error)) {
		free(run);
		goto fail;
	}
	simulation->all_runs[simulation->run_count++] = run;
	return run;
fail:
	engine_stop(&simulation->engine);
	return NULL;
}

void operation_release(struct simulation *simulation, struct operation_run *run)
{
	if (--run->threads)
		return;
	run->next = simulation->free_runs;
	simulation->free_runs = run;
}

int request_refusal(const struct instance *instance, enum operation operation)
{
	if (operation == OPERATION_START)
		return instance->process ? EEXIST : 0;
	if (operation == OPERATION_KILL)
		return instance->process ? 0 : ESRCH;
	return instance->guest.running ? 0 : ESRCH;
}

bool request_queue(struct instance *instance, struct request request)
{
	struct engine *engine = &instance->simulation->engine;

	if (!memory_grow(&instance->requests, &instance->request_capacity,
			 instance->request_count + 1, sizeof(*instance->requests), "requests",
			 &engine->error)) {
		engine_stop(engine);
		return false;
	}
	instance->requests[instance->request_count++] = request;
	return true;
}

struct request request_next(struct instance *instance)
{
	struct request request = instance->requests[0];

	memmove(instance->requests, instance->requests + 1,
		--instance->request_count * sizeof(*instance->requests));
	return request;
}

size_t requests_waiting(const struct instance *instance, enum operation operation)
{
	size_t count = 0;

	for (size_t i = 0; i < instance->request_count; i++)
		count += instance->requests[i].operation == operation;
	return count;
}

void request_ended(struct instance *instance, struct request request, enum counter_id how)
{
	if (!request.asked)
		return;
	instance->group->counts[how]++;
	instance->open_requests--;
	if (request.wave)
		request.wave->turn_over(request.wave);
}
