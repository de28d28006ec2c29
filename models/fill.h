#ifndef MODELS_FILL_H
#define MODELS_FILL_H

/*
 * Filling memory, as a part of other models: QEMU's preallocation by some threads, pages of a
 * pool that are zeroed already, first touches of a boot by several vCPUs, and the guest's struct
 * pages, which one vCPU or several initialise.
 *
 * The flows follow QEMU util/oslib-posix.c (qemu_prealloc_mem; MADV_POPULATE_WRITE since 7.0)
 * and mm/memory.c, mm/hugetlb.c, mm/madvise.c, mm/mm_init.c (deferred_init_memmap) of Linux.
 * Threads that fault in one address space slow each other: mm.fault_shared_* is what a page costs
 * more for each other one; guest.memmap_shared of the struct pages of one MiB.
 *
 * A model embeds struct fill as the first member of its parameters and struct fill_state as the
 * first of its state (FILL_EMBEDDED), lists fields and terms (QEMU_THREAD_START, MM_POPULATE,
 * MM_FAULT_SHARED_4K and _HUGE, GUEST_MEMMAP and _SHARED in its enum), has FILL_FLOWS and calls that
 * at its start, and MEMMAP_FLOW, which it calls in its boot.
 */

#include "models/common.h"

/* --- parameters and state ------------------------------------------------- */

enum preallocate { PREALLOCATE_NONE, PREALLOCATE_TOUCH, PREALLOCATE_POPULATE };

struct fill {
	int preallocate;
	int64_t threads; /* of QEMU; more than 0 without a way: they touch */
	double prezeroed;
	int64_t touchers;
	int64_t memmap_threads; /* of the guest; 0: guest.boot has what they do */
};

/* Threads that fill memory at once: QEMU's, or later vCPUs. */
struct fill_state {
	int64_t threads;  /* 0: whoever touches is alone */
	int64_t to_start; /* of these */
	int64_t begun;    /* ... that have taken their shares */
};

#define FILL_EMBEDDED(state_)                                                                      \
	_Static_assert(offsetof(struct parameters, fill) == 0, "fill.c finds it there");           \
	_Static_assert(offsetof(state_, fill) == 0, "fill.c finds it there")

extern const char *const fill_ways[];

/* For models that preallocate nothing, too. */
#define BOOT_TOUCHERS_FIELD(offset)                                                                \
	{                                                                                          \
		"boot_touchers", FIELD_COUNT, (offset) + offsetof(struct fill, touchers), "1", 1,  \
			1024, NULL, NULL,                                                          \
			"vCPUs that make the first touches of the boot at once, at most all (the " \
			"kernel's deferred initialisation of memory has a thread for each node)"   \
	}
#define MEMMAP_THREADS_FIELD(offset, fallback_)                                                    \
	{                                                                                          \
		"memmap_threads", FIELD_COUNT, (offset) + offsetof(struct fill, memmap_threads),   \
			(fallback_), 0, 1024, NULL, NULL,                                          \
			"vCPUs that initialise the guest's struct pages at once, at most all: "    \
			"without CONFIG_DEFERRED_STRUCT_PAGE_INIT one; with it one for each node " \
			"of the guest, and since Linux 5.9 each CPU of the node (x86; any since "  \
			"6.11); 0: that is in guest.boot, whose time then does not grow with "     \
			"the memory"                                                               \
	}

/* Four fields; `offset` is that of the struct, `memmap_` the default of memmap_threads. */
#define FILL_FIELDS(offset, memmap_)                                                               \
	{ "preallocate",                                                                           \
	  FIELD_CHOICE,                                                                            \
	  (offset) + offsetof(struct fill, preallocate),                                           \
	  "\"none\"",                                                                              \
	  0,                                                                                       \
	  0,                                                                                       \
	  fill_ways,                                                                               \
	  NULL,                                                                                    \
	  "QEMU makes all memory present before the guest runs: touch writes to each page, "       \
	  "populate calls madvise(MADV_POPULATE_WRITE), which takes no trap per page (QEMU "       \
	  "7.0)" },                                                                                \
		{ "prealloc_threads",                                                              \
		  FIELD_COUNT,                                                                     \
		  (offset) + offsetof(struct fill, threads),                                       \
		  "0",                                                                             \
		  0,                                                                               \
		  1024,                                                                            \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "QEMU threads that preallocate, each its share; 0: one if preallocate says so, " \
		  "else none; more without preallocate: they touch" },                             \
		BOOT_TOUCHERS_FIELD(offset), MEMMAP_THREADS_FIELD(offset, memmap_)

/* For models with huge pages. */
#define PREZEROED_FIELD(offset)                                                                    \
	{                                                                                          \
		"prezeroed", FIELD_RATIO, (offset) + offsetof(struct fill, prezeroed), "0", 0, 1,  \
			NULL, NULL,                                                                \
			"share of the pool pages given to the guest that were zeroed before, "     \
			"with "                                                                    \
			"hugetlb (Li Zhe, huge-page pre-zeroing, v2, January 2026)"                \
	}

/* What a model's own `ignored` has no answer to. */
const char *fill_ignored(const struct guest_config *config, const struct host_config *host,
			 const char *key);

/* struct model's `resident`: preallocated memory is present, all of it. */
bool fill_preallocated(const struct guest_config *config);
double fill_resident(const struct guest_config *config);

/* --- cost terms ----------------------------------------------------------- */

#define QEMU_THREAD_START_TERM                                                                     \
	{                                                                                          \
		"qemu.thread_start", TERM_PER_CALL, 50e3, 0.2, 20e3, 500e3, TERM_ASSUMED,          \
			"one preallocation thread; " OWN_GUESS "; created and joined in 72 us "    \
			"(measured)"                                                               \
	}
#define FILL_TERMS_4K(status_, of_)                                                                \
	[MM_POPULATE] = { "mm.populate",                                                           \
			  TERM_PER_PAGE,                                                           \
			  210,                                                                     \
			  0.2,                                                                     \
			  100,                                                                     \
			  1e3,                                                                     \
			  status_,                                                                 \
			  of_ "allocation and mapping without trap and zeroing: 572.6 ms for 4 "   \
			      "GiB of 4 KiB pages (D. Hildenbrand, mm/madvise: introduce "         \
			      "MADV_POPULATE_(READ|WRITE), July 2021) less 335 ns of clearing; "   \
			      "530 ns in a VM on EPYC of family 26 (measured)" },                  \
	FILL_SHARED_TERM(status_, of_)

#define FILL_SHARED_TERM(status_, of_)                                                             \
	[MM_FAULT_SHARED_4K] = {                                                                   \
		"mm.fault_shared_4k",                                                              \
		TERM_PER_PAGE,                                                                     \
		100,                                                                               \
		0.1,                                                                               \
		50,                                                                                \
		2.1e3,                                                                             \
		status_,                                                                           \
		of_                                                                                \
		"for each other thread that faults in the address space meanwhile: 60 to 110 ns "  \
		"with two threads on Linux 6.18, whose faults lock one VMA (since 6.4); 1.26 us "  \
		"before: 41.6 s for 128 GiB by 16 threads, Linux 5.14 (D. Jordan, vfio/type1: "    \
		"Cache locked_vm, 2022-01-05), less the fault itself; high: 2.1 us: two threads, " \
		"another machine"                                                                  \
	}
#define FILL_SHARED_HUGE_TERM(status_, of_)                                                        \
	[MM_FAULT_SHARED_HUGE] = {                                                                 \
		"mm.fault_shared_huge",                                                            \
		TERM_PER_PAGE,                                                                     \
		4e3,                                                                               \
		0.1,                                                                               \
		0,                                                                                 \
		14e3,                                                                              \
		status_,                                                                           \
		of_ "the same for a huge page: 9.4 s for 360 GiB of hugetlb by 16 threads on a "   \
		    "Xeon 8167M (D. Jordan, 2022-01-05); high: 39.9 s for 1 TiB on a slower one "  \
		    "(J. Kolhe, QEMU 2.9, 2017)"                                                   \
	}

#define FILL_TERMS(status_, of_) FILL_TERMS_4K(status_, of_), FILL_SHARED_HUGE_TERM(status_, of_)

/* 256 struct pages for each MiB. */
#define JORDAN "D. Jordan, mm: parallelize deferred_init_memmap(), Linux e44431498f5f, 2020"
#define MEMMAP_TERM(status_, of_)                                                                  \
	[GUEST_MEMMAP] = { "guest.memmap",                                                         \
			   TERM_PER_MIB,                                                           \
			   5560,                                                                   \
			   0.05,                                                                   \
			   3.1e3,                                                                  \
			   16e3,                                                                   \
			   status_,                                                                \
			   of_ "192 GiB by one thread in 1093 ms, a KVM guest on Broadwell; low: " \
			       "16 GiB in 52 ms on Zen; 14 GiB in 125 ms on Haswell (" JORDAN      \
			       "); high: 60 ns for a struct page (M. Gorman, Parallel struct "     \
			       "page initialisation v4, April 2015)" }
#define MEMMAP_SHARED_TERM(status_, of_)                                                           \
	[GUEST_MEMMAP_SHARED] = { "guest.memmap_shared",                                           \
				  TERM_PER_MIB,                                                    \
				  356,                                                             \
				  0.05,                                                            \
				  100,                                                             \
				  2.1e3,                                                           \
				  status_,                                                         \
				  of_ "for each other vCPU that initialises struct pages "         \
				      "meanwhile: 134 ms with 16 of them, 1093 with one, 192 GiB " \
				      "on Broadwell; low: four there; high: two on Haswell "       \
				      "(" JORDAN ")" }
#define MEMMAP_TERMS(status_, of_) MEMMAP_TERM(status_, of_), MEMMAP_SHARED_TERM(status_, of_)

/* --- what the flows ask and do --------------------------------------------- */

extern const struct condition fill_preallocates, fill_populates, fill_more_to_start,
	fill_several_touch, memmap_apart, memmap_by_several;
extern const struct ratio fill_dirty, fill_others;
extern const struct count fill_share_pages, memmap_share;
extern const struct hook fill_send_threads, fill_send_vcpus, memmap_send_vcpus, fill_one_started,
	fill_take_share, fill_all_ended;

/* The share of the thread that took last, of the first (descending: last) `pages` of a range. */
struct page_range fill_share(const struct guest *guest, struct page_range range, uint64_t pages,
			     bool descending);

/* --- prices of a page ------------------------------------------------------ */

#define FILL_ZERO PRICE_BY_SIZE_TIMES(MM_ZERO, backed, fill_dirty)
#define FILL_SHARED                                                                                \
	PRICE_WHEN_TIMES(MM_FAULT_SHARED_4K, backed_4k, fill_others),                              \
		PRICE_WHEN_TIMES(MM_FAULT_SHARED_HUGE, backed_huge, fill_others)

/* --- flows ----------------------------------------------------------------- */

/* Start one thread for each share, and wait for them. */
#define FILL_BY(what_, flow_, where_, wait_)                                                       \
	LABEL("next " what_), UNLESS(fill_more_to_start, "last " what_), SPAWN(flow_, where_),     \
		DO(fill_one_started, where_), GOTO("next " what_), LABEL("last " what_),           \
		JOIN(flow_, wait_), DO(fill_all_ended, wait_)

/*
 * QEMU's preallocation, `symbol_`, behind which hook `present_` says what the model knows of pages that are there;
 * `zero_` and `shared_`: prices, FILL_ZERO and FILL_SHARED or what a model with one size has.
 */
#define FILL_FLOWS(storage_, symbol_, present_, zero_, shared_)                                    \
	static const struct page_acts fill_touch_acts = { {                                        \
		[PAGE_NONE] = { { PRICE(MM_FAULT), zero_, shared_ }, PAGE_NONE, false },           \
	} };                                                                                       \
	static const struct page_acts fill_populate_acts = { {                                     \
		[PAGE_NONE] = { { PRICE(MM_POPULATE), zero_ }, PAGE_NONE, false },                 \
	} };                                                                                       \
	static const struct page_loop fill_touch = {                                               \
		.name = "touch one share",                                                         \
		.count = &fill_share_pages,                                                        \
		.yields = true,                                                                    \
		.interruptible = true,                                                             \
		.acts = &fill_touch_acts,                                                          \
	};                                                                                         \
	static const struct page_loop fill_populate = {                                            \
		.name = "populate one share",                                                      \
		.count = &fill_share_pages,                                                        \
		.yields = true,                                                                    \
		.interruptible = true,                                                             \
		.acts = &fill_populate_acts,                                                       \
	};                                                                                         \
	static const struct step fill_thread_steps[] = {                                           \
		USER(QEMU_THREAD_START, NULL, "qemu: touch_all_pages"),                            \
		DO(fill_take_share, "qemu: touch_all_pages"),                                      \
		UNLESS(fill_populates, "touch"),                                                   \
		PAGES(fill_populate, NULL, "madvise_populate: folio_zero_user"),                   \
		GOTO("out"),                                                                       \
		LABEL("touch"),                                                                    \
		PAGES(fill_touch, NULL, "handle_mm_fault: folio_zero_user"),                       \
		LABEL("out"),                                                                      \
	};                                                                                         \
	static const struct flow fill_thread =                                                     \
		FLOW("touch_pages", "one preallocation thread", fill_thread_steps);                \
	static const struct step prealloc_steps[] = {                                              \
		DO(fill_send_threads, "qemu: qemu_prealloc_mem"),                                  \
		UNLESS(fill_preallocates, "out"),                                                  \
		FILL_BY("thread", fill_thread, "qemu: touch_all_pages",                            \
			"qemu: wait_and_free_mem_prealloc_context"),                               \
		DO(present_, "qemu: qemu_prealloc_mem"),                                           \
		LABEL("out"),                                                                      \
	};                                                                                         \
	storage_ const struct flow symbol_ =                                                       \
		FLOW("qemu_prealloc_mem", "threads make all memory present", prealloc_steps)

/*
 * A loop over the first `count_` pages of `range_`, by several vCPUs: flow `symbol_` is one of
 * them. `...`: what else the loop has, its acts among it.
 */
#define FILL_TOUCHER(storage_, symbol_, name_, range_, count_, down_, where_, ...)                 \
	static struct page_range symbol_##_range(const struct guest *guest)                        \
	{                                                                                          \
		return fill_share(guest, range_(guest), (count_).of(guest), down_);                \
	}                                                                                          \
	static const struct page_loop symbol_##_loop = {                                           \
		.name = (name_),                                                                   \
		.range = symbol_##_range,                                                          \
		.descending = (down_),                                                             \
		.touch = true,                                                                     \
		.interruptible = true,                                                             \
		.yields = true,                                                                    \
		__VA_ARGS__,                                                                       \
	};                                                                                         \
	static const struct step symbol_##_steps[] = {                                             \
		DO(fill_take_share, "guest: deferred_init_memmap"),                                \
		PAGES(symbol_##_loop, NULL, where_),                                               \
	};                                                                                         \
	storage_ const struct flow symbol_ =                                                       \
		FLOW(#symbol_, "one of several vCPUs touches its share", symbol_##_steps)

/* The guest's struct pages, flow `symbol_`: by one vCPU, or by several. */
#define MEMMAP_FLOW(storage_, symbol_)                                                             \
	static const struct page_acts memmap_acts = { {                                            \
		[PAGE_NONE] = { { PRICE(GUEST_MEMMAP),                                             \
				  PRICE_TIMES(GUEST_MEMMAP_SHARED, fill_others) },                 \
				PAGE_NONE,                                                         \
				false },                                                           \
	} };                                                                                       \
	static const struct page_loop memmap_chunk = {                                             \
		.name = "struct pages of one share",                                               \
		.count = &memmap_share,                                                            \
		.yields = true,                                                                    \
		.interruptible = true,                                                             \
		.acts = &memmap_acts,                                                              \
	};                                                                                         \
	static const struct step memmap_thread_steps[] = {                                         \
		DO(fill_take_share, "guest: padata_do_multithreaded"),                             \
		PAGES(memmap_chunk, NULL, "guest: deferred_init_memmap_chunk"),                    \
	};                                                                                         \
	static const struct flow memmap_thread =                                                   \
		FLOW("deferred_init_memmap_chunk", "one of several vCPUs", memmap_thread_steps);   \
	static const struct step memmap_steps[] = {                                                \
		UNLESS(memmap_apart, "out"),                                                       \
		UNLESS(memmap_by_several, "alone"),                                                \
		DO(memmap_send_vcpus, "guest: deferred_init_memmap"),                              \
		FILL_BY("vCPU", memmap_thread, "guest: deferred_init_memmap",                      \
			"guest: page_alloc_init_late"),                                            \
		GOTO("out"),                                                                       \
		LABEL("alone"),                                                                    \
		USER(GUEST_MEMMAP, &per_mebibyte, "guest: memmap_init"),                           \
		LABEL("out"),                                                                      \
	};                                                                                         \
	storage_ const struct flow symbol_ =                                                       \
		FLOW("memmap_init", "the guest initialises its struct pages", memmap_steps)

/* The loop by one vCPU, or its toucher by each of several; `what_` tells two of a flow apart. */
#define FILL_TOUCH(what_, loop_, toucher_, where_)                                                 \
	UNLESS(fill_several_touch, "alone" what_), DO(fill_send_vcpus, where_),                    \
		FILL_BY("vCPU" what_, toucher_, where_, "guest: page_alloc_init_late"),            \
		GOTO("touched" what_), LABEL("alone" what_), PAGES(loop_, NULL, where_),           \
		LABEL("touched" what_)

#endif
