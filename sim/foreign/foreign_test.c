/* Each format as its program writes it, and what is refused with its line. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/lines.h"
#include "foreign/foreign.h"

static void near(double value, double wanted, double tolerance)
{
	if (!(fabs(value - wanted) <= tolerance * fmax(1, fabs(wanted))))
		fail_msg("%.17g is not %.17g", value, wanted);
}

/* A file of these bytes, which the caller removes. */
static void write_file(char path[64], const void *bytes, size_t length)
{
	int file;

	snprintf(path, 64, "/tmp/sim-foreign-XXXXXX");
	file = mkstemp(path);
	assert_true(file >= 0);
	assert_int_equal(write(file, bytes, length), length);
	assert_int_equal(close(file), 0);
}

static bool read_bytes(struct foreign *foreign, enum foreign_format format, const void *bytes,
		       size_t length, struct error *error)
{
	char path[64];
	bool ok;

	*error = (struct error){ 0 };
	write_file(path, bytes, length);
	ok = foreign_read(foreign, format, path, 1, error);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ok, error->kind == ERROR_NONE);
	return ok;
}

static void read_text(struct foreign *foreign, enum foreign_format format, const char *text)
{
	struct error error;

	if (!read_bytes(foreign, format, text, strlen(text), &error))
		fail_msg("%s", error.message);
}

/* The text is refused: the message has the line and says this. */
static void refuses(enum foreign_format format, const char *text, const char *message)
{
	struct foreign foreign;
	struct error error;

	if (read_bytes(&foreign, format, text, strlen(text), &error))
		fail_msg("read: %s", text);
	if (!strstr(error.message, message))
		fail_msg("%s: is not: %s", error.message, message);
}

static const struct foreign_series *find(const struct foreign *foreign, const char *name)
{
	for (size_t i = 0; i < foreign->count; i++)
		if (strcmp(foreign->series[i]->name, name) == 0)
			return foreign->series[i];
	fail_msg("nothing of the name \"%s\"", name);
	return NULL;
}

static double duration(const struct foreign *foreign, const char *name, size_t i)
{
	const struct foreign_series *series = find(foreign, name);

	assert_true(i < series->call_count);
	return series->calls[i].duration_ns;
}

static double amount(const struct foreign *foreign, const char *name, size_t i,
		     const char *expression)
{
	const struct foreign_series *series = find(foreign, name);
	double value;

	assert_true(i < series->call_count);
	return foreign_amount(foreign, &series->calls[i], expression, &value) ? value : -1;
}

static void test_table(void **state)
{
	struct foreign foreign;

	(void)state;
	read_text(&foreign, FOREIGN_CSV,
		  "\xef\xbb\xbfGiB;s\r\n# remark\r\n\r\n16; 8.5\r\n32\t17\r\n");
	near(foreign.series[0]->calls[0].amount, 16, 0);
	near(foreign.series[0]->calls[1].duration_ns, 17, 0);
	assert_int_equal(foreign.series[0]->calls[1].line, 5);
	foreign_fini(&foreign);
	refuses(FOREIGN_CSV, "1,2\n3\n", ":2: error: one or two numbers");
	refuses(FOREIGN_CSV, "1,2\nx,3\n", ":2: error:");
	refuses(FOREIGN_CSV, "1,2,3\n", ":1: error:");
	refuses(FOREIGN_CSV, "a,b\nc,d\n", ":2: error:");
	refuses(FOREIGN_CSV, "1,inf\n2,3\n4,nan\n", ":3: error:");
	refuses(FOREIGN_CSV, "", ":1: error: there is no measurement");
	refuses(FOREIGN_CSV,
		"\xff\xfe"
		"1\n",
		":1: error: this is UTF-16");
}

static void test_bpftrace(void **state)
{
	const struct foreign_series *ns;
	struct foreign foreign;

	(void)state;
	read_text(&foreign, FOREIGN_BPFTRACE,
		  "Attaching 2 probes...\n\n@begin[12]: 5\n@ns[qemu, 4096]: \n"
		  "(..., 0)               0 |                          |\n"
		  "[0]                    1 |@                         |\n"
		  "[1]                    2 |@@                        |\n"
		  "[64K, 128K)            3 |@@@@@                     |\n"
		  "[1M, ...)              0 |                          |\n\n"
		  "@stack[\n    do_exit+12\n]: 7\n"
		  "@st: count 21, average 265552, total 5576596\n");
	ns = find(&foreign, "ns");
	assert_string_equal(ns->key, "qemu, 4096");
	assert_int_equal(ns->bin_count, 4);
	near(ns->bins[1].low_ns, 1, 0);
	near(ns->bins[1].high_ns, 1, 0);
	near(ns->bins[2].low_ns, 65536, 0);
	near(ns->bins[2].high_ns, 131072, 0);
	near(ns->bins[2].count, 3, 0);
	near(find(&foreign, "st")->total.mean_ns, 5576596 / 21.0, 1e-6);
	assert_int_equal(foreign.count, 2);
	foreign_fini(&foreign);
	refuses(FOREIGN_BPFTRACE, "@a: \n[4, 8)  12 |@@\n", ":2: error: this bin is cut off");
	refuses(FOREIGN_BPFTRACE, "@a: \n[4, 8)  12\n", ":2: error: this bin is cut off");
	refuses(FOREIGN_BPFTRACE, "@a: \n[4, 8\n", ":2: error: a bin of a histogram");
	refuses(FOREIGN_BPFTRACE, "[4, 8)  1 |@|\n", ":1: error: a bin without");
	refuses(FOREIGN_BPFTRACE, "@a: \n(..., 0)  1 |@|\n", ":2: error: durations below zero");
	refuses(FOREIGN_BPFTRACE, "@a: \n[8, 4)  1 |@|\n", ":2: error: the bounds of this bin");
	refuses(FOREIGN_BPFTRACE, "@a: count 3, average 5, total 1\n",
		":1: error: the average is not");
	refuses(FOREIGN_BPFTRACE, "@a: count 3, average 5\n",
		":1: error: count, average and total");
	refuses(FOREIGN_BPFTRACE, "@a[3: 5\n", ":1: error: the key");
	refuses(FOREIGN_BPFTRACE, "@a: \n[0] 1 |@|\n@a: \n[0] 1 |@|\n",
		":3: error: the map stands twice");
	refuses(FOREIGN_BPFTRACE, "@a: 5\n", "there is no measurement");
	refuses(FOREIGN_BPFTRACE, "hello\n", ":1: error: no line of bpftrace");
}

static void test_perf_trace(void **state)
{
	struct foreign foreign;

	(void)state;
	read_text(&foreign, FOREIGN_PERF,
		  "  ? (         ): t/9  ... [continued]: execve())        = 0\n"
		  "  46.530 ( 0.326 ms): t/9 munmap(addr: 0x7f00, len: 8192)   = 0\n"
		  "  47.0 (         ): CPU 0/KVM/7 ioctl(fd: 13</dev/kvm>, cmd: 0xae80)   ...\n"
		  "  47.1 ( 0.002 ms): (sd-pam)/8 close(fd: 3)    = 0\n"
		  "  47.2 ( 0.002 ms): t/9 close(fd: 33)    = -1 EBADF (Bad file descriptor)\n"
		  "  49.0 ( 2.001 ms): CPU 0/KVM/7  ... [continued]: ioctl())     = 0\n"
		  "  50.0 ( 0.003 ms): madvise(start: 0x10, len_in: 4096, behavior: 4) = 0\n"
		  "LOST 3 events!\n");
	near(duration(&foreign, "munmap", 0), 326000, 1e-6);
	near(amount(&foreign, "munmap", 0, "len"), 8192, 0);
	near(duration(&foreign, "ioctl", 0), 2001000, 1e-6);
	near(amount(&foreign, "ioctl", 0, "cmd"), 0xae80, 0);
	near(amount(&foreign, "madvise", 0, "len_in"), 4096, 0);
	assert_int_equal(find(&foreign, "close")->call_count, 1);
	assert_int_equal(foreign.failed, 1);
	assert_int_equal(foreign.lost, 1);
	foreign_fini(&foreign);
	refuses(FOREIGN_PERF, "  1.0 ( 0.3 ms): t/9 munmap(addr: 0x7f\n", ":1: error: the result");
	refuses(FOREIGN_PERF, "  1.0 ( 0.3 ms): t/9 mun\n", ":1: error: a system call");
	refuses(FOREIGN_PERF, "  1.0 (        ): t/9 munmap(len: 3\n", ":1: error: a call without");
	refuses(FOREIGN_PERF, "  1.0 ( 0.3\n", ":1: error: no line of perf");
}

static void test_summary(void **state)
{
	const struct foreign_series *munmap;
	struct foreign foreign;

	(void)state;
	read_text(&foreign, FOREIGN_PERF,
		  "\n Summary of events:\n\n t (1231), 178 events, 96.7%\n\n"
		  "   syscall            calls  errors  total       min       avg       max       "
		  "stddev\n"
		  "                                     (msec)    (msec)    (msec)    (msec)       "
		  " (%)\n"
		  "   --------------- --------  ------ -------- --------- --------- ---------     "
		  "------\n"
		  "   munmap                21      2     6.564     0.130     0.313     0.933     "
		  "12.67%\n");
	munmap = find(&foreign, "munmap");
	near(munmap->total.count, 21, 0);
	near(munmap->total.mean_ns, 6564000 / 21.0, 1e-6);
	/* the percentage is that of the mean: of single calls sqrt(21) as much */
	near(munmap->total.deviation_ns, 6564000 / 21.0 * 0.1267 * sqrt(21), 1e-3);
	assert_int_equal(foreign.failed, 2);
	foreign_fini(&foreign);
	refuses(FOREIGN_PERF,
		"syscall calls total min avg max stddev\n  munmap 21 6.5 0.1 0.3 0.9\n",
		":2: error: calls, errors, total");
	refuses(FOREIGN_PERF,
		"syscall calls errors total min avg max stddev\n"
		"  munmap 21 22 6.5 0.1 0.3 0.9 12%\n",
		":2: error: 22 errors in 21 calls cannot be");
}

static void test_events(void **state)
{
	struct foreign foreign;

	(void)state;
	read_text(&foreign, FOREIGN_PERF,
		  "# a heading\n"
		  " t  1 [001]  4227.100000: syscalls:sys_enter_munmap: addr: 0x7f00, len: "
		  "0x00002000\n"
		  " CPU 0/KVM  1/7 [000]  4227.100000: syscalls:sys_enter_munmap: addr: 0x7f00, "
		  "len: 0x4000\n"
		  " t  1 [001]  4227.100005:  syscalls:sys_exit_munmap: 0x0\n"
		  "\t          101a07 __munmap+0x7 (/usr/lib/libc.so.6)\n\n"
		  " CPU 0/KVM  1/7 [000]  4227.100009:  syscalls:sys_exit_munmap: "
		  "0xffffffffffffffea\n"
		  " t  1 [001] 4228.000000123: probe:exit_mmap: (ffffffff8129c3a0)\n"
		  " t  1 [001] 4228.000001123:    250000 cpu-clock: ffffffff8129c3a0 mmput\n"
		  " t  1 [001] 4228.000002125: probe:exit_mmap__return: (ffffffff8129c3a0 <- "
		  "ffffffff81088f4f)\n"
		  " t  1 4229.000000: probe:u: (ffffffff8129) addr=0x1000 end=0x3000\n"
		  " t  1 4229.000007: probe:u__return: (ffffffff8129 <- ffffffff81)\n");
	near(duration(&foreign, "munmap", 0), 5000, 0);
	near(amount(&foreign, "munmap", 0, "len"), 0x2000, 0);
	assert_int_equal(find(&foreign, "munmap")->call_count, 1);
	assert_int_equal(foreign.failed, 1);
	near(duration(&foreign, "exit_mmap", 0), 2002, 0);
	near(amount(&foreign, "u", 0, "end - addr"), 0x2000, 0);
	near(amount(&foreign, "u", 0, "end - nothing"), -1, 0);
	foreign_fini(&foreign);
	read_text(&foreign, FOREIGN_FTRACE,
		  "   qemu-kvm-26    (   26) [002] d..1.   5.000100: p_exit_mmap_0: "
		  "(exit_mmap+0x0/0x330)\n"
		  "   a-b-27   [003] .....   5.000150: sys_munmap(addr: 7f00, len: 0x1000)\n"
		  "   a-b-27   [003] .....   5.000190: sys_munmap -> 0x0\n"
		  "   qemu-kvm-26    [002] .....   5.052100: r_exit_mmap_0: (mmput+0x5f/0x160 <- "
		  "exit_mmap)\n");
	near(duration(&foreign, "exit_mmap", 0), 52e6, 0);
	near(duration(&foreign, "munmap", 0), 40e3, 0);
	foreign_fini(&foreign);
	refuses(FOREIGN_PERF,
		" t 1 [001] 5.2: syscalls:sys_enter_munmap: len: 1\n"
		" t 1 [001] 5.1: syscalls:sys_exit_munmap: 0x0\n",
		":2: error: the call ends before");
	refuses(FOREIGN_PERF, " t x [001] 5.2: syscalls:sys_enter_munmap: len: 1\n",
		":1: error: the number of a thread");
	refuses(FOREIGN_PERF, " t 1 [001] 5.2: probe:exit_mmap: (ffff\n", ":1: error: the place");
	refuses(FOREIGN_PERF, " t 1 [001] 5.2: sched\n", ":1: error: the name of an event");
}

static void test_graph(void **state)
{
	struct foreign foreign;

	(void)state;
	read_text(&foreign, FOREIGN_FTRACE,
		  "# tracer: function_graph\n#\n"
		  " 0)   2.478 us    |  } /* before */\n"
		  " 0)   1.5 us      |  }\n"
		  " 1)               |  exit_mmap() {\n"
		  " 0)               |  unmap(addr=0x1000, end=0x5000) {\n"
		  " 0)   0.410 us    |    leaf(x=1); /* = 0x0 */\n"
		  " 0)   ==========> |\n 0)   <========== |\n"
		  " 0)               |  /* sched_switch: { a | b } */\n"
		  " 0) # 1220.5 us   |  }\n"
		  " ------------------------------------------\n"
		  " 1)  qemu-48   =>  kworker-77\n"
		  " ------------------------------------------\n"
		  " 1)               |  exit_mmap() {\n"
		  " 1) + 14.250 us   |  } /* exit_mmap = 0x0 */\n"
		  " 1)  kworker-77   =>  qemu-48\n"
		  " 1) $ 3594274 us  |  } /* exit_mmap() */\n"
		  "CPU:1 [LOST 44 EVENTS]\n");
	near(duration(&foreign, "before", 0), 2478, 1e-9);
	near(duration(&foreign, "leaf", 0), 410, 1e-9);
	near(duration(&foreign, "unmap", 0), 1220500, 1e-6);
	near(amount(&foreign, "unmap", 0, "end - addr"), 0x4000, 0);
	near(duration(&foreign, "exit_mmap", 0), 14250, 1e-9);
	near(duration(&foreign, "exit_mmap", 1), 3594274e3, 0);
	assert_int_equal(find(&foreign, "exit_mmap")->call_count, 2);
	assert_int_equal(foreign.lost, 1);
	foreign_fini(&foreign);
	/* with times, tasks and flags: one stack for each task */
	read_text(&foreign, FOREIGN_FTRACE,
		  "  3.5 |   0)  a-48    |               |  f(n=1) {\n"
		  "  3.6 |   0)  b-49    | d..1. |       |  f(n=2) {\n"
		  "  3.7 |   0)  a-48    | ! 100.0 us    |  }\n"
		  "  3.8 |   0)  b-49    | d..1. | + 20.0 us |  }\n");
	near(amount(&foreign, "f", 0, "n"), 1, 0);
	near(duration(&foreign, "f", 0), 100e3, 0);
	near(amount(&foreign, "f", 1, "n"), 2, 0);
	foreign_fini(&foreign);
	read_text(&foreign, FOREIGN_FTRACE,
		  "CPU 1 is empty\ncpus=2\n"
		  " CPU 0/KVM-26  [000]  2.428: funcgraph_entry:                   |  outer() {\n"
		  " qemu-27  [000]  2.429: funcgraph_entry:        1.625 us   |    leaf();\n"
		  " CPU 0/KVM-26  [000]  2.430: funcgraph_exit:       ! 705.000 us |  }\n");
	near(duration(&foreign, "outer", 0), 705e3, 0);
	near(duration(&foreign, "leaf", 0), 1625, 1e-9);
	foreign_fini(&foreign);
	refuses(FOREIGN_FTRACE, " 0)               |  }\n", ":1: error: the duration of a call");
	refuses(FOREIGN_FTRACE, " 0)               |  f();\n", ":1: error: the duration of a call");
	refuses(FOREIGN_FTRACE, " 0)   1.0 us |  f()\n", ":1: error: { or ; is needed");
	refuses(FOREIGN_FTRACE, " 0)   1.0 u |  f();\n", ":1: error: a duration in us");
	refuses(FOREIGN_FTRACE, " 0)   1.0 us   f();\n", ":1: error: a bar is needed");
	refuses(FOREIGN_FTRACE, " 0)   =>  f\n", ":1: error: two tasks");
}

static void test_tables(void **state)
{
	const struct foreign_series *series;
	struct foreign foreign;

	(void)state;
	read_text(&foreign, FOREIGN_FTRACE,
		  "#   DURATION     |      COUNT | GRAPH      |\n"
		  "     0 - 1    us |          0 |            |\n"
		  "   512 - 1024 us |         12 | ######     |\n"
		  "  1.02 -    2 ms |          8 | ####       |\n"
		  "     1 - ...  s  |          0 |            |\n\n"
		  "# statistics  (in usec)\n  total time:    19000\n    avg time:   950\n"
		  "    max time:    1900\n    min time:   520\n       count:    20\n");
	series = find(&foreign, "");
	assert_int_equal(series->bin_count, 4);
	near(series->bins[1].high_ns, 1024e3, 0);
	near(series->bins[2].low_ns, 1.02e6, 1e-6);
	assert_true(isinf(series->bins[3].high_ns));
	near(series->total.mean_ns, 950e3, 1e-6);
	foreign_fini(&foreign);
	read_text(&foreign, FOREIGN_FTRACE,
		  "# Total (us)   Avg (us)   Max (us)      Count   Function\n"
		  "   41730.600   2086.530   4120.117         20   exit_mmap\n");
	near(find(&foreign, "exit_mmap")->total.mean_ns, 2086530, 1e-6);
	foreign_fini(&foreign);
	read_text(&foreign, FOREIGN_FTRACE,
		  "  Function        Hit    Time            Avg             s^2\n"
		  "  --------        ---    ----            ---             ---\n"
		  "  exit_mmap        20    ! 41730.60 us   # 2086.530 us   160000.0 us\n");
	near(find(&foreign, "exit_mmap")->total.deviation_ns, 400e3, 1e-6);
	foreign_fini(&foreign);
	refuses(FOREIGN_FTRACE, "# DURATION | COUNT | GRAPH |\n 0 - 1 us | 3 | #\n",
		":2: error: this bin is cut off");
	refuses(FOREIGN_FTRACE, "# DURATION | COUNT | GRAPH |\n 0 - 1 xs | 3 | # |\n",
		":2: error: a unit");
	refuses(FOREIGN_FTRACE, "Function Hit Time Avg s^2\n f 3 1.0 us 2.0 us\n",
		":2: error: time, average and variance");
}

/* What is no text, or too much of it. */
static void test_no_text(void **state)
{
	static char long_line[LINES_LENGTH_MOST + 1];
	struct foreign foreign;
	struct error error;

	(void)state;
	memset(long_line, '1', sizeof(long_line));
	for (int format = FOREIGN_CSV; format <= FOREIGN_FTRACE; format++) {
		assert_false(
			read_bytes(&foreign, (enum foreign_format)format, "1\n\0\n", 4, &error));
		assert_false(read_bytes(&foreign, (enum foreign_format)format, long_line,
					sizeof(long_line), &error));
		assert_non_null(strstr(error.message, ":1: error: the line is longer"));
	}
	error = (struct error){ 0 };
	assert_false(foreign_read(&foreign, FOREIGN_CSV, "/tmp", 1, &error));
	assert_non_null(strstr(error.message, "/tmp: error: this is a directory"));
	error = (struct error){ 0 };
	assert_false(foreign_read(&foreign, FOREIGN_CSV, "/no/such", 1, &error));
	assert_non_null(strstr(error.message, "/no/such: error: cannot open"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),      cmocka_unit_test(test_bpftrace),
		cmocka_unit_test(test_perf_trace), cmocka_unit_test(test_summary),
		cmocka_unit_test(test_events),     cmocka_unit_test(test_graph),
		cmocka_unit_test(test_tables),     cmocka_unit_test(test_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
