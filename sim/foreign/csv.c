/* Tables of numbers: a duration in each line, or a size and a duration. */

#include <stdlib.h>
#include <string.h>

#include "foreign/foreign_parts.h"

/* Numbers of one line. -1: there is text that is no number. */
static int read_numbers(const char *text, double numbers[3])
{
	int count = 0;

	for (;;) {
		char *end;

		text += strspn(text, " \t,;");
		if (!*text)
			return count;
		if (count == 3)
			return 3;
		numbers[count] = strtod(text, &end);
		if (end == text || !isfinite(numbers[count]) || !strchr(" \t,;", *end))
			return -1;
		count++;
		text = end;
	}
}

enum taken csv_line(struct reader *reader, char *line)
{
	double numbers[3] = { 0 };
	int found = *line == '#' ? 0 : read_numbers(line, numbers);

	if (found == 0)
		return TAKEN;
	if (found < 0 && reader->columns == 0) {
		reader->columns = -1; /* one heading is skipped */
		return TAKEN;
	}
	if (found < 0 || found > 2 || (reader->columns > 0 && found != reader->columns))
		return NOT_MINE;
	reader->columns = found;
	return add_call(reader, "", numbers[found - 1] * reader->unit_ns,
			found == 2 ? numbers[0] : NAN, 0);
}
