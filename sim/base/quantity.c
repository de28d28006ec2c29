#include "base/quantity.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HINT_SIZE = 160 };

struct unit {
	const char *name;
	double factor;
};

static const struct unit bytes_units[] = {
	{ "B", 1 },        { "KiB", 0x1p10 }, { "MiB", 0x1p20 }, { "GiB", 0x1p30 },
	{ "TiB", 0x1p40 }, { "PiB", 0x1p50 }, { "kB", 1e3 },     { "MB", 1e6 },
	{ "GB", 1e9 },     { "TB", 1e12 },    { NULL, 0 },
};
static const struct unit duration_units[] = {
	{ "ns", 1 },  { "us", 1e3 },   { "\xc2\xb5s", 1e3 }, { "\xce\xbcs", 1e3 }, { "ms", 1e6 },
	{ "s", 1e9 }, { "min", 60e9 }, { "h", 3600e9 },      { "d", 86400e9 },     { NULL, 0 },
};
static const struct unit bandwidth_units[] = {
	{ "B/s", 1 },        { "KiB/s", 0x1p10 }, { "MiB/s", 0x1p20 }, { "GiB/s", 0x1p30 },
	{ "TiB/s", 0x1p40 }, { "kB/s", 1e3 },     { "MB/s", 1e6 },     { "GB/s", 1e9 },
	{ "TB/s", 1e12 },    { NULL, 0 },
};
static const struct unit rate_units[] = {
	{ "/s", 1 }, { "/min", 1 / 60.0 }, { "/h", 1 / 3600.0 }, { "/d", 1 / 86400.0 }, { NULL, 0 },
};

static const struct {
	const struct unit *units;
	const char *what, *example;
} kinds[] = {
	[QUANTITY_BYTES] = { bytes_units, "a size", "64GiB" },
	[QUANTITY_DURATION] = { duration_units, "a duration", "1.5us" },
	[QUANTITY_BANDWIDTH] = { bandwidth_units, "a bandwidth", "250MB/s" },
	[QUANTITY_RATE] = { rate_units, "a rate", "3/h" },
};

static const struct unit *find_unit(enum quantity_kind kind, const char *name)
{
	for (const struct unit *unit = kinds[kind].units; unit->name; unit++)
		if (strcmp(unit->name, name) == 0)
			return unit;
	return NULL;
}

/* End of "64" or "1.5" at the start of the text, or NULL. */
static const char *number_end(const char *text)
{
	const char *end = text;

	while (isdigit((unsigned char)*end))
		end++;
	if (end == text)
		return NULL;
	if (*end == '.') {
		const char *fraction = ++end;

		while (isdigit((unsigned char)*end))
			end++;
		if (end == fraction)
			return NULL;
	}
	return end;
}

/* --- units that do not exist ------------------------------------------------------ */

static size_t same_letters(const char *a, const char *b)
{
	size_t same = 0;

	while (a[same] && tolower((unsigned char)a[same]) == tolower((unsigned char)b[same]))
		same++;
	return same;
}

/* "G" or "Gi" may stand for GiB or GB, "gb" for GB or GiB, "sec" for s. */
static bool may_mean(const char *written, const struct unit *unit, size_t longest)
{
	size_t same = same_letters(written, unit->name), length = strlen(unit->name);

	if (!isascii(*unit->name))
		return false;
	if (!written[same] || !unit->name[same])
		return same && (!written[same] || length == longest);
	/* kB and KiB differ by a letter that is easily left out */
	return strlen(written) == 2 && tolower((unsigned char)written[1]) == 'b' && same == 1 &&
	       length == 3;
}

/* The longest unit that the text begins with: "sec" is s, "msec" ms. */
static size_t longest_begun(const char *written, const struct unit *units)
{
	size_t longest = 0;

	for (const struct unit *unit = units; unit->name; unit++) {
		size_t length = strlen(unit->name);

		if (same_letters(written, unit->name) == length && length > longest)
			longest = length;
	}
	return longest;
}

/* "; 64GiB or 64GB?", or else the units that there are. */
static void name_units(const char *text, const char *written, enum quantity_kind kind,
		       char hint[HINT_SIZE])
{
	const struct unit *units = kinds[kind].units;
	size_t longest = longest_begun(written, units), used = 0, found = 0;
	int number = (int)strcspn(text, " ");

	if (text + number >= written)
		number = (int)(written - text);
	hint[0] = '\0';
	for (const struct unit *unit = units; unit->name; unit++)
		if (may_mean(written, unit, longest) && used < HINT_SIZE)
			used += (size_t)snprintf(hint + used, HINT_SIZE - used, "%s%.*s%s",
						 found++ ? " or " : ": ", number, text, unit->name);
	if (found && used < HINT_SIZE) {
		snprintf(hint + used, HINT_SIZE - used, "?");
		return;
	}
	for (const struct unit *unit = units; unit->name && used < HINT_SIZE; unit++)
		if (isascii(*unit->name))
			used += (size_t)snprintf(hint + used, HINT_SIZE - used, "%s%s",
						 used ? " " : "; its units are ", unit->name);
}

static bool complain(const char *text, enum quantity_kind kind, const char *unit,
		     struct error *error)
{
	const char *what = kinds[kind].what, *example = kinds[kind].example;
	char hint[HINT_SIZE];

	for (size_t other = 0; unit && *unit && other < sizeof(kinds) / sizeof(kinds[0]); other++)
		if (find_unit((enum quantity_kind)other, unit))
			return error_set(error, ERROR_INPUT,
					 "\"%.60s\" is %s, %s is needed (for example \"%s\")", text,
					 kinds[other].what, what, example);
	if (unit && !*unit)
		return error_set(error, ERROR_INPUT,
				 "\"%.60s\" has no unit, %s is needed (for example \"%s\")", text,
				 what, example);
	if (!unit)
		return error_set(error, ERROR_INPUT, "\"%.60s\" is not %s (for example \"%s\")",
				 text, what, example);
	name_units(text, unit, kind, hint);
	return error_set(error, ERROR_INPUT, "\"%.60s\" has an unknown unit, %s is needed%s", text,
			 what, hint);
}

bool quantity_read(const char *text, enum quantity_kind kind, double *value, struct error *error)
{
	const char *end = number_end(text);
	const struct unit *unit;

	if (!end)
		return complain(text, kind, NULL, error);
	if (*end == ' ')
		end++;
	unit = find_unit(kind, end);
	if (!unit)
		return complain(text, kind, end, error);
	*value = strtod(text, NULL) * unit->factor;
	if (!isfinite(*value))
		return error_set(error, ERROR_INPUT, "\"%.60s\" is too large", text);
	return true;
}

bool quantity_read_integer(const char *text, enum quantity_kind kind, int64_t *value,
			   struct error *error)
{
	const char *end = number_end(text);
	const struct unit *unit;
	const char *point;
	unsigned long long whole;
	int64_t product;
	double real = 0, fraction = 0;

	if (!quantity_read(text, kind, &real, error))
		return false;
	/* The whole part is exact even beyond 2^53; only a fraction of it passes a double. */
	unit = find_unit(kind, *end == ' ' ? end + 1 : end);
	whole = strtoull(text, NULL, 10);
	point = memchr(text, '.', (size_t)(end - text));
	if (point)
		fraction = strtod(point, NULL) * unit->factor;
	if (whole > INT64_MAX ||
	    __builtin_mul_overflow((int64_t)whole, (int64_t)unit->factor, &product) ||
	    __builtin_add_overflow(product, llround(fraction), value))
		return error_set(error, ERROR_INPUT, "\"%.60s\" is too large: at most 2^63 - 1 %s",
				 text, kind == QUANTITY_BYTES ? "bytes" : "nanoseconds");
	return true;
}

/* Limits where rounding adds a digit: 99.996 is 100.0, not 100.00. */
static int digits_of(double value)
{
	return value >= 999.95 || value == floor(value) ? 0
	       : value >= 99.995                        ? 1
	       : value >= 9.9995                        ? 2
							: 3;
}

static void print_scaled(FILE *out, double value, const char *unit)
{
	fprintf(out, "%.*f %s", digits_of(value), value, unit);
}

/* No digit of it is beyond those that are shown. */
static bool is_shown_whole(double value)
{
	static const double powers[] = { 1, 10, 100, 1000 };
	double shown = value * powers[digits_of(value)];

	return shown == floor(shown);
}

void quantity_print_bytes_beside(FILE *out, double bytes, double other)
{
	static const struct unit *const scale[] = { &bytes_units[5], &bytes_units[4],
						    &bytes_units[3], &bytes_units[2],
						    &bytes_units[1] };

	for (size_t i = 0; i < sizeof(scale) / sizeof(scale[0]); i++) {
		double factor = scale[i]->factor;

		if (bytes >= factor && (other < factor || is_shown_whole(other / factor))) {
			print_scaled(out, bytes / factor, scale[i]->name);
			return;
		}
	}
	print_scaled(out, bytes, "B");
}

void quantity_print_bytes(FILE *out, double bytes)
{
	quantity_print_bytes_beside(out, bytes, 0);
}

void quantity_print_duration(FILE *out, double duration_ns)
{
	double seconds = duration_ns / 1e9;
	double tenths = nearbyint(seconds * 10); /* no "2 min 60.0 s" */

	if (seconds >= 7200)
		fprintf(out, "%.0f h %02.0f min", floor(seconds / 3600),
			floor(fmod(seconds, 3600) / 60));
	else if (seconds >= 120)
		fprintf(out, "%.0f min %04.1f s", floor(tenths / 600), fmod(tenths, 600) / 10);
	else if (seconds >= 1)
		print_scaled(out, seconds, "s");
	else if (seconds >= 1e-3)
		print_scaled(out, seconds * 1e3, "ms");
	else if (seconds >= 1e-6)
		print_scaled(out, seconds * 1e6, "us");
	else
		print_scaled(out, duration_ns, "ns");
}

void quantity_format_exact(char buffer[32], enum quantity_kind kind, int64_t value)
{
	const struct unit *best = &kinds[kind].units[0]; /* B or ns: whole numbers of it */

	for (const struct unit *unit = kinds[kind].units; unit->name; unit++) {
		bool alias = (unsigned char)unit->name[0] >= 0x80;
		bool decimal = kind == QUANTITY_BYTES && unit->factor >= 1e3 &&
			       fmod(unit->factor, 1024) != 0;

		if (alias || decimal || unit->factor < 1 || value % (int64_t)unit->factor)
			continue;
		if (unit->factor > best->factor)
			best = unit;
	}
	if (value == 0)
		best = kind == QUANTITY_DURATION ? &duration_units[5] : &bytes_units[0];
	snprintf(buffer, 32, "%" PRId64 "%s", value / (int64_t)best->factor, best->name);
}
