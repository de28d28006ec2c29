/*
 * A simulation that has run other scenarios of the same shape, and then adopts one, gives
 * what a new one gives: every observation, part and counter. Pairs are scenarios drawn at
 * random; the second has the guests, designs and number of events of the first, and all
 * else of its own.
 */

#include "random_scenarios.h"

#include <gsl/gsl_errno.h>

#include "flow/event_source.h"

static uint64_t seed = 40;
static int scenarios = 400;

/*
 * Give it the designs and counts of `like`, where it has the same models and can use them; or
 * leave them, which may be too much for a simulation to adopt.
 */
static bool reshape(struct scenario *scenario, const struct scenario *like, bool leave)
{
	struct simulation_config *to = &scenario->simulation;
	const struct simulation_config *from = &like->simulation;

	if (to->guest_count != from->guest_count)
		return false;
	for (size_t g = 0; g < to->guest_count; g++) {
		if (to->guests[g].model != from->guests[g].model)
			return false;
		if (leave)
			continue;
		to->guests[g].strategy = from->guests[g].strategy;
		to->guests[g].design = from->guests[g].design;
		to->guests[g].count = from->guests[g].count;
		if (to->guests[g].fault_count != from->guests[g].fault_count)
			return false;
	}
	while (to->event_count && event_sources_count(to) > event_sources_count(from))
		to->event_count--;
	for (size_t i = 0; i < to->event_count; i++)
		if (!to->guests[to->events[i].guest].design->flows[to->events[i].operation])
			return false;
	return leave || event_sources_count(to) == event_sources_count(from);
}

static void assert_same(const struct simulation *a, const struct simulation *b, const char *text)
{
	size_t count;
	const struct metric *metric = simulation_metrics(a, &count);
	const struct metric *other = simulation_metrics(b, &count);
	const struct part *part, *other_part;
	const struct counter *counter, *other_counter;

	for (size_t m = 0; m < count; m++) {
		assert_string_equal(metric[m].name, other[m].name);
		assert_string_equal(metric[m].group, other[m].group);
		if (metric[m].count != other[m].count ||
		    (metric[m].count && memcmp(metric[m].samples, other[m].samples,
					       metric[m].count * sizeof(int64_t)) != 0))
			fail_on(text, "%s of %s differs", metric[m].name, metric[m].group);
	}
	part = simulation_parts(a, &count);
	other_part = simulation_parts(b, &count);
	for (size_t p = 0; p < count; p++) {
		assert_string_equal(part[p].step, other_part[p].step);
		if (part[p].total_ns != other_part[p].total_ns ||
		    part[p].tail_ns != other_part[p].tail_ns)
			fail_on(text, "%s in %s differs", part[p].step, part[p].flow);
	}
	counter = simulation_counters(a, &count);
	other_counter = simulation_counters(b, &count);
	for (size_t c = 0; c < count; c++) {
		assert_string_equal(counter[c].group, other_counter[c].group);
		if (counter[c].value != other_counter[c].value)
			fail_on(text, "%s of %s differs", counter[c].name, counter[c].group);
	}
	assert_int_equal(simulation_events(a), simulation_events(b));
}

/* Both run; they end alike. */
static bool run_both(struct simulation *a, struct simulation *b, uint32_t replication,
		     const char *text)
{
	struct error error = { 0 }, other = { 0 };
	bool ok;

	a->engine.event_limit = b->engine.event_limit = EVENTS_LIMIT;
	ok = simulation_run(a, replication, &error);
	if (simulation_run(b, replication, &other) != ok ||
	    strcmp(error.message, other.message) != 0)
		fail_on(text, "adopted: %s, new: %s", error.message, other.message);
	if (simulation_is_random(a) != simulation_is_random(b))
		fail_on(text, "random: adopted %d, new %d", simulation_is_random(a),
			simulation_is_random(b));
	if (ok)
		assert_same(a, b, text);
	return ok;
}

/*
 * A simulation that has done much: run, with a step free that took time, and its tail watched.
 * What it has adopted then must not inherit anything.
 */
static struct simulation *used_simulation(struct simulation_config *config)
{
	static char flow[64], step[64], where[64];
	static struct step_name name = { NULL, flow, step, where };
	struct error error = { 0 };
	struct simulation *simulation = simulation_new(config, &error);
	size_t count, chosen = 0, metrics, watched;
	const struct part *part;

	assert_non_null(simulation);
	simulation->engine.event_limit = EVENTS_LIMIT;
	simulation_run(simulation, 0, &error); /* an error must not stay either */
	part = simulation_parts(simulation, &count);
	for (size_t p = 0; p < count; p++)
		if (part[p].total_ns > part[chosen].total_ns && !strchr(part[p].step, '('))
			chosen = p;
	if (count) {
		snprintf(flow, sizeof(flow), "%s", part[chosen].flow);
		snprintf(step, sizeof(step), "%s", part[chosen].step);
		snprintf(where, sizeof(where), "%s", part[chosen].where);
		watched = part[chosen].metric;
		name.group = simulation_metrics(simulation, &metrics)[watched].group;
		config->free_step = &name;
		simulation_free(simulation);
		simulation = simulation_new(config, &error);
		assert_non_null(simulation);
		simulation->engine.event_limit = EVENTS_LIMIT;
		simulation_watch_tail(simulation, watched, 0);
	}
	for (uint32_t r = 0; r < 2; r++)
		simulation_run(simulation, r, &error);
	return simulation;
}

static bool load_random(struct scenario *scenario, char *text)
{
	struct error error = { 0 };

	draw_scenario(text, false);
	if (scenario_load_text(scenario, "<memory>", text, strlen(text), &error))
		return true;
	if (error.kind != ERROR_INPUT)
		fail_on(text, "%s", error.message);
	scenario_fini(scenario);
	return false;
}

/* A scenario of the same shape as `like`: a new draw of its guests' own scenario. */
static bool load_like(struct scenario *scenario, const struct scenario *like, char *text)
{
	bool leave = pick(4) == 0;

	for (int tries = 0; tries < 1000; tries++) {
		if (!load_random(scenario, text))
			continue;
		if (reshape(scenario, like, leave))
			return true;
		scenario_fini(scenario);
	}
	return false;
}

static void test_adopted_is_new(void **state)
{
	const struct stream_name name = { .seed = seed };
	int adopted = 0, refused = 0, ran = 0;

	(void)state;
	assert_true(stream_begin(&dice, &name));
	for (int n = 0; n < scenarios; n++) {
		char first_text[TEXT_MAX], text[TEXT_MAX];
		struct scenario first, second;
		struct simulation *simulation, *fresh;
		struct error error = { 0 };

		if (!load_random(&first, first_text))
			continue;
		if (!load_like(&second, &first, text)) {
			scenario_fini(&first);
			continue;
		}
		simulation = used_simulation(&first.simulation);
		fresh = simulation_new(&second.simulation, &error);
		assert_non_null(fresh);
		if (simulation_adopt(simulation, &second.simulation)) {
			scenario_fini(&first); /* nothing of it may be needed */
			for (uint32_t r = 0; r < 2; r++)
				ran += run_both(simulation, fresh, r, text);
			simulation_free(simulation);
			adopted++;
		} else {
			simulation_free(simulation);
			scenario_fini(&first);
			refused++;
		}
		simulation_free(fresh);
		scenario_fini(&second);
	}
	print_message("%d adopted, %d refused, %d runs\n", adopted, refused, ran);
	assert_true(ran > scenarios / 16);
	assert_true(refused > 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_adopted_is_new) };

	gsl_set_error_handler_off();
	if (argc > 2) {
		seed = strtoull(argv[1], NULL, 10);
		scenarios = (int)strtol(argv[2], NULL, 10);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
