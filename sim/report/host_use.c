#include "report/host_use.h"

#include <stdlib.h>

#include "base/memory.h"

bool host_use_init(struct host_use *use, size_t hosts, size_t parts, struct error *error)
{
	*use = (struct host_use){ .hosts = hosts, .parts = parts };
	for (int r = 0; r < HOST_RESOURCES; r++) {
		use->used[r] = memory_array(hosts * parts, sizeof(double), "use of hosts", error);
		if (!use->used[r]) {
			host_use_fini(use);
			return false;
		}
	}
	return true;
}

void host_use_fini(struct host_use *use)
{
	for (int r = 0; r < HOST_RESOURCES; r++)
		free(use->used[r]);
	*use = (struct host_use){ 0 };
}
