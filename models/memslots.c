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
#include <math.h>
#include <string.h>

#include "models/memslots.h"

/* --- parameters ----------------------------------------------------------- */

enum architecture { X86, ARM64, S390 };
static const char *const architectures[] = { "x86", "arm64", "s390", NULL };

struct parameters {
	int64_t creates, deletes, moves, flags;
	struct slot_updates updates;
	int64_t address_spaces;
	int64_t slot_bytes;
	int architecture;
	double access_rate, fetch_share;
	int64_t reader_hold_ns, notifier_hold_ns;
};

#define OFFSET(member) offsetof(struct parameters, member)

static const struct field parameter_fields[] = {
	{ "creates", FIELD_COUNT, OFFSET(creates), "2", 0, 1000, NULL, NULL,
	  "slots that one update creates; the default with deletes: a slot is split in two" },
	{ "deletes", FIELD_COUNT, OFFSET(deletes), "1", 0, 1000, NULL, NULL,
	  "slots that one update deletes" },
	{ "moves", FIELD_COUNT, OFFSET(moves), "0", 0, 1000, NULL, NULL,
	  "slots that one update moves (QEMU never does)" },
	{ "flags", FIELD_COUNT, OFFSET(flags), "0", 0, 1000, NULL, NULL,
	  "slots whose flags alone one update changes" },
	SLOT_UPDATE_FIELDS(OFFSET(updates), "43", "43"),
	{ "address_spaces", FIELD_COUNT, OFFSET(address_spaces), "1", 1, 2, NULL, NULL,
	  "address spaces that an update touches (2 on x86 with SMM)" },
	{ "slot", FIELD_BYTES, OFFSET(slot_bytes), "\"128MiB\"", 4096, 0x1p50, NULL, NULL,
	  "size of a changed slot" },
	{ "architecture", FIELD_CHOICE, OFFSET(architecture), "\"x86\"", 0, 0, architectures, NULL,
	  "what happens to a vCPU that meets an invalid or absent slot" },
	{ "access_rate", FIELD_RATE, OFFSET(access_rate), "\"0/s\"", 0, 1e12, NULL, NULL,
	  "accesses of one vCPU to one changed slot" },
	{ "fetch_share", FIELD_RATIO, OFFSET(fetch_share), "0.1", 0, 1, NULL, NULL,
	  "share of these accesses that are instruction fetches or table walks: the ones that the "
	  "guest cannot survive" },
	{ "reader_hold", FIELD_DURATION, OFFSET(reader_hold_ns), "\"0s\"", 0, 1e18, NULL, NULL,
	  "an exit handler that is inside kvm->srcu when an update begins stays so long" },
	{ "notifier_hold", FIELD_DURATION, OFFSET(notifier_hold_ns), "\"0s\"", 0, 1e18, NULL, NULL,
	  "an MMU notifier invalidation in flight delays each swap so long" },
	{ .key = NULL },
};

static const struct record parameter_record = {
	.name = "memslots guest",
	.help = "Parameters of a guest whose memory map changes.",
	.size = sizeof(struct parameters),
	.fields = parameter_fields,
};

static const struct parameters *parameters_of(const struct guest *guest)
{
	return guest->config->parameters;
}

/* --- cost terms ----------------------------------------------------------- */

#define OWN_GUESS "order of magnitude; no public figure"

enum {
	SRCU_GRACE,
	KVM_SET_REGION,
	KVM_ZAP,
	KVM_FAULT,
	QEMU_KICK,
	QEMU_IOCTL_LOCK,
	QEMU_RESET,
	GUEST_STOP,
	GUEST_BOOT,
	QEMU_START,
	KVM_DESTROY,
	TERM_COUNT
};

static const struct term terms[TERM_COUNT] = {
	[SRCU_GRACE] = SLOT_GRACE_TERM,
	[KVM_SET_REGION] = SLOT_UPDATE_TERM,
	[KVM_ZAP] = { "kvm.zap_page", TERM_PER_PAGE, 20, 0.1, 5, 2e3, TERM_ASSUMED,
		      "one leaf of the second-stage table, flush included; arm64 without range "
		      "TLBI: "
		      "1.93 us" },
	[KVM_FAULT] = { "kvm.refault_page", TERM_PER_PAGE, 1e3, 0.2, 500, 3e3, TERM_ASSUMED,
			"a page that was zapped is mapped again; " OWN_GUESS },
	[QEMU_KICK] = { "qemu.kick_vcpu", TERM_PER_CALL, 10e3, 0.2, 2e3, 50e3, TERM_ASSUMED,
			"signal one vCPU and wait until it has left KVM; a virtual IPI took 5200 "
			"cycles on x86 (C. Dall and others, ISCA 2016)" },
	[QEMU_IOCTL_LOCK] = { "qemu.ioctl_lock", TERM_PER_CALL, 50, 0.2, 20, 500, TERM_ASSUMED,
			      "one counter of accel_ioctl_inhibit_begin; " OWN_GUESS },
	[QEMU_RESET] = { "qemu.device_reset", TERM_PER_CALL, 20e6, 0.1, 1e6, 200e6, TERM_ASSUMED,
			 OWN_GUESS },
	[GUEST_STOP] = { "guest.stop", TERM_PER_CALL, 1e9, 0.1, 0.1e9, 30e9, TERM_ASSUMED,
			 "services stop; depends on the guest" },
	[GUEST_BOOT] = { "guest.boot", TERM_PER_CALL, 1.5e9, 0.05, 0.5e9, 20e9, TERM_ASSUMED,
			 "boot without the memslot updates; depends on the guest" },
	[QEMU_START] = { "qemu.start", TERM_PER_CALL, 94e6, 0.05, 50e6, 500e6, TERM_PUBLISHED,
			 "94 ms: TUM CVM_eval, README" },
	[KVM_DESTROY] = { "kvm.destroy_vm", TERM_PER_CALL, 1e6, 0.1, 100e3, 10e6, TERM_ASSUMED,
			  OWN_GUESS },
};

/* --- locks ---------------------------------------------------------------- */

static const struct lock_kind slots_lock = { "kvm->slots_lock", "slots_lock",
					     .scope = SCOPE_GUEST };
static const struct lock_kind slots_arch_lock = { "kvm->slots_arch_lock", "slots_arch_lock",
						  .scope = SCOPE_GUEST };
static const struct lock_kind kvm_srcu = { "kvm->srcu", "kvm_srcu", .scope = SCOPE_GUEST };
static const struct lock_kind *const locks[] = { &slots_lock, &slots_arch_lock, &kvm_srcu };

/* --- state ---------------------------------------------------------------- */

enum page_state { PLAIN };
static const char *const page_states[] = { "plain" };

enum design { SEQUENTIAL, BATCH, ONE_SWAP_BATCH, INHIBIT, KICK_ALL };

/* Entries of the update in progress that are still to be done. */
struct slots_state {
	int64_t removals; /* DELETE and MOVE: two swaps in a plain update */
	int64_t others;   /* CREATE and FLAGS_ONLY: one */
};

static struct slots_state *state_of(const struct guest *guest)
{
	return guest->state;
}

static enum design design_of(const struct guest *guest)
{
	return (enum design)guest->config->strategy;
}

/* --- counts --------------------------------------------------------------- */

static uint64_t vcpus(const struct guest *guest)
{
	return (uint64_t)guest->config->vcpus;
}
static const struct count per_vcpu = { "vCPUs", vcpus };

static uint64_t twice_vcpus(const struct guest *guest)
{
	return 2 * vcpus(guest);
}
static const struct count lock_and_unlock = { "vCPUs, locked and unlocked", twice_vcpus };

static int64_t removals_of(const struct guest *guest)
{
	return parameters_of(guest)->deletes + parameters_of(guest)->moves;
}

static int64_t others_of(const struct guest *guest)
{
	return parameters_of(guest)->creates + parameters_of(guest)->flags;
}

static uint64_t slot_pages(const struct guest *guest)
{
	int64_t page = guest->config->page_bytes;
	int64_t pages = (parameters_of(guest)->slot_bytes + page - 1) / page;

	return (uint64_t)llround((double)pages * guest->config->resident);
}
static const struct count per_slot_page = { "mapped pages of the slot", slot_pages };

static uint64_t removed_pages(const struct guest *guest)
{
	return (uint64_t)removals_of(guest) * slot_pages(guest);
}
static const struct count per_removed_page = { "mapped pages of all removed slots", removed_pages };

static uint64_t spaces(const struct guest *guest)
{
	return (uint64_t)parameters_of(guest)->address_spaces;
}
static const struct count per_address_space = { "address spaces", spaces };

SLOT_UPDATE_COUNTS;

static uint64_t memory_bytes(const struct guest *guest)
{
	return guest_resident_pages(guest) * (uint64_t)guest->config->page_bytes;
}
static const struct count guest_memory = { "bytes resident", memory_bytes };

static uint64_t notifier_ns(const struct guest *guest)
{
	return (uint64_t)parameters_of(guest)->notifier_hold_ns;
}
static const struct count notifier_hold = { "ns of an invalidation in flight", notifier_ns };

static uint64_t reader_ns(const struct guest *guest)
{
	return (uint64_t)parameters_of(guest)->reader_hold_ns;
}
static const struct count reader_hold = { "ns of the exit handler", reader_ns };

static uint64_t for_ever_ns(const struct guest *guest)
{
	(void)guest;
	return (uint64_t)1 << 60;
}
static const struct count for_ever = { "ns, more than any experiment lasts", for_ever_ns };

/* --- conditions ----------------------------------------------------------- */

static bool has_removals(const struct guest *guest)
{
	return state_of(guest)->removals > 0;
}
static const struct condition removals_left = { "a DELETE or MOVE is left", has_removals };

static bool has_others(const struct guest *guest)
{
	return state_of(guest)->others > 0;
}
static const struct condition others_left = { "a CREATE or FLAGS_ONLY is left", has_others };

static bool has_reader(const struct guest *guest)
{
	return parameters_of(guest)->reader_hold_ns > 0;
}
static const struct condition reader_present = { "an exit handler is in progress", has_reader };

static bool has_notifier(const struct guest *guest)
{
	return parameters_of(guest)->notifier_hold_ns > 0;
}
static const struct condition notifier_present = { "an invalidation is in flight", has_notifier };

/* Only the RFC's batch ioctl swaps once for each removal. */
static bool swaps_singly(const struct guest *guest)
{
	return design_of(guest) == BATCH;
}
static const struct condition one_swap_each = { "each removal has a swap of its own",
						swaps_singly };

static bool kicks_in_kernel(const struct guest *guest)
{
	return design_of(guest) == KICK_ALL;
}
static const struct condition kernel_kicks = { "vCPUs are stopped by the kernel", kicks_in_kernel };

/* --- the window ----------------------------------------------------------- */

static double mean_ns(const struct guest *guest, int term)
{
	return guest->config->costs[term].law.mean_ns;
}

/*
 * Sum over the removed slots of the time in which each is invalid or absent. One
 * after another all removals precede all additions (QEMU's flat view), and slot i
 * comes back with addition i; in a batch each waits for the common publication.
 */
static double exposed_ns(const struct guest *guest)
{
	double grace = mean_ns(guest, SRCU_GRACE), set = mean_ns(guest, KVM_SET_REGION);
	double zap = mean_ns(guest, KVM_ZAP) * (double)slot_pages(guest), sum = 0;
	int64_t removals = (int64_t)removals_of(guest);

	for (int64_t n = 1; n <= removals; n++) {
		double i = (double)n, left = (double)(removals - n);

		switch (design_of(guest)) {
		case SEQUENTIAL:
			sum += zap + grace + left * (2 * grace + zap + set) + i * (grace + set);
			break;
		case BATCH:
			sum += zap + left * (grace + zap + set) + grace * (double)spaces(guest);
			break;
		case ONE_SWAP_BATCH:
			sum += (double)removals * zap + grace * (double)spaces(guest);
			break;
		case INHIBIT:
		case KICK_ALL:
			break; /* no vCPU runs */
		}
	}
	return sum;
}

/* x86 retries on an invalid slot, so that a batch is safe there; elsewhere it is no memory. */
static double hit_probability(const struct guest *guest)
{
	const struct parameters *parameters = parameters_of(guest);
	double fatal = parameters->architecture == S390 ? 1 : parameters->fetch_share;

	if (parameters->architecture == X86 && design_of(guest) != SEQUENTIAL)
		return 0;
	return -expm1(-parameters->access_rate * fatal * (double)vcpus(guest) * exposed_ns(guest) *
		      1e-9);
}
static const struct chance vcpu_hits_window = { "a vCPU meets the missing slot", hit_probability };

/* --- hooks ---------------------------------------------------------------- */

static int update_begins(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->removals = removals_of(guest);
	state_of(guest)->others = others_of(guest);
	return 0;
}
static const struct hook begin_update = { "the list of changes", update_begins };

static int removal_done(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->removals--;
	return 0;
}
static const struct hook next_removal = { "next removal", removal_done };

static int other_done(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->others--;
	return 0;
}
static const struct hook next_other = { "next addition", other_done };

/* These succeed unless a fault is switched on; each stands for a defect of the RFC. */
static int succeeds(struct guest *guest, uint32_t *generation)
{
	(void)guest;
	(void)generation;
	return 0;
}
static const struct hook kcalloc_batch = { "kcalloc", succeeds };
static const struct hook slot_number = { "m_iter->slot", succeeds };
static const struct hook change_matches = { "b_iter->change", succeeds };
static const struct hook prepare_region = { "kvm_prepare_memory_region", succeeds };

enum { SLOT_OBJECT_BYTES = 192 }; /* struct kvm_memory_slot, about */

static int objects_lost(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	guest->leaked_bytes += SLOT_OBJECT_BYTES * removals_of(guest);
	return 0;
}
static const struct hook leak_slots = { "invalid slots are leaked", objects_lost };

static int process_started(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	page_map_fill(&guest->pages, guest_resident_pages(guest), PLAIN);
	return 0;
}
static const struct hook start_process = { "a new address space", process_started };

static int generation_ends(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	return guest_generation_dies(guest, 0) ? 0 : ENOMEM;
}
static const struct hook end_generation = { "the generation ends", generation_ends };

static int process_gone(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	page_map_fill(&guest->pages, 0, PLAIN);
	return 0;
}
static const struct hook no_pages = { "the address space is gone", process_gone };

/* --- flows: one change ---------------------------------------------------- */

/* kvm_swap_active_memslots: slots_arch_lock is dropped before the grace period. */
#define SWAP_NOTIFIER                                                                              \
	UNLESS(notifier_present, "swap"),                                                          \
		PAUSE("mmu notifier in flight", notifier_hold, "kvm_swap_active_memslots"),        \
		LABEL("swap")

static const struct step remove_one_steps[] = {
	LOCK(slots_lock, "kvm_vm_ioctl_set_memory_region"),
	LOCK(slots_arch_lock, "kvm_set_memslot"),
	SPEND(KVM_SET_REGION, NULL, "kvm_invalidate_memslot"),
	SWAP_NOTIFIER,
	UNLOCK(slots_arch_lock, "kvm_swap_active_memslots"),
	GRACE(kvm_srcu, SRCU_GRACE, NULL, "synchronize_srcu_expedited"),
	SPEND_YIELDING(KVM_ZAP, &per_slot_page, "kvm_arch_flush_shadow_memslot"),
	LOCK(slots_arch_lock, "kvm_invalidate_memslot"),
	TRY(prepare_region, ENOMEM, "revert", "kvm_prepare_memory_region"),
	UNLOCK(slots_arch_lock, "kvm_swap_active_memslots"),
	GRACE(kvm_srcu, SRCU_GRACE, NULL, "synchronize_srcu_expedited"),
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region"),
	GOTO("out"),
	LABEL("revert"), /* the old slot comes back, its mappings do not */
	UNLOCK(slots_arch_lock, "kvm_activate_memslot"),
	GRACE(kvm_srcu, SRCU_GRACE, NULL, "synchronize_srcu_expedited"),
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region"),
	LABEL("out"),
	END,
};
static const struct flow remove_one = { "KVM_MR_DELETE", "invalidate, zap, remove: two swaps",
					remove_one_steps };

static const struct step add_one_steps[] = {
	LOCK(slots_lock, "kvm_vm_ioctl_set_memory_region"),
	LOCK(slots_arch_lock, "kvm_set_memslot"),
	SPEND(KVM_SET_REGION, NULL, "kvm_prepare_memory_region"),
	SWAP_NOTIFIER,
	UNLOCK(slots_arch_lock, "kvm_swap_active_memslots"),
	GRACE(kvm_srcu, SRCU_GRACE, NULL, "synchronize_srcu_expedited"),
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region"),
	END,
};
static const struct flow add_one = { "KVM_MR_CREATE", "one swap", add_one_steps };

static const struct step reader_steps[] = {
	READ_LOCK(kvm_srcu, "kvm_mmu_page_fault"),
	PAUSE("exit handler", reader_hold, "kvm_mmu_page_fault"),
	UNLOCK(kvm_srcu, "kvm_mmu_page_fault"),
	END,
};
static const struct flow reader = { "vcpu_run", "an exit handler inside kvm->srcu", reader_steps };

/* --- flows: updates ------------------------------------------------------- */

static const struct step one_by_one_steps[] = {
	LABEL("removals"),
	UNLESS(removals_left, "additions"),
	CALL(remove_one, "qemu: kvm_set_user_memory_region"),
	DO(next_removal, "qemu: kvm_region_commit"),
	GOTO("removals"),
	LABEL("additions"),
	UNLESS(others_left, "out"),
	CALL(add_one, "qemu: kvm_set_user_memory_region"),
	DO(next_other, "qemu: kvm_region_commit"),
	GOTO("additions"),
	LABEL("out"),
	END,
};
static const struct flow one_by_one = { "kvm_region_commit",
					"all deletions, then all additions, one ioctl each",
					one_by_one_steps };

static const struct step update_sequential_steps[] = {
	DO(begin_update, "qemu: address_space_set_flatview"),
	UNLESS(reader_present, "change"),
	SPAWN(reader, "kvm_vcpu_ioctl: KVM_RUN"),
	LABEL("change"),
	CALL(one_by_one, "qemu: address_space_set_flatview"),
	CHANCE(vcpu_hits_window, EFAULT, "died", "kvm_handle_noslot_fault"),
	SPEND_YIELDING(KVM_FAULT, &per_removed_page, "kvm_mmu_page_fault: mapped again"),
	MARK(MILESTONE_DONE),
	GOTO("out"),
	LABEL("died"), /* KVM_EXIT_INTERNAL_ERROR or an injected abort */
	DIE("guest"),
	LABEL("out"),
	END,
};
static const struct flow update_sequential = { "update", "one ioctl for each change",
					       update_sequential_steps };

static const struct step stuck_steps[] = {
	LOCK(slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	PAUSE("nobody will unlock", for_ever, "kvm_vm_ioctl_set_memory_region_list"),
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	END,
};
static const struct flow stuck = { "slots_lock left locked", "an error path without unlock",
				   stuck_steps };

static const struct step arch_stuck_steps[] = {
	LOCK(slots_arch_lock, "kvm_prepare_memslot"),
	PAUSE("nobody will unlock", for_ever, "kvm_prepare_memslot"),
	UNLOCK(slots_arch_lock, "kvm_prepare_memslot"),
	END,
};
static const struct flow arch_stuck = { "slots_arch_lock left locked",
					"a CREATE flagged as a removal", arch_stuck_steps };

/* KVM_SET_USER_MEMORY_REGION_LIST as proposed, with what its review found. */
static const struct step region_list_steps[] = {
	TRY(kcalloc_batch, ENOMEM, "oops", "kvm_vm_ioctl_set_memory_region_list"),
	LOCK(slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	LABEL("first pass"),
	UNLESS(removals_left, "second pass"),
	TRY(slot_number, EINVAL, "stuck", "kvm_vm_ioctl_set_memory_region_list"),
	LOCK(slots_arch_lock, "kvm_prepare_memslot"),
	TRY(change_matches, EINVAL, "arch stuck", "kvm_prepare_memslot"),
	SPEND(KVM_SET_REGION, NULL, "kvm_invalidate_memslot"),
	UNLESS(one_swap_each, "zap"),
	UNLOCK(slots_arch_lock, "kvm_swap_active_memslots"),
	GRACE(kvm_srcu, SRCU_GRACE, NULL, "synchronize_srcu_expedited"),
	LOCK(slots_arch_lock, "kvm_invalidate_memslot"),
	SPEND_YIELDING(KVM_ZAP, &per_slot_page, "kvm_arch_flush_shadow_memslot"),
	LABEL("zap"),
	UNLOCK(slots_arch_lock, "kvm_prepare_memslot"),
	DO(next_removal, "kvm_vm_ioctl_set_memory_region_list"),
	GOTO("first pass"),
	LABEL("second pass"),
	UNLESS(one_swap_each, "one swap"),
	GOTO("invalid"),
	LABEL("one swap"), /* all removals become invalid with one swap, then one zap */
	GRACE(kvm_srcu, SRCU_GRACE, &per_address_space, "synchronize_srcu_expedited"),
	SPEND_YIELDING(KVM_ZAP, &per_removed_page, "kvm_arch_flush_shadow_memslot"),
	LABEL("invalid"),
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	TRY(prepare_region, ENOMEM, "no rollback", "kvm_prepare_memory_region"),
	LABEL("entry"),
	UNLESS(others_left, "publish"),
	LOCK(slots_lock, "kvm_set_memory_region"),
	LOCK(slots_arch_lock, "kvm_prepare_memslot"),
	SPEND(KVM_SET_REGION, NULL, "kvm_prepare_memory_region"),
	UNLOCK(slots_arch_lock, "kvm_set_memslot"),
	UNLOCK(slots_lock, "kvm_set_memory_region"),
	DO(next_other, "kvm_vm_ioctl_set_memory_region_list"),
	GOTO("entry"),
	LABEL("publish"),
	LOCK(slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	LOCK(slots_arch_lock, "kvm_vm_ioctl_set_memory_region_list"),
	SWAP_NOTIFIER,
	UNLOCK(slots_arch_lock, "kvm_swap_active_memslots"),
	GRACE(kvm_srcu, SRCU_GRACE, &per_address_space, "synchronize_srcu_expedited"),
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	GOTO("out"),
	LABEL("no rollback"), /* the first pass stays: slots are invalid, objects are lost */
	DO(leak_slots, "kvm_vm_ioctl_set_memory_region_list"),
	GOTO("out"),
	LABEL("oops"), /* IS_ERR(NULL) is false: a NULL pointer is followed */
	DIE("kvm_vm_ioctl_set_memory_region_list"),
	GOTO("out"),
	LABEL("arch stuck"),
	UNLOCK(slots_arch_lock, "kvm_prepare_memslot"),
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	SPAWN(arch_stuck, "kvm_prepare_memslot"),
	GOTO("out"),
	LABEL("stuck"),
	UNLOCK(slots_lock, "kvm_vm_ioctl_set_memory_region_list"),
	SPAWN(stuck, "kvm_vm_ioctl_set_memory_region_list"),
	LABEL("out"),
	END,
};
static const struct flow region_list = { "kvm_vm_ioctl_set_memory_region_list",
					 "a list of changes, published together",
					 region_list_steps };

static const struct step update_batch_steps[] = {
	DO(begin_update, "qemu: address_space_set_flatview"),
	UNLESS(reader_present, "change"),
	SPAWN(reader, "kvm_vcpu_ioctl: KVM_RUN"),
	LABEL("change"),
	CALL_OR(region_list, "out", "qemu: kvm_commit"),
	CHANCE(vcpu_hits_window, EFAULT, "died", "kvm_handle_noslot_fault"),
	SPEND_YIELDING(KVM_FAULT, &per_removed_page, "kvm_mmu_page_fault: mapped again"),
	MARK(MILESTONE_DONE),
	GOTO("out"),
	LABEL("died"),
	DIE("guest"),
	LABEL("out"),
	END,
};
static const struct flow update_batch = { "update", "one ioctl for the whole list",
					  update_batch_steps };

static const struct step update_stopped_steps[] = {
	DO(begin_update, "qemu: address_space_set_flatview"),
	UNLESS(kernel_kicks, "user space"),
	SPEND(QEMU_KICK, &per_vcpu, "KVM_KICK_ALL_RUNNING_VCPUS"),
	GOTO("stopped"),
	LABEL("user space"),
	USER(QEMU_IOCTL_LOCK, &lock_and_unlock, "qemu: accel_ioctl_inhibit_begin"),
	USER(QEMU_KICK, &per_vcpu, "qemu: accel_ioctl_inhibit_begin"),
	LABEL("stopped"),
	CALL(one_by_one, "qemu: kvm_region_commit"),
	USER(QEMU_IOCTL_LOCK, &per_vcpu, "qemu: accel_ioctl_inhibit_end"),
	SPEND_YIELDING(KVM_FAULT, &per_removed_page, "kvm_mmu_page_fault: mapped again"),
	MARK(MILESTONE_DONE),
	END,
};
static const struct flow update_stopped = { "update", "no vCPU runs while the map changes",
					    update_stopped_steps };

/* --- flows: the guest's life ---------------------------------------------- */

/* One transaction for each register write of the guest: nothing there to batch. */
static const struct step boot_steps[] = {
	USER(GUEST_BOOT, NULL, "guest: firmware and kernel"),
	SLOT_UPDATES(kvm_srcu, KVM_SET_REGION, SRCU_GRACE),
	END,
};
static const struct flow boot = { "boot", "boot with its memslot updates", boot_steps };

static const struct step start_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	ALLOCATE("guest memory", guest_memory, "out", "mmap"),
	DO(start_process, "kvm_create_vm"),
	CALL(boot, "kvm_vcpu_ioctl: KVM_RUN"),
	MARK(MILESTONE_DONE),
	LABEL("out"),
	END,
};
static const struct flow start = { "start", "a new process boots a guest", start_steps };

static const struct step reboot_steps[] = {
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	USER(QEMU_KICK, &per_vcpu, "qemu: pause_all_vcpus"),
	USER(QEMU_RESET, NULL, "qemu: qemu_devices_reset"),
	CALL(boot, "kvm_vcpu_ioctl: KVM_RUN"),
	MARK(MILESTONE_DONE),
	END,
};
static const struct flow reboot = { "reboot", "reset in place and boot again", reboot_steps };

static const struct step exit_steps[] = {
	STOP(reader, "do_exit"),
	TRY(end_generation, 0, "out", "do_exit"),
	SPEND(KVM_DESTROY, NULL, "kvm_destroy_vm"),
	FREE("guest memory", guest_memory, "exit_mmap"),
	DO(no_pages, "mmdrop"),
	MARK(MILESTONE_ALL_RECLAIMED),
	MARK(MILESTONE_DONE),
	LABEL("out"),
	END,
};
static const struct flow process_exit = { "process_exit", "the process ends", exit_steps };

static const struct step shutdown_steps[] = {
	SLEEP(GUEST_STOP, NULL, "guest: kernel_power_off"),
	CALL(process_exit, "qemu: exit"),
	END,
};
static const struct flow shutdown = { "shutdown", "power off and leave", shutdown_steps };

/* --- the model ------------------------------------------------------------ */

static int64_t begin(struct guest *guest, bool running)
{
	page_map_fill(&guest->pages, running ? guest_resident_pages(guest) : 0, PLAIN);
	return 0;
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
	.terms = terms,
	.term_count = TERM_COUNT,
	.parameters = &parameter_record,
	.locks = locks,
	.lock_count = sizeof(locks) / sizeof(locks[0]),
	.page_states = page_states,
	.page_state_count = sizeof(page_states) / sizeof(page_states[0]),
	.limbo_state = -1,
	.state_size = sizeof(struct slots_state),
	.check = check,
	.ignored = ignored,
	.begin = begin,
};
