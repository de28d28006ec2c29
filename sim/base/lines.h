#ifndef SIM_BASE_LINES_H
#define SIM_BASE_LINES_H

/*
 * Lines of a text file, plain or gzip, however long the file is: one line is in memory at a time.
 *
 * Guarded: regular files and standard input ("-") only; a line has at most 1 MiB; what unpacks to far more than real
 * tables do (LINES_RATIO_MOST times its size) is refused, and so is what is no text.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { LINES_LENGTH_MOST = 1 << 20, LINES_RATIO_MOST = 200 };

struct lines {
	const char *path; /* borrowed */
	char *text;       /* the line without its end; a string, may be changed */
	size_t number;    /* of the line, from 1; 0 before the first */
	struct error *error;
	struct lines_buffer *buffer; /* private */
};

/* On failure nothing is owned. `error` is kept for all that follows. */
bool lines_open(struct lines *lines, const char *path, struct error *error);

/*
 * The same of text in memory, which is copied; `path` names it in messages, and is borrowed.
 */
bool lines_open_text(struct lines *lines, const char *path, const char *text, struct error *error);

/* The next line; false at the end of the file, or with the error set. */
bool lines_next(struct lines *lines);

/* Record "path:line: error: message". Returns false. */
bool lines_error(const struct lines *lines, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void lines_close(struct lines *lines);

#endif
