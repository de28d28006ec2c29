#ifndef SIM_ENGINE_CPU_H
#define SIM_ENGINE_CPU_H

/*
 * A host's processor cores, shared equally by the runnable threads.
 *
 * Egalitarian processor sharing: with n runnable jobs on c cores each job
 * proceeds at rate min(1, c/n), the fluid limit of a fair scheduler. A virtual
 * clock V runs at that rate; a job of work w that arrives at V finishes when
 * the clock shows V + w, so an arrival or departure costs O(log n). Virtual
 * time is kept in 2^-40 ns, integer, so that results do not depend on the
 * floating point unit; while n <= c a job ends exactly after its work.
 * (Virtual time for fair sharing: A. Demers, S. Keshav, S. Shenker, "Analysis
 * and Simulation of a Fair Queueing Algorithm", SIGCOMM 1989.)
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/engine.h"

struct cpu;
struct cpu_job;

typedef unsigned __int128 cpu_virtual; /* 2^-40 ns */

enum { CPU_FRACTION_BITS = 40 }; /* of a nanosecond of virtual time */

typedef void cpu_done(struct cpu *cpu, struct cpu_job *job);

struct cpu_job {
	cpu_done *done;     /* called at the instant the work is finished */
	uint32_t slot;      /* given by cpu_job_init */
	bool active;        /* started and not yet reported as done */
	bool finished;      /* off the cores; its `done` is about to be called */
	int64_t work_ns;    /* as started */
	int64_t started_ns; /* clock time of the start */
	cpu_virtual finish; /* virtual time at which it ends */
};

struct cpu {
	struct engine *engine;
	uint32_t cores;
	struct heap jobs;   /* keyed by virtual finish time */
	uint32_t *finished; /* slots of the jobs that end at one instant */
	size_t finished_capacity;
	bool reporting;    /* them, at this moment */
	struct event next; /* the next completion */
	cpu_virtual virtual_now;
	unsigned __int128 virtual_area; /* twice the integral of it (in whole ns) over time, ns^2 */
	int64_t updated_ns;
	unsigned __int128 busy_core_ns; /* integral of min(jobs, cores) dt */
	unsigned __int128 runnable_ns;  /* integral of jobs dt */
	uint32_t runnable_peak;
};

bool cpu_init(struct cpu *cpu, struct engine *engine, uint32_t cores, struct error *error);
void cpu_fini(struct cpu *cpu);
void cpu_reset(struct cpu *cpu); /* no jobs, statistics zero; call after engine_reset */

/* Make a job known. May allocate. */
bool cpu_job_init(struct cpu *cpu, struct cpu_job *job, cpu_done *done, struct error *error);
void cpu_job_fini(struct cpu *cpu, struct cpu_job *job);
void cpu_forget_jobs(struct cpu *cpu); /* all of them; none is active */

/* Start `work_ns` (>= 0) of work. The job must not be active. */
void cpu_start(struct cpu *cpu, struct cpu_job *job, int64_t work_ns);

/* Work that an active job has done by now, in ns, rounded down, at most work_ns. */
int64_t cpu_work_done(struct cpu *cpu, const struct cpu_job *job);

/* Give an active job `left_ns` (>= 0) more to do from now; work_ns becomes done + left. */
void cpu_set_left(struct cpu *cpu, struct cpu_job *job, int64_t left_ns);

/* Take an active job off the cores without calling done. */
void cpu_stop(struct cpu *cpu, struct cpu_job *job);

/* Bring virtual time and the statistics up to the present instant. */
void cpu_advance(struct cpu *cpu); /* which has come; for cpu_settle() */

static inline void cpu_settle(struct cpu *cpu)
{
	if (cpu->engine->now_ns != cpu->updated_ns)
		cpu_advance(cpu);
}

#endif
