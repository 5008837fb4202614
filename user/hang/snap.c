// SPDX-License-Identifier: GPL-2.0-only
/* Takes down what /proc says at one moment. Tasks come and go meanwhile: what is gone is left out.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/file.h"
#include "hang/hang.h"
#include "hang/parse.h"

#define MAX_TEXT  (16 << 20)
#define MAX_SMALL 65536
#define MAX_TASKS 4096

static void dirp_close(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int read_text(const char *proc, const char *name, size_t max, char **ret)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", proc, name) >= sizeof(path))
		return -ENAMETOOLONG;
	return file_read(path, max, ret, NULL);
}

/* What may be missing: *ret NULL, then. 0, -ENOMEM */
static int read_if(const char *proc, const char *name, char **ret)
{
	int rc = read_text(proc, name, MAX_SMALL, ret);

	if (rc)
		*ret = NULL;
	return rc == -ENOMEM ? rc : 0;
}

static int read_requests(struct hang_snap *s, const char *proc, struct err *err)
{
	__autofree char *text = NULL;
	int rc = read_text(proc, "fs/netfs/requests", MAX_TEXT, &text);

	if (rc == -ENOENT)
		return 0;
	if (rc)
		return err_set(err, rc, "%s/fs/netfs/requests: %s", proc, strerror(-rc));
	s->has_netfs = true;
	rc = hang_parse_requests(s, text);
	return rc == -EPROTO ? err_set(err, rc, "%s/fs/netfs/requests has an unknown format", proc)
			     : rc;
}

static int read_debug_data(struct hang_snap *s, const char *proc, struct err *err)
{
	__autofree char *text = NULL;
	int rc = read_text(proc, "fs/cifs/DebugData", MAX_TEXT, &text);

	if (rc == -ENOENT)
		return 0;
	if (rc)
		return err_set(err, rc, "%s/fs/cifs/DebugData: %s", proc, strerror(-rc));
	s->has_cifs = true;
	rc = hang_parse_debug_data(s, text);
	return rc == -EPROTO ? err_set(err, rc, "%s/fs/cifs/DebugData has an unknown format", proc)
			     : rc;
}

/* proc_filesystems_show(): "nodev\t9p"; not in an old copy of /proc */
static int read_filesystems(struct hang_snap *s, const char *proc)
{
	static const char *const others[] = { "\t9p\n", "\tafs\n", "\tceph\n", "\tnfs\n" };
	__autofree char *text = NULL;
	int rc = read_if(proc, "filesystems", &text);

	for (size_t i = 0; text && i < ARRAY_SIZE(others); i++)
		s->has_others |= strstr(text, others[i]) != NULL;
	return rc;
}

static int read_stats(struct hang_snap *s, const char *proc)
{
	__autofree char *text = NULL;
	int rc = read_if(proc, "fs/netfs/stats", &text);

	s->stats = (struct hang_stats){ -1, -1, -1, -1 };
	if (text)
		hang_parse_stats(&s->stats, text);
	return rc;
}

/*
 * exec_start is the run queue's clock when the task last ran; ours is the same clock now, as we
 * run. The clocks of two CPUs differ by what their interrupts cost: little beside seconds.
 */
static int read_sched(struct hang_task *t, const char *proc, const char *dir)
{
	__autofree char *text = NULL, *self = NULL;
	uint64_t last, now, mine;
	char name[128];
	int rc;

	snprintf(name, sizeof(name), "%s/sched", dir);
	rc = read_if(proc, name, &text);
	t->has_switches = text && hang_parse_sched(text, &last, &t->switches);
	if (!t->has_switches)
		return rc;
	rc = read_if(proc, "self/sched", &self);
	if (!self || !hang_parse_sched(self, &now, &mine))
		return rc;
	t->has_last_run = now >= last;
	t->idle_ns = now - last;
	return 0;
}

/* proc_pid_syscall(): "%d 0x%llx 0x%llx ..." or "running" or "-1 ..." */
static int read_syscall(struct hang_task *t, const char *proc, const char *dir)
{
	static const int with_fd[] = { SYS_read,  SYS_write,	 SYS_pread64, SYS_pwrite64,
				       SYS_readv, SYS_writev,	 SYS_preadv,  SYS_pwritev,
				       SYS_fsync, SYS_fdatasync, SYS_syncfs,  SYS_close };
	__autofree char *text = NULL;
	uint64_t arg[4];
	char name[128];
	int nr, rc;

	snprintf(name, sizeof(name), "%s/syscall", dir);
	rc = read_if(proc, name, &text);
	if (!text ||
	    sscanf(text, "%d 0x%" SCNx64 " 0x%" SCNx64 " 0x%" SCNx64 " 0x%" SCNx64, &nr, &arg[0],
		   &arg[1], &arg[2], &arg[3]) != 5 ||
	    arg[0] > INT32_MAX)
		return rc;
	for (size_t i = 0; i < ARRAY_SIZE(with_fd); i++)
		t->has_fd |= nr == with_fd[i];
	t->has_fd |= nr == SYS_sendfile; /* (out, in, ...) */
	t->fd = arg[nr == SYS_sendfile];
	t->has_pos = nr == SYS_pread64 || nr == SYS_pwrite64;
	t->pos = arg[3];
	return 0;
}

/* The name and position of the file it reads or writes; no look-up, nothing that could hang too. */
static int read_file(struct hang_task *t, const char *proc, const char *dir)
{
	__autofree char *text = NULL;
	char path[PATH_MAX], name[96];
	ssize_t n;
	int rc = read_syscall(t, proc, dir);

	if (rc || !t->has_fd)
		return rc;
	snprintf(path, sizeof(path), "%s/%s/fd/%d", proc, dir, t->fd);
	n = readlink(path, t->path, sizeof(t->path) - 1);
	t->path[n > 0 ? n : 0] = '\0';
	snprintf(name, sizeof(name), "%s/fdinfo/%d", dir, t->fd);
	if (t->has_pos)
		return 0;
	rc = read_if(proc, name, &text);
	t->has_pos = text && hang_find_u64(text, "pos:\t", 10, &t->pos);
	return rc;
}

static bool matters(const struct hang_task *t)
{
	return t->in_fs || t->cifsd ||
	       (t->state == 'D' &&
		(t->wait == HANG_WAIT_FOLIO_WRITE || t->wait == HANG_WAIT_FOLIO_READ));
}

static int add_task(struct hang_snap *s, const struct hang_task *t)
{
	int rc = hang_grow((void **)&s->task, s->nr_tasks, sizeof(*t), MAX_TASKS);

	if (!rc)
		s->task[s->nr_tasks++] = *t;
	return rc;
}

/*
 * A task that is gone waits for nothing. Of one that is there, and whose stack is not to be had (no
 * CONFIG_STACKTRACE, Yama, lockdown, a copy without it), nobody knows.
 */
static int note_unread(struct hang_snap *s, const char *proc, const char *dir, int rc)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", proc, dir);
	if (rc == -ENOMEM)
		return rc;
	if (rc == -ESRCH || access(path, F_OK))
		return 0;
	s->seen_tasks++;
	s->unread_tasks++;
	return 0;
}

static int read_task(struct hang_snap *s, const char *proc, int32_t pid, int32_t tid)
{
	__autofree char *stack = NULL, *stat = NULL, *comm = NULL;
	__autofree struct hang_task *t = calloc(1, sizeof(*t));
	char dir[64], name[96];
	int rc;

	if (!t)
		return -ENOMEM;
	t->pid = pid;
	t->tid = tid;
	snprintf(dir, sizeof(dir), "%d/task/%d", pid, tid);
	snprintf(name, sizeof(name), "%s/stack", dir);
	rc = read_text(proc, name, MAX_SMALL, &stack);
	if (rc)
		return note_unread(s, proc, dir, rc);
	hang_parse_stack(t, stack);
	snprintf(name, sizeof(name), "%s/stat", dir);
	rc = read_text(proc, name, MAX_SMALL, &stat);
	if (!rc)
		rc = hang_parse_stat(t, stat);
	if (rc)
		return note_unread(s, proc, dir, rc);
	s->seen_tasks++;
	snprintf(name, sizeof(name), "%s/comm", dir);
	rc = read_if(proc, name, &comm);
	if (comm)
		snprintf(t->comm, sizeof(t->comm), "%.*s", (int)strcspn(comm, "\n"), comm);
	t->cifsd = t->kernel && !strcmp(t->comm, "cifsd");
	if (rc || !matters(t))
		return rc;
	rc = read_sched(t, proc, dir);
	if (!rc && !t->kernel)
		rc = read_file(t, proc, dir);
	return rc ? rc : add_task(s, t);
}

static int for_each_number(struct hang_snap *s, const char *proc, int32_t pid);

static int enter(struct hang_snap *s, const char *proc, int32_t pid, const char *name)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)*name))
		return 0;
	errno = 0;
	n = strtol(name, &end, 10);
	if (errno || *end || n <= 0 || n > INT32_MAX)
		return 0;
	return pid ? read_task(s, proc, pid, n) : for_each_number(s, proc, n);
}

/* The processes, or with pid its threads. */
static int for_each_number(struct hang_snap *s, const char *proc, int32_t pid)
{
	__free(dirp_close) DIR *d = NULL;
	char path[PATH_MAX];
	struct dirent *e;
	int rc = 0;

	if (pid)
		snprintf(path, sizeof(path), "%s/%d/task", proc, pid);
	else
		snprintf(path, sizeof(path), "%s", proc);
	d = opendir(path);
	if (!d)
		return pid && errno != ENOMEM ? 0 : -errno; /* gone */
	while (!rc && (e = readdir(d)))
		rc = enter(s, proc, pid, e->d_name);
	return rc;
}

static int by_tid(const void *a, const void *b)
{
	const struct hang_task *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

int hang_snap_tasks(struct hang_snap *s, const char *proc)
{
	int rc = for_each_number(s, proc, 0);

	if (rc == -E2BIG) {
		s->truncated = true;
		rc = 0;
	}
	if (s->nr_tasks)
		qsort(s->task, s->nr_tasks, sizeof(*s->task), by_tid);
	return rc;
}

int hang_snap_read(struct hang_snap *s, const char *proc, struct err *err)
{
	int rc;

	memset(s, 0, sizeof(*s));
	rc = read_requests(s, proc, err);
	if (!rc)
		rc = read_debug_data(s, proc, err);
	if (rc)
		return rc;
	if (!s->has_netfs && !s->has_cifs && strcmp(proc, "/proc"))
		return err_set(
			err, -ENOENT,
			"%s has neither fs/netfs/requests nor fs/cifs/DebugData: is it a copy of /proc?",
			proc);
	if (!s->has_netfs && !s->has_cifs)
		return err_set(
			err, -ENOENT,
			"cifs is not loaded, and netfs is not, or has no list of its requests (before 6.8): there is nothing to look at");
	rc = read_stats(s, proc);
	if (!rc)
		rc = read_filesystems(s, proc);
	return rc ? rc : hang_snap_tasks(s, proc);
}

void hang_snap_free(struct hang_snap *s)
{
	free(s->request);
	free(s->conn);
	free(s->mid);
	free(s->task);
	memset(s, 0, sizeof(*s));
}
