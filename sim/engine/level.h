#ifndef SIM_ENGINE_LEVEL_H
#define SIM_ENGINE_LEVEL_H

/*
 * An amount of memory over time that jumps, and that work in progress lets ebb away evenly
 * in between: a piece of work that reclaims so many bytes in so much time has reclaimed of
 * them the share of its time that it has run.
 *
 * Any number of ebbs costs the same: those of one class of work on the cores of a host all
 * proceed with its virtual time (engine/cpu.h), so their sum is a straight line over that, and
 * those that pause between pages are one over the clock. What is there now, and its integral over time,
 * is exact for the mean of the work; pages that take unequal times make it differ from that
 * by what `variance` says.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/cpu.h"

/* By which an ebb goes: the class of the job that does the work, or what the wall shows. */
enum { CLOCK_WALL = CPU_CLASSES_MAX, LEVEL_CLOCKS };

/* One piece of work that diminishes a level; zero: it does not. */
struct ebb {
	double bytes_per_ns; /* of its clock */
	double variance;     /* bytes^2, at most, of what has gone in the middle of it */
	cpu_virtual since;   /* the clock when it began */
	unsigned int clock;
};

static inline bool ebb_runs(const struct ebb *ebb)
{
	return ebb->bytes_per_ns > 0;
}

/* The ebbs that go by one clock, together; of no meaning while there are none. */
struct ebb_sum {
	uint64_t count;
	double bytes_per_ns;
	double gone;            /* bytes, by `at` */
	cpu_virtual at;         /* the clock at the level's last change */
	unsigned __int128 area; /* and what cpu_class_area showed, or the clock's square */
};

struct level {
	struct cpu *cpu;
	int64_t bytes;      /* as if nothing of what ebbs had gone yet */
	double integral;    /* of what is there, bytes * ns */
	int64_t updated_ns; /* of the last change */
	double variance;    /* sum over the ebbs */
	uint64_t running;   /* a bit for each clock with ebbs */
	struct ebb_sum ebbs[LEVEL_CLOCKS];
};

/* Nothing is there, from now on. */
void level_reset(struct level *level, struct cpu *cpu);

/* Bring the integral up to the present instant. */
void level_settle(struct level *level);

/* So many bytes come (or go: negative) at once. */
void level_add(struct level *level, int64_t bytes);

/*
 * From now on `bytes` go evenly in total_ns (> 0) of the clock, of which done_ns have passed.
 * *ebb must not be running. variance: see struct ebb.
 */
void level_ebb(struct level *level, struct ebb *ebb, unsigned int clock, double bytes,
	       int64_t total_ns, int64_t done_ns, double variance);

/* The ebb is over: all of its bytes are there again, until level_add takes them. */
void level_ebb_over(struct level *level, struct ebb *ebb);

/* What is there now, in bytes. */
double level_now(struct level *level);

#endif
