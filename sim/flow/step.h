#ifndef SIM_FLOW_STEP_H
#define SIM_FLOW_STEP_H

/*
 * The step vocabulary: what a thread can do on the way through an operation.
 *
 * A flow is a static table of steps that reads like the kernel function it
 * stands for; each step names that function in `where`. The same table is
 * simulated (flow/steps.c), printed (flow/print.c), checked for lock order
 * (flow/lock_check.c) and summed into a closed form (tests/closed_form).
 *
 * A step that fails sets the thread's errno and jumps to its label, as `goto
 * out` does in C; without a label the flow returns with the errno at once (locks
 * still held are then a defect that the lock check finds). A flow that ends with
 * the errno set makes the CALL step that called it fail.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/law.h"
#include "engine/lock.h"
#include "flow/pages.h"
#include "flow/term.h"

struct guest;
struct flow;

/* One lock instance for each guest, or one for the whole host. */
enum lock_scope { SCOPE_GUEST, SCOPE_HOST };

struct lock_kind {
	const char *name;   /* as in the kernel: "kvm->lock" */
	const char *metric; /* as in metric names: "kvm_lock" */
	enum lock_scope scope;
	bool per_vcpu; /* stands for one mutex of each vCPU, taken one after another */
};

/*
 * Firmware or a device that serves the whole host and uses no core of it (the AMD
 * PSP). Guests that issue many short commands take turns, so each proceeds at an
 * equal share of its speed: the limit of a FIFO queue of many small commands.
 */
struct server_kind {
	const char *name;
};

/*
 * What a guest takes memory of the host for. Each guest has an account for each kind: only
 * what was taken can be given back.
 */
struct memory_kind {
	const char *name; /* "page pointers"; also the name of the fault point */
	uint64_t (*of_running)(const struct guest *guest); /* bytes held by a guest that runs from
							      the start; NULL: none */
};

/*
 * What the host needs besides: no step takes it, it comes and goes by itself, in an account
 * for each kind, where the host's `metadata` is counted.
 */
struct metadata_kind {
	const char *name; /* "page tables"; NULL: the list has ended */
	/* Bytes of a process, from its first guest memory until it is gone; NULL: none. */
	uint64_t (*of_process)(const struct guest *guest);
	int64_t per_page; /* bytes for each page that is there, as long as it is */
};

/* The pages themselves: each model has this account, it need not list it. */
extern const struct memory_kind guest_memory;

/* How many units a step charges for, or how many bytes it takes. */
struct count {
	const char *name;                          /* "vCPUs", "pages of the image" */
	uint64_t (*of)(const struct guest *guest); /* NULL: it is that of a struct count_rule */
};

/* A count as data, for designs: `times` another one, rounded up, or just a number. */
struct count_rule {
	struct count count;
	const struct count *base; /* NULL: `number` */
	double times;
	uint64_t number;
};

/* The count for this guest; without one (NULL) it is `otherwise`. */
uint64_t count_of(const struct count *count, const struct guest *guest, uint64_t otherwise);

/* A question about the guest's state, answered in zero time. */
struct condition {
	const char *name; /* reads as "when NAME" */
	bool (*holds)(const struct guest *guest);
	bool of_config; /* it asks for guest->config and guest->host alone */
};

/* Something that may go wrong by chance, with a probability that depends on the guest. */
struct chance {
	const char *name; /* also the name of the fault point */
	double (*probability)(const struct guest *guest);
};

/*
 * A change of the model's state in zero time; returns 0, a positive errno, or HOOK_MISPLACED.
 * *generation is the dead generation that the thread works for (0: none); a hook
 * sets it when the thread takes one over.
 */
enum { HOOK_MISPLACED = -1 }; /* no errno: what the hook works on is not there, the flow is wrong */

struct hook {
	const char *name;
	int (*run)(struct guest *guest, uint32_t *generation);
};

/* How many calls a page costs on average, when that is not one. */
struct ratio {
	const char *name;                        /* reads as "x NAME" */
	double (*of)(const struct guest *guest); /* NULL: it is that of a struct ratio_rule */
	double at_most;                          /* whatever the guest; 0: nobody knows */
};

struct ratio_rule {
	struct ratio ratio;
	double number;
};

/* The ratio for this guest; NULL: one. */
double ratio_of(const struct ratio *ratio, const struct guest *guest);

/* One price in a page loop, charged only while `when` holds (NULL: always). */
struct page_price {
	int term; /* index into the model's terms; NO_TERM: the list has ended */
	const struct condition *when;
	const struct ratio *calls; /* of the term for each page; NULL: one */
};

enum { PAGE_PRICES_MAX = 20 };

#define PRICE(term_)                                                                               \
	{                                                                                          \
		.term = (term_)                                                                    \
	}
#define PRICE_WHEN(term_, when_)                                                                   \
	{                                                                                          \
		.term = (term_), .when = &(when_)                                                  \
	}
#define PRICE_TIMES(term_, calls_)                                                                 \
	{                                                                                          \
		.term = (term_), .calls = &(calls_)                                                \
	}
#define PRICE_WHEN_TIMES(term_, when_, calls_)                                                     \
	{                                                                                          \
		.term = (term_), .when = &(when_), .calls = &(calls_)                              \
	}

/* What a loop does with a page found in some state. */
struct page_act {
	struct page_price prices[PAGE_PRICES_MAX + 1]; /* ends with term NO_TERM: always */
	int becomes;  /* state after the loop has taken the page; 0: the act is missing */
	bool handled; /* counted in pages.foreground / background / touched */
};

/* One for each page state of the model; PAGE_GONE is passed without one. */
struct page_acts {
	struct page_act of[PAGE_STATES_MAX];
};

/* The loop leaves pages in this state alone, at no price. */
#define PASS_ACT(state_)                                                                           \
	{                                                                                          \
		.becomes = (state_)                                                                \
	}
#define PASS(state_) [state_] = PASS_ACT(state_)

/* A call that is made once for each page that a loop takes; one that fails ends the loop. */
struct page_call {
	const char *name; /* of the fault point; NULL: the list has ended */
	int error;        /* errno with which the step fails */
	/* That one call fails by itself; NULL: never. */
	double (*probability)(const struct guest *guest);
};

/* Part of the pages of a loop, in guest memory or as shares, counted from the range's beginning. */
struct loop_part {
	int64_t from_bytes, to_bytes; /* to 0: to the end */
	double from_share, to_share;  /* likewise */
};

/*
 * A loop over present guest pages, in address order or from the top down. With
 * `count` but no `range` it is a plain loop of so many units, whose act is the one of
 * PAGE_NONE.
 */
struct page_loop {
	const char *name;
	struct page_range (*range)(const struct guest *guest); /* NULL: a plain loop */
	struct loop_part part;                                 /* of that; zero: all */
	const struct count *count; /* at most so many pages; NULL: the whole range */
	bool descending;
	bool touch;          /* the new guest's own accesses: counted as pages.touched */
	bool interruptible;  /* stops at a batch's end on a fatal signal: fails with EINTR */
	bool yields;         /* a reschedule point after each page ... */
	int64_t yield_bytes; /* ... or only after so much memory; 0: after each page */
	bool frees;          /* gives each page that it handles back to the host's memory */
	const char *fault; /* name under which a handled page's call can be made to fail, or NULL */
	const struct page_call *calls; /* that end the loop when they fail, or NULL */
	int gather; /* term for taking a reference, per page, under `lock`; NO_TERM: none */
	const struct lock_kind *lock; /* held only while a batch is gathered; NULL: none */
	uint32_t batch;               /* pages per batch; 0: one */
	const struct count
		*pace_ns; /* time off the cores between two pages; NULL: a loop on a core */
	const struct page_acts *acts;
};

static inline uint32_t page_loop_batch(const struct page_loop *loop)
{
	return loop->batch ? loop->batch : 1;
}

/* The pages of a loop that has a range. */
struct page_range page_loop_range(const struct page_loop *loop, const struct guest *guest);

/* What the loop does with a page in that state: pages that are gone are passed. */
extern const struct page_act page_gone_act;

static inline const struct page_act *page_act(const struct page_loop *loop, int state)
{
	return state == PAGE_GONE ? &page_gone_act : &loop->acts->of[state];
}

/* The law of what one page pays for a price whose term has the law `term`. */
struct law page_price_law(const struct page_price *price, struct law term,
			  const struct guest *guest);

enum milestone {
	MILESTONE_DONE,          /* what the user waits for: the operation's latency ends here */
	MILESTONE_RECLAIMED,     /* the thread's dead generation is gone: teardown.latency */
	MILESTONE_ALL_RECLAIMED, /* every dead generation that no other thread works for is gone */
};

enum step_kind {
	STEP_END, /* behind the last step of each flow; no table has it */
	STEP_LOCK,
	STEP_READ_LOCK,
	STEP_TRYLOCK,
	STEP_UNLOCK,
	STEP_SPEND,    /* work on a core: term * count */
	STEP_SLEEP,    /* time passes off the cores: term * count */
	STEP_PAUSE,    /* `count` nanoseconds pass off the cores */
	STEP_SERVE,    /* a server works for the thread: term * count */
	STEP_GRACE,    /* SRCU grace periods: term * count, and the readers of now must leave */
	STEP_CORES,    /* work on all cores at once, and nobody else has one: term * count */
	STEP_PAGES,    /* a page loop */
	STEP_ALLOCATE, /* host memory, `count` bytes of a kind */
	STEP_FREE,     /* the same; without a count: all that the guest holds of it */
	STEP_DO,       /* a hook */
	STEP_CALL,
	STEP_SPAWN,
	STEP_JOIN, /* wait until the guest's threads that run a flow have ended */
	STEP_STOP, /* fatal signal to the guest's threads that run a flow; wait until they are gone */
	STEP_DIE,    /* the VM's process exits: the guest is killed */
	STEP_CHANCE, /* fails with the errno by chance */
	STEP_UNLESS, /* jump to the label unless the condition holds */
	STEP_GOTO,
	STEP_LABEL,
	STEP_RECOVER, /* go on another way: forget the errno; counted in `fallbacks` and `failures` */
	STEP_FORGET, /* pretend that all went well: forget the errno */
	STEP_FAIL,   /* set the errno, jump to the label (or return) */
	STEP_MARK,
	STEP_KINDS
};

struct step {
	enum step_kind kind;
	const char *name;  /* printed, and the name of the fault point; NULL: from the operand */
	const char *where; /* function of the kernel, QEMU, guest or firmware */
	const struct lock_kind *lock;
	int term;                  /* NO_TERM: none */
	const struct count *count; /* NULL: once */
	const struct memory_kind *memory;
	const struct page_loop *loop;
	const struct hook *hook;
	const struct condition *condition;
	const struct server_kind *server;
	const struct chance *chance;
	const struct flow *flow;
	enum milestone milestone;
	const char *label; /* target of a jump, or the label's own name */
	int error;         /* errno that a switched-on fault gives; 0: cannot be made to fail */
	bool user;         /* outside the kernel: can be preempted and killed at any point */
	bool yields;       /* a reschedule point after each unit */
	bool stall;        /* time that the guest's vCPUs lose: summed in guest.stall */
};

struct flow {
	const char *name;
	const char *summary;
	const struct step *steps;
	size_t step_count;
};

#define FLOW(name_, summary_, steps_)                                                              \
	{                                                                                          \
		name_, summary_, steps_, sizeof(steps_) / sizeof((steps_)[0])                      \
	}

#define STEP(kind_, ...)                                                                           \
	{                                                                                          \
		.kind = STEP_##kind_, __VA_ARGS__                                                  \
	}

/* Locks. LOCK takes a mutex, or a reader-writer lock for writing. */
#define LOCK(lock_, where_)      STEP(LOCK, .lock = &(lock_), .where = (where_))
#define READ_LOCK(lock_, where_) STEP(READ_LOCK, .lock = &(lock_), .where = (where_))
#define TRYLOCK(lock_, label_, where_)                                                             \
	STEP(TRYLOCK, .lock = &(lock_), .label = (label_), .where = (where_))
#define UNLOCK(lock_, where_) STEP(UNLOCK, .lock = &(lock_), .where = (where_))

/* Work in the kernel (SPEND, without a reschedule point inside) and outside (USER). */
#define SPEND(term_, count_, where_)                                                               \
	STEP(SPEND, .term = (term_), .count = (count_), .where = (where_))
#define SPEND_YIELDING(term_, count_, where_)                                                      \
	STEP(SPEND, .term = (term_), .count = (count_), .yields = true, .where = (where_))
#define SPEND_OR(term_, count_, error_, label_, where_)                                            \
	STEP(SPEND, .term = (term_), .count = (count_), .error = (error_), .label = (label_),      \
	     .where = (where_))
#define USER(term_, count_, where_)                                                                \
	STEP(SPEND, .term = (term_), .count = (count_), .user = true, .where = (where_))
/* What a vCPU's thread does in place of the guest: short exits, a signal ends it between two. */
#define STALL(term_, count_, where_)                                                               \
	STEP(SPEND, .term = (term_), .count = (count_), .user = true, .stall = true,               \
	     .where = (where_))
#define SLEEP(term_, count_, where_)                                                               \
	STEP(SLEEP, .term = (term_), .count = (count_), .user = true, .where = (where_))
#define PAUSE(name_, count_ns_, where_)                                                            \
	STEP(PAUSE, .name = (name_), .count = &(count_ns_), .user = true, .where = (where_))

/* Commands to a server, and grace periods of an SRCU "lock". */
#define SERVE(server_, term_, count_, where_)                                                      \
	STEP(SERVE, .server = &(server_), .term = (term_), .count = (count_), .where = (where_))
#define SERVE_OR(server_, term_, count_, error_, label_, where_)                                   \
	STEP(SERVE, .server = &(server_), .term = (term_), .count = (count_), .error = (error_),   \
	     .label = (label_), .where = (where_))
/* What an IPI or a worker does on every CPU: all threads of the host stand still meanwhile. */
#define ALL_CORES(term_, count_, where_)                                                           \
	STEP(CORES, .term = (term_), .count = (count_), .where = (where_))
#define ALL_CORES_YIELDING(term_, count_, where_)                                                  \
	STEP(CORES, .term = (term_), .count = (count_), .yields = true, .where = (where_))
#define GRACE(lock_, term_, count_, where_)                                                        \
	STEP(GRACE, .lock = &(lock_), .term = (term_), .count = (count_), .where = (where_))

/* A page loop; it goes to the label when a signal or one of its calls ends it. */
#define PAGES(loop_, label_, where_)                                                               \
	STEP(PAGES, .loop = &(loop_), .label = (label_), .where = (where_))

/* Memory of the host. FREE gives so many bytes back, FREE_ALL what is held (perhaps nothing). */
#define ALLOCATE(memory_, bytes_, label_, where_)                                                  \
	STEP(ALLOCATE, .memory = &(memory_), .count = &(bytes_), .error = 12 /* ENOMEM */,         \
	     .label = (label_), .where = (where_))
/* While `notified_` holds an OOM notifier of the kernel answers: no OOM killer, but the label. */
#define ALLOCATE_NOTIFIED(memory_, bytes_, notified_, label_, where_)                              \
	STEP(ALLOCATE, .memory = &(memory_), .count = &(bytes_), .condition = &(notified_),        \
	     .error = 12 /* ENOMEM */, .label = (label_), .where = (where_))
#define FREE(memory_, bytes_, where_)                                                              \
	STEP(FREE, .memory = &(memory_), .count = &(bytes_), .where = (where_))
#define FREE_ALL(memory_, where_) STEP(FREE, .memory = &(memory_), .where = (where_))

/* DO: a hook that cannot fail. TRY: one that may, by itself or by a switched-on fault. */
#define DO(hook_, where_) STEP(DO, .hook = &(hook_), .where = (where_))
#define TRY(hook_, error_, label_, where_)                                                         \
	STEP(DO, .hook = &(hook_), .error = (error_), .label = (label_), .where = (where_))

#define CALL(flow_, where_) STEP(CALL, .flow = &(flow_), .where = (where_))
#define CALL_OR(flow_, label_, where_)                                                             \
	STEP(CALL, .flow = &(flow_), .label = (label_), .where = (where_))
#define SPAWN(flow_, where_) STEP(SPAWN, .flow = &(flow_), .where = (where_))
#define JOIN(flow_, where_)  STEP(JOIN, .flow = &(flow_), .where = (where_))
#define STOP(flow_, where_)  STEP(STOP, .flow = &(flow_), .where = (where_))
#define DIE(where_)          STEP(DIE, .where = (where_))

#define CHANCE(chance_, error_, label_, where_)                                                    \
	STEP(CHANCE, .chance = &(chance_), .error = (error_), .label = (label_), .where = (where_))
#define UNLESS(condition_, label_) STEP(UNLESS, .condition = &(condition_), .label = (label_))
#define GOTO(label_)               STEP(GOTO, .label = (label_))
#define LABEL(label_)              STEP(LABEL, .label = (label_))
#define RECOVER(where_)            STEP(RECOVER, .where = (where_))
#define FORGET(where_)             STEP(FORGET, .where = (where_))
#define FAIL(error_, label_, where_)                                                               \
	STEP(FAIL, .error = (error_), .label = (label_), .where = (where_))
#define MARK(milestone_) STEP(MARK, .milestone = (milestone_))
#endif
