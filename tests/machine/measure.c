/*
 * What freeing and clearing memory takes on this machine: by one process, and by two at once, on
 * one core and on two. `measure ROUNDS` prints a line of CSV for each experiment of each round:
 * round, experiment, processes, cores, MiB of each, seconds from the common start until they have
 * ended (their mean), CPU seconds of each (their mean). The first two are repeated at the end of
 * each round: they tell whether the machine stands still.
 *
 * Memory is mapped in 4 KiB pages and populated before the start, so that only what is looked at
 * is timed. At most 3 GiB are in use; nothing is left behind.
 */

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

enum { PROCESSES_MAX = 2, ROUNDS_MAX = 100 };

enum action { UNMAP, CLEAR };

struct experiment {
	const char *name;
	enum action action;
	int processes, cores;
	size_t mebibytes; /* of each process */
};

static const struct experiment experiments[] = {
	{ "unmap", UNMAP, 1, 1, 1024 },       { "clear", CLEAR, 1, 1, 1024 },
	{ "unmap", UNMAP, 2, 2, 1024 },       { "clear", CLEAR, 2, 2, 1024 },
	{ "unmap", UNMAP, 1, 1, 1536 },       { "unmap", UNMAP, 2, 1, 1536 },
	{ "unmap", UNMAP, 2, 2, 1536 },       { "clear", CLEAR, 1, 1, 1536 },
	{ "clear", CLEAR, 2, 2, 1536 },       { "unmap again", UNMAP, 1, 1, 1024 },
	{ "clear again", CLEAR, 1, 1, 1024 },
};
enum { EXPERIMENTS = sizeof(experiments) / sizeof(experiments[0]) };

/* When a process had ended, by the clock that all share, and its CPU time. */
struct report {
	double ended_s, cpu_s;
};

static double now_s(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void read_all(int from, void *into, size_t size)
{
	ssize_t got;

	do
		got = read(from, into, size);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)size)
		die("read");
}

static void write_all(int to, const void *from, size_t size)
{
	if (write(to, from, size) != (ssize_t)size)
		die("write");
}

/* The n-th CPU that this process may run on. */
static size_t nth_cpu(const cpu_set_t *allowed, int n)
{
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, allowed) && n-- == 0)
			return cpu;
	fprintf(stderr, "measure: two CPUs are needed\n");
	exit(77);
}

static void stay_on(size_t cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one) != 0)
		die("sched_setaffinity");
}

static char *populated(size_t bytes)
{
	char *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	if (madvise(memory, bytes, MADV_NOHUGEPAGE) != 0 && errno != EINVAL)
		die("madvise");
	if (madvise(memory, bytes, MADV_POPULATE_WRITE) != 0)
		memset(memory, 1, bytes);
	return memory;
}

/* One process: it says that it is ready, waits for the start, and reports. */
static _Noreturn void take_part(const struct experiment *experiment, size_t cpu, int ready, int go,
				int report)
{
	size_t bytes = experiment->mebibytes << 20;
	struct report own;
	double cpu_s;
	char *memory, byte = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stay_on(cpu);
	memory = populated(bytes);
	write_all(ready, &byte, 1);
	read_all(go, &byte, 1);
	cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID);
	if (experiment->action == UNMAP) {
		if (munmap(memory, bytes) != 0)
			die("munmap");
	} else {
		memset(memory, 2, bytes);
		__asm__ volatile("" : : "r"(memory) : "memory"); /* it is not left out */
	}
	own = (struct report){ now_s(CLOCK_MONOTONIC), now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu_s };
	write_all(report, &own, sizeof(own));
	_exit(0);
}

static void make_pipe(int ends[2])
{
	if (pipe(ends) != 0)
		die("pipe");
}

static struct report run(const struct experiment *experiment, const cpu_set_t *allowed)
{
	int ready[2], go[2], report[2];
	struct report sum = { 0, 0 };
	double start_s;
	char bytes[PROCESSES_MAX] = { 0 };

	make_pipe(ready);
	make_pipe(go);
	make_pipe(report);
	fflush(stdout);
	for (int i = 0; i < experiment->processes; i++) {
		pid_t child = fork();

		if (child < 0)
			die("fork");
		if (child == 0)
			take_part(experiment, nth_cpu(allowed, i % experiment->cores), ready[1],
				  go[0], report[1]);
		read_all(ready[0], bytes, 1); /* one after another: they do not populate at once */
	}
	start_s = now_s(CLOCK_MONOTONIC);
	write_all(go[1], bytes, (size_t)experiment->processes);
	for (int i = 0; i < experiment->processes; i++) {
		struct report one;

		read_all(report[0], &one, sizeof(one));
		sum.ended_s += (one.ended_s - start_s) / experiment->processes;
		sum.cpu_s += one.cpu_s / experiment->processes;
	}
	while (wait(NULL) > 0)
		;
	for (int end = 0; end < 2; end++) {
		close(ready[end]);
		close(go[end]);
		close(report[end]);
	}
	return sum;
}

int main(int argc, char **argv)
{
	int rounds = argc == 2 ? (int)strtol(argv[1], NULL, 10) : 0;
	cpu_set_t allowed;

	if (rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "Usage: measure ROUNDS (1 to %d)\n", ROUNDS_MAX);
		return 2;
	}
	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		die("sched_getaffinity");
	nth_cpu(&allowed, 1);
	puts("round,experiment,processes,cores,mib,elapsed_s,cpu_s");
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < EXPERIMENTS; i++) {
			const struct experiment *experiment = &experiments[i];
			struct report seen;

			run(experiment,
			    &allowed); /* who touches memory after a while pays for it */
			seen = run(experiment, &allowed);
			printf("%d,%s,%d,%d,%zu,%.6f,%.6f\n", round, experiment->name,
			       experiment->processes, experiment->cores, experiment->mebibytes,
			       seen.ended_s, seen.cpu_s);
		}
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
