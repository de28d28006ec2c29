#ifndef SIM_SCENARIO_VERSIONS_H
#define SIM_SCENARIO_VERSIONS_H

/*
 * What the table of versions (flow/version.h) makes of a scenario that names a kernel, a QEMU or a
 * VMM: defaults of keys that the guest does not give, and prices. Private to sim/scenario.
 */

#include "scenario/loader.h"

/*
 * Put what holds for the guest into its parameters (read before, with the models' own defaults)
 * and remember it in guest->versions. Warns of what is not so in the named version: a strategy that
 * it does not have, a key that says otherwise, a version that the table does not know.
 */
bool versions_apply(struct loader *loader, const char *pointer, json_t *object,
		    struct guest_config *guest);

/* Put into `origins` (by JSON pointer) which version gave a key its value. */
bool versions_origins(const struct guest_config *guest, const struct host_config *host,
		      const char *pointer, json_t *origins);

#endif
