#include "base/leftovers.h"

#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { LEFTOVERS_MAX = 16 }; /* a picture has a folder and three files in it, a result one */

/* A signal may come at any time: a path is whole before it counts. */
static struct {
	atomic_bool there;
	char path[PATH_MAX];
} leftovers[LEFTOVERS_MAX];

bool leftover_add(const char *path, struct error *error)
{
	size_t length = strlen(path);

	if (length >= PATH_MAX)
		return error_set(error, ERROR_OUTPUT, "%s: the path is too long", path);
	for (int i = 0; i < LEFTOVERS_MAX; i++) {
		if (leftovers[i].there)
			continue;
		memcpy(leftovers[i].path, path, length + 1);
		leftovers[i].there = true;
		return true;
	}
	return error_set(error, ERROR_INTERNAL, "more than %d temporary files", LEFTOVERS_MAX);
}

void leftover_forget(const char *path)
{
	for (int i = 0; i < LEFTOVERS_MAX; i++)
		if (leftovers[i].there && strcmp(leftovers[i].path, path) == 0)
			leftovers[i].there = false;
}

void leftovers_remove(void)
{
	for (int i = LEFTOVERS_MAX - 1; i >= 0; i--)
		if (atomic_exchange(&leftovers[i].there, false) && unlink(leftovers[i].path) != 0)
			rmdir(leftovers[i].path);
}
