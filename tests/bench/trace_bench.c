// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast traces are written and read, next to plain decompression of the same file by libzstd.
 * Usage: trace_bench [millions of records] [directory]
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#include "trace/trace.h"

#define PASSES	5
#define IO_SIZE (128 * 1024)

struct result {
	double write_s;
	double read_s;
	double zstd_s;
	uint64_t raw;
	uint64_t file;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

/* ---- plausible records ---- */

struct gen {
	uint64_t seed;
	uint64_t ts;
	uint64_t mid;
	uint32_t rreq;
	uint32_t n;
};

union any_ev {
	struct ev_hdr hdr;
	struct ev_sreq sreq;
	struct ev_ref ref;
	struct ev_smb_cmd cmd;
	struct ev_credit_fn_rec credit;
};

static uint32_t rnd(struct gen *g)
{
	g->seed = g->seed * 6364136223846793005u + 1442695040888963407u;
	return g->seed >> 33;
}

static void gen_hdr(struct gen *g, struct ev_hdr *hdr, uint8_t kind, uint16_t size)
{
	g->ts += 200 + rnd(g) % 3000;
	*hdr = (struct ev_hdr){
		.size = size,
		.kind = kind,
		.flags = EVF_RREQ,
		.probe = kind,
		.cpu = rnd(g) % 8,
		.ts = g->ts,
		.tid = 4000 + rnd(g) % 16,
		.tgid = 4000,
	};
}

static void gen_sreq(struct gen *g, struct ev_sreq *ev, uint8_t what)
{
	gen_hdr(g, &ev->hdr, EV_SREQ, sizeof(*ev));
	ev->rreq = g->rreq;
	ev->sreq = 1 + g->n % 4;
	ev->start = (uint64_t)g->rreq << 20;
	ev->len = 1 << 20;
	ev->transferred = what > 4 ? ev->len : 0;
	ev->flags = 0x48;
	ev->what = what;
	ev->source = 2;
	ev->iter_type = 5;
	ev->iter_count = ev->len - ev->transferred;
	ev->iter_offset = rnd(g) % 4096;
}

static void gen_ref(struct gen *g, struct ev_ref *ev, uint8_t what)
{
	gen_hdr(g, &ev->hdr, EV_REF, sizeof(*ev));
	ev->rreq = g->rreq;
	ev->sreq = g->n % 5;
	ev->ref = 1 + rnd(g) % 4;
	ev->what = what;
}

static void gen_cmd(struct gen *g, struct ev_smb_cmd *ev, uint8_t event)
{
	gen_hdr(g, &ev->hdr, EV_SMB_CMD, sizeof(*ev));
	ev->rreq = g->rreq;
	ev->sreq = 1 + g->n % 4;
	ev->mid = event ? g->mid : ++g->mid;
	ev->sesid = 0x5c00000000059;
	ev->tid = 0x7f3a91;
	ev->cmd = 8;
	ev->event = event;
}

static void gen_credit(struct gen *g, struct ev_credit_fn_rec *ev, uint8_t fn)
{
	gen_hdr(g, &ev->hdr, EV_CREDIT_FN, sizeof(*ev));
	ev->rreq = g->rreq;
	ev->sreq = 1 + g->n % 4;
	ev->conn = 0xffff9a8b41c52000;
	ev->mid = g->mid;
	ev->value = 16;
	ev->value_instance = 1;
	ev->credits = 8000 - rnd(g) % 512;
	ev->echo = 1;
	ev->oplock = 1;
	ev->in_flight = rnd(g) % 32;
	ev->instance = 1;
	ev->fn = fn;
	ev->size = 1 << 20;
}

/* The life of one subrequest, over and over. */
static void gen_next(struct gen *g, union any_ev *ev)
{
	uint32_t step = g->n++ % 10;

	memset(ev, 0, sizeof(*ev));
	switch (step) {
	case 0:
		g->rreq++;
		gen_sreq(g, &ev->sreq, 1);
		break;
	case 2:
		gen_credit(g, &ev->credit, EV_CFN_WAIT_MTU);
		break;
	case 4:
		gen_cmd(g, &ev->cmd, EV_CMD_ENTER);
		break;
	case 6:
		gen_cmd(g, &ev->cmd, EV_CMD_DONE);
		break;
	case 7:
		gen_credit(g, &ev->credit, EV_CFN_ADD);
		break;
	case 3:
	case 8:
		gen_sreq(g, &ev->sreq, step);
		break;
	default:
		gen_ref(g, &ev->ref, step);
	}
}

/* ---- measured ---- */

/* Records are made beforehand, in batches: making them is not what is measured. */
static int bench_write(int fd, int level, uint64_t count, struct result *res)
{
	enum { BATCH = 1000 };
	union any_ev *batch __autofree = calloc(BATCH, sizeof(*batch));
	struct gen g = { .seed = 1, .ts = 1000000000 };
	struct trace_writer *w = NULL;
	int rc, end_rc;

	if (!batch)
		return -ENOMEM;
	rc = trace_writer_new(&w, fd, level);
	if (rc < 0)
		return rc;
	for (uint64_t done = 0; done < count && !rc; done += BATCH) {
		double t;

		for (int i = 0; i < BATCH; i++)
			gen_next(&g, &batch[i]);
		t = now();
		for (int i = 0; i < BATCH && !rc; i++)
			rc = trace_writer_add(w, &batch[i].hdr);
		res->write_s += now() - t;
	}
	if (!rc)
		rc = trace_writer_flush(w, false);
	trace_writer_sizes(w, &res->raw, &res->file);
	end_rc = trace_writer_close(w);
	return rc ?: end_rc;
}

static int bench_read(const char *path, uint64_t count, double *ret_s)
{
	struct trace_reader *r __free(trace_reader_freep) = NULL;
	const struct ev_hdr *ev;
	uint64_t n = 0, late = 0;
	double t = now();
	int rc;

	rc = trace_reader_open(&r, path, NULL);
	if (rc < 0)
		return rc;
	for (; (rc = trace_reader_next(r, &ev)) > 0; n++)
		late += ev->ts < 1000000000;
	*ret_s = now() - t;
	return rc ?: n == count && !late ? 0 : -EBADMSG;
}

static void free_dctx(ZSTD_DCtx **z)
{
	ZSTD_freeDCtx(*z);
}

/* What `zstd -dc FILE >/dev/null` does, in this process. */
static int bench_zstd(const char *path, double *ret_s)
{
	ZSTD_DCtx *z __free(free_dctx) = ZSTD_createDCtx();
	uint8_t *bufs __autofree = malloc(2 * IO_SIZE);
	int fd __autoclose = open(path, O_RDONLY | O_CLOEXEC);
	double t = now();
	ssize_t n;

	if (!z || !bufs || fd < 0)
		return -ENOMEM;
	while ((n = read(fd, bufs, IO_SIZE)) > 0) {
		ZSTD_inBuffer in = { bufs, n, 0 };
		ZSTD_outBuffer out;

		do {
			out = (ZSTD_outBuffer){ bufs + IO_SIZE, IO_SIZE, 0 };
			if (ZSTD_isError(ZSTD_decompressStream(z, &out, &in)))
				return -EBADMSG;
		} while (in.pos < in.size || out.pos == out.size);
	}
	*ret_s = now() - t;
	return 0;
}

/* Reads by turns, and keeps the best of each, so that both see the same machine. */
static int bench_reads(const char *path, uint64_t count, struct result *res)
{
	for (int i = 0; i < PASSES; i++) {
		double read_s, zstd_s;
		int rc = bench_zstd(path, &zstd_s) ?: bench_read(path, count, &read_s);

		if (rc)
			return rc;
		if (!i || read_s < res->read_s)
			res->read_s = read_s;
		if (!i || zstd_s < res->zstd_s)
			res->zstd_s = zstd_s;
	}
	return 0;
}

static int bench_level(const char *dir, int level, uint64_t count)
{
	struct result res = { 0 };
	char path[PATH_MAX];
	int fd, rc;

	snprintf(path, sizeof(path), "%s/trace_bench.XXXXXX", dir);
	fd = mkstemp(path);
	if (fd < 0)
		return -errno;
	rc = bench_write(fd, level, count, &res);
	if (!rc)
		rc = bench_reads(path, count, &res);
	unlink(path);
	if (rc)
		return rc;
	printf("%5d %10.2f %10.2f %10.2f %10.2f %10.3f %10.3f %8.2f\n", level,
	       count / res.write_s / 1e6, count / res.read_s / 1e6, (double)res.raw / count,
	       (double)res.file / count, res.read_s, res.zstd_s, res.read_s / res.zstd_s);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t count = (argc > 1 ? strtoul(argv[1], NULL, 0) : 5) * 1000000;
	const char *dir = argc > 2 ? argv[2] : "/tmp";
	static const int levels[] = { 1, 3 };

	printf("%5s %10s %10s %10s %10s %10s %10s %8s\n", "level", "write M/s", "read M/s",
	       "raw B/ev", "file B/ev", "read s", "zstd -d s", "ratio");
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		int rc = bench_level(dir, levels[i], count);

		if (rc) {
			fprintf(stderr, "trace_bench: level %d: %s\n", levels[i], strerror(-rc));
			return 1;
		}
	}
	return 0;
}
