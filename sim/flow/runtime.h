#ifndef SIM_FLOW_RUNTIME_H
#define SIM_FLOW_RUNTIME_H

/*
 * The inside of a running simulation; private to sim/flow. simulation.c builds it,
 * thread.c moves threads through their flows, walk.c runs page loops; books.h
 * keeps the books.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "engine/cpu.h"
#include "engine/engine.h"
#include "engine/lock.h"
#include "engine/pool.h"
#include "engine/stream.h"
#include "flow/guest.h"
#include "flow/model.h"
#include "flow/program.h"
#include "flow/simulation.h"
#include "flow/step_kind.h"

/* Purposes of random streams beyond the model's terms: term FIRST_TERM is purpose 0. */
enum { PURPOSE_FAULT = TERMS_MAX, PURPOSE_ARRIVAL, PURPOSE_SLICE, PURPOSE_COUNT };

enum { HELD_MAX = 8 };

static inline uint32_t term_purpose(int term)
{
	return (uint32_t)(term - FIRST_TERM);
}

struct simulation;
struct group;
struct instance;
struct thread;

struct request {
	enum operation operation;
	int64_t at_ns;
	bool asked;           /* by an event; false: the process dies by itself */
	struct arrival *wave; /* whose turn it is in; NULL: none */
};

/* One operation under way: shared by the threads that work for it. */
struct operation_run {
	struct request request;
	uint32_t occurrence; /* n-th operation of the guest: names its random streams */
	uint32_t process;    /* the n-th process of the guest, which it is for */
	bool made;           /* it has changed something that an exit must undo */
	uint32_t threads;    /* that hold a reference */
	uint16_t uses[PURPOSE_COUNT];
	struct operation_run *next; /* in the free list */
};

/* What a page loop is busy with. */
enum walk_phase {
	WALK_IDLE,
	WALK_FLUID,  /* many pages as one piece of work */
	WALK_LOCK,   /* waits for the lock that a batch is gathered under */
	WALK_GATHER, /* holds it */
	WALK_BATCH,  /* the pages of one batch */
};

struct walk {
	const struct page_loop *loop;
	enum walk_phase phase;
	uint64_t cursor;  /* ascending: first page not taken; descending: one above it */
	uint64_t bound;   /* where the loop ends */
	uint64_t limit;   /* pages it may still take */
	uint64_t visited; /* pages taken */
	const struct page_call *failing; /* behind the last of these pages; NULL: none */

	/* The piece of work in progress. */
	uint64_t planned;        /* pages in it; 0: the rest of a page that is taken already */
	struct page_range claim; /* the planned pages: no other loop may plan them */
	int state;               /* of the claimed pages */
	struct law law;          /* of one page */
	int64_t total_ns;        /* of the piece */
	int64_t began_ns;
	uint32_t conditions; /* which conditional prices were charged when it was planned */
	uint64_t batch_left; /* WALK_BATCH: pages until the lock is taken again */
	int64_t rest_ns;     /* WALK_GATHER: time of the batch's pages if known already, else -1 */

	/* Pages that it passed as if another loop had done them already: see walk_share.c. */
	struct page_range owed;     /* around all of them */
	bool going_back;            /* to those: nothing is passed on trust any more */
	struct page_range reserved; /* it is on its way to these: no other loop may plan them */

	bool stopping;   /* a fatal signal arrived */
	int64_t work_ns; /* time of the pieces of this step so far */
	struct stream stream;
	struct lock *lock;
	struct lock_request request;
	struct lock_watcher watcher;
	bool watching;
};

struct frame {
	uint32_t flow, next; /* flow index; index of the step in progress */
};

struct held_lock {
	struct lock_request request;
	struct lock *lock; /* NULL: unused */
	struct thread *thread;
};

struct thread {
	uint32_t number; /* of creation */
	struct simulation *simulation;
	struct host *host; /* on whose cores it runs, for good */
	struct instance *instance;
	const struct program *program;
	struct operation_run *run;
	struct frame frames[PROGRAM_DEPTH_MAX];
	uint32_t depth;
	uint32_t root_flow;  /* flow index the thread was started with */
	int error;           /* errno of the flow in progress */
	bool foreground;     /* its time is the user's until MARK(MILESTONE_DONE) */
	bool done;           /* that mark was passed */
	bool signalled;      /* fatal signal pending */
	bool finished;       /* to be given back when its handler returns */
	bool waiting_stop;   /* in a STOP step, until other threads are gone */
	uint32_t generation; /* dead generation it works for; 0: none */
	size_t walker;       /* its place among the walkers, from 1; 0: in no loop */

	bool blocked;          /* a step that takes time is in progress */
	int pending_error;     /* errno with which the step in progress will end */
	uint64_t failed_calls; /* of the step in progress */

	struct cpu_job job;
	struct cpu_job service;          /* a SERVE step in progress ... */
	struct cpu *served_by;           /* ... by this server; NULL: none */
	struct lock_request grace;       /* the readers that a grace period waits for */
	bool grace_readers, grace_delay; /* what it still waits for */
	struct event event;              /* resumes the thread, or ends a sleep */
	struct held_lock held[HELD_MAX];
	struct walk walk;

	int64_t step_began_ns, step_work_ns;
	int64_t slice_ns; /* since the last reschedule point */
	int64_t *spent;   /* foreground: ns by part of the operation, until it is done */
	size_t spent_capacity;
	struct thread *next; /* of the instance's threads, or in the free list */
};

/* A quantity over time: its peak and its integral. */
struct level {
	int64_t value, peak, updated_ns;
	double integral; /* value * ns */
};

/* What the guests of one model share on a host. */
struct host_model {
	const struct model *model; /* NULL: another group of this model owns it */
	struct lock *locks;        /* one per lock kind of the model; those of guests are unused */
	struct cpu *servers;       /* one per server kind */
	void *shared;              /* the model's state of the host */
};

struct host {
	uint32_t number;
	struct cpu cpu;
	struct pool memory;
	struct host_model *models; /* by group */
	struct thread *free_threads;
	int64_t limbo_bytes, limbo_peak_bytes;
	int64_t background_ns;
	int64_t written_off_bytes; /* lost by guests of a fleet that are over */
};

struct vm;

/* Accounts of a guest's memory; the model's kinds follow. */
enum {
	ACCOUNT_PAGES,
	ACCOUNT_LOST,
	ACCOUNT_KINDS,
	ACCOUNTS_MAX = ACCOUNT_KINDS + MEMORY_KINDS_MAX,
};

/* One guest in the run; hooks see its `guest`. */
struct instance {
	struct guest guest;
	struct simulation *simulation;
	struct group *group;
	struct host *host;
	struct host_model *resources; /* of its model on its host */
	struct vm *vm;                /* of a fleet, that it is at present; NULL: none */
	uint32_t entity;              /* names its random streams */
	uint32_t operations;          /* so far */
	struct lock *locks; /* one per lock kind of the model; host-wide ones are unused */
	struct thread *threads;
	bool in_use;              /* it is a guest of this replication */
	uint32_t processes;       /* so far; the living one, or the last, has this number */
	bool process;             /* there is one; guest.running: and the guest in it runs */
	bool busy;                /* an operation is in progress */
	bool dying;               /* killed; the exit flow has not begun yet */
	struct request death;     /* while dying */
	uint64_t open_requests;   /* that have not ended */
	struct event next;        /* begins the next operation */
	struct request *requests; /* waiting for the operation in progress */
	size_t request_count, request_capacity;
	int64_t held_bytes[ACCOUNTS_MAX]; /* taken from the host's memory; see memory.c */
	int64_t limbo_bytes;
	uint64_t dead_pages,
		dead_pages_taken; /* of dead generations: all, and those that loops took */
};

/* Metrics of a group or of the host, by enum metric_id. */
struct metric_set {
	size_t index[METRIC_KINDS];  /* among the simulation's; SIZE_MAX: there is none */
	int64_t total[METRIC_KINDS]; /* of the replication: its observation, but of latencies */
};

struct group {
	struct simulation *simulation;
	const struct guest_config *config;
	struct program programs[OPERATION_COUNT];
	bool offers[OPERATION_COUNT];
	size_t first_part[OPERATION_COUNT]; /* queued, then two for each step: at work, waiting */
	size_t first_counter;               /* units charged, by term */
	size_t extra_counters;              /* those of the catalogue */
	struct metric_set metrics;
	size_t first_failure; /* metric of step_errnos[0]; the rest follow */
	size_t *lock_metrics; /* by lock kind of the model: of its waits; its holds are next */
	int64_t *fault_calls; /* by fault: calls so far in the replication */
	size_t first_instance, count;

	/* Of the replication; what instances leave and their locks, of those that are over. */
	uint64_t counts[COUNTERS_OF_GUEST];
	int64_t *lock_wait_ns, *lock_hold_ns; /* by lock kind of the model */
	uint64_t *failures;                   /* by step_errnos */
};

struct samples {
	int64_t *values, *times; /* times: of latencies only */
	size_t capacity, times_capacity;
};

/* One occurrence stream of a happening: of one instance, or of all at once. */
struct arrival {
	struct event event;
	const struct happening *happening;
	struct simulation *simulation;
	struct instance *instance; /* NULL: all of the group */
	int64_t count;
	size_t next;   /* of a rolling wave: the instance whose turn comes next */
	size_t turns;  /* that are to be given */
	bool in_turns; /* giving them */
};

struct simulation {
	const struct simulation_config *config;
	struct engine engine;
	struct host *hosts;
	size_t host_count;
	struct fleet *fleet; /* or NULL */
	uint32_t replication;
	bool random;
	size_t tail_metric; /* SIZE_MAX: none */
	int64_t tail_from;
	struct event warm_up_over;
	const struct observer *observer; /* or NULL */
	bool releasing;                  /* a lock, at this moment */

	struct group *groups;
	struct instance *instances;
	size_t instance_count;
	struct arrival *arrivals;
	size_t arrival_count;

	struct thread **all_threads;
	size_t thread_count, thread_capacity;
	struct thread **walkers; /* in a page loop; room for all threads */
	size_t walker_count, walker_capacity;
	struct operation_run *free_runs;
	struct operation_run **all_runs;
	size_t run_count, run_capacity;

	struct level limbo;
	struct instance *growing; /* whose part of it, at this moment; NULL: nobody's */

	struct metric *metrics;
	struct samples *samples;
	size_t metric_count, metric_capacity;
	struct metric_set host_metrics;
	size_t first_lock, last_lock; /* metrics of locks */
	int64_t *lock_sums;
	struct part *parts;
	size_t part_count, part_capacity;
	struct counter *counters;
	size_t counter_count, counter_capacity;
	struct memory_keeper names; /* texts that metrics and counters borrow */
};

/* --- thread.c --- */
struct thread *thread_start(struct instance *instance, struct operation_run *run,
			    const struct program *program, uint32_t flow, bool foreground);
void thread_resume(struct thread *thread);      /* at once, from an event handler */
void thread_resume_soon(struct thread *thread); /* by an event at this instant */
void thread_signal(struct thread *thread);      /* fatal signal */
bool thread_stream(struct thread *thread, uint32_t purpose, struct stream *stream);
/* Do `calls` calls of a fault point meet a switched-on fault? `own`: stream to draw from, or NULL. */
bool thread_fault(struct thread *thread, const char *name, uint64_t calls, struct stream *own,
		  uint64_t *failed);
/* How many of at most `calls` calls succeed before the first that fails, by chance or by a fault. */
uint64_t thread_calls_before_fault(struct thread *thread, const struct page_call *call,
				   uint64_t calls, struct stream *own);
void thread_count_calls(struct thread *thread, const char *name, uint64_t calls);
void thread_step_done(struct thread *thread); /* the blocking step in progress has ended */
struct program_step *thread_step(const struct thread *thread); /* the step in progress */
void step_next(struct thread *thread);
void step_failed(struct thread *thread, int error); /* on to its label, or out of the flow */
void flow_return(struct thread *thread);            /* to the caller's CALL, or the thread's end */
event_handler thread_event;
cpu_done thread_cpu_done;
cpu_done thread_served;
lock_granted thread_lock_granted, thread_grace_over;
bool thread_holds_locks(const struct thread *thread);
struct lock *instance_lock(struct instance *instance, const struct lock_kind *kind);
void slice_add(struct thread *thread, int64_t work_ns);
void slice_end(struct thread *thread);

/* A defect of a model or of the engine, with the guest, flow and step at which it showed. */
void thread_fail(struct thread *thread, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* --- memory.c --- */
int64_t memory_held(const struct instance *instance);
/* Of that: what dead generations hold, and what is lost for ever. */
uint64_t memory_lingering_pages(const struct guest *guest); /* of dead generations */
int64_t memory_of_the_dead(const struct instance *instance);
int64_t memory_needed(const struct guest *guest); /* by a guest in the state of model->begin */
bool memory_begin(struct instance *instance);     /* false: the host has not enough */
bool memory_take(struct thread *thread, const struct memory_kind *kind, int64_t bytes);
void memory_give(struct thread *thread, const struct memory_kind *kind, int64_t bytes);
void memory_give_all(struct thread *thread, const struct memory_kind *kind);
void memory_settle_lost(struct instance *instance); /* after guest.lost_pages has changed */

/* --- steps.c --- */
bool step_begin(struct thread *thread); /* true: the thread is blocked in it */

/* --- host.c --- */
bool hosts_build(struct simulation *simulation, struct error *error);
void hosts_fini(struct simulation *simulation);
void hosts_reset(struct simulation *simulation);
void instance_settle_on(struct instance *instance, struct host *host);

/* --- observe.c --- */
void observe_step(const struct thread *thread, int64_t elapsed_ns, int64_t waited_ns);
void observe_woken(const struct thread *waiter); /* it has got the lock that it waited for */
void observe_queued(const struct thread *thread, int64_t since_ns);
void observe_spawned(const struct thread *by, const struct thread *thread);
void observe_limbo(const struct simulation *simulation, int64_t change_bytes);
void observe_ramp(const struct simulation *simulation, int64_t since_ns, int64_t bytes);
/* lock_release, told to the observer. */
void release_lock(struct thread *thread, const struct lock_kind *kind, struct lock *lock,
		  struct lock_request *request);

/* --- fleet.c --- */
bool fleet_build(struct simulation *simulation, struct error *error);
void fleet_fini(struct simulation *simulation);
void fleet_reset(struct simulation *simulation);
void fleet_started(struct instance *instance); /* the guest runs */
void fleet_down(struct instance *instance);    /* the guest is gone; memory may linger */
void fleet_idle(struct instance *instance);    /* nothing works for the guest any more */
void fleet_memory_back(struct instance *instance, int64_t bytes);
uint64_t fleet_chunk_pages(
	const struct instance *instance); /* a loop frees at most so many at once */
void fleet_finish(struct simulation *simulation);
bool fleet_build_metrics(struct simulation *simulation, struct error *error);

/* --- conservation.c --- */
/* At the end of a replication; false: the engine's error says what does not add up. */
bool conservation_holds(struct simulation *simulation);
/* All guests, one after another, those of a fleet included; NULL behind the last. */
struct instance *simulation_instance(const struct simulation *simulation, size_t index);

/* --- simulation.c --- */
void wave_turn(struct arrival *arrival); /* of a rolling wave: the next guest's turn */
bool instance_init(struct simulation *simulation, struct group *group, struct instance *instance,
		   struct error *error);
void instance_fini(struct instance *instance);
bool instance_begin(struct instance *instance, bool running, struct error *error);

/* --- walk.c --- */
bool walk_begin(struct thread *thread, const struct page_loop *loop); /* false: no pages, done */
void walk_piece_done(struct thread *thread);                          /* its piece of work ended */
void walk_lock_granted(struct thread *thread);
void walk_signal(struct thread *thread);
void walk_recheck(struct instance *instance); /* prices or pages may have changed */
void walk_settle_freed(struct simulation *simulation,
		       const struct host *host);       /* give back what loops have freed by now */
void walk_settle_limbo(struct simulation *simulation); /* count what loops have reclaimed by now */
void walk_settle_end(struct simulation *simulation);   /* nothing goes on after it */
void walk_init(struct thread *thread);
void walk_over(struct thread *thread); /* it is in no loop any more */

/* --- walk_piece.c, for walk.c and walk_share.c --- */
bool walk_exact(const struct walk *walk);
uint64_t walk_pages_left(const struct walk *walk);
struct law walk_term_law(const struct walk *walk, int term);
struct law walk_page_law(const struct walk *walk, int state, uint32_t *conditions);
double walk_page_ns(const struct walk *walk, int state); /* mean at the present speed */
double walk_gather_ns(const struct walk *walk);          /* mean of gathering one page */
void walk_start_work(struct walk *walk, int64_t total_ns);
void walk_start_piece(struct walk *walk, uint64_t most, int64_t total_ns);
int64_t walk_work_done(const struct walk *walk);
struct law_place walk_cut_here(struct walk *walk);
void walk_cut(struct walk *walk);
bool walk_shorten(struct walk *walk, uint64_t pages);
void walk_commit(struct walk *walk, uint64_t pages);
void walk_account_slice(struct walk *walk, uint64_t pages, int64_t work_ns);

/* --- walk_share.c --- */
struct page_range walk_choose(struct walk *walk, int *state);
bool walk_claim_holds(const struct walk *walk); /* the claimed pages are still in that state */
bool walk_go_back(struct walk *walk); /* to pages it owes that nobody does; false: there are none */

/* --- walk_look.c --- */
/* Loops that only look at pages which another has just claimed, look again. */
void walk_pages_claimed(const struct walk *by);

static inline struct thread *walk_thread(const struct walk *walk)
{
	return (struct thread *)((char *)(uintptr_t)walk - offsetof(struct thread, walk));
}

/* --- operation.c --- */
/* An event asks for it. `coalesce`: not again while the same waits already. */
void instance_request(struct instance *instance, enum operation operation, struct arrival *wave,
		      bool coalesce);
void instance_die(struct instance *instance); /* the process exits by itself */
event_handler instance_next;
void instance_thread_ended(struct instance *instance, struct thread *thread);
/* A thread of the living process, and not one that takes an earlier one apart. */
bool is_of_process(const struct thread *thread);
void operation_done(struct thread *thread); /* MARK(MILESTONE_DONE) */
void operation_reclaimed(struct thread *thread, bool all);
void operation_release(struct simulation *simulation, struct operation_run *run);

#endif
