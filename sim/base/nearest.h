#ifndef SIM_BASE_NEAREST_H
#define SIM_BASE_NEAREST_H

/* What somebody may have meant by a name that does not exist. */

/*
 * The candidate nearest to `name` in letters of either case; the only one that begins so comes before all but a
 * single mistyped letter. NULL: none. Candidates end with NULL.
 */
const char *nearest_name(const char *name, const char *const *candidates);

/* For the end of a message: "; did you mean "X"?", or nothing when none is near. */
enum { HINT_MAX = 128 };
const char *did_you_mean(char hint[HINT_MAX], const char *name, const char *const *candidates);

#endif
