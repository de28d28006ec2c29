/* What model sev does page by page. */

#include <math.h>

#include "models/sev_parts.h"

/* --- page loops ----------------------------------------------------------- */

#define ZERO PRICE(MM_FAULT), FILL_ZERO, FILL_SHARED
#define PIN  PRICE_BY_BACKING(MM_PIN)
/* The pin was the last reference, and the page is freed; or the page stays with the process. */
#define UNPIN   PRICE_BY_BACKING(MM_UNPIN)
#define PUT     PRICE_BY_BACKING(MM_PUT)
#define MIGRATE PRICE_WHEN_TIMES(MM_MIGRATE, sev_must_migrate, sev_movable_in_page)

CONDITIONS_BY_SIZE(STATIC_CONDITION, anew, "", " are pinned anew", sev_pins_anew.holds(guest));

/* Another pfn at a gfn that is pinned: a fault, the old page is put, the new one pinned. */
#define ANEW(term_) PRICE_BY_SIZE_TIMES(term_, anew, sev_anew)
#define PIN_ANEW    PRICE_WHEN_TIMES(MM_FAULT, sev_pins_anew, sev_anew), ANEW(MM_UNPIN), ANEW(MM_PIN)

/* What no touch has reached yet: touches come from the bottom up. */
static struct page_range untouched(const struct guest *guest)
{
	struct page_range range = all_pages(guest);
	int state;

	if (range.end) {
		struct page_range first = page_map_run(&guest->pages, 0, &state);

		if (state == PINNED)
			range.first = first.end;
	}
	return range;
}

static const struct page_acts pin_acts = { {
	PASS(DEAD),
	[FRESH] = { { ZERO, PIN }, PINNED, false },
	[PRESENT] = { { PIN }, PINNED, false },
	PASS(PINNED),
	[UNPINNED] = { { PIN }, PINNED, false },
} };

const struct page_loop sev_pin_region = {
	.name = "pin the region",
	.range = all_pages,
	.yields = true,
	.interruptible = true,
	.acts = &pin_acts,
};

/* The first touch of a page under demand pinning: host fault, nested fault, pin. */
static const struct page_acts fault_acts = { {
	PASS(DEAD),
	[FRESH] = { { ZERO, PIN, MIGRATE, PIN_ANEW }, PINNED, false },
	[PRESENT] = { { PRICE(MM_FAULT), PIN, MIGRATE, PIN_ANEW }, PINNED, false },
	PASS(PINNED),
	[UNPINNED] = { { PRICE(MM_FAULT), PIN, PIN_ANEW }, PINNED, false },
} };

#define TOUCHES(name_, range_)                                                                     \
	.name = (name_), .range = (range_), .touch = true, .interruptible = true, .yields = true,  \
	.acts = &fault_acts

const struct page_loop sev_boot_faults = {
	TOUCHES("first touches of the boot", all_pages),
	.count = &sev_boot_touch,
};

const struct page_loop sev_workload_faults = {
	TOUCHES("workload touches", untouched),
	.pace_ns = &sev_workload_pace,
};

/* sev_pin_pfn: one mutex for the faults of all vCPUs. */
#define UNDER_MUTEX .gather = KVM_PIN_MUTEX, .lock = &slots_arch_lock, .batch = 1

const struct page_loop sev_boot_faults_longterm = {
	TOUCHES("first touches of the boot, pinned for long", all_pages),
	.count = &sev_boot_touch,
	UNDER_MUTEX,
};

FILL_TOUCHER(, sev_toucher, "first touches of the boot by one vCPU", all_pages, sev_boot_touch,
	     false, "direct_page_fault", .acts = &fault_acts);
FILL_TOUCHER(, sev_toucher_longterm, "first touches of the boot by one vCPU, pinned for long",
	     all_pages, sev_boot_touch, false, "sev_pin_pfn", .acts = &fault_acts, UNDER_MUTEX);

COUNT(sev_per_4k, "pages of 4 KiB", guest->config->memory_bytes / PAGE_BYTES);

/* With those that are pinned anew. */
static uint64_t touched_4k(const struct guest *guest)
{
	uint64_t pages = sev_boot_touch.of(guest), held = page_map_pages(&guest->pages);

	pages = (pages < held ? pages : held) * (uint64_t)guest->config->page_bytes / PAGE_BYTES;
	return (uint64_t)llround((double)pages * (1 + sev_anew.of(guest)));
}
const struct count sev_per_touched_4k = { "touched pages of 4 KiB", touched_4k };

/* --- teardown ------------------------------------------------------------- */

/* Only what a VM has pinned is in its nested page table. */
static const struct page_acts zap_acts = { {
	[DEAD] = { { PRICE(KVM_ZAP) }, DEAD, false },
	PASS(FRESH),
	PASS(PRESENT),
	[PINNED] = { { PRICE(KVM_ZAP) }, PINNED, false },
	PASS(UNPINNED),
} };

const struct page_loop sev_zap_all = {
	.name = "zap the nested page table",
	.range = all_pages,
	.yields = true,
	.acts = &zap_acts,
};

#define UNMAP PRICE_WHEN(MM_UNMAP_4K, backed_4k), PRICE_WHEN(MM_UNMAP_HUGE, backed_huge)

/* The pins keep the pages: nothing is freed here. */
static const struct page_acts unmap_acts = { {
	[DEAD] = { { UNMAP }, DEAD, false },
	PASS(FRESH),
	PASS(PRESENT),
	PASS(PINNED),
	PASS(UNPINNED),
} };

const struct page_loop sev_unmap_all = {
	.name = "unmap all pages",
	.range = all_pages,
	.yields = true,
	.acts = &unmap_acts,
};

/* Pages go with their process; one that lives keeps them. */
static const struct page_acts unpin_acts = { {
	[DEAD] = { { UNPIN }, PAGE_GONE, true },
	PASS(FRESH),
	PASS(PRESENT),
	[PINNED] = { { PUT }, UNPINNED, false },
	PASS(UNPINNED),
} };

/* cond_resched stands between regions only, and nowhere in the proposals: one long slice. */
const struct page_loop sev_unpin_region = {
	.name = "unpin the region",
	.range = all_pages,
	.frees = true,
	.fault = "unpin_user_pages",
	.acts = &unpin_acts,
};
