#ifndef SIM_DECIDE_FIT_PROFILE_H
#define SIM_DECIDE_FIT_PROFILE_H

/* Prices that were found, as a cost profile: a new one, or within one that is there. */

#include "decide/fit.h"

struct fit_cost {
	const char *term;
	struct fit_value value; /* ns */
	bool known;             /* its interval; false: the profile says no range */
	double cv;              /* NAN: the profile says none */
	const char *source;
};

struct fit_profile {
	const struct fit_cost *costs;
	size_t count;
	const char *about;
	int architecture; /* enum architecture: measured there; -1: not said */
};

/* A new profile at the path, over what is there ("-": standard output). */
bool fit_profile_write(const struct fit_profile *profile, const char *path, struct error *error);

/*
 * The same within the profile at the path: other prices stay; what it says of the errors of a
 * price that is replaced goes. Where no file is, a new one is made.
 */
bool fit_profile_merge(const struct fit_profile *profile, const char *path, struct error *error);

#endif
