#include "replay/trace_events.h"

#include <inttypes.h>
#include <stdlib.h>

#include "flow/population.h"
#include "report/json_tools.h"

struct writer {
	const struct trace *trace;
	FILE *out;
	struct error *error;
	bool started;
};

/* Text in JSON; it takes the value over. */
static void print_json(struct writer *writer, json_t *value)
{
	char *encoded = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	if (encoded)
		fputs(encoded, writer->out);
	else
		error_memory(writer->error, "timeline");
	free(encoded);
	json_decref(value);
}

static void begin_event(struct writer *writer)
{
	fputs(writer->started ? ",\n" : "\n", writer->out);
	writer->started = true;
}

static void print_args(struct writer *writer, const struct trace_event *event)
{
	json_t *args;

	if (event->holder)
		args = json_pack("{s:o}", "holder",
				 json_sprintf("%s, guest %" PRIu32 ", %s, thread %" PRIu32,
					      event->holder->name, event->holder->guest,
					      event->holder->flow, event->holder->thread));
	else
		args = json_pack("{s:b, s:o, s:o}", "counted", event->counted, "flow",
				 json_text(event->flow), "where", json_text(event->where));
	fputs(", \"args\": ", writer->out);
	print_json(writer, args);
}

static void print_event(struct writer *writer, const struct trace_event *event)
{
	static const char *const phases[] = { "E", "B", "C", "s", "f", "b", "e" };

	begin_event(writer);
	fprintf(writer->out, "{\"ph\": \"%s\", \"name\": ", phases[event->kind]);
	print_json(writer, event->suffix ? json_sprintf("%s (%s)", event->name, event->suffix)
					 : json_text(event->name));
	fprintf(writer->out,
		", \"cat\": \"%s\", \"pid\": %" PRIu32 ", \"tid\": %" PRIu32 ", \"ts\": %" PRId64
		".%03d",
		event->category, event->place.process, event->place.track, event->at_ns / 1000,
		(int)(event->at_ns % 1000));
	if (event->kind == SLICE)
		print_args(writer, event);
	else if (event->kind == COUNTER)
		fprintf(writer->out, ", \"args\": {\"value\": %.0f}", event->value);
	else if (event->kind != SLICE_END)
		fprintf(writer->out, ", \"id\": %zu%s", event->order,
			event->kind == FLOW_END ? ", \"bp\": \"e\"" : "");
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
	print_json(writer, json_text(name));
	fputs("}}", writer->out);
}

static void print_process(struct writer *writer, uint32_t process, const char *name)
{
	print_metadata(writer, "process_name", (struct place){ process, 0 }, name);
}

static void print_guests(struct writer *writer, const struct simulation_config *config)
{
	uint32_t process = FIRST_PROCESS;

	print_process(writer, process++, "host");
	for (size_t g = 0; g < config->guest_count; g++) {
		for (int64_t i = 0; i < config->guests[g].count; i++, process++) {
			char name[NAME_MAX_LENGTH];

			snprintf(name, sizeof(name),
				 config->guests[g].count > 1 ? "%s %" PRId64 : "%s",
				 config->guests[g].name, i);
			print_process(writer, process, name);
		}
	}
}

static void print_hosts(struct writer *writer, const struct population *population)
{
	print_process(writer, FIRST_PROCESS, "fleet");
	for (int64_t i = 0; i < population->hosts; i++) {
		char name[32];

		snprintf(name, sizeof(name), "host %" PRId64, i);
		print_process(writer, FIRST_PROCESS + 1 + (uint32_t)i, name);
	}
}

static void print_names(struct writer *writer)
{
	const struct simulation_config *config = &writer->trace->scenario->simulation;
	const char *key;
	json_t *number;

	if (config->population)
		print_hosts(writer, config->population);
	else
		print_guests(writer, config);
	json_object_foreach(writer->trace->places, key, number)
	{
		char *behind;
		struct place place = { (uint32_t)strtoul(key, &behind, 10),
				       (uint32_t)json_integer_value(number) };

		print_metadata(writer, "thread_name", place, behind + 1);
	}
}

uint32_t trace_process_count(const struct simulation_config *config)
{
	uint32_t count = 1;

	if (config->population)
		return count + (uint32_t)config->population->hosts;
	for (size_t g = 0; g < config->guest_count; g++)
		count += (uint32_t)config->guests[g].count;
	return count;
}

bool trace_write(const struct trace *trace, FILE *out, struct error *error)
{
	struct writer writer = { trace, out, error, false };

	fputs("{\"displayTimeUnit\": \"ms\", \"otherData\": ", out);
	print_json(&writer,
		   json_pack("{s:o, s:I, s:I}", "scenario", json_text(trace->scenario->name),
			     "seed", (json_int_t)trace->scenario->simulation.seed, "replication",
			     (json_int_t)trace->replication));
	fputs(", \"traceEvents\": [", out);
	print_names(&writer);
	for (size_t i = 0; i < trace->count; i++)
		print_event(&writer, &trace->events[i]);
	fputs("\n]}\n", out);
	if (ferror(out))
		error_set(error, ERROR_OUTPUT, "cannot write the timeline");
	return error->kind == ERROR_NONE;
}
