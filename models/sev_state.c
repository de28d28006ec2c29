/* Locks, memory, counts and conditions of model sev. */

#include <math.h>

#include "models/sev_parts.h"

/* --- locks and the PSP ---------------------------------------------------- */

const struct lock_kind sev_bitmap_lock = { "sev_bitmap_lock", "sev_bitmap_lock",
					   .scope = SCOPE_HOST };
const struct lock_kind sev_deactivate_lock = { "sev_deactivate_lock", "sev_deactivate_lock",
					       .scope = SCOPE_HOST };

/* Every command waits for sev_cmd_mutex and then for the one small processor behind it. */
const struct server_kind sev_psp = { "PSP" };

/* --- counts --------------------------------------------------------------- */

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

static uint64_t untouched_bytes(const struct guest *guest)
{
	return guest->pages.in_state[FRESH] * (uint64_t)guest->config->page_bytes;
}
const struct count sev_untouched = { "bytes that were never touched", untouched_bytes };

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
	return pages_4k(parameters_of(guest)->firmware_bytes);
}
const struct count sev_per_firmware_page = { "pages of firmware", firmware_pages };

static uint64_t movable_pages(const struct guest *guest)
{
	return sev_of(guest)->movable_4k;
}
const struct count sev_per_movable_page = { "movable pages of 4 KiB", movable_pages };

static double movable_in_page(const struct guest *guest)
{
	return parameters_of(guest)->movable * (double)guest->config->page_bytes / PAGE_BYTES;
}
const struct ratio sev_movable_in_page = { "movable pages of 4 KiB", movable_in_page };

static double anew(const struct guest *guest)
{
	return parameters_of(guest)->repinned;
}
const struct ratio sev_anew = { "share that another pfn has come to", anew };

uint64_t sev_boot_pages(const struct guest *guest)
{
	return boot_touch_pages(guest, &parameters_of(guest)->boot_touch);
}
const struct count sev_boot_touch = { "pages touched by the boot", sev_boot_pages };

static uint64_t pace_ns(const struct guest *guest)
{
	return first_touch_pace_ns(guest, parameters_of(guest)->workload_rate);
}
const struct count sev_workload_pace = { "ns between first touches", pace_ns };

static uint64_t thread_pages(const struct guest *guest)
{
	uint64_t threads = (uint64_t)parameters_of(guest)->prealloc_threads;

	return threads ? (sev_whole_pages(guest) + threads - 1) / threads : 0;
}
const struct count sev_per_thread = { "pages of one thread's share", thread_pages };

/* --- conditions ----------------------------------------------------------- */

static bool is_huge(const struct guest *guest)
{
	return !backed_4k.holds(guest);
}
const struct condition sev_backed_huge = { "backed by huge pages", is_huge };

static bool must_clflush(const struct guest *guest)
{
	return !guest_host_has(guest, FEATURE_SME_COHERENT);
}
const struct condition sev_not_coherent = { "the CPU is not SME_COHERENT", must_clflush };

static bool is_es(const struct guest *guest)
{
	return parameters_of(guest)->es || parameters_of(guest)->snp;
}
const struct condition sev_encrypts_vcpus = { "the state of vCPUs is encrypted (SEV-ES, SEV-SNP)",
					      is_es };

static bool is_snp(const struct guest *guest)
{
	return parameters_of(guest)->snp;
}
const struct condition sev_has_snp = { "SEV-SNP", is_snp };

static bool resets_in_process(const struct guest *guest)
{
	return parameters_of(guest)->reset_in_process;
}
const struct condition sev_resets_in_process = { "QEMU makes a new VM in the same process",
						 resets_in_process };

bool sev_is_upfront(const struct guest *guest)
{
	return design_of(guest) == UPFRONT;
}
const struct condition sev_pins_upfront = { "memory is pinned up front", sev_is_upfront };

static bool is_on_demand(const struct guest *guest)
{
	return !sev_is_upfront(guest);
}
const struct condition sev_pins_on_demand = { "memory is pinned on demand", is_on_demand };

static bool is_march(const struct guest *guest)
{
	return design_of(guest) == DEMAND_LONGTERM;
}
const struct condition sev_fault_pins_longterm = { "the fault pins with FOLL_LONGTERM (March 2022)",
						   is_march };

bool sev_pins_longterm(const struct guest_config *config)
{
	const struct parameters *parameters = config->parameters;

	return config->strategy == DEMAND_LONGTERM || parameters->longterm;
}

static bool migrates(const struct guest *guest)
{
	return sev_pins_longterm(guest->config) && parameters_of(guest)->movable > 0;
}
const struct condition sev_must_migrate = { "FOLL_LONGTERM meets pages in CMA or ZONE_MOVABLE",
					    migrates };

static bool meets_movable(const struct guest *guest)
{
	return sev_of(guest)->movable_4k > 0;
}
const struct condition sev_meets_movable = { "pages to be pinned lie in CMA or ZONE_MOVABLE",
					     meets_movable };

static bool pins_anew(const struct guest *guest)
{
	return parameters_of(guest)->repinned > 0;
}
const struct condition sev_pins_anew = { "another pfn comes to gfns that are pinned", pins_anew };

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

static bool has_process(const struct guest *guest)
{
	return sev_of(guest)->process;
}
const struct condition sev_has_process = { "the process has mapped its memory", has_process };

static bool holds_asid(const struct guest *guest)
{
	return sev_of(guest)->asid;
}
const struct condition sev_has_asid = { "the guest has an ASID", holds_asid };

static bool is_launched(const struct guest *guest)
{
	return sev_of(guest)->launched;
}
const struct condition sev_is_launched = { "the PSP has launched the guest", is_launched };

static bool has_metadata(const struct guest *guest)
{
	return sev_of(guest)->registered && !sev_is_upfront(guest);
}
const struct condition sev_has_metadata = { "memslots remember what is pinned", has_metadata };
