#ifndef SIM_SCENARIO_METRIC_REFERENCE_H
#define SIM_SCENARIO_METRIC_REFERENCE_H

#include <stdio.h>

/* The catalogue of metrics and counters as sections of docs/scenario.md. */
void metrics_print_reference(FILE *out);

#endif
