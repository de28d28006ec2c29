#ifndef SIM_SWEEP_TRANSPORT_H
#define SIM_SWEEP_TRANSPORT_H

/*
 * What ranks need of MPI. It stands in a module of its own (../lib/sim/ranks.so from the executable),
 * which is loaded under mpirun only: a plain sim starts without MPI's libraries, and runs where there
 * are none.
 */

#include <stdbool.h>
#include <stddef.h>

/* A message that has come in. */
struct envelope {
	int from, tag;
	size_t length; /* bytes */
};

struct transport {
	bool (*begin)(int *rank, int *count); /* false: MPI does not start */
	void (*end)(void);
	void (*end_all)(int status); /* all ranks; does not return */
	void (*send)(const void *bytes, size_t length, int to, int tag);
	bool (*probe)(struct envelope *envelope);
	void (*receive)(const struct envelope *envelope, void *bytes);
};

/* The one symbol of the module, as dlsym() looks for it. */
#define TRANSPORT_SYMBOL "sim_transport"
extern const struct transport sim_transport;

#endif
