/*
 * AMD Secure Encrypted Virtualization: guests whose memory must not move.
 *
 * The physical address is part of the encryption, so every page of a guest is
 * pinned: all of them when the VMM registers its memory (upstream), or each when
 * the guest first touches it (two proposals). The flows follow
 *   N. A. Dadhania, "[RFC PATCH 0/6] KVM: SVM: Defer page pinning for SEV guests",
 *   kvm, 2022-01-18, and "[RFC PATCH v1 0/9]", kvm, 2022-03-08;
 *   D. Hildenbrand's objections in the thread of patch 3/6, January 2022;
 *   arch/x86/kvm/svm/sev.c of Linux 5.17 and 6.15; QEMU target/i386/sev.c;
 *   QEMU 11.0, kvm_reset_vmfd ("Introduce support for confidential guest reset",
 *   qemu-devel, 2026-02-12; Red Hat, "Confidential guest reset on QEMU hypervisor", 2026).
 */

#include <errno.h>
#include <string.h>

#include "models/sev_parts.h"

/* --- flows: start --------------------------------------------------------- */

SLOT_UPDATE_COUNTS;

FILL_FLOWS(static, prealloc, sev_preallocated, FILL_ZERO, FILL_SHARED);

MEMMAP_FLOW(static, memmap_init);

static inline struct devices_state *devices_state_of(const struct guest *guest)
{
	return &sev_of(guest)->devices;
}

#define DEVICES_DMA_BYTES guest->config->memory_bytes
#define DEVICES_RANGE     all_pages
#define DEVICES_FAULT     [FRESH] = { { PRICE(MM_POPULATE), FILL_ZERO }, PRESENT, false }
#define DEVICES_OTHERS    PASS(DEAD), PASS(PRESENT), PASS(PINNED), PASS(UNPINNED)
#include "models/devices_flows.h"

static const struct flow workload = WORKLOAD(sev_workload_faults, "kvm_tdp_page_fault");

static const struct step boot_steps[] = {
	CALL(devices_boot, "guest: firmware and kernel"),
	USER(GUEST_BOOT, NULL, "guest: firmware and kernel"),
	SLOT_UPDATES,
	CALL(memmap_init, "guest: page_alloc_init_late"),
};
static const struct flow boot = FLOW("boot", "firmware and kernel", boot_steps);

/* The nested faults of a boot: of memory that is pinned there are none. */
static const struct step touch_steps[] = {
	DO(sev_find_movable, "collect_longterm_unpinnable_folios"),
	UNLESS(sev_meets_movable, "touch"),
	CHANCE(sev_migration_fails, EFAULT, "out", "sev_pin_pfn: KVM_BUG_ON"),
	LABEL("touch"),
	UNLESS(sev_fault_pins_longterm, "get page"),
	FILL_TOUCH(" (longterm)", sev_boot_faults_longterm, sev_toucher_longterm, "sev_pin_pfn"),
	UNLESS(sev_not_coherent, "out"),
	SPEND_YIELDING(CPU_CLFLUSH, &sev_per_touched_4k, "sev_pin_pfn: clflush_cache_range"),
	GOTO("out"),
	LABEL("get page"),
	FILL_TOUCH("", sev_boot_faults, sev_toucher, "direct_page_fault"),
	UNLESS(sev_pins_on_demand, "out"),
	/* one reference for each 4 KiB, and always a flush */
	SPEND_YIELDING(MM_GET_PAGE, &sev_per_touched_4k, "sev_pin_spte: get_page"),
	SPEND_YIELDING(CPU_CLFLUSH, &sev_per_touched_4k, "sev_pin_spte: clflush_cache_range"),
	LABEL("out"),
};
static const struct flow touch = FLOW("touch", "first touches of the boot", touch_steps);

static const struct step up_steps[] = {
	MARK(MILESTONE_DONE),
	UNLESS(sev_pins_on_demand, "out"),
	SPAWN(workload, "guest"),
	LABEL("out"),
};
static const struct flow up = FLOW("up", "the guest goes on to touch its memory", up_steps);

/* --- flows: teardown ------------------------------------------------------ */

/* Up front the ASID is held until all is unpinned, on demand it goes first. */
static const struct step vm_destroy_steps[] = {
	UNLESS(sev_has_asid, "flushed"),
	UNLESS(sev_flush_all_cpus, "flushed"),
	ALL_CORES(CPU_WBINVD, NULL, "sev_vm_destroy: wbinvd_on_all_cpus"),
	LABEL("flushed"),
	UNLESS(sev_pins_upfront, "unbind"),
	PAGES(sev_unpin_region, NULL, "__unregister_enc_region_locked"),
	FREE_ALL(sev_page_pointers, "sev_unpin_memory: kvfree"),
	DO(sev_note_unregistered, "__unregister_enc_region_locked: list_del"),
	LABEL("unbind"),
	UNLESS(sev_has_asid, "unbound"),
	CALL(sev_unbind_asid, "sev_vm_destroy"),
	LABEL("unbound"),
	UNLESS(sev_pins_on_demand, "out"),
	UNLESS(sev_has_metadata, "unpin"),
	UNLESS(sev_fault_pins_longterm, "scan"),
	ALL_CORES(CPU_WBINVD, NULL, "sev_free_memslot: wbinvd_on_all_cpus"),
	LABEL("scan"),
	SPEND(KVM_SCAN_BITMAP, &per_mebibyte, "kvm_free_memslot: for_each_set_bit"),
	LABEL("unpin"),
	PAGES(sev_unpin_region, NULL, "kvm_free_memslot: put_page"),
	FREE_ALL(sev_pin_metadata, "kvm_free_memslot: kvfree"),
	DO(sev_note_unregistered, "kvm_free_memslot"),
	LABEL("out"),
};
static const struct flow vm_destroy =
	FLOW("sev_vm_destroy", "unpin everything, give the ASID back", vm_destroy_steps);

/* Whatever there is: a process may die at any point of its start. */
static const struct step teardown_steps[] = {
	STOP(workload, "do_exit"),
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	CALL(devices_detach, "do_exit: exit_files"),
	UNLESS(sev_has_process, "out"),
	FREE(guest_memory, sev_untouched, "exit_mmap"),
	TRY(sev_end_generation, 0, "out", "exit_mm"),
	PAGES(sev_zap_all, NULL, "kvm_mmu_notifier_release"),
	ALL_CORES(CPU_WBINVD, NULL, "sev_guest_memory_reclaimed"),
	LOCK(mmap_lock, "exit_mmap"),
	PAGES(sev_unmap_all, NULL, "unmap_vmas"),
	UNLOCK(mmap_lock, "exit_mmap"),
	SPEND(KVM_DESTROY, &per_vcpu, "kvm_destroy_vcpus"),
	CALL(vm_destroy, "kvm_destroy_vm"),
	DO(sev_no_process, "mmdrop"),
	MARK(MILESTONE_RECLAIMED),
	LABEL("out"),
};
static const struct flow teardown =
	FLOW("teardown", "the kernel takes the process apart", teardown_steps);

static const struct step kill_steps[] = {
	CALL(teardown, "do_exit"),
	MARK(MILESTONE_DONE),
};
static const struct flow process_exit = FLOW("process_exit", "the process is killed", kill_steps);

static const struct flow shutdown =
	SHUTDOWN(STOP(workload, "guest: services stop"), POWER_OFF(teardown), MARK(MILESTONE_DONE));

/* --- flows: start and reboot ---------------------------------------------- */

static const struct step run_steps[] = {
	UNLESS(sev_pins_upfront, "demand"),
	CALL_OR(sev_register_region, "out", "qemu: sev_ram_block_added"),
	GOTO("launch"),
	LABEL("demand"),
	CALL_OR(sev_register_nothing, "out", "kvm_set_memory_region"),
	LABEL("launch"),
	CALL_OR(sev_launch, "out", "qemu: sev_kvm_init"),
	CALL_OR(boot, "out", "kvm_vcpu_ioctl: KVM_RUN"),
	CALL_OR(touch, "out", "kvm_vcpu_ioctl: KVM_RUN"),
	CALL(up, "guest"),
	LABEL("out"),
};
static const struct flow run = FLOW("run", "a new VM is pinned, launched and boots", run_steps);

/* What a start that fails has taken goes with its process. */
static const struct step create_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	ALLOCATE(guest_memory, resident_bytes, "out", "mmap"),
	DO(sev_start_process, "kvm_create_vm"),
	CALL_OR(sev_asid_new, "out", "sev_guest_init"),
	CALL(prealloc, "qemu: host_memory_backend_memory_complete"),
	CALL_OR(devices_attach, "out", "qemu: qemu_create_cli_devices"),
	CALL(run, "qemu: main"),
	LABEL("out"),
};
static const struct flow create = FLOW("start", "a new process boots a SEV guest", create_steps);

/* The memory stays with QEMU; all that KVM and the PSP knew of the guest is made anew. */
static const struct step reset_vmfd_steps[] = {
	PAGES(sev_zap_all, NULL, "close: kvm_flush_shadow_all"),
	ALL_CORES(CPU_WBINVD, NULL, "sev_guest_memory_reclaimed"),
	SPEND(KVM_DESTROY, &per_vcpu, "kvm_destroy_vcpus"),
	CALL(vm_destroy, "kvm_destroy_vm"),
	CALL_OR(sev_asid_new, "out", "sev_guest_init"),
	USER(QEMU_RESET, NULL, "qemu: qemu_system_reset"),
	CALL(devices_reset, "qemu: vfio_pci_reset"),
	CALL(run, "qemu: kvm_rebind_vcpus"),
	LABEL("out"),
};
static const struct flow reset_vmfd =
	FLOW("kvm_reset_vmfd", "a new VM over the same memory", reset_vmfd_steps);

static const struct step reboot_steps[] = {
	STOP(workload, "guest: services stop"),
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	PAUSE_VCPUS("pause_all_vcpus"),
	UNLESS(sev_encrypts_vcpus, "in place"), /* kvm_arch_cpu_check_are_resettable */
	UNLESS(sev_resets_in_process, "new process"),
	CALL_OR(reset_vmfd, "dead", "qemu: qemu_system_reset"),
	GOTO("out"),
	LABEL("new process"),
	CALL(teardown, "qemu: exit"),
	CALL_OR(create, "dead", "management: a new process"),
	GOTO("out"),
	LABEL("dead"),
	DIE("qemu: exit(1)"),
	GOTO("out"),
	LABEL("in place"),
	USER(QEMU_RESET, NULL, "qemu: qemu_system_reset"),
	CALL(devices_reset, "qemu: vfio_pci_reset"),
	CALL(boot, "kvm_vcpu_ioctl: KVM_RUN"),
	CALL(up, "guest"),
	LABEL("out"),
};
static const struct flow reboot =
	FLOW("reboot", "in place, or over a new VM, or by a new process", reboot_steps);

/* --- the model ------------------------------------------------------------ */

static const struct lock_kind *const locks[] = {
	&kvm_lock, &slots_arch_lock, &kvm_srcu, &mmap_lock, &sev_bitmap_lock, &sev_deactivate_lock
};
static const struct server_kind *const servers[] = { &sev_psp };
static const struct memory_kind *const memory[] = { &sev_page_pointers, &sev_pin_metadata,
						    &devices_iommu_tables };
static const char *const page_states[] = { "dead", "fresh", "present", "pinned", "unpinned" };

static void begin(struct guest *guest, bool running)
{
	page_map_fill(&guest->pages, running ? guest_resident_pages(guest) : 0, PINNED);
	if (!running)
		return;
	*sev_of(guest) = (struct sev_state){
		.process = true,
		.psp = { true, true },
		.registered = true,
		.devices = devices_running(devices_of(guest)),
	};
	host_of(guest)->used++;
}

static bool check(const struct guest_config *config, const struct host_config *host,
		  const char **key, struct error *error)
{
	const struct parameters *parameters = config->parameters;

	(void)host;
	if (config->memory_bytes % config->page_bytes == 0)
		return devices_check(&parameters->devices, key, error);
	*key = "memory";
	return error_set(error, ERROR_INPUT,
			 "the memory is not a multiple of page_size; use a multiple of %lld bytes",
			 (long long)config->page_bytes);
}

static const char *ignored_pin(const struct guest_config *config, const char *key)
{
	const struct parameters *parameters = config->parameters;
	bool failure = strcmp(key, "extra_reference") == 0;

	if (strcmp(key, "longterm") == 0 && config->strategy == DEMAND_LONGTERM)
		return "strategy demand-longterm always pins so";
	if (!failure && strcmp(key, "movable") != 0)
		return NULL;
	if (!sev_pins_longterm(config))
		return "only pins with FOLL_LONGTERM (longterm, demand-longterm) migrate pages";
	if (failure && config->strategy == DEMAND)
		return "on demand with longterm the fault's own reference is always there";
	return failure && parameters->movable <= 0 ? "no page is movable" : NULL;
}

static const char *ignored(const struct guest_config *config, const struct host_config *host,
			   const char *key)
{
	const struct parameters *parameters = config->parameters;
	bool upfront = config->strategy == UPFRONT;

	if (devices_ignored(&parameters->devices, key))
		return devices_ignored(&parameters->devices, key);
	if (strcmp(key, "reset_in_process") == 0 && !parameters->es)
		return "without es the guest is reset in place";
	if (strcmp(key, "slot_limit") == 0 && upfront)
		return "strategy upfront keeps no metadata in memslots";
	if ((strcmp(key, "workload_rate") == 0 || strcmp(key, "repinned") == 0) && upfront)
		return "strategy upfront has touched all memory before the guest runs";
	if (upfront && strcmp(key, "boot_touchers") == 0)
		return "strategy upfront has touched all memory before the guest runs";
	return fill_ignored(config, host, key) ? fill_ignored(config, host, key)
					       : ignored_pin(config, key);
}

static const struct strategy strategies[] = {
	[UPFRONT] = { "upfront", "all memory is pinned when the VMM registers it (upstream)",
		      FLOWS(create, reboot, shutdown, process_exit) },
	[DEMAND] = { "demand", "get_page when the nested fault maps a page (RFC, January 2022)",
		     FLOWS(create, reboot, shutdown, process_exit) },
	[DEMAND_LONGTERM] = { "demand-longterm",
			      "a FOLL_LONGTERM pin at the fault, under slots_arch_lock (RFC, March "
			      "2022)",
			      FLOWS(create, reboot, shutdown, process_exit) },
};

const struct model model_sev = {
	.name = "sev",
	.architectures = ON_X86_64,
	.summary = "AMD SEV: pinning of encrypted memory, the PSP's queue, ASIDs, teardown",
	.modelled =
		"Start of a new process: an ASID (recycled with a flush of all caches and DF_FLUSH "
		"when none is free, EBUSY when none can be), preallocation by N threads that slow "
		"each "
		"other, "
		"registration of memory, the launch commands of the PSP (one serial server of the "
		"host, shared evenly by concurrent launches; with SEV-ES one for each "
		"vCPU), firmware, kernel and their first touches. upfront pins and zeroes "
		"everything under kvm->lock, and a fatal signal ends that; demand takes references "
		"at the nested fault; demand-longterm pins there under slots_arch_lock. "
		"RLIMIT_MEMLOCK, FOLL_LONGTERM migration out of CMA and ZONE_MOVABLE of the pages "
		"that are pinned, by the boot and by later touches, which fails when one of them "
		"has another reference (January's design with FOLL_LONGTERM: always, and the guest "
		"dies with EFAULT), gfns that fault again with another pfn, clflush without "
		"SME_COHERENT, 16 bytes of metadata per 4 KiB. Teardown of whatever there is: zap, "
		"cache flushes on all CPUs, unmap, unpin without a reschedule point inside a "
		"region, DEACTIVATE, DECOMMISSION (a failure loses the ASID); upfront holds its "
		"ASID until all is unpinned, demand gives it back before. QEMU resets plain SEV in "
		"place: pins, ASID and launch stay. SEV-ES gets a new process, or with "
		"reset_in_process a new VM, pins and launch over memory that "
		"stays." DEVICES_MODELLED,
	.not_modelled = "SEV-SNP (model sev-snp), mirror guests, live "
			"migration, cache flushes by MMU notifiers while the guest runs, the work "
			"of other tenants that a cache flush stalls, unpinning by hot-unplug. "
			"Memory that a demand-pinned guest will touch is taken from the host when "
			"it starts, so running out of memory later, at a fault, is not shown; nor "
			"does a migration fail at touches after the boot. A command of the PSP is "
			"taken as short against a launch: concurrent launches take equal "
			"shares." DEVICES_NOT_MODELLED,
	.sources =
		"N. A. Dadhania, KVM: SVM: Defer page pinning for SEV guests, RFC 0/6 and RFC v1 "
		"0/9, 2022; D. Hildenbrand, replies to 3/6; Linux arch/x86/kvm/svm/sev.c; QEMU "
		"kvm_arch_cpu_check_are_resettable and kvm_reset_vmfd (confidential guest reset, "
		"2026); Li Zhe, gup and vfio series, 2025; A. Arora, clear_huge_page, 2023; B. "
		"Holmes and others, SEVeriFast, ASPLOS 2024; enarx pull request 246, 2020.",
	.strategies = TABLE(strategies),
	.terms = TABLE(sev_terms),
	.parameters = &sev_parameter_record,
	.locks = TABLE(locks),
	.memory = TABLE(memory),
	.servers = TABLE(servers),
	.metadata = metadata_x86,
	.page_states = TABLE(page_states),
	.limbo_states = 1u << DEAD,
	.state_size = sizeof(struct sev_state),
	.shared_size = sizeof(struct psp_host),
	.check = check,
	.ignored = ignored,
	.resident = sev_resident,
	.begin = begin,
};
