#ifndef SIM_FOREIGN_FOREIGN_PARTS_H
#define SIM_FOREIGN_FOREIGN_PARTS_H

/* What readers of formats share; private to this folder. */

#include <stdint.h>
#include <stdio.h>

#include "foreign/foreign.h"
#include "foreign/words.h"

/* What a reader of lines says of one. */
enum taken { NOT_MINE, TAKEN, REFUSED /* the error is set */ };

/* A call that has begun, of a task that the tracer names. */
struct open_call {
	char task[FOREIGN_NAME_MAX], name[FOREIGN_NAME_MAX];
	int64_t begin_ns;
	size_t arguments;
};

/* The task that is known to run on a CPU. */
struct cpu_task {
	char cpu[32], task[FOREIGN_NAME_MAX];
};

struct reader {
	struct foreign *foreign;
	struct error *error;
	size_t line; /* its number */
	double unit_ns;
	struct open_call *open; /* in the order in which they began */
	size_t open_count, open_capacity;
	struct cpu_task *cpus;
	size_t cpu_count, cpu_capacity;
	struct foreign_series *map; /* of which further lines may come */
	bool in_key;                /* within the key of a map that has several lines */
	int columns;                /* of a table of numbers; -1: only its heading was seen */
	int table;                  /* enum table_kind (tables.c): which table goes on */
};

/* "path:line: error: message". Returns REFUSED. */
enum taken refuse(const struct reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
#define MEMORY_TAKEN(ok) ((ok) ? TAKEN : REFUSED)

/* The series of that name and key, a new one when there is none; NULL on error. */
struct foreign_series *series_of(struct reader *reader, const char *name, const char *key);
void series_free(struct foreign_series *series);
/* Always a new one. */
struct foreign_series *series_new(struct reader *reader, const char *name, const char *key);

enum taken add_call(struct reader *reader, const char *name, double duration_ns, double amount,
		    size_t arguments);
bool add_bin(struct reader *reader, struct foreign_series *series, struct foreign_bin bin);

/* Keep a text of `length` bytes; 0 on error. */
size_t keep_text(struct reader *reader, const char *text, size_t length);

/* A call begins, and ends: the latest of that name and task that has begun; `found` may be NULL. */
enum taken call_begins(struct reader *reader, const char *task, const char *name, int64_t now_ns,
		       const char *arguments, size_t length);
bool call_ends(struct reader *reader, const char *task, const char *name, struct open_call *found);

/* Readers of lines; each knows its own. */
enum taken csv_line(struct reader *reader, char *line);
enum taken bpftrace_line(struct reader *reader, char *line);
enum taken perf_trace_line(struct reader *reader, char *line);
enum taken event_line(struct reader *reader, char *line);
enum taken table_line(struct reader *reader, char *line);
enum taken graph_line(struct reader *reader, char *line);
/* The part of a line of the function graph behind its first columns. */
enum taken graph_part(struct reader *reader, const char *task, char *part);

#endif
