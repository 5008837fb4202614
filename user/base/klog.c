// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/base.h"
#include "base/klog.h"

/* cifs_debug.h: "CIFS VFS: " until 5.10; the longer one before the one that it begins with */
static const char *const origins[] = { "CIFS: VFS: ", "CIFS VFS: ", "CIFS: ",	    "cifs: ",
				       "netfs: ",     "FS-Cache: ", "CacheFiles: ", "VFS: " };

const char *klog_without_origin(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(origins); i++)
		if (!strncmp(text, origins[i], strlen(origins[i])))
			return text + strlen(origins[i]);
	return NULL;
}

bool klog_is_ours(const char *text)
{
	return klog_without_origin(text) && strncmp(text, "VFS: ", 5) != 0;
}
