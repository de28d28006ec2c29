/* Pictures of sensitivities and validations. */

#include <math.h>
#include <string.h>

#include "draw/plot_axes.h"

/* --- sensitivity --- */

enum { TERMS_MOST = 15 };

bool plot_sensitivity(const struct plot_request *request, const struct plot_document *documents,
		      struct picture *picture, struct error *error)
{
	const json_t *terms = json_object_get(documents[0].root, "terms");
	const json_t *provenance = json_object_get(documents[0].root, "provenance");
	double mean = plot_number(documents[0].root, "mean"), largest = mean;
	struct plot_unit unit;

	(void)request;
	for (size_t i = 0; i < json_array_size(terms) && i < TERMS_MOST; i++) {
		const json_t *term = json_array_get(terms, i);

		largest = fmax(largest,
			       fmax(plot_number(term, "at_low"), plot_number(term, "at_high")));
	}
	unit = plot_unit_for(plot_text(documents[0].root, "unit"), largest);
	picture->script = "tornado.gp";
	plot_scenario_title(picture, documents[0].root);
	plot_axis(picture->x_label, plot_text(documents[0].root, "metric"),
		  plot_text(documents[0].root, "group"), unit);
	snprintf(picture->caption, sizeof(picture->caption),
		 "each price alone at the ends of its range; %.0f replications, sim %.20s",
		 plot_number(provenance, "replications"), plot_text(provenance, "version"));
	for (size_t i = 0; i < json_array_size(terms) && picture->series < TERMS_MOST; i++) {
		const json_t *term = json_array_get(terms, i);
		double low = plot_number(term, "at_low"), high = plot_number(term, "at_high");

		if (!isfinite(low) || !isfinite(high) || low == high)
			continue;
		picture_cell(picture, plot_text(term, "term"));
		fprintf(picture->table, "\t%.12g\t%.12g\n", low / unit.divisor,
			high / unit.divisor);
		picture->series++;
	}
	if (!picture->series)
		return error_set(error, ERROR_INPUT, "%s: no cost moves the answer",
				 documents[0].path);
	plot_scale(picture, 'x', unit, 0, largest, false);
	picture_option_value(picture, "base", mean / unit.divisor);
	return true;
}

/* --- validation --- */

static double in_seconds(const char *unit)
{
	return strcmp(unit, "s") == 0    ? 1
	       : strcmp(unit, "ms") == 0 ? 1e-3
	       : strcmp(unit, "us") == 0 ? 1e-6
	       : strcmp(unit, "ns") == 0 ? 1e-9
					 : NAN;
}

/* What sim validate calls it: its file without the ending. (Its name is a sentence.) */
static void begin_table(struct picture *picture, const json_t *table)
{
	const char *file = plot_text(table, "file"), *slash = strrchr(file, '/');
	char name[PICTURE_TEXT];

	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : file);
	if (strlen(name) > strlen(".json") &&
	    strcmp(name + strlen(name) - strlen(".json"), ".json") == 0)
		name[strlen(name) - strlen(".json")] = '\0';
	plot_series(picture, name);
}

/* One row, as a point and the band of its prediction; false: it was not judged. */
static bool write_row(struct picture *picture, const json_t *table, const json_t *row, bool first,
		      double ends[2], double ratios[2])
{
	double scale = in_seconds(plot_text(table, "unit"));
	double published = plot_number(row, "published"), predicted = plot_number(row, "predicted");
	const json_t *band = json_object_get(row, "band");
	double low = plot_number(band, "low"), high = plot_number(band, "high");

	if (isnan(scale) || strcmp(plot_text(row, "verdict"), "-") == 0 ||
	    json_is_true(json_object_get(row, "bound")) || !(published > 0) || !(predicted > 0))
		return false;
	if (first)
		begin_table(picture, table);
	plot_point(picture, published * scale, predicted / published,
		   isnan(low) ? predicted / published : low / published,
		   isnan(high) ? predicted / published : high / published, NULL);
	ends[0] = fmin(ends[0], published * scale);
	ends[1] = fmax(ends[1], published * scale);
	ratios[0] = fmin(ratios[0], predicted / published);
	ratios[1] = fmax(ratios[1], predicted / published);
	return true;
}

bool plot_validation(const struct plot_request *request, const struct plot_document *documents,
		     struct picture *picture, struct error *error)
{
	static const struct plot_unit seconds = { "s", 1 }, ratio = { "", 1 };
	const json_t *tables = json_object_get(documents[0].root, "tables");
	double ends[2] = { INFINITY, 0 }, ratios[2] = { 0.5, 2 };
	int rows = 0;

	(void)request;
	picture->script = "parity.gp";
	for (size_t t = 0; t < json_array_size(tables); t++) {
		const json_t *table = json_array_get(tables, t);
		const json_t *list = json_object_get(table, "rows");
		int drawn = 0;

		for (size_t i = 0; i < json_array_size(list); i++)
			drawn += write_row(picture, table, json_array_get(list, i), !drawn, ends,
					   ratios);
		rows += drawn;
	}
	if (!picture->series)
		return error_set(error, ERROR_INPUT, "%s: no row was judged", documents[0].path);
	snprintf(
		picture->title, sizeof(picture->title),
		"%d published times, and predictions\n"
		"bars: 95 %% of draws of all prices from their ranges; the picture's ends cut them",
		rows);
	snprintf(picture->x_label, sizeof(picture->x_label), "published time (s)");
	snprintf(picture->y_label, sizeof(picture->y_label), "predicted / published time");
	snprintf(picture->caption, sizeof(picture->caption),
		 "names as of sim validate NAME; rows that calibrate a profile are left out; sim "
		 "%.20s",
		 plot_text(documents[0].root, "sim"));
	plot_scale(picture, 'x', seconds, ends[0], fmax(ends[1], 2 * ends[0]), true);
	plot_scale(picture, 'y', ratio, ratios[0], ratios[1], true);
	return true;
}
