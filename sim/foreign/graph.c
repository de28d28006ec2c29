/*
 * The function_graph tracer: the duration of a call stands beside its closing brace, or, when it
 * called nothing that is traced, beside its name.
 *
 *   0)               |  exit_mmap() {
 *   0)   1.382 us    |    up_read();
 *   0) ! 217.240 us  |  } [ * exit_mmap * ]
 *   ------------------------------------------
 *   0)   sh-4802     =>   ls-4803
 *
 * Before the CPU may stand a time, behind it the task and flags. Calls are matched by task, where
 * one is known, or else by CPU.
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "foreign/foreign_parts.h"

/* --- which task runs where ---------------------------------------------------------------- */

/* The task on a CPU; NULL and an error when memory runs out. */
static struct cpu_task *task_on(struct reader *reader, const char *cpu)
{
	struct cpu_task *row;

	for (size_t i = 0; i < reader->cpu_count; i++)
		if (strcmp(reader->cpus[i].cpu, cpu) == 0)
			return &reader->cpus[i];
	if (reader->cpu_count == 1 << 13) {
		refuse(reader, "more than %d CPUs", 1 << 13);
		return NULL;
	}
	if (!memory_grow(&reader->cpus, &reader->cpu_capacity, reader->cpu_count + 1,
			 sizeof(*reader->cpus), "CPUs", reader->error))
		return NULL;
	row = &reader->cpus[reader->cpu_count++];
	snprintf(row->cpu, sizeof(row->cpu), "%s", cpu);
	snprintf(row->task, sizeof(row->task), "CPU %s", cpu);
	return row;
}

/* "sh-4802  =>  ls-4803": what was begun on this CPU before is the first one's. */
static enum taken switch_line(struct reader *reader, const char *cpu, char *tasks, char *arrow)
{
	struct cpu_task *row = task_on(reader, cpu);
	char *from = skip_blanks(tasks), *to = skip_blanks(arrow + 2);

	if (!row)
		return REFUSED;
	*arrow = '\0';
	trim_end(from);
	trim_end(to);
	if (!*from || !*to || strlen(from) >= sizeof(row->task) || strlen(to) >= sizeof(row->task))
		return refuse(reader, "two tasks are needed: sh-4802 => ls-4803");
	if (strncmp(row->task, "CPU ", 4) == 0)
		for (size_t i = 0; i < reader->open_count; i++)
			if (strcmp(reader->open[i].task, row->task) == 0)
				memcpy(reader->open[i].task, from, strlen(from) + 1);
	memcpy(row->task, to, strlen(to) + 1);
	return TAKEN;
}

/* --- one call ------------------------------------------------------------------------------- */

/* "+ 12.345 us", or blanks (*us below 0). */
static bool read_duration(char *text, double *us)
{
	*us = -1;
	text = skip_blanks(text);
	if (!*text)
		return true;
	if (strchr("+!#*@$", *text))
		text = skip_blanks(text + 1);
	if (!take_number(&text, us))
		return false;
	text = skip_blanks(text);
	return take_text(&text, "us") && !*skip_blanks(text);
}

/* The function that a comment behind a brace names: "name", "name()", "name = 0x0". */
static char *commented(char *text)
{
	char *name = strstr(text, "/*");

	if (!name || !strstr(name, "*/"))
		return NULL;
	name = skip_blanks(name + 2);
	name[strcspn(name, " (*\t")] = '\0';
	return *name ? name : NULL;
}

static enum taken closes(struct reader *reader, const char *task, char *text, double us)
{
	char *name = commented(text);
	struct open_call begun;

	if (us < 0)
		return refuse(reader, "the duration of a call is needed (trace option "
				      "funcgraph-duration)");
	if (call_ends(reader, task, name, &begun))
		return add_call(reader, begun.name, us * 1e3, NAN, begun.arguments);
	/* It began before the recording: the tracer names it, but nothing tells its arguments. */
	return name ? add_call(reader, name, us * 1e3, NAN, 0) : TAKEN;
}

static enum taken call(struct reader *reader, const char *task, char *text, double us)
{
	char *name = text, *arguments = strchr(text, '('), *end = strrchr(text, ')'), *behind;
	size_t kept = 0;

	if (!arguments || !end || end < arguments || arguments == name)
		return refuse(reader, "a call is needed: name() { or name();");
	*arguments++ = '\0';
	*end = '\0';
	behind = skip_blanks(end + 1);
	trim_end(name);
	if (*behind == '{')
		return call_begins(reader, task, name, 0, arguments, strlen(arguments));
	if (*behind != ';')
		return refuse(reader, "{ or ; is needed behind a call: is the line cut off?");
	if (us < 0)
		return refuse(reader, "the duration of a call is needed (trace option "
				      "funcgraph-duration)");
	if (*arguments) {
		kept = keep_text(reader, arguments, strlen(arguments));
		if (!kept)
			return REFUSED;
	}
	return add_call(reader, name, us * 1e3, NAN, kept);
}

/* What the function column says. */
static enum taken column(struct reader *reader, const char *task, char *duration, char *text)
{
	char *comment;
	double us;

	text = skip_blanks(text);
	trim_end(text);
	if (strstr(duration, "=====") || strncmp(text, "/*", 2) == 0 || !*text)
		return TAKEN; /* an interrupt begins or ends; another event */
	if (!read_duration(duration, &us))
		return refuse(reader, "a duration in us, or none, is needed before the function");
	if (*text == '}')
		return closes(reader, task, text, us);
	comment = strstr(text, "/*"); /* a result; it may hold braces */
	if (comment)
		*comment = '\0';
	trim_end(text);
	return call(reader, task, text, us);
}

enum taken graph_part(struct reader *reader, const char *task, char *part)
{
	char *bar = strchr(part, '|');

	if (!bar)
		return refuse(reader, "a bar is needed between duration and function");
	*bar = '\0';
	return column(reader, task, part, bar + 1);
}

/* --- a line ----------------------------------------------------------------------------------- */

/* Behind the first columns "12.345 | 0)"; the CPU's number is in `cpu`. NULL: not such a line. */
static char *take_cpu(char *line, char cpu[32])
{
	char *at = skip_blanks(line), *end;
	double time;

	if (take_number(&at, &time)) {
		end = skip_blanks(at);
		if (*end == '|')
			at = skip_blanks(end + 1);
		else
			at = skip_blanks(line);
	}
	end = at + strspn(at, "0123456789");
	if (end == at || end - at > 9 || *end != ')')
		return NULL;
	memcpy(cpu, at, (size_t)(end - at));
	cpu[end - at] = '\0';
	return end + 1;
}

/* The bar before the function: what is behind it looks like one, or closes one. */
static char *function_bar(char *at)
{
	char *bar = strchr(at, '|');

	for (; bar && strchr(bar + 1, '|'); bar = strchr(bar + 1, '|')) {
		char *text = skip_blanks(bar + 1);
		size_t length = strcspn(text, "(|");

		if (*text == '}' || strncmp(text, "/*", 2) == 0 || text[length] == '(')
			break;
	}
	return bar;
}

enum taken graph_line(struct reader *reader, char *line)
{
	char cpu[32], *at, *bar, *arrow, *columns;
	struct cpu_task *row;

	if (strncmp(skip_blanks(line), "-----", 5) == 0)
		return TAKEN;
	at = take_cpu(line, cpu);
	if (!at)
		return NOT_MINE;
	bar = function_bar(at);
	arrow = strstr(at, "=>");
	if (!bar)
		return arrow ? switch_line(reader, cpu, at, arrow)
			     : refuse(reader, "a bar is needed between duration and function");
	*bar = '\0';
	row = task_on(reader, cpu);
	if (!row)
		return REFUSED;
	columns = strrchr(at, '|'); /* the task, and flags, stand before the duration */
	if (columns) {
		char *task = skip_blanks(at), *end = strchr(at, '|');

		*end = '\0';
		trim_end(task);
		if (*task && strlen(task) < sizeof(row->task))
			memcpy(row->task, task, strlen(task) + 1);
	}
	return column(reader, row->task, columns ? columns + 1 : at, bar + 1);
}
