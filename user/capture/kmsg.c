// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "capture/kmsg.h"

#define MARK	   "run fstests "
#define RECORD_MAX 8192 /* CONSOLE_EXT_LOG_MAX of printk.c: one read(2) is one record */

int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	lseek(fd, 0, SEEK_END);
	return fd;
}

/* "12,435,32504873,-;run fstests generic/306 at 2026-11-22 20:07:16\n SUBSYSTEM=..." */
static int take_record(const char *record, const struct record_sink *to)
{
	struct ev_test t = {
		.hdr = { .size = sizeof(t), .kind = EV_TEST_LINE, .ts = monotonic_ns() },
	};
	const char *text = strchr(record, ';');

	if (!text || strncmp(text + 1, MARK, strlen(MARK)))
		return 0;
	snprintf(t.text, sizeof(t.text), "%.*s", (int)strcspn(text + 1, "\n"), text + 1);
	return to->add(to->ctx, &t.hdr);
}

int kmsg_read(int fd, const struct record_sink *to)
{
	char record[RECORD_MAX + 1];
	int rc = 0;

	while (!rc) {
		ssize_t n = read(fd, record, RECORD_MAX);

		if (n < 0 && errno == EPIPE) /* it was overwritten; the next one is there */
			continue;
		if (n <= 0)
			return 0;
		record[n] = '\0';
		rc = take_record(record, to);
	}
	return rc;
}
