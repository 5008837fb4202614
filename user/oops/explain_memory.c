// SPDX-License-Identifier: GPL-2.0-only
/* Memory that was used wrongly, or is left: mm/kasan/, mm/slub.c, mm/kmemleak.c, fs/dcache.c */
#include <string.h>

#include "oops/explain.h"

/* umount_check() of fs/dcache.c and generic_shutdown_super() of fs/super.c, alone in a log */
static bool is_busy(const struct oops *o)
{
	return (o->kind == OOPS_WARN || o->kind == OOPS_BUG) &&
	       (explain_is_at(o, "umount_check") || explain_is_at(o, "generic_shutdown_super"));
}

bool explain_dentry(const struct oops *o, struct oops_meaning *m)
{
	bool cifs = strstr(o->title, "unmount of cifs") || strstr(o->title, "unmount of smb3");

	if ((o->kind != OOPS_DENTRY && !is_busy(o)) ||
	    (!cifs && !explain_first_ours(o, STACK_CALL)))
		return false;
	explain_name(m, "busy-dentry",
		     explain_is_at(o, "generic_shutdown_super")
			     ? "inodes of a cifs mount were still in use at umount"
			     : "a dentry of a cifs mount was still in use at umount");
	explain_say(
		m,
		"What holds dentries in cifs beyond their users: a cached directory whose lease was not given up (close_all_cached_dirs() runs before the dentries go), and a file whose close is deferred or put in a work item (cifs_kill_sb() flushes those).");
	explain_say(
		m,
		"The warning of umount_check() and the BUG of fs/super.c behind it are the same event.");
	return true;
}

#define OBJECTS_LEFT                                                                     \
	"Something was not freed: a message (cifs_mpx_ids), a buffer (cifs_request), a " \
	"request or subrequest. Look at its references before the module is unloaded."

static void say_left(struct oops_meaning *m)
{
	explain_name(m, "object-leak", "a cache of cifs or netfs was destroyed with objects in it");
	explain_say(m, "%s", OBJECTS_LEFT);
}

bool explain_slab(const struct oops *o, struct oops_meaning *m)
{
	bool ours = strstr(o->title, "BUG cifs_") || strstr(o->title, "BUG netfs_");

	if (o->kind != OOPS_SLAB ||
	    (!ours && !explain_first_ours(o, STACK_CALL) &&
	     !explain_first_ours(o, STACK_ALLOCATED) && !explain_first_ours(o, STACK_FREED)))
		return false;
	if (strstr(o->title, "Objects remaining")) {
		say_left(m);
		return true;
	}
	explain_name(
		m, "bad-access",
		"memory that cifs or netfs allocated was written past its end, or after it was freed");
	explain_say(
		m,
		"The stack shows who noticed it, not who wrote: look at the functions that allocated the object, and at its size.");
	return true;
}

/* WARN() of kmem_cache_destroy(), since 5.16 */
bool explain_cache_left(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_WARN || !explain_is_at(o, "kmem_cache_destroy") ||
	    !explain_first_ours(o, STACK_CALL))
		return false;
	say_left(m);
	return true;
}

/* Who asked for the access, where the function that made it is a general one. */
static void say_accesses(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *alloc = explain_first_ours(o, STACK_ALLOCATED);
	const struct oops_entry *freed = explain_first_ours(o, STACK_FREED);
	const struct oops_entry *used = explain_first_ours(o, STACK_CALL);

	if (*o->at.symbol && used && !oops_place_is_ours(o))
		explain_say(m, "Used by %s, below %s.", o->at.symbol, used->at.symbol);
	else if (*o->at.symbol)
		explain_say(m, "Used by %s.", o->at.symbol);
	if (alloc)
		explain_say(m, "Allocated by %s.", alloc->at.symbol);
	if (freed)
		explain_say(
			m,
			"Freed by %s: a reference was dropped once too often, or one was not taken.",
			freed->at.symbol);
}

/* Going back over an iterator's segments KASAN sees what no check of iov_iter_revert() does. */
static bool explain_kasan_revert(const struct oops *o, struct oops_meaning *m)
{
	if (!explain_is_at(o, "iov_iter_revert"))
		return false;
	explain_name(m, "iter-revert", "an iterator was wound back before its start");
	explain_say(
		m,
		"iov_iter_revert() goes back over the iterator's segments and read memory that is none: it was asked to go back further than the iterator had come, or the segments were freed before.");
	explain_caller(o, m);
	say_accesses(o, m);
	return true;
}

bool explain_kasan(const struct oops *o, struct oops_meaning *m)
{
	bool used = oops_place_is_ours(o) || explain_first_ours(o, STACK_CALL);

	if ((o->kind != OOPS_KASAN && o->kind != OOPS_KFENCE) ||
	    (!used && !explain_first_ours(o, STACK_ALLOCATED) &&
	     !explain_first_ours(o, STACK_FREED)))
		return false;
	if (used && explain_kasan_revert(o, m))
		return true;
	if (strstr(o->title, "use-after-free"))
		explain_name(m, "use-after-free",
			     "memory of netfs or cifs was used after it was freed");
	else if (strstr(o->title, "double-free") || strstr(o->title, "invalid-free"))
		explain_name(m, "use-after-free", "memory of netfs or cifs was freed twice");
	else if (used)
		explain_name(m, "bad-access", "netfs or cifs touched memory that is not its own");
	else
		explain_name(m, "bad-access",
			     "memory near an object of netfs or cifs was touched by somebody else");
	say_accesses(o, m);
	return true;
}

bool explain_leak(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *e = explain_first_ours(o, STACK_ALLOCATED);

	if (o->kind != OOPS_LEAK || !e)
		return false;
	explain_name(m, "object-leak",
		     "memory that netfs or cifs allocated is no longer referenced");
	explain_say(m, "Allocated by %s. kmemleak may be wrong about recently allocated objects.",
		    e->at.symbol);
	return true;
}
