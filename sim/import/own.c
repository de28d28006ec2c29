/* sim's own traces: to mend a unit, to take a share of the VMs or a window of time. */

#include <stdio.h>

#include "import/cells.h"
#include "import/import.h"

enum { ARRIVAL, VCPUS, MEMORY, LIFETIME };
static const char *const columns[] = { "arrival_s", "vcpus", "memory_gib", "lifetime_s", NULL };

static bool read_row(struct import *import, const struct table *table, const struct lines *lines,
		     void *context)
{
	const char *lives = table_cell(table, LIFETIME);
	struct vm vm = { .end_ns = OUTLIVES };
	double arrival, vcpus, memory, lifetime = 0;
	int64_t lifetime_ns = 0;
	char number[32];

	(void)context;
	snprintf(number, sizeof(number), "%zu", lines->number);
	if (!import_in_share(import, import_hash(0, number)))
		return true;
	if (!cell_number(table_cell(table, ARRIVAL), &arrival) || arrival < 0 ||
	    !import_seconds(arrival, &vm.arrival_ns) ||
	    (*lives && (!cell_number(lives, &lifetime) || lifetime < 0 ||
			!import_seconds(lifetime, &lifetime_ns)))) {
		import_leave_out(import, lines,
				 "arrival_s or lifetime_s is not a number of seconds");
		return true;
	}
	if (!cell_number(table_cell(table, VCPUS), &vcpus) ||
	    !cell_number(table_cell(table, MEMORY), &memory)) {
		import_leave_out(import, lines, "vCPUs or memory are not a number");
		return true;
	}
	if (*lives)
		vm.end_ns = vm.arrival_ns + lifetime_ns;
	return !import_sizes(import, lines, vcpus, memory * import_memory_unit(import), &vm) ||
	       import_add(import, lines, vm);
}

bool own_read(struct import *import, const char *const *paths, size_t count)
{
	struct table table = {
		.name = "a trace of sim", .columns = columns, .needed = 15, .heading = true
	};

	(void)count;
	return import_rows(import, &table, paths[0], read_row, NULL);
}
