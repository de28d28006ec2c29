#ifndef SIM_ENGINE_CPU_SHARING_H
#define SIM_ENGINE_CPU_SHARING_H

/*
 * What the jobs of a host share besides its cores (engine/cpu.h): capacities, crowds, and the
 * classes that need them; the rates of these, and who was slowed by what.
 */

#include "engine/cpu.h"

/*
 * A capacity of so many units per ns: bytes, say, or ns under a lock; added while the host is
 * built, before a job starts. Numbers are given in turn, from 1 on. False with an error: too
 * many, or not above 0.
 */
bool cpu_add_capacity(struct cpu *cpu, double per_ns, unsigned int *capacity, struct error *error);

/*
 * The class of work with these needs, for cpu_job_set_class() just before cpu_start(). One that
 * has no members any more may become another, so that only kinds of work that are done at one
 * time count: of more than CPU_CLASSES_MAX - 1 those that come last are taken for the most similar
 * one. False with an error, and class 0: no memory, or needs that are none (engine/cpu_class.h).
 */
bool cpu_class_of(struct cpu *cpu, const struct cpu_needs *needs, unsigned int *class,
		  struct error *error);

/*
 * Times of a class up to the last cpu_settle(). The runnable time of its members is the sum of
 *   work     what they have done,
 *   crowded  on a core without doing work, for what the others of their crowd did,
 *   lost[r]  on a core without doing work while the capacity r was their bottleneck;
 *            lost[SHARE_CORES]: without a core.
 * Over all classes it is runnable_ns, and without lost[SHARE_CORES] busy_core, exactly.
 */
struct cpu_times cpu_times_of(struct cpu *cpu, unsigned int class);
struct cpu_times cpu_times_of_all(struct cpu *cpu);

/* Units of a capacity used up to the last cpu_settle(); of SHARE_CORES: ns. */
double cpu_used(struct cpu *cpu, unsigned int capacity);

/* The rest is for engine/cpu.c, while nothing is to be settled. */

/*
 * Find the rates from now on of the runnable classes, one of which has needs, and set `uneven`,
 * which is false, if they differ.
 */
__attribute__((noinline)) void cpu_find_rates(struct cpu *cpu);

/* Catch up with what they did up to the host's clock of now. */
__attribute__((noinline)) void cpu_advance_classes(struct cpu *cpu);

/* Nothing was used yet, and nobody needs anything. */
void cpu_reset_sharing(struct cpu *cpu);

#endif
