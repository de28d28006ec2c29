/* Files of measurements: what each cell becomes, and why a line is refused. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decide/measurement.h"

static const char text[] =
	"{\"name\": \"n\", \"guests\": [{\"name\": \"g\", \"model\": \"s390-pv\", "
	"\"strategy\": \"async\", \"memory\": \"3GiB\"}], \"events\": [{\"do\": "
	"\"reboot\", \"guests\": \"g\"}]}";

static bool read_text(char *csv, struct measurements *measurements, struct error *error)
{
	const struct attachment file = { .name = "m.csv", .text = csv };
	struct scenario scenario;
	bool ok;

	assert_true(scenario_load_text(&scenario, "<memory>", text, strlen(text), error));
	ok = measurements_read(measurements, &file, &scenario.simulation, 0, error);
	scenario_fini(&scenario);
	return ok;
}

static void test_cells(void **state)
{
	char csv[] = "\"memory\", /guests/0/strategy ,reboot.latency,reboot.latency.p99,n,error\n"
		     "16GiB,sync,9.5s,,12,2%\n"
		     "16GiB,sync,,20s,,\n"
		     "64GiB,async,1min,,,\n";
	struct measurements m = { 0 };
	struct error error = { 0 };

	(void)state;
	if (!read_text(csv, &m, &error))
		fail_msg("%s", error.message);
	assert_int_equal(m.count, 3);
	assert_int_equal(m.point_count, 2);
	assert_string_equal(m.points[0].label, "16GiB sync");
	assert_string_equal(m.points[1].label, "64GiB async");
	assert_string_equal(m.points[1].settings[0].text, "/guests/0/memory");
	assert_string_equal(m.points[1].settings[0].value, "64GiB");
	assert_string_equal(m.items[0].where, "m.csv:2");
	assert_string_equal(m.items[0].of.metric, "reboot.latency");
	assert_true(m.items[0].of.quantile < 0 && m.items[0].value == 9.5e9);
	assert_true(m.items[0].n == 12 && m.items[0].error == 0.02);
	assert_true(m.items[1].of.quantile == 0.99 && m.items[1].value == 20e9);
	assert_true(m.items[1].n == 0 && m.items[1].error < 0);
	assert_true(m.items[1].point == 0 && m.items[2].point == 1);
	assert_true(m.items[2].value == 60e9 && m.items[2].n == 1);
	measurements_fini(&m);
}

static void test_seconds(void **state)
{
	char csv[] = "metric,seconds\nreboot.latency,1.5\nreboot.latency.p50,2\n";
	struct measurements m = { 0 };
	struct error error = { 0 };

	(void)state;
	if (!read_text(csv, &m, &error))
		fail_msg("%s", error.message);
	assert_int_equal(m.count, 2);
	assert_int_equal(m.point_count, 1);
	assert_string_equal(m.points[0].label, "");
	assert_true(m.items[0].value == 1.5e9 && m.items[0].of.quantile < 0);
	assert_true(m.items[1].value == 2e9 && m.items[1].of.quantile == 0.5);
	measurements_fini(&m);
}

static void test_refused(void **state)
{
	static const struct {
		const char *csv, *message;
	} wrong[] = {
		{ "metric,reboot.latency\nreboot.latency,1s\n",
		  "m.csv:1: error: `metric` says what `seconds` are of: that is missing" },
		{ "memory,error\n1GiB,2%\n", "m.csv:1: error: no column says what was measured" },
		{ "seconds,seconds\n1,1\n", "m.csv:1: error: the same column twice" },
		{ "secnds\n1\n", "did you mean \"seconds\"?" },
		{ "seconds\n0\n", "m.csv:2: error: \"0\" is no number above 0" },
		{ "seconds\n1x\n", "m.csv:2: error: \"1x\" is no number above 0" },
		{ "reboot.latency\n0s\n", "m.csv:2: error: \"0s\" weighs nothing" },
		{ "host.cores.used\n0.5\n", "a share of a host is not what sim explains" },
		{ "reboot.latency,error\n1s,200%\n", "m.csv:2: error: " },
		{ "reboot.latency,n\n1s,-3\n", "m.csv:2: error: " },
		{ "seconds\n-1\n", "m.csv:2: error: \"-1\" is no number above 0" },
		{ "seconds\ninf\n", "m.csv:2: error: \"inf\" is no number above 0" },
		{ "seconds\nx\n", "m.csv:2: error: \"x\" is no number above 0" },
		{ "vms.waited\n0\n", "m.csv:2: error: \"0\" is no number above 0" },
		{ "reboot.latency,n\n1s,1.5\n", "m.csv:2: error: n is a whole number from 1 on" },
		{ "reboot.latency,n\n1s,1e16\n", "m.csv:2: error: n is a whole number from 1 on" },
		{ "metric,seconds\nmemory.in_use.peak,1\n",
		  "m.csv:2: error: memory.in_use.peak is not measured in seconds" },
		{ "metric,seconds\nreboot.latensy,1\n", "m.csv:2: error: there is no metric" },
		{ "reboot.latency.p5\n1s\n", "m.csv:1: error: the column \"reboot.latency.p5\"" },
		{ "reboot.latency.p1234567\n1s\n", "m.csv:1: error: the column" },
		{ "reboot.latency.p99x\n1s\n", "m.csv:1: error: the column" },
		{ "/a,/b,/c,/d,/e,/f,/g,/h,/i,seconds\n1,1,1,1,1,1,1,1,1,1\n",
		  "m.csv:1: error: more than 8 columns that say what the scenario was" },
		{ "memory,reboot.latency\n1GiB\n",
		  "m.csv:2: error: this line has 1 of the 2 columns" },
		{ "memory,reboot.latency\n1GiB,\n", "m.csv:2: error: nothing was measured here" },
		{ "\xef\xbb\xbf# no more than this\n", "m.csv: there is no observation in it" },
		{ "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,a,b,c,d,e,f,g,h,i,j,k,l\n",
		  "m.csv:1: error: more than " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct measurements m = { 0 };
		struct error error = { 0 };
		char csv[256];

		snprintf(csv, sizeof(csv), "%s", wrong[i].csv);
		if (read_text(csv, &m, &error) || !strstr(error.message, wrong[i].message))
			fail_msg("%s: \"%s\"", wrong[i].csv, error.message);
		assert_int_equal(error.kind, ERROR_INPUT);
		measurements_fini(&m);
	}
}

static void test_options(void **state)
{
	static const struct {
		const char *text, *message;
	} wrong[] = {
		{ "reboot.latency", "\"reboot.latency\" is not METRIC=VALUE" },
		{ "=3s", "\"=3s\" is not METRIC=VALUE" },
		{ "reboot.latensy=3s", "there is no metric \"reboot.latensy\"; did you mean" },
		{ "reboot.latency=3 apples", "3 apples" },
		{ "reboot.latency=0s", "\"0s\" weighs nothing" },
		{ "host.cores.used=0.5", "a share of a host is not what sim explains" },
	};
	char longer[200];
	struct measurements m = { 0 };
	struct error error = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		error = (struct error){ 0 };
		if (measurements_add(&m, wrong[i].text, &error) ||
		    !strstr(error.message, wrong[i].message))
			fail_msg("%s: \"%s\"", wrong[i].text, error.message);
	}
	snprintf(longer, sizeof(longer), "%0150d=3s", 0);
	error = (struct error){ 0 };
	assert_false(measurements_add(&m, longer, &error));
	assert_non_null(strstr(error.message, "is not METRIC=VALUE"));
	measurements_fini(&m);
}

static void test_most(void **state)
{
	struct measurements m = { 0 };
	struct error error = { 0 };

	(void)state;
	for (int i = 0; i < MEASUREMENTS_MOST; i++)
		assert_true(measurements_add(&m, "reboot.latency=3s", &error));
	assert_int_equal(m.count, MEASUREMENTS_MOST);
	assert_false(measurements_add(&m, "reboot.latency=3s", &error));
	assert_non_null(strstr(error.message, "more than 1000 measurements"));
	measurements_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cells),
					    cmocka_unit_test(test_seconds),
					    cmocka_unit_test(test_refused),
					    cmocka_unit_test(test_options),
					    cmocka_unit_test(test_most) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
