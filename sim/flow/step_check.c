/* What is wrong with single steps: what they lack, and what the model does not list. */

#include "flow/step_check.h"

#include <string.h>

#include "base/nearest.h"
#include "flow/program.h"
#include "flow/step_kind.h"

enum { LABELS_MAX = 128 };

static bool is_term(const struct model *model, int term)
{
	return term >= FIRST_TERM && (size_t)term < model->term_count;
}

static bool lists(const void *item, const void *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (((const void *const *)list)[i] == item)
			return true;
	return false;
}

struct place {
	const struct model *model;
	struct finding_place at;
	const char *step;
	struct findings *findings;
};

#define AT(place_, format_, ...)                                                                   \
	findings_add((place_)->findings, (place_)->at, "flow %s, step \"%s\": " format_,           \
		     (place_)->at.flow->name, (place_)->step, __VA_ARGS__)

/* `calls`: it is said how many of them a page costs. */
static void check_price(const struct place *place, const struct page_loop *loop, int term,
			bool calls, const char *state)
{
	if (!is_term(place->model, term))
		AT(place, "a price of %s pages is no term of the model", state);
	else if (loop->range && !calls && place->model->terms[term].unit == TERM_PER_CALL)
		AT(place,
		   "%s is a price per call, but each %s page pays it (a page may pay a share: "
		   "\"calls\")",
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
		check_price(place, loop, act->prices[i].term, act->prices[i].calls != NULL, name);
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
		check_price(place, loop, loop->gather, false, "gathered");
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

/* Back to an earlier step, without time passing and without a way out: it would never end. */
static void check_round(const struct program *program, uint32_t from, const struct place *place)
{
	uint32_t to = program->steps[from].jump;

	for (uint32_t i = to; i <= from; i++) {
		const struct program_step *at = &program->steps[i];
		const struct step *step = at->step;
		bool changes = step->kind == STEP_DO || step->kind == STEP_SPAWN;
		bool jumps = step->kind == STEP_UNLESS || step->kind == STEP_GOTO ||
			     step->kind == STEP_FAIL || step_may_fail(step);

		if (step_forms[step->kind].time != TIME_NONE || step->kind == STEP_CALL ||
		    (changes && program->steps[from].step->kind == STEP_UNLESS) ||
		    (jumps && (at->jump == PROGRAM_RETURN || at->jump < to || at->jump > from)))
			return;
	}
	AT(place, "from \"%s\" to here no step takes time and none leads out: it never ends",
	   program->steps[to].name);
}

void steps_check(const struct program *program, struct findings *findings)
{
	for (uint32_t i = 0; i < program->step_count; i++) {
		const struct program_step *at = &program->steps[i];
		const struct program_flow *flow = &program->flows[at->flow];
		const struct place place = {
			program->model, { flow->flow, i - flow->first }, at->name, findings
		};

		check_step(&place, at->step);
		if ((at->step->kind == STEP_GOTO || at->step->kind == STEP_UNLESS) && at->jump <= i)
			check_round(program, i, &place);
	}
}

/* Each label stands once in its flow. */
static bool check_label(const struct flow *flow, size_t at, const char *label,
			struct findings *findings)
{
	const char *labels[LABELS_MAX];
	size_t count = 0, found = 0;
	char hint[HINT_MAX];

	for (size_t i = 0; i < flow->step_count; i++) {
		const struct step *step = &flow->steps[i];

		if (step->kind != STEP_LABEL || !step->label)
			continue;
		found += strcmp(step->label, label) == 0;
		if (count < LABELS_MAX - 1)
			labels[count++] = step->label;
	}
	labels[count] = NULL;
	if (found == 1)
		return true;
	findings_add(findings, (struct finding_place){ flow, at }, "flow %s has %s label \"%s\"%s",
		     flow->name, found ? "more than one" : "no", label,
		     found ? "" : did_you_mean(hint, label, labels));
	return false;
}

/* An operand that is missing cannot be printed, so the step is called by its number. */
static bool is_whole(const struct model *model, const struct flow *flow, struct findings *findings)
{
	bool whole = true;

	if (!flow->name || !flow->steps || !flow->step_count) {
		findings_add(findings, (struct finding_place){ flow, 0 }, "flow %s has no steps",
			     flow->name ? flow->name : "without a name");
		return false;
	}
	for (size_t i = 0; i < flow->step_count; i++) {
		const struct finding_place place = { flow, i };
		const struct step *step = &flow->steps[i];
		const char *missing = step_missing(step);

		if (step->term != NO_TERM && !is_term(model, step->term)) {
			findings_add(findings, place,
				     "flow %s, step %zu (%s): %d is no term of the model",
				     flow->name, i + 1, step->where ? step->where : "-",
				     step->term);
			whole = false;
		}
		if (missing) {
			findings_add(findings, place, "flow %s, step %zu (%s): its %s is missing",
				     flow->name, i + 1, step->where ? step->where : "-", missing);
			whole = false;
		} else if (step->label && !check_label(flow, i, step->label, findings)) {
			whole = false;
		}
	}
	return whole;
}

bool steps_are_whole(const struct model *model, const struct flow *root, struct findings *findings)
{
	const struct flow *flows[PROGRAM_FLOWS_MAX] = { root };
	size_t count = 1;
	bool whole = true;

	for (size_t f = 0; f < count; f++) {
		if (!is_whole(model, flows[f], findings)) {
			whole = false;
			continue;
		}
		for (size_t i = 0; i < flows[f]->step_count; i++) {
			const struct flow *callee = flows[f]->steps[i].flow;

			if (!callee || lists(callee, flows, count))
				continue;
			if (count == PROGRAM_FLOWS_MAX) {
				findings_add(findings, (struct finding_place){ flows[f], i },
					     "flow %s reaches more than %d flows", root->name,
					     PROGRAM_FLOWS_MAX);
				return false;
			}
			flows[count++] = callee;
		}
	}
	return whole;
}
