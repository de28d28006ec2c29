/*
 * Strategy lazy: the first series, whose kernel threads destroy what a reboot or a
 * shutdown leaves (C. Imbrenda, "[PATCH v1 00/11] KVM: s390: pv: implement lazy destroy",
 * linux-kernel, 2021-05-17; the out-of-memory notifier is of v2 and v3).
 *
 * Reboot: the pages below 2 GiB go in the foreground, a kernel thread that holds a
 * reference on the mm destroys the rest. Shutdown: as the mm is torn down the pages
 * are set aside on a list, and a kernel thread destroys and frees them one by one.
 */

#include <errno.h>

#include "models/s390-pv_parts.h"

/* A list node is one page: a header of 24 bytes and so many page frame numbers. */
enum { PAGES_PER_NODE = (PAGE_BYTES - 24) / 8 };

/* --- the list of an exiting process --------------------------------------- */

static uint64_t list_pages(const struct guest *guest)
{
	uint64_t all = page_map_pages(&guest->pages);
	uint64_t head = pv_of(guest)->list_head;

	return all > head ? all - head : 0;
}

/*
 * For each full node one page is exported and freed, and one page is allocated; an
 * attempt that fails (a share q of them) cleans one page in line. So a node takes 509
 * listed pages, an exported one and q / (1 - q) destroyed ones.
 */
static uint64_t node_count(const struct guest *guest)
{
	double failing = parameters_of(guest)->atomic_failure;
	double pages = (double)list_pages(guest);

	return failing < 1 ? (uint64_t)(pages / (PAGES_PER_NODE + 1 + failing / (1 - failing))) : 0;
}
static const struct count per_node = { "list nodes", node_count };

static uint64_t in_line_count(const struct guest *guest)
{
	double failing = parameters_of(guest)->atomic_failure;

	return failing < 1 ? (uint64_t)((double)node_count(guest) * failing / (1 - failing))
			   : list_pages(guest);
}
static const struct count per_failed_node = { "failed allocations of a node", in_line_count };

/* The list made last, and what of it has neither been exported nor cleaned. */
static struct page_range whole_list(const struct guest *guest)
{
	return (struct page_range){ pv_of(guest)->list_head, page_map_pages(&guest->pages) };
}

static struct page_range rest_of_list(const struct guest *guest)
{
	struct page_range list = whole_list(guest);
	int state;

	while (list.first < list.end) {
		struct page_range run = page_map_run(&guest->pages, list.first, &state);

		if (state == STALE)
			break;
		list.first = run.end;
	}
	return list;
}

/* --- conditions and hooks ------------------------------------------------- */

STATIC_CONDITION(lazy_destroy, "kvm.lazy_destroy", parameters_of(guest)->async_destroy);
/* Pages that were cleaned in line, for want of memory or without lazy_destroy, leave no list. */
STATIC_CONDITION(list_left, "mm->context.list is not empty",
		 page_map_pages(&guest->pages) > pv_of(guest)->list_head &&
			 guest->pages.in_state[STALE] + guest->pages.in_state[NODE] > 0);

/* Its own earlier processes or other guests have left pages that will be free soon. */
STATIC_CONDITION(pages_listed, "pages are on lists",
		 parameters_of(guest)->oom_notifier &&host_of(guest)->lists > 0);

static const struct hook kthread_run = { "kthread_run", succeeds };
static const struct hook allocate_node = { "list_node", succeeds };

STATIC_EFFECT(take_newest, "the generation that has just ended",
	      *generation = guest->generation - 1);

STATIC_HOOK(clear_state, "the VM is an ordinary one")
{
	struct pv_state *pv = pv_of(guest);

	pv->handle = pv->dead = false;
	return 0;
}

/* Its configuration is gone; the pages that it had are the exiting process's. */
STATIC_HOOK(only_pages_left, "only its pages are left")
{
	only_pages_held(guest, *generation);
	*generation = 0;
	pv_of(guest)->protected_count--;
	return 0;
}

/* Pages of dead guests leave the address space for a list; it is kept behind the address space. */
STATIC_HOOK(set_pages_aside, "mm->context.list")
{
	struct page_map *map = &guest->pages;
	struct page_range space = pv_whole_space(guest);
	uint64_t pages = 0;
	int state;

	for (uint64_t page = 0; page < space.end;) {
		struct page_range run = page_map_run(map, page, &state);
		uint64_t end = run.end < space.end ? run.end : space.end;

		if (state == STALE)
			pages += end - page;
		page = end;
	}
	pv_of(guest)->list_head = page_map_pages(map);
	return page_map_set(map, space, PAGE_GONE) && page_map_append(map, pages, STALE) ? 0
											 : ENOMEM;
}

STATIC_EFFECT(list_made, "the list is complete", host_of(guest)->lists++);

STATIC_HOOK(list_empty, "the list is empty")
{
	NEEDS(host_of(guest)->lists > 0);
	host_of(guest)->lists--;
	return 0;
}

/* --- page loops ----------------------------------------------------------- */

#define OTHERS PASS(PLAIN), PASS(OWNED), PASS(NODE)

/* Pages that no guest owns are unmapped and freed as in any process. */
static const struct page_acts unmap_acts = { {
	[PLAIN] = { { PRICE(MM_FREE) }, PAGE_GONE, true },
	PASS(STALE),
	PASS(OWNED),
	PASS(NODE),
} };
static const struct page_loop unmap_plain = {
	.name = "unmap pages that are not secure",
	.range = pv_whole_space,
	.yields = true,
	.frees = true,
	.acts = &unmap_acts,
};

/* A page is exported and given back, and one taken for the node: the same memory, in effect. */
static const struct page_acts export_acts = { {
	OTHERS,
	[STALE] = { { PRICE(UVC_EXPORT) }, NODE, false },
} };
static const struct page_loop export_for_nodes = {
	.name = "export one page for each node",
	.range = rest_of_list,
	.count = &per_node,
	.yields = true,
	.acts = &export_acts,
};

#define CLEAN(name_, range_, acts_)                                                                \
	.name = (name_), .range = (range_), .yields = true, .frees = true,                         \
	.fault = "uvc.destroy_page", .acts = &(acts_)

static const struct page_acts destroy_acts = { {
	OTHERS,
	[STALE] = { { PRICE(UVC_DESTROY_PAGE), PRICE(MM_FREE) }, PAGE_GONE, true },
} };
static const struct page_loop clean_in_line = {
	CLEAN("clean pages in line", rest_of_list, destroy_acts),
	.count = &per_failed_node,
};
static const struct page_loop clean_all_in_line = {
	CLEAN("clean every page in line", rest_of_list, destroy_acts),
};

static const struct page_acts free_acts = { {
	PASS(PLAIN),
	[STALE] = { { PRICE(UVC_DESTROY_PAGE), PRICE(MM_FREE) }, PAGE_GONE, true },
	PASS(OWNED),
	[NODE] = { { PRICE(MM_FREE) }, PAGE_GONE, true },
} };
static const struct page_loop clean_list = {
	CLEAN("destroy and free the pages of the list", whole_list, free_acts),
};

static const struct page_acts list_acts = { {
	OTHERS,
	[STALE] = { { PRICE(KVM_LIST_PAGE) }, STALE, false },
} };
static const struct page_loop append_to_list = {
	.name = "put pages on the list",
	.range = rest_of_list,
	.yields = true,
	.acts = &list_acts,
};

/* --- flows: reboot -------------------------------------------------------- */

#define THREAD        "kvm_s390_pv_destroy_vm_thread"
#define THREAD_STARTS DO(take_newest, "kthread_run"), SPEND(KVM_KTHREAD_START, NULL, THREAD)
/* A configuration that cannot be destroyed keeps what was donated for it. */
#define LEAK_OR_DONE LABEL("leak"), DO(pv_leak_taken, THREAD), FORGET(THREAD), LABEL("done")

/* It ends early once it is the last user of the mm; exit_mmap then sets the pages aside. */
static const struct step destroy_thread_steps[] = {
	THREAD_STARTS,
	PAGES(pv_destroy_range_interruptible, "last user", "s390_uv_destroy_range"),
	SPEND_OR(UVC_DESTROY_CONF, NULL, EIO, "leak", THREAD),
	FREE_DONATION("kvm_s390_pv_dealloc_vm"),
	DO(pv_disposed, THREAD),
	MARK(MILESTONE_RECLAIMED),
	GOTO("done"),
	LABEL("last user"),
	FORGET("mmput"),
	SPEND_OR(UVC_DESTROY_CONF, NULL, EIO, "leak", THREAD),
	FREE_DONATION("kvm_s390_pv_dealloc_vm"),
	DO(only_pages_left, THREAD),
	GOTO("done"),
	LEAK_OR_DONE,
};
static const struct flow destroy_thread =
	FLOW("kvm_s390_pv_destroy_vm_thread", "destroy the guest that has been rebooted",
	     destroy_thread_steps);

/* Any failure on the way falls back to destroying here and now. */
static const struct step disable_lazy_steps[] = {
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	CALL_OR(pv_cpus_from_pv, "failed", "kvm_s390_handle_pv"),
	UNLESS(lazy_destroy, "sync"),
	TRY(pv_kzalloc, ENOMEM, "fall back", "kvm_s390_pv_deinit_vm_deferred"),
	TRY(pv_end_generation, 0, "fall back", "kvm_s390_pv_deinit_vm_deferred"),
	PAGES(pv_destroy_lower_2g, NULL, "kvm_s390_clear_2g"),
	SPEND_OR(KVM_REPLACE_ASCE, NULL, ENOMEM, "fall back", "kvm_s390_pv_replace_asce"),
	TRY(kthread_run, ENOMEM, "fall back", "kvm_s390_pv_deinit_vm_deferred"),
	DO(clear_state, "kvm_s390_clear_pv_state"),
	SPAWN(destroy_thread, "kvm_s390_pv_deinit_vm_deferred"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
	GOTO("done"),
	LABEL("fall back"),
	RECOVER("kvm_s390_pv_deinit_vm_deferred"),
	LABEL("sync"),
	CALL_OR(pv_cleanup_all, "failed", "kvm_s390_pv_deinit_vm_now"),
	PV_DISABLED,
};
static const struct flow disable_lazy = FLOW(
	"KVM_PV_DISABLE", "pretend that it is done; a kernel thread does it", disable_lazy_steps);

const struct flow pv_unprotect_lazy =
	FLOW_OF("s390_machine_unprotect", "leave it to a kernel thread", UNPROTECT(disable_lazy));

/* --- flows: shutdown ------------------------------------------------------ */

/* What the release of the VM leaves to a thread, or does itself when there is none. */
static const struct step clean_pages_steps[] = {
	DO(take_newest, THREAD),
	PAGES(clean_list, NULL, "kvm_s390_pv_handle_deferred_pages"),
	DO(list_empty, "kvm_s390_pv_handle_deferred_pages"),
};
static const struct flow clean_pages = FLOW("kvm_s390_pv_handle_deferred_pages",
					    "destroy and free page by page", clean_pages_steps);

static const struct step clean_guest_steps[] = {
	CALL(clean_pages, THREAD),
	SPEND_OR(UVC_DESTROY_CONF, NULL, EIO, "leak", THREAD),
	TRY(pv_no_vcpu_stuck, 0, "leak", THREAD),
	FREE_DONATION("kvm_s390_pv_dealloc_vm"),
	MARK(MILESTONE_ALL_RECLAIMED),
	GOTO("done"),
	LEAK_OR_DONE,
};
static const struct flow clean_guest =
	FLOW("kvm_s390_pv_destroy_vm", "the pages of the list, then the configuration",
	     clean_guest_steps);

static const struct step guest_thread_steps[] = {
	THREAD_STARTS,
	CALL(clean_guest, THREAD),
};
static const struct flow guest_thread =
	FLOW("kvm_s390_pv_destroy_vm_thread: list", "destroy the guest whose process is gone",
	     guest_thread_steps);

/* The process ended before its guest was protected (again): only pages are left of dead ones. */
static const struct step pages_thread_steps[] = {
	THREAD_STARTS,
	CALL(clean_pages, THREAD),
	MARK(MILESTONE_ALL_RECLAIMED),
};
static const struct flow pages_thread =
	FLOW("kvm_s390_pv_destroy_vm_thread: pages", "destroy the pages of guests that are gone",
	     pages_thread_steps);

/* The mm is torn down: pages of the guest go to a list. */
static const struct step exit_mmap_steps[] = {
	LOCK(mmap_lock, "exit_mmap"),
	PAGES(unmap_plain, NULL, "zap_pte_range"),
	TRY(set_pages_aside, 0, "unlock", "kvm_s390_pv_set_aside_page"),
	DO(list_made, "kvm_s390_pv_set_aside_page"),
	UNLESS(lazy_destroy, "sync"),
	TRY(allocate_node, ENOMEM, "in line", "alloc_page: GFP_ATOMIC, no reserves"),
	PAGES(export_for_nodes, NULL, "uv_convert_from_secure"),
	PAGES(clean_in_line, NULL, "uv_destroy_page"),
	PAGES(append_to_list, NULL, "kvm_s390_pv_set_aside_page"),
	GOTO("unlock"),
	LABEL("in line"),
	RECOVER("alloc_page"),
	LABEL("sync"), /* mm->context.pv_sync_destroy */
	PAGES(clean_all_in_line, NULL, "uv_destroy_page"),
	LABEL("unlock"),
	UNLOCK(mmap_lock, "exit_mmap"),
	DO(pv_mm_gone, "mmdrop"),
};
static const struct flow exit_mmap =
	FLOW("exit_mmap", "pages are set aside rather than freed", exit_mmap_steps);

static const struct step process_exit_lazy_steps[] = {
	STOP(pv_workload, "do_exit"),
	STOP(destroy_thread, "do_exit: the thread is the last user of the mm"),
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	TRY(pv_end_generation, 0, "out", "exit_mmap"),
	CALL_OR(exit_mmap, "out", "mmput"),
	CALL_OR(pv_cpus_from_pv, "cpus", "kvm_arch_destroy_vm"),
	LABEL("cpus"),
	FORGET("kvm_arch_destroy_vm"),
	UNLESS(pv_has_handle, "pages only"),
	DO(clear_state, "kvm_s390_pv_deinit_vm_deferred"),
	UNLESS(list_left, "now"),
	TRY(kthread_run, ENOMEM, "here", "kvm_s390_pv_deinit_vm_deferred"),
	SPAWN(guest_thread, "kvm_s390_pv_deinit_vm_deferred"),
	GOTO("out"),
	LABEL("here"),
	RECOVER("kvm_s390_pv_deinit_vm_deferred"),
	LABEL("now"),
	CALL(clean_guest, "kvm_s390_pv_deinit_vm_now"),
	GOTO("out"),
	LABEL("pages only"),
	SPAWN(pages_thread, "kvm_s390_pv_deinit_vm_deferred"),
	LABEL("out"),
	FORGET("do_exit"),
	MARK(MILESTONE_DONE),
};
const struct flow pv_process_exit_lazy =
	FLOW("process_exit", "pages are set aside, then freed behind", process_exit_lazy_steps);

/* --- flow: start ---------------------------------------------------------- */

/* Out of memory: the notifier waits and tells that pages were freed, so the kernel tries again. */
static const struct step start_lazy_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	LABEL("again"),
	ALLOCATE_NOTIFIED(guest_memory, pv_resident, pages_listed, "oom", "mmap"),
	DO(pv_start_process, "kvm_create_vm"),
	CALL(pv_prealloc, "qemu: host_memory_backend_memory_complete"),
	BOOT(pv_unprotect_lazy),
	GOTO("out"),
	LABEL("oom"),
	UNLESS(pages_listed, "out"),
	FORGET("kvm_s390_pv_oom_notify"),
	SLEEP(KVM_OOM_WAIT, NULL, "kvm_s390_pv_oom_notify: msleep"),
	GOTO("again"),
	LABEL("out"),
};
const struct flow pv_start_lazy =
	FLOW("start", "a new process boots a protected guest", start_lazy_steps);
