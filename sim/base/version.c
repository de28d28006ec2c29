#include "base/version.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { PARTS = 3 };

bool version_read(const char *text, int64_t *version)
{
	int64_t value = 0;
	int parts = 0;

	while (parts < PARTS && isdigit((unsigned char)*text)) {
		char *end;
		unsigned long part = strtoul(text, &end, 10);

		if (part > VERSION_PART_MAX)
			return false;
		value = value * (VERSION_PART_MAX + 1) + (int64_t)part;
		parts++;
		text = end;
		if (*text != '.')
			break;
		text++;
	}
	if (parts < 2 || (*text && *text != '-') || text[-1] == '.' || value == 0)
		return false;
	*version = parts == PARTS ? value : value * (VERSION_PART_MAX + 1);
	return true;
}

void version_format(char text[VERSION_TEXT], int64_t version)
{
	int third = (int)(version % 1000);
	int second = (int)(version / 1000 % 1000), first = (int)(version / 1000000 % 1000);

	if (third)
		snprintf(text, VERSION_TEXT, "%d.%d.%d", first, second, third);
	else
		snprintf(text, VERSION_TEXT, "%d.%d", first, second);
}
