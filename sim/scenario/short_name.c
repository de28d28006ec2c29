#include "scenario/short_name.h"

#include <stdio.h>
#include <string.h>

#include "document/record.h"
#include "flow/model.h"
#include "scenario/tables.h"

bool short_name_pointer(const struct simulation_config *config, size_t guest, const char *name,
			char pointer[POINTER_MAX])
{
	if (strcmp(name, "size") == 0)
		name = "memory";
	if (record_field(&guest_record, name) ||
	    record_field(config->guests[guest].model->parameters, name)) {
		snprintf(pointer, POINTER_MAX, "/guests/%zu", guest);
		pointer_to_key(pointer, pointer, name);
		return true;
	}
	pointer_to_key(pointer, "/host", name);
	return record_field(&host_record, name) != NULL;
}

static void add_keys(struct candidates *candidates, const struct record *record)
{
	for (const struct field *field = record->fields; field->key; field++)
		candidates_add(candidates, field->key);
}

void short_name_candidates(const struct simulation_config *config, size_t guest,
			   struct candidates *candidates)
{
	candidates_add(candidates, "size");
	add_keys(candidates, &guest_record);
	add_keys(candidates, config->guests[guest].model->parameters);
	add_keys(candidates, &host_record);
}
