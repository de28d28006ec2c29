#include "experiment/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "scenario/document.h"

static const struct {
	const char *format, *kinds[5];
} formats[] = {
	{ "sim-result", { "cdf", "ccdf", "breakdown", "limbo" } },
	{ "sim-comparison", { "breakdown", "latency" } },
	{ "sweep", { "latency" } },
	{ "sim-plan", { "plan" } },
	{ "sim-sensitivity", { "tornado" } },
	{ "sim-validation", { "parity" } },
};
enum { FORMATS = sizeof(formats) / sizeof(formats[0]), RESULT_FORMAT = 0, SWEEP_FORMAT = 2 };

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
		/* minutes only when seconds have five digits */
		while (i + 1 < sizeof(times) / sizeof(times[0]) &&
		       largest >= (i < 3 ? 1 : 100) * times[i + 1].divisor)
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

	picture_text(name, sizeof(name), metric);
	picture_text(of, sizeof(of), group ? group : "");
	snprintf(out, PICTURE_TEXT, "%s%s%s%s%s%s", name, *of ? " of " : "", of,
		 *unit.name ? " (" : "", unit.name, *unit.name ? ")" : "");
}

bool plot_is_wide(double smallest, double largest)
{
	return smallest > 0 && largest >= 16 * smallest;
}

const char *plot_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

double plot_number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

void plot_slo(const struct plot_request *request, struct picture *picture, struct plot_unit unit)
{
	char word[32];

	if (isnan(request->slo))
		return;
	picture_option_value(picture, "slo", request->slo / unit.divisor);
	snprintf(word, sizeof(word), "slo_unit=%s", unit.name);
	picture_option(picture, word);
}

static bool is_sqlite(const char *path)
{
	char start[16] = { 0 };
	FILE *file = fopen(path, "re");
	bool same = file && fread(start, 1, sizeof(start), file) == sizeof(start) &&
		    memcmp(start, "SQLite format 3", 16) == 0;

	if (file)
		fclose(file);
	return same;
}

static bool kind_fits(const struct plot_request *request, int format, struct error *error)
{
	char known[128] = "";

	for (int k = 0; formats[format].kinds[k]; k++) {
		size_t used = strlen(known);

		if (!request->kind || strcmp(request->kind, formats[format].kinds[k]) == 0)
			return true;
		snprintf(known + used, sizeof(known) - used, "%s%s", k ? ", " : "",
			 formats[format].kinds[k]);
	}
	return error_set(error, ERROR_INPUT, "%s: there is no picture \"%.40s\" of it; there is %s",
			 request->files[0], request->kind, known);
}

static bool draw_document(const struct plot_request *request, const struct plot_document *documents,
			  int format, struct picture *picture, struct error *error)
{
	switch (format) {
	case RESULT_FORMAT:
		return plot_results(request, documents, picture, error);
	case 1:
		return plot_comparison(request, documents, picture, error);
	case 3:
		return plot_plan(request, documents, picture, error);
	case 4:
		return plot_sensitivity(request, documents, picture, error);
	default:
		return plot_validation(request, documents, picture, error);
	}
}

static int format_of(const json_t *root)
{
	const char *name = json_string_value(json_object_get(root, "format"));

	for (int f = 0; name && f < FORMATS; f++)
		if (strcmp(formats[f].format, name) == 0)
			return f;
	return -1;
}

bool plot_prepare(const struct plot_request *request, struct picture *picture, struct error *error)
{
	struct document documents[PLOT_FILES_MOST];
	struct plot_document views[PLOT_FILES_MOST];
	size_t count = 0;
	int format = -1;
	bool ok = false;

	if (!picture_begin(picture, error))
		return false;
	if (request->file_count == 1 && is_sqlite(request->files[0]))
		return kind_fits(request, SWEEP_FORMAT, error) &&
		       plot_sweep(request, picture, error);
	for (; count < request->file_count; count++) {
		if (!document_read(&documents[count], request->files[count], error))
			goto out;
		views[count] =
			(struct plot_document){ request->files[count], documents[count].root };
		format = format_of(documents[count].root);
		if (format < 0 || (request->file_count > 1 && format != RESULT_FORMAT)) {
			error_set(error, ERROR_INPUT,
				  format < 0 ? "%s: this is no result of sim (--format json) and "
					       "no sweep"
					     : "%s: only results of sim run are drawn together",
				  request->files[count]);
			count++;
			goto out;
		}
	}
	ok = kind_fits(request, format, error) &&
	     draw_document(request, views, format, picture, error);
out:
	while (count)
		document_fini(&documents[--count]);
	return ok;
}
