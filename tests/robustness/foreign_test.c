/*
 * Files of tracers (tests/foreign/) cut off at every byte, with flipped bytes and lines in another
 * order, in every format: each is read or refused with file and line, and never a crash. Under the
 * sanitizers that is what this test is for.
 */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "foreign/foreign.h"

#define FOLDER SOURCE_DIR "/tests/foreign"

enum { MOST = 6000 }; /* bytes of a sample that are looked at */

struct sample {
	char name[256];
	char bytes[MOST];
	size_t length;
};

static void read_sample(struct sample *sample, const char *name)
{
	char path[512];
	FILE *file;

	snprintf(sample->name, sizeof(sample->name), "%s", name);
	snprintf(path, sizeof(path), FOLDER "/%s", name);
	file = fopen(path, "r");
	assert_non_null(file);
	sample->length = fread(sample->bytes, 1, MOST, file);
	fclose(file);
	assert_true(sample->length > 0);
}

/* The bytes are read, or refused with their line. */
static bool check(const char *bytes, size_t length, enum foreign_format format)
{
	struct foreign foreign;
	struct error error = { 0 };
	char path[64];
	int file = memfd_create("sample", 0);
	bool ok;

	assert_true(file >= 0);
	assert_int_equal(write(file, bytes, length), length);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	ok = foreign_read(&foreign, format, path, 1, &error);
	if (ok) {
		assert_int_equal(error.kind, ERROR_NONE);
		for (size_t i = 0; i < foreign.count; i++)
			for (size_t c = 0; c < foreign.series[i]->call_count; c++) {
				const struct foreign_call *call = &foreign.series[i]->calls[c];
				double amount;

				assert_true(isfinite(call->duration_ns));
				foreign_amount(&foreign, call, "end - addr", &amount);
			}
		foreign_fini(&foreign);
	} else {
		const char *place = strstr(error.message, ": error: ");

		assert_int_equal(error.kind, ERROR_INPUT);
		if (!place || strncmp(error.message, path, strlen(path)) != 0 || place[-1] < '0' ||
		    place[-1] > '9')
			fail_msg("no line: %s", error.message);
	}
	close(file);
	return ok;
}

static enum foreign_format format_of(const char *name)
{
	return strstr(name, ".csv")                ? FOREIGN_CSV
	       : strncmp(name, "bpftrace", 8) == 0 ? FOREIGN_BPFTRACE
	       : strncmp(name, "perf-ftrace", 11) == 0 || strncmp(name, "function", 8) == 0 ||
			       strncmp(name, "trace", 5) == 0 || strncmp(name, "ftrace", 6) == 0 ||
			       strncmp(name, "kprobe", 6) == 0
		       ? FOREIGN_FTRACE
		       : FOREIGN_PERF;
}

static void all_samples(void (*work)(struct sample *sample, enum foreign_format format))
{
	DIR *folder = opendir(FOLDER);
	const struct dirent *entry;
	size_t count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		struct sample sample;

		if (entry->d_name[0] == '.')
			continue;
		read_sample(&sample, entry->d_name);
		work(&sample, format_of(entry->d_name));
		count++;
	}
	closedir(folder);
	assert_true(count >= 20);
}

static void whole(struct sample *sample, enum foreign_format format)
{
	char path[512];
	struct foreign foreign;
	struct error error = { 0 };

	snprintf(path, sizeof(path), FOLDER "/%s", sample->name);
	if (!foreign_read(&foreign, format, path, 1, &error))
		fail_msg("%s", error.message);
	foreign_fini(&foreign);
}

static void test_samples(void **state)
{
	(void)state;
	all_samples(whole);
}

static void cut(struct sample *sample, enum foreign_format format)
{
	size_t step = sample->length > 1500 ? 3 : 1, refused = 0;

	for (size_t length = 0; length < sample->length; length += step)
		refused += !check(sample->bytes, length, format);
	assert_true(refused > 0); /* the empty one at least */
}

static void test_cut(void **state)
{
	(void)state;
	all_samples(cut);
}

/* As many draws for each sample; the seed is fixed. */
static uint32_t draw(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void flip(struct sample *sample, enum foreign_format format)
{
	static const char instead[] = "\0\n\r\t |[]()@{}:;=<>-+0189.ae%,/*\"\\\x7f\x80\xff";
	uint32_t state = 1;

	for (int round = 0; round < 400; round++) {
		char bytes[MOST];

		memcpy(bytes, sample->bytes, sample->length);
		for (uint32_t n = 1 + draw(&state) % 3; n > 0; n--)
			bytes[draw(&state) % sample->length] =
				instead[draw(&state) % (sizeof(instead) - 1)];
		check(bytes, sample->length, format);
	}
}

static void test_flipped(void **state)
{
	(void)state;
	all_samples(flip);
}

static void misread(struct sample *sample, enum foreign_format format)
{
	for (int other = FOREIGN_CSV; other <= FOREIGN_FTRACE; other++)
		if (other != (int)format)
			check(sample->bytes, sample->length, (enum foreign_format)other);
}

static void test_other_format(void **state)
{
	(void)state;
	all_samples(misread);
}

/* Windows' ends of lines, and lines of which each stands twice. */
static void ends(struct sample *sample, enum foreign_format format)
{
	char bytes[2 * MOST];
	size_t length = 0;

	for (size_t i = 0; i < sample->length; i++) {
		if (sample->bytes[i] == '\n')
			bytes[length++] = '\r';
		bytes[length++] = sample->bytes[i];
	}
	if (sample->length < MOST)
		assert_true(check(bytes, length, format));
	memcpy(bytes + sample->length, sample->bytes, sample->length);
	memcpy(bytes, sample->bytes, sample->length);
	check(bytes, 2 * sample->length, format);
}

static void test_ends(void **state)
{
	(void)state;
	all_samples(ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),      cmocka_unit_test(test_cut),
		cmocka_unit_test(test_flipped),      cmocka_unit_test(test_ends),
		cmocka_unit_test(test_other_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
