// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "view/text/oops_place.h"
#include "view/text/oops_text.h"

#define WRAP 96

struct text {
	char s[1024];
};

static struct text safe(const char *from)
{
	struct text t;

	fmt_escape(t.s, sizeof(t.s), from);
	return t;
}

/* What the kernel printed, whatever it holds; label "" continues the line above. */
static void field(FILE *out, const char *label, const char *value)
{
	if (*value)
		fprintf(out, "  %-10s%s\n", label, safe(value).s);
}

static void print_words(FILE *out, const char *indent, const char *p, size_t n)
{
	size_t column = 0, i = 0;

	while (i < n) {
		size_t word = strcspn(p + i, " \n");

		if (word > n - i)
			word = n - i;
		if (column && column + 1 + word > WRAP - strlen(indent)) {
			putc('\n', out);
			column = 0;
		}
		fprintf(out, "%s%.*s", column ? " " : indent, (int)word, p + i);
		column += word + (column != 0);
		i += word;
		while (i < n && p[i] == ' ')
			i++;
	}
	putc('\n', out);
}

/* Paragraphs, each on lines of at most WRAP columns. */
static void print_wrapped(FILE *out, const char *indent, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		char paragraph[1600];
		struct text t;

		snprintf(paragraph, sizeof(paragraph), "%.*s", (int)n, text);
		t = safe(paragraph);
		if (*t.s == ' ') /* a table: its columns say something */
			fprintf(out, "%s%s\n", indent, t.s);
		else
			print_words(out, indent, t.s, strlen(t.s));
		text += n + (text[n] == '\n');
	}
}

static void ref_text(char *ret, size_t room, const struct sym_ref *ref)
{
	char off[32] = "", size[32] = "";

	if (ref->size)
		snprintf(size, sizeof(size), "/0x%" PRIx64, ref->size);
	if (ref->off || ref->size)
		snprintf(off, sizeof(off), "+0x%" PRIx64, ref->off);
	snprintf(ret, room, "%s%s%s%s%s%s", ref->symbol, off, size, *ref->module ? " [" : "",
		 ref->module, *ref->module ? "]" : "");
}

#define INDENT "            "

static void print_at(FILE *out, const struct oops_report *r)
{
	const struct oops *o = r->o;
	char text[512];

	if (*o->at.symbol) {
		ref_text(text, sizeof(text), &o->at);
		field(out, "at", text);
		if (r->at.how != SYM_NONE)
			place_print(out, INDENT, &r->at);
	}
	if (*o->file && o->kind != OOPS_BUG) {
		snprintf(text, sizeof(text), "%s:%u", o->file, o->line);
		field(out, "source", text);
	}
}

static void print_caller(FILE *out, const struct oops_report *r)
{
	const struct oops_entry *e = *r->o->at.symbol ? oops_caller(r->o) : NULL;
	char text[512];

	if (!e)
		return;
	ref_text(text, sizeof(text), &e->at);
	if (!e->reliable)
		strncat(text, " (marked ?)", sizeof(text) - strlen(text) - 1);
	field(out, "called by", text);
	place_print(out, INDENT, &r->entry[e - r->o->entry]);
}

static void print_when(FILE *out, const struct oops *o)
{
	char text[256];

	snprintf(text, sizeof(text), "%s%s%s", *o->when ? o->when : "line ",
		 *o->test ? ", during " : "", o->test);
	if (!*o->when)
		snprintf(text, sizeof(text), "not stamped (line %" PRIu64 ")%s%s", o->first_line,
			 *o->test ? ", during " : "", o->test);
	field(out, "when", text);
}

static void print_task(FILE *out, const struct oops *o)
{
	char text[160], pid[32] = "", cpu[32] = "";

	if (o->has_pid)
		snprintf(pid, sizeof(pid), ", pid %" PRIu32, o->pid);
	if (o->has_cpu)
		snprintf(cpu, sizeof(cpu), ", CPU %" PRIu32, o->cpu);
	snprintf(text, sizeof(text), "%s%s%s", *o->comm ? o->comm : "?", pid, cpu);
	if (*o->comm || o->has_pid || o->has_cpu)
		field(out, "task", text);
	field(out, "workqueue", o->workqueue);
}

static void print_kernel(FILE *out, const struct oops *o)
{
	char text[256];

	snprintf(text, sizeof(text), "%s%s%s", o->release, *o->version ? " " : "", o->version);
	if (*o->release)
		field(out, "kernel", text);
	if (o->taint_known && !*o->taint)
		field(out, "tainted", "no");
	for (const char *p = o->taint; *p; p++) {
		const char *meaning = oops_taint_text(*p);

		snprintf(text, sizeof(text), "%c %s", *p, meaning ? meaning : "(not known)");
		field(out, p == o->taint ? "tainted" : "", text);
	}
	field(out, "machine", o->hardware);
}

/* The arguments of the call, the result, and of a fault the address. */
static void print_registers(FILE *out, const struct oops *o)
{
	static const char *const names[] = { "RDI", "RSI", "RDX", "RCX", "R08", "RAX", "CR2" };
	bool fault = o->kind == OOPS_NULL || o->kind == OOPS_PAGE_FAULT;
	char text[512] = "";
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct oops_reg *reg = oops_reg(o, names[i]);

		if (reg && (fault || strcmp(names[i], "CR2") != 0))
			n += snprintf(text + n, sizeof(text) - n, "%s%s=%" PRIx64, n ? " " : "",
				      names[i], reg->value);
	}
	field(out, "registers", text);
}

static void print_facts(FILE *out, const struct oops *o)
{
	char text[64];

	field(out, "detail", o->detail);
	field(out, "trap", o->die);
	if (o->has_address) {
		snprintf(text, sizeof(text), "0x%" PRIx64, o->address);
		field(out, "address", text);
	}
	if (o->seconds) {
		snprintf(text, sizeof(text), "%" PRIu32 " s", o->seconds);
		field(out, "for", text);
	}
	print_when(out, o);
	print_task(out, o);
	print_kernel(out, o);
	print_registers(out, o);
	field(out, "then", o->panic);
}

static void print_entry(FILE *out, const struct oops_entry *e, const struct sym_place *p)
{
	char text[512], place[1200];

	if (*e->at.symbol)
		ref_text(text, sizeof(text), &e->at);
	else
		snprintf(text, sizeof(text), "0x%" PRIx64, e->address);
	place_short(place, sizeof(place), p);
	if (e->line) /* as the report has it: no other answer is better */
		snprintf(place, sizeof(place), "%s:%" PRIu32 "%s", safe(e->file).s, e->line,
			 e->inlined ? " (inlined)" : "");
	fprintf(out, "  %c %s%s%s\n", e->reliable ? ' ' : '?', safe(text).s, *place ? "  " : "",
		place);
}

static void print_section(FILE *out, const struct oops *o, const struct oops_section *s)
{
	if (s->stack == STACK_BLOCKER)
		fprintf(out, "\nStack of %s, pid %" PRIu32 ", which %s what it waits for:\n",
			safe(s->label).s, o->blocker_pid,
			o->blocker_held_last ? "held last, as far as the kernel knows,"
					     : "the kernel takes for the owner of");
	else if (*s->label)
		fprintf(out, "\n%s\n", safe(s->label).s);
	else
		fprintf(out, "\nCall trace (?: found on the stack, but not necessarily a call):\n");
}

static void print_trace(FILE *out, const struct oops_report *r)
{
	const struct oops *o = r->o;

	for (size_t i = 0; i < o->nr_entries; i++) {
		const struct oops_entry *e = &o->entry[i];

		if (!i || e->section != e[-1].section)
			print_section(out, o, &o->section[e->section]);
		print_entry(out, e, &r->entry[i]);
	}
}

/* Once for each reason: it is a module's, not an entry's. */
static void print_unresolved(FILE *out, const struct oops_report *r)
{
	const char *last = NULL;

	for (size_t i = 0; i < r->o->nr_entries; i++) {
		const char *why = r->entry[i].why;
		bool told = !*why;

		for (size_t k = 0; k < i && !told; k++)
			told = !strcmp(r->entry[k].why, why) ||
			       !strcmp(r->o->entry[k].at.module, r->o->entry[i].at.module);
		if (told)
			continue;
		if (!last)
			fprintf(out, "\nNot resolved to lines:\n");
		print_wrapped(out, "  ", why);
		last = why;
	}
}

static void print_modules(FILE *out, const struct oops *o)
{
	size_t n = 0;

	if (!o->nr_modules)
		return;
	fprintf(out, "\nmodules loaded: %zu", o->nr_modules);
	for (size_t i = 0; i < o->nr_modules; i++)
		if (!strcmp(o->module[i], "cifs") || !strcmp(o->module[i], "netfs") ||
		    !strcmp(o->module[i], "cachefiles") || !strcmp(o->module[i], "fscache"))
			fprintf(out, "%s%s", n++ ? ", " : ", of ours: ", o->module[i]);
	fprintf(out, "\n");
}

int oops_text_print(FILE *out, const struct oops_report *r)
{
	fprintf(out, "%s\n", safe(r->o->title).s);
	print_at(out, r);
	print_caller(out, r);
	print_facts(out, r->o);
	fprintf(out, "\nIn our terms: %s\n", r->meaning.title);
	print_wrapped(out, "  ", r->meaning.text);
	print_trace(out, r);
	print_unresolved(out, r);
	print_modules(out, r->o);
	return ferror(out) ? -EIO : 0;
}
