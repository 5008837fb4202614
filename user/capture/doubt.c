// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/file.h"
#include "capture/doubt.h"
#include "capture/idle.h"

static void doubt_mount(char *dst, size_t size, uint32_t dev, const char *dir)
{
	char type[64];

	if (!mount_type(dev, type, sizeof(type)))
		snprintf(dst, size, "%s is not on a mount of this namespace", dir);
	else if (!uses_netfs(type))
		snprintf(dst, size, "%s is on %s, which does not use netfs", dir, type);
}

static void doubt_type(char *dst, size_t size, const char *fs)
{
	__autofree char *known = NULL;
	char line[32];

	if (uses_netfs(fs))
		return;
	snprintf(line, sizeof(line), "\t%.16s\n", fs);
	if (!file_read("/proc/filesystems", 1 << 20, &known, NULL) && strstr(known, line))
		snprintf(dst, size, "%s does not use netfs", fs);
	else
		snprintf(dst, size, "this kernel has no file system type '%s'", fs);
}

/* kill(2) takes a thread's id too, but requests are known by their process. */
static void doubt_process(char *dst, size_t size, uint32_t pid)
{
	__autofree char *status = NULL;
	const char *line;
	char path[64];
	unsigned int tgid;

	if (kill(pid, 0) && errno == ESRCH) {
		snprintf(dst, size, "there was no process %u", pid);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	if (file_read(path, 1 << 16, &status, NULL))
		return;
	line = strstr(status, "\nTgid:");
	if (line && sscanf(line, "\nTgid: %u", &tgid) == 1 && tgid != pid)
		snprintf(dst, size, "%u is a thread of process %u", pid, tgid);
}

void doubt_filter(char *dst, size_t size, const struct capture_filter *f, const char *dir)
{
	*dst = '\0';
	if (f->dev && dir)
		doubt_mount(dst, size, f->dev, dir);
	if (f->fs[0] && !*dst)
		doubt_type(dst, size, f->fs);
	if (f->tgid && !*dst)
		doubt_process(dst, size, f->tgid);
}

const char *nothing_reason(const struct nothing_facts *f)
{
	if (f->doubt && *f->doubt)
		return f->doubt;
	if (!f->attached)
		return "the cifs module was not loaded";
	if (!f->mounted)
		return "no cifs share was mounted, nor anything else that uses netfs";
	return f->filtered ? "no request matched the filters"
			   : "nothing was read or written, and no SMB command was sent";
}
