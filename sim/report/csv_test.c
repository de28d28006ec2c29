/* The CSV of a result, parsed back. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "report/fixture.h"

/* Read one RFC 4180 cell from *cursor into `cell`; returns what ended it: ',' or '\n'. */
static char read_cell(const char **cursor, char *cell, size_t size)
{
	bool quoted = **cursor == '"';
	size_t used = 0;

	*cursor += quoted;
	while (**cursor) {
		char c = *(*cursor)++;

		if (quoted && c == '"' && **cursor == '"') {
			(*cursor)++;
		} else if (quoted && c == '"') {
			quoted = false;
			continue;
		} else if (!quoted && (c == ',' || c == '\n')) {
			cell[used] = '\0';
			return c;
		}
		assert_true(used + 1 < size);
		cell[used++] = c;
	}
	fail_msg("a row without an end");
	return '\0';
}

static void test_csv_parses_back(void **state)
{
	enum { COLUMNS = 19 };
	struct fixture fixture;
	char *bytes, cell[256];
	const char *cursor;

	(void)state;
	fixture_init(&fixture, HOSTILE);
	bytes = fixture_written(&fixture.result, "csv");
	cursor = bytes;
	for (int row = 0; row <= FIXTURE_METRICS; row++) {
		for (int column = 0; column < COLUMNS; column++) {
			char end = read_cell(&cursor, cell, sizeof(cell));

			assert_int_equal(end, column + 1 < COLUMNS ? ',' : '\n');
			if (row == 0)
				continue;
			if (column == 0)
				assert_string_equal(
					cell, "'=1+\"2\",\\x0a\\x1b[31m|<b>\\xe2\\x80\\xae\\xff");
			if (column == 3)
				assert_string_equal(cell, fixture.metrics[row - 1].name);
			if (column == 7 && row == 1)
				assert_string_equal(cell, "3000000000.25");
			if (column == 10) /* of the answer alone */
				assert_string_equal(cell,
						    row - 1 == FIXTURE_REBOOT ? "2000000000" : "");
			if (column == 15)
				assert_string_equal(cell, "");
		}
	}
	assert_int_equal(*cursor, '\0');
	free(bytes);
}

static void test_csv_disarms_formulas(void **state)
{
	static const char *const names[] = { "=a", "+a", "-a", "@a" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct fixture fixture;
		char *bytes, wanted[8];

		fixture_init(&fixture, names[i]);
		bytes = fixture_written(&fixture.result, "csv");
		snprintf(wanted, sizeof(wanted), "\n'%s,", names[i]);
		assert_non_null(strstr(bytes, wanted));
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv_parses_back),
		cmocka_unit_test(test_csv_disarms_formulas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
