/* The name that somebody may have meant. */

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"

static bool is_same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Damerau-Levenshtein distance (optimal alignment) of letters in either case, capped by the names' length. */
static size_t distance(const char *a, const char *b)
{
	enum { LONGEST = 63 };
	size_t m = strnlen(a, LONGEST), n = strnlen(b, LONGEST);
	size_t rows[3][LONGEST + 1];

	for (size_t j = 0; j <= n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= m; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t best = above[j - 1] + !is_same(a[i - 1], b[j - 1]);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) &&
			    is_same(a[i - 2], b[j - 1]) && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[m % 3][n];
}

static bool begins(const char *name, const char *with)
{
	return strncasecmp(name, with, strlen(with)) == 0;
}

/* The one that goes on where the name ends; of several the one that all of them begin with, if there is one. */
static const char *longer_name(const char *name, const char *const *candidates)
{
	enum { SHORTEST = 3 };
	const char *found = NULL;

	for (; strlen(name) >= SHORTEST && *candidates; candidates++) {
		if (!begins(*candidates, name))
			continue;
		if (found && !begins(*candidates, found) && !begins(found, *candidates))
			return NULL;
		if (!found || begins(found, *candidates))
			found = *candidates;
	}
	return found;
}

const char *nearest_name(const char *name, const char *const *candidates)
{
	const char *best = longer_name(name, candidates);
	size_t best_distance = best ? 2 : strlen(name) / 3 + 2;

	for (; *candidates; candidates++) {
		size_t far = distance(name, *candidates);

		if (far < best_distance) {
			best = *candidates;
			best_distance = far;
		}
	}
	return best;
}

const char *did_you_mean(char hint[HINT_MAX], const char *name, const char *const *candidates)
{
	const char *near = nearest_name(name, candidates);

	hint[0] = '\0';
	if (near)
		snprintf(hint, HINT_MAX, "; did you mean \"%.100s\"?", near);
	return hint;
}
