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

/* --- flows: the two sets and their lock ------------------------------------ */

/*
 * What a user of slots_lock meets behind an error path that has not unlocked it: mutex_lock
 * sleeps for ever and no signal ends it, so that a process with such a thread cannot end either.
 * Called with the lock held, which stands for the mutex that nobody will unlock.
 */
static const struct step left_locked_steps[] = {
	UNLESS(memslots_lock_left_locked, "out"),
	PAUSE("mutex_lock for ever", memslots_for_ever, "kvm->slots_lock"),
	LABEL("out"),
};
const struct flow memslots_left_locked =
	FLOW("mutex_lock", "an error path may have left it locked", left_locked_steps);

static const struct step vcpu_steps[] = {
	CHANCE(memslots_vcpu_hits_leftover, EFAULT, "died", "kvm_handle_noslot_fault"),
	GOTO("out"),
	LABEL("died"), /* KVM_EXIT_INTERNAL_ERROR or an injected abort */
	DIE("guest"),
	LABEL("out"),
};
const struct flow memslots_vcpu = FLOW("KVM_RUN", "a vCPU and a hole for good", vcpu_steps);

/* Whoever swaps publishes what a list has put into the inactive set by then. */
static const struct step publish_steps[] = {
	UNLESS(memslots_half_edited, "out"),
	DO(memslots_half_published, "rcu_assign_pointer"),
	FAIL(EEXIST, "half a list", "rcu_assign_pointer"),
	LABEL("half a list"),
	RECOVER("rcu_assign_pointer"), /* nobody notices: counted */
	SPAWN(memslots_vcpu, "kvm_vcpu_ioctl: KVM_RUN"),
	LABEL("out"),
};
static const struct flow publish =
	FLOW("rcu_assign_pointer", "the inactive set becomes the active one", publish_steps);

/* slots_arch_lock is dropped behind it, before the grace period. */
static const struct step swap_steps[] = {
	UNLESS(memslots_notifier_present, "swap"),
	PAUSE("mmu notifier in flight", memslots_notifier_hold, "kvm_swap_active_memslots"),
	LABEL("swap"),
	CALL(publish, "kvm_swap_active_memslots"),
};
const struct flow memslots_swap =
	FLOW("kvm_swap_active_memslots", "notifiers must have ended", swap_steps);

/* --- flows: one change ---------------------------------------------------- */

static const struct step remove_one_steps[] = {
	SLOTS_LOCK("kvm_vm_ioctl_set_memory_region"),
	LOCK(slots_arch_lock, "kvm_set_memslot"),
	ALLOCATE(memslots_slot_objects, memslots_object_bytes, "no object", "kvm_set_memslot"),
	SPEND(KVM_SET_REGION, NULL, "kvm_invalidate_memslot"),
	SWAP("kvm_invalidate_memslot"),
	ZAP(memslots_per_slot_page),
	LOCK(slots_arch_lock, "kvm_invalidate_memslot"),
	TRY(memslots_prepare_region, ENOMEM, "revert", "kvm_prepare_memory_region"),
	SWAP("kvm_activate_memslot"),
	FREE(memslots_slot_objects, memslots_object_bytes, "kvm_set_memslot"),
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region"),
	GOTO("out"),
	LABEL("revert"), /* the old slot comes back, its mappings do not */
	UNLESS(memslots_notifier_present, "swap back"),
	PAUSE("mmu notifier in flight", memslots_notifier_hold, "kvm_swap_active_memslots"),
	LABEL("swap back"),
	UNLOCK(slots_arch_lock, "kvm_activate_memslot"),
	GRACE_OF_SWAP,
	FREE(memslots_slot_objects, memslots_object_bytes, "kvm_set_memslot"),
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region"),
	GOTO("out"),
	LABEL("no object"),
	UNLOCK(slots_arch_lock, "kvm_set_memslot"),
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region"),
	LABEL("out"),
};
static const struct flow remove_one =
	FLOW("KVM_MR_DELETE", "invalidate, zap, remove: two swaps", remove_one_steps);

static const struct step add_one_steps[] = {
	SLOTS_LOCK("kvm_vm_ioctl_set_memory_region"),
	LOCK(slots_arch_lock, "kvm_set_memslot"),
	SPEND(KVM_SET_REGION, NULL, "kvm_prepare_memory_region"),
	SWAP("kvm_set_memslot"),
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region"),
};
static const struct flow add_one = FLOW("KVM_MR_CREATE", "one swap", add_one_steps);

/* --- flows: what else is at work during an update ---------------------------- */

static const struct step reader_steps[] = {
	READ_LOCK(kvm_srcu, "kvm_mmu_page_fault"),
	PAUSE("exit handler", memslots_reader_hold, "kvm_mmu_page_fault"),
	UNLOCK(kvm_srcu, "kvm_mmu_page_fault"),
};
static const struct flow reader =
	FLOW("vcpu_run", "an exit handler inside kvm->srcu", reader_steps);

static const struct step other_thread_steps[] = {
	LABEL("next"),
	UNLESS(memslots_concurrent_left, "out"),
	DO(memslots_next_concurrent, "kvm_vm_ioctl: another thread"),
	CALL(add_one, "kvm_vm_ioctl: another thread"),
	GOTO("next"),
	LABEL("out"),
};
static const struct flow other_thread =
	FLOW("another thread", "plain ioctls beside the list", other_thread_steps);

/* The pages were zapped; each vCPU maps those that it touches, and no ioctl waits for that. */
static const struct step refault_steps[] = {
	DO(memslots_take_share, "guest"),
	STALL(KVM_FAULT, &memslots_per_share, "kvm_mmu_page_fault"),
};
static const struct flow refault =
	FLOW("kvm_mmu_page_fault", "a vCPU touches its share again", refault_steps);

static const struct step touch_again_steps[] = {
	DO(memslots_pages_to_touch, "guest"),
	LABEL("vcpu"),
	UNLESS(memslots_vcpu_left, "out"),
	SPAWN(refault, "kvm_vcpu_ioctl: KVM_RUN"),
	DO(memslots_next_vcpu, "guest"),
	GOTO("vcpu"),
	LABEL("out"),
};
static const struct flow touch_again =
	FLOW("guest", "all vCPUs go back to the slots that came back", touch_again_steps);

/* --- flows: updates ------------------------------------------------------- */

static const struct step one_by_one_steps[] = {
	LABEL("entry"),
	UNLESS(memslots_entry_left, "out"),
	UNLESS(memslots_entry_removes, "addition"),
	CALL(remove_one, "qemu: kvm_set_user_memory_region"),
	GOTO("next"),
	LABEL("addition"),
	CALL(add_one, "qemu: kvm_set_user_memory_region"),
	LABEL("next"),
	DO(memslots_next_entry, "qemu: kvm_region_commit"),
	GOTO("entry"),
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
	CALL(memslots_plug, "guest: acpi_memory_device_add"),
	MARK(MILESTONE_DONE),
	CALL(touch_again, "guest"),
	GOTO("out"),
	LABEL("died"), /* KVM_EXIT_INTERNAL_ERROR or an injected abort */
	DIE("guest"),
	LABEL("out"),
};
static const struct flow update_sequential =
	FLOW("update", "one ioctl for each change", update_sequential_steps);

static const struct step update_batch_steps[] = {
	DO(memslots_begin_update, "qemu: address_space_set_flatview"),
	UNLESS(memslots_reader_present, "others"),
	SPAWN(reader, "kvm_vcpu_ioctl: KVM_RUN"),
	LABEL("others"),
	UNLESS(memslots_concurrent_left, "change"),
	SPAWN(other_thread, "kvm_vm_ioctl: another thread"),
	LABEL("change"),
	CALL_OR(memslots_region_list, "failed", "qemu: kvm_commit"),
	CHANCE(memslots_vcpu_hits_window, EFAULT, "died", "kvm_handle_noslot_fault"),
	CALL(memslots_plug, "guest: acpi_memory_device_add"),
	MARK(MILESTONE_DONE),
	CALL(touch_again, "guest"),
	GOTO("out"),
	LABEL("failed"),
	SPAWN(memslots_vcpu, "kvm_vcpu_ioctl: KVM_RUN"),
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
	SPEND(QEMU_KICK, &per_vcpu, "KVM_KICK_ALL_RUNNING_VCPUS"),
	SPEND(QEMU_PAUSE_WAIT, NULL, "KVM_KICK_ALL_RUNNING_VCPUS: wait"),
	GOTO("stopped"),
	LABEL("user space"),
	USER(QEMU_IOCTL_LOCK, &memslots_lock_and_unlock, "qemu: accel_ioctl_inhibit_begin"),
	USER(QEMU_KICK, &per_vcpu, "qemu: accel_ioctl_inhibit_begin"),
	USER(QEMU_PAUSE_WAIT, NULL, "qemu: accel_ioctl_inhibit_begin: wait"),
	LABEL("stopped"),
	CALL(one_by_one, "qemu: kvm_region_commit"),
	USER(QEMU_IOCTL_LOCK, &per_vcpu, "qemu: accel_ioctl_inhibit_end"),
	CALL(memslots_plug, "guest: acpi_memory_device_add"),
	MARK(MILESTONE_DONE),
	CALL(touch_again, "guest"),
};
static const struct flow update_stopped =
	FLOW("update", "no vCPU runs while the map changes", update_stopped_steps);

/* --- flows: the guest's life ---------------------------------------------- */

SLOT_UPDATE_COUNTS;

static inline struct devices_state *devices_state_of(const struct guest *guest)
{
	return &state_of(guest)->devices;
}

#define DEVICES_DMA_BYTES guest->config->memory_bytes
#include "models/devices_flows.h"

/* One transaction for each register write of the guest: nothing there to batch. */
static const struct step boot_steps[] = {
	UNLESS(memslots_boot_has_updates, "kernel"),
	SLOTS_LOCK("kvm_vm_ioctl_set_memory_region"),
	UNLESS(memslots_notifier_present, "swap"),
	PAUSE("mmu notifier in flight", memslots_boot_notifier_hold, "kvm_swap_active_memslots"),
	LABEL("swap"),
	CALL(publish, "kvm_swap_active_memslots"),
	SLOT_UPDATES,
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region"),
	LABEL("kernel"),
	CALL(devices_boot, "kvm_vcpu_ioctl: KVM_RUN"),
	USER(GUEST_BOOT, NULL, "guest: firmware and kernel"),
};
static const struct flow boot = FLOW("boot", "boot with its memslot updates", boot_steps);

static const struct step start_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	ALLOCATE(guest_memory, resident_bytes, "out", "mmap"),
	DO(memslots_start_process, "kvm_create_vm"),
	CALL_OR(devices_attach, "out", "qemu: qemu_create_cli_devices"),
	CALL(boot, "kvm_vcpu_ioctl: KVM_RUN"),
	MARK(MILESTONE_DONE),
	LABEL("out"),
};
static const struct flow start = FLOW("start", "a new process boots a guest", start_steps);

static const struct step reboot_steps[] = {
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	USER(QEMU_KICK, &per_vcpu, "qemu: pause_all_vcpus"),
	USER(QEMU_PAUSE_WAIT, NULL, "qemu: pause_all_vcpus: wait"),
	STOP(refault, "qemu: pause_all_vcpus"),
	USER(QEMU_RESET, NULL, "qemu: qemu_devices_reset"),
	CALL(devices_reset, "qemu: vfio_pci_reset"),
	CALL(boot, "kvm_vcpu_ioctl: KVM_RUN"),
	MARK(MILESTONE_DONE),
};
static const struct flow reboot = FLOW("reboot", "reset in place and boot again", reboot_steps);

static const struct step exit_steps[] = {
	STOP(reader, "do_exit"),
	STOP(refault, "do_exit"),
	CALL(devices_detach, "do_exit: exit_files"),
	TRY(memslots_end_generation, 0, "out", "do_exit"),
	SPEND(KVM_DESTROY, NULL, "kvm_destroy_vm"),
	FREE_ALL(guest_memory, "exit_mmap"),
	DO(memslots_no_pages, "mmdrop"),
	MARK(MILESTONE_ALL_RECLAIMED),
	MARK(MILESTONE_DONE),
	LABEL("out"),
};
static const struct flow process_exit = FLOW("process_exit", "the process ends", exit_steps);

static const struct flow shutdown = SHUTDOWN(POWER_OFF(process_exit));

/* --- the model ------------------------------------------------------------ */

static const struct lock_kind *const locks[] = { &slots_lock, &slots_arch_lock, &kvm_srcu };
static const struct memory_kind *const memory[] = { &memslots_list, &memslots_slot_objects,
						    &devices_iommu_tables };
static const char *const page_states[] = { "plain" };

static void begin(struct guest *guest, bool running)
{
	page_map_fill(&guest->pages, running ? guest_resident_pages(guest) : 0, PLAIN);
	if (running)
		*devices_state_of(guest) = devices_running(devices_of(guest));
}

static double resident(const struct guest_config *config)
{
	const struct parameters *parameters = config->parameters;

	return devices_pass(&parameters->devices) ? 1 : config->resident;
}

static bool check(const struct guest_config *config, const struct host_config *host,
		  const char **key, struct error *error)
{
	const struct parameters *parameters = config->parameters;

	(void)host;
	if (parameters->zap != ZAP_SYNC && parameters->architecture != ARCHITECTURE_X86_64) {
		*key = "zap";
		return error_set(error, ERROR_INPUT, "only x86 zapped by workers");
	}
	if (parameters->slot_bytes <= config->memory_bytes ||
	    (!parameters->deletes && !parameters->moves && !parameters->flags))
		return devices_check(&parameters->devices, key, error);
	*key = "slot";
	return error_set(error, ERROR_INPUT,
			 "the slot is larger than the guest's memory, and so can only be created");
}

static const char *ignored(const struct guest_config *config, const struct host_config *host,
			   const char *key)
{
	bool stopped = config->strategy == INHIBIT || config->strategy == KICK_ALL;
	const struct parameters *parameters = config->parameters;
	bool list = config->strategy == BATCH || config->strategy == ONE_SWAP_BATCH;

	(void)host;
	if (devices_ignored(&parameters->devices, key))
		return devices_ignored(&parameters->devices, key);
	if (!list && strcmp(key, "concurrent_updates") == 0)
		return "only a list lets go of slots_lock before it is complete";
	if (!list && strcmp(key, "address_spaces") == 0)
		return "each ioctl changes one address space";
	if (!parameters->moves && (!parameters->deletes || !parameters->creates) &&
	    strcmp(key, "touched") == 0)
		return "no removed slot comes back";
	if (!parameters->deletes && !parameters->moves &&
	    (strcmp(key, "fast_zap") == 0 || strcmp(key, "zap") == 0))
		return "nothing is removed";
	if (parameters->zap != ZAP_SYNC && strcmp(key, "fast_zap") == 0)
		return "the workers zap all roots";
	if (parameters->creates <= parameters->deletes &&
	    (strcmp(key, "hotplug") == 0 || strcmp(key, "memmap_on_memory") == 0))
		return "each created slot takes the place of a deleted one";
	if (!stopped && parameters->architecture == ARCHITECTURE_S390X &&
	    strcmp(key, "fetch_share") == 0)
		return "no access to a missing slot is survived on s390";
	if (stopped && (strcmp(key, "access_rate") == 0 || strcmp(key, "fetch_share") == 0))
		return "no vCPU runs during the update";
	if (stopped && strcmp(key, "reader_hold") == 0)
		return "no exit handler is in progress when all vCPUs are stopped";
	return NULL;
}

#define FLOWS_UPDATED_BY(update_)                                                                  \
	FLOWS_AND(start, reboot, shutdown, process_exit, OPERATION_UPDATE, update_)

static const struct strategy strategies[] = {
	[SEQUENTIAL] = { "sequential", "one ioctl for each change, vCPUs run on",
			 FLOWS_UPDATED_BY(update_sequential) },
	[BATCH] = { "batch", "the RFC's list: a swap for each removal, one to publish",
		    FLOWS_UPDATED_BY(update_batch) },
	[ONE_SWAP_BATCH] = { "one-swap-batch",
			     "the list with one swap for all removals (an idea of its thread)",
			     FLOWS_UPDATED_BY(update_batch) },
	[INHIBIT] = { "inhibit", "QEMU keeps vCPUs out of KVM meanwhile (after 7.2)",
		      FLOWS_UPDATED_BY(update_stopped) },
	[KICK_ALL] = { "kick-all", "the kernel stops all vCPUs meanwhile (proposed October 2022)",
		       FLOWS_UPDATED_BY(update_stopped) },
};

static enum architecture architecture_of(const struct guest_config *config)
{
	const struct parameters *parameters = config->parameters;

	return (enum architecture)parameters->architecture;
}

const struct model model_memslots = {
	.name = "memslots",
	.architectures = ON_X86_64 | ON_ARM64 | ON_S390X,
	.architecture = architecture_of,
	.summary = "memslot updates: swaps, SRCU grace periods and the window without memory",
	.modelled =
		"One update: slots deleted, moved, created, flags changed. A plain ioctl swaps "
		"once for CREATE and FLAGS_ONLY, twice for DELETE and MOVE, with a zap between (of "
		"the slot's pages, or of all roots: fast_zap; or by workers on all cores, for whom "
		"every thread of the host stands still: zap, neighbour.slowdown); each swap waits "
		"for MMU notifier "
		"invalidations, then for a grace period of kvm->srcu (beside vCPUs that run, or "
		"none: srcu), which the exit handlers in "
		"progress lengthen. The guest's own faults on slots that come back are its vCPUs' "
		"(touched; guest.stall), no ioctl waits for them. batch is the RFC: two passes, "
		"slots_lock dropped between them and behind each entry of the second "
		"(concurrent_updates slip in; a swap there publishes half a list: EEXIST, "
		"fallbacks), no limit on its length (beyond 4 MiB kcalloc gives NULL, which is "
		"followed: the process dies), and its defects as faults: kcalloc; m_iter->slot "
		"(slots_lock stays locked: later updates and boots hang); b_iter->change (the "
		"ioctl takes slots_arch_lock twice and hangs); m_iter->slot >> 16 and "
		"kvm_prepare_memory_region (no rollback: removed slots stay invalid, slot objects "
		"leak, and the next swap publishes half the list). A vCPU that fetches or walks "
		"through a missing slot dies: by chance, from access_rate, fetch_share and the "
		"time that each slot which comes back is invalid or absent; x86 retries on invalid "
		"ones. Boot and reboot with their updates. Memory that is plugged (hotplug): the "
		"guest takes struct pages from what it has, ENOMEM when that is too little, sets "
		"them up and puts it online." DEVICES_MODELLED,
	.not_modelled =
		"Which range a vCPU touches; dirty logging; the quadratic rescan of QEMU's "
		"inhibition; the stop of all vCPUs by inhibit and kick-all in guest.stall; what "
		"the byte written behind as_to_swap[] destroys; QEMU's abort() after a failed "
		"ioctl. The updates of a boot are one sum: no reader lengthens them. What else in "
		"the guest ends when its memory is used up by struct pages; the host's faults "
		"below them; memory that is unplugged." DEVICES_NOT_MODELLED,
	.sources = "Linux virt/kvm/kvm_main.c; E. G. Esposito, kvm: implement atomic memslot "
		   "updates, RFC, September 2022, and replies by P. Bonzini, S. Christopherson, D. "
		   "Hildenbrand; QEMU f39b7d2b96; \"qemu boot slow\" thread, June 2022.",
	.strategies = TABLE(strategies),
	.terms = TABLE(memslots_terms),
	.parameters = &memslots_parameter_record,
	.locks = TABLE(locks),
	.memory = TABLE(memory),
	.metadata = metadata_x86,
	.page_states = TABLE(page_states),
	.state_size = sizeof(struct slots_state),
	.check = check,
	.ignored = ignored,
	.resident = resident,
	.begin = begin,
};
