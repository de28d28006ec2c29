#ifndef SIM_FLOW_LOOP_PIECE_H
#define SIM_FLOW_LOOP_PIECE_H

/* The pieces of work that a page loop is made of: begun, cut, shortened, accounted for. */

#include "flow/runtime.h"

/* Work of so long begins: on a core, or as a pause between pages. */
void loop_start_work(struct loop_run *run, int64_t total_ns);

/* The piece in progress has ended, or is given up: it has no planned pages any more. */
void loop_piece_over(struct loop_run *run);

/* Take the pages that are done or in progress; only the page in progress is left to do. */
struct law_place loop_cut_here(struct loop_run *run);
void loop_cut(struct loop_run *run); /* the same, if it has planned any */

/* Keep only the first `pages` of the piece in progress; false: it has come too close to them. */
bool loop_shorten(struct loop_run *run, uint64_t pages);

/* The first `pages` of the claim are taken. */
void loop_commit(struct loop_run *run, uint64_t pages);

/* What the guest's dead generations hold has changed: where it grows, a peak may be. */
void loops_limbo_changed(struct instance *instance);

/* Prices or pages of the guest may have changed: its loops are cut where they have. */
void loops_recheck(struct instance *instance);

/* Give back what loops on the host (NULL: on any) have freed by now. */
void loops_settle_freed(struct simulation *simulation, const struct host *host);

/* Warm-up is over: what loops have done by now, and the page in progress, belongs to it. */
void loops_settle_warm_up(struct simulation *simulation);

/* At the end of a replication: the pages that are done by then, and not the one in progress. */
void loops_settle_end(struct simulation *simulation);

#endif
