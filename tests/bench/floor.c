// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches floor.bpf.c wherever netfsnoop has a probe of its own on this kernel.
 * Usage: floor OBJECT READY-FILE; until a signal, then prints how many records there were.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RECORD_ROOM (8 + 88) /* with the ring's own header */

/* As a tracepoint, or as a function that ftrace can stop at. */
static bool exists(const struct bpf_program *prog, const char *functions)
{
	const char *section = bpf_program__section_name(prog), *target = strchr(section, '/') + 1;
	char text[160];

	if (strncmp(section, "tp_btf/", 7)) {
		snprintf(text, sizeof(text), "\n%s", target);
		for (const char *at = functions; (at = strstr(at, text)); at++)
			if (strchr(" \n", at[strlen(text)]))
				return true;
		return false;
	}
	for (int i = 0; i < 3; i++) {
		static const char *const groups[] = { "netfs", "cifs", "filemap" };

		snprintf(text, sizeof(text), "/sys/kernel/tracing/events/%s/%s", groups[i], target);
		if (!access(text, F_OK))
			return true;
	}
	return false;
}

static char *read_functions(void)
{
	FILE *f = fopen("/sys/kernel/tracing/available_filter_functions", "re");
	size_t size = 0;
	char *text = NULL;

	if (f && getdelim(&text, &size, '\0', f) < 0)
		text = NULL;
	if (f)
		fclose(f);
	return text;
}

static unsigned long long ring_position(const struct bpf_object *obj)
{
	int fd = bpf_object__find_map_fd_by_name(obj, "ring");
	unsigned long long *producer =
		mmap(NULL, getpagesize(), PROT_READ, MAP_SHARED, fd, getpagesize());

	return producer == MAP_FAILED ? 0 : *producer;
}

static int attach(struct bpf_object *obj)
{
	struct bpf_program *prog;
	int n = 0;

	bpf_object__for_each_program (prog, obj) {
		if (bpf_program__autoload(prog) && bpf_program__attach(prog))
			n++;
	}
	return n;
}

static int set_enabled(const struct bpf_object *obj)
{
	struct bpf_map *bss = bpf_object__find_map_by_name(obj, ".bss");
	bool *enabled =
		mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(bss), 0);

	if (enabled == MAP_FAILED)
		return -1;
	*enabled = true; /* the one variable of .bss */
	return 0;
}

int main(int argc, char **argv)
{
	struct bpf_object *obj = argc == 3 ? bpf_object__open(argv[1]) : NULL;
	char *functions = read_functions();
	struct bpf_program *prog;
	sigset_t set;
	int sig, n;

	if (!obj || !functions)
		return 2;
	bpf_object__for_each_program (prog, obj)
		bpf_program__set_autoload(prog, exists(prog, functions));
	if (bpf_object__load(obj))
		return 1;
	n = attach(obj);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (set_enabled(obj))
		return 1;
	close(open(argv[2], O_CREAT | O_WRONLY, 0644));
	sigwait(&set, &sig);
	printf("%llu records, %d programs\n", ring_position(obj) / RECORD_ROOM, n);
	return 0;
}
