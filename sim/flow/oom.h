#ifndef SIM_FLOW_OOM_H
#define SIM_FLOW_OOM_H

/*
 * What happens when memory runs out, as in Linux (mm/oom_kill.c). Who asked waits while memory
 * comes back by itself; when none does, the OOM killer takes the process that holds most:
 *
 *   a helper      that sleeps and only holds a dead guest's memory: it stops sleeping
 *   the newcomer  who asks, with what it has and what was left, which it has filled by then
 *   a neighbour   the process of a running guest: it exits
 *
 * Then who asked waits for the victim's memory; a victim that frees nothing within a second
 * is given up, and the next is sought. In a control group (memory_limit) only its own
 * processes are sought. Hugepages are no part of a process's size, and run out without it.
 */

#include "flow/memory.h"

/*
 * The thread has asked for memory and found too little. True: it waits, and is woken to try
 * again. False: its step fails with ENOMEM; guest.shortage says why.
 */
bool oom_waits(struct thread *thread, enum memory_short found);

#endif
