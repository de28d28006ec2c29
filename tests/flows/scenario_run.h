#ifndef TESTS_FLOWS_SCENARIO_RUN_H
#define TESTS_FLOWS_SCENARIO_RUN_H

/* For tests that keep the scenario of a run, which outlives it. */

#include "fixture.h"

static struct scenario scenario;

static inline void done(struct simulation *simulation)
{
	simulation_free(simulation);
	scenario_fini(&scenario);
}

#endif
