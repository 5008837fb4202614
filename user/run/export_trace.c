// SPDX-License-Identifier: GPL-2.0-only
/* A trace as a trace again: what --redact leaves of it, to be mailed. */
#include <errno.h>
#include <fcntl.h>

#include "run/export.h"
#include "trace/trace.h"

#define ZSTD_LEVEL 9 /* nothing waits for it, unlike a recording */

struct trace_export {
	struct trace_writer *w;
	struct model_listener listener;
};

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	return trace_writer_add(((struct trace_export *)ctx)->w, ev);
}

static void trace_export_free(void *ctx)
{
	struct trace_export *x = ctx;

	if (x)
		trace_writer_close(x->w);
	free(x);
}

static int trace_export_create(void **ret_x, const struct export_job *job, struct err *err)
{
	struct trace_export *x = calloc(1, sizeof(*x));
	int fd, rc;

	(void)err;
	fd = x ? fcntl(fileno(job->out), F_DUPFD_CLOEXEC, 3) : -1;
	rc = !x ? -ENOMEM : fd < 0 ? -errno : trace_writer_new(&x->w, fd, ZSTD_LEVEL);
	if (rc) {
		closep(&fd);
		free(x);
		return rc;
	}
	x->listener = (struct model_listener){ .event = on_event, .ctx = x };
	*ret_x = x;
	return 0;
}

static const struct model_listener *trace_export_listener(void *x)
{
	return &((struct trace_export *)x)->listener;
}

static int trace_export_finish(void *ctx, struct err *err)
{
	(void)err;
	return trace_writer_close(TAKE(((struct trace_export *)ctx)->w));
}

const struct exporter_ops export_trace = {
	.name = "trace",
	.summary = "a copy of the trace, for --redact",
	.endings = "nsn",
	.binary = true,
	.create = trace_export_create,
	.listener = trace_export_listener,
	.finish = trace_export_finish,
	.free = trace_export_free,
};
