// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/klog.h"
#include "capture/kmsg.h"

#define MARK	   "run fstests "
#define RECORD_MAX 8192 /* CONSOLE_EXT_LOG_MAX of printk.c: one read(2) is one record */

int kmsg_open(struct kmsg *k)
{
	k->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (k->fd < 0)
		return -errno;
	lseek(k->fd, 0, SEEK_END);
	return 0;
}

void kmsg_close(struct kmsg *k)
{
	closep(&k->fd);
	k->fd = -1;
}

static int take_mark(const char *text, const struct record_sink *to)
{
	struct ev_test t = {
		.hdr = { .size = sizeof(t), .kind = EV_TEST_LINE, .ts = monotonic_ns() },
	};

	snprintf(t.text, sizeof(t.text), "%s", text);
	return to->add(to->ctx, &t.hdr);
}

static int take_message(struct kmsg *k, unsigned int level, uint64_t stamp, const char *text,
			const struct record_sink *to)
{
	__autofree struct draft *d = draft_make(EV_KLOG, sizeof(struct ev_klog), monotonic_ns());

	if (!d)
		return -ENOMEM;
	d->klog.level = level;
	d->klog.stamp = stamp;
	d->klog.lost = k->lost;
	k->lost = 0;
	draft_string(d, text);
	return draft_emit(d, to);
}

/*
 * "12,435,32504873,-;run fstests generic/306 at 2026-11-22 20:07:16\n SUBSYSTEM=...": facility and level,
 * number, us, flags (Documentation/ABI/testing/dev-kmsg). What user space wrote has a facility.
 */
int kmsg_take(struct kmsg *k, char *record, const struct record_sink *to)
{
	char *text = strchr(record, ';');
	unsigned int priority;
	uint64_t seq, us;

	if (!text || sscanf(record, "%u,%" SCNu64 ",%" SCNu64, &priority, &seq, &us) != 3)
		return 0;
	if (k->next_seq && seq > k->next_seq)
		k->lost += seq - k->next_seq;
	k->next_seq = seq + 1;
	text++;
	text[strcspn(text, "\n")] = '\0';
	klog_unescape(text);
	if (k->marks && !strncmp(text, MARK, strlen(MARK)))
		return take_mark(text, to);
	return priority < 8 && klog_is_ours(text)
		       ? take_message(k, priority, us * NS_PER_US, text, to)
		       : 0;
}

int kmsg_read(struct kmsg *k, const struct record_sink *to)
{
	char record[RECORD_MAX + 1];
	int rc = 0;

	while (!rc) {
		ssize_t n = read(k->fd, record, RECORD_MAX);

		if (n < 0 && errno == EPIPE) /* it was overwritten; the next one is there */
			continue;
		if (n <= 0)
			return 0;
		record[n] = '\0';
		rc = kmsg_take(k, record, to);
	}
	return rc;
}
