// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <zstd.h>

#include "trace/trace.h"

/* What a torn tail costs at most, and enough for zstd to find the repetitions. */
#define BLOCK_SIZE (256 * 1024)

struct trace_writer {
	int fd;
	int error; /* the first; nothing is written after it, so the file ends where it failed */
	ZSTD_CCtx *zstd;
	uint64_t taken;	  /* bytes of records */
	uint64_t written; /* bytes in the file */
	size_t len;	  /* of block */
	size_t out_cap;
	uint8_t *out;
	uint8_t block[BLOCK_SIZE];
};

static void writer_free(struct trace_writer *w)
{
	if (!w)
		return;
	ZSTD_freeCCtx(w->zstd);
	free(w->out);
	free(w);
}

static void writer_freep(struct trace_writer **w)
{
	writer_free(*w);
}

static int setup_zstd(struct trace_writer *w, int level)
{
	size_t rc;

	w->out_cap = ZSTD_compressBound(BLOCK_SIZE);
	w->out = malloc(w->out_cap);
	w->zstd = ZSTD_createCCtx();
	if (!w->out || !w->zstd)
		return -ENOMEM;
	rc = ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, level);
	if (ZSTD_isError(rc))
		return -EINVAL;
	rc = ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1);
	return ZSTD_isError(rc) ? -EINVAL : 0;
}

int trace_writer_new(struct trace_writer **ret_w, int fd, int level)
{
	const struct trace_header header = {
		.magic = TRACE_MAGIC,
		.major = TRACE_MAJOR,
		.minor = TRACE_MINOR,
		.header_size = sizeof(header),
	};
	struct trace_writer *w __free(writer_freep) = calloc(1, sizeof(*w));
	int rc;

	if (!w)
		return -ENOMEM;
	rc = setup_zstd(w, level);
	if (rc < 0)
		return rc;
	w->fd = fd;
	memcpy(w->block, &header, sizeof(header));
	w->len = sizeof(header);
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

/* A single call per frame, so that libzstd sizes its window and records the content size. */
static int end_frame(struct trace_writer *w)
{
	size_t size;

	if (w->error || !w->len)
		return w->error;
	size = ZSTD_compress2(w->zstd, w->out, w->out_cap, w->block, w->len);
	if (ZSTD_isError(size))
		w->error = -ENOMEM; /* the one thing that can fail with an output this large */
	else
		w->error = write_all(w, w->out, size);
	w->len = 0;
	return w->error;
}

int trace_writer_add(struct trace_writer *w, const struct ev_hdr *hdr)
{
	int rc;

	if (w->error)
		return w->error;
	if (hdr->size < sizeof(*hdr) || hdr->size % EV_ALIGN)
		return -EINVAL;
	if (w->len + hdr->size > sizeof(w->block)) {
		rc = end_frame(w);
		if (rc < 0)
			return rc;
	}
	memcpy(w->block + w->len, hdr, hdr->size);
	w->len += hdr->size;
	w->taken += hdr->size;
	return 0;
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
	rc = end_frame(w);
	/* NFS and quota report a full disk only here */
	if (close(w->fd) < 0 && !rc)
		rc = -errno;
	writer_free(w);
	return rc;
}
