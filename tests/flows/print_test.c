/*
 * Every operation of every strategy as a graph: what is drawn are its steps, each edge is between
 * two of them, texts stay inside their quotes and braces match.
 */

#include "fixture.h"

#include <ctype.h>

#include "flow/model.h"
#include "flow/print.h"
#include "flow/program.h"
#include "flow/step_kind.h"

static char *drawn(const struct program *program, const char *title)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	flow_print_dot(program, title, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Braces outside of quotes. */
static void check_shape(const char *text)
{
	bool quoted = false;
	int depth = 0;

	for (; *text; text++) {
		if (quoted && *text == '\\')
			text++;
		else if (*text == '"')
			quoted = !quoted;
		else if (!quoted)
			depth += (*text == '{') - (*text == '}');
		assert_true(depth >= 0);
	}
	assert_true(!quoted && depth == 0);
}

static size_t count_nodes(const struct program *program, char *text)
{
	size_t nodes = 0;
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *node = line + strspn(line, " "), *to = strstr(line, " -> s");
		unsigned long number;

		if (*node != 's' || !isdigit((unsigned char)node[1]))
			continue;
		number = strtoul(node + 1, NULL, 10);
		if (!to)
			assert_int_equal(number, nodes++); /* in order */
		else
			assert_true(number < program->step_count &&
				    strtoul(to + 5, NULL, 10) < program->step_count);
	}
	return nodes;
}

/* Each begins with what its kind is called, and no sentence misses a word. */
static void check_words(const struct program *program)
{
	for (size_t i = 0; i < program->step_count; i++) {
		const struct program_step *at = &program->steps[i];
		const struct step_form *form = &step_forms[at->step->kind];
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		assert_non_null(out);
		flow_describe_step(program, at, out);
		assert_int_equal(fclose(out), 0);
		if (form->operand != OPERAND_SERVER)
			assert_memory_equal(at->name, form->printed, strlen(form->printed));
		assert_memory_equal(text, at->name, strlen(at->name));
		if (!size || text[size - 1] == ' ' || strstr(text, "  ") || strstr(text, " ;") ||
		    strstr(text, " ,"))
			fail_msg("%s: \"%s\"", program->flows[at->flow].flow->name, text);
		free(text);
	}
}

static size_t count_calls(const struct program *program)
{
	size_t calls = 0;

	for (size_t i = 0; i < program->step_count; i++)
		calls += program->steps[i].step->kind == STEP_CALL ||
			 program->steps[i].step->kind == STEP_SPAWN;
	return calls;
}

static void check_flow(const struct model *model, const struct flow *flow)
{
	struct error error = { 0 };
	struct program program;
	char *text;
	size_t called = 0;

	assert_true(program_build(&program, model, flow, &error));
	text = drawn(&program, "a \"quoted\" \\ title");
	assert_non_null(strstr(text, "\"a \\\"quoted\\\" \\\\ title\""));
	for (size_t f = 0; f < program.flow_count; f++)
		assert_non_null(strstr(text, program.flows[f].flow->name));
	check_shape(text);
	for (const char *at = text; (at = strstr(at, ", constraint=false];")); at++)
		called++;
	assert_int_equal(count_nodes(&program, text), program.step_count);
	check_words(&program);
	assert_int_equal(count_calls(&program), called);
	free(text);
	program_fini(&program);
}

static void test_shipped(void **state)
{
	(void)state;
	for (size_t m = 0; m < model_table_count; m++)
		for (size_t s = 0; s < model_table[m]->strategy_count; s++)
			for (int i = 0; i < OPERATION_COUNT; i++)
				if (model_table[m]->strategies[s].flows[i])
					check_flow(model_table[m],
						   model_table[m]->strategies[s].flows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_shipped) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
