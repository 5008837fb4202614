// SPDX-License-Identifier: GPL-2.0-only
/* Connections, and what is known of their credits. */
#include <inttypes.h>

#include "base/fmt.h"
#include "event/enums.h"
#include "view/text/summary_print.h"

static struct short_text number_or_unknown(bool known, int64_t n)
{
	struct short_text t = { "?" };

	if (known)
		snprintf(t.s, sizeof(t.s), "%" PRId64, n);
	return t;
}

static void put_credits(const struct summary_view *v, const struct conn *c)
{
	fprintf(v->out, "      credits   %s", number_or_unknown(c->pooled, c->credits).s);
	if (c->seen)
		fprintf(v->out, " + %" PRId32 " echo + %" PRId32 " oplock at the end", c->echo,
			c->oplock);
	fprintf(v->out, ";%s %s taken, %s granted", sum_narrow(v) ? "\n               " : "",
		number_or_unknown(c->seen || c->takes, c->taken).s,
		number_or_unknown(c->seen || c->grants, c->granted).s);
	if (c->returned)
		fprintf(v->out, ", %" PRIu64 " returned unused", c->returned);
	fputc('\n', v->out);
}

static const char *protection(const struct conn *c)
{
	if (c->smb1)
		return "SMB 1: its commands are not seen";
	if (c->sealed)
		return "sealed";
	return c->sign ? "signed" : "not signed";
}

/* " with AES-128-GCM", or "" */
static struct short_text cipher(const struct conn *c)
{
	const char *name = enum_word(WORDS_CIPHER, c->cipher);
	struct short_text t = { "" };

	if (name)
		snprintf(t.s, sizeof(t.s), " with %s", name);
	return t;
}

static void put_connection(const struct summary_view *v, const struct conn *c)
{
	char host[MAX_NAME];

	fmt_escape(host, sizeof(host), *c->host ? c->host : "(host unknown)");
	fprintf(v->out, "  0x%" PRIx64 " %s", c->id, host);
	if (c->seen)
		fprintf(v->out, ", %s%s, instance %" PRIu32, protection(c), cipher(c).s,
			c->instance);
	if (c->reconnects)
		sum_coloured(v, RED, ", %" PRIu64 " reconnect%s", c->reconnects,
			     plural(c->reconnects));
	if (c->bad_signatures)
		sum_coloured(v, RED, ", %" PRIu64 " bad signature%s", c->bad_signatures,
			     plural(c->bad_signatures));
	if (c->seen && !c->smb1)
		fprintf(v->out, ", %" PRIu64 " command%s", c->commands, plural(c->commands));
	fputc('\n', v->out);
	put_credits(v, c);
	fprintf(v->out, "      in flight %s at the end, at most %s\n",
		number_or_unknown(c->pooled, c->in_flight).s,
		number_or_unknown(c->pooled, c->max_in_flight).s);
	if (c->seen)
		fprintf(v->out,
			"      asked for credits %" PRIu64 " time%s, which took %s in all\n",
			c->credit_waits, plural(c->credit_waits), fmt_ns(c->credit_wait_ns).s);
}

/* A kernel that gives its connections no ids (before 5.12) traces their reconnects all the same. */
static void put_none(const struct summary_view *v)
{
	if (v->totals->reconnects)
		sum_warning(v, "%" PRIu64 " reconnect%s, of connections without ids",
			    v->totals->reconnects, plural(v->totals->reconnects));
	else
		fputs("  none seen\n", v->out);
}

void sum_connections(const struct summary_view *v)
{
	sum_heading(v, "Connections");
	if (!model_conns(v->m))
		put_none(v);
	for (const struct conn *c = model_conns(v->m); c; c = c->hh.next)
		put_connection(v, c);
}
