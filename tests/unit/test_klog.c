// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's log: records of /dev/kmsg (capture/kmsg.c), what the model keeps of them (model/klog.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "event/kinds.h"
#include "capture/kmsg.h"
#include "model/model.h"

struct got {
	struct ev_hdr hdr;
	struct ev_klog klog;
	char text[256];
	unsigned int nr;
};

static int take(void *ctx, const struct ev_hdr *ev)
{
	struct got *g = ctx;

	g->nr++;
	g->hdr = *ev;
	if (ev->kind == EV_KLOG) {
		memcpy(&g->klog, ev, sizeof(g->klog));
		snprintf(g->text, sizeof(g->text), "%s", ev_text(ev, 0));
	} else {
		snprintf(g->text, sizeof(g->text), "%s", ((const struct ev_test *)ev)->text);
	}
	return 0;
}

/* What one record became; nr 0: nothing. */
static struct got feed(struct kmsg *k, const char *record)
{
	struct got g = {};
	const struct record_sink to = { .add = take, .ctx = &g };
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", record);
	assert_int_equal(kmsg_take(k, copy, &to), 0);
	return g;
}

static void test_messages(void **state)
{
	struct kmsg k = { .fd = -1 };
	struct got g = feed(
		&k,
		"3,41,32504873,-;CIFS: VFS: \\\\srv Send error in SessSetup = -11\n SUBSYSTEM=x\n");

	(void)state;
	assert_int_equal(g.nr, 1);
	assert_int_equal(g.hdr.kind, EV_KLOG);
	assert_int_equal(g.klog.level, 3);
	assert_int_equal(g.klog.stamp, 32504873000);
	assert_int_equal(g.klog.lost, 0);
	assert_true(g.hdr.ts > 0);
	assert_string_equal(g.text, "CIFS: VFS: \\\\srv Send error in SessSetup = -11");

	/* what /dev/kmsg writes for a backslash and for a newline */
	g = feed(&k, "3,41,1,-;CIFS: VFS: \\x5c\\x5csrv a\\x0ab\\xzz\n");
	assert_string_equal(g.text, "CIFS: VFS: \\\\srv a b\\xzz");

	/* of others, and of user space that says it were cifs */
	assert_int_equal(feed(&k, "6,42,1,-;usb 1-1: new device\n").nr, 0);
	assert_int_equal(feed(&k, "12,43,1,-;CIFS: VFS: from user space\n").nr, 0);
	assert_int_equal(feed(&k, "4,44,1,-;VFS: Busy inodes after unmount\n").nr, 0);
	assert_int_equal(feed(&k, "no record at all").nr, 0);
	assert_int_equal(feed(&k, "6,45,1,-;netfs: Zero-sized read [R=2a]\n").nr, 1);
}

/* What was overwritten is told with the next of ours. */
static void test_lost(void **state)
{
	struct kmsg k = { .fd = -1 };

	(void)state;
	assert_int_equal(feed(&k, "3,10,1,-;CIFS: a\n").klog.lost, 0);
	assert_int_equal(feed(&k, "6,15,1,-;somebody\n").nr, 0);
	assert_int_equal(feed(&k, "3,18,1,-;CIFS: b\n").klog.lost, 6);
	assert_int_equal(feed(&k, "3,19,1,-;CIFS: c\n").klog.lost, 0);
}

/* Marks of tests come from user space, and only where they are asked for. */
static void test_marks(void **state)
{
	struct kmsg k = { .fd = -1 };
	const char *mark = "12,43,1,-;run fstests generic/306 at 2026-11-22 20:07:16\n";
	struct got g = feed(&k, mark);

	(void)state;
	assert_int_equal(g.nr, 0);
	k.marks = true;
	g = feed(&k, mark);
	assert_int_equal(g.hdr.kind, EV_TEST_LINE);
	assert_string_equal(g.text, "run fstests generic/306 at 2026-11-22 20:07:16");
}

/* ---- the model ---- */

static void say(struct model *m, uint64_t ts, unsigned int n)
{
	struct {
		struct ev_klog ev;
		char text[24];
	} rec = { .ev.hdr = { .size = sizeof(rec), .kind = EV_KLOG, .ts = ts } };

	snprintf(rec.text, sizeof(rec.text), "CIFS: %u", n);
	assert_int_equal(model_feed(m, &rec.ev.hdr), 0);
}

static void test_kept(void **state)
{
	struct model *m;
	const struct klog *k;
	uint64_t at = 0, n = 0;

	(void)state;
	assert_int_equal(model_new(&m, NULL), 0);
	for (unsigned int i = 0; i < KLOG_KEPT + 10; i++)
		say(m, 1000 + i, i);
	/* the first ten are gone */
	assert_null(klog_next(&model_recording(m)->logged, 0, 1009, &at));
	at = 0;
	k = klog_next(&model_recording(m)->logged, 1012, 1013, &at);
	assert_string_equal(k->text, "CIFS: 12");
	assert_string_equal(klog_next(&model_recording(m)->logged, 1012, 1013, &at)->text,
			    "CIFS: 13");
	assert_null(klog_next(&model_recording(m)->logged, 1012, 1013, &at));
	for (at = 0; klog_next(&model_recording(m)->logged, 0, UINT64_MAX, &at);)
		n++;
	assert_int_equal(n, KLOG_KEPT);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
