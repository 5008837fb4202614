// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "view/kit/file_name.h"
#include "view/measure/totals.h"
#include "view/text/request_line.h"

static void put_odd(FILE *out, const struct request *r)
{
	if (request_outcome(r))
		fprintf(out, " error %d", request_outcome(r));
	if (r->moved && r->transferred < r->len)
		fprintf(out, " short of %s", fmt_bytes(r->len).s);
	if (r->retries)
		fprintf(out, " retries %" PRIu32, r->retries);
	fprintf(out, "%s%s%s", r->partial ? " partial" : "", r->lost ? " lost" : "",
		r->freed || !r->ends ? "" : " open");
}

struct long_text request_task(const struct request *r)
{
	struct long_text t = { "an unknown task" };
	char comm[32];

	if (tid_known(r->tid) || *r->comm)
		snprintf(t.s, sizeof(t.s), "%s-%s",
			 fmt_escape(comm, sizeof(comm), *r->comm ? r->comm : "?"),
			 fmt_tid(r->tid).s);
	return t;
}

void request_line_put(FILE *out, const struct model *m, const struct request *r)
{
	const struct mount *mnt = model_mount(m, r->dev);
	char point[64];
	uint64_t latency = 0;
	bool timed = request_latency(r, &latency);
	struct short_text start = { "?" };

	if (r->placed)
		snprintf(start.s, sizeof(start.s), "%" PRIu64, r->start);

	fprintf(out, "%s %s %-3s %9s at %-12s %8s %3" PRIu32 " sreq", fmt_dmesg(r->first_ns).s,
		fmt_request(r->key.synth, r->key.rreq, 0).s,
		r->origin_known ? request_origin(model_names(m), r->key.synth, r->origin) : "?",
		r->moved ? fmt_bytes(r->transferred).s : "?", start.s,
		timed ? fmt_ns(latency).s : "n/a", r->nr_subrequests);
	put_odd(out, r);
	fprintf(out, "  inode %s%s on %s", fmt_ino(r->ino).s, file_words(m, r->path).s,
		fmt_escape(point, sizeof(point), mnt && mnt->point ? mnt->point : "?"));
	fprintf(out, " by %s", request_task(r).s);
}

int request_line_print(FILE *out, const struct model *m, const struct request *r)
{
	errno = 0;
	request_line_put(out, m, r);
	putc('\n', out);
	return ferror(out) ? (errno ? -errno : -EIO) : 0;
}
