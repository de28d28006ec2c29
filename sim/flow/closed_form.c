#include "flow/closed_form.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/guest.h"
#include "flow/model.h"
#include "flow/program.h"

enum { LINES_MAX = 8, DEPTH_MAX = 16 };

/* One thread, as a sum of steps: everything before `clock_ns` is added up. */
struct line {
	bool alive;
	uint32_t root;
	uint32_t flow_of[DEPTH_MAX], next[DEPTH_MAX];
	uint32_t depth;
	int error;
	uint32_t generation;
	int64_t clock_ns;

	/* A page loop in progress: the piece [clock_ns, clock_ns + total_ns) of `pages` pages. */
	const struct page_loop *loop;
	uint64_t cursor, bound, limit, visited, pages;
	int state;
	int64_t total_ns;
};

struct sum {
	const struct simulation_config *config;
	const struct guest_config *guest_config;
	struct program program;
	struct guest guest;
	struct line lines[LINES_MAX]; /* [0] is the foreground */
	bool done;
	int64_t held_bytes[1 + MEMORY_KINDS_MAX]; /* pages, then the model's kinds */
	struct closed_form *result;
	struct error *error;
};

static struct law law_of(const struct sum *sum, int term)
{
	return sum->guest_config->costs[term].law;
}

static struct law page_law(const struct sum *sum, const struct page_loop *loop, int state)
{
	const struct page_act *act = page_act(loop, state);
	struct law law = { 0 };

	for (int i = 0; act->prices[i].term != NO_TERM; i++)
		if (!act->prices[i].when || act->prices[i].when->holds(&sum->guest))
			law = law_add(law, page_price_law(&act->prices[i],
							  law_of(sum, act->prices[i].term),
							  &sum->guest));
	if (loop->gather != NO_TERM)
		law = law_add(law, law_of(sum, loop->gather));
	return law;
}

static const struct program_step *step_of(const struct sum *sum, const struct line *line)
{
	return &sum->program.steps[line->next[line->depth - 1]];
}

static void start_line(struct sum *sum, uint32_t flow, int64_t at_ns)
{
	for (int i = 0; i < LINES_MAX; i++) {
		struct line *line = &sum->lines[i];

		if (line->alive)
			continue;
		*line = (struct line){ .alive = true, .root = flow, .depth = 1, .clock_ns = at_ns };
		line->flow_of[0] = flow;
		line->next[0] = sum->program.flows[flow].first;
		return;
	}
	error_set(sum->error, ERROR_INTERNAL, "closed form: more than %d threads at once",
		  LINES_MAX);
}

static void leave_flow(struct sum *sum, struct line *line);

static void fail_step(struct sum *sum, struct line *line, int error)
{
	uint32_t jump = step_of(sum, line)->jump;

	line->error = error;
	if (jump == PROGRAM_RETURN)
		leave_flow(sum, line);
	else
		line->next[line->depth - 1] = jump;
}

static void leave_flow(struct sum *sum, struct line *line)
{
	if (--line->depth == 0)
		line->alive = false;
	else if (line->error)
		fail_step(sum, line, line->error);
	else
		line->next[line->depth - 1]++;
}

/* --- page loops --- */

/* The next piece of the loop; false: it is over. */
static bool next_piece(struct sum *sum, struct line *line)
{
	const struct page_loop *loop = line->loop;
	uint64_t left = loop->descending ? line->cursor - line->bound : line->bound - line->cursor;
	struct page_range run = { 0, UINT64_MAX };

	if (left > line->limit)
		left = line->limit;
	if (!left)
		return false;
	line->state = 0;
	if (loop->range)
		run = page_map_run(&sum->guest.pages,
				   loop->descending ? line->cursor - 1 : line->cursor,
				   &line->state);
	line->pages = loop->descending ? line->cursor - run.first : run.end - line->cursor;
	if (line->pages > left)
		line->pages = left;
	line->total_ns =
		law_round_ns(page_law(sum, loop, line->state).mean_ns * (double)line->pages);
	return true;
}

static int64_t *account(struct sum *sum, const struct memory_kind *kind)
{
	const struct model *model = sum->guest_config->model;
	size_t index = 0;

	if (kind == &guest_memory)
		return &sum->held_bytes[0];
	while (index + 1 < model->memory_count && model->memory[index] != kind)
		index++;
	return &sum->held_bytes[1 + index];
}

/* Dead generations hold pages, and what they have besides. */
static void note_limbo(struct sum *sum)
{
	const struct guest *guest = &sum->guest;
	int64_t bytes = guest->leaked_bytes;

	for (int state = PAGE_FIRST; state < PAGE_STATES_MAX; state++)
		if (model_is_limbo(sum->guest_config->model, state))
			bytes += (int64_t)guest->pages.in_state[state] * guest->config->page_bytes;
	for (int i = 0; i < DEAD_GENERATIONS_MAX; i++)
		if (guest->dead[i].number)
			bytes += guest->dead[i].held_bytes;
	if (bytes > sum->result->limbo_peak_bytes)
		sum->result->limbo_peak_bytes = bytes;
}

static void reclaim(struct sum *sum, const struct line *line, bool all)
{
	for (int i = 0; i < DEAD_GENERATIONS_MAX; i++) {
		struct dead_generation *dead = &sum->guest.dead[i];

		if (!dead->number || (!all && dead->number != line->generation))
			continue;
		sum->result->teardown_ns = line->clock_ns - dead->died_ns;
		dead->number = 0;
	}
}

/* Pages that the foreground has taken are no longer a background loop's. */
static void clip_background(struct sum *sum, struct page_range taken)
{
	for (int i = 1; i < LINES_MAX; i++) {
		struct line *line = &sum->lines[i];

		if (!line->alive || !line->loop || !line->loop->range || line->loop->descending ||
		    line->cursor > taken.first || line->cursor + line->pages <= taken.first)
			continue;
		line->pages = taken.first - line->cursor;
		line->total_ns = law_round_ns(page_law(sum, line->loop, line->state).mean_ns *
					      (double)line->pages);
	}
}

static void take_pages(struct sum *sum, struct line *line, uint64_t pages)
{
	struct page_range taken = { line->cursor, line->cursor + pages };

	if (line->loop->descending)
		taken = (struct page_range){ line->cursor - pages, line->cursor };
	line->cursor = line->loop->descending ? taken.first : taken.end;
	line->limit -= pages;
	line->visited += pages;
	line->pages -= pages;
	if (line->loop->frees && page_act(line->loop, line->state)->handled)
		sum->held_bytes[0] -= (int64_t)pages * sum->guest_config->page_bytes;
	if (line->loop->range)
		page_map_set(&sum->guest.pages, taken, page_act(line->loop, line->state)->becomes,
			     sum->error);
	if (line->loop->range && line == &sum->lines[0])
		clip_background(sum, taken);
}

/* What a background loop has taken by `now_ns`; the page in progress ends before it goes on. */
static void settle_loop(struct sum *sum, struct line *line, int64_t now_ns)
{
	int64_t at_ns = now_ns - line->clock_ns;
	uint64_t done;

	if (!line->loop || !line->pages || at_ns < 0)
		return;
	done = line->total_ns ? (uint64_t)((__int128)at_ns * line->pages / line->total_ns)
			      : line->pages;
	if (done >= line->pages)
		return;
	line->clock_ns +=
		(int64_t)((__int128)line->total_ns * (int64_t)(done + 1) / (int64_t)line->pages);
	take_pages(sum, line, done + 1);
	if (line->pages)
		line->total_ns = law_round_ns(page_law(sum, line->loop, line->state).mean_ns *
					      (double)line->pages);
	else if (!next_piece(sum, line))
		line->total_ns = 0;
}

static void begin_loop(struct line *line, const struct page_loop *loop, const struct guest *guest)
{
	struct page_range range = { 0, 0 };
	uint64_t count = loop->count ? loop->count->of(guest) : UINT64_MAX;

	if (loop->range)
		range = loop->range(guest);
	else
		range.end = count;
	line->loop = loop;
	line->cursor = loop->descending ? range.end : range.first;
	line->bound = loop->descending ? range.first : range.end;
	line->limit = count;
	line->visited = 0;
	line->pages = 0;
}

static void advance_background(struct sum *sum, int64_t now_ns);

/* A background loop comes to pages of this piece before the foreground has taken them. */
static bool met(const struct sum *sum, const struct line *line)
{
	for (int i = 1; i < LINES_MAX; i++) {
		const struct line *other = &sum->lines[i];
		uint64_t first = line->cursor - line->pages;

		if (other->alive && other->loop && line->loop->range && line->loop->descending &&
		    other->pages && other->cursor < line->cursor &&
		    other->cursor + other->pages > first) {
			double page_ns = (double)other->total_ns / (double)other->pages;
			double reach = (double)(line->clock_ns + line->total_ns - other->clock_ns) /
				       page_ns;

			if ((double)other->cursor + reach >= (double)first)
				return true;
		}
	}
	return false;
}

static void foreground_loop(struct sum *sum, struct line *line, const struct page_loop *loop)
{
	begin_loop(line, loop, &sum->guest);
	for (;;) {
		advance_background(sum, line->clock_ns);
		for (int i = 1; i < LINES_MAX; i++)
			if (sum->lines[i].alive)
				settle_loop(sum, &sum->lines[i], line->clock_ns);
		if (sum->error->kind != ERROR_NONE || !next_piece(sum, line))
			break;
		sum->result->meets = sum->result->meets || met(sum, line);
		sum->result->variance +=
			law_sum_variance(page_law(sum, loop, line->state), line->pages);
		line->clock_ns += line->total_ns;
		take_pages(sum, line, line->pages);
	}
	line->loop = NULL;
	line->next[line->depth - 1]++;
}

/*
 * The foreground wants a lock for writing that background loops hold while they
 * gather a batch: it waits for the gathering in progress.
 */
static void wait_for_gathering(struct sum *sum, struct line *line, const struct step *step)
{
	for (int i = 1; i < LINES_MAX; i++) {
		struct line *other = &sum->lines[i];
		double page_ns, within, hold_ns;

		if (!other->alive || !other->loop || other->loop->lock != step->lock ||
		    other->clock_ns > line->clock_ns || !other->pages)
			continue;
		page_ns = (double)other->total_ns / (double)other->pages;
		within = fmod((double)other->visited +
				      (double)(line->clock_ns - other->clock_ns) / page_ns,
			      other->loop->batch);
		hold_ns = law_of(sum, other->loop->gather).mean_ns * other->loop->batch -
			  within * page_ns;
		if (hold_ns > 0)
			line->clock_ns += law_round_ns(hold_ns);
	}
}

/* --- steps --- */

static void call_flow(struct sum *sum, struct line *line, uint32_t flow)
{
	if (line->depth == DEPTH_MAX) {
		error_set(sum->error, ERROR_INTERNAL,
			  "closed form: flows call each other too deeply");
		return;
	}
	line->flow_of[line->depth] = flow;
	line->next[line->depth++] = sum->program.flows[flow].first;
}

static void stop_lines(struct sum *sum, const struct flow *flow)
{
	for (int i = 1; i < LINES_MAX; i++)
		if (sum->lines[i].alive && sum->program.flows[sum->lines[i].root].flow == flow)
			sum->lines[i].alive = false;
}

static void advance_background(struct sum *sum, int64_t now_ns);

/* The lines that run `flow` go on to their ends; the latest of these is when `line` goes on. */
static void join_lines(struct sum *sum, struct line *line, const struct flow *flow)
{
	int64_t latest_ns = line->clock_ns;

	for (;;) {
		const struct line *left = NULL;

		for (int i = 1; i < LINES_MAX; i++)
			if (sum->lines[i].alive && &sum->lines[i] != line &&
			    sum->program.flows[sum->lines[i].root].flow == flow)
				left = &sum->lines[i];
		if (!left || sum->error->kind != ERROR_NONE)
			break;
		if (left->clock_ns + left->total_ns > latest_ns)
			latest_ns = left->clock_ns + left->total_ns;
		advance_background(sum, latest_ns);
	}
	line->clock_ns = latest_ns;
}

/* Everything but page loops. */
static void take_step(struct sum *sum, struct line *line)
{
	const struct program_step *at = step_of(sum, line);
	const struct step *step = at->step;
	uint64_t units = step->count ? step->count->of(&sum->guest) : 1;
	struct law law = { 1.0, 0.0 };
	int error = 0;

	switch (step->kind) {
	case STEP_LOCK:
		if (line == &sum->lines[0] && step->mode == LOCK_WRITE)
			wait_for_gathering(sum, line, step);
		break;
	case STEP_SPEND:
	case STEP_SERVE:
	case STEP_GRACE:
	case STEP_SLEEP:
		if (step->term != NO_TERM)
			law = law_of(sum, step->term);
		line->clock_ns += law_round_ns(law.mean_ns * (double)units);
		if (line == &sum->lines[0] && !sum->done)
			sum->result->variance += law_sum_variance(law, units);
		break;
	case STEP_DO:
		sum->guest.now_ns = line->clock_ns;
		error = step->hook->run(&sum->guest, &line->generation);
		note_limbo(sum);
		if (error) {
			fail_step(sum, line, error);
			return;
		}
		break;
	case STEP_CALL:
		call_flow(sum, line, at->callee);
		return;
	case STEP_SPAWN:
		start_line(sum, at->callee, line->clock_ns);
		break;
	case STEP_JOIN:
		join_lines(sum, line, step->flow);
		break;
	case STEP_STOP:
		stop_lines(sum, step->flow);
		break;
	case STEP_UNLESS:
		if (!step->condition->holds(&sum->guest)) {
			line->next[line->depth - 1] = at->jump;
			return;
		}
		break;
	case STEP_GOTO:
		line->next[line->depth - 1] = at->jump;
		return;
	case STEP_RECOVER:
	case STEP_FORGET:
		line->error = 0;
		break;
	case STEP_FAIL:
		fail_step(sum, line, step->error);
		return;
	case STEP_MARK:
		if (step->milestone != MILESTONE_DONE)
			reclaim(sum, line, step->milestone == MILESTONE_ALL_RECLAIMED);
		else if (line == &sum->lines[0] && !sum->done)
			sum->result->latency_ns = line->clock_ns;
		sum->done =
			sum->done || (line == &sum->lines[0] && step->milestone == MILESTONE_DONE);
		break;
	case STEP_ALLOCATE:
		*account(sum, step->memory) += (int64_t)units;
		break;
	case STEP_FREE:
		*account(sum, step->memory) -=
			step->count ? (int64_t)units : *account(sum, step->memory);
		break;
	case STEP_END:
		leave_flow(sum, line);
		return;
	case STEP_PAGES:
	case STEP_TRYLOCK:
	case STEP_UNLOCK:
	case STEP_DIE:
	case STEP_CHANCE:
	case STEP_LABEL:
		break;
	}
	line->next[line->depth - 1]++;
}

/* Take the background threads to `now_ns`: all that has ended by then. */
static void advance_background(struct sum *sum, int64_t now_ns)
{
	for (int i = 1; i < LINES_MAX; i++) {
		struct line *line = &sum->lines[i];

		while (line->alive && line->clock_ns <= now_ns && sum->error->kind == ERROR_NONE) {
			const struct step *step = step_of(sum, line)->step;

			if (step->kind != STEP_PAGES) {
				take_step(sum, line);
				continue;
			}
			if (step->loop->pace_ns) { /* the guest's own pace: left out */
				line->alive = false;
				break;
			}
			if (!line->loop) {
				begin_loop(line, step->loop, &sum->guest);
				if (!next_piece(sum, line))
					line->pages = 0, line->total_ns = 0;
			}
			if (line->pages && line->clock_ns + line->total_ns > now_ns)
				break;
			line->clock_ns += line->pages ? line->total_ns : 0;
			if (line->pages)
				take_pages(sum, line, line->pages);
			if (!next_piece(sum, line)) {
				line->loop = NULL;
				line->next[line->depth - 1]++;
			}
		}
	}
}

static void begin_memory(struct sum *sum)
{
	const struct model *model = sum->guest_config->model;

	sum->held_bytes[0] =
		(int64_t)page_map_present(&sum->guest.pages) * sum->guest_config->page_bytes;
	for (size_t i = 0; sum->guest.running && i < model->memory_count; i++)
		if (model->memory[i]->of_running)
			sum->held_bytes[1 + i] = (int64_t)model->memory[i]->of_running(&sum->guest);
}

bool closed_form(const struct simulation_config *config, size_t guest, enum operation operation,
		 struct closed_form *result, struct error *error)
{
	const struct guest_config *guest_config = &config->guests[guest];
	const struct model *model = guest_config->model;
	const struct flow *flow = model->strategies[guest_config->strategy].flows[operation];
	struct sum sum = {
		.config = config, .guest_config = guest_config, .result = result, .error = error
	};
	struct line *line = &sum.lines[0];
	bool ok = false;

	*result = (struct closed_form){ 0 };
	if (!flow)
		return error_set(error, ERROR_INPUT, "strategy %s of %s has no %s",
				 model->strategies[guest_config->strategy].name, model->name,
				 operation_names[operation]);
	sum.guest.config = guest_config;
	sum.guest.host = &config->host;
	sum.guest.generation = 1;
	sum.guest.running = operation != OPERATION_START;
	sum.guest.state = memory_array(1, model->state_size, "model state", error);
	sum.guest.shared = memory_array(1, model->shared_size, "model state", error);
	if (!sum.guest.state || !sum.guest.shared || !page_map_init(&sum.guest.pages, error) ||
	    !program_build(&sum.program, model, flow, error))
		goto out;
	model->begin(&sum.guest, sum.guest.running);
	begin_memory(&sum);
	start_line(&sum, 0, 0);
	while (line->alive && error->kind == ERROR_NONE) {
		const struct step *step = step_of(&sum, line)->step;

		advance_background(&sum, line->clock_ns);
		if (step->kind == STEP_PAGES)
			foreground_loop(&sum, line, step->loop);
		else
			take_step(&sum, line);
	}
	if (!sum.done) {
		result->latency_ns = line->clock_ns;
		result->error = line->error;
	}
	advance_background(&sum, INT64_MAX / 2);
	for (size_t i = 0; i < sizeof(sum.held_bytes) / sizeof(sum.held_bytes[0]); i++)
		result->held_bytes += sum.held_bytes[i];
	ok = error->kind == ERROR_NONE;
out:
	program_fini(&sum.program);
	page_map_fini(&sum.guest.pages);
	free(sum.guest.state);
	free(sum.guest.shared);
	return ok;
}
