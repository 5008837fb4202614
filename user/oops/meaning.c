// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a crash means in terms of netfs and cifs. What lib/iov_iter.c, fs/netfs/ and fs/smb/client/
 * do is as in 6.1 to 7.3; register contents depend on the compiler and are given as hints.
 */
#include <inttypes.h>
#include <string.h>

#include "oops/wait.h"

static void say(struct oops_meaning *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct oops_meaning *m, const char *fmt, ...)
{
	size_t n = strlen(m->text);
	va_list ap;

	if (n && n + 1 < sizeof(m->text)) {
		m->text[n++] = '\n';
		m->text[n] = '\0';
	}
	va_start(ap, fmt);
	vsnprintf(m->text + n, sizeof(m->text) - n, fmt, ap);
	va_end(ap);
}

static void name_it(struct oops_meaning *m, const char *id, const char *title)
{
	m->id = id;
	snprintf(m->title, sizeof(m->title), "%s", title);
}

static bool at(const struct oops *o, const char *symbol)
{
	return !strcmp(o->at.symbol, symbol);
}

static bool is_fault(const struct oops *o)
{
	return o->kind == OOPS_NULL || o->kind == OOPS_PAGE_FAULT || o->kind == OOPS_GPF;
}

static bool starts(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static const struct oops_entry *first_ours(const struct oops *o, enum oops_stack stack)
{
	for (size_t i = 0; i < o->nr_entries; i++) {
		const struct oops_entry *e = &o->entry[i];

		if (e->stack == stack && oops_is_ours(&e->at) && !oops_is_machinery(e->at.symbol))
			return e;
	}
	return NULL;
}

/* ---- iov_iter_revert ---- */

/* What each caller reverts for. */
static const struct {
	const char *function, *text;
} revert_sites[] = {
	{ "smb2_readv_callback",
	  "smb2_readv_callback reverts before it hashes a response: only signed, unencrypted reads get there (server->sign && !mid->decrypted). The iterator it reverts is a fresh copy of the subrequest's, so there are no got_bytes behind its position to go back over." },
	{ "crypt_message",
	  "crypt_message (smb2_get_aead_req inlined) reverts what it extracted for encryption: only mounts with seal get there." },
	{ "smb2_get_aead_req",
	  "smb2_get_aead_req reverts what it extracted for encryption: only mounts with seal get there." },
	{ "netfs_reset_iter",
	  "netfs_reset_iter takes a subrequest's iterator back to what is still to do: look for a subrequest that was retried or cut short, and whose transferred disagrees with its iterator." },
	{ "netfs_perform_write",
	  "netfs_perform_write takes the writer's own iterator back after a short copy from user memory: no request's iterator is involved." },
	{ "cifs_readv_receive",
	  "cifs_readv_receive reverts what the socket just filled in: by the length that was expected instead of what was received, after a short receive, it goes back too far." },
	{ "cifs_send_async_read",
	  "cifs_send_async_read reverts the user's iterator of a direct read that has to be sent again (-EAGAIN)." },
};

static void say_caller(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *e = oops_caller(o);

	if (!e) {
		say(m, "The call trace does not show who asked for it.");
		return;
	}
	say(m, "Asked for by %s+0x%" PRIx64 "/0x%" PRIx64 "%s%s%s.%s", e->at.symbol, e->at.off,
	    e->at.size, *e->at.module ? " [" : "", e->at.module, *e->at.module ? "]" : "",
	    e->reliable
		    ? ""
		    : " The kernel marked it ?, but it is the first entry below the trap, where the caller's return address stands.");
	for (size_t i = 0; i < ARRAY_SIZE(revert_sites); i++)
		if (!strcmp(revert_sites[i].function, e->at.symbol))
			say(m, "%s", revert_sites[i].text);
}

static void say_unroll(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_reg *rsi = oops_reg(o, "RSI");

	if (rsi && rsi->value && rsi->value <= 0x7ffff000)
		say(m,
		    "RSI is 0x%" PRIx64 ": if the compiler left the count there, %" PRIu64
		    " bytes were still to go back when the start was reached.",
		    rsi->value, rsi->value);
}

#define REVERT_TITLE "an iterator was wound back before its start"

static bool explain_revert_bug(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_BUG || !at(o, "iov_iter_revert"))
		return false;
	name_it(m, "iter-revert", REVERT_TITLE);
	say(m,
	    "iov_iter_revert() has this BUG for XARRAY and UBUF iterators, whose position counts from the start: it was asked to go back further than the iterator had come.");
	say_unroll(o, m);
	say_caller(o, m);
	return true;
}

static bool explain_revert_fault(const struct oops *o, struct oops_meaning *m)
{
	if (!is_fault(o) || !at(o, "iov_iter_revert"))
		return false;
	name_it(m, "iter-revert", REVERT_TITLE);
	if (o->has_address && o->address == 0x11e)
		say(m,
		    "Address 0x11e is orders[30] of a struct folio_queue at NULL: going back over a FOLIOQ iterator it left the first segment, whose prev is NULL.");
	else if (o->kind == OOPS_NULL)
		say(m,
		    "Going back over the iterator's segments it met a NULL pointer, most likely before the first one (FOLIOQ).");
	else
		say(m,
		    "Going back over an array of segments (BVEC, KVEC, IOVEC) nothing stops it at the first: what stands before the array was taken for a segment, or the iterator was not one.");
	say_unroll(o, m);
	say_caller(o, m);
	return true;
}

static bool explain_revert_warn(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_WARN || !at(o, "iov_iter_revert"))
		return false;
	name_it(m, "iter-revert", "an iterator was about to be wound back by an impossible count");
	say(m,
	    "More than MAX_RW_COUNT (0x7ffff000), most likely a negative error code taken for a size. The iterator was left as it was.");
	say_caller(o, m);
	return true;
}

/* A BVEC that was wound back is silent; what reads it next is the hash. */
static bool explain_hash_fault(const struct oops *o, struct oops_meaning *m)
{
	static const char *const sites[] = { "smb2_calc_signature", "smb3_calc_signature",
					     "__cifs_calc_signature", "smb2_verify_signature" };

	if (!is_fault(o) || oops_is_ours(&o->at))
		return false;
	for (size_t i = 0; i < o->nr_entries; i++)
		for (size_t k = 0; k < ARRAY_SIZE(sites); k++) {
			if (strcmp(o->entry[i].at.symbol, sites[k]) != 0)
				continue;
			name_it(m, "signature-iterator",
				"the signature was computed over memory that is not the message");
			say(m,
			    "%s hashes what the request's iterator describes, and the hash faulted. A BVEC iterator wound back before its first segment ends like this: iov_iter_revert() does not check arrays. Look for 'sign fail' or 'signature verification returned error' before it.",
			    sites[k]);
			return true;
		}
	return false;
}

/* ---- waits ---- */

static void say_wait(struct oops_meaning *m, const struct oops_wait *w, const char *who)
{
	if (w->command)
		say(m, "%s waits for the answer to %s (%s).", who, w->command, w->function);
	else if (w->lock)
		say(m, "%s waits for %s, which %s() takes.", who, w->lock, w->function);
	else
		say(m, "%s waits for %s (%s).", who, w->what, w->function);
	if (w->look)
		say(m, "%s", w->look);
	for (size_t i = 0; i < w->nr_held; i++)
		say(m, "It holds %s: %s() takes it before it gets there.", w->held[i],
		    w->holder[i]);
}

static void say_blocker(const struct oops *o, struct oops_meaning *m)
{
	struct oops_wait w;
	char who[160];

	if (!*o->blocker)
		return;
	snprintf(who, sizeof(who), "%.60s, pid %" PRIu32 ", which the kernel takes for the owner,",
		 o->blocker, o->blocker_pid);
	oops_find_wait(o, STACK_BLOCKER, &w);
	if (w.what)
		say_wait(m, &w, who);
	else
		say(m, "%s waits for nothing that this tool knows, or its stack is missing.", who);
}

static bool explain_hung(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *ours = first_ours(o, STACK_CALL);
	struct oops_wait w;

	if ((o->kind != OOPS_HUNG_TASK && o->kind != OOPS_STACK) || !ours)
		return false;
	oops_find_wait(o, STACK_CALL, &w);
	if (!w.what && o->kind == OOPS_STACK)
		return false;
	name_it(m, "stuck", "a task waits in netfs or cifs");
	if (w.what)
		say_wait(m, &w, "It");
	else
		say(m, "It is blocked below %s, in a wait that this tool does not know.",
		    ours->at.symbol);
	say_blocker(o, m);
	return true;
}

/* ---- locks ---- */

static bool explain_lockdep(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_LOCKDEP || !first_ours(o, STACK_CALL))
		return false;
	name_it(m, "lock-order", "locks of netfs or cifs are taken in an order that can deadlock");
	if (*o->lock_wanted)
		say(m, "Wanted: %s", o->lock_wanted);
	if (*o->lock_held)
		say(m, "Held: %s", o->lock_held);
	if (*o->scenario)
		say(m, "%s", o->scenario);
	return true;
}

/* ---- what is left at umount and rmmod ---- */

static bool explain_dentry(const struct oops *o, struct oops_meaning *m)
{
	bool cifs = strstr(o->title, "unmount of cifs") || strstr(o->title, "unmount of smb3");

	if (o->kind != OOPS_DENTRY || (!cifs && !first_ours(o, STACK_CALL)))
		return false;
	name_it(m, "busy-dentry", "a dentry of a cifs mount was still in use at umount");
	say(m,
	    "What holds dentries in cifs beyond their users: a cached directory whose lease was not given up (close_all_cached_dirs() runs before the dentries go), and a file whose close is deferred or put in a work item (cifs_kill_sb() flushes those).");
	say(m,
	    "The warning of umount_check() and the BUG of fs/super.c behind it are the same event.");
	return true;
}

static bool explain_slab(const struct oops *o, struct oops_meaning *m)
{
	bool left = strstr(o->title, "Objects remaining");

	if (o->kind != OOPS_SLAB || (!first_ours(o, STACK_CALL) && !strstr(o->title, "BUG cifs_") &&
				     !first_ours(o, STACK_ALLOCATED)))
		return false;
	if (left)
		name_it(m, "object-leak",
			"a cache of cifs or netfs was destroyed with objects in it");
	else
		name_it(m, "bad-access",
			"memory that cifs or netfs allocated was written past its end, or after it was freed");
	say(m, "%s",
	    left ? "Something was not freed: a message (cifs_mpx_ids), a buffer (cifs_request), a request or subrequest. Look at its references before the module is unloaded."
		 : "The stack shows who noticed it, not who wrote: look at the functions that allocated the object, and at its size.");
	return true;
}

/* ---- credits, references, memory ---- */

static bool explain_credits(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_WARN || !at(o, "smb2_add_credits"))
		return false;
	name_it(m, "credit-double", "credits came back while nothing was in flight");
	say(m,
	    "smb2_add_credits() decrements the connection's in_flight for each answer, but it was 0 already: the credits of a command were returned twice, or a reconnect has reset the connection meanwhile.");
	return true;
}

static bool explain_kasan(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *alloc, *freed;

	if ((o->kind != OOPS_KASAN && o->kind != OOPS_KFENCE) ||
	    !(oops_is_ours(&o->at) || first_ours(o, STACK_CALL)))
		return false;
	if (strstr(o->title, "use-after-free"))
		name_it(m, "use-after-free", "memory of netfs or cifs was used after it was freed");
	else if (strstr(o->title, "double-free") || strstr(o->title, "invalid-free"))
		name_it(m, "use-after-free", "memory of netfs or cifs was freed twice");
	else
		name_it(m, "bad-access", "netfs or cifs touched memory that is not its own");
	alloc = first_ours(o, STACK_ALLOCATED);
	freed = first_ours(o, STACK_FREED);
	if (*o->at.symbol)
		say(m, "Used by %s.", o->at.symbol);
	if (alloc)
		say(m, "Allocated by %s.", alloc->at.symbol);
	if (freed)
		say(m, "Freed by %s: a reference was dropped once too often, or one was not taken.",
		    freed->at.symbol);
	return true;
}

static bool explain_refcount(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *e = first_ours(o, STACK_CALL);

	if (!at(o, "refcount_warn_saturate") || !e)
		return false;
	name_it(m, "ref-balance", "a reference count of netfs or cifs went wrong");
	say(m, "%s: the count was changed by %s.", *o->detail ? o->detail : "refcount_t",
	    e->at.symbol);
	return true;
}

/* include/linux/poison.h */
static void say_poison(const struct oops *o, struct oops_meaning *m)
{
	if (!o->has_address)
		return;
	if (o->address >> 12 == 0xdead000000000)
		say(m,
		    "The address is a list's poison: an entry was used, or removed again, after it had been removed.");
	else if (o->address >> 32 == 0x6b6b6b6b)
		say(m, "The address is the slab's poison: the object was freed before.");
}

static const char *module_of(const struct sym_ref *ref)
{
	const char *owner = oops_owner(ref);

	return owner ? owner : ref->module;
}

/* The innermost function of a file system that is none of ours, but a neighbour of it. */
static const struct oops_entry *first_neighbour(const struct oops *o)
{
	for (size_t i = 0; i < o->nr_entries; i++)
		if (oops_owner(&o->entry[i].at))
			return &o->entry[i];
	return NULL;
}

static const struct {
	const char *owner, *is;
} neighbours[] = {
	{ "ksmbd", "the kernel's SMB server, not the client" },
	{ "smbdirect", "SMB over RDMA" },
	{ "cachefiles", "the cache behind fscache" },
	{ "9p", "9p, a file system on netfs" },
	{ "afs", "AFS, a file system on netfs" },
	{ "ceph", "Ceph, a file system on netfs" },
};

static bool explain_neighbour(const struct oops *o, struct oops_meaning *m)
{
	const char *owner = oops_owner(&o->at);
	const struct oops_entry *e = owner ? NULL : first_neighbour(o);
	const char *symbol = e ? e->at.symbol : o->at.symbol;

	owner = e ? oops_owner(&e->at) : owner;
	for (size_t i = 0; owner && i < ARRAY_SIZE(neighbours); i++)
		if (!strcmp(owner, neighbours[i].owner)) {
			m->id = "neighbour";
			snprintf(m->title, sizeof(m->title), "in %s: %s", owner, neighbours[i].is);
			say(m, "The innermost function of it is %s.", symbol);
			return true;
		}
	return false;
}

static bool explain_leak(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *e = first_ours(o, STACK_ALLOCATED);

	if (o->kind != OOPS_LEAK || !e)
		return false;
	name_it(m, "object-leak", "memory that netfs or cifs allocated is no longer referenced");
	say(m, "Allocated by %s. kmemleak may be wrong about recently allocated objects.",
	    e->at.symbol);
	return true;
}

static bool explain_hog(const struct oops *o, struct oops_meaning *m)
{
	struct sym_ref ref = {};
	size_t n = strcspn(o->workqueue, " ");

	if (o->kind != OOPS_WORKQUEUE || n >= sizeof(ref.symbol))
		return false;
	memcpy(ref.symbol, o->workqueue, n);
	if (!oops_is_ours(&ref) && !strstr(o->workqueue, "[cifs]") &&
	    !strstr(o->workqueue, "[netfs]"))
		return false;
	name_it(m, "slow-work", "a work item of netfs or cifs kept its CPU for long");
	say(m,
	    "%s() ran longer than the workqueue tolerates: this costs latency, but is not a fault.",
	    ref.symbol);
	return true;
}

/* ---- by the task alone ---- */

static const char *task_of_cifs(const struct oops *o)
{
	static const char *const queues[] = { "cifsiod",      "deferredclose", "serverclose",
					      "smb3decryptd", "fileinfo_put",  "cifsoplockd",
					      "cfid_put_wq" };

	if (!strcmp(o->comm, "cifsd"))
		return "The task is cifsd, the thread that receives the answers of a connection.";
	if (!strcmp(o->comm, "mount.cifs") || starts(o->comm, "cifs.upcall"))
		return "The task is a helper of cifs in user space.";
	if (strstr(o->title, "unmount of cifs"))
		return "The mount is of type cifs.";
	for (size_t i = 0; i < ARRAY_SIZE(queues); i++)
		if (strstr(o->workqueue, queues[i]) || strstr(o->comm, queues[i]))
			return "The work item is on a workqueue of cifs.";
	return strstr(o->workqueue, "netfs_") ? "The work item belongs to netfs." : NULL;
}

static bool explain_without_frames(const struct oops *o, struct oops_meaning *m)
{
	const char *task = task_of_cifs(o);

	if (!o->nr_entries && !*o->at.symbol)
		name_it(m, "no-stack", "its stack is not in the log");
	else if (task)
		name_it(m, "by-task",
			"no function of netfs or cifs in the stack, but the task belongs to cifs");
	else
		return false;
	if (task)
		say(m, "%s", task);
	else
		say(m, "Whether netfs or cifs is involved is unknown.");
	return true;
}

static bool explain_ours(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *e = first_ours(o, STACK_CALL);

	if (!oops_is_ours(&o->at) && !e)
		return false;
	if (oops_is_ours(&o->at)) {
		m->id = "in-module";
		snprintf(m->title, sizeof(m->title),
			 "a %s in %.40s itself, of a kind unknown to this tool",
			 o->kind == OOPS_BUG || o->kind == OOPS_WARN ? "failed assertion" : "fault",
			 module_of(&o->at));
		say(m, "The place is %s.", o->at.symbol);
		if (starts(o->at.symbol, "netfs_") &&
		    (strstr(o->at.symbol, "put") || strstr(o->at.symbol, "free")))
			say(m,
			    "It drops references: look at the request's gets and puts before it.");
		say_poison(o, m);
		return true;
	}
	m->id = "below-module";
	snprintf(m->title, sizeof(m->title),
		 "%.40s is in the call trace, but the kind is unknown to this tool",
		 module_of(&e->at));
	say(m, "The innermost function of it is %s.", e->at.symbol);
	say_poison(o, m);
	return true;
}

static void explain(const struct oops *o, struct oops_meaning *ret)
{
	static bool (*const known[])(const struct oops *, struct oops_meaning *) = {
		explain_revert_bug,  explain_revert_fault,
		explain_revert_warn, explain_credits,
		explain_refcount,    explain_kasan,
		explain_hash_fault,  explain_hung,
		explain_lockdep,     explain_dentry,
		explain_slab,	     explain_leak,
		explain_hog,	     explain_ours,
		explain_neighbour,   explain_without_frames,
	};

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i](o, ret))
			return;
	name_it(ret, "unknown",
		"unknown kind: nothing of netfs or cifs in the stack that was read");
}

void oops_explain(const struct oops *o, struct oops_meaning *ret)
{
	explain(o, ret);
	if (o->mixed)
		say(ret,
		    "Lines of two reports are mixed here, and nothing tells which line belongs to which.");
	for (size_t i = 0; o->kind == OOPS_STACK && i < o->nr_entries; i++)
		if (!strcmp(o->entry[i].at.symbol, "__warn")) {
			say(ret, "The trace goes through __warn(): it was a WARNING.");
			break;
		}
}
