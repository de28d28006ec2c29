#include "replay/trace_events.h"

#include <inttypes.h>
#include <stdlib.h>

struct writer {
	const struct trace *trace;
	FILE *out;
	struct error *error;
	bool started;
};

/* A text as a JSON string. */
static void print_text(struct writer *writer, const char *text)
{
	json_t *string = json_string(text);
	char *encoded =
		json_dumps(string ? string : json_null(), JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	if (encoded)
		fputs(encoded, writer->out);
	else
		error_memory(writer->error, "timeline");
	free(encoded);
	json_decref(string);
}

static void print_time(struct writer *writer, const char *key, int64_t ns)
{
	fprintf(writer->out, ", \"%s\": %" PRId64 ".%03d", key, ns / 1000, (int)(ns % 1000));
}

static void print_name(struct writer *writer, const struct trace_event *event)
{
	char name[NAME_MAX_LENGTH];

	if (!event->suffix) {
		print_text(writer, event->name);
		return;
	}
	snprintf(name, sizeof(name), "%s (%s)", event->name, event->suffix);
	print_text(writer, name);
}

static void begin_event(struct writer *writer)
{
	fputs(writer->started ? ",\n" : "\n", writer->out);
	writer->started = true;
}

static void print_args(struct writer *writer, const struct trace_event *event)
{
	char holder[NAME_MAX_LENGTH];

	fputs(", \"args\": {", writer->out);
	if (event->holder) {
		snprintf(holder, sizeof(holder), "%s, guest %" PRIu32 ", %s, thread %" PRIu32,
			 event->holder->name, event->holder->guest, event->holder->flow,
			 event->holder->thread);
		fputs("\"holder\": ", writer->out);
		print_text(writer, holder);
	}
	if (event->flow) {
		fprintf(writer->out,
			"\"counted\": %s, \"flow\": ", event->counted ? "true" : "false");
		print_text(writer, event->flow);
	}
	if (event->where) {
		fputs(", \"where\": ", writer->out);
		print_text(writer, event->where);
	}
	fputc('}', writer->out);
}

static void print_event(struct writer *writer, const struct trace_event *event)
{
	static const char *const phases[] = { "X", "C", "s", "f", "b", "e" };

	begin_event(writer);
	fprintf(writer->out, "{\"ph\": \"%s\", \"name\": ", phases[event->kind]);
	print_name(writer, event);
	fprintf(writer->out, ", \"cat\": \"%s\", \"pid\": %" PRIu32 ", \"tid\": %" PRIu32,
		event->kind == QUEUE_START || event->kind == QUEUE_END ? "queued" : event->category,
		event->place.process, event->place.track);
	print_time(writer, "ts", event->at_ns);
	if (event->kind == SLICE) {
		print_time(writer, "dur", event->length_ns);
		print_args(writer, event);
	} else if (event->kind == COUNTER) {
		fprintf(writer->out, ", \"args\": {\"value\": %.0f}", event->value);
	} else {
		fprintf(writer->out, ", \"id\": %zu%s", event->order,
			event->kind == FLOW_END ? ", \"bp\": \"e\"" : "");
	}
	fputc('}', writer->out);
}

static void print_metadata(struct writer *writer, const char *what, struct place place,
			   const char *name)
{
	begin_event(writer);
	fprintf(writer->out,
		"{\"ph\": \"M\", \"name\": \"%s\", \"pid\": %" PRIu32 ", \"tid\": %" PRIu32
		", \"args\": {\"name\": ",
		what, place.process, place.track);
	print_text(writer, name);
	fputs("}}", writer->out);
}

static void print_names(struct writer *writer)
{
	const struct simulation_config *config = &writer->trace->scenario->simulation;
	uint32_t process = HOST_PROCESS;
	const char *key;
	json_t *number;

	print_metadata(writer, "process_name", (struct place){ process++, 0 }, "host");
	for (size_t g = 0; g < config->guest_count; g++) {
		for (int64_t i = 0; i < config->guests[g].count; i++, process++) {
			char name[NAME_MAX_LENGTH];

			snprintf(name, sizeof(name),
				 config->guests[g].count > 1 ? "%s %" PRId64 : "%s",
				 config->guests[g].name, i);
			print_metadata(writer, "process_name", (struct place){ process, 0 }, name);
		}
	}
	json_object_foreach(writer->trace->places, key, number)
	{
		char *behind;
		struct place place = { (uint32_t)strtoul(key, &behind, 10),
				       (uint32_t)json_integer_value(number) };

		print_metadata(writer, "thread_name", place, behind + 1);
	}
}

static void print_other_data(struct writer *writer)
{
	fputs("{\"displayTimeUnit\": \"ms\", \"otherData\": {\"scenario\": ", writer->out);
	print_text(writer, writer->trace->scenario->name);
	fprintf(writer->out, ", \"seed\": %" PRIu64 ", \"replication\": %" PRIu32 "}",
		writer->trace->scenario->simulation.seed, writer->trace->replication);
	fputs(", \"traceEvents\": [", writer->out);
}

bool trace_write(const struct trace *trace, FILE *out, struct error *error)
{
	struct writer writer = { trace, out, error, false };

	print_other_data(&writer);
	print_names(&writer);
	for (size_t i = 0; i < trace->count; i++)
		print_event(&writer, &trace->events[i]);
	fputs("\n]}\n", out);
	if (ferror(out))
		error_set(error, ERROR_OUTPUT, "cannot write the timeline");
	return error->kind == ERROR_NONE;
}
