// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "capture/spare.h"

/* /proc/stat is made anew with each look, and is long where there are many CPUs */
#define LOOK_NS	   (200 * 1000000ULL)
#define STAT_BYTES 256

/* Idle and waiting for I/O, of all CPUs together; the first line of /proc/stat. */
static uint64_t idle_ns(void)
{
	int fd __autoclose = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	unsigned long long idle, waiting;
	char text[STAT_BYTES];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	if (sscanf(text, "cpu %*u %*u %*u %llu %llu", &idle, &waiting) != 2)
		return 0;
	return (idle + waiting) * (1000000000ULL / sysconf(_SC_CLK_TCK));
}

static void take(struct spare *s, uint64_t now_ns)
{
	s->idle_ns = idle_ns();
	s->own_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	s->at_ns = now_ns;
}

void spare_init(struct spare *s)
{
	s->has = false;
	take(s, monotonic_ns());
}

/* A quarter of a CPU is enough; what we have taken would have been idle. */
void spare_look(struct spare *s, uint64_t now_ns)
{
	const struct spare last = *s;

	if (now_ns - last.at_ns < LOOK_NS)
		return;
	take(s, now_ns);
	s->has = s->idle_ns - last.idle_ns + s->own_ns - last.own_ns >= (now_ns - last.at_ns) / 4;
}
