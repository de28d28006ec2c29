/* Accounts of the host's memory: what each guest has taken of it, and what for. */

#include "flow/memory.h"

#include <math.h>
#include <string.h>

#include "flow/nodes.h"
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
	if (account >= ACCOUNT_METADATA)
		return model->metadata[account - ACCOUNT_METADATA].name;
	return account == ACCOUNT_LOST ? "lost pages"
				       : model->memory[account - ACCOUNT_KINDS]->name;
}

/* A peak that is reckoned: what running loops have freed by now is evenly spread over their time. */
static void note_in_use(struct instance *instance, int64_t bytes)
{
	struct host *host = instance->host;

	instance->all_bytes += bytes;
	hosts_in_use_corner(instance->simulation);
	level_add(&instance->node->in_use, bytes);
	host->in_use_bytes += bytes;
	hosts_in_use_corner(instance->simulation);
	if (bytes > 0 && host->in_use_bytes > host->in_use_peak) {
		int64_t now_bytes = llround(host_in_use_now(host));

		if (now_bytes > host->in_use_peak)
			host->in_use_peak = now_bytes;
	}
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

static bool died_in_this_process(const struct instance *instance)
{
	for (uint32_t i = 0; i < instance->guest.dead_count; i++)
		if (instance->guest.dead[i].process == instance->processes)
			return true;
	return false;
}

int64_t memory_taken_over(const struct instance *instance)
{
	int64_t page_bytes = instance->guest.config->page_bytes, lingering, missing;

	if (!instance->process || instance->leaving || !died_in_this_process(instance))
		return 0;
	lingering = (int64_t)memory_lingering_pages(&instance->guest) * page_bytes;
	missing = instance->process_bytes + lingering -
		  (int64_t)page_map_present(&instance->guest.pages) * page_bytes;
	return lingering < missing ? lingering : missing > 0 ? missing : 0;
}

/* What the pages among these bytes need besides, and a process that begins. */
static void add_metadata(const struct guest *guest, bool begins, int64_t bytes[ACCOUNTS_MAX])
{
	const struct metadata_kind *kinds = memory_metadata(guest);
	int64_t pages = bytes[ACCOUNT_PAGES] / guest->config->page_bytes;

	for (size_t i = 0; kinds[i].name; i++) {
		bytes[ACCOUNT_METADATA + i] += pages * kinds[i].per_page;
		if (begins && kinds[i].of_process)
			bytes[ACCOUNT_METADATA + i] += (int64_t)kinds[i].of_process(guest);
	}
}

/* By account, what a guest has that runs from the start, or does not run yet. */
static void needed(const struct guest *guest, int64_t bytes[ACCOUNTS_MAX])
{
	const struct model *model = guest->config->model;

	memset(bytes, 0, ACCOUNTS_MAX * sizeof(*bytes));
	bytes[ACCOUNT_PAGES] = (int64_t)page_map_present(&guest->pages) * guest->config->page_bytes;
	for (size_t i = 0; guest->running && i < model->memory_count; i++)
		if (model->memory[i]->of_running)
			bytes[ACCOUNT_KINDS + i] = (int64_t)model->memory[i]->of_running(guest);
	add_metadata(guest, guest->running, bytes);
}

int64_t memory_needed(const struct guest *guest)
{
	int64_t by_account[ACCOUNTS_MAX], bytes = 0;

	needed(guest, by_account);
	for (size_t i = 0; i < ACCOUNTS_MAX; i++)
		bytes += by_account[i];
	return bytes;
}

/* --- taking --- */

/* Where the memory of the account comes from. */
static enum page_size pool_of(const struct instance *instance, size_t account)
{
	const struct guest_config *config = instance->guest.config;
	bool of_pages = account == ACCOUNT_PAGES || account == ACCOUNT_LOST;

	return of_pages && config->hugetlb ? config->page_size : PAGE_4K;
}

static const char *short_of(const struct instance *instance, enum page_size size)
{
	static const char *const names[PAGE_SIZES] = { "host memory", "the pool of 2 MiB hugepages",
						       "the pool of 1 GiB hugepages" };
	static const char *const of_node[PAGE_SIZES] = {
		"memory of its NUMA node", "its NUMA node's pool of 2 MiB hugepages",
		"its NUMA node's pool of 1 GiB hugepages"
	};

	return node_is_bound(instance) ? of_node[size] : names[size];
}

static int64_t left_in_group(const struct instance *instance)
{
	int64_t limit_bytes = instance->guest.config->limit_bytes;

	return limit_bytes ? limit_bytes - instance->charged_bytes : INT64_MAX;
}

/* Hugepages come first: they were reserved before anything is touched. */
static enum memory_short find_short(struct instance *instance, const int64_t of_pool[PAGE_SIZES])
{
	struct shortage *shortage = &instance->guest.shortage;

	for (int size = PAGE_SIZES - 1; size >= PAGE_4K; size--) {
		int64_t left = nodes_left(instance, (enum page_size)size);

		if (size == PAGE_4K && of_pool[size] > left_in_group(instance)) {
			*shortage = (struct shortage){ "the control group's memory.max", UNIT_BYTES,
						       of_pool[size], left_in_group(instance),
						       OOM_NONE };
			return SHORT_IN_GROUP;
		}
		if (of_pool[size] > left) {
			*shortage = (struct shortage){ short_of(instance, (enum page_size)size),
						       UNIT_BYTES, of_pool[size], left, OOM_NONE };
			return size == PAGE_4K ? SHORT_ON_HOST : SHORT_OF_HUGEPAGES;
		}
	}
	*shortage = (struct shortage){ 0 }; /* of a first try */
	return MEMORY_ENOUGH;
}

/* All of it, which is in the accounts then, or nothing. */
static enum memory_short take(struct instance *instance, const int64_t of_pool[PAGE_SIZES])
{
	enum memory_short found = find_short(instance, of_pool);
	int64_t all = 0;

	if (found != MEMORY_ENOUGH)
		return found;
	for (int size = PAGE_4K; size < PAGE_SIZES; size++) {
		if (of_pool[size])
			nodes_take(instance, (enum page_size)size, of_pool[size]);
		all += of_pool[size];
	}
	instance->charged_bytes += of_pool[PAGE_4K];
	note_in_use(instance, all);
	return MEMORY_ENOUGH;
}

static enum memory_short take_all(struct instance *instance, const int64_t bytes[ACCOUNTS_MAX])
{
	int64_t of_pool[PAGE_SIZES] = { 0 };
	enum memory_short found;

	for (size_t i = 0; i < ACCOUNTS_MAX; i++)
		if (bytes[i])
			of_pool[pool_of(instance, i)] += bytes[i];
	found = take(instance, of_pool);
	for (size_t i = 0; found == MEMORY_ENOUGH && i < ACCOUNTS_MAX; i++)
		instance->held_bytes[i] += bytes[i];
	return found;
}

bool memory_begin(struct instance *instance)
{
	int64_t bytes[ACCOUNTS_MAX];

	needed(&instance->guest, bytes);
	memset(instance->held_bytes, 0, sizeof(instance->held_bytes));
	nodes_forget(instance);
	node_choose(instance);
	instance->charged_bytes = instance->all_bytes = 0;
	instance->has_metadata = instance->guest.running;
	instance->process_bytes = bytes[ACCOUNT_PAGES];
	return take_all(instance, bytes) == MEMORY_ENOUGH;
}

static void changed(struct instance *instance)
{
	if (instance->listener)
		instance->listener->memory_changed(instance);
}

/* Guest memory, and what it needs besides. */
static enum memory_short take_pages(struct instance *instance, int64_t bytes)
{
	int64_t by_account[ACCOUNTS_MAX] = { [ACCOUNT_PAGES] = bytes };
	enum memory_short found;

	add_metadata(&instance->guest, !instance->has_metadata, by_account);
	found = take_all(instance, by_account);
	if (found == MEMORY_ENOUGH) {
		instance->process_bytes += bytes;
		instance->has_metadata = true;
		changed(instance);
	}
	return found;
}

enum memory_short memory_take(struct thread *thread, const struct memory_kind *kind, int64_t bytes)
{
	struct instance *instance = thread->instance;
	const int64_t of_pool[PAGE_SIZES] = { [PAGE_4K] = bytes };
	enum memory_short found;

	if (kind == &guest_memory)
		return take_pages(instance, bytes);
	found = take(instance, of_pool);
	if (found == MEMORY_ENOUGH) {
		instance->held_bytes[account_of(instance->group->config->model, kind)] += bytes;
		changed(instance);
	}
	return found;
}

/* --- waiting --- */

void memory_await(struct thread *thread)
{
	struct thread **link = &thread->host->short_of;

	thread->wanted_bytes = thread->instance->guest.shortage.wanted;
	while (*link && *link != thread)
		link = &(*link)->next_short;
	if (!*link) {
		thread->next_short = NULL;
		*link = thread;
	}
}

void memory_await_no_more(struct thread *thread)
{
	struct thread **link = &thread->host->short_of;

	while (*link && *link != thread)
		link = &(*link)->next_short;
	if (*link)
		*link = thread->next_short;
	event_cancel(&thread->simulation->engine, &thread->event); /* that would wake it again */
	thread->wanted_bytes = 0;
}

/* What the first to be served misses, from each of the loops that free memory on the host. */
int64_t memory_portion(const struct host *host)
{
	int64_t least = INT64_MAX, loops = 0;

	for (const struct thread *thread = host->short_of; thread; thread = thread->next_short) {
		int64_t left = nodes_left(thread->instance, PAGE_4K);
		int64_t in_group = left_in_group(thread->instance);
		int64_t missing = thread->wanted_bytes - (left < in_group ? left : in_group);

		if (missing > 0 && missing < least)
			least = missing;
	}
	for (const struct thread *thread = host->looping; thread; thread = thread->next_looping)
		loops += thread->loop.loop->frees;
	return loops ? least / loops : least;
}

/* --- giving back --- */

/* From one account to the pool; *all sums what comes back to the host at once. */
static void return_to_pool(struct instance *instance, size_t account, int64_t bytes, int64_t *all)
{
	enum page_size size = pool_of(instance, account);

	instance->held_bytes[account] -= bytes;
	if (size == PAGE_4K)
		instance->charged_bytes -= bytes;
	nodes_give(instance, size, bytes);
	*all += bytes;
}

static void returned(struct instance *instance, int64_t all)
{
	if (!all)
		return;
	note_in_use(instance, -all);
	for (struct thread *thread = instance->host->short_of; thread; thread = thread->next_short)
		thread_resume_soon(thread);
	changed(instance);
}

/* What stood beside so many pages goes with them. */
static void return_with_pages(struct instance *instance, int64_t pages, int64_t *all)
{
	const struct metadata_kind *kinds = memory_metadata(&instance->guest);

	for (size_t i = 0; kinds[i].name; i++)
		if (kinds[i].per_page)
			return_to_pool(instance, ACCOUNT_METADATA + i, pages * kinds[i].per_page,
				       all);
}

static void give(struct thread *thread, size_t account, int64_t bytes)
{
	struct instance *instance = thread->instance;
	int64_t all = 0;

	if (bytes > instance->held_bytes[account]) {
		thread_fail(thread, "%lld bytes of %s are given back, but only %lld are held",
			    (long long)bytes, name_of(instance->group->config->model, account),
			    (long long)instance->held_bytes[account]);
		return;
	}
	return_to_pool(instance, account, bytes, &all);
	if (account == ACCOUNT_PAGES)
		return_with_pages(instance, bytes / instance->guest.config->page_bytes, &all);
	returned(instance, all);
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

void memory_process_over(struct instance *instance)
{
	const struct metadata_kind *kinds = memory_metadata(&instance->guest);
	int64_t all = 0;

	for (size_t i = 0; kinds[i].name; i++)
		if (kinds[i].of_process)
			return_to_pool(instance, ACCOUNT_METADATA + i,
				       instance->held_bytes[ACCOUNT_METADATA + i], &all);
	instance->has_metadata = false;
	instance->process_bytes = 0;
	returned(instance, all);
}

/* A lost page is mapped nowhere any more. */
void memory_settle_lost(struct instance *instance)
{
	int64_t page_bytes = instance->guest.config->page_bytes, all = 0;
	int64_t bytes = (int64_t)instance->guest.lost_pages * page_bytes -
			instance->held_bytes[ACCOUNT_LOST];

	if (!bytes)
		return;
	instance->held_bytes[ACCOUNT_PAGES] -= bytes;
	instance->held_bytes[ACCOUNT_LOST] += bytes;
	return_with_pages(instance, bytes / page_bytes, &all);
	returned(instance, all);
}
