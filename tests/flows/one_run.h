#ifndef TESTS_FLOWS_ONE_RUN_H
#define TESTS_FLOWS_ONE_RUN_H

/* For tests that look at one run at a time: its scenario, the run, and their end. */

#include "fixture.h"

static struct scenario scenario;
static struct simulation *simulation;

static int tidy(void **state)
{
	(void)state;
	simulation_free(simulation);
	scenario_fini(&scenario);
	simulation = NULL;
	return 0;
}

#endif
