// SPDX-License-Identifier: GPL-2.0-only
/* One line, from the outside in: quoting, a logger's prefix, printk's own. */
#include <ctype.h>
#include <string.h>

#include "log/stamp.h"

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/* "> ", "| ", "# ", ": " of any depth, "Ann> "; not "#0 [ffff..." of crash, nor "#PF:" */
static const char *skip_quotes(const char *p)
{
	for (;;) {
		const char *at = skip_blanks(p);
		size_t name = 0;

		while (isalpha((unsigned char)at[name]) && name < 5)
			name++;
		if (name && at[name] == '>' && at[name + 1] == ' ')
			p = at + name + 1;
		else if (*at == '>' ||
			 (strchr("|#:", *at) && *at && (!at[1] || strchr(" \t>[", at[1]))))
			p = at + 1;
		else
			return p;
	}
}

/* Everything that printk may put behind its stamp, and a syslog's tag behind a journal's. */
static const char *skip_rest(const char *p, struct log_line *l)
{
	for (;;) {
		const char *at = skip_blanks(p), *next = log_skip_caller(at, l);

		if (next == at)
			next = log_skip_stamp(at, l);
		if (next == at)
			next = log_skip_tag(at, l);
		if (next == at)
			return p;
		p = next;
	}
}

/* Known by a stamp or a tag. */
static const char *skip_known(struct log_prefix *known, const char *p, struct log_line *l)
{
	const char *stamp = log_find_stamp(p), *at = skip_blanks(p), *before = at;

	if (stamp) {
		if (stamp > at)
			log_shape_learn(known, at, stamp - at);
		return log_skip_stamp(stamp, l);
	}
	at = log_skip_level(at, l);
	at = log_skip_stamp(skip_blanks(at), l);
	at = log_skip_tag(skip_blanks(at), l);
	if (!l->stamped)
		at = log_skip_date(skip_blanks(at), l);
	if (!l->stamped)
		at = log_skip_torn_stamp(skip_blanks(at), l);
	return skip_blanks(at) == before ? p : at;
}

/* Where a headline begins, at the start of a word; NULL: in none of the first bytes. */
static const char *find_headline(const char *p, log_headline headline)
{
	for (size_t i = 0; headline && i < LOG_MAX_PREFIX && p[i]; i++) {
		bool starts = !i || strchr(" \t:|>;,)]\"'", p[i - 1]);

		if (starts && isalpha((unsigned char)p[i]) && headline(p + i))
			return p + i;
	}
	return NULL;
}

/* A prefix without a stamp: the one that the lines before had, or what a headline stands behind. */
static const char *skip_unknown(struct log_prefix *known, const char *p, log_headline headline,
				struct log_line *l)
{
	const char *at = skip_blanks(p);
	size_t n = log_shape_match(known, at);
	const char *head = n || *known->shape ? NULL : find_headline(p, headline);

	if (n) {
		l->stamped = true;
		return at + n;
	}
	if (!head || head == at)
		return p;
	log_shape_learn(known, at, head - at);
	l->stamped = *known->shape;
	return head;
}

void log_line_clean(struct log_prefix *known, char *raw, log_headline headline,
		    struct log_line *ret)
{
	size_t size = log_plain(raw);
	const char *p = skip_quotes(raw), *text;

	memset(ret, 0, sizeof(*ret));
	p = skip_known(known, p, ret);
	if (!ret->stamped || ret->dated)
		p = skip_unknown(known, p, headline, ret);
	if (ret->stamped)
		p = skip_rest(p, ret);
	text = skip_blanks(p);
	ret->prefix = raw;
	ret->prefix_size = p - raw;
	ret->indent = text - p;
	if (ret->stamped && ret->indent)
		ret->indent--;
	ret->text = text;
	ret->size = raw + size - text;
}
