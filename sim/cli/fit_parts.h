#ifndef SIM_CLI_FIT_PARTS_H
#define SIM_CLI_FIT_PARTS_H

/* What the files of `sim fit` share. */

#include <stdio.h>

#include "decide/price.h"
#include "decide/traced.h"

/* A price that a user knows of what else is in the durations: --less TERM=... */
struct known_price {
	char *term; /* owned */
	struct fit_value value;
};

struct known_prices {
	struct known_price *items;
	size_t count, capacity;
};

/* One more: "TERM=184ns", "TERM=150ns..220ns" or "TERM=PROFILE.json". A row's reader. */
bool known_price_read(void *target, const char *text, struct error *error);
void known_prices_fini(struct known_prices *prices);

/* What was found of one term. */
struct fitted {
	const struct traced_term *of;
	struct price price;
	const struct known_price *known; /* that was taken away; NULL: none */
};

/* Print it, and what must be known of it; quantile NAN: it is a mean. */
void fitted_print(const struct fitted *fitted, double quantile, FILE *out);

#endif
