/* A process with a protected guest exits: its pages go first, then the VM is released. */

#include "models/s390-pv_parts.h"

STATIC_CONDITION(vcpus_protected, "a vCPU is still protected", pv_of(guest)->protected_vcpus > 0);
/* Pages of a guest whose vCPUs still exist cannot be destroyed, only exported. */
STATIC_CONDITION(vcpus_exist, "a vCPU exists",
		 vcpus_protected.holds(guest) || pv_of(guest)->stuck_vcpus > 0);
STATIC_CONDITION(vcpus_gone, "no vCPU exists any more", !vcpus_exist.holds(guest));
STATIC_CONDITION(notified, "the exit notifier is there", parameters_of(guest)->exit_notifier);

/* exit_mmap: pages of a protected guest are destroyed (or exported) as they are unmapped. */
static const struct page_acts exit_acts = { {
	[PLAIN] = { { PRICE(MM_FREE) }, PAGE_GONE, true },
	[STALE] = { { PRICE(MM_FREE), PRICE_WHEN(UVC_DESTROY_PAGE, vcpus_gone),
		      PRICE_WHEN(UVC_NOOP,
				 pv_vcpu_stuck), /* a call that is refused, then an export */
		      PRICE_WHEN(UVC_EXPORT, vcpus_exist) },
		    PAGE_GONE,
		    true },
	[OWNED] = { { PRICE(MM_FREE) }, PAGE_GONE, true },
	PASS(NODE),
} };

static const struct page_loop unmap_all = {
	.name = "unmap all pages",
	.range = pv_whole_space,
	.yields = true,
	.frees = true,
	.fault = "uvc.destroy_page",
	.acts = &exit_acts,
};

/* The mmu notifier lets the pages be destroyed as they are unmapped, and may finish early. */
static const struct step notifier_release_steps[] = {
	TRY(pv_end_generation, 0, "out", "kvm_s390_pv_mmu_notifier_release"),
	UNLESS(notified, "out"),
	CALL_OR(pv_cpus_from_pv, "out", "kvm_s390_pv_mmu_notifier_release"),
	UNLESS(pv_has_handle, "out"),
	UNLESS(pv_destroys_fast, "out"),
	CALL_OR(pv_deinit_fast, "out", "kvm_s390_pv_mmu_notifier_release"),
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
	STOP(pv_perform, "do_exit"),
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	CALL(notifier_release, "exit_mmap"),
	LOCK(mmap_lock, "exit_mmap"),
	PAGES(unmap_all, NULL, "zap_pte_range"),
	UNLOCK(mmap_lock, "exit_mmap"),
	DO(pv_mm_gone, "mmdrop"),
	UNLESS(vcpus_protected, "release"),
	CALL_OR(pv_cpus_from_pv, "release", "kvm_arch_destroy_vm"),
	LABEL("release"),
	FORGET("kvm_arch_destroy_vm"),
	CALL_OR(pv_cleanup_all, "released", "kvm_arch_destroy_vm"),
	LABEL("released"),
	FORGET("kvm_arch_destroy_vm"),
	UNLESS(pv_has_handle, "done"),
	DO(pv_leak_live, "kvm_arch_destroy_vm"), /* nobody is left to try again */
	MARK(MILESTONE_ALL_RECLAIMED),
	LABEL("done"),
	MARK(MILESTONE_DONE),
};
const struct flow pv_process_exit =
	FLOW("process_exit", "the kernel takes the process apart", process_exit_steps);
