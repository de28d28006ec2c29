/* Formats as data, limits of what is read, and files that are damaged in any way. */

#include "base/lines.h"
#include "import/trace_import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "engine/stream.h"
#include "import/guest_import.h"

#define SAMPLES SOURCE_DIR "/tests/samples/"

static char folder[] = "/tmp/import_test.XXXXXX";
static char path[64];

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/file", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path) | rmdir(folder);
}

static void write_file(const char *bytes, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static char *read_file(const char *name, size_t *length)
{
	FILE *file = fopen(name, "r");
	char *bytes = calloc(1, 1 << 16);

	assert_non_null(file);
	assert_non_null(bytes);
	*length = fread(bytes, 1, (1 << 16) - 1, file);
	assert_in_range(*length, 1, (1 << 16) - 2);
	fclose(file);
	return bytes;
}

static void names_are_those_of_the_table(void **state)
{
	size_t i = 0;

	(void)state;
	for (; trace_formats[i].name; i++) {
		assert_non_null(trace_format_names[i]);
		assert_string_equal(trace_formats[i].name, trace_format_names[i]);
		assert_non_null(trace_formats[i].read);
	}
	assert_null(trace_format_names[i]);
}

/* --- lines ---------------------------------------------------------- */

static void lines_are_cut_wherever_they_end(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "one\r\n\ntwo";
	struct error error = { 0 };
	struct lines lines;

	(void)state;
	write_file(text, sizeof(text) - 1);
	assert_true(lines_open(&lines, path, &error));
	assert_true(lines_next(&lines));
	assert_string_equal(lines.text, "one");
	assert_true(lines_next(&lines));
	assert_string_equal(lines.text, "");
	assert_true(lines_next(&lines));
	assert_string_equal(lines.text, "two");
	assert_int_equal(lines.number, 3);
	assert_false(lines_next(&lines));
	assert_int_equal(error.kind, ERROR_NONE);
	lines_close(&lines);
}

static void a_line_of_any_length_up_to_the_limit(void **state)
{
	char *text = calloc(1, LINES_LENGTH_MOST + 2);
	struct lines lines;

	(void)state;
	assert_non_null(text);
	for (size_t more = 0; more < 2; more++) {
		struct error error = { 0 };

		memset(text, 'x', LINES_LENGTH_MOST + more);
		write_file(text, LINES_LENGTH_MOST + more);
		assert_true(lines_open(&lines, path, &error));
		assert_int_equal(lines_next(&lines), more == 0);
		assert_int_equal(error.kind, more ? ERROR_INPUT : ERROR_NONE);
		if (more)
			assert_non_null(strstr(error.message, ":1: error: the line is longer"));
		lines_close(&lines);
	}
	free(text);
}

/* 100 MB of one row, packed to a thousandth: refused long before its end. */
static void a_file_that_unpacks_without_end_is_refused(void **state)
{
	const size_t rows = 5000000;
	struct error error = { 0 };
	struct lines lines;
	gzFile file = gzopen(path, "wb");
	char row[] = "aaaaaaaaaaaaaaaaaaa\n";

	(void)state;
	assert_non_null(file);
	for (size_t i = 0; i < rows; i++)
		assert_int_equal(gzwrite(file, row, sizeof(row) - 1), sizeof(row) - 1);
	assert_int_equal(gzclose(file), Z_OK);
	assert_true(lines_open(&lines, path, &error));
	while (lines_next(&lines))
		;
	assert_int_equal(error.kind, ERROR_INPUT);
	assert_non_null(strstr(error.message, "unpacks to more than 200 times its size"));
	assert_in_range(lines.number, 1, rows - 1);
	lines_close(&lines);
}

/* --- damage ---------------------------------------------------------- */

/* Cut off, bits flipped, pieces repeated; the same each time. */
static size_t damage(char *bytes, size_t length, uint32_t number)
{
	struct stream_name name = { .seed = 1, .entity = number };
	struct stream stream;

	assert_true(stream_begin(&stream, &name));
	for (size_t i = 0; i < 1 + number % 5; i++) {
		uint64_t word = stream_word(&stream);
		size_t at = (size_t)(word >> 16) % length;

		switch (word % 4) {
		case 0:
			bytes[at] = (char)(bytes[at] ^ 1 << (word >> 8 & 7));
			break;
		case 1:
			bytes[at] = "\0\n,\"{}<>=-9e'\\\xff"[word >> 8 & 15];
			break;
		case 2:
			memmove(bytes + at, bytes, length - at);
			break;
		default:
			if (length > 16)
				length = at ? at : 1;
		}
	}
	return length;
}

/* Whatever is read: a result, or an error that says something. */
static void check_told(bool ok, const struct error *error)
{
	assert_int_equal(ok, error->kind == ERROR_NONE);
	if (!ok) {
		assert_int_equal(error->kind, ERROR_INPUT);
		assert_true(strlen(error->message) > 10);
	}
}

static void damaged_traces_end_in_a_message(void **state)
{
	static const struct {
		const char *format, *files[4];
	} samples[] = {
		{ "azure2017", { "azure2017.csv" } },
		{ "azure2019", { "azure2019.csv" } },
		{ "google2019", { "google2019.json" } },
		{ "google2019", { "google2019.csv" } },
		{ "alibaba2018", { "alibaba_container_meta.csv" } },
		{ "alibaba2018", { "alibaba_batch_task.csv" } },
		{ "alibaba2018", { "alibaba_batch_instance.csv" } },
		{ "azure2017-bins",
		  { "azure2017_flavours.txt", "azure2017_durations.txt",
		    "azure2017_flavour_map.txt", "azure2017_interval_map.txt" } },
	};
	const struct trace_options options = { .share = 1,
					       .spread_ns = -1,
					       .machine_cores = 96,
					       .machine_memory_bytes = 1LL << 40,
					       .seed = 1 };
	FILE *nowhere = fopen("/dev/null", "w");
	size_t good = 0, bad = 0;

	(void)state;
	assert_non_null(nowhere);
	for (size_t s = 0; s < sizeof(samples) / sizeof(*samples); s++) {
		const struct trace_format *format = trace_formats;
		size_t count = samples[s].files[1] ? 4 : 1;

		while (strcmp(format->name, samples[s].format) != 0)
			format++;
		for (uint32_t number = 0; number < 400; number++) {
			char names[4][256], *bytes;
			const char *paths[4];
			struct error error = { 0 };
			size_t length, broken = number % count;

			for (size_t i = 0; i < count; i++) {
				snprintf(names[i], sizeof(names[i]), SAMPLES "%s",
					 samples[s].files[i]);
				paths[i] = names[i];
			}
			bytes = read_file(names[broken], &length);
			if (number >= count)
				length = damage(bytes, length, number);
			write_file(bytes, length);
			free(bytes);
			paths[broken] = path;
			if (trace_import(format, &options, paths, count, "/dev/null", nowhere,
					 &error))
				good++;
			else
				bad++;
			check_told(error.kind == ERROR_NONE, &error);
			if (number < count)
				assert_int_equal(error.kind, ERROR_NONE);
		}
	}
	fclose(nowhere);
	assert_true(good > 500);
	assert_true(bad > 500);
}

static void damaged_guests_end_in_a_message(void **state)
{
	static const char *const samples[] = { "domain.xml",      "domain-snp.xml",
					       "domain-s390.xml", "qemu-libvirt.log",
					       "qemu-ps.txt",     "qemu-tdx.txt" };
	FILE *nowhere = fopen("/dev/null", "w");
	size_t good = 0, bad = 0;

	(void)state;
	assert_non_null(nowhere);
	for (size_t s = 0; s < sizeof(samples) / sizeof(*samples); s++) {
		char name[256];

		snprintf(name, sizeof(name), SAMPLES "%s", samples[s]);
		for (uint32_t number = 0; number < 1000; number++) {
			struct error error = { 0 };
			struct imported_guest *guest;
			size_t length;
			char *bytes = read_file(name, &length);

			if (number)
				length = damage(bytes, length, number);
			write_file(bytes, length);
			free(bytes);
			guest = guest_import(path, &error);
			check_told(guest != NULL, &error);
			if (guest) {
				json_t *json = guest_import_scenario(guest, &error);

				assert_non_null(json);
				json_decref(json);
				assert_true(guest_import_account(guest, true, nowhere, &error));
			}
			if (guest)
				good++;
			else
				bad++;
			guest_import_free(guest);
		}
	}
	fclose(nowhere);
	assert_true(good > 1000);
	assert_true(bad > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_the_table),
		cmocka_unit_test(lines_are_cut_wherever_they_end),
		cmocka_unit_test(a_line_of_any_length_up_to_the_limit),
		cmocka_unit_test(a_file_that_unpacks_without_end_is_refused),
		cmocka_unit_test(damaged_traces_end_in_a_message),
		cmocka_unit_test(damaged_guests_end_in_a_message),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
