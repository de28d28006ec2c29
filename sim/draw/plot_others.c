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
	picture_text(picture->title, sizeof(picture->title),
		     plot_text(documents[0].root, "scenario"));
	plot_axis(picture->x_label, plot_text(documents[0].root, "metric"),
		  plot_text(documents[0].root, "group"), unit);
	snprintf(picture->caption, sizeof(picture->caption),
		 "each cost alone at the ends of its range; %.0f replications, sim %.20s",
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

bool plot_validation(const struct plot_request *request, const struct plot_document *documents,
		     struct picture *picture, struct error *error)
{
	const json_t *tables = json_object_get(documents[0].root, "tables");
	double smallest = INFINITY, largest = 0;
	int rows = 0;

	(void)request;
	picture->script = "parity.gp";
	for (size_t t = 0; t < json_array_size(tables); t++) {
		const json_t *table = json_array_get(tables, t);
		const json_t *list = json_object_get(table, "rows");
		double scale = in_seconds(plot_text(table, "unit"));
		bool begun = false;

		for (size_t i = 0; isfinite(scale) && i < json_array_size(list); i++) {
			const json_t *row = json_array_get(list, i);
			double published = plot_number(row, "published") * scale;
			double predicted = plot_number(row, "predicted") * scale;
			const char *verdict = plot_text(row, "verdict");

			if (strcmp(verdict, "-") == 0 ||
			    json_is_true(json_object_get(row, "bound")) || !(published > 0) ||
			    !(predicted > 0))
				continue;
			if (!begun)
				plot_series(picture, plot_text(table, "name"));
			begun = true;
			fprintf(picture->table, "%.12g\t%.12g\n", published, predicted);
			smallest = fmin(smallest, fmin(published, predicted));
			largest = fmax(largest, fmax(published, predicted));
			rows++;
		}
	}
	if (!picture->series)
		return error_set(error, ERROR_INPUT, "%s: no row was judged", documents[0].path);
	snprintf(picture->title, sizeof(picture->title), "%d published times, and predictions",
		 rows);
	snprintf(picture->x_label, sizeof(picture->x_label), "published (s)");
	snprintf(picture->y_label, sizeof(picture->y_label), "predicted (s)");
	snprintf(picture->caption, sizeof(picture->caption),
		 "rows that calibrate a profile are left out; sim %.20s",
		 plot_text(documents[0].root, "sim"));
	picture_option_value(picture, "low", smallest / 2);
	picture_option_value(picture, "high", largest * 2);
	return true;
}
