#ifndef SIM_ENGINE_CPU_H
#define SIM_ENGINE_CPU_H

/*
 * A host's processor cores, and what else its runnable threads share.
 *
 * Egalitarian processor sharing: with n runnable jobs on c cores each job
 * proceeds at rate min(1, c/n), the fluid limit of a fair scheduler. A virtual
 * clock V runs at that rate; a job of work w that arrives at V finishes when
 * the clock shows V + w, so an arrival or departure costs O(log n). Virtual
 * time is kept in 2^-40 ns, integer, so that results do not depend on the
 * floating point unit; while n <= c a job ends exactly after its work.
 * (Virtual time for fair sharing: A. Demers, S. Keshav, S. Shenker, "Analysis
 * and Simulation of a Fair Queueing Algorithm", SIGCOMM 1989.)
 *
 * A host may have other capacities, such as the bandwidth of its memory, and jobs may be of
 * classes. A ns of a class's work uses so much of each capacity. When one is used up, those who
 * need it are slowed while they have their cores, which they keep: to the max-min fair rates
 * (engine/share.h). A class may also slow down by how many of a crowd have a core: a
 * load-dependent server (F. Baskett, K. M. Chandy,
 * R. R. Muntz, F. G. Palacios, "Open, Closed, and Mixed Networks of Queues with Different
 * Classes of Customers", Journal of the ACM 22(2), 1975). Members of a class have the same
 * rate, so each has a virtual clock (engine/cpu_class.h), and rates are found for classes, never
 * for jobs: O(log n) and a little per class with runnable members.
 *
 * As long as nothing but the cores binds, all clocks go together, by the same integers: results
 * are what they were without classes and capacities. Jobs that end at one instant are reported
 * in the order in which they end by the host's clock, and then in that of their slots.
 *
 * What takes all cores at once (cpu_hold) stops every job: the clocks stand still meanwhile.
 *
 * Work is conserved but for rounding down: of each rate to 2^-60 (and what share.h says), and of
 * each stretch of time between two changes to 2^-40 ns of a job's work. A completion is rounded
 * up to a whole ns, and comes never before the job's clock shows its end.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/cpu_class.h"
#include "engine/engine.h"

struct cpu;
struct cpu_job;

enum { CPU_CLASSES_MAX = 32 };

typedef void cpu_done(struct cpu *cpu, struct cpu_job *job);

struct cpu_job {
	cpu_done *done;     /* called at the instant the work is finished */
	uint32_t slot;      /* given by cpu_job_init */
	bool active;        /* started and not yet reported as done */
	bool finished;      /* off the cores; its `done` is about to be called */
	uint16_t class;     /* cpu_job_set_class; 0 by cpu_job_init */
	int64_t work_ns;    /* as started */
	int64_t ended_ns;   /* clock time of the last report as done ... */
	cpu_virtual finish; /* its class's virtual time at which it ends */
	cpu_virtual behind; /* how far its class was behind the host's clock when it started */
	uint64_t late;      /* ... which came so much of its work after its end */
};

/* Not the cores. Their number, and this one's amount, may be set between runs. */
struct cpu_capacity {
	double per_ns;
	double largest_demand; /* of a class in this run */
	double used_before;    /* by kinds of work whose class is another by now */
};

struct cpu {
	struct engine *engine;
	uint32_t cores;
	struct cpu_class first;   /* without demands: its clock is the host's. It gives slots */
	struct cpu_class *others; /* cpu_class_of() */
	size_t class_count, classes_made,
		other_room;       /* the first one included; in this run, ever */
	uint32_t other_runnable;  /* their jobs on the cores */
	uint32_t other_classes;   /* a bit for each of them that has such jobs */
	uint32_t crowded_classes; /* or that is in a crowd */
	bool uneven;              /* something but the cores slows one of them */
	uint32_t *finished;       /* slots of the jobs that end at one instant */
	size_t finished_capacity;
	bool reporting;    /* them, at this moment */
	bool held;         /* cpu_hold(): no job has a core */
	struct event next; /* the next completion */
	cpu_virtual virtual_now;
	unsigned __int128 virtual_area; /* twice the integral of it (in whole ns) over time, ns^2 */
	int64_t updated_ns;
	int64_t idle_ns;               /* time without any job and not held */
	cpu_virtual busy_core;         /* time that jobs had on cores: its integral, 2^-40 ns */
	unsigned __int128 runnable_ns; /* integral of jobs dt */
	uint32_t runnable_peak;
	struct cpu_capacity capacities[SHARE_CAPACITIES_MAX]; /* from 1 on */
	size_t capacity_count;                                /* the cores are one */
};

static inline struct cpu_class *cpu_class(struct cpu *cpu, unsigned int number)
{
	return number ? &cpu->others[number - 1] : &cpu->first;
}

/* Jobs on the cores. */
static inline uint32_t cpu_runnable(const struct cpu *cpu)
{
	return cpu->first.jobs.count + cpu->other_runnable;
}

/* A bit for each class that has such jobs. */
static inline uint32_t cpu_runnable_set(const struct cpu *cpu)
{
	return cpu->other_classes | (cpu->first.jobs.count > 0);
}

bool cpu_init(struct cpu *cpu, struct engine *engine, uint32_t cores, struct error *error);
void cpu_fini(struct cpu *cpu);
void cpu_reset(struct cpu *cpu); /* no jobs, statistics zero; call after engine_reset */

/* Make a job known. May allocate. */
bool cpu_job_init(struct cpu *cpu, struct cpu_job *job, cpu_done *done, struct error *error);
void cpu_job_fini(struct cpu *cpu, struct cpu_job *job);
void cpu_forget_jobs(struct cpu *cpu); /* all of them; none is active */

/* What kind of work it does from its next start on. It must not be active. */
static inline void cpu_job_set_class(struct cpu_job *job, unsigned int class)
{
	job->class = (uint16_t) class;
}

/* Start `work_ns` (>= 0) of work. The job must not be active. */
void cpu_start(struct cpu *cpu, struct cpu_job *job, int64_t work_ns);

/*
 * The same for the next of many pieces of the job's work, when it begins at the instant at which
 * the one before was reported as done: that is less than a ns after its end, and what of its rate
 * has passed meanwhile is done already. So pieces take together what one of all their work does.
 */
void cpu_go_on(struct cpu *cpu, struct cpu_job *job, int64_t work_ns);

/* Work that an active job has done by now, in ns, rounded down, at most work_ns. */
int64_t cpu_work_done(struct cpu *cpu, const struct cpu_job *job);

/* Time that an active job has had on a core since it started, in ns, rounded down. */
int64_t cpu_core_time(struct cpu *cpu, const struct cpu_job *job);

/* What of that was no work; also of a job that is reported as done at this instant. */
static inline int64_t cpu_slowed(struct cpu *cpu, const struct cpu_job *job)
{
	if (!job->class)
		return 0;
	return (int64_t)((cpu_class(cpu, job->class)->behind - job->behind) >> CPU_FRACTION_BITS);
}

/*
 * How long so much work of the class would take a job at the rates of now, in ns; at those of the
 * first class while it has no rate of its own.
 */
double cpu_expected_ns(struct cpu *cpu, unsigned int class, double work_ns);

/* Give an active job `left_ns` (>= 0) more to do from now; work_ns becomes done + left. */
void cpu_set_left(struct cpu *cpu, struct cpu_job *job, int64_t left_ns);

/* Take an active job off the cores without calling done. */
void cpu_stop(struct cpu *cpu, struct cpu_job *job);

/* Something else has all cores from now on, or lets them go: meanwhile no job proceeds. */
void cpu_hold(struct cpu *cpu, bool held);

/*
 * What a thread that wants a core all the time would have lost by now, in ns: the integral of 1
 * less the rate of the first class, which is 1 while there is no job and 0 while the cores are held.
 */
int64_t cpu_lost_ns(struct cpu *cpu);

/* Bring virtual time and the statistics up to the present instant. */
void cpu_advance(struct cpu *cpu); /* which has come; for cpu_settle() */

static inline void cpu_settle(struct cpu *cpu)
{
	if (cpu->engine->now_ns != cpu->updated_ns)
		cpu_advance(cpu);
}

/* The same for a class, before the number of its runnable members changes; after cpu_settle(). */
static inline void cpu_settle_class(struct cpu *cpu, unsigned int class)
{
	if (class) /* the first has the host's clock */
		cpu_class_settle(cpu_class(cpu, class), cpu->updated_ns, cpu->virtual_now,
				 cpu->uneven);
}

/* The virtual time of a class; after cpu_settle(). */
static inline cpu_virtual cpu_class_clock(struct cpu *cpu, unsigned int class)
{
	cpu_settle_class(cpu, class);
	return class ? cpu->virtual_now - cpu_class(cpu, class)->behind : cpu->virtual_now;
}

/* Twice the integral of it (in whole ns) over time, ns^2; after cpu_settle(). */
static inline unsigned __int128 cpu_class_area(struct cpu *cpu, unsigned int class)
{
	cpu_settle_class(cpu, class);
	return class ? cpu->virtual_area - cpu_class(cpu, class)->behind_area : cpu->virtual_area;
}

#endif
