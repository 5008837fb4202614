// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "xfstests/result.h"

#define DMESG_MAX (4 << 20)

void xfs_watch_free(struct xfs_watch *w)
{
	if (!w)
		return;
	free(w->dir);
	free(w->section);
	free(w);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool xfs_file(struct xfs_path *ret, const struct xfs_watch *w, const struct test *t,
	      const char *suffix)
{
	const char *dir = w->dir ? w->dir : "";

	return snprintf(ret->s, sizeof(ret->s), "%s/%s%s", dir, base_name(t->name), suffix) <
		       (int)sizeof(ret->s) &&
	       *dir;
}

static struct xfs_stamp stamp_of(const struct xfs_watch *w, const struct test *t,
				 const char *suffix)
{
	struct xfs_path path;
	struct stat st;

	if (!xfs_file(&path, w, t, suffix) || stat(path.s, &st))
		return (struct xfs_stamp){};
	return (struct xfs_stamp){
		.exists = true, .ino = st.st_ino, .size = st.st_size, .mtime = st.st_mtim
	};
}

static bool is_new(const struct xfs_stamp *before, const struct xfs_stamp *now)
{
	return now->exists &&
	       (!before->exists || before->ino != now->ino || before->size != now->size ||
		before->mtime.tv_sec != now->mtime.tv_sec ||
		before->mtime.tv_nsec != now->mtime.tv_nsec);
}

/* BASE/SECTION/generic: what is between base and the directory part of the test's name */
static int find_section(struct xfs_watch *w, const struct test *t, const char *base)
{
	size_t dir = strlen(w->dir), group = base_name(t->name) - t->name, len;

	if (!base || strncmp(w->dir, base, strlen(base)) || w->dir[strlen(base)] != '/')
		return 0;
	if (group && dir > group && !strncmp(w->dir + dir - (group - 1), t->name, group - 1))
		dir -= group;
	len = strlen(base) + 1;
	if (dir <= len)
		return 0;
	w->section = strndup(w->dir + len, dir - len);
	return w->section ? 0 : -ENOMEM;
}

int xfs_watch_start(struct xfs_watch *w, const struct test *t, const char *dir, const char *base)
{
	bool known = w->dir && !strcmp(w->dir, dir);
	char *copy = known ? w->dir : strdup(dir);

	if (!copy)
		return -ENOMEM;
	if (!known)
		free(w->dir);
	w->dir = copy;
	if (!known) {
		w->out_bad = stamp_of(w, t, ".out.bad");
		w->dmesg = stamp_of(w, t, ".dmesg");
		w->core = stamp_of(w, t, ".core");
		w->full = stamp_of(w, t, ".full");
	}
	free(TAKE(w->section));
	return find_section(w, t, base);
}

/* *ret_text: NULL where there is no such file. 0, -ENOMEM */
static int read_start(const struct xfs_watch *w, const struct test *t, const char *suffix,
		      size_t max, char **ret_text)
{
	struct xfs_path path;
	int rc = -ENOENT;

	*ret_text = NULL;
	if (xfs_file(&path, w, t, suffix))
		rc = file_read(path.s, max, ret_text, NULL);
	return rc == -ENOMEM ? rc : 0;
}

int xfs_watch_script_end(struct xfs_watch *w, const struct test *t)
{
	__autofree char *text = NULL;
	int rc = read_start(w, t, ".notrun", 4096, &text);

	if (rc || !text)
		return rc;
	w->notrun = true;
	snprintf(w->reason, sizeof(w->reason), "%.*s", (int)strcspn(text, "\n"), text);
	return 0;
}

/* The words that _check_dmesg of common/rc looks for; KEEP_DMESG=yes leaves the file in any case.
 */
static bool dmesg_hit(const char *text, char *dst, size_t room)
{
	static const char *const words[] = { "kernel BUG at",
					     "WARNING:",
					     "BUG:",
					     "Oops:",
					     "possible recursive locking detected",
					     "Internal error",
					     "INFO: suspicious RCU usage",
					     "INFO: possible circular locking dependency detected",
					     "general protection fault:",
					     "remaining",
					     "oom-kill",
					     "UBSAN:" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *hit = strstr(text, words[i]), *line = hit;

		if (!hit)
			continue;
		while (line > text && line[-1] != '\n')
			line--;
		snprintf(dst, room, "%.*s", (int)strcspn(line, "\n"), line);
		return true;
	}
	return false;
}

/* 1: it has, with the line as the reason; 0, -ENOMEM */
static int has_dmesg_hit(struct xfs_watch *w, const struct test *t)
{
	struct xfs_stamp now = stamp_of(w, t, ".dmesg");
	__autofree char *text = NULL;
	int rc;

	if (!is_new(&w->dmesg, &now))
		return 0;
	rc = read_start(w, t, ".dmesg", DMESG_MAX, &text);
	return rc || !text ? rc : dmesg_hit(text, w->reason, sizeof(w->reason));
}

static bool is_changed(const struct xfs_watch *w, const struct test *t, const char *suffix,
		       const struct xfs_stamp *before)
{
	struct xfs_stamp now = stamp_of(w, t, suffix);

	return is_new(before, &now);
}

bool xfs_left(const struct xfs_watch *w, const struct test *t, const char *suffix)
{
	const struct xfs_stamp *before = !strcmp(suffix, ".out.bad") ? &w->out_bad
					 : !strcmp(suffix, ".dmesg") ? &w->dmesg
								     : &w->full;

	return is_changed(w, t, suffix, before);
}

#define OUTCOME(w, o, ...)                                               \
	do {                                                             \
		(w)->outcome = (o);                                      \
		snprintf((w)->reason, sizeof((w)->reason), __VA_ARGS__); \
	} while (0)

/* What the script's exit status says; false: nothing. */
static bool ended_badly(struct xfs_watch *w, const struct test *t)
{
	if (t->script_ns && !t->script_end_ns)
		OUTCOME(w, EV_TEST_UNFINISHED, "check ended before its script did");
	else if (t->script_end_ns && WIFSIGNALED(t->status))
		OUTCOME(w, EV_TEST_KILLED, "the script was killed by signal %d (%s)",
			WTERMSIG(t->status), strsignal(WTERMSIG(t->status)));
	else if (t->script_end_ns && WEXITSTATUS(t->status))
		OUTCOME(w, EV_TEST_FAIL, "the script ended with exit status %d",
			WEXITSTATUS(t->status));
	else
		return false;
	return true;
}

/* In the order in which check asks. */
int xfs_watch_end(struct xfs_watch *w, const struct test *t)
{
	struct xfs_path bad;
	int hit;

	if (w->notrun) {
		w->outcome = EV_TEST_NOTRUN;
		return 0;
	}
	if (ended_badly(w, t))
		return 0;
	if (is_changed(w, t, ".out.bad", &w->out_bad)) {
		xfs_file(&bad, w, t, ".out.bad");
		OUTCOME(w, EV_TEST_FAIL, "output mismatch (see %.480s)", bad.s);
		return 0;
	}
	hit = has_dmesg_hit(w, t);
	if (hit < 0)
		return hit;
	if (hit)
		w->outcome = EV_TEST_DMESG;
	else if (is_changed(w, t, ".core", &w->core))
		OUTCOME(w, EV_TEST_FAIL, "dumped core");
	else if (t->script_end_ns && w->dir)
		OUTCOME(w, EV_TEST_PASS, "%s", "");
	else
		OUTCOME(w, EV_TEST_UNKNOWN, "%s",
			t->script_end_ns ? "the result directory is unknown"
					 : "its script was not seen");
	return 0;
}
