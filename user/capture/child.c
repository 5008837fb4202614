// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "capture/child.h"

static int can_run(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno == ENOENT || errno == ENOTDIR ? -ENOENT : -EACCES;
	return S_ISREG(st.st_mode) && !faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? 0 : -EACCES;
}

/* The PATH of execvp(3): an empty part is the current directory; one that cannot be run is passed over. */
static int search(const char *name, char **ret_path)
{
	const char *path = getenv("PATH");
	int worst = -ENOENT;

	for (const char *p = path ? path : "/bin:/usr/bin", *end; p; p = *end ? end + 1 : NULL) {
		__autofree char *file = NULL;
		int rc;

		end = strchrnul(p, ':');
		if (asprintf(&file, "%.*s%s%s", (int)(end - p), p, end > p ? "/" : "", name) < 0)
			return -ENOMEM;
		rc = can_run(file);
		if (!rc)
			*ret_path = TAKE(file);
		if (!rc)
			return 0;
		worst = rc == -EACCES ? rc : worst;
	}
	return worst;
}

int child_find(const char *name, char **ret_path, struct err *err)
{
	int rc;

	if (!strchr(name, '/')) {
		rc = *name ? search(name, ret_path) : -ENOENT;
	} else {
		*ret_path = strdup(name);
		rc = *ret_path ? can_run(name) : -ENOMEM;
	}
	if (rc == -ENOENT && strchr(name, ' '))
		return err_set(
			err, rc,
			"cannot run '%s': not found; give its words separately, or use sh -c '%s'",
			name, name);
	if (rc == -ENOENT && !strchr(name, '/') && !access(name, F_OK))
		return err_set(
			err, rc,
			"cannot run %s: not found in PATH; for the file in this directory use ./%s",
			name, name);
	if (rc == -ENOENT)
		return err_set(err, rc, "cannot run %s: not found", name);
	return rc ? err_set(err, rc, "cannot run %s: %s", name, strerror(-rc)) : 0;
}

static void run_child(int wait_fd, char *const *argv, bool to_stderr)
{
	sigset_t none;
	char go;

	if (read(wait_fd, &go, 1) != 1)
		_exit(125);
	if (to_stderr && dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(125);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	execvp(argv[0], argv);
	fprintf(stderr, "netfsnoop: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

int child_fork(struct child *c, char *const *argv, bool to_stderr)
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
		run_child(fds[0], argv, to_stderr);
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
