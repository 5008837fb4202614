// SPDX-License-Identifier: GPL-2.0-only
/* Registers as show_regs() of each architecture prints them (arch/X/kernel/process.c and traps.c). */
#include <ctype.h>
#include <string.h>

#include "oops/parse.h"

static const char *const names[] = {
	"RAX",	  "RBX", "RCX", "RDX",	  "RSI",      "RDI",   "RBP",	 "RSP",	    "EFLAGS",
	"RFLAGS", "CR0", "CR2", "CR3",	  "CR4",      "FS",    "GS",	 "EAX",	    "EBX",
	"ECX",	  "EDX", "ESI", "EDI",	  "EBP",      "ESP",   "sp",	 "fp",	    "ip",
	"lr",	  "pc",	 "psr", "pstate", "ORIG_RAX", "ra",    "gp",	 "tp",	    "epc",
	"NIP",	  "LR",	 "CTR", "CFAR",	  "DAR",      "DSISR", "status", "badaddr", "cause",
};

/* R08 to R15, x0 to x30, r0 to r10, a0, s0, t0 */
static bool is_numbered(const char *p, size_t n)
{
	return (n == 2 || n == 3) && strchr("Rxrast", *p) && *p && isdigit((unsigned char)p[1]) &&
	       (n == 2 || isdigit((unsigned char)p[2]));
}

static bool is_name(const char *p, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == n && !memcmp(p, names[i], n))
			return true;
	return is_numbered(p, n);
}

static void add(struct oops *o, const char *name, size_t n, uint64_t value)
{
	char text[sizeof(o->reg[0].name)];

	copy_text(text, sizeof(text), name, n);
	if (o->nr_regs == OOPS_MAX_REGS || oops_reg(o, text))
		return;
	memcpy(o->reg[o->nr_regs].name, text, sizeof(text));
	o->reg[o->nr_regs++].value = value;
}

/* "GPR04: v v v v" (arch/powerpc): four from that number on */
static bool take_gprs(struct oops *o, const char *text)
{
	unsigned int first;
	char name[8];
	int n = 0;

	if (sscanf(text, "GPR%2u: %n", &first, &n) != 1 || !n || first > 28)
		return false;
	for (const char *p = text + n; isxdigit((unsigned char)*p); first++) {
		char *end;
		uint64_t value = strtoull(p, &end, 16);

		snprintf(name, sizeof(name), "GPR%02u", first);
		add(o, name, strlen(name), value);
		p = end + strspn(end, " \t");
	}
	return true;
}

/* "0018:" in front of a stack pointer */
static size_t segment(const char *value)
{
	return strspn(value, "0123456789abcdef") == 4 && value[4] == ':' ? 5 : 0;
}

/* "name : value" at p: what follows, NULL if there is none */
static const char *take_pair(struct oops *o, const char *p, bool keep)
{
	size_t n = strcspn(p, ": \t");
	const char *colon = p + n + strspn(p + n, " \t"), *value;
	char *end;

	if (*colon != ':' || !is_name(p, n))
		return NULL;
	value = colon + 1 + strspn(colon + 1, " \t");
	value += segment(value);
	if (!isxdigit((unsigned char)*value))
		return NULL;
	if (keep)
		add(o, p, n, strtoull(value, &end, 16));
	else
		strtoull(value, &end, 16);
	end += strcspn(end, " \t");
	return end + strspn(end, " \t");
}

int oops_registers(struct oops_draft *d, const char *text)
{
	const char *p = text, *next;

	if (d->regs_open ? take_gprs(&d->o, text) : !strncmp(text, "GPR", 3))
		return 1;
	if (!take_pair(&d->o, p, d->regs_open))
		return 0;
	while (*p) {
		next = take_pair(&d->o, p, d->regs_open);
		p = next ? next : p + strcspn(p, " \t");
		p += strspn(p, " \t");
	}
	return 1;
}
