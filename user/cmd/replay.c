// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "cmd/cmd.h"
#include "cmd/redact.h"
#include "cmd/replay.h"

static int add_checks(struct replay *r, const struct engine_options *judge, struct err *err)
{
	int rc = engine_new(&r->e, r->m, judge);

	if (rc == -EINVAL)
		return err_set(err, rc,
			       "--checks %s: no such check; `netfsnoop check --list` names them",
			       judge->only);
	return rc ? rc : model_listen(r->m, engine_listener(r->e));
}

int replay_open(struct replay *ret_r, const char *path, const struct model_options *mo,
		const struct engine_options *judge, struct err *err)
{
	__free(replay_close) struct replay r = {};
	int rc = trace_reader_open(&r.reader, path, err);

	if (!rc)
		rc = model_new(&r.m, mo);
	if (!rc && judge)
		rc = add_checks(&r, judge, err);
	if (rc)
		return rc;
	*ret_r = r;
	r = (struct replay){};
	return 0;
}

int replay_listen(struct replay *r, const struct model_listener *l)
{
	return model_listen(r->m, l);
}

int replay_run(struct replay *r)
{
	const struct ev_hdr *ev;
	int rc, fed = 0;

	while (!fed && (rc = trace_reader_next(r->reader, &ev)) == 1) {
		ev = redact_if(r->redactor, ev);
		fed = ev ? model_feed(r->m, ev) : 0;
	}
	rc = fed ? fed : rc;
	if (!rc)
		rc = model_finish(r->m);
	return rc || !r->e ? rc : engine_finish(r->e);
}

void replay_close(struct replay *r)
{
	engine_free(r->e);
	model_free(r->m);
	trace_reader_free(r->reader);
}

void replay_say_damage(const struct replay *r)
{
	const struct trace_damage *d = trace_reader_damage(r->reader);

	if (d->torn_bytes)
		fprintf(stderr,
			"netfsnoop: the trace is cut: its last %llu bytes are an unfinished block "
			"and were left out\n",
			(unsigned long long)d->torn_bytes);
	if (d->bad_frames)
		fprintf(stderr,
			"netfsnoop: %llu damaged blocks were left out, the first at byte %llu\n",
			(unsigned long long)d->bad_frames, (unsigned long long)d->first_bad_offset);
	if (d->bad_records)
		fprintf(stderr,
			"netfsnoop: %llu blocks hold impossible records; what follows those was "
			"left out\n",
			(unsigned long long)d->bad_records);
	if (d->missing_blocks)
		fprintf(stderr, "netfsnoop: %llu blocks of the trace are missing\n",
			(unsigned long long)d->missing_blocks);
	if (d->misplaced_blocks)
		fprintf(stderr,
			"netfsnoop: %llu blocks are there twice or in the wrong place and were "
			"left out\n",
			(unsigned long long)d->misplaced_blocks);
	if (d->foreign_blocks)
		fprintf(stderr, "netfsnoop: %llu blocks are of another trace and were left out\n",
			(unsigned long long)d->foreign_blocks);
	if (d->second_trace)
		fputs("netfsnoop: another trace follows in the same file and was left out; read it "
		      "from a file of its own\n",
		      stderr);
	if (d->no_end && !d->torn_bytes)
		fputs("netfsnoop: the trace has no end: it is still being written, or was cut\n",
		      stderr);
	if (d->unknown_records)
		fprintf(stderr,
			"netfsnoop: %llu records are of a newer netfsnoop and were skipped\n",
			(unsigned long long)d->unknown_records);
}

int replay_exit(int rc)
{
	return rc == -EBADMSG || rc == -ENOENT || rc == -EINVAL ? EXIT_USAGE : EXIT_CANNOT;
}
