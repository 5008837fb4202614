// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include "base/file.h"
#include "sym/image.h"

#define MAX_DECOMPRESSED (1ULL << 30) /* a .ko with all its debug information has 30 MB */
#define PIECE		 (1 << 16)

/* A reader in steps: takes what is in `in`, says how much of out it filled, and when it is over. */
struct unpack {
	int from, to;
	uint64_t total;
	uint8_t in[PIECE], out[PIECE];
};

static int put(struct unpack *u, size_t n)
{
	u->total += n;
	return u->total > MAX_DECOMPRESSED ? -EFBIG : fd_write_all(u->to, u->out, n);
}

static ssize_t get(struct unpack *u)
{
	ssize_t n;

	do {
		n = read(u->from, u->in, sizeof(u->in));
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static int unpack_xz_stream(struct unpack *u, lzma_stream *xz)
{
	lzma_action action = LZMA_RUN;
	lzma_ret r = LZMA_OK;
	int rc = 0;

	while (r == LZMA_OK && !rc) {
		if (!xz->avail_in && action == LZMA_RUN) {
			ssize_t n = get(u);

			if (n < 0)
				return n;
			xz->next_in = u->in;
			xz->avail_in = n;
			action = n ? LZMA_RUN : LZMA_FINISH;
		}
		xz->next_out = u->out;
		xz->avail_out = sizeof(u->out);
		r = lzma_code(xz, action);
		rc = put(u, sizeof(u->out) - xz->avail_out);
	}
	if (rc)
		return rc;
	return r == LZMA_STREAM_END ? 0 : r == LZMA_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static int unpack_xz(struct unpack *u)
{
	lzma_stream xz = LZMA_STREAM_INIT;
	int rc = -ENOMEM;

	if (lzma_stream_decoder(&xz, 256 << 20, LZMA_CONCATENATED) == LZMA_OK)
		rc = unpack_xz_stream(u, &xz);
	lzma_end(&xz);
	return rc;
}

static int unpack_zstd_stream(struct unpack *u, ZSTD_DStream *z)
{
	size_t left = 0;
	ssize_t n;

	while ((n = get(u)) > 0) {
		ZSTD_inBuffer in = { u->in, n, 0 };
		size_t filled = sizeof(u->out);

		/* a full output buffer: there may be more to flush without further input */
		while (in.pos < in.size || filled == sizeof(u->out)) {
			ZSTD_outBuffer out = { u->out, sizeof(u->out), 0 };
			int rc;

			left = ZSTD_decompressStream(z, &out, &in);
			if (ZSTD_isError(left))
				return -EBADMSG;
			rc = put(u, out.pos);
			if (rc)
				return rc;
			filled = out.pos;
		}
	}
	return n < 0 ? n : left ? -EBADMSG : 0;
}

static int unpack_zstd(struct unpack *u)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	int rc = z ? unpack_zstd_stream(u, z) : -ENOMEM;

	ZSTD_freeDStream(z);
	return rc;
}

/* Not gzread(): that of zlib 1.3.2 takes the end of a file that is cut short for the end of its data. */
static int unpack_gz_stream(struct unpack *u, z_stream *z)
{
	bool full = false; /* there may be more without further input */
	int r = Z_OK, rc = 0;

	while (!rc && (r == Z_OK || r == Z_STREAM_END)) {
		if (!z->avail_in && !full) {
			ssize_t n = get(u);

			if (n <= 0)
				return n < 0 ? n : r == Z_STREAM_END ? 0 : -EBADMSG;
			z->next_in = u->in;
			z->avail_in = n;
		}
		if (r == Z_STREAM_END && z->avail_in) /* another member follows */
			inflateReset(z);
		z->next_out = u->out;
		z->avail_out = sizeof(u->out);
		r = inflate(z, Z_NO_FLUSH);
		rc = put(u, sizeof(u->out) - z->avail_out);
		full = !z->avail_out && r == Z_OK;
		r = r == Z_BUF_ERROR ? Z_OK : r; /* there was no more */
	}
	if (rc)
		return rc;
	return r == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static int unpack_gz(struct unpack *u)
{
	z_stream z = { 0 };
	int rc = -ENOMEM;

	if (inflateInit2(&z, 16 + MAX_WBITS) == Z_OK)
		rc = unpack_gz_stream(u, &z);
	inflateEnd(&z);
	return rc;
}

static const struct {
	const char *magic;
	size_t size;
	int (*unpack)(struct unpack *);
} formats[] = {
	{ "\xfd"
	  "7zXZ",
	  6, unpack_xz },
	{ "\x28\xb5\x2f\xfd", 4, unpack_zstd },
	{ "\x1f\x8b", 2, unpack_gz },
};

static int unpack(int from, int (*how)(struct unpack *), int *ret_fd)
{
	__autofree struct unpack *u = malloc(sizeof(*u));
	__autoclose int to = memfd_create("netfsnoop-module", MFD_CLOEXEC);
	int rc;

	if (!u)
		return -ENOMEM;
	if (to < 0)
		return -errno;
	*u = (struct unpack){ .from = from, .to = to };
	rc = how(u);
	if (rc)
		return rc;
	*ret_fd = to;
	to = -1;
	return 0;
}

/* A directory or a device would do harm in the ELF reader, a FIFO would wait for ever. */
static int open_regular(const char *path, int *ret_fd)
{
	__autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int image_file_open(const char *path, int *ret_fd, struct err *err)
{
	__autoclose int fd = -1;
	char magic[8] = "";
	int rc = open_regular(path, &fd);

	if (rc)
		return err_set(err, rc, "%s: %s", path, strerror(-rc));
	if (pread(fd, magic, sizeof(magic), 0) < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (memcmp(magic, formats[i].magic, formats[i].size))
			continue;
		rc = unpack(fd, formats[i].unpack, ret_fd);
		return rc ? err_set(err, rc, "%s: damaged, it does not decompress", path) : 0;
	}
	*ret_fd = fd;
	fd = -1;
	return 0;
}
