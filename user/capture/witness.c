// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture/witness.h"

/* Holds nothing of ours open, dies of nothing but what is asked about, and does not outlive us, however we end. */
static void wait_for_death(pid_t parent)
{
	static const int deadly[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t others;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	close_range(0, ~0U, 0);
	sigfillset(&others);
	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++) {
		signal(deadly[i],
		       SIG_DFL); /* a shell's background jobs begin with SIGINT ignored */
		sigdelset(&others, deadly[i]);
	}
	sigprocmask(SIG_SETMASK, &others, NULL);
	for (;;)
		pause();
}

int witness_fork(struct witness *w)
{
	pid_t parent = getpid();

	w->pid = fork();
	if (w->pid < 0) {
		w->pid = 0;
		return -errno;
	}
	if (!w->pid)
		wait_for_death(parent);
	return 0;
}

static bool died_of(struct witness *w, int sig)
{
	const struct timespec step = { .tv_nsec = 10000000 };
	int status;

	for (int ms = 0; ms < WITNESS_WAIT_MS; ms += 10) {
		if (waitpid(w->pid, &status, WNOHANG) == w->pid) {
			w->pid = 0;
			return WIFSIGNALED(status) && WTERMSIG(status) == sig;
		}
		nanosleep(&step, NULL);
	}
	return false;
}

bool witness_shared(struct witness *w, int sig, pid_t other)
{
	bool shared;

	if (!w->pid || getpgid(other) != getpgrp())
		return false;
	shared = died_of(w, sig);
	if (!w->pid)
		witness_fork(w);
	return shared;
}

void witness_end(struct witness *w)
{
	if (!w->pid)
		return;
	kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
	w->pid = 0;
}
