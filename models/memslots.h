#ifndef MODELS_MEMSLOTS_H
#define MODELS_MEMSLOTS_H

/*
 * The memslot updates that go with every boot and reset, as a part of other models:
 * two keys of the guest, two cost terms (KVM_SET_REGION and SRCU_GRACE in the model's enum),
 * two counts and two steps. What one update
 * costs in itself, and the ways to make it atomic, are model memslots.
 *
 * And the slots that a VMM creates before a vCPU runs (VMM_SLOT_...): two keys and two terms more
 * (SRCU_IDLE, SRCU_PENDING).
 */

#include "models/common.h"

/* To be embedded in a model's parameters. */
struct slot_updates {
	int64_t creates, deletes;
};
struct vmm_slots {
	int64_t creates, pending;
};

/* The two fields; `offset` is that of the struct. `creates_`, `deletes_`: defaults as JSON text. */
#define SLOT_UPDATE_FIELDS(offset, creates_, deletes_)                                             \
	{ "boot_creates",                                                                          \
	  FIELD_COUNT,                                                                             \
	  (offset) + offsetof(struct slot_updates, creates),                                       \
	  creates_,                                                                                \
	  0,                                                                                       \
	  1e6,                                                                                     \
	  NULL,                                                                                    \
	  NULL,                                                                                    \
	  "memslots that each boot creates; with boot_deletes 86 updates were counted at a plain " \
	  "x86 QEMU boot (E. G. Esposito, 2022-09-29; their split by kind is assumed)" },          \
	{                                                                                          \
		"boot_deletes", FIELD_COUNT, (offset) + offsetof(struct slot_updates, deletes),    \
			deletes_, 0, 1e6, NULL, NULL, "memslots that each boot deletes"            \
	}

/* The same of struct vmm_slots. */
#define VMM_SLOT_FIELDS(offset)                                                                    \
	{ "vmm_creates",                                                                           \
	  FIELD_COUNT,                                                                             \
	  (offset) + offsetof(struct vmm_slots, creates),                                          \
	  "0",                                                                                     \
	  0,                                                                                       \
	  1e6,                                                                                     \
	  NULL,                                                                                    \
	  NULL,                                                                                    \
	  "memslots that a start creates before any vCPU runs, KVM's own among them: each waits "  \
	  "for an idle grace period (QEMU's are in boot_creates)" },                               \
	{                                                                                          \
		"pending_swaps", FIELD_COUNT, (offset) + offsetof(struct vmm_slots, pending), "0", \
			0, 1e6, NULL, NULL,                                                        \
			"swaps of memslots of a start that wait behind a callback which is not "   \
			"expedited: one behind the registration of devices on KVM's I/O bus "      \
			"(Linux 6.18 and later)"                                                   \
	}

/* The rows of the two cost terms. */
#define SLOT_UPDATE_TERM                                                                           \
	{                                                                                          \
		"kvm.set_region", TERM_PER_CALL, 26e3, 0.2, 5e3, 100e3, TERM_PUBLISHED,            \
			"KVM_SET_USER_MEMORY_REGION of 38 MiB: enarx pull request 246, 2020"       \
	}
#define SLOT_GRACE_TERM                                                                            \
	{                                                                                          \
		"srcu.grace_period", TERM_PER_CALL, 400e3, 0.3, 1e3, 40e6, TERM_DERIVED,           \
			"by what else goes on: 350 us with one vCPU that runs, 38 us with none "   \
			"(measured: 50 creations of a slot in 17.4 and 1.9 ms; profile "           \
			"srcu-idle), 20 ms at HZ=100 behind a callback that is not expedited (S. " \
			"Christopherson, kvm, 2026-03-09; profile srcu-pending); at most 707 us "  \
			"with Linux 5.18, 5.66 s for 8000 calls in a boot, 16 ms with 5.19-rc1 "   \
			"(P. E. McKenney, Zhangfei Gao and others, \"Commit 282d8998e997 cause "   \
			"qemu boot slow\", kvm, June 2022); high: four jiffies at HZ=100"          \
	}

/* No vCPU is inside KVM_RUN, and nothing else is under way. */
#define SLOT_IDLE_TERM                                                                             \
	{                                                                                          \
		"srcu.idle", TERM_PER_CALL, 38e3, 0.3, 1e3, 200e3, TERM_MEASURED,                  \
			"50 creations of a slot in 1.9 ms with no vCPU that runs; low: about 1 "   \
			"us back to back (P. E. McKenney, in \"Commit 282d8998e997 cause qemu "    \
			"boot slow\", kvm, June 2022); high: 0.14 ms of a whole KVM_CREATE_VCPU "  \
			"(N. Kalyazin, kvm, 2026-02-13)"                                           \
	}
#define SLOT_PENDING_TERM                                                                          \
	{                                                                                          \
		"srcu.pending", TERM_PER_CALL, 20e6, 0.1, 1e6, 40e6, TERM_PUBLISHED,               \
			"about 20 ms at HZ=100 (S. Christopherson, RFC, kvm, 2026-03-09); 25.2 "   \
			"ms of a whole KVM_CREATE_VCPU at HZ=100, in the order of 1 ms at "        \
			"HZ=1000 (N. Kalyazin, kvm, 2026-02-13); high: four jiffies at HZ=100"     \
	}

/* CREATE swaps the sets of memslots once, DELETE twice; each swap is a grace period. */
static inline uint64_t slot_updates_count(const struct slot_updates *updates)
{
	return (uint64_t)(updates->creates + updates->deletes);
}

static inline uint64_t slot_updates_graces(const struct slot_updates *updates)
{
	return (uint64_t)(updates->creates + 2 * updates->deletes);
}

/* The two counts, for a model whose parameters have a member `updates`. */
#define SLOT_UPDATE_COUNTS                                                                         \
	STATIC_COUNT(per_boot_update, "updates of the boot",                                       \
		     slot_updates_count(&parameters_of(guest)->updates));                          \
	STATIC_COUNT(per_boot_grace, "grace periods of the boot",                                  \
		     slot_updates_graces(&parameters_of(guest)->updates))

/* Those of a model whose parameters have a member `vmm_slots`. */
#define VMM_SLOT_COUNTS                                                                            \
	STATIC_CONDITION(has_vmm_slots, "the VMM creates memslots",                                \
			 parameters_of(guest)->vmm_slots.creates +                                 \
					 parameters_of(guest)->vmm_slots.pending >                 \
				 0);                                                               \
	STATIC_COUNT(per_vmm_slot, "slots of the VMM", parameters_of(guest)->vmm_slots.creates);   \
	STATIC_COUNT(per_pending_swap, "swaps behind a pending callback",                          \
		     parameters_of(guest)->vmm_slots.pending)

/*
 * The updates of one boot, as one sum: they come one register write of the guest at a
 * time, so there is nothing to batch.
 */
#define SLOT_UPDATES                                                                               \
	SPEND_YIELDING(KVM_SET_REGION, &per_boot_update, "kvm_vm_ioctl_set_memory_region"),        \
		GRACE(kvm_srcu, SRCU_GRACE, &per_boot_grace, "synchronize_srcu_expedited")

/* Of a start, between KVM_CREATE_VM and the first KVM_RUN. */
#define VMM_SLOTS                                                                                  \
	UNLESS(has_vmm_slots, "slots"),                                                            \
		SPEND_YIELDING(KVM_SET_REGION, &per_vmm_slot, "kvm_vm_ioctl_set_memory_region"),   \
		GRACE(kvm_srcu, SRCU_IDLE, &per_vmm_slot, "synchronize_srcu_expedited"),           \
		GRACE(kvm_srcu, SRCU_PENDING, &per_pending_swap,                                   \
		      "kvm_alloc_apic_access_page: synchronize_srcu_expedited"),                   \
		LABEL("slots")

#endif
