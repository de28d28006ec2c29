#ifndef SIM_REPLAY_AGAIN_H
#define SIM_REPLAY_AGAIN_H

/* A stored result beside the one that the same inputs give now. */

#include <stdbool.h>

#include "base/error.h"
#include "report/output.h"

struct document;

/* What `write` writes of `what`, read as a document that messages call `path`. */
bool again_document(struct document *document, const char *path, report_writer *write,
		    const void *what, struct error *error);

/*
 * Whether what `write` writes of `what` holds the same values as the stored result, but for the
 * version and commit that wrote it. If not, *error names the first that differs by its place in the
 * stored one: ERROR_INTERNAL.
 */
bool again_same(const struct document *stored, report_writer *write, const void *what,
		struct error *error);

#endif
