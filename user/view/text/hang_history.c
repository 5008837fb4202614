// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "view/kit/json_value.h"
#include "view/text/hang_history.h"
#include "view/text/request_line.h"

/* How far its last attempt got, and since when it is there. The stream is over: it is in `shown`.
 */
static const char *state_of(const struct subrequest *s, uint64_t *ret_since)
{
	const struct attempt *a = &s->shown;
	const struct {
		uint64_t ns;
		const char *text;
	} steps[] = {
		{ a->term, "terminated" },	    { a->callback_end, "callback returned" },
		{ a->callback, "in the callback" }, { a->response, "answered" },
		{ a->sent, "sent, no answer" },	    { a->submit, "submitted, not sent" },
	};

	*ret_since = s->last_ns;
	if (s->freed)
		return "freed";
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].ns) {
			*ret_since = steps[i].ns;
			return steps[i].text;
		}
	return "being prepared";
}

static void put_ago(FILE *out, uint64_t now, uint64_t since)
{
	fprintf(out, " since %s", fmt_dmesg(since).s);
	if (now > since)
		fprintf(out, ", %s ago", fmt_ns(now - since).s);
}

int hang_history_print(FILE *out, const struct hang_history *h)
{
	int rc;

	fprintf(out, "\n");
	rc = request_line_print(out, h->m, h->r);
	if (rc)
		return rc;
	fprintf(out, "  last event");
	put_ago(out, h->now_ns, h->r->last_ns);
	fputc('\n', out);
	for_each_subrequest (h->r, s) {
		uint64_t since;
		const char *state = state_of(s, &since);

		fprintf(out, "  [%" PRIx32 "] %s %s at %" PRIu64 ": %s", s->index,
			s->write ? "write" : "read", fmt_bytes(s->len).s, s->start, state);
		put_ago(out, h->now_ns, since);
		if (s->conn)
			fprintf(out, "  conn 0x%" PRIx64 " mid %" PRIu64, s->conn, s->mid);
		if (s->retries)
			fprintf(out, "  retries %" PRIu32, s->retries);
		fputc('\n', out);
	}
	return ferror(out) ? -EIO : 0;
}

static json_t *subrequest_json(const struct subrequest *s)
{
	uint64_t since;
	const char *state = state_of(s, &since);

	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "sreq", json_sreq(s->index),
			 "state", state, "since_ns", json_number(since), "start",
			 json_number(s->start), "len", json_number(s->len), "conn",
			 json_id_if(s->conn, s->conn), "mid", json_id_if(s->conn, s->mid),
			 "retries", json_number(s->retries));
}

int hang_history_print_json(FILE *out, const struct hang_history *h)
{
	json_t *all = json_array(), *line;
	int rc;

	for_each_subrequest (h->r, s)
		all = json_add(all, subrequest_json(s));
	line = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "type", "history",
			 "rreq", json_rreq(h->r->key.rreq, h->r->key.synth), "tid",
			 json_number_if(h->r->tid, h->r->tid), "comm", json_name(h->r->comm), "ino",
			 json_big_if(h->r->ino, h->r->ino), "first_ns", json_number(h->r->first_ns),
			 "last_ns", json_number(h->r->last_ns), "now_ns",
			 json_number_if(h->now_ns, h->now_ns), "subrequests", all, "path",
			 json_name(h->r->path));
	if (!line)
		return -ENOMEM;
	rc = json_dumpf(line, out, JSON_COMPACT) < 0 || putc('\n', out) == EOF ? -EIO : 0;
	json_decref(line);
	return rc;
}
