/*
 * As allocation_test, place by place: measurements that a scenario explains, a plan that keeps its
 * looks, prices from traces and measurements, and what is written of them. Where memory is short there
 * is an error, or the same answer as with enough.
 */

#include "failing_allocator.h"

#include <math.h>
#include <unistd.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_multifit.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <gsl/gsl_rng.h>

#include "base/files.h"
#include "decide/fit_profile.h"
#include "decide/observed.h"
#include "decide/plan.h"
#include "decide/traced.h"

/* GSL asks for memory by itself: what it is asked for fails. */
#define WRAP(type, function, parameters, arguments)                                                \
	type __real_##function parameters;                                                         \
	type __wrap_##function parameters;                                                         \
	type __wrap_##function parameters                                                          \
	{                                                                                          \
		return fails_now() ? NULL : __real_##function arguments;                           \
	}
WRAP(gsl_vector *, gsl_vector_alloc, (size_t n), (n))
WRAP(gsl_matrix *, gsl_matrix_alloc, (size_t n, size_t m), (n, m))
WRAP(gsl_matrix *, gsl_matrix_calloc, (size_t n, size_t m), (n, m))
WRAP(gsl_rng *, gsl_rng_alloc, (const gsl_rng_type *type), (type))
WRAP(gsl_multifit_linear_workspace *, gsl_multifit_linear_alloc, (size_t n, size_t p), (n, p))
WRAP(gsl_multifit_robust_workspace *, gsl_multifit_robust_alloc,
     (const gsl_multifit_robust_type *type, size_t n, size_t p), (type, n, p))
WRAP(gsl_multifit_nlinear_workspace *, gsl_multifit_nlinear_alloc,
     (const gsl_multifit_nlinear_type *type, const gsl_multifit_nlinear_parameters *parameters,
      size_t n, size_t p),
     (type, parameters, n, p))

static char folder[] = "/tmp/sim-allocation-XXXXXX";
static char scenario_path[64], plan_path[64], looks_path[64], trace_path[64], profile_path[64];

static const struct experiment_options experiment = { .replicate = { .threads = 1 },
						      .version = "test" };

/* --- measurements ---------------------------------------------------------------------------- */

static char same[] = "reboot.latency,n,error\n4s,2,5%\n";
static char smaller[] = "memory,reboot.latency\n2GiB,4s\n";
static char *explained[2];

static bool explain(const struct observed_options *options, char **reference, struct error *error)
{
	static report_writer *const writers[] = { explanation_write_text, explanation_write_json,
						  explanation_write_profile, NULL };
	struct explanation explanation;

	if (observed_explain(options, &explanation, error)) {
		write_with(writers, &explanation, reference, error);
		explanation_fini(&explanation);
	}
	return error->kind == ERROR_NONE;
}

/* Strategies, prices, what would tell them apart; and a price of several measurements. */
static bool explain_job(struct error *error)
{
	static const char *const observed[] = { "reboot.latency.p50=3s" };
	static const struct attachment file = { .name = "m.csv", .text = same };
	const struct observed_options options = { .file = scenario_path,
						  .observed = observed,
						  .observed_count = 1,
						  .csv = &file,
						  .group = "g",
						  .error = 0.05,
						  .experiment = &experiment };

	return explain(&options, &explained[0], error);
}

/* Prices that only their sum is known of. */
static bool estimate_job(struct error *error)
{
	static const char *const terms[] = { "guest.stop", "guest.boot", "srcu.grace_period" };
	static const struct attachment file = { .name = "m.csv", .text = smaller };
	const struct observed_options options = { .file = scenario_path,
						  .csv = &file,
						  .group = "g",
						  .error = 0.05,
						  .terms = terms,
						  .term_count = 3,
						  .estimate_only = true,
						  .experiment = &experiment };

	return explain(&options, &explained[1], error);
}

static void test_explain(void **state)
{
	(void)state;
	sweep_places(explain_job, 100);
}

static void test_estimate(void **state)
{
	(void)state;
	sweep_places(estimate_job, 100);
}

/* --- a plan that keeps its looks ------------------------------------------------------------ */

static char *planned;

static bool plan(struct error *error)
{
	static report_writer *const writers[] = { planning_write_text, planning_write_json, NULL };
	const struct plan_options options = { .replicate = { .threads = 1 },
					      .version = "test",
					      .keep = looks_path };
	struct planning planning;

	if (plan_run(plan_path, NULL, 0, &options, &planning, error)) {
		write_with(writers, &planning, &planned, error);
		planning_fini(&planning);
	}
	return error->kind == ERROR_NONE;
}

/* From the beginning, and once more with what was kept: also what a failure left of it. */
static bool plan_job(struct error *error)
{
	struct error later = { 0 };
	bool ok = true;

	unlink(looks_path);
	for (int times = 0; ok && times < 2; times++)
		ok = plan(error);
	if (ok)
		return true;
	by_place = false;
	if (!plan(&later))
		fail_msg("what was kept cannot be used: %s", later.message);
	return false;
}

static void test_plan(void **state)
{
	(void)state;
	sweep_places(plan_job, 100);
}

/* --- prices ------------------------------------------------------------------------------------ */

static double fitted;

/* All prices of the file into a profile that has others. */
static bool fit_job(struct error *error)
{
	const struct traced_options options = { .page_bytes = 4096 };
	struct foreign foreign;
	struct traced traced;
	struct fit_cost costs[4];
	double sum = 0;
	struct fit_profile profile = { .costs = costs, .about = "a", .architecture = -1 };

	if (!foreign_read(&foreign, FOREIGN_FTRACE, trace_path, 1, error))
		return false;
	if (traced_find(&foreign, &options, &traced, error)) {
		assert_int_equal(traced.count, 3);
		for (size_t t = 0; t < traced.count && error->kind == ERROR_NONE; t++) {
			const struct traced_term *term = &traced.terms[t];
			const struct price_data data = { trace_path, term->points, term->count,
							 false, t == 1 ? 0.5 : NAN };
			struct price price;

			if (price_find(&data, &price, error)) {
				sum += price.unit.value + price.shape.curvature_t;
				costs[profile.count++] =
					(struct fit_cost){ term->name, price.unit, price.known,
							   price.cv, "s" };
			}
			price_fini(&price);
		}
	}
	if (error->kind == ERROR_NONE)
		fit_profile_merge(&profile, profile_path, error);
	traced_fini(&traced);
	foreign_fini(&foreign);
	if (error->kind != ERROR_NONE)
		return false;
	if (fitted > 0)
		assert_true(sum == fitted);
	fitted = sum;
	return true;
}

static void test_fit(void **state)
{
	(void)state;
	sweep_places(fit_job, 20);
}

/* --- files ---------------------------------------------------------------------------------------- */

static void write_file(char path[64], const char *name, const char *content)
{
	FILE *file;

	snprintf(path, 64, "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(content, file);
	assert_int_equal(fclose(file), 0);
}

static int make_files(void **state)
{
	char text[4096] = "";
	size_t length = 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	write_file(scenario_path, "scenario.json",
		   "{\"name\": \"n\", \"guests\": [{\"name\": \"g\", \"model\": \"kvm\", "
		   "\"strategy\": \"exit\", \"memory\": \"3GiB\"}], \"events\": [{\"do\": "
		   "\"reboot\", \"guests\": \"g\"}], \"experiment\": {\"until\": \"1min\", "
		   "\"replications\": 2, \"seed\": 3}}");
	write_file(plan_path, "plan.json",
		   "{\"name\": \"n\", \"guests\": [{\"name\": \"g\", \"model\": \"kvm\", "
		   "\"strategy\": \"exit\", \"memory\": \"1GiB\"}], \"host\": {\"memory\": "
		   "\"2GiB\"}, \"events\": [{\"do\": \"reboot\", \"guests\": \"g\"}], "
		   "\"experiment\": {\"until\": \"1min\", \"seed\": 3}, \"plan\": {\"vary\": "
		   "\"/guests/0/count\", \"between\": [1, 3], \"first\": 2, \"most\": 2, "
		   "\"for_each\": {\"/guests/0/strategy\": [\"exit\"]}, "
		   "\"subject_to\": [{\"metric\": \"reboot.latency\", \"at_most\": \"7s\"}]}}");
	snprintf(looks_path, sizeof(looks_path), "%s/looks", folder);
	for (int i = 1; i <= 8; i++)
		length += (size_t)snprintf(
			text + length, sizeof(text) - length,
			" 0) %d.5 us | unmap_page_range(addr=0x0, end=0x%d00000);\n"
			" 0) 9.%d us | __sev_do_cmd_locked(cmd=0x30);\n"
			" 0) 8.%d us | __sev_do_cmd_locked(cmd=32);\n"
			" 0) %d.0 us | exit_mmap();\n",
			9 * i * i, i, i, i, i);
	write_file(trace_path, "trace.txt", text);
	write_file(profile_path, "profile.json",
		   "{\"name\": \"p\", \"costs\": {\"kernel.exit\": {\"mean\": \"1us\"}}}");
	assert_true(files_add_update(profile_path, &(struct error){ 0 }));
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	free(explained[0]);
	free(explained[1]);
	free(planned);
	unlink(scenario_path);
	unlink(plan_path);
	unlink(looks_path);
	unlink(trace_path);
	unlink(profile_path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_explain),
					    cmocka_unit_test(test_estimate),
					    cmocka_unit_test(test_plan),
					    cmocka_unit_test(test_fit) };

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
