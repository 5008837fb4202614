// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include "capture/session_state.h"

#define TICK_NS	     (100 * 1000000ULL)
#define QUIET_NS     NSEC_PER_SEC /* without a record: ticks become rare */
#define LITTLE_BYTES (128 * 1024) /* a second: 1,400 records, which cost next to nothing */
/*
 * Parking takes long enough to miss a mount that follows an umount at once, so it waits; not when
 * somebody looks at the module's reference count, as rmmod(8) does.
 */
#define PARK_AFTER_NS	(5 * NSEC_PER_SEC)
#define RETRY_ATTACH_NS (NSEC_PER_SEC / 2)

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

static int park(struct session *s, enum ev_parked why)
{
	int rc;

	priority_raise(&s->priority);
	rc = session_let_go(s, why);
	s->stats.parked = true;
	s->next_attach = 0;
	/* netfs has other users: go on with them, cifs alone is free to go */
	if (!rc && s->mounts.others)
		rc = session_attach(s, EV_MARK_ATTACHED, true, NULL);
	return rc;
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
	priority_raise(&s->priority);
	rc = session_let_go(s, EV_PARKED_IDLE);
	if (!rc && session_attach(s, EV_MARK_ATTACHED, false, NULL) == -ENOMEM)
		rc = -ENOMEM; /* any other failure: the module may still be coming up, so try again
			       */
	return rc;
}

/* timeout(1) sends its signal to the process, then to the group: that is one request, not two. */
#define ONE_REQUEST_NS NSEC_PER_SEC

/* Wait for the command, unless asked twice. What reached it anyway, such as Ctrl-C, is not sent again. */
static void on_end_asked(struct session *s, int sig)
{
	bool running = s->child.pid && !s->child.exited;
	uint64_t now = monotonic_ns();

	if (!running || (s->interrupted_ns && now - s->interrupted_ns > ONE_REQUEST_NS))
		s->stop = true;
	if (running && !witness_shared(&s->witness, sig, s->child.pid))
		child_signal(&s->child, sig);
	s->interrupted_ns = monotonic_ns();
}

static void on_signal(struct session *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (info.ssi_signo == SIGUSR1) {
			s->stats.save_asks++;
			session_hurry(s);
			continue;
		}
		on_end_asked(s, info.ssi_signo);
	}
}

/*
 * Nothing comes, and nobody can be in a hurry to unload the module: the next record wakes us.
 * Without mounts the reference count is looked at as often as ever.
 */
static uint64_t next_tick(struct session *s, uint64_t now)
{
	struct loader *l = attachment_loader(s->probes);
	bool rare = s->quiet && l && s->mounts.cifs && !s->opts->steady;

	if (rare)
		loader_sleep(l);
	return now + (rare ? NSEC_PER_SEC : TICK_NS);
}

static int on_tick(struct session *s, uint64_t now)
{
	struct record_sink to = session_sink(s);
	int rc = 0;

	s->stats.lost = attachment_lost(s->probes);
	s->next_tick = next_tick(s, now);
	s->stats.elapsed_ns = now - s->start_ns;
	s->stats.interrupted = s->interrupted_ns != 0;
	if (!rc && now >= s->next_second) {
		s->next_second += NSEC_PER_SEC;
		if (attachment_loader(s->probes))
			revert_poll(loader_revert(attachment_loader(s->probes)));
		rc = records_tick(&to);
	}
	if (!rc && now >= s->next_anchor) {
		s->next_anchor += SESSION_ANCHOR_NS;
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
	struct record_sink to = session_sink(s);

	if (s->child.pid && child_reap(&s->child)) {
		records_mark(&to, EV_MARK_EXIT, s->child.status);
		return true;
	}
	return s->stop || (s->opts->duration_ns && now - s->start_ns >= s->opts->duration_ns);
}

static int on_mounts(struct session *s)
{
	struct record_sink to = session_sink(s);

	mount_use_read(&s->mounts);
	s->next_tick = monotonic_ns(); /* who unmounts may unload, and rare ticks end */
	return records_mounts(&to);
}

static int wait_ms(const struct session *s)
{
	uint64_t now = monotonic_ns(), until = s->next_tick;
	uint64_t end = s->opts->duration_ns ? s->start_ns + s->opts->duration_ns : until;

	if (end < until)
		until = end;
	return now < until ? (int)((until - now) / 1000000) + 1 : 0;
}

static void note_quiet(struct session *s, uint64_t now, uint64_t drained_before)
{
	if (s->drained != drained_before || !s->drained_ns)
		s->drained_ns = now;
	if (s->quiet && s->drained_ns == now)
		s->next_tick = now + TICK_NS;
	s->quiet = now - s->drained_ns >= QUIET_NS;
}

/* What was captured goes on its way. */
static int work(struct session *s, uint64_t now, bool due)
{
	struct loader *l = attachment_loader(s->probes);
	struct record_sink to = session_sink(s);
	uint64_t before = s->drained;
	int rc;

	if (due && l)
		loader_collect(l);
	rc = due ? attachment_note_misses(s->probes, &to) : 0;
	if (!rc)
		rc = session_pump(s);
	note_quiet(s, now, before);
	return rc;
}

/* Once a second what was captured may be worked up, if it is little: a trace is not to stand still. */
static bool is_little(struct session *s, uint64_t now)
{
	struct loader *l = attachment_loader(s->probes);

	if (!l)
		return true;
	if (now < s->next_little)
		return false;
	s->next_little = now + NSEC_PER_SEC;
	loader_collect(l);
	return loader_bytes(l) <= LITTLE_BYTES;
}

static bool may_work(struct session *s, uint64_t now, bool due, bool raised)
{
	if (s->spare.has || raised)
		return true;
	return due && (s->urgent || is_little(s, now));
}

/*
 * Where the workload needs all of the CPU, what was captured waits until the collector has no room. The
 * ticks do not: as SCHED_IDLE they would get three thousandths of a CPU, and a mount or a park take minutes.
 */
static int look(struct session *s, uint64_t now)
{
	bool due = now >= s->next_tick, raised = priority_is_raised(&s->priority);
	int rc = 0;

	if (due)
		spare_look(&s->spare, now);
	if (due && !s->spare.has)
		priority_raise(&s->priority);
	if (may_work(s, now, due, raised))
		rc = work(s, now, due);
	if (due)
		s->urgent = false;
	return !rc && due ? on_tick(s, now) : rc;
}

int session_loop(struct session *s)
{
	struct record_sink to = session_sink(s);
	struct epoll_event ev[8];
	int rc = 0;

	spare_init(&s->spare);
	while (!rc) {
		int n = epoll_wait(s->epoll_fd, ev, ARRAY_SIZE(ev), wait_ms(s));
		uint64_t now;

		for (int i = 0; i < n; i++) {
			if (ev[i].data.fd == s->signal_fd)
				on_signal(s);
			else if (ev[i].data.fd == s->mounts_fd)
				rc = on_mounts(s);
			else if (ev[i].data.fd == s->kmsg.fd)
				rc = kmsg_read(&s->kmsg, &to);
			else if (ev[i].data.fd == tests_epoll_fd(s->tests))
				rc = session_drain_tests(s);
		}
		now = monotonic_ns();
		if (!rc)
			rc = look(s, now);
		if (finished(s, now))
			break;
		priority_lower(&s->priority);
	}
	return rc;
}
