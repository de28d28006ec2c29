#ifndef SIM_CLI_OPTIONS_H
#define SIM_CLI_OPTIONS_H

/* The options of a command, its children's included, from the tables that parse them. */

#include <argp.h>

/* Call `visit` for each named option of an argp parser. */
void options_visit(const struct argp *argp,
		   void (*visit)(const struct argp_option *option, void *data), void *data);

#endif
