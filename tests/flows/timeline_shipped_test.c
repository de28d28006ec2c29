/* The timelines of all shipped scenarios nest, however their times are read (timeline_reader.h). */

#include "timeline_reader.h"

#include <glob.h>

#include "replay/timeline.h"

/* What no scenario is, and what names the one trace that is not shipped. */
static bool is_shipped_scenario(const char *path)
{
	char text[4096];
	FILE *file;

	if (strstr(path, "/designs/") || strstr(path, "/published/"))
		return false;
	file = fopen(path, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	assert_int_equal(fclose(file), 0);
	return !strstr(text, "azure2017-dev.csv.gz");
}

static size_t check_shipped(const char *path)
{
	struct error error = { 0 };
	struct scenario scenario;
	FILE *file = tmpfile();
	size_t slices;

	assert_non_null(file);
	if (!scenario_load(&scenario, path, NULL, 0, NULL, &error) ||
	    !timeline_write(&scenario, 0, file, &error))
		fail_msg("%s: %s", path, error.message);
	slices = check_nesting_of(file, path);
	assert_int_equal(fclose(file), 0);
	scenario_fini(&scenario);
	return slices;
}

static void test_shipped(void **state)
{
	size_t scenarios = 0, slices = 0;
	glob_t files;

	(void)state;
	assert_int_equal(glob(SOURCE_DIR "/scenarios/*/*.json", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		if (!is_shipped_scenario(files.gl_pathv[i]))
			continue;
		slices += check_shipped(files.gl_pathv[i]);
		scenarios++;
	}
	globfree(&files);
	assert_in_range(scenarios, 100, SIZE_MAX);
	assert_in_range(slices, 30000, SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
