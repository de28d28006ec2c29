/* What readers of formats share: series, calls that have begun, and amounts of calls. */

#include <search.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "foreign/foreign_parts.h"

enum { OPEN_MAX_CALLS = 1 << 12, SERIES_MAX = 1 << 16 };

/* --- series ---------------------------------------------------------------- */

enum taken refuse(const struct reader *reader, const char *format, ...)
{
	char message[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	line_error(reader->foreign->path, reader->line, reader->error, "%s", message);
	return REFUSED;
}

static int compare_series(const void *a, const void *b)
{
	const struct foreign_series *one = a, *two = b;
	int order = strcmp(one->name, two->name);

	return order ? order : strcmp(one->key ? one->key : "", two->key ? two->key : "");
}

void series_free(struct foreign_series *series)
{
	if (!series)
		return;
	free(series->name);
	free(series->key);
	free(series->calls);
	free(series->bins);
	free(series);
}

struct foreign_series *series_new(struct reader *reader, const char *name, const char *key)
{
	struct foreign *foreign = reader->foreign;
	struct foreign_series *series = memory_array(1, sizeof(*series), "series", reader->error);

	if (!series)
		return NULL;
	series->line = reader->line;
	series->name = memory_text(name, reader->error);
	series->key = key ? memory_text(key, reader->error) : NULL;
	if (!series->name || (key && !series->key) ||
	    (foreign->count == SERIES_MAX &&
	     refuse(reader, "more than %d functions or keys of maps", SERIES_MAX)) ||
	    !memory_grow(&foreign->series, &foreign->capacity, foreign->count + 1,
			 sizeof(*foreign->series), "series", reader->error)) {
		series_free(series);
		return NULL;
	}
	foreign->series[foreign->count++] = series;
	return series;
}

struct foreign_series *series_of(struct reader *reader, const char *name, const char *key)
{
	struct foreign_series wanted = { .name = (char *)name, .key = (char *)key };
	void **found = tfind(&wanted, &reader->foreign->index, compare_series);
	struct foreign_series *series;

	if (found)
		return *found;
	series = series_new(reader, name, key);
	if (series && !tsearch(series, &reader->foreign->index, compare_series)) {
		error_memory(reader->error, "series");
		return NULL;
	}
	return series;
}

size_t keep_text(struct reader *reader, const char *text, size_t length)
{
	struct foreign *foreign = reader->foreign;
	size_t at = foreign->texts_length;

	if (length == 0)
		return at - 1; /* the last text's end is an empty one, too */
	if (at + length + 1 > FOREIGN_TEXTS_MAX) {
		refuse(reader, "more than %d MiB of arguments: record less",
		       FOREIGN_TEXTS_MAX >> 20);
		return 0;
	}
	if (!memory_reserve(&foreign->texts, &foreign->texts_capacity, at + length + 1, 1,
			    "arguments", reader->error))
		return 0;
	memcpy(foreign->texts + at, text, length);
	foreign->texts[at + length] = '\0';
	foreign->texts_length += length + 1;
	return at;
}

enum taken add_call(struct reader *reader, const char *name, double duration_ns, double amount,
		    size_t arguments)
{
	struct foreign_series *series = series_of(reader, name, NULL);

	if (!series)
		return REFUSED;
	if (reader->foreign->call_count == FOREIGN_CALLS_MAX)
		return refuse(reader,
			      "more than %d calls: record less, or what bpftrace's stats() "
			      "sums up",
			      FOREIGN_CALLS_MAX);
	if (!memory_reserve(&series->calls, &series->call_capacity, series->call_count + 1,
			    sizeof(*series->calls), "calls", reader->error))
		return REFUSED;
	series->calls[series->call_count++] =
		(struct foreign_call){ duration_ns, amount, arguments, reader->line };
	reader->foreign->call_count++;
	return TAKEN;
}

bool add_bin(struct reader *reader, struct foreign_series *series, struct foreign_bin bin)
{
	if (!memory_reserve(&series->bins, &series->bin_capacity, series->bin_count + 1,
			    sizeof(*series->bins), "bins", reader->error))
		return false;
	series->bins[series->bin_count++] = bin;
	return true;
}

/* --- calls that have begun --------------------------------------------------------------- */

enum taken call_begins(struct reader *reader, const char *task, const char *name, int64_t now_ns,
		       const char *arguments, size_t length)
{
	struct open_call *call;

	if (strlen(name) >= sizeof(call->name) || strlen(task) >= sizeof(call->task))
		return refuse(reader, "a name of more than %d bytes", FOREIGN_NAME_MAX - 1);
	if (reader->open_count == OPEN_MAX_CALLS)
		return refuse(reader, "more than %d calls have begun and not ended",
			      OPEN_MAX_CALLS);
	if (!memory_reserve(&reader->open, &reader->open_capacity, reader->open_count + 1,
			    sizeof(*reader->open), "calls", reader->error))
		return REFUSED;
	call = &reader->open[reader->open_count];
	call->begin_ns = now_ns;
	call->arguments = 0;
	if (length) {
		call->arguments = keep_text(reader, arguments, length);
		if (!call->arguments)
			return REFUSED;
	}
	memcpy(call->name, name, strlen(name) + 1);
	memcpy(call->task, task, strlen(task) + 1);
	reader->open_count++;
	return TAKEN;
}

bool call_ends(struct reader *reader, const char *task, const char *name, struct open_call *found)
{
	for (size_t i = reader->open_count; i-- > 0;) {
		if (strcmp(reader->open[i].task, task) != 0 ||
		    (name && strcmp(reader->open[i].name, name) != 0))
			continue;
		*found = reader->open[i];
		memmove(reader->open + i, reader->open + i + 1,
			(--reader->open_count - i) * sizeof(*reader->open));
		return true;
	}
	reader->foreign->unfinished++;
	return false;
}

/* --- amounts ------------------------------------------------------------------------------- */

/* The value behind "name:" or "name=" in a list of arguments. */
static bool argument_value(const char *arguments, const char *name, size_t length, double *value)
{
	for (const char *at = arguments; (at = strstr(at, name)) != NULL; at++) {
		const char *number = at + length;
		char *end;

		if ((at > arguments && !strchr(" ,(", at[-1])) ||
		    (*number != ':' && *number != '='))
			continue;
		number = skip_blanks(number + 1);
		if (*number < '0' || *number > '9')
			return false;
		*value = (double)strtoull(number, &end, 0);
		return true;
	}
	return false;
}

static bool name_value(const char *arguments, const char *begin, size_t length, double *value)
{
	char name[FOREIGN_NAME_MAX];

	if (length == 0 || length >= sizeof(name))
		return false;
	memcpy(name, begin, length);
	name[length] = '\0';
	return argument_value(arguments, name, length, value);
}

bool foreign_amount(const struct foreign *foreign, const struct foreign_call *call,
		    const char *expression, double *amount)
{
	const char *arguments = foreign->texts + call->arguments;
	const char *minus = strstr(expression, " - ");
	double less = 0;

	if (!name_value(arguments, expression,
			minus ? (size_t)(minus - expression) : strlen(expression), amount) ||
	    (minus && !name_value(arguments, minus + 3, strlen(minus + 3), &less)))
		return false;
	*amount -= less;
	return *amount >= 0;
}
