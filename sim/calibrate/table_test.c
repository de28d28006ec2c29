#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/check.h"
#include "calibrate/table.h"
#include "flow/model.h"

static bool is_term(const char *name)
{
	for (size_t m = 0; m < model_table_count; m++)
		for (size_t t = FIRST_TERM; t < model_table[m]->term_count; t++)
			if (strcmp(model_table[m]->terms[t].name, name) == 0)
				return true;
	return false;
}

static void every_price_is_a_term_of_some_model(void **state)
{
	(void)state;
	for (size_t p = 0; p < price_rule_count; p++) {
		const struct price_rule *rule = &price_rules[p];

		if (!is_term(rule->term))
			fail_msg("no model has the term %s", rule->term);
		assert_int_not_equal(rule->addends[0].part, PART_NONE);
		for (size_t other = 0; other < p; other++) /* once on each architecture */
			if (strcmp(price_rules[other].term, rule->term) == 0)
				assert_int_not_equal(price_rule_needs(&price_rules[other]) &
							     (NEED_X86 | NEED_ARM64),
						     price_rule_needs(rule) &
							     (NEED_X86 | NEED_ARM64));
	}
	for (size_t i = 0; i < check_row_count; i++)
		for (size_t t = 0; t < 4 && check_rows[i].terms[t]; t++)
			if (!is_term(check_rows[i].terms[t]))
				fail_msg("no model has the term %s", check_rows[i].terms[t]);
}

static void every_measurement_is_whole(void **state)
{
	(void)state;
	for (size_t m = 0; m < MEASUREMENTS; m++) {
		const struct measurement *measurement = &measurements[m];
		size_t sizes = measurement_sizes(measurement);

		assert_non_null(measurement->name);
		assert_non_null(measurement->summary);
		assert_non_null(measurement->unit);
		assert_non_null(measurement->trial.work);
		assert_true(measurement->unit_size > 0 && sizes > 0);
		assert_int_equal(measurement->needs >> NEEDS, 0);
		for (size_t i = 0; i < sizes; i++) {
			assert_int_equal(measurement->sizes[i] % measurement->unit_size, 0);
			assert_true(i == 0 || measurement->sizes[i] > measurement->sizes[i - 1]);
		}
		for (size_t other = 0; other < m; other++)
			assert_string_not_equal(measurements[other].name, measurement->name);
		assert_true(!(measurement->trial.processes > 1) ||
			    measurement->needs & (NEED_TWO_CPUS | NEED_FOUR_CPUS));
	}
}

/* A fixed part is that of a line, which has several sizes. */
static void parts_exist(void **state)
{
	(void)state;
	for (size_t p = 0; p < price_rule_count; p++)
		for (size_t i = 0; i < ADDENDS_MOST && price_rules[p].addends[i].part; i++)
			assert_true(
				price_rules[p].addends[i].part == PART_SLOPE ||
				measurement_is_line(&measurements[price_rules[p].addends[i].of]));
}

static char *whole_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
	fclose(file);
	return text;
}

static void the_page_has_the_tables(void **state)
{
	char *page = whole_file(SOURCE_DIR "/docs/calibrate.md"), *tables = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&tables, &size);

	(void)state;
	assert_non_null(out);
	tables_print(out);
	assert_int_equal(fclose(out), 0);
	if (!strstr(page, tables))
		fail_msg("the tables of docs/calibrate.md are not those of `sim calibrate --list`");
	free(tables);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_price_is_a_term_of_some_model),
		cmocka_unit_test(every_measurement_is_whole),
		cmocka_unit_test(parts_exist),
		cmocka_unit_test(the_page_has_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
