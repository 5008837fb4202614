// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "event/say.h"
#include "view/kit/event_text.h"

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

static void credit_fn_text(struct event_text *t, const struct ev_credit_fn_rec *ev)
{
	const char *what = enum_word(WORDS_CREDIT_FN, ev->fn);
	bool over = ev->hdr.flags & EVF_EXIT;
	bool wait = ev->fn == EV_CFN_WAIT_MTU || ev->fn == EV_CFN_WAIT_FREE;

	PUT(t->what, "%s%s", what ? what : "credits ?", wait && over ? " done" : "");
	if (ev->value)
		PUT(t->credits, wait && over ? "-%d" : "%d", ev->value);
	if (ev->size)
		PUT(t->bytes, "%" PRIu64, ev->size);
	if (ev->rc)
		PUT(t->detail, "rc=%d ", ev->rc);
	PUT(t->detail, "pool=%d+%d+%d ifl=%d", ev->credits, ev->echo, ev->oplock, ev->in_flight);
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
	const char *what = enum_word(WORDS_PROC_EVENT, ev->event);
	char comm[64], path[256];

	PUT(t->what, "%s", what ? what : "process ?");
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

static void cifs_io_text(struct event_text *t, const struct ev_cifs_io *ev)
{
	const char *what = enum_word(WORDS_IO_PHASE, ev->phase);
	bool sent = ev->phase == EV_IO_SUBMIT && ev->hdr.flags & EVF_EXIT;

	PUT(t->what, "%s", what ? what : "io ?");
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

/* ---- kinds of which kinds.def says it all ---- */

static void table_text(struct event_text *t, const struct model *m, const struct ev_hdr *ev)
{
	const struct probe_info *p = model_probe(m, ev->probe);
	const struct ev_words words = { .name = names_word,
					.ctx = model_names(m),
					.probe = p ? p->name : NULL };
	struct ev_line line = {
		.what = { t->what, sizeof(t->what), 0 },
		.bytes = { t->bytes, sizeof(t->bytes), 0 },
		.credits = { t->credits, sizeof(t->credits), 0 },
		.detail = { t->detail, sizeof(t->detail), 0 },
	};

	ev_say_line(&line, ev, &words);
}

void event_text(struct event_text *ret, const struct model *m, const struct ev_hdr *ev)
{
	memset(ret, 0, sizeof(*ret));
	switch (ev->kind) {
	case EV_REVERT:
		return revert_text(ret, m, (const void *)ev);
	case EV_CREDIT_FN:
		return credit_fn_text(ret, (const void *)ev);
	case EV_CIFS_IO:
		return cifs_io_text(ret, (const void *)ev);
	case EV_PATH:
		return path_text(ret, m, (const void *)ev);
	case EV_PROC:
		return proc_text(ret, (const void *)ev);
	case EV_TEST:
	case EV_TEST_LINE:
		return test_text(ret, (const void *)ev);
	default:
		return table_text(ret, m, ev);
	}
}

struct fault_name fault_name(const struct seen *seen)
{
	const struct ev_fault *ev = (const void *)seen->ev;
	const struct command *c = seen->command;
	const char *kind = enum_word(WORDS_FAULT, ev->fault);
	struct fault_name n = { "" };
	char text[200];

	PUT(n.s, "! %s: ", kind ? kind : "?");
	if (ev->cmd != EV_NO_COMMAND)
		PUT(n.s, "%s %" PRIu64, smb2_command_name(ev->cmd), ev->mid);
	if (c && c->rreq)
		PUT(n.s, " of %s", fmt_request(c->synth, c->rreq, c->sreq).s);
	PUT(n.s, ": %s", fmt_escape(text, sizeof(text), ev_text(&ev->hdr, 0)));
	return n;
}
