#ifndef SIM_H
#define SIM_H

/*
 * The stable C interface of sim: read a scenario, run it, read what it gives.
 *
 * Pointers are never NULL where it does not say so. Text is UTF-8, ended by a zero byte.
 *
 * Errors. A function that can fail takes a `struct sim_error *` (never NULL), sets it anew in every call,
 * and returns false or NULL when it has failed. Nothing is printed, no signal handler, exit handler or locale is
 * set, the process never ends here (but for what docs/library.md says of memory), and the error handlers and
 * allocators of GSL and jansson stay as the caller has them.
 *
 * Threads. Different scenarios and results may be used in different threads at once; one scenario by one thread at a
 * time. A result is only read: any number of threads may. sim_add_model comes before everything else.
 *
 * Versions. SIM_INTERFACE_VERSION grows when something is added here. What is here stays, in meaning and in
 * binary form, as long as the library is called libsim.so.0; it exports what is declared here and nothing else.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_INTERFACE_VERSION 1

/* SIM_INTERFACE_VERSION of the library that the program runs with: at least that of its header. */
int sim_interface_version(void);

/* Of the program that it is part of, "0.1.0": results of the same version are the same. Static text. */
const char *sim_version(void);

/* What went wrong: as the exit status of the command `sim`. */
enum sim_status {
	SIM_OK = 0,
	SIM_FAILED = 1,        /* memory, or a defect of sim or of a model */
	SIM_BAD_INPUT = 2,     /* the scenario, a setting or a model is wrong */
	SIM_INTERRUPTED = 130, /* *stop was set */
};

struct sim_error {
	enum sim_status status;
	/* Lines that name file, line, column, JSON pointer and what was expected; "": no error. */
	char message[2048];
};

/* --- scenarios -------------------------------------------------------------- */

struct sim_scenario;

/*
 * Read and check a scenario, or that of a stored result (`sim run --format json`), after
 * `settings` have changed it: texts "/json/pointer=VALUE" as those of `sim run --set`, ended by
 * NULL (NULL: none). The path "-" is standard input. Whatever an experiment has is set so:
 * "/experiment/replications=100", "/experiment/seed=7". Files that the scenario names are sought
 * beside it. The caller frees the scenario by sim_scenario_free. NULL: error.
 */
struct sim_scenario *sim_read_file(const char *path, const char *const *settings,
				   struct sim_error *error);

/* The same of `length` bytes of text; messages call it `name`, which is its path for files that it names. */
struct sim_scenario *sim_read_text(const char *name, const char *text, size_t length,
				   const char *const *settings, struct sim_error *error);

/* Its name. Text of the scenario. */
const char *sim_scenario_name(const struct sim_scenario *scenario);

/* What must not stop it but should be known ("file:line:column: warning: ..."), a line each; "": nothing. */
const char *sim_scenario_warnings(const struct sim_scenario *scenario);

/* NULL is allowed. */
void sim_scenario_free(struct sim_scenario *scenario);

/* --- runs --------------------------------------------------------------------- */

/* What is run again with other prices. */
enum sim_study {
	SIM_STUDY_NONE, /* nothing */
	SIM_STUDY_BAND, /* all prices together: SIM_BAND_LOW and SIM_BAND_HIGH of the answer */
};

/* Zeroed: one thread, no study. New members come to its end together with a new soname. */
struct sim_run_options {
	unsigned int jobs; /* threads, at most 256; 0: one. Results do not depend on it. */
	enum sim_study study;
	const volatile bool
		*stop; /* set by anybody, a signal handler too: the run ends soon; or NULL */
};

struct sim_result;

/*
 * Run the experiment of a scenario (options may be NULL: all zero), any number of times: the same each time. The
 * caller frees the result by sim_result_free; it does not need the scenario. NULL: error. The same
 * scenario, settings and seed give the same numbers, and those of the command `sim run`.
 */
struct sim_result *sim_run(const struct sim_scenario *scenario,
			   const struct sim_run_options *options, struct sim_error *error);

/* NULL is allowed. */
void sim_result_free(struct sim_result *result);

/* --- results ------------------------------------------------------------------ */

/*
 * 0: every objective of the scenario is met (or there is none); 3: one is missed; 4: undecided by the replications
 * made; 5: operations were asked for and none succeeded. As the exit status of `sim run`.
 */
int sim_result_status(const struct sim_result *result);

/* How many replications were made. */
uint64_t sim_result_replications(const struct sim_result *result);

/*
 * All of it, the same bytes as `sim run --format json` writes (docs/formats.md), ended by a zero byte.
 * The caller frees it with free(). NULL: error.
 */
char *sim_result_json(const struct sim_result *result, struct sim_error *error);

/* Metrics are counted from 0; there is none of this number. */
#define SIM_NO_METRIC ((size_t)-1)

size_t sim_metric_count(const struct sim_result *result);

/* The first of that name ("reboot.latency") and group (a guest's name or "host"; NULL: of any), or SIM_NO_METRIC. */
size_t sim_metric_find(const struct sim_result *result, const char *name, const char *group);

/* The one that the scenario is about: the latency of its operation; SIM_NO_METRIC: none was observed. */
size_t sim_metric_answer(const struct sim_result *result);

/* Of a metric: texts of the result. NULL: there is no such metric. */
const char *sim_metric_name(const struct sim_result *result, size_t metric);
const char *sim_metric_group(const struct sim_result *result, size_t metric);
const char *sim_metric_unit(const struct sim_result *result,
			    size_t metric); /* "ns", "bytes", ... */

/* Observations over all replications; 0: there is no such metric. */
uint64_t sim_metric_observations(const struct sim_result *result, size_t metric);

/* Numbers of a metric, in its unit. */
enum sim_value {
	SIM_MEAN,
	SIM_MEAN_LOW, /* 95 % confidence interval of the mean: of the replications, at these prices */
	SIM_MEAN_HIGH,
	SIM_MIN, /* observed */
	SIM_P50, /* quantiles */
	SIM_P90,
	SIM_P99,
	SIM_P999,
	SIM_MAX,
	SIM_P50_LOW, /* 95 % intervals of quantiles */
	SIM_P50_HIGH,
	SIM_P99_LOW,
	SIM_P99_HIGH,
	SIM_BAND_LOW, /* 95 % of what the mean is over the ranges of all prices; of the answer, with a study */
	SIM_BAND_MEDIAN,
	SIM_BAND_HIGH,
	SIM_VALUES /* how many there are */
};

/* NaN where it does not exist; then sim_metric_reason says why (static text; NULL: it exists). */
double sim_metric_value(const struct sim_result *result, size_t metric, enum sim_value value);
const char *sim_metric_reason(const struct sim_result *result, size_t metric, enum sim_value value);

/* The smallest observation that a share `p` of all do not exceed, 0 <= p <= 1; NaN: there is none. */
double sim_metric_quantile(const struct sim_result *result, size_t metric, double p);

/* --- models ------------------------------------------------------------------- */

/*
 * Make a model known that is not shipped: scenarios name it like any other. `model` is of <flow/model.h>, whose
 * headers `pkg-config sim-model` finds; it is checked (as `sim models --check` does) and must stay as long as the
 * process. Call it before a scenario is read and before other threads start. False: error, and nothing is added.
 */
struct model;
bool sim_add_model(const struct model *model, struct sim_error *error);

#ifdef __cplusplus
}
#endif

#endif
