// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "event/kinds.h"
#include "view/export/html/html_data_inside.h"
#include "view/kit/event_text.h"
#include "view/kit/ntstatus.h"

static const char *const request_columns[RQ_NR] = {
#define ROW_request
#define COLUMN(name) #name,
#include "view/export/rows/row_columns.h"
#undef ROW_request
};

static const char *const subrequest_columns[SR_NR] = {
#define ROW_subrequest
#define COLUMN(name) #name,
#include "view/export/rows/row_columns.h"
#undef ROW_subrequest
};

static const char *const command_columns[CM_NR] = {
#define ROW_command
#define COLUMN(name) #name,
#include "view/export/rows/row_columns.h"
#undef ROW_command
};

static const char *const credit_columns[CR_NR] = {
#define ROW_credit
#define COLUMN(name) #name,
#include "view/export/rows/row_columns.h"
#undef ROW_credit
};

static const char *const loss_columns[LO_NR] = {
#define ROW_loss
#define COLUMN(name) #name,
#include "view/export/rows/row_columns.h"
#undef ROW_loss
};

static const char *const moment_columns[MO_NR] = {
#define ROW_moment
#define COLUMN(name) #name,
#include "view/export/rows/row_columns.h"
#undef ROW_moment
};

/* ---- rows that others name by number ---- */

/* The text's number goes into *cell; the first failure stays. */
static void put_text(struct html_data *d, int64_t *cell, const char *text)
{
	int64_t nr = html_text(d->texts, text);

	*cell = nr < 0 ? 0 : nr;
	if (nr < 0)
		d->rc = nr;
}

static void put_number_text(struct html_data *d, int64_t *cell, const char *format, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), format, n);
	put_text(d, cell, text);
}

static struct html_conn *get_conn(struct html_data *d, uint64_t id)
{
	const struct html_conn_key key = { .id = id, .epoch = model_recording(d->m)->epoch };
	struct html_conn *c;

	HASH_FIND(hh, d->conns, &key, sizeof(key), c);
	if (c)
		return c;
	c = calloc(1, sizeof(*c));
	if (c)
		c->key = key;
	if (!c || hash_add(hh, d->conns, key, sizeof(c->key), c)) {
		free(c);
		d->rc = -ENOMEM;
		return NULL;
	}
	c->row = d->nr_conns++;
	return c;
}

static int64_t conn_row(struct html_data *d, uint64_t id)
{
	const struct html_conn *c = id ? get_conn(d, id) : NULL;

	return c ? c->row + 1 : 0;
}

void html_data_name_mount(struct html_data *d, struct html_mount *row)
{
	const struct mount *mnt = model_mount(d->m, row->dev);

	row->named = mnt;
	put_text(d, &row->fs, mnt ? mnt->fstype : NULL);
	put_text(d, &row->source, mnt ? mnt->source : NULL);
	put_text(d, &row->point, mnt ? mnt->point : NULL);
	put_text(d, &row->options, mnt ? mnt->options : NULL);
}

static bool same_mount(const struct html_mount *a, const struct html_mount *b)
{
	return a->dev == b->dev &&
	       (!b->named || (a->fs == b->fs && a->source == b->source && a->point == b->point &&
			      a->options == b->options));
}

/* By its name at this time, so that a later mount does not take what was another's. */
static int64_t mount_row(struct html_data *d, uint32_t dev)
{
	struct html_mount now = { .dev = dev };
	int64_t i;

	html_data_name_mount(d, &now);
	for (i = 0; i < d->nr_mounts; i++)
		if (same_mount(&d->mounts[i], &now))
			return i + 1;
	for (i = 0; i < d->nr_mounts; i++)
		if (d->mounts[i].dev == dev && !d->mounts[i].named)
			break;
	if (i == HTML_MAX_MOUNTS)
		return 0;
	d->mounts[i] = now;
	d->nr_mounts += i == d->nr_mounts;
	return i + 1;
}

struct html_key *html_data_key(struct html_data *d, uint32_t epoch, uint32_t rreq, bool synth)
{
	const struct request_key key = { .epoch = epoch, .rreq = rreq, .synth = synth };
	struct html_key *k;

	HASH_FIND(hh, d->keys, &key, sizeof(key), k);
	return k;
}

/* R starts again when it has wrapped: then the newest is meant. */
static void put_key(struct html_data *d, const struct request_key *key, size_t row)
{
	struct html_key *k = html_data_key(d, key->epoch, key->rreq, key->synth);

	if (!k) {
		k = calloc(1, sizeof(*k));
		if (k)
			k->key = *key;
		if (!k || hash_add(hh, d->keys, key, sizeof(k->key), k)) {
			free(k);
			d->rc = -ENOMEM;
			return;
		}
	}
	k->row = row;
}

/* ---- cells ---- */

static int64_t since_begin(const struct html_data *d, uint64_t ns)
{
	return ns - recording_begin(model_recording(d->m));
}

static int64_t since(uint64_t first, uint64_t ns)
{
	return !ns ? 0 : ns < first ? 1 : (int64_t)(ns - first) + 1;
}

static void put_request(struct html_data *d, const struct request *r, int64_t *c)
{
	const char *origin = request_origin(model_names(d->m), r->key.synth, r->origin);
	uint64_t latency;
	bool known = r->partial || request_latency(r, &latency);

	c[RQ_first] = since_begin(d, r->first_ns);
	c[RQ_last] = since_begin(d, r->last_ns);
	c[RQ_done] = known ? since(r->first_ns, r->done_ns) : 0;
	c[RQ_rreq] = r->key.synth ? r->key.rreq & ~EV_SYNTH_RREQ : r->key.rreq;
	c[RQ_epoch] = r->key.epoch;
	c[RQ_flags] = (r->write ? RQF_WRITE : 0) | (r->partial ? RQF_PARTIAL : 0) |
		      (r->freed ? RQF_FREED : 0) | (r->lost ? RQF_LOST : 0) |
		      (r->key.synth ? RQF_SYNTHETIC : 0) | (r->placed ? RQF_PLACED : 0) |
		      (r->moved ? RQF_MOVED : 0) | (request_outcome_known(r) ? RQF_JUDGED : 0);
	put_text(d, &c[RQ_origin], r->origin_known ? origin : "?");
	put_text(d, &c[RQ_fs], r->fs);
	c[RQ_mount] = r->dev ? mount_row(d, r->dev) : 0;
	put_number_text(d, &c[RQ_ino], "%" PRIu64, r->ino);
	c[RQ_start] = r->start;
	c[RQ_len] = r->len;
	c[RQ_transferred] = r->transferred;
	c[RQ_error] = r->error;
	c[RQ_outcome] = request_outcome(r);
	c[RQ_tid] = r->tid;
	c[RQ_tgid] = r->tgid;
	put_text(d, &c[RQ_comm], r->comm);
	c[RQ_retries] = r->retries;
	c[RQ_failures] = r->nr_failures;
	c[RQ_test] = r->test;
	put_text(d, &c[RQ_path], r->path);
}

_Static_assert(SR_collection_ns - SR_prepare_ns == STAGE_COLLECT - STAGE_PREPARE,
	       "stages follow each other");

static void put_attempt(const struct subrequest *s, int64_t *c)
{
	const struct attempt *a = &s->shown;

	c[SR_begin] = since(s->first_ns, a->begin);
	c[SR_submit] = since(s->first_ns, a->submit);
	c[SR_sent] = since(s->first_ns, a->sent);
	c[SR_arrived] = since(s->first_ns, a->arrived);
	c[SR_response] = since(s->first_ns, a->response);
	c[SR_callback_end] = since(s->first_ns, a->callback_end);
	c[SR_term] = since(s->first_ns, a->term);
	c[SR_end] = since(s->first_ns, a->end);
	c[SR_wait] = a->waited ? a->wait_ns + 1 : 0;
}

static void put_subrequest(struct html_data *d, const struct subrequest *s, int64_t *c)
{
	const struct names *n = model_names(d->m);

	c[SR_request] = d->requests.nr_rows - 1;
	c[SR_sreq] = s->index;
	c[SR_stream] = s->stream;
	put_text(d, &c[SR_source],
		 s->rreq->key.synth ? "" : names_text(n, NAMES_SOURCE, s->source));
	c[SR_write] = s->write;
	c[SR_flags] = (s->told ? SRF_TOLD : 0) |
		      (s->attempts || !s->rreq->unbegun ? SRF_TRIED : 0) |
		      (s->moved || s->error ? SRF_JUDGED : 0) | (s->moved ? SRF_MOVED : 0);
	c[SR_start] = s->start;
	c[SR_len] = s->len;
	c[SR_transferred] = s->transferred;
	c[SR_error] = s->error;
	c[SR_attempts] = s->attempts;
	c[SR_conn] = conn_row(d, s->conn);
	c[SR_mid] = s->mid;
	c[SR_credits] = s->credits + 1;
	c[SR_granted] = s->granted + 1;
	c[SR_first] = since_begin(d, s->first_ns);
	c[SR_last] = since_begin(d, s->last_ns);
	put_attempt(s, c);
	for (int i = 0; i < STAGE_MAX; i++)
		c[SR_prepare_ns + i] = s->stage_ns[i] + 1; /* STAGE_UNKNOWN becomes 0 */
}

static void put_command(struct html_data *d, const struct command *cmd, int64_t *c)
{
	uint64_t first = command_begin(cmd), end = cmd->response_ns ?: cmd->done_ns;

	if (!first)
		first = end;
	c[CM_conn] = conn_row(d, cmd->conn);
	c[CM_mid] = cmd->mid;
	put_text(d, &c[CM_cmd], command_text(cmd->cmd).s);
	put_number_text(d, &c[CM_sesid], "0x%" PRIx64, cmd->sesid);
	c[CM_sreq] = cmd->sreq;
	c[CM_first] = since_begin(d, first);
	c[CM_setup] = since(first, cmd->setup_ns);
	c[CM_sent] = since(first, cmd->sent_ns);
	c[CM_end] = since(first, end);
	c[CM_status] = cmd->status;
	c[CM_rc] = cmd->rc;
	c[CM_charge] = cmd->setup_ns ? cmd->charge + 1 : 0;
	c[CM_granted] = cmd->header ? cmd->granted + 1 : 0;
	c[CM_interim] = cmd->interim;
	c[CM_flags] = (cmd->answered ? CMF_ANSWERED : 0) | (command_failed(cmd) ? CMF_FAILED : 0);
	c[CM_tree] = cmd->tid;
	put_text(d, &c[CM_status_name], cmd->status ? ntstatus_name(cmd->status) : "");
	c[CM_test] = cmd->test;
}

/* ---- listening ---- */

static int on_request(void *ctx, const struct request *r)
{
	struct html_data *d = ctx;
	int64_t *row;
	int rc;

	if (!filter_request(d->job->filter, d->m, r))
		return 0;
	rc = totals_request(d->totals, r, d->job->filter);
	row = html_table_row(&d->requests);
	if (rc || !row)
		return rc ?: -ENOMEM;
	put_request(d, r, row);
	put_text(d, &row[RQ_why], why_request(d->why, r).s);
	put_key(d, &r->key, d->requests.nr_rows - 1);
	for_each_subrequest (r, s) {
		if (!filter_subrequest(d->job->filter, s))
			continue;
		row = html_table_row(&d->subrequests);
		if (!row)
			return -ENOMEM;
		put_subrequest(d, s, row);
	}
	return d->rc;
}

/* Which request it works for is looked up when all of them are known. */
static int hold_owner(struct html_data *d, const struct command *c)
{
	if (d->commands.nr_rows > d->owner_room) {
		size_t room = d->commands.room;
		struct request_key *owners = reallocarray(d->owners, room, sizeof(*owners));

		if (!owners)
			return -ENOMEM;
		d->owners = owners;
		d->owner_room = room;
	}
	d->owners[d->commands.nr_rows - 1] =
		(struct request_key){ .epoch = c->epoch, .rreq = c->rreq, .synth = c->synth };
	return 0;
}

static int on_command(void *ctx, const struct command *c)
{
	struct html_data *d = ctx;
	const struct request_filter *f = d->job->filter;
	int rc = totals_command(d->totals, c);
	int64_t *row;

	if (rc || (filter_restricts(f) && (!c->rreq || (f->sreq && f->sreq != c->sreq))))
		return rc;
	row = html_table_row(&d->commands);
	if (!row)
		return -ENOMEM;
	put_command(d, c, row);
	return d->rc ? d->rc : hold_owner(d, c);
}

static int on_lost(void *ctx, const struct ev_lost *l)
{
	struct html_data *d = ctx;
	const struct probe_info *p = model_probe(d->m, l->hdr.probe);
	const char *why = lost_why_text(l->why);
	int64_t *row = html_table_row(&d->losses);
	char text[64];

	if (!row)
		return -ENOMEM;
	row[LO_from] = since_begin(d, l->from);
	row[LO_to] = since_begin(d, l->to);
	row[LO_count] = l->count;
	snprintf(text, sizeof(text), "all: %s", why ? why : "");
	put_text(d, &row[LO_probe], why ? text : p ? p->name : NULL);
	row[LO_cpu] = l->hdr.cpu == EV_ANY_CPU ? -1 : l->hdr.cpu;
	return totals_lost(d->totals, l) ?: d->rc;
}

static int put_moment(struct html_data *d, uint64_t ts, const char *what, uint64_t conn)
{
	int64_t *row = html_table_row(&d->moments);

	if (!row)
		return -ENOMEM;
	row[MO_time] = since_begin(d, ts);
	put_text(d, &row[MO_what], what);
	row[MO_conn] = conn_row(d, conn);
	return d->rc;
}

static int on_mark(struct html_data *d, const struct ev_mark_rec *ev)
{
	static const char *const what[] = {
		[EV_MARK_START] = "start",     [EV_MARK_STOP] = "stop",
		[EV_MARK_PARKED] = "parked",   [EV_MARK_ATTACHED] = "attached",
		[EV_MARK_COMMAND] = "command", [EV_MARK_EXIT] = "exit",
	};

	if (ev->mark >= ARRAY_SIZE(what) || !what[ev->mark])
		return 0;
	return put_moment(d, ev->hdr.ts, what[ev->mark], 0);
}

static int on_reconnect(struct html_data *d, const struct ev_reconnect *ev)
{
	const struct probe_info *p = model_probe(d->m, ev->hdr.probe);

	if (!p || strcmp(p->name, "smb3_reconnect"))
		return 0;
	return put_moment(d, ev->hdr.ts, "reconnect", ev->conn);
}

static int on_words(struct html_data *d, const struct ev_hdr *ev)
{
	char what[sizeof(struct event_text)];
	struct event_text text;

	event_text(&text, d->m, ev);
	snprintf(what, sizeof(what), "%s %s", text.what, text.detail);
	return put_moment(d, ev->ts, what, 0);
}

static int on_sample(struct html_data *d, uint64_t ts, struct html_conn *c, int32_t credits,
		     int32_t in_flight)
{
	int64_t *row;

	if (!c)
		return -ENOMEM;
	if (c->sampled && c->credits == credits && c->in_flight == in_flight)
		return 0;
	row = html_table_row(&d->credits);
	if (!row)
		return -ENOMEM;
	c->sampled = true;
	row[CR_time] = since_begin(d, ts);
	row[CR_conn] = c->row;
	row[CR_credits] = c->credits = credits;
	row[CR_in_flight] = c->in_flight = in_flight;
	return 0;
}

static int on_ledger(struct html_data *d, const struct ev_credit_fn_rec *ev)
{
	struct html_conn *c = ev->conn ? get_conn(d, ev->conn) : NULL;

	if (!ev->conn)
		return 0;
	if (c)
		c->ledger = true;
	return on_sample(d, ev->hdr.ts, c, ev->credits, ev->in_flight);
}

/* The tracepoints print the pool of the operation's type and not its name: only where nothing else
 * is known. */
static int on_credit(struct html_data *d, const struct ev_credit *ev)
{
	struct html_conn *c = ev->conn ? get_conn(d, ev->conn) : NULL;

	if (!ev->conn || (c && c->ledger))
		return 0;
	return on_sample(d, ev->hdr.ts, c, ev->credits, ev->in_flight);
}

static int on_fault(struct html_data *d, const struct seen *seen)
{
	return put_moment(d, seen->ev->ts, fault_name(seen).s,
			  seen->command ? seen->command->conn : 0);
}

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	struct html_data *d = ctx;
	const struct model_listener *why = why_listener(d->why);
	int rc = why->event(why->ctx, seen);

	if (rc)
		return rc;
	switch (ev->kind) {
	case EV_CREDIT_FN:
		return on_ledger(d, (const void *)ev);
	case EV_CREDIT:
		return on_credit(d, (const void *)ev);
	case EV_RECONNECT:
		return on_reconnect(d, (const void *)ev);
	case EV_MARK:
		return on_mark(d, (const void *)ev);
	case EV_KLOG:
		return put_moment(d, ev->ts, ev_text(ev, 0), 0);
	case EV_FAULT:
		return on_fault(d, seen);
	case EV_EIO:
	case EV_SLOW_RSP:
		return on_words(d, ev);
	default:
		return 0;
	}
}

static const uint8_t kinds[] = { EV_RSP,  EV_CREDIT, EV_CREDIT_FN, EV_RECONNECT, EV_MARK,
				 EV_KLOG, EV_EIO,    EV_SLOW_RSP,  EV_FAULT,	 0 };

const struct model_listener *html_data_listener(struct html_data *d)
{
	return &d->listener;
}

#define TABLE(name_, columns_) \
	((struct html_table){  \
		.name = (name_), .columns = (columns_), .nr_columns = ARRAY_SIZE(columns_) })

int html_data_new(struct html_data **ret_d, const struct export_job *job)
{
	struct html_data *d = calloc(1, sizeof(*d));
	int rc = d ? html_texts_new(&d->texts) : -ENOMEM;

	if (!rc)
		rc = totals_new(&d->totals);
	if (!rc)
		rc = why_new(&d->why, job->m);
	if (rc) {
		html_data_free(d);
		return rc;
	}
	d->totals->why = d->why;
	d->job = job;
	d->m = job->m;
	d->requests = TABLE("requests", request_columns);
	d->subrequests = TABLE("subrequests", subrequest_columns);
	d->commands = TABLE("commands", command_columns);
	d->credits = TABLE("credits", credit_columns);
	d->losses = TABLE("losses", loss_columns);
	d->moments = TABLE("moments", moment_columns);
	d->listener = (struct model_listener){ .event = on_event,
					       .kinds = kinds,
					       .request = on_request,
					       .command = on_command,
					       .lost = on_lost,
					       .ctx = d };
	*ret_d = d;
	return 0;
}

void html_data_free(struct html_data *d)
{
	struct html_conn *c, *c2;
	struct html_key *k, *k2;

	if (!d)
		return;
	HASH_ITER (hh, d->conns, c, c2) {
		HASH_DEL(d->conns, c);
		free(c);
	}
	HASH_ITER (hh, d->keys, k, k2) {
		HASH_DEL(d->keys, k);
		free(k);
	}
	html_table_free(&d->requests);
	html_table_free(&d->subrequests);
	html_table_free(&d->commands);
	html_table_free(&d->credits);
	html_table_free(&d->losses);
	html_table_free(&d->moments);
	html_texts_free(d->texts);
	totals_free(d->totals);
	why_free(d->why);
	free(d->owners);
	free(d);
}
