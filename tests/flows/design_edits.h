#ifndef TESTS_FLOWS_DESIGN_EDITS_H
#define TESTS_FLOWS_DESIGN_EDITS_H

/*
 * A flow that is edited at random is refused, or runs and everything adds up, to the nanosecond of
 * the closed form when nobody is waited for.
 */

#include "fixture.h"

#include "closed_form/closed_form.h"
#include "design/design.h"
#include "engine/stream.h"
#include "flow/model.h"

static struct stream dice;

static size_t pick(size_t count)
{
	return (size_t)(stream_uniform(&dice) * (double)count);
}

static const char *random_key(json_t *object)
{
	void *at = json_object_iter(object);

	for (size_t i = pick(json_object_size(object)); i; i--)
		at = json_object_iter_next(object, at);
	return json_object_iter_key(at);
}

static const char *random_flow(json_t *design)
{
	return random_key(json_object_get(design, "flows"));
}

static json_t *flow_named(json_t *design, const char *name)
{
	return json_object_get(json_object_get(design, "flows"), name);
}

/* The flow `name` reaches the flow `wanted`, by calls. */
static bool reaches(json_t *design, const char *name, const char *wanted, int depth)
{
	json_t *flow = flow_named(design, name), *step;
	size_t index;

	if (strcmp(name, wanted) == 0)
		return true;
	json_array_foreach(flow, index, step)
	{
		const char *callee = json_string_value(json_object_get(step, "call"));

		if (callee && depth < 16 && reaches(design, callee, wanted, depth + 1))
			return true;
	}
	return false;
}

/* Some thread besides the foreground runs this flow: what it does there races with the others. */
static bool is_of_a_thread(json_t *design, const char *name)
{
	json_t *flow, *step;
	const char *key;
	size_t index;

	json_object_foreach(json_object_get(design, "flows"), key, flow)
		json_array_foreach(flow, index, step)
	{
		const char *spawned = json_string_value(json_object_get(step, "spawn"));

		if (spawned && reaches(design, spawned, name, 0))
			return true;
	}
	return false;
}

/* A thread besides the foreground runs this page loop. */
static bool is_loop_of_a_thread(json_t *design, const char *loop)
{
	json_t *flow, *step;
	const char *key;
	size_t index;

	json_object_foreach(json_object_get(design, "flows"), key, flow)
		json_array_foreach(flow, index, step)
	{
		const char *run = json_string_value(json_object_get(step, "pages"));

		if (run && strcmp(run, loop) == 0 && is_of_a_thread(design, key))
			return true;
	}
	return false;
}

static void edit_loop(json_t *design, bool *race)
{
	static const char *const flags[] = { "interruptible", "yields", "touch", "frees" };
	json_t *loops = json_object_get(design, "loops"), *loop;
	const char *flag = flags[pick(4)], *name;

	if (!json_object_size(loops))
		return;
	name = random_key(loops);
	*race = *race || is_loop_of_a_thread(design, name);
	loop = json_object_get(loops, name);
	switch (pick(4)) {
	case 0:
		json_object_set_new(loop, "batch", json_integer(1 + (json_int_t)pick(200)));
		break;
	case 1:
		json_object_set_new(loop, "order",
				    json_string(pick(2) ? "ascending" : "descending"));
		break;
	case 2:
		json_object_set_new(loop, flag, json_boolean(pick(2)));
		break;
	case 3:
		json_object_set_new(loop, "range",
				    json_pack("{s:s, s:s}", "from", pick(2) ? "0B" : "1GiB", "to",
					      pick(2) ? "2GiB" : "3GiB"));
		break;
	}
}

/* A thread that is started or awaited at another place races with the others for the model's state. */
static bool is_of_threads(json_t *design, const json_t *step, int depth)
{
	const char *callee = json_string_value(json_object_get(step, "call"));
	const char *loop = json_string_value(json_object_get(step, "pages"));
	json_t *inner;
	size_t index;

	if (json_object_get(step, "spawn") || json_object_get(step, "join") ||
	    json_object_get(step, "stop") || (loop && is_loop_of_a_thread(design, loop)))
		return true;
	if (callee && depth < 16)
		json_array_foreach(flow_named(design, callee), index, inner)
		{
			if (is_of_threads(design, inner, depth + 1))
				return true;
		}
	return false;
}

/* Edit a flow; *race: what is done at the same time is another now. */
static void edit_flow(json_t *design, bool *race)
{
	const char *name = random_flow(design);
	json_t *flow = flow_named(design, name);
	json_t *other = flow_named(design, random_flow(design));
	size_t at = pick(json_array_size(flow));
	json_t *step = json_array_get(flow, at), *call, *inserted;

	*race = *race || is_of_threads(design, step, 0) || is_of_a_thread(design, name);
	switch (pick(7)) {
	case 0:
		json_array_remove(flow, at);
		break;
	case 1:
		json_array_insert_new(flow, at, json_deep_copy(step));
		break;
	case 2:
		json_incref(step);
		json_array_remove(flow, at);
		json_array_insert_new(flow, pick(json_array_size(flow) + 1), step);
		break;
	case 3:
		inserted = json_array_get(other, pick(json_array_size(other)));
		*race = *race || is_of_threads(design, inserted, 0);
		json_array_insert_new(flow, at, json_deep_copy(inserted));
		break;
	case 4:
		if (json_object_get(step, "count"))
			json_object_set_new(step, "count",
					    pick(2) ? json_integer((json_int_t)pick(9))
						    : json_pack("{s:O, s:f}", "of",
								json_object_get(step, "count"),
								"times", 0.25 * (double)pick(9)));
		break;
	case 5:
		call = json_object_get(step, "call");
		if (call) {
			json_object_set(step, "spawn", call);
			json_object_del(step, "call");
			json_object_del(step, "or");
			*race = true;
		}
		break;
	case 6:
		json_object_del(step, "or");
		break;
	}
}

/* The scenario is longer than a message of cmocka. */
#define wrong(text_, ...)                                                                          \
	do {                                                                                       \
		fputs(text_, stderr);                                                              \
		fail_msg(__VA_ARGS__);                                                             \
	} while (0)

struct tally {
	int refused, does_not_add_up, ran, compared;
};

/* Nobody waited for a lock, a server, a core or memory, so the closed form must agree. */
static bool alone(const struct simulation *simulation, const struct closed_form *form)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(simulation, &count);

	for (size_t m = 0; m < count; m++)
		if (strncmp(metrics[m].name, "lock.", 5) == 0 && strstr(metrics[m].name, ".wait"))
			for (size_t i = 0; i < metrics[m].count; i++)
				if (metrics[m].samples[i])
					return false;
	return !form->meets && !form->error;
}

static void run_design(enum operation operation, const char *text, bool race, struct tally *tally)
{
	struct error error = { 0 };
	struct scenario scenario;
	struct simulation *simulation;
	struct closed_form form;
	char metric[64];

	if (!scenario_load_text(&scenario, "edited.json", text, strlen(text), &error)) {
		/* FILE:LINE:COLUMN: error: /POINTER: ... */
		assert_int_equal(error.kind, ERROR_INPUT);
		if (strncmp(error.message, "edited.json:", 12) != 0 ||
		    strstr(error.message, "two different") ||
		    !strstr(error.message, ": error: /designs/0"))
			wrong(text, "%s", error.message);
		tally->refused++;
		return;
	}
	simulation = simulation_new(&scenario.simulation, &error);
	assert_non_null(simulation);
	if (!simulation_run(simulation, 0, &error)) {
		/* or it goes round and round */
		if (error.kind != ERROR_INPUT ||
		    (!strstr(error.message, "design edited does not") &&
		     !strstr(error.message, "guest g: more")))
			wrong(text, "%s", error.message);
		tally->does_not_add_up++;
	} else {
		snprintf(metric, sizeof(metric), "%s.latency",
			 operation == OPERATION_KILL ? "shutdown" : operation_names[operation]);
		tally->ran++;
		if (!closed_form(&scenario.simulation, 0, operation, &form, &error))
			assert_int_equal(error.kind, ERROR_INPUT);
		else if (!race && times_done(simulation, metric) == 1 && alone(simulation, &form)) {
			tally->compared++;
			if (observation(simulation, metric, 0) != form.latency_ns)
				wrong(text, "simulated %lld ns, closed form %lld ns",
				      (long long)observation(simulation, metric, 0),
				      (long long)form.latency_ns);
		}
	}
	simulation_free(simulation);
	scenario_fini(&scenario);
}

static void edit_once(uint32_t number, struct tally *tally)
{
	struct stream_name name = { .seed = 11, .replication = number };
	const struct model *model;
	const struct strategy *strategy;
	enum operation operation;
	json_t *design, *scenario;
	char *text;
	bool paced = false, race = false;

	assert_true(stream_begin(&dice, &name));
	model = model_table[pick(model_table_count)];
	strategy = &model->strategies[pick(model->strategy_count)];
	do
		operation = (enum operation)pick(OPERATION_COUNT);
	while (!strategy->flows[operation]);
	for (const struct field *field = model->parameters->fields; field->key; field++)
		paced = paced || strcmp(field->key, "workload_rate") == 0;
	design = design_to_json(model, strategy, OPERATION_COUNT);
	json_object_set_new(design, "name", json_string("edited"));
	for (size_t i = 1 + pick(3); i; i--)
		if (pick(4))
			edit_flow(design, &race);
		else
			edit_loop(design, &race);
	scenario = json_pack(
		"{s:[O], s:{s:i, s:s}, s:[{s:s, s:s, s:s, s:i, s:s, s:f, s:s*}], s:[{s:s, s:s}], "
		"s:{s:s, s:b}}",
		"designs", design, "host", "cores", 64, "memory", "64TiB", "guests", "name", "g",
		"model", model->name, "strategy", "edited", "vcpus", 4, "memory", "4GiB",
		"resident", 0.8, "workload_rate", paced ? "1B/s" : NULL, "events", "do",
		operation_names[operation], "guests", "g", "experiment", "until", "30s", "spread",
		0);
	assert_non_null(scenario);
	text = json_dumps(scenario, JSON_INDENT(1));
	run_design(operation, text, race, tally);
	free(text);
	json_decref(design);
	json_decref(scenario);
}

static void edit_at_random(int edits)
{
	struct tally tally = { 0 };

	for (int number = 0; number < edits; number++)
		edit_once((uint32_t)number, &tally);
	print_message("%d refused, %d do not add up, %d ran, %d of them equal to the closed form\n",
		      tally.refused, tally.does_not_add_up, tally.ran, tally.compared);
	assert_true(tally.refused > edits / 6);
	assert_true(tally.ran > edits / 2);
	assert_true(tally.compared > edits / 4);
}

#endif
