#include "repeat/parallel.h"

#include <pthread.h>

enum { THREADS_MOST = 256 };

struct run {
	const struct parallel_job *job;
	uint64_t next;         /* atomic */
	pthread_mutex_t mutex; /* guards error, and job->add */
	struct error error;
};

static bool replicate(struct run *run, struct simulation *simulation, uint64_t index,
		      struct error *error)
{
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
	return !job->keep || job->keep(job->data, index, simulation, error);
}

static void *work(void *argument)
{
	struct run *run = argument;
	const struct parallel_job *job = run->job;
	struct error error = { 0 };
	struct simulation *simulation = simulation_new(job->config, &error);
	uint64_t index;

	if (simulation && job->prepare)
		job->prepare(job->data, simulation);
	while (simulation && error.kind == ERROR_NONE &&
	       (index = __atomic_fetch_add(&run->next, 1, __ATOMIC_RELAXED)) < job->count)
		replicate(run, simulation, index, &error);
	simulation_free(simulation);
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
	pthread_t threads[THREADS_MOST];
	unsigned int started = 0;

	if (pthread_mutex_init(&run.mutex, NULL) != 0)
		return error_memory(error, "mutex");
	while (started + 1 < job->threads && started + 1 < job->count && started < THREADS_MOST &&
	       pthread_create(&threads[started], NULL, work, &run) == 0)
		started++;
	work(&run);
	while (started)
		pthread_join(threads[--started], NULL);
	pthread_mutex_destroy(&run.mutex);
	return run.error.kind == ERROR_NONE ||
	       error_set(error, run.error.kind, "%s", run.error.message);
}
