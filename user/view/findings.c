// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/fmt.h"
#include "base/kinds.h"
#include "view/file_name.h"
#include "view/findings.h"

#define ESCAPED 400

/* ANSI's */
#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"

/* Is a file system of that number one that the filter asks for? */
static bool at_place(const struct request_filter *f, const struct model *m, uint32_t dev,
		     const char *fs)
{
	const struct mount *mnt = model_mount(m, dev);

	if (f->fs && strcmp(f->fs, fs) && !(mnt && mnt->fstype && !strcmp(f->fs, mnt->fstype)))
		return false;
	if (f->mount && !(mnt && mnt->point && !strcmp(f->mount, mnt->point)))
		return false;
	return !f->has_dev || f->dev == dev;
}

/* Of a connection: one of the file systems it serves; of more than are kept, it may be. */
static bool at_any_place(const struct request_filter *f, const struct model *m,
			 const struct finding *fi)
{
	for (unsigned int i = 0; i < fi->nr_places && i < MAX_PLACES; i++)
		if (at_place(f, m, fi->places[i], ""))
			return true;
	return fi->nr_places > MAX_PLACES;
}

bool findings_pass(const struct request_filter *f, const struct model *m, const struct finding *fi)
{
	if (!filter_restricts(f))
		return true;
	if (!filter_in_test(f, m, fi->test) || (f->rreq && f->rreq != fi->rreq) ||
	    (f->sreq && f->sreq != fi->sreq))
		return false;
	if ((f->tgid && f->tgid != fi->tgid) || (f->ino && f->ino != fi->ino) ||
	    !filter_file(f, fi->path))
		return false;
	if (!f->fs && !f->mount && !f->has_dev)
		return true;
	return fi->nr_places ? at_any_place(f, m, fi) : at_place(f, m, fi->dev, fi->fs);
}

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

	if (f->tid)
		fprintf(out, "  %-9s %s (tid %" PRIu32 ", pid %" PRIu32 ")\n", "task",
			fmt_escape(safe, sizeof(safe), *f->comm ? f->comm : "?"), f->tid, f->tgid);
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
		fprintf(out,
			"  %-9s conn 0x%" PRIx64 ", mid %" PRIu64
			"; wireshark: smb2.msg_id == %" PRIu64 "\n",
			"command", f->conn, f->mid, f->mid);
	else if (f->conn)
		fprintf(out, "  %-9s 0x%" PRIx64 "\n", "conn", f->conn);
}

static void put_evidence(FILE *out, const struct model *m, const struct finding *f)
{
	for (unsigned int i = 0; i < f->nr_evidence; i++) {
		const struct mark *k = &f->evidence[i];
		const struct task *t = model_task(m, k->tid);
		char safe[ESCAPED];

		fprintf(out, "    %s %s-%" PRIu32 ": ", fmt_dmesg(k->ts).s,
			fmt_escape(safe, sizeof(safe), t && *t->comm ? t->comm : "?"), k->tid);
		fprintf(out, "%s\n", fmt_escape(safe, sizeof(safe), k->text));
	}
}

static void put_steps(FILE *out, const struct finding *f)
{
	char safe[ESCAPED];

	for (unsigned int i = 0; i < f->nr_steps && i < MAX_STEPS; i++) {
		const struct last_step *s = &f->step[i];

		fprintf(out, "  %-9s [%" PRIx32 "] %s; last", i ? "" : "open", s->sreq, s->waits);
		fprintf(out, " %s at %s by %" PRIu32 "\n",
			*s->mark.text ? fmt_escape(safe, sizeof(safe), s->mark.text) : "?",
			fmt_dmesg(s->mark.ts).s, s->mark.tid);
	}
	if (f->nr_steps > MAX_STEPS)
		fprintf(out, "  %-9s and %u more\n", "", f->nr_steps - MAX_STEPS);
}

const char *frame_next(const char *p, char *frame, size_t size)
{
	size_t n = strcspn(p, "\n"), kept = n < size ? n : size - 1;

	memcpy(frame, p, kept);
	frame[kept] = 0;
	return p + n + (p[n] == '\n');
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
		fprintf(out, "  %-9s %" PRIu64 " times, the last at %s\n", "repeated", f->count,
			fmt_dmesg(f->last_ns).s);
	put_who(out, m, f);
	put_evidence(out, m, f);
	put_steps(out, f);
	put_stacks(out, f);
	return ferror(out) ? (errno ? -errno : -EIO) : 0;
}

struct check_result check_result(const struct check *c)
{
	struct check_result r = { .state = "clean" };

	if (!c->active) {
		r.state = "not-evaluated";
		snprintf(r.text, sizeof(r.text), "not evaluated");
	} else if (c->violations) {
		r.state = "findings";
		snprintf(r.text, sizeof(r.text), "%" PRIu64 " finding%s", c->violations,
			 plural(c->violations));
	} else if (c->inconclusive) {
		r.state = "inconclusive";
		snprintf(r.text, sizeof(r.text), "%" PRIu64 " inconclusive", c->inconclusive);
	} else if (c->known) {
		r.state = "known";
		snprintf(r.text, sizeof(r.text), "%" PRIu64 " due to a known defect of this kernel",
			 c->known);
	} else if (c->notes) {
		snprintf(r.text, sizeof(r.text), "clean, %" PRIu64 " note%s", c->notes,
			 plural(c->notes));
	} else if (!c->judged) {
		r.state = "nothing-to-judge";
		snprintf(r.text, sizeof(r.text), "nothing to judge");
	} else {
		snprintf(r.text, sizeof(r.text), "clean");
	}
	return r;
}

struct check_detail check_detail(const struct check *c)
{
	struct check_detail d;

	if (!c->active || *c->note)
		snprintf(d.text, sizeof(d.text), "%s", c->active ? c->note : c->missing);
	else if (c->judged)
		snprintf(d.text, sizeof(d.text), "%" PRIu64 " %s", c->judged,
			 c->ops->judges[c->judged != 1]);
	else
		snprintf(d.text, sizeof(d.text), "no %s", c->ops->judges[1]);
	if (c->active && c->left) {
		size_t len = strlen(d.text);

		snprintf(d.text + len, sizeof(d.text) - len,
			 "; %" PRIu64 " not judged: %s does not trace how they are sent", c->left,
			 c->left_fs);
	}
	return d;
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

static void add_verdict(struct checks_sum *sum, const struct finding *f)
{
	uint64_t *const of[] = { [VERDICT_VIOLATION] = &sum->violations,
				 [VERDICT_INCONCLUSIVE] = &sum->inconclusive,
				 [VERDICT_KNOWN] = &sum->known,
				 [VERDICT_NOTE] = &sum->notes };

	*of[f->verdict] += f->count;
}

struct checks_sum checks_sum(const struct request_filter *f, const struct model *m,
			     const struct engine *e)
{
	size_t n;
	const struct check *c = engine_checks(e, &n);
	struct checks_sum sum = { .why = "" };

	for (size_t i = 0; i < n; i++) {
		if (!c[i].wanted)
			continue;
		sum.checks++;
		sum.not_evaluated += !c[i].active;
		sum.nothing += c[i].active && !c[i].judged;
		if (!c[i].active)
			sum.why = !*sum.why || !strcmp(sum.why, c[i].missing) ? c[i].missing
									      : "see above";
	}
	for (const struct finding *fi = engine_findings(e); fi; fi = fi->next)
		if (findings_pass(f, m, fi))
			add_verdict(&sum, fi);
	return sum;
}

/* "17 checks, 0 findings; 9 were not evaluated: cifs of this kernel does its I/O without netfs" */
static void put_sum(FILE *out, const struct checks_sum *s, const struct recording *rec)
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
	put_sum(out, &sum, model_recording(m));
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
	return rc ? rc : checks_print(out, f, m, e, colour);
}

int findings_print_json(FILE *out, const struct request_filter *f, const struct model *m,
			const struct engine *e)
{
	int rc = 0;

	for (const struct finding *fi = engine_findings(e); fi && !rc; fi = fi->next)
		if (findings_pass(f, m, fi))
			rc = finding_print_json(out, "finding", fi);
	return rc ? rc : checks_print_json(out, e);
}

enum findings_worst findings_worst(const struct request_filter *f, const struct model *m,
				   const struct engine *e)
{
	struct checks_sum s = checks_sum(f, m, e);

	if (s.violations)
		return FINDINGS_VIOLATION;
	if (s.inconclusive || s.not_evaluated || s.nothing == s.checks)
		return FINDINGS_INCONCLUSIVE;
	return FINDINGS_NONE;
}
