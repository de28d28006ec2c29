/* Parameters, prices, locks and memory of model memslots. */

#include "models/memslots_parts.h"

/* --- parameters ----------------------------------------------------------- */

static const char *const plugs[] = { "larger", "all", "none", NULL };
static const char *const zaps[] = { "sync", "async", "async-5.15", NULL };
static const char *const states[] = { "running", "idle", "by-state", NULL };
static const char *const architectures[] = { "x86", "arm64", "s390", NULL };

#define OFFSET(member) offsetof(struct parameters, member)

static const struct field parameter_fields[] = {
	{ "creates", FIELD_COUNT, OFFSET(creates), "2", 0, 1e6, NULL, NULL,
	  "slots that one update creates; the default with deletes: a slot is split in two. More "
	  "than 4096 changes need experiment.spread false" },
	{ "deletes", FIELD_COUNT, OFFSET(deletes), "1", 0, 1e6, NULL, NULL,
	  "slots that one update deletes" },
	{ "moves", FIELD_COUNT, OFFSET(moves), "0", 0, 1e6, NULL, NULL,
	  "slots that one update moves (QEMU never does)" },
	{ "flags", FIELD_COUNT, OFFSET(flags), "0", 0, 1e6, NULL, NULL,
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
	{ "touched", FIELD_RATIO, OFFSET(touched), "1", 0, 1, NULL, NULL,
	  "share of the pages of removed slots that come back which the guest touches again" },
	{ "reader_hold", FIELD_DURATION, OFFSET(reader_hold_ns), "\"0s\"", 0, 1e18, NULL, NULL,
	  "an exit handler that is inside kvm->srcu when an update begins stays so long" },
	{ "notifier_hold", FIELD_DURATION, OFFSET(notifier_hold_ns), "\"0s\"", 0, 1e18, NULL, NULL,
	  "an MMU notifier invalidation in flight delays each swap so long" },
	{ "concurrent_updates", FIELD_COUNT, OFFSET(concurrent), "0", 0, 1000, NULL, NULL,
	  "slots that another thread creates meanwhile, one plain ioctl after another: a list lets "
	  "go of slots_lock between its passes and its entries" },
	{ "fast_zap", FIELD_FLAG, OFFSET(fast_zap), "false", 0, 0, NULL, NULL,
	  "a removal zaps all roots at once instead of each page of the slot; then the whole guest "
	  "faults again" },
	{ "zap", FIELD_CHOICE, OFFSET(zap), "\"sync\"", 0, 0, zaps, NULL,
	  "who zaps behind a removal: the caller (sync), or workers that keep all cores of the "
	  "host "
	  "busy, whom the ioctl waits for and for whom all threads stand still (async: x86 until "
	  "6.6; async-5.15: that kernel took longer); async zaps all roots" },
	{ "srcu", FIELD_CHOICE, OFFSET(srcu), "\"running\"", 0, 0, states, NULL,
	  "whom the grace period of an update's swap waits for: a vCPU that runs "
	  "(srcu.grace_period), "
	  "none (idle: srcu.idle), or by-state: none where the strategy has stopped all vCPUs" },
	{ "hotplug", FIELD_CHOICE, OFFSET(hotplug), "\"larger\"", 0, 0, plugs, NULL,
	  "which slots that are created in the place of none are memory, for which the guest needs "
	  "struct pages (64 bytes for 4 KiB) of the memory that it has: those larger than the "
	  "guest's memory (larger), all, or none, as when they are BARs of devices" },
	{ "memmap_on_memory", FIELD_FLAG, OFFSET(memmap_on_memory), "false", 0, 0, NULL, NULL,
	  "plugged memory holds its own struct pages (memory_hotplug.memmap_on_memory=1)" },
	DEVICE_FIELDS(OFFSET(devices)),
	{ .key = NULL },
};

const struct record memslots_parameter_record =
	PARAMETER_RECORD("memslots guest", "Parameters of a guest whose memory map changes.");

/* --- cost terms ----------------------------------------------------------- */

const struct term memslots_terms[TERM_COUNT] = {
	[SRCU_GRACE] = SLOT_GRACE_TERM,
	[KVM_SET_REGION] = SLOT_UPDATE_TERM,
	[KVM_ZAP] = { "kvm.zap_page", TERM_PER_PAGE, 84, 0.1, 20, 2e3, TERM_DERIVED,
		      "46.08 ms for DELETE and CREATE of 2 GiB on x86, less three grace periods "
		      "and two ioctls (Xiao Guangrong, \"KVM: MMU: fast zap all shadow pages\", "
		      "kvm, 2013-03-13); at most 52 ns later: up to 7 s for 512 GiB of 4 KiB "
		      "leaves (S. Christopherson, \"Zap roots in two passes\", kvm, 2021-12-23); "
		      "low: without the page's own flush; high: arm64 without range TLBI, 1.93 "
		      "us" },
	[KVM_FAULT] = { "kvm.refault_page", TERM_PER_PAGE, 1e3, 0.2, 400, 5e3, TERM_ASSUMED,
			"a page that was zapped is mapped again: an exit of 1.23 to 1.64 us on AMD "
			"(TUM CVM_eval, vmexit), no allocation; " OWN_GUESS },
	[QEMU_KICK] = { "qemu.kick_vcpu", TERM_PER_CALL, 2e3, 0.2, 500, 20e3, TERM_ASSUMED,
			KICK_SEEN },
	[QEMU_IOCTL_LOCK] = { "qemu.ioctl_lock", TERM_PER_CALL, 50, 0.2, 20, 500, TERM_ASSUMED,
			      "one counter of accel_ioctl_inhibit_begin; " OWN_GUESS },
	[QEMU_RESET] = QEMU_DEVICE_RESET_TERM(""),
	[GUEST_STOP] = GUEST_STOP_TERM(""),
	[GUEST_BOOT] = { "guest.boot", TERM_PER_CALL, 1.5e9, 0.05, 1e6, 20e9, TERM_ASSUMED,
			 "boot without the memslot updates" GUEST_BOOT_SEEN },
	[QEMU_START] = { "qemu.start", QEMU_START_FIGURES(94e6), TERM_PUBLISHED,
			 "94 ms: TUM CVM_eval, README" QEMU_START_SEEN },
	[KVM_DESTROY] = { "kvm.destroy_vm", TERM_PER_CALL, 1e6, 0.1, 100e3, 10e6, TERM_ASSUMED,
			  OWN_GUESS },
	[KVM_ZAP_ROOTS] = { "kvm.zap_roots", TERM_PER_CALL, 19.4e6, 0.1, 0.1e6, 25e6, TERM_DERIVED,
			    "21.56 ms for DELETE and CREATE of 2 GiB on x86 with all roots zapped "
			    "at once, less three grace periods and two ioctls (Xiao Guangrong, "
			    "\"KVM: MMU: fast zap all shadow pages\", kvm, 2013-03-13)" },
	[KVM_ZAP_ASYNC] = { "kvm.zap_all_cores", TERM_PER_CALL, 8e6, 0.1, 1e6, 50e6, TERM_PUBLISHED,
			    "about 8 ms on all CPUs at the deletion of a memslot (\"KVM: x86/mmu: "
			    "Stop "
			    "zapping invalidated TDP MMU roots asynchronously\", Linux 0df9dab891, "
			    "2023); grows with the guest's mapped memory, falls with the CPUs" },
	[KVM_ZAP_ASYNC_5_15] = { "kvm.zap_all_cores_5_15", TERM_PER_CALL, 50e6, 0.1, 8e6, 200e6,
				 TERM_PUBLISHED,
				 "50 ms and more in 5.15, which zaps roots more often (same "
				 "commit)" },
	[GUEST_ONLINE] = { "guest.online_page", TERM_PER_PAGE, 17, 0.1, 10, 60, TERM_DERIVED,
			   "a struct page is set up and its page given to the allocator: 1140 ms "
			   "for "
			   "254 GiB of a node at boot; high: 216 ms for 14 GiB (M. Gorman, "
			   "Parallel "
			   "struct page initialisation v4, linux-kernel, April 2015); no figure of "
			   "add_memory" },
	[QEMU_PAUSE_WAIT] = QEMU_PAUSE_WAIT_TERM,
	DEVICE_TERMS(TERM_PUBLISHED, TERM_DERIVED, ""),
	[SRCU_IDLE] = SLOT_IDLE_TERM,
};

/* --- memory --------------------------------------------------------------- */

const struct memory_kind memslots_list = { "vmemdup_user", NULL };
const struct memory_kind memslots_slot_objects = { "invalid slot", NULL };
