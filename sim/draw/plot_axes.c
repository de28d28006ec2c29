#include "draw/plot_axes.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/text_tools.h"

struct plot_unit plot_unit_for(const char *unit, double largest)
{
	static const struct plot_unit times[] = { { "ns", 1 },  { "us", 1e3 },   { "ms", 1e6 },
						  { "s", 1e9 }, { "min", 60e9 }, { "h", 3600e9 } };
	static const struct plot_unit sizes[] = { { "B", 1 },
						  { "KiB", 0x1p10 },
						  { "MiB", 0x1p20 },
						  { "GiB", 0x1p30 },
						  { "TiB", 0x1p40 } };
	size_t i = 0;

	if (strcmp(unit, "ns") == 0) {
		/* minutes from twenty of them on, hours from three */
		while (i + 1 < sizeof(times) / sizeof(times[0]) &&
		       largest >= (i < 3    ? 1
				   : i == 3 ? 20
					    : 3) *
					  times[i + 1].divisor)
			i++;
		return times[i];
	}
	if (strcmp(unit, "bytes") == 0) {
		while (i + 1 < sizeof(sizes) / sizeof(sizes[0]) && largest >= sizes[i + 1].divisor)
			i++;
		return sizes[i];
	}
	return (struct plot_unit){ "", 1 };
}

void plot_axis(char *out, const char *metric, const char *group, struct plot_unit unit)
{
	char name[PICTURE_TEXT / 3], of[PICTURE_TEXT / 3];

	if (*metric == '/')
		plot_pointer_words(name, sizeof(name), metric);
	else
		plot_metric_words(name, sizeof(name), metric);
	picture_text(of, sizeof(of), group ? group : "");
	snprintf(out, PICTURE_TEXT, "%s%s%s%s%s%s", name, *of ? " of " : "", of,
		 *unit.name ? " (" : "", unit.name, *unit.name ? ")" : "");
}

/* Steps of minutes and hours as clocks have them; NaN: those of other numbers will do. */
static double step_of_time(struct plot_unit unit, double range)
{
	static const double minutes[] = { 1, 2, 5, 10, 15, 30, 60, 120, 300 };
	static const double hours[] = { 1, 2, 3, 6, 12, 24, 48, 120, 240, 480, 720 };
	bool in_hours = strcmp(unit.name, "h") == 0;
	const double *steps = in_hours ? hours : minutes;
	size_t count =
		in_hours ? sizeof(hours) / sizeof(hours[0]) : sizeof(minutes) / sizeof(minutes[0]);
	enum { MARKS_MOST = 8 };

	if (!in_hours && strcmp(unit.name, "min") != 0)
		return NAN;
	for (size_t i = 0; i < count; i++)
		if (range / steps[i] <= MARKS_MOST && range >= 2 * steps[i])
			return steps[i];
	return NAN;
}

void plot_scale(struct picture *picture, char axis, struct plot_unit unit, double low, double high,
		bool powers)
{
	double step = step_of_time(unit, (high - low) / unit.divisor);
	char word[16];

	if (powers && low > 0 && high > low) {
		snprintf(word, sizeof(word), "log%c", axis);
		picture_option(picture, word);
		snprintf(word, sizeof(word), "%clow", axis);
		picture_option_value(picture, word, low / unit.divisor);
		snprintf(word, sizeof(word), "%chigh", axis);
		picture_option_value(picture, word, high / unit.divisor);
		snprintf(word, sizeof(word), "%ctwo", axis);
		if (unit.name[0] == 'B' || strchr(unit.name, 'i') == unit.name + 1)
			picture_option(picture, word);
	} else if (!isnan(step)) {
		snprintf(word, sizeof(word), "%cstep", axis);
		picture_option_value(picture, word, step);
	}
}

bool plot_is_wide(double smallest, double largest)
{
	return smallest > 0 && largest >= 16 * smallest;
}

const char *plot_text(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text =
		json_string_value(json_is_object(value) ? json_object_get(value, "name") : value);

	return text ? text : "-";
}

double plot_number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

void plot_slo(struct picture *picture, double slo, struct plot_unit unit)
{
	char word[32];

	if (isnan(slo))
		return;
	picture_option_value(picture, "slo", slo / unit.divisor);
	snprintf(word, sizeof(word), "slo_unit=%s", unit.name);
	picture_option(picture, word);
}

void plot_series(struct picture *picture, const char *name)
{
	if (picture->series++)
		fputs("\n\n", picture->table);
	picture_cell(picture, name);
	fputc('\n', picture->table);
}

void plot_point(struct picture *picture, double x, double y, double low, double high,
		const char *name)
{
	const double numbers[] = { x, y, low, high };

	for (int i = 0; i < 4; i++) {
		if (i)
			fputc('\t', picture->table);
		picture_number(picture, numbers[i]);
	}
	if (name) {
		fputc('\t', picture->table);
		picture_cell(picture, name);
	}
	fputc('\n', picture->table);
}

void plot_line(struct picture *picture, const char *text)
{
	size_t length = strlen(picture->title);

	if (length + 2 < sizeof(picture->title)) {
		picture->title[length] = '\n';
		picture_text(picture->title + length + 1, sizeof(picture->title) - length - 1,
			     text);
	}
}

static struct maybe maybe_of(const json_t *value)
{
	return json_is_number(value) ? maybe_some(json_number_value(value))
				     : maybe_none("prices were not moved");
}

static struct result_uncertainty band_of(const json_t *root)
{
	const json_t *from = json_object_get(root, "uncertainty");
	const json_t *ends = json_object_get(from, "band95");
	struct result_uncertainty band = { .terms = (uint64_t)fmax(0, plot_number(from, "terms")),
					   .low = maybe_of(json_array_get(ends, 0)),
					   .high = maybe_of(json_array_get(ends, 1)) };

	for (int i = BAND_OF_NOTHING; i <= BAND_OF_ENDS; i++)
		if (strcmp(plot_text(from, "by"), band_names[i]) == 0)
			band.by = (enum band_by)i;
	return band;
}

void plot_how_sure(struct picture *picture, const json_t *root, size_t count)
{
	const json_t *answer = json_object_get(root, "answer");
	const json_t *interval = json_object_get(answer, "ci95");
	const char *platform =
		json_string_value(json_object_get(json_object_get(root, "provenance"), "platform"));
	struct result_uncertainty band = band_of(root);
	char line[2 * CELL_SIZE];

	if (count > 1 || !json_is_object(answer)) {
		plot_prices_as_given(picture);
		return;
	}
	snprintf(line, sizeof(line), "mean %s, 95 %% confidence %s; %s",
		 MAYBE(UNIT_NANOSECONDS, maybe_of(json_object_get(answer, "mean")), "?"),
		 INTERVAL(UNIT_NANOSECONDS, maybe_of(json_array_get(interval, 0)),
			  maybe_of(json_array_get(interval, 1)), "none"),
		 BAND(UNIT_NANOSECONDS, &band, platform));
	plot_line(picture, line);
}

void plot_prices_as_given(struct picture *picture)
{
	plot_line(picture, "sampling only: prices as they are given, not across their ranges");
}

void plot_scenario_title(struct picture *picture, const json_t *root)
{
	picture_text(picture->title, PICTURE_TEXT / 2,
		     plot_text(json_object_get(root, "scenario"), "name"));
}

/* What has no room is cut. */
__attribute__((format(printf, 2, 3))) static void add(struct picture *picture, const char *format,
						      ...)
{
	size_t used = strlen(picture->caption);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(picture->caption + used, sizeof(picture->caption) - used, format, arguments);
	va_end(arguments);
}

/* "4" or "4 .. 8": a number of the provenance, of all files. */
static void add_span(struct picture *picture, const struct plot_document *documents, size_t count,
		     const char *key)
{
	double least = INFINITY, most = -INFINITY;

	for (size_t i = 0; i < count; i++) {
		double number = plot_number(json_object_get(documents[i].root, "provenance"), key);

		least = fmin(least, number);
		most = fmax(most, number);
	}
	add(picture, "%.0f", least);
	if (most > least)
		add(picture, " .. %.0f", most);
}

void plot_result_caption(struct picture *picture, const struct plot_document *documents,
			 size_t count)
{
	const json_t *root = documents[0].root;
	const char *hash = plot_text(json_object_get(root, "scenario"), "sha256");
	size_t same = 0;

	while (same < count &&
	       strcmp(hash,
		      plot_text(json_object_get(documents[same].root, "scenario"), "sha256")) == 0)
		same++;
	plot_scenario_title(picture, root);
	if (same == count)
		add(picture, "scenario %.12s, seed ", hash);
	else
		add(picture, "%zu results, seed ", count);
	add_span(picture, documents, count, "seed");
	add(picture, ", ");
	add_span(picture, documents, count, "replications");
	add(picture, " replications, sim %.20s",
	    plot_text(json_object_get(root, "provenance"), "version"));
}

const char *plot_metric_of(const struct plot_request *request, const json_t *root)
{
	const json_t *answer = json_object_get(root, "answer");

	return request->metric ? request->metric : plot_text(answer, "metric");
}

bool plot_has_replication(const struct plot_request *request, const struct plot_document *document,
			  struct error *error)
{
	double run = plot_number(json_object_get(document->root, "provenance"), "replications");

	return (double)request->replication < fmax(run, 1) ||
	       error_set(error, ERROR_INPUT,
			 "%s: replication %" PRId64 ": the result has %.0f, from 0 on",
			 document->path, request->replication, run);
}

void plot_name_of(const struct plot_request *request, const struct plot_document *document,
		  const char *group, char *out, size_t size)
{
	const char *slash = strrchr(document->path, '/');

	if (request->file_count == 1)
		picture_text(out, size, group);
	else
		picture_text(out, size, slash ? slash + 1 : document->path);
}
