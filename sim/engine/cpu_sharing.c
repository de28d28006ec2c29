#include "engine/cpu_sharing.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

/* --- what there is -------------------------------------------------------- */

static bool is_positive(double value)
{
	return isfinite(value) && value > 0;
}

bool cpu_add_capacity(struct cpu *cpu, double per_ns, unsigned int *capacity, struct error *error)
{
	if (cpu->capacity_count == SHARE_CAPACITIES_MAX)
		return error_set(error, ERROR_INTERNAL, "more than %d capacities of a host",
				 SHARE_CAPACITIES_MAX - 1);
	if (!is_positive(per_ns))
		return error_set(error, ERROR_INTERNAL, "a capacity of %g per ns", per_ns);
	*capacity = (unsigned int)cpu->capacity_count++;
	cpu->capacities[*capacity] = (struct cpu_capacity){ .per_ns = per_ns };
	return true;
}

static bool check_needs(const struct cpu_needs *needs, struct error *error)
{
	for (size_t r = SHARE_CORES + 1; r < SHARE_CAPACITIES_MAX; r++)
		if (needs->demand[r] != 0 && !is_positive(needs->demand[r]))
			return error_set(error, ERROR_INTERNAL, "a demand of %g per ns of work",
					 needs->demand[r]);
	for (int i = 0; i < CPU_SPEEDS_MAX; i++)
		if (needs->speeds[i] != 0 &&
		    !(is_positive(needs->speeds[i]) && needs->speeds[i] <= 1))
			return error_set(error, ERROR_INTERNAL, "a speed of %g", needs->speeds[i]);
	if (needs->crowd >= CPU_CROWDS_MAX || !(needs->crowded >= 0 && needs->crowded <= 1))
		return error_set(error, ERROR_INTERNAL, "%g of the work in crowd %u",
				 needs->crowded, needs->crowd);
	return true;
}

/* --- classes -------------------------------------------------------------- */

static bool same_needs(const struct cpu_needs *a, const struct cpu_needs *b)
{
	bool same = a->crowd == b->crowd && a->crowded == b->crowded;

	for (size_t r = SHARE_CORES + 1; r < SHARE_CAPACITIES_MAX; r++)
		same = same && a->demand[r] == b->demand[r];
	for (int i = 0; i < CPU_SPEEDS_MAX; i++)
		same = same && a->speeds[i] == b->speeds[i];
	return same;
}

/* How far apart two kinds of work are; each number counts alike, whatever its unit. */
static double distance(const struct cpu_needs *a, const struct cpu_needs *b)
{
	double sum = a->crowd == b->crowd ? fabs(a->crowded - b->crowded) : 1;

	for (size_t r = SHARE_CORES + 1; r < SHARE_CAPACITIES_MAX; r++) {
		double larger = fmax(a->demand[r], b->demand[r]);

		if (larger > 0)
			sum += fabs(a->demand[r] - b->demand[r]) / larger;
	}
	return sum;
}

/* Work of the class, since it is what it is, in ns; of what it was before `used_before` tells. */
static double work_ns(const struct cpu_class *class)
{
	return cpu_ns(class->times.work - class->work_before);
}

static void set_needs(struct cpu *cpu, unsigned int number, const struct cpu_needs *needs)
{
	for (size_t r = SHARE_CORES + 1; r < cpu->capacity_count; r++)
		cpu->capacities[r].largest_demand =
			fmax(cpu->capacities[r].largest_demand, needs->demand[r]);
	cpu->crowded_classes &= ~(1u << number);
	cpu->crowded_classes |= (uint32_t)(needs->crowd > 0) << number;
	cpu_class(cpu, number)->needs = *needs;
}

/* One that nobody is a member of becomes another; what it has used is kept. */
static void become(struct cpu *cpu, unsigned int number, const struct cpu_needs *needs)
{
	struct cpu_class *class = cpu_class(cpu, number);

	cpu_settle_class(cpu, number); /* it has no work to catch up with */
	for (size_t r = SHARE_CORES + 1; r < cpu->capacity_count; r++)
		cpu->capacities[r].used_before += class->needs.demand[r] * work_ns(class);
	class->work_before = class->times.work;
	set_needs(cpu, number, needs);
}

static bool add_class(struct cpu *cpu, struct error *error)
{
	struct cpu_class *class;

	if (cpu->class_count == cpu->classes_made) {
		if (!memory_grow(&cpu->others, &cpu->other_room, cpu->classes_made,
				 sizeof(*cpu->others), "classes of work", error) ||
		    !cpu_class_init(&cpu->others[cpu->classes_made - 1], error))
			return false;
		cpu->classes_made++;
	}
	class = cpu_class(cpu, (unsigned int)cpu->class_count);
	if (!heap_reserve(&class->jobs, cpu->first.jobs.slot_count, error))
		return false;
	cpu_class_reset(class, 0); /* as if it had been there from the start, with no members */
	cpu->class_count++;
	return true;
}

/* The most similar class, or one that nobody is a member of. */
static unsigned int stand_in(struct cpu *cpu, const struct cpu_needs *needs)
{
	unsigned int nearest = 1;

	for (unsigned int k = 1; k < cpu->class_count; k++) {
		if (!cpu_class(cpu, k)->jobs.count) {
			become(cpu, k, needs);
			return k;
		}
		if (distance(&cpu_class(cpu, k)->needs, needs) <
		    distance(&cpu_class(cpu, nearest)->needs, needs))
			nearest = k;
	}
	return nearest;
}

bool cpu_class_of(struct cpu *cpu, const struct cpu_needs *needs, unsigned int *class,
		  struct error *error)
{
	static const struct cpu_needs nothing;

	*class = 0;
	if (same_needs(needs, &nothing))
		return true;
	for (*class = 1; *class < cpu->class_count; ++*class)
		if (same_needs(&cpu_class(cpu, *class)->needs, needs))
			return true;
	if (cpu->class_count == CPU_CLASSES_MAX) {
		*class = stand_in(cpu, needs);
		return true;
	}
	if (!check_needs(needs, error) || !add_class(cpu, error)) {
		*class = 0;
		return false;
	}
	set_needs(cpu, *class, needs);
	return true;
}

/* --- rates ---------------------------------------------------------------- */

/* The class of the lowest bit of a set. */
static inline struct cpu_class *first_class(struct cpu *cpu, uint32_t set)
{
	return cpu_class(cpu, cpu_first_class(set));
}

/* What each runnable job has of a core. */
static double core_share(const struct cpu *cpu)
{
	uint32_t jobs = cpu_runnable(cpu);

	return jobs <= cpu->cores ? 1 : (double)cpu->cores / jobs;
}

/* The runnable classes in order, for share_out(). False: nothing slows any of them. */
static bool collect(struct cpu *cpu, struct share *shares, size_t *count)
{
	double each = core_share(cpu), members[CPU_CROWDS_MAX] = { 0 };
	bool slowed = false;

	*count = 0;
	for (uint32_t set = cpu->other_classes; set; set &= set - 1) {
		const struct cpu_class *class = first_class(cpu, set);

		members[class->needs.crowd] += class->jobs.count * each * class->needs.crowded;
	}
	for (uint32_t set = cpu->other_classes; set; set &= set - 1) {
		const struct cpu_needs *needs = &first_class(cpu, set)->needs;
		double speed = needs->crowd ? cpu_crowd_speed(needs, members[needs->crowd]) : 1;

		shares[(*count)++] = (struct share){
			.jobs = first_class(cpu, set)->jobs.count * each,
			.speed = speed,
			.demand = needs->demand,
			.rate = 1,
		};
		slowed = slowed || speed < 1;
	}
	for (size_t r = SHARE_CORES + 1; r < cpu->capacity_count; r++)
		slowed = slowed || share_use(r, shares, *count) > cpu->capacities[r].per_ns;
	return slowed;
}

/* Even if all jobs were of the class that needs most there is enough, and nobody is in a crowd. */
static bool is_plenty(const struct cpu *cpu)
{
	uint32_t jobs = cpu->other_runnable < cpu->cores ? cpu->other_runnable : cpu->cores;

	if (cpu->other_classes & cpu->crowded_classes)
		return false;
	for (size_t r = SHARE_CORES + 1; r < cpu->capacity_count; r++)
		if (jobs * cpu->capacities[r].largest_demand > cpu->capacities[r].per_ns)
			return false;
	return true;
}

static void set_rates(struct cpu *cpu, const struct share *shares)
{
	double each = core_share(cpu);

	cpu->uneven = true;
	for (uint32_t set = cpu->other_classes; set; set &= set - 1, shares++) {
		struct cpu_class *class = first_class(cpu, set);
		double speed = shares->speed * shares->rate;

		class->work_rate = speed < 1 ? cpu_rate(each * speed) : 0;
		class->crowded_rate = cpu_rate(each * (1 - shares->speed));
		class->bottleneck = (uint32_t)shares->bottleneck;
	}
}

void cpu_find_rates(struct cpu *cpu)
{
	double capacity[SHARE_CAPACITIES_MAX];
	struct share shares[CPU_CLASSES_MAX];
	size_t count;

	if (is_plenty(cpu))
		return;
	if (!collect(cpu, shares, &count))
		return;
	for (size_t r = SHARE_CORES + 1; r < cpu->capacity_count; r++)
		capacity[r] = cpu->capacities[r].per_ns;
	share_out(capacity, cpu->capacity_count, shares, count);
	/* those that went with the host's clock, if not settled already */
	for (uint32_t set = cpu->other_classes; set; set &= set - 1)
		cpu_class_settle(first_class(cpu, set), cpu->updated_ns, cpu->virtual_now, false);
	set_rates(cpu, shares);
}

void cpu_advance_classes(struct cpu *cpu)
{
	for (uint32_t set = cpu->other_classes; set; set &= set - 1)
		cpu_class_settle(first_class(cpu, set), cpu->updated_ns, cpu->virtual_now, true);
}

void cpu_reset_sharing(struct cpu *cpu)
{
	for (size_t r = 0; r < cpu->capacity_count; r++)
		cpu->capacities[r].largest_demand = cpu->capacities[r].used_before = 0;
	cpu->crowded_classes = 0;
	for (unsigned int k = 0; k < cpu->classes_made; k++)
		cpu_class_reset(cpu_class(cpu, k), cpu->engine->now_ns);
	cpu->class_count = 1;
}

/* --- what has been -------------------------------------------------------- */

static void add_times(struct cpu_times *sum, const struct cpu_times *times)
{
	sum->work += times->work;
	sum->crowded += times->crowded;
	for (size_t r = 0; r < SHARE_CAPACITIES_MAX; r++)
		sum->lost[r] += times->lost[r];
}

static struct cpu_times times_of_others(struct cpu *cpu)
{
	struct cpu_times sum = { 0 }, times;

	for (unsigned int k = 1; k < cpu->class_count; k++) {
		times = cpu_times_of(cpu, k);
		add_times(&sum, &times);
	}
	return sum;
}

/* The first class: what the others leave of the whole; nothing but the cores slows it. */
static struct cpu_times rest(struct cpu *cpu)
{
	struct cpu_times others = times_of_others(cpu), times = { 0 };

	times.work = cpu->busy_core - others.work - others.crowded;
	for (size_t r = SHARE_CORES + 1; r < SHARE_CAPACITIES_MAX; r++)
		times.work -= others.lost[r];
	times.lost[SHARE_CORES] =
		(cpu->runnable_ns << CPU_FRACTION_BITS) - cpu->busy_core - others.lost[SHARE_CORES];
	return times;
}

struct cpu_times cpu_times_of(struct cpu *cpu, unsigned int class)
{
	if (!class)
		return rest(cpu);
	cpu_settle_class(cpu, class);
	return cpu_class(cpu, class)->times;
}

struct cpu_times cpu_times_of_all(struct cpu *cpu)
{
	struct cpu_times times = times_of_others(cpu), first = rest(cpu);

	add_times(&times, &first);
	return times;
}

double cpu_used(struct cpu *cpu, unsigned int capacity)
{
	double used = cpu->capacities[capacity].used_before;

	if (capacity == SHARE_CORES)
		return cpu_ns(cpu->busy_core);
	for (unsigned int k = 1; k < cpu->class_count; k++) {
		cpu_settle_class(cpu, k);
		used += cpu_class(cpu, k)->needs.demand[capacity] * work_ns(cpu_class(cpu, k));
	}
	return used;
}
