/* What models that fill memory share: the threads at work, and what is left to do of a page. */

#include <string.h>

#include "models/fill.h"

const char *const fill_ways[] = {
	[PREALLOCATE_NONE] = "none",
	[PREALLOCATE_TOUCH] = "touch",
	[PREALLOCATE_POPULATE] = "populate",
	NULL,
};

static const struct fill *fill_of(const struct guest_config *config)
{
	return config->parameters;
}

static struct fill_state *state_of(const struct guest *guest)
{
	return guest->state;
}

bool fill_preallocated(const struct guest_config *config)
{
	return fill_of(config)->preallocate != PREALLOCATE_NONE || fill_of(config)->threads > 0;
}

double fill_resident(const struct guest_config *config)
{
	return fill_preallocated(config) ? 1 : config->resident;
}

const char *fill_ignored(const struct guest_config *config, const struct host_config *host,
			 const char *key)
{
	const struct fill *fill = fill_of(config);

	(void)host;
	if (strcmp(key, "preallocate") == 0 && fill->preallocate == PREALLOCATE_NONE &&
	    fill->threads > 0)
		return "prealloc_threads asks for threads, and they touch";
	if (strcmp(key, "resident") == 0 && config->resident < 1 && fill_preallocated(config))
		return "preallocation makes all memory present";
	if (strcmp(key, "prezeroed") == 0 && !config->hugetlb)
		return "only pages of the host's pools are zeroed before (hugetlb)";
	if (strcmp(key, "boot_touchers") == 0 && fill->touchers > 1 && config->vcpus == 1)
		return "the guest has one vCPU";
	if (strcmp(key, "memmap_threads") == 0 && fill->memmap_threads > 1 && config->vcpus == 1)
		return "the guest has one vCPU";
	return NULL;
}

/* --- conditions, ratios, counts --------------------------------------------- */

static int64_t at_most_vcpus(const struct guest *guest, int64_t wanted)
{
	int64_t vcpus = guest->config->vcpus;

	return wanted < vcpus ? wanted : vcpus;
}

static int64_t touchers(const struct guest *guest)
{
	return at_most_vcpus(guest, fill_of(guest->config)->touchers);
}

static int64_t memmap_threads(const struct guest *guest)
{
	return at_most_vcpus(guest, fill_of(guest->config)->memmap_threads);
}

CONFIG_CONDITION(fill_preallocates, "QEMU preallocates", fill_preallocated(guest->config));
CONFIG_CONDITION(fill_populates, "by MADV_POPULATE_WRITE",
		 fill_of(guest->config)->preallocate == PREALLOCATE_POPULATE);
CONDITION(fill_several_touch, "several vCPUs touch at once", touchers(guest) > 1);
CONFIG_CONDITION(memmap_apart, "struct pages are not in guest.boot",
		 fill_of(guest->config)->memmap_threads > 0);
CONDITION(memmap_by_several, "several vCPUs initialise them", memmap_threads(guest) > 1);
CONDITION(fill_more_to_start, "more threads are to start", state_of(guest)->to_start > 0);

SHARE(fill_dirty, "the share that is not zeroed yet",
      guest->config->hugetlb ? 1 - fill_of(guest->config)->prezeroed : 1);

/* Only those that have a core can be in anybody's way. */
static double others(const struct guest *guest)
{
	int64_t threads = state_of(guest)->threads, cores = guest->cores;

	if (threads > cores)
		threads = cores;
	return threads > 1 ? (double)(threads - 1) : 0;
}
const struct ratio fill_others = { "other threads that fault", others, 0 };

struct page_range fill_share(const struct guest *guest, struct page_range range, uint64_t pages,
			     bool descending)
{
	uint64_t threads = (uint64_t)state_of(guest)->threads;
	uint64_t before = (uint64_t)state_of(guest)->begun;
	uint64_t from, to;

	if (!threads || !before)
		return (struct page_range){ range.first, range.first };
	if (pages > range.end - range.first)
		pages = range.end - range.first;
	from = pages * (before - 1) / threads;
	to = pages * before / threads;
	return descending ? (struct page_range){ range.end - to, range.end - from }
			  : (struct page_range){ range.first + from, range.first + to };
}

static uint64_t share_pages(const struct guest *guest)
{
	uint64_t pages = guest_resident_pages(guest);
	struct page_range share = fill_share(guest, (struct page_range){ 0, pages }, pages, false);

	return share.end - share.first;
}
const struct count fill_share_pages = { "pages of one thread's share", share_pages };

static uint64_t memmap_share_of(const struct guest *guest)
{
	uint64_t mebibytes = per_mebibyte.of(guest);
	struct page_range share =
		fill_share(guest, (struct page_range){ 0, mebibytes }, mebibytes, false);

	return share.end - share.first;
}
const struct count memmap_share = { "MiB whose struct pages are one vCPU's", memmap_share_of };

/* --- hooks ------------------------------------------------------------------ */

static void send(const struct guest *guest, int64_t threads)
{
	*state_of(guest) = (struct fill_state){ .threads = threads, .to_start = threads };
}

HOOK(fill_send_threads, "preallocation threads")
{
	int64_t threads = fill_of(guest->config)->threads;

	if (!fill_preallocated(guest->config))
		threads = 0;
	else if (threads == 0)
		threads = 1;
	send(guest, threads);
	return 0;
}

EFFECT(fill_send_vcpus, "vCPUs that touch", send(guest, touchers(guest)));
EFFECT(memmap_send_vcpus, "vCPUs that initialise struct pages", send(guest, memmap_threads(guest)));

HOOK(fill_one_started, "one thread is on its way")
{
	NEEDS(state_of(guest)->to_start > 0);
	state_of(guest)->to_start--;
	return 0;
}

HOOK(fill_take_share, "the next share")
{
	NEEDS(state_of(guest)->begun < state_of(guest)->threads);
	state_of(guest)->begun++;
	return 0;
}

EFFECT(fill_all_ended, "nobody fills memory any more", send(guest, 0));
