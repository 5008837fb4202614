// SPDX-License-Identifier: GPL-2.0-only
/*
 * One recording: what is made before the first record and undone after the last; session_loop.c
 * is the time between.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>

#include "capture/doubt.h"
#include "capture/session_state.h"
#include "capture/signals.h"
#include "capture/symbols.h"
#include "event/kinds.h"

/* A program may be preempted between its time stamp and its submit: how late that may be unnoticed.
 */
#define MERGE_SLACK_NS (10 * 1000000ULL)

static int add_to_merge(void *ctx, const struct ev_hdr *ev)
{
	struct session *s = ctx;

	return merge_add(s->merge, ev);
}

struct record_sink session_sink(struct session *s)
{
	return (struct record_sink){ .add = add_to_merge, .ctx = s };
}

/* The kernel may be about to die: what is known goes out as soon as it is in order. */
void session_hurry(struct session *s)
{
	uint64_t soon = monotonic_ns() + MERGE_SLACK_NS;

	s->urgent = true;
	if (s->next_tick > soon)
		s->next_tick = soon;
}

static int on_ring_record(void *ctx, void *data, size_t size)
{
	struct session *s = ctx;
	const struct ev_hdr *ev = data;
	struct record_sink to = session_sink(s);
	int rc = 0;

	if (size < sizeof(*ev) || ev->size > size)
		return 0;
	s->drained++;
	if (ev->kind == EV_REVERT && ((const struct ev_revert *)data)->past)
		session_hurry(s);
	if (ev->kind == EV_REVERT)
		rc = symbols_name(loader_revert(attachment_loader(s->probes)), data, &to);
	else
		rc = testenv_note(&s->testenv, ev, &to);
	if (rc)
		return rc;
	return merge_add(s->merge, ev);
}

static int count_and_pass(void *ctx, const struct ev_hdr *ev)
{
	struct session *s = ctx;

	s->stats.events += ev_of_probe(ev);
	/* reference counts are recorded whatever the filters say */
	s->requests += ev_of_probe(ev) && ev_rreq_of(ev) && ev->kind != EV_REF;
	return s->ops->record(s->ops->ctx, ev);
}

int session_drain_tests(struct session *s)
{
	return tests_drain(s->tests, on_ring_record, s);
}

/* Hands on what was collected, as far as it is old enough to be in order. */
int session_pump(struct session *s)
{
	struct loader *l = attachment_loader(s->probes);
	uint64_t until = monotonic_ns();
	struct record_sink to = session_sink(s);
	int rc, more = 0;

	if (l)
		loader_mark(l);
	rc = session_drain_tests(s);
	if (!rc) /* before all flushes: a loss is placed where it began */
		rc = attachment_note_losses(s->probes, &to);
	do {
		if (!rc && l)
			rc = more = loader_drain(l, on_ring_record, s, &until);
		if (rc >= 0 && s->faults) /* those of that time are in the log by now */
			rc = faults_read(s->faults, &to);
		if (rc >= 0)
			rc = merge_flush(s->merge, until - MERGE_SLACK_NS, count_and_pass, s);
	} while (!rc && more > 0);
	s->stats.late = merge_late(s->merge);
	return rc;
}

/* Nothing comes any more. */
static int flush_all(struct session *s)
{
	int rc = session_pump(s);

	if (rc)
		return rc;
	return merge_flush(s->merge, UINT64_MAX, count_and_pass, s);
}

static int watch_fd(struct session *s, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	return epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

static int open_events(struct session *s)
{
	int rc;

	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll_fd < 0)
		return -errno;
	s->signal_fd = signals_open();
	if (s->signal_fd < 0)
		return s->signal_fd;
	s->mounts_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	rc = watch_fd(s, s->signal_fd, EPOLLIN);
	if (!rc && s->mounts_fd >= 0)
		rc = watch_fd(s, s->mounts_fd, EPOLLPRI | EPOLLET);
	return rc;
}

/* What the kernel says of itself, at the start, at the end, and around every parking. */
static int write_surroundings(struct session *s)
{
	struct record_sink to = session_sink(s);
	int rc = records_mounts(&to);

	if (rc)
		return rc;
	rc = records_snapshots(&to);
	if (rc)
		return rc;
	return records_anchor(&to);
}

static void count_failed(struct session *s)
{
	const struct plan *plan = attachment_plan(s->probes);

	s->stats.failed = 0;
	for (int id = 1; id < PROBE_MAX; id++)
		s->stats.failed += plan->probe[id].state == EV_PROBE_FAILED;
}

/* Attaches, says so in the stream as `mark`, and only then lets events through. */
int session_attach(struct session *s, enum ev_mark mark, bool without_cifs, struct err *err)
{
	struct record_sink to = session_sink(s);
	struct loader *l;
	int rc = attachment_attach(s->probes, &s->attach, without_cifs, &to, err);

	if (rc)
		return rc;
	l = attachment_loader(s->probes);
	rc = watch_fd(s, loader_fd(l), EPOLLIN | EPOLLET);
	if (!rc)
		rc = write_surroundings(s);
	if (!rc)
		rc = records_mark(&to, mark, without_cifs ? EV_ATTACHED_WITHOUT_CIFS : 0);
	count_failed(s);
	s->attached = true;
	s->without_cifs = without_cifs;
	s->used = mark == EV_MARK_ATTACHED && !without_cifs; /* a mount, which may be gone by now */
	s->idle_since = 0;
	s->asked = loader_refcount_asks(l); /* it counts from 0 again */
	s->stats.parked = without_cifs;
	loader_enable(l, true);
	return rc;
}

/* From now on nothing is recorded. Said at once, as taking the probes out takes seconds. */
static int close_gate(struct session *s, enum ev_mark mark, uint32_t value)
{
	struct record_sink to = session_sink(s);
	struct loader *l = attachment_loader(s->probes);

	if (l)
		loader_enable(l, false);
	return records_mark(&to, mark, value);
}

/* Everything out of the rings and out of the kernel. */
static int drop_probes(struct session *s)
{
	struct record_sink to = session_sink(s);
	struct loader *l = attachment_loader(s->probes);
	int rc;

	if (!l)
		return 0;
	usleep(2000); /* programs already past the gate finish */
	loader_collect(l);
	rc = session_pump(s);
	if (rc)
		return rc;
	return attachment_drop(s->probes, &to);
}

int session_let_go(struct session *s, enum ev_parked why)
{
	int rc = attachment_loader(s->probes) ? close_gate(s, EV_MARK_PARKED, why) : 0;

	if (rc)
		return rc;
	return drop_probes(s);
}

/* Known once all has been handed on. A trace that has nothing says why. */
static int explain_nothing(struct session *s)
{
	struct nothing_facts facts = {
		.doubt = s->opts->doubt,
		.filtered = capture_filters(&s->opts->attach.loader.filter),
		.attached = s->attached,
		.mounted = s->mounts.ever || cifs_connected(),
	};
	struct record_sink to = session_sink(s);
	int rc;

	if (facts.filtered ? s->requests : s->stats.events)
		return 0;
	s->stats.nothing = nothing_reason(&facts);
	rc = records_meta(&to, "nothing", s->stats.nothing);
	if (rc)
		return rc;
	return flush_all(s);
}

static int write_tail(struct session *s)
{
	struct record_sink to = session_sink(s);
	int rc = s->kmsg.fd >= 0 ? kmsg_read(&s->kmsg, &to) : 0;

	if (!rc)
		rc = close_gate(s, EV_MARK_STOP, 0);
	tests_enable(s->tests, false);
	s->stop_ns = monotonic_ns();
	if (rc)
		return rc;
	rc = write_surroundings(s);
	if (rc)
		return rc;
	rc = drop_probes(s);
	if (rc)
		return rc;
	rc = session_drain_tests(s);
	if (rc)
		return rc;
	rc = tests_hits(s->tests, &to);
	if (rc)
		return rc;
	rc = flush_all(s);
	if (rc)
		return rc;
	return explain_nothing(s);
}

static int say_ready(const char *path, struct err *err)
{
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) : -1;

	if (path && fd < 0)
		return err_set(err, -errno, "cannot create %s: %s", path, strerror(errno));
	closep(&fd);
	return 0;
}

static int start_command(struct session *s)
{
	struct record_sink to = session_sink(s);
	int rc;

	if (!s->child.pid)
		return 0;
	rc = records_mark(&to, EV_MARK_COMMAND, s->child.pid);
	if (rc)
		return rc;
	return child_start(&s->child);
}

/* Marks of tests are attached before all else and stay. */
static int watch_tests(struct session *s)
{
	int rc = attachment_tests(s->probes, &s->tests);

	if (!rc && s->tests)
		rc = watch_fd(s, tests_epoll_fd(s->tests), EPOLLIN);
	s->kmsg.marks = !tests_sees_marks(s->tests);
	return rc;
}

/* What cifs and netfs say. A recording without it stands, and says so. */
static int watch_klog(struct session *s)
{
	struct record_sink to = session_sink(s);
	int rc = kmsg_open(&s->kmsg);

	return rc ? records_meta(&to, "klog", strerror(-rc)) : watch_fd(s, s->kmsg.fd, EPOLLIN);
}

/* Without the module, and told to wait for it: begin parked. */
static int first_attach(struct session *s, struct err *err)
{
	struct record_sink to = session_sink(s);
	int rc;

	if (!s->opts->wait_module || module_live("cifs"))
		return session_attach(s, EV_MARK_START, false, err);
	s->stats.parked = true;
	rc = write_surroundings(s);
	if (rc)
		return rc;
	rc = records_mark(&to, EV_MARK_START, 0);
	if (rc)
		return rc;
	return records_mark(&to, EV_MARK_PARKED, EV_PARKED_IDLE);
}

static int change_settings(struct session *s, struct err *err)
{
	const struct settings_options o = { .crash_safe = s->opts->crash_safe };
	int rc = settings_take(&s->settings, &o, err);

	if (!rc && s->ops->settings)
		s->ops->settings(s->ops->ctx, &s->settings);
	return rc;
}

static void say_phase(const struct session *s, enum session_phase phase)
{
	if (s->ops->phase)
		s->ops->phase(s->ops->ctx, phase);
}

static int begin(struct session *s, struct err *err)
{
	struct record_sink to = session_sink(s);
	int rc = s->opts->faults ? faults_open(&s->faults, s->opts->faults, err) : 0;

	if (rc)
		return rc;
	if (s->opts->child)
		rc = child_fork(&s->child, s->opts->child, s->opts->to_stderr);
	if (rc)
		return err_set(err, rc, "cannot fork: %s", strerror(-rc));
	if (s->child.pid)
		witness_fork(&s->witness);
	mount_use_read(&s->mounts);
	s->start_ns = monotonic_ns();
	rc = change_settings(s, err);
	if (!rc)
		rc = records_head(&to, s->opts->cmdline,
				  capture_filters(&s->opts->attach.loader.filter));
	if (!rc && s->opts->attach.loader.paths)
		rc = records_meta(&to, "paths", "yes");
	say_phase(s, SESSION_ATTACHING);
	if (!rc)
		rc = watch_tests(s);
	if (!rc)
		rc = watch_klog(s);
	if (!rc)
		rc = first_attach(s, err);
	say_phase(s, SESSION_RECORDING);
	tests_enable(s->tests, true);
	s->start_ns = rc ? 0 : monotonic_ns();
	s->next_tick = s->next_second = s->start_ns;
	s->next_anchor = s->start_ns + SESSION_ANCHOR_NS;
	if (rc)
		return rc;
	rc = say_ready(s->opts->ready_file, err);
	if (rc)
		return rc;
	return start_command(s);
}

static int set_up(struct session *s)
{
	int rc = attachment_new(&s->probes);

	priority_init(&s->priority);
	s->attach = s->opts->attach;
	if (!rc)
		rc = merge_new(&s->merge);
	if (!rc)
		rc = open_events(s);
	s->attach.loader.collector = (struct collector_options){
		.priority = &s->priority,
		.max_lag_ns = s->opts->max_lag_ns,
		.urgent_fd = s->signal_fd,
	};
	return rc;
}

static void tear_down(struct session *s)
{
	attachment_free(s->probes);
	settings_restore(&s->settings);
	merge_free(s->merge);
	closep(&s->epoll_fd);
	closep(&s->signal_fd);
	closep(&s->mounts_fd);
	kmsg_close(&s->kmsg);
	faults_free(s->faults);
}

int session_run(const struct session_options *opts, const struct session_ops *ops,
		struct session_stats *ret_stats, int *ret_status, struct err *err)
{
	struct session s = {
		.opts = opts,
		.ops = ops,
		.epoll_fd = -1,
		.signal_fd = -1,
		.mounts_fd = -1,
		.kmsg.fd = -1,
		.child.go_fd = -1,
		.settings.lock = -1,
	};
	int rc = set_up(&s), tail;

	if (!rc)
		rc = begin(&s, err);
	priority_allow(&s.priority, !opts->crash_safe);
	if (!rc)
		rc = session_loop(&s);
	priority_allow(&s.priority, false);
	if (s.start_ns) {
		say_phase(&s, SESSION_DETACHING);
		tail = write_tail(&s);
		rc = rc ?: tail;
	}
	s.stats.lost = attachment_lost(s.probes);
	s.stats.interrupted = s.interrupted_ns != 0;
	s.stats.elapsed_ns = s.stop_ns - s.start_ns;
	*ret_stats = s.stats;
	tear_down(&s);
	say_phase(&s, SESSION_OVER);
	witness_end(&s.witness);
	child_finish(&s.child); /* the command outlives a recording that ended before it */
	*ret_status = s.child.status;
	return rc;
}
