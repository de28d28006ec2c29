/*
 * Start and boot of a protected s390 guest: BIOS and loader run unprotected, then ENABLE,
 * SET_SEC_PARMS, UNPACK, VERIFY, and the new kernel's first touches.
 */

#include <errno.h>
#include <math.h>
#include <string.h>

#include "models/s390-pv_parts.h"

SLOT_UPDATE_COUNTS;

STATIC_COUNT(per_image_page, "pages of the image", pages_4k(parameters_of(guest)->image_bytes));
STATIC_COUNT(image_read, "ns to read the image",
	     llround((double)parameters_of(guest)->image_bytes /
		     parameters_of(guest)->image_bandwidth * 1e9));
COUNT(pv_resident, "bytes resident", process_pages(guest) * PAGE_BYTES);
STATIC_COUNT(loader_touch, "pages of loader_touch",
	     pages_4k(parameters_of(guest)->loader_touch_bytes));

/* Before a process protects its guest for the first time: QEMU's, the loader's, and the image. */
static uint64_t present_pages(const struct guest *guest)
{
	uint64_t pages = pages_4k(parameters_of(guest)->vmm_resident_bytes) +
			 loader_touch.of(guest) + per_image_page.of(guest);

	return pages < process_pages(guest) ? pages : process_pages(guest);
}
static const struct count present_before = { "pages present so far", present_pages };

STATIC_COUNT(boot_touch, "pages touched by the boot",
	     boot_touch_pages(guest, &parameters_of(guest)->boot_touch));
STATIC_COUNT(workload_pace, "ns between first touches",
	     first_touch_pace_ns(guest, parameters_of(guest)->workload_rate));
STATIC_CONDITION(export_first,
		 "several configurations live in the address space and the Ultravisor lacks the "
		 "misc feature",
		 pv_of(guest)->protected_count > 1 && !guest_host_has(guest, FEATURE_MISC_UV));
STATIC_CONDITION(fresh, "the process has just started", pv_of(guest)->fresh);
STATIC_CONDITION(allow_cow_sharing, "mm->context.allow_cow_sharing", !pv_of(guest)->cow_disabled);

/* A folio of 1 MiB, which can never be secure as it is. */
enum { FOLIO_PAGES = 256 };
STATIC_CONDITION(folios_to_split, "the process has just started, on large folios",
		 pv_of(guest)->fresh &&parameters_of(guest)->large_folios > 0);
STATIC_RATIO(per_folio, "large folios for each page",
	     parameters_of(guest)->large_folios / FOLIO_PAGES);

/*
 * vCPUs that touch at once import one after another. Each comes to its turn when the others have had
 * theirs, or when it has made its own fault, whichever takes longer.
 */
static double import_turns(const struct guest *guest)
{
	const struct cost *costs = guest->config->costs;
	double own_ns = costs[MM_FAULT].law.mean_ns +
			(pv_of(guest)->fresh ? costs[MM_ZERO].law.mean_ns : 0);
	double turns = fill_others.of(guest) - own_ns / fmax(costs[UVC_IMPORT].law.mean_ns, 1);

	return turns > 0 ? turns : 0;
}
static const struct ratio other_imports = { "turns of others at import_lock", import_turns, 0 };
STATIC_CONDITION(imports_take_turns, "imports take turns at import_lock",
		 pv_walks_guest_table.holds(guest) && fill_several_touch.holds(guest));

EFFECT(pv_no_longer_fresh, "its pages are present", pv_of(guest)->fresh = false);

STATIC_EFFECT(cow_disabled, "allow_cow_sharing = 0", pv_of(guest)->cow_disabled = true);

/* ENABLE has failed before, and could not undo itself. */
STATIC_ERRNO(not_protected, "kvm_s390_pv_is_protected", pv_of(guest)->handle ? EINVAL : 0);

STATIC_HOOK(has_configuration, "the VM has a handle")
{
	struct pv_state *pv = pv_of(guest);

	pv->handle = true;
	pv->protected_count++;
	return 0;
}

STATIC_EFFECT(vcpus_protected, "the guest is protected",
	      pv_of(guest)->protected_vcpus = per_vcpu.of(guest));

STATIC_EFFECT(first_vcpus_protected, "the first vCPUs are protected",
	      pv_of(guest)->protected_vcpus = guest->calls_made);

/* Pages of earlier processes that are still on lists (lazy) stay behind those of the new one. */
HOOK(pv_start_process, "a new address space")
{
	struct page_map *map = &guest->pages;
	struct page_range own = { 0, process_pages(guest) };

	memset(guest->state, 0, sizeof(struct pv_state));
	pv_of(guest)->fresh = true;
	if (map->in_state[STALE] + map->in_state[NODE] == 0) {
		page_map_fill(map, own.end, PLAIN);
		return 0;
	}
	return page_map_set(map, own, PLAIN) ? 0 : ENOMEM;
}

static struct page_range guest_pages_range(const struct guest *guest)
{
	return (struct page_range){ 0, guest_pages(guest) };
}

/* What the boot has not touched: everything below the owned pages at the top. */
static struct page_range untouched(const struct guest *guest)
{
	struct page_range range = guest_pages_range(guest);
	int state;

	if (range.end) {
		struct page_range top = page_map_run(&guest->pages, range.end - 1, &state);

		if (state == OWNED)
			range.end = top.first;
	}
	return range;
}

static const struct page_acts unpack_acts = { {
	[PAGE_NONE] = { { PRICE(UVC_UNPACK), PRICE_WHEN(UVC_EXPORT, export_first) },
			PAGE_NONE,
			false },
} };
static const struct page_call unpack_one[] = { { .name = "uvc.unpack", .error = EINVAL }, { 0 } };

static const struct page_loop unpack_image = {
	.name = "unpack the image",
	.count = &per_image_page,
	.yields = true,
	.calls = unpack_one,
	.acts = &unpack_acts,
};

/* Non-secure code meets a page of the dead guest: do_secure_storage_access exports it. */
static const struct page_acts loader_acts = { {
	[PLAIN] = { { PRICE(MM_FAULT), PRICE_WHEN(MM_ZERO, fresh) }, PLAIN, false },
	[STALE] = { { PRICE(MM_FAULT), PRICE(UVC_EXPORT) }, PLAIN, true },
	[OWNED] = { { PRICE(MM_FAULT) }, OWNED, false },
	PASS(NODE),
} };

static const struct page_loop loader_touches = {
	.name = "non-secure first touches",
	.range = guest_pages_range,
	.count = &loader_touch,
	.descending = true,
	.touch = true,
	.interruptible = true,
	.yields = true,
	.acts = &loader_acts,
};

/*
 * The new protected guest: a plain page is imported (gmap_convert_to_secure); a page
 * of the dead guest is destroyed first (do_secure_storage_violation).
 */
static const struct page_acts secure_acts = { {
	[PLAIN] = { { PRICE(MM_FAULT), PRICE(UVC_IMPORT), PRICE_WHEN(MM_ZERO, fresh),
		      PRICE_WHEN(UVC_EXPORT, export_first),
		      PRICE_WHEN_TIMES(MM_FAULT_SHARED_4K, fresh, fill_others),
		      PRICE_WHEN_TIMES(UVC_IMPORT, imports_take_turns, other_imports),
		      PRICE_WHEN_TIMES(KVM_SPLIT_FOLIO, folios_to_split, per_folio) },
		    OWNED,
		    false },
	[STALE] = { { PRICE(MM_FAULT), PRICE(UVC_DESTROY_PAGE), PRICE(UVC_IMPORT),
		      PRICE_WHEN(UVC_EXPORT, export_first),
		      PRICE_WHEN_TIMES(UVC_IMPORT, imports_take_turns, other_imports) },
		    OWNED,
		    true },
	PASS(OWNED),
	PASS(NODE),
} };

static const struct page_loop boot_touches = {
	.name = "secure first touches",
	.range = guest_pages_range,
	.count = &boot_touch,
	.descending = true,
	.touch = true,
	.interruptible = true,
	.yields = true,
	.acts = &secure_acts,
};

FILL_TOUCHER(static, boot_toucher, "secure first touches by one vCPU", guest_pages_range,
	     boot_touch, true, "do_secure_storage_violation", .acts = &secure_acts);

/* Pages of 4 KiB alone. */
MEMMAP_FLOW(static, memmap_init);

FILL_FLOWS(, pv_prealloc, pv_no_longer_fresh, PRICE(MM_ZERO),
	   PRICE_TIMES(MM_FAULT_SHARED_4K, fill_others));

static const struct page_loop workload_touches = {
	.name = "workload touches",
	.range = untouched,
	.descending = true,
	.touch = true,
	.interruptible = true,
	.yields = true,
	.pace_ns = &workload_pace,
	.acts = &secure_acts,
};

/* The booted guest goes on to use its memory. */
const struct flow pv_workload = WORKLOAD(workload_touches, "do_secure_storage_violation");

/* The first vCPU that cannot be made ends the loop. */
static const struct page_acts create_cpu_acts = { {
	[PAGE_NONE] = { { PRICE(UVC_CREATE_CPU) }, PAGE_NONE, false },
} };
static const struct page_call create_cpu[] = { { .name = "uvc.create_cpu", .error = EIO }, { 0 } };

static const struct page_loop create_cpus = {
	.name = "uvc.create_cpu",
	.count = &per_vcpu,
	.calls = create_cpu,
	.acts = &create_cpu_acts,
};

/* Only the first one of a process unshares zero pages and KSM pages. */
static const struct step disable_cow_steps[] = {
	LOCK(mmap_lock, "s390_disable_cow_sharing"),
	UNLESS(allow_cow_sharing, "out"),
	SPEND(KVM_DISABLE_COW, NULL, "s390_disable_cow_sharing"),
	SPEND(KVM_DISABLE_COW_PAGE, &present_before, "__s390_unshare_zeropages"),
	DO(cow_disabled, "s390_disable_cow_sharing"),
	LABEL("out"),
	UNLOCK(mmap_lock, "s390_disable_cow_sharing"),
};
static const struct flow disable_cow =
	FLOW("s390_disable_cow_sharing", "no page is shared any more", disable_cow_steps);

static const struct step enable_steps[] = {
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	TRY(not_protected, 0, "out", "kvm_s390_handle_pv"),
	CALL(disable_cow, "kvm_s390_handle_pv"),
	ALLOCATE(pv_donation, pv_donated, "out", "kvm_s390_pv_alloc_vm"),
	SPEND_YIELDING(KVM_ALLOC_STORAGE, &pv_donated_pages, "kvm_s390_pv_alloc_vm"),
	SPEND_OR(UVC_CREATE_CONF, NULL, EIO, "dealloc", "kvm_s390_pv_init_vm"),
	DO(has_configuration, "kvm_s390_pv_init_vm"),
	LOCK(vcpu_mutex, "kvm_s390_cpus_to_pv"),
	PAGES(create_cpus, "undo", "kvm_s390_pv_create_cpu"),
	UNLOCK(vcpu_mutex, "kvm_s390_cpus_to_pv"),
	DO(vcpus_protected, "kvm_s390_handle_pv"),
	GOTO("out"),
	LABEL("undo"),
	DO(first_vcpus_protected, "kvm_s390_cpus_to_pv"),
	UNLOCK(vcpu_mutex, "kvm_s390_cpus_to_pv"),
	CALL_OR(pv_cpus_from_pv, "deinit", "kvm_s390_cpus_to_pv"),
	LABEL("deinit"),
	CALL_OR(pv_deinit_vm, "out", "kvm_s390_handle_pv"),
	GOTO("out"),
	LABEL("dealloc"),
	FREE_DONATION("kvm_s390_pv_dealloc_vm"),
	LABEL("out"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
};
static const struct flow enable =
	FLOW("KVM_PV_ENABLE", "create configuration and vCPUs", enable_steps);

static const struct step load_image_steps[] = {
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	SPEND_OR(UVC_SET_SEC_PARMS, NULL, EINVAL, "out", "kvm_s390_pv_set_sec_parms"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	PAGES(unpack_image, "out", "kvm_s390_pv_unpack"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	SPEND_OR(UVC_VERIFY, NULL, EINVAL, "out", "kvm_s390_handle_pv"),
	LABEL("out"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
};
static const struct flow load_image =
	FLOW("KVM_PV_SET_SEC_PARMS, UNPACK, VERIFY", "the encrypted image becomes the guest",
	     load_image_steps);

static const struct step boot_protected_steps[] = {
	USER(QEMU_DEVICE_RESET, NULL, "qemu_devices_reset"),
	USER(GUEST_BIOS, NULL, "s390-ccw"),
	SLOT_UPDATES,
	PAUSE("read the image", image_read, "s390-ccw: virtio_load_direct"),
	PAGES(loader_touches, NULL, "do_secure_storage_access"),
	USER(GUEST_DIAG308, NULL, "handle_diag_308: subcode 8"),
	USER(GUEST_DIAG308, NULL, "handle_diag_308: subcode 10"),
	USER(QEMU_CPU_RESET, &per_vcpu, "s390_do_cpu_full_reset"),
	CALL_OR(enable, "failed", "s390_machine_protect"),
	CALL_OR(load_image, "failed", "s390_machine_protect"),
	USER(QEMU_CPU_RESET, NULL, "s390_cpu: load_normal"),
	SPEND(UVC_CPU_SET_STATE, NULL, "kvm_s390_pv_set_cpu_state"),
	USER(GUEST_BOOT, NULL, "guest: start_kernel"),
	CALL(memmap_init, "guest: page_alloc_init_late"),
	FILL_TOUCH("", boot_touches, boot_toucher, "do_secure_storage_violation"),
	MARK(MILESTONE_DONE),
	SPAWN(pv_workload, "guest"),
	LABEL("failed"),
};
const struct flow pv_boot_protected =
	FLOW("boot_protected", "from reset to the running guest", boot_protected_steps);
