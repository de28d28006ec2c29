/* Parameters, prices, locks, counts, conditions, the window and hooks of model memslots. */

#include <errno.h>
#include <math.h>

#include "models/memslots_parts.h"

/* --- parameters ----------------------------------------------------------- */

static const char *const architectures[] = { "x86", "arm64", "s390", NULL };

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

const struct record memslots_parameter_record = {
	.name = "memslots guest",
	.help = "Parameters of a guest whose memory map changes.",
	.size = sizeof(struct parameters),
	.fields = parameter_fields,
};

/* --- cost terms ----------------------------------------------------------- */

#define OWN_GUESS "order of magnitude; no public figure"

const struct term memslots_terms[TERM_COUNT] = {
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

const struct lock_kind memslots_slots_lock = { "kvm->slots_lock", "slots_lock",
					       .scope = SCOPE_GUEST };
const struct lock_kind memslots_slots_arch_lock = { "kvm->slots_arch_lock", "slots_arch_lock",
						    .scope = SCOPE_GUEST };
const struct lock_kind memslots_kvm_srcu = { "kvm->srcu", "kvm_srcu", .scope = SCOPE_GUEST };

/* --- counts --------------------------------------------------------------- */

static uint64_t vcpus(const struct guest *guest)
{
	return (uint64_t)guest->config->vcpus;
}
const struct count memslots_per_vcpu = { "vCPUs", vcpus };

static uint64_t twice_vcpus(const struct guest *guest)
{
	return 2 * vcpus(guest);
}
const struct count memslots_lock_and_unlock = { "vCPUs, locked and unlocked", twice_vcpus };

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
const struct count memslots_per_slot_page = { "mapped pages of the slot", slot_pages };

static uint64_t removed_pages(const struct guest *guest)
{
	return (uint64_t)removals_of(guest) * slot_pages(guest);
}
const struct count memslots_per_removed_page = { "mapped pages of all removed slots",
						 removed_pages };

static uint64_t spaces(const struct guest *guest)
{
	return (uint64_t)parameters_of(guest)->address_spaces;
}
const struct count memslots_per_address_space = { "address spaces", spaces };

static uint64_t memory_bytes(const struct guest *guest)
{
	return guest_resident_pages(guest) * (uint64_t)guest->config->page_bytes;
}
const struct count memslots_resident = { "bytes resident", memory_bytes };

static uint64_t notifier_ns(const struct guest *guest)
{
	return (uint64_t)parameters_of(guest)->notifier_hold_ns;
}
const struct count memslots_notifier_hold = { "ns of an invalidation in flight", notifier_ns };

static uint64_t reader_ns(const struct guest *guest)
{
	return (uint64_t)parameters_of(guest)->reader_hold_ns;
}
const struct count memslots_reader_hold = { "ns of the exit handler", reader_ns };

static uint64_t for_ever_ns(const struct guest *guest)
{
	(void)guest;
	return (uint64_t)1 << 60;
}
const struct count memslots_for_ever = { "ns, more than any experiment lasts", for_ever_ns };

/* --- conditions ----------------------------------------------------------- */

static bool has_removals(const struct guest *guest)
{
	return state_of(guest)->removals > 0;
}
const struct condition memslots_removals_left = { "a DELETE or MOVE is left", has_removals };

static bool has_others(const struct guest *guest)
{
	return state_of(guest)->others > 0;
}
const struct condition memslots_others_left = { "a CREATE or FLAGS_ONLY is left", has_others };

static bool has_reader(const struct guest *guest)
{
	return parameters_of(guest)->reader_hold_ns > 0;
}
const struct condition memslots_reader_present = { "an exit handler is in progress", has_reader };

static bool has_notifier(const struct guest *guest)
{
	return parameters_of(guest)->notifier_hold_ns > 0;
}
const struct condition memslots_notifier_present = { "an invalidation is in flight", has_notifier };

/* Only the RFC's batch ioctl swaps once for each removal. */
static bool swaps_singly(const struct guest *guest)
{
	return design_of(guest) == BATCH;
}
const struct condition memslots_one_swap_each = { "each removal has a swap of its own",
						  swaps_singly };

static bool kicks_in_kernel(const struct guest *guest)
{
	return design_of(guest) == KICK_ALL;
}
const struct condition memslots_kernel_kicks = { "vCPUs are stopped by the kernel",
						 kicks_in_kernel };

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
const struct chance memslots_vcpu_hits_window = { "a vCPU meets the missing slot",
						  hit_probability };

/* --- hooks ---------------------------------------------------------------- */

static int update_begins(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->removals = removals_of(guest);
	state_of(guest)->others = others_of(guest);
	return 0;
}
const struct hook memslots_begin_update = { "the list of changes", update_begins };

static int removal_done(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->removals--;
	return 0;
}
const struct hook memslots_next_removal = { "next removal", removal_done };

static int other_done(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	state_of(guest)->others--;
	return 0;
}
const struct hook memslots_next_other = { "next addition", other_done };

/* These succeed unless a fault is switched on; each stands for a defect of the RFC. */
static int succeeds(struct guest *guest, uint32_t *generation)
{
	(void)guest;
	(void)generation;
	return 0;
}
const struct hook memslots_kcalloc_batch = { "kcalloc", succeeds };
const struct hook memslots_slot_number = { "m_iter->slot", succeeds };
const struct hook memslots_change_matches = { "b_iter->change", succeeds };
const struct hook memslots_prepare_region = { "kvm_prepare_memory_region", succeeds };

enum { SLOT_OBJECT_BYTES = 192 }; /* struct kvm_memory_slot, about */

static int objects_lost(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	guest->leaked_bytes += SLOT_OBJECT_BYTES * removals_of(guest);
	return 0;
}
const struct hook memslots_leak_slots = { "invalid slots are leaked", objects_lost };

static int process_started(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	page_map_fill(&guest->pages, guest_resident_pages(guest), PLAIN);
	return 0;
}
const struct hook memslots_start_process = { "a new address space", process_started };

static int generation_ends(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	return guest_generation_dies(guest, 0) ? 0 : ENOMEM;
}
const struct hook memslots_end_generation = { "the generation ends", generation_ends };

static int process_gone(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	page_map_fill(&guest->pages, 0, PLAIN);
	return 0;
}
const struct hook memslots_no_pages = { "the address space is gone", process_gone };
