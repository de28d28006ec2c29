/*
 * Lines of perf trace:
 *
 *     46.530 ( 0.326 ms): t/1237 munmap(addr: 0x7f64aae00000, len: 33554432)      = 0
 *     51.001 (         ): t/1237 ioctl(fd: 9, cmd: KVM_RUN) ...
 *     53.002 ( 2.001 ms): t/1237  ... [continued]: ioctl())                       = 0
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "foreign/foreign_parts.h"

/* "comm/tid " in front of what a line says; none when one thread is traced. */
static char *take_task(char *rest, char **task)
{
	for (char *slash = rest; (slash = strchr(slash, '/')) != NULL; slash++) {
		char *end = slash + 1;

		if (memchr(rest, '(', (size_t)(slash - rest)) && rest[0] != '(')
			break; /* it stands in the arguments */
		while (isdigit((unsigned char)*end))
			end++;
		if (end > slash + 1 && *end == ' ') {
			*end = '\0';
			*task = rest;
			return skip_blanks(end + 1);
		}
	}
	*task = rest + strlen(rest);
	return rest;
}

/* The result behind the last " = "; false: there is none. */
static bool take_result(char *rest, bool *failed)
{
	char *equals = NULL;

	for (char *at = rest; (at = strstr(at, " = ")) != NULL; at++)
		equals = at;
	if (!equals || !equals[3])
		return false;
	*failed = equals[3] == '-';
	*equals = '\0';
	trim_end(rest);
	return true;
}

static enum taken call_line(struct reader *reader, char *rest, double duration_ns)
{
	char *task, *arguments, *end, *name;
	struct open_call begun = { 0 };
	size_t kept = 0;
	bool failed;

	rest = take_task(rest, &task);
	if (take_text(&rest, "... [continued]: ")) {
		end = strchr(rest, '(');
		if (!end || !take_result(end, &failed))
			return refuse(reader,
				      "the end of a call is needed: its duration and result");
		*end = '\0';
		if (call_ends(reader, task, rest, &begun))
			kept = begun.arguments;
		if (duration_ns < 0) /* it began before the recording */
			return TAKEN;
		reader->foreign->failed += failed;
		return failed ? TAKEN : add_call(reader, rest, duration_ns, NAN, kept);
	}
	name = rest;
	arguments = strchr(rest, '(');
	if (!arguments)
		return refuse(reader,
			      "a system call is needed: munmap(addr: 0x7f00, len: 4096) = 0");
	*arguments++ = '\0';
	if (strpbrk(name, " \t"))
		return TAKEN; /* an event, a page fault: no call */
	trim_end(arguments);
	if (duration_ns < 0) {
		size_t length = strlen(arguments);

		if (length < 3 || strcmp(arguments + length - 3, "...") != 0)
			return refuse(reader, "a call without duration that does not go on (...)");
		return call_begins(reader, task, name, 0, arguments, length);
	}
	if (!take_result(arguments, &failed))
		return refuse(reader, "the result of the call is needed: is the line cut off?");
	reader->foreign->failed += failed;
	if (failed)
		return TAKEN;
	if (*arguments) {
		kept = keep_text(reader, arguments, strlen(arguments));
		if (!kept)
			return REFUSED;
	}
	return add_call(reader, name, duration_ns, NAN, kept);
}

enum taken perf_trace_line(struct reader *reader, char *line)
{
	char *at = skip_blanks(line);
	double ignored, duration_ms = -1;

	if (strncmp(at, "LOST ", 5) == 0) {
		reader->foreign->lost++;
		return TAKEN;
	}
	if (!take_text(&at, "?") && !take_number(&at, &ignored))
		return NOT_MINE;
	at = skip_blanks(at);
	if (!take_text(&at, "("))
		return NOT_MINE;
	at = skip_blanks(at);
	if (take_number(&at, &duration_ms) && !take_text(&at, " ms"))
		return NOT_MINE;
	if (!take_text(&at, "):"))
		return NOT_MINE;
	return call_line(reader, skip_blanks(at), duration_ms < 0 ? -1 : duration_ms * 1e6);
}
