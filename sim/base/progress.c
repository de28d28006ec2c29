#include "base/progress.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/quantity.h"
#include "base/terminal.h"
#include "base/visible.h"

static const double patience_s = 0.5, between_s = 0.1, long_s = 2;
/* Of less the time left cannot be told. */
static const double least_share = 0.005;

static _Thread_local struct {
	FILE *terminal;
	double to_s, began_s, told_s, changed_s; /* when: shown at all, the clock, told, changed */
	double share;                            /* of the whole */
	double from, to;                         /* of the whole: the part */
	char part[100], what[200];
	bool there; /* a line that must be wiped */
} line;

void progress_to(FILE *terminal)
{
	line.terminal = terminal;
	line.to_s = line.began_s = line.changed_s = clock_now_s();
	line.told_s = 0;
	line.what[0] = line.part[0] = '\0';
	line.share = NAN;
	line.from = 0;
	line.to = 1;
}

bool progress_is_shown(void)
{
	return line.terminal != NULL;
}

static void print_left(FILE *out, double now_s)
{
	double left_s;

	if (!(line.share >= least_share && line.share < 1))
		return;
	left_s = (now_s - line.began_s) * (1 - line.share) / line.share;
	fprintf(out, ", %.0f %%, ", 100 * line.share);
	quantity_print_duration(out, 1e9 * fmax(1, nearbyint(left_s)));
	fputs(" left", out);
}

static void print(double within)
{
	double now_s = clock_now_s();
	int width = terminal_width(line.terminal) - 1;
	char text[400] = "", shown[800]; /* names of files are text from outside */
	FILE *out;

	if (now_s - line.to_s < patience_s || now_s - line.told_s < between_s)
		return;
	out = fmemopen(text, sizeof(text), "w");
	if (!out)
		return;
	fprintf(out, "%s%s%s", line.part, line.part[0] && line.what[0] ? ": " : "",
		line.part[0] || line.what[0] ? line.what : "running");
	if (within > 0 && now_s - line.changed_s > long_s)
		fprintf(out, " (%.0f %% of a simulation)", 100 * within);
	print_left(out, now_s);
	fclose(out);
	visible_text(shown, sizeof(shown), text);
	fprintf(line.terminal, "\r%.*s\033[K", width, shown);
	fflush(line.terminal);
	line.told_s = now_s;
	line.there = true;
}

void progress_part(double from, double to, const char *format, ...)
{
	va_list arguments;

	if (!line.terminal)
		return;
	va_start(arguments, format);
	vsnprintf(line.part, sizeof(line.part), format, arguments);
	va_end(arguments);
	line.what[0] = '\0';
	line.from = from;
	line.to = to;
	line.share = from > 0 ? from : NAN;
	line.changed_s = clock_now_s();
	if (to - from >= 1)
		line.began_s = line.changed_s;
	print(0);
}

void progress_show(double share, const char *format, ...)
{
	va_list arguments;

	if (!line.terminal)
		return;
	va_start(arguments, format);
	vsnprintf(line.what, sizeof(line.what), format, arguments);
	va_end(arguments);
	line.share = isnan(share) ? (line.from > 0 ? line.from : NAN)
				  : line.from + (line.to - line.from) * fmin(1, fmax(0, share));
	line.changed_s = clock_now_s();
	print(0);
}

void progress_within(double share)
{
	if (line.terminal)
		print(share);
}

void progress_end(void)
{
	if (line.there)
		fputs("\r\033[K", line.terminal);
	line.there = false;
}
