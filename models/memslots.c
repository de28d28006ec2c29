/*
 * Memslot updates: what it costs to change the memory map of a running guest.
 *
 * KVM keeps two sets of memslots, edits the inactive one and swaps; each swap waits
 * for one SRCU grace period. The flows follow
 *   virt/kvm/kvm_main.c (Linux 5.17 and later): kvm_set_memslot and its kin;
 *   E. G. Esposito, "[RFC PATCH 0/9] kvm: implement atomic memslot updates", kvm,
 *   2022-09-09, and QEMU commit f39b7d2b96 (accel_ioctl_inhibit_begin, after 7.2).
 */

#include <errno.h>
#include <string.h>

#include "models/memslots_parts.h"

/* --- flows: one change ---------------------------------------------------- */

/* kvm_swap_active_memslots: slots_arch_lock is dropped before the grace period. */
#define SWAP_NOTIFIER                                                                              \
	UNLESS(memslots_notifier_present, "swap"),                                                 \
		PAUSE("mmu notifier in flight", memslots_notifier_hold,                            \
		      "kvm_swap_active_memslots"),                                                 \
		LABEL("swap")

static const struct step remove_one_steps[] = {
	LOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region"),
	LOCK(memslots_slots_arch_lock, "kvm_set_memslot"),
	SPEND(KVM_SET_REGION, NULL, "kvm_invalidate_memslot"),
	SWAP_NOTIFIER,
	UNLOCK(memslots_slots_arch_lock, "kvm_swap_active_memslots"),
	GRACE(memslots_kvm_srcu, SRCU_GRACE, NULL, "synchronize_srcu_expedited"),
	SPEND_YIELDING(KVM_ZAP, &memslots_per_slot_page, "kvm_arch_flush_shadow_memslot"),
	LOCK(memslots_slots_arch_lock, "kvm_invalidate_memslot"),
	TRY(memslots_prepare_region, ENOMEM, "revert", "kvm_prepare_memory_region"),
	UNLOCK(memslots_slots_arch_lock, "kvm_swap_active_memslots"),
	GRACE(memslots_kvm_srcu, SRCU_GRACE, NULL, "synchronize_srcu_expedited"),
	UNLOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region"),
	GOTO("out"),
	LABEL("revert"), /* the old slot comes back, its mappings do not */
	UNLOCK(memslots_slots_arch_lock, "kvm_activate_memslot"),
	GRACE(memslots_kvm_srcu, SRCU_GRACE, NULL, "synchronize_srcu_expedited"),
	UNLOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region"),
	LABEL("out"),
};
static const struct flow remove_one =
	FLOW("KVM_MR_DELETE", "invalidate, zap, remove: two swaps", remove_one_steps);

static const struct step add_one_steps[] = {
	LOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region"),
	LOCK(memslots_slots_arch_lock, "kvm_set_memslot"),
	SPEND(KVM_SET_REGION, NULL, "kvm_prepare_memory_region"),
	SWAP_NOTIFIER,
	UNLOCK(memslots_slots_arch_lock, "kvm_swap_active_memslots"),
	GRACE(memslots_kvm_srcu, SRCU_GRACE, NULL, "synchronize_srcu_expedited"),
	UNLOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region"),
};
static const struct flow add_one = FLOW("KVM_MR_CREATE", "one swap", add_one_steps);

static const struct step reader_steps[] = {
	READ_LOCK(memslots_kvm_srcu, "kvm_mmu_page_fault"),
	PAUSE("exit handler", memslots_reader_hold, "kvm_mmu_page_fault"),
	UNLOCK(memslots_kvm_srcu, "kvm_mmu_page_fault"),
};
static const struct flow reader =
	FLOW("vcpu_run", "an exit handler inside kvm->srcu", reader_steps);

/* --- flows: updates ------------------------------------------------------- */

static const struct step one_by_one_steps[] = {
	LABEL("removals"),
	UNLESS(memslots_removals_left, "additions"),
	CALL(remove_one, "qemu: kvm_set_user_memory_region"),
	DO(memslots_next_removal, "qemu: kvm_region_commit"),
	GOTO("removals"),
	LABEL("additions"),
	UNLESS(memslots_others_left, "out"),
	CALL(add_one, "qemu: kvm_set_user_memory_region"),
	DO(memslots_next_other, "qemu: kvm_region_commit"),
	GOTO("additions"),
	LABEL("out"),
};
static const struct flow one_by_one = FLOW(
	"kvm_region_commit", "all deletions, then all additions, one ioctl each", one_by_one_steps);

static const struct step update_sequential_steps[] = {
	DO(memslots_begin_update, "qemu: address_space_set_flatview"),
	UNLESS(memslots_reader_present, "change"),
	SPAWN(reader, "kvm_vcpu_ioctl: KVM_RUN"),
	LABEL("change"),
	CALL(one_by_one, "qemu: address_space_set_flatview"),
	CHANCE(memslots_vcpu_hits_window, EFAULT, "died", "kvm_handle_noslot_fault"),
	SPEND_YIELDING(KVM_FAULT, &memslots_per_removed_page, "kvm_mmu_page_fault: mapped again"),
	MARK(MILESTONE_DONE),
	GOTO("out"),
	LABEL("died"), /* KVM_EXIT_INTERNAL_ERROR or an injected abort */
	DIE("guest"),
	LABEL("out"),
};
static const struct flow update_sequential =
	FLOW("update", "one ioctl for each change", update_sequential_steps);

static const struct step stuck_steps[] = {
	LOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	PAUSE("nobody will unlock", memslots_for_ever, "kvm_vm_ioctl_set_memory_region_list"),
	UNLOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
};
static const struct flow stuck =
	FLOW("slots_lock left locked", "an error path without unlock", stuck_steps);

static const struct step arch_stuck_steps[] = {
	LOCK(memslots_slots_arch_lock, "kvm_prepare_memslot"),
	PAUSE("nobody will unlock", memslots_for_ever, "kvm_prepare_memslot"),
	UNLOCK(memslots_slots_arch_lock, "kvm_prepare_memslot"),
};
static const struct flow arch_stuck =
	FLOW("slots_arch_lock left locked", "a CREATE flagged as a removal", arch_stuck_steps);

/* KVM_SET_USER_MEMORY_REGION_LIST as proposed, with what its review found. */
static const struct step region_list_steps[] = {
	TRY(memslots_kcalloc_batch, ENOMEM, "oops", "kvm_vm_ioctl_set_memory_region_list"),
	LOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	LABEL("first pass"),
	UNLESS(memslots_removals_left, "second pass"),
	TRY(memslots_slot_number, EINVAL, "stuck", "kvm_vm_ioctl_set_memory_region_list"),
	LOCK(memslots_slots_arch_lock, "kvm_prepare_memslot"),
	TRY(memslots_change_matches, EINVAL, "arch stuck", "kvm_prepare_memslot"),
	SPEND(KVM_SET_REGION, NULL, "kvm_invalidate_memslot"),
	UNLESS(memslots_one_swap_each, "zap"),
	UNLOCK(memslots_slots_arch_lock, "kvm_swap_active_memslots"),
	GRACE(memslots_kvm_srcu, SRCU_GRACE, NULL, "synchronize_srcu_expedited"),
	LOCK(memslots_slots_arch_lock, "kvm_invalidate_memslot"),
	SPEND_YIELDING(KVM_ZAP, &memslots_per_slot_page, "kvm_arch_flush_shadow_memslot"),
	LABEL("zap"),
	UNLOCK(memslots_slots_arch_lock, "kvm_prepare_memslot"),
	DO(memslots_next_removal, "kvm_vm_ioctl_set_memory_region_list"),
	GOTO("first pass"),
	LABEL("second pass"),
	UNLESS(memslots_one_swap_each, "one swap"),
	GOTO("invalid"),
	LABEL("one swap"), /* all removals become invalid with one swap, then one zap */
	GRACE(memslots_kvm_srcu, SRCU_GRACE, &memslots_per_address_space,
	      "synchronize_srcu_expedited"),
	SPEND_YIELDING(KVM_ZAP, &memslots_per_removed_page, "kvm_arch_flush_shadow_memslot"),
	LABEL("invalid"),
	UNLOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	TRY(memslots_prepare_region, ENOMEM, "no rollback", "kvm_prepare_memory_region"),
	LABEL("entry"),
	UNLESS(memslots_others_left, "publish"),
	LOCK(memslots_slots_lock, "kvm_set_memory_region"),
	LOCK(memslots_slots_arch_lock, "kvm_prepare_memslot"),
	SPEND(KVM_SET_REGION, NULL, "kvm_prepare_memory_region"),
	UNLOCK(memslots_slots_arch_lock, "kvm_set_memslot"),
	UNLOCK(memslots_slots_lock, "kvm_set_memory_region"),
	DO(memslots_next_other, "kvm_vm_ioctl_set_memory_region_list"),
	GOTO("entry"),
	LABEL("publish"),
	LOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	LOCK(memslots_slots_arch_lock, "kvm_vm_ioctl_set_memory_region_list"),
	SWAP_NOTIFIER,
	UNLOCK(memslots_slots_arch_lock, "kvm_swap_active_memslots"),
	GRACE(memslots_kvm_srcu, SRCU_GRACE, &memslots_per_address_space,
	      "synchronize_srcu_expedited"),
	UNLOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	GOTO("out"),
	LABEL("no rollback"), /* the first pass stays: slots are invalid, objects are lost */
	DO(memslots_leak_slots, "kvm_vm_ioctl_set_memory_region_list"),
	GOTO("out"),
	LABEL("oops"), /* IS_ERR(NULL) is false: a NULL pointer is followed */
	DIE("kvm_vm_ioctl_set_memory_region_list"),
	GOTO("out"),
	LABEL("arch stuck"),
	UNLOCK(memslots_slots_arch_lock, "kvm_prepare_memslot"),
	UNLOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	SPAWN(arch_stuck, "kvm_prepare_memslot"),
	GOTO("out"),
	LABEL("stuck"),
	UNLOCK(memslots_slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	SPAWN(stuck, "kvm_vm_ioctl_set_memory_region_list"),
	LABEL("out"),
};
static const struct flow region_list =
	FLOW("kvm_vm_ioctl_set_memory_region_list", "a list of changes, published together",
	     region_list_steps);

static const struct step update_batch_steps[] = {
	DO(memslots_begin_update, "qemu: address_space_set_flatview"),
	UNLESS(memslots_reader_present, "change"),
	SPAWN(reader, "kvm_vcpu_ioctl: KVM_RUN"),
	LABEL("change"),
	CALL_OR(region_list, "out", "qemu: kvm_commit"),
	CHANCE(memslots_vcpu_hits_window, EFAULT, "died", "kvm_handle_noslot_fault"),
	SPEND_YIELDING(KVM_FAULT, &memslots_per_removed_page, "kvm_mmu_page_fault: mapped again"),
	MARK(MILESTONE_DONE),
	GOTO("out"),
	LABEL("died"),
	DIE("guest"),
	LABEL("out"),
};
static const struct flow update_batch =
	FLOW("update", "one ioctl for the whole list", update_batch_steps);

static const struct step update_stopped_steps[] = {
	DO(memslots_begin_update, "qemu: address_space_set_flatview"),
	UNLESS(memslots_kernel_kicks, "user space"),
	SPEND(QEMU_KICK, &memslots_per_vcpu, "KVM_KICK_ALL_RUNNING_VCPUS"),
	GOTO("stopped"),
	LABEL("user space"),
	USER(QEMU_IOCTL_LOCK, &memslots_lock_and_unlock, "qemu: accel_ioctl_inhibit_begin"),
	USER(QEMU_KICK, &memslots_per_vcpu, "qemu: accel_ioctl_inhibit_begin"),
	LABEL("stopped"),
	CALL(one_by_one, "qemu: kvm_region_commit"),
	USER(QEMU_IOCTL_LOCK, &memslots_per_vcpu, "qemu: accel_ioctl_inhibit_end"),
	SPEND_YIELDING(KVM_FAULT, &memslots_per_removed_page, "kvm_mmu_page_fault: mapped again"),
	MARK(MILESTONE_DONE),
};
static const struct flow update_stopped =
	FLOW("update", "no vCPU runs while the map changes", update_stopped_steps);

/* --- flows: the guest's life ---------------------------------------------- */

SLOT_UPDATE_COUNTS;

/* One transaction for each register write of the guest: nothing there to batch. */
static const struct step boot_steps[] = {
	USER(GUEST_BOOT, NULL, "guest: firmware and kernel"),
	SLOT_UPDATES(memslots_kvm_srcu, KVM_SET_REGION, SRCU_GRACE),
};
static const struct flow boot = FLOW("boot", "boot with its memslot updates", boot_steps);

static const struct step start_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	ALLOCATE(guest_memory, memslots_resident, "out", "mmap"),
	DO(memslots_start_process, "kvm_create_vm"),
	CALL(boot, "kvm_vcpu_ioctl: KVM_RUN"),
	MARK(MILESTONE_DONE),
	LABEL("out"),
};
static const struct flow start = FLOW("start", "a new process boots a guest", start_steps);

static const struct step reboot_steps[] = {
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	USER(QEMU_KICK, &memslots_per_vcpu, "qemu: pause_all_vcpus"),
	USER(QEMU_RESET, NULL, "qemu: qemu_devices_reset"),
	CALL(boot, "kvm_vcpu_ioctl: KVM_RUN"),
	MARK(MILESTONE_DONE),
};
static const struct flow reboot = FLOW("reboot", "reset in place and boot again", reboot_steps);

static const struct step exit_steps[] = {
	STOP(reader, "do_exit"),
	TRY(memslots_end_generation, 0, "out", "do_exit"),
	SPEND(KVM_DESTROY, NULL, "kvm_destroy_vm"),
	FREE_ALL(guest_memory, "exit_mmap"),
	DO(memslots_no_pages, "mmdrop"),
	MARK(MILESTONE_ALL_RECLAIMED),
	MARK(MILESTONE_DONE),
	LABEL("out"),
};
static const struct flow process_exit = FLOW("process_exit", "the process ends", exit_steps);

static const struct step shutdown_steps[] = {
	SLEEP(GUEST_STOP, NULL, "guest: kernel_power_off"),
	CALL(process_exit, "qemu: exit"),
};
static const struct flow shutdown = FLOW("shutdown", "power off and leave", shutdown_steps);

/* --- the model ------------------------------------------------------------ */

static const struct lock_kind *const locks[] = { &memslots_slots_lock, &memslots_slots_arch_lock,
						 &memslots_kvm_srcu };
static const char *const page_states[] = { "plain" };

static void begin(struct guest *guest, bool running)
{
	page_map_fill(&guest->pages, running ? guest_resident_pages(guest) : 0, PLAIN);
}

static bool check(const struct guest_config *config, const struct host_config *host,
		  const char **key, struct error *error)
{
	const struct parameters *parameters = config->parameters;

	(void)host;
	if (parameters->slot_bytes <= config->memory_bytes)
		return true;
	*key = "slot";
	return error_set(error, ERROR_INPUT, "the slot is larger than the guest's memory");
}

static const char *ignored(const struct guest_config *config, const struct host_config *host,
			   const char *key)
{
	bool stopped = config->strategy == INHIBIT || config->strategy == KICK_ALL;

	(void)host;
	if (stopped && (strcmp(key, "access_rate") == 0 || strcmp(key, "fetch_share") == 0))
		return "no vCPU runs during the update";
	if (stopped && strcmp(key, "reader_hold") == 0)
		return "no exit handler is in progress when all vCPUs are stopped";
	return NULL;
}

#define FLOWS(update_)                                                                             \
	{                                                                                          \
		[OPERATION_START] = &start, [OPERATION_REBOOT] = &reboot,                          \
		[OPERATION_SHUTDOWN] = &shutdown, [OPERATION_UPDATE] = &(update_),                 \
		[OPERATION_KILL] = &process_exit                                                   \
	}

static const struct strategy strategies[] = {
	[SEQUENTIAL] = { "sequential", "one ioctl for each change, vCPUs run on",
			 FLOWS(update_sequential) },
	[BATCH] = { "batch", "the RFC's list: a swap for each removal, one to publish",
		    FLOWS(update_batch) },
	[ONE_SWAP_BATCH] = { "one-swap-batch",
			     "the list with one swap for all removals (an idea of its thread)",
			     FLOWS(update_batch) },
	[INHIBIT] = { "inhibit", "QEMU keeps vCPUs out of KVM meanwhile (after 7.2)",
		      FLOWS(update_stopped) },
	[KICK_ALL] = { "kick-all", "the kernel stops all vCPUs meanwhile (proposed October 2022)",
		       FLOWS(update_stopped) },
};

const struct model model_memslots = {
	.name = "memslots",
	.summary = "memslot updates: swaps, SRCU grace periods and the window without memory",
	.modelled =
		"One update: slots deleted, moved, created, flags changed. A plain ioctl swaps "
		"once for CREATE and FLAGS_ONLY, twice for DELETE and MOVE, with a zap between; "
		"each swap waits for a grace period of kvm->srcu, which the exit handlers that "
		"are in progress lengthen, and before it for MMU notifier invalidations. batch is "
		"the RFC with its two passes and its defects as faults: kcalloc (NULL is "
		"followed, the process dies), m_iter->slot (slots_lock stays locked: the next "
		"update hangs), b_iter->change (slots_arch_lock stays locked), "
		"kvm_prepare_memory_region (no rollback: slot objects leak). A vCPU that fetches "
		"or walks through a slot that is missing dies: by chance, from access_rate, "
		"fetch_share and the time each slot is exposed; x86 retries on invalid slots. "
		"Boot and reboot with their updates.",
	.not_modelled =
		"Which range a vCPU touches; dirty logging; the quadratic rescan of QEMU's "
		"inhibition; a concurrent single update between the passes of a batch; x86's "
		"zapping of all mappings for one deleted slot (zap and faults are those of the "
		"changed slots). The updates of a boot are one sum: no reader lengthens them.",
	.sources = "Linux virt/kvm/kvm_main.c; E. G. Esposito, kvm: implement atomic memslot "
		   "updates, RFC, September 2022, and replies by P. Bonzini, S. Christopherson, D. "
		   "Hildenbrand; QEMU f39b7d2b96; \"qemu boot slow\" thread, June 2022.",
	.strategies = strategies,
	.strategy_count = sizeof(strategies) / sizeof(strategies[0]),
	.terms = memslots_terms,
	.term_count = TERM_COUNT,
	.parameters = &memslots_parameter_record,
	.locks = locks,
	.lock_count = sizeof(locks) / sizeof(locks[0]),
	.page_states = page_states,
	.page_state_count = sizeof(page_states) / sizeof(page_states[0]),
	.state_size = sizeof(struct slots_state),
	.check = check,
	.ignored = ignored,
	.begin = begin,
};
