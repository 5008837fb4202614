// SPDX-License-Identifier: GPL-2.0-only
/* The child that reads ELF and DWARF, and what the parent knows when it dies. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "sym/resolve.h"
#include "sym/sym.h"

#define ANSWER_MS 60000 /* a vmlinux with debug information takes 2 s */

struct build {
	struct build *next;
	char module[64], id[64];
	bool broken; /* a child died of it */
};

struct answer {
	int rc;
	struct sym_place place;
};

struct sym {
	struct sym_options o;
	struct build *builds;
	pid_t child;
	int fd; /* to the child, -1: none runs */
};

int sym_open(struct sym **ret, const struct sym_options *o)
{
	struct sym *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->o = *o;
	s->fd = -1;
	*ret = s;
	return 0;
}

static void stop_child(struct sym *s)
{
	if (s->fd < 0)
		return;
	close(s->fd);
	s->fd = -1;
	kill(s->child, SIGKILL);
	while (waitpid(s->child, NULL, 0) < 0 && errno == EINTR)
		;
}

void sym_free(struct sym *s)
{
	if (!s)
		return;
	stop_child(s);
	for (struct build *b = s->builds, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(s);
}

static struct build *build_of(struct sym *s, const char *module)
{
	struct build *b;

	for (b = s->builds; b; b = b->next)
		if (!strcmp(b->module, module))
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	snprintf(b->module, sizeof(b->module), "%s", module);
	b->next = s->builds;
	s->builds = b;
	return b;
}

int sym_expect_build(struct sym *s, const char *module, const char *build_id)
{
	struct build *b = build_of(s, module);

	if (!b)
		return -ENOMEM;
	snprintf(b->id, sizeof(b->id), "%s", build_id);
	return 0;
}

/* ---- the child ---- */

static void serve(int fd, const struct sym_options *o)
{
	__free(resolver_freep) struct resolver *r = NULL;
	struct sym_query q;
	struct answer a;

	if (resolver_new(&r, o))
		return;
	while (recv(fd, &q, sizeof(q), 0) == sizeof(q)) {
		memset(&a, 0, sizeof(a));
		a.rc = resolver_query(r, &q, &a.place);
		if (send(fd, &a, sizeof(a), MSG_NOSIGNAL) != sizeof(a))
			return;
	}
}

/* A crash of the child is expected, and ours to report: no core, no handler of the parent's. */
static void be_child(int fd, const struct sym_options *o)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGINT, SIGTERM };

	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < ARRAY_SIZE(fatal); i++)
		signal(fatal[i], SIG_DFL);
	serve(fd, o);
	_exit(0);
}

static int start_child(struct sym *s)
{
	int fds[2];

	if (s->fd >= 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	fflush(NULL);
	s->child = fork();
	if (s->child < 0) {
		close(fds[0]);
		close(fds[1]);
		return -errno;
	}
	if (!s->child) {
		close(fds[0]);
		be_child(fds[1], &s->o);
	}
	close(fds[1]);
	s->fd = fds[0];
	return 0;
}

/* ---- the parent ---- */

static int wait_answer(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	do {
		n = poll(&p, 1, ANSWER_MS);
	} while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : -ETIMEDOUT;
}

/* -EPIPE, -ETIMEDOUT: the child did not survive the question */
static int ask(struct sym *s, const struct sym_query *q, struct answer *a)
{
	ssize_t n;

	if (send(s->fd, q, sizeof(*q), MSG_NOSIGNAL) != sizeof(*q))
		return -EPIPE;
	if (wait_answer(s->fd))
		return -ETIMEDOUT;
	do {
		n = recv(s->fd, a, sizeof(*a), 0);
	} while (n < 0 && errno == EINTR);
	return n == sizeof(*a) ? 0 : -EPIPE;
}

static void set_broken(const struct build *b, struct sym_place *p)
{
	memset(p, 0, sizeof(*p));
	snprintf(p->why, sizeof(p->why),
		 "the files of %s are damaged: reading them crashed or did not end",
		 *b->module ? b->module : "the kernel");
}

int sym_resolve(struct sym *s, const char *module, const char *symbol, uint64_t off, uint64_t size,
		bool is_return, struct sym_place *ret)
{
	struct sym_query q = { .off = off, .size = size, .is_return = is_return };
	struct build *b = build_of(s, module ? module : "");
	struct answer a;
	int rc;

	if (!b)
		return -ENOMEM;
	if (b->broken) {
		set_broken(b, ret);
		return 0;
	}
	snprintf(q.module, sizeof(q.module), "%s", b->module);
	snprintf(q.build_id, sizeof(q.build_id), "%s", b->id);
	snprintf(q.symbol, sizeof(q.symbol), "%s", symbol);
	rc = start_child(s);
	if (rc)
		return rc;
	if (ask(s, &q, &a)) {
		stop_child(s);
		b->broken = true;
		set_broken(b, ret);
		return 0;
	}
	if (!a.rc)
		*ret = a.place;
	return a.rc;
}
