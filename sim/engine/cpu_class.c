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
	class->settled_clock = class->behind = class->stalled = 0;
	class->behind_area = 0;
	class->times = (struct cpu_times){ 0 };
}

static uint64_t whole_ns(cpu_virtual duration)
{
	return (uint64_t)(duration >> CPU_FRACTION_BITS);
}

cpu_virtual cpu_class_settle(struct cpu_class *class, int64_t now_ns, cpu_virtual clock,
			     bool uneven)
{
	int64_t elapsed_ns = now_ns - class->settled_ns;
	cpu_virtual elapsed = (cpu_virtual)(uint64_t)elapsed_ns << CPU_FRACTION_BITS;
	cpu_virtual passed = clock - class->settled_clock, on_core = passed, work = passed;
	uint32_t jobs = class->jobs.count, bottleneck = SHARE_CORES;
	uint64_t behind_ns = whole_ns(class->behind);

	if (!elapsed_ns)
		return 0;
	if (uneven && jobs) {
		on_core = cpu_at_rate(elapsed_ns, class->core_rate);
		work = cpu_at_rate(elapsed_ns, class->work_rate);
		bottleneck = class->bottleneck;
	}
	class->settled_ns = now_ns;
	class->settled_clock = clock;
	class->behind += passed - work;
	class->behind_area +=
		((unsigned __int128)behind_ns + whole_ns(class->behind)) * (uint64_t)elapsed_ns;
	class->stalled += on_core - work;
	class->times.work += work * jobs;
	class->times.stalled += (on_core - work) * jobs;
	class->times.lost[bottleneck] += (elapsed - on_core) * jobs;
	return on_core * jobs;
}
