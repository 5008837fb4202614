// SPDX-License-Identifier: GPL-2.0-only
/*
 * How often tracepoints fire while a command runs, counted by the kernel's own perf counters.
 * Usage: tpcount -o FILE -f LIST -- COMMAND [ARG...]
 * LIST has one CATEGORY:EVENT a line, those that this kernel lacks are left out; FILE gets
 * "CATEGORY:EVENT COUNT" lines. The exit status is the command's.
 */
#include <err.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_EVENTS 256
#define MAX_CPUS   64

struct counter {
	const char *name;
	int fd[MAX_CPUS];
};

static struct counter counters[MAX_EVENTS];
static int nr_counters, nr_cpus;

/* /sys/kernel/tracing/events/CATEGORY/EVENT/id, or -1 */
static int event_id(const char *name)
{
	const char *colon = strchr(name, ':');
	char path[256];
	int id = -1;
	FILE *f;

	if (!colon)
		errx(2, "%s: not CATEGORY:EVENT", name);
	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/%.*s/%s/id", (int)(colon - name),
		 name, colon + 1);
	f = fopen(path, "r");
	if (!f)
		return -1;
	if (fscanf(f, "%d", &id) != 1)
		errx(2, "%s: no number", path);
	fclose(f);
	return id;
}

static void open_counter(const char *name)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
	};
	struct counter *c = &counters[nr_counters];
	int id = event_id(name);

	if (id < 0)
		return;
	if (nr_counters == MAX_EVENTS)
		errx(2, "more than %d events", MAX_EVENTS);
	attr.config = id;
	c->name = name;
	for (int cpu = 0; cpu < nr_cpus; cpu++) {
		c->fd[cpu] = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
		if (c->fd[cpu] < 0)
			err(2, "perf_event_open %s on CPU %d", name, cpu);
	}
	nr_counters++;
}

static void open_list(const char *path)
{
	char line[128];
	FILE *f = fopen(path, "r");

	if (!f)
		err(2, "%s", path);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		open_counter(strdup(line));
	}
	fclose(f);
}

static void write_counts(const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f)
		err(2, "%s", path);
	for (int i = 0; i < nr_counters; i++) {
		uint64_t sum = 0, n;

		for (int cpu = 0; cpu < nr_cpus; cpu++) {
			if (read(counters[i].fd[cpu], &n, sizeof(n)) != sizeof(n))
				err(2, "reading %s", counters[i].name);
			sum += n;
		}
		fprintf(f, "%s %llu\n", counters[i].name, (unsigned long long)sum);
	}
	if (fclose(f))
		err(2, "%s", path);
}

static int run(char **command)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		err(2, "fork");
	if (!pid) {
		execvp(command[0], command);
		err(127, "%s", command[0]);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(2, "waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	struct rlimit files = { 65536, 65536 };
	const char *output = NULL, *list = NULL;
	int opt, status;

	while ((opt = getopt(argc, argv, "+o:f:")) != -1) {
		if (opt == 'o')
			output = optarg;
		else if (opt == 'f')
			list = optarg;
		else
			return 2;
	}
	nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (!output || !list || optind == argc || nr_cpus > MAX_CPUS)
		errx(2, "usage: tpcount -o FILE -f LIST -- COMMAND, on at most %d CPUs", MAX_CPUS);
	setrlimit(RLIMIT_NOFILE, &files);
	open_list(list);
	status = run(argv + optind);
	write_counts(output);
	return status;
}
