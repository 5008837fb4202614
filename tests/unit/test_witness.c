// SPDX-License-Identifier: GPL-2.0-only
/* capture/witness.c: a signal to the process group is told from one to us alone. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/witness.h"

/* A process that does not mind being sent a signal, in our group or in one of its own. */
static pid_t bystander(bool own_group)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	signal(SIGTERM, SIG_IGN);
	if (own_group)
		setpgid(0, 0);
	for (;;)
		pause();
}

enum { ALONE, GROUP };

/* In a group of its own: what is sent to that must not reach the test. Bit 0: shared, bit 1: shared when asked again. */
static int shared(int to, bool own_group)
{
	struct witness w = {};
	pid_t pid = fork(), other;
	int status;

	if (pid) {
		waitpid(pid, &status, 0);
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	}
	setpgid(0, 0);
	signal(SIGTERM, SIG_IGN);
	other = bystander(own_group);
	while (own_group && getpgid(other) == getpgrp())
		usleep(1000);
	if (witness_fork(&w))
		_exit(9);
	status = 0;
	for (int i = 0; i < 2; i++) {
		usleep(20000); /* the witness takes a moment to be one */
		kill(to == GROUP ? 0 : getpid(), SIGTERM);
		status |= witness_shared(&w, SIGTERM, other) << i;
	}
	witness_end(&w);
	kill(other, SIGKILL);
	_exit(w.pid ? 8 : status);
}

static void test_group(void **state)
{
	(void)state;
	assert_int_equal(shared(GROUP, false), 3);
}

static void test_alone(void **state)
{
	(void)state;
	assert_int_equal(shared(ALONE, false), 0);
}

static void test_other_group(void **state)
{
	(void)state;
	assert_int_equal(shared(GROUP, true), 0);
}

static void test_none(void **state)
{
	struct witness w = {};

	(void)state;
	assert_false(witness_shared(&w, SIGTERM, getpid()));
	witness_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_other_group),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests_name("witness", tests, NULL, NULL);
}
