/* Measurements explained as one JSON document, format "sim-explanation", version 2; and a profile. */

#include <math.h>
#include <stdio.h>

#include "report/explanation.h"
#include "report/json_tools.h"
#include "report/shapes.h"

static json_t *measurement_to_json(const struct explanation_measurement *row)
{
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "where",
			 json_text(row->where), "scenario", json_text(row->label), "metric",
			 json_text(row->metric), "unit", unit_names[row->unit], "value",
			 json_number(row->value), "operations",
			 row->n ? json_integer((json_int_t)row->n) : json_null(), "noise",
			 json_number(row->noise), "predicted", json_number(row->before),
			 "predicted_by_estimate", json_number(row->after), "deviations",
			 json_number(row->apart));
}

static json_t *strategy_to_json(const struct explanation_strategy *row)
{
	if (row->problem)
		return json_pack("{s:o, s:b, s:o}", "strategy", json_text(row->name), "own",
				 row->own, "problem", json_text(row->problem));
	return json_pack("{s:o, s:b, s:o, s:o, s:b, s:o}", "strategy", json_text(row->name), "own",
			 row->own, "predicted", json_number(row->predicted), "chi_squared",
			 json_number(row->misfit), "fits", row->fits, "at_ends_of_all_prices",
			 json_interval(row->low, row->high));
}

static json_t *candidate_to_json(const struct explanation_candidate *row)
{
	return json_pack("{s:o, s:b, s:o, s:o, s:s, s:o, s:[o, o], s:o, s:o, s:o, s:b}", "strategy",
			 json_text(row->strategy), "own", row->own, "alike", json_text(row->alike),
			 "term", json_text(row->term), "per", row->unit, "value",
			 json_number(row->value), "range", json_number(row->low),
			 json_number(row->high), "needed", json_number(row->needed), "share_of_way",
			 json_number(row->share), "chi_squared", json_number(row->misfit), "fits",
			 row->fits);
}

/* "sync", or "sync, uvc.destroy_page": what is compared. */
static json_t *compared_to_json(const struct explanation *explanation, size_t which)
{
	if (which >= COMPARED_STRATEGY)
		return json_pack("{s:o, s:n}", "strategy",
				 json_text(explanation->strategies[which - COMPARED_STRATEGY].name),
				 "term");
	return json_pack("{s:o, s:o}", "strategy",
			 json_text(explanation->candidates[which].strategy), "term",
			 json_text(explanation->candidates[which].term));
}

static json_t *experiment_to_json(const struct explanation *explanation,
				  const struct explanation_experiment *row)
{
	json_t *predicted = json_array();

	for (size_t c = 0; c < explanation->compared_count; c++)
		json_add(&predicted, json_maybe(row->predicted[c]));
	return json_pack("{s:o, s:s, s:o, s:o, s:i}", "what", json_text(row->what), "unit",
			 unit_names[row->unit], "predicted", predicted, "noise",
			 json_number(row->noise), "pairs_told_apart", (int)row->pairs);
}

static json_t *estimate_row_to_json(const struct explanation_estimate *row)
{
	return json_pack("{s:o, s:s, s:o, s:[o, o], s:o, s:[o, o], s:b, s:b}", "term",
			 json_text(row->term), "per", row->unit, "value", json_number(row->value),
			 "range", json_number(row->low), json_number(row->high), "estimate",
			 json_number(row->estimate), "ci95", json_number(row->ci_low),
			 json_number(row->ci_high), "told", row->told, "outside_range",
			 row->outside);
}

static json_t *confusion_to_json(const struct explanation_confusion *row)
{
	json_t *terms = json_array();

	for (size_t i = 0; i < row->count; i++)
		json_add(&terms, json_pack("{s:o, s:o}", "term", json_text(row->terms[i]), "factor",
					   json_number(row->factors[i])));
	return json_pack("{s:o, s:o, s:o, s:o}", "terms", terms, "sum", json_maybe(row->sum),
			 "sum_ci95", json_interval(row->sum_low, row->sum_high), "told_apart_by",
			 json_text(row->remedy));
}

static json_t *correlations_to_json(const struct explanation *explanation)
{
	json_t *list = json_array();

	for (size_t i = 0; i < explanation->correlation_count; i++) {
		const struct explanation_correlation *row = &explanation->correlations[i];

		json_add(&list, json_pack("[o, o, o]", json_text(row->a), json_text(row->b),
					  json_number(row->value)));
	}
	return list;
}

static json_t *estimate_to_json(const struct explanation *explanation)
{
	json_t *terms = json_array(), *confusions = json_array(), *pulls = json_array();

	for (size_t i = 0; i < explanation->estimate_count; i++)
		json_add(&terms, estimate_row_to_json(&explanation->estimates[i]));
	for (size_t i = 0; i < explanation->confusion_count; i++)
		json_add(&confusions, confusion_to_json(&explanation->confusions[i]));
	for (size_t i = 0; i < explanation->pull_count; i++)
		json_add(&pulls,
			 json_pack("{s:o, s:o}", "term", json_text(explanation->pulls[i].term),
				   "deviations", json_number(explanation->pulls[i].deviations)));
	return json_pack(
		"{s:o, s:s, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "none_because",
		json_text(explanation->no_estimate), "other_prices",
		explanation->others_fixed ? "fixed" : "ranged", "chi_squared",
		json_number(explanation->misfit), "degrees_of_freedom", (int)explanation->freedom,
		"probability", json_number(explanation->probability), "widened_by",
		json_number(explanation->widened), "terms", terms, "correlations",
		correlations_to_json(explanation), "not_told_apart", confusions, "pulls", pulls);
}

static json_t *texts_to_json(const char *const *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_add(&list, json_text(texts[i]));
	return list;
}

static json_t *csv_to_json(const struct explanation *explanation)
{
	json_t *named, *file;

	if (!explanation->csv)
		return json_null();
	named = json_pack("{s:o}", "name", json_text(explanation->csv_name));
	file = json_loads(explanation->csv, 0, NULL);
	if (json_object_update(named, file) != 0) {
		json_decref(named);
		named = NULL;
	}
	json_decref(file);
	return named;
}

/* Those of the command. */
static json_t *options_to_json(const struct explanation *explanation)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s}", "observed",
			 texts_to_json(explanation->observed, explanation->observed_count),
			 "observations", csv_to_json(explanation), "group",
			 json_text(explanation->group), "error", json_number(explanation->error),
			 "estimate", texts_to_json(explanation->terms, explanation->term_count),
			 "others", explanation->others_fixed ? "fixed" : "ranged");
}

bool explanation_write_json(const void *what, FILE *out, struct error *error)
{
	const struct explanation *explanation = what;
	json_t *measurements = json_array(), *strategies = json_array();
	json_t *candidates = json_array(), *compared = json_array(), *experiments = json_array();

	for (size_t i = 0; i < explanation->measurement_count; i++)
		json_add(&measurements, measurement_to_json(&explanation->measurements[i]));
	for (size_t i = 0; i < explanation->strategy_count; i++)
		json_add(&strategies, strategy_to_json(&explanation->strategies[i]));
	for (size_t i = 0; i < explanation->candidate_count; i++)
		json_add(&candidates, candidate_to_json(&explanation->candidates[i]));
	for (size_t i = 0; i < explanation->compared_count; i++)
		json_add(&compared, compared_to_json(explanation, explanation->compared[i]));
	for (size_t i = 0; i < explanation->experiment_count; i++)
		json_add(&experiments,
			 experiment_to_json(explanation, &explanation->experiments[i]));
	return json_write(json_pack("{s:s, s:i, s:o, s:{s:o, s:o, s:o, s:o, s:o, s:o}, s:o, s:o, "
				    "s:o, s:o, s:o, "
				    "s:o, s:o}",
				    "format", "sim-explanation", "version", 2, "scenario",
				    json_carried(explanation->scenario, explanation->carried),
				    "provenance", "version", json_text(explanation->version),
				    "commit", json_text(explanation->commit), "platform",
				    json_text(explanation->platform), "seed",
				    json_integer((json_int_t)explanation->seed), "replications",
				    json_integer((json_int_t)explanation->replications), "options",
				    options_to_json(explanation), "error",
				    json_number(explanation->error), "measurements", measurements,
				    "strategies", strategies, "prices", candidates, "compared",
				    compared, "told_apart_by", experiments, "estimate",
				    estimate_to_json(explanation)),
			  &explanation_shape, out, error);
}
