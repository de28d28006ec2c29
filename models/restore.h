#ifndef MODELS_RESTORE_H
#define MODELS_RESTORE_H

/*
 * A start from a snapshot, as a part of other models: no firmware and no kernel boot; memory
 * comes page by page as the resumed guest touches it, from a process behind a userfaultfd or
 * from a mapped file, and part of it in bulk before.
 *
 * fs/userfaultfd.c (handle_userfault, UFFDIO_COPY) and mm/filemap.c of Linux; Firecracker,
 * docs/snapshotting/handling-page-faults-on-snapshot-resume.md. Terms of the model's enum:
 * VMM_RESUME, VMM_COPY, UFFD_FAULT, MM_FAULT.
 */

#include <math.h>
#include <string.h>

#include "models/common.h"

enum restore_way { RESTORE_NONE, RESTORE_FILE, RESTORE_UFFD };

/* To be embedded in a model's parameters. */
struct restore {
	int way;
	int64_t touch_bytes;
	double prefetch;
};

static const char *const restore_ways[] = {
	[RESTORE_NONE] = "none",
	[RESTORE_FILE] = "file",
	[RESTORE_UFFD] = "uffd",
	NULL,
};

/* `offset` is that of the struct. */
#define RESTORE_FIELDS(offset)                                                                     \
	{ "restore",                                                                               \
	  FIELD_CHOICE,                                                                            \
	  (offset) + offsetof(struct restore, way),                                                \
	  "\"none\"",                                                                              \
	  0,                                                                                       \
	  0,                                                                                       \
	  restore_ways,                                                                            \
	  NULL,                                                                                    \
	  "a start resumes from a snapshot, without firmware and kernel boot: pages come from a "  \
	  "file in the page cache, or from a process behind a userfaultfd" },                      \
		{ "restore_touch",                                                                 \
		  FIELD_BYTES,                                                                     \
		  (offset) + offsetof(struct restore, touch_bytes),                                \
		  "\"256MiB\"",                                                                    \
		  0,                                                                               \
		  0x1p60,                                                                          \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "memory that a resumed guest touches until it is ready, as pages of its "        \
		  "backing" },                                                                     \
	{                                                                                          \
		"prefetch", FIELD_RATIO, (offset) + offsetof(struct restore, prefetch), "0", 0, 1, \
			NULL, NULL,                                                                \
			"share of restore_touch that is copied in before the guest resumes: it "   \
			"does not fault"                                                           \
	}

static inline bool is_restored(const struct restore *restore)
{
	return restore->way != RESTORE_NONE;
}

/* Of struct model's `check`. */
static inline bool restore_check(const struct guest_config *config, const struct restore *restore,
				 const char **key, struct error *error)
{
	*key = "restore_touch";
	if (is_restored(restore) && restore->touch_bytes > config->memory_bytes)
		return error_set(error, ERROR_INPUT, "it is more than the guest's memory");
	*key = "restore";
	return restore->way != RESTORE_UFFD || config->page_size == PAGE_4K || config->hugetlb ||
	       error_set(error, ERROR_INPUT,
			 "userfaultfd fills memory by pages of 4 KiB, unless it is hugetlb");
}

/* What a model's own `ignored` has no answer to. */
static inline const char *restore_ignored(const struct restore *restore, const char *key)
{
	if (is_restored(restore))
		return strncmp(key, "prealloc", strlen("prealloc")) == 0 ||
				       strcmp(key, "boot_touchers") == 0
			       ? "a guest that is restored finds its memory in the snapshot"
			       : NULL;
	return strcmp(key, "restore_touch") == 0 || strcmp(key, "prefetch") == 0
		       ? "nothing is restored"
		       : NULL;
}

#define RESTORE_TERMS                                                                              \
	[VMM_RESUME] = { "vmm.resume",                                                             \
			 TERM_PER_CALL,                                                            \
			 10e6,                                                                     \
			 0.1,                                                                      \
			 3e6,                                                                      \
			 5e9,                                                                      \
			 TERM_ASSUMED,                                                             \
			 "state of vCPUs and devices, and what the guest does besides its faults " \
			 "until it is ready: milliseconds for a small VMM, seconds for a "         \
			 "browser (mitos issue 167)" },                                            \
	[VMM_COPY] = { "vmm.copy",                                                                 \
		       TERM_PER_MIB,                                                               \
		       100e3,                                                                      \
		       0.1,                                                                        \
		       60e3,                                                                       \
		       1e6,                                                                        \
		       TERM_ASSUMED,                                                               \
		       "UFFDIO_COPY from the page cache at about 10 GB/s, a little less than "     \
		       "clearing (" ARORA "); 1 ms: a disk at 1 GB/s" },                           \
	[UFFD_FAULT] = {                                                                           \
		"uffd.fault",                                                                      \
		TERM_PER_PAGE,                                                                     \
		67e3,                                                                              \
		0.1,                                                                               \
		4e3,                                                                               \
		100e3,                                                                             \
		TERM_DERIVED,                                                                      \
		"a fault to a process and back, with 4 KiB of data: (9.8 - 3.1) s for 98,900 "     \
		"faults more (mitos issue 167, 2026, citing a Firecracker write-up); 42 us: "      \
		"24,000 minor faults a second of one vCPU (N. Kalyazin, guest_memfd: support for " \
		"uffd minor, v2, April 2025); low: 249,000 a second by one thread for four vCPUs " \
		"(A. Moorthy, KVM selftests, demand_paging_test, 2023)"                            \
	}

static inline uint64_t restored_pages(const struct guest *guest, const struct restore *restore,
				      double share)
{
	return (uint64_t)ceil((double)restore->touch_bytes * share /
			      (double)guest->config->page_bytes);
}

/* What the model says of itself: `parameters_of(guest)->restore`, its pages and their states. */
#define RESTORE_FLOWS(range_, FRESH_, PRESENT_, ...)                                               \
	STATIC_CONDITION(restores, "it starts from a snapshot",                                    \
			 is_restored(&parameters_of(guest)->restore));                             \
	STATIC_CONDITION(by_userfaultfd, "by userfaultfd",                                         \
			 parameters_of(guest)->restore.way == RESTORE_UFFD);                       \
	STATIC_CONDITION(by_file, "from a mapped file",                                            \
			 parameters_of(guest)->restore.way == RESTORE_FILE);                       \
	STATIC_RATIO(mebibytes, "MiB of a page", (double)guest->config->page_bytes * 0x1p-20);     \
	STATIC_COUNT(restore_pages, "pages touched until the guest is ready",                      \
		     restored_pages(guest, &parameters_of(guest)->restore, 1));                    \
	STATIC_COUNT(prefetched_pages, "pages loaded before",                                      \
		     restored_pages(guest, &parameters_of(guest)->restore,                         \
				    parameters_of(guest)->restore.prefetch));                      \
	static const struct page_acts prefetch_acts = { {                                          \
		[FRESH_] = { { PRICE_TIMES(VMM_COPY, mebibytes) }, PRESENT_, false },              \
		__VA_ARGS__,                                                                       \
	} };                                                                                       \
	static const struct page_loop prefetch_pages = {                                           \
		.name = "load in bulk",                                                            \
		.range = range_,                                                                   \
		.count = &prefetched_pages,                                                        \
		.interruptible = true,                                                             \
		.yields = true,                                                                    \
		.acts = &prefetch_acts,                                                            \
	};                                                                                         \
	static const struct page_acts restore_acts = { {                                           \
		[FRESH_] = { { PRICE_WHEN(UFFD_FAULT, by_userfaultfd),                             \
			       PRICE_WHEN_TIMES(VMM_COPY, by_userfaultfd, mebibytes),              \
			       PRICE_WHEN(MM_FAULT, by_file) },                                    \
			     PRESENT_,                                                             \
			     false },                                                              \
		__VA_ARGS__,                                                                       \
	} };                                                                                       \
	static const struct page_loop restore_faults = {                                           \
		.name = "first touches of the resumed guest",                                      \
		.range = range_,                                                                   \
		.count = &restore_pages,                                                           \
		.touch = true,                                                                     \
		.interruptible = true,                                                             \
		.yields = true,                                                                    \
		.acts = &restore_acts,                                                             \
	};                                                                                         \
	static const struct step resume_steps[] = {                                                \
		PAGES(prefetch_pages, NULL, "VMM: mfill_atomic"),                                  \
		USER(VMM_RESUME, NULL, "VMM: resume"),                                             \
		PAGES(restore_faults, NULL, "handle_userfault"),                                   \
	};                                                                                         \
	static const struct flow resume =                                                          \
		FLOW("resume", "a snapshot runs again, its pages come on demand", resume_steps)

#endif
