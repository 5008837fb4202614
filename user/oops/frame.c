// SPDX-License-Identifier: GPL-2.0-only
/*
 * One frame of a stack, in every form that kernels and tools print: lib/vsprintf.c (%pS, %pB),
 * scripts/decode_stacktrace.sh, syzbot, crash, drgn, arch/arm, arch/powerpc, arch/s390 ...
 */
#include <ctype.h>
#include <string.h>

#include "oops/parse.h"

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

static size_t symbol_length(const char *p)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*p) && *p != '_')
		return 0;
	while (isalnum((unsigned char)p[n]) || (p[n] && strchr("_.$", p[n])))
		n++;
	return n;
}

/* "[<ffffffff8100>] ", "([<000003ff8001>] ", "[c00000001f2c3c90] [c00800000a16f7d8] ": addresses */
static const char *take_addresses(const char *p, struct oops_entry *e)
{
	for (;;) {
		const char *at = p + (*p == '('), *digits;
		size_t n;
		bool angle;

		if (*at != '[')
			return p;
		angle = at[1] == '<';
		digits = at + 1 + angle;
		n = strspn(digits, "0123456789abcdef");
		if (!n || (!angle && n < 8) || strncmp(digits + n, angle ? ">]" : "]", 1 + angle))
			return p;
		e->address = strtoull(digits, NULL, 16);
		p = digits + n + 1 + angle;
		p = skip_blanks(p + (*p == ')'));
	}
}

/* "fs/netfs/objects.c:220", "kernel/fork.c:12:3", "... (discriminator 1)": what follows, or NULL */
static const char *take_source(const char *p, struct oops_entry *e)
{
	size_t n = strcspn(p, " \t:()");

	if (!n || p[n] != ':' || !isdigit((unsigned char)p[n + 1]) || !memchr(p, '.', n))
		return NULL;
	copy_text(e->file, sizeof(e->file), p, n);
	e->line = strtoul(p + n + 1, NULL, 10);
	p += n;
	while (*p == ':')
		p += 1 + strspn(p + 1, "0123456789");
	if (!strncmp(p, " (discriminator ", 16))
		p += strcspn(p, ")") + 1;
	return p;
}

/* " [cifs]", " netfs" behind a place */
static void take_module(const char *p, struct oops_entry *e)
{
	size_t n;

	p = skip_blanks(p);
	p += *p == '[';
	n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
	if (*e->at.module || !n || n >= sizeof(e->at.module) || (p[n] && p[n] != ']'))
		return;
	if (strcmp(p, "inline]") != 0)
		copy_text(e->at.module, sizeof(e->at.module), p, n);
}

/* What may follow "func+0x1/0x2 [mod]": a source, "[inline]", "(unreliable)", a bare module */
static void take_rest(const char *p, struct oops_entry *e)
{
	const char *end;

	p = skip_blanks(p);
	if (!strncmp(p, "(unreliable)", 12))
		e->reliable = false;
	end = take_source(p + (*p == '('), e);
	if (end)
		p = end + (*end == ')');
	e->inlined = strstr(p, "[inline]") != NULL;
	take_module(p, e);
}

/* "func (fs/x.c:12) mod", "func fs/x.c:12 [inline]" */
static bool parse_sourced(const char *p, struct oops_entry *e)
{
	size_t n = symbol_length(p);
	const char *at = skip_blanks(p + n);

	if (!n || n >= sizeof(e->at.symbol) || at == p + n || !take_source(at + (*at == '('), e))
		return false;
	copy_text(e->at.symbol, sizeof(e->at.symbol), p, n);
	take_rest(at, e);
	return true;
}

/* gdb: "0xffffffffc05d1a2b in func (mid=0xffff888105a1c000) at fs/x.c:12"; the innermost has no address */
static bool parse_gdb(const char *p, struct oops_entry *e)
{
	const char *in = !strncmp(p, "0x", 2) ? strstr(p, " in ") : NULL, *at;
	size_t n;

	e->address = in ? strtoull(p, NULL, 16) : 0;
	p = in ? in + 4 : p;
	n = symbol_length(p);
	at = strncmp(p + n, " (", 2) ? NULL : strstr(p + n, ") at ");
	if (!n || n >= sizeof(e->at.symbol) || !at || !take_source(at + 5, e))
		return false;
	copy_text(e->at.symbol, sizeof(e->at.symbol), p, n);
	return true;
}

/* crash: "#2 [ffffb1c2c0a3fad0] wait_for_response at ffffffffc0a1c0b1 [cifs]"; drgn: "#0  f (x.c:1)" */
static bool parse_numbered(const char *p, struct oops_entry *e)
{
	size_t n = *p == '#' ? strspn(p + 1, "0123456789") : 0;
	const char *at;

	if (!n || (p[1 + n] != ' ' && p[1 + n] != '\t'))
		return false;
	p = take_addresses(skip_blanks(p + 1 + n), e);
	if (parse_sourced(p, e) || parse_gdb(p, e) || oops_frame(p, e))
		return true;
	n = symbol_length(p);
	at = p + n;
	if (!n || n >= sizeof(e->at.symbol) || strncmp(at, " at ", 4) != 0)
		return false;
	copy_text(e->at.symbol, sizeof(e->at.symbol), p, n);
	e->address = strtoull(at + 4, (char **)&at, 16);
	take_module(at, e);
	return true;
}

bool oops_frame_begins(const char *text)
{
	struct oops_entry e;
	const char *p = take_addresses(text, &e);

	return *text && (!*p || !strcmp(p, "?"));
}

static void start(struct oops_entry *e)
{
	memset(e, 0, sizeof(*e));
	e->reliable = true;
}

bool oops_frame(const char *text, struct oops_entry *e)
{
	const char *p, *from = strstr(text, " from "), *end;

	start(e);
	/* arch/arm/kernel/traps.c: the callee, then the place that called it, with addresses until 5.15 */
	from = from && (symbol_length(text) || *text == '[') ? from + 6 : NULL;
	p = take_addresses(from ? from : text, e);
	p += from && *p == '(';
	if (*p == '?') {
		e->reliable = false;
		p = skip_blanks(p + 1);
	}
	if (!sym_ref_parse(p, &e->at, &end)) {
		take_rest(end, e);
		return e->at.size != 0;
	}
	if ((from && *text != '[') || strncmp(p, "0xffff", 6) != 0 ||
	    strspn(p + 2, "0123456789abcdef") != 16 || (p[18] && p[18] != ' '))
		return false;
	e->address = strtoull(p, NULL, 16);
	return true;
}

bool oops_frame_of_tool(const char *text, struct oops_entry *e)
{
	const char *p = text;

	start(e);
	if (*p == '#')
		return parse_numbered(p, e);
	if (*p == '?') {
		e->reliable = false;
		p = skip_blanks(p + 1);
	}
	return parse_sourced(p, e);
}

bool oops_frame_callee(const char *text, struct oops_entry *e)
{
	size_t n;

	start(e);
	text = take_addresses(text, e);
	text += *text == '(';
	n = symbol_length(text);
	if (!n || n >= sizeof(e->at.symbol) || !strstr(text + n, " from "))
		return false;
	copy_text(e->at.symbol, sizeof(e->at.symbol), text, n);
	if (text[n] == ' ' && text[n + 1] == '[')
		copy_text(e->at.module, sizeof(e->at.module), text + n + 2,
			  strcspn(text + n + 2, "]"));
	return true;
}

bool oops_frame_source(const char *text, struct oops_entry *e)
{
	size_t n = strcspn(text, " :");
	const char *line = after(text + n, ": ");

	if (*text != '/' || !line || !*line || line[strspn(line, "0123456789")])
		return false;
	copy_text(e->file, sizeof(e->file), text, n);
	e->line = strtoul(line, NULL, 10);
	return true;
}
