#include "repeat/parallel.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"

struct crew {
	struct simulation *simulations[THREADS_MOST]; /* by thread; NULL: not needed so far */
};

struct run {
	const struct parallel_job *job;
	uint64_t next;         /* atomic */
	pthread_mutex_t mutex; /* guards error, and job->add */
	struct error error;
};

struct worker {
	struct run *run;
	unsigned int thread;
};

struct crew *crew_new(struct error *error)
{
	return memory_array(1, sizeof(struct crew), "simulations", error);
}

void crew_free(struct crew *crew)
{
	for (int i = 0; crew && i < THREADS_MOST; i++)
		simulation_free(crew->simulations[i]);
	free(crew);
}

static struct simulation *member(struct crew *crew, unsigned int thread,
				 const struct simulation_config *config, struct error *error)
{
	struct simulation **simulation = &crew->simulations[thread];

	if (*simulation && simulation_adopt(*simulation, config))
		return *simulation;
	simulation_free(*simulation);
	*simulation = simulation_new(config, error);
	return *simulation;
}

struct simulation *crew_first(struct crew *crew, const struct simulation_config *config,
			      struct error *error)
{
	return member(crew, 0, config, error);
}

static bool replicate(const struct worker *worker, struct simulation *simulation, uint64_t index,
		      struct error *error)
{
	struct run *run = worker->run;
	const struct parallel_job *job = run->job;
	uint32_t number = job->numbers ? job->numbers[index] : (uint32_t)(job->first + index);

	if (job->stop && *job->stop)
		return error_set(error, ERROR_INTERRUPTED, "interrupted");
	if (!simulation_run(simulation, number, error))
		return false;
	if (job->add) {
		pthread_mutex_lock(&run->mutex);
		job->add(job->data, simulation);
		pthread_mutex_unlock(&run->mutex);
	}
	return !job->keep || job->keep(job->data, worker->thread, index, simulation, error);
}

static void *work(void *argument)
{
	const struct worker *worker = argument;
	struct run *run = worker->run;
	const struct parallel_job *job = run->job;
	struct error error = { 0 };
	struct simulation *simulation = member(job->crew, worker->thread, job->config, &error);
	uint64_t batch = job->batch ? job->batch : 1, index;

	if (simulation && job->prepare)
		job->prepare(job->data, simulation);
	while (simulation && error.kind == ERROR_NONE &&
	       (index = __atomic_fetch_add(&run->next, batch, __ATOMIC_RELAXED)) < job->count)
		for (uint64_t i = 0; i < batch && index + i < job->count; i++)
			if (!replicate(worker, simulation, index + i, &error))
				break;
	if (error.kind != ERROR_NONE) {
		pthread_mutex_lock(&run->mutex);
		error_set(&run->error, error.kind, "%s", error.message);
		pthread_mutex_unlock(&run->mutex);
		__atomic_store_n(&run->next, job->count, __ATOMIC_RELAXED);
	}
	return NULL;
}

bool parallel_run(const struct parallel_job *job, struct error *error)
{
	struct run run = { .job = job };
	struct worker workers[THREADS_MOST];
	pthread_t threads[THREADS_MOST];
	unsigned int started = 1; /* this thread is the first */

	if (pthread_mutex_init(&run.mutex, NULL) != 0)
		return error_memory(error, "mutex");
	workers[0] = (struct worker){ &run, 0 };
	for (; started < job->threads && started < job->count && started < THREADS_MOST;
	     started++) {
		workers[started] = (struct worker){ &run, started };
		if (pthread_create(&threads[started], NULL, work, &workers[started]) != 0)
			break;
	}
	work(&workers[0]);
	while (--started)
		pthread_join(threads[started], NULL);
	pthread_mutex_destroy(&run.mutex);
	return run.error.kind == ERROR_NONE ||
	       error_set(error, run.error.kind, "%s", run.error.message);
}
