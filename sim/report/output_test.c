/* Files are whole or not there. */

#include "report/output.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "report/fixture.h"

static char folder[] = "/tmp/output_test.XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1; /* empty: nothing is left behind */
}

static bool write_text(const char *path, const char *text, struct error *error)
{
	struct output output;

	if (!output_open(&output, path, error))
		return false;
	fputs(text, output.stream);
	return output_close(&output, error);
}

static void assert_holds(const char *path, const char *text)
{
	char found[64] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	found[fread(found, 1, sizeof(found) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(found, text);
}

static void test_new_and_replaced(void **state)
{
	struct error error = { 0 };
	struct stat status;
	mode_t mask = umask(022);

	(void)state;
	assert_true(write_text("a", "one", &error));
	assert_holds("a", "one");
	assert_int_equal(stat("a", &status), 0);
	assert_int_equal(status.st_mode & 0777, 0644);
	assert_true(write_text("./a", "two", &error));
	assert_holds("a", "two");
	umask(mask);
	assert_int_equal(unlink("a"), 0);
}

/* Until the end the old file is there; after an error it stays. */
static void test_failed_writer_leaves_the_old_file(void **state)
{
	struct output output;
	struct error error = { 0 };

	(void)state;
	assert_true(write_text("a", "old", &error));
	assert_true(output_open(&output, "a", &error));
	fputs("half of the", output.stream);
	fflush(output.stream);
	assert_holds("a", "old");
	error_set(&error, ERROR_INTERNAL, "broken");
	assert_false(output_close(&output, &error));
	assert_int_equal(error.kind, ERROR_INTERNAL);
	assert_holds("a", "old");
	assert_int_equal(unlink("a"), 0);
}

static void test_link_is_followed(void **state)
{
	struct error error = { 0 };
	struct stat status;

	(void)state;
	assert_int_equal(mkdir("d", 0755), 0);
	assert_true(write_text("d/a", "old", &error));
	assert_int_equal(symlink("d/a", "link"), 0);
	assert_true(write_text("link", "new", &error));
	assert_holds("d/a", "new");
	assert_int_equal(lstat("link", &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(unlink("d/a"), 0);
	assert_false(write_text("link", "new", &error)); /* it leads nowhere now */
	assert_int_equal(error.kind, ERROR_OUTPUT);
	assert_int_equal(unlink("link"), 0);
	assert_int_equal(rmdir("d"), 0);
}

static void test_places_that_are_refused(void **state)
{
	static const char *const paths[] = { ".", "missing/a", "", "/proc/version/a", "/proc/a" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct error error = { 0 };

		assert_false(write_text(paths[i], "x", &error));
		assert_int_equal(error.kind, ERROR_OUTPUT);
	}
}

static void test_folder_without_permission(void **state)
{
	struct error error = { 0 };

	(void)state;
	if (geteuid() == 0)
		skip(); /* nothing is forbidden to root */
	assert_int_equal(mkdir("closed", 0555), 0);
	assert_false(write_text("closed/a", "x", &error));
	assert_int_equal(error.kind, ERROR_OUTPUT);
	assert_int_equal(rmdir("closed"), 0);
}

static void test_devices(void **state)
{
	struct error error = { 0 };

	(void)state;
	assert_true(write_text("/dev/null", "x", &error));
	assert_false(write_text("/dev/full", "x", &error));
	assert_int_equal(error.kind, ERROR_OUTPUT);
}

static void test_whole_report(void **state)
{
	struct fixture fixture;
	struct error error = { 0 };
	struct stat status;

	(void)state;
	fixture_init(&fixture, "db");
	assert_true(output_write("a", result_write_json, &fixture.result, &error));
	assert_int_equal(stat("a", &status), 0);
	assert_true(status.st_size > 1000);
	/* a writer that fails leaves what was there */
	fixture.result.answer = SIZE_MAX;
	assert_false(output_write("a", result_write_percentiles, &fixture.result, &error));
	assert_int_equal(stat("a", &status), 0);
	assert_true(status.st_size > 1000);
	assert_int_equal(unlink("a"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_and_replaced),
		cmocka_unit_test(test_failed_writer_leaves_the_old_file),
		cmocka_unit_test(test_link_is_followed),
		cmocka_unit_test(test_places_that_are_refused),
		cmocka_unit_test(test_folder_without_permission),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_whole_report),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
