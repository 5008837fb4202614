// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a subrequest says it asks for, and what goes over the wire for it: SUBMT, and the READ or
 * WRITE that the same thread builds next (smb3_read_enter, smb3_write_enter).
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/inside.h"

/* The current attempt of a subrequest. */
struct asked {
	uint64_t start, len; /* what was left of it at SUBMT */
	uint64_t submit_ns;
	uint64_t offset; /* of its READ or WRITE */
	uint32_t length;
	unsigned int enters;   /* READs or WRITEs that were built for it */
	unsigned int commands; /* and those that got a message id: the first one's is mid */
	uint64_t mid;
	bool submitted, reported;
	bool called; /* the callback of its READ or WRITE has begun */
};

static struct finding *start(struct check *c, const struct seen *ce, const struct asked *a,
			     const char *kind)
{
	struct finding *f = finding_new(c, kind, a->submit_ns, ce->ev->ts);

	finding_subrequest(f, c, ce->r, ce->s);
	return f;
}

static const char *command_of(const struct ev_smb_rw *ev)
{
	return ev->write ? "WRITE" : "READ";
}

static int other_range(struct check *c, const struct seen *ce, const struct asked *a)
{
	const struct ev_smb_rw *ev = (const void *)ce->ev;
	struct finding *f = start(c, ce, a, "other-range");

	finding_expected(f, "a %s of %" PRIu64 " byte%s at 0x%" PRIx64 ", what was left at SUBMT",
			 command_of(ev), a->len, plural(a->len), a->start);
	finding_observed(f, "a %s of %u byte%s at 0x%" PRIx64, command_of(ev), ev->len,
			 plural(ev->len), ev->offset);
	finding_explain(
		f, "The server is asked for another range than the subrequest expects: %s.",
		ev->write ? "data end up in the wrong place, or not at all"
			  : "the buffer gets data from another place, or keeps its old contents");
	return finding_raise(f, c);
}

#define TWICE                                                                                      \
	"Two answers will come for one attempt: the second one works on what may be freed, and a " \
	"write is done twice."

/* Each with a message id of its own. */
static int two_commands(struct check *c, const struct seen *ce, struct asked *a)
{
	const struct ev_smb_cmd *ev = (const void *)ce->ev;
	struct finding *f = start(c, ce, a, "sent-twice");

	a->reported = true;
	finding_expected(f, "one %s for this attempt", smb2_command_name(ev->cmd));
	finding_observed(f, "%u: mid %" PRIu64 ", and mid %" PRIu64, a->commands, a->mid, ev->mid);
	finding_explain(f, TWICE);
	return finding_raise(f, c);
}

static int on_command_enter(struct check *c, const struct seen *ce, struct asked *a)
{
	const struct ev_smb_cmd *ev = (const void *)ce->ev;

	if (ev->event != EV_CMD_ENTER || (ev->cmd != SMB2_READ && ev->cmd != SMB2_WRITE))
		return 0;
	if (a->commands++)
		return a->reported ? 0 : two_commands(c, ce, a);
	a->mid = ev->mid;
	return 0;
}

static int built_twice(struct check *c, const struct seen *ce, struct asked *a)
{
	const struct ev_smb_rw *ev = (const void *)ce->ev;
	struct finding *f = start(c, ce, a, "built-twice");

	a->reported = true;
	finding_expected(f, "one %s for this attempt", command_of(ev));
	finding_observed(f, "%u: of %u byte%s at 0x%" PRIx64 ", and of %u byte%s at 0x%" PRIx64,
			 a->enters, a->length, plural(a->length), a->offset, ev->len,
			 plural(ev->len), ev->offset);
	finding_explain(f, TWICE);
	return finding_raise(f, c);
}

static int other_answer(struct check *c, const struct seen *ce, const struct asked *a)
{
	const struct ev_smb_rw *ev = (const void *)ce->ev;
	struct finding *f = start(c, ce, a, "other-answer");

	finding_expected(f, "at most the %u byte%s at 0x%" PRIx64 " that the %s was for", a->length,
			 plural(a->length), a->offset, command_of(ev));
	finding_observed(f, "%u byte%s at 0x%" PRIx64 " done", ev->len, plural(ev->len),
			 ev->offset);
	finding_explain(f, "More bytes count as done than the server was asked for.");
	return finding_raise(f, c);
}

static int on_enter(struct check *c, const struct seen *ce, struct asked *a)
{
	const struct ev_smb_rw *ev = (const void *)ce->ev;

	if (a->enters++)
		return a->reported ? 0 : built_twice(c, ce, a);
	c->judged++;
	a->offset = ev->offset;
	a->length = ev->len;
	if (ev->offset == a->start && ev->len == a->len)
		return 0;
	return other_range(c, ce, a);
}

static int on_done(struct check *c, const struct seen *ce, const struct asked *a)
{
	const struct ev_smb_rw *ev = (const void *)ce->ev;

	if (a->enters != 1 || (ev->offset == a->offset && ev->len <= a->length))
		return 0;
	return other_answer(c, ce, a);
}

/* Later attempts are retry-rules' matter. */
static int wrong_iterator(struct check *c, const struct seen *ce, const struct asked *a)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	struct finding *f = start(c, ce, a, "iterator");

	finding_expected(f, "an iterator over the subrequest's %" PRIu64 " byte%s", a->len,
			 plural(a->len));
	finding_observed(f, "%" PRIu64 " byte%s in it", ev->iter_count, plural(ev->iter_count));
	finding_explain(
		f,
		ev->iter_count < a->len
			? "The buffer is too small: what does not fit is not transferred, or goes elsewhere."
			: "The buffer extends beyond the subrequest: data may end up in another subrequest's.");
	return finding_raise(f, c);
}

static int on_submit(struct check *c, const struct seen *ce, struct asked *a)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	enum name_id source = names_id(check_names(c), NAMES_SOURCE, ev->source);
	bool first = !a->submit_ns;

	if (source != SOURCE_DOWNLOAD_FROM_SERVER && source != SOURCE_UPLOAD_TO_SERVER)
		return 0;
	*a = (struct asked){
		.start = ev->start + ev->transferred,
		.len = ev->len > ev->transferred ? ev->len - ev->transferred : 0,
		.submit_ns = ev->hdr.ts,
		.submitted = true,
	};
	if (!first || (ev->hdr.flags & EVF_TPONLY) || ev->iter_count == a->len)
		return 0;
	return wrong_iterator(c, ce, a);
}

static int done_without(struct check *c, const struct seen *ce, struct asked *a)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	const char *cmd = ce->s->write ? "WRITE" : "READ";
	struct finding *f = start(c, ce, a, a->enters ? "done-early" : "not-sent");
	uint64_t done = ev->start + ev->transferred - a->start;

	a->reported = true;
	if (model_recording(check_model(c))->imported)
		finding_doubt(f, "not all events may have been recorded");
	finding_bytes(f, done);
	finding_expected(f, a->enters ? "the answer to its %s before it is done" : "a %s for it",
			 cmd);
	finding_observed(f, "%" PRIu64 " byte%s done, error 0, %s", done, plural(done),
			 a->enters ? "before the callback of its command" : "and none was built");
	finding_explain(
		f,
		ce->s->write
			? "Nobody knows whether the server has these bytes, and they count as written."
			: "What the reader gets did not come from the server.");
	return finding_raise(f, c);
}

/* SMB 1 does not before 7.3. Recordings of before EV_CONN.smb1 do not name it: there some READ or WRITE must be seen. */
static bool shows_commands(const struct check *c)
{
	return c->judged && !model_has_smb1(check_model(c)) &&
	       check_has_probe(c, "smb2_readv_callback_enter") &&
	       check_has_probe(c, "smb2_writev_callback_enter");
}

static int on_end(struct check *c, const struct seen *ce, struct asked *a)
{
	const struct ev_sreq *ev = (const void *)ce->ev;

	if (!a->submitted || a->reported || ev->error || ce->s->stream ||
	    ev->start + ev->transferred <= a->start || (a->enters && a->called))
		return 0;
	if (strcmp(ce->r->fs, "cifs") && strcmp(ce->r->fs, "smb3"))
		return 0;
	return shows_commands(c) ? done_without(c, ce, a) : 0;
}

static int on_event(struct check *c, const struct seen *ce)
{
	const struct ev_smb_rw *rw = (const void *)ce->ev;
	struct asked *a;

	if (!ce->s)
		return 0;
	a = state_get(c, ce->r, ce->s);
	if (ce->ev->kind == EV_SREQ)
		return ce->name == SREQ_SUBMIT ? on_submit(c, ce, a) : on_end(c, ce, a);
	a->called |= ce->ev->kind == EV_CALLBACK;
	if (!a->submitted || ce->ev->kind == EV_CALLBACK)
		return 0;
	if (ce->ev->kind == EV_SMB_CMD)
		return on_command_enter(c, ce, a);
	if (rw->event == EV_RW_ERR)
		return 0;
	return rw->event == EV_RW_ENTER ? on_enter(c, ce, a) : on_done(c, ce, a);
}

static const char *const needs[] = { "netfs_sreq",	 "smb3_read_enter", "smb3_read_done",
				     "smb3_write_enter", "smb3_write_done", NULL };

const struct check_ops check_wire = {
	.id = "wire",
	.severity = SEVERITY_CRITICAL,
	.title = "what goes over the wire for a subrequest",
	.rule = "The READ or WRITE of a subrequest covers exactly what is left of it, is sent once per attempt with a buffer of that length, and no more than that counts as done, nor before its answer.",
	.why = "Silent corruption: data are read from or written to another place in the file, and nothing fails.",
	.next = "Who computed the offset and the length: io_parms in smb2_async_readv() or smb2_async_writev(), or start, len and transferred before them?",
	.limits =
		"What the server did with a WRITE is not seen, nor what it answered to a READ, except for the length.",
	.bugs = "none on record: bugs of this kind show only as wrong data",
	.judges = { "READ or WRITE", "READs and WRITEs" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_SREQ | SAYS(SREQ_SUBMIT), EV_SREQ | SAYS(SREQ_TERMINATED),
		       EV_SREQ | SAYS(SREQ_WRITE_TERM), EV_SMB_RW, EV_SMB_CMD, EV_CALLBACK),
	.subrequest_state = sizeof(struct asked),
	.event = on_event,
};
