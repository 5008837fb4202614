// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handles of files on the server. A handle may outlive its last user by seconds (deferred close) or
 * as long as its lease, but not the tree it is in: umount closes what is left before it disconnects.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/inside.h"

/* Work items may close what an interrupted close has left (smb2_handle_cancelled_close()). */
#define CLOSE_NS (5 * NS_PER_SEC)
#define END_NS	 NS_PER_SEC /* the same where the stream ends */

struct handle {
	uint64_t open_ns;
	uint64_t gone_ns; /* its tree was disconnected; 0: it is there */
	uint32_t tree, thread;
	uint32_t dev; /* of the file, once it was read or written; 0: not known */
	uint64_t ino, conn;
	bool shared; /* opened twice under one id: such ids say nothing */
};

/* SMB2_open() that does not like the answer closes, and says smb3_open_done all the same. */
struct closed {
	uint64_t sesid, fid, ts;
	uint32_t thread;
};

struct handles_state {
	struct table handles; /* by session and persistent file id */
	struct closed last;
};

static void init(struct check *c)
{
	struct handles_state *st = c->state;

	st->handles.size = sizeof(struct handle);
}

static void free_state(struct check *c)
{
	struct handles_state *st = c->state;

	table_clear(&st->handles);
}

static int on_open(struct handles_state *st, const struct ev_smb_file *ev)
{
	const struct closed *last = &st->last;
	struct handle *h;
	bool twice;

	if (last->fid == ev->fid && last->sesid == ev->sesid && last->thread == ev->hdr.tid &&
	    ev->hdr.ts < last->ts + HAIR_NS)
		return 0;
	h = table_get(&st->handles, ev->sesid, ev->fid);
	if (!h)
		return -ENOMEM;
	twice = h->open_ns;
	*h = (struct handle){
		.open_ns = ev->hdr.ts, .tree = ev->tid, .thread = ev->hdr.tid, .shared = twice
	};
	return 0;
}

static void on_close(struct check *c, const struct ev_smb_file *ev)
{
	struct handles_state *st = c->state;

	c->judged += table_find(&st->handles, ev->sesid, ev->fid) != NULL;
	table_del(&st->handles, ev->sesid, ev->fid);
	st->last = (struct closed){ ev->sesid, ev->fid, ev->hdr.ts, ev->hdr.tid };
}

static void on_disconnect(struct handles_state *st, const struct ev_smb_cmd *ev)
{
	struct cell *cell, *next;

	HASH_ITER (hh, st->handles.cells, cell, next) {
		struct handle *h = (void *)cell->data;

		if (cell->key.a == ev->sesid && h->tree == ev->tid && !h->gone_ns)
			h->gone_ns = ev->hdr.ts;
	}
}

static int other_file(struct check *c, const struct seen *ce, const struct handle *h)
{
	const struct ev_smb_rw *ev = (const void *)ce->ev;
	struct finding *f = finding_new(c, "other-file", h->open_ns, ev->hdr.ts);

	finding_request(f, c, ce->r, ce->s ? ce->s->index : 0);
	finding_event(f, c, ce->ev);
	finding_expected(f, "a handle of inode %" PRIu64, ce->r->ino);
	finding_observed(f,
			 "file id 0x%" PRIx64 ", opened at %s and used for inode %" PRIu64
			 " since, with no close in between",
			 ev->fid, fmt_dmesg(h->open_ns).s, h->ino);
	finding_explain(f, ev->write ? "The data go into another file."
				     : "The data are those of another file.");
	return finding_raise(f, c);
}

/* Whose file it is. */
static int on_io(struct check *c, const struct seen *ce)
{
	struct handles_state *st = c->state;
	const struct ev_smb_rw *ev = (const void *)ce->ev;
	struct handle *h = ce->r ? table_find(&st->handles, ev->sesid, ev->fid) : NULL;

	if (!h || !ce->r->ino)
		return 0;
	if (h->ino && !h->shared && !h->gone_ns && h->dev == ce->r->dev && h->ino != ce->r->ino) {
		c->judged++;
		return other_file(c, ce, h);
	}
	h->dev = ce->r->dev;
	h->ino = ce->r->ino;
	h->conn = ce->s ? ce->s->conn : 0;
	return 0;
}

static int on_event(struct check *c, const struct seen *ce)
{
	const struct ev_smb_cmd *cmd = (const void *)ce->ev;
	struct handles_state *st = c->state;

	switch (ce->ev->kind) {
	case EV_SMB_FILE:
		if (ce->probe == P_smb3_open_done)
			return on_open(st, (const void *)ce->ev);
		on_close(c, (const void *)ce->ev);
		return 0;
	case EV_SMB_RW:
		return on_io(c, ce);
	case EV_SMB_CMD:
		if (cmd->event == EV_CMD_ENTER && cmd->cmd == SMB2_TREE_DISCONNECT)
			on_disconnect(st, cmd);
		return 0;
	case EV_RECONNECT: /* the server has forgotten them, of whichever session */
		table_clear(&st->handles);
		return 0;
	default:
		return 0;
	}
}

static void take_file(struct finding *f, const struct check *c, const struct handle *h)
{
	const struct mount *mnt = model_mount(check_model(c), h->dev);

	if (!f || !h->dev)
		return;
	f->dev = h->dev;
	f->ino = h->ino;
	snprintf(f->mount, sizeof(f->mount), "%s", mnt && mnt->point ? mnt->point : "");
	snprintf(f->fs, sizeof(f->fs), "%s", mnt && mnt->fstype ? mnt->fstype : "");
}

static int leaked(struct check *c, uint64_t sesid, uint64_t fid, const struct handle *h,
		  uint64_t now)
{
	struct finding *f = finding_new(c, "never-closed", h->open_ns, h->gone_ns);

	if (f)
		f->until_ns = now;
	finding_task(f, c, h->thread);
	finding_conn(f, h->conn);
	take_file(f, c, h);
	finding_expected(f, "a close of each handle before its tree is disconnected");
	finding_observed(f,
			 "file id 0x%" PRIx64 " of session 0x%" PRIx64
			 ", opened at %s, tree 0x%x disconnected at %s, no close",
			 fid, sesid, fmt_dmesg(h->open_ns).s, h->tree, fmt_dmesg(h->gone_ns).s);
	finding_explain(f, "The client has lost a handle: as long as the mount was there the "
			   "server kept the file open, with its locks and leases.");
	return finding_raise(f, c);
}

/* Those whose tree is gone for that long. */
static int look(struct check *c, uint64_t now, uint64_t patience)
{
	struct handles_state *st = c->state;
	struct cell *cell, *next;
	int rc = 0;

	HASH_ITER (hh, st->handles.cells, cell, next) {
		const struct handle *h = (void *)cell->data;

		if (rc || !h->gone_ns || check_progress(c, h->gone_ns) <= patience)
			continue;
		rc = leaked(c, cell->key.a, cell->key.b, h, now);
		table_del(&st->handles, cell->key.a, cell->key.b);
	}
	return rc;
}

static int on_tick(struct check *c, uint64_t now)
{
	return look(c, now, CLOSE_NS);
}

static int on_finish(struct check *c)
{
	return look(c, check_now(c), END_NS);
}

static const char *const needs[] = { "smb3_open_done", "smb3_close_enter", "smb3_cmd_enter",
				     "smb3_reconnect", NULL };

const struct check_ops check_handles = {
	.id = "handles",
	.severity = SEVERITY_ERROR,
	.title = "handles that are never closed, or of another file",
	.rule = "Each handle that was opened is closed before its tree is disconnected, and serves one file until then.",
	.why = "Data go to another file, or the server keeps a file open that nobody uses: other clients cannot delete it, its lease is held in vain, and in the end the server refuses further opens.",
	.next = "Who opened it, and on which path: an open that failed after the server's answer, "
		"or a close that was interrupted?",
	.limits =
		"Handles are judged when their tree is disconnected, at umount: those that are open then and not closed within 5 s. Deferred closes and leases have ended by then. Handles opened by compounds (cached directories) have no event, and those from before a reconnect are gone.",
	.bugs = "none in the list of docs/checks.md; handles of CREATEs answered after a signal leaked until smb2_handle_cancelled_mid() closed them",
	.judges = { "close", "closes" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.commands = true,
	.wants = WANTS(EV_SMB_FILE | FROM(P_smb3_open_done), EV_SMB_FILE | FROM(P_smb3_close_enter),
		       EV_SMB_RW, EV_SMB_CMD, EV_RECONNECT | FROM(P_smb3_reconnect)),
	.state_size = sizeof(struct handles_state),
	.init = init,
	.event = on_event,
	.tick = on_tick,
	.finish = on_finish,
	.free = free_state,
};
