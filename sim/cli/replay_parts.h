#ifndef SIM_CLI_REPLAY_PARTS_H
#define SIM_CLI_REPLAY_PARTS_H

/* What `sim replay` does with a whole file, private to that command. */

#include <stdint.h>

#include "document/document.h"

struct replay_arguments {
	const char *file, *worst, *timeline, *output, *extract;
	int64_t replication; /* -1: the worst */
	int64_t point;       /* -1: none is asked for */
	int64_t jobs;
	bool all;
};

/* replay_all.c: run all that a stored file is of, and compare every value. */
bool replay_all(const struct document *document, const struct replay_arguments *arguments,
		struct error *error);

/*
 * replay_extract.c: write the scenario of a stored file, of a look of a plan or of a design of a
 * comparison, as a file that stands alone.
 */
bool replay_extract(const struct document *document, const struct replay_arguments *arguments,
		    struct error *error);

/* The scenario of that design of a comparison, as a document that stands alone. */
bool replay_design(const struct document *comparison, size_t index, struct document *document,
		   struct error *error);

/* A point of a sweep's file: run again and compared, or extracted. */
bool replay_point(const struct replay_arguments *arguments, struct error *error);

#endif
