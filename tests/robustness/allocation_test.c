/*
 * Every allocation fails once: loading a scenario, building and running a
 * simulation, filling and writing a result. Each failure is a clean error, and
 * under the address sanitizer nothing leaks.
 */

#include "../flows/fixture.h"

#include <gsl/gsl_errno.h>
#include <jansson.h>

#include "experiment/experiment.h"

static size_t countdown; /* the allocation that fails; 0: none */
static size_t failures;

static bool fails_now(void)
{
	if (!countdown || --countdown)
		return false;
	failures++;
	return true;
}

void *__real_calloc(size_t count, size_t size);
void *__real_reallocarray(void *block, size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *block, size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *block, size_t count, size_t size)
{
	return fails_now() ? NULL : __real_reallocarray(block, count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails_now() ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
	return fails_now() ? NULL : __real_strdup(text);
}

static void *json_allocate(size_t size)
{
	return fails_now() ? NULL : malloc(size);
}

static const char text[] =
	"{\"name\": \"n\", \"guests\": [{\"name\": \"g\", \"strategy\": \"async\", \"memory\": "
	"\"3GiB\","
	" \"faults\": [{\"step\": \"uvc.destroy_conf\", \"probability\": 0.5}]}],"
	" \"costs\": [{\"uvc.destroy_page\": {\"mean\": \"3us\"}}],"
	" \"events\": [{\"do\": \"reboot\", \"guests\": \"g\"}, {\"do\": \"kill\", \"guests\": "
	"\"g\","
	" \"at\": \"9s\"}], \"experiment\": {\"until\": \"1min\", \"replications\": 2},"
	" \"objectives\": [{\"metric\": \"reboot.latency\", \"at_most\": \"1h\"}]}";

/* True when nothing failed. */
static bool whole_job(struct error *error)
{
	const struct experiment_options options = { .replicate = { .threads = 1 },
						    .version = "test" };
	struct scenario scenario;
	struct result result;
	char *written = NULL;
	size_t size = 0;
	FILE *out;

	if (!scenario_load_text(&scenario, "<memory>", text, strlen(text), error))
		return false;
	if (experiment_run(&scenario, &options, &result, error)) {
		for (size_t i = 0; report_formats[i]; i++) {
			out = open_memstream(&written, &size);
			assert_non_null(out);
			report_formats[i]->write(&result, out, error);
			fclose(out);
			free(written);
		}
		result_fini(&result);
	}
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}

static void test_each_allocation_fails(void **state)
{
	size_t swept = 0;

	(void)state;
	json_set_alloc_funcs(json_allocate, free);
	gsl_set_error_handler_off();
	for (size_t k = 1;; k++) {
		struct error error = { 0 };
		bool ok;

		/* every one of the first thousand, then here and there among the many replications */
		if (k > 1000)
			k += k / 8;
		countdown = k;
		failures = 0;
		ok = whole_job(&error);
		countdown = 0;
		if (!failures) {
			assert_true(ok);
			break;
		}
		swept++;
		if (!ok && error.kind != ERROR_MEMORY && error.kind != ERROR_INPUT)
			fail_msg("allocation %zu: %s", k, error.message);
	}
	assert_true(swept > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_allocation_fails) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
