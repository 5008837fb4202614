// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "trace/source.h"

#define READ_SIZE (256 * 1024)

void source_init_fd(struct source *s, int fd)
{
	*s = (struct source){ .fd = fd, .data = (const uint8_t *)"" };
}

void source_init_mem(struct source *s, const void *data, size_t size)
{
	*s = (struct source){ .fd = -1, .data = size ? data : "", .len = size };
}

void source_release(struct source *s)
{
	free(s->own);
	closep(&s->fd);
	if (s->stop_fd > 0)
		close(s->stop_fd);
}

static void drop_consumed(struct source *s)
{
	memmove(s->own, s->own + s->pos, source_avail(s));
	s->base += s->pos;
	s->len -= s->pos;
	s->pos = 0;
}

static int make_room(struct source *s)
{
	size_t cap = s->cap ? 2 * s->cap : 2 * READ_SIZE;
	uint8_t *own;

	if (s->cap - s->len >= READ_SIZE)
		return 0;
	if (s->pos)
		drop_consumed(s);
	if (s->cap - s->len >= READ_SIZE)
		return 0;
	own = realloc(s->own, cap);
	if (!own)
		return -ENOMEM;
	s->own = own;
	s->data = own;
	s->cap = cap;
	return 0;
}

/* Until there is something to read: a pipe may be silent for hours. */
static int wait_for_input(const struct source *s)
{
	struct pollfd fds[] = { { .fd = s->fd, .events = POLLIN },
				{ .fd = s->stop_fd, .events = POLLIN } };
	int n;

	if (s->stop_fd <= 0)
		return 0;
	do {
		n = poll(fds, ARRAY_SIZE(fds), -1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return fds[1].revents ? -ECANCELED : 0;
}

int source_fill(struct source *s)
{
	ssize_t n;
	int rc;

	if (s->fd < 0)
		return 0;
	rc = make_room(s);
	if (!rc)
		rc = wait_for_input(s);
	if (rc < 0)
		return rc;
	do {
		n = read(s->fd, s->own + s->len, READ_SIZE);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	s->len += n;
	return n > 0;
}

int source_need(struct source *s, size_t n)
{
	while (source_avail(s) < n) {
		int rc = source_fill(s);

		if (rc <= 0)
			return rc;
	}
	return 1;
}

/* Consumes up to the next byte that can start pat; false: none of them is followed by all of it. */
static bool seek_at_hand(struct source *s, const uint8_t pat[4])
{
	while (source_avail(s)) {
		const uint8_t *at = source_data(s);
		const uint8_t *hit = memchr(at, pat[0], source_avail(s));

		source_consume(s, hit ? (size_t)(hit - at) : source_avail(s));
		if (source_avail(s) < 4)
			return false;
		if (!memcmp(source_data(s), pat, 4))
			return true;
		source_consume(s, 1);
	}
	return false;
}

int source_seek(struct source *s, const uint8_t pat[4])
{
	int rc;

	source_consume(s, 1);
	while (!seek_at_hand(s, pat)) {
		rc = source_fill(s);
		if (rc < 0)
			return rc;
		if (!rc) {
			source_consume(s, source_avail(s));
			return 0;
		}
	}
	return 1;
}

int source_drain(struct source *s)
{
	int rc;

	do {
		source_consume(s, source_avail(s));
		rc = source_fill(s);
	} while (rc > 0);
	return rc;
}
