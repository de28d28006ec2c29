#include "cli/options.h"

#include <stddef.h>

void options_visit(const struct argp *argp,
		   void (*visit)(const struct argp_option *option, void *data), void *data)
{
	const struct argp_option *option = argp->options;

	for (; option && (option->name || option->key || option->doc || option->group); option++)
		if (option->name)
			visit(option, data);
	for (const struct argp_child *child = argp->children; child && child->argp; child++)
		options_visit(child->argp, visit, data);
}
