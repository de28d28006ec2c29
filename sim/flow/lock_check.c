#include "flow/lock_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/program.h"
#include "flow/step_kind.h"

enum { HELD_LOCKS_MAX = 64 };

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
	bool visiting[PROGRAM_FLOWS_MAX]; /* flows on the way: recursion is a defect */
	size_t depth;
	uint32_t thread; /* the flow that the thread at hand began with */
	bool *awaits; /* [a * flow_count + b]: a thread of flow a waits for the end of those of b */
};

static void add_edge(struct lock_report *report, const struct lock_kind *from,
		     const struct lock_kind *to, struct finding_place place)
{
	for (size_t i = 0; i < report->edge_count; i++)
		if (report->edges[i].from == from && report->edges[i].to == to)
			return;
	if (report->edge_count < LOCK_EDGES_MAX)
		report->edges[report->edge_count++] = (struct lock_edge){ from, to, place };
}

static void note_taken(struct walk_through *through, const struct held *held,
		       const struct lock_kind *lock, struct finding_place place)
{
	struct lock_report *report = through->report;
	const char *flow = place.flow->name;

	for (size_t i = 0; i < held->count; i++) {
		if (held->locks[i] == lock)
			findings_add(&report->findings, place, "flow %s takes %s twice", flow,
				     lock->name);
		else
			add_edge(report, held->locks[i], lock, place);
	}
	for (size_t i = 0; i < held->count; i++)
		if (held->locks[i]->per_vcpu && held->count + 1 > report->deepest_beside_vcpus)
			report->deepest_beside_vcpus = held->count;
	if (lock->per_vcpu && held->count > report->deepest_beside_vcpus)
		report->deepest_beside_vcpus = held->count;
	if (held->count + 1 > report->deepest) {
		report->deepest = held->count + 1;
		report->deepest_place = place;
	}
	if (held->count + 1 == LOCKDEP_DEPTH_MAX + 1)
		findings_add(&report->findings, place,
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

static struct finding_place here(const struct walk_through *through, const struct paths *paths,
				 const struct state *state)
{
	return (struct finding_place){
		paths->flow,
		state->next -
			through->program->flows[through->program->steps[state->next].flow].first
	};
}

static void flow_returns(struct walk_through *through, struct paths *paths,
			 const struct state *state)
{
	for (size_t i = 0; i < state->held.count; i++) {
		bool at_entry = false;

		for (size_t k = 0; k < paths->entry.count; k++)
			at_entry = at_entry || paths->entry.locks[k] == state->held.locks[i];
		if (!at_entry)
			findings_add(&through->report->findings, here(through, paths, state),
				     "flow %s returns%s with %s held", paths->flow->name,
				     state->failing ? " on an error path" : "",
				     state->held.locks[i]->name);
	}
	if (state->held.count < paths->entry.count)
		findings_add(&through->report->findings, here(through, paths, state),
			     "flow %s releases a lock of its caller", paths->flow->name);
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
				 const struct held *entry, struct finding_place caller);

/* A wait for something that needs a lock is like taking that lock. */
static void note_awaited(struct walk_through *through, const struct held *held,
			 const struct lock_kind *lock, struct finding_place place, const char *what)
{
	for (size_t i = 0; i < held->count; i++) {
		if (held->locks[i] == lock)
			findings_add(&through->report->findings, place,
				     "flow %s waits %s while it holds %s, which that needs",
				     place.flow->name, what, lock->name);
		else
			add_edge(through->report, held->locks[i], lock, place);
	}
}

/* Every lock that a flow takes on its way, its callees' included. */
static void note_locks_of(struct walk_through *through, const struct held *held, uint32_t awaited,
			  uint32_t at, struct finding_place place, bool seen[PROGRAM_FLOWS_MAX])
{
	const struct program_flow *entry = &through->program->flows[at];
	char what[128];

	if (seen[at])
		return;
	seen[at] = true;
	snprintf(what, sizeof(what), "for the end of flow %s",
		 through->program->flows[awaited].flow->name);
	for (uint32_t i = entry->first; i < entry->first + entry->count; i++) {
		const struct program_step *step = &through->program->steps[i];

		if (step->step->kind == STEP_LOCK || step->step->kind == STEP_READ_LOCK)
			note_awaited(through, held, step->step->lock, place, what);
		if (step->step->kind == STEP_PAGES && step->step->loop->lock)
			note_awaited(through, held, step->step->loop->lock, place, what);
		if (step->step->kind == STEP_CALL)
			note_locks_of(through, held, awaited, step->callee, place, seen);
	}
}

/* The threads of flow `from` wait, in the end, for those of flow `to`. */
static bool awaits_in_the_end(const struct walk_through *through, uint32_t from, uint32_t to,
			      bool seen[PROGRAM_FLOWS_MAX])
{
	size_t count = through->program->flow_count;

	seen[from] = true;
	for (uint32_t i = 0; i < count; i++)
		if (through->awaits[from * count + i] &&
		    (i == to || (!seen[i] && awaits_in_the_end(through, i, to, seen))))
			return true;
	return false;
}

static void note_end_awaited(struct walk_through *through, uint32_t awaited,
			     struct finding_place place)
{
	const struct program_flow *flows = through->program->flows;
	bool seen[PROGRAM_FLOWS_MAX] = { false };

	if (awaited == through->thread) /* its like, not itself */
		return;
	through->awaits[through->thread * through->program->flow_count + awaited] = true;
	if (awaits_in_the_end(through, awaited, through->thread, seen))
		findings_add(
			&through->report->findings, place,
			"flow %s waits for the end of flow %s, which waits for that of flow %s",
			place.flow->name, flows[awaited].flow->name,
			flows[through->thread].flow->name);
}

/* Follow one state by one step. */
static bool follow(struct walk_through *through, struct paths *paths, struct state state)
{
	const struct program_step *at = &through->program->steps[state.next];
	const struct step *step = at->step;
	const struct finding_place place = here(through, paths, &state);
	const struct held nothing = { .count = 0 };
	struct outcome outcome = { true, false };

	if (step_may_fail(step) && !take_failure(through, paths, state))
		return false;
	switch (step->kind) {
	case STEP_LOCK:
	case STEP_READ_LOCK:
	case STEP_TRYLOCK:
		note_taken(through, &state.held, step->lock, place);
		push(&state.held, step->lock);
		break;
	case STEP_UNLOCK:
		if (!drop(&state.held, step->lock))
			findings_add(&through->report->findings, place,
				     "flow %s releases %s without holding it", paths->flow->name,
				     step->lock->name);
		break;
	case STEP_PAGES:
		if (step->loop->lock)
			note_taken(through, &state.held, step->loop->lock, place);
		break;
	case STEP_CALL:
		outcome = check_flow(through, at->callee, &state.held, place);
		/* an errno that was set before is still there when the callee returns */
		if ((outcome.fails || state.failing) && !take_failure(through, paths, state))
			return false;
		if (!outcome.returns || state.failing)
			return true;
		break;
	case STEP_GRACE: /* a reader that waits for the lock would never leave */
		note_awaited(through, &state.held, step->lock, place, "for a grace period");
		break;
	case STEP_JOIN:
	case STEP_STOP: {
		bool seen[PROGRAM_FLOWS_MAX] = { false };

		note_end_awaited(through, at->callee, place);
		note_locks_of(through, &state.held, at->callee, at->callee, place, seen);
		break;
	}
	case STEP_SPAWN: {
		uint32_t thread = through->thread;

		through->thread = at->callee;
		check_flow(through, at->callee, &nothing, place);
		through->thread = thread;
		break;
	}
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
				 const struct held *entry, struct finding_place caller)
{
	const struct program_flow *flow = &through->program->flows[index];
	struct paths paths = { .entry = *entry, .flow = flow->flow };
	struct state first = { .next = flow->first, .held = *entry };

	if (through->visiting[index]) {
		findings_add(&through->report->findings, caller, "flow %s calls itself",
			     flow->flow->name);
		return (struct outcome){ true, false };
	}
	if (through->depth == PROGRAM_DEPTH_MAX) {
		findings_add(&through->report->findings, caller,
			     "flow %s would be call number %d inside one another; %d are possible",
			     flow->flow->name, PROGRAM_DEPTH_MAX + 1, PROGRAM_DEPTH_MAX);
		return (struct outcome){ true, false };
	}
	through->depth++;
	through->visiting[index] = true;
	if (add_state(through, &paths, &first))
		for (size_t i = 0; i < paths.count; i++) /* grows while it is walked */
			if (!follow(through, &paths, paths.states[i]))
				break;
	free(paths.states);
	through->visiting[index] = false;
	through->depth--;
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
	through.awaits = memory_array(program.flow_count * program.flow_count,
				      sizeof(*through.awaits), "flows", error);
	if (through.awaits)
		check_flow(&through, 0, &nothing, (struct finding_place){ flow, 0 });
	free(through.awaits);
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
				&report->findings, edge->place,
				"order cycle: flow %s takes %s while it holds %s, and elsewhere it "
				"is the other way round",
				edge->place.flow->name, edge->to->name, edge->from->name);
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
