/* A model that is wrong says so: each planted defect is found, with the place; shipped models have none. */

#include "fixture.h"

#include <errno.h>

#include "flow/model_check.h"
#include "flow/program.h"

enum { STOP_GUEST = FIRST_TERM, FREE_PAGE, FIRMWARE, TERM_COUNT };
enum { OWNED = PAGE_FIRST, DEAD };

static const struct lock_kind mmap_lock = { "mmap_lock", "mmap_lock", .scope = SCOPE_GUEST };
static const struct lock_kind unlisted = { "unlisted", "unlisted", .scope = SCOPE_GUEST };
static const struct memory_kind pointers = { "page pointers", NULL };

static struct page_range all(const struct guest *guest)
{
	return (struct page_range){ 0, page_map_pages(&guest->pages) };
}

static int succeed(struct guest *guest, uint32_t *generation)
{
	(void)guest;
	(void)generation;
	return 0;
}
static const struct hook ends = { "the generation ends", succeed };
static const struct hook ends_too = { "the generation ends", succeed };

/* The model under test, whole at first; each test spoils one thing. */
static struct term terms[TERM_COUNT];
static struct page_acts acts;
static struct page_loop loop;
static struct step steps[8], inner_steps[2];
static struct flow flow, inner;
static struct strategy strategy;
static struct model model;
static struct findings findings;

static int make(void **state)
{
	static const struct lock_kind *const locks[] = { &mmap_lock };
	static const char *const states[] = { "owned", "dead" };
	static const struct step whole[] = {
		SPEND(STOP_GUEST, NULL, "do_exit"),
		DO(ends, "do_exit"),
		LOCK(mmap_lock, "exit_mmap"),
		PAGES(loop, NULL, "zap_pte_range"),
		UNLOCK(mmap_lock, "exit_mmap"),
		CALL(inner, "mmput"),
		MARK(MILESTONE_DONE),
	};

	(void)state;
	terms[NO_TERM] = (struct term){ 0 };
	for (int i = FIRST_TERM; i < TERM_COUNT; i++)
		terms[i] = (struct term){ .name = i == STOP_GUEST  ? "guest.stop"
						  : i == FREE_PAGE ? "mm.free"
								   : "firmware.call",
					  .unit = i == FREE_PAGE ? TERM_PER_PAGE : TERM_PER_CALL,
					  .mean_ns = 2,
					  .low_ns = 1,
					  .high_ns = 3,
					  .source = "made up" };
	acts = (struct page_acts){
		{ PASS(OWNED), [DEAD] = { { { .term = FREE_PAGE } }, PAGE_GONE, true } }
	};
	loop = (struct page_loop){ .name = "free all", .range = all, .frees = true, .acts = &acts };
	memcpy(steps, whole, sizeof(whole));
	inner_steps[0] = (struct step)SPEND(FIRMWARE, NULL, "uv_call");
	inner = (struct flow){ "inner", "", inner_steps, 1 };
	flow = (struct flow){ "exit", "", steps, sizeof(whole) / sizeof(whole[0]) };
	strategy = (struct strategy){ "one", "", { [OPERATION_KILL] = &flow } };
	model = (struct model){ .name = "test",
				.architectures = ON_X86_64,
				.strategies = &strategy,
				.strategy_count = 1,
				.terms = terms,
				.term_count = TERM_COUNT,
				.locks = locks,
				.lock_count = 1,
				.page_states = states,
				.page_state_count = 2,
				.limbo_states = 1u << DEAD };
	return 0;
}

static void assert_found(const char *words)
{
	struct error error = { 0 };

	assert_true(model_check(&model, &findings, &error));
	for (size_t i = 0; i < findings.count; i++)
		if (strstr(findings.texts[i], words))
			return;
	for (size_t i = 0; i < findings.count; i++)
		print_error("found: %s\n", findings.texts[i]);
	fail_msg("not found: %s", words);
}

static void test_whole(void **state)
{
	struct error error = { 0 };

	(void)state;
	assert_true(model_check(&model, &findings, &error));
	if (findings.count)
		fail_msg("%s", findings.texts[0]);
}

static void test_shipped(void **state)
{
	struct error error = { 0 };

	(void)state;
	for (size_t m = 0; m < model_table_count; m++) {
		assert_true(model_check(model_table[m], &findings, &error));
		for (size_t i = 0; i < findings.count; i++)
			print_error("%s: %s\n", model_table[m]->name, findings.texts[i]);
		assert_int_equal(findings.count, 0);
	}
}

static void test_terms(void **state)
{
	(void)state;
	terms[FIRMWARE].name = NULL;
	assert_found("row 3 of the terms is missing");
	make(NULL);
	terms[FIRMWARE].name = "mm.free";
	assert_found("two terms are called mm.free");
	make(NULL);
	terms[FREE_PAGE].high_ns = 1;
	assert_found("mm.free: its range does not hold its mean");
	make(NULL);
	terms[FREE_PAGE].source = NULL;
	assert_found("mm.free has no source");
	make(NULL);
	terms[NO_TERM].name = "zero";
	assert_found("term 0 is zero");
}

/* Each step is whole, and there are too many. */
static void test_too_many_flows(void **state)
{
	static struct flow many[PROGRAM_FLOWS_MAX];
	static struct step calls[PROGRAM_FLOWS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < PROGRAM_FLOWS_MAX; i++) {
		many[i] = inner;
		calls[i] = (struct step)CALL(many[i], "do_exit");
	}
	calls[PROGRAM_FLOWS_MAX] = (struct step)MARK(MILESTONE_DONE);
	flow = (struct flow){ "exit", "", calls, PROGRAM_FLOWS_MAX + 1 };
	assert_found("flow exit reaches more than 256 flows");
}

static void test_page_loops(void **state)
{
	(void)state;
	acts.of[OWNED] = (struct page_act){ .becomes = PAGE_NONE };
	assert_found("flow exit, step \"free all\": the act for owned pages is missing");
	make(NULL);
	acts.of[DEAD].prices[0].term = FIRMWARE;
	assert_found("firmware.call is a price per call, but each dead page pays it");
	make(NULL);
	acts.of[DEAD].prices[0].term = TERM_COUNT;
	assert_found("a price of dead pages is no term");
	make(NULL);
	acts.of[DEAD].becomes = OWNED;
	assert_found("dead pages are given back, but do not become PAGE_GONE");
	make(NULL);
	loop.frees = false;
	assert_found("become PAGE_GONE, but the loop gives nothing back");
	make(NULL);
	loop.acts = NULL;
	assert_found("has no acts");
	make(NULL);
	loop.range = NULL;
	assert_found("neither a range nor a count");
	make(NULL);
	loop.lock = &mmap_lock;
	assert_found("a batch has no size");
}

static void test_steps(void **state)
{
	(void)state;
	steps[0].term = NO_TERM;
	assert_found("flow exit, step 1 (do_exit): its term is missing");
	make(NULL);
	steps[3].loop = NULL;
	assert_found("step 4 (zap_pte_range): its page loop is missing");
	make(NULL);
	inner_steps[0].term = 99;
	assert_found("99 is no term of the model");
	make(NULL);
	steps[2].lock = steps[4].lock = &unlisted;
	assert_found("does not list the lock unlisted");
	make(NULL);
	steps[0] = (struct step)FREE_ALL(pointers, "kvfree");
	assert_found("does not list the memory kind \"page pointers\"");
	make(NULL);
	flow.step_count--;
	assert_found("strategy one: its kill is never marked as done");
	make(NULL);
	inner.step_count = 0;
	assert_found("flow inner has no steps");
	make(NULL);
	steps[0] = (struct step)GOTO("nowhere");
	assert_found("has no label \"nowhere\"");
	make(NULL);
	strategy.flows[OPERATION_KILL] = NULL;
	strategy.flows[OPERATION_SHUTDOWN] = &flow;
	assert_found("strategy one cannot be killed");
}

static void test_names(void **state)
{
	(void)state;
	inner_steps[0] = (struct step)DO(ends_too, "mmput");
	assert_found("two different hooks are called \"the generation ends\"");
	make(NULL);
	inner.name = "exit";
	assert_found("two different flows are called \"exit\"");
}

static void test_locks(void **state)
{
	(void)state;
	steps[4] = (struct step)SPEND(STOP_GUEST, NULL, "exit_mmap");
	assert_found("returns with mmap_lock held");
}

static void begin(struct guest *guest, bool running)
{
	(void)guest;
	(void)running;
}

static void assert_refused(const char *words)
{
	struct error error = { 0 };

	assert_false(model_add(&model, &error));
	if (!strstr(error.message, words))
		fail_msg("%s", error.message);
}

/* A model out of tree: what is refused leaves the table as it was. */
static void test_add(void **state)
{
	static const struct field no_fields[] = { { .key = NULL } };
	static const struct record parameters = { .fields = no_fields };
	static const char *const no_names[] = { NULL, "", "Test", "a model", "a/b", "test_2" };
	struct error error = { 0 };
	size_t count = model_table_count;

	(void)state;
	model.summary = model.modelled = model.not_modelled = model.sources = "made up";
	model.parameters = &parameters;
	for (size_t i = 0; i < sizeof(no_names) / sizeof(no_names[0]); i++) {
		model.name = no_names[i];
		assert_refused("a model is called");
	}
	model.name = "kvm";
	assert_refused("there is a model kvm already");
	model.name = "test-2";
	assert_refused("lacks one of");
	model.begin = begin;
	model.sources = NULL;
	assert_refused("lacks one of");
	model.sources = "made up";
	steps[4] = (struct step)SPEND(STOP_GUEST, NULL, "exit_mmap");
	assert_refused("returns with mmap_lock held");
	assert_int_equal(model_table_count, count);
	assert_null(model_find("test-2"));

	make(NULL);
	model.name = "test-2";
	model.summary = model.modelled = model.not_modelled = model.sources = "made up";
	model.parameters = &parameters;
	model.begin = begin;
	assert_true(model_add(&model, &error));
	assert_ptr_equal(model_find("test-2"), &model);
	assert_string_equal(model_names[count], "test-2");
	assert_refused("there is a model test-2 already");
	for (model_table_count = count; model_table_count < MODELS_MOST;)
		model_table[model_table_count++] = model_table[0];
	model.name = "test-3";
	assert_refused("models already");
	for (size_t m = count; m < MODELS_MOST; m++)
		model_table[m] = NULL;
	model_table_count = count;
	model_names[count] = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_whole, make),
		cmocka_unit_test_setup(test_shipped, make),
		cmocka_unit_test_setup(test_terms, make),
		cmocka_unit_test_setup(test_too_many_flows, make),
		cmocka_unit_test_setup(test_page_loops, make),
		cmocka_unit_test_setup(test_steps, make),
		cmocka_unit_test_setup(test_names, make),
		cmocka_unit_test_setup(test_locks, make),
		cmocka_unit_test_setup(test_add, make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
