// SPDX-License-Identifier: GPL-2.0-only
/* Two looks at /proc, joined: what was there in both and did not move, and what it waits for. */
#include <errno.h>
#include <string.h>

#include "hang/hang.h"

const struct hang_task *hang_task_by_tid(const struct hang_snap *s, int32_t tid)
{
	for (size_t i = 0; i < s->nr_tasks; i++)
		if (s->task[i].tid == tid)
			return &s->task[i];
	return NULL;
}

/* ---- what stood still ---- */

static const struct hang_mid *find_mid(const struct hang_snap *s, uint64_t conn, uint64_t mid)
{
	for (size_t i = 0; i < s->nr_mids; i++)
		if (s->mid[i].conn == conn && s->mid[i].mid == mid)
			return &s->mid[i];
	return NULL;
}

static const struct hang_conn *find_conn(const struct hang_snap *s, uint64_t id)
{
	for (size_t i = 0; i < s->nr_conns; i++)
		if (s->conn[i].id == id)
			return &s->conn[i];
	return NULL;
}

/* A server may answer these whenever it likes. */
static bool may_wait(const struct hang_mid *m)
{
	uint32_t cmd = hang_command_kind(m);

	return cmd == HANG_CMD_NOTIFY || cmd == HANG_CMD_LOCK;
}

static void mark_mids(struct hang_report *r)
{
	for (size_t i = 0; i < r->last->nr_mids; i++) {
		struct hang_mid *m = &r->last->mid[i];
		const struct hang_mid *was = find_mid(r->first, m->conn, m->mid);

		m->is_new = !was;
		m->may_wait = was && was->state == m->state && may_wait(m);
		m->stuck = was && was->state == m->state && !m->may_wait;
		r->nr_stuck_mids += m->stuck;
	}
}

static bool stood_still(const struct hang_task *was, const struct hang_task *t)
{
	if (!was || was->start_ticks != t->start_ticks || was->wait != t->wait)
		return false;
	if (was->has_switches && t->has_switches)
		return was->switches == t->switches;
	return was->nr_frames == t->nr_frames && !memcmp(was->frame, t->frame, sizeof(t->frame));
}

/* A waiting cifsd or an idle worker is their normal state; a task in D is not. */
static void mark_tasks(struct hang_report *r)
{
	for (size_t i = 0; i < r->last->nr_tasks; i++) {
		struct hang_task *t = &r->last->task[i];

		r->nr_cifsds += t->cifsd;
		t->stuck = t->state == 'D' && (!t->cifsd || t->wait == HANG_WAIT_LOCK) &&
			   stood_still(hang_task_by_tid(r->first, t->tid), t);
		r->nr_stuck_tasks += t->stuck && t->in_fs;
	}
}

static const struct hang_request *find_request(const struct hang_snap *s, uint32_t id)
{
	for (size_t i = 0; i < s->nr_requests; i++)
		if (s->request[i].id == id)
			return &s->request[i];
	return NULL;
}

static bool moved(const struct hang_request *was, const struct hang_request *r)
{
	return was->submitted != r->submitted || was->ops != r->ops || was->error != r->error ||
	       was->finished != r->finished;
}

/* ---- connections ---- */

static bool waits(const struct hang_snap *s, enum hang_wait wait)
{
	for (size_t i = 0; i < s->nr_tasks; i++)
		if (s->task[i].stuck && s->task[i].wait == wait)
			return true;
	return false;
}

static bool has_mids(const struct hang_snap *s, uint64_t conn)
{
	for (size_t i = 0; i < s->nr_mids; i++)
		if (s->mid[i].conn == conn)
			return true;
	return false;
}

/* DebugData counts messages in flight in both looks, and lists none that could be read. */
static bool is_unread(const struct hang_report *r, const struct hang_conn *c,
		      const struct hang_conn *was)
{
	return c->in_flight > 0 && was && was->in_flight > 0 && !has_mids(r->first, c->id) &&
	       !has_mids(r->last, c->id);
}

/* A cifsd is blocked: which connection it serves is not told, so any answer may lie unread. */
static bool is_deaf(const struct hang_snap *s)
{
	for (size_t i = 0; i < s->nr_tasks; i++)
		if (s->task[i].cifsd && s->task[i].stuck)
			return true;
	return false;
}

static bool only_may_wait(const struct hang_snap *s, uint64_t conn)
{
	for (size_t i = 0; i < s->nr_mids; i++)
		if (s->mid[i].conn == conn && !s->mid[i].may_wait)
			return false;
	return has_mids(s, conn);
}

/* Only what may wait is listed, and no fewer than are in flight: the list was not cut between two lines. */
static enum hang_verdict judge_patient(const struct hang_report *r, const struct hang_conn *c)
{
	int32_t listed = 0;

	if (!only_may_wait(r->last, c->id))
		return HANG_MOVING;
	for (size_t i = 0; i < r->last->nr_mids; i++)
		listed += r->last->mid[i].conn == c->id;
	return listed < c->in_flight ? HANG_UNCLEAR : HANG_NONE;
}

static enum hang_verdict judge_conn(const struct hang_report *r, struct hang_conn_view *v)
{
	const struct hang_conn *was = find_conn(r->first, v->c->id);
	size_t unhandled = 0;

	for (size_t i = 0; i < r->last->nr_mids; i++) {
		const struct hang_mid *m = &r->last->mid[i];

		if (!m->stuck || m->conn != v->c->id)
			continue;
		v->stuck_mids++;
		unhandled += m->state != HANG_MID_SUBMITTED && m->state != HANG_MID_ALLOCATED;
	}
	if (r->last->truncated && v->c->tcp_status != HANG_TCP_GOOD)
		return HANG_UNREAD; /* its state may stand behind the cut */
	if (v->c->tcp_status != HANG_TCP_GOOD || v->c->disconnected) {
		bool still = was && (was->tcp_status != HANG_TCP_GOOD || was->disconnected);

		return still ? HANG_RECONNECT : HANG_MOVING;
	}
	if (v->stuck_mids > unhandled)
		return is_deaf(r->last) ? HANG_UNKNOWN : HANG_SERVER;
	if (unhandled)
		return HANG_UNHANDLED;
	if (v->c->waiters > 0 && was && was->waiters > 0 && waits(r->last, HANG_WAIT_CREDITS))
		return HANG_CREDITS;
	if (is_unread(r, v->c, was))
		return HANG_UNREAD;
	if (r->count[HANG_LEAKED])
		return HANG_LEAKED;
	if (r->first->truncated || r->last->truncated)
		return HANG_UNCLEAR;
	return v->c->in_flight ? judge_patient(r, v->c) : HANG_NONE;
}

/* cifsd does not say which connection it serves: with one of each it is clear. */
static const struct hang_task *only_cifsd(const struct hang_report *r)
{
	if (r->nr_cifsds != 1 || r->last->nr_conns != 1)
		return NULL;
	for (size_t i = 0; i < r->last->nr_tasks; i++)
		if (r->last->task[i].cifsd)
			return &r->last->task[i];
	return NULL;
}

static int judge_conns(struct hang_report *r)
{
	const struct hang_snap *s = r->last;

	r->conn = calloc(s->nr_conns + 1, sizeof(*r->conn));
	if (!r->conn)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr_conns; i++) {
		r->conn[i].c = &s->conn[i];
		r->conn[i].cifsd = only_cifsd(r);
		r->conn[i].verdict = judge_conn(r, &r->conn[i]);
	}
	return 0;
}

/* ---- requests and the tasks that wait for them ---- */

static bool in_span(const struct hang_request *r, uint64_t pos)
{
	return pos >= r->start && pos - r->start < (r->len ? r->len : 1);
}

/* 0: it does not wait for this one; 2: its file position is in the request */
static int fit(const struct hang_request *r, const struct hang_task *t)
{
	bool write = hang_is_write(r);
	bool direct = !strcmp(r->origin, "DR") || !strcmp(r->origin, "UR") ||
		      !strcmp(r->origin, "DW") || !strcmp(r->origin, "UW");

	if (!t->stuck)
		return 0;
	if (write ? t->request_wait != HANG_WAIT_WRITE && t->request_wait != HANG_WAIT_FOLIO_WRITE
		  : t->request_wait != HANG_WAIT_READ && t->request_wait != HANG_WAIT_FOLIO_READ)
		return 0;
	if (direct && t->request_wait != HANG_WAIT_READ && t->request_wait != HANG_WAIT_WRITE)
		return 0;
	if (!strcmp(r->origin, "WB") && t->request_wait != HANG_WAIT_FOLIO_WRITE)
		return 0;
	if (!strcmp(r->origin, "RA") && t->request_wait != HANG_WAIT_FOLIO_READ)
		return 0;
	if (!t->has_pos || t->request_wait == HANG_WAIT_FOLIO_WRITE)
		return 1;
	return in_span(r, t->pos) ? 2 : direct ? 0 : 1;
}

static void find_task(const struct hang_snap *s, struct hang_request_view *v)
{
	int best = 0;

	for (size_t i = 0; i < s->nr_tasks; i++) {
		int f = fit(v->r, &s->task[i]);

		if (!f || f < best)
			continue;
		if (f > best) {
			v->candidates = 0;
			v->task = &s->task[i];
		}
		best = f;
		v->candidates++;
	}
	v->by_position = best == 2;
}

static bool any_conn(const struct hang_report *r, enum hang_verdict v)
{
	for (size_t i = 0; i < r->last->nr_conns; i++)
		if (r->conn[i].verdict == v)
			return true;
	return false;
}

static bool all_down(const struct hang_report *r)
{
	for (size_t i = 0; i < r->last->nr_conns; i++)
		if (r->conn[i].verdict != HANG_RECONNECT)
			return false;
	return r->last->nr_conns;
}

/* Could it be among those who wait for it? Of several that fit, each. */
static bool may_be_waiter(const struct hang_request_view *v, int32_t tid, const struct hang_snap *s)
{
	const struct hang_task *t = hang_task_by_tid(s, tid);

	return t && v->task && fit(v->r, t) == fit(v->r, v->task);
}

static bool is_unsent(const struct hang_mid *m)
{
	return m->state == HANG_MID_SUBMITTED || m->state == HANG_MID_ALLOCATED;
}

/* What opens files and sessions anew comes before the READ or WRITE, from whatever thread. */
static bool comes_first(const struct hang_mid *m)
{
	uint32_t cmd = hang_command_kind(m);

	return cmd == HANG_CMD_CREATE || cmd == HANG_CMD_NEGOTIATE ||
	       cmd == HANG_CMD_SESSION_SETUP || cmd == HANG_CMD_TREE_CONNECT;
}

static uint32_t command_of(const struct hang_request *req)
{
	return hang_is_write(req) ? HANG_CMD_WRITE : HANG_CMD_READ;
}

/*
 * Is a message pending that could belong to it? The kernel does not print whose a message is. Those
 * that a waiter sent come before those of others, those without an answer before the rest.
 */
static const struct hang_mid *own_mid(const struct hang_report *r,
				      const struct hang_request_view *v)
{
	const struct hang_mid *best = NULL;
	int best_rank = 0;

	for (size_t i = 0; i < r->last->nr_mids; i++) {
		const struct hang_mid *m = &r->last->mid[i];
		int rank = 1 + is_unsent(m) + 2 * may_be_waiter(v, m->pid, r->last);

		if (m->stuck && hang_command_kind(m) == command_of(v->r) && rank > best_rank) {
			best = m;
			best_rank = rank;
		}
	}
	return best;
}

/* A message of its waiter that it must have the answer of before it can go on. */
static const struct hang_mid *mid_before(const struct hang_report *r,
					 const struct hang_request_view *v)
{
	for (size_t i = 0; i < r->last->nr_mids; i++) {
		const struct hang_mid *m = &r->last->mid[i];

		if (m->stuck && v->task && v->candidates == 1 && m->pid == v->task->tid &&
		    (comes_first(m) || v->task->wait == HANG_WAIT_RESPONSE))
			return m;
	}
	return NULL;
}

static enum hang_verdict verdict_of_conn(const struct hang_report *r, uint64_t id)
{
	for (size_t i = 0; i < r->last->nr_conns; i++)
		if (r->conn[i].c->id == id)
			return r->conn[i].verdict;
	return HANG_NONE;
}

static enum hang_verdict judge_mid(const struct hang_report *r, const struct hang_mid *m)
{
	if (verdict_of_conn(r, m->conn) == HANG_RECONNECT)
		return HANG_RECONNECT;
	if (!is_unsent(m))
		return HANG_UNHANDLED;
	return is_deaf(r->last) ? HANG_UNKNOWN : HANG_SERVER;
}

/*
 * That nothing is pending is known of lists that were read whole. Messages of its kind that come and
 * go: it may be one of many of a busy mount. Of its waiter, or of who opens something anew, any
 * message may be what it waits for.
 */
static bool may_end(const struct hang_report *r, const struct hang_request_view *v)
{
	for (size_t i = 0; i < r->last->nr_mids; i++) {
		const struct hang_mid *m = &r->last->mid[i];

		if (hang_command_kind(m) == command_of(v->r) || comes_first(m) ||
		    may_be_waiter(v, m->pid, r->last))
			return true;
	}
	return r->last->truncated || any_conn(r, HANG_UNREAD);
}

/* May it be of another file system, whose messages we do not know? */
static bool may_be_foreign(const struct hang_report *r, const struct hang_request_view *v)
{
	if (!r->last->has_cifs || !r->last->nr_conns || (!v->task && r->last->has_others))
		return true;
	for (size_t i = 0; i < r->last->nr_tasks; i++) {
		const struct hang_task *t = &r->last->task[i];

		if (t->stuck && t->foreign && (!v->task || fit(v->r, t) == fit(v->r, v->task)))
			return true;
	}
	return false;
}

/* Without a message, which connection it is on is known if all are down, or if its waiter says so. */
static bool waits_for_conn(const struct hang_report *r, const struct hang_request_view *v)
{
	if (v->task && v->candidates == 1 && v->task->wait == HANG_WAIT_RECONNECT)
		return true;
	return all_down(r);
}

static enum hang_verdict judge_request(const struct hang_report *r, struct hang_request_view *v)
{
	const struct hang_request *was = find_request(r->first, v->r->id);
	const struct hang_mid *own, *before;

	if (!was || moved(was, v->r))
		return HANG_MOVING;
	if (v->r->finished)
		return HANG_LEAKED;
	if (may_be_foreign(r, v))
		return HANG_UNKNOWN;
	own = own_mid(r, v);
	before = mid_before(r, v);
	if (before && (!own || own->pid != before->pid))
		own = v->waits = before;
	if (own)
		return judge_mid(r, own);
	if (any_conn(r, HANG_RECONNECT))
		return waits_for_conn(r, v) ? HANG_RECONNECT : HANG_UNKNOWN;
	if (any_conn(r, HANG_CREDITS))
		return HANG_CREDITS;
	return may_end(r, v) ? HANG_UNKNOWN : HANG_LOST;
}

static int judge_requests(struct hang_report *r)
{
	const struct hang_snap *s = r->last;

	r->request = calloc(s->nr_requests + 1, sizeof(*r->request));
	if (!r->request)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr_requests; i++) {
		r->request[i].r = &s->request[i];
		if (!s->request[i].finished) /* nobody waits for it any more */
			find_task(s, &r->request[i]);
		r->request[i].verdict = judge_request(r, &r->request[i]);
		r->count[r->request[i].verdict]++;
	}
	return 0;
}

/* ---- all of it ---- */

/* Was all read that shows who hangs? Of what was not, nothing can be said. */
static bool is_whole(const struct hang_snap *s)
{
	return !s->truncated && s->seen_tasks && !s->unread_tasks;
}

/* Nobody minds a connection that is down while nobody uses it. */
static bool is_missed(const struct hang_report *r)
{
	for (size_t i = 0; i < r->last->nr_conns; i++)
		if (r->conn[i].verdict == HANG_RECONNECT &&
		    (r->conn[i].stuck_mids || r->conn[i].c->waiters > 0))
			return true;
	return all_down(r) || (any_conn(r, HANG_RECONNECT) && waits(r->last, HANG_WAIT_RECONNECT));
}

/* A list cut between two lines looks whole. One that is being made or freed is counted, but not for two looks. */
static bool is_short(const struct hang_snap *s)
{
	return s->has_netfs && s->stats.requests > (int64_t)s->nr_requests;
}

static enum hang_verdict judge_all(const struct hang_report *r)
{
	/* a lost request never ends by itself, so it comes first */
	static const enum hang_verdict order[] = { HANG_LOST, HANG_UNHANDLED, HANG_SERVER,
						   HANG_RECONNECT, HANG_CREDITS };

	bool waiting = r->nr_stuck_tasks || r->nr_stuck_mids;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		bool of_conn = order[i] == HANG_RECONNECT ? is_missed(r) : any_conn(r, order[i]);

		if (r->count[order[i]] || (waiting && of_conn))
			return order[i];
	}
	if (r->count[HANG_UNKNOWN] || r->nr_stuck_tasks)
		return HANG_UNKNOWN;
	if (any_conn(r, HANG_UNREAD))
		return HANG_UNREAD;
	if (!is_whole(r->first) || !is_whole(r->last) || any_conn(r, HANG_UNCLEAR))
		return HANG_UNCLEAR;
	if (r->count[HANG_MOVING] || any_conn(r, HANG_MOVING))
		return HANG_MOVING;
	return r->short_list ? HANG_UNCLEAR : HANG_NONE;
}

int hang_judge(struct hang_report *r, struct hang_snap *first, struct hang_snap *last,
	       uint64_t gap_ns)
{
	int rc;

	memset(r, 0, sizeof(*r));
	r->first = first;
	r->last = last;
	r->gap_ns = gap_ns;
	r->short_list = is_short(first) && is_short(last);
	mark_mids(r);
	mark_tasks(r);
	rc = judge_conns(r);
	if (!rc)
		rc = judge_requests(r);
	if (rc)
		return rc;
	r->verdict = judge_all(r);
	r->hangs = r->verdict > HANG_MOVING;
	r->unclear = r->verdict == HANG_UNREAD || r->verdict == HANG_UNCLEAR;
	return 0;
}

void hang_report_free(struct hang_report *r)
{
	free(r->request);
	free(r->conn);
	memset(r, 0, sizeof(*r));
}
