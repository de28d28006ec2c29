#include "report/planning.h"

#include <stdlib.h>

const char planning_failures[] = "failures";

void planning_fini(struct planning *planning)
{
	for (size_t a = 0; a < planning->answer_count; a++) {
		struct plan_answer *answer = &planning->answers[a];

		for (size_t p = 0; p < answer->point_count; p++)
			free(answer->points[p].bounds);
		for (size_t i = 0; i < answer->part_count; i++) {
			free(answer->parts[i].step);
			free(answer->parts[i].where);
		}
		free(answer->points);
		free(answer->at_low);
		free(answer->at_high);
		free(answer->failure);
		free(answer->each);
		free(answer->impossible);
	}
	for (size_t i = 0; i < planning->limit_count; i++) {
		free(planning->limits[i].metric);
		free(planning->limits[i].group);
	}
	free(planning->answers);
	free(planning->limits);
	free(planning->scenario);
	free(planning->version);
	free(planning->commit);
	free(planning->carried);
	free(planning->platform);
	free(planning->vary);
	free(planning->each);
	*planning = (struct planning){ 0 };
}

int planning_status(const struct planning *planning)
{
	int status = 0;

	for (size_t a = 0; a < planning->answer_count; a++) {
		const struct plan_answer *answer = &planning->answers[a];

		if (answer->found)
			continue;
		if (answer->first_verdict == LIMIT_MISSED && status == 0)
			status = 3;
		else if (answer->first_verdict != LIMIT_MISSED)
			status = 4;
	}
	return status;
}

bool planning_missed_at(const struct limit_bounds *end)
{
	return !(end->estimate <= end->limit);
}

bool planning_missed_within(const struct planning *planning, const struct plan_answer *answer)
{
	for (size_t i = 0; answer->at_low && i < planning->limit_count; i++)
		if (planning_missed_at(&answer->at_low[i]) ||
		    planning_missed_at(&answer->at_high[i]))
			return true;
	return false;
}

const char *planning_value(char text[SCALE_TEXT], const struct planning *planning, int64_t value)
{
	return scale_text(text, &planning->between, value);
}

const struct plan_point *planning_next_look(const struct plan_answer *answer,
					    const struct plan_point *last)
{
	const struct plan_point *next = NULL;

	for (size_t i = 0; i < answer->point_count; i++) {
		const struct plan_point *point = &answer->points[i];

		if (i != answer->confirmation && (!last || point->value > last->value) &&
		    (!next || point->value < next->value))
			next = point;
	}
	return next;
}

const char *planning_verdict(const struct plan_answer *answer)
{
	return answer->found                           ? "meets"
	       : answer->first_verdict == LIMIT_MISSED ? "infeasible"
						       : "unresolved";
}

const char *planning_binds(const struct planning *planning, const struct plan_answer *answer)
{
	if (answer->next != SIZE_MAX)
		return planning->limits[answer->points[answer->next].binding].metric;
	return answer->impossible ? "what is beyond cannot run" : "the range ends here";
}

const char *planning_look(const struct plan_answer *answer)
{
	return judgement_names[answer->found ? LIMIT_MET : answer->first_verdict];
}
