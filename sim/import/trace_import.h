#ifndef SIM_IMPORT_TRACE_IMPORT_H
#define SIM_IMPORT_TRACE_IMPORT_H

/*
 * Published traces of machines made into sim's own (scenario/trace.h): CSV with arrival_s, vcpus,
 * memory_gib, lifetime_s, by arrival. What was read, what was left out and why, and what was
 * assumed is the account, which belongs to the trace like its columns.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* What is done with VMs that ran when the trace began. */
enum running { RUNNING_KEEP, RUNNING_LEAVE_OUT };
extern const char *const running_names[];

/* Unit of a memory column that says none. */
enum memory_unit { MEMORY_AS_FORMAT, MEMORY_GIB, MEMORY_MIB, MEMORY_BYTES };
extern const char *const memory_unit_names[];

/* 0 stands for what the format says, unless something else is said. */
struct trace_options {
	double share;                 /* of the VMs, chosen by their names; 1: all */
	int64_t spread_ns;            /* negative: the format's resolution */
	int64_t from_ns, until_ns;    /* arrivals that are kept; until 0: to the end */
	int64_t end_ns;               /* a VM that ends then or later outlives the trace */
	double machine_cores;         /* what shares of a machine are shares of */
	int64_t machine_memory_bytes; /* likewise */
	int64_t largest_vcpus, largest_memory_bytes; /* stand for an open bucket */
	int64_t seed;
	int memory_unit; /* enum memory_unit */
	int running;     /* enum running */
};

struct import;

/* A published layout. One table lists them (trace_formats). */
struct trace_format {
	const char *name;
	const char *files;     /* what is read, in order: "vmtable.csv" */
	const char *summary;   /* one line */
	const char *source;    /* who publishes it, where, and its licence */
	size_t fewest, most;   /* files; most 0: any number */
	int64_t resolution_ns; /* times are multiples of it; 0: exact enough */
	int64_t end_ns;        /* when the published trace ends; 0: the format has no such time */
	bool shares;           /* sizes are shares of a machine: its size is needed */
	bool draws;            /* its reader places times within the resolution itself */
	bool (*read)(struct import *import, const char *const *paths, size_t count);
};

/* Ends with one without a name. */
extern const struct trace_format trace_formats[];

/* Their names, for options; ends with NULL. */
extern const char *const trace_format_names[];

/* What an import gave. */
struct trace_account;

/*
 * Read the files of the format, write the trace to `out_path` (as report/output.h does; gzip when
 * it ends in .gz) and the account to `account`.
 */
bool trace_import(const struct trace_format *format, const struct trace_options *options,
		  const char *const *paths, size_t count, const char *out_path, FILE *account,
		  struct error *error);

#endif
