#include "flow/lock_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/program.h"
#include "flow/step_kind.h"

enum { HELD_LOCKS_MAX = 64, FLOWS_MAX = 256 };

struct held {
	const struct lock_kind *locks[HELD_LOCKS_MAX];
	size_t count;
};

/* A point on some path: the next step, what is held, and whether an errno is set. */
struct state {
	uint32_t next;
	bool failing;
	struct held held;
};

struct walk_through {
	const struct program *program;
	struct lock_report *report;
	struct error *error;
	bool visiting[FLOWS_MAX]; /* flows on the way: recursion is a defect */
};

static void add_edge(struct lock_report *report, const struct lock_kind *from,
		     const struct lock_kind *to, const char *flow)
{
	for (size_t i = 0; i < report->edge_count; i++)
		if (report->edges[i].from == from && report->edges[i].to == to)
			return;
	if (report->edge_count < LOCK_EDGES_MAX)
		report->edges[report->edge_count++] = (struct lock_edge){ from, to, flow };
}

static void note_taken(struct walk_through *through, const struct held *held,
		       const struct lock_kind *lock, const char *flow)
{
	struct lock_report *report = through->report;

	for (size_t i = 0; i < held->count; i++) {
		if (held->locks[i] == lock)
			findings_add(&report->findings, "flow %s takes %s twice", flow, lock->name);
		else
			add_edge(report, held->locks[i], lock, flow);
	}
	for (size_t i = 0; i < held->count; i++)
		if (held->locks[i]->per_vcpu && held->count + 1 > report->deepest_beside_vcpus)
			report->deepest_beside_vcpus = held->count;
	if (lock->per_vcpu && held->count > report->deepest_beside_vcpus)
		report->deepest_beside_vcpus = held->count;
	if (held->count + 1 > report->deepest) {
		report->deepest = held->count + 1;
		report->deepest_flow = flow;
	}
	if (held->count + 1 == LOCKDEP_DEPTH_MAX + 1)
		findings_add(&report->findings,
			     "flow %s holds %d locks at once; lockdep follows %d", flow,
			     LOCKDEP_DEPTH_MAX + 1, LOCKDEP_DEPTH_MAX);
}

static void push(struct held *held, const struct lock_kind *lock)
{
	if (held->count < HELD_LOCKS_MAX)
		held->locks[held->count++] = lock;
}

static bool drop(struct held *held, const struct lock_kind *lock)
{
	for (size_t i = held->count; i-- > 0;) {
		if (held->locks[i] != lock)
			continue;
		memmove(&held->locks[i], &held->locks[i + 1],
			(held->count - i - 1) * sizeof(held->locks[0]));
		held->count--;
		return true;
	}
	return false;
}

static bool same_state(const struct state *a, const struct state *b)
{
	return a->next == b->next && a->failing == b->failing && a->held.count == b->held.count &&
	       memcmp(a->held.locks, b->held.locks, a->held.count * sizeof(a->held.locks[0])) == 0;
}

struct outcome {
	bool returns, fails; /* some path returns without, with an errno */
};

struct paths {
	struct state *states;
	size_t count, capacity;
	struct held entry;
	const struct flow *flow;
	struct outcome outcome;
};

static bool add_state(struct walk_through *through, struct paths *paths, const struct state *state)
{
	for (size_t i = 0; i < paths->count; i++)
		if (same_state(&paths->states[i], state))
			return true;
	if (!memory_grow(&paths->states, &paths->capacity, paths->count + 1, sizeof(*paths->states),
			 "paths", through->error))
		return false;
	paths->states[paths->count++] = *state;
	return true;
}

static void flow_returns(struct walk_through *through, struct paths *paths,
			 const struct state *state)
{
	for (size_t i = 0; i < state->held.count; i++) {
		bool at_entry = false;

		for (size_t k = 0; k < paths->entry.count; k++)
			at_entry = at_entry || paths->entry.locks[k] == state->held.locks[i];
		if (!at_entry)
			findings_add(&through->report->findings, "flow %s returns%s with %s held",
				     paths->flow->name, state->failing ? " on an error path" : "",
				     state->held.locks[i]->name);
	}
	if (state->held.count < paths->entry.count)
		findings_add(&through->report->findings, "flow %s releases a lock of its caller",
			     paths->flow->name);
	if (state->failing)
		paths->outcome.fails = true;
	else
		paths->outcome.returns = true;
}

/* The step fails here: on to its label, or out of the flow. */
static bool take_failure(struct walk_through *through, struct paths *paths, struct state state)
{
	uint32_t jump = through->program->steps[state.next].jump;

	state.failing = true;
	if (jump == PROGRAM_RETURN) {
		flow_returns(through, paths, &state);
		return true;
	}
	state.next = jump;
	return add_state(through, paths, &state);
}

static struct outcome check_flow(struct walk_through *through, uint32_t index,
				 const struct held *entry);

/* A wait for something that needs a lock is like taking that lock. */
static void note_awaited(struct walk_through *through, const struct held *held,
			 const struct lock_kind *lock, const char *flow, const char *what)
{
	for (size_t i = 0; i < held->count; i++) {
		if (held->locks[i] == lock)
			findings_add(&through->report->findings,
				     "flow %s waits %s while it holds %s, which that needs", flow,
				     what, lock->name);
		else
			add_edge(through->report, held->locks[i], lock, flow);
	}
}

/* Every lock that a flow takes on its way, its callees' included. */
static void note_locks_of(struct walk_through *through, const struct held *held, uint32_t awaited,
			  uint32_t at, const char *flow, bool seen[FLOWS_MAX])
{
	const struct program_flow *entry = &through->program->flows[at];
	char what[128];

	if (at >= FLOWS_MAX || seen[at])
		return;
	seen[at] = true;
	snprintf(what, sizeof(what), "for the end of flow %s",
		 through->program->flows[awaited].flow->name);
	for (uint32_t i = entry->first; i < entry->first + entry->count; i++) {
		const struct program_step *step = &through->program->steps[i];

		if (step->step->kind == STEP_LOCK || step->step->kind == STEP_READ_LOCK)
			note_awaited(through, held, step->step->lock, flow, what);
		if (step->step->kind == STEP_PAGES && step->step->loop->lock)
			note_awaited(through, held, step->step->loop->lock, flow, what);
		if (step->step->kind == STEP_CALL)
			note_locks_of(through, held, awaited, step->callee, flow, seen);
	}
}

/* Follow one state by one step. */
static bool follow(struct walk_through *through, struct paths *paths, struct state state)
{
	const struct program_step *at = &through->program->steps[state.next];
	const struct step *step = at->step;
	const struct held nothing = { .count = 0 };
	struct outcome outcome = { true, false };

	if (step_may_fail(step) && !take_failure(through, paths, state))
		return false;
	switch (step->kind) {
	case STEP_LOCK:
	case STEP_READ_LOCK:
	case STEP_TRYLOCK:
		note_taken(through, &state.held, step->lock, paths->flow->name);
		push(&state.held, step->lock);
		break;
	case STEP_UNLOCK:
		if (!drop(&state.held, step->lock))
			findings_add(&through->report->findings,
				     "flow %s releases %s without holding it", paths->flow->name,
				     step->lock->name);
		break;
	case STEP_PAGES:
		if (step->loop->lock)
			note_taken(through, &state.held, step->loop->lock, paths->flow->name);
		break;
	case STEP_CALL:
		outcome = check_flow(through, at->callee, &state.held);
		/* an errno that was set before is still there when the callee returns */
		if ((outcome.fails || state.failing) && !take_failure(through, paths, state))
			return false;
		if (!outcome.returns || state.failing)
			return true;
		break;
	case STEP_GRACE: /* a reader that waits for the lock would never leave */
		note_awaited(through, &state.held, step->lock, paths->flow->name,
			     "for a grace period");
		break;
	case STEP_JOIN:
	case STEP_STOP: {
		bool seen[FLOWS_MAX] = { false };

		note_locks_of(through, &state.held, at->callee, at->callee, paths->flow->name,
			      seen);
		break;
	}
	case STEP_SPAWN:
		check_flow(through, at->callee, &nothing);
		break;
	case STEP_UNLESS: {
		struct state other = state;

		other.next = at->jump;
		if (!add_state(through, paths, &other))
			return false;
		break;
	}
	case STEP_GOTO:
		state.next = at->jump;
		return add_state(through, paths, &state);
	case STEP_RECOVER:
	case STEP_FORGET:
		state.failing = false;
		break;
	case STEP_FAIL:
		return take_failure(through, paths, state);
	case STEP_END:
		flow_returns(through, paths, &state);
		return true;
	default:
		break;
	}
	state.next++;
	return add_state(through, paths, &state);
}

static struct outcome check_flow(struct walk_through *through, uint32_t index,
				 const struct held *entry)
{
	const struct program_flow *flow = &through->program->flows[index];
	struct paths paths = { .entry = *entry, .flow = flow->flow };
	struct state first = { .next = flow->first, .held = *entry };

	if (index >= sizeof(through->visiting) || through->visiting[index]) {
		findings_add(&through->report->findings, "flow %s calls itself", flow->flow->name);
		return (struct outcome){ true, false };
	}
	through->visiting[index] = true;
	if (add_state(through, &paths, &first))
		for (size_t i = 0; i < paths.count; i++) /* grows while it is walked */
			if (!follow(through, &paths, paths.states[i]))
				break;
	free(paths.states);
	through->visiting[index] = false;
	return paths.outcome;
}

bool lock_check_flow(const struct model *model, const struct flow *flow, struct lock_report *report,
		     struct error *error)
{
	const struct held nothing = { .count = 0 };
	struct program program;
	struct walk_through through = { .program = &program, .report = report, .error = error };

	if (!program_build(&program, model, flow, error))
		return false;
	check_flow(&through, 0, &nothing);
	program_fini(&program);
	return error->kind == ERROR_NONE;
}

static bool reaches(const struct lock_report *report, const struct lock_kind *from,
		    const struct lock_kind *to, bool used[LOCK_EDGES_MAX])
{
	for (size_t i = 0; i < report->edge_count; i++) {
		if (report->edges[i].from != from || used[i])
			continue;
		used[i] = true;
		if (report->edges[i].to == to || reaches(report, report->edges[i].to, to, used))
			return true;
	}
	return false;
}

void lock_check_order(struct lock_report *report)
{
	for (size_t i = 0; i < report->edge_count; i++) {
		const struct lock_edge *edge = &report->edges[i];
		bool used[LOCK_EDGES_MAX] = { false };

		if (reaches(report, edge->to, edge->from, used))
			findings_add(
				&report->findings,
				"order cycle: flow %s takes %s while it holds %s, and elsewhere it "
				"is the other way round",
				edge->flow, edge->to->name, edge->from->name);
	}
}

bool lock_check_model(const struct model *model, struct lock_report *report, struct error *error)
{
	*report = (struct lock_report){ 0 };
	for (size_t s = 0; s < model->strategy_count; s++)
		for (int i = 0; i < OPERATION_COUNT; i++)
			if (model->strategies[s].flows[i] &&
			    !lock_check_flow(model, model->strategies[s].flows[i], report, error))
				return false;
	lock_check_order(report);
	return true;
}
