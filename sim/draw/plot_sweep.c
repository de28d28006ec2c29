/* Pictures of sweeps: a metric against what varies. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "draw/plot_axes.h"
#include "sweep/rows.h"

enum { LINES_MOST = 24, TICKS_MOST = 14 };

static int by_line(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	if (left->rank != right->rank)
		return left->rank < right->rank ? -1 : 1;
	if (left->x != right->x)
		return left->x < right->x ? -1 : 1;
	return (left->point > right->point) - (left->point < right->point);
}

/* Categories stand in the order of the points. */
static void number_categories(struct rows *rows)
{
	double next = 0;

	for (size_t i = 0; i < rows->count; i++) {
		rows->items[i].x = -1;
		for (size_t j = 0; j < i && rows->items[i].x < 0; j++)
			if (strcmp(rows->items[i].x_text, rows->items[j].x_text) == 0)
				rows->items[i].x = rows->items[j].x;
		if (rows->items[i].x < 0)
			rows->items[i].x = next++;
	}
}

/* And lines in that of their first ones. */
static void rank_lines(struct rows *rows)
{
	size_t next = 1;

	for (size_t i = 0; i < rows->count; i++) {
		size_t j = 0;

		while (j < i && strcmp(rows->items[i].line, rows->items[j].line) != 0)
			j++;
		rows->items[i].rank = j < i ? rows->items[j].rank : next++;
	}
}

/* How many values x takes. */
static size_t count_ticks(const struct rows *rows)
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++) {
		size_t j = 0;

		while (rows->items[j].x != rows->items[i].x)
			j++;
		count += j == i;
	}
	return count;
}

/* Whether the values of x stand so far apart that each can be named on the axis. */
static bool have_room(const struct rows *rows, double low, double high, bool powers)
{
	double range = powers ? log(high / low) : high - low;

	for (size_t i = 0; i < rows->count; i++) {
		for (size_t j = 0; j < i; j++) {
			double a = rows->items[i].x, b = rows->items[j].x;
			double apart = fabs(powers ? log(a / b) : a - b);

			if (apart > 0 && apart < range / TICKS_MOST)
				return false;
		}
	}
	return true;
}

static bool write_rows(struct picture *picture, struct rows *rows, struct plot_unit x_unit,
		       struct plot_unit y_unit, struct error *error)
{
	rank_lines(rows);
	qsort(rows->items, rows->count, sizeof(*rows->items), by_line);
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->items[i];

		if (!i || strcmp(row->line, rows->items[i - 1].line) != 0) {
			if (picture->series == LINES_MOST)
				return error_set(
					error, ERROR_INPUT,
					"more than %d lines: choose with --where /POINTER=VALUE",
					LINES_MOST);
			plot_series(picture, row->line);
		}
		plot_point(picture, row->x / x_unit.divisor, row->y / y_unit.divisor,
			   (isnan(row->low) ? row->y : row->low) / y_unit.divisor,
			   (isnan(row->high) ? row->y : row->high) / y_unit.divisor, row->x_text);
	}
	return true;
}

/* Lines are told apart by what is shown of their names. */
static void clean(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct row *row = &rows->items[i];

		picture_text(row->line, sizeof(row->line), row->line);
		picture_text(row->x_text, sizeof(row->x_text), row->x_text);
	}
}

static bool draw(const struct plot_request *request, const struct rows_query *query,
		 struct rows *rows, struct picture *picture, struct error *error)
{
	double x_low = INFINITY, x_high = -INFINITY, y_low = INFINITY, y_high = -INFINITY;
	struct plot_unit none = { "", 1 }, x_unit = none, y_unit;
	char version[PICTURE_TEXT];
	bool x_powers, named;
	size_t ticks;

	clean(rows);
	if (!*rows->x_unit)
		number_categories(rows);
	for (size_t i = 0; i < rows->count; i++) {
		x_low = fmin(x_low, rows->items[i].x);
		x_high = fmax(x_high, rows->items[i].x);
		y_low = fmin(y_low, rows->items[i].y);
		y_high = fmax(y_high, rows->items[i].y);
	}
	if (!isfinite(y_high))
		return error_set(error, ERROR_INPUT,
				 "%s: no point has a value to draw: the %s of %s needs more "
				 "replications (a p99 at least 368, of one operation each)",
				 query->path, query->quantile, query->metric);
	ticks = count_ticks(rows);
	x_powers = !request->linear && plot_is_wide(x_low, x_high);
	named = *rows->x_unit && ticks <= TICKS_MOST && have_room(rows, x_low, x_high, x_powers);
	if (*rows->x_unit) /* the smallest sets the unit, so that ticks are whole numbers */
		x_unit = plot_unit_for(rows->x_unit, fmax(x_low, x_high / 4096));
	y_unit = plot_unit_for(rows->unit, y_high);
	picture->script = "lines.gp";
	picture_text(picture->title, PICTURE_TEXT, rows->name);
	plot_prices_as_given(picture);
	plot_axis(picture->x_label, rows->x, NULL, named ? none : x_unit);
	plot_axis(picture->y_label, query->metric, NULL, y_unit);
	picture_text(version, sizeof(version), rows->version);
	snprintf(picture->caption, sizeof(picture->caption),
		 "%s of each point%s; seed %.20s, sim %.40s", query->quantile,
		 strcmp(query->quantile, "mean") == 0 ? " with its 95 % confidence band" : "",
		 rows->seed, version);
	if (!*rows->x_unit)
		picture_option(picture, "category");
	else
		plot_scale(picture, 'x', x_unit, x_low, x_high, x_powers);
	plot_scale(picture, 'y', y_unit, y_low, y_high,
		   !request->linear && plot_is_wide(y_low, y_high));
	picture_option(picture, "zero");
	plot_slo(picture, request->slo, y_unit);
	if (named)
		picture_option(picture, "ticks");
	else if (!*rows->x_unit && ticks > 6)
		picture_option(picture, "many");
	return write_rows(picture, rows, x_unit, y_unit, error);
}

bool plot_sweep(const struct plot_request *request, const struct plot_document *documents,
		struct picture *picture, struct error *error)
{
	const struct rows_query query = {
		.path = documents[0].path,
		.metric = request->metric ? request->metric : "reboot.latency",
		.quantile = request->quantile ? request->quantile : "mean",
		.x = request->x,
		.where = request->where,
		.where_count = request->where_count
	};
	struct rows rows;
	bool ok = rows_read(&rows, &query, error) && draw(request, &query, &rows, picture, error);

	rows_fini(&rows);
	return ok;
}
