#include "closed_form/closed_form.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "closed_form/parts.h"
#include "flow/step_kind.h"

/* A flow that goes round for ever has no sum. */
enum { STEPS_MAX = 1000000 };

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
	error_set(sum->error, ERROR_INPUT, "closed form: more than %d threads at once", LINES_MAX);
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
	for (uint32_t i = 0; i < guest->dead_count; i++)
		bytes += guest->dead[i].held_bytes;
	if (bytes > sum->result->limbo_peak_bytes)
		sum->result->limbo_peak_bytes = bytes;
}

static void reclaim(struct sum *sum, const struct line *line, bool all)
{
	for (uint32_t i = 0; i < sum->guest.dead_count;) {
		struct dead_generation *dead = &sum->guest.dead[i];

		if (!all && dead->number != line->generation) {
			i++;
			continue;
		}
		sum->result->teardown_ns = line->clock_ns - dead->died_ns;
		guest_generation_forget(&sum->guest, dead);
	}
}

/* --- steps --- */

static void call_flow(struct sum *sum, struct line *line, uint32_t flow)
{
	if (line->depth == DEPTH_MAX) {
		error_set(sum->error, ERROR_INPUT, "closed form: flows call each other too deeply");
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
		sum_advance_background(sum, latest_ns);
	}
	line->clock_ns = latest_ns;
}

static void spend(struct sum *sum, struct line *line, const struct step *step, uint64_t units)
{
	struct law law = { 1.0, 0.0 };

	if (step->term != NO_TERM)
		law = sum_law(sum, step->term);
	line->clock_ns += law_round_ns(law.mean_ns * (double)units);
	if (line == &sum->lines[0] && !sum->done)
		sum->result->variance += law_sum_variance(law, units);
}

/* Everything but page loops. */
static void take_step(struct sum *sum, struct line *line)
{
	const struct program_step *at = step_of(sum, line);
	const struct step *step = at->step;
	uint64_t units = count_of(step->count, &sum->guest, 1);
	const struct step_form *form = &step_forms[step->kind];
	int error = 0;

	switch (step->kind) {
	case STEP_LOCK:
		if (line == &sum->lines[0] && step->kind == STEP_LOCK)
			sum_wait_for_gathering(sum, line, step);
		break;
	case STEP_DO:
		sum->guest.now_ns = line->clock_ns;
		if (!guest_make_room(&sum->guest, sum->error))
			return;
		error = step->hook->run(&sum->guest, &line->generation);
		note_limbo(sum);
		if (error == HOOK_MISPLACED)
			error_set(sum->error, ERROR_INPUT,
				  "closed form: what \"%s\" works on is not there",
				  step->hook->name);
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
	default: /* what takes time costs its term, the rest nothing */
		if (form->time != TIME_NONE && form->time != TIME_WAITING)
			spend(sum, line, step, units);
		break;
	}
	line->next[line->depth - 1]++;
}

void sum_advance_background(struct sum *sum, int64_t now_ns)
{
	for (int i = 1; i < LINES_MAX; i++) {
		struct line *line = &sum->lines[i];

		for (int steps = 0;
		     line->alive && line->clock_ns <= now_ns && sum->error->kind == ERROR_NONE;
		     steps++) {
			const struct step *step = step_of(sum, line)->step;

			if (steps == STEPS_MAX)
				error_set(sum->error, ERROR_INPUT,
					  "closed form: more than %d steps", STEPS_MAX);

			if (step->kind != STEP_PAGES) {
				take_step(sum, line);
				continue;
			}
			if (step->loop->pace_ns) { /* the guest's own pace: left out */
				line->alive = false;
				break;
			}
			if (!line->loop) {
				sum_begin_loop(line, step->loop, &sum->guest);
				if (!sum_next_piece(sum, line))
					line->pages = 0, line->total_ns = 0;
			}
			if (line->pages && line->clock_ns + line->total_ns > now_ns)
				break;
			line->clock_ns += line->pages ? line->total_ns : 0;
			if (line->pages)
				sum_take_pages(sum, line, line->pages);
			if (!sum_next_piece(sum, line)) {
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
	const struct flow *flow = guest_config->design->flows[operation];
	struct sum sum = {
		.config = config, .guest_config = guest_config, .result = result, .error = error
	};
	struct line *line = &sum.lines[0];
	bool ok = false;

	*result = (struct closed_form){ 0 };
	if (!flow)
		return error_set(error, ERROR_INPUT, "strategy %s of %s has no %s",
				 guest_config->design->name, model->name,
				 operation_names[operation]);
	sum.guest.config = guest_config;
	sum.guest.host = &config->host;
	sum.guest.cores = config->host.cores;
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
	for (int steps = 0; line->alive && error->kind == ERROR_NONE; steps++) {
		const struct step *step = step_of(&sum, line)->step;

		if (steps == STEPS_MAX)
			error_set(error, ERROR_INPUT, "closed form: more than %d steps", STEPS_MAX);

		sum_advance_background(&sum, line->clock_ns);
		if (step->kind == STEP_PAGES)
			sum_foreground_loop(&sum, line, step->loop);
		else
			take_step(&sum, line);
	}
	if (!sum.done) {
		result->latency_ns = line->clock_ns;
		result->error = line->error;
	}
	sum_advance_background(&sum, INT64_MAX / 2);
	for (size_t i = 0; i < sizeof(sum.held_bytes) / sizeof(sum.held_bytes[0]); i++)
		result->held_bytes += sum.held_bytes[i];
	ok = error->kind == ERROR_NONE;
out:
	program_fini(&sum.program);
	page_map_fini(&sum.guest.pages);
	free(sum.guest.state);
	free(sum.guest.dead);
	free(sum.guest.shared);
	return ok;
}
