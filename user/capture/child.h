/* SPDX-License-Identifier: GPL-2.0-only */
/* The recorded command: forked early, started only once recording is on. */
#ifndef NETFSNOOP_CHILD_H
#define NETFSNOOP_CHILD_H

#include "base/base.h"
#include <sys/types.h>

struct child {
	pid_t pid; /* 0: none */
	int go_fd; /* close to drop, write to start */
	bool exited;
	int status; /* of waitpid(2), once exited */
};

/*
 * Where execvp(3) would find name; *ret_path is the caller's to free. -ENOENT: not there, -EACCES:
 * nothing that can be run, with err set.
 */
int child_find(const char *name, char **ret_path, struct err *err);
/*
 * Forks; the child waits. Signals blocked here are unblocked there. to_stderr: its standard output
 * goes there, as ours is taken.
 */
int child_fork(struct child *c, char *const *argv, bool to_stderr);
/* Lets it exec(3). If that fails it exits as env(1) has it: 127 not found, 126 not executable. */
int child_start(struct child *c);
/* Reaps without waiting; true once it is gone. */
bool child_reap(struct child *c);
/* Forwards `sig` to a child that is still there. */
void child_signal(struct child *c, int sig);
/* Waits for it; one that was never started ends at once without running anything. */
void child_finish(struct child *c);

#endif
