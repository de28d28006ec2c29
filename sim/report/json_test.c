/* The JSON of a result, parsed back. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "report/fixture.h"

static json_t *parsed(const struct result *result)
{
	json_error_t json_error;
	char *bytes = fixture_written(result, "json");
	json_t *root = json_loads(bytes, JSON_REJECT_DUPLICATES, &json_error);

	if (!root)
		fail_msg("line %d: %s", json_error.line, json_error.text);
	free(bytes);
	return root;
}

/* The keys of `object` are exactly these, in this order. */
static void assert_keys(json_t *object, const char *keys)
{
	char found[512] = "";
	size_t used = 0;
	const char *key;
	json_t *value;

	assert_true(json_is_object(object));
	json_object_foreach(object, key, value)
	{
		used += (size_t)snprintf(found + used, sizeof(found) - used, "%s%s",
					 used ? " " : "", key);
		assert_true(used < sizeof(found));
	}
	assert_string_equal(found, keys);
}

static void assert_all_keys(json_t *root, const char *list, size_t count, const char *keys)
{
	json_t *array = json_object_get(root, list), *item;
	size_t i;

	assert_int_equal(json_array_size(array), count);
	json_array_foreach(array, i, item) assert_keys(item, keys);
}

static void test_json_keys(void **state)
{
	static const char *const names[] = { "db", HOSTILE };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fixture fixture;
		json_t *root;

		fixture_init(&fixture, names[i]);
		root = parsed(&fixture.result);
		assert_keys(root,
			    "format version scenario provenance account answer metrics breakdown "
			    "capacities "
			    "counters failures prices assumptions study caveat uncertainty notes "
			    "objectives worst distributions by_replication");
		assert_keys(json_object_get(root, "scenario"),
			    "name file sha256 document resolved files traces costs");
		assert_keys(
			json_object_get(root, "provenance"),
			"version commit platform seed scenario_sha256 costs_sha256 replications "
			"deterministic "
			"exact_pages warm_up_ns stopping options events assumed");
		assert_keys(json_object_get(root, "answer"),
			    "metric group unit mean ci95 band95 p50 p50_ci95 p99 p99_ci95 "
			    "slow_from slow_n prices assumptions");
		assert_all_keys(root, "metrics", FIXTURE_METRICS,
				"name group unit n mean ci95 min p50 p90 p99 p999 max reason");
		assert_all_keys(root, "breakdown", 3,
				"metric group flow step where mean share slow_mean slow_share "
				"if_free band95");
		assert_all_keys(root, "counters", 2, "name group value mean");
		assert_all_keys(
			root, "prices", 2,
			"term group status unit mean range at_stake moved answer source mattered");
		assert_keys(json_object_get(root, "study"),
			    "asked budget_events events replications usual_replications terms_left "
			    "steps_left slow_left");
		assert_all_keys(
			root, "objectives", 2,
			"metric group unit quantile at_most value met verdict bounds reason");
		json_decref(root);
	}
}

static void test_json_values(void **state)
{
	struct fixture fixture;
	json_t *root, *metrics, *reboot, *start, *provenance;

	(void)state;
	fixture_init(&fixture, "a \"name\"\twith\x7f");
	root = parsed(&fixture.result);
	metrics = json_object_get(root, "metrics");
	reboot = json_array_get(metrics, FIXTURE_REBOOT);
	start = json_array_get(metrics, FIXTURE_START);
	provenance = json_object_get(root, "provenance");
	assert_true(json_integer_value(json_object_get(provenance, "seed")) == INT64_MAX);
	assert_true(json_is_integer(json_object_get(reboot, "p50")));
	assert_true(json_is_real(json_object_get(reboot, "mean")));
	assert_true(json_real_value(json_object_get(reboot, "mean")) == 3000000000.25);
	assert_true(json_is_null(json_object_get(reboot, "p99")));
	assert_string_equal(
		json_string_value(json_object_get(reboot, "reason")),
		"n too small for p99 (at least 368); n too small for p999 (at least 3688)");
	assert_true(json_is_null(json_object_get(start, "ci95")));
	assert_true(json_is_null(json_object_get(start, "max")));
	assert_int_equal(json_array_size(json_object_get(provenance, "assumed")), 1);
	json_decref(root);
}

/* A value that its table does not allow is not written. */
static void test_json_of_another_shape(void **state)
{
	struct fixture fixture;
	struct error error = { 0 };
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	assert_non_null(file);
	fixture_init(&fixture, "db");
	fixture.result.stopping = NULL;
	assert_false(result_write_json(&fixture.result, file, &error));
	fclose(file);
	assert_int_equal(error.kind, ERROR_INTERNAL);
	assert_non_null(strstr(error.message, "/provenance/stopping: a text is needed"));
	assert_int_equal(size, 0);
	free(text);
}

static void test_json_without_an_answer(void **state)
{
	struct result empty = { .scenario = TEXT("x"),
				.file = TEXT("-"),
				.version = TEXT("1"),
				.scenario_sha256 = TEXT(""),
				.carried = TEXT(FIXTURE_CARRIED),
				.costs_sha256 = TEXT(""),
				.stopping = TEXT(""),
				.answer = SIZE_MAX };
	json_t *root = parsed(&empty);

	(void)state;
	assert_true(json_is_null(json_object_get(root, "answer")));
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_keys),
		cmocka_unit_test(test_json_values),
		cmocka_unit_test(test_json_of_another_shape),
		cmocka_unit_test(test_json_without_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
