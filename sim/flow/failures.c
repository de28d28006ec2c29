#include "flow/failures.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int compare(const struct failure *left, const struct failure *right)
{
	if (left->part != right->part)
		return left->part < right->part ? -1 : 1;
	if (left->error != right->error)
		return left->error < right->error ? -1 : 1;
	return (int)left->recovered - (int)right->recovered;
}

bool failures_add(struct failures *failures, const struct failure *failure, struct error *error)
{
	size_t i = 0;

	while (i < failures->count && compare(&failures->list[i], failure) < 0)
		i++;
	if (i < failures->count && compare(&failures->list[i], failure) == 0) {
		struct failure *same = &failures->list[i];

		same->count += failure->count;
		if (failure->replication < same->replication) {
			same->replication = failure->replication;
			same->shortage = failure->shortage;
		}
		return true;
	}
	if (!memory_grow(&failures->list, &failures->capacity, failures->count + 1,
			 sizeof(*failures->list), "failures", error))
		return false;
	memmove(&failures->list[i + 1], &failures->list[i],
		(failures->count - i) * sizeof(*failures->list));
	failures->list[i] = *failure;
	failures->count++;
	return true;
}

void failures_fini(struct failures *failures)
{
	free(failures->list);
	*failures = (struct failures){ 0 };
}
