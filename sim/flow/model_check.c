#include "flow/model_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/lock_check.h"
#include "flow/runtime.h"

/* --- tables ----------------------------------------------------------------- */

static bool is_term(const struct model *model, int term)
{
	return term >= FIRST_TERM && (size_t)term < model->term_count;
}

static void check_terms(const struct model *model, struct findings *findings)
{
	if (model->term_count < FIRST_TERM || model->term_count - FIRST_TERM > TERMS_MAX) {
		findings_add(findings, "there are %zu terms; 1 to %d are possible",
			     model->term_count - FIRST_TERM, TERMS_MAX);
		return;
	}
	if (model->terms[NO_TERM].name)
		findings_add(findings, "term 0 is %s; numbers begin at %d",
			     model->terms[NO_TERM].name, FIRST_TERM);
	for (size_t t = FIRST_TERM; t < model->term_count; t++) {
		const struct term *term = &model->terms[t];

		if (!term->name) {
			findings_add(findings, "row %zu of the terms is missing", t);
			continue;
		}
		if (!term->source)
			findings_add(findings, "term %s has no source", term->name);
		if (!(term->low_ns >= 0 && term->low_ns <= term->mean_ns &&
		      term->mean_ns <= term->high_ns))
			findings_add(findings, "term %s: its range does not hold its mean",
				     term->name);
		for (size_t other = FIRST_TERM; other < t; other++)
			if (model->terms[other].name &&
			    strcmp(model->terms[other].name, term->name) == 0)
				findings_add(findings, "two terms are called %s", term->name);
	}
}

static void check_tables(const struct model *model, struct findings *findings)
{
	if (!model->strategy_count)
		findings_add(findings, "there is no strategy");
	for (size_t s = 1; s < model->strategy_count; s++)
		for (size_t other = 0; other < s; other++)
			if (strcmp(model->strategies[s].name, model->strategies[other].name) == 0)
				findings_add(findings, "two strategies are called %s",
					     model->strategies[s].name);
	if (model->page_state_count > PAGE_STATES_MAX - PAGE_FIRST)
		findings_add(findings, "there are more than %d page states",
			     PAGE_STATES_MAX - PAGE_FIRST);
	if (model->limbo_states >> (PAGE_FIRST + model->page_state_count) ||
	    model->limbo_states & ((1u << PAGE_FIRST) - 1))
		findings_add(findings, "a limbo state is none of the model's page states");
	if (model->memory_count > MEMORY_KINDS_MAX)
		findings_add(findings, "there are more than %d kinds of memory", MEMORY_KINDS_MAX);
}

static bool lists(const void *item, const void *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (((const void *const *)list)[i] == item)
			return true;
	return false;
}

/* --- names: one for one thing within a strategy ------------------------------ */

struct names {
	struct {
		const char *kind, *name;
		const void *thing;
	} entries[512];
	size_t count;
};

static void note_name(struct names *names, const char *kind, const char *name, const void *thing,
		      const char *strategy, struct findings *findings)
{
	if (!thing)
		return;
	if (!name) {
		findings_add(findings, "strategy %s: a %s has no name", strategy, kind);
		return;
	}
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->entries[i].kind, kind) != 0 ||
		    strcmp(names->entries[i].name, name) != 0)
			continue;
		if (names->entries[i].thing != thing)
			findings_add(findings, "strategy %s: two different %ss are called \"%s\"",
				     strategy, kind, name);
		return;
	}
	if (names->count == sizeof(names->entries) / sizeof(names->entries[0]))
		return;
	names->entries[names->count].kind = kind;
	names->entries[names->count].name = name;
	names->entries[names->count++].thing = thing;
}

static void note_loop_names(struct names *names, const struct page_loop *loop, const char *strategy,
			    struct findings *findings)
{
	note_name(names, "page loop", loop->name, loop, strategy, findings);
	if (loop->count)
		note_name(names, "count", loop->count->name, loop->count, strategy, findings);
	for (int state = 0; loop->acts && state < PAGE_STATES_MAX; state++)
		for (int i = 0; i < PAGE_PRICES_MAX; i++) {
			const struct page_price *price = &loop->acts->of[state].prices[i];

			if (price->term == NO_TERM)
				break;
			if (price->when)
				note_name(names, "condition", price->when->name, price->when,
					  strategy, findings);
			if (price->calls)
				note_name(names, "ratio", price->calls->name, price->calls,
					  strategy, findings);
		}
}

static void note_names(struct names *names, const struct step *step, const char *strategy,
		       struct findings *findings)
{
	if (step->count)
		note_name(names, "count", step->count->name, step->count, strategy, findings);
	if (step->hook)
		note_name(names, "hook", step->hook->name, step->hook, strategy, findings);
	if (step->condition)
		note_name(names, "condition", step->condition->name, step->condition, strategy,
			  findings);
	if (step->chance)
		note_name(names, "chance", step->chance->name, step->chance, strategy, findings);
	if (step->flow)
		note_name(names, "flow", step->flow->name, step->flow, strategy, findings);
	if (step->loop)
		note_loop_names(names, step->loop, strategy, findings);
}

/* --- steps -------------------------------------------------------------------- */

struct place {
	const struct model *model;
	const char *flow, *step;
	struct findings *findings;
};

#define AT(place_, format_, ...)                                                                   \
	findings_add((place_)->findings, "flow %s, step \"%s\": " format_, (place_)->flow,         \
		     (place_)->step, __VA_ARGS__)

static void check_price(const struct place *place, const struct page_loop *loop, int term,
			const char *state)
{
	if (!is_term(place->model, term))
		AT(place, "a price of %s pages is no term of the model", state);
	else if (loop->range && place->model->terms[term].unit == TERM_PER_CALL)
		AT(place, "%s is a price per call, but each %s page pays it",
		   place->model->terms[term].name, state);
}

static void check_act(const struct place *place, const struct page_loop *loop, int state)
{
	const struct page_act *act = &loop->acts->of[state];
	const char *name = state == PAGE_NONE ? "all" : model_page_state(place->model, state);
	int last = PAGE_FIRST + (int)place->model->page_state_count - 1;

	for (int i = 0; act->prices[i].term != NO_TERM; i++) {
		if (i == PAGE_PRICES_MAX) {
			AT(place, "more than %d prices for %s pages", PAGE_PRICES_MAX, name);
			break;
		}
		check_price(place, loop, act->prices[i].term, name);
	}
	if (state == PAGE_NONE)
		return;
	if (act->becomes == PAGE_NONE)
		AT(place, "the act for %s pages is missing (PASS leaves them alone)", name);
	else if (act->becomes > last)
		AT(place, "%s pages become no state of the model", name);
	else if (act->handled && loop->frees != (act->becomes == PAGE_GONE))
		AT(place, "%s pages %s", name,
		   loop->frees ? "are given back, but do not become PAGE_GONE"
			       : "become PAGE_GONE, but the loop gives nothing back");
}

static void check_loop(const struct place *place, const struct page_loop *loop)
{
	if (!loop->acts) {
		AT(place, "%s", "the page loop has no acts");
		return;
	}
	if (!loop->range && !loop->count)
		AT(place, "%s", "the page loop has neither a range nor a count");
	if (!loop->range)
		check_act(place, loop, PAGE_NONE);
	for (size_t i = 0; loop->range && i < place->model->page_state_count; i++)
		check_act(place, loop, PAGE_FIRST + (int)i);
	if (loop->gather != NO_TERM)
		check_price(place, loop, loop->gather, "gathered");
	if (loop->lock && !loop->batch)
		AT(place, "pages are gathered under %s, but a batch has no size", loop->lock->name);
	if (loop->lock && !lists(loop->lock, place->model->locks, place->model->lock_count))
		AT(place, "the model does not list the lock %s", loop->lock->name);
}

static void check_step(const struct place *place, const struct step *step)
{
	const struct model *model = place->model;

	if (step->lock && !lists(step->lock, model->locks, model->lock_count))
		AT(place, "the model does not list the lock %s", step->lock->name);
	if (step->server && !lists(step->server, model->servers, model->server_count))
		AT(place, "the model does not list the server %s", step->server->name);
	if (step->memory && step->memory != &guest_memory &&
	    !lists(step->memory, model->memory, model->memory_count))
		AT(place, "the model does not list the memory kind \"%s\"", step->memory->name);
	if (step->kind == STEP_PAGES && step->loop)
		check_loop(place, step->loop);
}

/* An operand that is missing cannot be printed, so the step is called by its number. */
static bool check_operands(const struct model *model, const struct flow *flow,
			   struct findings *findings)
{
	bool whole = true;

	if (!flow->name || !flow->steps || !flow->step_count) {
		findings_add(findings, "flow %s has no steps",
			     flow->name ? flow->name : "without a name");
		return false;
	}
	for (size_t i = 0; i < flow->step_count; i++) {
		const char *missing = step_missing(&flow->steps[i]);

		if (flow->steps[i].term != NO_TERM && !is_term(model, flow->steps[i].term)) {
			findings_add(findings, "flow %s, step %zu (%s): %d is no term of the model",
				     flow->name, i + 1,
				     flow->steps[i].where ? flow->steps[i].where : "-",
				     flow->steps[i].term);
			whole = false;
		}
		if (!missing)
			continue;
		findings_add(findings, "flow %s, step %zu (%s): its %s is missing", flow->name,
			     i + 1, flow->steps[i].where ? flow->steps[i].where : "-", missing);
		whole = false;
	}
	return whole;
}

/* All flows that are reached, before anything reads them. */
static bool check_all_operands(const struct model *model, const struct flow *root,
			       struct findings *findings)
{
	const struct flow *flows[256] = { root };
	size_t count = 1;
	bool whole = true;

	for (size_t f = 0; f < count; f++) {
		if (!check_operands(model, flows[f], findings)) {
			whole = false;
			continue;
		}
		for (size_t i = 0; i < flows[f]->step_count; i++) {
			const struct flow *callee = flows[f]->steps[i].flow;

			if (callee && !lists(callee, flows, count) &&
			    count < sizeof(flows) / sizeof(flows[0]))
				flows[count++] = callee;
		}
	}
	return whole;
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
			    int operation, struct names *names, struct findings *findings,
			    struct error *error)
{
	const struct flow *root = strategy->flows[operation];
	struct error own = { 0 };
	struct program program;

	if (!check_all_operands(model, root, findings))
		return true;
	if (!program_build(&program, model, root, &own)) {
		if (own.kind == ERROR_MEMORY)
			return error_set(error, own.kind, "%s", own.message);
		findings_add(findings, "%.200s", own.message); /* a label */
		return true;
	}
	for (size_t i = 0; i < program.step_count; i++) {
		const struct place place = { model, program.flows[program.steps[i].flow].flow->name,
					     program.steps[i].name, findings };

		check_step(&place, program.steps[i].step);
		note_names(names, program.steps[i].step, strategy->name, findings);
	}
	note_name(names, "flow", root->name, root, strategy->name, findings);
	if (!marks_done(&program))
		findings_add(findings, "strategy %s: its %s is never marked as done",
			     strategy->name, operation_names[operation]);
	program_fini(&program);
	return true;
}

bool model_check(const struct model *model, struct findings *findings, struct error *error)
{
	static _Thread_local struct names names;
	static _Thread_local struct lock_report locks;

	*findings = (struct findings){ 0 };
	check_terms(model, findings);
	check_tables(model, findings);
	if (findings->count) /* the rest relies on the tables */
		return true;
	for (size_t s = 0; s < model->strategy_count; s++) {
		names.count = 0;
		for (int i = 0; i < OPERATION_COUNT; i++)
			if (model->strategies[s].flows[i] &&
			    !check_operation(model, &model->strategies[s], i, &names, findings,
					     error))
				return false;
		if (!model->strategies[s].flows[OPERATION_KILL])
			findings_add(findings, "strategy %s cannot be killed",
				     model->strategies[s].name);
	}
	if (findings->count)
		return true;
	if (!lock_check_model(model, &locks, error))
		return false;
	for (size_t i = 0; i < locks.findings.count; i++)
		findings_add(findings, "%s", locks.findings.texts[i]);
	return true;
}

bool model_is_sound(const struct model *model, struct error *error)
{
	static bool sound[64];
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
