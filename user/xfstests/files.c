// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/fmt.h"
#include "xfstests/files.h"
#include "xfstests/testrun.h"

#define KEPT_MAX  (1 << 20)  /* of a file: its two ends */
#define DIFF_FROM (4 << 20)  /* what is larger is not compared */
#define DIFF_MAX  (64 << 10) /* on the page */
#define LOG_MAX	  (64 << 10)

/* A regular file, however odd what somebody put in its place. */
static int open_plain(const char *path, uint64_t *ret_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	*ret_size = st.st_size;
	return fd;
}

static int copy_span(int from, int to, uint64_t at, uint64_t size)
{
	char buffer[16384];

	while (size) {
		ssize_t n = pread(from, buffer, size < sizeof(buffer) ? size : sizeof(buffer), at);
		int rc = n < 0 ? -errno : n ? fd_write_all(to, buffer, n) : 0;

		if (rc || !n)
			return rc;
		at += n;
		size -= n;
	}
	return 0;
}

static int copy_ends(int from, int to, uint64_t size, const char *path)
{
	__autofree char *gap = NULL;
	int rc;

	if (size <= KEPT_MAX)
		return copy_span(from, to, 0, size);
	if (asprintf(&gap, "\n[netfsnoop: skipped %s; %s may have all of it]\n",
		     fmt_bytes(size - KEPT_MAX).s, path) < 0)
		return -ENOMEM;
	rc = copy_span(from, to, 0, KEPT_MAX / 2);
	if (rc)
		return rc;
	rc = fd_write_all(to, gap, strlen(gap));
	if (rc)
		return rc;
	return copy_span(from, to, size - KEPT_MAX / 2, KEPT_MAX / 2);
}

/* RESULT_DIR/306.full as SLUG.full. Is it there now? */
static bool keep(const struct xfs_watch *w, const struct test *t, const char *suffix, int dir)
{
	struct test_slug slug = test_slug(t);
	struct xfs_path path;
	__autoclose int from = -1, to = -1;
	char name[sizeof(slug.s) + 16];
	uint64_t size;

	if (!xfs_left(w, t, suffix) || !xfs_file(&path, w, t, suffix))
		return false;
	from = open_plain(path.s, &size);
	if (from < 0)
		return false;
	snprintf(name, sizeof(name), "%s%s", slug.s, suffix);
	to = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (to < 0 || copy_ends(from, to, size, path.s)) {
		unlinkat(dir, name, 0);
		return false;
	}
	return true;
}

/* ---- the diff, by diff(1), as check itself makes it ---- */

/* Our signals are blocked for a signalfd; a child is not to inherit that. */
static pid_t spawn_diff(const char *const argv[], int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	pid_t pid;
	int rc;

	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(&pid, "diff", &actions, &attr, (char **)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc ? -rc : pid;
}

/* Up to DIFF_MAX bytes and a word about the rest; NULL: nothing came. */
static char *read_diff(int fd)
{
	static const char more[] = "\n[netfsnoop: and more]\n";
	char *text = malloc(DIFF_MAX + sizeof(more));
	size_t used = 0;
	ssize_t n = 1;

	while (text && used < DIFF_MAX && n > 0) {
		n = read(fd, text + used, DIFF_MAX - used);
		used += n > 0 ? n : 0;
	}
	if (!text || !used) {
		free(text);
		return NULL;
	}
	memcpy(text + used, more, sizeof(more));
	if (used < DIFF_MAX)
		text[used] = '\0';
	for (size_t i = 0; i < used; i++)
		text[i] = text[i] ? text[i] : '?';
	return text;
}

static char *run_diff(const char *expected, const char *bad, const char *name)
{
	__autofree char *from = NULL, *to = NULL;
	char *text = NULL;
	int pipes[2];
	pid_t pid;

	if (asprintf(&from, "%s.out", name) < 0 || asprintf(&to, "%s.out.bad", name) < 0 ||
	    pipe2(pipes, O_CLOEXEC))
		return NULL;
	pid = spawn_diff((const char *const[]){ "diff", "-u", "-a", "-L", from, "-L", to, "--",
						expected, bad, NULL },
			 pipes[1]);
	close(pipes[1]);
	if (pid > 0)
		text = read_diff(pipes[0]);
	close(pipes[0]); /* one with more to say ends by SIGPIPE */
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return text;
}

/* check compares with $here/tests/generic/306.out, which it has made a link for some file systems. */
static char *make_diff(const struct xfs_watch *w, const struct test *t, const char *here)
{
	__autofree char *expected = NULL;
	__autoclose int fd = -1;
	struct xfs_path bad;
	uint64_t size = 0;
	struct stat st;

	if (!here || strstr(t->name, "..") || !xfs_file(&bad, w, t, ".out.bad") ||
	    asprintf(&expected, "%s/tests/%s.out", here, t->name) < 0)
		return NULL;
	fd = open_plain(bad.s, &size);
	if (fd < 0 || size > DIFF_FROM || stat(expected, &st) || !S_ISREG(st.st_mode) ||
	    st.st_size > DIFF_FROM)
		return NULL;
	return run_diff(expected, bad.s, t->name);
}

/* ---- all of it ---- */

int xfs_files_keep(struct xfs_files *ret, const struct xfs_watch *w, const struct test *t, int dir,
		   const char *here)
{
	struct xfs_path log;

	*ret = (struct xfs_files){};
	if (!w->dir)
		return 0;
	ret->out_bad = keep(w, t, ".out.bad", dir);
	ret->full = keep(w, t, ".full", dir);
	ret->dmesg = keep(w, t, ".dmesg", dir);
	if (ret->out_bad)
		ret->diff = make_diff(w, t, here);
	if (ret->dmesg && xfs_file(&log, w, t, ".dmesg") &&
	    file_read(log.s, LOG_MAX, &ret->log, NULL) == -ENOMEM)
		return -ENOMEM;
	return 0;
}

void xfs_files_clear(struct xfs_files *f)
{
	free(TAKE(f->diff));
	free(TAKE(f->log));
}
