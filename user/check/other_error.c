// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/other_error.h"

/* What every kernel from 6.12 to 7.3 has for them (smb2_error_map_table, fs/smb/client/smb2maperror.c). */
static const struct {
	uint32_t status;
	int32_t error;
} errors[] = {
	{ 0xc0000022, -EACCES }, /* ACCESS_DENIED */
	{ 0xc0000044, -EDQUOT }, /* QUOTA_EXCEEDED */
	{ 0xc0000054, -EACCES }, /* FILE_LOCK_CONFLICT */
	{ 0xc000007f, -ENOSPC }, /* DISK_FULL */
};

static int32_t error_of(uint32_t status)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].status == status)
			return errors[i].error;
	return 0;
}

int other_error_term(struct check *c, const struct seen *ce, uint32_t status, uint64_t status_ns)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	int32_t error = error_of(status);
	struct finding *f;

	if (!error || !ev->error || ev->error == error || is_local_error(ev->error) ||
	    ev->error == -EAGAIN)
		return 0;
	f = finding_new(c, "other-error", status_ns, ev->hdr.ts);
	finding_request(f, c, ce->r, ce->sreq);
	finding_expected(f, "error %d, as the server answered with status 0x%08" PRIx32, error,
			 status);
	finding_observed(f, "error %d", ev->error);
	finding_explain(
		f, "The caller is told of another error than the server's, and may act on it.");
	return finding_raise(f, c);
}

static bool is_whole(const struct request *r)
{
	uint64_t done = 0;

	for_each_subrequest (r, s) {
		if (s->stream || s->error || !s->freed || s->transferred < s->len)
			return false;
		done += s->transferred;
	}
	return r->nr_subrequests && done >= r->len;
}

int other_error_request(struct check *c, const struct request *r)
{
	enum request_way way = way_of(c, r);
	struct finding *f;

	if (!r->error || is_local_error(r->error) || r->nr_failures || r->lost || !r->done_ns ||
	    (way != WAY_READ_DIRECT && way != WAY_WRITE_DIRECT && way != WAY_READ_BUFFERED) ||
	    !is_whole(r))
		return 0;
	c->judged++;
	f = finding_new(c, "error-from-nowhere", r->first_ns, r->last_ns);
	finding_request(f, c, r, 0);
	finding_expected(f, "error 0: each of its subrequests ended without one");
	finding_observed(f, "error %d, and all of %" PRIu64 " byte%s transferred", r->error, r->len,
			 plural(r->len));
	finding_explain(f, "All that was asked for was done, but the caller gets an error.");
	return finding_raise(f, c);
}
