// SPDX-License-Identifier: GPL-2.0-only
/* Counts what the model hands on; top_print.c shows it. */
#include <errno.h>
#include <string.h>

#include "view/measure/top_state.h"
#include "view/measure/totals.h"

static struct top_mount *mount_row(struct top *t, const struct request *r)
{
	struct top_mount *row;

	HASH_FIND(hh, t->mounts, &r->dev, sizeof(r->dev), row);
	if (row || HASH_COUNT(t->mounts) == TOP_MAX_ROWS)
		return row;
	row = calloc(1, sizeof(*row));
	if (!row)
		return NULL;
	row->dev = r->dev;
	memcpy(row->fs, r->fs, sizeof(row->fs));
	if (!hash_add(hh, t->mounts, dev, sizeof(row->dev), row))
		return row;
	free(row);
	return NULL;
}

static void add_stages(struct top *t, const struct subrequest *s)
{
	for (int i = 0; i < STAGE_MAX; i++)
		if (s->stage_ns[i] != STAGE_UNKNOWN)
			hist_add(&t->stage[i], s->stage_ns[i]);
}

static int on_request(void *ctx, const struct request *r)
{
	struct top *t = ctx;
	struct top_mount *row;
	uint64_t latency;

	if (!filter_request(t->filter, t->m, r))
		return 0;
	row = mount_row(t, r);
	if (!row)
		return HASH_COUNT(t->mounts) == TOP_MAX_ROWS ? 0 : -ENOMEM;
	row->requests++;
	row->errors += request_outcome(r) != 0;
	row->retries += r->retries;
	*(r->write ? &row->written : &row->read) += r->transferred;
	if (request_latency(r, &latency))
		hist_add(&row->latency, latency);
	for_each_subrequest (r, s)
		add_stages(t, s);
	return 0;
}

static struct top_conn *conn_row(struct top *t, uint64_t id)
{
	struct top_conn *row;

	HASH_FIND(hh, t->conns, &id, sizeof(id), row);
	if (row || HASH_COUNT(t->conns) == TOP_MAX_ROWS)
		return row;
	row = calloc(1, sizeof(*row));
	if (!row)
		return NULL;
	row->id = id;
	if (!hash_add(hh, t->conns, id, sizeof(row->id), row))
		return row;
	free(row);
	return NULL;
}

static int on_command(void *ctx, const struct command *c)
{
	struct top *t = ctx;
	struct top_conn *row = c->conn ? conn_row(t, c->conn) : NULL;
	uint64_t latency;

	if (!row)
		return c->conn && HASH_COUNT(t->conns) < TOP_MAX_ROWS ? -ENOMEM : 0;
	row->commands++;
	row->errors += command_failed(c);
	if (command_latency(c, &latency))
		hist_add(&row->latency, latency);
	return 0;
}

int top_new(struct top **ret_t, const struct model *m, const struct engine *e,
	    const struct request_filter *f)
{
	struct top *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->m = m;
	t->e = e;
	t->filter = f;
	t->listener =
		(struct model_listener){ .request = on_request, .command = on_command, .ctx = t };
	*ret_t = t;
	return 0;
}

const struct model_listener *top_listener(struct top *t)
{
	return &t->listener;
}

/* Rows stay, so that an idle mount does not come and go. */
void top_reset(struct top *t)
{
	struct top_mount *mnt, *mnt2;
	struct top_conn *c, *c2;

	HASH_ITER (hh, t->mounts, mnt, mnt2) {
		mnt->read = mnt->written = mnt->requests = mnt->errors = mnt->retries = 0;
		memset(&mnt->latency, 0, sizeof(mnt->latency));
	}
	HASH_ITER (hh, t->conns, c, c2) {
		c->commands = c->errors = 0;
		memset(&c->latency, 0, sizeof(c->latency));
	}
	memset(t->stage, 0, sizeof(t->stage));
	t->from_ns = model_recording(t->m)->now_ns;
}

void top_free(struct top *t)
{
	struct top_mount *mnt, *mnt2;
	struct top_conn *c, *c2;

	if (!t)
		return;
	HASH_ITER (hh, t->mounts, mnt, mnt2) {
		HASH_DEL(t->mounts, mnt);
		free(mnt);
	}
	HASH_ITER (hh, t->conns, c, c2) {
		HASH_DEL(t->conns, c);
		free(c);
	}
	free(t);
}
