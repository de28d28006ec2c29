/* Pictures of stored results: distributions. */

#include <math.h>
#include <string.h>

#include "draw/plot_axes.h"

/*
 * Stairs: a share changes at an observation and stays until the next. The result has the value at
 * most which a share is; what lies between two shares is drawn at the lower one.
 */
static void write_distribution(struct picture *picture, const json_t *distribution, bool complement,
			       struct plot_unit unit)
{
	const json_t *quantiles = json_object_get(distribution, "quantiles");
	double n = plot_number(distribution, "n");

	for (size_t i = 0; i < json_array_size(quantiles); i++) {
		const json_t *pair = json_array_get(quantiles, i);
		double share = json_number_value(json_array_get(pair, 0));
		double value = json_number_value(json_array_get(pair, 1)) / unit.divisor;

		/* the largest of n: one in n is that slow */
		plot_point(picture, value, complement ? fmax(1 - share, 1 / n) : share, NAN, NAN,
			   NULL);
	}
}

static bool draw(const struct plot_request *request, const struct plot_document *documents,
		 bool complement, struct picture *picture, struct error *error)
{
	const char *metric = plot_metric_of(request, documents[0].root);
	struct plot_unit unit = { "", 1 };
	double smallest = INFINITY, largest = 0, observed = 1;

	plot_result_caption(picture, documents, request->file_count);
	plot_how_sure(picture, documents[0].root, request->file_count);
	picture->script = "lines.gp";
	for (size_t f = 0; f < request->file_count; f++) {
		const json_t *list = json_object_get(documents[f].root, "distributions");

		for (size_t i = 0; i < json_array_size(list); i++) {
			const json_t *item = json_array_get(list, i);
			const json_t *quantiles = json_object_get(item, "quantiles");
			size_t last = json_array_size(quantiles);
			double low, high;
			char name[80];

			if (strcmp(plot_text(item, "metric"), metric) != 0 || last < 2)
				continue;
			low = json_number_value(json_array_get(json_array_get(quantiles, 0), 1));
			high = json_number_value(
				json_array_get(json_array_get(quantiles, last - 1), 1));
			if (!picture->series)
				unit = plot_unit_for(plot_text(item, "unit"), high);
			smallest = fmin(smallest, low);
			largest = fmax(largest, high);
			observed = fmax(observed, plot_number(item, "n"));
			plot_name_of(request, &documents[f], plot_text(item, "group"), name,
				     sizeof(name));
			plot_series(picture, name);
			write_distribution(picture, item, complement, unit);
		}
	}
	if (!picture->series)
		return error_set(
			error, ERROR_INPUT,
			"%s: there is no distribution of %s: too few or equal observations",
			documents[0].path, metric);
	plot_axis(picture->x_label, metric, NULL, unit);
	snprintf(picture->y_label, sizeof(picture->y_label), "%s",
		 complement ? "share of observations above" : "share of observations up to there");
	picture_option(picture, "steps");
	if (complement)
		plot_scale(picture, 'y', (struct plot_unit){ "", 1 }, 1 / observed, 1, true);
	else
		picture_option(picture, "unit_interval");
	plot_scale(picture, 'x', unit, smallest, largest,
		   !request->linear && plot_is_wide(smallest, largest));
	plot_slo(picture, request->slo, unit);
	picture_option(picture, "slo_x");
	return true;
}

bool plot_cdf(const struct plot_request *request, const struct plot_document *documents,
	      struct picture *picture, struct error *error)
{
	return draw(request, documents, false, picture, error);
}

bool plot_ccdf(const struct plot_request *request, const struct plot_document *documents,
	       struct picture *picture, struct error *error)
{
	return draw(request, documents, true, picture, error);
}
