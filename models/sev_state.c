/* Memory, counts and conditions of model sev. */

#include "models/sev_parts.h"

/* --- counts --------------------------------------------------------------- */

/* Up front, and for devices, all of the RAM blocks is there; else what the guest ever touches. */
double sev_resident(const struct guest_config *config)
{
	const struct parameters *parameters = config->parameters;
	bool all = devices_pass(&parameters->devices);

	return config->strategy == UPFRONT || all ? 1 : fill_resident(config);
}

COUNT(sev_untouched, "bytes that were never touched",
      guest->pages.in_state[FRESH] * (uint64_t)guest->config->page_bytes);
/* Of each 4 KiB of memory. */
COUNT(sev_page_array, "bytes of page pointers", guest->config->memory_bytes / PAGE_BYTES * 8);
COUNT(sev_metadata, "bytes of pfns[] and pinned_bitmap",
      guest->config->memory_bytes / PAGE_BYTES * 16);

static uint64_t registered_bytes(const struct guest *guest)
{
	return sev_pins_upfront.holds(guest) ? sev_page_array.of(guest) : 0;
}
const struct memory_kind sev_page_pointers = { "page pointers", registered_bytes };

static uint64_t remembered_bytes(const struct guest *guest)
{
	return sev_pins_upfront.holds(guest) ? 0 : sev_metadata.of(guest);
}
const struct memory_kind sev_pin_metadata = { "pin metadata", remembered_bytes };

COUNT(sev_per_firmware_page, "pages of firmware", pages_4k(parameters_of(guest)->firmware_bytes));
COUNT(sev_per_movable_page, "movable pages of 4 KiB", sev_of(guest)->movable_4k);

RATIO(sev_movable_in_page, "movable pages of 4 KiB",
      parameters_of(guest)->movable *(double)guest->config->page_bytes / PAGE_BYTES);
RATIO(sev_anew, "share that another pfn has come to", parameters_of(guest)->repinned);

COUNT(sev_boot_touch, "pages touched by the boot",
      boot_touch_pages(guest, &parameters_of(guest)->boot_touch));
COUNT(sev_workload_pace, "ns between first touches",
      first_touch_pace_ns(guest, parameters_of(guest)->workload_rate));

/* --- conditions ----------------------------------------------------------- */

CONDITION(sev_not_coherent, "the CPU is not SME_COHERENT",
	  !guest_host_has(guest, FEATURE_SME_COHERENT));
CONDITION(sev_encrypts_vcpus, "the state of vCPUs is encrypted (SEV-ES)", parameters_of(guest)->es);
CONDITION(sev_resets_in_process, "QEMU makes a new VM in the same process",
	  parameters_of(guest)->reset_in_process);

CONDITION(sev_pins_upfront, "memory is pinned up front", design_of(guest) == UPFRONT);
CONDITION(sev_pins_on_demand, "memory is pinned on demand", !sev_pins_upfront.holds(guest));
CONDITION(sev_fault_pins_longterm, "the fault pins with FOLL_LONGTERM (March 2022)",
	  design_of(guest) == DEMAND_LONGTERM);

bool sev_pins_longterm(const struct guest_config *config)
{
	const struct parameters *parameters = config->parameters;

	return config->strategy == DEMAND_LONGTERM || parameters->longterm;
}

CONDITION(sev_must_migrate, "FOLL_LONGTERM meets pages in CMA or ZONE_MOVABLE",
	  sev_pins_longterm(guest->config) && parameters_of(guest)->movable > 0);
CONDITION(sev_meets_movable, "pages to be pinned lie in CMA or ZONE_MOVABLE",
	  sev_of(guest)->movable_4k > 0);
CONDITION(sev_pins_anew, "another pfn comes to gfns that are pinned",
	  parameters_of(guest)->repinned > 0);
CONDITION(sev_flush_all_cpus, "every CPU flushes its caches (before 6.17)",
	  !parameters_of(guest)->flush_used_cpus);
CONDITION(sev_has_process, "the process has mapped its memory", sev_of(guest)->process);
CONDITION(sev_has_metadata, "memslots remember what is pinned",
	  sev_of(guest)->registered && !sev_pins_upfront.holds(guest));
