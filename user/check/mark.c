// SPDX-License-Identifier: GPL-2.0-only
/* What an event says, in a few words: the evidence of a finding. */
#include <inttypes.h>
#include <string.h>

#include "check/inside.h"

__attribute__((format(printf, 2, 3))) static bool say(struct mark *mark, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(mark->text, sizeof(mark->text), fmt, ap);
	va_end(ap);
	return true;
}

static bool say_sreq(struct mark *k, const struct names *n, const struct ev_sreq *ev)
{
	const char *what = names_text(n, NAMES_SREQ_TRACE, ev->what);

	if (ev->error)
		return say(k, "%.9s %" PRIu64 "/%" PRIu64 " e=%d", what, ev->transferred, ev->len,
			   ev->error);
	return say(k, "%.9s %" PRIu64 "/%" PRIu64, what, ev->transferred, ev->len);
}

static bool say_rreq(struct mark *k, const struct names *n, const struct ev_rreq *ev)
{
	enum name_enum e = ev->event == EV_RREQ_READ	? NAMES_READ_TRACE
			   : ev->event == EV_RREQ_WRITE ? NAMES_WRITE_TRACE
							: NAMES_RREQ_TRACE;

	if (ev->error)
		return say(k, "%.12s %" PRIu64 "/%" PRIu64 " e=%d", names_text(n, e, ev->what),
			   ev->transferred, ev->len, ev->error);
	return say(k, "%.12s %" PRIu64 "/%" PRIu64, names_text(n, e, ev->what), ev->transferred,
		   ev->len);
}

static bool say_ledger(struct mark *k, const struct ev_credit_fn_rec *ev)
{
	static const char *const what[] = { "wait_mtu", "wait_free",	 "add_credits()",
					    "adjust()", "set_credits()", "add_from_hdr()" };

	return say(k, "%s%s %d ifl=%d", ev->fn < ARRAY_SIZE(what) ? what[ev->fn] : "credits ?",
		   ev->fn <= EV_CFN_WAIT_FREE && (ev->hdr.flags & EVF_EXIT) ? " done" : "",
		   ev->value, ev->in_flight);
}

static bool say_step(struct mark *k, const struct ev_step_rec *ev)
{
	static const char *const what[] = { "prepare", "prepare", "issue",	"issue",
					    "async",   "async",	  "free_subreq" };

	return say(k, "%s%s credits=%d rc=%d",
		   ev->step < ARRAY_SIZE(what) ? what[ev->step] : "step",
		   ev->hdr.flags & EVF_EXIT ? " done" : "", ev->credits, ev->rc);
}

static bool say_probe(struct mark *k, const struct model *m, const struct ev_hdr *ev, int32_t n)
{
	const struct probe_info *p = model_probe(m, ev->probe);

	if (!p || !p->name)
		return false;
	return say(k, "%.26s %+d", !strncmp(p->name, "smb3_", 5) ? p->name + 5 : p->name, n);
}

static bool say_smb(struct mark *k, const struct ev_hdr *ev)
{
	const struct ev_smb_rw *rw = (const void *)ev;
	const struct ev_smb_cmd *cmd = (const void *)ev;
	static const char *const rw_what[] = { "enter", "done", "err" };
	static const char *const cmd_what[] = { "cmd", "cmd done", "cmd err", "ses expired" };

	if (ev->kind == EV_SMB_RW)
		return say(k, "%s %s %u rc=%d", rw->write ? "WRITE" : "READ",
			   rw->event < ARRAY_SIZE(rw_what) ? rw_what[rw->event] : "?", rw->len,
			   rw->rc);
	return say(k, "%s %.12s mid=%" PRIu64,
		   cmd->event < ARRAY_SIZE(cmd_what) ? cmd_what[cmd->event] : "cmd ?",
		   smb2_command_name(cmd->cmd), cmd->mid);
}

static bool say_wire(struct mark *k, const struct ev_hdr *ev)
{
	const struct ev_setup *setup = (const void *)ev;
	const struct ev_send *send = (const void *)ev;
	const struct ev_rsp *rsp = (const void *)ev;
	const struct ev_callback *cb = (const void *)ev;

	switch (ev->kind) {
	case EV_SETUP:
		return say(k, "set up mid=%" PRIu64 " rc=%d", setup->mid, setup->rc);
	case EV_SEND:
		return say(k, "%s rc=%d", ev->flags & EVF_EXIT ? "sent" : "send", send->rc);
	case EV_RSP:
		return say(k, "%s %08x +%u", is_final(rsp) ? "response" : "interim", rsp->status,
			   rsp->credits);
	default:
		if (ev->flags & EVF_EXIT)
			return say(k, "callback done");
		return say(k, "callback %" PRIu64 " rc=%d st=%x", cb->got_bytes, cb->result,
			   cb->mid_state);
	}
}

static bool say_more(struct mark *k, const struct model *m, const struct ev_hdr *ev)
{
	const struct names *n = model_names(m);
	const struct ev_rw_credits *rwc = (const void *)ev;
	const struct ev_revert *rev = (const void *)ev;
	const struct ev_ref *ref = (const void *)ev;
	const struct ev_failure *fail = (const void *)ev;
	const struct ev_wb_err *err = (const void *)ev;

	switch (ev->kind) {
	case EV_REF:
		return say(k, "%.20s r=%d",
			   names_text(n, ref->sreq ? NAMES_SREQ_REF : NAMES_RREQ_REF, ref->what),
			   ref->ref);
	case EV_RW_CREDITS:
		return say(k, "%.14s %+d held=%d", names_text(n, NAMES_RW_CREDITS, rwc->what),
			   rwc->change, rwc->held);
	case EV_FAILURE:
		return say(k, "FAILURE %.14s e=%d", names_text(n, NAMES_FAILURE, fail->what),
			   fail->error);
	case EV_REVERT:
		return say(k, "revert %.7s %" PRIu64 " at %" PRIu64,
			   names_text(n, NAMES_ITER_TYPE, rev->iter_type), rev->unroll,
			   rev->offset);
	case EV_WB_ERR:
		return say(k, "%s %d",
			   err->event == EV_WB_ERR_READ ? "fsync() gets" : "the mapping is told",
			   err->error);
	case EV_CREDIT:
		return say_probe(k, m, ev, ((const struct ev_credit *)ev)->change);
	case EV_RECONNECT:
		return say_probe(k, m, ev, ((const struct ev_reconnect *)ev)->rc);
	default:
		return false;
	}
}

bool mark_event(struct mark *mark, const struct model *m, const struct ev_hdr *ev)
{
	const struct names *n = model_names(m);

	mark->ts = ev->ts;
	mark->tid = ev->tid;
	switch (ev->kind) {
	case EV_SREQ:
		return say_sreq(mark, n, (const void *)ev);
	case EV_RREQ:
		return say_rreq(mark, n, (const void *)ev);
	case EV_CREDIT_FN:
		return say_ledger(mark, (const void *)ev);
	case EV_STEP:
		return say_step(mark, (const void *)ev);
	case EV_SMB_RW:
	case EV_SMB_CMD:
		return say_smb(mark, ev);
	case EV_SETUP:
	case EV_SEND:
	case EV_RSP:
	case EV_CALLBACK:
		return say_wire(mark, ev);
	default:
		return say_more(mark, m, ev);
	}
}
