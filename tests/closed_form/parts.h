#ifndef TESTS_CLOSED_FORM_PARTS_H
#define TESTS_CLOSED_FORM_PARTS_H

/*
 * The inside of closed_form(): lines of steps that are added up. closed_form.c takes
 * the steps, pages.c the page loops.
 */

#include <stdbool.h>
#include <stdint.h>

#include "closed_form/closed_form.h"
#include "flow/guest.h"
#include "flow/model.h"
#include "flow/program.h"

enum { LINES_MAX = 64, DEPTH_MAX = PROGRAM_DEPTH_MAX };

/* One thread, as a sum of steps: everything before `clock_ns` is added up. */
struct line {
	bool alive;
	uint32_t root;
	uint32_t flow_of[DEPTH_MAX], next[DEPTH_MAX];
	uint32_t depth;
	int error;
	uint32_t generation;
	int64_t clock_ns;

	/* A page loop in progress: the piece [clock_ns, clock_ns + total_ns) of `pages` pages. */
	const struct page_loop *loop;
	uint64_t cursor, bound, limit, visited, pages;
	int state;
	int64_t total_ns;
};

struct sum {
	const struct simulation_config *config;
	const struct guest_config *guest_config;
	struct program program;
	struct guest guest;
	struct line lines[LINES_MAX]; /* [0] is the foreground */
	bool done;
	int64_t held_bytes[1 + MEMORY_KINDS_MAX]; /* pages, then the model's kinds */
	struct closed_form *result;
	struct error *error;
};

static inline struct law sum_law(const struct sum *sum, int term)
{
	return sum->guest_config->costs[term].law;
}

/* --- closed_form.c --- */
/* Take the background threads to `now_ns`: all that has ended by then. */
void sum_advance_background(struct sum *sum, int64_t now_ns);

/* --- pages.c --- */
void sum_begin_loop(struct line *line, const struct page_loop *loop, const struct guest *guest);
bool sum_next_piece(struct sum *sum, struct line *line); /* false: the loop is over */
void sum_take_pages(struct sum *sum, struct line *line, uint64_t pages);
/* The whole loop; `line` is the foreground and goes on behind it. */
void sum_foreground_loop(struct sum *sum, struct line *line, const struct page_loop *loop);
/*
 * The foreground wants a lock for writing that background loops hold while they
 * gather a batch: it waits for the gathering in progress.
 */
void sum_wait_for_gathering(struct sum *sum, struct line *line, const struct step *step);

#endif
