#ifndef SIM_SCENARIO_TRACE_H
#define SIM_SCENARIO_TRACE_H

/*
 * A trace of VMs: a CSV file, gzip or plain, with a heading that names the columns
 * arrival_s, vcpus, memory_gib and lifetime_s in any order (others are ignored). An empty
 * lifetime: the VM outlives the trace. Lines need not be in order of arrival.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct trace_line {
	int64_t arrival_ns, lifetime_ns; /* lifetime negative: none */
	int64_t vcpus, memory_bytes;     /* memory: a multiple of 4 KiB */
	size_t line;                     /* of the file */
};

struct trace {
	struct trace_line *lines; /* by arrival, then by line; owned */
	size_t count, capacity;
};

/* Errors name file and line. On failure nothing is owned. */
bool trace_read(struct trace *trace, const char *path, struct error *error);

/* The same of text in memory, which messages call `path`. */
bool trace_read_text(struct trace *trace, const char *path, const char *text, struct error *error);
void trace_fini(struct trace *trace);

#endif
