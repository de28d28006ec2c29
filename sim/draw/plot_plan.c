/*
 * Plans: what was observed of each limit against what varies, a panel a limit and a line an
 * answer, with the verdict of every value; and the frontier, answers against the second quantity.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "draw/plot_axes.h"
#include "report/limit.h"

enum { PANELS_MOST = 3 };

/* What is missed by far would leave no room for what is near: drawn up to so many times the limit. */
static const double drawn_most = 3;

struct panel {
	size_t limit; /* its place in "subject_to" */
	double at_most, largest;
	struct plot_unit unit;
};

static const json_t *bounds_at(const json_t *look, size_t limit)
{
	return json_array_get(json_object_get(look, "limits"), limit);
}

/* Looks of the search, by value. */
static const json_t *next_look(const json_t *looks, const json_t *last)
{
	const json_t *next = NULL;

	for (size_t i = 0; i < json_array_size(looks); i++) {
		const json_t *look = json_array_get(looks, i);
		double value = plot_number(look, "value");

		if (!json_is_true(json_object_get(look, "fresh")) &&
		    (!last || value > plot_number(last, "value")) &&
		    (!next || value < plot_number(next, "value")))
			next = look;
	}
	return next;
}

/* --- panels --------------------------------------------------------------------------------- */

static void find_largest(struct panel *panel, const json_t *answers)
{
	panel->largest = panel->at_most;
	for (size_t a = 0; a < json_array_size(answers); a++) {
		const json_t *looks = json_object_get(json_array_get(answers, a), "looks");

		for (size_t i = 0; i < json_array_size(looks); i++)
			panel->largest =
				fmax(panel->largest,
				     plot_number(bounds_at(json_array_get(looks, i), panel->limit),
						 "observed"));
	}
	if (panel->at_most > 0)
		panel->largest = fmin(panel->largest, drawn_most * panel->at_most);
}

/* Sizes in GiB up to 16 TiB, as they are bought. */
static struct plot_unit unit_for(const char *unit, double largest)
{
	bool is_size = strcmp(unit, unit_names[UNIT_BYTES]) == 0;

	return plot_unit_for(unit, is_size && largest < 0x1p44 ? fmin(largest, 0x1p39) : largest);
}

/* The limits that are drawn: with a metric only that one; not what allows nothing. */
static int choose_panels(const struct plot_request *request, const json_t *root,
			 struct panel panels[PANELS_MOST])
{
	const json_t *limits = json_object_get(root, "subject_to");
	int count = 0;

	for (size_t i = 0; i < json_array_size(limits) && count < PANELS_MOST; i++) {
		const json_t *limit = json_array_get(limits, i);
		const char *metric = plot_text(limit, "metric");
		struct panel *panel = &panels[count];

		if (request->metric ? strcmp(metric, request->metric) != 0
				    : !(plot_number(limit, "at_most") > 0))
			continue;
		*panel = (struct panel){ .limit = i, .at_most = plot_number(limit, "at_most") };
		find_largest(panel, json_object_get(root, "answers"));
		panel->unit = unit_for(plot_text(limit, "unit"), panel->largest);
		count++;
	}
	return count;
}

/* "reboot latency (s), p99; at most 45 s" */
static void limit_words(char *out, size_t size, const json_t *root, const struct panel *panel)
{
	const json_t *limit = json_array_get(json_object_get(root, "subject_to"), panel->limit);
	double quantile = plot_number(limit, "quantile");
	const char *unit = panel->unit.name ? panel->unit.name : "";
	char axis[PICTURE_TEXT], what[32];

	plot_axis(axis, plot_text(limit, "metric"),
		  json_string_value(json_object_get(limit, "group")), panel->unit);
	if (isnan(quantile))
		snprintf(what, sizeof(what), "mean");
	else if (quantile >= 1)
		snprintf(what, sizeof(what), "largest");
	else
		snprintf(what, sizeof(what), "p%g", 100 * quantile);
	snprintf(out, size, "%.65s, %s, at most %.6g%s%s", axis, what,
		 panel->at_most / panel->unit.divisor, *unit ? " " : "", unit);
}

/* Those of several panels with tabulators between them. */
static void label_panel(struct picture *picture, const json_t *root, const struct panel *panel)
{
	size_t used = strlen(picture->y_label), options = strlen(picture->options);
	char words[PICTURE_TEXT];

	snprintf(picture->y_label + used, sizeof(picture->y_label) - used, "%s", used ? "\t" : "");
	snprintf(picture->options + options, sizeof(picture->options) - options, "%s%.12g",
		 used ? "," : " limits=", panel->at_most / panel->unit.divisor);
	used = strlen(picture->y_label);
	limit_words(words, sizeof(words), root, panel);
	picture_text(picture->y_label + used, sizeof(picture->y_label) - used, words);
}

static void write_caption(struct picture *picture, const json_t *root, const char *what)
{
	const json_t *provenance = json_object_get(root, "provenance");

	snprintf(picture->caption, sizeof(picture->caption), "%sseed %.0f, sim %.20s", what,
		 plot_number(provenance, "seed"), plot_text(provenance, "version"));
}

/* --- lines ------------------------------------------------------------------------------------ */

static enum judgement verdict_of(const json_t *look)
{
	const char *verdict = plot_text(look, "verdict");

	return strcmp(verdict, judgement_names[LIMIT_MET]) == 0      ? LIMIT_MET
	       : strcmp(verdict, judgement_names[LIMIT_MISSED]) == 0 ? LIMIT_MISSED
								     : LIMIT_UNDECIDED;
}

static void write_answer(struct picture *picture, const json_t *answer, bool maximize,
			 const struct panel *panel, struct plot_unit x)
{
	const json_t *looks = json_object_get(answer, "looks");
	const char *each = json_string_value(json_object_get(answer, "for"));
	const char *text = json_string_value(json_object_get(answer, "text"));
	char name[PICTURE_TEXT];

	snprintf(name, sizeof(name), "%.80s%s%s%.80s", each ? each : "", each ? ": " : "",
		 !text      ? ""
		 : maximize ? "at most "
			    : "at least ",
		 text ? text : plot_text(answer, "verdict"));
	plot_series(picture, name);
	for (const json_t *look = next_look(looks, NULL); look; look = next_look(looks, look)) {
		double observed = plot_number(bounds_at(look, panel->limit), "observed");
		picture_number(picture, plot_number(look, "value") / x.divisor);
		fputc('\t', picture->table);
		picture_number(picture, fmin(observed, panel->largest) / panel->unit.divisor);
		fprintf(picture->table, "\t%d\n", verdict_of(look));
	}
}

/* The range of what was looked at. */
static void find_range(const json_t *answers, double *smallest, double *largest)
{
	*smallest = INFINITY;
	*largest = -INFINITY;
	for (size_t a = 0; a < json_array_size(answers); a++) {
		const json_t *looks = json_object_get(json_array_get(answers, a), "looks");

		for (size_t i = 0; i < json_array_size(looks); i++) {
			*smallest = fmin(*smallest, plot_number(json_array_get(looks, i), "value"));
			*largest = fmax(*largest, plot_number(json_array_get(looks, i), "value"));
		}
	}
}

bool plot_plan(const struct plot_request *request, const struct plot_document *documents,
	       struct picture *picture, struct error *error)
{
	const json_t *root = documents[0].root, *answers = json_object_get(root, "answers");
	const char *x_name = plot_text(root, "unit");
	struct panel panels[PANELS_MOST];
	int count = choose_panels(request, root, panels);
	double smallest, largest;
	char what[PICTURE_TEXT / 2];
	struct plot_unit x;

	find_range(answers, &smallest, &largest);
	if (!json_array_size(answers) || !isfinite(largest))
		return error_set(error, ERROR_INPUT, "%s: the plan has no answer",
				 documents[0].path);
	if (!count)
		return error_set(error, ERROR_INPUT,
				 request->metric ? "%s: the plan limits no %.60s"
						 : "%s: the plan has no limit that can be drawn",
				 documents[0].path, request->metric);
	x = unit_for(x_name, largest);
	picture->script = "plan.gp";
	plot_scenario_title(picture, root);
	plot_axis(picture->x_label, plot_text(root, "vary"), NULL, x);
	snprintf(what, sizeof(what), "what was looked at, drawn up to %g times a limit; ",
		 drawn_most);
	write_caption(picture, root, what);
	for (int p = 0; p < count; p++) {
		label_panel(picture, root, &panels[p]);
		for (size_t a = 0; a < json_array_size(answers); a++)
			write_answer(picture, json_array_get(answers, a),
				     strcmp(plot_text(root, "goal"), "max") == 0, &panels[p], x);
	}
	plot_scale(picture, 'x', x, smallest, largest,
		   !request->linear && smallest > 0 && largest >= 100 * smallest);
	return true;
}

/* --- the frontier ----------------------------------------------------------------------------- */

static void write_answers(struct picture *picture, const json_t *root, struct plot_unit unit)
{
	const json_t *answers = json_object_get(root, "answers");
	bool maximize = strcmp(plot_text(root, "goal"), "max") == 0;

	plot_series(picture, maximize ? "at most" : "at least");
	for (size_t a = 0; a < json_array_size(answers); a++) {
		const json_t *answer = json_array_get(answers, a);

		plot_point(picture, (double)a, plot_number(answer, "value") / unit.divisor, NAN,
			   NAN, plot_text(answer, "for"));
	}
}

static void write_looks(struct picture *picture, const json_t *answers, struct plot_unit unit)
{
	plot_series(picture, "looks");
	for (size_t a = 0; a < json_array_size(answers); a++) {
		const json_t *looks = json_object_get(json_array_get(answers, a), "looks");

		for (const json_t *look = next_look(looks, NULL); look;
		     look = next_look(looks, look))
			fprintf(picture->table, "%zu\t%.12g\t%d\n", a,
				plot_number(look, "value") / unit.divisor, verdict_of(look));
	}
}

bool plot_frontier(const struct plot_request *request, const struct plot_document *documents,
		   struct picture *picture, struct error *error)
{
	const json_t *root = documents[0].root, *answers = json_object_get(root, "answers");
	const char *each = json_string_value(json_object_get(root, "for_each"));
	struct panel panels[PANELS_MOST];
	int count = choose_panels(request, root, panels);
	char limits[PICTURE_TEXT] = "";
	double smallest, largest;
	struct plot_unit unit;

	find_range(answers, &smallest, &largest);
	if (!each || !isfinite(largest))
		return error_set(error, ERROR_INPUT,
				 "%s: the plan has no \"for_each\", a second quantity that its "
				 "answer is drawn against",
				 documents[0].path);
	unit = unit_for(plot_text(root, "unit"), largest);
	picture->script = "frontier.gp";
	picture_text(picture->title, PICTURE_TEXT, plot_text(root, "scenario"));
	for (int p = 0; p < count; p++) {
		size_t used = strlen(limits);

		snprintf(limits + used, sizeof(limits) - used, "%s", used ? "; " : "");
		used = strlen(limits);
		limit_words(limits + used, sizeof(limits) - used, root, &panels[p]);
	}
	plot_line(picture, limits);
	plot_axis(picture->x_label, each, NULL, (struct plot_unit){ "", 1 });
	plot_axis(picture->y_label, plot_text(root, "vary"), NULL, unit);
	write_caption(picture, root, "");
	write_answers(picture, root, unit);
	write_looks(picture, answers, unit);
	plot_scale(picture, 'y', unit, smallest, largest,
		   !request->linear && smallest > 0 && largest >= 100 * smallest);
	if (json_array_size(answers) > 6)
		picture_option(picture, "many");
	return true;
}
