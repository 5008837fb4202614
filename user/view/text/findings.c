// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/fmt.h"
#include "event/kinds.h"
#include "view/kit/file_name.h"
#include "view/text/findings.h"
#include "view/text/wireshark.h"

#define ESCAPED 400

/* ANSI's */
#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"

/* "[   15.475174], 2026-11-23 15:14:22.705 UTC" */
static void put_time(FILE *out, const struct recording *rec, uint64_t ns)
{
	uint64_t real = rec->anchor_real + (ns - rec->anchor_mono);
	time_t sec = real / 1000000000;
	struct tm tm;
	char text[32];

	fprintf(out, "%s", fmt_dmesg(ns).s);
	if (!rec->anchor_mono || !gmtime_r(&sec, &tm))
		return;
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(out, ", %s.%03" PRIu64 " UTC", text, real / 1000000 % 1000);
}

static void put_line(FILE *out, const char *key, const char *text)
{
	char safe[ESCAPED];

	if (*text)
		fprintf(out, "  %-9s %s\n", key, fmt_escape(safe, sizeof(safe), text));
}

/* "mounts    /mnt/a, /mnt/b": of a connection that serves several */
static void put_places(FILE *out, const struct model *m, const struct finding *f)
{
	for (unsigned int i = 0; i < f->nr_places && i < MAX_PLACES; i++) {
		const struct mount *mnt = model_mount(m, f->places[i]);
		char safe[ESCAPED];

		fprintf(out, i ? ", %s" : "  mounts    %s",
			fmt_escape(safe, sizeof(safe), mnt && mnt->point ? mnt->point : "?"));
	}
	if (f->nr_places)
		fprintf(out, "%s\n", f->nr_places > MAX_PLACES ? ", and more" : "");
}

static void put_who(FILE *out, const struct model *m, const struct finding *f)
{
	char safe[ESCAPED];

	if (tid_known(f->tid) || *f->comm)
		fprintf(out, "  %-9s %s (tid %s, pid %s)\n", "task",
			fmt_escape(safe, sizeof(safe), *f->comm ? f->comm : "?"), fmt_tid(f->tid).s,
			fmt_tid(f->tgid).s);
	if (f->dev && f->ino)
		fprintf(out, "  %-9s inode %" PRIu64 "%s on %s (%s)\n", "file", f->ino,
			file_words(m, f->path).s,
			fmt_escape(safe, sizeof(safe), *f->mount ? f->mount : "?"), f->fs);
	else if (f->dev)
		fprintf(out, "  %-9s %s (%s)\n", "mount",
			fmt_escape(safe, sizeof(safe), *f->mount ? f->mount : "?"), f->fs);
	else
		put_places(out, m, f);
	if (f->conn && f->has_mid)
		fprintf(out, "  %-9s conn 0x%" PRIx64 ", mid %" PRIu64 "; wireshark: %s\n",
			"command", f->conn, f->mid,
			wireshark_mid(model_sealed(m, f->conn), f->mid).s);
	else if (f->conn)
		fprintf(out, "  %-9s 0x%" PRIx64 "\n", "conn", f->conn);
}

static void put_evidence(FILE *out, const struct model *m, const struct finding *f)
{
	for (unsigned int i = 0; i < f->nr_evidence; i++) {
		const struct mark *k = &f->evidence[i];
		const struct task *t = model_task(m, k->tid);
		char safe[ESCAPED];

		fprintf(out, "    %s %s-%s: ", fmt_dmesg(k->ts).s,
			fmt_escape(safe, sizeof(safe), t && *t->comm ? t->comm : "?"),
			k->tid ? fmt_tid(k->tid).s : "0");
		fprintf(out, "%s\n", fmt_escape(safe, sizeof(safe), k->text));
	}
}

static void put_steps(FILE *out, const struct finding *f)
{
	char safe[ESCAPED];

	for (unsigned int i = 0; i < f->nr_steps && i < MAX_STEPS; i++) {
		const struct last_step *s = &f->step[i];

		fprintf(out, "  %-9s [%" PRIx32 "] %s; last", i ? "" : "open", s->sreq, s->waits);
		fprintf(out, " %s at %s by %s\n",
			*s->mark.text ? fmt_escape(safe, sizeof(safe), s->mark.text) : "?",
			fmt_dmesg(s->mark.ts).s, s->mark.tid ? fmt_tid(s->mark.tid).s : "0");
	}
	if (f->nr_steps > MAX_STEPS)
		fprintf(out, "  %-9s and %u more\n", "", f->nr_steps - MAX_STEPS);
}

static void put_frames(FILE *out, const char *frames)
{
	char frame[128], safe[ESCAPED];

	for (const char *p = frames; *p;) {
		p = frame_next(p, frame, sizeof(frame));
		fprintf(out, "    %s\n", fmt_escape(safe, sizeof(safe), frame));
	}
}

static void put_stacks(FILE *out, const struct finding *f)
{
	char safe[ESCAPED];

	for (const struct finding_stack *s = f->stacks; s; s = s->next) {
		const struct ev_waiter *ev = &s->ev;

		fprintf(out, "  %-9s %s (tid %" PRIu32 ", pid %" PRIu32 ", state %s)\n", "stack",
			fmt_escape(safe, sizeof(safe), ev_text(&ev->hdr, 0)), ev->hdr.tid,
			ev->hdr.tgid, (char[]){ (char)ev->state, 0 });
		put_frames(out, ev_text(&ev->hdr, 1));
	}
}

static void put_verdict(FILE *out, const struct finding *f)
{
	fprintf(out, "  %-9s %s", "verdict", verdict_name(f->verdict));
	if (f->verdict != VERDICT_NOTE)
		fprintf(out, ", %s", severity_name(f->check->severity));
	fprintf(out, "%s%s\n", f->doubt ? ": " : "", f->doubt ? f->doubt : "");
}

int finding_print(FILE *out, const struct model *m, const struct finding *f, bool colour)
{
	const char *sgr = !colour ? "" : f->verdict == VERDICT_VIOLATION ? RED : YELLOW;
	char safe[ESCAPED];

	errno = 0;
	fprintf(out, "%s%s: ", sgr, f->check->id);
	if (f->rreq)
		fprintf(out, "%s: ", fmt_request(f->synth, f->rreq, f->sreq).s);
	fprintf(out, "%s%s\n", fmt_escape(safe, sizeof(safe), f->explanation), colour ? PLAIN : "");
	put_verdict(out, f);
	put_line(out, "expected", f->expected);
	put_line(out, "observed", f->observed);
	if (f->bytes)
		fprintf(out, "  %-9s %" PRIu64 " byte%s (%s)\n", "lost", f->bytes, plural(f->bytes),
			fmt_bytes(f->bytes).s);
	put_line(out, "where", f->place);
	fprintf(out, "  %-9s ", "when");
	put_time(out, model_recording(m), f->time_ns);
	putc('\n', out);
	if (f->count > 1)
		fprintf(out, "  %-9s %" PRIu64 " times, the last at %s\n", "found", f->count,
			fmt_dmesg(f->last_ns).s);
	put_who(out, m, f);
	put_evidence(out, m, f);
	put_steps(out, f);
	put_stacks(out, f);
	return ferror(out) ? (errno ? -errno : -EIO) : 0;
}

/* NULL: plain */
static const char *colour_of(const struct check *c)
{
	if (!c->active)
		return NULL;
	if (c->violations)
		return RED;
	return c->inconclusive ? YELLOW : c->judged ? GREEN : NULL;
}

static void put_check(FILE *out, const struct check *c, bool colour)
{
	const char *sgr = colour ? colour_of(c) : NULL;
	char safe[ESCAPED];

	fprintf(out, "%-15s %s%s%s", c->ops->id, sgr ? sgr : "", check_result(c).text,
		sgr ? PLAIN : "");
	if (c->active && c->violations && c->inconclusive)
		fprintf(out, ", %" PRIu64 " inconclusive", c->inconclusive);
	if (c->active && c->known && (c->violations || c->inconclusive))
		fprintf(out, ", %" PRIu64 " due to a known defect of this kernel", c->known);
	fprintf(out, ": %s\n", fmt_escape(safe, sizeof(safe), check_detail(c).text));
}

/* "lost 607 records, 568 of which matter to checks": their lines say 568 */
static void put_lost(FILE *out, const struct recording *rec, uint64_t matter)
{
	if (!rec->lost && !rec->lost_at_least)
		return;
	fprintf(out, "; the recording lost %s", fmt_lost(rec->lost, rec->lost_at_least).s);
	if (matter < rec->lost && !matter)
		fprintf(out, ", none of which matters to checks");
	else if (matter < rec->lost)
		fprintf(out, ", %" PRIu64 " of which matter to checks", matter);
}

/* "17 checks, 0 findings; 9 were not evaluated: cifs of this kernel does its I/O without netfs" */
static void put_sum(FILE *out, const struct checks_sum *s, const struct recording *rec,
		    uint64_t lost)
{
	char safe[ESCAPED];

	fprintf(out, "%u check%s, %" PRIu64 " finding%s", s->checks, plural(s->checks),
		s->violations, plural(s->violations));
	if (s->inconclusive)
		fprintf(out, ", %" PRIu64 " inconclusive", s->inconclusive);
	if (s->known)
		fprintf(out, ", %" PRIu64 " due to known defects of this kernel", s->known);
	if (s->notes)
		fprintf(out, ", %" PRIu64 " note%s", s->notes, plural(s->notes));
	if (s->nothing)
		fprintf(out, "; %u had nothing to judge", s->nothing);
	if (s->not_evaluated)
		fprintf(out, "; %u could not be evaluated: %s", s->not_evaluated,
			fmt_escape(safe, sizeof(safe), s->why));
	put_lost(out, rec, lost);
	if (rec->nothing && rec->filtered)
		fprintf(out, "; no request was recorded: %s",
			fmt_escape(safe, sizeof(safe), rec->nothing));
	else if (rec->nothing)
		fprintf(out, "; nothing was recorded: %s",
			fmt_escape(safe, sizeof(safe), rec->nothing));
	putc('\n', out);
}

int checks_print(FILE *out, const struct request_filter *f, const struct model *m,
		 const struct engine *e, bool colour)
{
	size_t n;
	const struct check *list = engine_checks(e, &n);
	struct checks_sum sum = checks_sum(f, m, e);

	errno = 0;
	for (size_t i = 0; i < n; i++)
		if (list[i].wanted)
			put_check(out, &list[i], colour);
	if (engine_dropped(e))
		fprintf(out,
			"findings dropped because there are too many different ones: %" PRIu64 "\n",
			engine_dropped(e));
	put_sum(out, &sum, model_recording(m), n ? list[0].lost : 0);
	return ferror(out) ? (errno ? -errno : -EIO) : 0;
}

int findings_print(FILE *out, const struct request_filter *f, const struct model *m,
		   const struct engine *e, bool colour)
{
	int rc = 0;

	for (const struct finding *fi = engine_findings(e); fi && !rc; fi = fi->next) {
		if (!findings_pass(f, m, fi))
			continue;
		rc = finding_print(out, m, fi, colour);
		putc('\n', out);
	}
	if (rc)
		return rc;
	return checks_print(out, f, m, e, colour);
}
