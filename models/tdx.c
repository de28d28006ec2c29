/*
 * Intel TDX: shutdown of a trust domain, whose pages the TDX module must give back.
 *
 * The flows follow A. Hunter and S. Christopherson, "[PATCH V4] KVM: TDX: Add
 * sub-ioctl KVM_TDX_TERMINATE_VM", kvm, June 2025, and A. Hunter, "x86/tdx: Skip
 * clearing reclaimed pages unless X86_BUG_TDX_PW_MCE is present", 2025 (6.18);
 * arch/x86/kvm/vmx/tdx.c of that time.
 */

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/elementary.h"
#include "models/devices.h"

/* --- parameters ----------------------------------------------------------- */

struct parameters {
	double vcpu_running;
	struct devices devices;
};

static const struct field parameter_fields[] = {
	{ "vcpu_running", FIELD_RATIO, offsetof(struct parameters, vcpu_running), "0", 0, 1, NULL,
	  NULL,
	  "share of the time that a vCPU is inside KVM_RUN when termination is asked for: one that "
	  "is makes KVM_TDX_TERMINATE_VM fail with EBUSY" },
	DEVICE_FIELDS(offsetof(struct parameters, devices)),
	{ .key = NULL },
};

static const struct record parameter_record =
	PARAMETER_RECORD("tdx guest", "Parameters of a trust domain.");

/* --- cost terms ----------------------------------------------------------- */

#define SHUTDOWN_TIMES "A. Hunter, KVM_TDX_TERMINATE_VM V4, June 2025, table of shutdown times"

enum {
	GUEST_STOP = FIRST_TERM,
	KERNEL_EXIT,
	TDX_FLUSH_VP,
	TDX_TEARDOWN,
	TDX_RECLAIM,
	TDX_CLEAR,
	TDX_REMOVE,
	TDX_SHOOTDOWN,
	MM_FREE,
	DEVICE_TERM_NAMES,
	TERM_COUNT
};

static const struct term terms[TERM_COUNT] = {
	[GUEST_STOP] = GUEST_STOP_TERM(""),
	[KERNEL_EXIT] = KERNEL_EXIT_TERM,
	[TDX_FLUSH_VP] = { "tdx.flush_vp", TERM_PER_CALL, 20e3, 0.1, 5e3, 200e3, TERM_ASSUMED,
			   "TDH.VP.FLUSH on the vCPU's last CPU; " OWN_GUESS },
	[TDX_TEARDOWN] = { "tdx.release_hkid", TERM_PER_CALL, 20e6, 0.2, 1e6, 200e6, TERM_ASSUMED,
			   "TDH.MNG.VPFLUSHDONE, TDH.PHYMEM.CACHE.WB on each package, "
			   "TDH.MNG.KEY.FREEID; " OWN_GUESS },
	[TDX_RECLAIM] = { "tdx.reclaim_page", TERM_PER_PAGE, 2.7e3, 0.05, 1e3, 6e3, TERM_DERIVED,
			  "134 s for 107 GiB: 4.7 us per page and 2.0 us of it "
			  "clearing; 5.1 us at 18 GiB, 4.5 us at 400 GiB; one host, of which no "
			  "more is known: others may differ by two; " SHUTDOWN_TIMES },
	[TDX_CLEAR] = { "tdx.clear_page", TERM_PER_PAGE, 1.87e3, 0.05, 0.5e3, 4e3, TERM_DERIVED,
			"skipping it cuts shutdown by up to 40 % (A. Hunter, V7, 2025); low: less "
			"than that, and near what a cached clear takes (mm.zero_4k)" },
	[TDX_REMOVE] = { "tdx.remove_page", TERM_PER_PAGE, 10.6e3, 0.05, 4e3, 25e3, TERM_DERIVED,
			 "TDH.MEM.RANGE.BLOCK, TRACK, PAGE.REMOVE and PHYMEM.PAGE.WBINVD of one 4 "
			 "KiB page: the first row before, less reclaim and "
			 "clearing; one host, as tdx.reclaim_page; " SHUTDOWN_TIMES },
	[TDX_SHOOTDOWN] = { "tdx.shootdown", TERM_PER_PAGE, 0.93, 0.05, 0.3, 3, TERM_DERIVED,
			    "for each page, vCPU and GiB: what makes the second row before dearer "
			    "than the first; 1.46 by the third row; the product is a guess at how "
			    "kicks and cache misses "
			    "grow together; " SHUTDOWN_TIMES },
	[MM_FREE] = { "mm.free_page", MM_FREE_4K_FIGURES, TERM_PUBLISHED,
		      "munmap of 320 GiB in 10.8 s: " LU FREE_4K_SEEN },
	DEVICE_TERMS(TERM_PUBLISHED, TERM_DERIVED, ""),
};

static const struct term_domain domains[] = { { TDX_SHOOTDOWN, 64, INT64_C(400) << 30 }, { 0 } };

/* --- locks ---------------------------------------------------------------- */

static const struct lock_kind *const locks[] = { &kvm_lock, &vcpu_mutex, &slots_lock, &mmu_lock };

/* --- state ---------------------------------------------------------------- */

enum page_state {
	PRIVATE = PAGE_FIRST, /* of the living guest */
	DEAD,                 /* of the exiting one, not yet reclaimed */
};
static const char *const page_states[] = { "private", "dead" };

enum design { REMOVE_WHILE_RUNNABLE, TERMINATE_FIRST, TERMINATE_FIRST_NO_CLEAR };

static enum design design_of(const struct guest *guest)
{
	return (enum design)guest->config->strategy;
}

struct tdx_state {
	struct devices_state devices;
};

static inline struct devices_state *devices_state_of(const struct guest *guest)
{
	return &((struct tdx_state *)guest->state)->devices;
}

/* --- counts, conditions, chances ------------------------------------------ */

STATIC_COUNT(per_shootdown, "pages x vCPUs x GiB",
	     (uint64_t)llround((double)page_map_pages(&guest->pages) *
			       (double)guest->config->vcpus * (double)guest->config->memory_bytes *
			       0x1p-30));
STATIC_CONDITION(terminate_first, "the VMM terminates the guest first",
		 design_of(guest) != REMOVE_WHILE_RUNNABLE);
STATIC_CONDITION(clear_pages, "reclaimed pages are cleared",
		 design_of(guest) != TERMINATE_FIRST_NO_CLEAR);

STATIC_CHANCE(vcpu_runs, "kvm_trylock_all_vcpus",
	      -elementary_expm1((double)guest->config->vcpus *elementary_log1p(
		      -parameters_of(guest)->vcpu_running)));

/* --- hooks ---------------------------------------------------------------- */

STATIC_HOOK(end_generation, "the generation ends")
{
	if (!guest_generation_dies(guest, 0))
		return ENOMEM;
	page_map_turn(&guest->pages, PRIVATE, DEAD);
	return 0;
}

STATIC_EFFECT(no_pages, "the guest_memfd is gone", page_map_fill(&guest->pages, 0, PRIVATE));

/* --- page loops ----------------------------------------------------------- */

#define RECLAIM PRICE(TDX_RECLAIM), PRICE_WHEN(TDX_CLEAR, clear_pages), PRICE(MM_FREE)

/* Dynamic removal: the module still runs the guest, so each page is blocked, tracked, removed. */
static const struct page_acts remove_acts = { {
	[PRIVATE] = { { PRICE(TDX_REMOVE), RECLAIM }, PAGE_GONE, true },
	[DEAD] = { { PRICE(TDX_REMOVE), RECLAIM }, PAGE_GONE, true },
} };

static const struct page_acts reclaim_acts = { {
	[PRIVATE] = { { RECLAIM }, PAGE_GONE, true },
	[DEAD] = { { RECLAIM }, PAGE_GONE, true },
} };

#define ALL_PAGES(name_, acts_)                                                                    \
	.name = (name_), .range = all_pages, .yields = true, .frees = true,                        \
	.fault = "tdh_phymem_page_reclaim", .acts = &(acts_)

static const struct page_loop remove_all = { ALL_PAGES("remove all pages", remove_acts) };
static const struct page_loop reclaim_all = { ALL_PAGES("reclaim all pages", reclaim_acts) };

/* --- flows ---------------------------------------------------------------- */

/* Only what the guest shares is a target of DMA. */
#define DEVICES_DMA_BYTES devices_bounce_bytes(guest->config)
#include "models/devices_flows.h"

static const struct step release_hkid_steps[] = {
	SPEND_YIELDING(TDX_FLUSH_VP, &per_vcpu, "tdx_flush_vp_on_cpu"),
	LOCK(mmu_lock, "tdx_mmu_release_hkid"),
	SPEND(TDX_TEARDOWN, NULL, "tdx_mmu_release_hkid"),
	UNLOCK(mmu_lock, "tdx_mmu_release_hkid"),
};
static const struct flow release_hkid =
	FLOW("tdx_mmu_release_hkid", "the guest can never run again", release_hkid_steps);

static const struct step terminate_steps[] = {
	CHANCE(vcpu_runs, EBUSY, "out", "kvm_trylock_all_vcpus"),
	LOCK(kvm_lock, "tdx_terminate_vm"),
	LOCK(vcpu_mutex, "kvm_trylock_all_vcpus"),
	CALL(release_hkid, "tdx_terminate_vm"),
	UNLOCK(vcpu_mutex, "kvm_unlock_all_vcpus"),
	UNLOCK(kvm_lock, "tdx_terminate_vm"),
	LABEL("out"),
};
static const struct flow terminate =
	FLOW("KVM_TDX_TERMINATE_VM", "give the key back before the pages", terminate_steps);

static const struct step remove_steps[] = {
	LOCK(slots_lock, "kvm_gmem_release"),
	PAGES(remove_all, NULL, "tdx_sept_remove_private_spte"),
	SPEND_YIELDING(TDX_SHOOTDOWN, &per_shootdown, "tdx_track: kvm_make_all_cpus_request"),
	UNLOCK(slots_lock, "kvm_gmem_release"),
	CALL(release_hkid, "kvm_destroy_vm"),
};
static const struct flow remove_runnable =
	FLOW("kvm_gmem_release", "pages leave a guest that could still run", remove_steps);

static const struct step process_exit_steps[] = {
	CALL(devices_detach, "do_exit: exit_files"),
	TRY(end_generation, 0, "out", "do_exit"),
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	UNLESS(terminate_first, "runnable"),
	CALL_OR(terminate, "busy", "qemu: tdx_finalize_vm"),
	LOCK(slots_lock, "kvm_gmem_release"),
	PAGES(reclaim_all, NULL, "__tdx_reclaim_page"),
	UNLOCK(slots_lock, "kvm_gmem_release"),
	GOTO("gone"),
	LABEL("busy"), /* it stays as it was: the slow way */
	RECOVER("qemu: tdx_finalize_vm"),
	LABEL("runnable"),
	CALL(remove_runnable, "kvm_gmem_release"),
	LABEL("gone"),
	DO(no_pages, "kvm_destroy_vm"),
	MARK(MILESTONE_ALL_RECLAIMED),
	MARK(MILESTONE_DONE),
	LABEL("out"),
};
static const struct flow process_exit =
	FLOW("process_exit", "the process ends", process_exit_steps);

static const struct flow shutdown = SHUTDOWN(POWER_OFF(process_exit));

/* --- the model ------------------------------------------------------------ */

static const struct memory_kind *const memory[] = { &devices_iommu_tables };

static void begin(struct guest *guest, bool running)
{
	page_map_fill(&guest->pages, running ? guest_resident_pages(guest) : 0, PRIVATE);
	*devices_state_of(guest) =
		running ? devices_running(devices_of(guest)) : (struct devices_state){ 0 };
}

static bool check(const struct guest_config *config, const struct host_config *host,
		  const char **key, struct error *error)
{
	const struct parameters *parameters = config->parameters;

	(void)host;
	if (config->page_bytes == PAGE_BYTES)
		return devices_check(&parameters->devices, key, error);
	*key = "page_size";
	return error_set(error, ERROR_INPUT,
			 "private memory of TDX is mapped by 4 KiB pages upstream: \"4KiB\"");
}

static const char *ignored(const struct guest_config *config, const struct host_config *host,
			   const char *key)
{
	const struct parameters *parameters = config->parameters;

	(void)host;
	if (devices_ignored(&parameters->devices, key))
		return devices_ignored(&parameters->devices, key);
	if (strcmp(key, "vcpu_running") == 0 && config->strategy == REMOVE_WHILE_RUNNABLE)
		return "nothing asks for the vCPUs' mutexes";
	return NULL;
}

static const struct strategy strategies[] = {
	{ "remove-while-runnable",
	  "each page is blocked, tracked and removed from a runnable guest",
	  END_FLOWS(shutdown, process_exit) },
	{ "terminate-first", "KVM_TDX_TERMINATE_VM gives the key back, then pages are reclaimed",
	  END_FLOWS(shutdown, process_exit) },
	{ "terminate-first-no-clear", "the same on CPUs that need no clearing (6.18)",
	  END_FLOWS(shutdown, process_exit) },
};

const struct model model_tdx = {
	.name = "tdx",
	.architectures = ON_X86_64,
	.summary = "Intel TDX: shutdown of a trust domain, page by page",
	.modelled = "Shutdown and kill. remove-while-runnable: guest_memfd is closed while the "
		    "guest could still run, so every 4 KiB page is blocked, tracked (a kick of "
		    "every vCPU), removed, written back, reclaimed and cleared. terminate-first: "
		    "the key is given back first (mutexes of all vCPUs; EBUSY when one runs, then "
		    "the slow way), after which pages are reclaimed directly. "
		    "terminate-first-no-clear leaves out MOVDIR64B. A page whose reclaim fails is "
		    "lost (fault point tdh_phymem_page_reclaim). What devices reach is the swiotlb "
		    "that "
		    "a TD shares, and that is pinned." DEVICES_MODELLED,
	.not_modelled =
		"Start and acceptance of memory; huge pages; control pages of the module; why the "
		"kicks get dearer with vCPUs and memory together (tdx.shootdown only says that "
		"they do, with a figure from two rows of the published "
		"table)." DEVICES_NOT_MODELLED,
	.sources = "A. Hunter, S. Christopherson, KVM: TDX: KVM_TDX_TERMINATE_VM, V4, June 2025; "
		   "A. Hunter, skip clearing reclaimed pages, V7, 2025; arch/x86/kvm/vmx/tdx.c.",
	.strategies = TABLE(strategies),
	.terms = TABLE(terms),
	.domains = domains,
	.parameters = &parameter_record,
	.locks = TABLE(locks),
	.memory = TABLE(memory),
	.metadata = metadata_tdx,
	.page_states = TABLE(page_states),
	.limbo_states = 1u << DEAD,
	.state_size = sizeof(struct tdx_state),
	.check = check,
	.ignored = ignored,
	.begin = begin,
};
