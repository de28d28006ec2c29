#ifndef SIM_SCENARIO_SHORT_NAME_H
#define SIM_SCENARIO_SHORT_NAME_H

/* Keys of a scenario by their bare names, where a whole JSON pointer would be in the way. */

#include <stdbool.h>
#include <stddef.h>

#include "document/document.h"
#include "document/value.h"
#include "flow/config.h"

/*
 * The pointer of `name`: a key of that guest ("strategy", "memory", what its model adds; "size"
 * is its memory) or else of the host ("cores"). False: neither has such a key.
 */
bool short_name_pointer(const struct simulation_config *config, size_t guest, const char *name,
			char pointer[POINTER_MAX]);

/* All of them, for did_you_mean(). */
void short_name_candidates(const struct simulation_config *config, size_t guest,
			   struct candidates *candidates);

#endif
