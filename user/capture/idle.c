// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "capture/idle.h"

#define MAX_PROC (16 << 20)

static bool any_line_has(const char *text, const char *const *types, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(text, types[i]))
			return true;
	return false;
}

void mount_use_read(struct mount_use *ret)
{
	/* the type follows the separator of mountinfo, see proc_pid_mountinfo(5) */
	static const char *const smb[] = { " - cifs ", " - smb3 " };
	static const char *const others[] = { " - 9p ", " - afs ", " - ceph " };
	__autofree char *text = NULL;

	*ret = (struct mount_use){ .ever = ret->ever };
	if (file_read("/proc/self/mountinfo", MAX_PROC, &text, NULL))
		return;
	ret->cifs = any_line_has(text, smb, ARRAY_SIZE(smb));
	ret->others = any_line_has(text, others, ARRAY_SIZE(others));
	ret->ever |= ret->cifs || ret->others;
}

bool uses_netfs(const char *fstype)
{
	static const char *const types[] = { "cifs", "smb3", "9p", "afs", "ceph", "nfs", "nfs4" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(fstype, types[i]))
			return true;
	return false;
}

bool mount_type(uint32_t dev, char *dst, size_t size)
{
	__autofree char *text = NULL;
	char type[64], *next;

	if (file_read("/proc/self/mountinfo", MAX_PROC, &text, NULL))
		return false;
	for (char *line = text; *line; line = next) {
		unsigned int major, minor;
		char *tail;

		next = line + strcspn(line, "\n");
		next += *next == '\n';
		if (next > line && next[-1] == '\n')
			next[-1] = '\0';
		tail = strstr(line, " - ");
		if (tail && sscanf(line, "%*u %*u %u:%u", &major, &minor) == 2 &&
		    (major << 20 | minor) == dev && sscanf(tail, " - %63s", type) == 1) {
			snprintf(dst, size, "%s", type);
			return true;
		}
	}
	return false;
}

bool cifs_connected(void)
{
	__autofree char *text = NULL;

	return !file_read("/proc/fs/cifs/DebugData", MAX_PROC, &text, NULL) &&
	       strstr(text, "ConnectionId:");
}

bool module_live(const char *name)
{
	__autofree char *text = NULL;
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (access(path, F_OK))
		return false;
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", name);
	return file_read(path, 64, &text, NULL) || !strncmp(text, "live", 4);
}

uint64_t module_identity(const char *name)
{
	char path[128];
	struct stat st;

	/* kernfs gives every new directory a new inode number */
	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return stat(path, &st) ? 0 : st.st_ino;
}
