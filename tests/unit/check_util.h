/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event sequences for the tests of checks: a healthy read or write of a 6.12 or 7.3, of which any
 * part can be left out, doubled or changed.
 */
#ifndef NETFSNOOP_CHECK_UTIL_H
#define NETFSNOOP_CHECK_UTIL_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "check/check.h"
#include "tracepoints/probes.h"

#define CONN  2
#define APP   100 /* threads */
#define CIFSD 200
#define OTHER 300
#define MS    ((uint64_t)1000000)
#define SEC   (1000 * MS)

#define K612 "6.12.117+deb13-amd64"
#define K73  "7.3.4+deb13-amd64"

struct seq {
	struct model *m;
	struct engine *e;
	uint64_t now;
	bool new; /* 7.x */
	int in_flight;
	int pool;
	uint64_t i_size;  /* of the file */
	int refs[1024];	  /* of requests, from NEW on */
	bool known[1024]; /* whether there was one */
	bool finished;
	void (*tap)(void *ctx, const struct ev_hdr *ev); /* sees every record; NULL: nobody */
	void *tap_ctx;
};

static const struct {
	const char *name;
} seq_probes[] = {
#define PROBE(program, how, target, module, group, without) [P_##program] = { #program },
#include "tracepoints/probes.def"
#undef PROBE
};

static inline void feed(struct seq *q, struct ev_hdr *ev, size_t size, uint32_t tid)
{
	q->now += 1000;
	ev->size = size;
	ev->ts = q->now;
	ev->tid = ev->tgid = tid;
	if (q->tap)
		q->tap(q->tap_ctx, ev);
	assert_int_equal(model_feed(q->m, ev), 0);
}

#define FEED(q, tid_, type, kind_, flags_, probe_, ...)                                   \
	do {                                                                              \
		struct type ev_ = {                                                       \
			.hdr = { .kind = (kind_), .flags = (flags_), .probe = (probe_) }, \
			__VA_ARGS__                                                       \
		};                                                                        \
		feed((q), &ev_.hdr, sizeof(ev_), (tid_));                                 \
	} while (0)

static inline void feed_text(struct seq *q, struct ev_hdr *head, size_t fixed, const char *a,
			     const char *b, const char *c, const char *d)
{
	union {
		struct ev_hdr hdr;
		char bytes[512];
	} u = { 0 };
	const char *const part[] = { a, b, c, d };
	size_t at = fixed;

	memcpy(u.bytes, head, fixed);
	for (int i = 0; i < 4; i++)
		at += snprintf(u.bytes + at, sizeof(u.bytes) - at, "%s", part[i]) + 1;
	feed(q, &u.hdr, (at + 7) & ~7UL, 0);
}

/* text: "release=6.12.118" */
static inline void release_is(struct seq *q, const char *text)
{
	struct ev_meta rec = { .hdr.kind = EV_META };

	feed_text(q, &rec.hdr, sizeof(rec), text, "", "", "");
}

static inline void seq_probe(struct seq *q, uint32_t id, enum ev_probe_state state)
{
	struct ev_probe_rec rec = { .hdr.kind = EV_PROBE, .id = id, .state = state };

	feed_text(q, &rec.hdr, sizeof(rec), seq_probes[id].name, "tp_btf", "target",
		  state == EV_PROBE_ON ? "" : "because");
}

static inline void seq_enums(struct seq *q, const char *kernel)
{
	char path[128], type[64], name[96];
	char *text;
	long long value;
	int len;

	snprintf(path, sizeof(path), "tracepoints/formats/%s/enums", kernel);
	if (file_read(path, 4 << 20, &text, NULL))
		fail_msg("cannot read %s: run this at the top of the tree", path);
	for (const char *p = text; sscanf(p, "%63s %lld %95s%n", type, &value, name, &len) == 3;
	     p += len) {
		struct ev_enum_rec rec = { .hdr.kind = EV_ENUM, .value = value };

		feed_text(q, &rec.hdr, sizeof(rec), type, name, "", "");
	}
	free(text);
}

/* opts is borrowed; NULL: none */
static inline struct seq *seq_open(const char *kernel, const struct engine_options *opts)
{
	struct seq *q = calloc(1, sizeof(*q));

	assert_non_null(q);
	q->new = !strcmp(kernel, K73);
	q->pool = 500;
	q->i_size = 1 << 30;
	q->now = SEC;
	assert_int_equal(model_new(&q->m, NULL), 0);
	assert_int_equal(engine_new(&q->e, q->m, opts), 0);
	assert_int_equal(model_listen(q->m, engine_listener(q->e)), 0);
	return q;
}

static inline void seq_head(struct seq *q, const char *kernel)
{
	for (uint32_t id = 1; id < PROBE_MAX; id++)
		seq_probe(q, id, EV_PROBE_ON);
	seq_enums(q, kernel);
}

static inline struct seq *seq_new(const char *kernel)
{
	struct seq *q = seq_open(kernel, NULL);

	seq_head(q, kernel);
	return q;
}

static inline void seq_finish(struct seq *q)
{
	if (q->finished)
		return;
	q->finished = true;
	assert_int_equal(model_finish(q->m), 0);
	assert_int_equal(engine_finish(q->e), 0);
}

static inline void seq_free(struct seq *q)
{
	engine_free(q->e);
	model_free(q->m);
	free(q);
}

/* Runs what follows on both families. */
#define BOTH(q)                        \
	for (int k_ = 0; k_ < 2; k_++) \
		for (struct seq *q = seq_new(k_ ? K73 : K612); q; seq_free(q), q = NULL)

/* Stream time passes. */
static inline void pass(struct seq *q, uint64_t ns)
{
	uint64_t end = q->now + ns;

	while (q->now + SEC < end) {
		q->now += SEC - 1000;
		FEED(q, 0, ev_tick, EV_TICK, 0, 0);
	}
	q->now = end;
	FEED(q, 0, ev_tick, EV_TICK, 0, 0);
}

/* ---- what was found ---- */

static inline const struct check *seq_check(struct seq *q, const char *id)
{
	size_t n;
	const struct check *c = engine_checks(q->e, &n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(c[i].ops->id, id))
			return &c[i];
	fail_msg("no check %s", id);
	return NULL;
}

static inline const struct finding *seq_finding(struct seq *q, const char *id, const char *kind)
{
	seq_finish(q);
	for (const struct finding *f = engine_findings(q->e); f; f = f->next)
		if (!strcmp(f->check->id, id) && !strcmp(f->kind, kind))
			return f;
	return NULL;
}

static inline void show(struct seq *q)
{
	for (const struct finding *f = engine_findings(q->e); f; f = f->next)
		print_message("found %s %s R=%x[%x] %s: %s; %s\n", f->check->id, f->kind, f->rreq,
			      f->sreq, verdict_name(f->verdict), f->expected, f->observed);
}

/* Found, and by this part of the rule. */
static inline const struct finding *found(struct seq *q, const char *id, const char *kind)
{
	const struct finding *f = seq_finding(q, id, kind);

	if (!f) {
		show(q);
		fail_msg("%s does not find %s", id, kind);
	}
	assert_int_equal(f->verdict, VERDICT_VIOLATION);
	assert_true(*f->expected && *f->observed && *f->explanation);
	assert_true(seq_check(q, id)->judged > 0);
	assert_non_null(f->check->judges[1]);
	return f;
}

/* This check, or (NULL) every check, is silent and was able to judge. */
static inline void silent(struct seq *q, const char *id)
{
	seq_finish(q);
	for (const struct finding *f = engine_findings(q->e); f; f = f->next) {
		if (id && strcmp(f->check->id, id))
			continue;
		show(q);
		fail_msg("%s finds %s", f->check->id, f->kind);
	}
	if (id)
		assert_true(seq_check(q, id)->active);
}

/* ---- events ---- */

static inline uint8_t raw(struct seq *q, enum name_enum e, enum name_id id)
{
	for (int v = 0; v < 255; v++)
		if (names_id(model_names(q->m), e, v) == id)
			return v;
	fail_msg("this kernel has no name %d", id);
	return 0;
}

/* value: of NEW, or where there was none; else what the kernel would print */
static inline void rref(struct seq *q, uint32_t r, enum name_id what, int value)
{
	const char *text =
		names_text(model_names(q->m), NAMES_RREQ_REF, raw(q, NAMES_RREQ_REF, what));
	int *refs = &q->refs[r % 1024];

	q->known[r % 1024] |= what == RREF_NEW;
	*refs = what == RREF_NEW ? value : *refs + (*text == 'G' ? 1 : -1);
	if (q->known[r % 1024])
		value = *refs;
	FEED(q, APP, ev_ref, EV_REF, EVF_RREQ, P_netfs_rreq_ref, .rreq = r, .ref = value,
	     .what = raw(q, NAMES_RREQ_REF, what));
}

static inline void sref(struct seq *q, uint32_t r, uint32_t s, enum name_id what, int value)
{
	FEED(q, APP, ev_ref, EV_REF, EVF_RREQ, P_netfs_sreq_ref, .rreq = r, .sreq = s, .ref = value,
	     .what = raw(q, NAMES_SREQ_REF, what));
}

struct rq {
	uint32_t r;
	enum name_id origin;
	uint64_t start, len, transferred;
	int error;
	int extra_refs;
	bool no_free;
};

static inline void rreq(struct seq *q, const struct rq *a, enum name_id what)
{
	FEED(q, APP, ev_rreq, EV_RREQ, EVF_RREQ, P_netfs_rreq, .rreq = a->r, .start = a->start,
	     .len = a->len, .transferred = a->transferred, .error = a->error, .ino = 7,
	     .i_size = q->i_size, .origin = raw(q, NAMES_ORIGIN, a->origin),
	     .what = raw(q, NAMES_RREQ_TRACE, what), .fs = "cifs");
}

static inline void begin(struct seq *q, const struct rq *a)
{
	rref(q, a->r, RREF_NEW, q->new ? 2 : 1);
	FEED(q, APP, ev_rreq, EV_RREQ, EVF_RREQ, P_netfs_read, .rreq = a->r, .start = a->start,
	     .len = a->len, .arg_start = a->start, .arg_len = a->len, .ino = 7, .i_size = q->i_size,
	     .event = EV_RREQ_READ, .what = raw(q, NAMES_READ_TRACE, READ_READAHEAD),
	     .origin = raw(q, NAMES_ORIGIN, a->origin), .fs = "cifs");
}

static inline void end(struct seq *q, const struct rq *a)
{
	bool write = a->origin == ORIGIN_WRITEBACK || a->origin == ORIGIN_DIO_WRITE ||
		     a->origin == ORIGIN_UNBUFFERED_WRITE;

	if (write)
		rreq(q, a, RREQ_WRITE_DONE);
	else if (q->new)
		rreq(q, a, RREQ_COMPLETE);
	rreq(q, a, RREQ_WAKE_IP);
	if (!write)
		rreq(q, a, RREQ_DONE);
	for (int i = 0; i < a->extra_refs; i++)
		rref(q, a->r, RREF_GET_SUBREQ, 3);
	for (int i = 0; i > a->extra_refs; i--)
		rref(q, a->r, RREF_PUT_FAILED, 1);
	if (q->new)
		rref(q, a->r, RREF_PUT_WORK_IP, 1);
	if (a->no_free)
		return;
	rref(q, a->r, RREF_PUT_RETURN, 0);
	rreq(q, a, RREQ_FREE);
}

/* One attempt of a subrequest. What is not said is as it is on a healthy kernel. */
struct io {
	uint32_t r, s;
	bool write;
	uint64_t start, len;
	uint64_t before;      /* transferred in earlier attempts */
	uint64_t got;	      /* 0: all of it */
	uint64_t transferred; /* as TERM says; 0: before + got */
	int error;
	uint32_t status;
	int grant, added; /* added 0: as granted */
	bool none;	  /* got 0 bytes */
	bool forget;	  /* what was got does not count */
	bool retry;	  /* a later attempt */
	bool keep;	  /* not freed */
	/* what is broken */
	bool no_take, no_clear, no_add, add_twice, resp_add_twice, no_term, term_twice, no_mark,
		no_callback, no_response, interim, low, clear_zero;
	uint64_t wire_offset, wire_len, done_len, iter; /* 0: as they should be */
	int held; /* after smb2_wait_mtu_credits(); 0: what that took */
	bool wire_twice;
	uint8_t stream;
	uint32_t mid_state; /* 0: received */
	bool sealed;	    /* the answer was encrypted */
	int sign_rc;	    /* of smb2_verify_signature() */
	uint64_t mid;	    /* 0: r * 64 + s */
};

static inline void sreq(struct seq *q, uint32_t tid, const struct io *a, enum name_id what,
			uint64_t transferred, int error)
{
	FEED(q, tid, ev_sreq, EV_SREQ, EVF_RREQ, P_netfs_sreq, .rreq = a->r, .sreq = a->s,
	     .start = a->start, .len = a->len, .transferred = transferred, .error = error,
	     .what = raw(q, NAMES_SREQ_TRACE, what), .stream = a->stream,
	     .source = raw(q, NAMES_SOURCE,
			   a->write ? SOURCE_UPLOAD_TO_SERVER : SOURCE_DOWNLOAD_FROM_SERVER),
	     .iter_type = raw(q, NAMES_ITER_TYPE, ITER_FOLIOQ),
	     .iter_count = a->iter ? a->iter : a->len - transferred);
}

static inline void rwc(struct seq *q, uint32_t tid, uint32_t r, uint32_t s, enum name_id what,
		       int held, int change)
{
	FEED(q, tid, ev_rw_credits, EV_RW_CREDITS, EVF_RREQ, P_smb3_rw_credits, .rreq = r,
	     .sreq = s, .held = held, .change = change, .in_flight = q->in_flight, .pool = q->pool,
	     .what = raw(q, NAMES_RW_CREDITS, what));
}

static inline void credit(struct seq *q, uint32_t tid, uint16_t probe, int change)
{
	FEED(q, tid, ev_credit, EV_CREDIT, 0, probe, .conn = CONN, .credits = q->pool,
	     .change = change, .in_flight = q->in_flight);
}

static inline void credit_fn(struct seq *q, uint32_t tid, uint32_t r, uint32_t s, uint16_t probe,
			     uint8_t flags, uint8_t fn, int value)
{
	FEED(q, tid, ev_credit_fn_rec, EV_CREDIT_FN, EVF_RREQ | flags, probe, .rreq = r, .sreq = s,
	     .conn = CONN, .value = value, .credits = q->pool, .echo = 1, .oplock = 1,
	     .in_flight = q->in_flight, .instance = 1, .fn = fn);
}

static inline void take(struct seq *q, uint32_t r, uint32_t s, int n)
{
	credit_fn(q, APP, r, s, P_smb2_wait_mtu_credits_enter, 0, EV_CFN_WAIT_MTU, 0);
	q->pool -= n;
	q->in_flight += n > 0;
	credit(q, APP, P_smb3_wait_credits, -n);
	credit_fn(q, APP, r, s, P_smb2_wait_mtu_credits_exit, EVF_EXIT, EV_CFN_WAIT_MTU, n);
}

static inline void add(struct seq *q, uint32_t tid, uint32_t r, uint32_t s, int n)
{
	q->pool += n;
	q->in_flight--;
	credit(q, tid, P_smb3_add_credits, n);
	credit_fn(q, tid, r, s, P_smb2_add_credits_exit, EVF_EXIT, EV_CFN_ADD, n);
}

static inline void response(struct seq *q, uint64_t mid, uint16_t cmd, uint32_t status, int granted)
{
	FEED(q, CIFSD, ev_rsp, EV_RSP, 0, P_smb2_is_status_pending_enter, .conn = CONN, .mid = mid,
	     .cmd = cmd, .status = status, .credits = granted);
}

static inline void callback(struct seq *q, const struct io *a, uint8_t flags, uint64_t got)
{
	FEED(q, CIFSD, ev_callback, EV_CALLBACK, EVF_RREQ | flags,
	     a->write ? P_smb2_writev_callback_enter : P_smb2_readv_callback_enter, .rreq = a->r,
	     .sreq = a->s, .conn = CONN, .mid = a->mid ? a->mid : a->r * 64 + a->s,
	     .got_bytes = a->write ? 0 : got, .write = a->write, .decrypted = a->sealed,
	     .mid_state = a->mid_state ? a->mid_state : 4);
}

static inline void step(struct seq *q, const struct io *a, uint8_t flags, uint8_t what)
{
	FEED(q, APP, ev_step_rec, EV_STEP, EVF_RREQ | flags, P_cifs_issue_read_enter, .rreq = a->r,
	     .sreq = a->s, .conn = CONN, .step = what);
}

static inline void command(struct seq *q, uint32_t tid, uint16_t cmd, uint64_t mid, uint32_t r,
			   uint32_t s)
{
	FEED(q, tid, ev_smb_cmd, EV_SMB_CMD, EVF_RREQ, P_smb3_cmd_enter, .rreq = r, .sreq = s,
	     .mid = mid, .sesid = 1, .cmd = cmd, .event = EV_CMD_ENTER);
	FEED(q, tid, ev_setup, EV_SETUP, EVF_RREQ | EVF_EXIT, P_smb2_setup_async_request_exit,
	     .rreq = r, .sreq = s, .conn = CONN, .mid = mid, .cmd = cmd, .credit_charge = 1,
	     .async = r != 0);
	FEED(q, tid, ev_send, EV_SEND, EVF_RREQ, P___smb_send_rqst_enter, .rreq = r, .sreq = s,
	     .conn = CONN, .nr_rqst = 1);
	FEED(q, tid, ev_send, EV_SEND, EVF_RREQ | EVF_EXIT, P___smb_send_rqst_exit, .rreq = r,
	     .sreq = s, .conn = CONN, .nr_rqst = 1);
}

static inline void reconnect(struct seq *q)
{
	FEED(q, CIFSD, ev_reconnect, EV_RECONNECT, 0, P_smb3_reconnect, .conn = CONN);
}

/* smb3_read_enter and the like */
static inline void smb_rw(struct seq *q, uint32_t tid, const struct io *a, uint8_t event,
			  uint64_t offset, uint64_t len)
{
	static const uint16_t probes[2][3] = {
		{ P_smb3_read_enter, P_smb3_read_done, P_smb3_read_err },
		{ P_smb3_write_enter, P_smb3_write_done, P_smb3_write_err }
	};

	FEED(q, tid, ev_smb_rw, EV_SMB_RW, EVF_RREQ, probes[a->write][event], .rreq = a->r,
	     .sreq = a->s, .offset = offset, .len = len, .event = event, .write = a->write);
}

static inline void bad_signature(struct seq *q, uint32_t tid, uint16_t cmd, uint64_t mid, int rc)
{
	FEED(q, tid, ev_signature, EV_SIGNATURE, EVF_EXIT, P_smb2_verify_signature_exit,
	     .conn = CONN, .mid = mid, .sesid = 1, .cmd = cmd, .rc = rc);
}

/* Up to SMB2_READ or SMB2_WRITE being on the wire. */
static inline void issue(struct seq *q, const struct io *a)
{
	enum name_id taking = a->write ? RWC_WRITE_PREPARE : RWC_READ_SUBMIT;

	if (!a->retry)
		rref(q, a->r, RREF_GET_SUBREQ, 3);
	if (a->retry && !a->no_mark)
		sreq(q, APP, a, SREQ_RETRY, a->before, 0);
	step(q, a, 0, a->write ? EV_STEP_PREPARE_WRITE : EV_STEP_PREPARE_READ);
	if (!a->no_take) {
		take(q, a->r, a->s, a->low ? 0 : 2);
		rwc(q, APP, a->r, a->s, taking,
		    a->held  ? a->held
		    : a->low ? 0
			     : 2,
		    a->write && !a->low ? 2 : 0);
	}
	step(q, a, EVF_EXIT, a->write ? EV_STEP_PREPARE_WRITE : EV_STEP_PREPARE_READ);
	sreq(q, APP, a, SREQ_SUBMIT, a->before, 0);
	step(q, a, 0, a->write ? EV_STEP_ISSUE_WRITE : EV_STEP_ISSUE_READ);
	for (int i = 0; i < 1 + a->wire_twice; i++)
		smb_rw(q, APP, a, EV_RW_ENTER,
		       a->wire_offset ? a->wire_offset : a->start + a->before,
		       a->wire_len ? a->wire_len : a->len - a->before);
	command(q, APP, a->write ? 9 : 8, a->mid ? a->mid : a->r * 64 + a->s, a->r, a->s);
	step(q, a, EVF_EXIT, a->write ? EV_STEP_ISSUE_WRITE : EV_STEP_ISSUE_READ);
}

static inline uint64_t got_of(const struct io *a)
{
	return a->none ? 0 : a->got ? a->got : a->len - a->before;
}

static inline uint64_t transferred_of(const struct io *a)
{
	if (a->forget)
		return a->before;
	return a->transferred ? a->transferred : a->before + got_of(a);
}

static inline void answer(struct seq *q, const struct io *a)
{
	uint64_t mid = a->mid ? a->mid : a->r * 64 + a->s;
	uint64_t got = got_of(a);
	uint64_t transferred = transferred_of(a);
	int grant = a->grant ? a->grant : 10;
	int final_grant = a->interim ? 0 : grant;
	uint16_t cmd = a->write ? 9 : 8;
	bool cut = a->mid_state && a->mid_state != 4;

	if (a->interim) {
		response(q, mid, cmd, STATUS_PENDING, grant);
		q->pool += grant;
		credit(q, CIFSD, P_smb3_pend_credits, a->added ? a->added : grant);
	}
	if (!a->no_response && !cut)
		response(q, mid, cmd, a->status, final_grant);
	if (a->no_callback)
		return;
	callback(q, a, 0, got);
	if (!a->no_clear)
		rwc(q, CIFSD, a->r, a->s,
		    a->write ? RWC_WRITE_RESPONSE_CLEAR : RWC_READ_RESPONSE_CLEAR, 2, 0);
	if (a->sign_rc)
		bad_signature(q, CIFSD, cmd, mid, a->sign_rc);
	if (a->sign_rc && a->error)
		smb_rw(q, CIFSD, a, EV_RW_ERR, a->start + a->before, a->len - a->before);
	if (!a->error)
		smb_rw(q, CIFSD, a, EV_RW_DONE,
		       a->wire_offset ? a->wire_offset : a->start + a->before,
		       a->done_len   ? a->done_len
		       : a->wire_len ? a->wire_len
				     : got);
	sreq(q, CIFSD, a, SREQ_IO_PROGRESS, transferred, a->error);
	for (int i = a->no_term; i < 1 + a->term_twice; i++) {
		sreq(q, CIFSD, a, SREQ_TERMINATED, transferred, a->error);
		sref(q, a->r, a->s, SREF_PUT_TERMINATED, 1);
	}
	if (cut)
		final_grant = 0;
	else if (a->added && !a->interim)
		final_grant = a->added;
	for (int i = 0; i < 1 + a->resp_add_twice; i++)
		rwc(q, CIFSD, a->r, a->s, a->write ? RWC_WRITE_RESPONSE_ADD : RWC_READ_RESPONSE_ADD,
		    0, final_grant);
	for (int i = a->no_add; i < 1 + a->add_twice; i++)
		add(q, CIFSD, a->r, a->s, final_grant);
	callback(q, a, EVF_EXIT, got);
	if (a->clear_zero)
		sreq(q, APP, a, SREQ_CLEAR, a->len, 0);
}

static inline void release(struct seq *q, const struct io *a)
{
	sref(q, a->r, a->s, SREF_PUT_DONE, 0);
	sreq(q, APP, a, SREQ_FREE, a->clear_zero ? a->len : transferred_of(a), a->error);
	rref(q, a->r, RREF_PUT_SUBREQ, 1);
}

static inline void io(struct seq *q, const struct io *a)
{
	issue(q, a);
	answer(q, a);
	if (!a->keep)
		release(q, a);
}

/* A request of one subrequest. */
#define ONE_READ(q, ...)                                                     \
	do {                                                                 \
		struct io a_ = { .r = 1, .s = 1, .len = 4096, __VA_ARGS__ }; \
		struct rq r_ = { .r = 1,                                     \
				 .origin = ORIGIN_READAHEAD,                 \
				 .len = 4096,                                \
				 .transferred = 4096,                        \
				 .error = a_.error };                        \
		begin(q, &r_);                                               \
		io(q, &a_);                                                  \
		end(q, &r_);                                                 \
		pass(q, SEC);                                                \
	} while (0)

#endif
