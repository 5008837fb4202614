// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "run/output.h"
#include "xfstests/dir.h"

#define MAX_OLD 999

static int cannot_write(const char *path, int rc, struct err *err)
{
	return err_set(err, rc, "cannot write to %s: %s", path, err_why(rc));
}

int xfs_dir_check(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st))
		return errno == ENOENT ? output_dir_check(path, err)
				       : cannot_write(path, -errno, err);
	if (!S_ISDIR(st.st_mode))
		return cannot_write(path, -ENOTDIR, err);
	return faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) ? cannot_write(path, -errno, err)
								  : 0;
}

/* A run that came to its first index, or died before. */
static bool has_results(const char *path)
{
	static const char *const names[] = { "run.json", "trace.nsn" };
	__autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; fd >= 0 && i < ARRAY_SIZE(names); i++)
		if (!faccessat(fd, names[i], F_OK, 0))
			return true;
	return false;
}

/* Run follows run, and none is small: DIR.old, DIR.old.2 and so on, all of which stay. */
static int keep_old(struct xfs_dir *d, const char *path, struct err *err)
{
	__autofree char *real = realpath(path, NULL);
	char number[16] = "";

	if (!real)
		return cannot_write(path, -errno, err);
	for (int n = 2; n <= MAX_OLD; n++) {
		if (asprintf(&d->old, "%s.old%s", real, number) < 0)
			return -ENOMEM;
		if (faccessat(AT_FDCWD, d->old, F_OK, AT_SYMLINK_NOFOLLOW))
			break;
		free(TAKE(d->old));
		snprintf(number, sizeof(number), ".%d", n);
	}
	if (!d->old)
		return err_set(err, -EEXIST,
			       "%s.old and its successors all exist: give -o another directory",
			       path);
	return rename(real, d->old) ? err_set(err, -errno, "cannot rename %s to %s: %s", path,
					      d->old, strerror(errno))
				    : 0;
}

static int make_dir(int at, const char *path, int *ret_fd)
{
	if (mkdirat(at, path, 0755) && errno != EEXIST)
		return -errno;
	*ret_fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? -errno : 0;
}

static int open_log(struct xfs_dir *d)
{
	int fd = openat(d->fd, "live.log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	d->log = fd < 0 ? NULL : fdopen(fd, "w");
	return d->log ? 0 : -errno;
}

int xfs_dir_open(struct xfs_dir *d, const char *path, struct err *err)
{
	int rc = has_results(path) ? keep_old(d, path, err) : 0;

	if (rc)
		return rc;
	rc = make_dir(AT_FDCWD, path, &d->fd);
	if (!rc)
		rc = make_dir(d->fd, "tests", &d->tests_fd);
	if (!rc)
		rc = open_log(d);
	return rc ? cannot_write(path, rc, err) : 0;
}

void xfs_dir_close(struct xfs_dir *d)
{
	if (d->log)
		fclose(d->log);
	closep(&d->fd);
	closep(&d->tests_fd);
	free(d->old);
	*d = XFS_DIR_NONE;
}
