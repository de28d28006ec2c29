/* Calls that have to do with threads, processes and other CPUs. Sizes are calls. */

#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calibrate/threads.h"
#include "calibrate/works.h"

static bool call_syscall(struct job *job)
{
	for (uint64_t i = 0; i < job->trial->size; i++)
		syscall(SYS_getppid);
	return true;
}

static bool barrier(struct job *job, int command)
{
	return syscall(SYS_membarrier, command, 0, 0) == 0 || job_fails(job, "membarrier");
}

static bool wait_for_grace(struct job *job)
{
	for (uint64_t i = 0; i < job->trial->size; i++)
		if (!barrier(job, MEMBARRIER_CMD_GLOBAL))
			return false;
	return true;
}

static void *spin(void *data)
{
	atomic_store((atomic_bool *)data, true);
	for (;;)
		__asm__ volatile("");
	return NULL;
}

bool thread_elsewhere(struct job *job)
{
	static atomic_bool runs;
	cpu_set_t cpus, own;
	pthread_attr_t attributes;
	pthread_t thread;

	memset(&cpus, 0xff, sizeof(cpus)); /* all that there are */
	if (sched_getaffinity(0, sizeof(own), &own) != 0)
		return job_fails(job, "sched_getaffinity");
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &own))
			CPU_CLR(cpu, &cpus);
	errno = pthread_attr_init(&attributes);
	if (!errno)
		errno = pthread_attr_setaffinity_np(&attributes, sizeof(cpus), &cpus);
	if (!errno)
		errno = pthread_create(&thread, &attributes, spin, &runs);
	if (errno)
		return job_fails(job, "pthread_create");
	while (!atomic_load(&runs))
		sched_yield();
	return true;
}

static bool ready_to_interrupt(struct job *job)
{
	return thread_elsewhere(job) && barrier(job, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
}

static bool interrupt(struct job *job)
{
	for (uint64_t i = 0; i < job->trial->size; i++)
		if (!barrier(job, MEMBARRIER_CMD_PRIVATE_EXPEDITED))
			return false;
	return true;
}

static void *nothing(void *data)
{
	return data;
}

static bool start_threads(struct job *job)
{
	for (uint64_t i = 0; i < job->trial->size; i++) {
		pthread_t thread;

		errno = pthread_create(&thread, NULL, nothing, NULL);
		if (errno)
			return job_fails(job, "pthread_create");
		pthread_join(thread, NULL);
	}
	return true;
}

static bool start_processes(struct job *job)
{
	for (uint64_t i = 0; i < job->trial->size; i++) {
		pid_t child = fork();

		if (child < 0)
			return job_fails(job, "fork");
		if (child == 0)
			_exit(0);
		if (waitpid(child, NULL, 0) != child)
			return job_fails(job, "waitpid");
	}
	return true;
}

const struct work work_syscall = { NULL, call_syscall, false };
const struct work work_grace = { NULL, wait_for_grace, true };
const struct work work_ipi = { ready_to_interrupt, interrupt, true };
const struct work work_thread = { NULL, start_threads, true };
const struct work work_process = { NULL, start_processes, true };
