#include "engine/level.h"

static cpu_virtual clock_now(const struct level *level, enum level_clock clock)
{
	return clock == CLOCK_CORES ? level->cpu->virtual_now
				    : (cpu_virtual)level->cpu->engine->now_ns << CPU_FRACTION_BITS;
}

/* Twice the integral of the clock over time. */
static unsigned __int128 area_now(const struct level *level, enum level_clock clock)
{
	unsigned __int128 now_ns = (unsigned __int128)level->cpu->engine->now_ns;

	return clock == CLOCK_CORES ? level->cpu->virtual_area : now_ns * now_ns;
}

static double to_ns(cpu_virtual duration)
{
	return (double)duration / (double)((cpu_virtual)1 << CPU_FRACTION_BITS);
}

void level_reset(struct level *level, struct cpu *cpu)
{
	*level = (struct level){ .cpu = cpu, .updated_ns = cpu->engine->now_ns };
	cpu_settle(cpu);
	for (enum level_clock clock = 0; clock < LEVEL_CLOCKS; clock++) {
		level->ebbs[clock].at = clock_now(level, clock);
		level->ebbs[clock].area = area_now(level, clock);
	}
}

/* The line goes on; its area is that of what had gone by then, and a triangle above. */
static void settle_ebbs(struct level *level, enum level_clock clock, int64_t elapsed_ns)
{
	struct ebb_sum *sum = &level->ebbs[clock];
	cpu_virtual now = clock_now(level, clock);
	unsigned __int128 area = area_now(level, clock);

	if (sum->count) {
		unsigned __int128 before =
			(unsigned __int128)(uint64_t)(sum->at >> CPU_FRACTION_BITS) *
			(uint64_t)elapsed_ns * 2;

		level->integral -= sum->gone * (double)elapsed_ns +
				   sum->bytes_per_ns * (double)(area - sum->area - before) / 2;
		sum->gone += sum->bytes_per_ns * to_ns(now - sum->at);
	}
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
	for (enum level_clock clock = 0; clock < LEVEL_CLOCKS; clock++)
		settle_ebbs(level, clock, elapsed_ns);
}

void level_add(struct level *level, int64_t bytes)
{
	level_settle(level);
	level->bytes += bytes;
}

void level_ebb(struct level *level, struct ebb *ebb, enum level_clock clock, double bytes,
	       int64_t total_ns, int64_t done_ns, double variance)
{
	struct ebb_sum *sum = &level->ebbs[clock];

	level_settle(level);
	*ebb = (struct ebb){ .bytes_per_ns = bytes / (double)total_ns,
			     .variance = variance,
			     .since = clock_now(level, clock) -
				      ((cpu_virtual)done_ns << CPU_FRACTION_BITS),
			     .clock = clock };
	sum->count++;
	sum->bytes_per_ns += ebb->bytes_per_ns;
	sum->gone += ebb->bytes_per_ns * (double)done_ns;
	level->variance += variance;
}

void level_ebb_over(struct level *level, struct ebb *ebb)
{
	struct ebb_sum *sum = &level->ebbs[ebb->clock];

	if (!ebb_runs(ebb))
		return;
	level_settle(level);
	sum->count--;
	sum->bytes_per_ns -= ebb->bytes_per_ns;
	sum->gone -= ebb->bytes_per_ns * to_ns(clock_now(level, ebb->clock) - ebb->since);
	level->variance -= ebb->variance;
	*ebb = (struct ebb){ 0 };
	if (!sum->count) /* what rounding has left of ebbs that are over */
		sum->bytes_per_ns = sum->gone = 0;
	if (!level->ebbs[CLOCK_CORES].count && !level->ebbs[CLOCK_WALL].count)
		level->variance = 0;
}

double level_now(struct level *level)
{
	double gone = 0;

	level_settle(level);
	for (enum level_clock clock = 0; clock < LEVEL_CLOCKS; clock++)
		gone += level->ebbs[clock].gone;
	return (double)level->bytes - gone;
}
