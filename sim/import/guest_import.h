#ifndef SIM_IMPORT_GUEST_IMPORT_H
#define SIM_IMPORT_GUEST_IMPORT_H

/*
 * A libvirt domain (XML) or the command line of a QEMU process made into a guest of a scenario,
 * with an account of every element or option: taken, without effect on what is predicted, or not
 * modelled.
 */

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "base/error.h"

struct imported_guest;

/*
 * Read the file: XML when it begins with '<', or else a command line (words as a shell has them,
 * as `ps -o args` prints them, or with zero bytes between as in /proc/PID/cmdline). NULL and an
 * error; guest_import_free() it.
 */
struct imported_guest *guest_import(const char *path, struct error *error);
void guest_import_free(struct imported_guest *guest);

/* A scenario that starts, reboots and shuts down the guest as far as its model does; its guests
 * have one item. New reference, or NULL and an error. */
json_t *guest_import_scenario(const struct imported_guest *guest, struct error *error);

/* What became of each element or option. `whole`: the host of the scenario is told, too. */
bool guest_import_account(const struct imported_guest *guest, bool whole, FILE *out,
			  struct error *error);

#endif
