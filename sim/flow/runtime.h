#ifndef SIM_FLOW_RUNTIME_H
#define SIM_FLOW_RUNTIME_H

/*
 * What is in a running simulation: private to sim/flow and to what drives its guests
 * (flow/population.h). Each file has a header of its own. They stand on each other in this
 * order, and none calls one that comes later (tests/layers/check_circles):
 *
 *   observe thread faults                  what is told; threads, and calls that fail
 *   nodes memory sharing host instance metrics   what is held, shared, counted (metrics_build: what can be)
 *   loop_price loop_range loop_piece       page loops: what pages cost and which are whose,
 *   loop_look loop_share loop              pieces of work, several loops over one guest,
 *                                          and from the first page to the last
 *   request process operation oom          what is asked of guests, and their lives
 *   frames steps_timed steps interpreter   the steps of flows, and threads through them
 *   event_target event_source              what happens to whom, and when
 *   conservation blocked                   whether it adds up; who waits
 *   simulation adopt                       all of it; and of another configuration
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "engine/cpu.h"
#include "engine/engine.h"
#include "engine/level.h"
#include "engine/lock.h"
#include "engine/pool.h"
#include "engine/stream.h"
#include "flow/failures.h"
#include "flow/guest.h"
#include "flow/model.h"
#include "flow/population.h"
#include "flow/program.h"
#include "flow/simulation.h"
#include "flow/spent.h"
#include "flow/step_kind.h"

/* Purposes of random streams beyond the model's terms: term FIRST_TERM is purpose 0. */
enum { PURPOSE_FAULT = TERMS_MAX, PURPOSE_EVENT, PURPOSE_SLICE, PURPOSE_SHARE, PURPOSE_COUNT };

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
	bool asked;                /* by an event; false: the process dies by itself */
	bool by_oom;               /* the OOM killer has made all that share its memory end */
	struct event_source *wave; /* whose turn it is in; NULL: none */
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

/* Parts of an operation: queued, and of each step: */
enum step_part { PART_WORK, PART_WAITING, PART_SLOWED, PARTS_OF_STEP };

static inline size_t part_of_step(size_t step, enum step_part part)
{
	return 1 + PARTS_OF_STEP * step + part;
}

/* What a page loop is busy with. */
enum loop_phase {
	LOOP_IDLE,
	LOOP_FLUID,  /* many pages as one piece of work */
	LOOP_LOCK,   /* waits for the lock that a batch is gathered under */
	LOOP_GATHER, /* holds it */
	LOOP_BATCH,  /* the pages of one batch */
};

/* A page loop in progress. */
struct loop_run {
	const struct page_loop *loop;
	enum loop_phase phase;
	uint64_t cursor;  /* ascending: first page not taken; descending: one above it */
	uint64_t bound;   /* where the loop ends */
	uint64_t limit;   /* pages it may still take */
	uint64_t visited; /* pages taken */
	const struct page_call *failing; /* behind the last of these pages; NULL: none */

	/* The piece of work in progress. */
	uint64_t planned;        /* pages in it; 0: the rest of a page that is taken already */
	struct page_range claim; /* the planned pages: no other loop may plan them */
	int state;               /* of the claimed pages */
	struct law page_law;     /* of one page when it is in hand */
	struct law law;          /* of one page, gathering it included */
	int64_t total_ns;        /* of the piece */
	double left_ns;          /* page by page: what rounding of the pieces so far has left */
	struct ebb ebb;          /* of memory in limbo that it reclaims */
	struct ebb freeing;      /* of memory in use that it gives back */
	int64_t began_ns;
	uint32_t conditions; /* which conditional prices were charged when it was planned */
	uint64_t batch_left; /* LOOP_BATCH: pages until the lock is taken again */
	uint64_t gathered;   /* LOOP_GATHER: pages of the batch that are, or are being gathered */
	int64_t rest_ns;     /* LOOP_GATHER: time of the batch's pages if known already, else -1 */

	/* Pages that it passed as if another loop had done them already: see loop_share.c. */
	struct page_range owed;     /* around all of them */
	bool going_back;            /* to those: nothing is passed on trust any more */
	struct page_range reserved; /* it is on its way to these: no other loop may plan them */

	bool stopping;   /* a fatal signal arrived */
	int64_t work_ns; /* time of the pieces of this step so far */
	struct lock *lock;
	struct lock_request request;
	struct lock_watcher watcher;
	bool watching;
	struct stream stream; /* the last member: it begins by itself */
};

struct frame {
	uint32_t flow, next; /* flow index; index of the step in progress */
};

struct held_lock {
	struct lock_request request;
	struct lock *lock;
	struct thread *thread;
};

struct thread {
	/* What each step looks at comes first: of thousands of threads little stays in the caches. */
	struct cpu_job job;
	struct event event; /* resumes the thread, or ends a sleep */
	struct simulation *simulation;
	struct host *host;
	struct node *node; /* on whose cores it runs */
	struct instance *instance;
	const struct program *program;
	struct operation_run *run;
	bool foreground;    /* its time is the user's until MARK(MILESTONE_DONE) */
	bool accounted;     /* `spent` is kept: the operation, or what it waits for by JOIN */
	bool done;          /* that mark was passed */
	bool signalled;     /* fatal signal pending */
	bool finished;      /* to be given back when its handler returns */
	bool waiting_stop;  /* in a STOP step, until other threads are gone */
	bool looping;       /* in a page loop: it is in its host's list of those */
	bool blocked;       /* a step that takes time is in progress */
	bool grace_readers; /* what a grace period still waits for ... */
	bool grace_delay;
	int pending_error; /* errno with which the step in progress will end */
	int error;         /* errno of the flow in progress */
	uint32_t depth;
	uint32_t held_set;     /* a bit for each of `held` that is in use */
	uint64_t failed_calls; /* of the step in progress */
	int64_t step_began_ns, step_work_ns;
	int64_t step_joined_ns; /* of a JOIN: parts of whom it waited for, in `spent` already */
	int64_t step_slowed_ns; /* on a core without doing work, for what others do */
	int64_t slice_ns;       /* since the last reschedule point */
	double moved_bytes;     /* over the memory bus, since an observer was told of a step */
	int64_t wanted_bytes;   /* it waits for so much of the host's memory; 0: it does not */
	struct spent spent;     /* accounted: by part of the operation, until it is done */
	struct frame frames[PROGRAM_DEPTH_MAX];

	uint32_t number;          /* of creation */
	uint32_t root_flow;       /* flow index the thread was started with */
	uint32_t generation;      /* dead generation it works for; 0: none */
	uint32_t failed;          /* the step that gave `error` ... */
	struct shortage shortage; /* ... and what ran out there */
	struct thread *next;      /* of the instance's threads, or in the free list */
	struct thread **link;     /* what points to it among the instance's threads */
	struct thread *next_looping, *last_looping;
	struct thread *next_short; /* that waits for memory of the same host */
	struct cpu_job service;    /* a SERVE step in progress ... */
	struct cpu *served_by;     /* ... by this server; NULL: none */
	struct lock_request grace; /* the readers that a grace period waits for */
	struct held_lock held[HELD_MAX];
	struct loop_run loop;
};

/* What the guests of one model share on a host. */
struct host_model {
	const struct model *model; /* NULL: another group of this model owns it */
	struct lock *locks;        /* one per lock kind of the model; those of guests are unused */
	struct cpu *servers;       /* one per server kind */
	void *shared;              /* the model's state of the host */
};

/* What threads had of their host, and lost to each other: sums over time. */
struct shared_use {
	double busy_ns;                        /* of cores */
	double waited_ns;                      /* without a core */
	double slowed_ns[HOST_CAPACITIES_MAX]; /* by a capacity */
	double crowded_ns;                     /* by a crowd */
};

/* Cores and memory that are near to each other (flow/nodes.h). */
struct node {
	struct cpu cpu;
	struct pool pools[PAGE_SIZES]; /* of hugepages; [PAGE_4K]: all other memory */
	/*
	 * What guests hold that are at home here, less what loops on these cores have reclaimed
	 * or freed by now: of meaning only when summed over the nodes of a host.
	 */
	struct level limbo, in_use;
	uint32_t threads;       /* that are at home on these cores, whatever they do */
	int64_t lost_before_ns; /* cpu_lost_ns() when observation began */
	int64_t used_peak;      /* of its memory, as if loops in progress had freed nothing yet */
};

struct host {
	uint32_t number;
	struct node *nodes; /* at least one */
	size_t node_count;
	struct cpu all_cores;         /* as a server: of what takes them at once */
	struct host_model *models;    /* by group */
	struct thread *looping;       /* in a page loop, the latest first */
	struct thread *short_of;      /* that wait for its memory, the first one first */
	int64_t oom_until_ns;         /* so long the OOM killer waits for its last victim ... */
	struct shortage oom_shortage; /* ... which it took for this */
	int64_t in_use_bytes;         /* as if loops in progress had freed nothing yet */
	int64_t in_use_peak;
	struct shared_use used_before; /* observation began */
	int64_t background_ns;
	double moved_bytes;        /* over its memory bus, by what prices use of it */
	int64_t written_off_bytes; /* lost by guests of a fleet that are over */
	int64_t accounted_bytes;   /* at the end: those, and what guests hold */
};

/* Accounts of a guest's memory; the model's kinds follow, and those of metadata. */
enum {
	ACCOUNT_PAGES,
	ACCOUNT_LOST,
	ACCOUNT_KINDS,
	ACCOUNT_METADATA = ACCOUNT_KINDS + MEMORY_KINDS_MAX,
	ACCOUNTS_MAX = ACCOUNT_METADATA + METADATA_KINDS_MAX,
};

/* One guest in the run; hooks see its `guest`. */
struct instance {
	struct guest guest;
	struct simulation *simulation;
	struct group *group;
	struct host *host;
	struct node *node;                     /* its own */
	int64_t *on_nodes;                     /* flow/nodes.c; NULL: its host has one node */
	struct host_model *resources;          /* of its model on its host */
	const struct population_ops *listener; /* of its life; NULL: nobody listens */
	uint32_t number;                       /* among those of the replication */
	uint32_t entity;                       /* names its random streams */
	uint32_t member;     /* its number among the group's; of a population, for good */
	uint32_t operations; /* so far */
	struct lock *locks;  /* one per lock kind of the model; host-wide ones are unused */
	struct thread *threads;
	bool in_use;              /* it is a guest of this replication */
	uint32_t processes;       /* so far; the living one, or the last, has this number */
	int64_t process_since_ns; /* when that one began */
	int64_t started_ns;       /* the guest, for the last time */
	bool process;             /* there is one; guest.running: and the guest in it runs */
	bool busy;                /* an operation is in progress */
	bool leaving;             /* and it ends the process ... */
	bool exiting;             /* ... which is in its exit already */
	int64_t oom_until_ns;     /* as of its host, of its control group */
	bool dying;               /* killed; the exit flow has not begun yet */
	struct request death;     /* while dying */
	uint64_t open_requests;   /* that have not ended */
	struct event next;        /* begins the next operation */
	struct request *requests; /* waiting for the operation in progress */
	size_t request_count, request_capacity;
	int64_t held_bytes[ACCOUNTS_MAX]; /* taken from the host's memory; see memory.c */
	int64_t all_bytes;                /* of all accounts */
	int64_t charged_bytes;            /* of all of that, what is not from a pool of hugepages */
	int64_t process_bytes;            /* that its process has taken for pages */
	bool has_metadata;                /* of its process: metadata_kind.of_process */
	int64_t limbo_bytes, limbo_held_bytes; /* held: see memory_taken_over() */
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
	/* By term: its cost is shared with others, and can slow them (flow/sharing.h). */
	bool shares[TERMS_MAX];
	uint8_t users[TERMS_MAX]; /* terms that use capacities */
	size_t user_count;
	size_t first_part[OPERATION_COUNT]; /* queued, then PARTS_OF_STEP for each step */
	size_t first_counter;               /* units charged, by term */
	size_t extra_counters;              /* those of the catalogue */
	struct metric_set metrics;
	size_t *lock_sums;    /* by lock kind of the model: of its waits; its holds are next */
	int64_t *fault_calls; /* by fault: calls so far in the replication */
	size_t first_instance, count;

	/* Of the replication; what instances leave and their locks, of those that are over. */
	uint64_t counts[COUNTERS_OF_GUEST];
	int64_t *lock_wait_ns, *lock_hold_ns; /* by lock kind of the model */
	int64_t *failures;                    /* by step_errnos */
};

struct samples {
	int64_t *values, *times; /* times: of latencies only */
	size_t capacity, times_capacity;
};

/* Where the occurrences of a scenario's event come from: of one instance, or of all at once. */
struct event_source {
	struct event event;
	const struct event_config *config;
	struct simulation *simulation;
	struct instance *instance; /* NULL: all of the group */
	int64_t count;
	uint32_t *targets; /* instance->member, of the last occurrence, unless it is of one */
	size_t target_count, target_capacity;
	size_t next;                                /* of a rolling wave: whose turn comes next */
	size_t under_way;                           /* whose requests have not ended */
	bool wave;                                  /* there is one whose end is to be noted, */
	int64_t wave_began_ns;                      /* which began then */
	size_t turns;                               /* that are to be given */
	bool in_turns;                              /* giving them */
	void (*turn_over)(struct event_source *by); /* a request of its wave has ended */
};

/* Who is called back by events and cores: files that come later (see above) than their callers. */
struct handlers {
	event_handler *thread_event, *instance_next;
	cpu_done *thread_computed, *thread_served;
};

struct simulation {
	const struct simulation_config *config;
	struct engine engine;
	struct host *hosts;
	size_t host_count;
	const struct handlers *handlers;
	void *population;      /* its driver's; NULL: guests are there from the start */
	int64_t portion_bytes; /* memory that loops free is given back in portions, at most */
	uint32_t replication;
	bool random;
	uint32_t can_bind;  /* a bit for each capacity that can slow somebody: flow/sharing.h */
	size_t tail_metric; /* SIZE_MAX: none */
	int64_t tail_from;
	struct event warm_up_over;
	const struct observer *observer; /* or NULL */
	bool releasing;                  /* a lock, at this moment */

	struct group *groups;
	struct instance *instances;
	size_t instance_count;
	struct event_source *sources;
	size_t source_count;

	struct thread **all_threads;
	size_t thread_count, thread_capacity;
	struct thread *free_threads;
	struct operation_run *free_runs;
	struct operation_run **all_runs;
	size_t run_count, run_capacity;

	int64_t limbo_bytes, limbo_peak_bytes; /* of all hosts; bytes: as in struct level */
	int64_t limbo_held_bytes, limbo_held_peak_bytes;
	struct instance *growing; /* whose part of it, at this moment; NULL: nobody's */

	struct metric *metrics;
	struct samples *samples;
	size_t metric_count, metric_capacity, sample_capacity;
	struct metric_set host_metrics;
	int64_t *lock_sums; /* of locks by their names: waits, holds */
	size_t lock_sum_count;
	int64_t capacity_used[HOST_CAPACITIES_MAX], capacity_slowed[HOST_CAPACITIES_MAX];
	struct part *parts;
	size_t part_count, part_capacity;
	size_t *spent_parts; /* that took time in the replication, in no order */
	size_t spent_count, spent_capacity;
	struct failures failures; /* of the replication */
	struct counter *counters;
	size_t counter_count, counter_capacity;
	struct memory_keeper names; /* texts that metrics and counters borrow */
};

static inline struct thread *loop_thread(const struct loop_run *run)
{
	return (struct thread *)((char *)(uintptr_t)run - offsetof(struct thread, loop));
}

/* What drives guests that come and go; NULL: nothing does. */
static inline const struct population_ops *population_ops(const struct simulation *simulation)
{
	const struct population *population = simulation->config->population;

	return population ? population->ops : NULL;
}

#endif
