#ifndef SIM_REPORT_HOST_USE_H
#define SIM_REPORT_HOST_USE_H

/*
 * What each host had in use over the time of one replication, in equal parts of it: the mean over
 * the part of cores (busy) and of memory bandwidth (by what prices move, evenly over each step), and
 * the memory that is in use at the part's end.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum host_resource { HOST_CORES, HOST_MEMORY, HOST_BANDWIDTH, HOST_RESOURCES };

struct host_use {
	size_t hosts, parts;
	double part_ns;
	double most[HOST_RESOURCES]; /* that a host has: cores, bytes, bytes per s; 0: any amount */
	double *used[HOST_RESOURCES]; /* the same, [host * parts + part]; owned */
};

bool host_use_init(struct host_use *use, size_t hosts, size_t parts, struct error *error);
void host_use_fini(struct host_use *use);

#endif
