#ifndef SIM_FLOW_REQUEST_H
#define SIM_FLOW_REQUEST_H

/* What is asked of a guest: requests, and the operations that serve them. */

#include "flow/runtime.h"

/* A new operation; NULL: the engine has an error. One of its threads gives it back. */
struct operation_run *operation_new(struct simulation *simulation);
void operation_release(struct simulation *simulation, struct operation_run *run);

/* 0, or the errno with which a request is refused in the guest's present state. */
int request_refusal(const struct instance *instance, enum operation operation);

/* It waits behind others; false: the engine has an error. */
bool request_queue(struct instance *instance, struct request request);

/* The first that waits leaves the queue. */
struct request request_next(struct instance *instance);

/* How many of the operation wait. */
size_t requests_waiting(const struct instance *instance, enum operation operation);

/* Each ends once, as COUNTER_DONE .. COUNTER_COALESCED say; its wave goes on. */
void request_ended(struct instance *instance, struct request request, enum counter_id how);

#endif
