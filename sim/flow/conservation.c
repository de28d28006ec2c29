#include "flow/conservation.h"

#include "flow/host.h"
#include "flow/instance.h"
#include "flow/memory.h"
#include "flow/nodes.h"
#include "flow/thread.h"

static bool fail(struct simulation *simulation, const struct instance *instance, const char *what,
		 int64_t is, int64_t should)
{
	engine_fail(&simulation->engine, ERROR_INTERNAL,
		    "guest %s (model %s): %s: %lld instead of %lld", instance->guest.config->name,
		    instance->group->config->model->name, what, (long long)is, (long long)should);
	return false;
}

/* Metadata is there for each page that is, and for a process. */
static bool metadata_fits(struct simulation *simulation, const struct instance *instance,
			  int64_t pages)
{
	const struct metadata_kind *kinds = memory_metadata(&instance->guest);

	for (size_t i = 0; kinds[i].name; i++) {
		int64_t held_bytes = instance->held_bytes[ACCOUNT_METADATA + i];
		int64_t needed = pages * kinds[i].per_page;

		if (kinds[i].of_process && instance->process)
			continue; /* taken with the first guest memory */
		if (held_bytes != needed)
			return fail(simulation, instance, kinds[i].name, held_bytes, needed);
	}
	return true;
}

/* Pages that are there are in the account of pages; a guest that is gone holds nothing. */
static bool memory_fits(struct simulation *simulation, const struct instance *instance)
{
	const struct guest *guest = &instance->guest;
	int64_t pages = (int64_t)page_map_present(&guest->pages) * guest->config->page_bytes;
	int64_t stays = instance->held_bytes[ACCOUNT_LOST] + guest->leaked_bytes;
	int64_t from_pool =
		instance->held_bytes[ACCOUNT_PAGES] + instance->held_bytes[ACCOUNT_LOST];
	int64_t held = 0;

	for (size_t i = 0; i < ACCOUNTS_MAX; i++) {
		held += instance->held_bytes[i];
		if (instance->held_bytes[i] < 0)
			return fail(simulation, instance, "bytes held in one account",
				    instance->held_bytes[i], 0);
	}
	if (instance->held_bytes[ACCOUNT_PAGES] != pages)
		return fail(simulation, instance, "bytes held for pages, against those present",
			    instance->held_bytes[ACCOUNT_PAGES], pages);
	if (instance->charged_bytes + (guest->config->hugetlb ? from_pool : 0) != held)
		return fail(simulation, instance, "bytes charged to the control group",
			    instance->charged_bytes, held);
	if (!metadata_fits(simulation, instance, pages / guest->config->page_bytes))
		return false;
	if (memory_held(instance) < memory_of_the_dead(instance))
		return fail(simulation, instance, "bytes held, against those lost or of the dead",
			    memory_held(instance), memory_of_the_dead(instance));
	if (!instance->process && !instance->threads && !guest->dead_count &&
	    memory_held(instance) != stays)
		return fail(simulation, instance, "bytes held by a guest that is gone",
			    memory_held(instance), stays);
	if (memory_held(instance) != held)
		return fail(simulation, instance, "bytes held, against those in accounts",
			    memory_held(instance), held);
	return true;
}

/* Pages of dead generations are handled, lost, or linger. */
static bool pages_fit(struct simulation *simulation, const struct instance *instance)
{
	uint64_t lingering = memory_lingering_pages(&instance->guest);

	if (instance->dead_pages != instance->dead_pages_taken + lingering)
		return fail(simulation, instance, "pages of dead generations handled or lingering",
			    (int64_t)(instance->dead_pages_taken + lingering),
			    (int64_t)instance->dead_pages);
	if (lingering && !instance->guest.dead_count && !instance->threads)
		return fail(simulation, instance, "pages that linger of no dead generation",
			    (int64_t)lingering, 0);
	return true;
}

static bool requests_fit(struct simulation *simulation, const struct instance *instance)
{
	uint64_t under_way = instance->request_count + (instance->dying && instance->death.asked);

	for (const struct thread *thread = instance->threads; thread; thread = thread->next)
		if (thread->foreground && !thread->done && thread->run->request.asked)
			under_way++;
	if (instance->open_requests != under_way)
		return fail(simulation, instance, "requests under way, against those without end",
			    (int64_t)under_way, (int64_t)instance->open_requests);
	return true;
}

static bool group_fits(struct simulation *simulation, const struct group *group)
{
	uint64_t requested = group->counts[COUNTER_REQUESTED];
	uint64_t ended = group->counts[COUNTER_UNFINISHED];

	for (int how = COUNTER_DONE; how <= COUNTER_COALESCED; how++)
		ended += group->counts[how];
	if (ended == requested)
		return true;
	engine_fail(&simulation->engine, ERROR_INTERNAL,
		    "guest %s: %llu requests were made, but %llu are accounted for",
		    group->config->name, (unsigned long long)requested, (unsigned long long)ended);
	return false;
}

/* So often is the lock held, and by so many threads of the instance. */
static bool lock_fits(struct simulation *simulation, const struct instance *instance,
		      const struct lock *lock, const char *name)
{
	int64_t held = lock->readers + lock->writer, owned = 0;

	for (const struct thread *thread = instance->threads; thread; thread = thread->next)
		owned += thread_holds(thread, lock);
	return held == owned || fail(simulation, instance, name, held, owned);
}

/* Every hold of a lock belongs to a thread that is alive; that of a host's is there at least. */
static bool locks_fit(struct simulation *simulation, const struct instance *instance)
{
	const struct model *model = instance->group->config->model;

	for (size_t k = 0; k < model->lock_count; k++) {
		const struct lock *of_host = &instance->resources->locks[k];

		if (!lock_fits(simulation, instance, &instance->locks[k], model->locks[k]->name))
			return false;
		if (!of_host->readers && !of_host->writer &&
		    !lock_fits(simulation, instance, of_host, model->locks[k]->name))
			return false;
	}
	return true;
}

/* Every hold of a lock that all guests of a host share, too, belongs to a thread. */
static bool host_lock_fits(struct simulation *simulation, const struct host *host,
			   const struct lock *lock, const char *name)
{
	struct instance *instance;
	int64_t held = lock->readers + lock->writer, owned = 0;

	for (size_t i = 0; held && (instance = simulation_instance(simulation, i)); i++)
		for (const struct thread *thread = instance->in_use ? instance->threads : NULL;
		     thread; thread = thread->next)
			owned += thread_holds(thread, lock);
	if (held == owned)
		return true;
	engine_fail(&simulation->engine, ERROR_INTERNAL,
		    "host %u: %s is held %lld times, but by %lld threads", host->number, name,
		    (long long)held, (long long)owned);
	return false;
}

static bool host_fits(struct simulation *simulation, const struct host *host)
{
	int64_t used_bytes = host_used_bytes(host);

	int64_t of_levels = 0;

	for (size_t k = 0; k < host->node_count; k++)
		of_levels += host->nodes[k].in_use.bytes;
	if (host->accounted_bytes != used_bytes || host->in_use_bytes != used_bytes ||
	    of_levels != used_bytes) {
		engine_fail(&simulation->engine, ERROR_INTERNAL,
			    "host %u: %lld bytes of memory are in use, but guests hold %lld",
			    host->number, (long long)used_bytes, (long long)host->accounted_bytes);
		return false;
	}
	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		const struct host_model *resources = &host->models[g];

		for (size_t k = 0; resources->model && k < resources->model->lock_count; k++)
			if (!host_lock_fits(simulation, host, &resources->locks[k],
					    resources->model->locks[k]->name))
				return false;
	}
	return true;
}

bool conservation_holds(struct simulation *simulation)
{
	struct instance *instance;

	for (size_t h = 0; h < simulation->host_count; h++)
		simulation->hosts[h].accounted_bytes = simulation->hosts[h].written_off_bytes;
	for (size_t i = 0; (instance = simulation_instance(simulation, i)); i++) {
		if (!instance->in_use)
			continue;
		instance->host->accounted_bytes += memory_held(instance);
		if (!(memory_fits(simulation, instance) && pages_fit(simulation, instance) &&
		      requests_fit(simulation, instance) && locks_fit(simulation, instance)))
			return false;
	}
	for (size_t h = 0; h < simulation->host_count; h++)
		if (!host_fits(simulation, &simulation->hosts[h]))
			return false;
	for (size_t g = 0; g < simulation->config->guest_count; g++)
		if (!group_fits(simulation, &simulation->groups[g]))
			return false;
	return true;
}
