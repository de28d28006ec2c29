/*
 * AMD Secure Encrypted Virtualization: guests whose memory must not move.
 *
 * The physical address is part of the encryption, so every page of a guest is
 * pinned: all of them when the VMM registers its memory (upstream), or each when
 * the guest first touches it (two proposals). The flows follow
 *   N. A. Dadhania, "[RFC PATCH 0/6] KVM: SVM: Defer page pinning for SEV guests",
 *   kvm, 2022-01-18, and "[RFC PATCH v1 0/9]", kvm, 2022-03-08;
 *   D. Hildenbrand's objections in the thread of patch 3/6, January 2022;
 *   arch/x86/kvm/svm/sev.c of Linux 5.17 and 6.15; QEMU target/i386/sev.c.
 */

#include <errno.h>
#include <string.h>

#include "models/sev.h"

/* --- flows: start --------------------------------------------------------- */

SLOT_UPDATE_COUNTS;

static const struct step prealloc_thread_steps[] = {
	USER(QEMU_THREAD_START, NULL, "qemu: do_touch_pages"),
	PAGES(sev_prealloc_share, NULL, "do_anonymous_page"),
};
static const struct flow prealloc_thread =
	FLOW("touch_pages", "one preallocation thread", prealloc_thread_steps);

static const struct step prealloc_steps[] = {
	LABEL("next"),
	UNLESS(sev_more_threads, "started"),
	SPAWN(prealloc_thread, "qemu: qemu_prealloc_mem"),
	DO(sev_one_started, "qemu: qemu_prealloc_mem"),
	GOTO("next"),
	LABEL("started"),
	JOIN(prealloc_thread, "qemu: wait_and_free_mem_prealloc_context"),
	DO(sev_preallocated, "qemu: qemu_prealloc_mem"),
};
static const struct flow prealloc =
	FLOW("qemu_prealloc_mem", "threads touch all memory", prealloc_steps);

static const struct step asid_new_steps[] = {
	LOCK(sev_bitmap_lock, "sev_asid_new"),
	UNLESS(sev_no_free_asid, "take"),
	LOCK(sev_deactivate_lock, "sev_flush_asids"),
	TRY(sev_recycle_asids, EBUSY, "busy", "__sev_recycle_asids"),
	SPEND(CPU_WBINVD, NULL, "sev_flush_asids: wbinvd_on_all_cpus"),
	SERVE(sev_psp, PSP_DF_FLUSH, NULL, "sev_guest_df_flush"),
	UNLOCK(sev_deactivate_lock, "sev_flush_asids"),
	LABEL("take"),
	DO(sev_take_asid, "sev_asid_new"),
	UNLOCK(sev_bitmap_lock, "sev_asid_new"),
	GOTO("out"),
	LABEL("busy"),
	UNLOCK(sev_deactivate_lock, "sev_flush_asids"),
	UNLOCK(sev_bitmap_lock, "sev_asid_new"),
	LABEL("out"),
};
static const struct flow asid_new =
	FLOW("sev_asid_new", "take an ASID, recycling if none is free", asid_new_steps);

static const struct step unbind_asid_steps[] = {
	READ_LOCK(sev_deactivate_lock, "sev_unbind_asid"),
	SERVE(sev_psp, PSP_DEACTIVATE, NULL, "sev_guest_deactivate"),
	UNLOCK(sev_deactivate_lock, "sev_unbind_asid"),
	SERVE_OR(sev_psp, PSP_DECOMMISSION, NULL, EIO, "leak", "sev_decommission"),
	LOCK(sev_bitmap_lock, "sev_asid_free"),
	DO(sev_free_asid, "sev_asid_free"),
	UNLOCK(sev_bitmap_lock, "sev_asid_free"),
	GOTO("out"),
	LABEL("leak"),
	DO(sev_leak_asid, "sev_decommission"),
	RECOVER("sev_unbind_asid"),
	LABEL("out"),
};
static const struct flow unbind_asid =
	FLOW("sev_unbind_asid", "give the ASID back", unbind_asid_steps);

/* KVM_MEMORY_ENCRYPT_REG_REGION as it is upstream. */
static const struct step register_region_steps[] = {
	LOCK(sev_kvm_lock, "sev_mem_enc_register_region"),
	TRY(sev_rlimit_memlock, ENOMEM, "out", "sev_pin_memory"),
	ALLOCATE(sev_page_pointers, sev_page_array, "out", "sev_pin_memory"),
	SPEND(KVM_PAGE_ARRAY, &sev_per_mebibyte, "sev_pin_memory: __vmalloc"),
	PAGES(sev_pin_region, NULL, "pin_user_pages_fast"),
	UNLESS(sev_must_migrate, "pinned"),
	CHANCE(sev_migration_fails, ENOMEM, "unpin", "check_and_migrate_movable_pages"),
	SPEND_YIELDING(MM_MIGRATE, &sev_per_movable_page, "migrate_longterm_unpinnable_folios"),
	GOTO("pinned"),
	LABEL("unpin"), /* all or nothing */
	PAGES(sev_unpin_again, NULL, "sev_pin_memory: unpin_user_pages"),
	FREE_ALL(sev_page_pointers, "sev_pin_memory"),
	GOTO("out"),
	LABEL("pinned"),
	UNLOCK(sev_kvm_lock, "sev_mem_enc_register_region"),
	UNLESS(sev_not_coherent, "flushed"),
	SPEND_YIELDING(CPU_CLFLUSH, &sev_per_4k, "sev_clflush_pages"),
	LABEL("flushed"),
	GOTO("done"),
	LABEL("out"),
	UNLOCK(sev_kvm_lock, "sev_mem_enc_register_region"),
	LABEL("done"),
};
static const struct flow register_region =
	FLOW("sev_mem_enc_register_region", "pin all memory of the guest", register_region_steps);

/* On demand: metadata with the memslot; REG_REGION is a stub (January) or a check (March). */
static const struct step register_nothing_steps[] = {
	TRY(sev_kvcalloc_metadata, ENOMEM, "out", "kvm_alloc_memslot_metadata"),
	ALLOCATE(sev_pin_metadata, sev_metadata, "out", "kvm_alloc_memslot_metadata"),
	SPEND(KVM_METADATA, &sev_per_mebibyte, "kvm_alloc_memslot_metadata: kvcalloc"),
	UNLESS(sev_pins_longterm, "out"),
	TRY(sev_rlimit_memlock, ENOMEM, "limit", "sev_mem_enc_register_region"),
	GOTO("out"),
	LABEL("limit"),
	FREE_ALL(sev_pin_metadata, "kvm_free_memslot"),
	LABEL("out"),
};
static const struct flow register_nothing =
	FLOW("kvm_alloc_memslot_metadata", "room to remember what will be pinned",
	     register_nothing_steps);

static const struct step launch_steps[] = {
	LOCK(sev_kvm_lock, "sev_mem_enc_ioctl"),
	SERVE_OR(sev_psp, PSP_LAUNCH_START, NULL, EIO, "out", "sev_launch_start"),
	SERVE(sev_psp, PSP_ACTIVATE, NULL, "sev_bind_asid"),
	UNLESS(sev_has_snp, "sev"),
	SERVE_OR(sev_psp, PSP_UPDATE_SNP, &sev_per_firmware_page, EIO, "out", "snp_launch_update"),
	GOTO("updated"),
	LABEL("sev"),
	SERVE_OR(sev_psp, PSP_UPDATE_SEV, &sev_per_firmware_page, EIO, "out",
		 "sev_launch_update_data"),
	LABEL("updated"),
	UNLESS(sev_has_es, "measure"),
	SERVE(sev_psp, PSP_UPDATE_VMSA, &sev_per_vcpu, "sev_launch_update_vmsa"),
	LABEL("measure"),
	SERVE(sev_psp, PSP_MEASURE, NULL, "sev_launch_measure"),
	SERVE(sev_psp, PSP_FINISH, NULL, "sev_launch_finish"),
	LABEL("out"),
	UNLOCK(sev_kvm_lock, "sev_mem_enc_ioctl"),
};
static const struct flow launch =
	FLOW("SEV launch", "the PSP measures and encrypts the firmware", launch_steps);

static const struct step workload_steps[] = {
	PAGES(sev_workload_faults, "stopped", "kvm_tdp_page_fault"),
	LABEL("stopped"),
	FORGET("guest"),
};
static const struct flow workload =
	FLOW("workload", "first touches after the boot", workload_steps);

static const struct step boot_steps[] = {
	USER(GUEST_BOOT, NULL, "guest: firmware and kernel"),
	SLOT_UPDATES(sev_kvm_srcu, KVM_SET_REGION, SRCU_GRACE),
	USER(GUEST_MEMMAP, &sev_per_mebibyte, "guest: memmap_init"),
	UNLESS(sev_pins_longterm, "touch"),
	UNLESS(sev_must_migrate, "longterm"),
	CHANCE(sev_migration_fails, EFAULT, "out", "sev_pin_pfn: KVM_BUG_ON"),
	SPEND_YIELDING(MM_MIGRATE, &sev_per_movable_page, "migrate_longterm_unpinnable_folios"),
	LABEL("longterm"),
	PAGES(sev_boot_faults_longterm, NULL, "sev_pin_pfn"),
	UNLESS(sev_not_coherent, "touched"),
	SPEND_YIELDING(CPU_CLFLUSH, &sev_per_touched_4k, "sev_pin_pfn: clflush_cache_range"),
	GOTO("touched"),
	LABEL("touch"),
	PAGES(sev_boot_faults, NULL, "direct_page_fault"),
	UNLESS(sev_pins_upfront, "get page"),
	GOTO("touched"),
	LABEL("get page"), /* one reference for each 4 KiB, and always a flush */
	SPEND_YIELDING(MM_GET_PAGE, &sev_per_touched_4k, "sev_pin_spte: get_page"),
	SPEND_YIELDING(CPU_CLFLUSH, &sev_per_touched_4k, "sev_pin_spte: clflush_cache_range"),
	LABEL("touched"),
	LABEL("out"),
};
static const struct flow boot =
	FLOW("boot", "firmware, kernel and their first touches", boot_steps);

/* --- flows: teardown ------------------------------------------------------ */

static const struct step vm_destroy_steps[] = {
	UNLESS(sev_flush_all_cpus, "flushed"),
	SPEND(CPU_WBINVD, NULL, "sev_vm_destroy: wbinvd_on_all_cpus"),
	LABEL("flushed"),
	UNLESS(sev_pins_upfront, "unbind first"),
	PAGES(sev_unpin_region, NULL, "__unregister_enc_region_locked"),
	FREE_ALL(sev_page_pointers, "sev_unpin_memory: kvfree"),
	LABEL("unbind first"),
	UNLESS(sev_has_asid, "unbound"),
	CALL(unbind_asid, "sev_vm_destroy"),
	LABEL("unbound"),
	UNLESS(sev_pins_upfront, "unpin slots"),
	GOTO("out"),
	LABEL("unpin slots"),
	UNLESS(sev_pins_longterm, "scan"),
	SPEND(CPU_WBINVD, NULL, "sev_free_memslot: wbinvd_on_all_cpus"),
	LABEL("scan"),
	SPEND(KVM_SCAN_BITMAP, &sev_per_mebibyte, "kvm_free_memslot: for_each_set_bit"),
	PAGES(sev_unpin_region, NULL, "kvm_free_memslot: put_page"),
	FREE_ALL(sev_pin_metadata, "kvm_free_memslot: kvfree"),
	LABEL("out"),
};
static const struct flow vm_destroy =
	FLOW("sev_vm_destroy", "unpin everything, give the ASID back", vm_destroy_steps);

static const struct step teardown_steps[] = {
	STOP(workload, "do_exit"),
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	TRY(sev_end_generation, 0, "out", "exit_mm"),
	PAGES(sev_zap_all, NULL, "kvm_mmu_notifier_release"),
	SPEND(CPU_WBINVD, NULL, "sev_guest_memory_reclaimed"),
	LOCK(sev_mmap_lock, "exit_mmap"),
	PAGES(sev_unmap_all, NULL, "unmap_vmas"),
	UNLOCK(sev_mmap_lock, "exit_mmap"),
	SPEND(KVM_DESTROY, &sev_per_vcpu, "kvm_destroy_vcpus"),
	CALL(vm_destroy, "kvm_destroy_vm"),
	DO(sev_no_pages, "mmdrop"),
	MARK(MILESTONE_ALL_RECLAIMED),
	LABEL("out"),
};
static const struct flow teardown =
	FLOW("teardown", "the kernel takes the process apart", teardown_steps);

static const struct step kill_steps[] = {
	CALL(teardown, "do_exit"),
	MARK(MILESTONE_DONE),
};
static const struct flow process_exit = FLOW("process_exit", "the process is killed", kill_steps);

static const struct step shutdown_steps[] = {
	STOP(workload, "guest: services stop"),
	SLEEP(GUEST_STOP, NULL, "guest: kernel_power_off"),
	CALL(teardown, "qemu: exit"),
	MARK(MILESTONE_DONE),
};
static const struct flow shutdown = FLOW("shutdown", "power off and leave", shutdown_steps);

/* A new process: failures after the memory is there end it with exit(1). */
static const struct step create_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	ALLOCATE(guest_memory, sev_memory_held, "out", "mmap"),
	DO(sev_start_process, "kvm_create_vm"),
	CALL_OR(asid_new, "memory", "sev_guest_init"),
	CALL(prealloc, "qemu: host_memory_backend_memory_complete"),
	UNLESS(sev_pins_upfront, "demand"),
	CALL_OR(register_region, "asid", "qemu: sev_ram_block_added"),
	GOTO("launch"),
	LABEL("demand"),
	CALL_OR(register_nothing, "asid", "kvm_set_memory_region"),
	LABEL("launch"),
	CALL_OR(launch, "unregister", "qemu: sev_kvm_init"),
	CALL_OR(boot, "unregister", "kvm_vcpu_ioctl: KVM_RUN"),
	MARK(MILESTONE_DONE),
	UNLESS(sev_pins_upfront, "use"),
	GOTO("out"),
	LABEL("use"),
	SPAWN(workload, "guest"),
	GOTO("out"),
	LABEL("unregister"),
	UNLESS(sev_pins_upfront, "slots"),
	FREE_ALL(sev_page_pointers, "sev_unpin_memory: kvfree"),
	GOTO("asid"),
	LABEL("slots"),
	FREE_ALL(sev_pin_metadata, "kvm_free_memslot"),
	LABEL("asid"), /* the errno that led here is still set */
	CALL_OR(unbind_asid, "memory", "sev_vm_destroy"),
	LABEL("memory"),
	PAGES(sev_unpin_region, NULL, "exit_mmap"),
	DO(sev_no_pages, "mmdrop"),
	LABEL("out"),
};
static const struct flow create = FLOW("start", "a new process boots a SEV guest", create_steps);

static const struct step reboot_steps[] = {
	STOP(workload, "guest: services stop"),
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	USER(QEMU_PAUSE, &sev_per_vcpu, "pause_all_vcpus"),
	CALL(teardown, "qemu: the guest cannot be reset in place"),
	CALL(create, "management: a new process"),
};
static const struct flow reboot =
	FLOW("reboot", "shutdown and start: memory cannot be reset in place", reboot_steps);

/* --- the model ------------------------------------------------------------ */

static const struct lock_kind *const locks[] = { &sev_kvm_lock,    &sev_slots_arch_lock,
						 &sev_kvm_srcu,    &sev_mmap_lock,
						 &sev_bitmap_lock, &sev_deactivate_lock };
static const struct server_kind *const servers[] = { &sev_psp };
static const struct memory_kind *const memory[] = { &sev_page_pointers, &sev_pin_metadata };
static const char *const page_states[] = { "fresh", "present", "pinned", "dead" };

static void begin(struct guest *guest, bool running)
{
	page_map_fill(&guest->pages, running ? sev_held_pages(guest) : 0, PINNED);
	if (!running)
		return;
	sev_of(guest)->asid = true;
	host_of(guest)->used++;
}

static bool check(const struct guest_config *config, const struct host_config *host,
		  const char **key, struct error *error)
{
	(void)host;
	if (config->memory_bytes % config->page_bytes == 0)
		return true;
	*key = "memory";
	return error_set(error, ERROR_INPUT,
			 "the memory is not a multiple of page_size; use a multiple of %lld bytes",
			 (long long)config->page_bytes);
}

static const char *ignored(const struct guest_config *config, const struct host_config *host,
			   const char *key)
{
	bool upfront = config->strategy == UPFRONT;

	(void)host;
	if (strcmp(key, "longterm") == 0 && !upfront)
		return "it is about strategy upfront; demand-longterm always pins so, demand never";
	if (strcmp(key, "slot_limit") == 0 && upfront)
		return "strategy upfront keeps no metadata in memslots";
	if (strcmp(key, "workload_rate") == 0 && upfront)
		return "strategy upfront has touched all memory before the guest runs";
	return NULL;
}

#define FLOWS                                                                                      \
	{                                                                                          \
		[OPERATION_START] = &create, [OPERATION_REBOOT] = &reboot,                         \
		[OPERATION_SHUTDOWN] = &shutdown, [OPERATION_KILL] = &process_exit                 \
	}

static const struct strategy strategies[] = {
	[UPFRONT] = { "upfront", "all memory is pinned when the VMM registers it (upstream)",
		      FLOWS },
	[DEMAND] = { "demand", "get_page when the nested fault maps a page (RFC, January 2022)",
		     FLOWS },
	[DEMAND_LONGTERM] = { "demand-longterm",
			      "a FOLL_LONGTERM pin at the fault, under slots_arch_lock (RFC, "
			      "March 2022)",
			      FLOWS },
};

const struct model model_sev = {
	.name = "sev",
	.summary = "AMD SEV: pinning of encrypted memory, the PSP's queue, ASIDs, teardown",
	.modelled =
		"Start of a new process: an ASID (recycled with a flush of all caches and "
		"DF_FLUSH when none is free, EBUSY when none can be), preallocation by N threads, "
		"registration of memory, the launch commands of the PSP (one serial server of the "
		"host, shared evenly by concurrent launches), firmware, kernel and their first "
		"touches. upfront pins and zeroes everything under kvm->lock; demand takes "
		"references at the nested fault; demand-longterm pins there under "
		"slots_arch_lock. RLIMIT_MEMLOCK, FOLL_LONGTERM migration out of CMA and "
		"ZONE_MOVABLE which fails on an extra reference, clflush without SME_COHERENT, 16 "
		"bytes of metadata per 4 KiB. Teardown: zap, cache flushes on all CPUs, unmap, "
		"unpin without a reschedule point inside a region, DEACTIVATE, DECOMMISSION (a "
		"failure loses the ASID); upfront holds its ASID until all is unpinned, demand "
		"gives it back before. A reboot is a shutdown and a start.",
	.not_modelled =
		"The reverse map table of SNP and its page state changes, guest_memfd, mirror "
		"guests, live migration, cache flushes by MMU notifiers while the guest runs, the "
		"work of other tenants that a cache flush stalls, unpinning by hot-unplug. Memory "
		"that a demand-pinned guest will touch is taken from the host when it starts, so "
		"running out of memory later, at a fault, is not shown. A command of the PSP is "
		"taken as short against a launch: concurrent launches take equal shares.",
	.sources =
		"N. A. Dadhania, KVM: SVM: Defer page pinning for SEV guests, RFC 0/6 and RFC v1 "
		"0/9, 2022; D. Hildenbrand, replies to 3/6; Linux arch/x86/kvm/svm/sev.c; Li Zhe, "
		"gup and vfio series, 2025; A. Arora, clear_huge_page, 2023; B. Holmes and "
		"others, SEVeriFast, ASPLOS 2024; enarx pull request 246, 2020.",
	.strategies = strategies,
	.strategy_count = sizeof(strategies) / sizeof(strategies[0]),
	.terms = sev_terms,
	.term_count = TERM_COUNT,
	.parameters = &sev_parameter_record,
	.locks = locks,
	.memory = memory,
	.memory_count = sizeof(memory) / sizeof(memory[0]),
	.lock_count = sizeof(locks) / sizeof(locks[0]),
	.servers = servers,
	.server_count = sizeof(servers) / sizeof(servers[0]),
	.page_states = page_states,
	.page_state_count = sizeof(page_states) / sizeof(page_states[0]),
	.limbo_states = 1u << DEAD,
	.state_size = sizeof(struct sev_state),
	.shared_size = sizeof(struct sev_host),
	.check = check,
	.ignored = ignored,
	.begin = begin,
};
