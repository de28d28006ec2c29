#ifndef SIM_BASE_LEFTOVERS_H
#define SIM_BASE_LEFTOVERS_H

/*
 * Files and folders that must not stay behind when the program ends early: on a second signal, or
 * when a library cannot go on without memory. Who makes one adds it first, and forgets it
 * when it is gone or has become a result.
 */

#include <stdbool.h>

#include "base/error.h"

/* A file, or a folder that will be empty when what was added after it is gone. Copies the path. */
bool leftover_add(const char *path, struct error *error);

/* Does nothing with a path that was not added. */
void leftover_forget(const char *path);

/* Remove them, the last first. From a signal handler too, and from any thread. */
void leftovers_remove(void);

#endif
