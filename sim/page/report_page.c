#include "page/report_page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/memory.h"
#include "decide/compare.h"
#include "draw/plot.h"
#include "flow/model.h"
#include "replay/gantt.h"
#include "replay/replay.h"

enum { STRATEGIES_MOST = 12, SETTINGS_MOST = 64, MEMORY_REPLICATIONS = 8 };

struct contents {
	const struct report_page_request *request;
	struct scenario scenario;
	struct result result;
	struct comparison comparison;
	bool compared;
	struct page page;
	struct error no_picture; /* why the first one that is missing is */
	char slowest[256], timeline_caption[256];
};

/* --- pictures ---------------------------------------------------------------------- */

/* A result or comparison as it would be read from its file. */
static json_t *as_json(report_writer *write, const void *what, struct error *error)
{
	char *text = NULL;
	size_t size;
	FILE *file = memory_stream(&text, &size);
	json_t *root = NULL;
	bool ok = file && write(what, file, error);

	if (file && fclose(file) == 0 && ok)
		root = json_loads(text, 0, NULL);
	free(text);
	if (!root)
		error_memory(error, "picture");
	return root;
}

/* A picture that fails is left out of the page, and the page says why. */
static char *draw(struct contents *contents, json_t *root, plot_kind *kind, const char *name,
		  const char *label)
{
	const struct plot_request request = {
		.files = { contents->request->file },
		.file_count = 1,
		.slo = NAN,
		.replication = -1,
		.replications = MEMORY_REPLICATIONS,
		.memory = replay_memory,
		.use = replay_host_use,
	};
	const struct plot_document document = { contents->request->file, root };
	struct picture picture = { 0 };
	struct error why = { 0 };
	char *svg = NULL;

	if (!contents->request->scripts || !root)
		return NULL;
	if (picture_begin(&picture, &why) && kind(&request, &document, &picture, &why))
		svg = picture_svg(&picture, contents->request->scripts, name, label, &why);
	picture_fini(&picture);
	if (!svg && why.kind == ERROR_OUTPUT)
		error_set(&contents->no_picture, why.kind, "%s", why.message);
	return svg;
}

/* --- the slowest replication --- */

static void draw_slowest(struct contents *contents, struct error *error)
{
	const struct result_metric *metric = &contents->result.metrics[contents->result.answer];
	struct simulation_config config = contents->scenario.simulation;
	struct recording recording;
	char *text = NULL;
	size_t size;
	FILE *file;

	config.record_from_ns = contents->result.warm_up_ns;
	if (config.population ||
	    !recording_take(&recording, &config, (uint32_t)metric->worst, error))
		return; /* a fleet has too many threads for a picture */
	snprintf(contents->slowest, sizeof(contents->slowest),
		 "The slowest replication (number %llu)", (unsigned long long)metric->worst);
	snprintf(contents->timeline_caption, sizeof(contents->timeline_caption),
		 "Threads of replication %llu, which holds the largest %.60s. Point at a bar for "
		 "its "
		 "step; sim replay --timeline has all of it.",
		 (unsigned long long)metric->worst, metric->name);
	file = memory_stream(&text, &size);
	if (file) {
		bool drawn = gantt_write(&recording, contents->timeline_caption, file);

		if (fclose(file) == 0 && drawn) {
			contents->page.timeline.svg = text;
			text = NULL;
		}
	}
	free(text);
	contents->page.timeline.caption = contents->timeline_caption;
	recording_fini(&recording);
}

/* --- designs --- */

/* The scenario with another strategy of its first guest; false: it does not fit it. */
static bool load_strategy(const struct contents *contents, const char *strategy,
			  struct scenario *scenario)
{
	const struct report_page_request *request = contents->request;
	struct setting settings[SETTINGS_MOST];
	struct error ignored = { 0 };

	if (request->setting_count + 1 > SETTINGS_MOST)
		return false;
	for (size_t i = 0; i < request->setting_count; i++)
		settings[i] = request->settings[i];
	settings[request->setting_count] = (struct setting){ "/guests/0/strategy", strategy, NULL };
	return scenario_load(scenario, request->file, settings, request->setting_count + 1, NULL,
			     &ignored);
}

static void compare(struct contents *contents, struct error *error)
{
	const struct guest_config *guest = &contents->scenario.simulation.guests[0];
	const struct model *model = guest->model;
	struct scenario scenarios[STRATEGIES_MOST];
	const char *labels[STRATEGIES_MOST];
	size_t count = 0, baseline = 0;
	struct error why = { 0 };

	for (size_t s = 0; s < model->strategy_count && count < STRATEGIES_MOST; s++) {
		labels[count] = model->strategies[s].name;
		if (!load_strategy(contents, labels[count], &scenarios[count]))
			continue;
		if (&model->strategies[s] == guest->design)
			baseline = count;
		count++;
	}
	if (count > 1) {
		const struct result_metric *metric =
			&contents->result.metrics[contents->result.answer];

		contents->compared =
			compare_run(scenarios, labels, count, baseline, metric->name,
				    &contents->request->options, &contents->comparison, &why);
		if (contents->compared) {
			contents->comparison.over = memory_text("/guests/0/strategy", error);
			contents->compared = contents->comparison.over != NULL;
		} else if (why.kind == ERROR_INTERRUPTED || why.kind == ERROR_MEMORY) {
			error_set(error, why.kind, "%s", why.message);
		}
	}
	while (count)
		scenario_fini(&scenarios[--count]);
}

/* --- the whole --- */

static void fill_pictures(struct contents *contents, struct error *error)
{
	json_t *result = as_json(result_write_json, &contents->result, error);
	json_t *comparison = NULL;
	struct page *page = &contents->page;

	page->distribution.caption = "Distribution of the answer: the share of operations that "
				     "take at most so long";
	page->steps.caption = "Where the mean goes, by step";
	page->designs.caption = "The same answer for every strategy, by step";
	page->limbo.caption = "Memory in limbo: what dead generations still hold, also where a "
			      "guest that reboots "
			      "in place takes it over";
	page->memory.caption = "Memory in use, that in limbo included";
	page->distribution.svg = draw(contents, result, plot_cdf, "a", page->distribution.caption);
	if (contents->compared) {
		comparison = as_json(comparison_write_json, &contents->comparison, error);
		page->designs.svg =
			draw(contents, comparison, plot_designs, "c", page->designs.caption);
	} else {
		page->steps.svg = draw(contents, result, plot_breakdown, "b", page->steps.caption);
	}
	page->limbo.svg = draw(contents, result, plot_limbo, "d", page->limbo.caption);
	page->memory.svg = draw(contents, result, plot_memory, "e", page->memory.caption);
	page->hosts.caption = "Cores, memory and memory bandwidth in use, of what a host has";
	page->hosts.svg = draw(contents, result, plot_hosts, "f", page->hosts.caption);
	json_decref(result);
	json_decref(comparison);
}

static void fill_and_write(struct contents *contents, FILE *out, struct error *error)
{
	struct page *page = &contents->page;
	json_t *document = json_loads(contents->result.carried, 0, NULL);

	if (contents->result.answer < contents->result.metric_count) {
		if (contents->request->compare && !contents->scenario.fleet)
			compare(contents, error);
		fill_pictures(contents, error);
		draw_slowest(contents, error);
	}
	page->result = &contents->result;
	page->comparison = contents->compared ? &contents->comparison : NULL;
	page->about =
		json_string_value(json_object_get(json_object_get(document, "document"), "about"));
	page->command = contents->request->command;
	page->slowest = contents->slowest;
	if (!contents->request->scripts)
		page->no_pictures = "the scripts for gnuplot are not in the data folder";
	else if (contents->no_picture.kind != ERROR_NONE)
		page->no_pictures = contents->no_picture.message;
	if (error->kind == ERROR_NONE)
		page_write(page, out, error);
	json_decref(document);
	page_fini(page);
	if (contents->compared)
		comparison_fini(&contents->comparison);
}

bool report_page_write(const struct report_page_request *request, FILE *out,
		       enum judgement *verdict, struct error *error)
{
	struct contents *contents = memory_array(1, sizeof(*contents), "report", error);

	if (!contents)
		return false;
	contents->request = request;
	if (scenario_load(&contents->scenario, request->file, request->settings,
			  request->setting_count, stderr, error)) {
		if (explain_run(&contents->scenario, &request->options, &contents->result, error)) {
			*verdict = result_judgement(&contents->result);
			fill_and_write(contents, out, error);
			result_fini(&contents->result);
		}
		scenario_fini(&contents->scenario);
	}
	free(contents);
	return error->kind == ERROR_NONE;
}
