#include "experiment/timeline.h"

#include <inttypes.h>
#include <stdlib.h>

#include <jansson.h>

#include "flow/simulation.h"

struct timeline {
	FILE *out;
	struct error *error;
	bool started;
};

/* A text as a JSON string. */
static void print_text(struct timeline *timeline, const char *text)
{
	json_t *string = json_string(text ? text : "-");
	char *encoded = json_dumps(string, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	if (encoded)
		fputs(encoded, timeline->out);
	else
		error_memory(timeline->error, "timeline");
	free(encoded);
	json_decref(string);
}

static void print_time(struct timeline *timeline, const char *key, int64_t ns)
{
	fprintf(timeline->out, ", \"%s\": %" PRId64 ".%03d", key, ns / 1000, (int)(ns % 1000));
}

static void begin_event(struct timeline *timeline)
{
	fputs(timeline->started ? ",\n" : "\n", timeline->out);
	timeline->started = true;
}

static void print_span(const struct span *span, void *data)
{
	struct timeline *timeline = data;

	begin_event(timeline);
	fputs("{\"ph\": \"X\", \"name\": ", timeline->out);
	print_text(timeline, span->step);
	fputs(", \"cat\": ", timeline->out);
	print_text(timeline, span->flow);
	fprintf(timeline->out, ", \"pid\": %" PRIu32 ", \"tid\": %" PRIu32, span->guest + 1,
		span->thread + 1);
	print_time(timeline, "ts", span->begin_ns);
	print_time(timeline, "dur", span->end_ns - span->begin_ns);
	fputs(", \"args\": {\"where\": ", timeline->out);
	print_text(timeline, span->where);
	fprintf(timeline->out, ", \"run_queue_ns\": %" PRId64 "}}", span->waited_ns);
}

static void print_names(struct timeline *timeline, const struct simulation_config *config)
{
	uint32_t pid = 1;

	for (size_t g = 0; g < config->guest_count; g++) {
		for (int64_t i = 0; i < config->guests[g].count; i++, pid++) {
			begin_event(timeline);
			fprintf(timeline->out,
				"{\"ph\": \"M\", \"name\": \"process_name\", \"pid\": %" PRIu32
				", \"tid\": 0, \"args\": {\"name\": ",
				pid);
			print_text(timeline, config->guests[g].name);
			fputs("}}", timeline->out);
		}
	}
}

bool timeline_write(const struct scenario *scenario, uint32_t replication, FILE *out,
		    struct error *error)
{
	struct timeline timeline = { .out = out, .error = error };
	struct simulation *simulation = simulation_new(&scenario->simulation, error);

	if (!simulation)
		return false;
	fputs("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [", out);
	print_names(&timeline, &scenario->simulation);
	simulation_observe(simulation, print_span, &timeline);
	simulation_run(simulation, replication, error);
	fputs("\n]}\n", out);
	simulation_free(simulation);
	if (ferror(out))
		error_set(error, ERROR_OUTPUT, "cannot write the timeline");
	return error->kind == ERROR_NONE;
}
