#ifndef SIM_SCENARIO_SCENARIO_H
#define SIM_SCENARIO_SCENARIO_H

/*
 * A scenario: host, guests, events, experiment and objectives, read from JSON
 * (design section 6.2) through field tables.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/scale.h"
#include "flow/simulation.h"
#include "scenario/profile.h"
#include "scenario/variation.h"

struct objective {
	char *metric;    /* "reboot.latency"; borrowed, as is the group */
	char *group;     /* guest name or NULL for all */
	double quantile; /* 0..1; negative: the mean */
	double at_most;
	enum unit unit; /* of at_most */
};

/* What `sim plan` seeks: the largest or smallest value at a JSON pointer. */
struct plan_config {
	char *vary;
	struct scale between;
	bool maximize;
	double alpha;             /* of an unsafe recommendation */
	double tolerance;         /* relative to a limit: nearer is not told apart */
	int64_t first, most;      /* replications at a point: of the first look, and at most */
	struct objective *limits; /* all of them must hold */
	size_t limit_count;
	struct variation each; /* a plan for each value of a second pointer (NULL: none) */
};

struct experiment_config {
	int64_t replications; /* 0: automatic */
	double precision;     /* relative half-width wanted of the answer's mean */
	char **metrics;       /* all of them must have the precision; borrowed */
	size_t metric_count;  /* 0: the answer */
	bool find_warm_up;    /* of a steady state; else simulation.record_from_ns says it */
	bool spread;          /* false: every cost is its mean (the costs say so already) */
};

struct scenario {
	char *name;
	char *file;
	struct chosen_platform platform; /* that it runs on */
	struct simulation_config simulation;
	struct experiment_config experiment;
	struct fleet_config *fleet;   /* simulation.population points into it; or NULL */
	struct plan_config *plan;     /* or NULL */
	struct variation *variations; /* of `sim sweep`: pointers and their values */
	size_t variation_count;
	struct objective *objectives;
	size_t objective_count;
	void *document; /* parsed JSON and where each value came from; private to sim/scenario */
};

/* One `--set /json/pointer=VALUE`: whole in `text`, or the pointer there and the value behind. */
struct setting {
	const char *text;
	const char *value; /* NULL: it is in `text` */
	const char *file;  /* in which the value stands; NULL: the command line */
};

/*
 * Read, change by the settings, check and resolve a scenario, or that of a stored result, which
 * carries all that it needs; prices that it had hold unless settings touch /costs or /platform.
 * "-" reads standard input. Warnings (a parameter that cannot matter) go to `warnings` as lines
 * "file:line:column: warning: ..." (NULL: dropped). On failure nothing is owned
 * by *scenario and the error reads "file:line:column: error: /pointer: ...".
 */
bool scenario_load(struct scenario *scenario, const char *path, const struct setting *settings,
		   size_t setting_count, FILE *warnings, struct error *error);

/*
 * The same by a library, which reads the file and those that it names unless it has them, and
 * outlives the scenario; warnings are dropped.
 */
struct library;
bool scenario_load_by(struct scenario *scenario, struct library *library, const char *path,
		      const struct setting *settings, size_t setting_count, struct error *error);

/* The same of a document that has been read, which is taken over, also on failure. */
struct document;
bool scenario_take(struct scenario *scenario, struct document *document,
		   const struct setting *settings, size_t setting_count, FILE *warnings,
		   struct error *error);

/*
 * The same from memory, without settings; warnings are dropped. Messages call it `path`, and
 * files that it names are sought beside that.
 */
bool scenario_load_text(struct scenario *scenario, const char *path, const char *text,
			size_t length, struct error *error);

/*
 * All that a result carries of it, so that it can be run again from the result alone: a JSON object
 * with "name", "file", "sha256", "document" (--set applied), "files", "traces" and "costs"
 * (docs/results.md); the caller frees it. NULL: no memory.
 */
char *scenario_carried_text(const struct scenario *scenario, struct error *error);

/*
 * Such an object as a document that stands alone (format "sim-scenario"), which scenario_take takes;
 * messages call it `path`. The object is taken over, also on failure (NULL: no memory).
 */
bool scenario_stand_alone(struct document *document, const char *path, json_t *carried,
			  struct error *error);

/*
 * Of a scenario at many points: add the files and traces of one of them to such an object; and the
 * prices of one that are not those of `base`, as its "costs" has them (an empty object: none; new
 * reference, NULL: no memory).
 */
bool scenario_carry_files(const struct scenario *scenario, json_t *carried, struct error *error);
json_t *scenario_price_changes(const struct scenario *base, const struct scenario *scenario);

/* How long the trace of its fleet goes on after the experiment's end; 0: not at all, or no fleet. */
int64_t scenario_trace_left_ns(const struct scenario *scenario);

/* SHA-256 of what results depend on, in hexadecimal. */
struct scenario_hashes {
	char document[65]; /* as read, with --set applied, and its designs */
	char costs[65];    /* the resolved cost terms */
};

/* Hash a scenario; one that was not read has empty hashes. */
bool scenario_hash(const struct scenario *scenario, struct scenario_hashes *hashes,
		   struct error *error);

/* Two pointers lead to the same place of the scenario, whether they call items by number or by name. */
bool scenario_same_place(const struct scenario *scenario, const char *one, const char *other);

void scenario_fini(struct scenario *scenario);

/* The scenario with every default filled in, and for each value its origin (sim check --resolved). */
bool scenario_print_resolved(const struct scenario *scenario, FILE *out, struct error *error);

/* JSON Schema (draft-07) of scenarios, from the same tables. */
bool scenario_print_schema(FILE *out, struct error *error);

/* The reference page docs/scenario.md, from the same tables. */
bool scenario_print_reference(FILE *out, struct error *error);

#endif
