/* What profiles say of platform, bandwidth and correlations, and what means do to ranges. */

#include "scenario/profile.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "flow/model.h"
#include "scenario/costs.h"
#include "scenario/scenario.h"

#define FAULT     "\"mm.fault\": {\"mean\": \"250ns\", \"range\": [\"200ns\", \"300ns\"]}"
#define ZERO      "\"mm.zero_4k\": {\"mean\": \"100ns\", \"range\": [\"90ns\", \"110ns\"]}"
#define COSTS     "\"costs\": {" FAULT ", " ZERO "}"
#define TOGETHER  "[\"mm.fault\", \"mm.zero_4k\", -0.5]"
#define PROFILE   "\"costs\": [\"mine\"]"
#define BANDWIDTH "\"memory_bandwidth\": {\"mean\": \"100GB/s\"}, \"costs\": {}"

/* A VM of 4 GiB, with more keys, and the profile "mine". */
static bool load(struct scenario *scenario, const char *keys, const char *mine, struct error *error)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "{\"format\": \"sim-result\", \"version\": 1, \"scenario\": {\"file\": \"test\", "
		 "\"document\": {%s, \"guests\": [{\"name\": \"vm\", \"model\": \"kvm\", "
		 "\"strategy\": "
		 "\"exit\", \"memory\": \"4GiB\"}], \"events\": [{\"do\": \"start\", "
		 "\"guests\": \"vm\"}]}, \"files\": {\"mine\": {%s}}}}",
		 keys, mine);
	return scenario_load_text(scenario, "result", text, strlen(text), error);
}

static struct scenario loaded(const char *keys, const char *mine)
{
	struct scenario scenario;
	struct error error = { 0 };

	if (!load(&scenario, keys, mine, &error))
		fail_msg("%s", error.message);
	return scenario;
}

static void assert_refused(const char *mine, const char *why)
{
	struct scenario scenario;
	struct error error = { 0 };

	assert_false(load(&scenario, PROFILE, mine, &error));
	if (!strstr(error.message, why))
		fail_msg("\"%s\" is not in \"%s\"", why, error.message);
}

static void assert_close(double value, double wanted)
{
	if (!(fabs(value - wanted) <= 1e-9 * fabs(wanted)))
		fail_msg("%.17g is not %.17g", value, wanted);
}

static const struct cost *cost_of(const struct scenario *scenario, const char *term)
{
	const struct guest_config *guest = &scenario->simulation.guests[0];

	for (size_t t = FIRST_TERM; t < guest->model->term_count; t++)
		if (strcmp(guest->model->terms[t].name, term) == 0)
			return &guest->costs[t];
	fail_msg("no term %s", term);
	return NULL;
}

static void assert_cost(const char *keys, double mean, double low, double high)
{
	struct scenario scenario = loaded(keys, COSTS);
	const struct cost *cost = cost_of(&scenario, "mm.fault");

	assert_close(cost->law.mean_ns, mean);
	assert_close(cost->low_ns, low);
	assert_close(cost->high_ns, high);
	scenario_fini(&scenario);
}

static void test_mean_scales_range(void **state)
{
	(void)state;
	assert_cost(PROFILE, 250, 200, 300);
	assert_cost("\"costs\": [\"mine\", {\"mm.fault\": {\"mean\": \"500ns\"}}]", 500, 400, 600);
	assert_cost("\"costs\": [\"mine\", {\"mm.fault\": {\"mean\": \"25ns\"}}]", 25, 20, 30);
	assert_cost("\"costs\": [\"mine\", {\"mm.fault\": {\"mean\": \"0ns\"}}]", 0, 0, 0);
	assert_cost("\"costs\": [\"mine\", {\"mm.fault\": {\"mean\": \"0ns\"}},"
		    "{\"mm.fault\": {\"mean\": \"7ns\"}}]",
		    7, 0, 7);
	assert_cost("\"costs\": [\"mine\", {\"mm.fault\": {\"mean\": \"500ns\", \"range\": "
		    "[\"500ns\", \"501ns\"]}}]",
		    500, 500, 501);
	assert_cost("\"costs\": [\"mine\", {\"mm.fault\": {\"cv\": 0.1}}]", 250, 200, 300);
}

static void assert_bandwidth(const char *keys, const char *mine, double mean, double low,
			     double high)
{
	struct scenario scenario = loaded(keys, mine);
	const struct host_config *host = &scenario.simulation.host;

	assert_close(host->memory_bandwidth, mean);
	assert_close(host->bandwidth.low, low);
	assert_close(host->bandwidth.high, high);
	scenario_fini(&scenario);
}

static void test_bandwidth(void **state)
{
	(void)state;
	assert_bandwidth("\"costs\": []", COSTS, 204.8e9, 51.2e9, 819.2e9);
	assert_bandwidth(PROFILE, BANDWIDTH, 100e9, 25e9, 400e9);
	assert_bandwidth(PROFILE,
			 "\"memory_bandwidth\": {\"mean\": \"100GB/s\", \"range\": "
			 "[\"90GB/s\", \"110GB/s\"]}, \"costs\": {}",
			 100e9, 90e9, 110e9);
	assert_bandwidth("\"host\": {\"memory_bandwidth\": \"7GB/s\"}, " PROFILE, BANDWIDTH, 7e9,
			 7e9, 7e9);
	assert_refused("\"memory_bandwidth\": {\"mean\": \"100GB/s\", \"range\": [\"9GB/s\", "
		       "\"10GB/s\"]}, \"costs\": {}",
		       "the mean lies outside its range");
	assert_refused("\"memory_bandwidth\": {\"mean\": \"100GB/s\", \"status\": \"measured\"}, "
		       "\"costs\": {}",
		       "needs its source");
	assert_refused("\"memory_bandwidth\": {\"mean\": \"100GB/s\", \"range\": [\"9us\", "
		       "\"10GB/s\"]}, \"costs\": {}",
		       "/memory_bandwidth/range/0");
	assert_refused("\"memory_bandwidth\": \"100GB/s\", \"costs\": {}", "/memory_bandwidth");
}

/* --- speeds of a crowd ------------------------------------------------------- */

static void assert_speeds(const char *cost, double speed, double slowest, double fastest)
{
	char mine[300];
	struct scenario scenario;
	const struct sharing *sharing;

	snprintf(mine, sizeof(mine), "\"costs\": {\"mm.free_4k\": {%s}}", cost);
	scenario = loaded(PROFILE, mine);
	sharing = &cost_of(&scenario, "mm.free_4k")->sharing;
	assert_close(sharing->speeds[0], speed);
	assert_close(sharing->slowest, slowest);
	assert_close(sharing->fastest, fastest);
	scenario_fini(&scenario);
}

/* Results of one scenario are compared paired if their prices were the same, in all they say. */
static void test_hash_of_sharing(void **state)
{
	static const char *const shares[] = { "\"cv\": 0", "\"cv\": 0, \"moves\": \"4KiB\"",
					      "\"cv\": 0, \"speeds\": [0.9]",
					      "\"cv\": 0, \"speeds_range\": [0.6, 0.9]",
					      "\"cv\": 0, \"crowd\": \"memory\"" };
	char hashes[5][65];

	(void)state;
	for (int i = 0; i < 5; i++) {
		char mine[300];
		struct scenario scenario;

		snprintf(mine, sizeof(mine), "\"costs\": {\"mm.free_4k\": {%s}}", shares[i]);
		scenario = loaded(PROFILE, mine);
		costs_hash(scenario.simulation.guests, 1, hashes[i]);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(hashes[i], hashes[j]);
		scenario_fini(&scenario);
	}
}

static void test_ranges_of_speeds(void **state)
{
	const double usual = 8.9 / 5.65 / 2;

	(void)state;
	assert_speeds("\"cv\": 0.1", usual, 0.5, 1);
	/* without ends of its own another speed scales what they are: the second adds 1/s - 1 */
	assert_speeds("\"speeds\": [0.9]", 0.9, 1 / (1 + (1 / 0.9 - 1) / (1 / usual - 1)), 1);
	assert_speeds("\"speeds\": [1]", 1, 1, 1);
	assert_speeds("\"speeds\": [0.9], \"speeds_range\": [0.8, 0.95]", 0.9, 0.8, 0.95);
	assert_speeds("\"speeds_range\": [0.6, 0.9]", usual, 0.6, 0.9);
	assert_refused("\"costs\": {\"mm.free_4k\": {\"speeds_range\": [0.9, 1]}}",
		       "/costs/mm.free_4k/speeds_range");
	assert_refused("\"costs\": {\"mm.free_4k\": {\"speeds_range\": [0.6, 1.1]}}",
		       "around it: [0.5, 1]");
	assert_refused("\"costs\": {\"mm.fault\": {\"speeds_range\": [0.5, 1]}}",
		       "/costs/mm.fault/speeds_range");
}

static void assert_correlations(const char *keys, size_t count)
{
	struct scenario scenario = loaded(keys, "\"correlations\": [" TOGETHER "], " COSTS);

	assert_int_equal(scenario.simulation.correlation_count, count);
	if (count) {
		assert_string_equal(scenario.simulation.correlations[0].terms[0], "mm.fault");
		assert_string_equal(scenario.simulation.correlations[0].terms[1], "mm.zero_4k");
		assert_close(scenario.simulation.correlations[0].value, -0.5);
	}
	scenario_fini(&scenario);
}

static void test_correlations(void **state)
{
	(void)state;
	assert_correlations(PROFILE, 1);
	/* one that is priced anew errs by itself; others do not matter; twice is once */
	assert_correlations("\"costs\": [\"mine\", {" ZERO "}]", 0);
	assert_correlations("\"costs\": [\"mine\", {\"mm.free_4k\": {\"mean\": \"9ns\"}}]", 1);
	assert_correlations("\"costs\": [\"mine\", \"mine\"]", 1);
	assert_refused("\"correlations\": [[\"mm.fault\", \"mm.zero_4k\", 1]], " COSTS,
		       "between -1 and 1");
	assert_refused("\"correlations\": [[\"mm.fault\", \"mm.zero_4k\"]], " COSTS,
		       "/correlations/0: two terms and a number are needed");
	assert_refused("\"correlations\": [[\"mm.fault\", \"mm.fault\", 0.5]], " COSTS,
		       "two different terms");
	assert_refused("\"correlations\": [[\"mm.fault\", \"mm.zero_2m\", 0.5]], " COSTS,
		       "\"mm.zero_2m\" is not among the costs of this profile");
	assert_refused("\"correlations\": 1, " COSTS, "/correlations: a list");
}

static void test_platform_is_checked(void **state)
{
	static const char *const wrong[] = { "22",      "2022-13",    "2022-1",
					     "2022-00", "2022-01-32", "2022/01/02" };
	char mine[256];

	(void)state;
	assert_refused("\"platform\": {\"cpu\": \"x\"}, " COSTS, "architecture");
	assert_refused("\"platform\": {\"architecture\": \"x86\"}, " COSTS,
		       "did you mean \"x86_64\"");
	assert_refused("\"platform\": {\"architecture\": \"arm64\", \"cpus\": \"x\"}, " COSTS,
		       "did you mean \"cpu\"");
	assert_refused("\"platform\": \"arm64\", " COSTS, "/platform: an object is needed");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(mine, sizeof(mine),
			 "\"platform\": {\"architecture\": \"arm64\", \"date\": \"%s\"}, " COSTS,
			 wrong[i]);
		assert_refused(mine, "/platform/date: a date is needed");
	}
}

static void test_platform_holds(void **state)
{
	char cpu[] = "7J13", other_cpu[] = "7J14", date[] = "2022";
	const struct platform generic = { .architecture = ARCHITECTURE_ARM64 };
	const struct platform one = { .architecture = ARCHITECTURE_ARM64, .cpu = cpu };
	const struct platform dated = { .architecture = ARCHITECTURE_ARM64,
					.cpu = cpu,
					.date = date };
	const struct platform other = { .architecture = ARCHITECTURE_ARM64, .cpu = other_cpu };
	const struct platform x86 = { .architecture = ARCHITECTURE_X86_64, .cpu = cpu };

	(void)state;
	assert_true(platform_holds(&one, &one));
	assert_true(platform_holds(&dated, &one));
	assert_true(platform_holds(&generic, &one));
	assert_false(platform_holds(&one, &generic));
	assert_false(platform_holds(&one, &other));
	assert_false(platform_holds(&one, &x86));
}

#define ON(platform_) "\"platform\": {" platform_ "}, " COSTS
#define ARM           "\"architecture\": \"arm64\""

/* Price of a fault with a profile "mine" that was measured on something. */
static void assert_on(const char *keys, const char *mine, double low, double high,
		      const char *platform)
{
	struct scenario scenario = loaded(keys, mine);
	const struct cost *cost = cost_of(&scenario, "mm.fault");

	assert_close(cost->law.mean_ns, 250);
	assert_close(cost->low_ns, low);
	assert_close(cost->high_ns, high);
	if (platform)
		assert_string_equal(scenario.platform.name, platform);
	else
		assert_false(scenario.platform.known);
	scenario_fini(&scenario);
}

/* A price is certain on what it was measured on, or if nobody says where that was. */
static void test_measured_elsewhere(void **state)
{
	struct scenario plain = loaded("\"costs\": []", COSTS);
	double low = cost_of(&plain, "mm.fault")->low_ns;
	double high = cost_of(&plain, "mm.fault")->high_ns;

	(void)state;
	scenario_fini(&plain);
	low = fmin(low, 200);
	high = fmax(high, 300);
	assert_true(low < 200 || high > 300);
	assert_on(PROFILE, COSTS, 200, 300, NULL);
	assert_on(PROFILE, ON(ARM), 200, 300, "mine");
	assert_on("\"platform\": \"mine\"", ON(ARM), 200, 300, "mine");
	assert_on("\"platform\": \"arm64\", " PROFILE, COSTS, 200, 300, "arm64");
	assert_on("\"platform\": \"arm64\", " PROFILE, ON(ARM), 200, 300, "arm64");
	assert_on("\"platform\": \"arm64\", " PROFILE, ON(ARM ", \"cpu\": \"x\""), low, high,
		  "arm64");
	assert_on("\"platform\": \"x86_64\", " PROFILE, ON(ARM), low, high, "x86_64");
	/* what is said on top is taken as it is said */
	assert_on("\"platform\": \"x86_64\", \"costs\": [\"mine\", {" FAULT "}]", ON(ARM), 200, 300,
		  "x86_64");
}

static void test_elsewhere_errs_by_itself(void **state)
{
	static const char mine[] = "\"platform\": {" ARM "}, \"correlations\": [" TOGETHER
				   "], \"memory_bandwidth\": {\"mean\": \"100GB/s\", \"range\": "
				   "[\"99GB/s\", \"101GB/s\"]}, " COSTS;
	struct scenario here = loaded(PROFILE, mine);
	struct scenario elsewhere = loaded("\"platform\": \"x86_64\", " PROFILE, mine);

	(void)state;
	assert_int_equal(here.simulation.correlation_count, 1);
	assert_int_equal(elsewhere.simulation.correlation_count, 0);
	assert_close(here.simulation.host.bandwidth.low, 99e9);
	assert_close(elsewhere.simulation.host.bandwidth.low, 51.2e9);
	assert_close(elsewhere.simulation.host.bandwidth.high, 819.2e9);
	assert_close(elsewhere.simulation.host.memory_bandwidth, 100e9);
	scenario_fini(&here);
	scenario_fini(&elsewhere);
}

static void assert_platform_refused(const char *name, const char *why)
{
	struct scenario scenario;
	struct error error = { 0 };
	char keys[128];

	snprintf(keys, sizeof(keys), "\"platform\": \"%s\"", name);
	assert_false(load(&scenario, keys, COSTS, &error));
	if (!strstr(error.message, why))
		fail_msg("\"%s\" is not in \"%s\"", why, error.message);
}

/* A shipped profile may stand among the costs by its name, too. */
static void test_shipped_costs(void **state)
{
	struct scenario scenario = loaded(
		"\"costs\": [{\"srcu.grace_period\": {\"mean\": \"1us\"}}, \"srcu-5.18\"]", COSTS);

	(void)state;
	assert_close(cost_of(&scenario, "srcu.grace_period")->law.mean_ns, 707e3);
	assert_close(cost_of(&scenario, "srcu.grace_period")->high_ns, 1.2e6);
	assert_false(scenario.platform.known);
	scenario_fini(&scenario);
}

static void test_platform_names(void **state)
{
	(void)state;
	assert_platform_refused("epyc-7j12", "did you mean \"epyc-7j13\"");
	assert_platform_refused("nowhere/mine.json",
				"no such profile; looked for nowhere/mine.json, ");
	assert_platform_refused("mine", "does not say what it was measured on");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mean_scales_range),
		cmocka_unit_test(test_bandwidth),
		cmocka_unit_test(test_ranges_of_speeds),
		cmocka_unit_test(test_hash_of_sharing),
		cmocka_unit_test(test_correlations),
		cmocka_unit_test(test_platform_is_checked),
		cmocka_unit_test(test_platform_holds),
		cmocka_unit_test(test_measured_elsewhere),
		cmocka_unit_test(test_elsewhere_errs_by_itself),
		cmocka_unit_test(test_shipped_costs),
		cmocka_unit_test(test_platform_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
