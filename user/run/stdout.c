// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "run/stdout.h"

/* Of a write of its own stdio keeps no errno; what is written now fails for the same reason. */
int stream_error(FILE *out)
{
	errno = 0;
	if (!fflush(out) && !ferror(out))
		return 0;
	if (!errno && write(fileno(out), "\n", 1) == 1)
		errno = EIO;
	return errno ? -errno : -EIO;
}

int stdout_flush(struct err *err)
{
	int rc = stream_error(stdout);

	return rc ? err_set(err, rc, "cannot write standard output: %s", err_why(rc)) : 0;
}

int stdout_written(int rc, struct err *err)
{
	if (rc && (err->text[0] || !ferror(stdout)))
		return rc;
	return stdout_flush(err);
}

int err_unreadable(const char *name, int rc, struct err *err)
{
	if (rc == -EISDIR)
		return err_set(err, rc, "%s is a directory: name a file in it", name);
	return err_set(err, rc, "cannot read %s: %s", name, strerror(-rc));
}
