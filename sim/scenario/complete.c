#include "scenario/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document/document.h"
#include "document/record.h"
#include "flow/metric_kind.h"
#include "flow/model.h"
#include "flow/version.h"
#include "scenario/platform.h"
#include "scenario/tables.h"

enum { WORD_MAX = 2 * POINTER_MAX };

void completion_offer(const struct completion *completion, const char *word)
{
	if (strncmp(word, completion->word, strlen(completion->word)) == 0)
		completion->visit(word, completion->data);
}

void completion_offer_all(const struct completion *completion, const char *const *words)
{
	for (; *words; words++)
		completion_offer(completion, *words);
}

/* Where a pointer has led. */
struct at {
	const struct completion *completion;
	char before[WORD_MAX]; /* of the word: what stays as it was typed */
	const json_t *root, *value;
	const struct record *record, *own; /* of the object there; NULL: not known */
	const struct field *field;         /* the last that was entered; NULL: an item */
	const char *key;                   /* its name, or what was typed for it */
	bool list;
};

static void offer(const struct at *at, const char *word, const char *behind)
{
	char whole[WORD_MAX + 256];

	snprintf(whole, sizeof(whole), "%s%.200s%.2s", at->before, word, behind);
	completion_offer(at->completion, whole);
}

static const json_t *item_called(const json_t *list, const char *token)
{
	char *end;
	size_t index = strtoul(token, &end, 10);

	if (end != token && !*end)
		return json_array_get(list, index);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name =
			json_string_value(json_object_get(json_array_get(list, i), "name"));

		if (name && strcmp(name, token) == 0)
			return json_array_get(list, i);
	}
	return NULL;
}

static const struct model *model_of(const json_t *guest)
{
	const char *name = json_string_value(json_object_get(guest, "model"));
	const struct field *field = record_field(&guest_record, "model");
	char fallback[64];

	if (!name && field->fallback) { /* JSON: the name in quotes */
		snprintf(fallback, sizeof(fallback), "%.*s",
			 (int)strcspn(field->fallback + 1, "\""), field->fallback + 1);
		name = fallback;
	}
	return name ? model_find(name) : NULL;
}

static bool holds_list(const struct at *at, const struct field *field, const json_t *value)
{
	return json_is_array(value) || (field && field->kind == FIELD_RECORDS) ||
	       (field && at->record == &scenario_record && strcmp(field->key, "guests") == 0);
}

static const struct field *field_of(const struct at *at, const char *key)
{
	const struct field *field = at->record ? record_field(at->record, key) : NULL;

	return !field && at->own ? record_field(at->own, key) : field;
}

static void enter(struct at *at, char *token)
{
	if (at->list) {
		const struct model *model;

		at->value = item_called(at->value, token);
		model = at->record == &guest_record ? model_of(at->value) : NULL;
		at->own = model ? model->parameters : NULL;
		at->field = NULL;
		at->list = false;
	} else {
		const json_t *value = json_object_get(at->value, token);
		const struct field *field = field_of(at, token);

		at->list = holds_list(at, field, value);
		at->record = at->record == &scenario_record && strcmp(token, "guests") == 0
				     ? &guest_record
				     : (field ? field->record : NULL);
		at->own = NULL;
		at->value = value;
		at->field = field;
	}
	at->key = token;
}

/* --- what may stand next ------------------------------------------------------------ */

static void offer_key(const struct at *at, const char *key)
{
	const struct field *field = field_of(at, key);
	const json_t *value = json_object_get(at->value, key);
	bool inner = json_is_object(value) || holds_list(at, field, value) ||
		     (field && (field->kind == FIELD_RECORD || field->record));

	if (strncmp(key, "//", 2) != 0 && *key != '$')
		offer(at, key, inner ? "/" : "=");
}

static void offer_record(const struct at *at, const struct record *record)
{
	for (const struct field *field = record ? record->fields : NULL; field && field->key;
	     field++)
		offer_key(at, field->key);
}

static void offer_members(const struct at *at)
{
	const char *key;
	json_t *value;

	offer_record(at, at->record);
	offer_record(at, at->own);
	json_object_foreach((json_t *)at->value, key, value)
	{
		if (!field_of(at, key))
			offer_key(at, key);
	}
}

static void offer_items(const struct at *at)
{
	size_t count = json_array_size(at->value);

	for (size_t i = 0; i < count || (!at->value && i == 0); i++) {
		const json_t *item = json_array_get(at->value, i);
		const char *name = json_string_value(json_object_get(item, "name"));
		const char *behind = json_is_object(item) || !item ? "/" : "=";
		char number[32];

		snprintf(number, sizeof(number), "%zu", i);
		offer(at, number, behind);
		if (name && !strpbrk(name, "/~"))
			offer(at, name, behind);
	}
}

/* --- values ----------------------------------------------------------------------------- */

static void offer_strategies(const struct at *at, const json_t *guest)
{
	const struct model *model = model_of(guest);

	for (size_t s = 0; model && s < model->strategy_count; s++)
		offer(at, model->strategies[s].name, "");
}

static void offer_names(const struct at *at, const char *const *names)
{
	for (; names && *names; names++)
		offer(at, *names, "");
}

static void offer_to(const char *word, void *at)
{
	offer(at, word, "");
}

/* The versions at which something changes, oldest first, and the newest that is known. */
static void offer_versions(const struct at *at, enum version_program program)
{
	char text[VERSION_TEXT];

	for (int64_t last = 0, next; last < version_newest[program]; last = next) {
		next = version_newest[program];
		for (size_t i = 0; i < version_table_count; i++) {
			const struct version_row *row = &version_table[i];

			if (row->program != program)
				continue;
			if (row->from > last && row->from < next)
				next = row->from;
			if (row->below > last && row->below < next)
				next = row->below;
		}
		version_format(text, next);
		offer(at, text, "");
	}
}

static void offer_values(struct at *at, const json_t *parent)
{
	const struct completion inner = { "", offer_to, at };
	static const char *const flags[] = { "true", "false", NULL };

	if (strcmp(at->key, "model") == 0)
		offer_names(at, model_names);
	else if (strcmp(at->key, "strategy") == 0)
		offer_strategies(at, parent);
	else if (strcmp(at->key, "metric") == 0)
		complete_metrics(&inner);
	else if (strcmp(at->key, "platform") == 0)
		offer_names(at, shipped_profile_names);
	else if (strcmp(at->key, "guests") == 0 || strcmp(at->key, "group") == 0)
		complete_guests(&inner, at->root);
	else if (at->field && at->field->kind == FIELD_VERSION)
		offer_versions(at, strcmp(at->key, "kernel") == 0 ? PROGRAM_KERNEL : PROGRAM_QEMU);
	else if (at->field && at->field->kind == FIELD_CHOICE)
		offer_names(at, at->field->choices);
	else if (at->field && at->field->kind == FIELD_FLAG)
		offer_names(at, flags);
}

void complete_metrics(const struct completion *completion)
{
	for (size_t i = 0; i < METRIC_KINDS; i++)
		if (!metric_is_family(&metric_kinds[i]))
			completion_offer(completion, metric_kinds[i].name);
}

void complete_guests(const struct completion *completion, const json_t *root)
{
	const json_t *guests = json_object_get(root, "guests");

	for (size_t i = 0; i < json_array_size(guests); i++) {
		const char *name =
			json_string_value(json_object_get(json_array_get(guests, i), "name"));

		if (name)
			completion_offer(completion, name);
	}
}

void complete_pointer(const struct completion *completion, const json_t *root)
{
	struct at at = {
		.completion = completion, .root = root, .value = root, .record = &scenario_record
	};
	char pointer[POINTER_MAX], token[POINTER_MAX];
	size_t length = strcspn(completion->word, "="), kept;
	bool has_value = completion->word[length] == '=';
	const json_t *parent = root;
	const char *rest = pointer, *comma;

	if (strlen(completion->word) >= sizeof(pointer))
		return;
	if (!*completion->word) {
		offer(&at, "/", "");
		return;
	}
	snprintf(pointer, sizeof(pointer), "%.*s", (int)length, completion->word);
	kept = has_value
		       ? length + 1
		       : (size_t)(strrchr(pointer, '/') ? strrchr(pointer, '/') - pointer + 1 : 0);
	comma = has_value ? strrchr(completion->word, ',') : NULL;
	if (comma)
		kept = (size_t)(comma - completion->word) + 1;
	if (!has_value && kept)
		pointer[kept - 1] = '\0';
	snprintf(at.before, sizeof(at.before), "%.*s", (int)kept, completion->word);
	while (pointer_next(&rest, token)) {
		parent = at.value;
		enter(&at, token);
	}
	if (has_value && at.key)
		offer_values(&at, parent);
	else if (!has_value && at.list)
		offer_items(&at);
	else if (!has_value)
		offer_members(&at);
}
