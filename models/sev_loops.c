/* What model sev does page by page. */

#include "models/sev.h"

/* --- page loops ----------------------------------------------------------- */

#define ZERO                                                                                       \
	{ MM_FAULT, NULL }, { MM_ZERO_4K, &sev_backed_4k }, { MM_ZERO_2M, &sev_backed_2m },        \
	{                                                                                          \
		MM_ZERO_1G, &sev_backed_1g                                                         \
	}
#define PIN                                                                                        \
	{ MM_PIN_4K, &sev_backed_4k }, { MM_PIN_2M, &sev_backed_2m },                              \
	{                                                                                          \
		MM_PIN_1G, &sev_backed_1g                                                          \
	}
#define UNPIN                                                                                      \
	{ MM_UNPIN_4K, &sev_backed_4k }, { MM_UNPIN_2M, &sev_backed_2m },                          \
	{                                                                                          \
		MM_UNPIN_1G, &sev_backed_1g                                                        \
	}

static struct page_range whole_space(const struct guest *guest)
{
	return (struct page_range){ 0, page_map_pages(&guest->pages) };
}

/* What no touch has reached yet: touches come from the bottom up. */
static struct page_range untouched(const struct guest *guest)
{
	struct page_range range = whole_space(guest);
	int state;

	if (range.end) {
		struct page_range first = page_map_run(&guest->pages, 0, &state);

		if (state == PINNED)
			range.first = first.end;
	}
	return range;
}

static const struct page_acts touch_acts = { { [PAGE_NONE] = { { ZERO }, PAGE_NONE, false } } };

const struct page_loop sev_prealloc_share = {
	.name = "touch one share",
	.count = &sev_per_thread,
	.yields = true,
	.acts = &touch_acts,
};

static const struct page_acts pin_acts = { {
	[FRESH] = { { ZERO, PIN }, PINNED, false },
	[PRESENT] = { { PIN }, PINNED, false },
	PASS(PINNED),
	PASS(DEAD),
} };

const struct page_loop sev_pin_region = {
	.name = "pin the region",
	.range = whole_space,
	.yields = true,
	.acts = &pin_acts,
};

static const struct page_acts unpin_early_acts = { {
	PASS(FRESH),
	PASS(PRESENT),
	[PINNED] = { { UNPIN }, PRESENT, false },
	PASS(DEAD),
} };

const struct page_loop sev_unpin_again = {
	.name = "unpin all again",
	.range = whole_space,
	.acts = &unpin_early_acts,
};

/* The first touch of a page under demand pinning: host fault, nested fault, pin. */
static const struct page_acts fault_acts = { {
	[FRESH] = { { ZERO, PIN }, PINNED, false },
	[PRESENT] = { { { MM_FAULT, NULL }, PIN }, PINNED, false },
	PASS(PINNED),
	PASS(DEAD),
} };

#define TOUCHES(name_, range_)                                                                     \
	.name = (name_), .range = (range_), .touch = true, .yields = true, .acts = &fault_acts

const struct page_loop sev_boot_faults = {
	TOUCHES("first touches of the boot", whole_space),
	.count = &sev_boot_touch,
};

const struct page_loop sev_workload_faults = {
	TOUCHES("workload touches", untouched),
	.interruptible = true,
	.pace_ns = &sev_workload_pace,
};

/* sev_pin_pfn: one mutex for the faults of all vCPUs. */
const struct page_loop sev_boot_faults_longterm = {
	TOUCHES("first touches of the boot", whole_space),
	.count = &sev_boot_touch,
	.gather = KVM_PIN_MUTEX,
	.lock = &sev_slots_arch_lock,
	.batch = 1,
};

static uint64_t clflush_pages(const struct guest *guest)
{
	return sev_whole_pages(guest) * (uint64_t)guest->config->page_bytes / PAGE_BYTES;
}
const struct count sev_per_4k = { "pages of 4 KiB", clflush_pages };

static uint64_t touched_4k(const struct guest *guest)
{
	uint64_t pages = sev_boot_pages(guest), held = page_map_pages(&guest->pages);

	return (pages < held ? pages : held) * (uint64_t)guest->config->page_bytes / PAGE_BYTES;
}
const struct count sev_per_touched_4k = { "touched pages of 4 KiB", touched_4k };

static const struct page_acts zap_acts = { {
	PASS(FRESH),
	[PRESENT] = { { { KVM_ZAP, NULL } }, PRESENT, false },
	[PINNED] = { { { KVM_ZAP, NULL } }, PINNED, false },
	[DEAD] = { { { KVM_ZAP, NULL } }, DEAD, false },
} };

const struct page_loop sev_zap_all = {
	.name = "zap the nested page table",
	.range = whole_space,
	.yields = true,
	.acts = &zap_acts,
};

#define UNMAP                                                                                      \
	{ MM_UNMAP_4K, &sev_backed_4k },                                                           \
	{                                                                                          \
		MM_UNMAP_HUGE, &sev_backed_huge                                                    \
	}

/* The pins keep the pages: nothing is freed here. */
static const struct page_acts unmap_acts = { {
	[FRESH] = { { UNMAP }, FRESH, false },
	[PRESENT] = { { UNMAP }, PRESENT, false },
	[PINNED] = { { UNMAP }, PINNED, false },
	[DEAD] = { { UNMAP }, DEAD, false },
} };

const struct page_loop sev_unmap_all = {
	.name = "unmap all pages",
	.range = whole_space,
	.yields = true,
	.acts = &unmap_acts,
};

static const struct page_acts release_acts = { {
	[FRESH] = { { UNPIN }, PAGE_GONE, true },
	[PRESENT] = { { UNPIN }, PAGE_GONE, true },
	[PINNED] = { { UNPIN }, PAGE_GONE, true },
	[DEAD] = { { UNPIN }, PAGE_GONE, true },
} };

/* cond_resched stands between regions only, and nowhere in the proposals: one long slice. */
const struct page_loop sev_unpin_region = {
	.name = "unpin and free the region",
	.range = whole_space,
	.frees = true,
	.fault = "unpin_user_pages",
	.acts = &release_acts,
};
