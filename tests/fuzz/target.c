#include "target.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/visible.h"

const char fuzz_small_scenario[] =
	"{\"name\": \"small\", \"host\": {\"cores\": 4, \"memory\": \"16GiB\"},"
	" \"guests\": [{\"name\": \"db\", \"model\": \"kvm\", \"memory\": \"1GiB\"}],"
	" \"events\": [{\"at\": \"1s\", \"do\": \"start\", \"guests\": \"db\"},"
	" {\"at\": \"20s\", \"do\": \"reboot\", \"guests\": \"db\"}],"
	" \"experiment\": {\"until\": \"60s\", \"replications\": 2, \"seed\": 1}}";

void fuzz_begin(void)
{
	if (setenv("SIM_PATH", SOURCE_DIR "/scenarios/published:" SOURCE_DIR "/scenarios", 1) != 0)
		abort();
}

void fuzz_fail(const char *what, const struct error *error)
{
	fprintf(stderr, "%s: %s\n", what, error->message);
	abort();
}

void fuzz_check_text(const char *text, const struct error *error)
{
	while (*text) {
		size_t length = *text == '\n' ? 1 : visible_length(text);

		fuzz_expect(length > 0, "a control byte", error);
		text += length;
	}
}

bool fuzz_check(bool ok, const struct error *error)
{
	fuzz_expect(ok == (error->kind == ERROR_NONE), "what is returned is not what is said",
		    error);
	if (ok)
		return true;
	fuzz_expect(error->kind == ERROR_INPUT, "not an error of the input", error);
	fuzz_expect(error->message[0] != '\0', "no message", error);
	fuzz_check_text(error->message, error);
	return false;
}

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	abort();
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	must(text != NULL, "malloc");
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static void put(int file, const uint8_t *data, size_t size)
{
	must(ftruncate(file, 0) == 0 && (!size || pwrite(file, data, size, 0) == (ssize_t)size),
	     "cannot write an input");
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
	static char path[64];
	static int file = -1;

	if (file < 0) {
		file = memfd_create("input", 0);
		must(file >= 0, "memfd_create");
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	}
	put(file, data, size);
	return path;
}

static char folder[64], named[80];

static void remove_named(void)
{
	unlink(named);
	rmdir(folder);
}

const char *fuzz_named_file(const uint8_t *data, size_t size)
{
	static int file = -1;

	if (file < 0) {
		snprintf(folder, sizeof(folder), "%s/fuzz.XXXXXX",
			 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		must(mkdtemp(folder) != NULL, "mkdtemp");
		snprintf(named, sizeof(named), "%s/input", folder);
		file = open(named, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		must(file >= 0 && atexit(remove_named) == 0, named);
	}
	put(file, data, size);
	return named;
}

unsigned int fuzz_random(unsigned int *state, unsigned int below)
{
	*state = *state * 1664525u + 1013904223u;
	return below ? (unsigned int)(((uint64_t)(*state ^ *state >> 15) * below) >> 32) : 0;
}
