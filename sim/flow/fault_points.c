#include "flow/fault_points.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/program.h"
#include "flow/step_kind.h"

const struct fault_point *fault_points_find(const struct fault_points *points, const char *name)
{
	for (size_t i = 0; i < points->count; i++)
		if (strcmp(points->points[i].name, name) == 0)
			return &points->points[i];
	return NULL;
}

static bool add_point(struct fault_points *points, struct fault_point point, struct error *error)
{
	if (!point.name || fault_points_find(points, point.name))
		return true;
	if (!memory_grow(&points->points, &points->capacity, points->count + 1,
			 sizeof(*points->points), "fault points", error))
		return false;
	points->points[points->count++] = point;
	return true;
}

static bool add_program(struct fault_points *points, const struct program *program,
			struct error *error)
{
	for (size_t s = 0; s < program->step_count; s++) {
		const struct step *step = program->steps[s].step;
		const struct page_call *call = step->kind == STEP_PAGES ? step->loop->calls : NULL;
		const struct fault_point point = { step_fault_name(program->model, step),
						   step->error, step->where };

		if (!add_point(points, point, error))
			return false;
		for (; call && call->name; call++)
			if (!add_point(points,
				       (struct fault_point){ call->name, call->error, step->where },
				       error))
				return false;
	}
	return true;
}

bool fault_points_add(struct fault_points *points, const struct model *model,
		      const struct strategy *strategy, struct error *error)
{
	for (int i = 0; i < OPERATION_COUNT; i++) {
		struct program program;
		bool ok;

		if (!strategy->flows[i])
			continue;
		if (!program_build(&program, model, strategy->flows[i], error))
			return false;
		ok = add_program(points, &program, error);
		program_fini(&program);
		if (!ok)
			return false;
	}
	return true;
}

void fault_points_fini(struct fault_points *points)
{
	free(points->points);
	*points = (struct fault_points){ 0 };
}
