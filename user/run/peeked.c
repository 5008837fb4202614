// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fmt.h"
#include "run/peeked.h"

/* A pipe gives what it has: a short read is not its end. */
static int read_start(struct peeked *p)
{
	while (p->len < sizeof(p->start)) {
		ssize_t n = read(p->fd, p->start + p->len, sizeof(p->start) - p->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return 0;
		p->len += n;
	}
	return 0;
}

int peeked_open(struct peeked *ret_p, const char *path)
{
	struct peeked *p = ret_p;
	struct stat st;

	*p = PEEKED_NONE;
	p->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC)
				  : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (p->fd < 0)
		return -errno;
	p->is_file = !fstat(p->fd, &st) && S_ISREG(st.st_mode);
	p->size = p->is_file ? st.st_size : 0;
	return read_start(p);
}

void peeked_close(struct peeked *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static void say_progress(struct peeked *p)
{
	if (!progress_due(p->progress))
		return;
	if (p->size)
		progress_say(p->progress, "reading: %3d %%",
			     (int)(p->done < p->size ? p->done * 100 / p->size : 100));
	else
		progress_say(p->progress, "reading: %s", fmt_bytes(p->done).s);
}

static ssize_t read_on(void *ctx, char *to, size_t size)
{
	struct peeked *p = ctx;
	size_t n = p->len - p->at;

	if (!n) {
		ssize_t got = read(p->fd, to, size);

		p->done += got > 0 ? got : 0;
		say_progress(p);
		return got;
	}
	n = n < size ? n : size;
	memcpy(to, p->start + p->at, n);
	p->at += n;
	return n;
}

/* To the beginning only; what was looked at at first is in the file, too. */
static int rewind_to(void *ctx, off64_t *offset, int whence)
{
	struct peeked *p = ctx;

	if (whence != SEEK_SET || *offset || !p->is_file || lseek(p->fd, 0, SEEK_SET) < 0)
		return -1;
	p->at = p->len;
	p->done = 0;
	return 0;
}

FILE *peeked_stream(struct peeked *p, struct progress *progress)
{
	p->progress = progress;
	return fopencookie(p, "r", (cookie_io_functions_t){ .read = read_on, .seek = rewind_to });
}
