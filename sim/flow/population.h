#ifndef SIM_FLOW_POPULATION_H
#define SIM_FLOW_POPULATION_H

/*
 * Guests that come and go on many hosts. Who drives them (sim/fleet) lies above the runtime,
 * which knows of it what is here: when to build and to count, and whom to tell.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct instance;
struct population;
struct simulation;

struct population_ops {
	/* What drives the guests, with metrics and counters of its own; NULL on failure. */
	void *(*build)(struct simulation *simulation, const struct population *population,
		       struct error *error);
	void (*reset)(void *driver);        /* before each replication */
	void (*warm_up_over)(void *driver); /* what was observed so far is forgotten */
	void (*finish)(void *driver);       /* after it, before metrics are observed */
	void (*free)(void *driver);
	/* All its guests, one after another; NULL behind the last. */
	struct instance *(*instance)(const void *driver, size_t index);
	/* Of all the guests that come the one with that number (instance->member): where it runs, or
	 * is on its way to another host. NULL: it does not run yet, is gone, or about to end. */
	struct instance *(*find)(const void *driver, uint32_t member);

	/* Told of an instance whose listener it is: */
	void (*started)(struct instance *instance); /* the guest runs */
	void (*down)(struct instance *instance);    /* the guest is gone; memory may linger */
	/* No operation is under way any more, none waits; or its last thread has ended. */
	void (*idle)(struct instance *instance);
	void (*memory_changed)(struct instance *instance); /* it holds more, or less */
};

struct population {
	const struct population_ops *ops;
	int64_t hosts;
	size_t guest; /* of simulation_config.guests: what they are like; none is there at first */
};

#endif
