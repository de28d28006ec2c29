#ifndef SIM_FLOW_NODES_H
#define SIM_FLOW_NODES_H

/*
 * NUMA nodes of a host: each has its part of the cores, of the memory and its pools, and a bus of
 * its own. A host without NUMA has one.
 *
 * A guest that is bound has its threads and its memory on one node, and finds no more than is
 * there. One that is unbound has memory on the node that had fewest threads for each core when its
 * process began (of such nodes that with most memory free, or in turns), and on others when that is
 * full; its threads run on that node while there are fewer than cores, else where there are fewest
 * for each core. One that is spread has memory on all alike, and its threads go where there are
 * fewest. What a thread moves goes over the bus of the node that it runs on.
 */

#include "flow/runtime.h"

bool nodes_build(struct simulation *simulation, struct host *host, struct error *error);
void nodes_adopt(struct simulation *simulation, struct host *host);
void nodes_reset(struct host *host);
void nodes_fini(struct host *host);

/* A guest's own node, for a process that begins. Nothing of it is held yet. */
void node_choose(struct instance *instance);

/* It has memory and threads on one node of several only. */
bool node_is_bound(const struct instance *instance);

/* What the other holds may be where this one's memory must be. */
bool nodes_may_meet(const struct instance *instance, const struct instance *other);

/* Where a new thread of the guest runs. */
struct node *node_of_thread(const struct instance *instance);

/* All cores of the host are taken at once, or let go. */
void nodes_hold(struct host *host, bool held);

/* What is left for the guest of a pool, and taking no more than that, and giving back. */
int64_t nodes_left(const struct instance *instance, enum page_size size);
void nodes_take(struct instance *instance, enum page_size size, int64_t bytes);
void nodes_give(struct instance *instance, enum page_size size, int64_t bytes);
void nodes_forget(struct instance *instance); /* it holds nothing */

/* Memory in use, and in limbo, less what loops that run have freed or reclaimed by now, in bytes. */
int64_t host_used_bytes(const struct host *host); /* as if those had freed nothing yet */
double host_in_use_now(struct host *host);

/* Memory in use may change its course at this instant: an observer is told. */
void hosts_in_use_corner(struct simulation *simulation);

double host_limbo_now(struct host *host);

#endif
