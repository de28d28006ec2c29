/*
 * What a reboot costs, by libsim. Build it:
 *
 *   cc -o reboot reboot.c $(pkg-config --cflags --libs sim)
 *
 * and ask: ./reboot SCENARIO.json [/json/pointer=VALUE]...
 * It prints latencies in seconds, a value a line; a value that does not exist with the reason.
 */

#include <math.h>
#include <stdio.h>

#include <sim.h>

static const struct {
	const char *name;
	enum sim_value value;
} lines[] = {
	{ "mean", SIM_MEAN },
	{ "mean, 95 % from", SIM_MEAN_LOW },
	{ "mean, 95 % to", SIM_MEAN_HIGH },
	{ "p50", SIM_P50 },
	{ "p99", SIM_P99 },
	{ "band of prices from", SIM_BAND_LOW },
	{ "band of prices to", SIM_BAND_HIGH },
};

static int print(const struct sim_result *result)
{
	size_t metric = sim_metric_find(result, "reboot.latency", NULL);

	if (metric == SIM_NO_METRIC) {
		fprintf(stderr, "no guest has rebooted\n");
		return 1;
	}
	printf("%s of %s: %llu observed in %llu replications\n", sim_metric_name(result, metric),
	       sim_metric_group(result, metric),
	       (unsigned long long)sim_metric_observations(result, metric),
	       (unsigned long long)sim_result_replications(result));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		double value = sim_metric_value(result, metric, lines[i].value);

		if (isnan(value))
			printf("%s: none (%s)\n", lines[i].name,
			       sim_metric_reason(result, metric, lines[i].value));
		else
			printf("%s: %.9g s\n", lines[i].name, value / 1e9);
	}
	return sim_result_status(result);
}

int main(int argc, char **argv)
{
	const struct sim_run_options options = { .jobs = 2, .study = SIM_STUDY_BAND };
	struct sim_scenario *scenario;
	struct sim_result *result;
	struct sim_error error;
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: %s SCENARIO.json [/json/pointer=VALUE]...\n", argv[0]);
		return 2;
	}
	/* The arguments behind the file end with NULL, as settings do. */
	scenario = sim_read_file(argv[1], (const char *const *)argv + 2, &error);
	if (!scenario) {
		fprintf(stderr, "%s\n", error.message);
		return (int)error.status;
	}
	fputs(sim_scenario_warnings(scenario), stderr);
	result = sim_run(scenario, &options, &error);
	sim_scenario_free(scenario);
	if (!result) {
		fprintf(stderr, "%s\n", error.message);
		return (int)error.status;
	}
	status = print(result);
	sim_result_free(result);
	return status;
}
