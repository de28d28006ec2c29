#ifndef TESTS_ROBUSTNESS_RANDOM_SCENARIOS_H
#define TESTS_ROBUSTNESS_RANDOM_SCENARIOS_H

/*
 * Scenarios drawn at random from what the models' own tables allow: every model and
 * strategy, any of its parameters, sizes from one page to 16 TiB, features on and off,
 * failures, costs at the ends of their ranges, requests at one instant, kills in every
 * phase, several guests on a host with hardly enough memory. A new model, parameter,
 * fault point or cost is drawn without a change here.
 */

#include "../flows/fixture.h"

#include <math.h>
#include <unistd.h>

#include "engine/stream.h"
#include "flow/fault_points.h"
#include "flow/model.h"
#include "flow/runtime.h"
#include "flow/version.h"

enum { TEXT_MAX = 16384, GUESTS_MAX = 3, EVENTS_LIMIT = 2 * 1000 * 1000 };

static struct stream dice;

static size_t pick(size_t count)
{
	return (size_t)(stream_uniform(&dice) * (double)count);
}

#define ONE_OF(list) (list)[pick(sizeof(list) / sizeof((list)[0]))]

static double between(double low, double high)
{
	return low + (high - low) * stream_uniform(&dice);
}

static double log_between(double low, double high)
{
	return low < high ? low * pow(high / low, stream_uniform(&dice)) : low;
}

/* One of the ends of a range, or something between them; `most` keeps runs short. */
static double in_range(const struct field *field, double least, double most)
{
	double low = field->minimum, high = field->maximum;

	if (low >= high)
		low = 0, high = most;
	if (high > most)
		high = most;
	if (pick(4) == 0)
		return low;
	if (pick(4) == 0)
		return high;
	return log_between(low > least ? low : least, high);
}

static void draw_value(const struct field *field, FILE *out)
{
	size_t choices = 0;

	switch (field->kind) {
	case FIELD_FLAG:
		fputs(pick(2) ? "true" : "false", out);
		break;
	case FIELD_COUNT:
		fprintf(out, "%.0f", in_range(field, 1, 60));
		break;
	case FIELD_NUMBER:
	case FIELD_RATIO:
		fprintf(out, "%g",
			pick(3) ? between(field->minimum, fmin(field->maximum, 1))
				: in_range(field, 1e-6, 1));
		break;
	case FIELD_BYTES:
		fprintf(out, "\"%.0fB\"", in_range(field, 4096, 0x1p36));
		break;
	case FIELD_DURATION:
		fprintf(out, "\"%.0fns\"", in_range(field, 1, 1e11));
		break;
	case FIELD_BANDWIDTH:
		fprintf(out, "\"%.6fB/s\"", in_range(field, 1, 1e12));
		break;
	case FIELD_RATE:
		fprintf(out, "\"%.6f/s\"", in_range(field, 1e-3, 100));
		break;
	case FIELD_CHOICE:
		while (field->choices[choices])
			choices++;
		fprintf(out, "\"%s\"", field->choices[pick(choices)]);
		break;
	default:
		fputs("null", out);
		break;
	}
}

static bool can_be_drawn(const struct field *field)
{
	return field->kind != FIELD_TEXT && field->kind != FIELD_NAME &&
	       field->kind != FIELD_CHOICES && field->kind != FIELD_TEXTS &&
	       field->kind < FIELD_RECORD;
}

/* Up to three objects, each of whose keys is there or not. */
static void draw_records(const struct record *record, FILE *out)
{
	fputs("[", out);
	for (size_t i = 0, count = pick(4); i < count; i++) {
		int keys = 0;

		fputs(i ? ", {" : "{", out);
		for (const struct field *field = record->fields; field->key; field++) {
			if (!can_be_drawn(field) || pick(3))
				continue;
			fprintf(out, "%s\"%s\": ", keys++ ? ", " : "", field->key);
			draw_value(field, out);
		}
		fputs("}", out);
	}
	fputs("]", out);
}

static void draw_parameters(const struct model *model, FILE *out)
{
	for (const struct field *field = model->parameters->fields; field->key; field++) {
		bool records = field->kind == FIELD_RECORDS;

		if ((!can_be_drawn(field) && !records) || pick(3))
			continue;
		fprintf(out, ", \"%s\": ", field->key);
		if (records)
			draw_records(field->record, out);
		else
			draw_value(field, out);
	}
}

static void draw_faults(const struct model *model, const struct strategy *strategy, FILE *out)
{
	static const double chances[] = { 1e-6, 1e-3, 0.1, 0.5, 1 };
	struct fault_points points = { 0 };
	struct error error = { 0 };

	assert_true(fault_points_add(&points, model, strategy, &error));
	fputs(", \"faults\": [", out);
	for (size_t i = 0, count = points.count ? 1 + pick(3) : 0; i < count; i++) {
		fprintf(out, "%s{\"step\": \"%s\", ", i ? ", " : "",
			points.points[pick(points.count)].name);
		if (pick(2))
			fprintf(out, "\"call\": %zu}", 1 + pick(pick(2) ? 3 : 100000));
		else
			fprintf(out, "\"probability\": %g}", ONE_OF(chances));
	}
	fputs("]", out);
	fault_points_fini(&points);
}

static void draw_version(const char *key, size_t first, size_t most, FILE *out)
{
	fprintf(out, ", \"%s\": \"%zu.%zu\"", key, first + pick(most), pick(20));
}

struct drawn_guest {
	const struct model *model;
	const struct strategy *strategy;
	char name[8];
	size_t count;
	double bytes;
	enum page_size pool; /* that its pages come from; PAGE_4K: none */
};

/* `small`: few enough pages that each can be an event. Of a fleet: the trace says how many. */
static void draw_guest(struct drawn_guest *guest, int number, bool small, bool of_fleet, FILE *out)
{
	static const double sizes[] = { 0x1p12,        0x1p16,     0x1p21, 0x1p26, 0x1p30, 0x1p31,
					0x1p31 + 4096, 3 * 0x1p30, 0x1p33, 0x1p36, 0x1p40, 0x1p44 };
	static const double residents[] = { 0, 0.002, 0.3, 0.8, 1 };
	static const char *const pages[] = { "4KiB", "4KiB", "4KiB", "2MiB", "1GiB" };
	const char *page = small ? "4KiB" : ONE_OF(pages);

	guest->model = model_table[pick(model_table_count)];
	guest->strategy = &guest->model->strategies[pick(guest->model->strategy_count)];
	guest->count = pick(3) ? 1 : 1 + pick(3);
	guest->bytes = sizes[pick(small ? 4 : sizeof(sizes) / sizeof(sizes[0]))];
	snprintf(guest->name, sizeof(guest->name), "g%d", number);
	fprintf(out, "%s{\"name\": \"%s\", \"model\": \"%s%s%s\", ", number ? ", " : "",
		guest->name, guest->model->name, number % 2 ? "\", \"strategy\": \"" : "/",
		guest->strategy->name);
	fprintf(out,
		"\"vcpus\": %.0f, \"memory\": \"%.0fB\", \"resident\": %g, \"page_size\": \"%s\"",
		log_between(1, 200), guest->bytes, ONE_OF(residents), page);
	if (!of_fleet)
		fprintf(out, ", \"count\": %zu", guest->count);
	guest->pool = PAGE_4K;
	if (strcmp(page, "4KiB") != 0 && pick(2)) {
		guest->pool = strcmp(page, "2MiB") == 0 ? PAGE_2M : PAGE_1G;
		fputs(", \"hugetlb\": true", out);
	}
	if (pick(4) == 0)
		fprintf(out, ", \"vmm_memory\": \"%.0fB\"", pick(4) ? log_between(1, 0x1p29) : 0);
	if (pick(4) == 0) /* of hardly enough for one life, or for the next beside it */
		fprintf(out, ", \"memory_limit\": \"%.0fB\"",
			(guest->bytes * 1.02 + 0x1p28) * between(0.9, 2.1));
	if (pick(2)) /* on hosts with one node it means nothing */
		fprintf(out, ", \"numa\": \"%s\"", numa_policy_names[pick(3)]);
	if (pick(3) == 0)
		fprintf(out, ", \"vmm\": \"%s\"", vmm_names[pick(VMMS)]);
	if (pick(4) == 0)
		draw_version("qemu", 3, 9, out);
	draw_parameters(guest->model, out);
	if (pick(3) == 0)
		draw_faults(guest->model, guest->strategy, out);
	fputs("}", out);
}

static void draw_costs(const struct drawn_guest *guest, FILE *out)
{
	fputs("{", out);
	for (size_t i = 0, count = pick(4); i < count; i++) {
		const struct term *term =
			&guest->model
				 ->terms[FIRST_TERM + pick(guest->model->term_count - FIRST_TERM)];
		double mean = pick(2) ? term->low_ns : term->high_ns;

		fprintf(out,
			"%s\"%s\": {\"mean\": \"%.6fns\", \"range\": [\"%.6fns\", \"%.6fns\"]}",
			i ? ", " : "", term->name, mean, mean, mean);
	}
	fputs("}", out);
}

static const char *draw_operation(const struct drawn_guest *guest)
{
	int operation;

	do
		operation = pick(3) ? (int)pick(OPERATION_COUNT) : OPERATION_KILL;
	while (!guest->strategy->flows[operation]);
	return operation_names[operation];
}

/* What VMs of a fleet do not do: they start when they arrive. */
static const char *draw_fleet_operation(const struct drawn_guest *guest)
{
	const char *operation;

	do
		operation = draw_operation(guest);
	while (strcmp(operation, operation_names[OPERATION_START]) == 0);
	return operation;
}

/* Whom an event meets. */
static void draw_selection(size_t hosts, FILE *out)
{
	if (pick(4) == 0)
		fprintf(out, ", \"share\": %g", between(1e-3, 1));
	if (pick(4) == 0)
		fprintf(out, ", \"older_than\": \"%.0fns\"", log_between(1e6, 100e9));
	if (hosts && pick(3) == 0)
		fprintf(out, ", \"host\": %zu", pick(hosts));
}

static void draw_fleet_events(const struct drawn_guest *guest, size_t hosts, double until_ns,
			      FILE *out)
{
	double at = 0;

	for (size_t i = 0, events = pick(9); i < events; i++) {
		if (pick(4))
			at = between(0, until_ns);
		fprintf(out, "%s{\"guests\": \"%s\", \"at\": \"%.0fns\"", i ? ", " : "",
			guest->name, at);
		if (i < hosts && pick(4) == 0) { /* each host once */
			fprintf(out, ", \"do\": \"evacuate\", \"host\": %zu", i);
			if (pick(2))
				fprintf(out, ", \"back_after\": \"%.0fns\"",
					log_between(1e6, until_ns));
			if (pick(2))
				fprintf(out, ", \"concurrency\": %zu", 1 + pick(2));
		} else {
			fprintf(out, ", \"do\": \"%s\"", draw_fleet_operation(guest));
			draw_selection(hosts, out);
			if (pick(6) == 0)
				fprintf(out, ", \"every\": \"%.0fns\", \"times\": %zu",
					log_between(1e8, 20e9), 1 + pick(20));
			else if (pick(4) == 0)
				fprintf(out, ", \"rate\": \"0.1/s\"");
			else if (pick(3) == 0)
				fprintf(out, ", \"concurrency\": %zu", 1 + pick(2));
			if (pick(6) == 0)
				fprintf(out, ", \"coalesce\": true");
		}
		fputs("}", out);
	}
}

static void draw_trace(const char *path, double bytes, double until_s)
{
	static const double parts[] = { 0.25, 0.5, 1, 1, 2 };
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs("arrival_s,vcpus,memory_gib,lifetime_s\n", out);
	for (size_t i = 0, vms = 1 + pick(40); i < vms; i++) {
		double memory = fmax(4096, bytes * ONE_OF(parts));

		fprintf(out, "%.6f,%zu,%.12g,", pick(8) ? between(0, until_s) : 0, 1 + pick(8),
			memory / 0x1p30);
		if (pick(5))
			fprintf(out, "%.6f", pick(8) ? log_between(1e-3, until_s) : 0);
		fputs("\n", out);
	}
	assert_int_equal(fclose(out), 0);
}

/* Hosts with hardly room for some of the VMs of the trace, which is written to `trace`. */
static void draw_fleet(char *text, const char *trace)
{
	static const char *const placements[] = { "first-fit", "best-fit", "least-limbo" };
	static const double room[] = { 1, 1.05, 2, 3.2, 8 };
	struct drawn_guest guest;
	double bytes, until_s = log_between(20, 3600), pages = 0;
	size_t hosts = 1 + pick(4);
	char listed[TEXT_MAX];
	FILE *list = fmemopen(listed, sizeof(listed), "w");
	FILE *out = fmemopen(text, TEXT_MAX, "w");

	assert_non_null(list);
	assert_non_null(out);
	draw_guest(&guest, 0, false, true, list);
	fclose(list);
	bytes = (guest.bytes * 1.02 + 0x1p28) * ONE_OF(room);
	if (guest.pool != PAGE_4K) {
		pages = ceil(bytes / (double)page_size_bytes[guest.pool]);
		bytes += pages * (double)page_size_bytes[guest.pool];
	}
	draw_trace(trace, guest.bytes, until_s * 1.2);
	fprintf(out,
		"{\"host\": {\"cores\": %.0f, \"memory\": \"%.0fB\", \"%s\": %.0f, "
		"\"metadata\": %s, \"overcommit\": %s}, \"guests\": [%s], \"costs\": [",
		floor(log_between(1, 64)), bytes,
		guest.pool == PAGE_1G ? "hugepages_1g" : "hugepages_2m", pages,
		pick(2) ? "true" : "false", pick(3) ? "true" : "false", listed);
	draw_costs(&guest, out);
	fprintf(out,
		"], \"fleet\": {\"hosts\": %zu, \"guests\": \"%s\", \"trace\": \"%s\", "
		"\"placement\": \"%s\", \"patience\": \"%.0fms\"",
		hosts, guest.name, trace, ONE_OF(placements), pick(3) ? log_between(1, 1e6) : 0);
	if (pick(3) == 0)
		fprintf(out, ", \"vcpus_per_core\": %g", between(0.5, 4));
	fputs("}, \"events\": [", out);
	draw_fleet_events(&guest, hosts, until_s * 1e9, out);
	fprintf(out, "], \"experiment\": {\"until\": \"%.0fs\", \"spread\": %s, \"seed\": %zu",
		until_s, pick(3) ? "true" : "false", 1 + pick(1000));
	if (pick(4) == 0)
		fprintf(out, ", \"warm_up\": \"%.0fns\"", between(0, until_s * 0.9e9));
	fputs("}}", out);
	fclose(out);
}

static void draw_events(const struct drawn_guest *guests, size_t count, FILE *out)
{
	double at = 0;

	for (size_t i = 0, events = 2 + pick(9); i < events; i++) {
		const struct drawn_guest *guest = &guests[pick(count)];

		if (pick(4)) /* else at the same instant as the one before */
			at = pick(2) ? between(0, 60e9) : at + log_between(1e3, 30e9);
		fprintf(out, "%s{\"do\": \"%s\", \"guests\": \"%s\", \"at\": \"%.0fns\"",
			i ? ", " : "", draw_operation(guest), guest->name, at);
		if (pick(8) == 0)
			fprintf(out, ", \"every\": \"%.0fns\", \"times\": %zu",
				log_between(1e6, 20e9), 1 + pick(40));
		else if (pick(12) == 0)
			fprintf(out, ", \"rate\": \"0.2/s\"");
		else if (pick(8) == 0)
			fprintf(out, ", \"concurrency\": %zu", 1 + pick(2));
		if (pick(6) == 0)
			fprintf(out, ", \"coalesce\": true");
		draw_selection(0, out);
		fputs("}", out);
	}
}

static void draw_scenario(char *text, bool small)
{
	static const double room[] = { 1, 1.05, 1.3, 2, 8 };
	struct drawn_guest guests[GUESTS_MAX];
	size_t count = 1 + pick(GUESTS_MAX);
	double cores, bytes = 0, pools[PAGE_SIZES] = { 0 }; /* pages */
	char listed[TEXT_MAX];
	FILE *list = fmemopen(listed, sizeof(listed), "w");
	FILE *out = fmemopen(text, TEXT_MAX, "w");

	assert_non_null(list);
	assert_non_null(out);
	for (size_t i = 0; i < count; i++) {
		draw_guest(&guests[i], (int)i, small, false, list);
		bytes += (double)guests[i].count * (guests[i].bytes * 1.02 + 0x1p28);
		if (guests[i].pool != PAGE_4K)
			pools[guests[i].pool] += (double)guests[i].count * guests[i].bytes /
						 (double)page_size_bytes[guests[i].pool];
	}
	for (int size = PAGE_2M; size < PAGE_SIZES; size++) {
		pools[size] = ceil(pools[size] * ONE_OF(room));
		bytes += pools[size] * (double)page_size_bytes[size];
	}
	fclose(list);
	cores = floor(log_between(1, 64));
	fprintf(out, "{\"host\": {\"cores\": %.0f, \"memory\": \"%.0fB\", \"features\": [", cores,
		bytes * ONE_OF(room));
	for (int i = 0, any = 0; i < FEATURE_COUNT; i++)
		if (pick(2))
			fprintf(out, "%s\"%s\"", any++ ? ", " : "", host_feature_names[i]);
	fprintf(out,
		"], \"hugepages_2m\": %.0f, \"hugepages_1g\": %.0f, \"metadata\": %s, "
		"\"overcommit\": %s",
		pools[PAGE_2M], pools[PAGE_1G], pick(2) ? "true" : "false",
		pick(3) ? "true" : "false");
	if (pick(2))
		draw_version("kernel", 3, 5, out);
	if (pick(3) == 0)
		fprintf(out, ", \"numa_nodes\": %zu", 1 + pick((size_t)fmin(cores, 4)));
	if (pick(2)) /* often too little for all cores */
		fprintf(out, ", \"memory_bandwidth\": \"%.0fMB/s\"", log_between(300, 300000));
	fputs("}", out);
	fprintf(out, ", \"guests\": [%s], \"costs\": [", listed);
	draw_costs(&guests[0], out);
	fputs("], \"events\": [", out);
	draw_events(guests, count, out);
	fprintf(out, "], \"experiment\": {\"until\": \"%.0fs\", \"spread\": %s, \"seed\": %zu}}",
		log_between(20, 3600), small || pick(3) == 0 ? "false" : "true", 1 + pick(1000));
	fclose(out);
}

/* Fails with the whole scenario on stderr (a message of cmocka's ends after 1023 characters). */
#define fail_on(text_, ...)                                                                        \
	do {                                                                                       \
		fprintf(stderr, "%s\n", text_);                                                    \
		fail_msg(__VA_ARGS__);                                                             \
	} while (0)

/* What the parts of each latency add up to. */
static void check_sums(const struct simulation *simulation)
{
	size_t metrics, parts;
	const struct metric *metric = simulation_metrics(simulation, &metrics);
	const struct part *part = simulation_parts(simulation, &parts);

	for (size_t m = 0; m < metrics; m++) {
		int64_t observed = 0, spent = 0;
		bool any = false;

		for (size_t i = 0; i < metric[m].count; i++) {
			assert_true(metric[m].samples[i] >= 0);
			observed += metric[m].samples[i];
		}
		for (size_t p = 0; p < parts; p++) {
			if (part[p].metric != m)
				continue;
			any = true;
			assert_true(part[p].total_ns >= 0);
			spent += (int64_t)part[p].total_ns;
		}
		if (any)
			assert_int_equal(observed, spent);
	}
}

/* Runs of one scenario; the error of the first that fails, which only input may have. */
static enum error_kind run_scenario(struct simulation *simulation, uint32_t replications,
				    const char *text)
{
	struct error error = { 0 };

	if (!simulation)
		return ERROR_MEMORY;
	simulation->engine.event_limit = EVENTS_LIMIT;
	for (uint32_t r = 0; r < replications; r++) { /* later ones use everything again */
		if (!simulation_run(simulation, r, &error)) {
			if (simulation->config->exact_pages &&
			    simulation->engine.fired > EVENTS_LIMIT)
				return error.kind; /* too many pages for this test */
			if (error.kind != ERROR_INPUT)
				fail_on(text, "%s", error.message);
			return error.kind;
		}
		check_sums(simulation);
	}
	return ERROR_NONE;
}

static void counters_agree(const struct simulation *fluid, const struct simulation *exact,
			   const char *text)
{
	size_t count;
	const struct counter *a = simulation_counters(fluid, &count);
	const struct counter *b = simulation_counters(exact, &count);

	for (size_t i = 0; i < count; i++)
		if (a[i].value != b[i].value)
			fail_on(text, "%s %s: %llu, page by page %llu", a[i].group, a[i].name,
				(unsigned long long)a[i].value, (unsigned long long)b[i].value);
}

/*
 * Both do the same work, but for rounding. Each piece of fluid work is rounded to a ns and ends at
 * a whole one; page by page what rounding leaves goes on to the next page, so a loop is rounded
 * as one piece is. A piece costs an event at least. Whoever waits is late by what all others are
 * together, and where the bus binds a ns of work takes as long as its bytes do: 4 KiB are cleared
 * in 200 ns at least when it does not.
 */
static int64_t rounding_ns(const struct simulation *fluid)
{
	double bandwidth = fluid->config->host.memory_bandwidth * 1e-9;
	double stretch = fmax(1, PAGE_BYTES / 200.0 / bandwidth);

	return 200 + (int64_t)(2 * stretch * (double)simulation_events(fluid));
}

static void latencies_agree(const struct simulation *fluid, const struct simulation *exact,
			    const char *text)
{
	size_t count;
	const struct metric *a = simulation_metrics(fluid, &count);
	const struct metric *b = simulation_metrics(exact, &count);

	for (size_t m = 0; m < count; m++) {
		if (!strstr(a[m].name, ".latency"))
			continue;
		if (a[m].count != b[m].count)
			fail_on(text, "%s %s: %zu observations, page by page %zu", a[m].group,
				a[m].name, a[m].count, b[m].count);
		for (size_t i = 0; i < a[m].count; i++)
			if (llabs(a[m].samples[i] - b[m].samples[i]) > rounding_ns(fluid))
				fail_on(text, "%s %s: %lld ns, page by page %lld ns", a[m].group,
					a[m].name, (long long)a[m].samples[i],
					(long long)b[m].samples[i]);
	}
}

/* Which of several equal guests makes the n-th call at one instant is nobody's promise. */
static bool can_compare(const struct simulation_config *config)
{
	for (size_t g = 0; g < config->guest_count; g++)
		for (size_t i = 0; i < config->guests[g].fault_count; i++)
			if (config->guests[g].count > 1 && config->guests[g].faults[i].call)
				return false;
	return true;
}

/* Fleets, likewise: that VMs add up is checked by the simulation itself. */
static inline int run_random_fleets(uint64_t seed, int scenarios)
{
	const struct stream_name name = { .seed = seed };
	char path[] = "/tmp/random-fleet-XXXXXX";
	int ran = 0, descriptor = mkstemp(path);

	assert_true(descriptor >= 0 && close(descriptor) == 0);
	assert_true(stream_begin(&dice, &name));
	for (int n = 0; n < scenarios; n++) {
		char text[TEXT_MAX];
		struct scenario scenario;
		struct simulation *simulation;
		struct error error = { 0 };

		draw_fleet(text, path);
		if (!scenario_load_text(&scenario, "<memory>", text, strlen(text), &error)) {
			if (error.kind != ERROR_INPUT)
				fail_on(text, "%s", error.message);
			continue;
		}
		simulation = simulation_new(&scenario.simulation, &error);
		if (!simulation)
			fail_on(text, "%s", error.message);
		ran += run_scenario(simulation, 2, text) == ERROR_NONE;
		simulation_free(simulation);
		scenario_fini(&scenario);
	}
	unlink(path);
	return ran;
}

/* Many scenarios; returns how many ran. `pages`: small ones, which run page by page, too. */
static inline int run_random_scenarios(uint64_t seed, int scenarios, bool pages)
{
	const struct stream_name name = { .seed = seed };
	int ran = 0;

	assert_true(stream_begin(&dice, &name));
	for (int n = 0; n < scenarios; n++) {
		char text[TEXT_MAX];
		struct scenario scenario;
		struct simulation *simulation, *exact;
		struct error error = { 0 };

		draw_scenario(text, pages);
		if (!scenario_load_text(&scenario, "<memory>", text, strlen(text), &error)) {
			if (error.kind != ERROR_INPUT)
				fail_on(text, "%s", error.message);
			scenario_fini(&scenario);
			continue;
		}
		simulation = simulation_new(&scenario.simulation, &error);
		assert_non_null(simulation);
		if (run_scenario(simulation, pages ? 1 : 2, text) == ERROR_NONE) {
			ran++;
			scenario.simulation.exact_pages = true;
			exact = pages && can_compare(&scenario.simulation)
					? simulation_new(&scenario.simulation, &error)
					: NULL;
			if (exact && run_scenario(exact, 1, text) == ERROR_NONE &&
			    !simulation_is_random(simulation)) {
				counters_agree(simulation, exact, text);
				latencies_agree(simulation, exact, text);
			}
			simulation_free(exact);
		}
		simulation_free(simulation);
		scenario_fini(&scenario);
	}
	return ran;
}

#endif
