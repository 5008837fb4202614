// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "capture/filter.h"

int capture_filter_names(struct capture_filter *f, const char *fs, const char *mount,
			 struct err *err)
{
	struct stat st;

	if (fs && strlen(fs) >= sizeof(f->fs))
		return err_set(err, -EINVAL, "no file system type is called '%s'", fs);
	if (fs)
		strcpy(f->fs, fs);
	if (mount && stat(mount, &st))
		return err_set(err, -errno, "--mount %s: %s", mount, strerror(errno));
	if (mount)
		f->dev = major(st.st_dev) << 20 | minor(st.st_dev);
	return 0;
}
