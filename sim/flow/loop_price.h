#ifndef SIM_FLOW_LOOP_PRICE_H
#define SIM_FLOW_LOOP_PRICE_H

/* What the pages of a loop cost, and the longest slices among them. */

#include "flow/runtime.h"

/* Is it simulated page by page? */
static inline bool loop_exact(const struct loop_run *run)
{
	return loop_thread(run)->simulation->config->exact_pages;
}

/* Pages up to its bound, at most up to its limit. */
static inline uint64_t loop_pages_left(const struct loop_run *run)
{
	uint64_t span = run->loop->descending ? run->cursor - run->bound : run->bound - run->cursor;

	return span < run->limit ? span : run->limit;
}

/* The law of a cost term; of a step that is free, nothing. */
struct law loop_term_law(const struct loop_run *run, int term);

/* Which prices of a page found in `state` hold, by bit. */
uint32_t loop_conditions(const struct loop_run *run, int state);

/* The law of one page found in `state`, without gathering; *conditions says which prices hold. */
struct law loop_page_law(const struct loop_run *run, int state, uint32_t *conditions);
/* What pages in run->state need besides a core, for the thread that works at them. */
void loop_set_needs(struct loop_run *run);

/*
 * Time of so many pages. Page by page what rounding leaves goes to the next, or the price of
 * each page would be a whole number of ns.
 */
int64_t loop_draw_ns(struct loop_run *run, struct law law, uint64_t pages);

double loop_page_ns(const struct loop_run *run, int state); /* mean at the present speed */
double loop_gather_ns(const struct loop_run *run);          /* mean of gathering one page */

/* Time that the piece in progress has had. */
int64_t loop_work_done(const struct loop_run *run);

/* Pages are taken: units of their prices, and of gathering them under the lock. */
void loop_count_units(const struct loop_run *run, uint64_t pages);
void loop_account_gathered(const struct loop_run *run, uint64_t pages);

/* They took so long: where the longest slice ends. */
void loop_account_slice(struct loop_run *run, uint64_t pages, int64_t work_ns);

/* Do the claimed pages make that call? One called like a term is made by those that pay it. */
bool loop_makes_call(const struct loop_run *run, const char *fault);

#endif
