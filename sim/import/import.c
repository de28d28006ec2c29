#include "import/import.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "base/layout.h"
#include "base/memory.h"
#include "engine/stream.h"
#include "report/output.h"

const char *const running_names[] = { "keep", "leave-out", NULL };
const char *const memory_unit_names[] = { "format", "GiB", "MiB", "B", NULL };

/* --- what formats say ---------------------------------------------------------- */

static void tally_add(struct tally *tally, const struct lines *lines, const char *what)
{
	size_t i = 0;

	while (i < tally->count && tally->rows[i].what != what)
		i++;
	if (i == TALLY_MOST)
		return;
	if (i == tally->count) {
		tally->rows[i].what = what;
		if (lines) {
			tally->rows[i].path = lines->path;
			tally->rows[i].line = lines->number;
		}
		tally->count++;
	}
	tally->rows[i].count++;
}

void import_leave_out(struct import *import, const struct lines *lines, const char *why)
{
	tally_add(&import->left_out, lines, why);
}

void import_assume(struct import *import, const struct lines *lines, const char *what)
{
	tally_add(&import->assumed, lines, what);
}

void import_remark(struct import *import, const char *what)
{
	tally_add(&import->remarks, NULL, what);
}

uint64_t import_hash(uint64_t hash, const char *text)
{
	if (!hash)
		hash = 0xcbf29ce484222325;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return hash;
}

bool import_in_share(struct import *import, uint64_t hash)
{
	/* FNV's high bits are weak for short texts: mix them (the finaliser of MurmurHash3) */
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
	hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53;
	hash ^= hash >> 33;
	if ((double)(hash >> 11) * 0x1p-53 < import->options->share)
		return true;
	import->not_in_share++;
	return false;
}

bool import_seconds(double seconds, int64_t *ns)
{
	*ns = fabs(seconds) < 4e9 ? (int64_t)llround(seconds * 1e9) : 0;
	return fabs(seconds) < 4e9;
}

bool import_sizes(struct import *import, const struct lines *lines, double vcpus,
		  double memory_bytes, struct vm *vm)
{
	double whole = fmax(ceil(vcpus - 1e-9), 1);

	if (!(vcpus >= 0) || whole > 4096) {
		import_leave_out(import, lines, "vCPUs are not between 0 and 4096");
		return false;
	}
	if (!(memory_bytes >= 4096) || memory_bytes > 0x1p50) {
		import_leave_out(import, lines, "memory is not between 4 KiB and 1 PiB");
		return false;
	}
	if (whole - vcpus > 1e-9)
		import_assume(import, NULL, "have a part of a vCPU: rounded up to whole ones");
	vm->vcpus = (int32_t)whole;
	vm->memory_bytes = llround(memory_bytes / 4096) * 4096;
	return true;
}

/* --- random times within the resolution ---------------------------------------------------------- */

void import_draw(const struct import *import, double u[2])
{
	struct stream_name name = { .seed = (uint64_t)import->options->seed,
				    .entity = (uint32_t)import->offered };
	struct stream stream;

	if (!stream_begin(&stream, &name))
		return; /* no part of this name is out of range */
	u[0] = stream_uniform(&stream);
	u[1] = stream_uniform(&stream);
}

/*
 * Times are known to the resolution only, and VMs that share one would all arrive at once: they
 * are spread evenly over it. What begins and ends in the same interval does so in that order.
 */
static void spread(const struct import *import, struct vm *vm)
{
	double width = (double)import->options->spread_ns, u[2] = { 0 };
	bool same = vm->end_ns <= vm->arrival_ns;

	if (width <= 0 || vm->arrival_ns < 0 || import->format->draws)
		return;
	import_draw(import, u);
	vm->arrival_ns += (int64_t)(width * (same ? fmin(u[0], u[1]) : u[0]));
	if (vm->end_ns != OUTLIVES)
		vm->end_ns += (int64_t)(width * (same ? fmax(u[0], u[1]) : u[1]));
}

bool import_add(struct import *import, const struct lines *lines, struct vm vm)
{
	const struct trace_options *options = import->options;

	if (vm.end_ns != OUTLIVES && vm.end_ns < vm.arrival_ns) {
		import_leave_out(import, lines, "it ends before it begins");
		return true;
	}
	if (options->end_ns && vm.end_ns >= options->end_ns)
		vm.end_ns = OUTLIVES;
	spread(import, &vm);
	vm.serial = (uint32_t)import->offered++;
	if (options->until_ns && vm.arrival_ns >= options->until_ns) {
		import_leave_out(import, lines, "it arrives after --until");
		return true;
	}
	if (options->from_ns) {
		if (vm.end_ns <= options->from_ns) {
			import_leave_out(import, lines, "it ends before --from");
			return true;
		}
		vm.arrival_ns =
			vm.arrival_ns < options->from_ns ? -1 : vm.arrival_ns - options->from_ns;
		if (vm.end_ns != OUTLIVES)
			vm.end_ns -= options->from_ns;
	}
	if (vm.arrival_ns < 0) {
		if (options->running == RUNNING_LEAVE_OUT) {
			import_leave_out(import, lines, "it ran when the trace began");
			return true;
		}
		vm.arrival_ns = 0;
		import_assume(import, NULL,
			      "ran when the trace began: they arrive at 0, all at once "
			      "(--running=leave-out leaves them out)");
	}
	if (import->count == IMPORT_VMS_MOST)
		return lines_error(lines,
				   "more than %d VMs, which is what a trace of sim holds: "
				   "take some of them (--share=0.1) or a time (--until=3d)",
				   IMPORT_VMS_MOST);
	if (!memory_reserve(&import->vms, &import->capacity, import->count + 1, sizeof(vm), "trace",
			    import->error))
		return false;
	import->vms[import->count++] = vm;
	return true;
}

/* --- writing ---------------------------------------------------------- */

static int by_arrival(const void *a, const void *b)
{
	const struct vm *left = a, *right = b;

	if (left->arrival_ns != right->arrival_ns)
		return left->arrival_ns < right->arrival_ns ? -1 : 1;
	return left->serial < right->serial ? -1 : left->serial > right->serial;
}

/* Seconds of nanoseconds, exactly, without zeros behind: at most 20 characters. */
static const char *seconds(char text[32], int64_t ns)
{
	int length = snprintf(text, 32, "%lld.%09lld", (long long)(ns / IMPORT_NS),
			      (long long)(ns % IMPORT_NS));

	while (text[length - 1] == '0')
		text[--length] = '\0';
	if (text[length - 1] == '.')
		text[--length] = '\0';
	return text;
}

static int format_vm(char line[128], const struct vm *vm)
{
	char arrival[32], lifetime[32] = "";

	if (vm->end_ns != OUTLIVES)
		seconds(lifetime, vm->end_ns - vm->arrival_ns);
	return snprintf(line, 128, "%s,%d,%.13g,%s\n", seconds(arrival, vm->arrival_ns), vm->vcpus,
			(double)vm->memory_bytes * 0x1p-30, lifetime);
}

static const char heading[] = "arrival_s,vcpus,memory_gib,lifetime_s\n";

static bool write_plain(const struct import *import, FILE *out)
{
	char line[128];

	fputs(heading, out);
	for (size_t i = 0; i < import->count; i++) {
		format_vm(line, &import->vms[i]);
		fputs(line, out);
	}
	return report_check(out, import->error);
}

static bool write_packed(const struct import *import, FILE *out)
{
	int file = dup(fileno(out));
	gzFile packed = file < 0 ? NULL : gzdopen(file, "wb6");
	char line[128];
	bool ok;

	if (!packed) {
		if (file >= 0)
			close(file);
		return error_memory(import->error, "gzip");
	}
	ok = gzputs(packed, heading) > 0;
	for (size_t i = 0; ok && i < import->count; i++)
		ok = gzwrite(packed, line, (unsigned int)format_vm(line, &import->vms[i])) > 0;
	ok = gzclose_w(packed) == Z_OK && ok;
	return ok || error_set(import->error, ERROR_OUTPUT, "cannot write the trace");
}

static bool write_trace(const struct import *import, const char *path)
{
	struct output output;
	size_t length = path ? strlen(path) : 0;

	if (!output_open(&output, path, import->error))
		return false;
	if (length > 3 && strcmp(path + length - 3, ".gz") == 0)
		write_packed(import, output.stream);
	else
		write_plain(import, output.stream);
	return output_close(&output, import->error);
}

/* --- the whole ---------------------------------------------------------- */

static bool check(const struct trace_format *format, const struct trace_options *options,
		  size_t count, struct error *error)
{
	if (count < format->fewest || (format->most && count > format->most))
		return error_set(error, ERROR_INPUT, "%s needs %s: %s", format->name,
				 format->most == 1 ? "one file" : "these files", format->files);
	if (format->shares && (options->machine_cores <= 0 || options->machine_memory_bytes <= 0))
		return error_set(
			error, ERROR_INPUT,
			"%s: sizes are shares of the largest machine, which the trace does "
			"not tell: say how large it is (--machine-cores=64 "
			"--machine-memory=512GiB)",
			format->name);
	if (options->until_ns && options->until_ns <= options->from_ns)
		return error_set(error, ERROR_INPUT, "--until must be later than --from");
	return true;
}

static bool print_account(const struct import *import, const char *const *paths, size_t files,
			  const char *out_path, FILE *out, struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	account_print(import, paths, files, out_path, layout.stream);
	return layout_close(&layout, error);
}

bool trace_import(const struct trace_format *format, const struct trace_options *given,
		  const char *const *paths, size_t count, const char *out_path, FILE *account,
		  struct error *error)
{
	struct trace_options options = *given;
	struct import import = { .format = format, .options = &options, .error = error };
	bool ok = check(format, given, count, error);

	if (options.spread_ns < 0)
		options.spread_ns = format->resolution_ns;
	if (!options.end_ns)
		options.end_ns = format->end_ns;
	ok = ok && format->read(&import, paths, count) && error->kind == ERROR_NONE;
	if (ok) {
		if (import.count)
			qsort(import.vms, import.count, sizeof(*import.vms), by_arrival);
		ok = print_account(&import, paths, count, out_path, account, error);
		if (ok)
			ok = import.count
				     ? write_trace(&import, out_path)
				     : error_set(error, ERROR_INPUT,
						 "%s: error: no VM is left, so there is no trace",
						 paths[0]);
	}
	free(import.vms);
	return ok;
}
