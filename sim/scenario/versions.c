#include "scenario/versions.h"

#include <string.h>

#include "base/memory.h"
#include "document/record.h"
#include "flow/model.h"
#include "flow/version.h"

/* The guest that is being read, and what it stands on. */
struct reading {
	struct loader *loader;
	const char *pointer;
	json_t *object;
	struct guest_config *guest;
	const struct host_config *host;
};

static bool is_strategy(const struct version_row *row)
{
	return row->key && strcmp(row->key, "strategy") == 0;
}

/* --- what holds -------------------------------------------------------------- */

static bool take_default(const struct reading *reading, const struct version_row *row)
{
	const struct field *own = record_field(reading->guest->model->parameters, row->key);
	struct field field = *own;

	field.fallback = row->value;
	return field_read_fallback(&field, (char *)reading->guest->parameters + field.offset,
				   reading->loader->error);
}

/* Rows are constants and hold JSON: only memory can be missing. */
static bool says_otherwise(const struct version_row *row, json_t *given)
{
	json_t *value = json_loads(row->value, JSON_DECODE_ANY, NULL);
	bool differs = value && !json_equal(value, given);

	json_decref(value);
	return differs;
}

static void warn_of_key(const struct reading *reading, const struct version_row *row)
{
	char inner[POINTER_MAX], span[PROGRAM_TEXT];

	version_row_format_span(span, row);
	pointer_to_key(inner, reading->pointer, row->key);
	loader_warning(reading->loader, inner, "%s has %s %s: %s", span, row->key, row->value,
		       row->what);
}

/* Whether anything was taken from it; false on failure, too. */
static bool apply_row(const struct reading *reading, const struct version_row *row, bool *taken)
{
	json_t *given = row->key ? json_object_get(reading->object, row->key) : NULL;

	*taken = !given;
	if (row->term)
		return true;
	if (!given)
		return take_default(reading, row);
	if (!row->optional && says_otherwise(row, given))
		warn_of_key(reading, row);
	return true;
}

/* --- what does not ----------------------------------------------------------- */

static void warn_of_strategy(const struct reading *reading, const struct version_row *row,
			     int64_t version)
{
	const char *strategy = reading->guest->model->strategies[reading->guest->strategy].name;
	char quoted[100], inner[POINTER_MAX], span[PROGRAM_TEXT], named[PROGRAM_TEXT];

	snprintf(quoted, sizeof(quoted), "\"%s\"", strategy);
	if (strcmp(quoted, row->value) != 0 || version_row_holds(row, version))
		return;
	version_row_format_span(span, row);
	program_format(named, row->program, version);
	pointer_to_key(inner, reading->pointer, "strategy");
	loader_warning(reading->loader, inner, "%s has no strategy %s; %s: %s", named, strategy,
		       span, row->what);
}

/* The first row of a key or price says whether any of them holds. */
static bool is_first(const struct version_row *row, const struct guest_config *guest)
{
	for (const struct version_row *other = version_table; other < row; other++)
		if (other->program == row->program && version_row_concerns(other, guest) &&
		    !is_strategy(other) &&
		    (row->key ? other->key && strcmp(other->key, row->key) == 0
			      : other->term && strcmp(other->term, row->term) == 0))
			return false;
	return true;
}

static bool any_holds(const struct version_row *first, const struct guest_config *guest,
		      int64_t version)
{
	for (const struct version_row *row = first; row < version_table + version_table_count;
	     row++)
		if (row->program == first->program && version_row_concerns(row, guest) &&
		    (first->key ? row->key && strcmp(row->key, first->key) == 0
				: row->term && strcmp(row->term, first->term) == 0) &&
		    version_row_holds(row, version))
			return true;
	return false;
}

static void warn_of_gap(const struct reading *reading, const struct version_row *row,
			int64_t version)
{
	char named[PROGRAM_TEXT];

	if (row->program == PROGRAM_VMM || is_strategy(row) || !is_first(row, reading->guest) ||
	    any_holds(row, reading->guest, version))
		return;
	program_format(named, row->program, version);
	loader_warning(
		reading->loader, reading->pointer,
		"the table of versions does not say what %s does with \"%s\": the default stands "
		"(sim models %s lists the versions)",
		named, row->key ? row->key : row->term, reading->guest->model->name);
}

static void warn_of_program(const struct reading *reading, enum version_program program,
			    const char *key)
{
	int64_t version = version_of(program, reading->guest, reading->host);
	char named[PROGRAM_TEXT], newest[PROGRAM_TEXT], inner[POINTER_MAX];

	if (version <= version_newest[program])
		return;
	program_format(named, program, version);
	program_format(newest, program, version_newest[program]);
	pointer_to_key(inner, program == PROGRAM_KERNEL ? "/host" : reading->pointer, key);
	loader_warning(
		reading->loader, inner,
		"%s is later than what the table of versions was made from, %s: what holds there "
		"is taken",
		named, newest);
}

/* --- the whole ---------------------------------------------------------------- */

bool versions_apply(struct loader *loader, const char *pointer, json_t *object,
		    struct guest_config *guest)
{
	const struct reading reading = { loader, pointer, object, guest,
					 &loader->scenario->simulation.host };

	guest->versions = memory_array(version_table_count, sizeof(*guest->versions), "versions",
				       loader->error);
	if (!guest->versions)
		return false;
	for (size_t i = 0; i < version_table_count; i++) {
		const struct version_row *row = &version_table[i];
		int64_t version = version_of(row->program, guest, reading.host);
		bool taken = false;

		if (!version || !version_row_concerns(row, guest))
			continue;
		warn_of_gap(&reading, row, version);
		if (is_strategy(row))
			warn_of_strategy(&reading, row, version);
		else if (version_row_holds(row, version) && !apply_row(&reading, row, &taken))
			return false;
		if (taken)
			guest->versions[guest->version_count++] = row;
	}
	if (guest == loader->scenario->simulation.guests) /* once of the host */
		warn_of_program(&reading, PROGRAM_KERNEL, "kernel");
	warn_of_program(&reading, PROGRAM_QEMU, "qemu");
	return true;
}

bool versions_origins(const struct guest_config *guest, const struct host_config *host,
		      const char *pointer, json_t *origins)
{
	for (size_t i = 0; i < guest->version_count; i++) {
		const struct version_row *row = guest->versions[i];
		char inner[POINTER_MAX], named[PROGRAM_TEXT];

		if (!row->key)
			continue;
		program_format(named, row->program, version_of(row->program, guest, host));
		pointer_to_key(inner, pointer, row->key);
		if (json_object_set_new(origins, inner, json_string(named)) != 0)
			return false;
	}
	return true;
}
