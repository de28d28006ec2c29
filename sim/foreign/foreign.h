#ifndef SIM_FOREIGN_FOREIGN_H
#define SIM_FOREIGN_FOREIGN_H

/*
 * What other programs have measured: files of tracers, read into one form.
 *
 * A file is read whole or refused with its line: a line is one of those that its format has
 * (what a tracer says beside its figures among them), or an error. Memory is bounded: a line has
 * at most 64 KiB, a file at most FOREIGN_CALLS_MAX calls.
 *
 * Formats are documented by their programs: bpftrace(8); perf-trace(1), perf-script(1) and
 * perf-ftrace(1); the kernel's Documentation/trace/ftrace.rst and trace-cmd-report(1).
 */

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { FOREIGN_CALLS_MAX = 1 << 22, FOREIGN_TEXTS_MAX = 1 << 28, FOREIGN_NAME_MAX = 256 };

/* One call that was timed. */
struct foreign_call {
	double duration_ns;
	double amount;    /* that a table says beside it, in its unit; NAN: nothing is said */
	size_t arguments; /* where its arguments stand in `texts`; 0: none are known */
	size_t line;
};

/* So many calls took low_ns at least and less than high_ns (equal: exactly that; or INFINITY). */
struct foreign_bin {
	double low_ns, high_ns, count;
};

/* Calls of which only sums are told. */
struct foreign_total {
	double count; /* 0: there is none */
	double mean_ns;
	double low_ns, high_ns; /* where the mean lies, as its figures are rounded */
	double deviation_ns;    /* standard deviation of single calls; NAN: not told */
};

/* What a tracer told of one function, system call or map. */
struct foreign_series {
	char *name;  /* "": the file does not say */
	char *key;   /* of a map with keys, "t, 16777216"; NULL: none */
	size_t line; /* its first */
	struct foreign_call *calls;
	size_t call_count, call_capacity;
	struct foreign_bin *bins;
	size_t bin_count, bin_capacity;
	struct foreign_total total;
};

struct foreign {
	char *path;
	struct foreign_series **series; /* in the order of their first lines */
	size_t count, capacity;
	char *texts; /* begins with an empty one */
	size_t texts_length, texts_capacity;
	size_t call_count;         /* of all series */
	size_t failed, unfinished; /* calls that ended in an error; that began or ended outside */
	size_t lost;               /* lines that say that events are lost */
	void *index;               /* of series by name and key */
};

/* Names of the formats, which end with NULL, and what each is. */
enum foreign_format { FOREIGN_CSV, FOREIGN_BPFTRACE, FOREIGN_PERF, FOREIGN_FTRACE };
extern const char *const foreign_format_names[];

/*
 * Read a file ("-": standard input). `unit_ns` is that of durations that have none in their format
 * (csv, bpftrace). Errors name file and line. On failure nothing is owned.
 */
bool foreign_read(struct foreign *foreign, enum foreign_format format, const char *path,
		  double unit_ns, struct error *error);
void foreign_fini(struct foreign *foreign);

/*
 * What the arguments of a call say of an amount: a name ("len": the value behind "len:" or "len=")
 * or a difference of two ("end - addr"). False when they do not say it, or when it is below zero.
 */
bool foreign_amount(const struct foreign *foreign, const struct foreign_call *call,
		    const char *expression, double *amount);

#endif
