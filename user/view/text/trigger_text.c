// SPDX-License-Identifier: GPL-2.0-only
/* How `watch` tells of a trigger: a line for people, a line of JSON, a few words for a file's head.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "view/export/json/json_line.h"
#include "view/kit/ntstatus.h"
#include "view/measure/totals.h"
#include "view/measure/trigger.h"
#include "view/text/request_line.h"

static const struct {
	enum trigger_on on;
	const char *name;
} names[] = { { ON_SLOWER, "slower" }, { ON_ERROR, "error" }, { ON_RECONNECT, "reconnect" } };

/* "slower,error" */
static struct short_text on_text(unsigned int on)
{
	struct short_text t = { "" };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (on & names[i].on)
			n += snprintf(t.s + n, sizeof(t.s) - n, "%s%s", n ? "," : "",
				      names[i].name);
	return t;
}

/* "2026-11-23 15:21:22.160 ", where there is an anchor */
static void put_wall(FILE *out, const struct model *m, uint64_t ns)
{
	uint64_t real;

	if (recording_realtime(model_recording(m), ns, &real))
		fprintf(out, "%.23s ", fmt_wall(real).s);
}

/* ---- people ---- */

static void put_status(FILE *out, const struct command *c)
{
	if (c->failed && c->rc == -ECONNABORTED)
		fputs("cut off by a reconnect", out);
	else if (c->failed)
		fprintf(out, "not sent, error %" PRId32, c->rc);
	else if (!c->answered && !c->done_ns)
		fputs("no answer yet", out);
	else if (c->status)
		fprintf(out, "0x%08" PRIx32 " %s", c->status, ntstatus_name(c->status));
	else
		fputs("ok", out);
}

static void put_command(FILE *out, const struct model *m, const struct trigger *t)
{
	const struct command *c = t->command;
	const struct task *task = model_task(m, c->thread);
	char comm[72];

	fprintf(out, "%s conn 0x%" PRIx64 " mid %-8" PRIu64 " %-15s %8s  ",
		fmt_dmesg(t->began_ns).s, c->conn, c->mid, command_text(c->cmd).s,
		t->took_ns ? fmt_ns(t->took_ns).s : "n/a");
	put_status(out, c);
	if (c->rreq)
		fprintf(out, "  for %s", fmt_request(c->synth, c->rreq, c->sreq).s);
	fprintf(out, "  by %s-%" PRIu32,
		fmt_escape(comm, sizeof(comm), task && *task->comm ? task->comm : "?"), c->thread);
}

static void put_request(FILE *out, const struct model *m, const struct trigger *t)
{
	request_line_put(out, m, t->request);
	if (t->error != t->request->error)
		fprintf(out, ": error %" PRId32 " of a subrequest", t->error);
	if (t->open)
		fprintf(out, ": open for %s so far", fmt_ns(t->took_ns).s);
	else if (t->partial && t->took_ns)
		fprintf(out, ": took at least %s", fmt_ns(t->took_ns).s);
}

static void put_reconnect(FILE *out, const struct model *m, const struct trigger *t)
{
	const struct conn *c = model_conn(m, t->reconnect->conn);
	char host[72];

	fprintf(out, "%s conn 0x%" PRIx64 " to %s: reconnect %" PRIu64 " of this recording",
		fmt_dmesg(t->began_ns).s, t->reconnect->conn,
		fmt_escape(host, sizeof(host), c && *c->host ? c->host : "?"),
		c ? c->reconnects : 0);
}

static void put_why(FILE *out, const struct why *why, const struct trigger *t)
{
	struct why_text text = { "" };

	if (why && t->request && t->on & ON_SLOWER && !t->open)
		text = why_request(why, t->request);
	if (*text.s)
		fprintf(out, "%-10s why: %s\n", "", text.s);
}

int trigger_print(FILE *out, const struct model *m, const struct why *why, const struct trigger *t)
{
	errno = 0;
	fprintf(out, "%-10s ", on_text(t->on).s);
	put_wall(out, m, t->began_ns);
	if (t->request)
		put_request(out, m, t);
	else if (t->command)
		put_command(out, m, t);
	else
		put_reconnect(out, m, t);
	putc('\n', out);
	put_why(out, why, t);
	return ferror(out) ? (errno ? -errno : -EIO) : 0;
}

/* ---- JSON ---- */

static void put_on(struct json_out *o, unsigned int on)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (on & names[i].on)
			jout_word(o, NULL, names[i].name);
}

static void line_of(struct json_out *o, const struct model *m, const struct trigger *t)
{
	struct moment mo = {};

	if (t->request) {
		line_request(o, m, t->request);
	} else if (t->command) {
		line_command(o, t->command);
	} else {
		moment_of(m, &t->reconnect->hdr, &mo);
		line_moment(o, &mo);
	}
}

static void put_trigger(struct json_out *o, const struct model *m, const struct trigger *t,
			const char *why)
{
#define ROW_trigger
#include "view/export/rows/row_json.h"
#undef ROW_trigger
}

int trigger_print_json(FILE *out, const struct model *m, const struct why *why,
		       const struct trigger *t)
{
	bool slow = why && t->request && t->on & ON_SLOWER && !t->open;
	struct why_text text = slow ? why_request(why, t->request) : (struct why_text){ "" };
	struct json_out line = {};

	line_of(&line, m, t);
	put_trigger(&line, m, t, text.s);
	return jout_print_last(&line, out);
}

/* ---- a few words ---- */

struct trigger_brief trigger_brief(const struct trigger *t)
{
	struct short_text on = on_text(t->on), took = { "?" };
	struct trigger_brief b;

	if (t->took_ns)
		took = fmt_ns(t->took_ns);
	if (t->request)
		snprintf(b.s, sizeof(b.s), "%s: %s took %s, error %" PRId32, on.s,
			 fmt_request(t->request->key.synth, t->request->key.rreq, 0).s, took.s,
			 t->error);
	else if (t->command)
		snprintf(b.s, sizeof(b.s), "%s: %s, mid %" PRIu64 ", took %s, status 0x%08" PRIx32,
			 on.s, command_text(t->command->cmd).s, t->command->mid, took.s,
			 t->command->status);
	else
		snprintf(b.s, sizeof(b.s), "%s: connection 0x%" PRIx64, on.s, t->reconnect->conn);
	return b;
}
