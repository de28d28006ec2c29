#ifndef SIM_EXPLAIN_FIXTURE_H
#define SIM_EXPLAIN_FIXTURE_H

/* For tests: explained experiments of a simulation that is a formula. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explain/explain.h"
#include "repeat/fake_simulation.h"

static inline void assert_near(double value, double wanted, double tolerance)
{
	if (!(fabs(value - wanted) <= tolerance))
		fail_msg("%.17g is not within %g of %.17g", value, tolerance, wanted);
}

/* The result of explain_run. */
static inline void run_study(const struct scenario *scenario, unsigned int threads,
			     enum study study, struct result *result)
{
	const struct experiment_options options = { .replicate = { .threads = threads },
						    .version = "test",
						    .study = study };
	struct error error = { 0 };

	if (!explain_run(scenario, &options, result, &error))
		fail_msg("%s", error.message);
}

static inline void run(const struct scenario *scenario, unsigned int threads, struct result *result)
{
	run_study(scenario, threads, STUDY_BOUNDED, result);
}

/* The assumption of that term; there must be one. */
static inline const struct result_assumption *assumption(const struct result *result,
							 const char *term)
{
	for (size_t i = 0; i < result->assumption_count; i++)
		if (strcmp(result->assumptions[i].term, term) == 0)
			return &result->assumptions[i];
	fail_msg("no assumption %s", term);
	return NULL;
}

/* What a writer makes of such a result; the caller frees it. */
static inline char *bytes_of(const struct scenario *scenario, unsigned int threads,
			     enum study study, report_writer *write, size_t *size)
{
	struct error error = { 0 };
	struct result result;
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, size);

	assert_non_null(out);
	run_study(scenario, threads, study, &result);
	if (!write(&result, out, &error))
		fail_msg("%s", error.message);
	assert_int_equal(fclose(out), 0);
	result_fini(&result);
	return bytes;
}

#endif
