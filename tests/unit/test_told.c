// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is about no request: causes of -EIO, slow responses, messages of the kernel's log that were
 * overwritten. In the summary, in timelines, in JSON lines and in SQL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <sqlite3.h>

#include "event/kinds.h"
#include "model/model.h"
#include "text_util.h"
#include "view/export/export.h"
#include "view/export/json/json.h"
#include "view/text/summary.h"

#define PROBE_EIO  3
#define PROBE_SLOW 4

struct fed {
	struct model *m;
	uint64_t now;
	struct timelines printed;
};

static int on_request(void *ctx, const struct request *r)
{
	struct fed *f = ctx;

	return timelines_add(&f->printed, r);
}

static void tell(struct fed *f, struct ev_hdr *ev, uint8_t kind, size_t size)
{
	ev->kind = kind;
	ev->size = size;
	ev->ts = f->now += 1000000;
	assert_int_equal(model_feed(f->m, ev), 0);
}

static void text_record(struct fed *f, uint8_t kind, const void *fixed, size_t fixed_size,
			const char *text, size_t len)
{
	union {
		struct ev_hdr hdr;
		char bytes[256];
	} r = {};

	assert_true(fixed_size + len < sizeof(r));
	memcpy(r.bytes, fixed, fixed_size);
	memcpy(r.bytes + fixed_size, text, len);
	tell(f, &r.hdr, kind, (fixed_size + len + EV_ALIGN) / EV_ALIGN * EV_ALIGN);
}

#define TEXT(f, kind, fixed, text) text_record(f, kind, &(fixed), sizeof(fixed), text, sizeof(text))

static void name_things(struct fed *f)
{
	const struct ev_enum_rec cause = { .value = 9 }, state = { .value = 1 };
	const struct ev_probe_rec eio = { .id = PROBE_EIO, .state = EV_PROBE_ON };
	const struct ev_probe_rec slow = { .id = PROBE_SLOW, .state = EV_PROBE_ON };

	TEXT(f, EV_ENUM, cause, "smb_eio_trace\0smb_eio_trace_forced_shutdown");
	TEXT(f, EV_ENUM, state, "netfs_rreq_trace\0netfs_rreq_trace_free");
	TEXT(f, EV_PROBE, eio, "smb3_eio\0tp_btf\0smb3_eio\0\0");
	TEXT(f, EV_PROBE, slow, "smb3_slow_rsp\0tp_btf\0smb3_slow_rsp\0\0");
}

static void request(struct fed *f, uint8_t what)
{
	struct ev_rreq ev = { .hdr = { .flags = EVF_RREQ, .probe = 1, .tid = 7, .tgid = 7 },
			      .rreq = 0x2a,
			      .len = 4096,
			      .what = what };

	tell(f, &ev.hdr, EV_RREQ, sizeof(ev));
}

/* A request, and in its time an EIO, two slow responses and a message. */
static void feed(struct fed *f)
{
	struct ev_eio eio = { .hdr.probe = PROBE_EIO, .what = 9, .info = 0x1f, .info2 = 2 };
	struct ev_slow_rsp slow = { .hdr.probe = PROBE_SLOW, .cmd = 8, .mid = 12, .pid = 77 };
	const struct ev_klog log = { .lost = 5, .level = 3 };

	name_things(f);
	request(f, 0);
	tell(f, &eio.hdr, EV_EIO, sizeof(eio));
	slow.sent = 1000;
	slow.received = 2500;
	tell(f, &slow.hdr, EV_SLOW_RSP, sizeof(slow));
	slow.received = 1200;
	tell(f, &slow.hdr, EV_SLOW_RSP, sizeof(slow));
	TEXT(f, EV_KLOG, log, "CIFS: VFS: a message");
	request(f, 1);
}

static void begin(struct fed *f)
{
	*f = (struct fed){ .now = 1000000000 };
	assert_int_equal(model_new(&f->m, &timelines_model), 0);
}

static void end(struct fed *f)
{
	model_free(f->m);
}

static void test_timeline(void **state)
{
	struct fed f;
	struct model_listener l = { .request = on_request, .ctx = &f };
	const char *text;

	(void)state;
	begin(&f);
	timelines_begin(&f.printed, f.m);
	assert_int_equal(model_listen(f.m, &l), 0);
	feed(&f);
	assert_int_equal(model_finish(f.m), 0);
	text = timelines_end(&f.printed);
	assert_has(text, "  cifs: [    1.006000] EIO smb_eio_trace_forced_shutdown info=1f,2\n");
	assert_has(text, "  cifs: [    1.007000] slow response READ mid=12 pid=77 jiffies=1500\n");
	assert_has(text, "  log: [    1.009000] CIFS: VFS: a message\n"
			 "  log: 5 messages were overwritten before\n");
	free(f.printed.text);
	end(&f);
}

static void test_summary(void **state)
{
	const struct summary_options opts = { .width = 80 };
	struct summary_view *v;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct fed f;

	(void)state;
	begin(&f);
	assert_int_equal(summary_view_new(&v, out, f.m, NULL, &opts), 0);
	assert_int_equal(model_listen(f.m, summary_view_listener(v)), 0);
	feed(&f);
	assert_int_equal(model_finish(f.m), 0);
	assert_int_equal(summary_view_finish(v, NULL), 0);
	fclose(out);
	assert_has(text, "Why cifs returned -EIO\n"
			 "     1  smb_eio_trace_forced_shutdown [    1.006000]\n");
	assert_has(text, "Responses that cifs found slow\n"
			 "     2  READ up to 1500 jiffies [    1.007000] - [    1.008000]\n");
	assert_has(text, "5 messages of the log were overwritten before it could be read.\n");
	summary_view_free(v);
	free(text);
	end(&f);
}

static void assert_moment(json_t *line, const char *what, const char *text, int64_t value)
{
	assert_string_equal(json_string_value(json_object_get(line, "what")), what);
	assert_string_equal(json_string_value(json_object_get(line, "text")), text);
	assert_int_equal(json_integer_value(json_object_get(line, "value")), value);
}

/* The lines of `report --json`: not only an export has them. */
static void test_json(void **state)
{
	struct json_view *v;
	char *text = NULL, *rest;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *line, *moment[4];
	unsigned int nr = 0;
	struct fed f;

	(void)state;
	begin(&f);
	assert_int_equal(json_view_new(&v, out, f.m, NULL, false), 0);
	assert_int_equal(model_listen(f.m, json_view_listener(v)), 0);
	feed(&f);
	assert_int_equal(model_finish(f.m), 0);
	fclose(out);
	for (rest = text; nr < 4 && (line = json_loads(strsep(&rest, "\n"), 0, NULL));)
		if (!strcmp(json_string_value(json_object_get(line, "type")), "moment"))
			moment[nr++] = line;
		else
			json_decref(line);
	assert_int_equal(nr, 4);
	assert_moment(moment[0], "smb3_eio", "smb_eio_trace_forced_shutdown info=1f,2", 0);
	assert_moment(moment[1], "smb3_slow_rsp", "READ mid=12 pid=77 jiffies=1500", 1500);
	assert_moment(moment[3], "log", "CIFS: VFS: a message", 3);
	assert_true(json_is_null(json_object_get(moment[0], "lost")));
	assert_int_equal(json_integer_value(json_object_get(moment[3], "lost")), 5);
	for (nr = 0; nr < 4; nr++)
		json_decref(moment[nr]);
	json_view_free(v);
	free(text);
	end(&f);
}

static void assert_sql(sqlite3 *db, const char *query, const char *wanted)
{
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(s, 0), wanted);
	sqlite3_finalize(s);
}

static void export_to(struct fed *f, const char *path)
{
	const struct request_filter filter = {};
	struct trace_damage damage = {};
	struct export_job job = {
		.filter = &filter, .damage = &damage, .path = path, .file = path
	};
	const struct engine_options judge = {};
	struct engine *e;
	struct err err = {};
	void *x;

	assert_int_equal(engine_new(&e, f->m, &judge), 0);
	job.m = f->m;
	job.e = e;
	assert_int_equal(export_sqlite.create(&x, &job, &err), 0);
	assert_int_equal(model_listen(f->m, engine_listener(e)), 0);
	assert_int_equal(model_listen(f->m, export_sqlite.listener(x)), 0);
	feed(f);
	assert_int_equal(model_finish(f->m), 0);
	assert_int_equal(engine_finish(e), 0);
	assert_int_equal(export_sqlite.finish(x, &err), 0);
	export_sqlite.free(x);
	engine_free(e);
}

static void test_sql(void **state)
{
	char path[] = "/tmp/netfsnoop-told-XXXXXX";
	int fd = mkstemp(path);
	struct fed f;
	sqlite3 *db;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	begin(&f);
	export_to(&f, path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_sql(db, "SELECT text FROM moment WHERE what = 'smb3_eio' AND lost IS NULL",
		   "smb_eio_trace_forced_shutdown info=1f,2");
	assert_sql(db,
		   "SELECT max(value) || ' ' || count(*) FROM moment WHERE what = 'smb3_slow_rsp'",
		   "1500 2");
	assert_sql(db, "SELECT lost FROM moment WHERE what = 'log'", "5");
	sqlite3_close(db);
	unlink(path);
	end(&f);
}

/* A server that is always slow fills the ring of what was told, and not that of the log. */
static void test_flood(void **state)
{
	struct ev_slow_rsp slow = { .hdr.probe = PROBE_SLOW, .cmd = 8 };
	const struct ev_klog log = { .level = 3 };
	uint64_t at = 0, n = 0;
	struct fed f;

	(void)state;
	begin(&f);
	TEXT(&f, EV_KLOG, log, "CIFS: first");
	for (unsigned int i = 0; i < 3 * KLOG_KEPT; i++)
		tell(&f, &slow.hdr, EV_SLOW_RSP, sizeof(slow));
	while (klog_next(&model_recording(f.m)->told, 0, UINT64_MAX, &at))
		n++;
	assert_int_equal(n, KLOG_KEPT);
	at = 0;
	assert_string_equal(klog_next(&model_recording(f.m)->logged, 0, UINT64_MAX, &at)->text,
			    "CIFS: first");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timeline), cmocka_unit_test(test_summary),
		cmocka_unit_test(test_json),	 cmocka_unit_test(test_sql),
		cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
