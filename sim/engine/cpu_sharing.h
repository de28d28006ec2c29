#ifndef SIM_ENGINE_CPU_SHARING_H
#define SIM_ENGINE_CPU_SHARING_H

/*
 * What the jobs of a host share besides its cores (engine/cpu.h): capacities, speeds, and the
 * classes that need them; the rates of these, and who was slowed by what.
 */

#include "engine/cpu.h"

/*
 * What there is to share, added while the host is built. False with an error: too many, no
 * memory, or what must be a number above 0 is none. Numbers (the first is 1: 0 stands for the
 * cores, the speed 1, and the class without demands) are given in turn.
 *
 * A capacity of so many units per ns: bytes, say, or ns under a lock.
 */
bool cpu_add_capacity(struct cpu *cpu, double per_ns, unsigned int *capacity, struct error *error);

/*
 * table[n - 1] ns of work are done per ns on a core, above 0 and up to 1, while n members of all
 * classes with this speed are runnable; table[length - 1] for more. Borrowed as long as the cpu.
 */
bool cpu_add_speed(struct cpu *cpu, const double *table, size_t length, unsigned int *speed,
		   struct error *error);

/*
 * One ns of its work uses demand[r] (0 or more) units of each capacity r that there is;
 * demand[SHARE_CORES] is not read. NULL: of none.
 */
bool cpu_add_class(struct cpu *cpu, const double *demand, unsigned int speed, unsigned int *class,
		   struct error *error);

/*
 * Times of a class up to the last cpu_settle(). The runnable time of its members is the sum of
 *   work     what they have done,
 *   stalled  on a core without doing work, since their speed was below 1,
 *   lost[r]  what they had less than a core of their own while r was their bottleneck: the one
 *            limit of which more would have given them more at once. lost[SHARE_CORES]: cores.
 * Over all classes work + stalled is busy_core, and with what is lost runnable_ns, exactly.
 */
struct cpu_times cpu_times_of(struct cpu *cpu, unsigned int class);

/* Units of a capacity used up to the last cpu_settle(); of SHARE_CORES: ns. */
double cpu_used(struct cpu *cpu, unsigned int capacity);

/* The rest is for engine/cpu.c, while nothing is to be settled. */

/*
 * Find the rates from now on of the runnable classes, one of which is limited, and set `uneven`,
 * which is false, if they differ.
 */
__attribute__((noinline)) void cpu_find_rates(struct cpu *cpu);

/* Catch up with what they did while the host's clock went on by `passed`. */
__attribute__((noinline)) void cpu_advance_classes(struct cpu *cpu, cpu_virtual passed);

#endif
