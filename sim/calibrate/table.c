#include "calibrate/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calibrate/works.h"

#define MIB(n)     ((uint64_t)(n) << 20)
#define OF_4K      .unit = "page of 4 KiB", .unit_size = 4096
#define OF_2M      .unit = "page of 2 MiB", .unit_size = 2 << 20
#define OF_1G      .unit = "page of 1 GiB", .unit_size = 1 << 30
#define OF_CALLS   .unit = "call", .unit_size = 1
#define SIZES(...) .sizes = { __VA_ARGS__ }
#define SMALL      SIZES(MIB(48), MIB(96), MIB(192))
#define LARGE      SIZES(MIB(128), MIB(256), MIB(512))
/* What is freed must not fit into caches with its struct pages: it is cheaper then. */
#define FREED SIZES(MIB(16), MIB(512), MIB(1024))
/* Lines: a small size tells the fixed part, large ones the slope. */
#define SMALL_LINE SIZES(MIB(8), MIB(96), MIB(192))
#define LARGE_LINE SIZES(MIB(16), MIB(256), MIB(512))
#define BY(...)    .trial = { .work = __VA_ARGS__ }
#define THP        .backing = BACKING_THP
#define ALL_GROWS  .through_zero = true
#define LARGEST    .backing = BACKING_LARGEST
#define PINS       (NEED_IO_URING | NEED_MEMLOCK)

const struct measurement measurements[MEASUREMENTS] = {
	/* --- memory in pages of 4 KiB --- */
	[POPULATE_4K] = { "populate-4k", "madvise(MADV_POPULATE_WRITE) of fresh memory",
			  NEED_POPULATE, OF_4K, SMALL, BY(&work_populate), ALL_GROWS },
	[CLEAR] = { "clear", "memset of present memory, in huge pages where there are some", 0,
		    OF_4K, LARGE, BY(&work_clear, LARGEST), ALL_GROWS },
	[CLEAR_ALL] = { "clear-all", "the same by as many processes as there are CPUs, up to 8",
			NEED_TWO_CPUS, OF_4K, LARGE,
			BY(&work_clear, LARGEST, .processes = PROCESSES_ALL), ALL_GROWS },
	[TOUCH_4K] = { "touch-4k", "a thread writes to each page of fresh memory", 0, OF_4K, SMALL,
		       BY(&work_touch, .threads = 1), ALL_GROWS },
	[TOUCH_4K_TWO] = { "touch-4k-two", "two threads do, each to half of it", NEED_TWO_CPUS,
			   OF_4K, SMALL, BY(&work_touch, .threads = 2), ALL_GROWS },
	[UNMAP_4K] = { "unmap-4k", "munmap of present memory", 0, OF_4K, FREED, BY(&work_unmap) },
	[END_4K] = { "end-4k", "SIGKILL of a process with present memory, until it is reaped", 0,
		     OF_4K, FREED, BY(&work_end) },
	[END_4K_TWO] = { "end-4k-two", "the same of two processes at once", NEED_TWO_CPUS, OF_4K,
			 FREED, BY(&work_end, .processes = 2) },
	[END_4K_FOUR] = { "end-4k-four", "the same of four", NEED_FOUR_CPUS, OF_4K, FREED,
			  BY(&work_end, .processes = 4) },
	[END_HELPER] = { "end-helper", "SIGKILL of a process whose memory a CLONE_VM process keeps",
			 0, .unit = "end", .unit_size = MIB(256), SIZES(MIB(256)),
			 BY(&work_end_helper) },
	[END_EMPTY] = { "end-empty",
			"SIGKILL of a process that has had 16 MiB and has unmapped them", 0,
			.unit = "end", .unit_size = MIB(16), SIZES(MIB(16)), BY(&work_end_empty) },
	[UNMAP_FILE_4K] = { "unmap-file-4k", "munmap of a memfd whose pages stay", 0, OF_4K,
			    SMALL_LINE, BY(&work_unmap_file) },
	[DISCARD_4K] = { "discard-4k", "madvise(MADV_DONTNEED), a call for each page", 0, OF_4K,
			 SIZES(MIB(16), MIB(32), MIB(64)), BY(&work_discard, .slice = 4096),
			 ALL_GROWS },
	[DISCARD_64K] = { "discard-64k", "the same for each 64 KiB", 0, .unit = "slice of 64 KiB",
			  .unit_size = 65536, SIZES(MIB(16), MIB(32), MIB(64)),
			  BY(&work_discard, .slice = 65536), ALL_GROWS },
	[DISCARD_SHARED] = { "discard-shared", "the same while a thread runs on another CPU",
			     NEED_TWO_CPUS, .unit = "slice of 64 KiB", .unit_size = 65536,
			     SIZES(MIB(16), MIB(32), MIB(64)),
			     BY(&work_discard, .slice = 65536, .threads = 2), ALL_GROWS },
	/* --- huge pages --- */
	[POPULATE_2M] = { "populate-2m", "MADV_POPULATE_WRITE, transparent huge pages",
			  NEED_THP | NEED_POPULATE, OF_2M, LARGE, BY(&work_populate, THP),
			  ALL_GROWS },
	[TOUCH_2M] = { "touch-2m", "a thread writes to each fresh huge page", NEED_THP, OF_2M,
		       LARGE, BY(&work_touch, THP, .threads = 1), ALL_GROWS },
	[TOUCH_2M_TWO] = { "touch-2m-two", "two threads do, each to half of them",
			   NEED_THP | NEED_TWO_CPUS, OF_2M, LARGE,
			   BY(&work_touch, THP, .threads = 2), ALL_GROWS },
	[UNMAP_2M] = { "unmap-2m", "munmap of huge pages", NEED_THP, OF_2M, FREED,
		       BY(&work_unmap, THP) },
	[END_2M] = { "end-2m", "SIGKILL of a process with huge pages, until it is reaped", NEED_THP,
		     OF_2M, FREED, BY(&work_end, THP) },
	[END_2M_TWO] = { "end-2m-two", "the same of two processes at once",
			 NEED_THP | NEED_TWO_CPUS, OF_2M, FREED,
			 BY(&work_end, THP, .processes = 2) },
	[END_2M_FOUR] = { "end-2m-four", "the same of four", NEED_THP | NEED_FOUR_CPUS, OF_2M,
			  FREED, BY(&work_end, THP, .processes = 4) },
	[TOUCH_1G] = { "touch-1g", "a write to each page of the pool of 1 GiB", NEED_POOL_1G, OF_1G,
		       SIZES(MIB(1024), MIB(2048)),
		       BY(&work_touch, .backing = BACKING_POOL_1G, .threads = 1), ALL_GROWS },
	[UNMAP_1G] = { "unmap-1g", "munmap of such pages", NEED_POOL_1G, OF_1G,
		       SIZES(MIB(1024), MIB(2048)), BY(&work_unmap, .backing = BACKING_POOL_1G) },
	[TOUCH_POOL] = { "touch-pool", "a write to each page of the pool of 2 MiB", NEED_POOL_2M,
			 OF_2M, SIZES(MIB(64), MIB(128), MIB(256)),
			 BY(&work_touch, .backing = BACKING_POOL_2M, .threads = 1), ALL_GROWS },
	[UNMAP_POOL] = { "unmap-pool", "munmap of such pages", NEED_POOL_2M, OF_2M,
			 SIZES(MIB(64), MIB(128), MIB(256)),
			 BY(&work_unmap, .backing = BACKING_POOL_2M) },
	/* --- pinned memory and caches --- */
	[MLOCK_4K] = { "mlock-4k", "mlock of present memory", NEED_MEMLOCK, OF_4K, SMALL_LINE,
		       BY(&work_mlock) },
	[PIN_4K] = { "pin-4k", "io_uring registers present memory: it is pinned", PINS, OF_4K,
		     SMALL_LINE, BY(&work_pin) },
	[UNPIN_4K] = { "unpin-4k", "io_uring gives it up: it stays mapped", PINS, OF_4K, SMALL_LINE,
		       BY(&work_unpin) },
	[UNPIN_FREE_4K] = { "unpin-free-4k", "io_uring gives up what nobody maps: it is freed",
			    PINS, OF_4K, SMALL_LINE, BY(&work_unpin_free) },
	[UNMAP_PINNED_4K] = { "unmap-pinned-4k", "munmap of memory that stays pinned", PINS, OF_4K,
			      SMALL_LINE, BY(&work_unmap_pinned) },
	[PIN_2M] = { "pin-2m", "io_uring registers huge pages", PINS | NEED_THP, OF_2M, LARGE_LINE,
		     BY(&work_pin, THP) },
	[UNPIN_2M] = { "unpin-2m", "... gives them up", PINS | NEED_THP, OF_2M, LARGE_LINE,
		       BY(&work_unpin, THP) },
	[UNPIN_FREE_2M] = { "unpin-free-2m", "... gives up those that nobody maps", PINS | NEED_THP,
			    OF_2M, LARGE_LINE, BY(&work_unpin_free, THP) },
	[UNMAP_PINNED_2M] = { "unmap-pinned-2m", "munmap of huge pages that stay pinned",
			      PINS | NEED_THP, OF_2M, LARGE_LINE, BY(&work_unmap_pinned, THP) },
	[CACHE_CLEAN] = { "cache-clean",
			  "dirty lines are cleaned one by one (clflushopt, DC CIVAC)",
			  NEED_CACHE_CLEAN, OF_4K, SMALL, BY(&work_cache_clean), ALL_GROWS },
	/* --- calls --- */
	[GRACE] = { "grace", "membarrier: a grace period of RCU, nothing else at work",
		    NEED_MEMBARRIER, OF_CALLS, SIZES(2), BY(&work_grace) },
	[IPI] = { "ipi", "expedited membarrier with a thread on another CPU",
		  NEED_MEMBARRIER | NEED_TWO_CPUS, OF_CALLS, SIZES(500), BY(&work_ipi) },
	[THREAD] = { "thread", "pthread_create and join", 0, OF_CALLS, SIZES(200),
		     BY(&work_thread) },
	[PROCESS] = { "process", "fork, _exit, wait", 0, OF_CALLS, SIZES(50), BY(&work_process) },
	/* --- /dev/kvm --- */
	[KVM_CREATE_VM] = { "kvm-create-vm", "KVM_CREATE_VM", NEED_KVM, OF_CALLS, SIZES(1),
			    BY(&work_create_vm) },
	[KVM_CREATE_VCPU] = { "kvm-create-vcpu", "KVM_CREATE_VCPU", NEED_KVM, OF_CALLS, SIZES(4),
			      BY(&work_create_vcpu) },
	[KVM_DESTROY_VM] = { "kvm-destroy-vm", "the last file of a VM with so many vCPUs is closed",
			     NEED_KVM, .unit = "vCPU", .unit_size = 1, SIZES(1, 4, 16),
			     BY(&work_destroy_vm) },
	[KVM_SLOT_CREATE] = { "kvm-slot-create", "memslots are created, no vCPU runs", NEED_KVM,
			      OF_CALLS, SIZES(32), BY(&work_slot_create) },
	[KVM_SLOT_DELETE] = { "kvm-slot-delete", "... deleted, which nobody touched", NEED_KVM,
			      OF_CALLS, SIZES(32), BY(&work_slot_delete) },
	[KVM_SLOT_FLAGS] = { "kvm-slot-flags", "... get another flag: a swap and a grace period",
			     NEED_KVM, OF_CALLS, SIZES(32), BY(&work_slot_flags) },
	[KVM_SLOT_MOVE] = { "kvm-slot-move", "... are moved", NEED_KVM, OF_CALLS, SIZES(32),
			    BY(&work_slot_move) },
	[KVM_SLOT_CREATE_RUNNING] = { "kvm-slot-create-running", "created while a vCPU runs",
				      NEED_KVM | NEED_X86 | NEED_TWO_CPUS, OF_CALLS, SIZES(16),
				      BY(&work_slot_create_running, .threads = 2) },
	[KVM_SLOT_DELETE_RUNNING] = { "kvm-slot-delete-running", "deleted while a vCPU runs",
				      NEED_KVM | NEED_X86 | NEED_TWO_CPUS, OF_CALLS, SIZES(16),
				      BY(&work_slot_delete_running, .threads = 2) },
	[KVM_SLOT_FLAGS_RUNNING] = { "kvm-slot-flags-running", "another flag while a vCPU runs",
				     NEED_KVM | NEED_X86 | NEED_TWO_CPUS, OF_CALLS, SIZES(16),
				     BY(&work_slot_flags_running, .threads = 2) },
	[KVM_SLOT_MOVE_RUNNING] = { "kvm-slot-move-running", "moved while a vCPU runs",
				    NEED_KVM | NEED_X86 | NEED_TWO_CPUS, OF_CALLS, SIZES(16),
				    BY(&work_slot_move_running, .threads = 2) },
	[KVM_KICK] = { "kvm-kick", "a signal to a running vCPU, until it has left KVM_RUN",
		       NEED_KVM | NEED_X86 | NEED_TWO_CPUS, OF_CALLS, SIZES(50),
		       BY(&work_kick, .threads = 2) },
	[KVM_LOOP] = { "kvm-loop", "a guest writes to one page again and again",
		       NEED_KVM | NEED_GUEST, OF_4K, SIZES(MIB(16), MIB(32), MIB(64)),
		       BY(&work_guest_loop) },
	[KVM_TOUCH] = { "kvm-touch", "a guest writes to each page, which the host has",
			NEED_KVM | NEED_GUEST, OF_4K, SIZES(MIB(16), MIB(32), MIB(64)),
			BY(&work_guest_touch) },
	[KVM_ZAP] = { "kvm-zap", "the slot of pages that a guest has touched is deleted",
		      NEED_KVM | NEED_GUEST, OF_4K, SIZES(MIB(16), MIB(32), MIB(64)),
		      BY(&work_zap) },
	[KVM_LOG_DIRTY] = { "kvm-log-dirty", "... gets a dirty log", NEED_KVM | NEED_GUEST, OF_4K,
			    SIZES(MIB(16), MIB(32), MIB(64)), BY(&work_log_dirty) },
	[KVM_UNMAP] = { "kvm-unmap", "munmap of pages that a guest has touched",
			NEED_KVM | NEED_GUEST, OF_4K, SIZES(MIB(16), MIB(32), MIB(64)),
			BY(&work_guest_unmap) },
	[KVM_CLOSE] = { "kvm-close", "a VM is closed that has touched pages; they stay",
			NEED_KVM | NEED_GUEST, OF_4K, SIZES(MIB(16), MIB(32), MIB(64)),
			BY(&work_guest_close) },
	[KVM_END] = { "kvm-end", "SIGKILL of the process of such a VM, until it is reaped",
		      NEED_KVM | NEED_GUEST, OF_4K, SIZES(MIB(16), MIB(32), MIB(64)),
		      BY(&work_guest_end) },
};

size_t measurement_sizes(const struct measurement *measurement)
{
	size_t count = 0;

	while (count < SIZES_MOST && measurement->sizes[count])
		count++;
	return count;
}

bool measurement_is_line(const struct measurement *measurement)
{
	return measurement_sizes(measurement) > 1 && !measurement->through_zero;
}

/* --- prices --------------------------------------------------------------------- */

#define SLOPE(times_, of_)                                                                         \
	{                                                                                          \
		times_, of_, PART_SLOPE                                                            \
	}
#define FIXED(times_, of_)                                                                         \
	{                                                                                          \
		times_, of_, PART_FIXED                                                            \
	}
#define SUM(...) .addends = { __VA_ARGS__ }
#define PRICE(term_, ...)                                                                          \
	{                                                                                          \
		.term = (term_), __VA_ARGS__                                                       \
	}
#define CROWD(one_, two_, four_) .crowded = true, .one = (one_), .two = (two_), .four = (four_)

const struct price_rule price_rules[] = {
	PRICE("mm.zero_4k", SUM(SLOPE(1, CLEAR))),
	PRICE("mm.zero_page", SUM(SLOPE(1, CLEAR))),
	PRICE("mm.populate", SUM(SLOPE(1, POPULATE_4K), SLOPE(-1, CLEAR))),
	PRICE("mm.fault", SUM(SLOPE(1, TOUCH_4K), SLOPE(-1, CLEAR))),
	/* n threads take (fault + zero + (n - 1) x shared) / n of wall time for each page. */
	PRICE("mm.fault_shared_4k", SUM(SLOPE(2, TOUCH_4K_TWO), SLOPE(-1, TOUCH_4K))),
	PRICE("mm.free_4k", SUM(SLOPE(1, END_4K)), CROWD(END_4K, END_4K_TWO, END_4K_FOUR)),
	PRICE("mm.free_page", SUM(SLOPE(1, END_4K)), CROWD(END_4K, END_4K_TWO, END_4K_FOUR)),
	PRICE("kernel.exit", SUM(SLOPE(1, END_HELPER))),
	PRICE("mm.zero_2m", SUM(SLOPE(1, TOUCH_2M), SLOPE(-1, TOUCH_4K), SLOPE(1, CLEAR))),
	PRICE("mm.fault_shared_huge", SUM(SLOPE(2, TOUCH_2M_TWO), SLOPE(-1, TOUCH_2M))),
	PRICE("mm.free_2m", SUM(SLOPE(1, END_2M)), CROWD(END_2M, END_2M_TWO, END_2M_FOUR)),
	PRICE("mm.zero_1g", SUM(SLOPE(1, TOUCH_1G), SLOPE(-1, TOUCH_4K), SLOPE(1, CLEAR))),
	PRICE("mm.free_1g", SUM(SLOPE(1, UNMAP_1G))),
	/* a call, and one entry or sixteen to flush and to free */
	PRICE("mm.discard_slice", SUM(SLOPE(16. / 15, DISCARD_4K), SLOPE(-1. / 15, DISCARD_64K))),
	PRICE("mm.flush_page",
	      SUM(SLOPE(1. / 15, DISCARD_64K), SLOPE(-1. / 15, DISCARD_4K), SLOPE(-1, UNMAP_4K))),
	PRICE("mm.shootdown", SUM(SLOPE(1, DISCARD_SHARED), SLOPE(-1, DISCARD_64K))),
	PRICE("mm.pin_4k", SUM(SLOPE(1, PIN_4K))),
	PRICE("mm.put_4k", SUM(SLOPE(1, UNPIN_4K))),
	PRICE("mm.unmap_4k", SUM(SLOPE(1, UNMAP_PINNED_4K))),
	PRICE("mm.unpin_4k", SUM(SLOPE(1, UNPIN_FREE_4K)), .needs = NEED_X86),
	PRICE("mm.unpin_4k", SUM(SLOPE(1, UNPIN_4K)), .needs = NEED_ARM64),
	PRICE("mm.pin_2m", SUM(SLOPE(1, PIN_2M))),
	PRICE("mm.put_2m", SUM(SLOPE(1, UNPIN_2M))),
	PRICE("mm.unmap_huge", SUM(SLOPE(1, UNMAP_PINNED_2M))),
	PRICE("mm.unpin_2m", SUM(SLOPE(1, UNPIN_FREE_2M))),
	PRICE("cpu.clflush_4k", SUM(SLOPE(1, CACHE_CLEAN)), .needs = NEED_X86),
	PRICE("dcache.clean_4k", SUM(SLOPE(1, CACHE_CLEAN)), .needs = NEED_ARM64),
	PRICE("dcache.clean_2m", SUM(SLOPE(512, CACHE_CLEAN)), .needs = NEED_ARM64),
	PRICE("dcache.clean_1g", SUM(SLOPE(512 * 512, CACHE_CLEAN)), .needs = NEED_ARM64),
	PRICE("qemu.thread_start", SUM(SLOPE(1, THREAD))),
	PRICE("kvm.create_vm", SUM(SLOPE(1, KVM_CREATE_VM))),
	PRICE("kvm.vcpu_init", SUM(SLOPE(1, KVM_CREATE_VCPU)), .needs = NEED_ARM64),
	PRICE("kvm.destroy_vm", SUM(FIXED(1, KVM_DESTROY_VM))),
	PRICE("kvm.destroy_vcpu", SUM(SLOPE(1, KVM_DESTROY_VM))),
	PRICE("kvm.set_region", SUM(SLOPE(1, KVM_SLOT_CREATE), SLOPE(-1, KVM_SLOT_FLAGS))),
	PRICE("srcu.grace_period", SUM(SLOPE(1, KVM_SLOT_FLAGS_RUNNING))),
	PRICE("qemu.kick_vcpu", SUM(SLOPE(1, KVM_KICK))),
	PRICE("qemu.pause_vcpu", SUM(SLOPE(1, KVM_KICK))),
	PRICE("kvm.refault_page", SUM(SLOPE(1, KVM_TOUCH), SLOPE(-1, KVM_LOOP))),
	PRICE("kvm.zap_page", SUM(SLOPE(1, KVM_ZAP))),
	PRICE("kvm.zap_spte", SUM(SLOPE(1, KVM_ZAP))),
	PRICE("stage2.write_protect", SUM(SLOPE(1, KVM_LOG_DIRTY)), .needs = NEED_ARM64),
};
const size_t price_rule_count = sizeof(price_rules) / sizeof(price_rules[0]);

unsigned int price_rule_needs(const struct price_rule *rule)
{
	unsigned int needs = rule->needs;

	for (size_t i = 0; i < ADDENDS_MOST && rule->addends[i].part; i++)
		needs |= measurements[rule->addends[i].of].needs;
	return needs;
}

void price_rule_text(const struct price_rule *rule, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ADDENDS_MOST && rule->addends[i].part; i++) {
		const struct addend *addend = &rule->addends[i];
		const char *sign =
			addend->times < 0 ? (i ? " less " : "less ") : (i ? " and " : "");
		double times = fabs(addend->times);
		char factor[32] = "";

		if (times != 1)
			snprintf(factor, sizeof(factor), "%.4g times ", times);
		if (length < size)
			length += (size_t)snprintf(
				text + length, size - length, "%s%s%s%s", sign, factor,
				addend->part == PART_FIXED ? "fixed part of " : "",
				measurements[addend->of].name);
	}
}

/* --- lists ------------------------------------------------------------------------ */

static void print_needs(unsigned int needs, FILE *out)
{
	const char *separator = "";

	for (size_t i = 0; i < NEEDS; i++) {
		if (!(needs & 1u << i))
			continue;
		fprintf(out, "%s%s", separator, need_table[i].name);
		separator = ", ";
	}
}

void tables_print(FILE *out)
{
	fputs("| measurement | what is timed | per | needs |\n|---|---|---|---|\n", out);
	for (size_t m = 0; m < MEASUREMENTS; m++) {
		const struct measurement *measurement = &measurements[m];

		fprintf(out, "| `%s` | %s | %s | ", measurement->name, measurement->summary,
			measurement->unit);
		print_needs(measurement->needs, out);
		fputs(" |\n", out);
	}
	fputs("\n| price | is | needs |\n|---|---|---|\n", out);
	for (size_t p = 0; p < price_rule_count; p++) {
		char text[200];

		price_rule_text(&price_rules[p], text, sizeof(text));
		fprintf(out, "| `%s` | %s | ", price_rules[p].term, text);
		print_needs(price_rules[p].needs, out);
		fputs(" |\n", out);
	}
	fputs("\n| need | what it is |\n|---|---|\n", out);
	for (size_t i = 0; i < NEEDS; i++)
		fprintf(out, "| %s | %s |\n", need_table[i].name, need_table[i].help);
}
