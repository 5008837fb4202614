// SPDX-License-Identifier: GPL-2.0-only
/* What kernel/locking/lockdep.c prints: the lock wanted, the one held, the chains between them. */
#include <string.h>

#include "oops/parse.h"

static void append_line(char *to, size_t room, size_t indent, const char *text)
{
	size_t n = strlen(to);

	if (n + 2 < room)
		snprintf(to + n, room - n, "%s%*s%s", n ? "\n" : "", indent < 60 ? (int)indent : 60,
			 "", text);
}

/* "cifsd/1402 is trying to acquire lock:" */
static void take_task(struct oops *o, const char *text, const char *end)
{
	const char *slash = memrchr(text, '/', end - text);

	if (!slash || o->has_pid)
		return;
	copy_text(o->comm, sizeof(o->comm), text, slash - text);
	o->pid = strtoul(slash + 1, NULL, 10);
	o->has_pid = true;
}

/* "ffff888103a1b038 (&tcp_ses->srv_lock){+.+.}-{3:3}, at: func+0x1/0x2": without the address */
static bool take_lock(char *to, size_t room, const char *text)
{
	const char *p = strchr(text, '(');

	if (!p)
		return false;
	copy_text(to, room, p, strlen(p));
	return true;
}

static int expected(struct oops_draft *d, const char *text)
{
	struct oops *o = &d->o;

	if (d->expect == EXPECT_SCENARIO) {
		if (strstr(text, "*** DEADLOCK ***"))
			d->expect = EXPECT_NOTHING;
		else if (*text)
			append_line(o->scenario, sizeof(o->scenario), d->indent, text);
		return 1;
	}
	if ((d->expect == EXPECT_WANTED &&
	     take_lock(o->lock_wanted, sizeof(o->lock_wanted), text)) ||
	    (d->expect == EXPECT_HELD && take_lock(o->lock_held, sizeof(o->lock_held), text))) {
		d->expect = EXPECT_NOTHING;
		return 1;
	}
	return 0;
}

/* "#0: ffff888103a2c330 (&ret_buf->chan_lock){+.+.}-{3:3}, at: func+0xcf/0x200" */
static bool is_held(const char *text)
{
	return *text == '#' && text[1 + strspn(text + 1, "0123456789")] == ':';
}

int oops_lockdep(struct oops_draft *d, const char *text)
{
	struct oops *o = &d->o;
	const char *wanted = strstr(text, " is trying to ");

	if (d->expect != EXPECT_NOTHING && expected(d, text))
		return 1;
	if (wanted) {
		take_task(o, text, wanted);
		d->expect = EXPECT_WANTED;
	} else if (strstr(text, "is already holding lock:")) {
		d->expect = EXPECT_HELD;
	} else if (strstr(text, "Possible unsafe locking scenario")) {
		d->expect = EXPECT_SCENARIO;
		d->in_trace = false;
	} else if (!strncmp(text, "-> #", 4)) {
		return oops_begin_stack(d, STACK_CHAIN, text);
	} else if (is_held(text) || strstr(text, " held by ")) {
		append_line(o->scenario, sizeof(o->scenario), d->indent, text);
	} else {
		return !strncmp(text, "stack backtrace:", 16) || !strncmp(text, "=====", 5) ||
		       !strncmp(text, "-----", 5) || strstr(text, "existing dependency chain") ||
		       strstr(text, "which lock already depends") ||
		       strstr(text, "other info that might help");
	}
	return 1;
}
