#ifndef SIM_SCENARIO_VARIATION_H
#define SIM_SCENARIO_VARIATION_H

/* "/json/pointer=V1,V2,...": a value of the scenario that takes several. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct variation {
	char *pointer;
	char **values;
	size_t value_count, value_capacity;
	bool of_file; /* the values stand in the scenario's file, not on the command line */
};

/*
 * Split the text. Commas inside of brackets, braces and double quotes do not separate, so
 * that values may be JSON. ERROR_INPUT when it has no pointer, no "=" or an empty value.
 */
bool variation_read(struct variation *variation, const char *text, struct error *error);
void variation_fini(struct variation *variation);

/* Number of combinations of all variations' values (1 without any). */
size_t variation_points(const struct variation *variations, size_t count);

/* The value of variation v in combination `point`; the last variation changes fastest. */
const char *variation_value(const struct variation *variations, size_t count, size_t point,
			    size_t v);

/* "sync 4GiB": the values of a combination; the caller frees it. NULL: no memory. */
char *variation_label(const struct variation *variations, size_t count, size_t point,
		      struct error *error);

/* "/guests/0/strategy /guests/0/memory"; likewise. */
char *variation_pointers(const struct variation *variations, size_t count, struct error *error);

#endif
