#ifndef TESTS_ROBUSTNESS_PLACES_H
#define TESTS_ROBUSTNESS_PLACES_H

/* Places that allocate: from which calls an allocation came, the nearest few of them. */

#include <execinfo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLACES_MOST = 1 << 16, CALLS_MOST = 7 };
static uint64_t places[PLACES_MOST]; /* that were seen: a hash table; 0: free */

/* Whether the caller was never called from there, and remembers it. backtrace() itself allocates when it
 * is called for the first time. */
static bool is_new_place(void)
{
	void *calls[CALLS_MOST];
	int count = backtrace(calls, CALLS_MOST);
	uint64_t place = 1;
	size_t at;

	for (int i = 0; i < count; i++)
		place = (place ^ (uintptr_t)calls[i]) * 0x9e3779b97f4a7c15;
	for (at = place >> 48; places[at]; at = (at + 1) % PLACES_MOST)
		if (places[at] == place)
			return false;
	places[at] = place;
	return true;
}

#endif
