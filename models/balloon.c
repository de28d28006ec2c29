/* A virtio balloon: what it holds, what moves, and how often a slice is discarded. */

#include "models/balloon.h"

#include <string.h>

/* Up to so many pages x86 flushes one by one (tlb_single_page_flush_ceiling). */
enum { FLUSHED_SINGLY = 33 };

bool balloon_check(const struct guest_config *config, const struct balloon *balloon,
		   const char **key, struct error *error)
{
	bool too_large = balloon->bytes > config->memory_bytes;

	if (!too_large && balloon->target_bytes <= config->memory_bytes)
		return true;
	*key = too_large ? "balloon" : "balloon_target";
	return error_set(error, ERROR_INPUT, "the balloon is larger than the guest's memory");
}

const char *balloon_ignored(const struct balloon *balloon, const char *key)
{
	if (strcmp(key, "balloon_returned") == 0 && !balloon->bytes && !balloon->target_bytes)
		return "there is no balloon";
	if (balloon->target_bytes <= balloon->bytes &&
	    (strcmp(key, "discard_slice") == 0 || strcmp(key, "vcpus_running") == 0))
		return "the balloon never grows";
	return NULL;
}

void balloon_begin(const struct guest *guest, const struct balloon *balloon,
		   struct balloon_state *state)
{
	const struct guest_config *config = guest->config;
	uint64_t absent =
		(uint64_t)(config->memory_bytes / config->page_bytes) - guest_resident_pages(guest);

	*state = (struct balloon_state){ .pages = (uint64_t)(balloon->bytes / config->page_bytes) };
	if (state->pages > absent)
		state->pages = absent;
}

void balloon_to(const struct guest *guest, int64_t target_bytes, uint64_t present,
		struct balloon_state *state)
{
	const struct guest_config *config = guest->config;
	uint64_t all = (uint64_t)(config->memory_bytes / config->page_bytes);
	uint64_t target = (uint64_t)(target_bytes / config->page_bytes);
	uint64_t absent = all > present + state->pages ? all - present - state->pages : 0;

	state->last = false;
	state->untouched = 0;
	if (target <= state->pages) {
		state->moving = state->pages - target;
		return;
	}
	state->moving = target - state->pages;
	state->untouched = state->moving < absent ? state->moving : absent;
	state->moving -= state->untouched;
}

/* A page of a pool goes as a whole: QEMU waits until it has all parts of it. */
static double slice_bytes(const struct guest *guest, const struct balloon *balloon)
{
	const struct guest_config *config = guest->config;

	return (double)(config->hugetlb && balloon->slice_bytes < config->page_bytes
				? config->page_bytes
				: balloon->slice_bytes);
}

double balloon_slices(const struct guest *guest, const struct balloon *balloon)
{
	return (double)guest->config->page_bytes / slice_bytes(guest, balloon);
}

bool balloon_splits(const struct guest *guest, const struct balloon *balloon)
{
	return balloon_slices(guest, balloon) > 1;
}

/* The caller, and those who run the guest all at the same time. */
double balloon_flushes(const struct guest *guest, const struct balloon *balloon)
{
	bool singly = slice_bytes(guest, balloon) <= FLUSHED_SINGLY * PAGE_BYTES;

	return singly ? (balloon->running > 0 ? 2 : 1) * (double)balloon_4k(guest) : 0;
}

double balloon_shootdowns(const struct guest *guest, const struct balloon *balloon)
{
	return balloon_slices(guest, balloon) * balloon->running * (double)guest->config->vcpus;
}
