/* Stored results that are compared: paired where both keep what replications observed, else not. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decide/compare.h"
#include "document/document.h"
#include "explain/explain.h"

static const char text[] =
	"{\"name\": \"n\", \"guests\": [{\"name\": \"g\", \"model\": \"s390-pv\", \"strategy\": "
	"\"async\", \"memory\": \"3GiB\"}], \"events\": [{\"do\": \"reboot\", \"guests\": \"g\"}], "
	"\"experiment\": {\"until\": \"1min\", \"replications\": 4, \"seed\": 3}}";
static char *stored;

static json_t *result(void)
{
	json_t *root = json_loads(stored, 0, NULL);

	assert_non_null(root);
	return root;
}

static json_t *metric(json_t *root, const char *name)
{
	json_t *list = json_object_get(root, "metrics");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_object_get(json_array_get(list, i), "name")),
			   name) == 0)
			return json_array_get(list, i);
	fail_msg("no metric %s", name);
	return NULL;
}

/* Both are taken over. */
static bool compare(json_t *base, json_t *other, const char *name, struct comparison *comparison,
		    struct error *error)
{
	static const char *const paths[] = { "base.json", "other.json" };
	json_t *roots[] = { base, other };
	struct document documents[2];
	bool ok;

	for (int i = 0; i < 2; i++) {
		char *dumped = json_dumps(roots[i], JSON_REAL_PRECISION(17));

		assert_non_null(dumped);
		assert_true(document_parse(&documents[i], paths[i], dumped, strlen(dumped), error));
		free(dumped);
		json_decref(roots[i]);
	}
	ok = compare_documents(documents, paths, 2, 0, name, comparison, error);
	for (int i = 0; i < 2; i++)
		document_fini(&documents[i]);
	return ok;
}

static const struct comparison_design *compared(json_t *base, json_t *other, bool paired,
						struct comparison *comparison)
{
	struct error error = { 0 };

	if (!compare(base, other, NULL, comparison, &error))
		fail_msg("%s", error.message);
	assert_string_equal(comparison->metric_name, "reboot.latency");
	assert_int_equal(comparison->paired, paired);
	return &comparison->designs[1];
}

static void refuses(json_t *base, const char *name, const char *message)
{
	struct comparison comparison;
	struct error error = { 0 };

	assert_false(compare(base, result(), name, &comparison, &error));
	assert_int_equal(error.kind, ERROR_INPUT);
	if (!strstr(error.message, message))
		fail_msg("\"%s\" is not: %s", error.message, message);
}

/* What each replication observed is 1 ms more, so is the mean: nothing is random in the difference. */
static void test_paired(void **state)
{
	json_t *later = result(), *list = json_object_get(later, "by_replication"), *sums = NULL;
	const struct comparison_design *design;
	struct comparison comparison;

	(void)state;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_object_get(json_array_get(list, i), "metric")),
			   "reboot.latency") == 0)
			sums = json_object_get(json_array_get(list, i), "sums");
	assert_int_equal(json_array_size(sums), 4);
	for (size_t i = 0; i < 4; i++)
		json_array_set_new(
			sums, i,
			json_integer(json_integer_value(json_array_get(sums, i)) + 1000000));
	design = compared(result(), later, true, &comparison);
	assert_true(fabs(design->difference.value - 1e6) < 1e-3 && design->ratio.value > 1);
	assert_false(design->difference_low.exists);
	comparison_fini(&comparison);
}

/* Several operations in a replication: sums and numbers of them. */
static void test_counted(void **state)
{
	json_t *roots[2];
	const struct comparison_design *design;
	struct comparison comparison;

	(void)state;
	for (int r = 0; r < 2; r++) {
		json_t *list;

		roots[r] = result();
		list = json_object_get(roots[r], "by_replication");
		json_object_set_new(metric(roots[r], "reboot.latency"), "n", json_integer(8));
		for (size_t i = 0; i < json_array_size(list); i++)
			if (strcmp(json_string_value(
					   json_object_get(json_array_get(list, i), "metric")),
				   "reboot.latency") == 0) {
				json_t *item = json_array_get(list, i);

				json_object_set_new(item, "counts",
						    json_pack("[i,i,i,i]", 1, 2, 2, 3));
				json_object_set_new(
					item, "sums",
					json_pack("[i,i,i,i]", 100 + r, 200 + 2 * r, 200, 300));
			}
	}
	design = compared(roots[0], roots[1], true, &comparison);
	assert_true(fabs(design->difference.value - 3.0 / 8) < 1e-9);
	assert_true(design->difference_low.value < 3.0 / 8 &&
		    design->difference_high.value > 3.0 / 8);
	comparison_fini(&comparison);
}

/* Nothing is paired when numbers of operations cannot be, nor of another seed or without what was kept. */
static void test_independent(void **state)
{
	static const char *const counts[] = { "[-1, 2, 2, 3]", "[9, 2, 2, 3]", "[1, 2]", NULL };

	(void)state;
	for (int c = -2; c < 4; c++) {
		json_t *other = result(), *list = json_object_get(other, "by_replication");
		const struct comparison_design *design;
		struct comparison comparison;

		if (c == -2)
			json_object_set_new(json_object_get(other, "provenance"), "seed",
					    json_integer(99));
		else if (c == -1)
			json_object_del(other, "by_replication");
		for (size_t i = 0; c >= 0 && i < json_array_size(list); i++)
			if (counts[c])
				json_object_set_new(json_array_get(list, i), "counts",
						    json_loads(counts[c], 0, NULL));
			else
				json_array_remove(json_object_get(json_array_get(list, i), "sums"),
						  0);
		json_object_set_new(metric(other, "reboot.latency"), "mean", json_real(9e9));
		json_object_set_new(metric(other, "reboot.latency"), "ci95",
				    json_pack("[f, f]", 8e9, 10e9));
		design = compared(result(), other, false, &comparison);
		/* half-widths add as squares */
		assert_true(design->difference_high.value - design->difference.value >= 1e9);
		assert_true(design->difference.value - design->difference_low.value < 1.2e9);
		assert_true(design->ratio.exists);
		comparison_fini(&comparison);
	}
}

/* Where a mean, an interval or the baseline is nothing, so is what would be said of it. */
static void test_missing(void **state)
{
	const struct comparison_design *design;
	struct comparison comparison;
	json_t *other = result(), *base = result();

	(void)state;
	json_object_del(other, "by_replication");
	json_object_set_new(metric(other, "reboot.latency"), "mean", json_null());
	design = compared(result(), other, false, &comparison);
	assert_false(design->difference.exists || design->ratio.exists);
	comparison_fini(&comparison);

	other = result();
	json_object_del(other, "by_replication");
	json_object_set_new(metric(other, "reboot.latency"), "ci95", json_null());
	design = compared(result(), other, false, &comparison);
	assert_true(design->difference.exists && design->ratio.exists);
	assert_false(design->difference_low.exists);
	comparison_fini(&comparison);

	json_object_del(base, "by_replication");
	json_object_set_new(metric(base, "reboot.latency"), "mean", json_integer(0));
	design = compared(base, result(), false, &comparison);
	assert_true(design->difference.exists);
	assert_false(design->ratio.exists);
	comparison_fini(&comparison);
}

/* Without what replications observed, equal smallest and largest values are what each observed. */
static void test_constant(void **state)
{
	json_t *roots[2];
	struct comparison comparison;
	const struct comparison_design *design;

	(void)state;
	for (int r = 0; r < 2; r++) {
		json_t *of;

		roots[r] = result();
		of = metric(roots[r], "reboot.latency");
		json_object_del(roots[r], "by_replication");
		json_object_set_new(of, "n", json_integer(4));
		json_object_set_new(of, "min", json_integer(500 + r));
		json_object_set_new(of, "max", json_integer(500 + r));
	}
	design = compared(roots[0], roots[1], true, &comparison);
	assert_true(design->difference.value == 1);
	comparison_fini(&comparison);
}

static void test_refused(void **state)
{
	json_t *root = result();

	(void)state;
	json_object_del(root, "metrics");
	refuses(root, NULL, "base.json:1:1: error: there is no \"metrics\" or no \"provenance\"");
	root = result();
	json_object_del(root, "provenance");
	refuses(root, NULL, "the result is damaged");
	root = result();
	json_object_set_new(root, "answer", json_null());
	refuses(root, NULL, "base.json has no answer to compare with");
	refuses(result(), "start.latency",
		"base.json has not observed the metric \"start.latency\"");
}

static int make_result(void **state)
{
	static const struct experiment_options options = { .replicate = { .threads = 1 },
							   .version = "test" };
	struct error error = { 0 };
	struct scenario scenario;
	struct result own;
	size_t size;
	FILE *out = open_memstream(&stored, &size);

	(void)state;
	assert_non_null(out);
	assert_true(scenario_load_text(&scenario, "<memory>", text, strlen(text), &error));
	assert_true(explain_run(&scenario, &options, &own, &error));
	assert_true(result_write_json(&own, out, &error));
	assert_int_equal(fclose(out), 0);
	result_fini(&own);
	scenario_fini(&scenario);
	return 0;
}

static int free_result(void **state)
{
	(void)state;
	free(stored);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paired),      cmocka_unit_test(test_counted),
		cmocka_unit_test(test_independent), cmocka_unit_test(test_missing),
		cmocka_unit_test(test_constant),    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, make_result, free_result);
}
