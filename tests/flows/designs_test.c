/* Designs: what is printed of a shipped strategy is read back as the same flows. */

#include "fixture.h"

#include "design/design.h"
#include "flow/model.h"
#include "flow/program.h"
#include "flow/step_kind.h"

static void same_text(const char *what, const char *a, const char *b)
{
	if ((a && b) ? strcmp(a, b) != 0 : a != b)
		fail_msg("%s: \"%s\" became \"%s\"", what, a ? a : "-", b ? b : "-");
}

static void same_count(const struct count *a, const struct count *b)
{
	const struct count_rule *one = (const struct count_rule *)a;
	const struct count_rule *other = (const struct count_rule *)b;

	if (a == b)
		return;
	assert_true(a && b && !a->of && !b->of);
	same_text("count", a->name, b->name);
	assert_int_equal(one->number, other->number);
	assert_true(one->times == other->times);
}

static void same_act(const struct page_act *a, const struct page_act *b)
{
	for (int i = 0; i <= PAGE_PRICES_MAX; i++) {
		assert_int_equal(a->prices[i].term, b->prices[i].term);
		assert_ptr_equal(a->prices[i].when, b->prices[i].when);
		assert_ptr_equal(a->prices[i].calls, b->prices[i].calls);
		if (a->prices[i].term == NO_TERM)
			break;
	}
	assert_int_equal(a->becomes, b->becomes);
	assert_int_equal(a->handled, b->handled);
}

static void same_loop(const struct page_loop *a, const struct page_loop *b)
{
	const struct page_call *call = a->calls, *other = b->calls;

	same_text("page loop", a->name, b->name);
	assert_ptr_equal(a->range, b->range);
	assert_memory_equal(&a->part, &b->part, sizeof(a->part));
	same_count(a->count, b->count);
	assert_int_equal(a->descending, b->descending);
	assert_int_equal(a->touch, b->touch);
	assert_int_equal(a->interruptible, b->interruptible);
	assert_int_equal(a->yields, b->yields);
	assert_int_equal(a->yield_bytes, b->yield_bytes);
	assert_int_equal(a->frees, b->frees);
	same_text("fault", a->fault, b->fault);
	for (; call && call->name; call++, other++)
		same_text("call", call->name, other ? other->name : NULL);
	assert_int_equal(a->gather, b->gather);
	assert_ptr_equal(a->lock, b->lock);
	assert_int_equal(a->batch ? a->batch : 1, b->batch);
	same_count(a->pace_ns, b->pace_ns);
	for (int state = 0; state < PAGE_STATES_MAX; state++)
		same_act(&a->acts->of[state], &b->acts->of[state]);
}

static void same_step(const struct step *a, const struct step *b)
{
	assert_int_equal(a->kind, b->kind);
	same_text("name", a->name, b->name);
	same_text("where", a->where, b->where);
	same_text("label", a->label, b->label);
	for (int operand = 0; operand < OPERAND_KINDS; operand++)
		if (operand != OPERAND_FLOW && operand != OPERAND_LOOP && operand != OPERAND_COUNT)
			assert_ptr_equal(step_operand(a, (enum operand)operand),
					 step_operand(b, (enum operand)operand));
	assert_int_equal(a->term, b->term);
	same_count(a->count, b->count);
	assert_int_equal(a->milestone, b->milestone);
	assert_int_equal(a->error, b->error);
	assert_int_equal(a->user, b->user);
	assert_int_equal(a->yields, b->yields);
	assert_int_equal(a->stall, b->stall);
	assert_int_equal(a->loop != NULL, b->loop != NULL);
	if (a->loop)
		same_loop(a->loop, b->loop);
	same_text("flow", a->flow ? a->flow->name : NULL, b->flow ? b->flow->name : NULL);
}

static int same_program(const struct model *a, const struct flow *shipped, const struct model *b,
			const struct flow *read)
{
	struct program one, other;
	struct error error = { 0 };
	int steps;

	assert_true(program_build(&one, a, shipped, &error));
	assert_true(program_build(&other, b, read, &error));
	assert_int_equal(one.flow_count, other.flow_count);
	assert_int_equal(one.step_count, other.step_count);
	for (size_t f = 0; f < one.flow_count; f++)
		same_text("flow", one.flows[f].flow->name, other.flows[f].flow->name);
	for (size_t i = 0; i < one.step_count; i++)
		same_step(one.steps[i].step, other.steps[i].step);
	steps = (int)one.step_count;
	program_fini(&one);
	program_fini(&other);
	return steps;
}

static int round_trip(const struct model *model, const struct strategy *strategy)
{
	json_t *printed = design_to_json(model, strategy, OPERATION_COUNT);
	char *text = json_dumps(printed, JSON_INDENT(1));
	struct document document;
	struct design_file design;
	struct error error = { 0 };
	int steps = 0;

	assert_non_null(text);
	assert_true(document_parse(&document, "printed.json", text, strlen(text), &error));
	if (!design_file_take(&design, &document, &error))
		fail_msg("%s/%s: %s", model->name, strategy->name, error.message);
	for (int i = 0; i < OPERATION_COUNT; i++) {
		assert_int_equal(strategy->flows[i] != NULL, design.strategy->flows[i] != NULL);
		if (strategy->flows[i])
			steps += same_program(model, strategy->flows[i], design.model,
					      design.strategy->flows[i]);
	}
	design_file_fini(&design);
	json_decref(printed);
	free(text);
	return steps;
}

static void test_round_trip(void **state)
{
	int steps = 0;

	(void)state;
	for (size_t m = 0; m < model_table_count; m++)
		for (size_t s = 0; s < model_table[m]->strategy_count; s++)
			steps += round_trip(model_table[m], &model_table[m]->strategies[s]);
	assert_true(steps > 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
