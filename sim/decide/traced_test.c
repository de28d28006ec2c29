/* The table of functions, and what a file tells of prices by it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "decide/traced.h"

/* Every row tells a price that a model has, in a unit that its amount fits. */
static void test_table(void **state)
{
	(void)state;
	assert_true(term_function_count > 40);
	for (size_t i = 0; i < term_function_count; i++) {
		const struct term_function *row = &term_function_table[i];
		const struct term *term = traced_term(NULL, row->term);

		if (!term || (row->also && !traced_term(NULL, row->also)) ||
		    (row->less && !traced_term(NULL, row->less)))
			fail_msg("%s: no model has %s, %s or %s", row->function, row->term,
				 row->also ? row->also : "-", row->less ? row->less : "-");
		if (row->amount != AMOUNT_CALL && term_unit_bytes(term) == 0)
			fail_msg("%s: %s is a price per call", row->function, row->term);
		if (!row->which != !row->value || (row->arguments && !row->probe))
			fail_msg("%s: half of a pair is missing", row->function);
		for (size_t other = 0; other < i; other++) {
			const struct term_function *before = &term_function_table[other];

			if (strcmp(before->function, row->function) == 0 &&
			    strcmp(before->term, row->term) == 0 && before->which == row->which)
				fail_msg("%s: %s stands twice", row->function, row->term);
		}
	}
}

static void read_text(struct foreign *foreign, enum foreign_format format, const char *text)
{
	struct error error = { 0 };
	char path[64];
	int file = memfd_create("text", 0);

	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (!foreign_read(foreign, format, path, 1, &error))
		fail_msg("%s", error.message);
	close(file);
}

static struct traced find(const struct foreign *foreign, struct traced_options options)
{
	struct error error = { 0 };
	struct traced traced;

	if (options.page_bytes == 0)
		options.page_bytes = 4096;
	if (!traced_find(foreign, &options, &traced, &error))
		fail_msg("%s", error.message);
	return traced;
}

static void refuses(const struct foreign *foreign, struct traced_options options,
		    const char *message)
{
	struct error error = { 0 };
	struct traced traced;

	if (options.page_bytes == 0)
		options.page_bytes = 4096;
	assert_false(traced_find(foreign, &options, &traced, &error));
	traced_fini(&traced);
	if (!strstr(error.message, message))
		fail_msg("%s: is not: %s", error.message, message);
}

static void test_functions(void **state)
{
	struct foreign foreign;
	struct traced traced;

	(void)state;
	read_text(&foreign, FOREIGN_FTRACE,
		  " 0) 100.0 us | unmap_page_range(addr=0x0, end=0x400000);\n"
		  " 0) 1.0 us | unmap_page_range(addr=0x0, end=0x0);\n"
		  " 0) 5.0 us | exit_mmap();\n 0) 7.0 us | strange();\n"
		  " 0) 9.0 us | __sev_do_cmd_locked(cmd=0x30);\n"
		  " 0) 8.0 us | __sev_do_cmd_locked(cmd=32);\n");
	traced = find(&foreign, (struct traced_options){ .architecture = "x86_64" });
	assert_int_equal(traced.count, 3);
	assert_string_equal(traced.terms[0].name, "mm.free_4k");
	assert_string_equal(traced.terms[0].also, "mm.free_page");
	assert_int_equal(traced.terms[0].count, 1);
	assert_int_equal(traced.terms[0].left_out, 1);
	assert_true(traced.terms[0].points[0].amount == 1024);
	assert_string_equal(traced.terms[1].name, "psp.launch_start");
	assert_true(traced.terms[1].points[0].mean_ns == 9000);
	assert_string_equal(traced.terms[2].name, "psp.decommission");
	assert_int_equal(traced.note_count, 1); /* exit_mmap: how much each did is not told */
	traced_fini(&traced);
	traced = find(&foreign, (struct traced_options){ .model = model_find("s390-pv") });
	assert_string_equal(traced.terms[0].name, "mm.free_page");
	assert_int_equal(traced.count, 1);
	traced_fini(&traced);
	traced = find(&foreign,
		      (struct traced_options){ .page_bytes = 0x1p21, .architecture = "arm64" });
	assert_string_equal(traced.terms[0].name, "mm.free_2m");
	assert_true(traced.terms[0].points[0].amount == 2);
	traced_fini(&traced);
	traced = find(&foreign, (struct traced_options){
					.term = "mm.free_1g", .only = "exit_mmap", .per = "4GiB" });
	assert_true(traced.terms[0].points[0].amount == 4);
	traced_fini(&traced);
	refuses(&foreign, (struct traced_options){ .term = "mm.free_4k" },
		"several things were measured");
	refuses(&foreign, (struct traced_options){ .term = "mm.free_4k", .only = "strange" },
		"how much each call of strange did");
	refuses(&foreign, (struct traced_options){ .term = "mm.free_4k", .only = "none" },
		"nothing of the name");
	refuses(&foreign,
		(struct traced_options){ .term = "kernel.exit", .only = "strange", .per = "4GiB" },
		"price per call");
	refuses(&foreign,
		(struct traced_options){ .term = "psp.df_flush", .model = model_find("kvm") },
		"no term");
	foreign_fini(&foreign);
}

static void test_maps(void **state)
{
	const struct traced_name name = { "ns", "exit_mmap" };
	struct foreign foreign;
	struct traced traced;

	(void)state;
	read_text(&foreign, FOREIGN_BPFTRACE,
		  "@ns: \n[1K, 2K)  10 |@@|\n[2K, 4K)  10 |@@|\n"
		  "@st: count 20, average 2000, total 40000\n"
		  "@munmap[4096]: count 1, average 900, total 900\n"
		  "@munmap[8192]: count 2, average 1500, total 3000\n");
	traced = find(&foreign, (struct traced_options){ .only = "munmap" });
	assert_int_equal(traced.terms[0].count, 2);
	assert_true(traced.terms[0].points[1].amount == 2 && traced.terms[0].points[1].count == 2);
	traced_fini(&traced);
	/* sums of as many calls beside a histogram tell its mean; they are not read twice */
	traced =
		find(&foreign, (struct traced_options){
				       .only = "ns", .per = "1", .names = &name, .name_count = 1 });
	assert_int_equal(traced.terms[0].count, 1);
	assert_true(traced.terms[0].points[0].mean_ns == 2000 &&
		    traced.terms[0].points[0].low_ns == 2000);
	assert_true(traced.terms[0].points[0].deviation_ns > 500);
	traced_fini(&traced);
	foreign_fini(&foreign);
	read_text(&foreign, FOREIGN_BPFTRACE, "@ns: \n[1K, 2K)  10 |@@|\n[2K, ...)  10 |@@|\n");
	refuses(&foreign, (struct traced_options){ .term = "kernel.exit" }, "no upper end");
	foreign_fini(&foreign);
}

/* What each call did, as the user says it: an argument, a size, a number of units, the key of a map. */
static void test_per(void **state)
{
	struct foreign foreign;
	struct traced traced;

	(void)state;
	read_text(&foreign, FOREIGN_FTRACE, " 0) 10.0 us | strange(len: 8192);\n");
	traced = find(&foreign, (struct traced_options){ .term = "mm.free_4k", .per = "len" });
	assert_true(traced.terms[0].points[0].amount == 2);
	assert_null(traced.terms[0].function);
	traced_fini(&traced);
	traced = find(&foreign, (struct traced_options){ .term = "mm.free_4k", .per = "512" });
	assert_true(traced.terms[0].points[0].amount == 512);
	traced_fini(&traced);
	traced = find(&foreign, (struct traced_options){ .term = "my.own", .per = "4KiB" });
	assert_null(traced.terms[0].term); /* a page of 4 KiB, when nobody has it */
	assert_true(traced.terms[0].points[0].amount == 1);
	traced_fini(&traced);
	refuses(&foreign, (struct traced_options){ .term = "mm.free_4k", .per = "16Gx" },
		"--per: \"16Gx\" is neither a size (16GiB) nor a number of units");
	refuses(&foreign, (struct traced_options){ .term = "mm.free_4k", .per = "end - addr" },
		"how much each call of strange did is not told");
	refuses(&foreign, (struct traced_options){ .term = "mm.free_4k", .per = "key" },
		"how much each call of strange did is not told");
	refuses(&foreign, (struct traced_options){ 0 }, "no function in it tells a price");
	foreign_fini(&foreign);

	read_text(&foreign, FOREIGN_BPFTRACE,
		  "@sizes[qemu, 8192]: count 2, average 1500, total 3000\n"
		  "@sizes[qemu, many]: count 2, average 1500, total 3000\n"
		  "@sizes[4096x]: count 4, average 1500, total 6000\n");
	traced = find(&foreign, (struct traced_options){ .term = "mm.free_4k", .per = "key" });
	assert_int_equal(traced.terms[0].count, 1);
	assert_true(traced.terms[0].points[0].amount == 2);
	assert_int_equal(traced.terms[0].left_out, 6); /* their keys are no numbers */
	traced_fini(&traced);
	foreign_fini(&foreign);
}

/* Two columns are sizes and durations, one column durations of single calls. */
static void test_tables(void **state)
{
	struct foreign foreign;
	struct traced traced;

	(void)state;
	read_text(&foreign, FOREIGN_CSV, "1,5000\n2,9000\n");
	traced = find(&foreign,
		      (struct traced_options){ .term = "mm.free_4k", .size = 1024 * 1024 });
	assert_true(traced.terms[0].points[1].amount == 512);
	traced_fini(&traced);
	refuses(&foreign, (struct traced_options){ .term = "kernel.exit", .size = 4096 },
		"kernel.exit is a price per call: give --x calls");
	foreign_fini(&foreign);
	read_text(&foreign, FOREIGN_CSV, "5000\n9000\n");
	traced = find(&foreign, (struct traced_options){ .term = "mm.free_4k" });
	assert_true(traced.terms[0].count == 2 && traced.terms[0].points[1].amount == 1);
	traced_fini(&traced);
	foreign_fini(&foreign);
}

/* What is to be said which one of them it is: each once. */
static void test_several(void **state)
{
	char text[4096] = "";
	size_t length = 0;
	struct foreign foreign;

	(void)state;
	read_text(&foreign, FOREIGN_BPFTRACE,
		  "@a[1]: count 1, average 9, total 9\n@a[2]: count 1, average 9, total 9\n"
		  "@b: count 1, average 9, total 9\n");
	refuses(&foreign, (struct traced_options){ .term = "kernel.exit" },
		"several things were measured: a, b; say by --only which one is kernel.exit");
	foreign_fini(&foreign);
	for (int i = 0; i < 40; i++) /* no more of them than fit */
		length += (size_t)snprintf(
			text + length, sizeof(text) - length,
			"@a_map_of_a_long_name_%d: count 1, average 9, total 9\n", i);
	read_text(&foreign, FOREIGN_BPFTRACE, text);
	refuses(&foreign, (struct traced_options){ .term = "kernel.exit" },
		"a_map_of_a_long_name_0, a_map_of_a_long_name_1");
	foreign_fini(&foreign);
}

/* Means of bins: evenly spread on a logarithmic scale, but from 0 on, and where a bin is one value. */
static void test_bins(void **state)
{
	struct foreign foreign;
	struct traced traced;

	(void)state;
	read_text(&foreign, FOREIGN_BPFTRACE, "@ns: \n[0, 2)  4 |@@|\n[2, 4)  0 |  |\n");
	traced = find(&foreign, (struct traced_options){ .term = "kernel.exit" });
	assert_int_equal(traced.terms[0].count, 1);
	assert_true(
		traced.terms[0].points[0].count == 4 && traced.terms[0].points[0].mean_ns == 1 &&
		traced.terms[0].points[0].low_ns == 0 && traced.terms[0].points[0].high_ns == 2);
	traced_fini(&traced);
	foreign_fini(&foreign);

	/* the last bin is open: sums of as many calls tell its mean when their names belong together */
	read_text(&foreign, FOREIGN_BPFTRACE,
		  "@ns_hist: \n[1K, 2K)  10 |@@|\n[2K, ...)  10 |@@|\n"
		  "@ns: count 20, average 5000, total 100000\n");
	traced = find(&foreign, (struct traced_options){ .term = "kernel.exit" });
	assert_true(traced.terms[0].count == 1 && traced.terms[0].points[0].mean_ns == 5000);
	traced_fini(&traced);
	foreign_fini(&foreign);
	read_text(&foreign, FOREIGN_BPFTRACE,
		  "@hist: \n[1K, 2K)  10 |@@|\n[2K, ...)  10 |@@|\n"
		  "@other: count 20, average 5000, total 100000\n");
	refuses(&foreign, (struct traced_options){ .term = "kernel.exit", .only = "hist" },
		"no upper end");
	foreign_fini(&foreign);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),  cmocka_unit_test(test_functions),
		cmocka_unit_test(test_maps),   cmocka_unit_test(test_per),
		cmocka_unit_test(test_tables), cmocka_unit_test(test_several),
		cmocka_unit_test(test_bins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
