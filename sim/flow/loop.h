#ifndef SIM_FLOW_LOOP_H
#define SIM_FLOW_LOOP_H

/*
 * Page loops as fluid work.
 *
 * A loop over n pages is one piece of work whose total is drawn at once. It is
 * cut only where something can see inside it: a fatal signal, a conflicting
 * request for the lock that batches are gathered under, another loop that comes
 * to the same pages, a price that changes. At a cut the page in progress is
 * drawn from the law of the loop given its total (engine/law.h); that page is
 * finished, and what is left is planned anew.
 *
 * A page is taken by the loop that starts on it first: its state changes when
 * work on it begins, so that each page is handled exactly once. With
 * --exact-pages every piece is one page, and the lock is taken for every batch;
 * the two modes agree in law.
 */

#include "flow/runtime.h"

/* False: it is over, with thread->pending_error: it has no pages, or it cannot begin. */
bool loop_begin(struct thread *thread, const struct page_loop *loop);

/* Its piece of work has ended. True: so has the loop; the step is done. */
bool loop_piece_done(struct thread *thread);

/* It holds the lock that it waited for (LOOP_LOCK). */
void loop_lock_granted(struct thread *thread);

/* A fatal signal: an interruptible loop ends behind its batch, or before its next page. */
void loop_signal(struct thread *thread);

/* The thread is in no loop any more. */
void loop_over(struct thread *thread);

#endif
