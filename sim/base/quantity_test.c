#include "base/quantity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int64_t integer(const char *text, enum quantity_kind kind)
{
	struct error error = { 0 };
	int64_t value = -1;

	if (!quantity_read_integer(text, kind, &value, &error))
		fail_msg("%s", error.message);
	return value;
}

static double real(const char *text, enum quantity_kind kind)
{
	struct error error = { 0 };
	double value = -1;

	if (!quantity_read(text, kind, &value, &error))
		fail_msg("%s", error.message);
	return value;
}

static void refuse(const char *text, enum quantity_kind kind, const char *part)
{
	struct error error = { 0 };
	int64_t value = 0;

	if (quantity_read_integer(text, kind, &value, &error))
		fail_msg("\"%s\" is read as %lld", text, (long long)value);
	assert_int_equal(error.kind, ERROR_INPUT);
	if (!strstr(error.message, part))
		fail_msg("\"%s\": \"%s\" lacks \"%s\"", text, error.message, part);
}

static void test_units(void **state)
{
	(void)state;
	assert_int_equal(integer("0B", QUANTITY_BYTES), 0);
	assert_int_equal(integer("64GiB", QUANTITY_BYTES), INT64_C(64) << 30);
	assert_int_equal(integer("64 GiB", QUANTITY_BYTES), INT64_C(64) << 30);
	assert_int_equal(integer("4 GB", QUANTITY_BYTES), 4000000000);
	assert_int_equal(integer("1.5kB", QUANTITY_BYTES), 1500);
	assert_int_equal(integer("3PiB", QUANTITY_BYTES), INT64_C(3) << 50);
	assert_int_equal(integer("1.5us", QUANTITY_DURATION), 1500);
	assert_int_equal(integer("2 min", QUANTITY_DURATION), 120000000000);
	assert_int_equal(integer("1d", QUANTITY_DURATION), INT64_C(86400000000000));
	assert_int_equal(integer("7\xc2\xb5s", QUANTITY_DURATION), 7000); /* micro sign */
	assert_int_equal(integer("7\xce\xbcs", QUANTITY_DURATION), 7000); /* Greek mu */
	assert_true(real("250MB/s", QUANTITY_BANDWIDTH) == 250e6);
	assert_true(real("1 GiB/s", QUANTITY_BANDWIDTH) == 0x1p30);
	assert_true(real("36/h", QUANTITY_RATE) == 36 / 3600.0);
	assert_true(real("0.5ns", QUANTITY_DURATION) == 0.5);
}

static void test_exact(void **state)
{
	(void)state;
	assert_int_equal(integer("9223372036854775807B", QUANTITY_BYTES), INT64_MAX);
	assert_int_equal(integer("9007199254740993B", QUANTITY_BYTES), 9007199254740993);
	assert_int_equal(integer("9007199254740993.0B", QUANTITY_BYTES), 9007199254740993);
	assert_int_equal(integer("0.4ns", QUANTITY_DURATION), 0);
	assert_int_equal(integer("2.5ns", QUANTITY_DURATION), 3);
	refuse("9223372036854775808B", QUANTITY_BYTES, "too large");
	refuse("9223372036854775807.5ns", QUANTITY_DURATION, "too large");
	refuse("8192PiB", QUANTITY_BYTES, "too large");
	refuse("106752d", QUANTITY_DURATION, "too large");
	refuse("99999999999999999999999999999999B", QUANTITY_BYTES, "too large");
}

static void test_refused(void **state)
{
	static const char *const bad[] = { "",      " ",     "GiB",   "-1GiB",  "+1GiB",
					   "1.GiB", ".5GiB", " 1GiB", "nothing" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuse(bad[i], QUANTITY_BYTES, "(for example \"64GiB\")");
	refuse("64", QUANTITY_BYTES, "has no unit");
	refuse("64 GB/s", QUANTITY_BYTES, "\"64 GB/s\" is a bandwidth, a size is needed");
	refuse("3/h", QUANTITY_DURATION, "is a rate, a duration is needed");
	refuse("3GiB", QUANTITY_DURATION, "is a size, a duration is needed");
	refuse("3s", QUANTITY_BYTES, "is a duration, a size is needed");
	refuse("-1s", QUANTITY_DURATION, "is not a duration");
}

/* A unit that does not exist: those that may have been meant, or all that there are. */
static void test_units_named(void **state)
{
	static const char all[] = "; its units are B KiB MiB GiB TiB PiB kB MB GB TB";

	(void)state;
	refuse("64G", QUANTITY_BYTES, "unknown unit, a size is needed: 64GiB or 64GB?");
	refuse("1.5 G", QUANTITY_BYTES, ": 1.5GiB or 1.5GB?");
	refuse("64gb", QUANTITY_BYTES, ": 64GiB or 64GB?");
	refuse("64Gi", QUANTITY_BYTES, ": 64GiB?");
	refuse("1gib", QUANTITY_BYTES, ": 1GiB?");
	refuse("1k", QUANTITY_BYTES, ": 1KiB or 1kB?");
	refuse("1e3MiB", QUANTITY_BYTES, all);
	refuse("1,5GiB", QUANTITY_BYTES, all);
	refuse("0x10B", QUANTITY_BYTES, all);
	refuse("5sec", QUANTITY_DURATION, ": 5s?");
	refuse("5msec", QUANTITY_DURATION, ": 5ms?");
	refuse("5minutes", QUANTITY_DURATION, ": 5min?");
	refuse("5m", QUANTITY_DURATION, ": 5ms or 5min?");
	refuse("3/hour", QUANTITY_RATE, ": 3/h?");
}

static void test_infinite(void **state)
{
	struct error error = { 0 };
	char text[512];
	double value = 0;

	(void)state;
	memset(text, '9', 400);
	memcpy(text + 400, "PiB", 4);
	assert_false(quantity_read(text, QUANTITY_BYTES, &value, &error));
	assert_non_null(strstr(error.message, "too large"));
	assert_true(strlen(error.message) < 200);
}

static void assert_printed(void (*print)(FILE *, double), double value, const char *expected)
{
	char text[64] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	print(out, value);
	fclose(out);
	assert_string_equal(text, expected);
}

static void print_beside_limit(FILE *out, double bytes)
{
	quantity_print_bytes_beside(out, bytes, 1040 * 0x1p30);
}

static void print_beside_half(FILE *out, double bytes)
{
	quantity_print_bytes_beside(out, bytes, 1.5 * 0x1p40);
}

static void print_beside_odd(FILE *out, double bytes)
{
	quantity_print_bytes_beside(out, bytes, 12345678);
}

static void test_print(void **state)
{
	(void)state;
	assert_printed(quantity_print_bytes, 512, "512 B");
	assert_printed(quantity_print_bytes, 1.5 * 0x1p20, "1.500 MiB");
	assert_printed(quantity_print_bytes, 64 * 0x1p30, "64 GiB");
	assert_printed(print_beside_limit, 1040 * 0x1p30, "1040 GiB");
	assert_printed(print_beside_limit, 1029.7 * 0x1p30, "1030 GiB");
	assert_printed(print_beside_limit, 5 * 0x1p40, "5120 GiB");
	assert_printed(print_beside_limit, 0x1p20, "1 MiB");
	assert_printed(print_beside_limit, 3, "3 B");
	assert_printed(print_beside_half, 1.5 * 0x1p40, "1.500 TiB");
	assert_printed(print_beside_half, 0x1p40 + 0x1p30, "1.001 TiB");
	assert_printed(print_beside_odd, 12345678, "12345678 B");
	assert_printed(quantity_print_duration, 0, "0 ns");
	assert_printed(quantity_print_duration, 12340, "12.34 us");
	assert_printed(quantity_print_duration, 1.05e9, "1.050 s");
	assert_printed(quantity_print_duration, 133e9, "2 min 13.0 s");
	assert_printed(quantity_print_duration, 179.97e9, "3 min 00.0 s");
	assert_printed(quantity_print_duration, 99.996e3, "100.0 us");
	assert_printed(quantity_print_duration, 999.96e3, "1000 us");
	assert_printed(quantity_print_duration, 7260e9, "2 h 01 min");
}

static void test_format_exact(void **state)
{
	static const struct {
		enum quantity_kind kind;
		int64_t value;
		const char *text;
	} rows[] = {
		{ QUANTITY_BYTES, 0, "0B" },
		{ QUANTITY_BYTES, INT64_C(64) << 30, "64GiB" },
		{ QUANTITY_BYTES, 1000, "1000B" },
		{ QUANTITY_BYTES, INT64_MAX, "9223372036854775807B" },
		{ QUANTITY_DURATION, 0, "0s" },
		{ QUANTITY_DURATION, 1500, "1500ns" },
		{ QUANTITY_DURATION, 60000000000, "1min" },
		{ QUANTITY_DURATION, INT64_C(5400000000000), "90min" },
		{ QUANTITY_DURATION, 250000000, "250ms" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[32];

		quantity_format_exact(text, rows[i].kind, rows[i].value);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(integer(text, rows[i].kind), rows[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),        cmocka_unit_test(test_exact),
		cmocka_unit_test(test_refused),      cmocka_unit_test(test_units_named),
		cmocka_unit_test(test_infinite),     cmocka_unit_test(test_print),
		cmocka_unit_test(test_format_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
