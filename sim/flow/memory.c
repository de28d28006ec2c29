/* Accounts of the host's memory: what each guest has taken of it, and what for. */

#include "flow/memory.h"

#include <math.h>

#include "flow/thread.h"

/* 0 is the account of pages; a model's own kinds lie behind that of lost pages. */
static size_t account_of(const struct model *model, const struct memory_kind *kind)
{
	size_t index = 0;

	if (kind == &guest_memory)
		return ACCOUNT_PAGES;
	while (index < model->memory_count && model->memory[index] != kind)
		index++;
	return ACCOUNT_KINDS + index;
}

static const char *name_of(const struct model *model, size_t account)
{
	if (account == ACCOUNT_PAGES)
		return guest_memory.name;
	return account == ACCOUNT_LOST ? "lost pages"
				       : model->memory[account - ACCOUNT_KINDS]->name;
}

/* A peak that is reckoned: what running loops have freed by now is evenly spread over their time. */
static void note_in_use(struct host *host, int64_t bytes)
{
	level_add(&host->in_use, bytes);
	if (bytes > 0 && host->in_use.bytes > host->in_use_peak) {
		int64_t now_bytes = llround(level_now(&host->in_use));

		if (now_bytes > host->in_use_peak)
			host->in_use_peak = now_bytes;
	}
}

int64_t memory_held(const struct instance *instance)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < ACCOUNTS_MAX; i++)
		bytes += instance->held_bytes[i];
	return bytes;
}

uint64_t memory_lingering_pages(const struct guest *guest)
{
	uint64_t pages = 0;

	for (unsigned int left = guest->config->model->limbo_states; left; left &= left - 1)
		pages += guest->pages.in_state[__builtin_ctz(left)];
	return pages;
}

int64_t memory_of_the_dead(const struct instance *instance)
{
	const struct guest *guest = &instance->guest;
	int64_t bytes = instance->held_bytes[ACCOUNT_LOST] + guest->leaked_bytes +
			(int64_t)memory_lingering_pages(guest) * guest->config->page_bytes;

	for (uint32_t i = 0; i < guest->dead_count; i++)
		bytes += guest->dead[i].held_bytes;
	return bytes;
}

int64_t memory_needed(const struct guest *guest)
{
	const struct model *model = guest->config->model;
	int64_t bytes = (int64_t)page_map_present(&guest->pages) * guest->config->page_bytes;

	for (size_t i = 0; guest->running && i < model->memory_count; i++)
		if (model->memory[i]->of_running)
			bytes += (int64_t)model->memory[i]->of_running(guest);
	return bytes;
}

/* Where the memory of the account comes from. */
static struct pool *pool_of(const struct instance *instance, size_t account)
{
	const struct guest_config *config = instance->guest.config;
	bool of_pages = account == ACCOUNT_PAGES || account == ACCOUNT_LOST;

	return &instance->host->pools[of_pages && config->hugetlb ? config->page_size : PAGE_4K];
}

static bool take(struct instance *instance, size_t account, int64_t bytes)
{
	static const char *const names[PAGE_SIZES] = { "host memory", "the pool of 2 MiB hugepages",
						       "the pool of 1 GiB hugepages" };
	struct pool *pool = pool_of(instance, account);

	if (!pool_take(pool, bytes)) {
		instance->guest.shortage =
			(struct shortage){ names[pool - instance->host->pools], UNIT_BYTES, bytes,
					   pool->capacity_bytes - pool->used_bytes };
		return false;
	}
	instance->guest.shortage = (struct shortage){ 0 }; /* of a first try */
	note_in_use(instance->host, bytes);
	return true;
}

bool memory_begin(struct instance *instance)
{
	const struct guest *guest = &instance->guest;
	const struct model *model = guest->config->model;

	for (size_t i = 0; i < ACCOUNTS_MAX; i++)
		instance->held_bytes[i] = 0;
	instance->held_bytes[ACCOUNT_PAGES] =
		(int64_t)page_map_present(&guest->pages) * guest->config->page_bytes;
	for (size_t i = 0; guest->running && i < model->memory_count; i++)
		if (model->memory[i]->of_running)
			instance->held_bytes[ACCOUNT_KINDS + i] =
				(int64_t)model->memory[i]->of_running(guest);
	return take(instance, ACCOUNT_PAGES, instance->held_bytes[ACCOUNT_PAGES]) &&
	       take(instance, ACCOUNT_KINDS,
		    memory_held(instance) - instance->held_bytes[ACCOUNT_PAGES]);
}

bool memory_take(struct thread *thread, const struct memory_kind *kind, int64_t bytes)
{
	struct instance *instance = thread->instance;
	size_t account = account_of(instance->group->config->model, kind);

	if (!take(instance, account, bytes))
		return false;
	instance->held_bytes[account] += bytes;
	return true;
}

static void give(struct thread *thread, size_t account, int64_t bytes)
{
	struct instance *instance = thread->instance;
	int64_t *held_bytes = &instance->held_bytes[account];

	if (bytes > *held_bytes) {
		thread_fail(thread, "%lld bytes of %s are given back, but only %lld are held",
			    (long long)bytes, name_of(instance->group->config->model, account),
			    (long long)*held_bytes);
		return;
	}
	*held_bytes -= bytes;
	pool_give(pool_of(instance, account), bytes);
	note_in_use(instance->host, -bytes);
	if (instance->listener)
		instance->listener->memory_back(instance, bytes);
}

void memory_give(struct thread *thread, const struct memory_kind *kind, int64_t bytes)
{
	give(thread, account_of(thread->instance->group->config->model, kind), bytes);
}

void memory_give_all(struct thread *thread, const struct memory_kind *kind)
{
	size_t account = account_of(thread->instance->group->config->model, kind);

	give(thread, account, thread->instance->held_bytes[account]);
}

void memory_settle_lost(struct instance *instance)
{
	int64_t bytes = (int64_t)instance->guest.lost_pages * instance->guest.config->page_bytes -
			instance->held_bytes[ACCOUNT_LOST];

	instance->held_bytes[ACCOUNT_PAGES] -= bytes;
	instance->held_bytes[ACCOUNT_LOST] += bytes;
}
