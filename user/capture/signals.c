// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "base/base.h"
#include "capture/signals.h"

int signals_open(void)
{
	static const int which[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD };
	sigset_t mask;
	int fd;

	sigemptyset(&mask);
	for (size_t i = 0; i < ARRAY_SIZE(which); i++)
		sigaddset(&mask, which[i]);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}
