/*
 * arm64 guests: ordinary stage 2, locked memslots whose cache maintenance is done at
 * once or deferred, and the teardown of protected guests (pKVM).
 *
 * The flows follow A. Elisei, "[RFC PATCH v5 00/38] KVM: arm64: Add Statistical
 * Profiling Extension (SPE) support", November 2021, arch/arm64/kvm/mmu.c, arm.c and
 * hyp/pgtable.c, and Q. Perret, "Refactor the guest teardown path", android-kvm.
 */

#include <errno.h>
#include <string.h>

#include "models/arm64_parts.h"

/* --- locks ---------------------------------------------------------------- */

static const struct lock_kind *const locks[] = { &kvm_lock,  &vcpu_mutex, &slots_lock,
						 &mmap_lock, &mmu_lock,   &kvm_srcu };

static const char *const page_states[] = { "fresh", "present", "mapped", "locked" };

/* --- counts, conditions, hooks -------------------------------------------- */

SLOT_UPDATE_COUNTS;
VMM_SLOT_COUNTS;

/* A lock takes every page of the memslot, whatever the guest would touch. */
static double resident(const struct guest_config *config)
{
	const struct parameters *parameters = config->parameters;

	return locks_memory(config) || devices_pass(&parameters->devices) ? 1
									  : fill_resident(config);
}

STATIC_HOOK(start_process, "a new address space")
{
	*state_of(guest) = (struct arm64_state){ .has_vm = true };
	page_map_fill(&guest->pages, guest_resident_pages(guest), FRESH);
	return 0;
}

STATIC_EFFECT(present, "memory is present", page_map_turn(&guest->pages, FRESH, PRESENT));

STATIC_EFFECT(end_vm, "the VM is gone", *state_of(guest) = (struct arm64_state){ 0 });

/* A process that is killed early has none. */
STATIC_CONDITION(has_vm, "the process has a VM", state_of(guest)->has_vm);

STATIC_EFFECT(runs, "the vCPUs run", state_of(guest)->has_run = true);

/* Fails when one vCPU is still inside the kernel. */
static const struct hook reset_its = { "KVM_DEV_ARM_ITS_CTRL_RESET", succeeds };

/* --- page loops ----------------------------------------------------------- */

#define FREE_PRICE PRICE_BY_BACKING(MM_FREE)

static const struct page_acts free_acts = { {
	[FRESH] = { .becomes = PAGE_GONE, .handled = true },
	[PRESENT] = { { FREE_PRICE }, PAGE_GONE, true },
	[MAPPED] = { { FREE_PRICE }, PAGE_GONE, true },
	PASS(LOCKED), /* none is left: they are unpinned before */
} };
static const struct page_loop free_pages = {
	.name = "unmap and free",
	.range = all_pages,
	.yields = true,
	.frees = true,
	.acts = &free_acts,
};

STATIC_CONDITION(has_firmware, "it boots by firmware", !parameters_of(guest)->direct_boot);

/* --- flows ---------------------------------------------------------------- */

FILL_FLOWS(static, prealloc, present, FILL_ZERO, FILL_SHARED);

MEMMAP_FLOW(static, memmap_init);

static inline struct devices_state *devices_state_of(const struct guest *guest)
{
	return &state_of(guest)->devices;
}

#define DEVICES_DMA_BYTES guest->config->memory_bytes
#define DEVICES_RANGE     all_pages
#define DEVICES_FAULT     [FRESH] = { { PRICE(MM_POPULATE), FILL_ZERO }, PRESENT, false }
#define DEVICES_OTHERS    PASS(PRESENT), PASS(MAPPED), PASS(LOCKED)
#include "models/devices_flows.h"

const struct flow arm64_workload = WORKLOAD(arm64_workload_faults, "user_mem_abort");

static const struct step boot_steps[] = {
	CALL(arm64_first_run, "kvm_arch_vcpu_ioctl_run"),
	DO(runs, "kvm_arch_vcpu_ioctl_run"),
	PAGES(arm64_firmware_faults, NULL, "user_mem_abort"),
	UNLESS(has_firmware, "kernel"),
	USER(GUEST_FIRMWARE, NULL, "guest: UEFI"),
	LABEL("kernel"),
	CALL(devices_boot, "kvm_arch_vcpu_ioctl_run"),
	SLOT_UPDATES,
	CALL(arm64_caches_on, "kvm_toggle_cache"),
	CALL(arm64_exec_faults, "user_mem_abort"),
	USER(GUEST_BOOT, NULL, "guest: start_kernel"),
	CALL(memmap_init, "guest: page_alloc_init_late"),
	FILL_TOUCH("", arm64_boot_faults, arm64_boot_toucher, "user_mem_abort"),
	MARK(MILESTONE_DONE),
	SPAWN(arm64_workload, "guest"),
};
static const struct flow boot =
	FLOW("boot", "firmware, kernel and their first touches", boot_steps);

static const struct step start_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	ALLOCATE(guest_memory, resident_bytes, NULL, "mmap"),
	DO(start_process, "kvm_create_vm"),
	SPEND(KVM_CREATE_VM, NULL, "kvm_create_vm"),
	SPEND(KVM_VCPU_INIT, &per_vcpu, "kvm_arch_vcpu_ioctl_vcpu_init"),
	CALL(prealloc, "qemu: host_memory_backend_memory_complete"),
	VMM_SLOTS,
	CALL(devices_attach, "qemu: qemu_create_cli_devices"),
	UNLESS(arm64_locks_memory, "boot"),
	CALL(arm64_lock_memory, "VMM"), /* when it is refused the VMM gives up */
	LABEL("boot"),
	CALL(boot, "kvm_arch_vcpu_ioctl_run"),
};
static const struct flow start = FLOW("start", "a new process boots a guest", start_steps);

static const struct step reboot_steps[] = {
	STOP(arm64_workload, "guest: services stop"),
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	PAUSE_VCPUS("qemu: pause_all_vcpus"),
	TRY(reset_its, EBUSY, "out", "qemu: kvm_arm_its_reset"),
	USER(QEMU_DEVICE_RESET, NULL, "qemu: qemu_devices_reset"),
	CALL(devices_reset, "qemu: vfio_pci_reset"),
	CALL(arm64_reset_vcpus, "qemu: kvm_arm_reset_vcpu"),
	CALL(boot, "kvm_arch_vcpu_ioctl_run"),
	LABEL("out"),
};
static const struct flow reboot = FLOW("reboot", "reset in place", reboot_steps);

static const struct step end_process_steps[] = {
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	CALL(devices_detach, "do_exit: exit_files"),
	LOCK(mmap_lock, "exit_mmap"),
	UNLESS(has_vm, "pages"),
	UNLESS(arm64_is_pkvm, "stage 2"),
	CALL(arm64_pkvm_teardown, "kvm_mmu_notifier_release"),
	GOTO("pages"),
	LABEL("stage 2"),
	CALL(arm64_free_stage2, "kvm_mmu_notifier_release"),
	UNLESS(arm64_locks_memory, "pages"),
	PAGES(arm64_unpin, NULL, "kvm_arch_free_memslot: unpin_memslot_pages"),
	LABEL("pages"),
	PAGES(free_pages, NULL, "unmap_vmas: zap_pte_range"),
	UNLOCK(mmap_lock, "exit_mmap"),
	UNLESS(has_vm, "gone"),
	SPEND(KVM_DESTROY, NULL, "kvm_destroy_vm"),
	DO(end_vm, "kvm_destroy_vm"),
	LABEL("gone"),
};
static const struct flow end_process =
	FLOW("exit_mmap", "stage 2, then the memory", end_process_steps);

static const struct flow process_exit = PROCESS_EXIT(arm64_workload, end_process);

static const struct flow shutdown =
	SHUTDOWN(STOP(arm64_workload, "guest: services stop"), POWER_OFF(process_exit));

/* A protected guest ends with its process: a reboot is a shutdown and a start. */
static const struct step reboot_pkvm_steps[] = {
	STOP(arm64_workload, "guest: services stop"),
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	CALL(end_process, "VMM: exit"),
	CALL_OR(start, "failed", "VMM"),
	GOTO("out"),
	LABEL("failed"),
	DIE("VMM: exit"),
	LABEL("out"),
};
static const struct flow reboot_pkvm =
	FLOW("reboot_pkvm", "a new process takes its place", reboot_pkvm_steps);

/* --- the model ------------------------------------------------------------ */

static const struct memory_kind *const memory[] = { &devices_iommu_tables };

static void begin(struct guest *guest, bool running)
{
	bool locked = running && locks_memory(guest->config);

	page_map_fill(&guest->pages, running ? guest_resident_pages(guest) : 0,
		      locked ? LOCKED : MAPPED);
	*state_of(guest) = (struct arm64_state){
		.has_vm = running,
		.has_run = running,
		.locked_bytes = locked ? guest->config->memory_bytes : 0,
	};
	if (running)
		*devices_state_of(guest) = devices_running(devices_of(guest));
}

static bool check(const struct guest_config *config, const struct host_config *host,
		  const char **key, struct error *error)
{
	const struct parameters *parameters = config->parameters;

	(void)host;
	if (config->strategy >= PKVM &&
	    !devices_check_no_passthrough(&parameters->devices,
					  "no device is passed through to a guest of pKVM "
					  "upstream",
					  key, error))
		return false;
	if (config->strategy == PKVM_NON_PROTECTED && config->page_bytes > 2 << 20) {
		*key = "page_size";
		return error_set(error, ERROR_INPUT,
				 "pKVM shares pages or blocks of 2 MiB: \"4KiB\", \"2MiB\"");
	}
	if (config->strategy != UNLOCKED && config->strategy != PKVM_NON_PROTECTED &&
	    config->page_bytes != PAGE_BYTES) {
		*key = "page_size";
		return error_set(error, ERROR_INPUT,
				 "locked and protected guests are mapped by 4 KiB pages: \"4KiB\"");
	}
	return devices_check(&parameters->devices, key, error);
}

static const char *ignored(const struct guest_config *config, const struct host_config *host,
			   const char *key)
{
	static const char *const of_locked[] = { "memlock_used", "invalidations",
						 "lock_retries", "pause_for_lock",
						 "lock_rule",    "error_path_bugs" };
	const struct parameters *parameters = config->parameters;

	if (parameters->direct_boot && strcmp(key, "firmware_touch") == 0)
		return "direct_boot has no firmware";
	if (devices_ignored(&parameters->devices, key))
		return devices_ignored(&parameters->devices, key);
	for (size_t i = 0; i < sizeof(of_locked) / sizeof(of_locked[0]); i++)
		if (!locks_memory(config) && strcmp(key, of_locked[i]) == 0)
			return "this strategy locks no memory";
	if (!locks_memory(config))
		return fill_ignored(config, host, key);
	if (strcmp(key, "boot_touchers") == 0)
		return "a locked memslot is in stage 2 before the guest runs";
	if (config->resident < 1 && strcmp(key, "resident") == 0)
		return "a locked memslot pins all of its memory";
	if (parameters->lock_rule == LOCK_RULE_V4 && strcmp(key, "pause_for_lock") == 0)
		return "with lock_rule v4 no lock succeeds after a vCPU has run";
	return fill_ignored(config, host, key);
}

#define LOCKED_FLOWS                                                                               \
	FLOWS_AND(start, reboot, shutdown, process_exit, OPERATION_RELOCK, arm64_relock)

static const struct strategy strategies[] = {
	[UNLOCKED] = { "unlocked", "ordinary stage 2, filled by faults and unmapped at a reset",
		       FLOWS_AND(start, reboot, shutdown, process_exit, OPERATION_UPDATE,
				 arm64_replace_slot) },
	[IMMEDIATE] = { "immediate", "locked memslots, each page cleaned as it is mapped",
			LOCKED_FLOWS },
	[DEFERRED] = { "deferred", "locked memslots, cleaned at the first KVM_RUN", LOCKED_FLOWS },
	[DOUBLE] = { "double", "locked memslots, cleaned at the mapping and again at the first run",
		     LOCKED_FLOWS },
	[PKVM] = { "pkvm", "protected guest: the host reclaims page by page and reschedules",
		   FLOWS(start, reboot_pkvm, shutdown, process_exit) },
	[PKVM_ONE_CALL] = { "pkvm-one-call",
			    "protected guest: one EL2 call marks all pages, then they are "
			    "reclaimed",
			    FLOWS(start, reboot_pkvm, shutdown, process_exit) },
	[PKVM_NON_PROTECTED] = { "pkvm-non-protected",
				 "under pKVM, not protected: each mapping is shared and unshared "
				 "by a hypercall",
				 FLOWS_AND(start, reboot, shutdown, process_exit, OPERATION_UPDATE,
					   arm64_replace_slot) },
};

const struct model model_arm64 = {
	.name = "arm64",
	.architectures = ON_ARM64,
	.summary = "arm64: stage 2, locked memslots with immediate or deferred cache maintenance, "
		   "pKVM",
	.modelled = "Start, with preallocation and first touches by threads that slow each other; "
		    "reset in place, exit. unlocked: stage 2 is filled by faults (with "
		    "cache maintenance of each page unless the machine has FWB), flushed when the "
		    "guest turns its caches on, unmapped and cleaned at a reset without FWB; range "
		    "TLBI; a memslot deleted and created again (update); a teardown "
		    "that unmaps and cleans before it frees (teardown_cleans).\n"
		    "immediate, deferred, double: all memory, touched or not, is pinned and mapped "
		    "page by page with kvm->lock, all vCPU mutexes and slots_lock held; "
		    "RLIMIT_MEMLOCK before and after; EBUSY by v5's rule (while a vCPU is inside "
		    "KVM_RUN) or v4's (once one has run); a pin, the table cache, the notifier's "
		    "sequence (EAGAIN, with attempts from the start, each a fallback) or a mapping "
		    "may fail at any page, and what came before it is unmapped and unpinned, by "
		    "copied operations without cache maintenance; the error paths of the series "
		    "forget the page in hand and some of the unmapping; the first KVM_RUN flushes "
		    "under slots_lock while the other vCPUs wait; a reset skips locked slots and "
		    "leaves the work to the next run; relock after a cancelled migration.\n"
		    "pkvm: each page is reclaimed, cleared and unpinned; pkvm-one-call marks all "
		    "of them in one call that nothing can interrupt. pkvm-non-protected: as "
		    "unlocked, with a hypercall for each mapping of 4 KiB or 2 MiB that is made, "
		    "and for each that goes, at a reset, an update and the end." DEVICES_MODELLED,
	.not_modelled = "MTE, dirty logging beyond its write protection, contention of mmu_lock "
			"between faults, blocks that are split or coalesced, memory bandwidth, the "
			"stale data of maintenance that is done too early, lockdep (the depth is "
			"reported, not enforced), the cost of the call that fails, a second pin of "
			"a page whose pin leaked (it is lost at once). The reboot of a protected "
			"guest is its end and a new start." DEVICES_NOT_MODELLED,
	.sources =
		"A. Elisei, KVM: arm64: Add SPE support, RFC v4 and v5, 2021; Y. Wang, KVM: arm64, "
		"2021; R. Ananta, FEAT_TLBIRANGE, 2023, and stage 2 destroy, 2025; Q. Perret, "
		"android-kvm; E. G. Esposito, 2022; P. E. McKenney and others, June 2022.",
	.strategies = TABLE(strategies),
	.terms = TABLE(arm64_terms),
	.parameters = &arm64_parameter_record,
	.locks = TABLE(locks),
	.memory = TABLE(memory),
	.metadata = metadata_arm64,
	.page_states = TABLE(page_states),
	.state_size = sizeof(struct arm64_state),
	.check = check,
	.ignored = ignored,
	.resident = resident,
	.begin = begin,
};
