// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "base/smb2.h"
#include "check/written.h"

#define MAX_FILES 1024 /* then it begins anew */

void written_init(struct written *w)
{
	w->files.size = sizeof(struct own_file);
}

void written_free(struct written *w)
{
	table_clear(&w->files);
}

static void on_command(struct written *w, uint16_t cmd, uint64_t ts)
{
	switch (cmd) {
	case SMB2_TREE_CONNECT: /* a file system may get the number of another */
	case SMB2_SET_INFO:	/* the end of a file */
	case SMB2_IOCTL:	/* holes, and copies on the server */
	case SMB2_OPLOCK_BREAK: /* another client */
		w->changed_ns = ts;
		break;
	case SMB2_CREATE:
		w->created_ns = ts;
		break;
	default:
		break;
	}
}

/*
 * A file that a CREATE has cut ends before what was written, until a program writes behind it: then a hole may
 * be in the place of that.
 */
static void on_writer(struct written *w, const struct ev_write_iter *ev)
{
	struct own_file *f = table_find(&w->files, ev->dev, ev->ino);

	if (!f)
		return;
	if (w->created_ns >= f->begun_ns)
		table_del(&w->files, ev->dev, ev->ino);
	else
		f->writer_ns = ev->hdr.ts;
}

void written_event(struct written *w, const struct ev_hdr *ev)
{
	switch (ev->kind) {
	case EV_SETUP:
		on_command(w, ((const struct ev_setup *)ev)->cmd, ev->ts);
		break;
	case EV_RSP:
		on_command(w, ((const struct ev_rsp *)ev)->cmd, ev->ts);
		break;
	case EV_RECONNECT:
		w->changed_ns = ev->ts;
		break;
	case EV_WRITE_ITER:
		on_writer(w, (const void *)ev);
		break;
	default:
		break;
	}
}

/* What a truncate does to the client's file comes after the answer: a write may begin in between. */
static bool is_older(const struct written *w, uint64_t begun_ns)
{
	return begun_ns <= w->changed_ns + HAIR_NS;
}

int written_add(struct written *w, const struct request *r, const struct subrequest *s,
		uint64_t limit)
{
	uint64_t end = s->start + s->transferred;
	struct own_file *f;

	if (is_older(w, r->first_ns))
		return 0;
	if (HASH_COUNT(w->files.cells) >= MAX_FILES)
		table_clear(&w->files);
	f = table_get(&w->files, r->dev, r->ino);
	if (!f)
		return -ENOMEM;
	if (f->ranges.overflow || is_older(w, f->begun_ns))
		*f = (struct own_file){ .begun_ns = r->first_ns, .first_ns = r->done_ns };
	if (r->first_ns < f->begun_ns)
		f->begun_ns = r->first_ns;
	f->last_ns = r->done_ns;
	ranges_add(&f->ranges, s->start, end < limit ? end : limit);
	return 0;
}

const struct own_file *written_file(struct written *w, const struct request *r)
{
	return table_find(&w->files, r->dev, r->ino);
}

bool written_overlap(struct written *w, const struct request *r, uint64_t from, uint64_t to,
		     struct byte_range *ret)
{
	const struct own_file *f = written_file(w, r);

	if (!f || f->ranges.overflow || is_older(w, f->begun_ns) || r->first_ns <= f->last_ns)
		return false;
	for (unsigned int i = 0; i < f->ranges.nr; i++) {
		const struct byte_range *b = &f->ranges.range[i];

		*ret = (struct byte_range){ b->from > from ? b->from : from,
					    b->to < to ? b->to : to };
		if (ret->from < ret->to)
			return true;
	}
	return false;
}
