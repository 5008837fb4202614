// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/mem.h"

#define FIRST_ROOM 1024

char *mem_grow(struct mem *m, size_t n)
{
	size_t room = m->room ? m->room : FIRST_ROOM;
	char *text;

	while (room - m->len < n)
		room *= 2;
	text = realloc(m->text, room);
	if (!text) {
		m->failed = true;
		return NULL;
	}
	m->text = text;
	m->room = room;
	return text + m->len;
}

/* 0 is an error, as fopencookie(3) has it. */
static ssize_t put(void *ctx, const char *bytes, size_t n)
{
	struct mem *m = ctx;
	char *to = m->failed ? NULL : mem_more(m, n + 1);

	if (!to) {
		errno = ENOMEM;
		return 0;
	}
	memcpy(to, bytes, n);
	to[n] = '\0';
	m->len += n;
	return n;
}

FILE *mem_open(struct mem *m)
{
	return fopencookie(m, "w", (cookie_io_functions_t){ .write = put });
}

int mem_close(FILE *f, const struct mem *m)
{
	int rc = f ? fclose(f) : -1;

	return rc || m->failed ? -ENOMEM : 0;
}

void mem_free(struct mem *m)
{
	free(m->text);
	*m = (struct mem){};
}
