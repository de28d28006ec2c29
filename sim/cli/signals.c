/* SIGINT, SIGTERM and SIGHUP: whatever runs ends within a second, says what it kept, and leaves nothing half-written. */

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/leftovers.h"
#include "base/progress.h"
#include "cli/command.h"

enum { STATUS_INTERRUPTED = 130, PATIENCE_US = 700000 };

static char keeps[512] = "interrupted: nothing was written\n";

void command_keeps(const char *format, ...)
{
	char text[sizeof(keeps) - 32];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	snprintf(keeps, sizeof(keeps), "interrupted: %s\n", text);
}

const char *command_kept(void)
{
	return keeps;
}

/* What did not look at the flag in time: a read that waits, a program that draws. */
static void on_alarm(int number)
{
	(void)number;
	leftovers_remove();
	if (isatty(STDERR_FILENO) && write(STDERR_FILENO, "\r\033[K", 4) != 4)
		_exit(STATUS_INTERRUPTED);
	if (write(STDERR_FILENO, keeps, strlen(keeps)) < 0)
		_exit(STATUS_INTERRUPTED);
	_exit(STATUS_INTERRUPTED);
}

/* The first asks; the second ends the program at once. */
static void on_signal(int number)
{
	const struct itimerval soon = { .it_value.tv_usec = PATIENCE_US };

	(void)number;
	if (interrupted)
		on_alarm(number);
	interrupted = true;
	setitimer(ITIMER_REAL, &soon, NULL);
}

void command_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal }, before;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) /* nohup */
		sigaction(SIGHUP, &action, NULL);
	action.sa_handler = on_alarm;
	sigaction(SIGALRM, &action, NULL);
}
