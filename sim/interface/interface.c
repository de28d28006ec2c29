/* include/sim.h: scenarios and runs. What a result holds is in values.c. */

#include "interface/interface.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/program.h"
#include "document/document.h"
#include "explain/explain.h"
#include "flow/model.h"
#include "scenario/scenario.h"

enum { JOBS_MOST = 256 };

struct sim_scenario {
	struct scenario scenario;
	char *warnings;
};

int sim_interface_version(void)
{
	return SIM_INTERFACE_VERSION;
}

const char *sim_version(void)
{
	return SIM_VERSION;
}

/* --- the caller's world ------------------------------------------------------- */

bool call_begin(struct call *call, struct sim_error *out)
{
	*call = (struct call){ .out = out };
	*out = (struct sim_error){ .status = SIM_OK };
	call->c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!call->c)
		return error_memory(&call->error, "locale");
	call->before = uselocale(call->c);
	return true;
}

bool call_end(struct call *call)
{
	struct error *error = &call->error;

	if (call->c) {
		uselocale(call->before);
		freelocale(call->c);
	}
	call->out->status = (enum sim_status)error_exit_status(error);
	memcpy(call->out->message, error->message, sizeof(call->out->message));
	return error->kind == ERROR_NONE;
}

/* --- scenarios ------------------------------------------------------------------ */

/* From a document, which is taken over, also on failure. */
static bool read_document(struct sim_scenario *read, struct document *document,
			  const char *const *settings, struct error *error)
{
	struct setting *list;
	size_t count = 0, size;
	FILE *warnings;
	bool ok;

	while (settings && settings[count])
		count++;
	list = memory_array(count, sizeof(*list), "settings", error);
	warnings = list ? memory_stream(&read->warnings, &size) : NULL;
	if (!warnings) {
		free(list);
		document_fini(document);
		return error_memory(error, "settings");
	}
	for (size_t i = 0; i < count; i++)
		list[i].text = settings[i];
	ok = scenario_take(&read->scenario, document, list, count, warnings, error);
	if (!memory_stream_close(warnings, &read->warnings, "warnings", error) && ok) {
		scenario_fini(&read->scenario);
		ok = false;
	}
	free(list);
	return ok;
}

/* What all ways to read end with: the scenario, or NULL and the error. */
static struct sim_scenario *finish(struct call *call, struct document *document,
				   const char *const *settings)
{
	struct sim_scenario *read = memory_array(1, sizeof(*read), "scenario", &call->error);

	if (!read) {
		document_fini(document);
	} else if (!read_document(read, document, settings, &call->error)) {
		free(read->warnings);
		free(read);
		read = NULL;
	}
	call_end(call);
	return read;
}

struct sim_scenario *sim_read_file(const char *path, const char *const *settings,
				   struct sim_error *error)
{
	struct document document;
	struct call call;

	if (call_begin(&call, error) && document_read(&document, path, &call.error))
		return finish(&call, &document, settings);
	call_end(&call);
	return NULL;
}

struct sim_scenario *sim_read_text(const char *name, const char *text, size_t length,
				   const char *const *settings, struct sim_error *error)
{
	struct document document;
	struct call call;

	if (call_begin(&call, error) && document_parse(&document, name, text, length, &call.error))
		return finish(&call, &document, settings);
	call_end(&call);
	return NULL;
}

const char *sim_scenario_name(const struct sim_scenario *scenario)
{
	return scenario->scenario.name;
}

const char *sim_scenario_warnings(const struct sim_scenario *scenario)
{
	return scenario->warnings;
}

void sim_scenario_free(struct sim_scenario *scenario)
{
	if (!scenario)
		return;
	scenario_fini(&scenario->scenario);
	free(scenario->warnings);
	free(scenario);
}

/* --- runs ------------------------------------------------------------------------- */

static bool experiment_of(const struct sim_run_options *options, struct experiment_options *out,
			  struct error *error)
{
	static const enum study studies[] = {
		[SIM_STUDY_NONE] = STUDY_NONE, [SIM_STUDY_BAND] = STUDY_BAND
	};
	unsigned int jobs = options ? options->jobs : 0;
	size_t study = options ? (size_t)options->study : SIM_STUDY_NONE;

	if (jobs > JOBS_MOST)
		return error_set(error, ERROR_INPUT, "sim_run: jobs is %u; at most %d are possible",
				 jobs, JOBS_MOST);
	if (study >= sizeof(studies) / sizeof(studies[0]))
		return error_set(
			error, ERROR_INPUT,
			"sim_run: study is %zu; SIM_STUDY_NONE and SIM_STUDY_BAND are known",
			study);
	*out = (struct experiment_options){
		.replicate = { .threads = jobs ? jobs : 1, .stop = options ? options->stop : NULL },
		.version = SIM_VERSION,
		.commit = *program_commit ? program_commit : NULL,
		.study = studies[study],
	};
	return true;
}

struct sim_result *sim_run(const struct sim_scenario *scenario,
			   const struct sim_run_options *options, struct sim_error *error)
{
	struct experiment_options experiment;
	struct sim_result *run = NULL;
	struct call call;

	if (call_begin(&call, error) && experiment_of(options, &experiment, &call.error))
		run = memory_array(1, sizeof(*run), "result", &call.error);
	if (run && !explain_run(&scenario->scenario, &experiment, &run->result, &call.error)) {
		free(run);
		run = NULL;
	}
	call_end(&call);
	return run;
}

void sim_result_free(struct sim_result *result)
{
	if (!result)
		return;
	result_fini(&result->result);
	free(result);
}

/* --- models ------------------------------------------------------------------------ */

bool sim_add_model(const struct model *model, struct sim_error *error)
{
	struct call call;

	if (call_begin(&call, error))
		model_add(model, &call.error);
	return call_end(&call);
}
