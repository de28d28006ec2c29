/* The plan as one JSON document, format "sim-plan", version 2. */

#include "report/json_tools.h"
#include "report/planning.h"
#include "report/shapes.h"

/* In bytes, ns, or the unit of the ends: whole numbers as such. */
static json_t *value_to_json(const struct planning *planning, int64_t value)
{
	double number = scale_value(&planning->between, value);

	return planning->between.kind == SCALE_NUMBER ? json_number(number)
						      : json_integer((json_int_t)number);
}

static json_t *text_to_json(const struct planning *planning, int64_t value)
{
	return json_text(PLANNING_VALUE(planning, value));
}

static json_t *point_to_json(const struct planning *planning, const struct plan_point *point,
			     bool fresh)
{
	json_t *limits = json_array();

	for (size_t i = 0; i < planning->limit_count; i++)
		json_add(&limits, json_bounds(&point->bounds[i]));
	return json_pack("{s:o, s:o, s:s, s:I, s:b, s:I, s:o}", "value",
			 value_to_json(planning, point->value), "text",
			 text_to_json(planning, point->value), "verdict",
			 judgement_names[point->verdict], "replications",
			 (json_int_t)point->replications, "fresh", fresh, "binding",
			 (json_int_t)point->binding, "limits", limits);
}

/* Of values: null for plain numbers. */
static json_t *unit_to_json(const struct planning *planning)
{
	const struct scale *scale = &planning->between;

	if (scale->kind == SCALE_BYTES || scale->kind == SCALE_DURATION)
		return json_string(
			unit_names[scale->kind == SCALE_BYTES ? UNIT_BYTES : UNIT_NANOSECONDS]);
	return *scale->unit ? json_string(scale->unit) : json_null();
}

/* Each limit with all prices at their low, high ends. */
static json_t *ends_to_json(const struct planning *planning, const struct plan_answer *answer)
{
	json_t *array = json_array();

	for (size_t i = 0; answer->at_low && i < planning->limit_count; i++) {
		const struct limit_bounds *low = &answer->at_low[i], *high = &answer->at_high[i];

		json_add(&array,
			 json_pack("{s:o, s:o, s:o, s:b}", "at_low", json_number(low->estimate),
				   "at_high", json_number(high->estimate), "allowed",
				   json_number(low->limit), "missed",
				   planning_missed_at(low) || planning_missed_at(high)));
	}
	return array;
}

static json_t *answer_to_json(const struct planning *planning, const struct plan_answer *answer)
{
	json_t *points = json_array();

	for (size_t p = 0; p < answer->point_count; p++)
		json_add(&points,
			 point_to_json(planning, &answer->points[p], p == answer->confirmation));
	return json_pack(
		"{s:o, s:s, s:o, s:o, s:o, s:b, s:b, s:I, s:o, s:o, s:o, s:o, s:o}", "for",
		json_text(answer->each), "verdict", planning_verdict(answer), "value",
		answer->found ? value_to_json(planning, answer->value) : json_null(), "text",
		answer->found ? text_to_json(planning, answer->value) : json_null(), "binds",
		answer->found && answer->next != SIZE_MAX
			? json_text(planning_binds(planning, answer))
			: json_null(),
		"unresolved", answer->unresolved, "monotone", !answer->not_monotone, "replications",
		(json_int_t)answer->replications, "alpha_each", json_number(answer->alpha_each),
		"looks", points, "cannot_run",
		answer->impossible
			? json_pack("{s:o, s:o, s:o}", "value",
				    value_to_json(planning, answer->impossible_value), "text",
				    text_to_json(planning, answer->impossible_value), "reason",
				    json_text(answer->impossible))
			: json_null(),
		"failure", answer->failure ? json_text(answer->failure) : json_null(), "prices",
		ends_to_json(planning, answer));
}

static json_t *limit_to_json(const struct limit *limit)
{
	return json_pack("{s:o, s:o, s:s, s:o, s:o}", "metric", json_text(limit->metric), "group",
			 json_text(limit->group), "unit", unit_names[limit->unit], "quantile",
			 limit->quantile < 0 ? json_null() : json_number(limit->quantile),
			 "at_most", json_number(limit->at_most));
}

bool planning_write_json(const void *what, FILE *out, struct error *error)
{
	const struct planning *planning = what;
	json_t *limits = json_array(), *answers = json_array();

	for (size_t i = 0; i < planning->limit_count; i++)
		json_add(&limits, limit_to_json(&planning->limits[i]));
	for (size_t a = 0; a < planning->answer_count; a++)
		json_add(&answers, answer_to_json(planning, &planning->answers[a]));
	return json_write(
		json_pack("{s:s, s:i, s:o, s:o, s:o, s:[o, o], s:o, s:s, s:o, s:o, s:I, s:{s:o, "
			  "s:o, s:o, s:I}, s:o, "
			  "s:o}",
			  "format", "sim-plan", "version", 2, "scenario",
			  json_carried(planning->scenario, planning->carried), "vary",
			  json_text(planning->vary), "for_each", json_text(planning->each),
			  "between", value_to_json(planning, planning->between.first),
			  value_to_json(planning, planning->between.last), "unit",
			  unit_to_json(planning), "goal", planning->maximize ? "max" : "min",
			  "alpha", json_number(planning->alpha), "tolerance",
			  json_number(planning->tolerance), "most", (json_int_t)planning->most,
			  "provenance", "version", json_text(planning->version), "commit",
			  json_text(planning->commit), "platform",
			  planning->platform ? json_text(planning->platform) : json_null(), "seed",
			  (json_int_t)planning->seed, "subject_to", limits, "answers", answers),
		&plan_shape, out, error);
}
