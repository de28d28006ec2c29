/* Locks, state, counts, conditions, chances and hooks of model sev. */

#include <errno.h>
#include <math.h>
#include <string.h>

#include "models/sev.h"

/* --- locks and the PSP ---------------------------------------------------- */

const struct lock_kind sev_kvm_lock = { "kvm->lock", "kvm_lock", .scope = SCOPE_GUEST };
const struct lock_kind sev_slots_arch_lock = { "kvm->slots_arch_lock", "slots_arch_lock",
					       .scope = SCOPE_GUEST };
const struct lock_kind sev_kvm_srcu = { "kvm->srcu", "kvm_srcu", .scope = SCOPE_GUEST };
const struct lock_kind sev_mmap_lock = { "mmap_lock", "mmap_lock", .scope = SCOPE_GUEST };
const struct lock_kind sev_bitmap_lock = { "sev_bitmap_lock", "sev_bitmap_lock",
					   .scope = SCOPE_HOST };
const struct lock_kind sev_deactivate_lock = { "sev_deactivate_lock", "sev_deactivate_lock",
					       .scope = SCOPE_HOST };

/* Every command waits for sev_cmd_mutex and then for the one small processor behind it. */
const struct server_kind sev_psp = { "PSP" };

/* --- counts --------------------------------------------------------------- */

static uint64_t vcpus(const struct guest *guest)
{
	return (uint64_t)guest->config->vcpus;
}
const struct count sev_per_vcpu = { "vCPUs", vcpus };

static uint64_t mebibytes(const struct guest *guest)
{
	return (uint64_t)(guest->config->memory_bytes + (1 << 20) - 1) >> 20;
}
const struct count sev_per_mebibyte = { "MiB of guest memory", mebibytes };

uint64_t sev_whole_pages(const struct guest *guest)
{
	int64_t page = guest->config->page_bytes;

	return (uint64_t)((guest->config->memory_bytes + page - 1) / page);
}

/* Up front all of the RAM blocks is there; on demand what the guest ever touches. */
uint64_t sev_held_pages(const struct guest *guest)
{
	bool all = design_of(guest) == UPFRONT || parameters_of(guest)->prealloc_threads;

	return all ? sev_whole_pages(guest) : guest_resident_pages(guest);
}

static uint64_t held_bytes(const struct guest *guest)
{
	return sev_held_pages(guest) * (uint64_t)guest->config->page_bytes;
}
const struct count sev_memory_held = { "bytes of guest memory", held_bytes };

static uint64_t bytes_per_4k(const struct guest *guest, uint64_t bytes)
{
	return (uint64_t)guest->config->memory_bytes / PAGE_BYTES * bytes;
}

uint64_t sev_array_bytes(const struct guest *guest)
{
	return bytes_per_4k(guest, 8);
}
const struct count sev_page_array = { "bytes of page pointers", sev_array_bytes };

static uint64_t registered_bytes(const struct guest *guest)
{
	return sev_is_upfront(guest) ? sev_array_bytes(guest) : 0;
}
const struct memory_kind sev_page_pointers = { "page pointers", registered_bytes };

uint64_t sev_metadata_bytes(const struct guest *guest)
{
	return bytes_per_4k(guest, 16);
}
const struct count sev_metadata = { "bytes of pfns[] and pinned_bitmap", sev_metadata_bytes };

static uint64_t remembered_bytes(const struct guest *guest)
{
	return sev_is_upfront(guest) ? 0 : sev_metadata_bytes(guest);
}
const struct memory_kind sev_pin_metadata = { "pin metadata", remembered_bytes };

static uint64_t firmware_pages(const struct guest *guest)
{
	return (uint64_t)((parameters_of(guest)->firmware_bytes + PAGE_BYTES - 1) / PAGE_BYTES);
}
const struct count sev_per_firmware_page = { "pages of firmware", firmware_pages };

static uint64_t movable_pages(const struct guest *guest)
{
	return (uint64_t)llround(parameters_of(guest)->movable *
				 (double)guest->config->memory_bytes / PAGE_BYTES);
}
const struct count sev_per_movable_page = { "movable pages of 4 KiB", movable_pages };

uint64_t sev_boot_pages(const struct guest *guest)
{
	const struct parameters *parameters = parameters_of(guest);
	double bytes = (double)parameters->boot_touch_bytes +
		       parameters->boot_touch_ratio * (double)guest->config->memory_bytes;

	return (uint64_t)ceil(bytes / (double)guest->config->page_bytes);
}
const struct count sev_boot_touch = { "pages touched by the boot", sev_boot_pages };

static uint64_t pace_ns(const struct guest *guest)
{
	return (uint64_t)llround((double)guest->config->page_bytes /
				 parameters_of(guest)->workload_rate * 1e9);
}
const struct count sev_workload_pace = { "ns between first touches", pace_ns };

static uint64_t thread_pages(const struct guest *guest)
{
	uint64_t threads = (uint64_t)parameters_of(guest)->prealloc_threads;

	return threads ? (sev_whole_pages(guest) + threads - 1) / threads : 0;
}
const struct count sev_per_thread = { "pages of one thread's share", thread_pages };

/* --- conditions ----------------------------------------------------------- */

static bool is_4k(const struct guest *guest)
{
	return guest->config->page_bytes == 4096;
}
const struct condition sev_backed_4k = { "backed by 4 KiB pages", is_4k };

static bool is_2m(const struct guest *guest)
{
	return guest->config->page_bytes == 2 << 20;
}
const struct condition sev_backed_2m = { "backed by 2 MiB pages", is_2m };

static bool is_1g(const struct guest *guest)
{
	return guest->config->page_bytes == 1 << 30;
}
const struct condition sev_backed_1g = { "backed by 1 GiB pages", is_1g };

static bool is_huge(const struct guest *guest)
{
	return !is_4k(guest);
}
const struct condition sev_backed_huge = { "backed by huge pages", is_huge };

static bool must_clflush(const struct guest *guest)
{
	return !guest_host_has(guest, FEATURE_SME_COHERENT);
}
const struct condition sev_not_coherent = { "the CPU is not SME_COHERENT", must_clflush };

static bool is_es(const struct guest *guest)
{
	return parameters_of(guest)->es;
}
const struct condition sev_has_es = { "SEV-ES", is_es };

static bool is_snp(const struct guest *guest)
{
	return parameters_of(guest)->snp;
}
const struct condition sev_has_snp = { "SEV-SNP", is_snp };

bool sev_is_upfront(const struct guest *guest)
{
	return design_of(guest) == UPFRONT;
}
const struct condition sev_pins_upfront = { "memory is pinned up front", sev_is_upfront };

static bool is_longterm(const struct guest *guest)
{
	return design_of(guest) == DEMAND_LONGTERM;
}
const struct condition sev_pins_longterm = { "pins are FOLL_LONGTERM", is_longterm };

static bool migrates(const struct guest *guest)
{
	bool longterm = design_of(guest) == DEMAND_LONGTERM ||
			(design_of(guest) == UPFRONT && parameters_of(guest)->longterm);

	return longterm && movable_pages(guest) > 0;
}
const struct condition sev_must_migrate = { "FOLL_LONGTERM meets pages in CMA or ZONE_MOVABLE",
					    migrates };

static bool flushes_all(const struct guest *guest)
{
	return !parameters_of(guest)->flush_used_cpus;
}
const struct condition sev_flush_all_cpus = { "every CPU flushes its caches (before 6.17)",
					      flushes_all };

static bool has_more_threads(const struct guest *guest)
{
	return sev_of(guest)->threads_to_start > 0;
}
const struct condition sev_more_threads = { "more threads are to start", has_more_threads };

static bool has_free_asid(const struct guest *guest)
{
	const struct sev_host *host = host_of(guest);

	return host->used + host->reclaimable < parameters_of(guest)->asids;
}

static bool lacks_free_asid(const struct guest *guest)
{
	return !has_free_asid(guest);
}
const struct condition sev_no_free_asid = { "no ASID is free", lacks_free_asid };

static bool holds_asid(const struct guest *guest)
{
	return sev_of(guest)->asid;
}
const struct condition sev_has_asid = { "the guest has an ASID", holds_asid };

/* --- chances -------------------------------------------------------------- */

static double extra_reference(const struct guest *guest)
{
	return parameters_of(guest)->extra_reference;
}
const struct chance sev_migration_fails = { "migrate_longterm_unpinnable_folios", extra_reference };

/* --- hooks ---------------------------------------------------------------- */

static int process_started(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	memset(guest->state, 0, sizeof(struct sev_state));
	sev_of(guest)->threads_to_start = parameters_of(guest)->prealloc_threads;
	page_map_fill(&guest->pages, sev_held_pages(guest), FRESH);
	return 0;
}
const struct hook sev_start_process = { "a new address space", process_started };

static int process_failed(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	page_map_fill(&guest->pages, 0, FRESH);
	return 0;
}
const struct hook sev_no_pages = { "the address space is gone", process_failed };

static int thread_started(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	sev_of(guest)->threads_to_start--;
	return 0;
}
const struct hook sev_one_started = { "one thread is on its way", thread_started };

static int all_present(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	if (parameters_of(guest)->prealloc_threads)
		page_map_turn(&guest->pages, FRESH, PRESENT);
	return 0;
}
const struct hook sev_preallocated = { "memory is present", all_present };

static int asid_recycled(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	if (!host_of(guest)->reclaimable)
		return EBUSY;
	host_of(guest)->reclaimable = 0;
	return 0;
}
const struct hook sev_recycle_asids = { "__sev_recycle_asids", asid_recycled };

static int asid_taken(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	host_of(guest)->used++;
	sev_of(guest)->asid = true;
	return 0;
}
const struct hook sev_take_asid = { "sev_asid_new", asid_taken };

static int asid_freed(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	host_of(guest)->used--;
	host_of(guest)->reclaimable++;
	sev_of(guest)->asid = false;
	return 0;
}
const struct hook sev_free_asid = { "reclaimable until the next DF_FLUSH", asid_freed };

static int asid_leaked(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	sev_of(guest)->asid = false;
	return 0;
}
const struct hook sev_leak_asid = { "the ASID is lost", asid_leaked };

static int check_rlimit(struct guest *guest, uint32_t *generation)
{
	const struct parameters *parameters = parameters_of(guest);

	(void)generation;
	return parameters->cap_ipc_lock ||
			       guest->config->memory_bytes <= parameters->memlock_limit_bytes
		       ? 0
		       : ENOMEM;
}
const struct hook sev_rlimit_memlock = { "RLIMIT_MEMLOCK", check_rlimit };

static int check_slot(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	return parameters_of(guest)->slot_limit && bytes_per_4k(guest, 8) > INT32_MAX ? ENOMEM : 0;
}
const struct hook sev_kvcalloc_metadata = { "kvcalloc", check_slot };

static int generation_ends(struct guest *guest, uint32_t *generation)
{
	int64_t extra = (int64_t)(sev_is_upfront(guest) ? sev_array_bytes(guest)
							: sev_metadata_bytes(guest));

	(void)generation;
	if (!guest_generation_dies(guest, extra))
		return ENOMEM;
	for (int state = FRESH; state < DEAD; state++)
		page_map_turn(&guest->pages, state, DEAD);
	return 0;
}
const struct hook sev_end_generation = { "the generation ends", generation_ends };
