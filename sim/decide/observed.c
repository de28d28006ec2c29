#include "decide/observed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "decide/observed_parts.h"
#include "document/value.h"
#include "flow/model.h"

/*
 * Replications of a run for each operation that a measurement is the mean of: their own noise,
 * which is part of what predict() says, adds less than 1 % to the spread of what was measured,
 * and that spread is known to 6 %: Student's t with so many degrees of freedom is the normal law.
 */
enum { USUAL_REPLICATIONS = 128, QUANTILE_REPLICATIONS = 512, MOST_REPLICATIONS_OF_RUN = 2048 };

/* --- what was measured -------------------------------------------------------------------- */

/* The guest called so; without a name the first. */
static bool find_guest(struct observed *observed, const struct simulation_config *config,
		       struct error *error)
{
	const char *group = observed->options->group;
	struct candidates known = { 0 };
	char hint[HINT_MAX];

	for (observed->guest = 0; group && observed->guest < config->guest_count;
	     observed->guest++) {
		if (strcmp(config->guests[observed->guest].name, group) == 0)
			return true;
		candidates_add(&known, config->guests[observed->guest].name);
	}
	return !group ||
	       error_set(error, ERROR_INPUT, "--group %.60s: error: there is no such guest%s",
			 group, did_you_mean(hint, group, known.names));
}

static bool read_measurements(struct observed *observed, struct error *error)
{
	const struct observed_options *options = observed->options;
	struct scenario scenario;
	bool ok;

	if (!scenario_load_by(&scenario, &observed->library, options->file, options->settings,
			      options->setting_count, error))
		return false;
	ok = find_guest(observed, &scenario.simulation, error);
	for (size_t i = 0; ok && i < options->observed_count; i++) {
		struct error own = { 0 };

		ok = measurements_add(&observed->measurements, options->observed[i], &own) ||
		     error_set(error, own.kind, "--observed %.100s: error: %s",
			       options->observed[i], own.message);
	}
	ok = ok &&
	     (!options->csv || measurements_read(&observed->measurements, options->csv,
						 &scenario.simulation, observed->guest, error));
	scenario_fini(&scenario);
	return ok && (observed->measurements.count ||
		      error_set(error, ERROR_INPUT,
				"there is nothing to explain: --observed reboot.latency=6min or "
				"--observations FILE.csv is needed"));
}

/* Only now is it known what a scenario's answer is, and whose metric was measured. */
static bool name_metrics(struct observed *observed, struct error *error)
{
	struct measurements *measurements = &observed->measurements;

	for (size_t m = 0; m < measurements->count; m++) {
		struct measurement *item = &measurements->items[m];
		const struct setup *setup = &observed->own.setups[item->point];
		const struct simulation_config *config = &setup->base.scenario.simulation;
		size_t count;
		const struct metric *metric =
			simulation_metrics(setup->base.replications.names, &count) +
			observed->own.metrics[m];

		if (!item->of.metric)
			item->of.metric =
				memory_keep_text(&measurements->keeper, metric->name, error);
		if (!item->of.metric)
			return false;
		for (size_t g = 0; m == 0 && g < config->guest_count; g++)
			if (strcmp(config->guests[g].name, metric->group) == 0)
				observed->guest = g;
	}
	return true;
}

static void find_strategy_setting(struct observed *observed)
{
	char pointer[POINTER_MAX];

	observed_pointer(observed, "strategy", pointer);
	for (size_t p = 0; p < observed->measurements.point_count; p++)
		for (size_t s = 0; s < observed->measurements.points[p].setting_count; s++)
			if (strcmp(observed->measurements.points[p].settings[s].text, pointer) == 0)
				observed->strategy_known = true;
}

/* --- what is said of it --------------------------------------------------------------------- */

/* "reboot.latency.p99" */
static const char *measured_name(struct memory_keeper *keeper, const struct measured *of,
				 struct error *error)
{
	char name[160], digits[32];

	snprintf(name, sizeof(name), "%.120s", of->metric);
	if (of->quantile >= 0) {
		snprintf(digits, sizeof(digits), "%.6f", of->quantile);
		for (size_t end = strlen(digits); end > 4 && digits[end - 1] == '0'; end--)
			digits[end - 1] = '\0';
		snprintf(name + strlen(name), 32, ".p%s", digits + 2);
	}
	return memory_keep_text(keeper, name, error);
}

static bool keep_texts(struct memory_keeper *keeper, const char *const *texts, size_t count,
		       const char ***kept, struct error *error)
{
	*kept = memory_keep_array(keeper, count, sizeof(**kept), "options", error);
	for (size_t i = 0; *kept && i < count; i++) {
		(*kept)[i] = memory_keep_text(keeper, texts[i], error);
		if (!(*kept)[i])
			return false;
	}
	return *kept != NULL;
}

/* All that it depends on, so that it can be explained again from its file alone. */
static bool keep_inputs(struct observed *observed, const struct scenario *scenario,
			struct error *error)
{
	const struct observed_options *options = observed->options;
	struct explanation *out = observed->out;
	struct memory_keeper *keeper = &out->keeper;
	json_t *csv = options->csv ? attachment_to_json(options->csv) : NULL;
	char *carried = scenario_carried_text(scenario, error);
	char *text = csv ? json_dumps(csv, JSON_COMPACT) : NULL;

	out->commit = options->experiment->commit;
	out->carried = carried ? memory_keep_text(keeper, carried, error) : NULL;
	out->csv = text ? memory_keep_text(keeper, text, error) : NULL;
	out->csv_name = csv ? memory_keep_text(keeper, options->csv->name, error) : NULL;
	out->platform = scenario->platform.name
				? memory_keep_text(keeper, scenario->platform.name, error)
				: NULL;
	out->group = options->group ? memory_keep_text(keeper, options->group, error) : NULL;
	out->observed_count = options->observed_count;
	out->term_count = options->term_count;
	if (options->csv && !text)
		error_memory(error, "measurements");
	free(carried);
	free(text);
	json_decref(csv);
	return error->kind == ERROR_NONE &&
	       keep_texts(keeper, options->observed, options->observed_count, &out->observed,
			  error) &&
	       keep_texts(keeper, options->terms, options->term_count, &out->terms, error);
}

static bool describe(struct observed *observed, struct error *error)
{
	struct explanation *out = observed->out;
	const struct setup *first = &observed->own.setups[0];
	size_t count = observed->measurements.count;

	out->scenario = memory_keep_text(&out->keeper, first->scenario.name, error);
	out->file = memory_keep_text(&out->keeper, observed->options->file, error);
	out->version =
		memory_keep_text(&out->keeper, observed->options->experiment->version, error);
	out->seed = first->scenario.simulation.seed;
	out->replications = first->variant.count;
	out->error = observed->options->error;
	out->others_fixed = observed->options->others_fixed;
	out->measurements = memory_keep_array(&out->keeper, count, sizeof(*out->measurements),
					      "measurements", error);
	if (!out->scenario || !out->file || !out->version || !out->measurements ||
	    !keep_inputs(observed, &first->scenario, error))
		return false;
	for (size_t m = 0; m < count; m++) {
		const struct measurement *item = &observed->measurements.items[m];
		struct explanation_measurement *row = &out->measurements[out->measurement_count++];

		*row = (struct explanation_measurement){
			.where = memory_keep_text(&out->keeper, item->where, error),
			.label = memory_keep_text(&out->keeper,
						  observed->measurements.points[item->point].label,
						  error),
			.metric = measured_name(&out->keeper, &item->of, error),
			.unit = metric_kind_of(item->of.metric)->unit,
			.value = item->value,
			.n = item->n,
			.noise = testbed_noise(&observed->own, m, &observed->own.base[m]),
			.before = observed->own.base[m].value,
			.after = NAN,
			.apart = NAN,
		};
		if (!row->where || !row->label || !row->metric)
			return false;
	}
	return true;
}

static uint64_t replications_for(const struct measurements *measurements)
{
	uint64_t most = USUAL_REPLICATIONS;

	for (size_t m = 0; m < measurements->count; m++) {
		uint64_t wanted = QUANTILE_REPLICATIONS;

		if (measurements->items[m].of.quantile < 0)
			wanted = measurements->items[m].n < MOST_REPLICATIONS_OF_RUN
					 ? measurements->items[m].n * USUAL_REPLICATIONS
					 : MOST_REPLICATIONS_OF_RUN;
		if (wanted > most)
			most = wanted;
	}
	return most < MOST_REPLICATIONS_OF_RUN ? most : MOST_REPLICATIONS_OF_RUN;
}

static bool explain(struct observed *observed, struct error *error)
{
	const struct observed_options *options = observed->options;
	struct testbed *own = &observed->own;

	observed->source.replications = replications_for(&observed->measurements);
	if (!testbed_init(own, &observed->measurements, options->group, options->error,
			  &observed->source, NULL, 0, error))
		return false;
	if (own->problem)
		return error_set(error, ERROR_INPUT, "%.200s: error: %.1000s", own->where,
				 own->problem);
	if (!observed_check_terms(observed, error) || !name_metrics(observed, error))
		return false;
	find_strategy_setting(observed);
	observed->model = own->setups[0].base.scenario.simulation.guests[observed->guest].model;
	return describe(observed, error) &&
	       (options->estimate_only ||
		(observed_rank(observed, error) && observed_tell_apart(observed, error))) &&
	       observed_estimate(observed, error);
}

bool observed_explain(const struct observed_options *options, struct explanation *out,
		      struct error *error)
{
	struct observed observed = { .options = options, .out = out };
	bool ok;

	*out = (struct explanation){ 0 };
	observed.source = (struct setup_source){
		.library = &observed.library,
		.file = options->file,
		.settings = options->settings,
		.setting_count = options->setting_count,
		.options = options->experiment,
	};
	ok = read_measurements(&observed, error) && explain(&observed, error);
	testbed_fini(&observed.own);
	measurements_fini(&observed.measurements);
	library_fini(&observed.library);
	if (!ok)
		explanation_fini(out);
	return ok;
}
