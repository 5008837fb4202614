// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>

#include "capture/child.h"
#include "capture/records.h"
#include "capture/session.h"

#define NSEC_PER_SEC 1000000000ULL
#define TICK_NS	     (100 * 1000000ULL)
#define ANCHOR_NS    (60 * NSEC_PER_SEC)
/* A program takes its time stamp before it reserves; this is how late a record may be unnoticed. */
#define MERGE_SLACK_NS (10 * 1000000ULL)

struct session {
	const struct session_options *opts;
	const struct session_ops *ops;
	struct facts facts;
	struct plan plan;
	struct loader *loader;
	struct merge *merge;
	struct child child;
	struct session_stats stats;
	uint64_t *lost_seen; /* per CPU and probe */
	uint64_t *lost_time;
	uint64_t start_ns, next_tick, next_second, next_anchor;
	int epoll_fd, signal_fd, mounts_fd;
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

static int on_ring_record(void *ctx, void *data, size_t size)
{
	struct session *s = ctx;
	const struct ev_hdr *ev = data;

	if (size < sizeof(*ev) || ev->size > size)
		return 0;
	return merge_add(s->merge, ev);
}

static int count_and_pass(void *ctx, const struct ev_hdr *ev)
{
	struct session *s = ctx;

	s->stats.records++;
	return s->ops->record(s->ops->ctx, ev);
}

/* Empties the rings and hands on everything that is old enough to be in order. */
static int pump(struct session *s, uint64_t slack)
{
	uint64_t now = monotonic_ns();
	int rc = loader_drain(s->loader, on_ring_record, s);

	if (!rc)
		rc = merge_flush(s->merge, slack ? now - slack : UINT64_MAX, count_and_pass, s);
	s->stats.late = merge_late(s->merge);
	return rc;
}

/* New losses since the last look become records: the span begins where the last one was noticed. */
static int note_losses(struct session *s)
{
	struct record_sink to = sink_of(s);
	uint64_t total = 0;

	for (int cpu = 0; cpu < loader_nr_cpus(s->loader); cpu++) {
		for (int id = 0; id < PROBE_MAX; id++) {
			const volatile struct probe_stat *st = loader_stat(s->loader, id, cpu);
			size_t i = (size_t)cpu * PROBE_MAX + id;
			uint64_t lost = st->lost, at = st->last_lost_ns;
			int rc;

			total += lost;
			if (lost == s->lost_seen[i])
				continue;
			rc = records_lost(&to, id, cpu, lost - s->lost_seen[i], s->lost_time[cpu],
					  at);
			if (rc)
				return rc;
			s->lost_seen[i] = lost;
		}
		s->lost_time[cpu] = monotonic_ns();
	}
	s->stats.lost = total;
	return 0;
}

static int watch_fd(struct session *s, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	return epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

static int open_events(struct session *s)
{
	sigset_t mask;
	int rc;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	s->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	s->mounts_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (s->signal_fd < 0 || s->epoll_fd < 0)
		return -errno;
	rc = watch_fd(s, s->signal_fd, EPOLLIN);
	if (!rc)
		rc = watch_fd(s, loader_epoll_fd(s->loader), EPOLLIN);
	if (!rc && s->mounts_fd >= 0)
		rc = watch_fd(s, s->mounts_fd, EPOLLPRI | EPOLLET);
	return rc;
}

static bool filtered(const struct capture_filter *f)
{
	return f->dev || f->tgid || f->ino || f->fs[0];
}

/* What a reader has to know before the first event. */
static int write_head(struct session *s)
{
	struct record_sink to = sink_of(s);
	int rc = records_host(&to, &s->facts);

	if (!rc)
		rc = records_meta(&to, "cmdline", s->opts->cmdline);
	if (!rc)
		rc = records_meta(&to, "filtered",
				  filtered(&s->opts->loader.filter) ? "yes" : "no");
	if (!rc)
		rc = records_kinds(&to);
	if (!rc)
		rc = records_probes(&to, &s->plan);
	if (!rc)
		rc = records_enums(&to, &s->facts);
	if (!rc)
		rc = records_modules(&to, &s->facts, 1);
	return rc;
}

/* What the kernel says of itself, at the start and at the end. */
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

static int write_tail(struct session *s)
{
	struct record_sink to = sink_of(s);
	int rc = pump(s, MERGE_SLACK_NS);

	if (!rc)
		rc = note_losses(s);
	if (!rc)
		rc = write_surroundings(s);
	if (!rc)
		rc = records_hits(&to, s->loader);
	if (!rc)
		rc = records_mark(&to, EV_MARK_STOP, 0);
	return rc ? rc : pump(s, 0);
}

static int begin(struct session *s, struct err *err)
{
	struct record_sink to = sink_of(s);
	const char *ready = s->opts->ready_file;
	int rc, fd;

	if (s->opts->command) {
		rc = child_fork(&s->child, s->opts->command);
		if (rc)
			return err_set(err, rc, "cannot fork: %s", strerror(-rc));
	}
	rc = write_head(s);
	if (!rc)
		rc = write_surroundings(s);
	if (rc)
		return rc;
	s->start_ns = monotonic_ns();
	s->next_tick = s->next_second = s->start_ns;
	s->next_anchor = s->start_ns + ANCHOR_NS;
	for (int cpu = 0; cpu < loader_nr_cpus(s->loader); cpu++)
		s->lost_time[cpu] = s->start_ns;
	rc = records_mark(&to, EV_MARK_START, 0);
	loader_enable(s->loader, true);
	if (!rc && ready) {
		fd = open(ready, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			return err_set(err, -errno, "cannot create %s: %s", ready, strerror(errno));
		close(fd);
	}
	if (!rc && s->child.pid) {
		rc = records_mark(&to, EV_MARK_COMMAND, s->child.pid);
		if (!rc)
			rc = child_start(&s->child);
	}
	return rc;
}

static void on_signal(struct session *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		/* Ctrl-C reaches the command too; wait for it, unless asked twice. */
		if (!s->child.pid || s->child.exited || s->stop)
			s->stop = true;
		else if (info.ssi_signo != SIGINT || info.ssi_code == SI_USER)
			child_signal(&s->child, info.ssi_signo);
	}
}

static int on_tick(struct session *s, uint64_t now)
{
	struct record_sink to = sink_of(s);
	int rc = note_losses(s);

	s->next_tick = now + TICK_NS;
	s->stats.elapsed_ns = now - s->start_ns;
	if (!rc && now >= s->next_second) {
		s->next_second += NSEC_PER_SEC;
		rc = records_tick(&to);
	}
	if (!rc && now >= s->next_anchor) {
		s->next_anchor += ANCHOR_NS;
		rc = records_anchor(&to);
	}
	if (!rc && s->ops->tick)
		rc = s->ops->tick(s->ops->ctx, &s->stats);
	return rc;
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

static int loop(struct session *s)
{
	struct epoll_event ev[4];
	int rc = 0;

	while (!rc) {
		uint64_t now = monotonic_ns();
		int wait = now < s->next_tick ? (int)((s->next_tick - now) / 1000000) + 1 : 0;
		int n = epoll_wait(s->epoll_fd, ev, ARRAY_SIZE(ev), wait);

		for (int i = 0; i < n; i++) {
			struct record_sink to = sink_of(s);

			if (ev[i].data.fd == s->signal_fd)
				on_signal(s);
			else if (ev[i].data.fd == s->mounts_fd)
				rc = records_mounts(&to);
		}
		if (!rc)
			rc = pump(s, MERGE_SLACK_NS);
		now = monotonic_ns();
		if (!rc && now >= s->next_tick)
			rc = on_tick(s, now);
		if (finished(s, now))
			break;
	}
	return rc;
}

static int set_up(struct session *s, struct err *err)
{
	int rc = facts_read(&s->facts);

	if (!rc)
		rc = plan_obstacle(&s->facts, err);
	if (rc)
		return rc;
	plan_make(&s->plan, &s->facts, &s->opts->plan);
	rc = loader_new(&s->loader, &s->plan, &s->facts, &s->opts->loader, err);
	if (rc)
		return rc;
	for (int id = 1; id < PROBE_MAX; id++) {
		s->stats.attached += s->plan.probe[id].state == EV_PROBE_ON;
		s->stats.failed += s->plan.probe[id].state == EV_PROBE_FAILED;
	}
	s->lost_seen = calloc((size_t)loader_nr_cpus(s->loader) * PROBE_MAX, sizeof(uint64_t));
	s->lost_time = calloc(loader_nr_cpus(s->loader), sizeof(uint64_t));
	if (!s->lost_seen || !s->lost_time)
		return -ENOMEM;
	rc = merge_new(&s->merge);
	return rc ? rc : open_events(s);
}

static void tear_down(struct session *s)
{
	loader_free(s->loader);
	merge_free(s->merge);
	facts_free(&s->facts);
	free(s->lost_seen);
	free(s->lost_time);
	closep(&s->epoll_fd);
	closep(&s->signal_fd);
	closep(&s->mounts_fd);
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
		.child.go_fd = -1,
	};
	int rc = set_up(&s, err), tail;

	if (!rc)
		rc = begin(&s, err);
	if (!rc)
		rc = loop(&s);
	if (s.loader && s.start_ns) {
		loader_enable(s.loader, false);
		usleep(2000); /* programs already past the gate finish */
		tail = write_tail(&s);
		rc = rc ? rc : tail;
	}
	s.stats.elapsed_ns = s.start_ns ? monotonic_ns() - s.start_ns : 0;
	*ret_stats = s.stats;
	tear_down(&s);
	child_finish(&s.child); /* the command outlives a recording that ended before it */
	*ret_status = s.child.status;
	return rc;
}
