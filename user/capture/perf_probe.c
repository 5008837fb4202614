// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/file.h"
#include "capture/perf_probe.h"

#define ONLINE_CPUS   "/sys/devices/system/cpu/online"
#define KPROBE_TYPE   "/sys/bus/event_source/devices/kprobe/type"
#define KPROBE_RETURN "/sys/bus/event_source/devices/kprobe/format/retprobe"

static int perf_open(struct perf_event_attr *attr, int cpu)
{
	int fd;

	attr->size = sizeof(*attr);
	fd = syscall(SYS_perf_event_open, attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The link owns the descriptor, unless it could not be made. */
static int attach_fd(const struct bpf_program *prog, int fd, uint64_t cookie,
		     struct bpf_link **ret_link)
{
	LIBBPF_OPTS(bpf_perf_event_opts, opts, .bpf_cookie = cookie);
	struct bpf_link *link = bpf_program__attach_perf_event_opts(prog, fd, &opts);
	int rc = link ? 0 : -errno;

	if (rc)
		close(fd);
	else
		*ret_link = link;
	return rc;
}

static int kprobe_type(void)
{
	__autofree char *text = NULL;
	int rc = file_read(KPROBE_TYPE, 64, &text, NULL);

	if (rc)
		return rc;
	return atoi(text);
}

/* ---- which CPUs ---- */

static int cpu_list_parse(const char *text, bool *online, int room)
{
	memset(online, 0, room * sizeof(*online));
	while (*text && *text != '\n') {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;

		if (end == text)
			return -EBADMSG;
		if (*end == '-') {
			text = end + 1;
			last = strtoul(text, &end, 10);
			if (end == text)
				return -EBADMSG;
		}
		for (unsigned long cpu = first; cpu <= last && cpu < (unsigned long)room; cpu++)
			online[cpu] = true;
		text = *end == ',' ? end + 1 : end;
		if (text == end && *end && *end != '\n')
			return -EBADMSG;
	}
	return 0;
}

static int online_cpus(bool *online, int room)
{
	__autofree char *text = NULL;
	int rc = file_read(ONLINE_CPUS, 65536, &text, NULL);

	if (rc)
		return rc;
	return cpu_list_parse(text, online, room);
}

/* ---- kprobes ---- */

/* A kprobe counts on every CPU; the event it is made of has to be on some. */
static int any_cpu(void)
{
	int room = libbpf_num_possible_cpus(), cpu = 0;
	__autofree bool *online = room > 0 ? calloc(room, sizeof(bool)) : NULL;

	if (!online || online_cpus(online, room))
		return 0;
	while (cpu < room - 1 && !online[cpu])
		cpu++;
	return cpu;
}

/* Which bit of the event's config says "at the return": "config:0" */
static int return_bit(uint64_t *ret_config)
{
	__autofree char *text = NULL;
	int rc = file_read(KPROBE_RETURN, 64, &text, NULL), bit;

	if (rc)
		return rc;
	if (sscanf(text, "config:%d", &bit) != 1 || bit < 0 || bit > 63)
		return -EBADMSG;
	*ret_config = 1ULL << bit;
	return 0;
}

int kprobe_attach(const struct bpf_program *prog, const struct kprobe_place *at, uint64_t cookie,
		  struct bpf_link **ret_link)
{
	struct perf_event_attr attr = { .kprobe_addr = at->addr };
	uint64_t config = 0;
	int type = kprobe_type(), rc = at->on_return ? return_bit(&config) : 0, fd;

	if (type < 0 || rc)
		return type < 0 ? type : rc;
	attr.type = type;
	attr.config = config;
	if (!at->addr)
		attr.kprobe_func = (uintptr_t)at->function;
	fd = perf_open(&attr, any_cpu());
	return fd < 0 ? fd : attach_fd(prog, fd, cookie, ret_link);
}

/* ---- breakpoints ---- */

struct breakpoint {
	const struct bpf_program *prog;
	uint64_t addr;
	int nr_cpus; /* possible ones */
	bool *online;
	struct bpf_link **link;
};

void breakpoint_free(struct breakpoint *b)
{
	if (!b)
		return;
	for (int cpu = 0; b->link && cpu < b->nr_cpus; cpu++)
		bpf_link__destroy(b->link[cpu]);
	free(b->link);
	free(b->online);
	free(b);
}

static void breakpoint_freep(struct breakpoint **b)
{
	breakpoint_free(*b);
}

static int attach_cpu(struct breakpoint *b, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.bp_type = HW_BREAKPOINT_X,
		.bp_addr = b->addr,
		.bp_len = sizeof(long),
		.sample_period = 1,
		.pinned = 1,
		.exclude_user = 1,
	};
	int fd = perf_open(&attr, cpu);

	return fd < 0 ? fd : attach_fd(b->prog, fd, 0, &b->link[cpu]);
}

int breakpoint_follow_cpus(struct breakpoint *b)
{
	int rc = online_cpus(b->online, b->nr_cpus), failed = 0;

	for (int cpu = 0; !rc && cpu < b->nr_cpus; cpu++) {
		if (b->online[cpu] && !b->link[cpu]) {
			int error = attach_cpu(b, cpu);

			failed = error ? error : failed;
		} else if (!b->online[cpu] && b->link[cpu]) {
			bpf_link__destroy(b->link[cpu]);
			b->link[cpu] = NULL;
		}
	}
	return rc ?: failed;
}

int breakpoint_attach(struct breakpoint **ret_b, const struct bpf_program *prog, uint64_t addr)
{
	__free(breakpoint_freep) struct breakpoint *b = calloc(1, sizeof(*b));
	int rc;

#if !defined(__x86_64__)
	/* arm64 steps over a breakpoint only for its own handlers: with ours it would hang */
	return -ENOTSUP;
#endif
	if (!b)
		return -ENOMEM;
	b->prog = prog;
	b->addr = addr;
	b->nr_cpus = libbpf_num_possible_cpus();
	if (b->nr_cpus <= 0)
		return -ENOTSUP;
	b->online = calloc(b->nr_cpus, sizeof(*b->online));
	b->link = calloc(b->nr_cpus, sizeof(*b->link));
	if (!b->online || !b->link)
		return -ENOMEM;
	rc = breakpoint_follow_cpus(b);
	if (!rc)
		*ret_b = TAKE(b);
	return rc;
}
