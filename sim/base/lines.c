#include "base/lines.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/progress.h"

enum { CHUNK = 1 << 16, GZIP_LEAST = 1 << 13, GZIP_MOST = 1 << 18, TAR_MAGIC_AT = 257 };
#define RATIO_FROM ((z_off_t)64 << 20) /* bytes that may come from anything */

struct lines_buffer {
	gzFile file;
	bool packed;
	z_off_t unpacked; /* bytes so far */
	size_t at, end;   /* of what is in `chunk` */
	char *line;
	size_t capacity;
	char chunk[CHUNK];
	off_t size; /* of the file; 0: not known */
};

bool lines_error(const struct lines *lines, const char *format, ...)
{
	char message[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	return error_set(lines->error, ERROR_INPUT, "%s:%zu: error: %s", lines->path, lines->number,
			 message);
}

/* Files that are often given by mistake, by their first bytes. */
static const struct {
	const char *bytes;
	size_t length;
	const char *mend;
} strangers[] = {
	{ "PK\003\004", 4, "this is a zip archive: unzip it first" },
	{ "\xfd"
	  "7zXZ",
	  5, "this is packed by xz: unpack it first (xz -dk FILE)" },
	{ "\x28\xb5\x2f\xfd", 4, "this is packed by zstd: unpack it first (zstd -d FILE)" },
	{ "BZh", 3, "this is packed by bzip2: unpack it first (bzip2 -dk FILE)" },
	{ "PAR1", 4, "this is a Parquet file: export the table as CSV or JSON lines" },
	{ "\xff\xfe", 2, "this is UTF-16: save it as UTF-8 (iconv -f UTF-16 -t UTF-8 FILE)" },
	{ "\xfe\xff", 2, "this is UTF-16: save it as UTF-8 (iconv -f UTF-16 -t UTF-8 FILE)" },
};

static bool check_begin(const struct lines *lines)
{
	const struct lines_buffer *buffer = lines->buffer;

	for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++)
		if (buffer->end >= strangers[i].length &&
		    memcmp(buffer->chunk, strangers[i].bytes, strangers[i].length) == 0)
			return lines_error(lines, "%s", strangers[i].mend);
	if (buffer->end > TAR_MAGIC_AT + 5 && memcmp(buffer->chunk + TAR_MAGIC_AT, "ustar", 5) == 0)
		return lines_error(lines, "this is a tar archive: unpack it first "
					  "(tar -xf FILE)");
	return true;
}

/* Fill the chunk; nothing in it then: the end of the file. */
static bool refill(struct lines *lines)
{
	struct lines_buffer *buffer = lines->buffer;
	bool first = !buffer->unpacked;
	int got = gzread(buffer->file, buffer->chunk, CHUNK), code = Z_OK;
	const char *message = gzerror(buffer->file, &code), *colon = strstr(message, ": ");

	if (code == Z_MEM_ERROR)
		return error_memory(lines->error, "gzip");
	if (interrupted)
		return error_set(lines->error, ERROR_INTERRUPTED, "interrupted");
	if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
		return lines_error(lines,
				   code == Z_ERRNO ? "cannot read on: %s"
						   : "the gzip data is damaged or cut off (%s): "
						     "fetch the file again",
				   code == Z_ERRNO ? strerror(errno)
				   : colon         ? colon + 2 /* behind "<fd:3>" */
						   : message);
	progress_show(buffer->size > 0 ? (double)gzoffset(buffer->file) / (double)buffer->size
				       : NAN,
		      "%s, line %zu", lines->path, lines->number);
	buffer->at = 0;
	buffer->end = (size_t)got;
	buffer->unpacked += got;
	if (buffer->packed && buffer->unpacked > RATIO_FROM &&
	    buffer->unpacked / LINES_RATIO_MOST > gzoffset(buffer->file))
		return lines_error(
			lines,
			"the file unpacks to more than %d times its size, which no table "
			"of machines does",
			LINES_RATIO_MOST);
	return !first || check_begin(lines);
}

/* The file is taken over, also on failure. Its size, or 0: nobody knows. */
static bool read_from(struct lines *lines, int file, off_t size)
{
	bool small = size > 0 && size < GZIP_MOST;

	lines->buffer = memory_array(1, sizeof(*lines->buffer), "lines", lines->error);
	if (lines->buffer)
		lines->buffer->file = gzdopen(file, "rb");
	if (!lines->buffer || !lines->buffer->file) {
		close(file);
		lines_close(lines);
		return error_memory(lines->error, "gzip");
	}
	gzbuffer(lines->buffer->file, small ? GZIP_LEAST + (unsigned int)size : GZIP_MOST);
	lines->buffer->packed = !gzdirect(lines->buffer->file);
	lines->buffer->size = size;
	return true;
}

bool lines_open(struct lines *lines, const char *path, struct error *error)
{
	int file = files_open_input(path, error);
	struct stat status;

	*lines = (struct lines){ .path = path, .error = error };
	return file >= 0 &&
	       read_from(lines, file,
			 fstat(file, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : 0);
}

bool lines_open_text(struct lines *lines, const char *path, const char *text, struct error *error)
{
	int file = memfd_create("lines", MFD_CLOEXEC);
	size_t length = strlen(text), done = 0;

	*lines = (struct lines){ .path = path, .error = error };
	while (file >= 0 && done < length) {
		ssize_t wrote = write(file, text + done, length - done);

		if (wrote < 0 && errno != EINTR) {
			close(file);
			file = -1;
		} else if (wrote > 0) {
			done += (size_t)wrote;
		}
	}
	if (file < 0 || lseek(file, 0, SEEK_SET) != 0) {
		if (file >= 0)
			close(file);
		return error_memory(error, "lines");
	}
	return read_from(lines, file, (off_t)length);
}

bool lines_next(struct lines *lines)
{
	struct lines_buffer *buffer = lines->buffer;
	size_t length = 0;
	bool ended = false;

	if (lines->error->kind != ERROR_NONE)
		return false;
	lines->number++;
	while (!ended) {
		const char *begin, *end;
		size_t piece;

		if (buffer->at == buffer->end) {
			if (!refill(lines))
				return false;
			if (!buffer->end && !length)
				return false; /* the file has ended */
			if (!buffer->end)
				break;
		}
		begin = buffer->chunk + buffer->at;
		end = memchr(begin, '\n', buffer->end - buffer->at);
		piece = end ? (size_t)(end - begin) : buffer->end - buffer->at;
		ended = end != NULL;
		if (length + piece > LINES_LENGTH_MOST)
			return lines_error(lines, "the line is longer than 1 MiB");
		if (!memory_reserve(&buffer->line, &buffer->capacity, length + piece + 1, 1, "line",
				    lines->error))
			return false;
		memcpy(buffer->line + length, begin, piece);
		length += piece;
		buffer->at += piece + ended;
	}
	if (length && buffer->line[length - 1] == '\r')
		length--;
	buffer->line[length] = '\0';
	if (strlen(buffer->line) != length)
		return lines_error(lines, "there is a zero byte: this is no text");
	lines->text = buffer->line;
	if (lines->number == 1 && strncmp(lines->text, "\xef\xbb\xbf", 3) == 0)
		lines->text += 3;
	return true;
}

void lines_close(struct lines *lines)
{
	if (!lines->buffer)
		return;
	if (lines->buffer->file)
		gzclose_r(lines->buffer->file);
	free(lines->buffer->line);
	free(lines->buffer);
	lines->buffer = NULL;
}
