#include "calibrate/trial.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 3, COPY_BYTES = 256 << 20, COPY_PIECE = 1 << 20 };

static const double disturbed_ratio = 1.05; /* wall time over CPU time */

/* What a process says, twice: when it is ready, and when it has done its work. */
struct report {
	double started_ns, ended_ns, cpu_ns;
	char failed[120];
};

/* The processes of a trial, and the two pipes that they share. */
struct team {
	pid_t members[PROCESSES_MOST + 1];
	size_t count;
	int reports[2], go[2];
};

double clock_ns(int clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

size_t backing_bytes(enum backing backing)
{
	static const size_t bytes[] = { [BACKING_4K] = 4096,
					[BACKING_LARGEST] = 2 << 20,
					[BACKING_THP] = 2 << 20,
					[BACKING_POOL_2M] = 2 << 20,
					[BACKING_POOL_1G] = 1 << 30 };

	return bytes[backing];
}

bool job_fails(struct job *job, const char *call)
{
	snprintf(job->failed, sizeof(job->failed), "%s: %s", call, strerror(errno));
	return false;
}

/* --- in the process --------------------------------------------------------- */

static bool stay_on(size_t cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof(one), &one) == 0;
}

/* It dies with the program, also when that is killed, and has its signals back. */
static void be_a_child(pid_t parent)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(1);
}

static void tell(const struct team *team, const struct report *report)
{
	if (write(team->reports[1], report, sizeof(*report)) != (ssize_t)sizeof(*report))
		_exit(1);
}

/* The start; at the end of the trial there is nothing more to read. */
static bool wait_for(const struct team *team)
{
	char byte;
	ssize_t got;

	do
		got = read(team->go[0], &byte, 1);
	while (got < 0 && errno == EINTR);
	return got == 1;
}

static _Noreturn void work(const struct team *team, const struct trial *trial,
			   const struct place *place, size_t cpu)
{
	struct job job = { .trial = trial, .place = place, .file = -1, .go = team->go[0] };
	struct report report = { 0 };
	double cpu_ns;

	close(team->go[1]);
	if (!stay_on(cpu))
		job_fails(&job, "sched_setaffinity");
	else if (trial->work->prepare)
		trial->work->prepare(&job);
	report.cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	memcpy(report.failed, job.failed, sizeof(report.failed));
	tell(team, &report);
	if (job.failed[0])
		_exit(0);
	while (!trial->work->act) /* it is killed at work, as a VM is: a CPU that slept is slower */
		__asm__ volatile("");
	if (!wait_for(team))
		_exit(0);
	cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	report.started_ns = clock_ns(CLOCK_MONOTONIC);
	trial->work->act(&job);
	report.ended_ns = clock_ns(CLOCK_MONOTONIC);
	report.cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns;
	memcpy(report.failed, job.failed, sizeof(report.failed));
	tell(team, &report);
	for (;;) /* its end would disturb the others */
		pause();
}

bool copy_memory(const struct place *place, uint64_t bytes)
{
	size_t room = place->bound_bytes / 4 < COPY_BYTES ? place->bound_bytes / 4 : COPY_BYTES;
	char *from, *to;

	room -= room % COPY_PIECE;
	from = mmap(NULL, 2 * room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (from == MAP_FAILED)
		return false;
	madvise(from, 2 * room, MADV_HUGEPAGE); /* where there are some */
	memset(from, 1, 2 * room);
	to = from + room;
	for (uint64_t done = 0; done < bytes; done += COPY_PIECE) {
		memcpy(to + done % room, from + done % room, COPY_PIECE);
		__asm__ volatile("" : : "r"(from) : "memory"); /* it is not left out */
	}
	return munmap(from, 2 * room) == 0;
}

static _Noreturn void be_a_neighbour(const struct team *team, const struct trial *trial,
				     const struct place *place, size_t cpu)
{
	const struct report ready = { 0 };

	close(team->go[1]);
	if (!stay_on(cpu))
		_exit(1);
	tell(team, &ready);
	if (trial->neighbour == NEIGHBOUR_COPIES && !copy_memory(place, UINT64_MAX))
		_exit(1);
	for (;;)
		__asm__ volatile("");
}

/* --- in the program --------------------------------------------------------- */

static bool system_error(struct error *error, const char *call)
{
	return error_set(error, ERROR_INPUT, "%s: %s", call, strerror(errno));
}

static bool team_init(struct team *team, struct error *error)
{
	*team = (struct team){ .reports = { -1, -1 }, .go = { -1, -1 } };
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return system_error(error, "prctl");
	return (pipe(team->reports) == 0 && pipe(team->go) == 0) || system_error(error, "pipe");
}

/* All are gone when this returns, and those whom they have left behind, which end with the pipe. */
static void team_fini(struct team *team)
{
	for (size_t i = 0; i < team->count; i++)
		if (team->members[i])
			kill(team->members[i], SIGKILL);
	for (int end = 0; end < 2; end++) {
		if (team->reports[end] >= 0)
			close(team->reports[end]);
		if (team->go[end] >= 0)
			close(team->go[end]);
	}
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static bool interrupted(const struct place *place, struct error *error)
{
	return place->stop && *place->stop && !error_set(error, ERROR_INTERRUPTED, "interrupted");
}

/* The next report of any process. */
static bool hear(struct team *team, const struct place *place, double until_ns,
		 struct report *report, struct error *error)
{
	struct pollfd file = { .fd = team->reports[0], .events = POLLIN };
	ssize_t got;

	for (;;) {
		int left = (int)((until_ns - clock_ns(CLOCK_MONOTONIC)) / 1e6);
		int ready;

		if (interrupted(place, error))
			return false;
		if (left <= 0)
			return error_set(error, ERROR_INPUT, "it took longer than %d s",
					 TRIAL_SECONDS_MOST);
		ready = poll(&file, 1, left < 200 ? left : 200);
		if (ready > 0)
			break;
		if (ready < 0 && errno != EINTR)
			return system_error(error, "poll");
		for (size_t i = 0; i < team->count; i++) {
			int status;

			if (!team->members[i] ||
			    waitpid(team->members[i], &status, WNOHANG) != team->members[i])
				continue;
			team->members[i] = 0;
			return error_set(error, ERROR_INPUT, "its process was killed (signal %d)",
					 WIFSIGNALED(status) ? WTERMSIG(status) : 0);
		}
	}
	got = read(team->reports[0], report, sizeof(*report));
	if (got != (ssize_t)sizeof(*report))
		return system_error(error, "read");
	report->failed[sizeof(report->failed) - 1] = '\0';
	return !report->failed[0] || error_set(error, ERROR_INPUT, "%s", report->failed);
}

/* One process more; it is ready when this returns. `cpu_ns`: that it has used by then. */
static bool enlist(struct team *team, const struct trial *trial, const struct place *place,
		   size_t cpu, bool neighbour, double until_ns, double *cpu_ns, struct error *error)
{
	struct report report = { 0 };
	pid_t parent = getpid(), child = fork();

	if (child < 0)
		return system_error(error, "fork");
	if (child == 0) {
		be_a_child(parent);
		if (neighbour)
			be_a_neighbour(team, trial, place, cpu);
		work(team, trial, place, cpu);
	}
	team->members[team->count++] = child;
	if (!hear(team, place, until_ns, &report, error))
		return false;
	*cpu_ns = report.cpu_ns;
	return true;
}

static bool time_acts(struct team *team, const struct place *place, size_t processes,
		      double until_ns, struct taken *taken, struct error *error)
{
	const char go[PROCESSES_MOST] = { 0 };
	double start_ns = clock_ns(CLOCK_MONOTONIC);

	if (write(team->go[1], go, processes) != (ssize_t)processes)
		return system_error(error, "write");
	for (size_t i = 0; i < processes; i++) {
		struct report report = { 0 };

		if (!hear(team, place, until_ns, &report, error))
			return false;
		if (processes == 1)
			start_ns = report.started_ns;
		taken->wall_ns = fmax(taken->wall_ns, report.ended_ns - start_ns);
		taken->cpu_ns += report.cpu_ns / (double)processes;
	}
	return true;
}

static double cpu_of(const struct rusage *usage)
{
	return ((double)usage->ru_utime.tv_sec + (double)usage->ru_stime.tv_sec) * 1e9 +
	       ((double)usage->ru_utime.tv_usec + (double)usage->ru_stime.tv_usec) * 1e3;
}

/* The members but the neighbour are killed, and are gone. */
static bool time_ends(struct team *team, const struct place *place, size_t processes,
		      const double *cpu_ns, struct taken *taken, struct error *error)
{
	double start_ns = clock_ns(CLOCK_MONOTONIC);

	for (size_t i = 0; i < processes; i++)
		if (kill(team->members[i], SIGKILL) != 0)
			return system_error(error, "kill");
	for (size_t left = processes; left > 0;) {
		struct rusage usage;
		pid_t pid = wait4(-1, NULL, 0, &usage);
		size_t i = 0;

		if (pid < 0 && errno == EINTR) {
			if (interrupted(place, error))
				return false;
			continue;
		}
		if (pid < 0)
			return system_error(error, "wait4");
		while (i < team->count && team->members[i] != pid)
			i++;
		if (i == team->count)
			continue;
		team->members[i] = 0;
		if (i >= processes)
			return error_set(error, ERROR_INPUT, "the neighbour has ended");
		taken->wall_ns = clock_ns(CLOCK_MONOTONIC) - start_ns;
		taken->cpu_ns += (cpu_of(&usage) - cpu_ns[i]) / (double)processes;
		left--;
	}
	return true;
}

/* Not at work all the time, or not alone there. */
static bool trial_waits(const struct trial *trial)
{
	return trial->work->waits || !trial->work->act || trial->neighbour_on_same_core ||
	       trial->cores;
}

size_t trial_processes(const struct trial *trial, const struct place *place)
{
	if (trial->processes == PROCESSES_ALL)
		return place->cpu_count < PROCESSES_MOST ? place->cpu_count : PROCESSES_MOST;
	return trial->processes ? trial->processes : 1;
}

bool trial_run(const struct trial *trial, const struct place *place, struct taken *taken,
	       struct error *error)
{
	size_t processes = trial_processes(trial, place);
	size_t cores = trial->cores ? trial->cores : processes;
	size_t neighbour = trial->neighbour_on_same_core ? 0 : cores;
	double until_ns = clock_ns(CLOCK_MONOTONIC) + TRIAL_SECONDS_MOST * 1e9;
	double cpu_ns[PROCESSES_MOST + 1] = { 0 };
	struct team team;
	bool ok;

	*taken = (struct taken){ 0 };
	ok = team_init(&team, error) && !interrupted(place, error);
	if (ok && processes > PROCESSES_MOST)
		ok = error_set(error, ERROR_INTERNAL, "a trial of %zu processes", processes);
	for (size_t i = 0; ok && i < processes; i++)
		ok = enlist(&team, trial, place, place->cpus[i % cores % place->cpu_count], false,
			    until_ns, &cpu_ns[i], error);
	if (ok && trial->neighbour)
		ok = enlist(&team, trial, place, place->cpus[neighbour % place->cpu_count], true,
			    until_ns, &cpu_ns[processes], error);
	if (ok)
		ok = trial->work->act ? time_acts(&team, place, processes, until_ns, taken, error)
				      : time_ends(&team, place, processes, cpu_ns, taken, error);
	team_fini(&team);
	return ok;
}

bool trial_run_undisturbed(const struct trial *trial, const struct place *place,
			   struct taken *taken, struct error *error)
{
	double least = INFINITY, busy = 1; /* CPUs that each process keeps busy */

	if (trial->threads > 1)
		busy = (double)(trial->threads < place->cpu_count ? trial->threads
								  : place->cpu_count);
	for (int i = 0; i < TRIES && least > disturbed_ratio; i++) {
		struct taken one;
		double ratio;

		if (!trial_run(trial, place, &one, error))
			return false;
		/* What is too short, or waits, does not tell. */
		ratio = trial_waits(trial) || one.wall_ns < 1e6 ? 1
								: one.wall_ns * busy / one.cpu_ns;
		if (ratio < least) {
			least = ratio;
			*taken = one;
		}
	}
	taken->disturbed = least > disturbed_ratio;
	return true;
}
