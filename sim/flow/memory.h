#ifndef SIM_FLOW_MEMORY_H
#define SIM_FLOW_MEMORY_H

/* Accounts of the host's memory: what each guest has taken of it, and what for. */

#include "flow/runtime.h"

/* All that the guest holds; of that, what dead generations hold and what is lost for ever. */
static inline int64_t memory_held(const struct instance *instance)
{
	return instance->all_bytes;
}
int64_t memory_of_the_dead(const struct instance *instance);

/* Pages of dead generations. */
static inline uint64_t memory_lingering_pages(const struct guest *guest)
{
	uint64_t pages = 0;

	for (unsigned int left = guest->config->model->limbo_states; left; left &= left - 1)
		pages += guest->pages.in_state[__builtin_ctz(left)];
	return pages;
}

/*
 * Of what dead generations hold, the pages that the living one of the same process has taken
 * over in place, or will: the host needs no room for them besides its own.
 */
int64_t memory_taken_over(const struct instance *instance);

/* Kinds of metadata that are counted; the list ends without a name. */
static inline const struct metadata_kind *memory_metadata(const struct guest *guest)
{
	static const struct metadata_kind none[] = { { .name = NULL } };

	return guest->host->metadata && guest->config->model->metadata
		       ? guest->config->model->metadata
		       : none;
}

/* What a guest in the state of model->begin needs. */
int64_t memory_needed(const struct guest *guest);
bool memory_begin(struct instance *instance); /* false: the host has not enough */

/* What there is not enough of. guest.shortage says how much of it. */
enum memory_short { MEMORY_ENOUGH, SHORT_OF_HUGEPAGES, SHORT_IN_GROUP, SHORT_ON_HOST };

/* More for its guest, all of it or nothing. Some of it, or all of a kind, back. */
enum memory_short memory_take(struct thread *thread, const struct memory_kind *kind, int64_t bytes);
void memory_give(struct thread *thread, const struct memory_kind *kind, int64_t bytes);
void memory_give_all(struct thread *thread, const struct memory_kind *kind);

/*
 * The thread waits for wanted_bytes of its host's memory: it is woken when some comes back, and
 * tries again. Loops that free memory do it in portions that such threads wait for.
 */
void memory_await(struct thread *thread);
void memory_await_no_more(struct thread *thread);
int64_t memory_portion(const struct host *host);

/* The process is gone: what it needed for itself comes back. */
void memory_process_over(struct instance *instance);

/* After guest.lost_pages has changed: they are an account of their own. */
void memory_settle_lost(struct instance *instance);

#endif
