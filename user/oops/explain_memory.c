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

/* ---- whose memory it is ---- */

enum whose { WHOSE_UNKNOWN, WHOSE_OURS, WHOSE_OTHERS };

static bool is_cache_of_ours(const char *cache)
{
	return !strncmp(cache, "cifs_", 5) || !strncmp(cache, "netfs_", 6) ||
	       !strncmp(cache, "fscache_", 8);
}

/* Who asked the allocator: the innermost function of a stack that is none of its own; false: not told. */
static bool find_asker(const struct oops *o, enum oops_stack stack, struct oops_entry *ret)
{
	const char *in;

	for (size_t i = 0; i < o->nr_entries; i++)
		if (o->entry[i].stack == stack && o->entry[i].reliable && *o->entry[i].at.symbol &&
		    !oops_is_allocator(o->entry[i].at.symbol)) {
			*ret = o->entry[i];
			return true;
		}
	for (size_t i = 0; i < o->nr_sections;
	     i++) { /* SLUB: "Allocated in func+0x1/0x2 age=..." */
		in = strstr(o->section[i].label, "ed in ");
		*ret = (struct oops_entry){};
		if (o->section[i].stack == stack && in && !sym_ref_parse(in + 6, &ret->at, &in))
			return true;
	}
	return false;
}

static enum whose whose_is(const struct oops *o)
{
	struct oops_entry e;

	if (is_cache_of_ours(o->cache))
		return WHOSE_OURS;
	if (find_asker(o, STACK_ALLOCATED, &e)) {
		if (oops_entry_is_ours(&e))
			return WHOSE_OURS;
		return explain_first_ours(o, STACK_ALLOCATED) ? WHOSE_UNKNOWN : WHOSE_OTHERS;
	}
	return !*o->cache || !strncmp(o->cache, "kmalloc-", 8) ? WHOSE_UNKNOWN : WHOSE_OTHERS;
}

static bool touches_ours(const struct oops *o)
{
	struct oops_entry e;

	return whose_is(o) == WHOSE_OURS || explain_first_ours(o, STACK_CALL) ||
	       explain_first_ours(o, STACK_ALLOCATED) || explain_first_ours(o, STACK_FREED) ||
	       (find_asker(o, STACK_FREED, &e) && oops_entry_is_ours(&e));
}

/* What was done to it, by the first line; the more special text first. */
static const struct {
	const char *in_title, *what;
} deeds[] = {
	{ "double-free or invalid-free", "was freed twice, or is none that can be freed" },
	{ "double-free", "was freed twice" },
	{ "invalid-free", "was freed by an address that is not its start" },
	{ "invalid free", "was freed twice, or is none that can be freed" },
	{ "already free", "was freed twice" },
	{ "null-ptr-deref", "at NULL was touched" },
	{ "use-after-free", "was used after it was freed" },
	{ "oison overwritten", "was written after it was freed" },
	{ "out-of-bounds", "was touched beyond its bounds" },
	{ "memory corruption", "was written beyond its bounds" },
	{ "edzone overwritten", "was written beyond its bounds" },
	{ "adding overwritten", "was written beyond its bounds" },
};

static const char *deed_of(const struct oops *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(deeds); i++)
		if (strstr(o->title, deeds[i].in_title))
			return deeds[i].what;
	return o->kind == OOPS_SLAB ? "is damaged" : "was touched wrongly";
}

static void name_memory(const struct oops *o, struct oops_meaning *m, const char *by)
{
	static const char *const objects[] = { [WHOSE_UNKNOWN] = "memory",
					       [WHOSE_OURS] = "memory of netfs or cifs",
					       [WHOSE_OTHERS] = "memory of others" };
	enum whose is = whose_is(o);

	m->id = strstr(o->title, "-free") ? "use-after-free" : "bad-access";
	snprintf(m->title, sizeof(m->title), "%s %s%s", objects[is], deed_of(o),
		 is == WHOSE_OURS ? "" : by);
}

/* "Allocated by A, below B of cifs." */
static void say_asker(const struct oops *o, struct oops_meaning *m, enum oops_stack stack,
		      const char *done)
{
	const struct oops_entry *ours = explain_first_ours(o, stack);
	struct oops_entry e;

	if (!find_asker(o, stack, &e))
		return;
	if (ours && !oops_entry_is_ours(&e))
		explain_say(m, "%s by %s, below %s.", done, e.at.symbol, ours->at.symbol);
	else
		explain_say(m, "%s by %s.", done, e.at.symbol);
}

bool explain_slab(const struct oops *o, struct oops_meaning *m)
{
	bool again = strstr(o->title, "already free");
	const char *by = ", and netfs or cifs noticed it";

	if (o->kind != OOPS_SLAB || !touches_ours(o))
		return false;
	if (strstr(o->title, "Objects remaining")) {
		say_left(m);
		return true;
	}
	if (!explain_first_ours(o, STACK_CALL))
		by = ", and netfs or cifs had to do with it";
	else if (again)
		by = ", below netfs or cifs";
	name_memory(o, m, by);
	explain_say(m,
		    again ? "The call trace shows who freed it again."
			  : "The call trace shows who noticed it, which need not be who did it.");
	say_asker(o, m, STACK_ALLOCATED, "Allocated");
	say_asker(o, m, STACK_FREED, "Freed last");
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
	const struct oops_entry *used = explain_first_ours(o, STACK_CALL);
	bool freed = strstr(deed_of(o), " freed ") && !strstr(deed_of(o), "after");

	if (*o->at.symbol && used && !oops_place_is_ours(o))
		explain_say(m, "%s by %s, below %s.", freed ? "Freed now" : "Used", o->at.symbol,
			    used->at.symbol);
	else if (*o->at.symbol)
		explain_say(m, "%s by %s.", freed ? "Freed now" : "Used", o->at.symbol);
	say_asker(o, m, STACK_ALLOCATED, "Allocated");
	say_asker(o, m, STACK_FREED, freed ? "Freed before" : "Freed");
	if (*o->cache)
		explain_say(m, "It is of the cache %s.", o->cache);
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
	const char *by = ", and netfs or cifs had to do with it";

	if ((o->kind != OOPS_KASAN && o->kind != OOPS_KFENCE) || (!used && !touches_ours(o)))
		return false;
	if (used && explain_kasan_revert(o, m))
		return true;
	if (oops_place_is_ours(o))
		by = ", by netfs or cifs";
	else if (used)
		by = ", below netfs or cifs";
	name_memory(o, m, by);
	say_accesses(o, m);
	return true;
}

bool explain_leak(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_LEAK || !explain_first_ours(o, STACK_ALLOCATED))
		return false;
	explain_name(m, "object-leak",
		     whose_is(o) == WHOSE_OURS
			     ? "memory that netfs or cifs allocated is no longer referenced"
			     : "memory allocated below netfs or cifs is no longer referenced");
	say_asker(o, m, STACK_ALLOCATED, "Allocated");
	explain_say(m, "kmemleak may be wrong about recently allocated objects.");
	return true;
}
