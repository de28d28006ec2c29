/* The VM tables of the Azure Public Dataset, V1 (2017) and V2 (2019). */

#include <string.h>

#include "import/cells.h"
#include "import/import.h"

enum { ID, CREATED = 3, DELETED = 4, VCPUS = 9, MEMORY = 10 };
enum { NEEDED = 1 << CREATED | 1 << DELETED | 1 << VCPUS | 1 << MEMORY };

/* AzurePublicDatasetV1.md and AzurePublicDatasetV2.md: the same but for the sizes. */
static const char *const columns_2017[] = { "vmid",        "subscriptionid", "deploymentid",
					    "vmcreated",   "vmdeleted",      "maxcpu",
					    "avgcpu",      "p95maxcpu",      "vmcategory",
					    "vmcorecount", "vmmemory",       NULL };
static const char *const columns_2019[] = {
	"vmid",   "subscriptionid", "deploymentid", "vmcreated",         "vmdeleted",      "maxcpu",
	"avgcpu", "p95maxcpu",      "vmcategory",   "vmcorecountbucket", "vmmemorybucket", NULL
};

/* A bucket is named by its upper bound. The last one is open, and something stands for it. */
struct bucket {
	const char *open;
	double stands;
	const char *assumed;
};

struct buckets {
	struct bucket vcpus, memory;
};

/* A size in the column's unit, as bytes or vCPUs. */
static bool read_size(struct import *import, const struct lines *lines, const char *text,
		      const struct bucket *bucket, double unit, double *size)
{
	if (bucket && strcmp(text, bucket->open) == 0) {
		*size = bucket->stands;
		import_assume(import, lines, bucket->assumed);
		return true;
	}
	if (!cell_number(text, size))
		return false;
	*size *= unit;
	return true;
}

static bool read_times(const struct table *table, struct vm *vm)
{
	double created, deleted;

	return cell_number(table_cell(table, CREATED), &created) && created >= 0 &&
	       cell_number(table_cell(table, DELETED), &deleted) &&
	       import_seconds(created, &vm->arrival_ns) && import_seconds(deleted, &vm->end_ns);
}

static bool read_row(struct import *import, const struct table *table, const struct lines *lines,
		     void *context)
{
	const struct buckets *buckets = context;
	const char *cores = table_cell(table, VCPUS), *memory = table_cell(table, MEMORY);
	struct vm vm = { 0 };
	double vcpus, bytes;

	if (!buckets && (*cores == '>' || *memory == '>'))
		return lines_error(lines,
				   "\"%.8s\" is a bucket: this is the table of 2019 "
				   "(--format=azure2019)",
				   *cores == '>' ? cores : memory);
	if (!import_in_share(import, import_hash(0, table_cell(table, ID))))
		return true;
	if (!read_times(table, &vm)) {
		import_leave_out(import, lines,
				 "vmcreated or vmdeleted is not a number of seconds");
		return true;
	}
	if (!read_size(import, lines, cores, buckets ? &buckets->vcpus : NULL, 1, &vcpus) ||
	    !read_size(import, lines, memory, buckets ? &buckets->memory : NULL,
		       import_memory_unit(import), &bytes)) {
		import_leave_out(import, lines, "vCPUs or memory are not a number");
		return true;
	}
	if (vm.arrival_ns == 0) /* the trace's begin, or any time before it */
		vm.arrival_ns = -1;
	return !import_sizes(import, lines, vcpus, bytes, &vm) || import_add(import, lines, vm);
}

static bool read_table(struct import *import, const char *path, const char *const *columns,
		       struct buckets *buckets)
{
	struct table table = { .name = "vmtable.csv", .columns = columns, .needed = NEEDED };

	return import_rows(import, &table, path, read_row, buckets);
}

bool azure2017_read(struct import *import, const char *const *paths, size_t count)
{
	(void)count;
	return read_table(import, paths[0], columns_2017, NULL);
}

bool azure2019_read(struct import *import, const char *const *paths, size_t count)
{
	/* 30 and 70 as in the dataset's notebook, analysis/Azure 2019 Public Dataset V2 */
	const struct trace_options *options = import->options;
	struct buckets buckets = {
		.vcpus = { ">24", options->largest_vcpus ? (double)options->largest_vcpus : 30,
			   options->largest_vcpus
				   ? "are of the bucket \">24\" vCPUs: counted as --largest-vcpus"
				   : "are of the bucket \">24\" vCPUs: counted as 30 "
				     "(--largest-vcpus)" },
		.memory = { ">64",
			    options->largest_memory_bytes ? (double)options->largest_memory_bytes
							  : 70 * 0x1p30,
			    options->largest_memory_bytes
				    ? "are of the bucket \">64\" GB: counted as --largest-memory"
				    : "are of the bucket \">64\" GB: counted as 70 GiB "
				      "(--largest-memory)" },
	};

	(void)count;
	import_remark(import, "a size is the upper bound of its bucket, so VMs are too large "
			      "rather than too small");
	return read_table(import, paths[0], columns_2019, &buckets);
}
