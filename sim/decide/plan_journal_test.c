/* A file of looks: what is kept comes back, what is not ours or cannot be written is refused. */

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "decide/plan_journal.h"

static char folder[] = "/tmp/sim-looks-XXXXXX";
static char path[64];

static const struct plan_journal_key key = { 1, 7, 0.0125, false };

static struct plan_journal *opened(const char *identity)
{
	struct error error = { 0 };
	struct plan_journal *journal = plan_journal_open(path, identity, &error);

	if (!journal)
		fail_msg("%s", error.message);
	return journal;
}

static void refuses(const char *file, const char *identity, enum error_kind kind,
		    const char *message)
{
	struct error error = { 0 };

	assert_null(plan_journal_open(file, identity, &error));
	assert_int_equal(error.kind, kind);
	if (!strstr(error.message, message))
		fail_msg("\"%s\" is not: %s", error.message, message);
}

static void write_text(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void assert_text(const char *wanted)
{
	char text[512];
	FILE *file = fopen(path, "r");
	size_t length;

	assert_non_null(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	assert_string_equal(text, wanted);
}

static bool found(const struct plan_journal *journal, const struct plan_journal_key *of,
		  struct plan_point *point)
{
	static struct limit_bounds bounds[2];

	*point = (struct plan_point){ .bounds = bounds };
	return plan_journal_find(journal, of, 2, point);
}

/* Also numbers that no decimal digits hold, and infinity. */
static void test_kept(void **state)
{
	struct limit_bounds bounds[2] = { { 0.1, 1.0 / 3, INFINITY, 5, 1e300, 12 },
					  { 0, 0, 0, 0, 0, 0 } };
	const struct plan_point kept = { 7, LIMIT_UNDECIDED, 40, 1, bounds };
	struct plan_journal_key fresh = key, other = key;
	struct plan_journal *journal = opened("a b");
	struct plan_point point;
	struct error error = { 0 };

	(void)state;
	fresh.fresh = true;
	other.value = 70;
	assert_false(found(journal, &key, &point));
	assert_true(plan_journal_add(journal, &key, 2, &kept, &error));
	refuses(path, "a b", ERROR_INPUT, "another plan writes it");
	plan_journal_close(journal);

	journal = opened("a b");
	assert_true(found(journal, &key, &point));
	assert_true(point.verdict == LIMIT_UNDECIDED && point.replications == 40 &&
		    point.binding == 1);
	assert_memory_equal(point.bounds, bounds, sizeof(bounds));
	assert_false(found(journal, &fresh, &point));
	assert_false(found(journal, &other, &point));
	plan_journal_close(journal);
	unlink(path);
}

/* A last line that was not finished goes, the first one too; what is whole stays. */
static void test_cut(void **state)
{
	(void)state;
	write_text("sim-plan-looks 1 a\nx\ny");
	plan_journal_close(opened("a"));
	assert_text("sim-plan-looks 1 a\nx\n");
	write_text("sim-plan-looks 1 ");
	plan_journal_close(opened("a"));
	assert_text("sim-plan-looks 1 a\n");
	write_text("sim-pl");
	plan_journal_close(opened("a"));
	assert_text("sim-plan-looks 1 a\n");
	unlink(path);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} wrong[] = {
		{ "{}\n", "this keeps no looks of a plan; it is left as it is" },
		{ "sim-plan\n", "this keeps no looks of a plan; it is left as it is" },
		{ "notes", "this keeps no looks of a plan; it is left as it is" },
		{ "sim-plan-looks 1 b\n", "these looks are of another plan" },
		{ "sim-plan-looks 1 ab\n", "these looks are of another plan" },
		{ "sim-plan-looks 1 \n", "these looks are of another plan" },
		{ "sim-plan-looks 1 b", "these looks are of another plan" },
	};
	char nowhere[80];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		write_text(wrong[i].text);
		refuses(path, "a", ERROR_INPUT, wrong[i].message);
		assert_text(wrong[i].text);
	}
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	refuses(path, "a", ERROR_INPUT, "looks are kept in a regular file");
	unlink(path);
	snprintf(nowhere, sizeof(nowhere), "%s/nowhere/looks", folder);
	refuses(nowhere, "a", ERROR_OUTPUT, "cannot be opened: No such file or directory");
}

/* A look that somebody has changed is none: it is looked at again. */
static void test_damaged(void **state)
{
	static const char *const numbers[] = {
		"",
		"40",
		"40 0",
		"40 0 0",
		"40 0 0 1 2 3 4 5 6",
		"40 0 0 1 2 3 4 5 6 1 2 3 4 5",
		"0 0 0 1 2 3 4 5 6 1 2 3 4 5 6",
		"1e15 0 0 1 2 3 4 5 6 1 2 3 4 5 6",
		"nan 0 0 1 2 3 4 5 6 1 2 3 4 5 6",
		"40 -1 0 1 2 3 4 5 6 1 2 3 4 5 6",
		"40 9 0 1 2 3 4 5 6 1 2 3 4 5 6",
		"40 0 -1 1 2 3 4 5 6 1 2 3 4 5 6",
		"40 0 2 1 2 3 4 5 6 1 2 3 4 5 6",
	};
	const struct plan_journal_key sought = { 0, 3, 0.5, true };
	struct plan_journal *journal;
	struct plan_point point;
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		snprintf(text, sizeof(text), "sim-plan-looks 1 a\n0 3 0x1p-1 1 %s\n", numbers[i]);
		write_text(text);
		journal = opened("a");
		if (found(journal, &sought, &point))
			fail_msg("\"%s\" is taken for a look", numbers[i]);
		plan_journal_close(journal);
	}
	write_text("sim-plan-looks 1 a\n0 3 0x1p-1 1 40 0 1 1 2 3 4 5 6 1 2 3 4 5 6\n");
	journal = opened("a");
	assert_true(found(journal, &sought, &point));
	plan_journal_close(journal);
	unlink(path);
}

/* What cannot be read is not cut off: reading is refused before anything is written. */
static void test_unreadable(void **state)
{
	static const char memory[] = "/proc/self/mem"; /* a regular file; nothing is at its begin */

	(void)state;
	if (access(memory, R_OK | W_OK) != 0)
		skip();
	refuses(memory, "a", ERROR_INPUT, "/proc/self/mem: cannot be read: Input/output error");
}

/* A file that may not grow, as on a disk that is full. */
static void test_full(void **state)
{
	struct limit_bounds bounds[1] = { { 0 } };
	const struct plan_point look = { 7, LIMIT_MET, 1, 0, bounds };
	struct rlimit before, now;
	struct plan_journal *journal;
	struct error error = { 0 };
	bool added;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	now = before;
	journal = opened("a");
	now.rlim_cur = 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
	added = plan_journal_add(journal, &key, 1, &look, &error);
	plan_journal_close(journal);
	unlink(path);
	journal = plan_journal_open(path, "a", &(struct error){ 0 });
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_false(added);
	assert_int_equal(error.kind, ERROR_OUTPUT);
	assert_non_null(strstr(error.message, "looks: cannot be written: File too large"));
	assert_null(journal);
	unlink(path);
}

static int make_folder(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/looks", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),       cmocka_unit_test(test_cut),
		cmocka_unit_test(test_refused),    cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_unreadable), cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
