#ifndef TESTS_FLOWS_HELD_H
#define TESTS_FLOWS_HELD_H

/* For tests that look at what is left when a run is over. */

#include "flow/nodes.h"

/* Memory in use on all hosts. */
static inline int64_t bytes_in_use(const struct simulation *simulation)
{
	int64_t bytes = 0;

	for (size_t h = 0; h < simulation->host_count; h++)
		bytes += host_used_bytes(&simulation->hosts[h]);
	return bytes;
}

#endif
