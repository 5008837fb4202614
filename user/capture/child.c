// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "capture/child.h"

static void run_child(int wait_fd, char *const *argv)
{
	sigset_t none;
	char go;

	if (read(wait_fd, &go, 1) != 1)
		_exit(125);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	fprintf(stderr, "netfsnoop: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

int child_fork(struct child *c, char *const *argv)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	c->pid = fork();
	if (c->pid < 0) {
		int rc = -errno;

		close(fds[0]);
		close(fds[1]);
		c->pid = 0;
		return rc;
	}
	if (!c->pid) {
		close(fds[1]);
		run_child(fds[0], argv);
	}
	close(fds[0]);
	c->go_fd = fds[1];
	return 0;
}

int child_start(struct child *c)
{
	ssize_t n = write(c->go_fd, "g", 1);

	close(c->go_fd);
	c->go_fd = -1;
	return n == 1 ? 0 : -EPIPE;
}

bool child_reap(struct child *c)
{
	if (c->pid && !c->exited && waitpid(c->pid, &c->status, WNOHANG) == c->pid)
		c->exited = true;
	return c->exited;
}

void child_signal(struct child *c, int sig)
{
	if (c->pid && !c->exited)
		kill(c->pid, sig);
}

void child_finish(struct child *c)
{
	if (c->go_fd >= 0)
		close(c->go_fd); /* never started: its read ends and it exits */
	c->go_fd = -1;
	if (c->pid && !c->exited)
		c->exited = waitpid(c->pid, &c->status, 0) == c->pid;
}
