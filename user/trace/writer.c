// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a trace: records become blocks (block.c), blocks zstd frames. run, xfstests and
 * import call it.
 */
#include <errno.h>

#include "trace/block.h"

struct trace_writer {
	int fd;
	int error; /* the first; nothing is written after it, so the file ends where it failed */
	uint64_t taken;	  /* bytes of records */
	uint64_t written; /* bytes in the file */
	struct block block;
};

static void writer_free(struct trace_writer *w)
{
	if (!w)
		return;
	block_release(&w->block);
	free(w);
}

static void writer_freep(struct trace_writer **w)
{
	writer_free(*w);
}

int trace_writer_new(struct trace_writer **ret_w, int fd, int level)
{
	struct trace_writer *w __free(writer_freep) = calloc(1, sizeof(*w));
	int rc;

	if (!w)
		return -ENOMEM;
	rc = block_init(&w->block, level);
	if (rc < 0)
		return rc;
	w->fd = fd;
	block_add_header(&w->block);
	*ret_w = TAKE(w);
	return 0;
}

static int write_all(struct trace_writer *w, const uint8_t *data, size_t len)
{
	while (len) {
		ssize_t n = write(w->fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		w->written += n;
		data += n;
		len -= n;
	}
	return 0;
}

static int write_frame(struct trace_writer *w, uint64_t next)
{
	const uint8_t *frame;
	size_t size;

	if (w->error)
		return w->error;
	w->error = block_end(&w->block, next, &frame, &size);
	if (!w->error)
		w->error = write_all(w, frame, size);
	return w->error;
}

static int end_frame(struct trace_writer *w)
{
	return w->block.len ? write_frame(w, block_next(&w->block)) : w->error;
}

int trace_writer_add(struct trace_writer *w, const struct ev_hdr *hdr)
{
	int rc;

	if (!w->error && !block_has_room(&w->block, hdr))
		end_frame(w);
	if (w->error)
		return w->error;
	rc = block_add(&w->block, hdr);
	if (!rc)
		w->taken += hdr->size;
	return rc;
}

static int sync_file(struct trace_writer *w)
{
	if (!fdatasync(w->fd))
		return 0;
	/* a pipe or a terminal: nothing to sync */
	if (errno == EINVAL || errno == EROFS)
		return 0;
	w->error = -errno;
	return w->error;
}

int trace_writer_flush(struct trace_writer *w, bool sync)
{
	int rc = end_frame(w);

	if (rc < 0 || !sync)
		return rc;
	return sync_file(w);
}

void trace_writer_sizes(const struct trace_writer *w, uint64_t *ret_raw, uint64_t *ret_file)
{
	*ret_raw = w->taken;
	*ret_file = w->written;
}

int trace_writer_close(struct trace_writer *w)
{
	int rc;

	if (!w)
		return 0;
	rc = write_frame(w, 0);
	/* NFS and quota report a full disk only here */
	if (close(w->fd) < 0 && !rc)
		rc = -errno;
	writer_free(w);
	return rc;
}
