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
	struct oops_entry e;

	if (d->expect == EXPECT_PLACE) { /* where it was released: "[<...>] func+0x1/0x2" */
		d->expect = EXPECT_NOTHING;
		if (!oops_frame(text, &e))
			return 0;
		o->at = e.at;
		return 1;
	}
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
	if (*text)
		d->expect = EXPECT_NOTHING;
	return 0;
}

/* "#0: ffff888103a2c330 (&ret_buf->chan_lock){+.+.}-{3:3}, at: func+0xcf/0x200" */
static bool is_held(const char *text)
{
	return *text == '#' && text[1 + strspn(text + 1, "0123456789")] == ':';
}

/* "=====", "-----", and sentences that only lead to the next line */
static bool is_scaffolding(const char *text)
{
	static const char *const parts[] = {
		"existing dependency chain",  "which lock already depends",
		"other info that might help", "which would create a new lock dependency",
		"but this new dependency",    "-irq-unsafe lock:",
		"the dependencies between",   "rcu_scheduler_active",
		"no locks held by",	      "but there are no more locks to release",
		"irq event stamp:",
	};

	if (!strncmp(text, "=====", 5) || !strncmp(text, "-----", 5))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strstr(text, parts[i]))
			return true;
	return false;
}

/* "fio/2001 [HC0[0]...] is trying to acquire lock:", "... takes:", "... is freeing memory ...": what comes next */
static bool take_deed(struct oops_draft *d, const char *text)
{
	static const struct {
		const char *deed;
		enum oops_expect next;
	} deeds[] = {
		{ " is trying to release lock ", EXPECT_PLACE },
		{ " is trying to ", EXPECT_WANTED },
		{ " takes:", EXPECT_WANTED },
		{ " just changed the state of lock:", EXPECT_WANTED },
		{ " is freeing memory ", EXPECT_HELD },
		{ " is leaving the kernel with locks", EXPECT_NOTHING },
	};

	for (size_t i = 0; i < ARRAY_SIZE(deeds); i++) {
		const char *at = strstr(text, deeds[i].deed);

		if (!at)
			continue;
		take_task(&d->o, text, at);
		d->expect = deeds[i].next;
		if (d->expect == EXPECT_PLACE)
			append_detail(&d->o, text);
		return true;
	}
	return false;
}

/* "{SOFTIRQ-ON-W} state was registered at:", "... which became HARDIRQ-irq-safe at:" */
static bool is_chain(const char *text)
{
	size_t n = strlen(text);

	return !strncmp(text, "-> #", 4) || (n > 4 && !strcmp(text + n - 4, " at:"));
}

static int lockdep_stack(struct oops_draft *d, const char *text)
{
	if (is_chain(text))
		return oops_begin_stack(d, STACK_CHAIN, text);
	if (!strncmp(text, "stack backtrace:", 16)) /* arm32 says no more before the frames */
		return oops_begin_stack(d, STACK_CALL, "");
	return 0;
}

int oops_lockdep(struct oops_draft *d, const char *text)
{
	struct oops *o = &d->o;

	if (d->expect != EXPECT_NOTHING && expected(d, text))
		return 1;
	if (take_deed(d, text))
		return 1;
	if (strstr(text, "already holding lock:") || strstr(text, "already holding:")) {
		d->expect = EXPECT_HELD;
	} else if (strstr(text, "ossible unsafe locking scenario") ||
		   strstr(text, "ossible interrupt unsafe locking scenario")) {
		d->expect = EXPECT_SCENARIO;
		d->in_trace = false;
	} else if (is_held(text) || strstr(text, " held by ")) {
		append_line(o->scenario, sizeof(o->scenario), d->indent, text);
	} else if (strstr(text, " suspicious rcu_") || strstr(text, " usage!")) {
		append_detail(o, text);
	} else if (!lockdep_stack(d, text)) {
		return is_scaffolding(text);
	}
	return 1;
}
