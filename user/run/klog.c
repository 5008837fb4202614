// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "base/klog.h"
#include "log/file.h"
#include "oops/oops.h"
#include "run/klog.h"

#define IDLE_MS 1000	   /* following: a report is over when nothing comes for so long */
#define MAX_LOG (64 << 20) /* of a saved log; kernels keep a MiB or two */

/* One record a read: Documentation/ABI/testing/dev-kmsg */
static int take_record(const struct klog_sink *to, char *record, size_t size)
{
	size_t n = strcspn(record, "\n");

	record[n < size ? n : size] = '\0';
	klog_unescape(record);
	n = strlen(record);
	record[n] = '\n';
	return to->line(to->ctx, record, n + 1);
}

/* Nothing more to read: 0 to go on, 1 at the end of what there is. */
static int wait_more(int fd, const struct klog_sink *to, bool follow)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int n = follow ? poll(&pfd, 1, IDLE_MS) : 0, rc;

	if (n > 0 || (n < 0 && errno == EINTR))
		return 0;
	if (n < 0)
		return -errno;
	rc = to->pause(to->ctx);
	if (rc)
		return rc;
	return follow ? 0 : 1;
}

int klog_read(const struct klog_sink *to, bool follow, struct err *err)
{
	__autoclose int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8193];
	int rc = 0;

	if (fd < 0)
		return err_set(err, -errno, "/dev/kmsg: %s%s", strerror(errno),
			       errno == EPERM || errno == EACCES ? "; run as root, or give a file"
								 : "");
	while (!rc) {
		ssize_t n = read(fd, record, sizeof(record) - 1);

		if (n > 0)
			record[n] = '\0';
		if (n > 0)
			rc = take_record(to, record, n);
		else if (n == 0 || errno == EAGAIN)
			rc = wait_more(fd, to, follow);
		else if (errno != EPIPE && errno != EINTR) /* EPIPE: it was overwritten */
			rc = err_set(err, -errno, "/dev/kmsg: %s", strerror(errno));
	}
	return rc < 0 ? rc : 0;
}

/* ---- what cifs and netfs said ---- */

static void take_note(void *ctx, const char *text, const char *when, uint64_t line, uint64_t times)
{
	struct klog_notes *n = ctx;

	notes_add(&n->notes, text, when, line, times);
}

static int count_report(void *ctx, const struct oops *o)
{
	struct klog_notes *n = ctx;

	(void)o;
	n->reports++;
	return 0;
}

static int feed(void *ctx, char *line, size_t size)
{
	return oops_parser_feed(ctx, line, size);
}

static int flush(void *ctx)
{
	return oops_parser_flush(ctx);
}

static int read_saved(struct oops_parser *p, const char *path)
{
	__autofree char *log = NULL;
	bool cut;
	size_t size;
	int rc = log_file_read(path, MAX_LOG, &log, &size, &cut);

	if (rc)
		return rc;
	rc = oops_parser_feed(p, log, size);
	if (rc)
		return rc;
	return oops_parser_flush(p);
}

int klog_notes_read(struct klog_notes *n, const char *path, struct err *err)
{
	__free(oops_parser_freep) struct oops_parser *p = NULL;
	struct klog_sink to = { .line = feed, .pause = flush };
	int rc = oops_parser_new(&p, count_report, n);

	if (rc)
		return rc;
	oops_parser_on_line(p, take_note, n);
	to.ctx = p;
	rc = path ? read_saved(p, path) : klog_read(&to, false, err);
	notes_sort(&n->notes);
	return rc;
}
