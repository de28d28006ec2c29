#ifndef SIM_DOCUMENT_SHAPE_H
#define SIM_DOCUMENT_SHAPE_H

/* Tables of what is written (base/shape.h) at work. */

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "base/error.h"
#include "base/shape.h"
#include "document/document.h"

/* How a document is not of its shape. */
struct shape_fault {
	char pointer[POINTER_MAX];
	char what[200]; /* "a text is needed" */
};

/* The first fault of a value (an object) of that shape; false: there is none. */
bool shape_fault(const struct shape *shape, const json_t *value, struct shape_fault *fault);

/*
 * An error at the first fault of a document that was read. Keys that are not there, and keys that
 * the table does not know, are none: they come and go without a new version. Another version is
 * one, and says so.
 */
bool shape_check(const struct shape *shape, const struct document *document, struct error *error);

/* JSON Schema (draft-07) of such an object, or of a list of them; NULL: no memory. */
json_t *shape_schema(const struct shape *shape, bool list);

/* Objects that have a table already; zeroed: none. */
enum { SHAPES_MOST = 128 };
struct shapes_printed {
	const struct shape *shapes[SHAPES_MOST];
	size_t count;
};

/* A section with the table of its keys, and one for each object in it that has none yet. */
bool shape_print_sections(const struct shape *shape, struct shapes_printed *printed, FILE *out,
			  struct error *error);

#endif
