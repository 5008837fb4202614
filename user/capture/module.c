// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "capture/module.h"

int module_load(const char *name, struct err *err)
{
	char *const argv[] = { (char *)"modprobe", (char *)name, NULL };
	char path[128];
	pid_t pid;
	int status, rc;

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (access(path, F_OK) == 0)
		return 0;
	rc = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (rc)
		return err_set(err, -rc, "cannot run modprobe: %s", strerror(rc));
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(err, -ENODEV, "modprobe %s failed (see its message above)", name);
	return 0;
}
