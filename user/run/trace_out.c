// SPDX-License-Identifier: GPL-2.0-only
/* The trace that record, watch and their like write while they run. */
#include <errno.h>
#include <sys/stat.h>

#include "run/trace_out.h"

#define FLUSH_NS 1000000000ULL

int trace_out_open(struct trace_out *o, const char *path, struct err *err)
{
	o->err = err;
	o->kept = true;
	return output_open(&o->file, path, OUTPUT_BINARY | OUTPUT_KEEP_OLD, err);
}

static int begin(struct trace_out *o)
{
	int fd = output_begin(&o->file, o->err), rc;

	if (fd < 0)
		return fd;
	rc = trace_writer_new(&o->w, fd, o->level);
	if (rc)
		close(fd);
	return rc;
}

/* What went wrong is told once, and of the file alone. */
static int written(const struct trace_out *o, int rc)
{
	if (rc && o->err && !o->err->text[0])
		err_set(o->err, rc, "cannot write %s: %s", output_name(&o->file), err_why(rc));
	return rc;
}

int trace_out_add(struct trace_out *o, const struct ev_hdr *ev)
{
	int rc = o->kept && !o->w ? begin(o) : 0;

	return rc || !o->w ? rc : written(o, trace_writer_add(o->w, ev));
}

int trace_out_tick(struct trace_out *o, uint64_t elapsed_ns)
{
	if (!o->w || elapsed_ns - o->flushed_at < FLUSH_NS)
		return 0;
	o->flushed_at = elapsed_ns;
	return written(o, trace_writer_flush(o->w, o->sync));
}

int trace_out_sync(struct trace_out *o)
{
	return o->w ? written(o, trace_writer_flush(o->w, true)) : 0;
}

uint64_t trace_out_size(const struct trace_out *o)
{
	uint64_t raw, file = o->size;

	if (o->w)
		trace_writer_sizes(o->w, &raw, &file);
	return file;
}

int trace_out_close(struct trace_out *o)
{
	struct stat st;
	int rc = 0, rc2;

	if (o->w) {
		rc = trace_writer_flush(o->w, true);
		o->size = trace_out_size(o);
		rc2 = trace_writer_close(TAKE(o->w)); /* writes an end, too */
		rc = written(o, rc ?: rc2);
		if (o->file.real && !stat(o->file.real, &st))
			o->size = st.st_size;
	}
	o->kept = false;
	return rc;
}

void trace_out_release(struct trace_out *o)
{
	trace_out_close(o);
	output_close(&o->file);
}
