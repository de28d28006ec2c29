#include "decide/measurement.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/nearest.h"
#include "base/quantity.h"
#include "scenario/short_name.h"

/* --- single values ---------------------------------------------------------------- */

bool measurement_error_read(const char *text, double *share, struct error *error)
{
	char *end;
	double percent = strtod(text, &end);

	if (end == text || strcmp(end, "%") != 0 || !(percent > 0 && percent <= 100))
		return error_set(error, ERROR_INPUT,
				 "\"%.60s\" is no share above 0 %% and up to 100 %% (for example "
				 "\"2%%\")",
				 text);
	*share = percent / 100;
	return true;
}

/* ".p99" at the end: 0.99, ".p999": 0.999; the length of the name before it. */
static size_t split_quantile(const char *name, double *quantile)
{
	const char *dot = strrchr(name, '.');
	size_t digits;

	*quantile = -1;
	if (!dot || dot[1] != 'p')
		return strlen(name);
	digits = strspn(dot + 2, "0123456789");
	if (digits < 2 || digits > 6 || dot[2 + digits])
		return strlen(name);
	*quantile = strtod(dot + 2, NULL) / pow(10, (double)digits);
	return *quantile > 0 ? (size_t)(dot - name) : strlen(name);
}

static bool read_name(struct measurements *measurements, const char *name, struct measured *of,
		      struct error *error)
{
	char hint[HINT_MAX];
	size_t length = split_quantile(name, &of->quantile);

	of->metric = memory_keep_text(&measurements->keeper, name, error);
	if (!of->metric)
		return false;
	of->metric[length] = '\0';
	if (metric_kind_of(of->metric))
		return true;
	return error_set(error, ERROR_INPUT,
			 "there is no metric \"%.60s\"%s (docs/scenario.md lists them; a quantile "
			 "is reboot.latency.p99)",
			 of->metric, metric_did_you_mean(hint, of->metric));
}

static bool read_number(const char *text, double *value, struct error *error)
{
	char *end;

	*value = strtod(text, &end);
	return (end != text && !*end && isfinite(*value) && *value > 0) ||
	       error_set(error, ERROR_INPUT, "\"%.60s\" is no number above 0", text);
}

/* A quantity of the metric's unit. */
static bool read_value(enum unit unit, const char *text, double *value, struct error *error)
{
	if (unit == UNIT_SHARE)
		return error_set(error, ERROR_INPUT, "a share of a host is not what sim explains");
	if (unit == UNIT_PAGES || unit == UNIT_COUNT)
		return read_number(text, value, error);
	if (!quantity_read(text, unit == UNIT_BYTES ? QUANTITY_BYTES : QUANTITY_DURATION, value,
			   error))
		return false;
	/* its error is a share of it: of 0 nothing could be as wrong as anything else */
	return *value > 0 ||
	       error_set(error, ERROR_INPUT,
			 "\"%.60s\" weighs nothing: the error of a measurement is a share of it "
			 "(--error). Give the smallest value that could have been told from 0, the "
			 "step of the clock for example: 1ms",
			 text);
}

static struct measurement *add(struct measurements *measurements, size_t point, const char *where,
			       const struct measured *of, struct error *error)
{
	struct measurement *item;

	if (measurements->count == MEASUREMENTS_MOST) {
		error_set(error, ERROR_INPUT, "more than %d measurements", MEASUREMENTS_MOST);
		return NULL;
	}
	if (!memory_grow(&measurements->items, &measurements->capacity, measurements->count + 1,
			 sizeof(*measurements->items), "measurements", error))
		return NULL;
	item = &measurements->items[measurements->count];
	*item = (struct measurement){
		.of = *of, .error = -1, .n = of->quantile < 0 ? 1 : 0, .point = point
	};
	item->where = memory_keep_text(&measurements->keeper, where, error);
	measurements->count += item->where != NULL;
	return item->where ? item : NULL;
}

/* --- points ----------------------------------------------------------------------- */

static bool same_settings(const struct measurement_point *point, const struct setting *settings,
			  size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (point->setting_count != count ||
		    strcmp(point->settings[i].text, settings[i].text) != 0 ||
		    strcmp(point->settings[i].value, settings[i].value) != 0)
			return false;
	return point->setting_count == count;
}

static bool keep_point(struct memory_keeper *keeper, struct measurement_point *point,
		       const struct setting *settings, size_t count, struct error *error)
{
	size_t length = 1, used = 0;
	char *label;

	for (size_t i = 0; i < count; i++)
		length += strlen(settings[i].value) + 1;
	label = memory_keep_array(keeper, length, 1, "label", error);
	point->settings = memory_keep_array(keeper, count, sizeof(*settings), "settings", error);
	if (!label || !point->settings)
		return false;
	for (size_t i = 0; i < count; i++) {
		point->settings[i].text = memory_keep_text(keeper, settings[i].text, error);
		point->settings[i].value = memory_keep_text(keeper, settings[i].value, error);
		if (!point->settings[i].text || !point->settings[i].value)
			return false;
		used += (size_t)snprintf(label + used, length - used, "%s%s", i ? " " : "",
					 settings[i].value);
	}
	point->setting_count = count;
	point->label = label;
	return true;
}

static bool find_point(struct measurements *measurements, const struct setting *settings,
		       size_t count, size_t *point, struct error *error)
{
	for (*point = 0; *point < measurements->point_count; ++*point)
		if (same_settings(&measurements->points[*point], settings, count))
			return true;
	if (!memory_grow(&measurements->points, &measurements->point_capacity, *point + 1,
			 sizeof(*measurements->points), "points", error) ||
	    !keep_point(&measurements->keeper, &measurements->points[*point], settings, count,
			error))
		return false;
	measurements->point_count++;
	return true;
}

bool measurements_add(struct measurements *measurements, const char *text, struct error *error)
{
	const char *equals = strrchr(text, '=');
	struct measurement *item;
	struct measured of;
	char name[128], where[256];
	size_t point;

	if (!equals || equals == text || (size_t)(equals - text) >= sizeof(name))
		return error_set(error, ERROR_INPUT,
				 "\"%.60s\" is not METRIC=VALUE (for example reboot.latency=6min)",
				 text);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
	snprintf(where, sizeof(where), "--observed %.200s", text);
	if (!read_name(measurements, name, &of, error) ||
	    !find_point(measurements, NULL, 0, &point, error))
		return false;
	item = add(measurements, point, where, &of, error);
	return item && read_value(metric_kind_of(of.metric)->unit, equals + 1, &item->value, error);
}

/* --- a file ------------------------------------------------------------------------- */

enum { COLUMNS_MOST = 32, SETTINGS_MOST = 8 };
enum column_kind {
	COLUMN_SETTING,
	COLUMN_VALUE,
	COLUMN_SECONDS,
	COLUMN_METRIC,
	COLUMN_N,
	COLUMN_ERROR
};

struct column {
	enum column_kind kind;
	char pointer[POINTER_MAX]; /* of a setting */
	struct measured of;        /* of a value */
};

struct reader {
	struct measurements *measurements;
	const struct simulation_config *config;
	size_t guest;
	const char *path;
	size_t line;
	struct column columns[COLUMNS_MOST];
	size_t column_count;
	struct error *error;
};

static bool complain(const struct reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool complain(const struct reader *reader, const char *format, ...)
{
	char message[1024];

	FORMAT_MESSAGE(message, format);
	return error_set(reader->error, ERROR_INPUT, "%s:%zu: error: %s", reader->path,
			 reader->line, message);
}

/* Why a cell is wrong, with its place. */
static bool complain_of(const struct reader *reader, const struct error *own)
{
	return own->kind == ERROR_INPUT ? complain(reader, "%s", own->message)
					: error_set(reader->error, own->kind, "%s", own->message);
}

/* Without blanks around. */
static char *trimmed(char *text)
{
	char *end = text + strlen(text);

	while (isspace((unsigned char)*text))
		text++;
	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text;
}

static char *unquoted(char *text)
{
	size_t length = strlen(text);

	if (length < 2 || *text != '"' || text[length - 1] != '"')
		return text;
	text[length - 1] = '\0';
	return text + 1;
}

static size_t split(char *text, char *cells[COLUMNS_MOST + 1])
{
	size_t count = 0;

	for (char *cell = text; cell && count <= COLUMNS_MOST; count++) {
		char *comma = strchr(cell, ',');

		if (comma)
			*comma++ = '\0';
		cells[count] = unquoted(trimmed(cell));
		cell = comma;
	}
	return count;
}

static bool unknown_column(const struct reader *reader, const char *name)
{
	static const char *const own[] = { "seconds", "metric", "n", "error" };
	struct candidates known = { 0 };
	char hint[HINT_MAX];

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		candidates_add(&known, own[i]);
	for (size_t i = 0; i < METRIC_KINDS; i++)
		candidates_add(&known, metric_kinds[i].name);
	short_name_candidates(reader->config, reader->guest, &known);
	return complain(reader,
			"the column \"%.60s\" is neither a JSON pointer, nor a key of the guest "
			"or the host, nor a metric, nor seconds, metric, n or error%s",
			name, did_you_mean(hint, name, known.names));
}

static bool read_heading(struct reader *reader, const char *name)
{
	struct column *column = &reader->columns[reader->column_count++];
	struct error own = { 0 };
	struct measured of;

	if (strcmp(name, "seconds") == 0) {
		column->kind = COLUMN_SECONDS;
	} else if (strcmp(name, "metric") == 0) {
		column->kind = COLUMN_METRIC;
	} else if (strcmp(name, "n") == 0) {
		column->kind = COLUMN_N;
	} else if (strcmp(name, "error") == 0) {
		column->kind = COLUMN_ERROR;
	} else if (*name == '/' && strlen(name) < POINTER_MAX) {
		column->kind = COLUMN_SETTING;
		snprintf(column->pointer, sizeof(column->pointer), "%s", name);
	} else if (short_name_pointer(reader->config, reader->guest, name, column->pointer)) {
		column->kind = COLUMN_SETTING;
	} else if (read_name(reader->measurements, name, &of, &own)) {
		column->kind = COLUMN_VALUE;
		column->of = of;
	} else {
		return own.kind == ERROR_INPUT ? unknown_column(reader, name)
					       : complain_of(reader, &own);
	}
	return true;
}

static size_t columns_of(const struct reader *reader, enum column_kind kind)
{
	size_t count = 0;

	for (size_t c = 0; c < reader->column_count; c++)
		count += reader->columns[c].kind == kind;
	return count;
}

static bool read_headings(struct reader *reader, char *cells[], size_t count)
{
	if (count > COLUMNS_MOST)
		return complain(reader, "more than %d columns", COLUMNS_MOST);
	for (size_t c = 0; c < count; c++)
		if (!read_heading(reader, cells[c]))
			return false;
	for (enum column_kind kind = COLUMN_SECONDS; kind <= COLUMN_ERROR; kind++)
		if (columns_of(reader, kind) > 1)
			return complain(reader, "the same column twice");
	if (columns_of(reader, COLUMN_SETTING) > SETTINGS_MOST)
		return complain(reader, "more than %d columns that say what the scenario was",
				SETTINGS_MOST);
	if (!columns_of(reader, COLUMN_SECONDS) && !columns_of(reader, COLUMN_VALUE))
		return complain(reader, "no column says what was measured: `seconds`, or the name "
					"of a metric (reboot.latency)");
	if (columns_of(reader, COLUMN_METRIC) && !columns_of(reader, COLUMN_SECONDS))
		return complain(reader, "`metric` says what `seconds` are of: that is missing");
	return true;
}

/* What holds of all values of a line. */
struct row {
	size_t point;
	struct measured of; /* of its seconds */
	double error;
	uint64_t n; /* 0: not said */
};

static bool read_row(struct reader *reader, char *cells[], struct row *row)
{
	struct setting settings[SETTINGS_MOST];
	struct error own = { 0 };
	size_t count = 0;
	bool ok = true;
	double n;

	*row = (struct row){ .of.quantile = -1, .error = -1 };
	for (size_t c = 0; ok && c < reader->column_count; c++) {
		struct column *column = &reader->columns[c];

		if (!*cells[c])
			continue;
		if (column->kind == COLUMN_SETTING) {
			settings[count++] =
				(struct setting){ column->pointer, cells[c], reader->path };
		} else if (column->kind == COLUMN_METRIC) {
			ok = read_name(reader->measurements, cells[c], &row->of, &own);
			if (ok && metric_kind_of(row->of.metric)->unit != UNIT_NANOSECONDS)
				return complain(reader, "%.60s is not measured in seconds",
						row->of.metric);
		} else if (column->kind == COLUMN_ERROR) {
			ok = measurement_error_read(cells[c], &row->error, &own);
		} else if (column->kind == COLUMN_N) {
			ok = read_number(cells[c], &n, &own);
			if (ok && (n != floor(n) || n > 1e15))
				return complain(reader, "n is a whole number from 1 on");
			row->n = ok ? (uint64_t)n : 0;
		}
	}
	return (ok && find_point(reader->measurements, settings, count, &row->point, &own)) ||
	       complain_of(reader, &own);
}

static bool read_cell(struct reader *reader, const struct column *column, const char *cell,
		      const struct row *row)
{
	bool seconds = column->kind == COLUMN_SECONDS;
	const struct measured *of = seconds ? &row->of : &column->of;
	struct error own = { 0 };
	struct measurement *item;
	char where[512];
	bool ok;

	snprintf(where, sizeof(where), "%.450s:%zu", reader->path, reader->line);
	item = add(reader->measurements, row->point, where, of, &own);
	if (!item)
		return complain_of(reader, &own);
	item->error = row->error;
	if (row->n)
		item->n = row->n;
	ok = seconds ? read_number(cell, &item->value, &own)
		     : read_value(metric_kind_of(of->metric)->unit, cell, &item->value, &own);
	if (seconds)
		item->value *= 1e9;
	return ok || complain_of(reader, &own);
}

static bool read_line(struct reader *reader, char *text)
{
	char *cells[COLUMNS_MOST + 1];
	size_t count = split(text, cells), before = reader->measurements->count;
	struct row row;

	if (!reader->column_count)
		return read_headings(reader, cells, count);
	if (count != reader->column_count)
		return complain(reader,
				"this line has %zu of the %zu columns that the first line names",
				count, reader->column_count);
	if (!read_row(reader, cells, &row))
		return false;
	for (size_t c = 0; c < count; c++)
		if (*cells[c] &&
		    (reader->columns[c].kind == COLUMN_VALUE ||
		     reader->columns[c].kind == COLUMN_SECONDS) &&
		    !read_cell(reader, &reader->columns[c], cells[c], &row))
			return false;
	return reader->measurements->count > before ||
	       complain(reader, "nothing was measured here: the cells of metrics are empty");
}

static bool read_lines(struct reader *reader, struct lines *lines)
{
	bool ok = true;

	while (ok && lines_next(lines)) {
		char *line = lines->text;

		reader->line = lines->number;
		if (lines->number == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
			line += 3;
		line = trimmed(line);
		ok = !*line || *line == '#' || read_line(reader, line);
	}
	return ok && reader->error->kind == ERROR_NONE;
}

bool measurements_read(struct measurements *measurements, const struct attachment *file,
		       const struct simulation_config *config, size_t guest, struct error *error)
{
	struct reader *reader = memory_array(1, sizeof(*reader), "columns", error);
	size_t before = measurements->count;
	struct lines lines;
	bool ok = false;

	if (reader && (file->text ? lines_open_text(&lines, file->name, file->text, error)
				  : lines_open(&lines, file->name, error))) {
		reader->measurements = measurements;
		reader->config = config;
		reader->guest = guest;
		reader->path = file->name;
		reader->error = error;
		ok = read_lines(reader, &lines) &&
		     (measurements->count > before ||
		      error_set(error, ERROR_INPUT, "%s: there is no observation in it",
				file->name));
		lines_close(&lines);
	}
	free(reader);
	return ok;
}

void measurements_fini(struct measurements *measurements)
{
	free(measurements->items);
	free(measurements->points);
	memory_keeper_fini(&measurements->keeper);
	*measurements = (struct measurements){ 0 };
}
