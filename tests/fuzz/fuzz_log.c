// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reader of lines: any bytes as a file (packed, UTF-16, a mail, broken lines), then as a log in pieces
 * whose size the first byte gives. What comes out is terminated text, no more of it than may be, and as
 * many lines as there were, or as a line that holds several may have.
 */
#include <errno.h>
#include <string.h>

#include "log/file.h"
#include "log/reader.h"
#include "log/wrap.h"

#define MAX_TEXT (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static bool headline(const char *text)
{
	return !strncmp(text, "BUG: ", 5) || !strncmp(text, "Oops", 4);
}

static int take(void *ctx, struct log_line *l)
{
	size_t *bytes = ctx;

	check(strlen(l->text) == l->size);
	check(strlen(l->when) < sizeof(l->when) && strlen(l->caller) < sizeof(l->caller));
	check(l->prefix_size <= (size_t)(l->text - l->prefix));
	*bytes += l->size;
	return 0;
}

static void read_lines(const char *text, size_t size, size_t piece)
{
	__free(log_reader_freep) struct log_reader *r = NULL;
	size_t bytes = 0;

	check(!log_reader_new(&r, headline, take, &bytes));
	for (size_t at = 0; at < size; at += piece)
		check(!log_reader_feed(r, text + at, piece < size - at ? piece : size - at));
	check(!log_reader_flush(r));
	for (size_t i = 0; log_reader_stripped(r, i); i++)
		check(i < 8 && strlen(log_reader_stripped(r, i)) < LOG_MAX_PREFIX);
	check(bytes <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	size_t n = size;
	bool cut = false;
	int rc;

	memcpy(text, data, size);
	text[size] = '\0';
	rc = log_decode(&text, &n, MAX_TEXT, &cut);
	check(rc == 0 || rc == -EBADMSG);
	check(n <= MAX_TEXT + 1 && text[n] == '\0');
	n = wrap_undo(text, n);
	check(text[n] == '\0');
	read_lines(text, n, size ? data[0] + 1 : 1);
	free(text);
	return 0;
}
