// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>

#include "base/kinds.h"
#include "capture/child.h"
#include "capture/doubt.h"
#include "capture/idle.h"
#include "capture/kmsg.h"
#include "capture/records.h"
#include "capture/session.h"
#include "capture/signals.h"
#include "capture/symbols.h"
#include "capture/testenv.h"

#define NSEC_PER_SEC 1000000000ULL
#define TICK_NS	     (100 * 1000000ULL)
#define ANCHOR_NS    (60 * NSEC_PER_SEC)
/* A program may be preempted between its time stamp and its submit: how late that may be unnoticed.
 */
#define MERGE_SLACK_NS (10 * 1000000ULL)
/*
 * Parking takes long enough to miss a mount that follows an umount at once, so it waits; not when
 * somebody looks at the module's reference count, as rmmod(8) does.
 */
#define PARK_AFTER_NS	(5 * NSEC_PER_SEC)
#define RETRY_ATTACH_NS (NSEC_PER_SEC / 2)

struct session {
	const struct session_options *opts;
	const struct session_ops *ops;
	struct attachment *probes;
	struct merge *merge;
	struct child child;
	struct session_stats stats;
	struct settings settings;
	uint64_t start_ns, stop_ns, next_tick, next_second, next_anchor;
	struct mount_use mounts;
	uint64_t idle_since, next_attach;
	uint64_t asked;	   /* reference counts looked at before it became idle */
	bool used;	   /* since the last attach: only then can it become idle */
	bool without_cifs; /* what is attached leaves the SMB client alone */
	bool attached;	   /* at some time */
	uint64_t requests; /* events of requests */
	struct tests *tests;
	struct testenv testenv;
	int epoll_fd, signal_fd, mounts_fd;
	struct kmsg kmsg;
	bool interrupted; /* once: the second signal does not wait for the command */
	bool stop;
};

static int add_to_merge(void *ctx, const struct ev_hdr *ev)
{
	struct session *s = ctx;

	return merge_add(s->merge, ev);
}

static struct record_sink sink_of(struct session *s)
{
	return (struct record_sink){ .add = add_to_merge, .ctx = s };
}

/* The kernel may be about to die: what is known goes out as soon as it is in order. */
static void hurry(struct session *s)
{
	uint64_t soon = monotonic_ns() + MERGE_SLACK_NS;

	if (s->next_tick > soon)
		s->next_tick = soon;
}

static int on_ring_record(void *ctx, void *data, size_t size)
{
	struct session *s = ctx;
	const struct ev_hdr *ev = data;
	struct record_sink to = sink_of(s);
	int rc = 0;

	if (size < sizeof(*ev) || ev->size > size)
		return 0;
	if (ev->kind == EV_REVERT && ((const struct ev_revert *)data)->past)
		hurry(s);
	if (ev->kind == EV_REVERT)
		rc = symbols_name(loader_revert(attachment_loader(s->probes)), data, &to);
	else
		rc = testenv_note(&s->testenv, ev, &to);
	return rc ? rc : merge_add(s->merge, ev);
}

static int count_and_pass(void *ctx, const struct ev_hdr *ev)
{
	struct session *s = ctx;

	s->stats.events += ev_of_probe(ev);
	/* reference counts are recorded whatever the filters say */
	s->requests += ev_of_probe(ev) && ev_rreq_of(ev) && ev->kind != EV_REF;
	return s->ops->record(s->ops->ctx, ev);
}

/* Empties the rings and hands on everything that is old enough to be in order. */
static int pump(struct session *s, uint64_t slack)
{
	struct loader *l = attachment_loader(s->probes);
	uint64_t now = monotonic_ns();
	struct record_sink to = sink_of(s);
	int rc = tests_drain(s->tests, on_ring_record, s);

	if (!rc && l)
		rc = loader_drain(l, on_ring_record, s);
	if (!rc) /* before the flush: a loss is placed where it began */
		rc = attachment_note_losses(s->probes, &to);
	if (!rc)
		rc = merge_flush(s->merge, slack ? now - slack : UINT64_MAX, count_and_pass, s);
	s->stats.late = merge_late(s->merge);
	return rc;
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
	struct record_sink to = sink_of(s);
	int rc = records_mounts(&to);

	if (!rc)
		rc = records_snapshots(&to);
	if (!rc)
		rc = records_anchor(&to);
	return rc;
}

static void count_failed(struct session *s)
{
	const struct plan *plan = attachment_plan(s->probes);

	s->stats.failed = 0;
	for (int id = 1; id < PROBE_MAX; id++)
		s->stats.failed += plan->probe[id].state == EV_PROBE_FAILED;
}

/* Attaches, says so in the stream as `mark`, and only then lets events through. */
static int attach(struct session *s, enum ev_mark mark, bool without_cifs, struct err *err)
{
	struct record_sink to = sink_of(s);
	struct loader *l;
	int rc = attachment_attach(s->probes, &s->opts->attach, without_cifs, &to, err);

	if (rc)
		return rc;
	l = attachment_loader(s->probes);
	rc = watch_fd(s, loader_epoll_fd(l), EPOLLIN);
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
	struct record_sink to = sink_of(s);
	struct loader *l = attachment_loader(s->probes);

	if (l)
		loader_enable(l, false);
	return records_mark(&to, mark, value);
}

/* Everything out of the rings and out of the kernel. */
static int drop_probes(struct session *s)
{
	struct record_sink to = sink_of(s);
	struct loader *l = attachment_loader(s->probes);
	int rc;

	if (!l)
		return 0;
	usleep(2000); /* programs already past the gate finish */
	rc = loader_drain(l, on_ring_record, s);
	return rc ? rc : attachment_drop(s->probes, &to);
}

static int let_go(struct session *s, enum ev_parked why)
{
	int rc = attachment_loader(s->probes) ? close_gate(s, EV_MARK_PARKED, why) : 0;

	return rc ? rc : drop_probes(s);
}

static int park(struct session *s, enum ev_parked why)
{
	int rc = let_go(s, why);

	s->stats.parked = true;
	s->next_attach = 0;
	/* netfs has other users: go on with them, cifs alone is free to go */
	if (!rc && s->mounts.others)
		rc = attach(s, EV_MARK_ATTACHED, true, NULL);
	return rc;
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
	struct record_sink to = sink_of(s);
	int rc;

	if (facts.filtered ? s->requests : s->stats.events)
		return 0;
	s->stats.nothing = nothing_reason(&facts);
	rc = records_meta(&to, "nothing", s->stats.nothing);
	return rc ? rc : pump(s, 0);
}

static int write_tail(struct session *s)
{
	struct record_sink to = sink_of(s);
	int rc = s->kmsg.fd >= 0 ? kmsg_read(&s->kmsg, &to) : 0;

	if (!rc)
		rc = close_gate(s, EV_MARK_STOP, 0);
	tests_enable(s->tests, false);
	s->stop_ns = monotonic_ns();
	if (!rc)
		rc = write_surroundings(s);
	if (!rc)
		rc = drop_probes(s);
	if (!rc)
		rc = tests_drain(s->tests, on_ring_record, s);
	if (!rc)
		rc = tests_hits(s->tests, &to);
	if (!rc)
		rc = pump(s, 0);
	return rc ? rc : explain_nothing(s);
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
	struct record_sink to = sink_of(s);
	int rc;

	if (!s->child.pid)
		return 0;
	rc = records_mark(&to, EV_MARK_COMMAND, s->child.pid);
	return rc ? rc : child_start(&s->child);
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
	struct record_sink to = sink_of(s);
	int rc = kmsg_open(&s->kmsg);

	return rc ? records_meta(&to, "klog", strerror(-rc)) : watch_fd(s, s->kmsg.fd, EPOLLIN);
}

/* Without the module, and told to wait for it: begin parked. */
static int first_attach(struct session *s, struct err *err)
{
	struct record_sink to = sink_of(s);
	int rc;

	if (!s->opts->wait_module || module_live("cifs"))
		return attach(s, EV_MARK_START, false, err);
	s->stats.parked = true;
	rc = write_surroundings(s);
	if (!rc)
		rc = records_mark(&to, EV_MARK_START, 0);
	return rc ? rc : records_mark(&to, EV_MARK_PARKED, EV_PARKED_IDLE);
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
	struct record_sink to = sink_of(s);
	int rc = 0;

	if (s->opts->command)
		rc = child_fork(&s->child, s->opts->command, s->opts->to_stderr);
	if (rc)
		return err_set(err, rc, "cannot fork: %s", strerror(-rc));
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
	s->next_anchor = s->start_ns + ANCHOR_NS;
	if (!rc)
		rc = say_ready(s->opts->ready_file, err);
	return rc ? rc : start_command(s);
}

static bool waits_to_be_asked(const struct session *s)
{
	const struct plan *plan = attachment_plan(s->probes);

	return s->opts->park_when_asked && plan->probe[P_show_refcnt_enter].state == EV_PROBE_ON;
}

/* Idle: once it was in use, no mount and no connection is left. */
static bool should_park(struct session *s, uint64_t now, enum ev_parked *why)
{
	uint64_t asked = loader_refcount_asks(attachment_loader(s->probes));

	if (s->mounts.cifs || cifs_connected()) {
		s->used = true;
		s->idle_since = 0;
		s->asked = asked;
		return false;
	}
	if (!s->used)
		return false;
	*why = asked != s->asked ? EV_PARKED_ASKED : EV_PARKED_IDLE;
	if (*why == EV_PARKED_ASKED)
		return true;
	if (!s->idle_since)
		s->idle_since = now;
	return !waits_to_be_asked(s) && now - s->idle_since >= PARK_AFTER_NS;
}

static bool should_attach(struct session *s, uint64_t now)
{
	if (now < s->next_attach || !module_live("cifs"))
		return false;
	return attachment_stale(s->probes) || s->mounts.cifs || cifs_connected();
}

/* Lets go of the modules when nobody uses them, takes hold again when they are back. */
static int watch_modules(struct session *s, uint64_t now)
{
	bool attached = attachment_loader(s->probes) && !s->without_cifs;
	enum ev_parked why;
	int rc = 0;

	if (attached)
		return should_park(s, now, &why) ? park(s, why) : 0;
	if (!should_attach(s, now))
		return 0;
	s->next_attach = now + RETRY_ATTACH_NS;
	rc = let_go(s, EV_PARKED_IDLE);
	if (!rc && attach(s, EV_MARK_ATTACHED, false, NULL) == -ENOMEM)
		rc = -ENOMEM; /* any other failure: the module may still be coming up, so try again
			       */
	return rc;
}

static void on_signal(struct session *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		bool running = s->child.pid && !s->child.exited;
		bool from_terminal = info.ssi_signo == SIGINT && info.ssi_code != SI_USER;

		if (info.ssi_signo == SIGCHLD)
			continue;
		if (info.ssi_signo == SIGUSR1) {
			s->stats.save_asks++;
			hurry(s);
			continue;
		}
		/* Ctrl-C reaches the command too; wait for it, unless asked twice. */
		if (!running || s->interrupted)
			s->stop = true;
		s->interrupted = true;
		if (running && !from_terminal)
			child_signal(&s->child, info.ssi_signo);
	}
}

static int on_tick(struct session *s, uint64_t now)
{
	struct record_sink to = sink_of(s);
	int rc = 0;

	s->stats.lost = attachment_lost(s->probes);
	s->next_tick = now + TICK_NS;
	s->stats.elapsed_ns = now - s->start_ns;
	s->stats.interrupted = s->interrupted;
	if (!rc && now >= s->next_second) {
		s->next_second += NSEC_PER_SEC;
		if (attachment_loader(s->probes))
			revert_poll(loader_revert(attachment_loader(s->probes)));
		rc = records_tick(&to);
	}
	if (!rc && now >= s->next_anchor) {
		s->next_anchor += ANCHOR_NS;
		rc = records_anchor(&to);
	}
	if (!rc)
		rc = watch_modules(s, now);
	if (!rc && s->ops->tick)
		rc = s->ops->tick(s->ops->ctx, &s->stats, &to);
	if (rc != SESSION_STOP)
		return rc;
	s->stop = true;
	return 0;
}

static bool finished(struct session *s, uint64_t now)
{
	struct record_sink to = sink_of(s);

	if (s->child.pid && child_reap(&s->child)) {
		records_mark(&to, EV_MARK_EXIT, s->child.status);
		return true;
	}
	return s->stop || (s->opts->duration_ns && now - s->start_ns >= s->opts->duration_ns);
}

static int on_mounts(struct session *s)
{
	struct record_sink to = sink_of(s);

	mount_use_read(&s->mounts);
	return records_mounts(&to);
}

static int loop(struct session *s)
{
	struct record_sink to = sink_of(s);
	struct epoll_event ev[8];
	int rc = 0;

	while (!rc) {
		uint64_t now = monotonic_ns();
		int wait = now < s->next_tick ? (int)((s->next_tick - now) / 1000000) + 1 : 0;
		int n = epoll_wait(s->epoll_fd, ev, ARRAY_SIZE(ev), wait);

		for (int i = 0; i < n; i++) {
			if (ev[i].data.fd == s->signal_fd)
				on_signal(s);
			else if (ev[i].data.fd == s->mounts_fd)
				rc = on_mounts(s);
			else if (ev[i].data.fd == s->kmsg.fd)
				rc = kmsg_read(&s->kmsg, &to);
		}
		now = monotonic_ns();
		if (!rc && now >= s->next_tick)
			rc = attachment_note_misses(s->probes, &to);
		if (!rc)
			rc = pump(s, MERGE_SLACK_NS);
		if (!rc && now >= s->next_tick)
			rc = on_tick(s, now);
		if (finished(s, now))
			break;
	}
	return rc;
}

static int set_up(struct session *s)
{
	int rc = attachment_new(&s->probes);

	if (!rc)
		rc = merge_new(&s->merge);
	return rc ? rc : open_events(s);
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
	if (!rc)
		rc = loop(&s);
	if (s.start_ns) {
		say_phase(&s, SESSION_DETACHING);
		tail = write_tail(&s);
		rc = rc ? rc : tail;
	}
	s.stats.lost = attachment_lost(s.probes);
	s.stats.interrupted = s.interrupted;
	s.stats.elapsed_ns = s.stop_ns - s.start_ns;
	*ret_stats = s.stats;
	tear_down(&s);
	say_phase(&s, SESSION_OVER);
	child_finish(&s.child); /* the command outlives a recording that ended before it */
	*ret_status = s.child.status;
	return rc;
}
