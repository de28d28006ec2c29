#ifndef SIM_CLI_REPLAY_PARTS_H
#define SIM_CLI_REPLAY_PARTS_H

/* What `sim replay` does with a whole file (replay_all.c), private to that command. */

#include <stdint.h>

#include "document/document.h"

struct replay_arguments {
	const char *file, *worst, *timeline, *output, *extract;
	int64_t replication; /* -1: the worst */
	int64_t point;       /* -1: none is asked for */
	int64_t jobs;
	bool all;
};

/* Run all that a result or a plan is of, and compare every value. */
bool replay_all(const struct document *document, const struct replay_arguments *arguments,
		struct error *error);

/* Write the scenario of a result, a page, or a look of a plan, as a file that stands alone. */
bool replay_extract(const struct document *document, const struct replay_arguments *arguments,
		    struct error *error);

/* A point of a sweep's file: run again and compared, or extracted. */
bool replay_point(const struct replay_arguments *arguments, struct error *error);

#endif
