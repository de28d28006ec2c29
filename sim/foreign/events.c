/*
 * Events with times, of which the beginning and the end of a call make a duration:
 *
 *   t  1247 [001]  4227.265611: syscalls:sys_enter_munmap: addr: 0x7f1142, len: 0xddef  perf script
 *   t  1247 [001]  4227.265701:  syscalls:sys_exit_munmap: 0x0
 *   t  1247 [001]  4227.265611: probe:exit_mmap: (ffffffff8129c3a0)                     perf probe
 *   t  1247 [001]  4227.265701: probe:exit_mmap__return: (ffffffff8129c3a0 <- ffffffff81088f4f)
 *   t-1247  [001] ..... 4227.265611: sys_munmap(addr: 7f1142, len: ddef)                ftrace
 *   t-1247  [001] ..... 4227.265701: sys_munmap -> 0x0
 *   t-1247  [001] ..... 4227.265611: p_exit_mmap_0: (exit_mmap+0x0/0x330)
 *   t-1247  [001] ..... 4227.265701: r_exit_mmap_0: (mmput+0x5f/0x160 <- exit_mmap)
 *   t-1247  [001]  4227.265611: funcgraph_entry:  1.6 us |  up_read();                  trace-cmd
 */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "foreign/foreign_parts.h"

/* Nanoseconds of "4227.265611:", of which `at` is the first digit; false: it is none. */
static bool read_time(const char *at, const char **end, int64_t *time_ns)
{
	int64_t seconds = 0, part = 0;
	int digits;

	for (digits = 0; isdigit((unsigned char)*at); at++) {
		seconds = seconds * 10 + (*at - '0');
		if (++digits > 9)
			return false;
	}
	if (digits == 0 || *at++ != '.')
		return false;
	for (digits = 0; isdigit((unsigned char)*at); at++) {
		if (++digits > 9)
			return false;
		part = part * 10 + (*at - '0');
	}
	if (digits == 0 || *at != ':' || (at[1] && at[1] != ' ' && at[1] != '\t'))
		return false;
	for (; digits < 9; digits++)
		part *= 10;
	*time_ns = seconds * 1000000000 + part;
	*end = at + 1;
	return true;
}

/* Where the time of the line stands: the first word that is one. */
static char *find_time(char *line, const char **end, int64_t *time_ns)
{
	for (char *at = line; *at; at++)
		if ((at == line || at[-1] == ' ' || at[-1] == '\t') &&
		    isdigit((unsigned char)*at) && read_time(at, end, time_ns))
			return at;
	return NULL;
}

/* The last word of the text, cut off it. */
static char *last_word(char *text)
{
	char *word;

	trim_end(text);
	word = text + strlen(text);
	while (word > text && word[-1] != ' ' && word[-1] != '\t')
		word--;
	return word;
}

/* The task in what stands before the time: "comm 1247 [001]", "comm-1247 (1240) [001] d..1.". */
static const char *find_task(char *before)
{
	char *word = last_word(before), *previous;

	if (word > before && *word != '[') { /* flags follow the CPU; or there is no CPU */
		char saved = word[-1];

		word[-1] = '\0';
		previous = last_word(before);
		if (*previous == '[')
			word = previous;
		else
			word[-1] = saved;
	}
	if (*word == '[') {
		*word = '\0';
		word = last_word(before);
	}
	previous = *word ? word + strlen(word) - 1 : word;
	if (*previous == ')' && (word = strrchr(before, '(')) != NULL) { /* the thread group */
		*word = '\0';
		word = last_word(before);
	}
	if (!word)
		return NULL;
	previous = word + strlen(word);
	while (previous > word && isdigit((unsigned char)previous[-1]))
		previous--;
	return *previous && (previous == word || previous[-1] == '/' || previous[-1] == '-')
		       ? previous
		       : NULL;
}

static enum taken begins(struct reader *reader, const char *task, const char *name, int64_t now_ns,
			 const char *arguments)
{
	arguments = skip_blanks(arguments);
	return call_begins(reader, task, name, now_ns, arguments, strlen(arguments));
}

static enum taken ends(struct reader *reader, const char *task, const char *name, int64_t now_ns,
		       bool failed)
{
	struct open_call begun;

	if (!call_ends(reader, task, name, &begun))
		return TAKEN; /* it began before the recording */
	if (now_ns < begun.begin_ns)
		return refuse(reader, "the call ends before it begins: are the lines in order?");
	reader->foreign->failed += failed;
	return failed ? TAKEN
		      : add_call(reader, name, (double)(now_ns - begun.begin_ns), NAN,
				 begun.arguments);
}

/* A system call that returns -1 .. -4095. */
static bool is_error(const char *result)
{
	result = skip_blanks(result);
	return *result == '-' || strtoull(result, NULL, 0) >= 0xfffffffffffff001ULL;
}

/* "sys_munmap(addr: 7f00, len: 1000)" and "sys_munmap -> 0x0" */
static enum taken system_call(struct reader *reader, const char *task, int64_t now_ns, char *part)
{
	char *name = part + 4, *behind = name + strcspn(name, "( ");

	if (*behind == '(') {
		*behind++ = '\0';
		if (*behind && behind[strlen(behind) - 1] != ')')
			return refuse(reader, "the arguments have no end: is the line cut off?");
		return begins(reader, task, name, now_ns, behind);
	}
	if (strncmp(behind, " -> ", 4) != 0)
		return refuse(reader,
			      "a system call is needed: sys_munmap(...) or sys_munmap -> 0x0");
	*behind = '\0';
	return ends(reader, task, name, now_ns, is_error(behind + 4));
}

/* The function that a probe's place names: "exit_mmap+0x0/0x330"; NULL: only its address. */
static const char *function_of(char *place)
{
	char *end = place + strcspn(place, "+ )");

	*end = '\0';
	return *place && place[strspn(place, "0123456789abcdefx")] ? place : NULL;
}

/* Its name without "__return", or "p_" and "r_" and the number behind it. */
static const char *probe_name(char *name)
{
	char *end = strstr(name, "__return");

	if (end && !end[8])
		*end = '\0';
	if ((name[0] == 'p' || name[0] == 'r') && name[1] == '_') {
		end = strrchr(name, '_');
		if (end > name + 1 && end[1] && !end[1 + strspn(end + 1, "0123456789")]) {
			*end = '\0';
			return name + 2;
		}
	}
	return name;
}

/* "(exit_mmap+0x0/0x330) len=4096" and "(mmput+0x5f/0x160 <- exit_mmap)" */
static enum taken probe(struct reader *reader, const char *task, int64_t now_ns, char *name,
			char *place)
{
	char *end = strchr(place, ')'), *arrow;
	const char *function;

	if (!end)
		return refuse(reader, "the place of the probe has no end: is the line cut off?");
	*end = '\0';
	arrow = strstr(place, "<-");
	function = function_of(arrow ? skip_blanks(arrow + 2) : place + 1);
	if (!function)
		function = probe_name(name);
	return arrow ? ends(reader, task, function, now_ns, false)
		     : begins(reader, task, function, now_ns, end + 1);
}

static enum taken event(struct reader *reader, const char *task, int64_t now_ns, char *part)
{
	size_t length = strcspn(part, " \t(");
	char *name, *end, *rest;

	if (strncmp(part, "sys_", 4) == 0 && part[length ? length - 1 : 0] != ':')
		return system_call(reader, task, now_ns, part);
	end = strstr(part, ": ");
	if (!end && *part && part[strlen(part) - 1] == ':')
		end = part + strlen(part) - 1;
	if (!end)
		return refuse(reader, "the name of an event is needed, and a colon behind it");
	*end = '\0';
	rest = skip_blanks(end + 1);
	name = last_word(part); /* a number of occurrences may stand before it */
	if (strrchr(name, ':'))
		name = strrchr(name, ':') + 1;
	if (strcmp(name, "funcgraph_entry") == 0 || strcmp(name, "funcgraph_exit") == 0)
		return graph_part(reader, task, rest);
	if (strncmp(name, "sys_enter_", 10) == 0)
		return begins(reader, task, name + 10, now_ns, rest);
	if (strncmp(name, "sys_exit_", 9) == 0)
		return ends(reader, task, name + 9, now_ns, is_error(rest));
	return *rest == '(' ? probe(reader, task, now_ns, name, rest) : TAKEN;
}

/* Lines of a call chain, "  101a07 __munmap+0x7 (/usr/lib/libc.so.6)", and what programs say. */
static bool is_talk(const char *line)
{
	static const char *const talk[] = { "cpus=",      "CPU ",           "CPU:",
					    "version = ", "trace-cmd",      "  opening",
					    "Warning:",   "[ perf record:", NULL };
	size_t digits;

	if (!*line || *line == '#')
		return true;
	for (size_t i = 0; talk[i]; i++)
		if (strncmp(line, talk[i], strlen(talk[i])) == 0)
			return true;
	if (*line != ' ' && *line != '\t')
		return false;
	line = skip_blanks(line);
	digits = strspn(line, "0123456789abcdef");
	return !*line || (digits > 0 && line[digits] == ' ' && strchr(line, '(') &&
			  line[strlen(line) - 1] == ')');
}

enum taken event_line(struct reader *reader, char *line)
{
	const char *behind, *task;
	int64_t time_ns;
	char *time;

	trim_end(line);
	if (is_talk(line)) {
		reader->foreign->lost += strstr(line, "[LOST ") != NULL;
		return TAKEN;
	}
	time = find_time(line, &behind, &time_ns);
	if (!time || time == line)
		return NOT_MINE;
	time[-1] = '\0';
	task = find_task(line);
	if (!task)
		return refuse(reader, "the number of a thread is needed before the time");
	return event(reader, task, time_ns, skip_blanks(behind));
}
