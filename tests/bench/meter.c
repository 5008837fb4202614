// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time that a command takes, and how much of it the machine was idle. Under QEMU's -icount the
 * difference counts instructions: the virtual clock goes on by 2^shift ns with each, and jumps where
 * the CPU would wait.
 * Usage: meter COMMAND [ARG...]; prints "ELAPSED_NS IDLE_NS" on standard error.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Of all CPUs: /proc/stat counts the same in steps of 10 ms. */
static uint64_t idle_ns(void)
{
	FILE *f = fopen("/proc/timer_list", "re");
	unsigned long long ns;
	uint64_t sum = 0;
	char line[256];

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " .idle_sleeptime : %llu", &ns) == 1 ||
		    sscanf(line, " .iowait_sleeptime : %llu", &ns) == 1)
			sum += ns;
	fclose(f);
	return sum;
}

int main(int argc, char **argv)
{
	uint64_t idle = idle_ns(), start = now_ns(), end;
	int status = 127 << 8;
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = fork();
	if (!pid) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	end = now_ns();
	fprintf(stderr, "%llu %llu\n", (unsigned long long)(end - start),
		(unsigned long long)(idle_ns() - idle));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
