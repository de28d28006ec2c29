#ifndef SIM_SCENARIO_PLATFORM_H
#define SIM_SCENARIO_PLATFORM_H

/*
 * Platforms by name: the profiles of models/costs are part of the program (cmake/profiles.cmake).
 * Those that say what they were measured on are platforms; the generic ones say an architecture
 * and nothing else. The rest are prices that a scenario puts on top.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "document/companions.h"
#include "flow/model.h"
#include "scenario/profile.h"

struct shipped_profile {
	const char *name; /* of its file, without .json */
	const char *text;
	size_t length;
};
extern const struct shipped_profile shipped_profiles[];
extern const char *const shipped_profile_names[]; /* in the same order; end with NULL */
extern const size_t shipped_profile_count;

/*
 * The profile that a scenario's `platform` names at `pointer`: a shipped one, or a path (what has
 * a '/' or ends in .json), found as other files are. NULL on error: a name that is neither.
 */
const struct document *platform_document(struct companions *companions,
					 const struct document *scenario, const char *pointer,
					 const char *name, struct error *error);

/* Whether a profile of that name comes with the program. */
bool platform_is_shipped(const char *name);

/*
 * The same without a scenario: a shipped one, or a path from the current folder. The caller frees
 * the document.
 */
bool platform_read(const char *name, struct document *document, struct error *error);

/* Whether a guest can run on that architecture; else how to say what it needs, in `why`. */
enum { PLATFORM_WHY_MAX = 200 };
bool platform_runs(enum architecture architecture, const struct guest_config *guest,
		   char why[PLATFORM_WHY_MAX]);

#endif
