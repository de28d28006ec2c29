#include "flow/model_check.h"

#include <string.h>

#include "flow/lock_check.h"
#include "flow/names.h"
#include "flow/runtime.h"
#include "flow/step_check.h"

/* A finding in the tables, not in the flows. */
static const struct finding_place tables = { NULL, 0 };

/* --- tables ----------------------------------------------------------------- */

static void check_terms(const struct model *model, struct findings *findings)
{
	if (model->term_count < FIRST_TERM || model->term_count - FIRST_TERM > TERMS_MAX) {
		findings_add(findings, tables, "there are %zu terms; 1 to %d are possible",
			     model->term_count - FIRST_TERM, TERMS_MAX);
		return;
	}
	if (model->terms[NO_TERM].name)
		findings_add(findings, tables, "term 0 is %s; numbers begin at %d",
			     model->terms[NO_TERM].name, FIRST_TERM);
	for (size_t t = FIRST_TERM; t < model->term_count; t++) {
		const struct term *term = &model->terms[t];

		if (!term->name) {
			findings_add(findings, tables, "row %zu of the terms is missing", t);
			continue;
		}
		if (!term->source)
			findings_add(findings, tables, "term %s has no source", term->name);
		if (!(term->low_ns >= 0 && term->low_ns <= term->mean_ns &&
		      term->mean_ns <= term->high_ns))
			findings_add(findings, tables, "term %s: its range does not hold its mean",
				     term->name);
		for (size_t other = FIRST_TERM; other < t; other++)
			if (model->terms[other].name &&
			    strcmp(model->terms[other].name, term->name) == 0)
				findings_add(findings, tables, "two terms are called %s",
					     term->name);
	}
}

static void check_tables(const struct model *model, struct findings *findings)
{
	size_t metadata_count = 0;

	if (!model->strategy_count)
		findings_add(findings, tables, "there is no strategy");
	if (!model->architectures)
		findings_add(findings, tables, "it runs on no architecture");
	for (size_t s = 1; s < model->strategy_count; s++)
		for (size_t other = 0; other < s; other++)
			if (strcmp(model->strategies[s].name, model->strategies[other].name) == 0)
				findings_add(findings, tables, "two strategies are called %s",
					     model->strategies[s].name);
	if (model->page_state_count > PAGE_STATES_MAX - PAGE_FIRST)
		findings_add(findings, tables, "there are more than %d page states",
			     PAGE_STATES_MAX - PAGE_FIRST);
	if (model->limbo_states >> (PAGE_FIRST + model->page_state_count) ||
	    model->limbo_states & ((1u << PAGE_FIRST) - 1))
		findings_add(findings, tables, "a limbo state is none of the model's page states");
	if (model->memory_count > MEMORY_KINDS_MAX)
		findings_add(findings, tables, "there are more than %d kinds of memory",
			     MEMORY_KINDS_MAX);
	while (model->metadata && model->metadata[metadata_count].name)
		metadata_count++;
	if (metadata_count > METADATA_KINDS_MAX)
		findings_add(findings, tables, "there are more than %d kinds of metadata",
			     METADATA_KINDS_MAX);
}

/* --- strategies --------------------------------------------------------------- */

/* A name stands for one thing of a kind. */
static void check_names(const struct names *names, const struct model *model, int strategy,
			struct findings *findings)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct name *one = &names->items[i];

		if (one->strategy != strategy)
			continue;
		if (!one->name) {
			findings_add(findings, tables, "strategy %s: a %s has no name",
				     model->strategies[strategy].name,
				     operand_kinds[one->operand].what);
			continue;
		}
		for (size_t k = 0; k < i; k++)
			if (names->items[k].strategy == strategy &&
			    names->items[k].operand == one->operand && names->items[k].name &&
			    strcmp(names->items[k].name, one->name) == 0)
				findings_add(findings, tables,
					     "strategy %s: two different %ss are called \"%s\"",
					     model->strategies[strategy].name,
					     operand_kinds[one->operand].what, one->name);
	}
}

static bool marks_done(const struct program *program)
{
	for (size_t i = 0; i < program->step_count; i++)
		if (program->steps[i].step->kind == STEP_MARK &&
		    program->steps[i].step->milestone == MILESTONE_DONE)
			return true;
	return false;
}

static bool check_operation(const struct model *model, const struct strategy *strategy,
			    int operation, struct findings *findings, struct error *error)
{
	const struct flow *root = strategy->flows[operation];
	struct program program;

	if (!steps_are_whole(model, root, findings))
		return true;
	if (!program_build(&program, model, root, error)) /* it is whole: for want of memory */
		return false;
	steps_check(&program, findings);
	if (!marks_done(&program))
		findings_add(findings, (struct finding_place){ root, 0 },
			     "strategy %s: its %s is never marked as done", strategy->name,
			     operation_names[operation]);
	program_fini(&program);
	return true;
}

static bool check_strategy(const struct model *model, size_t index, struct findings *findings,
			   struct error *error)
{
	const struct strategy *strategy = &model->strategies[index];
	struct names names = { 0 };
	size_t before = findings->count;
	bool ok = true;

	for (int i = 0; ok && i < OPERATION_COUNT; i++)
		if (strategy->flows[i])
			ok = check_operation(model, strategy, i, findings, error);
	if (!strategy->flows[OPERATION_KILL])
		findings_add(findings, tables, "strategy %s cannot be killed", strategy->name);
	if (ok && findings->count == before) {
		ok = names_collect_strategy(&names, model, (int)index, error);
		check_names(&names, model, (int)index, findings);
	}
	names_fini(&names);
	return ok;
}

/* Locks are looked at when the steps are right. */
static bool check_locks(const struct model *model, const struct strategy *strategies, size_t count,
			struct findings *findings, struct error *error)
{
	static _Thread_local struct lock_report locks;

	locks = (struct lock_report){ 0 };
	for (size_t s = 0; s < count; s++)
		for (int i = 0; i < OPERATION_COUNT; i++)
			if (strategies[s].flows[i] &&
			    !lock_check_flow(model, strategies[s].flows[i], &locks, error))
				return false;
	lock_check_order(&locks);
	for (size_t i = 0; i < locks.findings.count; i++)
		findings_add(findings, locks.findings.places[i], "%s", locks.findings.texts[i]);
	if (locks.deepest > HELD_MAX)
		findings_add(findings, locks.deepest_place,
			     "flow %s holds %zu locks at once; %d are possible",
			     locks.deepest_place.flow->name, locks.deepest, HELD_MAX);
	return true;
}

bool strategy_check(const struct model *model, const struct strategy *strategy,
		    struct findings *findings, struct error *error)
{
	*findings = (struct findings){ 0 };
	return check_strategy(model, (size_t)(strategy - model->strategies), findings, error) &&
	       (findings->count || check_locks(model, strategy, 1, findings, error));
}

bool model_check(const struct model *model, struct findings *findings, struct error *error)
{
	*findings = (struct findings){ 0 };
	check_terms(model, findings);
	check_tables(model, findings);
	if (findings->count) /* the rest relies on the tables */
		return true;
	for (size_t s = 0; s < model->strategy_count; s++)
		if (!check_strategy(model, s, findings, error))
			return false;
	return findings->count ||
	       check_locks(model, model->strategies, model->strategy_count, findings, error);
}

bool model_is_sound(const struct model *model, struct error *error)
{
	static bool sound[MODELS_MOST];
	struct findings findings;
	size_t index = 0;

	while (index < model_table_count && model_table[index] != model)
		index++;
	if (index < sizeof(sound) / sizeof(sound[0]) &&
	    __atomic_load_n(&sound[index], __ATOMIC_RELAXED))
		return true;
	if (!model_check(model, &findings, error))
		return false;
	if (findings.count)
		return error_set(error, ERROR_INTERNAL,
				 "model %s is wrong (sim models --check lists all findings): %s",
				 model->name, findings.texts[0]);
	if (index < sizeof(sound) / sizeof(sound[0]))
		__atomic_store_n(&sound[index], true, __ATOMIC_RELAXED);
	return true;
}
