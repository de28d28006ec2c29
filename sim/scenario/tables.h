#ifndef SIM_SCENARIO_TABLES_H
#define SIM_SCENARIO_TABLES_H

/* The field tables of a scenario and the structs that they fill. Private to sim/scenario. */

#include <stdbool.h>
#include <stdint.h>

#include "base/field.h"
#include "flow/config.h"

struct raw_event {
	int64_t at_ns, every_ns, times, concurrency;
	bool coalesce;
	double rate_per_s;
	int operation;
	char *guest;
};

struct raw_guest {
	char *name, *model, *strategy;
	int64_t count, vcpus, memory_bytes;
	double resident;
	int page_size;
	struct field_list faults; /* of struct fault_config */
};

struct raw_experiment {
	int64_t until_ns, seed;
	double precision;
	bool spread, exact_pages;
	struct field_list metrics; /* of char * */
};

struct raw_objective {
	char *metric, *group;
	double quantile;
};

struct raw_plan {
	char *vary;
	int goal; /* 0 max, 1 min */
	double alpha, tolerance;
	int64_t first, most;
	struct field_list subject_to; /* of struct raw_objective */
};

struct raw_fleet {
	int64_t hosts, patience_ns;
	double vcpus_per_core;
	int placement; /* enum placement */
	char *guest, *trace;
	struct field_list evacuations; /* of struct evacuation_config */
};

struct raw_scenario {
	char *name, *about;
	struct host_config host;
	struct field_list events; /* of struct raw_event */
	struct raw_experiment experiment;
	struct field_list objectives; /* of struct raw_objective */
};

extern const struct record host_record, guest_record, fault_record, event_record, experiment_record,
	objective_record, fleet_record, evacuation_record, plan_record, scenario_record;

/* Bytes of each choice of the guest's page_size. */
extern const int64_t page_size_bytes[];

#endif
