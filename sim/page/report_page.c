#include "page/report_page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/memory.h"
#include "decide/compare.h"
#include "draw/plot_kinds.h"
#include "flow/model.h"
#include "replay/gantt.h"
#include "replay/replay.h"

enum { STRATEGIES_MOST = 12, SETTINGS_MOST = 64 };

struct overview {
	const struct overview_request *request;
	struct scenario scenario;
	struct result result;
	struct comparison comparison;
	bool compared;
	struct page page;
	struct error no_picture; /* why the first one that is missing is */
	char slowest[256], timeline_caption[256], limbo_caption[256];
};

/* --- pictures ---------------------------------------------------------------------- */

/* A result or comparison as it would be read from its file. */
static json_t *as_json(bool (*write)(const void *what, FILE *out, struct error *error),
		       const void *what, struct error *error)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	json_t *root = NULL;
	bool ok = file && write(what, file, error);

	if (file && fclose(file) == 0 && ok)
		root = json_loads(text, 0, NULL);
	free(text);
	if (!root)
		error_memory(error, "picture");
	return root;
}

static bool write_result(const void *what, FILE *out, struct error *error)
{
	return report_format_find("json")->write(what, out, error);
}

static bool write_comparison(const void *what, FILE *out, struct error *error)
{
	const struct comparison_format *format = comparison_formats;

	while (strcmp(format->name, "json") != 0)
		format++;
	return format->write(what, out, error);
}

/* A picture that fails is left out of the page, and the page says why. */
static char *draw(struct overview *overview, json_t *root, plot_kind *kind, const char *name,
		  const char *label)
{
	const struct plot_request request = {
		.files = { overview->request->file },
		.file_count = 1,
		.slo = NAN,
		.limbo = replay_limbo,
	};
	const struct plot_document document = { overview->request->file, root };
	struct picture picture = { 0 };
	struct error why = { 0 };
	char *svg = NULL;

	if (!overview->request->scripts || !root)
		return NULL;
	if (picture_begin(&picture, &why) && kind(&request, &document, &picture, &why))
		svg = picture_svg(&picture, overview->request->scripts, name, label, &why);
	picture_fini(&picture);
	if (!svg && why.kind == ERROR_OUTPUT)
		error_set(&overview->no_picture, why.kind, "%s", why.message);
	return svg;
}

/* --- the slowest replication --- */

static void draw_slowest(struct overview *overview, struct error *error)
{
	const struct result_metric *metric = &overview->result.metrics[overview->result.answer];
	struct simulation_config config = overview->scenario.simulation;
	struct recording recording;
	char *text = NULL;
	size_t size;
	FILE *file;

	config.record_from_ns = overview->result.warm_up_ns;
	if (config.fleet || !recording_take(&recording, &config, (uint32_t)metric->worst, error))
		return; /* a fleet has too many threads for a picture */
	snprintf(overview->slowest, sizeof(overview->slowest),
		 "The slowest replication (number %llu)", (unsigned long long)metric->worst);
	snprintf(overview->timeline_caption, sizeof(overview->timeline_caption),
		 "Threads of replication %llu, which holds the largest %.60s. Point at a bar for "
		 "its "
		 "step; sim replay --timeline has all of it.",
		 (unsigned long long)metric->worst, metric->name);
	file = open_memstream(&text, &size);
	if (file) {
		bool drawn = gantt_write(&recording, overview->timeline_caption, file);

		if (fclose(file) == 0 && drawn) {
			overview->page.timeline.svg = text;
			text = NULL;
		}
	}
	free(text);
	overview->page.timeline.caption = overview->timeline_caption;
	recording_fini(&recording);
}

/* --- designs --- */

/* The scenario with another strategy of its first guest; false: it does not fit it. */
static bool load_strategy(const struct overview *overview, const char *strategy,
			  struct scenario *scenario)
{
	const struct overview_request *request = overview->request;
	struct setting settings[SETTINGS_MOST];
	struct error ignored = { 0 };

	if (request->setting_count + 1 > SETTINGS_MOST)
		return false;
	for (size_t i = 0; i < request->setting_count; i++)
		settings[i] = request->settings[i];
	settings[request->setting_count] = (struct setting){ "/guests/0/strategy", strategy };
	return scenario_load(scenario, request->file, settings, request->setting_count + 1, NULL,
			     &ignored);
}

static bool compare(struct overview *overview, struct error *error)
{
	const struct guest_config *guest = &overview->scenario.simulation.guests[0];
	const struct model *model = guest->model;
	struct scenario scenarios[STRATEGIES_MOST];
	const char *labels[STRATEGIES_MOST];
	size_t count = 0, baseline = 0;
	struct error why = { 0 };

	for (size_t s = 0; s < model->strategy_count && count < STRATEGIES_MOST; s++) {
		labels[count] = model->strategies[s].name;
		if (!load_strategy(overview, labels[count], &scenarios[count]))
			continue;
		if (&model->strategies[s] == guest->design)
			baseline = count;
		count++;
	}
	if (count > 1) {
		const struct result_metric *metric =
			&overview->result.metrics[overview->result.answer];

		overview->compared =
			compare_run(scenarios, labels, count, baseline, metric->name,
				    &overview->request->options, &overview->comparison, &why);
		if (overview->compared) {
			overview->comparison.over = memory_text("/guests/0/strategy", error);
			overview->compared = overview->comparison.over != NULL;
		} else if (why.kind == ERROR_INTERRUPTED || why.kind == ERROR_MEMORY) {
			error_set(error, why.kind, "%s", why.message);
		}
	}
	while (count)
		scenario_fini(&scenarios[--count]);
	return error->kind == ERROR_NONE;
}

/* --- the whole --- */

static void fill_pictures(struct overview *overview, struct error *error)
{
	json_t *result = as_json(write_result, &overview->result, error);
	json_t *comparison = NULL;
	struct page *page = &overview->page;

	page->distribution.caption = "Distribution of the answer: the share of operations that "
				     "take at most so long";
	page->steps.caption = "Where the mean goes, by step";
	page->designs.caption = "The same answer for every strategy, by step";
	page->limbo.caption =
		"Memory of dead guests that the host cannot use yet, in replication 0";
	page->distribution.svg = draw(overview, result, plot_cdf, "a", page->distribution.caption);
	if (overview->compared) {
		comparison = as_json(write_comparison, &overview->comparison, error);
		page->designs.svg =
			draw(overview, comparison, plot_designs, "c", page->designs.caption);
	} else {
		page->steps.svg = draw(overview, result, plot_breakdown, "b", page->steps.caption);
	}
	if (!overview->scenario.fleet)
		page->limbo.svg = draw(overview, result, plot_limbo, "d", page->limbo.caption);
	json_decref(result);
	json_decref(comparison);
}

static const char *about_of(json_t *document)
{
	return json_string_value(json_object_get(document, "about"));
}

static bool fill_and_write(struct overview *overview, FILE *out, struct error *error)
{
	struct page *page = &overview->page;
	json_t *document = json_loads(overview->result.document, 0, NULL);
	bool ok;

	if (overview->result.answer < overview->result.metric_count) {
		if (overview->request->compare && !overview->scenario.fleet)
			compare(overview, error);
		fill_pictures(overview, error);
		draw_slowest(overview, error);
	}
	page->result = &overview->result;
	page->comparison = overview->compared ? &overview->comparison : NULL;
	page->about = about_of(document);
	page->command = overview->request->command;
	page->slowest = *overview->slowest ? overview->slowest : "Memory in limbo";
	if (!overview->request->scripts)
		page->no_pictures = "the scripts for gnuplot are not in the data folder";
	else if (overview->no_picture.kind != ERROR_NONE)
		page->no_pictures = overview->no_picture.message;
	ok = error->kind == ERROR_NONE && page_write(page, out, error);
	json_decref(document);
	page_fini(page);
	if (overview->compared)
		comparison_fini(&overview->comparison);
	return ok;
}

bool overview_write(const struct overview_request *request, FILE *out, bool *met,
		    struct error *error)
{
	struct overview *overview = memory_array(1, sizeof(*overview), "report", error);

	if (!overview)
		return false;
	overview->request = request;
	if (scenario_load(&overview->scenario, request->file, request->settings,
			  request->setting_count, stderr, error)) {
		if (explain_run(&overview->scenario, &request->options, &overview->result, error)) {
			*met = result_objectives_met(&overview->result);
			fill_and_write(overview, out, error);
			result_fini(&overview->result);
		}
		scenario_fini(&overview->scenario);
	}
	free(overview);
	return error->kind == ERROR_NONE;
}
