/* SPDX-License-Identifier: GPL-2.0-only */
/* What a function of run/ prints to standard output or standard error, as text. */
#ifndef NETFSNOOP_TESTS_PRINT_UTIL_H
#define NETFSNOOP_TESTS_PRINT_UTIL_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

struct printing {
	int fd, saved;
	FILE *file, *stream;
};

/* From here on until printing_end() it goes to a file. */
static inline void printing_begin(struct printing *p, FILE *stream)
{
	fflush(stream);
	p->stream = stream;
	p->fd = fileno(stream);
	p->saved = dup(p->fd);
	p->file = tmpfile();
	assert_non_null(p->file);
	dup2(fileno(p->file), p->fd);
}

/* The caller's to free. */
static inline char *printing_end(struct printing *p)
{
	char *text;
	size_t n;

	fflush(p->stream);
	dup2(p->saved, p->fd);
	close(p->saved);
	n = lseek(fileno(p->file), 0, SEEK_END);
	text = calloc(1, n + 1);
	assert_non_null(text);
	assert_int_equal(pread(fileno(p->file), text, n, 0), n);
	fclose(p->file);
	return text;
}

#endif
