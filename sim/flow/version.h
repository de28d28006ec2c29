#ifndef SIM_FLOW_VERSION_H
#define SIM_FLOW_VERSION_H

/*
 * Which flows, switches and prices stand for which versions of the programs that a VM lives on.
 *
 * A scenario may name the host's kernel, a guest's QEMU, and its VMM. The table (models/versions.c)
 * then says what holds there: the default of a key of the guest, or the value of a price, for
 * every model that has it. Without a name nothing is asked of the table, but that the VMM is QEMU
 * with firmware, of which it has no rows.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/version.h"
#include "flow/term.h"

struct guest_config;
struct host_config;
struct model;

enum version_program { PROGRAM_KERNEL, PROGRAM_QEMU, PROGRAM_VMM, PROGRAMS };

/* A VMM is looked up as if it were a version: its number. */
enum vmm { VMM_QEMU, VMM_QEMU_MICROVM, VMM_CLOUD_HYPERVISOR, VMM_FIRECRACKER, VMM_KATA, VMMS };
extern const char *const vmm_names[VMMS + 1]; /* "qemu", "cloud-hypervisor", ..., NULL */

/* One thing that holds in the versions from .. below - 1. */
struct version_row {
	enum version_program program;
	int64_t from, below;        /* VERSION(...); 0: no bound is known, or there is none */
	const char *model;          /* whose; NULL: of all that have the key or the price */
	unsigned int architectures; /* bit i: enum architecture i; 0: any */
	/* A key of the guest and its value as JSON text. "strategy": that is there in these versions. */
	const char *key, *value;
	bool optional; /* a scenario may well say something else of the key */
	/* Or a price. */
	const char *term;
	double mean_ns, low_ns, high_ns;
	enum term_status status;
	const char *what; /* what happens there, and who says so */
};

extern const struct version_row version_table[];
extern const size_t version_table_count;

/* The latest version that the table was made from; of VMMs none. */
extern const int64_t version_newest[PROGRAMS];

/* Whether the row speaks of the model at all: its key, strategy or price is one of the model's. */
bool version_row_is_of(const struct version_row *row, const struct model *model);

/* What the guest runs on; 0: it is not named. */
int64_t version_of(enum version_program program, const struct guest_config *guest,
		   const struct host_config *host);

/* Whether the row speaks of the guest: of its model, on its architecture. */
bool version_row_concerns(const struct version_row *row, const struct guest_config *guest);

/* Whether the version lies in the row's span. */
static inline bool version_row_holds(const struct version_row *row, int64_t version)
{
	return version >= row->from && (!row->below || version < row->below);
}

/* Whether any row speaks of the guest on what it runs on by that program. */
bool version_speaks(enum version_program program, const struct guest_config *guest,
		    const struct host_config *host);

/* The row that says what the term costs the guest, or NULL. */
const struct version_row *version_price(const struct guest_config *guest, size_t term);

/* "Linux 6.12", "QEMU 9.2", "firecracker". */
enum { PROGRAM_TEXT = 64 };
void program_format(char text[PROGRAM_TEXT], enum version_program program, int64_t version);

/* "Linux from 5.18, before 6.6", "QEMU from 8.0", "firecracker", "any Linux". */
void version_row_format_span(char text[PROGRAM_TEXT], const struct version_row *row);

#endif
