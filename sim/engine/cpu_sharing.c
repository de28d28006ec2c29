#include "engine/cpu_sharing.h"

#include <math.h>

#include "base/memory.h"

/* --- what there is -------------------------------------------------------- */

static bool is_positive(double value)
{
	return isfinite(value) && value > 0;
}

bool cpu_add_capacity(struct cpu *cpu, double per_ns, unsigned int *capacity, struct error *error)
{
	if (cpu->capacity_count == SHARE_CAPACITIES_MAX)
		return error_set(error, ERROR_INPUT, "more than %d capacities of a host",
				 SHARE_CAPACITIES_MAX - 1);
	if (!is_positive(per_ns))
		return error_set(error, ERROR_INPUT, "a capacity of %g per ns", per_ns);
	*capacity = (unsigned int)cpu->capacity_count++;
	cpu->capacities[*capacity] = (struct cpu_capacity){ .per_ns = per_ns };
	return true;
}

bool cpu_add_speed(struct cpu *cpu, const double *table, size_t length, unsigned int *speed,
		   struct error *error)
{
	if (cpu->speed_count == CPU_SPEEDS_MAX)
		return error_set(error, ERROR_INPUT, "more than %d tables of speeds of a host",
				 CPU_SPEEDS_MAX - 1);
	if (!length)
		return error_set(error, ERROR_INPUT, "a table of no speeds");
	for (size_t i = 0; i < length; i++)
		if (!is_positive(table[i]) || table[i] > 1)
			return error_set(error, ERROR_INPUT, "a speed of %g", table[i]);
	*speed = (unsigned int)cpu->speed_count++;
	cpu->speeds[*speed] = (struct cpu_speed){ table, length };
	return true;
}

bool cpu_add_class(struct cpu *cpu, const double *demand, unsigned int speed, unsigned int *class,
		   struct error *error)
{
	struct cpu_class *new;
	bool limited = speed > 0;

	if (cpu->class_count == CPU_CLASSES_MAX)
		return error_set(error, ERROR_INPUT, "more than %d classes of work on a host",
				 CPU_CLASSES_MAX - 1);
	if (!memory_grow(&cpu->others, &cpu->other_room, cpu->class_count, sizeof(*cpu->others),
			 "classes of work", error))
		return false;
	new = &cpu->others[cpu->class_count - 1];
	if (!cpu_class_init(new, error))
		return false;
	*class = (unsigned int)cpu->class_count++;
	new->speed = speed;
	for (size_t r = SHARE_CORES + 1; demand && r < cpu->capacity_count; r++) {
		if (demand[r] != 0 && !is_positive(demand[r]))
			return error_set(error, ERROR_INPUT, "a demand of %g per ns of work",
					 demand[r]);
		new->demand[r] = demand[r];
		limited = limited || demand[r] > 0;
	}
	cpu->limited_classes |= (uint32_t)limited << *class;
	cpu_class_reset(new, cpu->updated_ns);
	return heap_reserve(&new->jobs, cpu->first.jobs.slot_count, error);
}

/* --- rates ---------------------------------------------------------------- */

/* The class of the lowest bit of a set. */
static inline struct cpu_class *first_class(struct cpu *cpu, uint32_t set)
{
	return cpu_class(cpu, (unsigned int)__builtin_ctz(set));
}

/* Catch up; but for the first class, which has the host's clock. Returns the time on cores. */
static cpu_virtual settle_classes(struct cpu *cpu)
{
	cpu_virtual on_core = 0;

	for (uint32_t set = cpu->other_classes; set; set &= set - 1)
		on_core += cpu_class_settle(first_class(cpu, set), cpu->updated_ns,
					    cpu->virtual_now, cpu->uneven);
	return on_core;
}

static double speed_of(const struct cpu_speed *speed, uint32_t members)
{
	return speed->table[(members < speed->length ? members : speed->length) - 1];
}

/* The runnable classes in order, for share_out(). */
static size_t collect(struct cpu *cpu, struct share shares[CPU_CLASSES_MAX])
{
	uint32_t members[CPU_SPEEDS_MAX] = { 0 };
	size_t count = 0;

	for (uint32_t set = cpu_runnable_set(cpu); set; set &= set - 1)
		members[first_class(cpu, set)->speed] += first_class(cpu, set)->jobs.count;
	for (uint32_t set = cpu_runnable_set(cpu); set; set &= set - 1) {
		const struct cpu_class *class = first_class(cpu, set);
		const struct cpu_speed *speed = &cpu->speeds[class->speed];

		shares[count++] = (struct share){
			.jobs = class->jobs.count,
			.speed = class->speed ? speed_of(speed, members[class->speed]) : 1,
			.demand = class->demand,
		};
	}
	return count;
}

static void set_rates(struct cpu *cpu, const struct share *shares)
{
	cpu->uneven = true;
	for (uint32_t set = cpu_runnable_set(cpu); set; set &= set - 1, shares++) {
		struct cpu_class *class = first_class(cpu, set);

		class->core_rate = cpu_rate(shares->rate);
		class->work_rate = cpu_rate(shares->rate * shares->speed);
		class->bottleneck = (uint32_t)shares->bottleneck;
	}
}

void cpu_find_rates(struct cpu *cpu)
{
	double capacity[SHARE_CAPACITIES_MAX] = { [SHARE_CORES] = cpu->cores }, level;
	struct share shares[CPU_CLASSES_MAX];
	size_t count = collect(cpu, shares);
	bool uneven = false;

	for (size_t r = SHARE_CORES + 1; r < cpu->capacity_count; r++)
		capacity[r] = cpu->capacities[r].per_ns;
	level = share_out(capacity, cpu->capacity_count, shares, count);
	for (size_t r = SHARE_CORES + 1; r < cpu->capacity_count; r++)
		cpu->capacities[r].use = share_use(r, shares, count);
	for (size_t k = 0; k < count; k++)
		uneven = uneven || shares[k].bottleneck != SHARE_CORES || shares[k].speed < 1;
	if (!uneven)
		return;
	settle_classes(cpu); /* which went with the host's clock, if not settled already */
	set_rates(cpu, shares);
	cpu->first.work_rate = cpu_rate(level);
}

void cpu_advance_classes(struct cpu *cpu, cpu_virtual passed)
{
	for (size_t r = SHARE_CORES + 1; r < cpu->capacity_count; r++)
		if (cpu->capacities[r].use > cpu->capacities[r].peak)
			cpu->capacities[r].peak = cpu->capacities[r].use;
	if (cpu->uneven) /* the others did not have what the first class had */
		cpu->busy_core += settle_classes(cpu) - passed * cpu->other_runnable;
}

/* --- what has been -------------------------------------------------------- */

/* The first class: what the others leave of the whole; nothing but the cores slows it. */
static struct cpu_times rest(struct cpu *cpu)
{
	struct cpu_times times = { .work = cpu->busy_core };

	times.lost[SHARE_CORES] = (cpu->runnable_ns << CPU_FRACTION_BITS) - cpu->busy_core;
	for (unsigned int k = 1; k < cpu->class_count; k++) {
		struct cpu_times other = cpu_times_of(cpu, k);

		times.work -= other.work + other.stalled;
		for (size_t r = 0; r < cpu->capacity_count; r++)
			times.lost[SHARE_CORES] -= other.lost[r];
	}
	return times;
}

struct cpu_times cpu_times_of(struct cpu *cpu, unsigned int class)
{
	if (!class)
		return rest(cpu);
	cpu_settle_class(cpu, class);
	return cpu_class(cpu, class)->times;
}

double cpu_used(struct cpu *cpu, unsigned int capacity)
{
	const double one_ns = (double)(UINT64_C(1) << CPU_FRACTION_BITS);
	double used = 0;

	if (capacity == SHARE_CORES)
		return (double)cpu->busy_core / one_ns;
	for (unsigned int k = 1; k < cpu->class_count; k++)
		used += cpu_class(cpu, k)->demand[capacity] * (double)cpu_times_of(cpu, k).work /
			one_ns;
	return used;
}
