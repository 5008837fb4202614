// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/kinds.h"
#include "view/findings.h"
#include "view/test_json.h"

static int put(FILE *out, json_t *line)
{
	int rc = -ENOMEM;

	errno = 0;
	if (line && json_dumpf(line, out, JSON_COMPACT) == 0 && putc('\n', out) != EOF)
		rc = 0;
	else if (line && errno)
		rc = -errno;
	json_decref(line);
	return rc;
}

/* "symbol+0xoff/0xsize [module]", as the model spells it */
static json_t *where_of(const struct finding *f)
{
	char symbol[sizeof(f->place)], module[64] = "";
	unsigned int offset, size;
	const char *bracket = strchr(f->place, '[');

	if (sscanf(f->place, "%191[^+]+0x%x/0x%x", symbol, &offset, &size) != 3)
		return json_null();
	if (bracket)
		snprintf(module, sizeof(module), "%.*s", (int)strcspn(bracket + 1, "]"),
			 bracket + 1);
	return json_pack("{s:o, s:o, s:o, s:o, s:n, s:n}", "symbol", json_name(symbol), "offset",
			 json_number(offset), "size", json_number(size), "module",
			 json_name(module), "file", "line");
}

static json_t *evidence_of(const struct finding *f)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < f->nr_evidence; i++) {
		const struct mark *k = &f->evidence[i];
		json_t *item = json_pack("{s:o, s:o, s:o}", "time_ns", json_number(k->ts), "tid",
					 json_number(k->tid), "text", json_name(k->text));

		if (json_array_append_new(list, item) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *steps_of(const struct finding *f)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < f->nr_steps && i < MAX_STEPS; i++) {
		const struct last_step *s = &f->step[i];
		json_t *item =
			json_pack("{s:o, s:s, s:o, s:o, s:o}", "sreq", json_sreq(s->sreq), "waits",
				  s->waits, "time_ns", json_number(s->mark.ts), "tid",
				  json_number(s->mark.tid), "text", json_name(s->mark.text));

		if (json_array_append_new(list, item) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *frames_of(const char *text)
{
	json_t *list = json_array();
	char frame[128];

	for (const char *p = text; *p;) {
		p = frame_next(p, frame, sizeof(frame));
		if (json_array_append_new(list, json_name(frame)) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *stacks_of(const struct finding *f)
{
	json_t *list = json_array();

	for (const struct finding_stack *s = f->stacks; s; s = s->next) {
		const struct ev_waiter *ev = &s->ev;
		json_t *item = json_pack(
			"{s:o, s:o, s:o, s:o, s:o}", "tid", json_number(ev->hdr.tid), "tgid",
			json_number(ev->hdr.tgid), "comm", json_name(ev_text(&ev->hdr, 0)), "state",
			json_name((char[]){ (char)ev->state, 0 }), "frames",
			frames_of(ev_text(&ev->hdr, 1)));

		if (json_array_append_new(list, item) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *task_of(const struct finding *f)
{
	if (!f->tid)
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "tid", json_number(f->tid), "tgid",
			 json_number(f->tgid), "comm", json_name(f->comm));
}

json_t *finding_json(const char *type, const struct finding *f)
{
	return json_in_test(
		json_pack(
			"{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
			" s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			"type", type, "check", f->check->id, "kind", f->kind, "verdict",
			verdict_name(f->verdict), "severity", severity_name(f->check->severity),
			"rreq", json_rreq(f->rreq, f->synth), "sreq", json_sreq(f->sreq), "epoch",
			json_number_if(f->rreq, f->epoch), "mid", json_id_if(f->has_mid, f->mid),
			"connection", json_id_if(f->conn, f->conn), "fs", json_name(f->fs), "mount",
			json_name(f->mount), "dev", json_dev(f->dev), "ino",
			json_number_if(f->ino, f->ino), "task", task_of(f), "where", where_of(f),
			"time_ns", json_number(f->time_ns), "expected", json_name(f->expected),
			"observed", json_name(f->observed), "explanation",
			json_name(f->explanation), "doubt", json_name(f->doubt), "count",
			json_number(f->count), "last_ns", json_number(f->last_ns), "lost_bytes",
			json_number_if(f->bytes, f->bytes), "evidence", evidence_of(f), "open",
			steps_of(f), "stacks", stacks_of(f), "path", json_name(f->path)),
		f->test);
}

int finding_print_json(FILE *out, const char *type, const struct finding *f)
{
	return put(out, finding_json(type, f));
}

json_t *check_json(const struct check *c)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "type", "check",
			 "check", c->ops->id, "state", check_result(c).state, "violations",
			 json_number(c->violations), "inconclusive", json_number(c->inconclusive),
			 "known", json_number(c->known), "notes", json_number(c->notes), "missing",
			 json_name(c->missing), "note", json_name(c->note), "judged",
			 json_number(c->judged));
}

int checks_print_json(FILE *out, const struct engine *e)
{
	size_t n;
	const struct check *list = engine_checks(e, &n);
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		if (list[i].wanted)
			rc = put(out, check_json(&list[i]));
	return rc;
}
