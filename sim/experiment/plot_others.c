/* Pictures of plans, sensitivities and validations. */

#include <math.h>
#include <string.h>

#include <jansson.h>

#include "experiment/plot.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

static double number_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static void begin_series(struct picture *picture, const char *name)
{
	if (picture->series++)
		fputs("\n\n", picture->table);
	picture_cell(picture, name);
	fputc('\n', picture->table);
}

/* --- plan: every look, as a share of what is allowed, at the limit that binds --- */

enum { MOST_DRAWN = 300 };

static void write_look(struct picture *picture, const json_t *look)
{
	const json_t *limits = json_object_get(look, "limits");
	double highest = -INFINITY, worst[3] = { NAN, NAN, NAN };

	for (size_t i = 0; i < json_array_size(limits); i++) {
		const json_t *limit = json_array_get(limits, i);
		double allowed = number_of(limit, "allowed"), high = number_of(limit, "high");

		/* with nothing allowed there is no share; any is too much */
		if (allowed <= 0 || !(high / allowed > highest))
			continue;
		highest = high / allowed;
		worst[0] = number_of(limit, "estimate") / allowed;
		worst[1] = fmax(0, number_of(limit, "low") / allowed);
		worst[2] = highest;
	}
	picture_number(picture, number_of(look, "value"));
	for (int i = 0; i < 3; i++) {
		fputc('\t', picture->table);
		picture_number(picture, fmin(100 * worst[i], MOST_DRAWN));
	}
	fputc('\n', picture->table);
}

/* Looks are in the order of the search; a line wants them by value. */
static void write_looks(struct picture *picture, const json_t *looks)
{
	double last = -INFINITY;

	for (;;) {
		const json_t *next = NULL;

		for (size_t i = 0; i < json_array_size(looks); i++) {
			const json_t *look = json_array_get(looks, i);
			double value = number_of(look, "value");

			if (value > last && (!next || value < number_of(next, "value")) &&
			    !json_is_true(json_object_get(look, "fresh")))
				next = look;
		}
		if (!next)
			return;
		write_look(picture, next);
		last = number_of(next, "value");
	}
}

bool plot_plan(const struct plot_request *request, const struct plot_document *document,
	       struct picture *picture, struct error *error)
{
	const json_t *answers = json_object_get(document->root, "answers");
	const json_t *provenance = json_object_get(document->root, "provenance");

	(void)request;
	picture->script = "lines.gp";
	picture_text(picture->title, sizeof(picture->title), text_of(document->root, "scenario"));
	picture_text(picture->x_label, sizeof(picture->x_label), text_of(document->root, "vary"));
	snprintf(picture->y_label, sizeof(picture->y_label),
		 "nearest limit: used of what is allowed (%%, drawn up to %d)", MOST_DRAWN);
	snprintf(picture->caption, sizeof(picture->caption),
		 "bounds at the confidence of the search; seed %.0f, sim %.20s",
		 number_of(provenance, "seed"), text_of(provenance, "version"));
	for (size_t a = 0; a < json_array_size(answers); a++) {
		const json_t *answer = json_array_get(answers, a);
		const char *each = json_string_value(json_object_get(answer, "for"));
		char name[PICTURE_TEXT / 2], clean[PICTURE_TEXT / 4];

		picture_text(clean, sizeof(clean), each ? each : "looks");
		if (json_is_integer(json_object_get(answer, "value")))
			snprintf(name, sizeof(name), "%s: %.0f", clean, number_of(answer, "value"));
		else
			snprintf(name, sizeof(name), "%s: %s", clean, text_of(answer, "verdict"));
		begin_series(picture, name);
		write_looks(picture, json_object_get(answer, "looks"));
	}
	if (!picture->series)
		return error_set(error, ERROR_INPUT, "%s: the plan has no answer", document->path);
	picture_option(picture, "zero limit");
	return true;
}

/* --- sensitivity --- */

enum { TERMS_MOST = 15 };

bool plot_sensitivity(const struct plot_request *request, const struct plot_document *document,
		      struct picture *picture, struct error *error)
{
	const json_t *terms = json_object_get(document->root, "terms");
	const json_t *provenance = json_object_get(document->root, "provenance");
	double mean = number_of(document->root, "mean"), largest = mean;
	struct plot_unit unit;

	(void)request;
	for (size_t i = 0; i < json_array_size(terms) && i < TERMS_MOST; i++) {
		const json_t *term = json_array_get(terms, i);

		largest =
			fmax(largest, fmax(number_of(term, "at_low"), number_of(term, "at_high")));
	}
	unit = plot_unit_for(text_of(document->root, "unit"), largest);
	picture->script = "tornado.gp";
	picture_text(picture->title, sizeof(picture->title), text_of(document->root, "scenario"));
	plot_axis(picture->x_label, text_of(document->root, "metric"),
		  text_of(document->root, "group"), unit);
	snprintf(picture->caption, sizeof(picture->caption),
		 "each cost alone at the ends of its range; %.0f replications, sim %.20s",
		 number_of(provenance, "replications"), text_of(provenance, "version"));
	for (size_t i = 0; i < json_array_size(terms) && picture->series < TERMS_MOST; i++) {
		const json_t *term = json_array_get(terms, i);
		double low = number_of(term, "at_low"), high = number_of(term, "at_high");

		if (!isfinite(low) || !isfinite(high) || low == high)
			continue;
		picture_cell(picture, text_of(term, "term"));
		fprintf(picture->table, "\t%.12g\t%.12g\n", low / unit.divisor,
			high / unit.divisor);
		picture->series++;
	}
	if (!picture->series)
		return error_set(error, ERROR_INPUT, "%s: no cost moves the answer",
				 document->path);
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

bool plot_validation(const struct plot_request *request, const struct plot_document *document,
		     struct picture *picture, struct error *error)
{
	const json_t *tables = json_object_get(document->root, "tables");
	double smallest = INFINITY, largest = 0;
	int rows = 0;

	(void)request;
	picture->script = "parity.gp";
	for (size_t t = 0; t < json_array_size(tables); t++) {
		const json_t *table = json_array_get(tables, t);
		const json_t *list = json_object_get(table, "rows");
		double scale = in_seconds(text_of(table, "unit"));
		bool begun = false;

		for (size_t i = 0; isfinite(scale) && i < json_array_size(list); i++) {
			const json_t *row = json_array_get(list, i);
			double published = number_of(row, "published") * scale;
			double predicted = number_of(row, "predicted") * scale;
			const char *verdict = text_of(row, "verdict");

			if (strcmp(verdict, "-") == 0 ||
			    json_is_true(json_object_get(row, "bound")) || !(published > 0) ||
			    !(predicted > 0))
				continue;
			if (!begun)
				begin_series(picture, text_of(table, "name"));
			begun = true;
			fprintf(picture->table, "%.12g\t%.12g\n", published, predicted);
			smallest = fmin(smallest, fmin(published, predicted));
			largest = fmax(largest, fmax(published, predicted));
			rows++;
		}
	}
	if (!picture->series)
		return error_set(error, ERROR_INPUT, "%s: no row was judged", document->path);
	snprintf(picture->title, sizeof(picture->title), "%d published times, and predictions",
		 rows);
	snprintf(picture->x_label, sizeof(picture->x_label), "published (s)");
	snprintf(picture->y_label, sizeof(picture->y_label), "predicted (s)");
	snprintf(picture->caption, sizeof(picture->caption),
		 "rows that calibrate a profile are left out; sim %.20s",
		 text_of(document->root, "sim"));
	picture_option_value(picture, "low", smallest / 2);
	picture_option_value(picture, "high", largest * 2);
	return true;
}
