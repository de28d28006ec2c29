/*
 * Teardown of a protected s390 guest: its vCPUs, its configuration and its pages; DISABLE.
 * What may fail, and what is left then, is here.
 */

#include <errno.h>

#include "models/s390-pv_parts.h"

STATIC_COUNT(per_protected_vcpu, "protected vCPUs", pv_of(guest)->protected_vcpus);

uint64_t pv_donated_bytes(const struct guest *guest)
{
	const struct parameters *parameters = parameters_of(guest);

	return (uint64_t)parameters->donated_base_bytes +
	       per_mebibyte.of(guest) * (uint64_t)parameters->donated_per_mib_bytes;
}
const struct count pv_donated = { "bytes donated", pv_donated_bytes };
COUNT(pv_donated_pages, "pages donated", pages_4k((int64_t)pv_donated_bytes(guest)));
const struct memory_kind pv_donation = { "donated memory", pv_donated_bytes };

/* The merged kernel uses destroy-fast wherever the Ultravisor has it. */
CONDITION(pv_destroys_fast, "the Ultravisor has destroy-fast",
	  guest->config->strategy == ASYNC_FAST || guest_host_has(guest, FEATURE_FAST_DESTROY));
CONDITION(pv_handle_kept, "its configuration was not destroyed at PREPARE",
	  !pv_destroys_fast.holds(guest));
STATIC_CONDITION(leftover_left, "need_cleanup is not empty", pv_of(guest)->leftovers > 0);
CONDITION(pv_has_handle, "the VM has a configuration", pv_of(guest)->handle);
/* What QEMU calls protected: ENABLE has succeeded, and nothing has been undone since. */
CONDITION(pv_is_protected, "the guest is protected",
	  pv_of(guest)->protected_vcpus > 0 && pv_of(guest)->handle);
STATIC_CONDITION(nothing_left, "no configuration is left", !pv_of(guest)->handle);
STATIC_CONDITION(mm_alive, "the address space is alive", !pv_of(guest)->mm_gone);
CONFIG_CONDITION(pv_walks_guest_table, "KVM has a table of the guest (7.0)",
		 guest->config->strategy == ASYNC_7_0 ||
			 (parameters_of(guest)->guest_table && guest->config->strategy != LAZY));
CONDITION(pv_vcpu_stuck, "a vCPU could not be destroyed", pv_of(guest)->stuck_vcpus > 0);

STATIC_CHANCE(crypto_queues, "crypto queues bound", parameters_of(guest)->crypto_queues_bound);

HOOK(pv_end_generation, "the generation ends")
{
	struct pv_state *pv = pv_of(guest);

	if (!pv->handle || pv->dead)
		return 0;
	if (!guest_generation_dies(guest, (int64_t)pv_donated_bytes(guest)))
		return ENOMEM;
	pv->dead = true;
	page_map_turn(&guest->pages, OWNED, STALE);
	return 0;
}

/* KVM forgets every handle, also that of a vCPU which the Ultravisor keeps: nobody tries again. */
STATIC_HOOK(no_cpu_protected, "vCPUs are unprotected")
{
	struct pv_state *pv = pv_of(guest);

	pv->protected_vcpus = 0;
	pv->stuck_vcpus += guest->failed_calls;
	return 0;
}

/* A vCPU that could not be destroyed keeps its configuration alive. */
ERRNO(pv_no_vcpu_stuck, "its vCPUs are gone", pv_vcpu_stuck.holds(guest) ? EIO : 0);

STATIC_EFFECT(nothing_donated, "only pages are left",
	      only_pages_held(guest, guest->generation - 1));

HOOK(pv_disposed, "protected_count--")
{
	NEEDS(pv_of(guest)->protected_count > 0);
	pv_of(guest)->protected_count--;
	return 0;
}

/* A failed UVC: what was donated can never be used again. */
static void leak(struct guest *guest, uint32_t number)
{
	struct dead_generation *dead = guest_dead_generation(guest, number);

	guest->leaked_bytes += (int64_t)pv_donated_bytes(guest);
	if (dead)
		guest_generation_forget(guest, dead);
}

EFFECT(pv_leak_taken, "leak the donated memory", leak(guest, *generation));

HOOK(pv_leak_live, "leak the live donated memory")
{
	struct pv_state *pv = pv_of(guest);

	leak(guest, guest->generation - 1);
	pv->handle = pv->dead = false;
	return 0;
}

STATIC_HOOK(one_leftover_gone, "list_del(leftover)")
{
	struct pv_state *pv = pv_of(guest);

	NEEDS(pv->leftovers);
	only_pages_held(guest, pv->need_cleanup[--pv->leftovers]);
	pv->protected_count--;
	return 0;
}

STATIC_HOOK(leak_leftover, "leak one leftover's donated memory")
{
	struct pv_state *pv = pv_of(guest);

	NEEDS(pv->leftovers);
	leak(guest, pv->need_cleanup[--pv->leftovers]);
	return 0;
}

STATIC_HOOK(begin_cleanup, "protected_count++")
{
	struct pv_state *pv = pv_of(guest);

	pv->protected_count++; /* stays above zero until the walk is over */
	NEEDS(pv->leftovers < DEAD_GENERATIONS_MAX);
	if (pv->set_aside)
		pv_add_leftover(pv, pv->set_aside);
	pv->set_aside = 0;
	return 0;
}

HOOK(pv_live_gone, "the configuration is gone")
{
	struct pv_state *pv = pv_of(guest);

	if (pv->dead)
		only_pages_held(guest, guest->generation - 1);
	pv->handle = pv->dead = false;
	pv->protected_count--;
	return 0;
}

EFFECT(pv_mm_gone, "mm_users is 0", pv_of(guest)->mm_gone = true);

/* Every present page is offered to the Ultravisor; only the dead guest's are worth its while. */
static const struct page_acts destroy_acts = { {
	[PLAIN] = { { PRICE(UVC_NOOP) }, PLAIN, false },
	[STALE] = { { PRICE(UVC_DESTROY_PAGE) }, PLAIN, true },
	[OWNED] = { { PRICE(UVC_NOOP) }, OWNED, false },
	PASS(NODE),
} };

/* While a vCPU exists the Ultravisor refuses; nobody looks at the result. */
static const struct page_acts refused_acts = { {
	[PLAIN] = { { PRICE(UVC_NOOP) }, PLAIN, false },
	[STALE] = { { PRICE(UVC_NOOP) }, STALE, false },
	[OWNED] = { { PRICE(UVC_NOOP) }, OWNED, false },
	PASS(NODE),
} };

struct page_range pv_whole_space(const struct guest *guest)
{
	return (struct page_range){ 0, page_map_pages(&guest->pages) ? process_pages(guest) : 0 };
}

static struct page_range lower_2g(const struct guest *guest)
{
	uint64_t pages = guest_resident_pages_below(guest, LOW_BYTES);
	uint64_t all = guest_pages(guest);

	return (struct page_range){ 0, pages < all ? pages : all };
}

enum { GATHER_GET_PAGES = 32 };

/* s390_uv_destroy_range and its kin: one call for each present page, 32 gathered at a time. */
#define CALL_EACH_PAGE(name_, range_)                                                              \
	.name = (name_), .range = (range_), .yields = true, .gather = KVM_GATHER,                  \
	.lock = &mmap_lock, .batch = GATHER_GET_PAGES
#define DESTROY_PAGES(name_, range_)                                                               \
	CALL_EACH_PAGE(name_, range_), .fault = "uvc.destroy_page", .acts = &destroy_acts

static const struct page_loop destroy_range = {
	DESTROY_PAGES("destroy all pages", pv_whole_space),
};

const struct page_loop pv_destroy_range_interruptible = {
	DESTROY_PAGES("destroy all pages until a signal", pv_whole_space),
	.interruptible = true,
};

const struct page_loop pv_destroy_lower_2g = {
	DESTROY_PAGES("destroy pages below 2 GiB", lower_2g),
};

/*
 * gmap_pv_destroy_range: the guest's own table, whose holes cost nothing, page by page with
 * kvm->mmu_lock held for reading (and dropped where the scheduler wants it). A page that cannot be
 * destroyed is exported: that of the next guest too, which must then import it again.
 */
static const struct page_acts table_acts = { {
	[PLAIN] = { { PRICE(KVM_WALK_ENTRY), PRICE(UVC_NOOP) }, PLAIN, false },
	[STALE] = { { PRICE(KVM_WALK_ENTRY), PRICE(UVC_DESTROY_PAGE) }, PLAIN, true },
	[OWNED] = { { PRICE(KVM_WALK_ENTRY), PRICE(UVC_NOOP), PRICE(UVC_EXPORT) }, PLAIN, false },
	PASS(NODE),
} };

/* While a vCPU exists none can be destroyed. */
static const struct page_acts table_export_acts = { {
	[PLAIN] = { { PRICE(KVM_WALK_ENTRY), PRICE(UVC_NOOP) }, PLAIN, false },
	[STALE] = { { PRICE(KVM_WALK_ENTRY), PRICE(UVC_NOOP), PRICE(UVC_EXPORT) }, PLAIN, true },
	[OWNED] = { { PRICE(KVM_WALK_ENTRY), PRICE(UVC_NOOP), PRICE(UVC_EXPORT) }, PLAIN, false },
	PASS(NODE),
} };

static struct page_range guest_table(const struct guest *guest)
{
	return (struct page_range){ 0, guest_pages(guest) };
}

#define TABLE_PAGES(name_, range_)                                                                 \
	.name = (name_), .range = (range_), .yields = true, .fault = "uvc.destroy_page",           \
	.acts = &table_acts

static const struct page_loop table_all = {
	TABLE_PAGES("destroy the guest's pages", guest_table),
};

const struct page_loop pv_table_interruptible = {
	TABLE_PAGES("destroy the guest's pages until a signal", guest_table),
	.interruptible = true,
};

const struct page_loop pv_table_lower_2g = {
	TABLE_PAGES("destroy the guest's pages below 2 GiB", lower_2g),
};

static const struct page_loop table_export = {
	.name = "export the guest's pages",
	.range = guest_table,
	.yields = true,
	.acts = &table_export_acts,
};

static const struct page_loop destroy_in_vain = {
	CALL_EACH_PAGE("try to destroy all pages", pv_whole_space),
	.acts = &refused_acts,
};

/* All are tried, and several may fail. */
static const struct step cpus_from_pv_steps[] = {
	LOCK(vcpu_mutex, "kvm_s390_cpus_from_pv"),
	SPEND_OR(UVC_DESTROY_CPU, &per_protected_vcpu, EIO, "tried", "kvm_s390_pv_destroy_cpu"),
	LABEL("tried"),
	DO(no_cpu_protected, "kvm_s390_cpus_from_pv"),
	UNLOCK(vcpu_mutex, "kvm_s390_cpus_from_pv"),
};
const struct flow pv_cpus_from_pv =
	FLOW("kvm_s390_cpus_from_pv", "destroy every protected vCPU", cpus_from_pv_steps);

/* A configuration that cannot be destroyed keeps its handle: the release of the VM tries again. */
static const struct step deinit_vm_steps[] = {
	SPEND_OR(UVC_DESTROY_CONF, NULL, EIO, "out", "kvm_s390_pv_deinit_vm"),
	TRY(pv_no_vcpu_stuck, 0, "out", "kvm_s390_pv_deinit_vm"),
	FREE_DONATION("kvm_s390_pv_dealloc_vm"),
	DO(pv_live_gone, "kvm_s390_pv_deinit_vm"),
	LABEL("out"),
};
const struct flow pv_deinit_vm =
	FLOW("kvm_s390_pv_deinit_vm", "destroy the live configuration", deinit_vm_steps);

static const struct step walk_table_steps[] = {
	READ_LOCK(mmu_lock, "gmap_pv_destroy_range"),
	UNLESS(pv_vcpu_stuck, "destroy"),
	PAGES(table_export, NULL, "gmap_pv_destroy_range"),
	GOTO("out"),
	LABEL("destroy"),
	PAGES(table_all, NULL, "gmap_pv_destroy_range"),
	LABEL("out"),
	UNLOCK(mmu_lock, "gmap_pv_destroy_range"),
};
static const struct flow walk_table =
	FLOW("gmap_pv_destroy_range", "along the guest's table, for all configurations",
	     walk_table_steps);

/*
 * The configuration first, then one walk for it and all leftovers, if there is still a mm. A
 * leftover that cannot be destroyed is forgotten with what it was given.
 */
static const struct step cleanup_all_steps[] = {
	DO(begin_cleanup, "kvm_s390_pv_deinit_cleanup_all"),
	UNLESS(pv_has_handle, "leftovers"),
	TRY(pv_end_generation, 0, "out", "kvm_s390_pv_deinit_vm"),
	CALL_OR(pv_deinit_vm, "leftovers", "kvm_s390_pv_deinit_cleanup_all"),
	LABEL("leftovers"),
	UNLESS(leftover_left, "walk"),
	UNLESS(pv_handle_kept, "disposed"),
	SPEND_OR(UVC_DESTROY_CONF, NULL, EIO, "leak", "kvm_s390_pv_dispose_one_leftover"),
	FREE_DONATION("kvm_s390_pv_dispose_one_leftover"),
	LABEL("disposed"),
	DO(one_leftover_gone, "kvm_s390_pv_dispose_one_leftover"),
	GOTO("leftovers"),
	LABEL("leak"),
	DO(leak_leftover, "kvm_s390_pv_dispose_one_leftover"),
	GOTO("leftovers"),
	LABEL("walk"),
	UNLESS(mm_alive, "settle"),
	UNLESS(pv_walks_guest_table, "process"),
	CALL(walk_table, "kvm_s390_pv_deinit_cleanup_all"),
	GOTO("settle"),
	LABEL("process"),
	UNLESS(pv_vcpu_stuck, "destroy"),
	PAGES(destroy_in_vain, NULL, "s390_uv_destroy_range"),
	GOTO("settle"),
	LABEL("destroy"),
	PAGES(destroy_range, NULL, "s390_uv_destroy_range"),
	LABEL("settle"),
	DO(pv_disposed, "kvm_s390_pv_deinit_cleanup_all"),
	UNLESS(nothing_left, "out"),
	MARK(MILESTONE_ALL_RECLAIMED),
	LABEL("out"),
};
const struct flow pv_cleanup_all =
	FLOW("kvm_s390_pv_deinit_cleanup_all", "destroy the live configuration and all leftovers",
	     cleanup_all_steps);

static const struct step disable_steps[] = {
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	CALL_OR(pv_cpus_from_pv, "failed", "kvm_s390_handle_pv"),
	CALL_OR(pv_cleanup_all, "failed", "kvm_s390_handle_pv"),
	PV_DISABLED,
};
const struct flow pv_disable =
	FLOW("KVM_PV_DISABLE", "destroy the guest here and now", disable_steps);

/* rc 0x104: queues are bound; an ordinary destroy will finish it. Nothing is freed then. */
static const struct step deinit_fast_steps[] = {
	SPEND_OR(UVC_DESTROY_FAST, NULL, EIO, "out", "kvm_s390_pv_deinit_vm_fast"),
	CHANCE(crypto_queues, EIO, "out", "kvm_s390_pv_deinit_vm_fast: rc 0x104"),
	FREE_DONATION("kvm_s390_pv_dealloc_vm"),
	DO(nothing_donated, "kvm_s390_pv_deinit_vm_fast"),
	LABEL("out"),
};
const struct flow pv_deinit_fast = FLOW(
	"kvm_s390_pv_deinit_vm_fast", "the configuration goes, its pages stay", deinit_fast_steps);
