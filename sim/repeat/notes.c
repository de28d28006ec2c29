#include "repeat/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/quantity.h"
#include "flow/model.h"
#include "flow/version.h"

enum { NOTES_MOST = 16, BLOCKED_MOST = 6, TRIED_MOST = 16, VERSIONS_MOST = 4 };

bool result_note(struct result *result, struct error *error, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (result->note_count == NOTES_MOST)
		return true;
	if (!result->notes)
		result->notes = memory_array(NOTES_MOST, sizeof(*result->notes), "notes", error);
	if (!result->notes)
		return false;
	result->notes[result->note_count] = memory_text(text, error);
	return result->notes[result->note_count++] != NULL;
}

/* Requests without end: in the first replication that shows it, who waits for whom? */
static bool note_blocked(struct result *result, const struct replications *replications,
			 struct error *error)
{
	static char texts[BLOCKED_MOST][BLOCKED_TEXT];
	struct simulation *simulation = replications->names;
	uint64_t unfinished = 0;

	for (size_t i = 0; i < result->counter_count; i++)
		if (counter_kind_of(result->counters[i].name) == &counter_kinds[COUNTER_UNFINISHED])
			unfinished += result->counters[i].value;
	for (uint32_t r = 0; unfinished && r < result->replications && r < TRIED_MOST; r++) {
		size_t count;

		if (!simulation_run(simulation, r, error))
			return false;
		count = simulation_blocked(simulation, texts, BLOCKED_MOST);
		for (size_t i = 0; i < count; i++)
			if (!result_note(result, error, "At the end of replication %u, %s.", r,
					 texts[i]))
				return false;
		if (count)
			break;
	}
	return true;
}

/* An answer that is mostly queue is the answer to another question. */
static bool note_queue(struct result *result, struct error *error)
{
	const struct result_metric *answer = &result->metrics[result->answer];

	for (size_t i = 0; i < result->part_count; i++) {
		const struct result_part *part = &result->parts[i];

		if (!result_part_is_of(part, answer) || answer->n < 3 ||
		    strncmp(part->step, "queued behind", 13) != 0 || part->share < 0.5)
			continue;
		return result_note(result, error,
				   "%.3g %% of %s of %s is time behind earlier requests: they come "
				   "faster than they are served. QEMU keeps one reset request; "
				   "\"coalesce\": true on the event lets those that wait be one.",
				   100 * part->share, answer->name, answer->group);
	}
	return true;
}

static bool is_charged(const struct result *result, const struct guest_config *guest, int term)
{
	for (size_t i = 0; i < result->counter_count; i++)
		if (strcmp(result->counters[i].name, guest->model->terms[term].name) == 0 &&
		    strcmp(result->counters[i].group, guest->name) == 0)
			return result->counters[i].value > 0;
	return false;
}

/* A figure is used for larger guests than its source had. */
static bool note_domains(struct result *result, const struct scenario *scenario,
			 struct error *error)
{
	const struct simulation_config *config = &scenario->simulation;

	for (size_t g = 0; g < config->guest_count; g++) {
		const struct guest_config *guest = &config->guests[g];
		const struct term_domain *domain = guest->model->domains;

		for (; domain && domain->term != NO_TERM; domain++) {
			char bytes[32], ours[32];

			if (!is_charged(result, guest, domain->term) ||
			    (guest->vcpus <= domain->vcpus &&
			     guest->memory_bytes <= domain->memory_bytes))
				continue;
			quantity_format_exact(bytes, QUANTITY_BYTES, domain->memory_bytes);
			quantity_format_exact(ours, QUANTITY_BYTES, guest->memory_bytes);
			if (!result_note(result, error,
					 "The source of %s ends at %lld vCPUs and %s; guest %s has "
					 "%lld and %s: its price there is extrapolated.",
					 guest->model->terms[domain->term].name,
					 (long long)domain->vcpus, bytes, guest->name,
					 (long long)guest->vcpus, ours))
				return false;
		}
	}
	return true;
}

/* " zap \"async\"," or " qemu.start 12ms,": text of our own. */
static void add_row(char *text, size_t size, const struct version_row *row)
{
	size_t length = strlen(text);
	char price[32];

	if (row->key) {
		snprintf(text + length, size - length, " %s %s,", row->key, row->value);
		return;
	}
	quantity_format_exact(price, QUANTITY_DURATION, (int64_t)row->mean_ns);
	snprintf(text + length, size - length, " %s %s,", row->term, price);
}

/*
 * What cannot change anything is left out: a key (pin_batched, of a guest without devices), a price
 * that was not charged, or that a profile or the scenario has said since.
 */
static bool matters(const struct result *result, const struct version_row *row,
		    const struct guest_config *guest, const struct host_config *host)
{
	const struct model *model = guest->model;
	int term;

	if (row->key)
		return !model->ignored || !model->ignored(guest, host, row->key);
	term = model_term(model, row->term);
	return term != NO_TERM && guest->costs[term].law.mean_ns == row->mean_ns &&
	       is_charged(result, guest, term);
}

/* What a guest has because of the version of one program. */
static bool note_program(struct result *result, const struct scenario *scenario,
			 const struct guest_config *guest, enum version_program program,
			 struct error *error)
{
	char text[700] = "", named[PROGRAM_TEXT];

	for (size_t i = 0; i < guest->version_count; i++)
		if (guest->versions[i]->program == program &&
		    matters(result, guest->versions[i], guest, &scenario->simulation.host))
			add_row(text, sizeof(text), guest->versions[i]);
	if (!*text)
		return true;
	text[strlen(text) - 1] = '\0';
	program_format(named, program, version_of(program, guest, &scenario->simulation.host));
	return result_note(result, error, "On %s guest %s has%s (sim models %s says why).", named,
			   guest->name, text, guest->model->name);
}

static bool note_versions(struct result *result, const struct scenario *scenario,
			  struct error *error)
{
	const struct simulation_config *config = &scenario->simulation;

	for (size_t g = 0; g < config->guest_count && g < VERSIONS_MOST; g++)
		for (int program = 0; program < PROGRAMS; program++)
			if (!note_program(result, scenario, &config->guests[g],
					  (enum version_program)program, error))
				return false;
	return true;
}

static const struct guest_config *answering_guest(const struct result *result,
						  const struct scenario *scenario)
{
	const struct simulation_config *config = &scenario->simulation;

	if (result->answer >= result->metric_count || scenario->fleet)
		return NULL;
	for (size_t g = 0; g < config->guest_count; g++)
		if (strcmp(config->guests[g].name, result->metrics[result->answer].group) == 0)
			return &config->guests[g];
	return NULL;
}

/* Strategies beside the one that ran, and how to set them side by side. */
static bool fill_alternatives(struct result *result, const struct scenario *scenario,
			      struct error *error)
{
	const struct guest_config *guest = answering_guest(result, scenario);
	char names[512] = "", values[512] = "";
	size_t named = 0, valued = 0;

	for (size_t s = 0; guest && s < guest->model->strategy_count; s++) {
		const struct strategy *strategy = &guest->model->strategies[s];
		bool has_it = false;

		for (int i = 0; i < OPERATION_COUNT; i++)
			has_it = has_it ||
				 (strategy->flows[i] &&
				  strcmp(metric_kinds[metric_of_operation((enum operation)i)].name,
					 result->metrics[result->answer].name) == 0);
		if (!has_it || strategy == guest->design)
			continue;
		named += (size_t)snprintf(names + named, sizeof(names) - named, "%s%s",
					  named ? ", " : "", strategy->name);
		valued += (size_t)snprintf(values + valued, sizeof(values) - valued, ",%s",
					   strategy->name);
		if (named >= sizeof(names) || valued >= sizeof(values))
			break;
	}
	if (!named)
		return true;
	if (asprintf(&result->alternatives,
		     "Other strategies of %s: %s (sim compare --over /guests/%zu/strategy=%s%s)",
		     guest->model->name, names, (size_t)(guest - scenario->simulation.guests),
		     guest->design->name, values) >= 0)
		return true;
	result->alternatives = NULL;
	return error_memory(error, "strategies");
}

/* The trace of a fleet goes on where the experiment ends. */
static bool note_trace(struct result *result, const struct scenario *scenario, struct error *error)
{
	int64_t left_ns = scenario_trace_left_ns(scenario);

	return left_ns <= 0 ||
	       result_note(result, error,
			   "The trace goes on for %.3g h after experiment.until: what arrives then "
			   "is left out.",
			   (double)left_ns / 3.6e12);
}

bool notes_fill(struct result *result, const struct scenario *scenario,
		const struct replications *replications, struct error *error)
{
	return fill_alternatives(result, scenario, error) && note_trace(result, scenario, error) &&
	       (scenario->fleet || note_blocked(result, replications, error)) &&
	       (result->answer >= result->metric_count || note_queue(result, error)) &&
	       note_domains(result, scenario, error) && note_versions(result, scenario, error);
}
