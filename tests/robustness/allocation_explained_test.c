/* As allocation_test: measurements that a scenario explains, and what is written of it. */

#include "failing_allocator.h"

#include <unistd.h>

#include "decide/observed.h"

static char path[] = "/tmp/sim-allocation-XXXXXX";
static char csv[] = "memory,reboot.latency,error\n2GiB,2s,5%\n3GiB,3s,5%\n4GiB,4s,5%\n";

static bool explain_job(struct error *error)
{
	static report_writer *const writers[] = { explanation_write_text, explanation_write_json,
						  explanation_write_profile };
	static const char *const observed[] = { "reboot.latency.p50=3s" };
	static const struct experiment_options experiment = { .replicate = { .threads = 1 },
							      .version = "test" };
	const struct attachment file = { .name = "m.csv", .text = csv };
	const struct observed_options options = { .file = path,
						  .observed = observed,
						  .observed_count = 1,
						  .csv = &file,
						  .error = 0.05,
						  .experiment = &experiment };
	struct explanation explanation;

	if (observed_explain(&options, &explanation, error)) {
		for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
			char *written;
			FILE *out = sink(&written);

			writers[i](&explanation, out, error);
			fclose(out);
			free(written);
		}
		explanation_fini(&explanation);
	}
	return error->kind == ERROR_NONE;
}

static void test_explain(void **state)
{
	int file = mkstemp(path);
	FILE *out = file >= 0 ? fdopen(file, "w") : NULL;
	struct error error = { 0 };

	(void)state;
	assert_non_null(out);
	fputs("{\"name\": \"n\", \"guests\": [{\"name\": \"g\", \"model\": \"s390-pv\", "
	      "\"strategy\": "
	      "\"async\", \"memory\": \"3GiB\"}], \"events\": [{\"do\": \"reboot\", \"guests\": "
	      "\"g\"}], \"experiment\": {\"until\": \"1min\", \"replications\": 2, \"seed\": 3}}",
	      out);
	assert_int_equal(fclose(out), 0);
	assert_true(explain_job(&error)); /* what is made once in a process is there */
	sweep(explain_job, 3000, 1000);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_explain) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
