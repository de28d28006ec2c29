#include "replay/replay.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/layout.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "document/document.h"
#include "document/shape.h"
#include "replay/recording.h"
#include "report/shapes.h"
#include "report/text_tools.h"

enum { METRICS_MOST = 64 };

static const char *text_at(const json_t *root, const char *object, const char *key)
{
	return json_string_value(json_object_get(json_object_get(root, object), key));
}

/* A damaged result is refused where it is damaged. */
static bool check(const struct document *result, struct error *error)
{
	const char *format = json_string_value(json_object_get(result->root, "format"));
	size_t s = 0;

	while (format && carrying_shapes[s] && strcmp(carrying_shapes[s]->format, format) != 0)
		s++;
	return shape_check(format && carrying_shapes[s] ? carrying_shapes[s] : &result_shape,
			   result, error);
}

bool replay_scenario(struct scenario *scenario, const struct document *result, struct error *error)
{
	const json_t *warm_up =
		json_object_get(json_object_get(result->root, "provenance"), "warm_up_ns");
	const char *costs = text_at(result->root, "provenance", "costs_sha256");
	struct scenario_hashes hashes;
	struct document copy;
	bool ok;

	if (!check(result, error) || !document_copy(&copy, result, error) ||
	    !scenario_take(scenario, &copy, NULL, 0, NULL, error))
		return false;
	ok = scenario_hash(scenario, &hashes, error) &&
	     (!costs || strcmp(hashes.costs, costs) == 0 || /* only results say it */
	      document_error_at(result, "/provenance", "costs_sha256", error,
				"the cost terms are other than those that it was made with: its "
				"\"costs\" were changed, or the model has others now"));
	if (!ok) {
		scenario_fini(scenario);
		return false;
	}
	scenario->simulation.record_from_ns = json_integer_value(warm_up);
	return true;
}

bool replay_worst(const json_t *root, const char *path, const char *metric, uint32_t *replication,
		  int64_t *value, struct error *error)
{
	const json_t *list = json_object_get(root, "worst");
	const char *names[METRICS_MOST + 1] = { NULL };
	char hint[HINT_MAX];
	size_t known = 0;
	bool found = false;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const char *name = json_string_value(json_object_get(item, "metric"));
		int64_t largest = json_integer_value(json_object_get(item, "value"));

		if (name && known < METRICS_MOST)
			names[known++] = name;
		if (!name || strcmp(name, metric) != 0 || (found && largest <= *value))
			continue;
		*replication = (uint32_t)json_integer_value(json_object_get(item, "replication"));
		*value = largest;
		found = true;
	}
	return found ||
	       error_set(error, ERROR_INPUT, "%s: the result has no observation of \"%.60s\"%s",
			 path, metric, did_you_mean(hint, metric, names));
}

bool replay_scenario_of(struct scenario *scenario, const json_t *root, const char *path,
			struct error *error)
{
	struct document result = { .root = json_incref((json_t *)root) };
	bool ok;

	result.path = memory_text(path, error);
	result.text = memory_text("", error);
	ok = result.path && result.text && replay_scenario(scenario, &result, error);
	document_fini(&result);
	return ok;
}

bool replay_memory(const json_t *root, const char *path, bool in_use, uint32_t first,
		   uint32_t count,
		   void (*corner)(void *data, uint32_t replication, int64_t at_ns, int64_t bytes),
		   void *data, struct error *error)
{
	struct scenario scenario;

	if (!replay_scenario_of(&scenario, root, path, error))
		return false;
	for (uint32_t r = first; r - first < count && error->kind == ERROR_NONE; r++) {
		struct recording recording;
		const struct memory_curve *curve = in_use ? &recording.in_use : &recording.limbo;

		if (!recording_take(&recording, &scenario.simulation, r, error))
			break;
		for (size_t i = 0; i < curve->count; i++)
			corner(data, r, curve->corners[i].at_ns, curve->corners[i].bytes);
		recording_fini(&recording);
	}
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}

/* --- the report ------------------------------------------------------------------------ */

static void print_metrics(const struct simulation *simulation, FILE *out)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(simulation, &count);

	for (size_t m = 0; m < count; m++) {
		const struct metric *metric = &metrics[m];
		double sum = 0, largest = 0;

		for (size_t i = 0; i < metric->count; i++) {
			sum += (double)metric->samples[i];
			largest = fmax(largest, (double)metric->samples[i]);
		}
		if (!metric->count || largest <= 0)
			continue;
		print_visible(out, "  %s\t", metric->name);
		print_visible(out, "%s\t", metric->group);
		fputs(VALUE(metric->kind->unit, sum / (double)metric->count), out);
		if (metric->count > 1)
			fprintf(out, "\tmean of %zu, largest %s", metric->count,
				VALUE(metric->kind->unit, largest));
		fputc('\n', out);
	}
}

/* The stored mean of a part over all replications. */
static double stored_mean(const json_t *root, const char *metric, const char *group,
			  const struct part *part)
{
	const json_t *list = json_object_get(root, "breakdown");

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *item = json_array_get(list, i);
		const char *m, *g, *flow, *step, *where;
		double mean;

		if (json_unpack(item, "{s:s, s:s, s:s, s:s, s:s, s:F}", "metric", &m, "group", &g,
				"flow", &flow, "step", &step, "where", &where, "mean",
				&mean) == 0 &&
		    strcmp(m, metric) == 0 && strcmp(g, group) == 0 &&
		    strcmp(flow, part->flow) == 0 && strcmp(step, part->step) == 0 &&
		    strcmp(where, part->where) == 0)
			return mean;
	}
	return 0;
}

static void print_parts(const struct simulation *simulation, const json_t *root, const char *name,
			FILE *out)
{
	size_t metric_count, count;
	const struct metric *metrics = simulation_metrics(simulation, &metric_count);
	const struct part *parts = simulation_parts(simulation, &count);

	fputs("\n  here\tmean\tstep [function]\n", out);
	for (size_t i = 0; i < count; i++) {
		const struct metric *metric = &metrics[parts[i].metric];
		double mean, here;

		if (!metric_is(metric->name, metric->group, name, NULL) || !metric->count)
			continue;
		here = (double)parts[i].total_ns / (double)metric->count;
		mean = stored_mean(root, name, metric->group, &parts[i]);
		if (here <= 0 && mean <= 0)
			continue;
		fprintf(out, "  %s\t%s\t", VALUE(UNIT_NANOSECONDS, here),
			VALUE(UNIT_NANOSECONDS, mean));
		print_visible(out, "%s [%s]\n", parts[i].step, parts[i].where);
	}
}

static int64_t largest_of(const struct simulation *simulation, const char *name)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(simulation, &count);
	int64_t largest = -1;

	for (size_t m = 0; m < count; m++)
		for (size_t i = 0; i < metrics[m].count; i++)
			if (metric_is(metrics[m].name, metrics[m].group, name, NULL) &&
			    metrics[m].samples[i] > largest)
				largest = metrics[m].samples[i];
	return largest;
}

bool replay_report(const struct document *result, uint32_t replication, const char *metric,
		   int64_t expected, FILE *out, struct error *error)
{
	const json_t *root = result->root;
	const char *answer = text_at(root, "answer", "metric");
	const char *name = metric ? metric : answer ? answer : "";
	const char *version = text_at(root, "provenance", "version");
	const char *commit = text_at(root, "provenance", "commit");
	struct simulation *simulation;
	struct scenario scenario = { 0 };
	struct layout layout;

	if (!replay_scenario(&scenario, result, error))
		return false;
	simulation = simulation_new(&scenario.simulation, error);
	if (simulation && simulation_run(simulation, replication, error) && expected >= 0 &&
	    largest_of(simulation, name) != expected)
		error_set(error, ERROR_INTERNAL,
			  "%s: the largest %s of replication %" PRIu32 " is %" PRId64
			  " ns here, the result says %" PRId64 ": it was made by %s%s%s, and the "
			  "models are other now",
			  result->path, name, replication, largest_of(simulation, name), expected,
			  version ? version : "another version", commit ? ", commit " : "",
			  commit ? commit : "");
	if (simulation && error->kind == ERROR_NONE && layout_open(&layout, out, error)) {
		print_visible(layout.stream,
			      "Replication %" PRIu32 " of \"%s\", seed %" PRIu64 "%s\n\n",
			      replication, scenario.name, scenario.simulation.seed,
			      expected >= 0 ? ": reproduced exactly" : "");
		print_metrics(simulation, layout.stream);
		print_parts(simulation, root, name, layout.stream);
		if (layout_close(&layout, error) && ferror(out))
			error_set(error, ERROR_OUTPUT, "cannot write");
	}
	simulation_free(simulation);
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}
