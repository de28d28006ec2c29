/*
 * Every operation of every strategy of every model: without spread and without
 * contention the simulation equals the closed form to the nanosecond, the parts
 * add up to the latency, and lockdep has nothing to say. A new model is covered
 * without a change here.
 */

#include "fixture.h"

#include "closed_form/closed_form.h"
#include "flow/lock_check.h"
#include "flow/memory.h"
#include "flow/model.h"

static const char *const sizes[] = { "2GiB", "4GiB", "64GiB", "1TiB", "4TiB" };
static const double residents[] = { 0.0, 0.8 };

/* What the guest touches after its boot is left out of the closed form: let it be slow. */
static const char *slow_workload(const struct model *model)
{
	for (const struct field *field = model->parameters->fields; field->key; field++)
		if (strcmp(field->key, "workload_rate") == 0)
			return ", \"workload_rate\": \"1B/s\"";
	return "";
}

static bool has_devices(const struct model *model)
{
	for (const struct field *field = model->parameters->fields; field->key; field++)
		if (strcmp(field->key, "devices") == 0)
			return true;
	return false;
}

/* Two address spaces of type 1 and one of an IOAS, two ways of reset, a backend, a plain function. */
#define PASSED                                                                                     \
	"{\"kind\": \"vfio\", \"count\": 2, \"viommu\": true, \"bars\": \"3GiB\"}, "               \
	"{\"kind\": \"iommufd\", \"reset\": \"bus\", \"functions\": 2}, "
#define OTHERS "{\"kind\": \"vhost-user\", \"count\": 2}, {\"kind\": \"emulated\"}"

/* To a protected guest of pKVM none is passed through. */
static const char *devices_of(const struct strategy *strategy)
{
	return strncmp(strategy->name, "pkvm", 4) == 0 ? ", \"devices\": [" OTHERS "]"
						       : ", \"devices\": [" PASSED OTHERS "]";
}

/* The closed form wants the guest alone; a start needs a guest that does not run before. */
static void write_operation(char text[2048], const struct model *model,
			    const struct strategy *strategy, enum operation operation,
			    const char *memory, double resident, const char *keys)
{
	snprintf(text, 2048,
		 "{\"host\": {\"cores\": 64, \"memory\": \"64TiB\"},"
		 " \"guests\": [{\"name\": \"g\", \"model\": \"%s\", \"strategy\": \"%s\","
		 " \"vcpus\": 4, \"memory\": \"%s\", \"resident\": %g%s}],"
		 " \"events\": [{\"do\": \"%s\", \"guests\": \"g\"}],"
		 " \"experiment\": {\"until\": \"1d\", \"spread\": false}}",
		 model->name, strategy->name, memory, resident, keys, operation_names[operation]);
}

static bool is_refused(const struct model *model, const struct strategy *strategy, const char *keys)
{
	char text[2048];
	struct scenario scenario;
	struct error error = { 0 };

	write_operation(text, model, strategy, OPERATION_KILL, "4GiB", 0.5, keys);
	if (!scenario_load_text(&scenario, "<memory>", text, strlen(text), &error))
		return true;
	scenario_fini(&scenario);
	return false;
}

/*
 * What the operation leaves: the time to reclaim all, limbo, and memory in use when all is over.
 * After a boot the guest goes on to touch pages: one of them may be the one that a teardown
 * in the background leaves to it.
 */
static void compare_rest(const struct simulation *simulation, const struct model *model,
			 enum operation operation, const struct closed_form *form)
{
	const struct metric *teardown = metric_of(simulation, "teardown.latency");
	bool boots = operation == OPERATION_REBOOT || operation == OPERATION_START;

	assert_int_equal(teardown->count, form->teardown_ns != 0);
	if (teardown->count && !boots)
		assert_int_equal(teardown->samples[0], form->teardown_ns);
	else if (teardown->count &&
		 llabs(teardown->samples[0] - form->teardown_ns) > form->teardown_ns / 1000 + 20000)
		fail_msg("%s: teardown after %s: simulated %lld ns, closed form %lld ns",
			 model->name, operation_names[operation], (long long)teardown->samples[0],
			 (long long)form->teardown_ns);
	assert_int_equal(observation(simulation, "limbo.peak", 0), form->limbo_peak_bytes);
	assert_int_equal(simulation->hosts[0].nodes[0].pools[PAGE_4K].used_bytes, form->held_bytes);
}

/*
 * False where the operation fails, in the closed form as in the simulation, and where two loops meet,
 * of which there is no sum.
 */
static bool compare(const struct model *model, const struct strategy *strategy,
		    enum operation operation, const char *memory, double resident, const char *keys)
{
	char metric[64], text[2048];
	struct scenario scenario;
	struct simulation *simulation;
	struct closed_form form;
	struct error error = { 0 };
	int64_t latency, parts_ns = 0;
	const struct part *parts;
	size_t count;

	write_operation(text, model, strategy, operation, memory, resident, keys);
	load(&scenario, "%s", text);
	if (!closed_form(&scenario.simulation, 0, operation, &form, &error))
		fail_msg("%s/%s/%s%s: %s", model->name, strategy->name, operation_names[operation],
			 keys, error.message);
	if (form.meets) {
		scenario_fini(&scenario);
		return false;
	}
	simulation = simulate(&scenario, 0);
	snprintf(metric, sizeof(metric), "%s.latency",
		 operation == OPERATION_KILL ? "shutdown" : operation_names[operation]);
	if (form.error) {
		assert_int_equal(metric_of(simulation, metric)->count, 0);
		simulation_free(simulation);
		scenario_fini(&scenario);
		return false;
	}
	latency = observation(simulation, metric, 0);
	if (latency != form.latency_ns)
		fail_msg("%s/%s/%s of %s%s: simulated %lld ns, closed form %lld ns", model->name,
			 strategy->name, operation_names[operation], memory, keys,
			 (long long)latency, (long long)form.latency_ns);
	assert_false(simulation_is_random(simulation));
	parts = simulation_parts(simulation, &count);
	for (size_t i = 0; i < count; i++)
		parts_ns += (int64_t)parts[i].total_ns;
	assert_int_equal(parts_ns, latency);
	compare_rest(simulation, model, operation, &form);
	simulation_free(simulation);
	scenario_fini(&scenario);
	return true;
}

static void test_closed_form(void **state)
{
	int compared = 0;
	char keys[512];

	(void)state;
	for (size_t m = 0; m < model_table_count; m++)
		for (size_t s = 0; s < model_table[m]->strategy_count; s++)
			for (int o = 0; o < OPERATION_COUNT; o++)
				for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
					for (size_t r = 0; r < 2; r++) {
						const struct strategy *strategy =
							&model_table[m]->strategies[s];

						if (!strategy->flows[o])
							continue;
						snprintf(keys, sizeof(keys), "%s",
							 slow_workload(model_table[m]));
						assert_true(compare(model_table[m], strategy,
								    (enum operation)o, sizes[i],
								    residents[r], keys));
						compared++;
						if (!has_devices(model_table[m]))
							continue;
						snprintf(keys, sizeof(keys), "%s%s",
							 slow_workload(model_table[m]),
							 devices_of(strategy));
						assert_true(compare(model_table[m], strategy,
								    (enum operation)o, sizes[i],
								    residents[r], keys));
					}
	assert_true(compared >= 80);
}

/* The other values of a switch, one a call, as JSON text; false: there is no further one. */
static bool other_value(const struct field *field, size_t i, char *value, size_t size)
{
	size_t choices = 0;

	switch (field->kind) {
	case FIELD_FLAG:
		snprintf(value, size, "%s",
			 strcmp(field->fallback, "true") == 0 ? "false" : "true");
		return i == 0;
	case FIELD_CHOICE:
		while (field->choices[choices])
			choices++;
		if (i < choices)
			snprintf(value, size, "\"%s\"", field->choices[i]);
		return i < choices;
	case FIELD_COUNT: /* threads, vCPUs, slots */
		snprintf(value, size, "%d", field->maximum < 3 ? (int)field->maximum : 3);
		return i == 0 && field->minimum <= 3;
	case FIELD_RATIO:
		snprintf(value, size, "%g", field->minimum + (field->maximum - field->minimum) / 4);
		return i == 0;
	default:
		return false;
	}
}

/* No sum: what happens by chance, and threads that wait for each other. */
static bool is_no_sum(const struct field *field)
{
	static const char *const keys[] = { "helper_in_time",    "crypto_queues_bound",
					    "vcpu_running",      "extra_reference",
					    "fetch_share",       "atomic_failure",
					    "concurrent_updates" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(field->key, keys[i]) == 0)
			return true;
	return false;
}

/* The key at that value in each operation: with devices, where a guest may have them with it. */
static int compare_value(const struct model *model, const char *key, const char *value)
{
	int compared = 0;

	for (size_t s = 0; s < model->strategy_count; s++)
		for (int o = 0; o < OPERATION_COUNT; o++) {
			const struct strategy *strategy = &model->strategies[s];
			char keys[256], devices[768];

			snprintf(keys, sizeof(keys), "%s, \"%s\": %s", slow_workload(model), key,
				 value);
			snprintf(devices, sizeof(devices), "%s%s", keys,
				 has_devices(model) ? devices_of(strategy) : "");
			if (strategy->flows[o])
				compared += compare(model, strategy, (enum operation)o, "4GiB", 0.5,
						    is_refused(model, strategy, devices) ? keys
											 : devices);
		}
	return compared;
}

/* Each switch, choice, count and share of each model. */
static void test_closed_form_of_each_key(void **state)
{
	int compared = 0;
	char value[64];

	(void)state;
	for (size_t m = 0; m < model_table_count; m++)
		for (const struct field *field = model_table[m]->parameters->fields; field->key;
		     field++)
			for (size_t i = 0;
			     !is_no_sum(field) && other_value(field, i, value, sizeof(value)); i++)
				compared += compare_value(model_table[m], field->key, value);
	assert_true(compared >= 1000);
}

static void test_locks(void **state)
{
	static struct lock_report report;

	(void)state;
	for (size_t m = 0; m < model_table_count; m++) {
		struct error error = { 0 };

		assert_true(lock_check_model(model_table[m], &report, &error));
		for (size_t i = 0; i < report.findings.count; i++)
			print_error("%s: %s\n", model_table[m]->name, report.findings.texts[i]);
		assert_int_equal(report.findings.count, 0);
		assert_true(report.deepest >= 1);
	}
}

/* With spread the sum's mean and variance are the closed form's, within 5 standard errors. */
static void test_moments(void **state)
{
	enum { REPLICATIONS = 2000 };
	struct scenario scenario;
	struct simulation *simulation;
	struct closed_form form;
	struct error error = { 0 };
	double sum = 0, squares = 0, mean, variance;

	(void)state;
	load(&scenario,
	     "{\"host\": {\"cores\": 8}, \"guests\": [{\"name\": \"g\", \"strategy\": \"sync\","
	     " \"memory\": \"8GiB\"}], \"events\": [{\"do\": \"reboot\", \"guests\": \"g\"}]}");
	assert_true(closed_form(&scenario.simulation, 0, OPERATION_REBOOT, &form, &error));
	simulation = simulation_new(&scenario.simulation, &error);
	assert_non_null(simulation);
	for (uint32_t r = 0; r < REPLICATIONS; r++) {
		double off;

		assert_true(simulation_run(simulation, r, &error));
		off = (double)(observation(simulation, "reboot.latency", 0) - form.latency_ns);
		sum += off;
		squares += off * off;
	}
	mean = sum / REPLICATIONS;
	variance = squares / REPLICATIONS - mean * mean;
	assert_true(mean * mean < 25 * form.variance / REPLICATIONS);
	/* relative standard error of a variance is about sqrt(2 / n) = 3 % */
	assert_true(variance > 0.84 * form.variance && variance < 1.16 * form.variance);
	simulation_free(simulation);
	scenario_fini(&scenario);
}

static void test_names(void **state)
{
	(void)state;
	for (size_t m = 0; m < model_table_count; m++)
		assert_string_equal(model_names[m], model_table[m]->name);
	assert_null(model_names[model_table_count]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_closed_form),
		cmocka_unit_test(test_closed_form_of_each_key),
		cmocka_unit_test(test_locks),
		cmocka_unit_test(test_moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
