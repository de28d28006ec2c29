#ifndef SIM_IMPORT_IMPORT_H
#define SIM_IMPORT_IMPORT_H

/*
 * A trace on its way in: formats add VMs and say what they leave out and what they assume.
 * 32 bytes a VM, as much again while they are sorted, for at most IMPORT_VMS_MOST (1 GiB in all), as
 * many as sim reads; more need a share or a window of time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/lines.h"
#include "import/trace_import.h"

enum { IMPORT_VMS_MOST = 1 << 24, TALLY_MOST = 32 };

#define OUTLIVES  INT64_MAX    /* an end that the trace does not see */
#define IMPORT_NS 1000000000LL /* of a second */

struct vm {
	int64_t arrival_ns, end_ns; /* since the trace's begin; arrival negative: it ran before */
	int64_t memory_bytes;
	int32_t vcpus;
	uint32_t serial; /* of the VM in the files; names its random numbers */
};

/* How often what happened, and where for the first time. */
struct tally {
	struct {
		const char *what; /* constant text */
		size_t count, line;
		const char *path; /* NULL: of no file */
	} rows[TALLY_MOST];
	size_t count;
};

struct import {
	const struct trace_format *format;
	const struct trace_options *options;
	struct vm *vms;
	size_t count, capacity;
	size_t rows;         /* lines of the files with something in them */
	size_t offered;      /* VMs that formats added, kept or not */
	size_t not_in_share; /* things whose name does not belong to the share */
	struct tally left_out, assumed, remarks;
	struct error *error;
};

/* Things with this name belong to the share that is wanted. Counts the others. */
bool import_in_share(struct import *import, uint64_t name_hash);

/* FNV-1a of a text, to name things; `hash` continues one (0: begins). */
uint64_t import_hash(uint64_t hash, const char *text);

/* What stands on this line is left out: why. Constant text. */
void import_leave_out(struct import *import, const struct lines *lines, const char *why);

/*
 * One VM more of which something was made up or rounded; `lines` NULL: not of a line. Constant
 * text that goes on from "12".
 */
void import_assume(struct import *import, const struct lines *lines, const char *what);

/* The same of the trace as a whole: a sentence. */
void import_remark(struct import *import, const char *what);

/* Nanoseconds of seconds; false: not representable. */
bool import_seconds(double seconds, int64_t *ns);

/* Two uniform numbers of the VM that is added next. */
void import_draw(const struct import *import, double u[2]);

/* vCPUs (rounded up to whole ones) and bytes of a VM; false: left out, and why is said. */
bool import_sizes(struct import *import, const struct lines *lines, double vcpus,
		  double memory_bytes, struct vm *vm);

/* One more VM; false: an error, there are too many. It may be left out by the options. */
bool import_add(struct import *import, const struct lines *lines, struct vm vm);

/* Reads the cells of a row; false: an error. */
struct table;
typedef bool row_reader(struct import *import, const struct table *table, const struct lines *lines,
			void *context);

/* Read all rows of a table; one of another width is left out. Returns false after an error. */
bool import_rows(struct import *import, struct table *table, const char *path, row_reader *read,
		 void *context);

/* Bytes in the unit of the memory column, which is GiB unless the options say something else. */
double import_memory_unit(const struct import *import);

/* account.c */
void account_print(const struct import *import, const char *const *paths, size_t files,
		   const char *out_path, FILE *out);

/* Formats. */
bool azure2017_read(struct import *import, const char *const *paths, size_t count);
bool azure2019_read(struct import *import, const char *const *paths, size_t count);
bool azure_bins_read(struct import *import, const char *const *paths, size_t count);
bool google2019_read(struct import *import, const char *const *paths, size_t count);
bool alibaba2018_read(struct import *import, const char *const *paths, size_t count);
bool own_read(struct import *import, const char *const *paths, size_t count);

#endif
