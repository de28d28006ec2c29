#include "cli/replay_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/program.h"
#include "cli/command.h"
#include "decide/compare.h"
#include "decide/observed.h"
#include "decide/plan.h"
#include "document/shape.h"
#include "explain/explain.h"
#include "explain/sensitivity.h"
#include "replay/again.h"
#include "report/output.h"
#include "report/shapes.h"
#include "report/text_tools.h"

/* A stored file, and what came of it now. */
struct again {
	const struct document *document;
	const struct replay_arguments *arguments;
	struct experiment_options experiment;
	bool silent; /* another one of the same file says it */
};

static const json_t *provenance_of(const struct document *document, const char *key)
{
	return json_object_get(json_object_get(document->root, "provenance"), key);
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* Compare, and say that it is the same. */
static bool compare(const struct again *again, report_writer *write, const void *what,
		    struct error *error)
{
	const struct document *document = again->document;
	const json_t *scenario = json_object_get(document->root, "scenario");
	struct output output = { 0 };

	if (!again_same(document, write, what, error) || again->silent)
		return error->kind == ERROR_NONE;
	if (!output_open(&output, again->arguments->output, error))
		return false;
	print_visible(output.stream, "Every value of %s reproduced exactly: \"%s\", seed %lld\n",
		      again->arguments->file, text_of(scenario, "name"),
		      (long long)json_integer_value(provenance_of(document, "seed")));
	return output_close(&output, error);
}

/* --- results ---------------------------------------------------------------- */

/* How a result was run beside its scenario; NULL: nothing says it. */
static bool read_options(const struct document *document, const json_t *options,
			 struct experiment_options *experiment, struct error *error)
{
	const char *study = text_of(options, "study");

	experiment->uncertainty =
		(uint64_t)json_integer_value(json_object_get(options, "uncertainty"));
	for (int s = 0; study && study_names[s]; s++)
		if (strcmp(study_names[s], study) == 0) {
			experiment->study = (enum study)s;
			return true;
		}
	return document_error_at(document, "/provenance/options", "study", error,
				 "\"bounded\", \"full\", \"band\" or \"none\" is needed: the "
				 "file is damaged");
}

/* The scenario that the document carries. */
static bool load_own(struct scenario *scenario, const struct document *document,
		     struct error *error)
{
	struct document copy;

	return document_copy(&copy, document, error) &&
	       scenario_take(scenario, &copy, NULL, 0, NULL, error);
}

static void result_again(struct again *again, struct error *error)
{
	struct scenario scenario;
	struct result result;

	if (!read_options(again->document, provenance_of(again->document, "options"),
			  &again->experiment, error) ||
	    !load_own(&scenario, again->document, error))
		return;
	if (explain_run(&scenario, &again->experiment, &result, error)) {
		compare(again, result_write_json, &result, error);
		result_fini(&result);
	}
	scenario_fini(&scenario);
}

static void sensitivity_again(struct again *again, struct error *error)
{
	const json_t *trajectories = provenance_of(again->document, "trajectories");
	struct scenario scenario;
	struct sensitivity found;

	if (!load_own(&scenario, again->document, error))
		return;
	if (sensitivity_run(&scenario, (uint64_t)json_integer_value(trajectories),
			    &again->experiment, &found, error)) {
		compare(again, sensitivity_write_json, &found, error);
		sensitivity_fini(&found);
	}
	scenario_fini(&scenario);
}

static void plan_again(struct again *again, struct error *error)
{
	const struct plan_options how = { .replicate = again->experiment.replicate,
					  .version = again->experiment.version };
	struct planning planning;

	if (strcmp(again->arguments->file, "-") == 0)
		error_set(error, ERROR_INPUT,
			  "sim replay: a plan is read more than once: give a file");
	else if (plan_run(again->arguments->file, NULL, 0, &how, &planning, error)) {
		compare(again, planning_write_json, &planning, error);
		planning_fini(&planning);
	}
}

/* --- comparisons ------------------------------------------------------------ */

enum { DESIGNS_MOST = 64 };

struct designs_again {
	const char *labels[DESIGNS_MOST];
	struct scenario scenarios[DESIGNS_MOST];
	struct document results[DESIGNS_MOST]; /* of a comparison of stored results */
	size_t count, loaded, run, baseline;
};

static bool read_designs(const struct document *document, struct designs_again *designs,
			 struct error *error)
{
	const json_t *list = json_object_get(document->root, "designs"), *design;
	struct document own;

	if (json_array_size(list) < 1 || json_array_size(list) > DESIGNS_MOST)
		return document_error_at(document, "", "designs", error,
					 "from 1 to %d designs are needed: the file is damaged",
					 DESIGNS_MOST);
	for (; designs->count < json_array_size(list); designs->count++) {
		design = json_array_get(list, designs->count);
		designs->labels[designs->count] = text_of(design, "design");
		if (json_is_true(json_object_get(design, "baseline")))
			designs->baseline = designs->count;
		if (!replay_design(document, designs->count, &own, error) ||
		    !scenario_take(&designs->scenarios[designs->count], &own, NULL, 0, NULL, error))
			return false;
		designs->loaded++;
	}
	return true;
}

/* Of stored results: each is run again, as a file that was never written. */
static bool run_designs(const struct again *again, struct designs_again *designs,
			struct error *error)
{
	const json_t *list = json_object_get(again->document->root, "designs");
	struct experiment_options experiment = again->experiment;

	for (; designs->run < designs->count; designs->run++) {
		const json_t *design = json_array_get(list, designs->run);
		struct result result;
		bool ok;

		if (!read_options(again->document, json_object_get(design, "options"), &experiment,
				  error) ||
		    !explain_run(&designs->scenarios[designs->run], &experiment, &result, error))
			return false;
		ok = again_document(&designs->results[designs->run], designs->labels[designs->run],
				    result_write_json, &result, error);
		result_fini(&result);
		if (!ok)
			return false;
	}
	return true;
}

static bool compare_again(const struct again *again, struct designs_again *designs,
			  struct comparison *comparison, struct error *error)
{
	const json_t *root = again->document->root;
	const json_t *first = json_array_get(json_object_get(root, "designs"), 0);
	const char *metric = text_of(root, "metric");

	if (json_is_object(json_object_get(first, "options")))
		return run_designs(again, designs, error) &&
		       compare_documents(designs->results, designs->labels, designs->count,
					 designs->baseline, metric, comparison, error);
	if (!compare_run(designs->scenarios, designs->labels, designs->count, designs->baseline,
			 metric, &again->experiment, comparison, error))
		return false;
	comparison->over = memory_text(text_of(root, "over"), error);
	return comparison->over != NULL;
}

static void comparison_again(struct again *again, struct error *error)
{
	struct designs_again *designs = memory_array(1, sizeof(*designs), "designs", error);
	struct comparison comparison;

	if (!designs)
		return;
	if (read_designs(again->document, designs, error) &&
	    compare_again(again, designs, &comparison, error)) {
		compare(again, comparison_write_json, &comparison, error);
		comparison_fini(&comparison);
	}
	while (designs->run)
		document_fini(&designs->results[--designs->run]);
	while (designs->loaded)
		scenario_fini(&designs->scenarios[--designs->loaded]);
	free(designs);
}

/* --- explanations ----------------------------------------------------------- */

/* A list of texts, borrowed; the caller frees the list. */
static const char **read_texts(const json_t *list, size_t *count, struct error *error)
{
	const char **texts = memory_array(json_array_size(list), sizeof(*texts), "options", error);

	*count = json_array_size(list);
	for (size_t i = 0; texts && i < *count; i++)
		texts[i] = json_string_value(json_array_get(list, i));
	return texts;
}

static void explanation_again(struct again *again, struct error *error)
{
	const json_t *options = provenance_of(again->document, "options");
	const json_t *file = json_object_get(options, "observations");
	const char *others = text_of(options, "others");
	struct attachment csv = { 0 };
	struct observed_options observed = {
		.file = again->arguments->file,
		.csv = json_is_object(file) ? &csv : NULL,
		.group = text_of(options, "group"),
		.error = json_number_value(json_object_get(options, "error")),
		.others_fixed = others && strcmp(others, "fixed") == 0,
		.experiment = &again->experiment,
	};
	struct explanation explanation;

	observed.observed =
		read_texts(json_object_get(options, "observed"), &observed.observed_count, error);
	observed.terms =
		read_texts(json_object_get(options, "estimate"), &observed.term_count, error);
	if (strcmp(again->arguments->file, "-") == 0)
		error_set(error, ERROR_INPUT,
			  "sim replay: an explanation is read more than once: give a file");
	else if (observed.observed && observed.terms &&
		 (!observed.csv ||
		  attachment_take(&csv, text_of(file, "name"), file, again->document,
				  "/provenance/options/observations", error)) &&
		 observed_explain(&observed, &explanation, error)) {
		compare(again, explanation_write_json, &explanation, error);
		explanation_fini(&explanation);
	}
	attachment_fini(&csv);
	free((void *)observed.observed);
	free((void *)observed.terms);
}

/* --- all of them ------------------------------------------------------------ */

static const struct {
	const struct shape *shape;
	void (*run)(struct again *again, struct error *error);
} kinds[] = {
	{ &result_shape, result_again },           { &plan_shape, plan_again },
	{ &comparison_shape, comparison_again },   { &sensitivity_shape, sensitivity_again },
	{ &explanation_shape, explanation_again },
};

static bool run_all(const struct document *document, const struct replay_arguments *arguments,
		    bool silent, struct error *error)
{
	struct again again = {
		.document = document,
		.arguments = arguments,
		.silent = silent,
		.experiment = { .replicate = { .threads = command_threads(arguments->jobs),
					       .stop = &interrupted },
				.version = SIM_VERSION,
				.commit = *program_commit ? program_commit : NULL },
	};
	const char *format = text_of(document->root, "format");
	size_t k = 0, count = sizeof(kinds) / sizeof(kinds[0]);

	while (k < count && (!format || strcmp(format, kinds[k].shape->format) != 0))
		k++;
	if (k == count)
		return document_error_at(
			document, "", "format", error,
			"what sim run, report, compare, plan, sensitivity or explain "
			"wrote (--format json) is needed");
	if (!shape_check(kinds[k].shape, document, error))
		return false;
	kinds[k].run(&again, error);
	return error->kind == ERROR_NONE;
}

/* The comparison of a page, and then its result. */
bool replay_all(const struct document *document, const struct replay_arguments *arguments,
		struct error *error)
{
	struct document beside;
	bool ok;

	if (document->beside) {
		if (!document_parse(&beside, document->path, document->beside,
				    strlen(document->beside), error))
			return false;
		ok = run_all(&beside, arguments, true, error);
		document_fini(&beside);
		if (!ok)
			return false;
	}
	return run_all(document, arguments, false, error);
}
