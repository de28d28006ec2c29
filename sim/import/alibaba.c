/*
 * Alibaba's cluster-trace-v2018: containers of long-running services, and batch work as tasks
 * (planned sizes, a number of instances) or as instances (measured sizes). The tables have no
 * heading; the number of columns tells which one a file is. Columns: schema.md of the dataset.
 *
 * Times are seconds of the 8 days, and 0 stands for all that is outside. 100 of a CPU are one
 * core; memory is a percentage of the largest machine; -1 and 101 are invalid.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "import/cells.h"
#include "import/import.h"

enum { INSTANCES_MOST = 1000000 };

static double bytes_of(const struct import *import, double percent)
{
	return percent / 100 * (double)import->options->machine_memory_bytes;
}

/* Both sizes of a row; false: it is left out. */
static bool read_sizes(struct import *import, const struct lines *lines, const char *cpu,
		       const char *memory, struct vm *vm)
{
	double cores, percent;

	if (!cell_number(cpu, &cores) || !cell_number(memory, &percent)) {
		import_leave_out(import, lines, "CPU or memory are empty or not a number");
		return false;
	}
	if (percent < 0 || percent > 100 || cores < 0) {
		import_leave_out(import, lines, "CPU or memory are marked as invalid (-1 or 101)");
		return false;
	}
	return import_sizes(import, lines, cores / 100, bytes_of(import, percent), vm);
}

/* --- containers ---------------------------------------------------------- */

/* A row of container_meta.csv; what happened to a container is told by its rows, by time. */
struct change {
	uint64_t container; /* hash of its name */
	int64_t time_s;
	int64_t memory_bytes;
	int32_t vcpus;
	uint32_t row; /* of the file */
	bool runs;
};

struct changes {
	struct change *items;
	size_t count, capacity;
};

enum { CONTAINER, CONTAINER_TIME = 2, CONTAINER_STATUS = 4, CPU_REQUEST, CPU_LIMIT, MEM_SIZE };
static const char *const container_columns[] = { "container_id", "machine_id", "time_stamp",
						 "app_du",       "status",     "cpu_request",
						 "cpu_limit",    "mem_size",   NULL };

static bool read_container(struct import *import, const struct table *table,
			   const struct lines *lines, void *context)
{
	struct changes *changes = context;
	const char *status = table_cell(table, CONTAINER_STATUS);
	uint64_t name = import_hash(0, table_cell(table, CONTAINER));
	struct vm sizes = { 0 };
	int64_t time_s;

	if (!import_in_share(import, name))
		return true;
	if (!cell_integer(table_cell(table, CONTAINER_TIME), &time_s) || time_s < 0) {
		import_leave_out(import, lines, "time_stamp is not a number of seconds");
		return true;
	}
	if (strcasecmp(status, "started") != 0 && strcasecmp(status, "allocated") != 0 &&
	    strcasecmp(status, "stopped") != 0) {
		import_leave_out(import, lines, "the status of a container is not known");
		return true;
	}
	if (!read_sizes(import, lines, table_cell(table, CPU_REQUEST), table_cell(table, MEM_SIZE),
			&sizes))
		return true;
	if (changes->count == IMPORT_VMS_MOST)
		return lines_error(lines,
				   "more than %d rows: take some of the containers "
				   "(--share=0.1)",
				   IMPORT_VMS_MOST);
	if (!memory_reserve(&changes->items, &changes->capacity, changes->count + 1,
			    sizeof(*changes->items), "containers", import->error))
		return false;
	changes->items[changes->count] = (struct change){
		.container = name,
		.time_s = time_s,
		.memory_bytes = sizes.memory_bytes,
		.vcpus = sizes.vcpus,
		.row = (uint32_t)changes->count,
		.runs = strcasecmp(status, "started") == 0,
	};
	/* one that is only allocated holds its sizes already, but does not run */
	if (strcasecmp(status, "allocated") != 0)
		changes->count++;
	return true;
}

static int by_container(const void *a, const void *b)
{
	const struct change *left = a, *right = b;

	if (left->container != right->container)
		return left->container < right->container ? -1 : 1;
	if (left->time_s != right->time_s)
		return left->time_s < right->time_s ? -1 : 1;
	return left->row < right->row ? -1 : left->row > right->row;
}

static bool add_container(struct import *import, const struct change *begin, int64_t end_ns)
{
	struct vm vm = { .arrival_ns = begin->time_s ? begin->time_s * IMPORT_NS : -1,
			 .end_ns = end_ns,
			 .memory_bytes = begin->memory_bytes,
			 .vcpus = begin->vcpus };

	return import_add(import, NULL, vm);
}

static bool fold_containers(struct import *import, const struct changes *changes)
{
	const struct change *running = NULL;

	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->items[i];
		bool last = i + 1 == changes->count ||
			    changes->items[i + 1].container != change->container;

		if (change->runs && !running)
			running = change;
		else if (!change->runs && running) {
			if (!add_container(import, running, change->time_s * IMPORT_NS))
				return false;
			running = NULL;
		}
		if (last && running && !add_container(import, running, OUTLIVES))
			return false;
		if (last)
			running = NULL;
	}
	return true;
}

static bool read_containers(struct import *import, const char *path)
{
	struct table table = { .name = "container_meta.csv",
			       .columns = container_columns,
			       .needed = 1 << CONTAINER | 1 << CONTAINER_TIME |
					 1 << CONTAINER_STATUS | 1 << CPU_REQUEST | 1 << MEM_SIZE };
	struct changes changes = { 0 };
	bool ok = import_rows(import, &table, path, read_container, &changes);

	if (ok) {
		if (changes.count)
			qsort(changes.items, changes.count, sizeof(*changes.items), by_container);
		ok = fold_containers(import, &changes);
	}
	import_remark(import, "a container has the vCPUs that it requests (not its limit)");
	free(changes.items);
	return ok;
}

/* --- batch ---------------------------------------------------------- */

/* Where the columns of a batch table are. */
struct batch {
	const char *file;
	const char *const *columns;
	int names[3], status, start, end, cpu, memory, instances; /* instances -1: one */
};

static const char *const task_columns[] = { "task_name", "instance_num", "job_name",
					    "task_type", "status",       "start_time",
					    "end_time",  "plan_cpu",     "plan_mem",
					    NULL };
static const char *const instance_columns[] = { "instance_name", "task_name",  "job_name",
						"task_type",     "status",     "start_time",
						"end_time",      "machine_id", "seq_no",
						"total_seq_no",  "cpu_avg",    "cpu_max",
						"mem_avg",       "mem_max",    NULL };

static const struct batch tasks = { "batch_task.csv", task_columns, { 0, 2, 0 }, 4, 5, 6, 7, 8, 1 };
static const struct batch instances = {
	"batch_instance.csv", instance_columns, { 0, 1, 2 }, 4, 5, 6, 11, 13, -1
};

static bool waits(const char *status)
{
	return strcasecmp(status, "Waiting") == 0 || strcasecmp(status, "Ready") == 0;
}

static bool read_batch(struct import *import, const struct table *table, const struct lines *lines,
		       void *context)
{
	const struct batch *batch = context;
	uint64_t name = 0;
	int64_t start_s, end_s, count = 1;
	struct vm vm;

	for (int i = 0; i < 3; i++)
		name = import_hash(name, table_cell(table, batch->names[i]));
	if (!import_in_share(import, name))
		return true;
	if (waits(table_cell(table, batch->status))) {
		import_leave_out(import, lines, "it was waiting, and never ran");
		return true;
	}
	if (!cell_integer(table_cell(table, batch->start), &start_s) || start_s < 0 ||
	    start_s > 1000000000 || !cell_integer(table_cell(table, batch->end), &end_s) ||
	    end_s < 0 || end_s > 1000000000) {
		import_leave_out(import, lines,
				 "start_time or end_time is not a number of seconds");
		return true;
	}
	if (batch->instances >= 0 && (!cell_integer(table_cell(table, batch->instances), &count) ||
				      count < 1 || count > INSTANCES_MOST)) {
		import_leave_out(import, lines, "the number of instances is not 1 to 1000000");
		return true;
	}
	if (!start_s && !end_s) {
		import_leave_out(import, lines, "it ran outside of the trace's time");
		return true;
	}
	vm.arrival_ns = start_s ? start_s * IMPORT_NS : -1;
	vm.end_ns = end_s ? end_s * IMPORT_NS : OUTLIVES;
	if (!read_sizes(import, lines, table_cell(table, batch->cpu),
			table_cell(table, batch->memory), &vm))
		return true;
	for (int64_t i = 0; i < count; i++)
		if (!import_add(import, lines, vm))
			return false;
	return true;
}

static bool read_batches(struct import *import, const char *path, const struct batch *batch)
{
	struct table table = { .name = batch->file,
			       .columns = batch->columns,
			       .needed = 1u << batch->names[0] | 1u << batch->names[1] |
					 1u << batch->names[2] | 1u << batch->start |
					 1u << batch->end | 1u << batch->cpu |
					 1u << batch->memory };
	struct batch copy = *batch;

	import_remark(import, batch == &tasks
				      ? "each instance of a batch task is a VM of the planned size "
					"from the task's start to its end"
				      : "a batch instance has the most CPU and memory that it "
					"used, for no plan is given");
	return import_rows(import, &table, path, read_batch, &copy);
}

/* --- which table ---------------------------------------------------------- */

static size_t columns_of(const char *text)
{
	size_t count = 1;

	for (; *text; text++)
		count += *text == ',';
	return count;
}

static bool read_file(struct import *import, const char *path)
{
	struct lines lines;
	size_t columns = 0;

	if (!lines_open(&lines, path, import->error))
		return false;
	if (lines_next(&lines))
		columns = columns_of(lines.text);
	if (columns != 8 && columns != 9 && columns != 14)
		lines_error(&lines,
			    "%zu columns: container_meta.csv has 8, batch_task.csv 9, "
			    "batch_instance.csv 14 (tables of machines and of usage are not "
			    "needed)",
			    columns);
	lines_close(&lines);
	if (import->error->kind != ERROR_NONE)
		return false;
	return columns == 8 ? read_containers(import, path)
			    : read_batches(import, path, columns == 9 ? &tasks : &instances);
}

bool alibaba2018_read(struct import *import, const char *const *paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!read_file(import, paths[i]))
			return false;
	return true;
}
