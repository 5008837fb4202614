// SPDX-License-Identifier: GPL-2.0-only
/* What a capture's records go through while it runs, for record --check, watch and triggers. */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "hang/hang.h"
#include "oops/notes.h"
#include "run/live.h"
#include "run/screen.h"
#include "view/export/json/findings_json.h"
#include "view/export/json/json_line.h"
#include "view/text/findings.h"
#include "view/text/request_line.h"

#define MAX_WISHES 8

/* A request that hangs, and whose tasks' stacks are to be taken. */
struct wish {
	uint32_t rreq, sreq;
	bool synth;
	struct hang_wish tasks;
};

struct live {
	struct live_options opts;
	struct model *m;
	struct engine *e;
	struct why *why; /* NULL: nobody asks why something was slow */
	struct model_listener listener;
	struct wish wish[MAX_WISHES];
	unsigned int nr_wishes;
	bool tty, colour;
	int rc;
};

/* A terminal's progress line gives way. */
static void clear_line(const struct live *l)
{
	if (l->tty)
		fprintf(l->opts.out, "\r\033[K");
}

static int flushed(const struct live *l, int rc)
{
	return !rc && fflush(l->opts.out) ? -errno : rc;
}

static int on_found(void *ctx, const struct finding *f)
{
	struct live *l = ctx;
	int rc;

	if (l->opts.found)
		l->opts.found(l->opts.ctx, f);
	if (!l->opts.findings || !findings_pass(l->opts.filter, l->m, f))
		return 0;
	clear_line(l);
	if (l->opts.json)
		rc = finding_print_json(l->opts.out, "found", f);
	else
		rc = finding_print(l->opts.out, l->m, f, l->colour);
	return flushed(l, rc);
}

static void add_worker(struct hang_wish *w, uint32_t tid)
{
	if (w->nr_workers < HANG_WORKERS)
		w->worker[w->nr_workers++] = tid;
}

static void on_stacks(void *ctx, const struct finding *f)
{
	struct live *l = ctx;
	const struct conn *conn = model_conn(l->m, f->conn);
	struct wish *w = &l->wish[l->nr_wishes];

	if (l->nr_wishes == MAX_WISHES)
		return;
	l->nr_wishes++;
	*w = (struct wish){ .rreq = f->rreq, .sreq = f->sreq, .synth = f->synth };
	w->tasks.maker = f->tid;
	w->tasks.receiver = conn ? conn->receiver : 0;
	for (unsigned int i = 0; i < f->nr_steps && i < MAX_STEPS; i++)
		add_worker(&w->tasks, f->step[i].mark.tid);
	for (unsigned int i = f->nr_evidence; i > 0; i--)
		add_worker(&w->tasks, f->evidence[i - 1].tid);
}

static int print_request(const struct live *l, const struct request *r)
{
	struct json_out line = {};

	if (!l->opts.json)
		return request_line_print(l->opts.out, l->m, r);
	line_request(&line, l->m, r);
	return jout_print_last(&line, l->opts.out);
}

static int print_trigger(const struct live *l, const struct trigger *t)
{
	return l->opts.json ? trigger_print_json(l->opts.out, l->m, l->why, t)
			    : trigger_print(l->opts.out, l->m, l->why, t);
}

static int fire(struct live *l, const struct trigger *t)
{
	if (l->opts.fired)
		l->opts.fired(l->opts.ctx, t);
	if (!l->opts.triggers)
		return 0;
	clear_line(l);
	return flushed(l, print_trigger(l, t));
}

/* A request is told of once, as what is most to be said of it. */
static int on_request(void *ctx, const struct request *r)
{
	struct live *l = ctx;
	struct trigger t;

	if (!filter_request(l->opts.filter, l->m, r))
		return 0;
	if (trigger_of_request(&l->opts.trigger, l->m, r, &t))
		return fire(l, &t);
	if (!l->opts.requests)
		return 0;
	clear_line(l);
	return flushed(l, print_request(l, r));
}

/* A command says too little for the filter: as with findings, it passes where nothing restricts. */
static int on_command(void *ctx, const struct command *c)
{
	struct live *l = ctx;
	struct trigger t;

	if (filter_restricts(l->opts.filter) || !trigger_of_command(&l->opts.trigger, l->m, c, &t))
		return 0;
	return fire(l, &t);
}

static int print_moment(const struct live *l, const struct moment *mo)
{
	struct json_out line = {};

	line_moment(&line, mo);
	return jout_print_last(&line, l->opts.out);
}

/* A message of cifs or netfs, and what it means, beside the findings. */
static int print_log(const struct live *l, const struct ev_hdr *ev)
{
	struct moment mo;
	struct note n;
	char text[512];

	if (!moment_of(l->m, ev, &mo))
		return 0;
	clear_line(l);
	if (l->opts.json)
		return flushed(l, print_moment(l, &mo));
	if (mo.lost)
		fprintf(l->opts.out, "%s log: %u message%s overwritten before this one was read\n",
			fmt_dmesg(mo.time_ns).s, mo.lost, mo.lost == 1 ? " was" : "s were");
	fprintf(l->opts.out, "%s log: %s\n", fmt_dmesg(mo.time_ns).s,
		fmt_escape(text, sizeof(text), mo.text));
	if (note_read(&n, mo.text) && *n.meaning)
		fprintf(l->opts.out, "    %s: %s\n", note_role_name(n.role), n.meaning);
	return flushed(l, 0);
}

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	struct live *l = ctx;
	const struct model_listener *why = l->why ? why_listener(l->why) : NULL;
	struct trigger t;
	int rc = why ? why->event(why->ctx, seen) : 0;

	if (ev->kind == EV_KLOG && l->opts.findings)
		return print_log(l, ev);
	if (rc || !trigger_of_event(&l->opts.trigger, l->m, ev, &t))
		return rc;
	return fire(l, &t);
}

static int set_up_lines(struct live *l)
{
	bool slower = l->opts.triggers && l->opts.trigger.on & ON_SLOWER;
	int rc = slower ? why_new(&l->why, l->m) : 0;

	l->listener = (struct model_listener){
		.event = on_event, .request = on_request, .command = on_command, .ctx = l
	};
	if (rc)
		return rc;
	return model_listen(l->m, &l->listener);
}

int live_new(struct live **ret_l, const struct live_options *opts)
{
	__free(live_freep) struct live *l = calloc(1, sizeof(*l));
	struct engine_options judge = { .found = on_found, .stacks = on_stacks, .ctx = l };
	int rc = l ? model_new(&l->m, NULL) : -ENOMEM;

	if (rc)
		return rc;
	l->opts = *opts;
	l->tty = screen_is_smart(fileno(opts->out));
	l->colour = screen_colour_on(fileno(opts->out));
	rc = engine_new(&l->e, l->m, &judge);
	if (!rc)
		rc = model_listen(l->m, engine_listener(l->e));
	if (!rc)
		rc = set_up_lines(l);
	if (!rc)
		*ret_l = TAKE(l);
	return rc;
}

void live_free(struct live *l)
{
	if (!l)
		return;
	engine_free(l->e);
	why_free(l->why);
	model_free(l->m);
	free(l);
}

int live_feed(struct live *l, const struct ev_hdr *ev)
{
	if (!l->rc)
		l->rc = model_feed(l->m, ev);
	return l->rc;
}

static int put_stack(const struct wish *w, const struct hang_task *t, const struct record_sink *to)
{
	char frames[HANG_FRAMES * HANG_FRAME_LEN] = "";
	struct waiter stack = {
		.tid = t->tid,
		.tgid = t->pid,
		.rreq = w->rreq,
		.sreq = w->sreq,
		.synth = w->synth,
		.state = t->state,
		.comm = t->comm,
		.frames = frames,
	};
	size_t n = 0;

	for (size_t i = 0; i < t->nr_frames && n < sizeof(frames); i++)
		n += snprintf(frames + n, sizeof(frames) - n, "%s%s", i ? "\n" : "", t->frame[i]);
	return records_waiter(to, &stack);
}

static int put_stacks(const struct wish *w, const struct hang_snap *s, const struct record_sink *to)
{
	const struct hang_task *task[MAX_STACKS];
	size_t n = hang_waiters(s, &w->tasks, task, MAX_STACKS);
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = put_stack(w, task[i], to);
	return rc;
}

int live_tick(struct live *l, const struct record_sink *to)
{
	__free(hang_snap_free) struct hang_snap s = {};
	int rc = 0;

	if (!l->nr_wishes || hang_snap_tasks(&s, "/proc"))
		return 0;
	for (unsigned int i = 0; !rc && i < l->nr_wishes; i++)
		rc = put_stacks(&l->wish[i], &s, to);
	l->nr_wishes = 0;
	return rc;
}

/* What was told when it was found, and came again. */
static void put_repeats(const struct live *l)
{
	for (const struct finding *f = engine_findings(l->e); f; f = f->next)
		if (f->count > 1 && findings_pass(l->opts.filter, l->m, f))
			fprintf(l->opts.out, "%s: %s: %" PRIu64 " times, the last at %s\n",
				f->check->id,
				f->rreq ? fmt_request(f->synth, f->rreq, f->sreq).s : f->kind,
				f->count, fmt_dmesg(f->last_ns).s);
}

int live_finish(struct live *l, enum findings_worst *ret_worst)
{
	if (!l->rc)
		l->rc = model_finish(l->m);
	if (!l->rc)
		l->rc = engine_finish(l->e);
	if (l->rc)
		return l->rc;
	*ret_worst = findings_worst(l->opts.filter, l->m, l->e);
	if (l->opts.json)
		return flushed(l, findings_print_json(l->opts.out, l->opts.filter, l->m, l->e));
	if (!l->opts.findings)
		return flushed(l,
			       findings_print(l->opts.out, l->opts.filter, l->m, l->e, l->colour));
	put_repeats(l);
	return flushed(l, checks_print(l->opts.out, l->opts.filter, l->m, l->e, l->colour));
}

struct model *live_model(struct live *l)
{
	return l->m;
}

const struct engine *live_engine(const struct live *l)
{
	return l->e;
}
