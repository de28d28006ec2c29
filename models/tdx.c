/*
 * Intel TDX: trust domains, whose pages the TDX module adds, and must give back.
 *
 * The start follows arch/x86/kvm/vmx/tdx.c of Linux 6.18 (__tdx_td_init, tdx_td_vcpu_init,
 * tdx_vcpu_init_mem_region, tdx_mem_page_aug, tdx_td_finalize), QEMU target/i386/kvm/tdx.c and the
 * guest's arch/x86/coco/tdx/tdx-shared.c (tdx_accept_memory); the end A. Hunter and S.
 * Christopherson, "[PATCH V4] KVM: TDX: Add sub-ioctl KVM_TDX_TERMINATE_VM", kvm, June 2025, and
 * A. Hunter, "x86/tdx: Skip clearing reclaimed pages unless X86_BUG_TDX_PW_MCE is present", 2025
 * (6.18).
 */

#include <errno.h>
#include <string.h>

#include "models/tdx_parts.h"

/* --- counts, hooks --------------------------------------------------------- */

STATIC_COUNT(per_firmware_page, "pages of firmware",
	     pages_4k(parameters_of(guest)->firmware_bytes));
STATIC_RATIO(per_extension, "pieces of 256 bytes", PAGE_BYTES / 256.0);

STATIC_EFFECT(td_made, "the TDX module knows the TD", tdx_of(guest)->td = true);

/* --- prices of a page ------------------------------------------------------ */

/* The guest accepts, faults for want of a page, and accepts again. */
#define GMEM_ACCEPT                                                                                \
	PRICE(TDX_PAGE_AUG), PRICE_TIMES(TDX_SEPT_ADD, tdx_tables), PRICE(MM_FAULT),               \
		PRICE(MM_ZERO), PRICE_TIMES(MM_FAULT_SHARED_4K, fill_others), PRICE(TDX_ACCEPT)
#define GMEM_BRING_UP PRICE_TIMES(TDX_IDLE, gmem_vcpus)
/* tdx_sept_remove_private_spte: the TD runs on, so its vCPUs are kicked for each page. */
#define GMEM_SHARE                                                                                 \
	GMEM_CONVERT, PRICE(TDX_REMOVE), PRICE_TIMES(TDX_SHOOTDOWN, tdx_shootdowns),               \
		TDX_RECLAIM_PAGE
#define GMEM_TOUCH PRICE(MM_FAULT), PRICE(MM_ZERO)
#define GMEM_DROP  GMEM_CONVERT, PRICE(MM_FREE)

static inline struct devices_state *devices_state_of(const struct guest *guest)
{
	return &tdx_of(guest)->devices;
}

/* Only what the guest shares is a target of DMA. */
#define DEVICES_DMA_BYTES devices_bounce_bytes(guest->config)
#include "models/devices_flows.h"

GMEM_FLOWS("tdx_mem_page_aug: tdh_mem_page_aug",
	   "kvm_gmem_punch_hole: tdx_sept_remove_private_spte");

static const struct page_acts add_acts = { {
	[PAGE_NONE] = { { PRICE(MM_FAULT), PRICE(MM_ZERO), PRICE_TIMES(TDX_SEPT_ADD, tdx_tables),
			  PRICE(TDX_PAGE_ADD), PRICE_TIMES(TDX_MR_EXTEND, per_extension) },
			PAGE_NONE,
			false },
} };
static const struct page_call add_calls[] = { { .name = "tdh_mem_page_add", .error = EIO },
					      { .name = "tdh_mr_extend", .error = EIO },
					      { 0 } };
static const struct page_loop add_firmware = {
	.name = "add and measure the firmware",
	.count = &per_firmware_page,
	.interruptible = true,
	.yields = true,
	.calls = add_calls,
	.acts = &add_acts,
};

/* --- flows ----------------------------------------------------------------- */

static const struct step build_steps[] = {
	LOCK(kvm_lock, "tdx_vm_ioctl"),
	SPEND_OR(TDX_INIT_VM, NULL, EIO, "none", "__tdx_td_init: tdh_mng_init"),
	DO(td_made, "__tdx_td_init"),
	LABEL("none"),
	UNLOCK(kvm_lock, "tdx_vm_ioctl"),
	UNLESS(tdx_exists, "out"),
	SPEND_YIELDING(TDX_INIT_VCPU, &per_vcpu, "tdx_td_vcpu_init: tdh_vp_init"),
	LOCK(slots_lock, "tdx_vcpu_init_mem_region"),
	PAGES(add_firmware, "unlock", "tdx_gmem_post_populate: tdh_mem_page_add, tdh_mr_extend"),
	SPEND_OR(TDX_FINALIZE, NULL, EIO, "unlock", "tdx_td_finalize: tdh_mr_finalize"),
	LABEL("unlock"),
	UNLOCK(slots_lock, "tdx_vcpu_init_mem_region"),
	LABEL("out"),
};
static const struct flow build =
	FLOW("TD build", "a key, vCPUs, the measured firmware", build_steps);

/* What a TD that fails has taken goes with its process. */
static const struct step run_steps[] = {
	ALLOCATE(guest_memory, resident_bytes, "out", "kvm_gmem_get_folio"),
	DO(gmem_start_process, "kvm_create_vm"),
	ALLOCATE(gmem_shared_pages, gmem_twice, "out", "shmem_fault"),
	SPEND(KVM_CREATE_VM, NULL, "kvm_create_vm"),
	SPEND_YIELDING(KVM_ATTRIBUTES, &gmem_per_4k, "kvm_vm_set_mem_attributes"),
	CALL_OR(devices_attach, "out", "qemu: qemu_create_cli_devices"),
	CALL_OR(build, "out", "qemu: tdx_finalize_vm"),
	CALL(devices_boot, "guest: firmware and kernel"),
	CALL_OR(gmem_boot, "out", "kvm_vcpu_ioctl: KVM_RUN"),
	MARK(MILESTONE_DONE),
	SPAWN(gmem_workload, "guest"),
	LABEL("out"),
};
static const struct flow run = FLOW("run", "a new TD is built and boots", run_steps);

static const struct step start_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	CALL(run, "qemu: main"),
};
static const struct flow start = FLOW("start", "a new process boots a TD", start_steps);

static const struct step end_process_steps[] = {
	STOP(gmem_workload, "do_exit"),
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	CALL(devices_detach, "do_exit: exit_files"),
	CALL(tdx_destroy, "exit_files"),
};
static const struct flow end_process =
	FLOW("exit_files", "the last reference on the VM goes", end_process_steps);

static const struct flow process_exit = PROCESS_EXIT(gmem_workload, end_process);

static const struct flow shutdown =
	SHUTDOWN(STOP(gmem_workload, "guest: services stop"), POWER_OFF(process_exit));

static const struct step reset_vmfd_steps[] = {
	CALL(tdx_destroy, "close"),
	USER(QEMU_RESET, NULL, "qemu: qemu_system_reset"),
	CALL(run, "qemu: kvm_rebind_vcpus"),
};
static const struct flow reset_vmfd =
	FLOW("kvm_reset_vmfd", "a new TD with a new guest_memfd", reset_vmfd_steps);

static const struct flow reboot = GMEM_REBOOT(reset_vmfd, end_process, start);

/* --- the model ------------------------------------------------------------ */

static const struct lock_kind *const locks[] = { &kvm_lock, &vcpu_mutex, &slots_lock,
						 &mmu_lock, &kvm_srcu,   &mmap_lock };
static const struct memory_kind *const memory[] = { &gmem_shared_pages, &devices_iommu_tables };
static const char *const page_states[] = { GMEM_PAGE_STATES };

static void begin(struct guest *guest, bool running)
{
	gmem_begin(guest, running);
	tdx_of(guest)->td = running;
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

	if (devices_ignored(&parameters->devices, key))
		return devices_ignored(&parameters->devices, key);
	if (strcmp(key, "vcpu_running") == 0 && config->strategy == REMOVE_WHILE_RUNNABLE)
		return "nothing asks for the vCPUs' mutexes";
	return gmem_ignored(config, host, key);
}

#define LIFE FLOWS_AND(start, reboot, shutdown, process_exit, OPERATION_UPDATE, gmem_update)

static const struct strategy strategies[] = {
	[TERMINATE_FIRST] = { "terminate-first",
			      "KVM_TDX_TERMINATE_VM gives the key back, then pages are reclaimed",
			      LIFE },
	[TERMINATE_FIRST_NO_CLEAR] = { "terminate-first-no-clear",
				       "the same on CPUs that need no clearing (6.18)", LIFE },
	[REMOVE_WHILE_RUNNABLE] = { "remove-while-runnable",
				    "each page is blocked, tracked and removed from a runnable "
				    "guest (before 2025)",
				    LIFE },
};

const struct model model_tdx = {
	.name = "tdx",
	.architectures = ON_X86_64,
	.summary = "Intel TDX: building a trust domain, acceptance, conversions, its end",
	.modelled =
		"Start of a new process: memory attributes of every 4 KiB, the TD and its vCPUs, "
		"SEPT.ADD of each table of 2 MiB, PAGE.ADD and MR.EXTEND of the firmware, TDVF and "
		"kernel, which accept memory: "
		"all before the kernel starts or as it is needed, by one vCPU or several; each "
		"page of 4 KiB is a fault, a page of guest_memfd, PAGE.AUG and ACCEPT, and dearer "
		"while vCPUs come up, the more of them there are. Bounce buffers become shared, "
		"and an update converts memory and converts it back: each page leaves a TD that "
		"runs. A reboot is a new process, or with reset_in_process a new TD in the same. "
		"Shutdown and kill. terminate-first: "
		"the key is given back first (mutexes of all vCPUs; EBUSY when one runs, then "
		"the slow way), after which pages are reclaimed directly. "
		"terminate-first-no-clear leaves out MOVDIR64B. remove-while-runnable: guest_memfd "
		"is closed while the guest could still run, so every 4 KiB page is blocked, "
		"tracked (a kick of every vCPU), removed, written back, reclaimed and cleared. "
		"Then "
		"tables of the secure EPT and control pages (TDR, TDCS, six for each vCPU) come "
		"back. A "
		"page whose reclaim fails is lost (fault point tdh_phymem_page_reclaim), and the "
		"next TD starts. What devices reach is the swiotlb that a TD shares, and that is "
		"pinned." DEVICES_MODELLED,
	.not_modelled =
		"Huge pages; Dynamic PAMT; shared pages that QEMU keeps over a reset in process; "
		"contention for the module's locks; why the "
		"kicks get dearer with vCPUs and memory together (tdx.shootdown only says that "
		"they do, with a figure from two rows of the published table). Memory that the "
		"guest touches later is taken from the host when it starts. A guest that runs "
		"when the simulation begins has private pages only." DEVICES_NOT_MODELLED,
	.sources =
		"A. Hunter, S. Christopherson, KVM: TDX: KVM_TDX_TERMINATE_VM, V4, June 2025; "
		"A. Hunter, skip clearing reclaimed pages, V7, 2025; arch/x86/kvm/vmx/tdx.c; "
		"Dstack pull request 1220, 2026; kata-containers issue 13535, 2026; K. Shutemov, "
		"linux-coco, 2024-10-25; Intel TDX module 1.5, sources: MIN_NUM_TDCS_PAGES, "
		"MIN_TDVPS_PAGES.",
	.strategies = TABLE(strategies),
	.terms = TABLE(tdx_terms),
	.domains = tdx_domains,
	.parameters = &tdx_parameter_record,
	.locks = TABLE(locks),
	.memory = TABLE(memory),
	.metadata = metadata_tdx,
	.page_states = TABLE(page_states),
	.limbo_states = GMEM_LIMBO,
	.state_size = sizeof(struct tdx_state),
	.check = check,
	.ignored = ignored,
	.resident = gmem_resident,
	.begin = begin,
};
