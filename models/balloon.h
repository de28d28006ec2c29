#ifndef MODELS_BALLOON_H
#define MODELS_BALLOON_H

/*
 * A virtio balloon, as a part of other models: memory that a guest's driver holds is not the
 * guest's and not in use of the host. An update brings it to its target, and a driver may give
 * all back before its guest is off.
 *
 * Inflating discards pages by one madvise call for each slice, which costs far more than to unmap
 * the whole: a call, single TLB entries while there are few, an IPI to each vCPU thread on a core,
 * and huge pages fall to pieces. What the balloon takes is first what was never touched, then
 * pages from the top. What it gives back comes back by faults of the guest, at the end of the page map.
 *
 * A model embeds struct balloon in its parameters and struct balloon_state in its state, and has
 * balloon_of(guest) for the latter; it lists fields and terms (BALLOON_RETURN and the following in
 * its enum) and has BALLOON_FLOWS.
 */

#include "models/common.h"

/* --- parameters and state ------------------------------------------------- */

struct balloon {
	int64_t bytes, target_bytes;
	int64_t slice_bytes;
	double running;
	bool returned;
};

struct balloon_state {
	uint64_t pages; /* that it holds */
	/* Of what is in progress: */
	uint64_t moving;    /* pages that come back, or that are discarded ... */
	uint64_t untouched; /* ... beside those that the host does not have */
	bool last;          /* the guest goes: all comes back */
};

/* Five fields; `offset` is that of the struct. */
#define BALLOON_FIELDS(offset)                                                                     \
	{ "balloon",                                                                               \
	  FIELD_BYTES,                                                                             \
	  (offset) + offsetof(struct balloon, bytes),                                              \
	  "\"0B\"",                                                                                \
	  0,                                                                                       \
	  0x1p60,                                                                                  \
	  NULL,                                                                                    \
	  NULL,                                                                                    \
	  "memory that the balloon holds when the guest starts, as far as it is not resident" },   \
		{ "balloon_target",                                                                \
		  FIELD_BYTES,                                                                     \
		  (offset) + offsetof(struct balloon, target_bytes),                               \
		  "\"0B\"",                                                                        \
		  0,                                                                               \
		  0x1p60,                                                                          \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "what the balloon holds after an event that does \"update\" (virsh setmem)" },   \
		{ "balloon_returned",                                                              \
		  FIELD_FLAG,                                                                      \
		  (offset) + offsetof(struct balloon, returned),                                   \
		  "true",                                                                          \
		  0,                                                                               \
		  0,                                                                               \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "a shutdown gives back all that the balloon holds, page by page, before the "    \
		  "guest is off, as the driver of Windows does; false: Linux powers off with "     \
		  "it" },                                                                          \
		{ "discard_slice",                                                                 \
		  FIELD_BYTES,                                                                     \
		  (offset) + offsetof(struct balloon, slice_bytes),                                \
		  "\"4KiB\"",                                                                      \
		  4096,                                                                            \
		  0x1p40,                                                                          \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "memory that one madvise call discards: 4 KiB pages of a balloon, pageblocks "   \
		  "of "                                                                            \
		  "2 or 4 MiB of free page reporting" },                                           \
	{                                                                                          \
		"vcpus_running", FIELD_RATIO, (offset) + offsetof(struct balloon, running), "1",   \
			0, 1, NULL, NULL,                                                          \
			"share of the vCPUs whose threads are on a core while memory is "          \
			"discarded: each gets an IPI for each slice"                               \
	}

bool balloon_check(const struct guest_config *config, const struct balloon *balloon,
		   const char **key, struct error *error);
const char *balloon_ignored(const struct balloon *balloon, const char *key);

/* --- cost terms ----------------------------------------------------------- */

#define VIRTIO_WIN_1148 "virtio-win kvm-guest-drivers-windows issue 1148, 2024"
#define DISCARDED_HERE                                                                             \
	"measured in a virtual machine of 2 CPUs, Linux 6.18, where traps make it dear: "
#define BALLOON_TERMS                                                                              \
	[BALLOON_RETURN] = { "balloon.return",                                                     \
			     TERM_PER_PAGE,                                                        \
			     19.9e3,                                                               \
			     0.05,                                                                 \
			     1e3,                                                                  \
			     25e3,                                                                 \
			     TERM_DERIVED,                                                         \
			     "by the driver of Windows at a shutdown, per 4 KiB: 180 s less the "  \
			     "5 s "                                                                \
			     "without a balloon for 31.9 GiB (" VIRTIO_WIN_1148                    \
			     "), less the end of the process and the fault, 0.94 us" },            \
	[BALLOON_DEFLATE] = { "balloon.deflate",                                                   \
			      TERM_PER_PAGE,                                                       \
			      9.8e3,                                                               \
			      0.05,                                                                \
			      0.5e3,                                                               \
			      15e3,                                                                \
			      TERM_DERIVED,                                                        \
			      "by virsh setmem, per 4 KiB: 90 s for 31.9 GiB (" VIRTIO_WIN_1148    \
			      "), less the fault, 0.94 us" },                                      \
	[BALLOON_INFLATE] = { "balloon.inflate",                                                   \
			      TERM_PER_PAGE,                                                       \
			      2.25e3,                                                              \
			      0.1,                                                                 \
			      0.25e3,                                                              \
			      10e3,                                                                \
			      TERM_PUBLISHED,                                                      \
			      "allocation, PFNs to the host, their translation and a call on "     \
			      "memory "                                                            \
			      "that is not there, per 4 KiB: 4126 ms for 7 GiB of an idle guest; " \
			      "low: "                                                              \
			      "491 ms in chunks (W. Wang, virtio-balloon: VIRTIO_BALLOON_F_SG, "   \
			      "linux-kernel, July 2017)" },                                        \
	[MM_DISCARD_SLICE] = { "mm.discard_slice",                                                 \
			       TERM_PER_CALL,                                                      \
			       2.6e3,                                                              \
			       0.1,                                                                \
			       0.4e3,                                                              \
			       6e3,                                                                \
			       TERM_DERIVED,                                                       \
			       DISCARDED_HERE                                                      \
			       "one madvise(MADV_DONTNEED), from 512 MiB of huge pages whole and " \
			       "in slices of 2 MiB, 0.5 and 2.0 ms, and 256 MiB of 4 KiB pages "   \
			       "one "                                                              \
			       "by one, 389 to 441 ms; low: 427 ns, a call on memory that is not " \
			       "there (W. Wang, 2017)" },                                          \
	[MM_FLUSH_PAGE] = { "mm.flush_page",                                                       \
			    TERM_PER_PAGE,                                                         \
			    3.1e3,                                                                 \
			    0.1,                                                                   \
			    0.05e3,                                                                \
			    4e3,                                                                   \
			    TERM_DERIVED,                                                          \
			    DISCARDED_HERE                                                         \
			    "INVLPG of one page of a slice of at most 33, from the same; 902 ms "  \
			    "for 1 GiB of huge pages in slices of 64 KiB; low: without a trap" },  \
	[MM_SHOOTDOWN] = {                                                                         \
		"mm.shootdown",                                                                    \
		TERM_PER_CALL,                                                                     \
		1.2e3,                                                                             \
		0.1,                                                                               \
		0.3e3,                                                                             \
		5e3,                                                                               \
		TERM_DERIVED,                                                                      \
		DISCARDED_HERE                                                                     \
		"IPI to one CPU that runs a thread of the address space, from 389 and "            \
		"655 ms for 65536 slices of 4 KiB, 902 and 1666 ms for 16384 of 64 KiB"            \
	}

/* --- what the flows ask and do --------------------------------------------- */

static inline uint64_t balloon_4k(const struct guest *guest)
{
	return (uint64_t)guest->config->page_bytes / PAGE_BYTES;
}

/* The guest starts, or runs from the start: what is not resident may be in the balloon. */
void balloon_begin(const struct guest *guest, const struct balloon *balloon,
		   struct balloon_state *state);

/* What is to move until it holds so much; `present`: pages of the living process. */
void balloon_to(const struct guest *guest, int64_t target_bytes, uint64_t present,
		struct balloon_state *state);

/* So many calls, single TLB entries and IPIs for each page that is discarded. */
bool balloon_splits(const struct guest *guest, const struct balloon *balloon);
double balloon_slices(const struct guest *guest, const struct balloon *balloon);
double balloon_flushes(const struct guest *guest, const struct balloon *balloon);
double balloon_shootdowns(const struct guest *guest, const struct balloon *balloon);

/*
 * Flows balloon_return (nothing is left in it) and balloon_update (it is brought to its target).
 * living_: the range of the living process, which ends the page map; page states before and after
 * the first touch; then what the loops do with pages in other states.
 */
#define BALLOON_FLOWS(living_, fresh_, present_, ...)                                              \
	STATIC_COUNT(balloon_bytes, "bytes that come back",                                        \
		     balloon_of(guest)->moving *(uint64_t)guest->config->page_bytes);              \
	STATIC_COUNT(balloon_discarded, "pages to discard", balloon_of(guest)->moving);            \
	STATIC_COUNT(balloon_taken_4k, "pages of 4 KiB that it takes",                             \
		     (balloon_of(guest)->moving + balloon_of(guest)->untouched) *                  \
			     balloon_4k(guest));                                                   \
	STATIC_RATIO(balloon_4k_pages, "4 KiB pages", balloon_4k(guest));                          \
	STATIC_RATIO(balloon_calls, "slices",                                                      \
		     balloon_slices(guest, &parameters_of(guest)->balloon));                       \
	STATIC_RATIO(balloon_entries, "single TLB entries",                                        \
		     balloon_flushes(guest, &parameters_of(guest)->balloon));                      \
	STATIC_RATIO(balloon_ipis, "slices and running vCPUs",                                     \
		     balloon_shootdowns(guest, &parameters_of(guest)->balloon));                   \
	STATIC_CONDITION(balloon_split, "a slice is less than a page",                             \
			 balloon_splits(guest, &parameters_of(guest)->balloon));                   \
	CONDITIONS_BY_SIZE(STATIC_CONDITION, balloon_whole, "slices of whole ", "",                \
			   !balloon_split.holds(guest));                                           \
	STATIC_CONDITION(balloon_held, "the driver gives the balloon back",                        \
			 parameters_of(guest)->balloon.returned &&balloon_of(guest)->pages > 0);   \
	STATIC_CONDITION(balloon_grows, "it is to grow",                                           \
			 parameters_of(guest)->balloon.target_bytes / guest->config->page_bytes >  \
				 (int64_t)balloon_of(guest)->pages);                               \
	STATIC_CONDITION(balloon_last, "the guest goes", balloon_of(guest)->last);                 \
	STATIC_CONDITION(balloon_stays, "the guest stays", !balloon_of(guest)->last);              \
	STATIC_HOOK(balloon_all_back, "the balloon is to be empty")                                \
	{                                                                                          \
		balloon_to(guest, 0, 0, balloon_of(guest));                                        \
		balloon_of(guest)->last = true;                                                    \
		return 0;                                                                          \
	}                                                                                          \
	STATIC_EFFECT(balloon_to_target, "the balloon's target",                                   \
		      balloon_to(guest, parameters_of(guest)->balloon.target_bytes,                \
				 guest->pages.in_state[fresh_] + guest->pages.in_state[present_],  \
				 balloon_of(guest)));                                              \
	STATIC_EFFECT(balloon_grown, "the balloon has grown",                                      \
		      balloon_of(guest)->pages +=                                                  \
		      balloon_of(guest)->moving + balloon_of(guest)->untouched);                   \
	STATIC_HOOK(balloon_shrinks, "pages leave the balloon")                                    \
	{                                                                                          \
		struct balloon_state *state = balloon_of(guest);                                   \
                                                                                                   \
		NEEDS(state->pages >= state->moving);                                              \
		state->pages -= state->moving;                                                     \
		return page_map_append(&guest->pages, state->moving, fresh_) ? 0 : ENOMEM;         \
	}                                                                                          \
	static struct page_range balloon_coming(const struct guest *guest)                         \
	{                                                                                          \
		uint64_t end = page_map_pages(&guest->pages);                                      \
                                                                                                   \
		return (struct page_range){ end - balloon_of(guest)->moving, end };                \
	}                                                                                          \
	static const struct page_acts balloon_deflate_acts = {                                     \
		{ [fresh_] = { { PRICE_WHEN_TIMES(BALLOON_RETURN, balloon_last, balloon_4k_pages), \
				 PRICE_WHEN_TIMES(BALLOON_DEFLATE, balloon_stays,                  \
						  balloon_4k_pages),                               \
				 PRICE(MM_FAULT), PRICE_BY_BACKING(MM_ZERO) },                     \
			       present_,                                                           \
			       false },                                                            \
		  PASS(present_),                                                                  \
		  __VA_ARGS__ }                                                                    \
	};                                                                                         \
	static const struct page_acts balloon_discard_acts = {                                     \
		{ [fresh_] = { { PRICE_TIMES(MM_DISCARD_SLICE, balloon_calls) },                   \
			       PAGE_GONE,                                                          \
			       true },                                                             \
		  [present_] = { { PRICE_BY_SIZE(MM_FREE, balloon_whole),                          \
				   PRICE_WHEN_TIMES(MM_FREE_4K, balloon_split, balloon_4k_pages),  \
				   PRICE_TIMES(MM_DISCARD_SLICE, balloon_calls),                   \
				   PRICE_TIMES(MM_FLUSH_PAGE, balloon_entries),                    \
				   PRICE_TIMES(MM_SHOOTDOWN, balloon_ipis) },                      \
				 PAGE_GONE,                                                        \
				 true },                                                           \
		  __VA_ARGS__ }                                                                    \
	};                                                                                         \
	static const struct page_loop balloon_deflate_pages = {                                    \
		.name = "pages that leave the balloon",                                            \
		.range = balloon_coming,                                                           \
		.touch = true,                                                                     \
		.interruptible = true,                                                             \
		.yields = true,                                                                    \
		.acts = &balloon_deflate_acts,                                                     \
	};                                                                                         \
	static const struct page_loop balloon_discard_pages = {                                    \
		.name = "discard in slices",                                                       \
		.range = living_,                                                                  \
		.count = &balloon_discarded,                                                       \
		.descending = true,                                                                \
		.interruptible = true,                                                             \
		.yields = true,                                                                    \
		.frees = true,                                                                     \
		.acts = &balloon_discard_acts,                                                     \
	};                                                                                         \
	static const struct step balloon_deflate_steps[] = {                                       \
		ALLOCATE(guest_memory, balloon_bytes, NULL, "kvm_tdp_page_fault"),                 \
		DO(balloon_shrinks, "guest: leak_balloon"),                                        \
		PAGES(balloon_deflate_pages, NULL, "guest: leak_balloon"),                         \
	};                                                                                         \
	static const struct flow balloon_deflate =                                                 \
		FLOW("leak_balloon", "pages come back by faults", balloon_deflate_steps);          \
	static const struct step balloon_return_steps[] = {                                        \
		UNLESS(balloon_held, "out"),                                                       \
		DO(balloon_all_back, "guest: BalloonTerm"),                                        \
		CALL(balloon_deflate, "guest: BalloonTerm"),                                       \
		LABEL("out"),                                                                      \
	};                                                                                         \
	static const struct flow balloon_return =                                                  \
		FLOW("BalloonTerm", "the driver gives the balloon back", balloon_return_steps);    \
	static const struct step balloon_update_steps[] = {                                        \
		DO(balloon_to_target, "qemu: virtio_balloon_to_target"),                           \
		UNLESS(balloon_grows, "deflate"),                                                  \
		USER(BALLOON_INFLATE, &balloon_taken_4k, "guest: fill_balloon"),                   \
		PAGES(balloon_discard_pages, NULL, "qemu: ram_block_discard_range: madvise"),      \
		DO(balloon_grown, "qemu: virtio_balloon_handle_output"),                           \
		GOTO("done"),                                                                      \
		LABEL("deflate"),                                                                  \
		CALL(balloon_deflate, "guest: update_balloon_size_func"),                          \
		LABEL("done"),                                                                     \
		MARK(MILESTONE_DONE),                                                              \
	};                                                                                         \
	static const struct flow balloon_update =                                                  \
		FLOW("update", "the balloon is brought to its target", balloon_update_steps)

#endif
