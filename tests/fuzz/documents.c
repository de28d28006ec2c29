/* Documents that people write: scenarios, designs, cost profiles, published tables. */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "design/design.h"
#include "document/json.h"
#include "flow/simulation.h"
#include "scenario/published.h"
#include "scenario/scenario.h"
#include "target.h"

/* --- scenario -------------------------------------------------------------------------------------- */

/* What it carries stands alone: read again it is the same, and carries the same. */
static void read_again(const char *carried)
{
	static const char head[] = "{\"format\": \"sim-scenario\", \"version\": 1, \"scenario\": ";
	size_t size = sizeof(head) + strlen(carried) + 1;
	struct error error = { 0 };
	struct scenario scenario;
	char *text = malloc(size), *again;

	if (!text)
		abort();
	snprintf(text, size, "%s%s}", head, carried);
	fuzz_expect(scenario_load_text(&scenario, "<carried>", text, strlen(text), &error),
		    "what is carried cannot be read", &error);
	again = scenario_carried_text(&scenario, &error);
	fuzz_expect(again && strcmp(carried, again) == 0, "what is carried changes", &error);
	scenario_fini(&scenario);
	free(again);
	free(text);
}

enum { GUESTS_MOST = 8, EVENTS_MOST = 8, TIMES_MOST = 16 };

/* So few guests and events that it runs in milliseconds. */
static bool is_small(const struct simulation_config *config)
{
	int64_t guests = 0;

	for (size_t g = 0; g < config->guest_count; g++)
		guests += config->guests[g].count;
	for (size_t e = 0; e < config->event_count; e++) {
		const struct event_config *event = &config->events[e];
		double span_ns = (double)(config->until_ns - event->at_ns);
		double times = event->every_ns ? span_ns / (double)event->every_ns
					       : span_ns * 1e-9 * event->rate_per_s;

		if (times > TIMES_MOST && !(event->times && event->times <= TIMES_MOST))
			return false;
	}
	return !config->population && !config->exact_pages && guests <= GUESTS_MOST &&
	       config->event_count <= EVENTS_MOST;
}

/* What is loaded runs; each replication is checked at its end (sim/flow/conservation.c). */
static void simulate(const struct simulation_config *config)
{
	struct error error = { 0 };
	struct simulation *simulation = simulation_new(config, &error);

	if (!fuzz_check(simulation != NULL, &error))
		return;
	fuzz_check(simulation_run(simulation, 0, &error), &error);
	simulation_free(simulation);
}

static void run_scenario(const uint8_t *data, size_t size)
{
	struct error error = { 0 };
	struct scenario scenario;
	struct scenario_hashes hashes;
	char *printed = NULL, *carried;
	size_t length = 0;
	FILE *out;

	if (!fuzz_check(scenario_load_text(&scenario, "<memory>", (const char *)data, size, &error),
			&error))
		return;
	out = open_memstream(&printed, &length);
	if (out) {
		fuzz_expect(scenario_print_resolved(&scenario, out, &error), "cannot print",
			    &error);
		fclose(out);
		free(printed);
	}
	fuzz_expect(scenario_hash(&scenario, &hashes, &error), "no hash", &error);
	carried = scenario_carried_text(&scenario, &error);
	fuzz_expect(carried != NULL, "nothing is carried", &error);
	read_again(carried);
	free(carried);
	if (is_small(&scenario.simulation))
		simulate(&scenario.simulation);
	scenario_fini(&scenario);
}

/* --- design ---------------------------------------------------------------------------------------- */

/* The flows and loops of a strategy as they are printed; the caller frees them. */
static char *print_design(const struct design_file *design, json_t **flows)
{
	const struct strategy *last = &design->model->strategies[design->model->strategy_count - 1];
	struct error error = { 0 };
	json_t *object = design_to_json(design->model, last, OPERATION_COUNT);
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out || !object)
		abort();
	fuzz_expect(design_write(object, out, &error), "cannot print", &error);
	fclose(out);
	*flows = json_pack("[O, O]", json_object_get(object, "flows"),
			   json_object_get(object, "loops"));
	json_decref(object);
	return text;
}

/* A design as it is printed extends it, and does the same. */
static void run_design(const uint8_t *data, size_t size)
{
	struct error error = { 0 };
	struct document document, printed;
	struct design_file design;
	json_t *flows, *same;
	char *text;

	if (!fuzz_check(document_parse(&document, "<memory>", (const char *)data, size, &error),
			&error))
		return;
	if (fuzz_check(design_file_take(&design, &document, &error), &error)) {
		text = print_design(&design, &flows);
		fuzz_expect(
			document_parse(&printed, "<printed>", text, strlen(text), &error) &&
				design_read(&design.designs, &printed, "", printed.root, &error),
			"a printed design cannot be read", &error);
		free(text);
		text = print_design(&design, &same);
		fuzz_expect(json_equal(flows, same), "a printed design changes", &error);
		free(text);
		json_decref(flows);
		json_decref(same);
		document_fini(&printed);
	}
	design_file_fini(&design);
}

/* --- cost profile ---------------------------------------------------------------------------------- */

/* Its prices are read by a scenario, which carries the profile here. */
static void charge(const uint8_t *data, size_t size)
{
	static const char head[] =
		"{\"format\": \"sim-scenario\", \"version\": 1, \"scenario\": {\"name\": \"fuzz\", "
		"\"file\": "
		"\"fuzz.json\", \"document\": {\"guests\": [{\"name\": \"a\", \"model\": \"kvm\"}, "
		"{\"name\": \"b\", \"model\": \"sev\"}], \"costs\": [\"fuzzed.json\"], \"events\": "
		"[]}, "
		"\"files\": {\"fuzzed.json\": ";
	size_t length = sizeof(head) - 1 + size + 3;
	char *text = malloc(length + 1);
	struct error error = { 0 };
	struct scenario scenario;

	if (!text)
		abort();
	memcpy(text, head, sizeof(head) - 1);
	memcpy(text + sizeof(head) - 1, data, size);
	memcpy(text + length - 3, "}}}", 4);
	if (fuzz_check(scenario_load_text(&scenario, "<memory>", text, length, &error), &error))
		scenario_fini(&scenario);
	free(text);
}

static void run_profile(const uint8_t *data, size_t size)
{
	struct error error = { 0 };
	struct document document;
	struct profile profile;
	struct host_config host = { 0 };

	if (!fuzz_check(document_parse(&document, "<memory>", (const char *)data, size, &error),
			&error))
		return;
	if (fuzz_check(profile_read(&document, &profile, &error), &error))
		fuzz_check(profile_bandwidth(&document, &profile, &host, &error), &error);
	profile_fini(&profile);
	document_fini(&document);
	charge(data, size);
}

/* --- published table ------------------------------------------------------------------------------- */

enum { ROWS_MOST = 4 };

static void run_published(const uint8_t *data, size_t size)
{
	struct published_table table;
	struct error error = { 0 };

	if (!fuzz_check(published_read(&table, fuzz_file(data, size), &error), &error))
		return;
	for (size_t i = 0; i < table.rows.count && i < ROWS_MOST; i++) {
		struct scenario scenario;
		struct error own = { 0 };

		if (fuzz_check(published_scenario(&table, i, NULL, &scenario, &own), &own))
			scenario_fini(&scenario);
	}
	published_fini(&table);
}

#define DOCUMENT(name_, schema_)                                                                   \
	static size_t mutate_##name_(uint8_t *data, size_t size, size_t most, unsigned int seed)   \
	{                                                                                          \
		return fuzz_mutate_json(&fuzz_##name_, data, size, most, seed);                    \
	}                                                                                          \
	const struct fuzz_target fuzz_##name_ = { #name_, run_##name_, schema_, mutate_##name_ }

DOCUMENT(scenario, scenario_print_schema);
DOCUMENT(design, design_print_schema);
DOCUMENT(profile, profile_print_schema);
DOCUMENT(published, published_print_schema);
