/*
 * Usage: library_check SCENARIO.json
 * libsim as a program of somebody else's sees it: errors come back as messages and the process goes on, nothing
 * of the process is changed, values are those of the result. It prints the result of the scenario, and nothing else.
 */

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <jansson.h>

#include <sim.h>

#define CHECK(what_) check((what_), __LINE__, #what_)

static int failures;

static void check(bool so, int line, const char *what)
{
	if (so)
		return;
	fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, line, what);
	failures++;
}

static void on_signal(int number)
{
	(void)number;
}

static void on_gsl(const char *reason, const char *file, int line, int number)
{
	(void)reason;
	(void)file;
	(void)line;
	(void)number;
}

static void check_errors(const char *path)
{
	static const char wrong[] = "{ \"name\": \"x\",\n  \"hosts\": {} }";
	const char *const unknown[] = { "/guests/0/stratgy=sync", NULL };
	const char *const bad[] = { "/guests/0/memory=lots", NULL };
	const volatile bool stop = true;
	struct sim_run_options options = { .jobs = 100000 };
	struct sim_scenario *scenario;
	struct sim_error error;

	CHECK(!sim_read_file("/nowhere/x.json", NULL, &error));
	CHECK(error.status == SIM_BAD_INPUT && strstr(error.message, "/nowhere/x.json"));
	CHECK(!sim_read_text("mine.json", wrong, strlen(wrong), NULL, &error));
	CHECK(error.status == SIM_BAD_INPUT && strstr(error.message, "mine.json:2:3: error: "));
	CHECK(!sim_read_text("mine.json", "{", 1, NULL, &error));
	CHECK(error.status == SIM_BAD_INPUT);
	CHECK(!sim_read_file(path, unknown, &error));
	CHECK(error.status == SIM_BAD_INPUT && strstr(error.message, "stratgy"));
	CHECK(!sim_read_file(path, bad, &error));
	CHECK(error.status == SIM_BAD_INPUT && strstr(error.message, "/guests/0/memory"));

	scenario = sim_read_file(path, NULL, &error);
	CHECK(scenario && error.status == SIM_OK && !*error.message);
	if (!scenario)
		return;
	CHECK(!sim_run(scenario, &options, &error));
	CHECK(error.status == SIM_BAD_INPUT && strstr(error.message, "100000"));
	options = (struct sim_run_options){ .study = (enum sim_study)99 };
	CHECK(!sim_run(scenario, &options, &error) && error.status == SIM_BAD_INPUT);
	options = (struct sim_run_options){ .stop = &stop };
	CHECK(!sim_run(scenario, &options, &error) && error.status == SIM_INTERRUPTED);
	sim_scenario_free(scenario);
	sim_scenario_free(NULL);
	sim_result_free(NULL);
}

static struct sim_result *run(const char *path, const char *const *settings,
			      const struct sim_run_options *options)
{
	struct sim_error error;
	struct sim_scenario *scenario = sim_read_file(path, settings, &error);
	struct sim_result *result = scenario ? sim_run(scenario, options, &error) : NULL;

	if (!result) {
		fprintf(stderr, "%s\n", error.message);
		exit(1);
	}
	sim_scenario_free(scenario); /* the result does not need it */
	return result;
}

static char *text_of(const struct sim_result *result)
{
	struct sim_error error;
	char *text = sim_result_json(result, &error);

	if (!text) {
		fprintf(stderr, "%s\n", error.message);
		exit(1);
	}
	return text;
}

static double real_at(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_null(value) || !value ? NAN : json_number_value(value);
}

static bool same(double one, double other)
{
	return (isnan(one) && isnan(other)) || fabs(one - other) <= 1e-9 * fabs(other);
}

/* Every metric's values are those of the result's JSON. */
static void check_values(const struct sim_result *result, const char *text)
{
	static const struct {
		const char *key;
		enum sim_value value;
	} keys[] = { { "mean", SIM_MEAN }, { "min", SIM_MIN }, { "p50", SIM_P50 },
		     { "p90", SIM_P90 },   { "p99", SIM_P99 }, { "p999", SIM_P999 },
		     { "max", SIM_MAX } };
	json_t *root = json_loads(text, 0, NULL);
	const json_t *answer = json_object_get(root, "answer");
	const json_t *band = json_object_get(answer, "band95"), *metric;
	size_t index, found = sim_metric_answer(result);

	json_array_foreach(json_object_get(root, "metrics"), index, metric)
	{
		const json_t *interval = json_object_get(metric, "ci95");

		CHECK(strcmp(sim_metric_name(result, index),
			     json_string_value(json_object_get(metric, "name"))) == 0);
		CHECK(strcmp(sim_metric_group(result, index),
			     json_string_value(json_object_get(metric, "group"))) == 0);
		CHECK(strcmp(sim_metric_unit(result, index),
			     json_string_value(json_object_get(metric, "unit"))) == 0);
		CHECK((json_int_t)sim_metric_observations(result, index) ==
		      json_integer_value(json_object_get(metric, "n")));
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
			double value = sim_metric_value(result, index, keys[k].value);

			CHECK(same(value, real_at(metric, keys[k].key)));
			CHECK(isnan(value) ==
			      (sim_metric_reason(result, index, keys[k].value) != NULL));
		}
		if (json_array_size(interval) == 2) {
			CHECK(same(sim_metric_value(result, index, SIM_MEAN_LOW),
				   json_number_value(json_array_get(interval, 0))));
			CHECK(same(sim_metric_value(result, index, SIM_MEAN_HIGH),
				   json_number_value(json_array_get(interval, 1))));
		}
	}
	CHECK(index == sim_metric_count(result) && index > 0);
	CHECK(found == sim_metric_find(result, "reboot.latency", NULL));
	CHECK(same(sim_metric_value(result, found, SIM_BAND_LOW),
		   json_number_value(json_array_get(band, 0))));
	CHECK(same(sim_metric_value(result, found, SIM_BAND_HIGH),
		   json_number_value(json_array_get(band, 1))));
	CHECK(sim_metric_value(result, found, SIM_BAND_LOW) <
	      sim_metric_value(result, found, SIM_BAND_HIGH));
	CHECK(sim_metric_quantile(result, found, 0.5) == sim_metric_value(result, found, SIM_P50));
	CHECK(sim_metric_quantile(result, found, 1) == sim_metric_value(result, found, SIM_MAX));
	CHECK(isnan(sim_metric_quantile(result, found, 1.5)));
	json_decref(root);

	CHECK(sim_metric_find(result, "no.such", NULL) == SIM_NO_METRIC);
	CHECK(sim_metric_find(result, "reboot.latency", "nobody") == SIM_NO_METRIC);
	CHECK(!sim_metric_name(result, SIM_NO_METRIC) && !sim_metric_observations(result, index));
	CHECK(isnan(sim_metric_value(result, index, SIM_MEAN)));
	CHECK(sim_metric_reason(result, found, (enum sim_value)99) != NULL);
}

struct runner {
	const char *path, *strategy;
	char *text;
};

static void *run_in_thread(void *argument)
{
	struct runner *runner = argument;
	const char *const settings[] = { runner->strategy, "/experiment/replications=64", NULL };
	struct sim_result *result = run(runner->path, settings, NULL);

	runner->text = text_of(result);
	sim_result_free(result);
	return NULL;
}

/* Threads at once give what each gives alone. */
static void check_threads(const char *path)
{
	struct runner runners[] = { { path, "/guests/0/strategy=sync", NULL },
				    { path, "/guests/0/strategy=async", NULL },
				    { path, "/guests/0/strategy=lazy", NULL } };
	enum { RUNNERS = sizeof(runners) / sizeof(runners[0]) };
	pthread_t threads[RUNNERS];

	for (int i = 0; i < RUNNERS; i++)
		if (pthread_create(&threads[i], NULL, run_in_thread, &runners[i]) != 0)
			exit(1);
	for (int i = 0; i < RUNNERS; i++) {
		struct runner alone = { path, runners[i].strategy, NULL };

		pthread_join(threads[i], NULL);
		run_in_thread(&alone);
		CHECK(strcmp(alone.text, runners[i].text) == 0);
		free(alone.text);
		free(runners[i].text);
	}
}

int main(int argc, char **argv)
{
	const struct sim_run_options options = { .jobs = 2, .study = SIM_STUDY_BAND };
	struct sigaction action = { .sa_handler = on_signal }, now;
	struct sim_result *result;
	char *text, *locale;

	if (argc != 2)
		return 2;
	/* A comma for decimals, where the machine has such a locale; the script says whether. */
	setlocale(LC_ALL, "");
	locale = strdup(setlocale(LC_ALL, NULL));
	fprintf(stderr, "%s\n", localeconv()->decimal_point);
	sigaction(SIGINT, &action, NULL);
	gsl_set_error_handler(on_gsl);

	CHECK(sim_interface_version() == SIM_INTERFACE_VERSION);
	check_errors(argv[1]);
	check_threads(argv[1]);
	result = run(argv[1], NULL, &options);
	CHECK(sim_result_status(result) == 0 && sim_result_replications(result) > 1);
	text = text_of(result);
	check_values(result, text);
	fputs(text, stdout);
	free(text);
	sim_result_free(result);

	CHECK(sigaction(SIGINT, NULL, &now) == 0 && now.sa_handler == on_signal);
	CHECK(sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL);
	CHECK(gsl_set_error_handler(on_gsl) == on_gsl);
	CHECK(strcmp(locale, setlocale(LC_ALL, NULL)) == 0);
	free(locale);
	return failures != 0;
}
