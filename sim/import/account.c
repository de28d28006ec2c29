#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "import/account_row.h"
#include "import/import.h"
#include "report/text_tools.h"

#define DURATION(ns) VALUE(UNIT_NANOSECONDS, (double)(ns))

/* Behind this many mean distances between arrivals lies a gap; see find_gaps. */
#define GAP_FACTOR 10

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void print_tally(const struct tally *tally, const char *label, const char *between,
			FILE *out)
{
	for (size_t i = 0; i < tally->count; i++) {
		char place[512] = "";

		if (tally->rows[i].path)
			snprintf(place, sizeof(place), " (first: %s:%zu)", tally->rows[i].path,
				 tally->rows[i].line);
		account_row(out, label, "%zu%s%s%s", tally->rows[i].count, between,
			    tally->rows[i].what, place);
	}
}

static void print_remarks(const struct import *import, FILE *out)
{
	int64_t width = import->options->spread_ns;

	for (size_t i = 0; i < import->remarks.count; i++)
		account_row(out, "taken as", "%s", import->remarks.rows[i].what);
	if (width > 0 && !import->format->draws)
		account_row(out, "times",
			    "multiples of %s: spread evenly over it with seed %" PRId64
			    " (--spread=0s keeps them)",
			    DURATION(width), import->options->seed);
}

/*
 * Of n arrivals at random the largest distance is about ln n times the mean one; ten times that
 * is not chance, unless times are known to that only.
 */
static void print_gaps(const struct import *import, FILE *out)
{
	double mean, limit;
	size_t gaps = 0, where = 0;
	int64_t longest = 0;

	if (import->count < 100)
		return;
	mean = (double)import->vms[import->count - 1].arrival_ns / (double)import->count;
	limit = fmax(GAP_FACTOR * mean * log((double)import->count),
		     2 * (double)import->options->spread_ns);
	for (size_t i = 1; i < import->count; i++) {
		int64_t distance = import->vms[i].arrival_ns - import->vms[i - 1].arrival_ns;

		gaps += (double)distance > limit;
		if (distance > longest) {
			longest = distance;
			where = i - 1;
		}
	}
	if (gaps)
		account_row(
			out, "gaps",
			"%zu time%s without arrivals; the longest, %s, begins at %s: perhaps data "
			"is missing",
			gaps, plural(gaps), DURATION(longest),
			DURATION(import->vms[where].arrival_ns));
}

/* The largest sizes that clouds sell have 32 GiB for each vCPU, the smallest half a GiB. */
static void print_doubts(const struct import *import, FILE *out)
{
	size_t large = 0, small = 0;

	for (size_t i = 0; i < import->count; i++) {
		double per_vcpu = (double)import->vms[i].memory_bytes / import->vms[i].vcpus;

		large += per_vcpu > 128 * 0x1p30;
		small += per_vcpu < 16 * 0x1p20;
	}
	if (large * 2 > import->count)
		account_row(out, "warning",
			    "more than half of the VMs have over 128 GiB for each vCPU: sizes look "
			    "like MiB (--memory-unit=MiB)");
	if (small * 2 > import->count)
		account_row(out, "warning",
			    "more than half of the VMs have less than 16 MiB for each vCPU: is the "
			    "unit of the memory right?");
}

static void print_sums(const struct import *import, FILE *out)
{
	size_t outlive = 0;
	double bytes = 0, vcpus = 0;

	for (size_t i = 0; i < import->count; i++) {
		outlive += import->vms[i].end_ns == OUTLIVES;
		bytes += (double)import->vms[i].memory_bytes;
		vcpus += import->vms[i].vcpus;
	}
	account_row(out, "VMs", "%zu, with %.15g vCPUs and %s in all, which arrive within %s",
		    import->count, vcpus, VALUE(UNIT_BYTES, bytes),
		    DURATION(import->count ? import->vms[import->count - 1].arrival_ns : 0));
	account_row(out, "at the end", "%zu outlive%s the trace: no lifetime", outlive,
		    outlive == 1 ? "s" : "");
}

void account_print(const struct import *import, const char *const *paths, size_t files,
		   const char *out_path, FILE *out)
{
	char more[64] = "";

	if (files > 1)
		snprintf(more, sizeof(more), " and %zu more file%s", files - 1, plural(files - 1));
	print_visible(out, "%s: %s%s%s%s\n", import->format->name, paths[0], more,
		      out_path ? " -> " : "", out_path ? out_path : "");
	account_row(out, "rows read", "%zu", import->rows);
	print_sums(import, out);
	print_remarks(import, out);
	print_tally(&import->assumed, "of them", " ", out);
	print_tally(&import->left_out, "left out", ": ", out);
	if (import->not_in_share)
		account_row(out, "left out", "%zu rows not in the share of %g",
			    import->not_in_share, import->options->share);
	print_gaps(import, out);
	print_doubts(import, out);
}
