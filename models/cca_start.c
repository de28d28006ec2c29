/*
 * What makes a realm: its descriptor, the image that is measured into it, its RECs, activation;
 * and the granules that it is given at first touches.
 */

#include <errno.h>
#include <string.h>

#include "models/cca_parts.h"

const struct lock_kind cca_config_lock = { "kvm->arch.config_lock", "config_lock",
					   .scope = SCOPE_GUEST };

/* --- memory ---------------------------------------------------------------- */

/* RD and entry level, and for each vCPU a REC, its auxiliary granules and the run page. */
uint64_t cca_realm_bytes(const struct guest *guest)
{
	uint64_t granules = 1 + ROOT_TABLES + per_vcpu.of(guest) * (rec_granules(guest) + 1);

	return granules * GRANULE_BYTES;
}
static const struct count realm_bytes = { "bytes of RD and RECs", cca_realm_bytes };
const struct memory_kind cca_realm_granules = { "RD and REC granules", cca_realm_bytes };

STATIC_COUNT(per_gibibyte, "GiB of guest memory", (per_mebibyte.of(guest) + 1023) >> 10);

/* One table for each 2 MiB that was touched; above them one for each GiB. */
uint64_t cca_tables(const struct guest *guest, uint64_t pages, bool ripas)
{
	return (pages + GRANULES_PER_TABLE - 1) / GRANULES_PER_TABLE +
	       (ripas ? per_gibibyte.of(guest) : 0);
}

/* Those of memory that is touched later are taken at the start, as the memory itself. */
static uint64_t table_bytes(const struct guest *guest)
{
	return cca_tables(guest, guest_resident_pages(guest), true) * GRANULE_BYTES;
}
static const struct count all_tables = { "bytes of translation tables", table_bytes };
const struct memory_kind cca_table_granules = { "RTT granules", table_bytes };

/* --- counts ---------------------------------------------------------------- */

COUNT(cca_per_descriptor_granule, "granules of RD and entry level", 1 + ROOT_TABLES);
STATIC_COUNT(per_image_page, "pages of the image", pages_4k(parameters_of(guest)->image_bytes));
STATIC_COUNT(boot_touch, "pages touched by the boot",
	     boot_touch_pages(guest, &parameters_of(guest)->boot_touch));
STATIC_COUNT(workload_pace, "ns between first touches",
	     first_touch_pace_ns(guest, parameters_of(guest)->workload_rate));

STATIC_RATIO(table_share, "a table for each 512", 1.0 / GRANULES_PER_TABLE);
STATIC_RATIO(of_rec, "granules of a REC", rec_granules(guest));

/* --- hooks ----------------------------------------------------------------- */

/* Pages of dead realms stay where they are, in front; those of the new process come behind. */
HOOK(cca_start_process, "a new address space")
{
	struct cca_state *cca = cca_of(guest);
	struct page_map *map = &guest->pages;
	uint64_t pages = guest_resident_pages(guest), first = 0;

	if (map->in_state[DEAD] + map->in_state[UNDELEGATED]) {
		first = page_map_pages(map);
		if (!page_map_append(map, pages, FRESH))
			return ENOMEM;
	} else { /* dead realms may have more to do, but not with pages */
		page_map_fill(map, pages, FRESH);
		for (uint32_t i = 0; i < cca->dead_count; i++)
			cca->dead[i].pages = (struct page_range){ 0, 0 };
		cca->working.pages = (struct page_range){ 0, 0 };
	}
	cca->process = true;
	cca->live = (struct realm){ .pages = { first, first + pages } };
	return 0;
}

STATIC_EFFECT(granules_taken, "granules for RD and RECs", cca_of(guest)->live.granules = true);

STATIC_EFFECT(tables_taken, "granules for tables", cca_of(guest)->live.tables_taken = true);

STATIC_EFFECT(realm_new, "REALM_STATE_NEW", cca_of(guest)->live.created = true);

STATIC_EFFECT(recs_made, "every vCPU has a REC", cca_of(guest)->live.recs = per_vcpu.of(guest));

STATIC_EFFECT(first_recs_made, "the first vCPUs have RECs",
	      cca_of(guest)->live.recs = guest->calls_made);

STATIC_EFFECT(ripas_set, "memory is RAM to the realm", cca_of(guest)->live.ripas = true);

/* --- page loops ------------------------------------------------------------ */

/* Touches come from the bottom: what they have not reached. */
static struct page_range untouched(const struct guest *guest)
{
	struct page_range range = cca_of(guest)->live.pages;
	int state;

	if (range.first < range.end) {
		struct page_range run = page_map_run(&guest->pages, range.first, &state);

		if (state == REALM)
			range.first = run.end < range.end ? run.end : range.end;
	}
	return range;
}

#define OTHERS PASS(REALM), PASS(DEAD), PASS(UNDELEGATED)
/* A page of guest_memfd becomes a granule of the realm, every 512th needs a table. */
#define GIVEN                                                                                      \
	PRICE(MM_FAULT), PRICE(MM_ZERO), PRICE(RMI_DELEGATE),                                      \
		PRICE_TIMES(RMI_DELEGATE, table_share), PRICE_TIMES(RMI_RTT_CREATE, table_share)

static const struct page_acts populate_acts = { {
	[FRESH] = { { GIVEN, PRICE(RMI_DATA_CREATE) }, REALM, false },
	OTHERS,
} };
static const struct page_call populate_calls[] = { { .name = "rmi.granule_delegate", .error = EIO },
						   { .name = "rmi.data_create", .error = EIO },
						   { 0 } };
static const struct page_loop populate_image = {
	.name = "populate with the image",
	.range = untouched,
	.count = &per_image_page,
	.interruptible = true,
	.yields = true,
	.calls = populate_calls,
	.acts = &populate_acts,
};

static const struct page_acts fault_acts = { {
	[FRESH] = { { PRICE(RMI_REC_ENTER), GIVEN, PRICE(RMI_DATA_CREATE_UNKNOWN) }, REALM, false },
	OTHERS,
} };
static const struct page_call fault_calls[] = { { .name = "rmi.data_create_unknown", .error = EIO },
						{ 0 } };

#define FAULTS(name_)                                                                              \
	.name = (name_), .range = untouched, .touch = true, .interruptible = true, .yields = true, \
	.acts = &fault_acts

const struct page_loop cca_boot_faults = {
	FAULTS("first touches of the boot"),
	.count = &boot_touch,
	.calls = fault_calls,
};

const struct page_loop cca_workload_faults = {
	FAULTS("workload touches"),
	.pace_ns = &workload_pace,
};

/* The first REC that cannot be made ends the loop. */
static const struct page_acts create_rec_acts = { {
	[PAGE_NONE] = { { PRICE_TIMES(RMI_DELEGATE, of_rec), PRICE(RMI_REC_CREATE) },
			PAGE_NONE,
			false },
} };
static const struct page_call create_rec[] = { { .name = "rmi.rec_create", .error = EIO }, { 0 } };
static const struct page_loop create_recs = {
	.name = "create RECs",
	.count = &per_vcpu,
	.calls = create_rec,
	.acts = &create_rec_acts,
};

/* --- flows ----------------------------------------------------------------- */

/* KVM says ENXIO whatever call fails; EIO stands for it, as in other models. */
static const struct step create_steps[] = {
	ALLOCATE(cca_realm_granules, realm_bytes, "out", "realm_create_rd"),
	DO(granules_taken, "realm_create_rd"),
	ALLOCATE(cca_table_granules, all_tables, "out", "alloc_rtt"),
	DO(tables_taken, "alloc_rtt"),
	SPEND_OR(RMI_DELEGATE, &cca_per_descriptor_granule, EIO, "out", "realm_create_rd"),
	SPEND_OR(RMI_REALM_CREATE, NULL, EIO, "undelegate", "realm_create_rd"),
	DO(realm_new, "realm_create_rd"),
	GOTO("out"),
	LABEL("undelegate"),
	SPEND(RMI_UNDELEGATE, &cca_per_descriptor_granule, "realm_create_rd"),
	LABEL("out"),
};
static const struct flow create = FLOW("realm_ensure_created", "a realm descriptor", create_steps);

static const struct step populate_steps[] = {
	LOCK(slots_lock, "populate_region"),
	READ_LOCK(mmap_lock, "populate_region"),
	PAGES(populate_image, "out", "realm_create_protected_data_page"),
	LABEL("out"),
	UNLOCK(mmap_lock, "populate_region"),
	UNLOCK(slots_lock, "populate_region"),
};
static const struct flow populate =
	FLOW("KVM_ARM_RMI_POPULATE", "the image is copied and measured", populate_steps);

static const struct step activate_steps[] = {
	LOCK(cca_config_lock, "kvm_activate_realm"),
	PAGES(create_recs, "few", "kvm_create_rec"),
	DO(recs_made, "kvm_create_rec"),
	READ_LOCK(kvm_srcu, "set_ripas_of_protected_regions"),
	SPEND(RMI_DELEGATE, &per_gibibyte, "realm_create_rtt_levels"),
	SPEND(RMI_RTT_CREATE, &per_gibibyte, "realm_create_rtt_levels"),
	SPEND(RMI_RTT_INIT_RIPAS, &per_gibibyte, "ripas_change"),
	UNLOCK(kvm_srcu, "set_ripas_of_protected_regions"),
	DO(ripas_set, "set_ripas_of_protected_regions"),
	SPEND_OR(RMI_REALM_ACTIVATE, NULL, EIO, "out", "kvm_activate_realm"),
	GOTO("out"),
	LABEL("few"),
	DO(first_recs_made, "kvm_create_rec"),
	LABEL("out"),
	UNLOCK(cca_config_lock, "kvm_activate_realm"),
};
static const struct flow activate =
	FLOW("kvm_activate_realm", "RECs, the state of memory, activation", activate_steps);

static const struct step make_steps[] = {
	CALL_OR(create, "out", "kvm_arm_rmi_populate"),
	CALL_OR(populate, "out", "kvm_arm_rmi_populate"),
	CALL_OR(activate, "out", "kvm_arch_vcpu_run_pid_change"),
	LABEL("out"),
};
const struct flow cca_make_realm = FLOW("make_realm", "from a VM to an active realm", make_steps);
