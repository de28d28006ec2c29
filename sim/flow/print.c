#include "flow/print.h"

#include <string.h>

#include "base/quantity.h"
#include "flow/step_kind.h"

static void print_price(const struct program *program, const struct page_act *act, FILE *out)
{
	const char *separator = "";

	for (int i = 0; act->prices[i].term != NO_TERM; i++) {
		fprintf(out, "%s%s", separator, program->model->terms[act->prices[i].term].name);
		if (act->prices[i].calls)
			fprintf(out, " x %s", act->prices[i].calls->name);
		if (act->prices[i].when)
			fprintf(out, " (when %s)", act->prices[i].when->name);
		separator = " + ";
	}
	if (!*separator)
		fputs("nothing", out);
}

/* One end of a part: "25 %" or "2 GiB". */
static void describe_end(int64_t bytes, double share, FILE *out)
{
	char text[32];

	if (share > 0) {
		fprintf(out, "%.4g %%", 100 * share);
		return;
	}
	quantity_format_exact(text, QUANTITY_BYTES, bytes);
	fputs(text, out);
}

static void describe_part(const struct loop_part *part, FILE *out)
{
	bool ends = part->to_bytes || part->to_share > 0;

	if (!ends && !part->from_bytes && !(part->from_share > 0))
		return;
	fputs(" from ", out);
	describe_end(part->from_bytes, part->from_share, out);
	fputs(ends ? " to " : " on", out);
	if (ends)
		describe_end(part->to_bytes, part->to_share, out);
	fputc(',', out);
}

static void describe_loop(const struct program *program, const struct page_loop *loop, FILE *out)
{
	fprintf(out, ": for each%s%s%s", loop->range ? " page" : "",
		loop->descending ? ", from the top," : "", loop->count ? " of " : "");
	if (loop->count)
		fputs(loop->count->name, out);
	describe_part(&loop->part, out);
	if (!loop->range) {
		fputc(' ', out);
		print_price(program, &loop->acts->of[PAGE_NONE], out);
	}
	for (size_t i = 0; loop->range && i < program->model->page_state_count; i++) {
		fprintf(out, "%s%s: ", i ? "; " : " ", program->model->page_states[i]);
		print_price(program, &loop->acts->of[PAGE_FIRST + i], out);
	}
	if (loop->lock)
		fprintf(out, "; %u %s gathered at a time under %s", loop->batch,
			loop->batch == 1 ? "page" : "pages", loop->lock->name);
	if (loop->frees)
		fputs("; gives them back", out);
	if (loop->yields && loop->yield_bytes) {
		fputs("; may reschedule after each ", out);
		describe_end(loop->yield_bytes, 0, out);
	} else if (!loop->yields && loop->range && !loop->pace_ns) {
		fputs("; never reschedules", out);
	}
	if (loop->interruptible)
		fputs("; a fatal signal ends it", out);
	for (const struct page_call *call = loop->calls; call && call->name; call++)
		fprintf(out, "%s %s", call == loop->calls ? "; ends when one fails:" : ",",
			call->name);
}

void flow_describe_step(const struct program *program, const struct program_step *at, FILE *out)
{
	const struct step *step = at->step;

	fputs(at->name, out);
	if (step->count)
		fprintf(out, " x %s", step->count->name);
	if (step->kind == STEP_PAGES)
		describe_loop(program, step->loop, out);
	if (step->label && step->kind != STEP_LABEL && step->kind != STEP_GOTO &&
	    step->kind != STEP_UNLESS)
		fprintf(out, ", on failure goto %s", step->label);
	if (step->kind == STEP_UNLESS)
		fprintf(out, " goto %s", step->label);
}

void flow_print_steps(const struct program *program, size_t index, FILE *out)
{
	const struct program_flow *flow = &program->flows[index];
	int depth = 1;

	for (uint32_t i = flow->first; i < flow->first + flow->count; i++) {
		const struct program_step *step = &program->steps[i];
		const struct step_form *form = &step_forms[step->step->kind];

		if (step->step->kind == STEP_END)
			continue;
		if (form->locks == LOCKS_RELEASES && depth > 1)
			depth--;
		fprintf(out, "%*s", step->step->kind == STEP_LABEL ? 1 : 2 * depth, "");
		flow_describe_step(program, step, out);
		if (step->step->kind == STEP_LABEL)
			fputc(':', out);
		if (step->step->where)
			fprintf(out, "   [%s]", step->step->where);
		fputc('\n', out);
		if (form->locks == LOCKS_TAKES)
			depth++;
	}
}

void flow_print_text(const struct program *program, FILE *out)
{
	for (size_t f = 0; f < program->flow_count; f++) {
		fprintf(out, "%s%s: %s\n", f ? "\n" : "", program->flows[f].flow->name,
			program->flows[f].flow->summary);
		flow_print_steps(program, f, out);
	}
}

/* Names come from the models, but a quote would end the label all the same. */
static void quoted(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void print_edges(const struct program *program, uint32_t i, FILE *out)
{
	const struct program_step *step = &program->steps[i];
	enum step_kind kind = step->step->kind;

	if (kind != STEP_END && kind != STEP_GOTO && kind != STEP_FAIL)
		fprintf(out, "    s%u -> s%u;\n", i, i + 1);
	if (step->jump != PROGRAM_RETURN && (kind == STEP_GOTO || kind == STEP_UNLESS))
		fprintf(out, "    s%u -> s%u;\n", i, step->jump);
	else if (step->jump != PROGRAM_RETURN && kind != STEP_LABEL)
		fprintf(out, "    s%u -> s%u [style=dashed];\n", i, step->jump);
}

void flow_print_dot(const struct program *program, const char *title, FILE *out)
{
	/* the colours of all pictures: those that have others on dark ground (draw/svg.h) */
	fputs("digraph flow {\n"
	      "  rankdir=TB; bgcolor=\"#ffffff\"; color=\"#555555\"; fontcolor=\"#222222\";\n"
	      "  fontname=\"sans-serif\"; edge [color=\"#444444\"];\n"
	      "  node [shape=box, fontname=\"sans-serif\", fontsize=10,\n"
	      "        color=\"#444444\", fontcolor=\"#222222\"];\n"
	      "  label=",
	      out);
	quoted(title, out);
	fputs(";\n", out);
	for (size_t f = 0; f < program->flow_count; f++) {
		const struct program_flow *flow = &program->flows[f];

		fprintf(out, "  subgraph cluster_%zu {\n    label=", f);
		quoted(flow->flow->name, out);
		fputs(";\n", out);
		for (uint32_t i = flow->first; i < flow->first + flow->count; i++) {
			const struct program_step *step = &program->steps[i];

			fprintf(out, "    s%u [label=", i);
			quoted(step->name, out);
			if (step->step->where) {
				fputs(", tooltip=", out);
				quoted(step->step->where, out);
			}
			fputs(step->step->kind == STEP_END ? ", shape=point];\n" : "];\n", out);
		}
		for (uint32_t i = flow->first; i < flow->first + flow->count; i++)
			print_edges(program, i, out);
		fputs("  }\n", out);
	}
	/* Behind the clusters: an edge inside one would draw the callee's first step into it. */
	for (size_t i = 0; i < program->step_count; i++) {
		const struct program_step *step = &program->steps[i];

		if (step->step->kind == STEP_CALL || step->step->kind == STEP_SPAWN)
			fprintf(out, "  s%zu -> s%u [style=%s, constraint=false];\n", i,
				program->flows[step->callee].first,
				step->step->kind == STEP_CALL ? "bold" : "dotted");
	}
	fputs("}\n", out);
}
