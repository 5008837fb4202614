// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdlib.h>
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

void klog_unescape(char *text)
{
	char *to = text;

	for (const char *p = text; *p;) {
		bool hex = p[0] == '\\' && p[1] == 'x' && isxdigit((unsigned char)p[2]) &&
			   isxdigit((unsigned char)p[3]);
		char c = hex ? (char)strtoul((char[]){ p[2], p[3], '\0' }, NULL, 16) : *p;

		*to++ = hex && (c == '\n' || !c) ? ' ' : c;
		p += hex ? 4 : 1;
	}
	*to = '\0';
}
