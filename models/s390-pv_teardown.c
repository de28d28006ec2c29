/* Teardown of a protected s390 guest: DISABLE, PREPARE and PERFORM (v15), process exit. */

#include <errno.h>
#include <string.h>

#include "models/s390-pv.h"

enum { LOW_BYTES_GIB = 2 };

static int64_t low_bytes(void)
{
	return (int64_t)LOW_BYTES_GIB << 30;
}

static uint64_t protected_vcpus(const struct guest *guest)
{
	return (uint64_t)pv_of(guest)->protected_vcpus;
}
static const struct count per_protected_vcpu = { "protected vCPUs", protected_vcpus };

static uint64_t perform_delay_ns(const struct guest *guest)
{
	return (uint64_t)parameters_of(guest)->perform_delay_ns;
}
static const struct count perform_delay = { "ns of perform_delay", perform_delay_ns };

uint64_t pv_donated_bytes(const struct guest *guest)
{
	const struct parameters *parameters = parameters_of(guest);

	return (uint64_t)parameters->donated_base_bytes +
	       mebibytes(guest) * (uint64_t)parameters->donated_per_mib_bytes;
}
const struct count pv_donated = { "bytes donated", pv_donated_bytes };
const struct memory_kind pv_donation = { "donated memory", pv_donated_bytes };

/* The merged kernel uses destroy-fast wherever the Ultravisor has it. */
static bool has_destroy_fast(const struct guest *guest)
{
	return guest->config->strategy == ASYNC_FAST || guest_host_has(guest, FEATURE_FAST_DESTROY);
}
static const struct condition destroys_fast = { "the Ultravisor has destroy-fast",
						has_destroy_fast };

static bool keeps_handle(const struct guest *guest)
{
	return !has_destroy_fast(guest);
}
static const struct condition handle_kept = { "its configuration was not destroyed at PREPARE",
					      keeps_handle };

static uint64_t leftover_count(const struct guest *guest)
{
	return has_destroy_fast(guest) ? 0 : pv_of(guest)->leftovers;
}
static const struct count per_leftover = { "leftovers with a handle", leftover_count };

static uint64_t leftover_donated_bytes(const struct guest *guest)
{
	return leftover_count(guest) * pv_donated_bytes(guest);
}
static const struct count leftover_donated = { "bytes donated by leftovers",
					       leftover_donated_bytes };

static bool is_above_2g(const struct guest *guest)
{
	return guest->config->memory_bytes > low_bytes();
}
static const struct condition above_2g = { "the guest has more than 2 GiB", is_above_2g };

static bool is_protected(const struct guest *guest)
{
	return pv_of(guest)->handle;
}
const struct condition pv_has_handle = { "the guest is protected", is_protected };

static bool is_mm_alive(const struct guest *guest)
{
	return !pv_of(guest)->mm_gone;
}
static const struct condition mm_alive = { "the address space is alive", is_mm_alive };

/* Pages of a guest whose vCPUs still exist cannot be destroyed, only exported. */
static bool no_vcpu_protected(const struct guest *guest)
{
	return pv_of(guest)->protected_vcpus == 0;
}
static const struct condition vcpus_gone = { "no vCPU is protected any more", no_vcpu_protected };

static bool some_vcpu_protected(const struct guest *guest)
{
	return pv_of(guest)->protected_vcpus != 0;
}
static const struct condition vcpus_left = { "a vCPU is still protected", some_vcpu_protected };

static bool is_notified(const struct guest *guest)
{
	return parameters_of(guest)->exit_notifier;
}
static const struct condition notified = { "the exit notifier is there", is_notified };

static double queues_bound(const struct guest *guest)
{
	return parameters_of(guest)->crypto_queues_bound;
}
static const struct chance crypto_queues = { "crypto queues bound", queues_bound };

static int check_async_destroy(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	return parameters_of(guest)->async_destroy ? 0 : EINVAL;
}
static const struct hook async_allowed = { "kvm.async_destroy", check_async_destroy };

static int check_set_aside(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	return pv_of(guest)->set_aside ? EINVAL : 0;
}
static const struct hook none_set_aside = { "kvm_s390_pv_set_aside", check_set_aside };

static int allocate_private(struct guest *guest, uint32_t *generation)
{
	(void)guest;
	(void)generation;
	return 0; /* fails only when a fault is switched on */
}
const struct hook pv_kzalloc = { "kzalloc", allocate_private };

static int generation_ends(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	if (!pv->handle || pv->dead)
		return 0;
	if (!guest_generation_dies(guest, (int64_t)pv_donated_bytes(guest)))
		return ENOMEM;
	pv->dead = true;
	page_map_turn(&guest->pages, OWNED, STALE);
	return 0;
}
const struct hook pv_end_generation = { "the generation ends", generation_ends };

static int cpus_destroyed(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	pv_of(guest)->protected_vcpus = 0;
	return 0;
}
static const struct hook no_cpus_left = { "vCPUs are unprotected", cpus_destroyed };

static int cpu_not_destroyed(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	pv_of(guest)->protected_vcpus = 1;
	return 0;
}
static const struct hook one_cpu_left = { "one vCPU stays protected", cpu_not_destroyed };

static int donation_returned(struct guest *guest, uint32_t *generation)
{
	struct dead_generation *dead = guest_dead_generation(guest, guest->generation - 1);

	(void)generation;
	if (dead)
		dead->held_bytes = 0;
	return 0;
}
static const struct hook nothing_donated = { "only pages are left", donation_returned };

static int store_set_aside(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	pv->set_aside = guest->generation - 1; /* the one that has just ended */
	pv->handle = pv->dead = false;
	return 0;
}
static const struct hook set_aside = { "kvm->arch.pv.set_aside = priv", store_set_aside };

static int take_set_aside(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	*generation = pv->set_aside;
	pv->set_aside = 0;
	return *generation ? 0 : EINVAL;
}
static const struct hook take_aside = { "take set_aside", take_set_aside };

static int one_disposed(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	pv_of(guest)->protected_count--;
	return 0;
}
const struct hook pv_disposed = { "protected_count--", one_disposed };

/* A failed UVC: what was donated can never be used again. */
static void leak(struct guest *guest, uint32_t number)
{
	struct dead_generation *dead = guest_dead_generation(guest, number);

	guest->leaked_bytes += (int64_t)pv_donated_bytes(guest);
	if (dead)
		dead->number = 0;
}

static int leak_own(struct guest *guest, uint32_t *generation)
{
	leak(guest, *generation);
	return 0;
}
const struct hook pv_leak_taken = { "leak the donated memory", leak_own };

static int leak_live(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	leak(guest, guest->generation - 1);
	pv->handle = pv->dead = false;
	return 0;
}
static const struct hook leak_current = { "leak the live donated memory", leak_live };

static int leak_oldest(struct guest *guest, uint32_t *generation)
{
	uint32_t oldest = 0;

	(void)generation;
	for (int i = 0; i < DEAD_GENERATIONS_MAX; i++) {
		uint32_t number = guest->dead[i].number;

		if (number && (!oldest || number < oldest))
			oldest = number;
	}
	leak(guest, oldest);
	pv_of(guest)->leftovers--;
	return 0;
}
static const struct hook leak_one_leftover = { "leak one leftover's donated memory", leak_oldest };

static int keep_leftover(struct guest *guest, uint32_t *generation)
{
	*generation = 0;
	pv_of(guest)->leftovers++;
	return 0;
}
static const struct hook need_cleanup = { "list_add(need_cleanup)", keep_leftover };

static int guard_count(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	pv->protected_count++; /* stays above zero until the walk is over */
	if (pv->set_aside) {
		pv->set_aside = 0;
		pv->leftovers++;
	}
	return 0;
}
static const struct hook begin_cleanup = { "protected_count++", guard_count };

static int live_destroyed(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	pv->handle = pv->dead = false;
	pv->protected_count--;
	return 0;
}
const struct hook pv_live_gone = { "the configuration is gone", live_destroyed };

static int cleanup_done(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	pv->protected_count -= 1 + (int64_t)pv->leftovers;
	pv->leftovers = 0;
	return 0;
}
static const struct hook end_cleanup = { "protected_count settled", cleanup_done };

static int address_space_gone(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	pv_of(guest)->mm_gone = true;
	page_map_fill(&guest->pages, 0, PLAIN);
	return 0;
}
static const struct hook mm_gone = { "mm_users is 0", address_space_gone };

/* Every present page is offered to the Ultravisor; only the dead guest's are worth its while. */
static const struct page_acts destroy_acts = { {
	[PLAIN] = { { { UVC_NOOP, NULL } }, PLAIN, false },
	[STALE] = { { { UVC_DESTROY_PAGE, NULL } }, PLAIN, true },
	[OWNED] = { { { UVC_NOOP, NULL } }, OWNED, false },
	PASS(NODE),
} };

static struct page_range whole_space(const struct guest *guest)
{
	return (struct page_range){ 0, page_map_pages(&guest->pages) ? process_pages(guest) : 0 };
}

static struct page_range lower_2g(const struct guest *guest)
{
	uint64_t pages = guest_resident_pages_below(guest, low_bytes());
	uint64_t all = guest_pages(guest);

	return (struct page_range){ 0, pages < all ? pages : all };
}

enum { GATHER_GET_PAGES = 32 };

/* s390_uv_destroy_range and its kin: one call for each present page, 32 gathered at a time. */
#define DESTROY_PAGES(name_, range_)                                                               \
	.name = (name_), .range = (range_), .yields = true, .fault = "uvc.destroy_page",           \
	.gather = KVM_GATHER, .lock = &pv_mmap_lock, .batch = GATHER_GET_PAGES,                    \
	.acts = &destroy_acts

static const struct page_loop destroy_range = {
	DESTROY_PAGES("destroy all pages", whole_space),
};

const struct page_loop pv_destroy_range_interruptible = {
	DESTROY_PAGES("destroy all pages until a signal", whole_space),
	.interruptible = true,
};

const struct page_loop pv_destroy_lower_2g = {
	DESTROY_PAGES("destroy pages below 2 GiB", lower_2g),
};

/* exit_mmap: pages of a protected guest are destroyed (or exported) as they are unmapped. */
static const struct page_acts exit_acts = { {
	[PLAIN] = { { { MM_FREE, NULL } }, PAGE_GONE, true },
	[STALE] = { { { MM_FREE, NULL },
		      { UVC_DESTROY_PAGE, &vcpus_gone },
		      { UVC_EXPORT, &vcpus_left } },
		    PAGE_GONE, true },
	[OWNED] = { { { MM_FREE, NULL } }, PAGE_GONE, true },
	PASS(NODE),
} };

static const struct page_loop unmap_all = {
	.name = "unmap all pages",
	.range = whole_space,
	.yields = true,
	.frees = true,
	.fault = "uvc.destroy_page",
	.acts = &exit_acts,
};

static const struct step cpus_from_pv_steps[] = {
	LOCK(pv_vcpu_mutex, "kvm_s390_cpus_from_pv"),
	SPEND_OR(UVC_DESTROY_CPU, &per_protected_vcpu, EIO, "failed", "kvm_s390_pv_destroy_cpu"),
	DO(no_cpus_left, "kvm_s390_cpus_from_pv"),
	GOTO("out"),
	LABEL("failed"),
	DO(one_cpu_left, "kvm_s390_cpus_from_pv"),
	LABEL("out"),
	UNLOCK(pv_vcpu_mutex, "kvm_s390_cpus_from_pv"),
};
const struct flow pv_cpus_from_pv =
	FLOW("kvm_s390_cpus_from_pv", "destroy every protected vCPU", cpus_from_pv_steps);

/* The configuration first, then one walk for it and all leftovers, if there is still a mm. */
static const struct step cleanup_all_steps[] = {
	DO(begin_cleanup, "kvm_s390_pv_deinit_cleanup_all"),
	UNLESS(pv_has_handle, "leftovers"),
	TRY(pv_end_generation, 0, "out", "kvm_s390_pv_deinit_vm"),
	SPEND_OR(UVC_DESTROY_CONF, NULL, EIO, "leak", "kvm_s390_pv_deinit_vm"),
	FREE(pv_donation, pv_donated, "kvm_s390_pv_dealloc_vm"),
	DO(pv_live_gone, "kvm_s390_pv_deinit_vm"),
	GOTO("leftovers"),
	LABEL("leak"),
	DO(leak_current, "kvm_s390_pv_deinit_vm"),
	LABEL("leftovers"),
	SPEND_OR(UVC_DESTROY_CONF, &per_leftover, EIO, "leak leftover",
		 "kvm_s390_pv_dispose_one_leftover"),
	GOTO("free"),
	LABEL("leak leftover"),
	DO(leak_one_leftover, "kvm_s390_pv_dispose_one_leftover"),
	LABEL("free"),
	FREE(pv_donation, leftover_donated, "kvm_s390_pv_dispose_one_leftover"),
	UNLESS(mm_alive, "settle"),
	PAGES(destroy_range, NULL, "s390_uv_destroy_range"),
	LABEL("settle"),
	DO(end_cleanup, "kvm_s390_pv_deinit_cleanup_all"),
	MARK(MILESTONE_ALL_RECLAIMED),
	LABEL("out"),
};
const struct flow pv_cleanup_all =
	FLOW("kvm_s390_pv_deinit_cleanup_all", "destroy the live configuration and all leftovers",
	     cleanup_all_steps);

static const struct step disable_steps[] = {
	LOCK(pv_kvm_lock, "kvm_s390_handle_pv"),
	CALL_OR(pv_cpus_from_pv, "failed", "kvm_s390_handle_pv"),
	CALL_OR(pv_cleanup_all, "failed", "kvm_s390_handle_pv"),
	UNLOCK(pv_kvm_lock, "kvm_s390_handle_pv"),
	GOTO("done"),
	LABEL("failed"),
	UNLOCK(pv_kvm_lock, "kvm_s390_handle_pv"),
	DIE("__s390_pv_cmd_exit"),
	LABEL("done"),
};
const struct flow pv_disable =
	FLOW("KVM_PV_DISABLE", "destroy the guest here and now", disable_steps);

/* rc 0x104: queues are bound; an ordinary destroy will finish it. Nothing is freed then. */
static const struct step deinit_fast_steps[] = {
	SPEND_OR(UVC_DESTROY_FAST, NULL, EIO, "out", "kvm_s390_pv_deinit_vm_fast"),
	CHANCE(crypto_queues, EIO, "out", "kvm_s390_pv_deinit_vm_fast: rc 0x104"),
	FREE(pv_donation, pv_donated, "kvm_s390_pv_dealloc_vm"),
	DO(nothing_donated, "kvm_s390_pv_deinit_vm_fast"),
	LABEL("out"),
};
static const struct flow deinit_fast = FLOW(
	"kvm_s390_pv_deinit_vm_fast", "the configuration goes, its pages stay", deinit_fast_steps);

static const struct step prepare_steps[] = {
	LOCK(pv_kvm_lock, "kvm_s390_handle_pv"),
	TRY(async_allowed, EINVAL, "out", "kvm_s390_handle_pv"),
	CALL_OR(pv_cpus_from_pv, "out", "kvm_s390_handle_pv"),
	TRY(none_set_aside, EINVAL, "out", "kvm_s390_pv_set_aside"),
	TRY(pv_kzalloc, ENOMEM, "out", "kvm_s390_pv_set_aside"),
	UNLESS(destroys_fast, "set aside"),
	TRY(pv_end_generation, 0, "out", "kvm_s390_pv_deinit_vm_fast"),
	CALL_OR(deinit_fast, "out", "kvm_s390_pv_deinit_vm_fast"),
	GOTO("lower"),
	LABEL("set aside"),
	SPEND_OR(KVM_REPLACE_ASCE, NULL, ENOMEM, "out", "s390_replace_asce"),
	TRY(pv_end_generation, 0, "out", "kvm_s390_pv_set_aside"),
	LABEL("lower"),
	READ_LOCK(pv_kvm_srcu, "kvm_s390_destroy_lower_2g"),
	PAGES(pv_destroy_lower_2g, NULL, "kvm_s390_destroy_lower_2g"),
	UNLOCK(pv_kvm_srcu, "kvm_s390_destroy_lower_2g"),
	DO(set_aside, "kvm_s390_pv_set_aside"),
	LABEL("out"),
	UNLOCK(pv_kvm_lock, "kvm_s390_handle_pv"),
};
static const struct flow prepare =
	FLOW("KVM_PV_ASYNC_CLEANUP_PREPARE", "set the protected guest aside", prepare_steps);

static const struct step perform_steps[] = {
	USER(QEMU_THREAD_START, NULL, "qemu_thread_create"),
	PAUSE("perform delay", perform_delay, "s390_pv_do_unprot_async_fn"),
	LOCK(pv_kvm_lock, "kvm_s390_pv_deinit_aside_vm"),
	TRY(take_aside, EINVAL, "nothing", "kvm_s390_pv_deinit_aside_vm"),
	UNLOCK(pv_kvm_lock, "kvm_s390_pv_deinit_aside_vm"),
	PAGES(pv_destroy_range_interruptible, "interrupted", "s390_uv_destroy_range_interruptible"),
	UNLESS(handle_kept, "disposed"),
	SPEND_OR(UVC_DESTROY_CONF, NULL, EIO, "leak", "kvm_s390_pv_dispose_one_leftover"),
	FREE(pv_donation, pv_donated, "kvm_s390_pv_dispose_one_leftover"),
	LABEL("disposed"),
	DO(pv_disposed, "kvm_s390_pv_dispose_one_leftover"),
	MARK(MILESTONE_RECLAIMED),
	GOTO("done"),
	LABEL("leak"),
	DO(pv_leak_taken, "kvm_s390_pv_dispose_one_leftover"),
	DIE("__s390_pv_cmd_exit"),
	GOTO("done"),
	LABEL("interrupted"), /* did not finish, but pretends that things went well */
	LOCK(pv_kvm_lock, "kvm_s390_pv_deinit_aside_vm"),
	DO(need_cleanup, "kvm_s390_pv_deinit_aside_vm"),
	UNLOCK(pv_kvm_lock, "kvm_s390_pv_deinit_aside_vm"),
	FORGET("kvm_s390_pv_deinit_aside_vm"),
	GOTO("done"),
	LABEL("nothing"),
	UNLOCK(pv_kvm_lock, "kvm_s390_pv_deinit_aside_vm"),
	DIE("__s390_pv_cmd_exit"),
	LABEL("done"),
};
static const struct flow perform = FLOW("KVM_PV_ASYNC_CLEANUP_PERFORM",
					"tear down the guest that was set aside", perform_steps);

static const struct step unprotect_async_steps[] = {
	UNLESS(pv_has_handle, "done"), /* a boot that failed has left an ordinary guest */
	UNLESS(above_2g, "disable"),
	CALL_OR(prepare, "fall back", "s390_pv_vm_try_disable_async"),
	SPAWN(perform, "s390_pv_vm_try_disable_async"),
	GOTO("done"),
	LABEL("fall back"),
	RECOVER("s390_machine_unprotect"),
	LABEL("disable"),
	CALL(pv_disable, "s390_pv_vm_disable"),
	LABEL("done"),
};
const struct flow pv_unprotect_async =
	FLOW("s390_machine_unprotect", "asynchronous if it can be", unprotect_async_steps);

/* The mmu notifier lets the pages be destroyed as they are unmapped, and may finish early. */
static const struct step notifier_release_steps[] = {
	TRY(pv_end_generation, 0, "out", "kvm_s390_pv_mmu_notifier_release"),
	UNLESS(notified, "out"),
	CALL_OR(pv_cpus_from_pv, "out", "kvm_s390_pv_mmu_notifier_release"),
	UNLESS(pv_has_handle, "out"),
	UNLESS(destroys_fast, "out"),
	CALL_OR(deinit_fast, "out", "kvm_s390_pv_mmu_notifier_release"),
	DO(pv_live_gone, "kvm_s390_pv_deinit_vm_fast"),
	LABEL("out"),
	FORGET("kvm_s390_pv_mmu_notifier_release"),
};
static const struct flow notifier_release =
	FLOW("kvm_s390_pv_mmu_notifier_release",
	     "before the memory of an exiting process is unmapped", notifier_release_steps);

/* The mm goes first; vCPU run areas are mapped, so the VM itself is released behind it. */
static const struct step process_exit_steps[] = {
	STOP(pv_workload, "do_exit"),
	STOP(perform, "do_exit"),
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	CALL(notifier_release, "exit_mmap"),
	LOCK(pv_mmap_lock, "exit_mmap"),
	PAGES(unmap_all, NULL, "zap_pte_range"),
	UNLOCK(pv_mmap_lock, "exit_mmap"),
	DO(mm_gone, "mmdrop"),
	UNLESS(vcpus_left, "release"),
	CALL_OR(pv_cpus_from_pv, "release", "kvm_arch_destroy_vm"),
	LABEL("release"),
	FORGET("kvm_arch_destroy_vm"),
	CALL_OR(pv_cleanup_all, "leaked", "kvm_arch_destroy_vm"),
	LABEL("leaked"),
	FORGET("kvm_arch_destroy_vm"),
	MARK(MILESTONE_DONE),
};
const struct flow pv_process_exit =
	FLOW("process_exit", "the kernel takes the process apart", process_exit_steps);
