#ifndef SIM_CLI_FORMATS_H
#define SIM_CLI_FORMATS_H

/* What commands write, by the names that `sim schema` knows. */

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/shape.h"

struct output_format {
	const char *name;
	const struct shape *shape;
	bool list; /* the document is a list of such objects */
	bool csv;  /* a table: it has no JSON Schema */
};

extern const struct output_format output_formats[]; /* ends with one without a name */

/* JSON Schema (draft-07) of one; and the reference of all, docs/formats.md. */
bool format_print_schema(const struct output_format *format, FILE *out, struct error *error);
bool formats_print_reference(FILE *out, struct error *error);

#endif
