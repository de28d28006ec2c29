#include "engine/level.h"

static inline cpu_virtual clock_now(const struct level *level, unsigned int clock)
{
	return clock == CLOCK_WALL ? (cpu_virtual)level->cpu->engine->now_ns << CPU_FRACTION_BITS
				   : cpu_class_clock(level->cpu, clock);
}

/* Twice the integral of the clock over time. */
static inline unsigned __int128 area_now(const struct level *level, unsigned int clock)
{
	unsigned __int128 now_ns = (unsigned __int128)level->cpu->engine->now_ns;

	return clock == CLOCK_WALL ? now_ns * now_ns : cpu_class_area(level->cpu, clock);
}

static unsigned int first_of(uint64_t set)
{
	return (unsigned int)__builtin_ctzll(set);
}

void level_reset(struct level *level, struct cpu *cpu)
{
	level->cpu = cpu;
	level->bytes = 0;
	level->integral = level->variance = 0;
	level->updated_ns = cpu->engine->now_ns;
	level->running = 0;
}

/* The line goes on; its area is that of what had gone by then, and a triangle above. */
static void settle_ebbs(struct level *level, unsigned int clock, int64_t elapsed_ns)
{
	struct ebb_sum *sum = &level->ebbs[clock];
	cpu_virtual now = clock_now(level, clock);
	unsigned __int128 area = area_now(level, clock);
	unsigned __int128 before = (unsigned __int128)(uint64_t)(sum->at >> CPU_FRACTION_BITS) *
				   (uint64_t)elapsed_ns * 2;

	level->integral -= sum->gone * (double)elapsed_ns +
			   sum->bytes_per_ns * (double)(area - sum->area - before) / 2;
	sum->gone += sum->bytes_per_ns * cpu_ns(now - sum->at);
	sum->at = now;
	sum->area = area;
}

void level_settle(struct level *level)
{
	int64_t elapsed_ns;

	cpu_settle(level->cpu);
	elapsed_ns = level->cpu->engine->now_ns - level->updated_ns;
	if (!elapsed_ns)
		return;
	level->integral += (double)level->bytes * (double)elapsed_ns;
	level->updated_ns += elapsed_ns;
	for (uint64_t set = level->running; set; set &= set - 1)
		settle_ebbs(level, first_of(set), elapsed_ns);
}

void level_add(struct level *level, int64_t bytes)
{
	level_settle(level);
	level->bytes += bytes;
}

void level_ebb(struct level *level, struct ebb *ebb, unsigned int clock, double bytes,
	       int64_t total_ns, int64_t done_ns, double variance)
{
	struct ebb_sum *sum = &level->ebbs[clock];
	cpu_virtual now;

	level_settle(level);
	now = clock_now(level, clock);
	*ebb = (struct ebb){ .bytes_per_ns = bytes / (double)total_ns,
			     .variance = variance,
			     .since = now - ((cpu_virtual)done_ns << CPU_FRACTION_BITS),
			     .clock = clock };
	if (!(level->running >> clock & 1))
		*sum = (struct ebb_sum){ .at = now, .area = area_now(level, clock) };
	level->running |= UINT64_C(1) << clock;
	sum->count++;
	sum->bytes_per_ns += ebb->bytes_per_ns;
	sum->gone += ebb->bytes_per_ns * (double)done_ns;
	level->variance += variance;
}

void level_ebb_over(struct level *level, struct ebb *ebb)
{
	unsigned int clock = ebb->clock;
	struct ebb_sum *sum = &level->ebbs[clock];

	if (!ebb_runs(ebb))
		return;
	level_settle(level);
	sum->count--;
	sum->bytes_per_ns -= ebb->bytes_per_ns;
	sum->gone -= ebb->bytes_per_ns * cpu_ns(clock_now(level, clock) - ebb->since);
	level->variance -= ebb->variance;
	*ebb = (struct ebb){ 0 };
	if (!sum->count) /* nor what rounding has left of ebbs that are over */
		level->running &= ~(UINT64_C(1) << clock);
	if (!level->running)
		level->variance = 0;
}

double level_now(struct level *level)
{
	double gone = 0;

	level_settle(level);
	for (uint64_t set = level->running; set; set &= set - 1)
		gone += level->ebbs[first_of(set)].gone;
	return (double)level->bytes - gone;
}
