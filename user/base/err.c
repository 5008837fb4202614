// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/base.h"

int err_set(struct err *err, int rc, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return rc;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return rc;
}

const char *err_why(int rc)
{
	switch (rc) {
	case -ENOSPC:
		return "No space left on device: free some space, or write to another device";
	case -EDQUOT:
		return "Disk quota exceeded: free some space, or write to another device";
	case -EFBIG:
		return "File too large: see `ulimit -f`, or write to another file system";
	default:
		return strerror(-rc);
	}
}
