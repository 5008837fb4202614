// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "oops/said.h"

/*
 * "   cifsd-235     1..... 27966114us : bpf_trace_printk: netfsnoop: iter-revert R=..." as
 * ftrace_dump() prints it (trace_print_context(): %16s-%-7d); a name may hold any byte, so the
 * number is the one in front of the CPU.
 */
static uint32_t pid_before(const char *line, const char *end)
{
	const char *us = NULL, *p;

	for (p = line; (p = strstr(p, "us : ")) && p < end; p++)
		us = p;
	p = us ? us : end;
	while (p > line && (isdigit((unsigned char)p[-1]) || isspace((unsigned char)p[-1])))
		p--; /* the time */
	while (p > line && !isspace((unsigned char)p[-1]))
		p--; /* CPU and flags */
	while (p > line && isspace((unsigned char)p[-1]))
		p--;
	while (p > line && isdigit((unsigned char)p[-1]))
		p--;
	return p > line && p[-1] == '-' ? strtoul(p, NULL, 10) : 0;
}

static void take_line(struct oops_said_list *l)
{
	struct oops_said *s = &l->said[l->nr % OOPS_SAID_MAX];
	const char *ours = strstr(l->line, "netfsnoop: iter-revert R=");
	unsigned int rreq, sreq;

	if (!ours || sscanf(ours, "netfsnoop: iter-revert R=%8x[%4x]", &rreq, &sreq) != 2)
		return;
	*s = (struct oops_said){ .rreq = rreq, .sreq = sreq, .pid = pid_before(l->line, ours) };
	snprintf(s->text, sizeof(s->text), "%s", ours);
	l->nr++;
}

void oops_said_feed(struct oops_said_list *l, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] != '\n' && data[i] != '\r') {
			if (l->len < sizeof(l->line) - 1)
				l->line[l->len++] = data[i];
			continue;
		}
		l->line[l->len] = '\0';
		l->len = 0;
		take_line(l);
	}
}

const struct oops_said *oops_said_by(const struct oops_said_list *l, uint32_t pid)
{
	size_t n = l->nr < OOPS_SAID_MAX ? l->nr : OOPS_SAID_MAX;

	for (size_t i = 0; i < n; i++) {
		const struct oops_said *s = &l->said[(l->nr - 1 - i) % OOPS_SAID_MAX];

		if (pid && s->pid == pid)
			return s;
	}
	return NULL;
}
