#ifndef SIM_DOCUMENT_KIND_H
#define SIM_DOCUMENT_KIND_H

/* What a JSON file is, for somebody who gave it where another is needed. */

#include <jansson.h>

/* "a scenario", "a stored result (sim run --format json)", "a cost profile", ...; NULL: none that is known. */
const char *document_kind(const json_t *root);

#endif
