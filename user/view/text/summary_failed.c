// SPDX-License-Identifier: GPL-2.0-only
/* Requests that failed: what was not transferred, for whom, and why. */
#include <inttypes.h>

#include "base/fmt.h"
#include "view/kit/ntstatus.h"
#include "view/text/summary_print.h"

static void put_what(const struct summary_view *v, const struct failed_request *q)
{
	char comm[MAX_NAME];

	fprintf(v->out, "  %s %-2s ", fmt_request(q->key.synth, q->key.rreq, 0).s,
		q->origin_known ? request_origin(model_names(v->m), q->key.synth, q->origin) : "?");
	sum_coloured(v, RED, "%s", fmt_errno(q->outcome).s);
	fprintf(v->out, " at %s: %s (tid %s)", fmt_dmesg(q->first_ns).s,
		fmt_escape(comm, sizeof(comm), *q->comm ? q->comm : "?"), fmt_tid(q->tid).s);
	if (q->lost)
		sum_coloured(v, RED, ",%srecords lost", sum_narrow(v) ? "\n      " : " ");
}

static void put_where(const struct summary_view *v, const struct failed_request *q)
{
	if (q->placed)
		fprintf(v->out, "\n      %s not %s, from 0x%" PRIx64 " to 0x%" PRIx64,
			fmt_bytes(q->missing).s, q->write ? "written" : "read", q->start, q->end);
	else
		fprintf(v->out, "\n      which bytes were not %s is not known",
			q->write ? "written" : "read");
	if (q->ino)
		fputs("\n     ", v->out);
	sum_file(v, q->dev, q->ino, q->path);
	if (q->nr_failed)
		fprintf(v->out, "\n      %" PRIu32 " of %" PRIu32 " subrequest%s failed%s",
			q->nr_failed, q->nr_subrequests, plural(q->nr_subrequests),
			q->own || !q->ended ? "" : "; the request itself ended without an error");
}

static void put_command(const struct summary_view *v, const struct failed_request *q)
{
	const struct failed_command *c = &q->by;

	if (!q->nr_failed)
		return;
	fprintf(v->out, "\n      [%" PRIx32 "]: ", q->sreq);
	if (!q->told && !q->mid)
		fputs("no command of it is known", v->out);
	else if (!q->told)
		fputs("no command of it was seen to fail", v->out);
	else if (!c->answered)
		fprintf(v->out, "%s was not sent, or cut off by a reconnect",
			command_text(c->cmd).s);
	else
		fprintf(v->out, "%s, mid %" PRIu64 ", got 0x%08" PRIx32 " %s",
			command_text(c->cmd).s, c->mid, c->status, ntstatus_name(c->status));
}

void sum_failed(const struct summary_view *v)
{
	uint64_t nr = v->failed.nr;

	if (!nr)
		return;
	sum_heading(v, "Failed requests");
	for (uint64_t i = 0; i < nr && i < FAILED_SHOWN; i++) {
		put_what(v, &v->failed.list[i]);
		put_where(v, &v->failed.list[i]);
		put_command(v, &v->failed.list[i]);
		fputc('\n', v->out);
	}
	if (nr > FAILED_SHOWN)
		fprintf(v->out, "  and %" PRIu64 " more\n", nr - FAILED_SHOWN);
}
