/* What model sev does page by page. */

#include "models/sev.h"

/* --- page loops ----------------------------------------------------------- */

#define NO_PRICE                                                                                   \
	{                                                                                          \
		NO_TERM, NULL                                                                      \
	}
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

static const struct page_act touch_acts[] = { { { ZERO, NO_PRICE }, FRESH, false } };

const struct page_loop sev_prealloc_share = {
	.name = "touch one share",
	.count = &sev_per_thread,
	.yields = true,
	.gather = NO_TERM,
	.acts = touch_acts,
};

static const struct page_act pin_acts[] = {
	[FRESH] = { { ZERO, PIN, NO_PRICE }, PINNED, false },
	[PRESENT] = { { PIN, NO_PRICE }, PINNED, false },
	[PINNED] = { { NO_PRICE }, PINNED, false },
	[DEAD] = { { NO_PRICE }, DEAD, false },
};

const struct page_loop sev_pin_region = {
	.name = "pin the region",
	.range = whole_space,
	.yields = true,
	.gather = NO_TERM,
	.acts = pin_acts,
};

static const struct page_act unpin_early_acts[] = {
	[FRESH] = { { NO_PRICE }, FRESH, false },
	[PRESENT] = { { NO_PRICE }, PRESENT, false },
	[PINNED] = { { UNPIN, NO_PRICE }, PRESENT, false },
	[DEAD] = { { NO_PRICE }, DEAD, false },
};

const struct page_loop sev_unpin_again = {
	.name = "unpin all again",
	.range = whole_space,
	.gather = NO_TERM,
	.acts = unpin_early_acts,
};

/* The first touch of a page under demand pinning: host fault, nested fault, pin. */
static const struct page_act fault_acts[] = {
	[FRESH] = { { ZERO, PIN, NO_PRICE }, PINNED, false },
	[PRESENT] = { { { MM_FAULT, NULL }, PIN, NO_PRICE }, PINNED, false },
	[PINNED] = { { NO_PRICE }, PINNED, false },
	[DEAD] = { { NO_PRICE }, DEAD, false },
};

#define TOUCHES(name_, range_)                                                                     \
	.name = (name_), .range = (range_), .touch = true, .yields = true, .acts = fault_acts

const struct page_loop sev_boot_faults = {
	TOUCHES("first touches of the boot", whole_space),
	.count = &sev_boot_touch,
	.gather = NO_TERM,
};

const struct page_loop sev_workload_faults = {
	TOUCHES("workload touches", untouched),
	.interruptible = true,
	.gather = NO_TERM,
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

static const struct page_act zap_acts[] = {
	[FRESH] = { { NO_PRICE }, FRESH, false },
	[PRESENT] = { { { KVM_ZAP, NULL }, NO_PRICE }, PRESENT, false },
	[PINNED] = { { { KVM_ZAP, NULL }, NO_PRICE }, PINNED, false },
	[DEAD] = { { { KVM_ZAP, NULL }, NO_PRICE }, DEAD, false },
};

const struct page_loop sev_zap_all = {
	.name = "zap the nested page table",
	.range = whole_space,
	.yields = true,
	.gather = NO_TERM,
	.acts = zap_acts,
};

#define UNMAP                                                                                      \
	{ MM_UNMAP_4K, &sev_backed_4k },                                                           \
	{                                                                                          \
		MM_UNMAP_HUGE, &sev_backed_huge                                                    \
	}

/* The pins keep the pages: nothing is freed here. */
static const struct page_act unmap_acts[] = {
	[FRESH] = { { UNMAP, NO_PRICE }, FRESH, false },
	[PRESENT] = { { UNMAP, NO_PRICE }, PRESENT, false },
	[PINNED] = { { UNMAP, NO_PRICE }, PINNED, false },
	[DEAD] = { { UNMAP, NO_PRICE }, DEAD, false },
};

const struct page_loop sev_unmap_all = {
	.name = "unmap all pages",
	.range = whole_space,
	.yields = true,
	.gather = NO_TERM,
	.acts = unmap_acts,
};

static const struct page_act release_acts[] = {
	[FRESH] = { { UNPIN, NO_PRICE }, FRESH, true },
	[PRESENT] = { { UNPIN, NO_PRICE }, FRESH, true },
	[PINNED] = { { UNPIN, NO_PRICE }, FRESH, true },
	[DEAD] = { { UNPIN, NO_PRICE }, FRESH, true },
};

/* cond_resched stands between regions only, and nowhere in the proposals: one long slice. */
const struct page_loop sev_unpin_region = {
	.name = "unpin and free the region",
	.range = whole_space,
	.frees = true,
	.fault = "unpin_user_pages",
	.gather = NO_TERM,
	.acts = release_acts,
};
