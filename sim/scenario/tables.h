#ifndef SIM_SCENARIO_TABLES_H
#define SIM_SCENARIO_TABLES_H

/* The field tables of a scenario and the structs that they fill. Private to sim/scenario. */

#include <stdbool.h>
#include <stdint.h>

#include "base/field.h"
#include "fleet/fleet.h"
#include "flow/config.h"
#include "scenario/scenario.h"

/* What is read into the configurations themselves, and what becomes a part of them. */
struct raw_event {
	struct event_config config;
	int action; /* enum operation, or ... */
	char *guest;
	int64_t back_after_ns; /* of ACTION_EVACUATE */
};

enum { ACTION_EVACUATE = OPERATION_COUNT, EVENT_ACTIONS };

struct raw_guest {
	struct guest_config config;
	char *model, *strategy;
	struct field_list faults; /* of struct fault_config */
};

struct raw_experiment {
	struct experiment_config config;
	int64_t until_ns, seed;
	bool exact_pages;
	struct field_list metrics; /* of char * */
};

struct raw_plan {
	struct plan_config config;
	int goal;                     /* 0 max, 1 min */
	struct field_list subject_to; /* of struct objective */
};

struct raw_fleet {
	struct fleet_config config;
	int placement; /* enum placement */
	char *guest, *trace;
};

struct raw_host {
	struct host_config config;
	struct field_list capacities; /* of struct capacity_config */
};

struct raw_scenario {
	char *name, *about, *platform;
	struct raw_host host;
	struct field_list events; /* of struct raw_event */
	struct raw_experiment experiment;
	struct field_list objectives; /* of struct objective */
};

extern const struct record host_record, guest_record, fault_record, event_record, experiment_record,
	objective_record, fleet_record, plan_record, scenario_record;

#endif
