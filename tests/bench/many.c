// SPDX-License-Identifier: GPL-2.0-only
/*
 * many SOURCE.nsn OUT.nsn SUBREQUESTS [names|plain [AT-ONCE [CONNECTIONS]]]: a long trace from a short real
 * one. The requests of SOURCE are repeated side by side, on two connections (or so many) and two mounts, with
 * errors, reconnects, losses, tests and a parked span in between; with "names" all names are such as break a
 * view that does not escape them. The same arguments give the same trace.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "trace/trace.h"

#define MS	   1000000ULL
#define MAX_SLICES 16
#define MAX_SLICE  4096 /* records */
#define AT_ONCE	   24	/* requests, about, if nothing is said */
#define THREADS	   8
#define OTHER_DEV  33
#define OTHER_CONN 9 /* the second one; the third is 10 */
#define MAX_CONNS  64
#define HELD	   (1 << 20) /* records that wait to be sorted */

/* A record of the result, until what comes before it is known. */
struct item {
	uint64_t ts, nr;
	struct ev_hdr *ev;
};

/* A request of the source, from its first record to its last. */
struct slice {
	const struct ev_hdr *ev[MAX_SLICE];
	unsigned int nr, subrequests;
	uint32_t rreq;
	uint64_t first;
};

struct pool {
	int32_t credits, in_flight;
};

struct many {
	struct trace_writer *out;
	struct ev_hdr *source[1 << 16];
	size_t nr_source;
	struct slice slice[MAX_SLICES];
	unsigned int nr_slices;
	struct item *item;
	size_t nr, room;
	uint64_t made, seed, now, mid;
	struct pool pool[MAX_CONNS];
	uint32_t dev;
	uint16_t reconnect_probe;
	bool names;
	unsigned int at_once, conns;
};

static uint32_t rnd(struct many *m)
{
	m->seed = m->seed * 6364136223846793005u + 1442695040888963407u;
	return m->seed >> 33;
}

static void die(const char *what)
{
	fprintf(stderr, "many: %s\n", what);
	exit(1);
}

static void *copy_of(const void *p, size_t size)
{
	void *copy = malloc(size);

	if (!copy)
		die("no memory");
	return memcpy(copy, p, size);
}

/* ---- reading the source ---- */

static bool has_rreq(const struct ev_hdr *ev)
{
	return ev->flags & EVF_RREQ;
}

static uint32_t rreq_of(const struct ev_hdr *ev)
{
	return has_rreq(ev) ? ((const struct ev_sreq *)ev)->rreq : 0;
}

static uint32_t sreq_of(const struct ev_hdr *ev)
{
	return has_rreq(ev) ? ((const struct ev_sreq *)ev)->sreq : 0;
}

static void read_source(struct many *m, const char *path)
{
	struct trace_reader *r __free(trace_reader_freep) = NULL;
	const struct ev_hdr *ev;

	if (trace_reader_open(&r, path, NULL))
		die("cannot open the source");
	while (trace_reader_next(r, &ev) == 1 && m->nr_source < ARRAY_SIZE(m->source))
		m->source[m->nr_source++] = copy_of(ev, ev->size);
}

static void add_slice(struct many *m, uint32_t rreq)
{
	struct slice *s = &m->slice[m->nr_slices];
	size_t from = 0, to = 0;

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < m->nr_source; i++)
		if (rreq_of(m->source[i]) == rreq) {
			from = from ? from : i;
			to = i;
			s->subrequests = sreq_of(m->source[i]) > s->subrequests
						 ? sreq_of(m->source[i])
						 : s->subrequests;
		}
	s->rreq = rreq;
	s->first = m->source[from]->ts;
	for (size_t i = from; i <= to && s->nr < MAX_SLICE; i++)
		if (m->source[i]->kind < EV_META && m->source[i]->kind != EV_TASK &&
		    (!rreq_of(m->source[i]) || rreq_of(m->source[i]) == rreq))
			s->ev[s->nr++] = m->source[i];
	m->nr_slices += s->subrequests > 0;
}

static void find_slices(struct many *m)
{
	for (uint32_t rreq = 1; rreq < 64 && m->nr_slices < MAX_SLICES; rreq++)
		for (size_t i = 0; i < m->nr_source; i++)
			if (rreq_of(m->source[i]) == rreq) {
				add_slice(m, rreq);
				break;
			}
	if (!m->nr_slices)
		die("the source has no requests");
}

/* ---- writing ---- */

static struct ev_hdr *put(struct many *m, uint64_t ts, const void *ev, size_t size)
{
	struct ev_hdr *copy = copy_of(ev, size);

	if (m->nr == m->room) {
		m->room = m->room ? 2 * m->room : 1 << 16;
		m->item = realloc(m->item, m->room * sizeof(*m->item));
		if (!m->item)
			die("no memory");
	}
	copy->ts = ts;
	m->item[m->nr] = (struct item){ .ts = ts, .nr = m->made++, .ev = copy };
	m->nr++;
	return copy;
}

static void put_text(struct many *m, uint64_t ts, const struct ev_hdr *head, size_t fixed,
		     const char *const *part, int parts)
{
	static char bytes[1 << 14];
	size_t at = fixed;

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, head, fixed);
	for (int i = 0; i < parts; i++) {
		size_t len = strlen(part[i]);

		memcpy(bytes + at, part[i], len);
		at += len + 1;
	}
	at = (at + 7) & ~7UL;
	((struct ev_hdr *)bytes)->size = at;
	put(m, ts, bytes, at);
}

static void put_mount(struct many *m, uint64_t ts, uint32_t dev, const char *point)
{
	struct ev_mount mnt = { .hdr.kind = EV_MOUNT, .dev = dev, .live = 1 };
	const char *const part[] = { "cifs", "//server/share", point, "rw" };

	put_text(m, ts, &mnt.hdr, sizeof(mnt), part, 4);
}

static void put_task(struct many *m, uint64_t ts, uint32_t tid, const char *comm)
{
	struct ev_task t = { .hdr = { .size = sizeof(t), .kind = EV_TASK, .tid = tid, .tgid = tid },
			     .ppid = 1 };

	memcpy(t.comm, comm, strnlen(comm, sizeof(t.comm)));
	put(m, ts, &t, sizeof(t));
}

static uint32_t thread(uint64_t nr)
{
	return 9000 + nr % THREADS;
}

static const char *const bad_names[] = {
	"</script><b>",
	"<!--<script>",
	"\033[31mred",
	"\xff\xfe\xc0\x80",
	"a\nb\tc\r",
	"'\"&amp;<>",
	"\xe2\x80\xae"
	"txt",
	"javascript:x",
};

static void put_names(struct many *m, uint64_t ts)
{
	static char longest[4097];

	memset(longest, 'x', sizeof(longest) - 1);
	memcpy(longest, "/mnt/</script>", 14);
	for (int i = 0; i < THREADS; i++)
		put_task(m, ts, thread(i), m->names ? bad_names[i] : i % 2 ? "fio" : "dd");
	put_mount(m, ts, OTHER_DEV, m->names ? longest : "/mnt/other");
	if (m->names)
		put_mount(m, ts, m->dev, "/mnt/<img src=x onerror=alert(1)>\033]0;x\a\xff");
}

/* The head of the source, and its mount, before anything else. */
static void put_head(struct many *m, uint64_t begin)
{
	for (size_t i = 0; i < m->nr_source; i++) {
		const struct ev_hdr *ev = m->source[i];
		const struct ev_probe_rec *probe = (const void *)ev;

		if (ev->ts > begin)
			break;
		if (ev->kind >= EV_META || ev->kind == EV_CONN || ev->kind == EV_TASK)
			put(m, ev->ts, ev, ev->size);
		if (ev->kind == EV_MOUNT)
			m->dev = ((const struct ev_mount *)ev)->dev;
		if (ev->kind == EV_PROBE && !strcmp(probe->text, "smb3_reconnect"))
			m->reconnect_probe = probe->id;
	}
}

/* ---- requests ---- */

struct turn {
	uint32_t rreq, tid, app; /* new ones; app: the old thread */
	uint64_t conn, mids;
	uint32_t dev;
	double pace;
	int32_t error;
};

static void renumber_ids(struct ev_hdr *ev, const struct turn *t, uint32_t rreq)
{
	struct ev_sreq *any = (void *)ev;

	if (has_rreq(ev) && any->rreq == rreq)
		any->rreq = t->rreq;
	if (ev->tid == t->app)
		ev->tid = ev->tgid = t->tid;
	if (ev->kind == EV_RREQ) {
		((struct ev_rreq *)ev)->dev = t->dev;
		((struct ev_rreq *)ev)->ino += t->tid;
	}
}

static void renumber_smb(struct ev_hdr *ev, const struct turn *t)
{
	uint64_t *mid = NULL, *conn = NULL;

	switch (ev->kind) {
	case EV_SMB_CMD:
		mid = &((struct ev_smb_cmd *)ev)->mid;
		((struct ev_smb_cmd *)ev)->sesid += t->conn;
		break;
	case EV_SETUP:
		mid = &((struct ev_setup *)ev)->mid;
		conn = &((struct ev_setup *)ev)->conn;
		break;
	case EV_RSP:
		mid = &((struct ev_rsp *)ev)->mid;
		conn = &((struct ev_rsp *)ev)->conn;
		break;
	case EV_CALLBACK:
		mid = &((struct ev_callback *)ev)->mid;
		conn = &((struct ev_callback *)ev)->conn;
		break;
	case EV_STEP:
		conn = &((struct ev_step_rec *)ev)->conn;
		break;
	case EV_SEND:
		conn = &((struct ev_send *)ev)->conn;
		break;
	case EV_CREDIT:
		conn = &((struct ev_credit *)ev)->conn;
		break;
	case EV_CREDIT_FN:
		conn = &((struct ev_credit_fn_rec *)ev)->conn;
		break;
	}
	if (mid)
		*mid += t->mids;
	if (conn && *conn)
		*conn = t->conn;
}

/* The last subrequest's result, and the request's. */
static void put_error(struct ev_hdr *ev, const struct turn *t, const struct slice *s)
{
	if (!t->error)
		return;
	if (ev->kind == EV_RREQ)
		((struct ev_rreq *)ev)->error = t->error;
	if (ev->kind == EV_SREQ && sreq_of(ev) == s->subrequests)
		((struct ev_sreq *)ev)->error = t->error;
}

static unsigned int conn_index(uint64_t conn)
{
	return conn < OTHER_CONN ? 0 : conn - OTHER_CONN + 1;
}

/* Of two the first has two thirds. */
static uint64_t conn_of(const struct many *m, uint32_t nr)
{
	unsigned int i = m->conns == 2 ? nr % 3 == 1 : nr % m->conns;

	return i ? OTHER_CONN + i - 1 : 2;
}

static void put_request(struct many *m, const struct slice *s, uint32_t nr)
{
	uint64_t conn = conn_of(m, nr);
	bool other = conn != 2;
	struct turn t = {
		.rreq = nr,
		.tid = thread(nr),
		.app = s->ev[0]->tid,
		.conn = conn,
		.mids = m->mid,
		.dev = other ? OTHER_DEV : m->dev,
		.pace = 0.04 + (rnd(m) % 1000) / 4000.0,
		.error = nr % 997 == 500 ? -EIO : 0,
	};

	if (rnd(m) % 400 == 0)
		t.pace *= 6;
	m->mid += 1000;
	for (unsigned int i = 0; i < s->nr; i++) {
		struct ev_hdr *ev = put(m, m->now + (s->ev[i]->ts - s->first) * t.pace, s->ev[i],
					s->ev[i]->size);

		renumber_ids(ev, &t, s->rreq);
		renumber_smb(ev, &t);
		put_error(ev, &t, s);
	}
	m->now += (s->ev[s->nr - 1]->ts - s->first) * 0.165 / m->at_once;
	m->now += nr % 4000 == 3999 ? 400 * MS : 0; /* a pause */
}

/* What happens to connections and to us, a few times in all. */
static void put_trouble(struct many *m, uint32_t nr)
{
	struct ev_reconnect rc = { .hdr = { .size = sizeof(rc), .kind = EV_RECONNECT },
				   .conn = OTHER_CONN };
	struct ev_lost lost = { .hdr = { .size = sizeof(lost), .kind = EV_LOST, .probe = 1 },
				.count = 17,
				.from = m->now,
				.to = m->now + 20 * MS };
	struct ev_mark_rec mark = { .hdr = { .size = sizeof(mark), .kind = EV_MARK } };

	rc.hdr.probe = m->reconnect_probe;
	if (nr % 9000 == 4000)
		put(m, m->now, &rc, sizeof(rc));
	if (nr % 11000 == 6000)
		put(m, m->now, &lost, sizeof(lost));
	if (nr != 7999)
		return;
	mark.mark = EV_MARK_PARKED;
	put(m, m->now + 250 * MS, &mark, sizeof(mark));
	mark.mark = EV_MARK_ATTACHED;
	put(m, m->now + 390 * MS, &mark, sizeof(mark));
}

/* Every so often check(1) of xfstests begins another test. */
static void put_test(struct many *m, uint32_t nr)
{
	struct ev_test t = { .hdr = { .size = sizeof(t), .kind = EV_TEST }, .root = 4242 };
	struct ev_test_result r = { .hdr.kind = EV_TEST_RESULT };
	const char *const why[] = { nr % 2000 ? "" : "output mismatch", "", "" };

	if (nr % 1000)
		return;
	r.ordinal = nr / 1000 - 1;
	r.outcome = nr % 2000 ? EV_TEST_PASS : EV_TEST_FAIL;
	if (r.ordinal)
		put_text(m, m->now, &r.hdr, sizeof(r), why, 3);
	snprintf(t.text, sizeof(t.text), "run fstests generic/%03u at 2026-11-23 16:18:42",
		 nr / 1000);
	put(m, m->now, &t, sizeof(t));
}

/* ---- credits: counted anew, as requests now run side by side ---- */

static void recount(struct many *m, struct ev_credit_fn_rec *ev)
{
	struct pool *p = &m->pool[conn_index(ev->conn)];
	bool waits = ev->fn == EV_CFN_WAIT_MTU || ev->fn == EV_CFN_WAIT_FREE;

	if (waits && ev->hdr.flags & EVF_EXIT) {
		p->credits -= ev->value;
		p->in_flight++;
	} else if (ev->fn == EV_CFN_ADD) {
		p->credits += ev->value;
		p->in_flight -= p->in_flight > 0;
	}
	if (p->credits > 1024)
		p->credits = 1024;
	ev->credits = p->credits;
	ev->in_flight = p->in_flight;
}

static int by_time(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->ts != y->ts ? (x->ts < y->ts ? -1 : 1) : x->nr < y->nr ? -1 : 1;
}

/* What is before this time: nothing that comes will be. */
static void write_until(struct many *m, uint64_t ts)
{
	size_t n = 0;

	qsort(m->item, m->nr, sizeof(*m->item), by_time);
	for (; n < m->nr && m->item[n].ts < ts; n++) {
		struct ev_hdr *ev = m->item[n].ev;

		if (ev->kind == EV_CREDIT_FN)
			recount(m, (void *)ev);
		if (trace_writer_add(m->out, ev))
			die("cannot write the result");
		free(ev);
	}
	m->nr -= n;
	memmove(m->item, m->item + n, m->nr * sizeof(*m->item));
}

static void open_out(struct many *m, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || trace_writer_new(&m->out, fd, 1))
		die("cannot write the result");
	for (int i = 0; i < MAX_CONNS; i++)
		m->pool[i].credits = 512;
}

static void end_out(struct many *m)
{
	struct ev_mark_rec stop = { .hdr = { .size = sizeof(stop), .kind = EV_MARK },
				    .mark = EV_MARK_STOP };

	qsort(m->item, m->nr, sizeof(*m->item), by_time);
	put(m, m->item[m->nr - 1].ts + MS, &stop, sizeof(stop));
	write_until(m, UINT64_MAX);
	if (trace_writer_close(m->out))
		die("cannot write the result");
}

int main(int argc, char **argv)
{
	struct many *m = calloc(1, sizeof(*m));
	unsigned long wanted, done = 0;

	if (!m || argc < 4)
		die("usage: many SOURCE.nsn OUT.nsn SUBREQUESTS [names|plain [AT-ONCE [CONNECTIONS]]]");
	wanted = strtoul(argv[3], NULL, 0);
	m->names = argc > 4 && !strcmp(argv[4], "names");
	m->at_once = argc > 5 ? strtoul(argv[5], NULL, 0) : AT_ONCE;
	m->conns = argc > 6 ? strtoul(argv[6], NULL, 0) : 2;
	if (!m->at_once || !m->conns || m->conns > MAX_CONNS)
		die("at once: 1 or more; connections: 1 to 64");
	m->seed = 1;
	read_source(m, argv[1]);
	find_slices(m);
	open_out(m, argv[2]);
	m->now = m->slice[0].first;
	put_head(m, m->now);
	put_names(m, m->now);
	for (uint32_t nr = 1; done < wanted; nr++) {
		const struct slice *s = &m->slice[rnd(m) % m->nr_slices];

		put_request(m, s, nr);
		put_trouble(m, nr);
		put_test(m, nr);
		done += s->subrequests;
		if (m->nr > HELD)
			write_until(m, m->now);
	}
	end_out(m);
	return 0;
}
