/*
 * What bpftrace prints of its maps at the end:
 *
 *   @ns[KEYS]:                            hist() and lhist(): bins, bounds of which may end in
 *   [64K, 128K)    12 |@@@@@@    |        K, M, ... (powers of 1024); [0], (..., 0) and [9, ...)
 *   @ns[KEYS]: count 3, average 5, total 15      stats()
 *   @n[KEYS]: 17                          count(), max() and others: no duration
 */

#include <stdlib.h>
#include <string.h>

#include "foreign/foreign_parts.h"

/* "64K", "4000": as a histogram's bounds are written. */
static bool take_bound(char **at, double *value)
{
	static const char suffixes[] = "KMGTPE";
	const char *suffix;

	if (!take_number(at, value))
		return false;
	suffix = **at ? strchr(suffixes, **at) : NULL;
	if (suffix) {
		*value = ldexp(*value, 10 * (int)(suffix - suffixes + 1));
		++*at;
	}
	return true;
}

/* The bounds of a bin; *below: it is one of values below zero. */
static bool take_bounds(char **at, struct foreign_bin *bin, bool *below)
{
	double negative;

	*below = false;
	if (take_text(at, "(...,")) {
		*at = skip_blanks(*at);
		*below = **at == '-' || take_text(at, "0)");
		if (**at == '-') {
			++*at;
			return take_bound(at, &negative) && take_text(at, ")");
		}
		bin->low_ns = 0;
		return *below || (take_bound(at, &bin->high_ns) && take_text(at, ")"));
	}
	if (!take_text(at, "["))
		return false;
	if (**at == '-') {
		*below = true;
		*at += 1 + strcspn(*at + 1, ")]");
		return take_text(at, ")") || take_text(at, "]");
	}
	if (!take_bound(at, &bin->low_ns))
		return false;
	bin->high_ns = bin->low_ns;
	if (take_text(at, "]"))
		return true;
	if (!take_text(at, ","))
		return false;
	*at = skip_blanks(*at);
	bin->high_ns = INFINITY;
	return take_text(at, "...)") || (take_bound(at, &bin->high_ns) && take_text(at, ")"));
}

static enum taken bin_line(struct reader *reader, char *line)
{
	struct foreign_bin bin = { 0 };
	bool below;

	if (!take_bounds(&line, &bin, &below))
		return refuse(reader, "a bin of a histogram is needed: [64K, 128K)");
	line = skip_blanks(line);
	if (!take_number(&line, &bin.count) || bin.count != floor(bin.count))
		return refuse(reader, "the number of calls in this bin is needed");
	line = skip_blanks(line);
	trim_end(line);
	if (*line != '|' || line[1] == '\0' || line[strlen(line) - 1] != '|')
		return refuse(reader, "this bin is cut off: its bar is needed, too");
	if (!reader->map)
		return refuse(reader, "a bin without the name of its map");
	if (below && bin.count > 0)
		return refuse(reader, "durations below zero: the map holds something else");
	if (!below && bin.high_ns < bin.low_ns)
		return refuse(reader, "the bounds of this bin fall");
	bin.low_ns *= reader->unit_ns;
	bin.high_ns *= reader->unit_ns;
	return MEMORY_TAKEN(below || add_bin(reader, reader->map, bin));
}

/* "count 3, average 5, total 15" */
static enum taken stats_line(struct reader *reader, struct foreign_series *series, char *at)
{
	double count, average, total;

	if (!take_text(&at, "count ") || !take_number(&at, &count) ||
	    !take_text(&at, ", average ") || !take_number(&at, &average) ||
	    !take_text(&at, ", total ") || !take_number(&at, &total) || *skip_blanks(at))
		return refuse(reader,
			      "count, average and total are needed (is the line cut off, or "
			      "a sum below zero?)");
	if (count == 0)
		return TAKEN;
	if (fabs(total / count - average) > 1 + 1e-9 * average)
		return refuse(reader, "the average is not the total by the count: is the line cut "
				      "off, or has the sum overflowed?");
	if (series->total.count > 0)
		return refuse(reader, "the map stands twice in this file");
	series->total = (struct foreign_total){ count, total / count * reader->unit_ns,
						total / count * reader->unit_ns,
						total / count * reader->unit_ns, NAN };
	return TAKEN;
}

/* "@name[keys]:" and what is behind it. */
static enum taken map_line(struct reader *reader, char *line)
{
	size_t length = strcspn(line, ":[");
	char *name = line + 1, *key = NULL, *rest = line + length, *end;

	reader->map = NULL;
	if (*rest == '[') {
		key = rest + 1;
		for (end = strstr(key, "]:"); end && strstr(end + 1, "]:");)
			end = strstr(end + 1, "]:");
		*rest = '\0';
		if (!end) {
			reader->in_key = *key == '\0'; /* a stack, one function in a line */
			return reader->in_key ? TAKEN
					      : refuse(reader, "the key of this map has no end");
		}
		*end = '\0';
		rest = end + 1;
	}
	if (*rest != ':')
		return refuse(reader, "a colon is needed behind the name of a map");
	*rest = '\0';
	rest = skip_blanks(rest + 1);
	if (strncmp(rest, "count ", 6) != 0 && *rest)
		return TAKEN; /* a number, a text: no durations */
	reader->map = series_of(reader, name, key);
	if (!reader->map)
		return REFUSED;
	if (!*rest)
		return reader->map->bin_count ? refuse(reader, "the map stands twice in this file")
					      : TAKEN;
	return stats_line(reader, reader->map, rest);
}

enum taken bpftrace_line(struct reader *reader, char *line)
{
	static const char *const talk[] = { "Attaching ", "Attached ", "Lost ",    "WARNING: ",
					    "ERROR: ",    "stdin:",    "Running ", NULL };

	trim_end(line);
	if (reader->in_key) {
		reader->in_key = *line != ']';
		return TAKEN;
	}
	if (*line == '@')
		return map_line(reader, line);
	if (*line == '[' || *line == '(')
		return bin_line(reader, line);
	if (!*line)
		return TAKEN;
	for (size_t i = 0; talk[i]; i++)
		if (strncmp(line, talk[i], strlen(talk[i])) == 0)
			return TAKEN;
	return NOT_MINE;
}
