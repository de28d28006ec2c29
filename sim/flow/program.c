#include "flow/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/step_kind.h"

const struct model *model_find(const char *name)
{
	for (size_t i = 0; i < model_table_count; i++)
		if (strcmp(model_table[i]->name, name) == 0)
			return model_table[i];
	return NULL;
}

int model_term(const struct model *model, const char *name)
{
	for (size_t t = FIRST_TERM; t < model->term_count; t++)
		if (strcmp(model->terms[t].name, name) == 0)
			return (int)t;
	return NO_TERM;
}

int strategy_find(const struct model *model, const char *name)
{
	for (size_t i = 0; i < model->strategy_count; i++)
		if (strcmp(model->strategies[i].name, name) == 0)
			return (int)i;
	return -1;
}

static bool add_step(struct program *program, const struct step *step, struct error *error)
{
	struct program_step *added;
	char name[STEP_NAME_MAX];

	step_name(program->model, step, name, sizeof(name));
	if (!memory_grow(&program->steps, &program->step_capacity, program->step_count + 1,
			 sizeof(*program->steps), "steps", error))
		return false;
	added = &program->steps[program->step_count++];
	*added = (struct program_step){ .step = step,
					.flow = (uint32_t)program->flow_count,
					.jump = PROGRAM_RETURN,
					.name = memory_text(name, error) };
	if (!added->name)
		return false;
	program->flows[program->flow_count].count++;
	return true;
}

/* Append the steps of one flow; calls are resolved later. */
static bool add_flow(struct program *program, const struct flow *flow, struct error *error)
{
	static const struct step end = { .kind = STEP_END };

	if (program->flow_count == PROGRAM_FLOWS_MAX)
		return error_set(error, ERROR_INPUT, "flow %s reaches more than %d flows",
				 program->flows[0].flow->name, PROGRAM_FLOWS_MAX);
	if (!memory_grow(&program->flows, &program->flow_capacity, program->flow_count + 1,
			 sizeof(*program->flows), "flows", error))
		return false;
	program->flows[program->flow_count] =
		(struct program_flow){ .flow = flow, .first = (uint32_t)program->step_count };
	for (size_t i = 0; i < flow->step_count; i++)
		if (!add_step(program, &flow->steps[i], error))
			return false;
	if (!add_step(program, &end, error))
		return false;
	program->flow_count++;
	return true;
}

static bool find_flow(const struct program *program, const struct flow *flow, uint32_t *index)
{
	for (size_t i = 0; i < program->flow_count; i++) {
		if (program->flows[i].flow == flow) {
			*index = (uint32_t)i;
			return true;
		}
	}
	return false;
}

static bool resolve_label(const struct program *program, struct program_step *step,
			  struct error *error)
{
	const struct program_flow *flow = &program->flows[step->flow];
	int found = 0;

	if (!step->step->label)
		return true;
	for (uint32_t i = flow->first; i < flow->first + flow->count; i++) {
		const struct step *other = program->steps[i].step;

		if (other->kind == STEP_LABEL && strcmp(other->label, step->step->label) == 0) {
			step->jump = i;
			found++;
		}
	}
	if (found == 1)
		return true;
	return error_set(error, ERROR_INTERNAL,
			 "flow %s, step %s: label \"%s\" stands %d times in it", flow->flow->name,
			 step->name, step->step->label, found);
}

bool program_retries(const struct program *program, size_t step)
{
	const struct program_flow *flow = &program->flows[program->steps[step].flow];

	if (step_forms[program->steps[step].step->kind].time != TIME_OFF_CORE)
		return false;
	for (size_t i = step + 1; i < flow->first + flow->count; i++)
		if (program->steps[i].step->kind == STEP_GOTO && program->steps[i].jump < step)
			return true;
	return false;
}

void program_make_free(struct program *program, const char *group, const struct step_name *name)
{
	bool other = !name || strcmp(name->group, group) != 0;

	for (size_t i = 0; i < program->step_count; i++) {
		struct program_step *step = &program->steps[i];
		const char *where = step->step->where ? step->step->where : "-";

		step->free = !other && strcmp(step->name, name->step) == 0 &&
			     strcmp(program->flows[step->flow].flow->name, name->flow) == 0 &&
			     strcmp(where, name->where) == 0 && !program_retries(program, i);
	}
}

bool program_build(struct program *program, const struct model *model, const struct flow *root,
		   struct error *error)
{
	memset(program, 0, sizeof(*program));
	program->model = model;
	if (!add_flow(program, root, error))
		goto fail;
	/* The list grows while it is walked: callees are appended behind their callers. */
	for (size_t i = 0; i < program->step_count; i++) {
		const struct step *step = program->steps[i].step;
		uint32_t callee = 0;

		if (step->flow && !find_flow(program, step->flow, &callee)) {
			callee = (uint32_t)program->flow_count;
			if (!add_flow(program, step->flow, error))
				goto fail;
		}
		program->steps[i].callee = callee;
		if (step->kind == STEP_JOIN)
			program->flows[callee].joined = true;
		if (!resolve_label(program, &program->steps[i], error))
			goto fail;
	}
	return true;
fail:
	program_fini(program);
	return false;
}

void program_fini(struct program *program)
{
	for (size_t i = 0; i < program->step_count; i++)
		free(program->steps[i].name);
	free(program->flows);
	free(program->steps);
	memset(program, 0, sizeof(*program));
}
