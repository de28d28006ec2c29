#include "engine/cpu_class.h"

int64_t cpu_time_until(cpu_virtual left, uint64_t rate)
{
	cpu_virtual scaled = left << (CPU_RATE_BITS - CPU_FRACTION_BITS);
	cpu_virtual time_ns = scaled / rate + (scaled % rate > 0);

	return time_ns < INT64_MAX ? (int64_t)time_ns : INT64_MAX;
}

uint64_t cpu_rate(double rate)
{
	uint64_t fixed = (uint64_t)(rate * (double)(UINT64_C(1) << CPU_RATE_BITS));

	return fixed ? fixed : 1;
}

double cpu_crowd_speed(const struct cpu_needs *needs, double members)
{
	double speed = 1, all = 1; /* of each of n, and of all */
	int n = 1;

	for (; n <= CPU_SPEEDS_MAX && needs->speeds[n - 1] > 0 && n < members; n++) {
		double next = needs->speeds[n - 1];

		if (n + 1 >= members)
			next = speed + (next - speed) * (members - n);
		speed = next;
		all = (n + 1) * speed;
	}
	if (n < members && n > 1)
		speed = all / members;
	return 1 / (1 - needs->crowded + needs->crowded / speed);
}

bool cpu_class_init(struct cpu_class *class, struct error *error)
{
	*class = (struct cpu_class){ 0 };
	return heap_init(&class->jobs, "threads", error);
}

void cpu_class_fini(struct cpu_class *class)
{
	heap_fini(&class->jobs);
}

void cpu_class_reset(struct cpu_class *class, int64_t now_ns)
{
	heap_clear(&class->jobs);
	class->settled_ns = now_ns;
	class->settled_clock = class->behind = 0;
	class->behind_area = 0;
	class->times = (struct cpu_times){ 0 };
	class->work_before = 0;
	class->needs = (struct cpu_needs){ 0 };
}

static cpu_virtual smaller(cpu_virtual a, cpu_virtual b)
{
	return a < b ? a : b;
}

static uint64_t whole_ns(cpu_virtual duration)
{
	return (uint64_t)(duration >> CPU_FRACTION_BITS);
}

void cpu_class_settle(struct cpu_class *class, int64_t now_ns, cpu_virtual clock, bool uneven)
{
	int64_t elapsed_ns = now_ns - class->settled_ns;
	cpu_virtual elapsed = (cpu_virtual)(uint64_t)elapsed_ns << CPU_FRACTION_BITS;
	cpu_virtual on_core = clock - class->settled_clock, work = on_core, crowded = 0;
	uint64_t behind_ns = whole_ns(class->behind);
	uint32_t jobs = class->jobs.count;

	if (!elapsed_ns)
		return;
	class->settled_ns = now_ns;
	class->settled_clock = clock;
	if (uneven && jobs && class->work_rate) {
		work = smaller(cpu_at_rate(elapsed_ns, class->work_rate), on_core);
		crowded = on_core - work; /* all, what is rounded included, or a part */
		if (class->bottleneck != SHARE_CORES)
			crowded = smaller(cpu_at_rate(elapsed_ns, class->crowded_rate), crowded);
		class->behind += on_core - work;
		class->times.lost[class->bottleneck] += (on_core - work - crowded) * jobs;
	}
	class->behind_area +=
		((unsigned __int128)behind_ns + whole_ns(class->behind)) * (uint64_t)elapsed_ns;
	class->times.work += work * jobs;
	class->times.crowded += crowded * jobs;
	class->times.lost[SHARE_CORES] += (elapsed - on_core) * jobs;
}
