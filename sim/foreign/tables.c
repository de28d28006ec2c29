/*
 * Tables of sums and histograms:
 *
 *   #   DURATION     |      COUNT | GRAPH         |     perf ftrace latency
 *        0 - 1    us |       2098 | ###########   |
 *   # statistics  (in usec)
 *     total time:                 9760
 *   # Total (us)   Avg (us)   Max (us)      Count   Function      perf ftrace profile
 *   Function                 Hit    Time    Avg    s^2            the function profiler
 *   syscall            calls  errors  total  min  avg  max  stddev        perf trace -s
 */

#include <ctype.h>
#include <string.h>

#include "foreign/foreign_parts.h"

enum table_kind { NO_TABLE, LATENCY, PROFILE, PROFILER, SUMMARY };

/* --- perf ftrace latency -------------------------------------------------------------------- */

static double unit_of(const char *word)
{
	return strcmp(word, "ns") == 0 || strcmp(word, "nsec") == 0   ? 1
	       : strcmp(word, "us") == 0 || strcmp(word, "usec") == 0 ? 1e3
	       : strcmp(word, "ms") == 0                              ? 1e6
	       : strcmp(word, "s") == 0                               ? 1e9
								      : 0;
}

/* "0 - 1 us | 2098 | #### |" */
static enum taken latency_row(struct reader *reader, char *line)
{
	struct foreign_bin bin = { .high_ns = INFINITY };
	char *at = skip_blanks(line), *unit;
	double scale;

	if (!take_number(&at, &bin.low_ns))
		return NOT_MINE;
	at = skip_blanks(at);
	if (!take_text(&at, "-"))
		return NOT_MINE;
	at = skip_blanks(at);
	if (!take_text(&at, "...") && !take_number(&at, &bin.high_ns))
		return refuse(reader, "the end of this bin is needed");
	unit = take_word(&at);
	scale = unit_of(unit);
	at = skip_blanks(at);
	if (scale == 0 || !take_text(&at, "|"))
		return refuse(reader, "a unit (ns, us, ms, s) and a bar are needed behind a bin");
	at = skip_blanks(at);
	if (!take_number(&at, &bin.count) || bin.count != floor(bin.count))
		return refuse(reader, "the number of calls in this bin is needed");
	trim_end(at);
	if (strspn(skip_blanks(at), "|") != 1 || at[strlen(at) - 1] != '|' || strlen(at) < 3)
		return refuse(reader, "this bin is cut off: its bar is needed, too");
	bin.low_ns *= scale;
	bin.high_ns *= scale;
	if (bin.high_ns < bin.low_ns)
		return refuse(reader, "the bounds of this bin fall");
	return MEMORY_TAKEN(add_bin(reader, reader->map, bin));
}

/* "# statistics (in usec)": the sums behind the bins. */
static enum taken statistics_row(struct reader *reader, char *line)
{
	struct foreign_total *total = &reader->map->total;
	char *at = skip_blanks(line);
	double value;

	if (take_text(&at, "# statistics")) {
		at = skip_blanks(at);
		if (!take_text(&at, "(in ") || !strchr(at, ')'))
			return refuse(reader, "the unit of the statistics is needed");
		*strchr(at, ')') = '\0';
		reader->unit_ns = unit_of(at);
		return reader->unit_ns > 0 ? TAKEN : refuse(reader, "an unknown unit");
	}
	if (take_text(&at, "total time:")) {
		at = skip_blanks(at);
		if (!take_number(&at, &value) || *skip_blanks(at))
			return refuse(reader, "a number is needed");
		total->mean_ns = value * reader->unit_ns; /* by the count, which comes last */
		return TAKEN;
	}
	if (take_text(&at, "count:")) {
		at = skip_blanks(at);
		if (!take_number(&at, &value) || *skip_blanks(at))
			return refuse(reader, "a number is needed");
		if (value > 0) {
			/* The total is rounded, or each call was before it was added. */
			total->low_ns = fmax(0, total->mean_ns - 0.5 * reader->unit_ns) / value;
			total->high_ns = (total->mean_ns + 0.5 * reader->unit_ns) / value;
			total->mean_ns /= value;
			total->deviation_ns = NAN;
			total->count = value;
		}
		reader->table = NO_TABLE;
		return TAKEN;
	}
	return take_text(&at, "avg time:") || take_text(&at, "max time:") ||
			       take_text(&at, "min time:")
		       ? TAKEN
		       : NOT_MINE;
}

/* --- sums by function ------------------------------------------------------------------------ */

static enum taken add_total(struct reader *reader, const char *name, struct foreign_total total)
{
	struct foreign_series *series;

	if (total.count == 0)
		return TAKEN;
	series = series_new(reader, name, NULL);
	if (series)
		series->total = total;
	return MEMORY_TAKEN(series);
}

/* Total, average and longest in us, count, name. */
static enum taken profile_row(struct reader *reader, char *line)
{
	char *at = line, *name = NULL;
	double number[4];

	for (int i = 0; i < 4; i++) {
		at = skip_blanks(at);
		if (!take_number(&at, &number[i]))
			return i == 0 ? NOT_MINE
				      : refuse(reader, "four numbers are needed, and a name");
	}
	name = take_word(&at);
	if (!*name)
		return refuse(reader, "the name of the function is needed");
	if (number[3] == 0)
		return TAKEN;
	return add_total(reader, name,
			 (struct foreign_total){ number[3], number[0] * 1e3 / number[3],
						 fmax(0, number[0] - 0.0005) * 1e3 / number[3],
						 (number[0] + 0.0005) * 1e3 / number[3], NAN });
}

/* Name, hits, total, average and variance: "schedule 22 1132.000 us 51.454 us 34.2 us". */
static enum taken profiler_row(struct reader *reader, char *line)
{
	char *at = line, *name = take_word(&at);
	double hits, us[3];

	at = skip_blanks(at);
	if (!*name || !take_number(&at, &hits))
		return refuse(reader, "a function and its hits are needed");
	for (int i = 0; i < 3; i++) {
		at = skip_blanks(at);
		if (*at && strchr("+!#*@$", *at)) /* marks of long ones */
			at = skip_blanks(at + 1);
		if (!take_number(&at, &us[i]))
			return refuse(reader, "time, average and variance are needed");
		at = skip_blanks(at);
		if (!take_text(&at, "us"))
			return refuse(reader, "times in us are needed");
	}
	if (*skip_blanks(at))
		return refuse(reader, "nothing is expected behind the variance");
	if (hits == 0)
		return TAKEN;
	return add_total(reader, name,
			 (struct foreign_total){ hits, us[0] * 1e3 / hits,
						 fmax(0, us[0] - 0.0005) * 1e3 / hits,
						 (us[0] + 0.0005) * 1e3 / hits,
						 hits > 1 ? sqrt(us[2]) * 1e3 : NAN });
}

/* Calls, errors (newer ones), total, shortest, average and longest in ms, deviation in percent. */
static enum taken summary_row(struct reader *reader, char *line)
{
	char *at = line, *name = take_word(&at);
	double number[8];
	size_t count = 0;

	while (*(at = skip_blanks(at))) {
		if (count == 8 || !take_number(&at, &number[count]))
			return refuse(reader, "numbers are needed behind the system call");
		count++;
		if (take_text(&at, "%"))
			break;
	}
	if ((count != 7 && count != 6) || *skip_blanks(at) || at[-1] != '%')
		return refuse(reader,
			      "calls, errors, total, min, avg, max and stddev%% are needed: "
			      "is the line cut off?");
	if (count == 7 && !(number[1] <= number[0] && number[0] < 0x1p53))
		return refuse(reader, "%.15g errors in %.15g calls cannot be", number[1],
			      number[0]);
	if (number[0] == 0)
		return TAKEN;
	reader->foreign->failed += count == 7 ? (size_t)number[1] : 0;
	/* The deviation is that of the mean. */
	return add_total(reader, name,
			 (struct foreign_total){
				 number[0], number[count - 5] * 1e6 / number[0],
				 fmax(0, number[count - 5] - 0.0005) * 1e6 / number[0],
				 (number[count - 5] + 0.0005) * 1e6 / number[0],
				 number[0] > 1 ? number[count - 1] / 100 * number[count - 5] * 1e6 /
							 number[0] * sqrt(number[0])
					       : NAN });
}

/* --- which table --------------------------------------------------------------------------- */

/* The words stand in the text in this order. */
static bool has_words(const char *text, const char *const *words)
{
	for (; text && *words; words++) {
		text = strstr(text, *words);
		if (text)
			text += strlen(*words);
	}
	return text != NULL;
}

static enum table_kind heading(const char *line)
{
	static const char *const words[][6] = {
		[LATENCY] = { "DURATION", "COUNT", "GRAPH" },
		[PROFILE] = { "Total (us)", "Avg (us)", "Max (us)", "Count", "Function" },
		[PROFILER] = { "Function", "Hit", "Time", "Avg", "s^2" },
		[SUMMARY] = { "syscall", "calls", "total", "avg", "stddev" },
	};

	for (int kind = LATENCY; kind <= SUMMARY; kind++)
		if (has_words(line, words[kind]))
			return (enum table_kind)kind;
	return NO_TABLE;
}

/* "Summary of events:", " t (1231), 178 events, 96.7%", units and rules of a table. */
static bool is_frame(const char *line)
{
	line = skip_blanks(line);
	return strncmp(line, "Summary of events", 17) == 0 || strncmp(line, "(msec)", 6) == 0 ||
	       strncmp(line, "-----", 5) == 0 || (strstr(line, " events, ") && strchr(line, '%')) ||
	       strncmp(line, "total, ", 7) == 0;
}

enum taken table_line(struct reader *reader, char *line)
{
	enum table_kind kind = heading(line);
	enum taken taken;

	if (kind != NO_TABLE) {
		reader->table = (int)kind;
		reader->map = kind == LATENCY ? series_new(reader, "", NULL) : NULL;
		return MEMORY_TAKEN(kind != LATENCY || reader->map);
	}
	trim_end(line);
	if (!*line)
		return TAKEN;
	if (is_frame(line))
		return TAKEN;
	switch (reader->table) {
	case LATENCY:
		taken = latency_row(reader, line);
		return taken == NOT_MINE ? statistics_row(reader, line) : taken;
	case PROFILE:
		return profile_row(reader, line);
	case PROFILER:
		return profiler_row(reader, line);
	case SUMMARY:
		return summary_row(reader, line);
	default:
		return NOT_MINE;
	}
}
