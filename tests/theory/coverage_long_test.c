/*
 * Do intervals hold what they promise? Of 1000 nominal 95 % intervals, each from an
 * experiment with a seed of its own, 930 to 970 must hold the truth, for means and for
 * the 99th percentile, in four models whose answers are known exactly. (The number that
 * hold it is binomial: 950 +- 6.9, so the bounds are 2.9 standard deviations away.)
 * Ranks of order statistics are whole, so theirs hold the truth more often than 95 %, and
 * exactly how often is known: of 400 observations ranks 392 and 400 hold p99 in 96.1 %.
 */

#include "../flows/fixture.h"

#include <math.h>
#include <unistd.h>

#include <gsl/gsl_cdf.h>

#include "flow/model.h"
#include "repeat/experiment.h"
#include "repeat/statistics.h"

enum { EXPERIMENTS = 1000, ONE_EACH = 400 };

#define ONLY_BOOT(cv)                                                                              \
	"{\"guest.boot\": {\"mean\": \"1s\", \"cv\": " cv "},"                                     \
	" \"guest.stop\": {\"mean\": \"0s\"}, \"guest.firmware\": {\"mean\": \"0s\"},"             \
	" \"qemu.pause_vcpu\": {\"mean\": \"0s\"}, \"qemu.pause_wait\": {\"mean\": \"0s\"}, "      \
	"\"qemu.device_reset\": {\"mean\": \"0s\"}}"
#define GUEST                                                                                      \
	"{\"name\": \"g\", \"model\": \"kvm\", \"strategy\": \"exit\", \"memory\": \"1MiB\","      \
	" \"resident\": 1, \"boot_creates\": 0, \"boot_deletes\": 0, \"boot_touch\": \"0B\","      \
	" \"boot_touch_ratio\": 0}"

/* One reboot in each of 400 replications: order statistics. */
static const char single[] =
	"{\"host\": {\"cores\": 1}, \"costs\": [%s], \"guests\": [" GUEST
	"], \"events\": [{\"do\": \"reboot\", \"guests\": \"g\"}],"
	" \"experiment\": {\"until\": \"1h\", \"replications\": 400, \"seed\": %d}}";

/* A queue: 20 replications of some 1100 reboots that wait for each other: sectioning. */
static const char queue[] =
	"{\"host\": {\"cores\": 1}, \"costs\": [%s], \"guests\": [" GUEST
	"], \"events\": [{\"do\": \"reboot\", \"guests\": \"g\", \"rate\": \"0.5/s\"}],"
	" \"experiment\": {\"until\": \"2400s\", \"warm_up\": \"200s\", \"replications\": 20,"
	"   \"seed\": %d}}";

static const char s390[] =
	"{\"host\": {\"cores\": 8, \"features\": [\"misc_uv\"]}, \"costs\": [%s],"
	" \"guests\": [{\"name\": \"g\", \"model\": \"s390-pv\", \"strategy\": \"sync\","
	"   \"memory\": \"4GiB\"}], \"events\": [{\"do\": \"reboot\", \"guests\": \"g\"}],"
	" \"experiment\": {\"until\": \"1h\", \"replications\": 400, \"seed\": %d}}";

/* How often the order statistics of n observations hold their p-quantile. */
static double ranks_hold(unsigned int n, double p)
{
	size_t low, high;

	assert_true(quantile_ranks(n, p, &low, &high));
	return gsl_cdf_binomial_P((unsigned int)high - 1, p, n) -
	       gsl_cdf_binomial_P((unsigned int)low - 1, p, n);
}

static void assert_covers(int held, double promised)
{
	double wanted = EXPERIMENTS * promised;
	double deviations = (held - wanted) / sqrt(wanted * (1 - promised));

	if (!(fabs(deviations) <= 2.9))
		fail_msg("%d of %d, not %.0f: %.1f standard deviations", held, EXPERIMENTS, wanted,
			 deviations);
}

/* `promised`: how often the interval of p99 holds it. */
static void cover(const char *what, const char *format, const char *costs, double mean, double p99,
		  double promised)
{
	const struct experiment_options options = {
		.replicate = { .threads = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN) },
		.version = "test",
	};
	int means = 0, quantiles = 0;

	for (int i = 0; i < EXPERIMENTS; i++) {
		const struct result_metric *metric;
		struct scenario scenario;
		struct experiment experiment;
		struct error error = { 0 };

		load(&scenario, format, costs, i + 1);
		if (!experiment_run(&experiment, &scenario, &options, &error))
			fail_msg("%s", error.message);
		metric = &experiment.result.metrics[experiment.result.answer];
		assert_true(metric->ci_low.exists && metric->p99_low.exists);
		means += metric->ci_low.value <= mean && mean <= metric->ci_high.value;
		quantiles += metric->p99_low.value <= p99 && p99 <= metric->p99_high.value;
		experiment_fini(&experiment);
		scenario_fini(&scenario);
	}
	print_message("%s: %d of %d intervals hold the mean, %d the 99th percentile\n", what, means,
		      EXPERIMENTS, quantiles);
	assert_covers(means, 0.95);
	assert_covers(quantiles, promised);
}

#pragma GCC diagnostic push
/* the formats are the four texts above */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void test_gamma_4(void **state)
{
	(void)state;
	cover("gamma law, cv 0.5", single, ONLY_BOOT("0.5"), 1e9,
	      1e9 * gsl_cdf_gamma_Pinv(0.99, 4, 0.25), ranks_hold(ONE_EACH, 0.99));
}

static void test_gamma_16(void **state)
{
	(void)state;
	cover("gamma law, cv 0.25", single, ONLY_BOOT("0.25"), 1e9,
	      1e9 * gsl_cdf_gamma_Pinv(0.99, 16, 1.0 / 16), ranks_hold(ONE_EACH, 0.99));
}

/* Every step of the flow is there; only the boot varies, so the rest is a constant. */
static void test_s390(void **state)
{
	struct scenario scenario;
	struct simulation *simulation;
	char costs[1 << 14] = "{";
	const struct model *model = model_find("s390-pv");
	int64_t constant;

	(void)state;
	for (size_t t = FIRST_TERM; t < model->term_count; t++) {
		bool boot = strcmp(model->terms[t].name, "guest.boot") == 0;

		snprintf(costs + strlen(costs), sizeof(costs) - strlen(costs),
			 "\"%s\": {\"mean\": \"%.17gns\", \"cv\": %s}%s", model->terms[t].name,
			 boot ? 3e9 : model->terms[t].mean_ns, boot ? "0.5" : "0",
			 t + 1 < model->term_count ? ", " : "}");
	}
	load(&scenario, s390, "{}", 1);
	for (size_t t = FIRST_TERM; t < model->term_count; t++)
		scenario.simulation.guests[0].costs[t].law.cv_squared = 0;
	simulation = simulate(&scenario, 0);
	constant = observation(simulation, "reboot.latency", 0) - 3000000000;
	simulation_free(simulation);
	scenario_fini(&scenario);
	cover("s390 sync, 4 GiB", s390, costs, (double)constant + 3e9,
	      (double)constant + 3e9 * gsl_cdf_gamma_Pinv(0.99, 4, 0.25),
	      ranks_hold(ONE_EACH, 0.99));
}

/* Sojourn times of M/M/1 at load 0.5 are exponential with a mean of 2 s. */
static void test_queue(void **state)
{
	(void)state;
	cover("M/M/1, load 0.5", queue, ONLY_BOOT("1"), 2e9, 2e9 * log(100), 0.95);
}
#pragma GCC diagnostic pop

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gamma_4),
		cmocka_unit_test(test_gamma_16),
		cmocka_unit_test(test_s390),
		cmocka_unit_test(test_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
