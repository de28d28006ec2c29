#include "scenario/published.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "document/record.h"

/* --- the format ------------------------------------------------------------- */

#define AT(struct_, member) offsetof(struct struct_, member)

const char *const published_use_names[] = {
	"calibrate", "predict", "bound", "explain", "miss", NULL
};
const char *const published_statistic_names[] = { "mean", "max", "p50", "p99", NULL };
const char *const published_unit_names[] = { "ns",    "us",  "ms",    "s", "pages",
					     "bytes", "MiB", "count", NULL };
const struct published_unit published_units[] = { { "ns", 1 },         { "ns", 1e3 },
						  { "ns", 1e6 },       { "ns", 1e9 },
						  { "pages", 1 },      { "bytes", 1 },
						  { "bytes", 0x1p20 }, { "count", 1 } };

static const struct field row_fields[] = {
	{ "label", FIELD_NAME, AT(published_row, label), NULL, .help = "what the row is about" },
	{ "set", FIELD_ANY, 0, "null",
	  .help = "values of the scenario that the row changes: an object from JSON pointers to "
		  "values" },
	{ "published", FIELD_NUMBER, AT(published_row, published), NULL,
	  .help = "the figure, in the table's unit" },
	{ "use", FIELD_CHOICE, AT(published_row, use), NULL, .choices = published_use_names,
	  .help = "calibrate: a parameter of the profile was chosen by it; predict: judged; bound: "
		  "judged, the prediction must not be above it; explain: only the shape; miss: "
		  "judged, and known to be missed" },
	{ "metric", FIELD_NAME, AT(published_row, metric), "null",
	  .help = "name of a metric, instead of the table's" },
	{ "statistic", FIELD_CHOICE, AT(published_row, statistic), "\"mean\"",
	  .choices = published_statistic_names, .help = "of the observations" },
	{ "note", FIELD_TEXT, AT(published_row, note), "null",
	  .help = "a remark; why the figure is only explained, or missed" },
	{ .key = NULL },
};
static const struct record row_record = { "row", "A published figure.",
					  sizeof(struct published_row), row_fields };

static const struct field slope_fields[] = {
	{ "from", FIELD_NAME, AT(published_slope, from), NULL, .help = "label of a row" },
	{ "to", FIELD_NAME, AT(published_slope, to), NULL, .help = "label of a row" },
	{ "per", FIELD_NUMBER, AT(published_slope, per), NULL,
	  .help = "what the difference of the two rows is divided by" },
	{ "published", FIELD_NUMBER, AT(published_slope, published), NULL,
	  .help = "the figure, in the table's unit" },
	{ "tolerance", FIELD_RATIO, AT(published_slope, tolerance), NULL, 0, 1,
	  .help = "allowed relative error" },
	{ .key = NULL },
};
static const struct record slope_record = { "slope", "What each further one of something costs.",
					    sizeof(struct published_slope), slope_fields };

static const struct field table_fields[] = {
	{ "$schema", FIELD_ANY, 0, "null", .help = "path of published.schema.json, for editors" },
	{ "name", FIELD_NAME, AT(published_table, name), NULL, .help = "title of the table" },
	{ "source", FIELD_TEXT, AT(published_table, source), NULL,
	  .help = "who published it: author, title, year, message-id" },
	{ "platform", FIELD_TEXT, AT(published_table, platform), NULL,
	  .help = "the machine, which figures calibrate the profile, and other sources of it" },
	{ "scenario", FIELD_TEXT, AT(published_table, scenario), NULL,
	  .help = "path of the scenario, relative to the table's file" },
	{ "metric", FIELD_NAME, AT(published_table, metric), NULL,
	  .help = "name of a metric, for example start.latency" },
	{ "group", FIELD_NAME, AT(published_table, group), "null",
	  .help = "name of a guest, or \"host\"; none: the first that has the metric" },
	{ "unit", FIELD_CHOICE, AT(published_table, unit), NULL, .choices = published_unit_names,
	  .help = "of the figures" },
	{ "tolerance", FIELD_RATIO, AT(published_table, tolerance), "null", 0, 1,
	  .help = "allowed relative error" },
	{ "tolerance_absolute", FIELD_NUMBER, AT(published_table, tolerance_absolute), "null", 0,
	  1e300, .help = "allowed error in the unit; meeting either tolerance suffices" },
	{ "rows", FIELD_RECORDS, AT(published_table, rows), NULL, .record = &row_record,
	  .help = "the figures" },
	{ "slope", FIELD_RECORD, AT(published_table, slope), "null", .record = &slope_record,
	  .help = "(prediction of `to` - prediction of `from`) / `per`, judged" },
	{ .key = NULL },
};
const struct record published_record = { "published table", "A published table.",
					 sizeof(struct published_table), table_fields };

/* --- reading ---------------------------------------------------------------- */

enum { ROWS_MAX = 1000 };

const struct published_row *published_row(const struct published_table *table, size_t index)
{
	return &((const struct published_row *)table->rows.items)[index];
}

static json_t *settings_of(const struct published_table *table, size_t index)
{
	return json_object_get(json_array_get(json_object_get(table->document.root, "rows"), index),
			       "set");
}

static bool check_row(const struct published_table *table, size_t index, struct error *error)
{
	const struct published_row *row = published_row(table, index);
	json_t *set = settings_of(table, index), *value;
	char pointer[POINTER_MAX];
	const char *key;

	snprintf(pointer, sizeof(pointer), "/rows/%zu", index);
	if (!row->note && (row->use == PUBLISHED_EXPLAIN || row->use == PUBLISHED_MISS))
		return document_error(&table->document, pointer, error,
				      "a row of use \"%s\" needs a \"note\" that says why",
				      published_use_names[row->use]);
	pointer_to_key(pointer, pointer, "set");
	if (set && !json_is_object(set))
		return document_error(
			&table->document, pointer, error,
			"an object is needed, {\"/guests/0/memory\": \"4GiB\"} for example");
	json_object_foreach(set, key, value)
	{
		if (key[0] != '/' || strchr(key, '='))
			return document_key_error(
				&table->document, pointer, key, error,
				"a JSON pointer is needed, /guests/0/memory for example");
	}
	return true;
}

/* The row that a label of the slope names; it must be one. */
static bool find_row(const struct published_table *table, const char *pointer, const char *label,
		     size_t *index, struct error *error)
{
	size_t found = 0;

	for (size_t i = 0; i < table->rows.count; i++) {
		if (strcmp(published_row(table, i)->label, label) != 0)
			continue;
		*index = i;
		found++;
	}
	return found == 1 || document_error(&table->document, pointer, error,
					    found ? "more than one row is labelled \"%.60s\""
						  : "no row is labelled \"%.60s\"",
					    label);
}

static bool check(struct published_table *table, struct error *error)
{
	const struct document *document = &table->document;

	if (!json_object_get(document->root, "tolerance") &&
	    !json_object_get(document->root, "tolerance_absolute"))
		return document_error(document, "", error,
				      "the table needs \"tolerance\" or \"tolerance_absolute\"");
	if (!table->rows.count || table->rows.count > ROWS_MAX)
		return document_error(document, "/rows", error, "1 to %d rows are needed",
				      ROWS_MAX);
	for (size_t i = 0; i < table->rows.count; i++)
		if (!check_row(table, i, error))
			return false;
	if (!table->slope.from)
		return true;
	if (table->slope.per == 0)
		return document_error(document, "/slope/per", error, "must not be 0");
	return find_row(table, "/slope/from", table->slope.from, &table->slope_from, error) &&
	       find_row(table, "/slope/to", table->slope.to, &table->slope_to, error);
}

bool published_read(struct published_table *table, const char *path, struct error *error)
{
	struct document *document = &table->document;

	*table = (struct published_table){ 0 };
	if (!document_read(document, path, error))
		return false;
	if (record_read_whole(document, &published_record, document->root, "", table, error) &&
	    check(table, error))
		return true;
	published_fini(table);
	return false;
}

void published_fini(struct published_table *table)
{
	record_fini(&published_record, table);
	document_fini(&table->document);
}

/* --- the scenario of a row ---------------------------------------------------- */

static bool scenario_path(const struct published_table *table, char path[PATH_MAX],
			  struct error *error)
{
	const char *file = table->document.path, *slash = strrchr(file, '/');
	int folder = slash ? (int)(slash - file) : 1, written;

	if (table->scenario[0] == '/')
		written = snprintf(path, PATH_MAX, "%s", table->scenario);
	else
		written = snprintf(path, PATH_MAX, "%.*s/%s", folder, slash ? file : ".",
				   table->scenario);
	return (written >= 0 && written < PATH_MAX) ||
	       document_error(&table->document, "/scenario", error, "the path is too long");
}

/* Pass an error of the row's scenario on, with the place of the row. */
static void row_error(const struct published_table *table, size_t index, const struct error *own,
		      struct error *error)
{
	char pointer[POINTER_MAX];
	size_t line = 1, column = 1;

	snprintf(pointer, sizeof(pointer), "/rows/%zu", index);
	document_position(&table->document, pointer, CARET_VALUE, &line, &column);
	error_set(error, own->kind, "%s\n%s:%zu:%zu: note: in the row \"%s\"", own->message,
		  table->document.path, line, column, published_row(table, index)->label);
}

/* A value of the settings, as JSON text. */
static bool add_setting(const struct published_table *table, struct setting *settings,
			size_t *count, const char *pointer, json_t *value, struct error *error)
{
	settings[*count].text = pointer;
	settings[*count].file = table->document.path;
	settings[*count].value =
		value ? json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17)) : NULL;
	return settings[(*count)++].value || error_memory(error, "setting");
}

bool published_scenario(const struct published_table *table, size_t index, const char *platform,
			struct scenario *scenario, struct error *error)
{
	json_t *set = settings_of(table, index), *value;
	json_t *other = platform ? json_string(platform) : NULL;
	size_t count = 0;
	struct setting *settings =
		memory_array(json_object_size(set) + 1, sizeof(*settings), "settings", error);
	struct error own = { 0 };
	char path[PATH_MAX];
	const char *pointer;
	bool ok = false;

	if (!settings || !scenario_path(table, path, error))
		goto out;
	json_object_foreach(set, pointer, value)
	{
		if (!add_setting(table, settings, &count, pointer, value, error))
			goto out;
	}
	if (platform && !add_setting(table, settings, &count, "/platform", other, error))
		goto out;
	ok = scenario_load(scenario, path, settings, count, NULL, &own);
	if (!ok)
		row_error(table, index, &own, error);
out:
	for (size_t i = 0; i < count; i++)
		free((char *)settings[i].value);
	free(settings);
	json_decref(other);
	return ok;
}
