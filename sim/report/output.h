#ifndef SIM_REPORT_OUTPUT_H
#define SIM_REPORT_OUTPUT_H

/* Files that are either whole or not there. */

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct output {
	FILE *stream;
	char *path;      /* the file that will be replaced; NULL: standard output */
	char *temporary; /* in the same folder; NULL: a device or pipe, written as it is */
};

/*
 * Open for writing; "-" (or NULL) is standard output. A folder is refused, the file behind a
 * symbolic link is replaced, devices and pipes are written directly.
 */
bool output_open(struct output *output, const char *path, struct error *error);

/*
 * Finish: flush, fsync, rename over the path, fsync the folder; standard output is
 * flushed and checked. When *error is set already the temporary file is removed.
 * Always releases everything. True when the file is in place.
 */
bool output_close(struct output *output, struct error *error);

/* Remove the temporary file of an output that is not finished; may be called by a signal handler. */
void output_discard(void);

/*
 * Writes a report: `what` is the struct of its kind (a struct result, ...). It checks its stream;
 * false: that has failed.
 */
typedef bool report_writer(const void *what, FILE *out, struct error *error);

/* A report in a file that is either whole or not there. */
bool output_write(const char *path, report_writer *write, const void *what, struct error *error);

/* What a writer says at its end: false and an error when the stream has failed. */
bool report_check(FILE *out, struct error *error);

#endif
