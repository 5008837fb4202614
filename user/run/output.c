// SPDX-License-Identifier: GPL-2.0-only
/* How commands open what they write; the header says why there are steps. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "run/output.h"

static int cannot_write(const char *path, int rc, struct err *err)
{
	if (rc == -EISDIR)
		return err_set(err, -EIO, "%s is a directory: name a file in it", path);
	if (rc == -ENOENT)
		return err_set(err, -EIO, "cannot write %s: its directory does not exist", path);
	return err_set(err, rc == -EINVAL ? -EIO : rc, "cannot write %s: %s", path, err_why(rc));
}

const char *output_name(const struct output *o)
{
	return o->path ? o->path : "standard output";
}

int output_dir_check(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	__autofree char *dir = slash ? strndup(path, slash - path + 1) : strdup(".");

	if (!dir)
		return -ENOMEM;
	return faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) ? cannot_write(path, -errno, err)
								 : 0;
}

static int open_stdout(void)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

	return fd < 0 ? -errno : fd;
}

/*
 * A link that somebody else made in a directory where everybody may, such as /tmp: root would write where
 * that one wants. The rule of fs.protected_symlinks, which covers open() alone.
 */
static bool is_trap(const char *path)
{
	char copy[PATH_MAX];
	struct stat link, dir;

	if (lstat(path, &link) || !S_ISLNK(link.st_mode) || link.st_uid == geteuid())
		return false;
	snprintf(copy, sizeof(copy), "%s", path); /* lstat() takes no longer one */
	return !stat(dirname(copy), &dir) && (dir.st_mode & S_IWOTH) && (dir.st_mode & S_ISVTX) &&
	       dir.st_uid != link.st_uid;
}

/* One that is there is not created: fs.protected_regular forbids it even root in /tmp. */
static int open_path(struct output *o)
{
	struct stat st;

	o->made = stat(o->path, &st) != 0;
	if (o->made && errno != ENOENT)
		return -errno;
	if (!o->made && S_ISDIR(st.st_mode))
		return -EISDIR;
	o->fd = open(o->path, O_WRONLY | O_CLOEXEC | (o->made ? O_CREAT : 0), 0600);
	if (o->fd < 0)
		return -errno;
	if (!o->made && !S_ISREG(st.st_mode))
		return 0;
	o->real = realpath(o->path, NULL);
	return o->real ? 0 : -errno;
}

/* An empty file is nothing to keep. */
static bool has_old(const struct output *o)
{
	struct stat st;

	return (o->flags & OUTPUT_KEEP_OLD) && o->real && !o->made && !fstat(o->fd, &st) &&
	       st.st_size;
}

int output_open(struct output *ret_o, const char *path, unsigned int flags, struct err *err)
{
	__free(output_close) struct output o = { .fd = -1, .flags = flags };
	int rc = 0;

	*ret_o = OUTPUT_NONE;
	if (path && strcmp(path, "-"))
		o.path = path;
	if (o.path && is_trap(o.path))
		return err_set(
			err, -ELOOP,
			"%s is a link of another user in a directory that all may write to: name another file",
			o.path);
	if (o.path)
		rc = open_path(&o);
	else
		rc = o.fd = open_stdout();
	if (rc < 0)
		return cannot_write(output_name(&o), rc, err);
	if ((flags & OUTPUT_BINARY) && isatty(o.fd))
		return err_set(err, -EINVAL,
			       "will not write binary data to a terminal: give -o FILE, or a pipe");
	rc = has_old(&o) ? output_dir_check(o.real, err) : 0;
	if (rc)
		return rc;
	*ret_o = o;
	o = OUTPUT_NONE;
	return 0;
}

static int differ(const struct stat *out, const char *name, const char *input, struct err *err)
{
	struct stat in;
	int rc = !strcmp(input, "-") ? fstat(STDIN_FILENO, &in) : stat(input, &in);

	if (rc || !S_ISREG(in.st_mode) || in.st_dev != out->st_dev || in.st_ino != out->st_ino)
		return 0;
	return err_set(err, -EINVAL, "%s is the input: give another output",
		       !strcmp(input, "-") ? name : input);
}

int output_is_not(const struct output *o, const char *input, struct err *err)
{
	struct stat out;

	return !input || fstat(o->fd, &out) ? 0 : differ(&out, output_name(o), input, err);
}

int output_stdout_is_not(const char *input, struct err *err)
{
	struct stat out;

	return fstat(STDOUT_FILENO, &out) ? 0 : differ(&out, "standard output", input, err);
}

/* Renames what is there, and makes a new one. */
static int keep_old(struct output *o, struct err *err)
{
	int rc;

	if (asprintf(&o->old, "%s.old", o->real) < 0) {
		o->old = NULL;
		return -ENOMEM;
	}
	if (rename(o->real, o->old))
		return err_set(err, -errno, "cannot rename %s to %s: %s", o->real, o->old,
			       strerror(errno));
	close(o->fd);
	o->fd = open(o->real, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (o->fd >= 0)
		return 0;
	rc = -errno;
	rename(o->old, o->real);
	return cannot_write(o->path, rc, err);
}

/*
 * A new file beside the one that is there, with its mode, and its owner where we may. Where none can be made there, the
 * file itself is written.
 */
static int make_beside(struct output *o)
{
	struct stat st;
	int fd;

	if (fstat(o->fd, &st) || asprintf(&o->beside, "%s.XXXXXX", o->real) < 0) {
		o->beside = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(o->beside, O_CLOEXEC);
	if (fd < 0) {
		free(TAKE(o->beside));
		return 0;
	}
	/* the owner first: that takes special bits of the mode away */
	if (fchown(fd, st.st_uid, st.st_gid) && fchown(fd, -1, st.st_gid))
		st.st_mode &= ~(S_IRWXG | S_IRWXO);
	fchmod(fd, st.st_mode & 0777);
	close(o->fd);
	o->fd = fd;
	return 0;
}

/* In place, if there is none beside. */
static int empty(const struct output *o, struct err *err)
{
	if (o->beside)
		return 0;
	if (ftruncate(o->fd, 0) || ((o->flags & OUTPUT_KEEP_OLD) && fchmod(o->fd, 0600)))
		return cannot_write(o->path, -errno, err);
	return 0;
}

int output_begin(struct output *o, struct err *err)
{
	int rc = 0, fd;

	if (has_old(o))
		rc = keep_old(o, err);
	else if (o->real && !o->made && !(o->flags & OUTPUT_KEEP_OLD))
		rc = make_beside(o);
	if (!rc && o->real && !o->made && !o->old)
		rc = empty(o, err);
	if (rc)
		return rc;
	o->made = false;
	o->begun = true;
	fd = o->fd;
	o->fd = -1;
	return fd;
}

const char *output_file(const struct output *o)
{
	return o->beside ? o->beside : o->path;
}

int output_commit(struct output *o, struct err *err)
{
	if (!o->beside)
		return 0;
	if (rename(o->beside, o->real))
		return cannot_write(o->path, -errno, err);
	free(TAKE(o->beside));
	return 0;
}

void output_discard(struct output *o)
{
	if (!o->begun || !o->real || o->beside)
		return;
	unlink(o->real);
	if (o->old)
		rename(o->old, o->real);
	o->begun = false;
}

void output_close(struct output *o)
{
	if (o->made && o->fd >= 0)
		unlink(o->real ? o->real : o->path);
	closep(&o->fd);
	if (o->beside)
		unlink(o->beside);
	free(o->real);
	free(o->old);
	free(o->beside);
	*o = OUTPUT_NONE;
}
