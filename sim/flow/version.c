#include "flow/version.h"

#include <stdio.h>
#include <string.h>

#include "flow/model.h"

const char *const vmm_names[VMMS + 1] = {
	[VMM_QEMU] = "qemu",
	[VMM_QEMU_MICROVM] = "qemu-microvm",
	[VMM_CLOUD_HYPERVISOR] = "cloud-hypervisor",
	[VMM_FIRECRACKER] = "firecracker",
	[VMM_KATA] = "kata",
	[VMMS] = NULL,
};

static bool has_key(const struct model *model, const char *key)
{
	for (const struct field *field = model->parameters->fields; field->key; field++)
		if (strcmp(field->key, key) == 0)
			return true;
	return false;
}

/* The value of the key "strategy" is JSON text: a name in quotes. */
static bool has_strategy(const struct model *model, const char *quoted)
{
	for (size_t s = 0; s < model->strategy_count; s++) {
		const char *name = model->strategies[s].name;
		size_t length = strlen(name);

		if (strncmp(quoted + 1, name, length) == 0 &&
		    strcmp(quoted + 1 + length, "\"") == 0)
			return true;
	}
	return false;
}

bool version_row_is_of(const struct version_row *row, const struct model *model)
{
	if (row->model && strcmp(row->model, model->name) != 0)
		return false;
	if (row->term)
		return model_term(model, row->term) != NO_TERM;
	return strcmp(row->key, "strategy") == 0 ? has_strategy(model, row->value)
						 : has_key(model, row->key);
}

int64_t version_of(enum version_program program, const struct guest_config *guest,
		   const struct host_config *host)
{
	switch (program) {
	case PROGRAM_KERNEL:
		return host->kernel;
	case PROGRAM_QEMU:
		return guest->qemu;
	case PROGRAM_VMM:
		return guest->vmm;
	case PROGRAMS:
		break;
	}
	return 0;
}

bool version_row_concerns(const struct version_row *row, const struct guest_config *guest)
{
	const struct model *model = guest->model;
	unsigned int runs_on =
		model->architecture ? 1u << model->architecture(guest) : model->architectures;

	return version_row_is_of(row, model) &&
	       (!row->architectures || (row->architectures & runs_on));
}

bool version_speaks(enum version_program program, const struct guest_config *guest,
		    const struct host_config *host)
{
	int64_t version = version_of(program, guest, host);

	for (size_t i = 0; i < version_table_count; i++)
		if (version_table[i].program == program &&
		    version_row_concerns(&version_table[i], guest) &&
		    version_row_holds(&version_table[i], version))
			return true;
	return false;
}

const struct version_row *version_price(const struct guest_config *guest, size_t term)
{
	const char *name = guest->model->terms[term].name;

	for (size_t i = 0; i < guest->version_count; i++)
		if (guest->versions[i]->term && strcmp(guest->versions[i]->term, name) == 0)
			return guest->versions[i];
	return NULL;
}

void program_format(char text[PROGRAM_TEXT], enum version_program program, int64_t version)
{
	static const char *const names[PROGRAMS] = { "Linux", "QEMU", "" };
	char number[VERSION_TEXT];

	if (program == PROGRAM_VMM) {
		snprintf(text, PROGRAM_TEXT, "%s", vmm_names[version]);
		return;
	}
	version_format(number, version);
	snprintf(text, PROGRAM_TEXT, "%s %s", names[program], number);
}

void version_row_format_span(char text[PROGRAM_TEXT], const struct version_row *row)
{
	const char *name = row->program == PROGRAM_QEMU ? "QEMU" : "Linux";
	char from[VERSION_TEXT], below[VERSION_TEXT];

	version_format(from, row->from);
	version_format(below, row->below);
	if (row->program == PROGRAM_VMM)
		snprintf(text, PROGRAM_TEXT, "%s", vmm_names[row->from]);
	else if (row->from == VERSION_NEVER)
		snprintf(text, PROGRAM_TEXT, "no %s", name);
	else if (row->from && row->below)
		snprintf(text, PROGRAM_TEXT, "%s from %s, before %s", name, from, below);
	else if (row->from)
		snprintf(text, PROGRAM_TEXT, "%s from %s", name, from);
	else if (row->below)
		snprintf(text, PROGRAM_TEXT, "%s before %s", name, below);
	else
		snprintf(text, PROGRAM_TEXT, "any %s", name);
}
