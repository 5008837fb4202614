// SPDX-License-Identifier: GPL-2.0-only
/* Faults of a proxy: lines of its log (capture/faults.c), whom the model says they met, what is shown of them. */
#include <stdlib.h>
#include <unistd.h>

#include <jansson.h>

#include "check_util.h"
#include "capture/faults.h"
#include "event/kinds.h"
#include "view/export/json/json.h"
#include "view/text/summary.h"
#include "view/text/timeline.h"

/* ---- the log ---- */

struct got {
	struct ev_fault last;
	char text[200];
	unsigned int nr;
};

static int collect(void *ctx, const struct ev_hdr *ev)
{
	struct got *g = ctx;

	g->nr++;
	memcpy(&g->last, ev, sizeof(g->last));
	snprintf(g->text, sizeof(g->text), "%s", ev_text(ev, 0));
	return 0;
}

struct log {
	char path[32];
	struct faults *f;
	FILE *file;
};

static void log_open(struct log *l, const char *before)
{
	struct err err = {};

	strcpy(l->path, "/tmp/faults.XXXXXX");
	l->file = fdopen(mkstemp(l->path), "w");
	assert_non_null(l->file);
	fputs(before, l->file);
	fflush(l->file);
	assert_int_equal(faults_open(&l->f, l->path, &err), 0);
}

static void log_close(struct log *l)
{
	faults_free(l->f);
	fclose(l->file);
	unlink(l->path);
}

static struct got add_lines(struct log *l, const char *text)
{
	struct got g = {};
	const struct record_sink to = { .add = collect, .ctx = &g };

	fputs(text, l->file);
	fflush(l->file);
	assert_int_equal(faults_read(l->f, &to), 0);
	return g;
}

#define HEAD "{\"type\":\"fault\",\"time\":\"x\",\"monotonic_ns\":77,\"connection\":2,"
#define READ_LINE                                                                         \
	HEAD "\"session\":1,\"command\":\"READ\",\"mid\":42,\"session_id\":\"0x00ff\","   \
	     "\"tree_id\":\"0x1\",\"offset\":4096,\"length\":65536,\"line\":3,"           \
	     "\"fault\":\"short-read\",\"text\":\"returned 1 of 2 bytes\",\"was\":65536," \
	     "\"became\":100}\n"
#define STATUS_LINE                                                                          \
	HEAD "\"command\":\"WRITE\",\"mid\":43,\"session_id\":\"0x1\",\"fault\":\"status\"," \
	     "\"status\":\"0xc000007f\",\"again\":true,\"line\":1,\"text\":\"DISK_FULL\"}\n"

static void test_lines(void **state)
{
	struct log l;
	struct got g;

	(void)state;
	log_open(&l, READ_LINE); /* of before the recording */
	g = add_lines(&l, READ_LINE);
	assert_int_equal(g.nr, 1);
	assert_int_equal(g.last.hdr.kind, EV_FAULT);
	assert_int_equal(g.last.hdr.ts, 77);
	assert_int_equal(g.last.sesid, 0xff);
	assert_int_equal(g.last.mid, 42);
	assert_int_equal(g.last.offset, 4096);
	assert_int_equal(g.last.len, 65536);
	assert_int_equal(g.last.was, 65536);
	assert_int_equal(g.last.became, 100);
	assert_int_equal(g.last.line, 3);
	assert_int_equal(g.last.nr, 2);
	assert_int_equal(g.last.cmd, 8);
	assert_int_equal(g.last.fault, EV_FAULT_SHORT_READ);
	assert_string_equal(g.text, "returned 1 of 2 bytes");

	g = add_lines(&l, STATUS_LINE);
	assert_int_equal(g.last.status, 0xc000007f);
	assert_int_equal(g.last.fault, EV_FAULT_STATUS);
	assert_true(g.last.again);
	/* what cannot be seen, and what this version does not know */
	g = add_lines(&l, HEAD "\"line\":1,\"fault\":\"novelty\",\"text\":\"?\"}\n");
	assert_int_equal(g.last.cmd, EV_NO_COMMAND);
	assert_int_equal(g.last.fault, EV_FAULT_OTHER);
	log_close(&l);
}

static void test_other_lines(void **state)
{
	struct log l;

	(void)state;
	log_open(&l, "");
	assert_int_equal(add_lines(&l, "{\"type\":\"skipped\"}\nno JSON\n\n[1]\n").nr, 0);
	/* half a line waits for the rest */
	assert_int_equal(add_lines(&l, READ_LINE "{\"type\":\"fault\",\"mid\":7,").nr, 1);
	assert_int_equal(add_lines(&l, "").nr, 0);
	assert_int_equal(add_lines(&l, "\"fault\":\"cut\"}\n").last.mid, 7);
	/* another proxy began it anew */
	assert_int_equal(ftruncate(fileno(l.file), 0), 0);
	rewind(l.file);
	assert_int_equal(add_lines(&l, STATUS_LINE).last.mid, 43);
	log_close(&l);
}

static void test_no_log(void **state)
{
	struct faults *f = NULL;
	struct err err = {};

	(void)state;
	assert_int_equal(faults_open(&f, "/nonexistent/log", &err), -ENOENT);
	assert_non_null(strstr(err.text, "provoke"));
	assert_int_equal(faults_open(&f, "/dev/null", &err), -EINVAL);
	assert_null(f);
}

/* ---- the model ---- */

static void fault(struct seq *q, uint8_t kind, uint64_t mid, uint16_t cmd)
{
	FEED(q, 0, ev_fault, EV_FAULT, 0, 0, .sesid = 1, .mid = mid, .cmd = cmd, .fault = kind,
	     .was = 4096, .became = 100, .len = 4096, .line = 3, .nr = 1);
}

struct met {
	struct seq *q;
	unsigned int nr;
	uint32_t r, s;
	uint64_t conn, mid;
	uint32_t of_request, of_subrequest, of_command;
	char *timeline;
	size_t size;
};

static int on_event(void *ctx, const struct seen *seen)
{
	struct met *w = ctx;

	w->nr++;
	w->r = seen->r ? seen->r->key.rreq : 0;
	w->s = seen->s ? seen->s->index : 0;
	w->conn = seen->conn ? seen->conn->id : 0;
	w->mid = seen->command ? seen->command->mid : 0;
	return 0;
}

static int on_request(void *ctx, const struct request *r)
{
	const struct timeline_options opts = { .width = 160 };
	struct met *w = ctx;
	FILE *out = open_memstream(&w->timeline, &w->size);

	w->of_request = r->faults;
	for_each_subrequest (r, s)
		w->of_subrequest += s->faults;
	assert_int_equal(timeline_print(out, w->q->m, r, &opts), 0);
	fclose(out);
	return 0;
}

static int on_command(void *ctx, const struct command *c)
{
	struct met *w = ctx;

	w->of_command += c->faults;
	return 0;
}

static bool keep(void *ctx, const struct request *r)
{
	(void)ctx;
	(void)r;
	return true;
}

static const uint8_t kinds[] = { EV_FAULT, 0 };

/* A read whose command met a fault, and two faults that met nothing of it. */
static void play(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096 };
	struct io a = { .r = 1, .s = 1, .len = 4096, .got = 100 };
	struct io b = { .r = 1, .s = 1, .len = 4096, .before = 100, .retry = true, .mid = 99 };

	begin(q, &r);
	issue(q, &a);
	fault(q, EV_FAULT_SHORT_READ, 65, 8);
	answer(q, &a);
	io(q, &b);
	end(q, &r);
}

static struct seq *kept_seq(struct met *w, struct model_listener *l)
{
	const struct model_options opts = { .keep = keep };
	struct seq *q = calloc(1, sizeof(*q));

	assert_non_null(q);
	*q = (struct seq){ .new = true, .pool = 500, .i_size = 1 << 30, .now = SEC };
	assert_int_equal(model_new(&q->m, &opts), 0);
	assert_int_equal(engine_new(&q->e, q->m, NULL), 0);
	assert_int_equal(model_listen(q->m, engine_listener(q->e)), 0);
	*w = (struct met){ .q = q };
	*l = (struct model_listener){ .event = on_event,
				      .kinds = kinds,
				      .request = on_request,
				      .command = on_command,
				      .ctx = w };
	assert_int_equal(model_listen(q->m, l), 0);
	seq_head(q, K73);
	return q;
}

static void test_met(void **state)
{
	struct model_listener l;
	struct met w;
	struct seq *q = kept_seq(&w, &l);

	(void)state;
	play(q);
	assert_int_equal(w.nr, 1);
	assert_int_equal(w.r, 1);
	assert_int_equal(w.s, 1);
	assert_int_equal(w.conn, CONN);
	assert_int_equal(w.mid, 65);
	fault(q, EV_FAULT_GRANT, 4711, 8); /* no such command */
	assert_int_equal(w.r, 0);
	assert_int_equal(w.mid, 0);
	fault(q, EV_FAULT_STALL, 65, EV_NO_COMMAND); /* sealed */
	assert_int_equal(w.nr, 3);
	assert_int_equal(w.mid, 0);
	assert_int_equal(model_recording(q->m)->faults, 3);
	silent(q, NULL);
	assert_int_equal(w.of_request, 1);
	assert_int_equal(w.of_subrequest, 1);
	assert_int_equal(w.of_command, 1);
	assert_non_null(strstr(w.timeline, "the proxy      [1]  wire    ! short-read"));
	assert_non_null(strstr(w.timeline, "100/4096"));
	assert_non_null(strstr(w.timeline, "plan:3 mid=65"));
	free(w.timeline);
	seq_free(q);
}

/* ---- views ---- */

static void test_summary(void **state)
{
	const struct summary_options opts = { .width = 80 };
	struct seq *q = seq_open(K73, NULL);
	struct summary_view *v;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(summary_view_new(&v, out, q->m, NULL, &opts), 0);
	assert_int_equal(model_listen(q->m, summary_view_listener(v)), 0);
	seq_head(q, K73);
	play(q);
	fault(q, EV_FAULT_SHORT_READ, 66, 8);
	seq_finish(q);
	assert_int_equal(summary_view_finish(v, NULL), 0);
	fclose(out);
	assert_non_null(strstr(text, "Faults that provoke showed the client\n"
				     "     2  READ short-read"));
	summary_view_free(v);
	seq_free(q);
	free(text);
}

/* The lines of `report --json`: the fault, and how many its request has met. */
static void test_json(void **state)
{
	struct seq *q = seq_open(K73, NULL);
	struct json_view *v;
	char *text, *rest;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *line, *fault = NULL, *request = NULL;

	(void)state;
	assert_int_equal(json_view_new(&v, out, q->m, NULL, false), 0);
	assert_int_equal(model_listen(q->m, json_view_listener(v)), 0);
	seq_head(q, K73);
	play(q);
	seq_finish(q);
	fclose(out);
	for (rest = text; rest && (line = json_loads(strsep(&rest, "\n"), 0, NULL));) {
		const char *type = json_string_value(json_object_get(line, "type"));

		if (!strcmp(type, "fault"))
			fault = json_incref(line);
		else if (!strcmp(type, "request"))
			request = json_incref(line);
		json_decref(line);
	}
	assert_string_equal(json_string_value(json_object_get(fault, "fault")), "short-read");
	assert_string_equal(json_string_value(json_object_get(fault, "rreq")), "00000001");
	assert_string_equal(json_string_value(json_object_get(fault, "sreq")), "1");
	assert_string_equal(json_string_value(json_object_get(fault, "mid")), "0x41");
	assert_int_equal(json_integer_value(json_object_get(fault, "attempt")), 1);
	assert_int_equal(json_integer_value(json_object_get(fault, "became")), 100);
	assert_int_equal(json_integer_value(json_object_get(request, "faults")), 1);
	json_decref(fault);
	json_decref(request);
	json_view_free(v);
	seq_free(q);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),	cmocka_unit_test(test_other_lines),
		cmocka_unit_test(test_no_log),	cmocka_unit_test(test_met),
		cmocka_unit_test(test_summary), cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
