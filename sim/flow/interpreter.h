#ifndef SIM_FLOW_INTERPRETER_H
#define SIM_FLOW_INTERPRETER_H

/*
 * The interpreter: moves a thread through the steps of its flow. Steps that take
 * no time are done in a loop; one that takes time is begun, and an event, a
 * finished job or a granted lock brings the thread back.
 */

#include "flow/runtime.h"

/* Resumes a thread, or ends its sleep. */
event_handler interpreter_event;

/* A thread's work on a core is done; its work at a server is. */
cpu_done interpreter_computed, interpreter_served;

#endif
