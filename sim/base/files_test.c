/* Files that are read and written: other spellings, links, what is not there yet. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/files.h"

static char folder[] = "/tmp/files_test.XXXXXX";

static int begin(void **state)
{
	FILE *file;

	(void)state;
	if (!mkdtemp(folder) || chdir(folder) != 0)
		return -1;
	file = fopen("a", "w");
	return !file || fclose(file) != 0 || link("a", "hard") != 0 || symlink("a", "soft") != 0 ||
	       mkfifo("fifo", 0600) != 0;
}

static int end(void **state)
{
	(void)state;
	return unlink("a") + unlink("hard") + unlink("soft") + unlink("fifo") + rmdir(folder);
}

static void assert_refused(bool ok, const char *why, struct error *error)
{
	assert_false(ok);
	assert_int_equal(error->kind, ERROR_INPUT);
	assert_non_null(strstr(error->message, why));
	*error = (struct error){ 0 };
}

static void test_inputs(void **state)
{
	struct error error = { 0 };
	int file;

	(void)state;
	assert_refused(files_open_input("fifo", &error) >= 0, "this is a pipe or a device", &error);
	assert_refused(files_open_input(".", &error) >= 0, "a directory", &error);
	assert_refused(files_open_input("none", &error) >= 0, "cannot open", &error);
	assert_true(files_check_output("a", &error)); /* nobody has read it */
	file = files_open_input("a", &error);
	assert_true(file >= 0);
	close(file);
	assert_refused(files_check_output("./a", &error), "this was read (as a)", &error);
	assert_refused(files_check_output("hard", &error), "as a", &error);
	assert_refused(files_check_output("soft", &error), "as a", &error);
	assert_true(files_check_output("none", &error));
	assert_true(files_check_output("fifo", &error));
	assert_true(files_check_output("-", &error));
}

static void test_outputs(void **state)
{
	struct error error = { 0 };

	(void)state;
	assert_true(files_add_output("hard", &error));
	assert_refused(files_open_input("a", &error) >= 0, "read and written (hard)", &error);
	assert_refused(files_add_input("soft", &error), "read and written (hard)", &error);
	assert_refused(files_add_output("a", &error), "two outputs", &error);
	assert_true(files_add_output("new", &error));
	assert_refused(files_add_output(".//new", &error), "two outputs", &error);
	assert_true(files_add_output("../new", &error)); /* in another folder */
	assert_true(files_add_output("/dev/null", &error));
	assert_true(files_add_output("/dev/null", &error));
	assert_true(files_add_output(NULL, &error));
}

static void test_updates(void **state)
{
	struct error error = { 0 };
	FILE *made = fopen("b", "w");
	int file;

	(void)state;
	assert_non_null(made);
	fclose(made);
	assert_true(files_add_update("b", &error));
	file = files_open_input("b", &error);
	assert_true(file >= 0);
	close(file);
	assert_true(files_check_output("b", &error));
	assert_int_equal(unlink("b"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inputs),
		cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_updates),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
