// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "view/event_text.h"

__attribute__((format(printf, 3, 4))) static void put(char *dst, size_t room, const char *fmt, ...)
{
	size_t len = strlen(dst);
	va_list ap;

	va_start(ap, fmt);
	if (len < room)
		vsnprintf(dst + len, room - len, fmt, ap);
	va_end(ap);
}

#define PUT(field, ...) put((field), sizeof(field), __VA_ARGS__)

/* Transferred and asked for: of an attempt that failed, 0 is what has to be seen. */
static void put_bytes(struct event_text *t, uint64_t done, uint64_t len)
{
	if (done != len)
		PUT(t->bytes, "%" PRIu64 "/%" PRIu64, done, len);
	else
		PUT(t->bytes, "%" PRIu64, len);
}

static void put_error(struct event_text *t, int32_t error)
{
	if (error)
		PUT(t->detail, "e=%d ", error);
}

static void rreq_text(struct event_text *t, const struct names *n, const struct ev_rreq *ev)
{
	enum name_enum e = ev->event == EV_RREQ_READ	? NAMES_READ_TRACE
			   : ev->event == EV_RREQ_WRITE ? NAMES_WRITE_TRACE
							: NAMES_RREQ_TRACE;

	PUT(t->what, "%s", names_text(n, e, ev->what));
	if (ev->event == EV_RREQ_STATE)
		put_bytes(t, ev->transferred, ev->len);
	else
		PUT(t->bytes, "%" PRIu64, ev->arg_len);
	put_error(t, ev->error);
	PUT(t->detail, "s=%" PRIx64 " f=%x", ev->event ? ev->arg_start : ev->start, ev->flags);
}

static void sreq_text(struct event_text *t, const struct names *n, const struct ev_sreq *ev)
{
	PUT(t->what, "%s", names_text(n, NAMES_SREQ_TRACE, ev->what));
	put_bytes(t, ev->transferred, ev->len);
	put_error(t, ev->error);
	PUT(t->detail, "%s s=%" PRIx64 " f=%x", names_text(n, NAMES_SOURCE, ev->source), ev->start,
	    ev->flags);
	if (ev->retries)
		PUT(t->detail, " retry=%u", ev->retries);
}

static void ref_text(struct event_text *t, const struct names *n, const struct ev_ref *ev)
{
	PUT(t->what, "%s", names_text(n, ev->sreq ? NAMES_SREQ_REF : NAMES_RREQ_REF, ev->what));
	PUT(t->detail, "r=%d", ev->ref);
}

static void failure_text(struct event_text *t, const struct names *n, const struct ev_failure *ev)
{
	PUT(t->what, "FAILURE %s", names_text(n, NAMES_FAILURE, ev->what));
	put_bytes(t, ev->transferred, ev->len);
	put_error(t, ev->error);
}

static void collect_text(struct event_text *t, const struct ev_collect *ev)
{
	static const char *const what[] = { "collect", "collect sreq", "collect state",
					    "collect gap", "collect strm" };

	PUT(t->what, "%s", ev->event < ARRAY_SIZE(what) ? what[ev->event] : "collect ?");
	if (ev->event == EV_COLLECT_SREQ)
		put_bytes(t, ev->transferred, ev->len);
	PUT(t->detail, "to=%" PRIx64, ev->collected_to);
	if (ev->event == EV_COLLECT_STATE)
		PUT(t->detail, " notes=%x", ev->notes);
	if (ev->event == EV_COLLECT_GAP)
		PUT(t->detail, " type=%c", ev->type == 'E' ? 'E' : 'F');
}

static void put_segments(struct event_text *t, const struct names *n, const struct ev_revert *ev)
{
	switch (names_id(n, NAMES_ITER_TYPE, ev->iter_type)) {
	case ITER_FOLIOQ:
		PUT(t->detail, " slot=%u", (uint8_t)ev->segs);
		break;
	case ITER_IOVEC:
	case ITER_KVEC:
	case ITER_BVEC:
		PUT(t->detail, " segs=%" PRIu64, ev->segs);
		break;
	default: /* the field means something else, or nothing */
		break;
	}
}

static void revert_text(struct event_text *t, const struct model *m, const struct ev_revert *ev)
{
	const char *caller = model_symbol(m, ev->caller), *tail;
	const struct names *n = model_names(m);
	char name[192];

	PUT(t->what, "revert %s", names_text(n, NAMES_ITER_TYPE, ev->iter_type));
	PUT(t->bytes, "%" PRIu64, ev->unroll);
	PUT(t->detail, "off=%" PRIu64 " count=%" PRIu64, ev->offset, ev->count);
	put_segments(t, n, ev);
	if (ev->past)
		PUT(t->detail, " PAST ITS START by %" PRIu64, ev->past);
	if (caller)
		PUT(t->detail, " from %s", fmt_escape(name, sizeof(name), caller));
	else
		PUT(t->detail, " from 0x%" PRIx64, ev->caller);
	tail = ev->site && ev->site + 5 != ev->caller ? model_symbol(m, ev->site) : NULL;
	if (tail)
		PUT(t->detail, ", tail call in %s", fmt_escape(name, sizeof(name), tail));
}

static void rw_text(struct event_text *t, const struct ev_smb_rw *ev)
{
	static const char *const what[] = { "enter", "done", "err" };

	PUT(t->what, "%s %s", ev->write ? "WRITE" : "READ",
	    ev->event < ARRAY_SIZE(what) ? what[ev->event] : "?");
	PUT(t->bytes, "%u", ev->len);
	if (ev->rc)
		PUT(t->detail, "rc=%d ", ev->rc);
	PUT(t->detail, "fid=%" PRIx64 " o=%" PRIx64, ev->fid, ev->offset);
}

static void cmd_text(struct event_text *t, const struct ev_smb_cmd *ev)
{
	static const char *const what[] = { "cmd", "cmd done", "cmd err", "ses expired" };

	PUT(t->what, "%s", ev->event < ARRAY_SIZE(what) ? what[ev->event] : "?");
	PUT(t->detail, "%s mid=%" PRIu64 " tid=%x", smb2_command_name(ev->cmd), ev->mid, ev->tid);
	if (ev->status || ev->rc)
		PUT(t->detail, " status=%08x rc=%d", ev->status, ev->rc);
}

/* "smb3_add_credits" -> "add_credits": the prefix says nothing here */
static void probe_text(struct event_text *t, const struct model *m, const struct ev_hdr *ev)
{
	const struct probe_info *p = model_probe(m, ev->probe);
	char name[64];

	if (!p)
		return;
	fmt_escape(name, sizeof(name), p->name);
	PUT(t->what, "%s", !strncmp(name, "smb3_", 5) ? name + 5 : name);
}

static void credit_text(struct event_text *t, const struct model *m, const struct ev_credit *ev)
{
	probe_text(t, m, &ev->hdr);
	PUT(t->credits, "%+d", ev->change);
	PUT(t->detail, "conn=%" PRIx64 " pool=%d ifl=%d", ev->conn, ev->credits, ev->in_flight);
}

static void rw_credits_text(struct event_text *t, const struct names *n,
			    const struct ev_rw_credits *ev)
{
	PUT(t->what, "%s", names_text(n, NAMES_RW_CREDITS, ev->what));
	PUT(t->credits, ev->change ? "%+d" : "=%d", ev->change ? ev->change : ev->held);
	PUT(t->detail, "held=%d pool=%d ifl=%d", ev->held, ev->pool, ev->in_flight);
}

static void step_text(struct event_text *t, const struct ev_step_rec *ev)
{
	static const char *const what[] = { "prepare", "prepare", "issue",	"issue",
					    "async",   "async",	  "free_subreq" };
	bool over = ev->hdr.flags & EVF_EXIT;

	PUT(t->what, "%s%s", ev->step < ARRAY_SIZE(what) ? what[ev->step] : "step ?",
	    over ? " done" : "");
	if (ev->credits)
		PUT(t->credits, "=%d", ev->credits);
	if (ev->rc)
		PUT(t->detail, "rc=%d ", ev->rc);
	if (ev->conn)
		PUT(t->detail, "conn=%" PRIx64, ev->conn);
}

static void ledger_text(struct event_text *t, const struct ev_credit_fn_rec *ev)
{
	static const char *const what[] = { "wait_mtu", "wait_free",	 "add_credits()",
					    "adjust()", "set_credits()", "add_from_hdr()" };
	bool over = ev->hdr.flags & EVF_EXIT;
	bool wait = ev->fn == EV_CFN_WAIT_MTU || ev->fn == EV_CFN_WAIT_FREE;

	PUT(t->what, "%s%s", ev->fn < ARRAY_SIZE(what) ? what[ev->fn] : "credits ?",
	    wait && over ? " done" : "");
	if (ev->value)
		PUT(t->credits, wait && over ? "-%d" : "%d", ev->value);
	if (ev->size)
		PUT(t->bytes, "%" PRIu64, ev->size);
	if (ev->rc)
		PUT(t->detail, "rc=%d ", ev->rc);
	PUT(t->detail, "pool=%d+%d+%d ifl=%d", ev->credits, ev->echo, ev->oplock, ev->in_flight);
}

static void setup_text(struct event_text *t, const struct ev_setup *ev)
{
	PUT(t->what, "set up");
	if (ev->rc)
		PUT(t->detail, "rc=%d", ev->rc);
	else
		PUT(t->detail, "%s mid=%" PRIu64 " charge=%u", smb2_command_name(ev->cmd), ev->mid,
		    ev->credit_charge);
}

static void rsp_text(struct event_text *t, const struct ev_rsp *ev)
{
	PUT(t->what, "%s", ev->status == STATUS_PENDING ? "interim resp." : "response");
	PUT(t->credits, "+%u", ev->credits);
	PUT(t->detail, "%s mid=%" PRIu64 " status=%08x", smb2_command_name(ev->cmd), ev->mid,
	    ev->status);
}

static void callback_text(struct event_text *t, const struct ev_callback *ev)
{
	bool over = ev->hdr.flags & EVF_EXIT;

	PUT(t->what, "callback%s", over ? " done" : "");
	if (over)
		return;
	PUT(t->bytes, "%" PRIu64, ev->got_bytes);
	PUT(t->credits, "=%d", ev->credits);
	if (ev->result)
		PUT(t->detail, "rc=%d ", ev->result);
	PUT(t->detail, "mid=%" PRIu64 " state=%x", ev->mid, ev->mid_state);
}

static void send_text(struct event_text *t, const struct ev_send *ev)
{
	PUT(t->what, "%s", ev->hdr.flags & EVF_EXIT ? "sent" : "send");
	if (ev->rc)
		PUT(t->detail, "rc=%d", ev->rc);
}

static void file_text(struct event_text *t, const struct model *m, const struct ev_smb_file *ev)
{
	probe_text(t, m, &ev->hdr);
	if (ev->rc)
		PUT(t->detail, "rc=%d ", ev->rc);
	PUT(t->detail, "fid=%" PRIx64 " tid=%x sid=%" PRIx64, ev->fid, ev->tid, ev->sesid);
	if (ev->arg[0] || ev->arg[1])
		PUT(t->detail, " %" PRIx64 " %" PRIx64, ev->arg[0], ev->arg[1]);
}

static void task_text(struct event_text *t, const struct ev_task *ev)
{
	char comm[72];

	PUT(t->what, "task");
	PUT(t->detail, "%s pid=%u parent=%u", fmt_escape(comm, sizeof(comm), ev->comm),
	    ev->hdr.tgid, ev->ppid);
}

static void path_text(struct event_text *t, const struct model *m, const struct ev_path *ev)
{
	const char *path = model_path(m, ev->dev, ev->ino); /* the model has had this record */
	char text[120];

	PUT(t->what, "name");
	PUT(t->detail, "i=%" PRIu64 " %s", ev->ino,
	    path ? fmt_path(text, sizeof(text), path) : "unknown");
}

static void proc_text(struct event_text *t, const struct ev_proc *ev)
{
	static const char *const what[] = { "fork", "exec", "exit" };
	char comm[64], path[256];

	PUT(t->what, "%s", ev->event < ARRAY_SIZE(what) ? what[ev->event] : "process ?");
	PUT(t->detail, "pid=%u ppid=%u check=%u %s", ev->pid, ev->ppid, ev->root,
	    fmt_escape(comm, sizeof(comm), ev->comm));
	if (ev->event == EV_PROC_EXEC)
		PUT(t->detail, " %s", fmt_escape(path, sizeof(path), ev->path));
	if (ev->event == EV_PROC_EXIT)
		PUT(t->detail, " status=%#x", ev->status);
}

static void test_text(struct event_text *t, const struct ev_test *ev)
{
	char line[4 * EV_TEST_LEN], text[EV_TEST_LEN];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(ev->text, "\n"), ev->text);
	PUT(t->what, "test");
	PUT(t->detail, "%s", fmt_escape(line, sizeof(line), text));
	if (ev->root)
		PUT(t->detail, " check=%u", ev->root);
}

static void conn_text(struct event_text *t, const struct ev_conn *ev)
{
	char host[64];

	PUT(t->what, "connection");
	PUT(t->detail, "conn=%" PRIx64 " instance=%u%s %s", ev->conn, ev->instance,
	    ev->sign ? " signed" : "", fmt_escape(host, sizeof(host), ev->hostname));
}

static void reconnect_text(struct event_text *t, const struct model *m,
			   const struct ev_reconnect *ev)
{
	probe_text(t, m, &ev->hdr);
	PUT(t->detail, "conn=%" PRIx64, ev->conn);
	if (ev->rc)
		PUT(t->detail, " rc=%d", ev->rc);
}

static void folio_text(struct event_text *t, const struct names *n, const struct ev_folio *ev)
{
	PUT(t->what, "folio %s",
	    ev->what == 0xff ? "collected" : names_text(n, NAMES_FOLIO, ev->what));
	PUT(t->detail, "i=%" PRIu64 " ix=%" PRIx64, ev->ino, ev->index);
}

static void write_iter_text(struct event_text *t, const struct ev_write_iter *ev)
{
	PUT(t->what, "write_iter");
	PUT(t->bytes, "%" PRIu64, ev->len);
	PUT(t->detail, "i=%" PRIu64 " s=%" PRIx64 " f=%x", ev->ino, ev->start, ev->ki_flags);
}

static void wb_err_text(struct event_text *t, const struct ev_wb_err *ev)
{
	PUT(t->what, "%s", ev->event == EV_WB_ERR_READ ? "wb_err read" : "wb_err set");
	put_error(t, ev->error);
	PUT(t->detail, "i=%" PRIu64, ev->ino);
}

static void cifs_io_text(struct event_text *t, const struct ev_cifs_io *ev)
{
	static const char *const what[] = { "submit", "complete", "release", "call returned",
					    "call freed" };
	bool sent = ev->phase == EV_IO_SUBMIT && ev->hdr.flags & EVF_EXIT;

	PUT(t->what, "%s", ev->phase < ARRAY_SIZE(what) ? what[ev->phase] : "io ?");
	if (sent)
		PUT(t->what, " done");
	if (ev->result)
		PUT(t->detail, "rc=%d ", ev->result);
	if (!ev->sreq || sent)
		return;
	put_bytes(t, ev->got, ev->len);
	PUT(t->credits, "=%d", ev->credits);
	PUT(t->detail, "%s o=%" PRIx64 " conn=%" PRIx64, ev->write ? "WRITE" : "READ", ev->start,
	    ev->conn);
}

/* What is of no request, or of a cifs without netfs. */
static void other_text(struct event_text *ret, const struct model *m, const struct ev_hdr *ev)
{
	const struct names *n = model_names(m);

	switch (ev->kind) {
	case EV_TASK:
		return task_text(ret, (const void *)ev);
	case EV_PATH:
		return path_text(ret, m, (const void *)ev);
	case EV_PROC:
		return proc_text(ret, (const void *)ev);
	case EV_TEST:
	case EV_TEST_LINE:
		return test_text(ret, (const void *)ev);
	case EV_CONN:
		return conn_text(ret, (const void *)ev);
	case EV_RECONNECT:
		return reconnect_text(ret, m, (const void *)ev);
	case EV_FOLIO:
		return folio_text(ret, n, (const void *)ev);
	case EV_WRITE_ITER:
		return write_iter_text(ret, (const void *)ev);
	case EV_WB_ERR:
		return wb_err_text(ret, (const void *)ev);
	case EV_CIFS_IO:
		return cifs_io_text(ret, (const void *)ev);
	default:
		return probe_text(ret, m, ev);
	}
}

void event_text(struct event_text *ret, const struct model *m, const struct ev_hdr *ev)
{
	const struct names *n = model_names(m);

	memset(ret, 0, sizeof(*ret));
	switch (ev->kind) {
	case EV_RREQ:
		return rreq_text(ret, n, (const void *)ev);
	case EV_SREQ:
		return sreq_text(ret, n, (const void *)ev);
	case EV_REF:
		return ref_text(ret, n, (const void *)ev);
	case EV_FAILURE:
		return failure_text(ret, n, (const void *)ev);
	case EV_COLLECT:
		return collect_text(ret, (const void *)ev);
	case EV_REVERT:
		return revert_text(ret, m, (const void *)ev);
	case EV_SMB_RW:
		return rw_text(ret, (const void *)ev);
	case EV_SMB_CMD:
		return cmd_text(ret, (const void *)ev);
	case EV_CREDIT:
		return credit_text(ret, m, (const void *)ev);
	case EV_RW_CREDITS:
		return rw_credits_text(ret, n, (const void *)ev);
	case EV_STEP:
		return step_text(ret, (const void *)ev);
	case EV_CREDIT_FN:
		return ledger_text(ret, (const void *)ev);
	case EV_SETUP:
		return setup_text(ret, (const void *)ev);
	case EV_SEND:
		return send_text(ret, (const void *)ev);
	case EV_RSP:
		return rsp_text(ret, (const void *)ev);
	case EV_CALLBACK:
		return callback_text(ret, (const void *)ev);
	case EV_SMB_FILE:
		return file_text(ret, m, (const void *)ev);
	default:
		return other_text(ret, m, ev);
	}
}
