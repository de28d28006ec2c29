/*
 * A test must be able to fail: an error of 2 % in one cost is seen. The mean of 2000
 * replications lies within 5 standard errors of the closed form when the simulation
 * has the same costs, and outside when one of them is 2 % higher there.
 */

#include "../flows/fixture.h"

#include <math.h>

#include <gsl/gsl_errno.h>

#include "closed_form/closed_form.h"
#include "flow/model.h"

enum { REPLICATIONS = 2000 };

static const struct {
	const char *model, *strategy, *operation, *metric, *term;
} rows[] = {
	{ "s390-pv", "sync", "reboot", "reboot.latency", "uvc.destroy_page" },
	{ "s390-pv", "sync", "reboot", "reboot.latency", "guest.boot" },
	{ "sev", "upfront", "start", "start.latency", "mm.zero_4k" },
	{ "arm64", "deferred", "relock", "relock.latency", "dcache.clean_4k" },
	{ "memslots", "sequential", "update", "update.latency", "srcu.grace_period" },
	{ "tdx", "terminate-first", "kill", "shutdown.latency", "tdx.reclaim_page" },
	{ "kvm", "exit", "kill", "shutdown.latency", "mm.free_4k" },
};

/* Standard errors between the simulated mean and `truth_ns`. */
static double off(const struct scenario *scenario, const char *metric, double truth_ns)
{
	struct error error = { 0 };
	struct simulation *simulation = simulation_new(&scenario->simulation, &error);
	double sum = 0, squares = 0, mean;

	assert_non_null(simulation);
	for (uint32_t r = 0; r < REPLICATIONS; r++) {
		double value;

		assert_true(simulation_run(simulation, r, &error));
		value = (double)observation(simulation, metric, 0) - truth_ns;
		sum += value;
		squares += value * value;
	}
	simulation_free(simulation);
	mean = sum / REPLICATIONS;
	return mean / sqrt((squares / REPLICATIONS - mean * mean) / REPLICATIONS);
}

static void plant(struct scenario *scenario, const char *term, double factor)
{
	struct guest_config *guest = &scenario->simulation.guests[0];

	for (size_t t = FIRST_TERM; t < guest->model->term_count; t++) {
		if (strcmp(guest->model->terms[t].name, term) == 0) {
			guest->costs[t].law.mean_ns *= factor;
			return;
		}
	}
	fail_msg("%s has no term %s", guest->model->name, term);
}

static void test_power(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scenario scenario;
		struct closed_form form;
		struct error error = { 0 };
		enum operation operation = 0;
		double right, wrong;

		while (strcmp(operation_names[operation], rows[i].operation) != 0)
			operation++;
		load(&scenario,
		     "{\"host\": {\"cores\": 64, \"memory\": \"1TiB\"}, \"guests\": [{\"name\": "
		     "\"g\","
		     " \"model\": \"%s\", \"strategy\": \"%s\", \"vcpus\": 4, \"memory\": "
		     "\"64GiB\","
		     " \"resident\": 1}], \"events\": [{\"do\": \"%s\", \"guests\": \"g\"}],"
		     " \"experiment\": {\"until\": \"1d\"}}",
		     rows[i].model, rows[i].strategy, rows[i].operation);
		if (!closed_form(&scenario.simulation, 0, operation, &form, &error))
			fail_msg("%s", error.message);
		right = off(&scenario, rows[i].metric, (double)form.latency_ns);
		plant(&scenario, rows[i].term, 1.02);
		wrong = off(&scenario, rows[i].metric, (double)form.latency_ns);
		print_message("%s/%s/%s, %s: %.1f standard errors; 2 %% higher: %.1f\n",
			      rows[i].model, rows[i].strategy, rows[i].operation, rows[i].term,
			      right, wrong);
		assert_true(fabs(right) < 5);
		assert_true(wrong > 5);
		scenario_fini(&scenario);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_power) };

	gsl_set_error_handler_off();

	return cmocka_run_group_tests(tests, NULL, NULL);
}
