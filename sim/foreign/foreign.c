#include <string.h>

#include "foreign/foreign.h"

#include <search.h>
#include <stdlib.h>

#include "base/lines.h"
#include "base/memory.h"
#include "foreign/foreign_parts.h"

enum { READERS_MAX = 4 };

/* --- the formats --------------------------------------------------------------------- */

struct format {
	const char *about; /* of a line that is none of it */
	enum taken (*readers[READERS_MAX])(struct reader *reader, char *line); /* in this order */
};

const char *const foreign_format_names[] = { "csv", "bpftrace", "perf", "ftrace", NULL };

static const struct format formats[] = {
	[FOREIGN_CSV] = { "one or two numbers are needed, as many in every line: a duration, or a "
			  "size and a duration",
			  { csv_line } },
	[FOREIGN_BPFTRACE] = { "no line of bpftrace: maps are needed as it prints them, of hist(), "
			       "lhist(), stats(), count() and so on; delete what the script itself "
			       "prints",
			       { bpftrace_line } },
	[FOREIGN_PERF] = { "no line of perf trace, perf trace -s, perf script or perf ftrace "
			   "latency",
			   { perf_trace_line, table_line, event_line } },
	[FOREIGN_FTRACE] = { "no line of ftrace: the function_graph tracer, events, trace-cmd "
			     "report, perf ftrace latency and profile, or trace_stat/function*",
			     { table_line, graph_line, event_line } },
};

/* --- reading ------------------------------------------------------------------------------ */

static bool read_line(struct reader *reader, const struct format *format, char *line)
{
	for (size_t i = 0; i < READERS_MAX && format->readers[i]; i++) {
		enum taken taken = format->readers[i](reader, line);

		if (taken != NOT_MINE)
			return taken == TAKEN;
	}
	refuse(reader, "%s%s", format->about,
	       format == &formats[FOREIGN_CSV] && strchr(line, ';')
		       ? "; numbers have decimal points, and commas or blanks between them"
		       : "");
	return false;
}

static bool has_measurements(const struct foreign *foreign)
{
	for (size_t i = 0; i < foreign->count; i++)
		if (foreign->series[i]->call_count || foreign->series[i]->bin_count ||
		    foreign->series[i]->total.count > 0)
			return true;
	return false;
}

bool foreign_read(struct foreign *foreign, enum foreign_format format, const char *path,
		  double unit_ns, struct error *error)
{
	struct reader reader = { .foreign = foreign, .error = error, .unit_ns = unit_ns };
	struct lines lines = { 0 };
	bool ok;

	*foreign = (struct foreign){ .path = memory_text(path, error), .texts_length = 1 };
	ok = foreign->path &&
	     memory_grow(&foreign->texts, &foreign->texts_capacity, 1, 1, "arguments", error) &&
	     lines_open(&lines, path, error);
	while (ok && lines_next(&lines)) {
		reader.line = lines.number;
		ok = read_line(&reader, &formats[format], lines.text);
	}
	ok = ok && error->kind == ERROR_NONE;
	foreign->unfinished += reader.open_count;
	if (ok && !has_measurements(foreign))
		ok = line_error(path, reader.line ? reader.line : 1, error,
				"there is no measurement in this file (%s)",
				foreign_format_names[format]);
	lines_close(&lines);
	free(reader.open);
	free(reader.cpus);
	if (!ok)
		foreign_fini(foreign);
	return ok;
}

static void keep_nothing(void *node)
{
	(void)node;
}

void foreign_fini(struct foreign *foreign)
{
	tdestroy(foreign->index, keep_nothing);
	for (size_t i = 0; i < foreign->count; i++)
		series_free(foreign->series[i]);
	free(foreign->series);
	free(foreign->texts);
	free(foreign->path);
	*foreign = (struct foreign){ 0 };
}
