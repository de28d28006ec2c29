#include "replay/gantt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/text_tools.h"

enum {
	TRACKS_MOST = 512,
	ROWS_MOST = 24,
	BARS_MOST = 6000,
	WIDTH = 1000,
	LEFT = 285,
	ROW = 26,
	TOP = 30,
	TICKS = 8,
	MARK_HALF = 30 /* of the widest mark */
};

struct chart {
	FILE *out;
	double from_ns, to_ns;
	struct track rows[TRACKS_MOST]; /* the first ROWS_MOST are drawn */
	double drawn_to[ROWS_MOST];     /* of each row, in x */
	size_t row_count, left_out, bars;
};

static double x_of(const struct chart *chart, double ns)
{
	return LEFT + (WIDTH - LEFT - 10) * (ns - chart->from_ns) / (chart->to_ns - chart->from_ns);
}

static bool same_track(const struct track *a, const struct track *b)
{
	return a->guest == b->guest && a->thread == b->thread && strcmp(a->flow, b->flow) == 0;
}

/* The row of a track; a new one while rows are `open`. SIZE_MAX: none. */
static size_t row_of(struct chart *chart, const struct track *track, bool open)
{
	for (size_t r = 0; r < chart->row_count; r++)
		if (same_track(&chart->rows[r], track))
			return r;
	if (!open || chart->row_count == TRACKS_MOST)
		return SIZE_MAX;
	chart->rows[chart->row_count] = *track;
	return chart->row_count++;
}

/* Latencies above the background, guest by guest. */
static int by_guest(const void *a, const void *b)
{
	const struct track *left = a, *right = b;

	if (left->foreground != right->foreground)
		return left->foreground ? -1 : 1;
	if (left->guest != right->guest)
		return left->guest < right->guest ? -1 : 1;
	return (left->thread > right->thread) - (left->thread < right->thread);
}

static void find_range(struct chart *chart, const struct recording *recording)
{
	chart->from_ns = INFINITY;
	chart->to_ns = 0;
	for (size_t i = 0; i < recording->span_count; i++) {
		const struct span *span = &recording->spans[i];

		chart->from_ns = fmin(chart->from_ns, (double)span->begin_ns);
		if (span->counted)
			chart->to_ns = fmax(chart->to_ns, (double)span->end_ns);
	}
	for (size_t i = 0; i < recording->limbo.count; i++)
		chart->to_ns = fmax(chart->to_ns, (double)recording->limbo.corners[i].at_ns);
	chart->to_ns += 0.02 * (chart->to_ns - chart->from_ns);
}

/* A time on the axis, with the decimals that tell it from the mark beside it. */
static void print_mark(FILE *out, double at_ns, double step_ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "ns", 1 } };
	size_t u = 0;

	while (u + 1 < sizeof(units) / sizeof(units[0]) && fmax(at_ns, step_ns) < units[u].ns)
		u++;
	fprintf(out, "%.*f %s", (int)fmax(0, ceil(-log10(step_ns / units[u].ns) - 1e-9)),
		at_ns / units[u].ns, units[u].name);
}

static void draw_axis(const struct chart *chart)
{
	double length = chart->to_ns - chart->from_ns, step = pow(10, floor(log10(length / TICKS)));
	double bottom = TOP + ROW * (double)chart->row_count;

	while (length / step > TICKS)
		step *= length / step > 2 * TICKS ? 5 : 2;
	fprintf(chart->out,
		"<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#444444\">"
		"time in the scenario</text>\n",
		LEFT - 40, TOP - 12);
	for (int mark = 0; mark <= TICKS; mark++) {
		double at = (ceil(chart->from_ns / step) + mark) * step;
		double x = x_of(chart, at);
		bool at_edge = x > WIDTH - MARK_HALF; /* it would be cut */

		if (at > chart->to_ns)
			break;

		fprintf(chart->out,
			"<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.0f\" "
			"stroke=\"#d8d8d8\"/><text x=\"%.1f\" y=\"%d\" "
			"text-anchor=\"%s\" fill=\"#444444\">",
			x, x, TOP - 6, bottom, at_edge ? WIDTH - 2 : x, TOP - 12,
			at_edge ? "end" : "middle");
		print_mark(chart->out, at, step);
		fputs("</text>\n", chart->out);
	}
}

static void draw_rows(const struct chart *chart)
{
	for (size_t r = 0; r < chart->row_count; r++) {
		char name[64];

		snprintf(name, sizeof(name), "%.12s %u: %.36s", chart->rows[r].name,
			 chart->rows[r].guest, chart->rows[r].flow);
		fprintf(chart->out,
			"<text x=\"%d\" y=\"%zu\" text-anchor=\"end\" fill=\"#222222\">", LEFT - 8,
			TOP + ROW * r + 17);
		name[40] = '\0'; /* what fits on the left */
		print_html(chart->out, name);
		fputs("</text>\n", chart->out);
	}
}

static void draw_bar(struct chart *chart, const struct span *span)
{
	const char *colour = span->waiting ? "#999999" : span->counted ? "#0072b2" : "#d55e00";
	size_t row = row_of(chart, &span->track, false);
	double left = x_of(chart, (double)span->begin_ns);
	double right = x_of(chart, fmin((double)span->end_ns, chart->to_ns));
	double y = TOP + ROW * (double)row;

	if (row >= chart->row_count) {
		chart->left_out++;
		return;
	}
	/* what is too short to be seen is drawn where there is nothing else */
	if ((double)span->begin_ns >= chart->to_ns || chart->bars == BARS_MOST ||
	    (right - left < 0.15 && right < chart->drawn_to[row] + 0.15))
		return;
	chart->bars++;
	chart->drawn_to[row] = fmax(chart->drawn_to[row], right);
	fprintf(chart->out,
		"<rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"%d\" fill=\"%s\" "
		"stroke=\"#ffffff\" stroke-width=\"%s\"><title>",
		left, y + 3, fmax(right - left, 1), ROW - 6, colour, right - left < 2 ? "0" : ".4");
	print_html(chart->out, span->step);
	fputs(", ", chart->out);
	print_html(chart->out, span->where);
	fprintf(chart->out, ": %s",
		VALUE(UNIT_NANOSECONDS, (double)(span->end_ns - span->begin_ns)));
	if (span->waited_ns) {
		fputs(", of it waiting for the ", chart->out);
		print_html(chart->out, span->waits_for);
		fprintf(chart->out, ": %s", VALUE(UNIT_NANOSECONDS, (double)span->waited_ns));
	}
	fputs("</title></rect>", chart->out);
	if (right - left > 7.0 * (double)strlen(span->step) + 6) {
		fprintf(chart->out, "<text x=\"%.2f\" y=\"%.0f\" fill=\"#ffffff\">", left + 4,
			y + 17);
		print_html(chart->out, span->step);
		fputs("</text>", chart->out);
	}
	fputc('\n', chart->out);
}

static void draw_legend(const struct chart *chart, double y)
{
	static const struct {
		const char *colour, *text;
	} items[] = { { "#0072b2", "part of the latency" },
		      { "#d55e00", "in the background" },
		      { "#999999", "waiting for a lock or a thread" } };
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		double x = LEFT + 220.0 * (double)i;

		fprintf(chart->out,
			"<rect x=\"%.0f\" y=\"%.0f\" width=\"14\" height=\"14\" fill=\"%s\"/><text "
			"x=\"%.0f\" y=\"%.0f\" fill=\"#222222\">%s</text>\n",
			x, y, items[i].colour, x + 20, y + 12, items[i].text);
	}
	if (chart->left_out)
		fprintf(chart->out,
			"<text x=\"%d\" y=\"%.0f\" fill=\"#222222\">more threads are left "
			"out: sim replay --timeline shows all</text>\n",
			LEFT, y + 32);
}

bool gantt_write(const struct recording *recording, const char *label, FILE *out)
{
	struct chart chart = { .out = out };
	double height;

	find_range(&chart, recording);
	if (!(chart.to_ns > chart.from_ns))
		return false;
	for (size_t i = 0; i < recording->span_count; i++)
		if ((double)recording->spans[i].begin_ns < chart.to_ns)
			row_of(&chart, &recording->spans[i].track, true);
	qsort(chart.rows, chart.row_count, sizeof(chart.rows[0]), by_guest);
	if (chart.row_count > ROWS_MOST)
		chart.row_count = ROWS_MOST;
	height = TOP + ROW * (double)chart.row_count + 50;
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" role=\"img\" "
		"font-family=\"system-ui,sans-serif\" font-size=\"12\" aria-label=\"",
		WIDTH, height);
	print_html(out, label);
	fputs("\">\n", out);
	draw_axis(&chart);
	draw_rows(&chart);
	for (size_t i = 0; i < recording->span_count; i++)
		draw_bar(&chart, &recording->spans[i]);
	draw_legend(&chart, height - 42);
	fputs("</svg>\n", out);
	return true;
}
