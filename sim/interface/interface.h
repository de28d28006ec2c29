#ifndef SIM_INTERFACE_INTERFACE_H
#define SIM_INTERFACE_INTERFACE_H

/* What the files behind include/sim.h share. */

#include <locale.h>
#include <stdbool.h>

#include "base/error.h"
#include "report/result.h"

#include <sim.h>

struct sim_result {
	struct result result;
};

/*
 * One call from outside. Numbers are read and written with a point whatever the caller's locale is: the calling
 * thread is in the "C" locale until the call's end.
 */
struct call {
	struct error error;
	struct sim_error *out;
	locale_t c, before;
};

/* False: no memory; the call must be ended all the same. */
bool call_begin(struct call *call, struct sim_error *out);

/* Hand the error over; true: there is none. */
bool call_end(struct call *call);

#endif
