// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "view/text/hang_text.h"

#define MAX_ADVICE 8
#define MAX_LISTED 32

const char *hang_verdict_text(enum hang_verdict v)
{
	static const char *const texts[HANG_NR_VERDICTS] = {
		[HANG_NONE] = "nothing hangs",
		[HANG_MOVING] = "nothing hangs: what is open makes progress",
		[HANG_SERVER] = "the server does not answer",
		[HANG_UNHANDLED] =
			"the server answered, but this kernel does not process the answer",
		[HANG_LOST] = "nothing is pending that could complete it: this kernel lost it",
		[HANG_CREDITS] = "waits for credits, but no message is pending",
		[HANG_RECONNECT] = "waits for the connection to come back",
		[HANG_UNKNOWN] = "hangs, but /proc does not say why",
		[HANG_UNREAD] = "messages are in flight, but none could be read: unclear",
		[HANG_LEAKED] = "its result is out, but it is not freed: a reference is held",
		[HANG_UNCLEAR] =
			"nothing hangs as far as could be read, but some data could not be read: unclear",
	};

	return texts[v];
}

static void print_name(FILE *out, const char *name, size_t room)
{
	char text[256];

	fprintf(out, "%s", fmt_escape(text, room < sizeof(text) ? room : sizeof(text), name));
}

static void print_task_name(FILE *out, const struct hang_task *t)
{
	print_name(out, t->comm, 48);
	fprintf(out, "[%" PRId32 "]", t->tid);
}

static void print_mid(FILE *out, const struct hang_report *r, const struct hang_mid *m)
{
	const char *cmd = hang_command_name(m);
	const struct hang_task *t = hang_task_by_tid(r->last, m->pid);

	fprintf(out, "  mid %-8" PRIu64 " %-10s %-10s by ", m->mid, cmd ? cmd : "?",
		hang_mid_state_name(m->state));
	if (t)
		print_task_name(out, t);
	else
		fprintf(out, "pid %" PRId32, m->pid);
	fprintf(out, "%s\n",
		m->is_new     ? ", new"
		: m->may_wait ? ", may wait"
		: m->stuck    ? ""
			      : ", changed");
}

static void print_mids(FILE *out, const struct hang_report *r, const struct hang_conn *c)
{
	size_t listed = 0, more = 0;

	for (size_t i = 0; i < r->last->nr_mids; i++) {
		const struct hang_mid *m = &r->last->mid[i];

		if (m->conn != c->id)
			continue;
		if (listed < MAX_LISTED) {
			print_mid(out, r, m);
			listed++;
		} else {
			more++;
		}
	}
	if (more)
		fprintf(out, "  and %zu more\n", more);
}

static const char *cifsd_does(const struct hang_task *t)
{
	if (t->wait == HANG_WAIT_RECEIVE)
		return "waits for data from the server";
	if (t->wait == HANG_WAIT_LOCK)
		return "is blocked on a lock: answers may lie unread in its socket";
	return t->state == 'D' ? "is itself blocked, see its stack" : "is busy";
}

static void print_conn(FILE *out, const struct hang_report *r, const struct hang_conn_view *v)
{
	const struct hang_conn *c = v->c;

	fprintf(out, "\n%s 0x%" PRIx64 "  ", c->channel ? "channel" : "connection", c->id);
	print_name(out, *c->share ? c->share : c->host, 40);
	fprintf(out, "  ");
	print_name(out, c->address, 40);
	fprintf(out, "\n  %s\n", hang_verdict_text(v->verdict));
	fprintf(out, "  TCP %s, on the wire %" PRId32, hang_tcp_status_name(c->tcp_status),
		c->in_flight);
	if (c->has_credits)
		fprintf(out, ", credits %" PRId32, c->credits);
	if (c->has_echo_credits)
		fprintf(out, " (+%" PRId32 " echo, %" PRId32 " oplock)", c->echo_credits,
			c->oplock_credits);
	fputc('\n', out);
	if (c->waiters)
		fprintf(out, "  tasks waiting for credits: %" PRId32 "\n", c->waiters);
	print_mids(out, r, c);
	if (v->cifsd) {
		fprintf(out, "  ");
		print_task_name(out, v->cifsd);
		fprintf(out, " %s\n", cifsd_does(v->cifsd));
	}
}

static void print_since(FILE *out, const struct hang_report *r, const struct hang_task *t)
{
	if (t->has_last_run)
		fprintf(out, "has not run for %s", fmt_ns(t->idle_ns).s);
	else if (r->gap_ns)
		fprintf(out, "has not run for at least %s", fmt_ns(r->gap_ns).s);
	else
		fprintf(out, "since when it has not run is unknown");
}

static void print_waiter(FILE *out, const struct hang_report *r, const struct hang_request_view *v)
{
	if (!v->task) {
		fprintf(out, "  no waiting task matches\n");
		return;
	}
	fprintf(out, "  %s ",
		v->by_position || v->candidates == 1 ? "waited for by" : "perhaps waited for by");
	print_task_name(out, v->task);
	fprintf(out, v->task->has_last_run || r->gap_ns ? ", which " : "; ");
	print_since(out, r, v->task);
	if (v->candidates > 1)
		fprintf(out, "; %zu tasks match", v->candidates);
	fprintf(out, "\n");
}

/* It is no READ or WRITE that has no answer. */
static void print_before(FILE *out, const struct hang_request_view *v)
{
	const char *cmd = v->waits ? hang_command_name(v->waits) : NULL;

	if (!cmd)
		return;
	fprintf(out, "  first its waiter needs the answer to %s, mid %" PRIu64 "%s\n", cmd,
		v->waits->mid,
		v->task->reopens && hang_command_kind(v->waits) == HANG_CMD_CREATE
			? ", which reopens the file"
			: "");
}

static void print_request(FILE *out, const struct hang_report *r, const struct hang_request_view *v)
{
	const struct hang_request *q = v->r;

	fprintf(out, "\n%s %s, %s at %" PRIu64, fmt_rreq(q->id, 0).s, hang_origin_text(q->origin),
		fmt_bytes(q->len).s, q->start);
	if (hang_counts_sent(q))
		fprintf(out, ", %s of it sent", fmt_bytes(q->submitted).s);
	fprintf(out, "\n  %s\n", hang_verdict_text(v->verdict));
	print_before(out, v);
	if (v->verdict == HANG_LEAKED)
		fprintf(out, "  %" PRIu32 " reference%s left\n", q->ref, plural(q->ref));
	else if (v->verdict != HANG_MOVING)
		print_waiter(out, r, v);
}

/* of a stuck task; the innermost frames tell, the last ones are always the same */
static void print_task(FILE *out, const struct hang_report *r, const struct hang_task *t)
{
	char text[HANG_FRAME_LEN];

	fprintf(out, "\n");
	print_task_name(out, t);
	fprintf(out, " in state %c, ", t->state);
	if (t->stuck)
		print_since(out, r, t);
	else
		fprintf(out, "%s",
			t->cifsd && t->wait != HANG_WAIT_RECEIVE ? "not as usual" : "as usual");
	if (*t->path) {
		fprintf(out, ",\n  in a system call on ");
		print_name(out, t->path, 56);
	}
	fprintf(out, "\n");
	for (size_t i = 0; i < t->nr_frames; i++)
		fprintf(out, "    %s\n", fmt_escape(text, 76, t->frame[i]));
}

static bool worth_showing(const struct hang_report *r, const struct hang_task *t)
{
	if (t->stuck && t->in_fs)
		return true;
	for (size_t i = 0; i < r->last->nr_requests; i++)
		if (r->request[i].task == t)
			return true;
	for (size_t i = 0; i < r->last->nr_mids; i++)
		if (r->last->mid[i].stuck && r->last->mid[i].pid == t->tid && t->state == 'D')
			return true;
	return t->cifsd && r->hangs;
}

static void print_advice(FILE *out, const struct hang_report *r)
{
	struct hang_advice a[MAX_ADVICE];
	size_t n = hang_advise(r, a, MAX_ADVICE);

	if (n)
		fprintf(out, "\nwhat to collect %s it hangs:\n", r->unclear ? "if" : "while");
	for (size_t i = 0; i < n; i++)
		fprintf(out, "  %s\n    %s\n", a[i].why, a[i].command);
}

/* What the verdict does not rest on. */
static void print_unread(FILE *out, const struct hang_report *r)
{
	const struct hang_snap *s = r->last;

	if (r->first->truncated || s->truncated)
		fprintf(out, "  lists too long, cut or not understood: parts were skipped\n");
	if (r->short_list)
		fprintf(out,
			"  the list of requests has fewer than netfs counts: the rest is unknown\n");
	if (!s->seen_tasks)
		fprintf(out, "  no tasks found: the waiters are unknown\n");
	if (s->unread_tasks)
		fprintf(out,
			"  the stack%s of %zu of %zu task%s could not be read: the waiters are unknown\n",
			plural(s->unread_tasks), s->unread_tasks, s->seen_tasks,
			plural(s->seen_tasks));
}

static void print_head(FILE *out, const struct hang_report *r)
{
	const struct hang_stats *st = &r->last->stats;
	size_t open = r->last->nr_requests - r->count[HANG_MOVING];

	fprintf(out, "%s\n", hang_verdict_text(r->verdict));
	if (r->one_look)
		fprintf(out, "  a single look, so progress is unknown: ");
	else if (r->gap_ns)
		fprintf(out, "  no progress within %s: ", fmt_ns(r->gap_ns).s);
	else
		fprintf(out, "  no progress between the two looks: ");
	fprintf(out, "%zu request%s, %zu message%s, %zu task%s\n", open, plural(open),
		r->nr_stuck_mids, plural(r->nr_stuck_mids), r->nr_stuck_tasks,
		plural(r->nr_stuck_tasks));
	if (st->requests >= 0 && (st->requests || st->subrequests))
		fprintf(out,
			"  netfs counts %" PRId64 " request%s and %" PRId64
			" subrequest%s in memory\n",
			st->requests, plural(st->requests), st->subrequests,
			plural(st->subrequests));
	if (!r->last->has_netfs)
		fprintf(out,
			"  no list of requests: netfs is not loaded, is older than 6.8, or was not copied\n");
	print_unread(out, r);
}

int hang_text_print(FILE *out, const struct hang_report *r)
{
	errno = 0;
	print_head(out, r);
	for (size_t i = 0; i < r->last->nr_conns; i++)
		if (r->conn[i].verdict != HANG_NONE || r->hangs)
			print_conn(out, r, &r->conn[i]);
	for (size_t i = 0; i < r->last->nr_requests; i++)
		print_request(out, r, &r->request[i]);
	for (size_t i = 0; i < r->last->nr_tasks; i++)
		if (worth_showing(r, &r->last->task[i]))
			print_task(out, r, &r->last->task[i]);
	print_advice(out, r);
	return ferror(out) ? (errno ? -errno : -EIO) : 0;
}
