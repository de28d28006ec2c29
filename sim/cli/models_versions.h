#ifndef SIM_CLI_MODELS_VERSIONS_H
#define SIM_CLI_MODELS_VERSIONS_H

/* The table of versions (flow/version.h): of one model as text, and all of it as a page. */

#include <stdio.h>

#include "flow/model.h"

void versions_print(const struct model *model, FILE *out);
void versions_print_page(void);

#endif
