// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a crash means in terms of netfs and cifs. What lib/iov_iter.c, fs/netfs/ and fs/smb/client/
 * do is as in 6.1 to 7.3; register contents depend on the compiler and are given as hints.
 */
#include <inttypes.h>
#include <string.h>

#include "oops/explain.h"

void explain_say(struct oops_meaning *m, const char *fmt, ...)
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

void explain_name(struct oops_meaning *m, const char *id, const char *title)
{
	m->id = id;
	snprintf(m->title, sizeof(m->title), "%s", title);
}

bool explain_is_at(const struct oops *o, const char *symbol)
{
	return oops_is_function(o->at.symbol, symbol);
}

static bool is_fault(const struct oops *o)
{
	return o->kind == OOPS_NULL || o->kind == OOPS_PAGE_FAULT || o->kind == OOPS_GPF;
}

static bool starts(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

const struct oops_entry *explain_first_ours(const struct oops *o, enum oops_stack stack)
{
	for (size_t i = 0; i < o->nr_entries; i++) {
		const struct oops_entry *e = &o->entry[i];

		if (e->stack == stack && e->reliable && oops_entry_is_ours(e) &&
		    !oops_is_machinery(e->at.symbol))
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

void explain_caller(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *e = oops_caller(o);

	if (!e) {
		explain_say(m, "The call trace does not show who asked for it.");
		return;
	}
	explain_say(
		m, "Asked for by %s+0x%" PRIx64 "/0x%" PRIx64 "%s%s%s.%s", e->at.symbol, e->at.off,
		e->at.size, *e->at.module ? " [" : "", e->at.module, *e->at.module ? "]" : "",
		e->reliable
			? ""
			: " The kernel marked it ?, but it is the first entry below the trap, where the caller's return address stands.");
	for (size_t i = 0; i < ARRAY_SIZE(revert_sites); i++)
		if (oops_is_function(e->at.symbol, revert_sites[i].function))
			explain_say(m, "%s", revert_sites[i].text);
}

static void say_unroll(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_reg *rsi = oops_reg(o, "RSI");

	if (rsi && rsi->value && rsi->value <= 0x7ffff000)
		explain_say(m,
			    "RSI is 0x%" PRIx64 ": if the compiler left the count there, %" PRIu64
			    " bytes were still to go back when the start was reached.",
			    rsi->value, rsi->value);
}

#define REVERT_TITLE "an iterator was wound back before its start"

static bool explain_revert_bug(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_BUG || !explain_is_at(o, "iov_iter_revert"))
		return false;
	explain_name(m, "iter-revert", REVERT_TITLE);
	explain_say(
		m,
		"iov_iter_revert() has this BUG for XARRAY and UBUF iterators, whose position counts from the start: it was asked to go back further than the iterator had come.");
	say_unroll(o, m);
	explain_caller(o, m);
	return true;
}

static bool explain_revert_fault(const struct oops *o, struct oops_meaning *m)
{
	if (!is_fault(o) || !explain_is_at(o, "iov_iter_revert"))
		return false;
	explain_name(m, "iter-revert", REVERT_TITLE);
	if (o->has_address && o->address == 0x11e)
		explain_say(
			m,
			"Address 0x11e is orders[30] of a struct folio_queue at NULL: going back over a FOLIOQ iterator it left the first segment, whose prev is NULL.");
	else if (o->kind == OOPS_NULL)
		explain_say(
			m,
			"Going back over the iterator's segments it met a NULL pointer, most likely before the first one (FOLIOQ).");
	else
		explain_say(
			m,
			"Going back over an array of segments (BVEC, KVEC, IOVEC) nothing stops it at the first: what stands before the array was taken for a segment, or the iterator was not one.");
	say_unroll(o, m);
	explain_caller(o, m);
	return true;
}

static bool explain_revert_warn(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_WARN || !explain_is_at(o, "iov_iter_revert"))
		return false;
	explain_name(m, "iter-revert",
		     "an iterator was about to be wound back by an impossible count");
	explain_say(
		m,
		"More than MAX_RW_COUNT (0x7ffff000), most likely a negative error code taken for a size. The iterator was left as it was.");
	explain_caller(o, m);
	return true;
}

/* These read the hash's own state, and not yet what is hashed. */
static bool is_state_of_hash(const char *symbol)
{
	return starts(symbol, "crypto_shash_") || strstr(symbol, "setkey") ||
	       strstr(symbol, "_init");
}

/* A BVEC that was wound back is silent; what reads it next is the hash. */
static bool explain_hash_fault(const struct oops *o, struct oops_meaning *m)
{
	static const char *const sites[] = { "smb2_calc_signature", "smb3_calc_signature",
					     "__cifs_calc_signature", "smb2_verify_signature" };

	if (!is_fault(o) || oops_place_is_ours(o) || is_state_of_hash(o->at.symbol))
		return false;
	for (size_t i = 0; i < o->nr_entries; i++)
		for (size_t k = 0; k < ARRAY_SIZE(sites); k++) {
			if (!o->entry[i].reliable ||
			    !oops_is_function(o->entry[i].at.symbol, sites[k]))
				continue;
			explain_name(
				m, "signature-iterator",
				"a fault while a signature was computed, most likely over memory that is not the message");
			explain_say(
				m,
				"%s hashes what the request's iterator describes, and the hash faulted. A BVEC iterator wound back before its first segment ends like this: iov_iter_revert() does not check arrays. Look for 'sign fail' or 'signature verification returned error' before it.",
				sites[k]);
			return true;
		}
	return false;
}

/* ---- credits, references, memory ---- */

static bool explain_credits(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_WARN || !explain_is_at(o, "smb2_add_credits"))
		return false;
	explain_name(m, "credit-double", "credits came back while nothing was in flight");
	explain_say(
		m,
		"smb2_add_credits() decrements the connection's in_flight for each answer, but it was 0 already: the credits of a command were returned twice, or a reconnect has reset the connection meanwhile.");
	return true;
}

/* The innermost function that is none of the counter itself (until 5.6 "refcount_inc_checked" ...). */
static const struct oops_entry *changer(const struct oops *o)
{
	for (size_t i = 0; i < o->nr_entries; i++) {
		const struct oops_entry *e = &o->entry[i];

		if (e->stack == STACK_CALL && e->reliable && *e->at.symbol &&
		    !starts(e->at.symbol, "refcount_") && !oops_is_machinery(e->at.symbol))
			return e;
	}
	return NULL;
}

static bool explain_refcount(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *ours = explain_first_ours(o, STACK_CALL), *e = changer(o);
	const char *what = *o->detail ? o->detail : "refcount_t";

	if (o->kind != OOPS_WARN || !starts(o->at.symbol, "refcount_") || !ours)
		return false;
	if (e == ours) {
		explain_name(m, "ref-balance", "a reference count of netfs or cifs went wrong");
		explain_say(m, "%s: the count was changed by %s.", what, e->at.symbol);
		return true;
	}
	explain_name(m, "ref-balance", "a reference count went wrong in what netfs or cifs called");
	explain_say(m, "%s: the count was changed by %s, below %s.", what, e->at.symbol,
		    ours->at.symbol);
	return true;
}

/* include/linux/poison.h */
static void say_poison(const struct oops *o, struct oops_meaning *m)
{
	if (!o->has_address)
		return;
	if (o->address >> 12 == 0xdead000000000)
		explain_say(
			m,
			"The address is a list's poison: an entry was used, or removed again, after it had been removed.");
	else if (o->address >> 32 == 0x6b6b6b6b)
		explain_say(m, "The address is the slab's poison: the object was freed before.");
}

static const char *module_of(const struct sym_ref *ref, const char *file)
{
	const char *owner = oops_owner(ref);

	if (!owner)
		owner = oops_file_owner(file);
	return owner ? owner : ref->module;
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

static const char *neighbour(const char *owner)
{
	for (size_t i = 0; owner && i < ARRAY_SIZE(neighbours); i++)
		if (!strcmp(owner, neighbours[i].owner))
			return neighbours[i].is;
	return NULL;
}

void explain_neighbours(const struct oops *o, struct oops_meaning *m)
{
	const char *told = "";

	for (size_t i = 0; i < o->nr_entries; i++) {
		const char *owner = oops_owner(&o->entry[i].at), *is = neighbour(owner);

		if (!is || !o->entry[i].reliable || o->entry[i].stack != STACK_CALL ||
		    !strcmp(owner, told))
			continue;
		explain_say(m, "%s is of %s: %s.", o->entry[i].at.symbol, owner, is);
		told = owner;
	}
}

/* The innermost function of a file system that is none of ours, but a neighbour of it. */
static const struct oops_entry *first_neighbour(const struct oops *o)
{
	for (size_t i = 0; i < o->nr_entries; i++)
		if (o->entry[i].reliable && oops_owner(&o->entry[i].at))
			return &o->entry[i];
	return NULL;
}

static bool explain_neighbour(const struct oops *o, struct oops_meaning *m)
{
	const char *owner = oops_owner(&o->at);
	const struct oops_entry *e = owner ? NULL : first_neighbour(o);
	const char *symbol = e ? e->at.symbol : o->at.symbol;

	owner = e ? oops_owner(&e->at) : owner;
	if (!neighbour(owner))
		return false;
	m->id = "neighbour";
	snprintf(m->title, sizeof(m->title), "in %s: %s", owner, neighbour(owner));
	explain_say(m, "The innermost function of it is %s.", symbol);
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

/* That of RCU's kthread is none of what stalls it. */
static bool has_own_stack(const struct oops *o)
{
	for (size_t i = 0; i < o->nr_entries; i++)
		if (!oops_is_stall(o) || o->entry[i].stack == STACK_CALL)
			return true;
	return *o->at.symbol;
}

static bool explain_without_frames(const struct oops *o, struct oops_meaning *m)
{
	const char *task = task_of_cifs(o);

	if (!has_own_stack(o))
		explain_name(m, "no-stack", "its stack is not in the log");
	else if (task)
		explain_name(
			m, "by-task",
			"no function of netfs or cifs in the stack, but the task belongs to cifs");
	else
		return false;
	if (task)
		explain_say(m, "%s", task);
	else
		explain_say(m, "Whether netfs or cifs is involved is unknown.");
	return true;
}

/* What is in the stack with a ? only. */
static const struct oops_entry *first_leftover(const struct oops *o)
{
	for (size_t i = 0; i < o->nr_entries; i++)
		if (!o->entry[i].reliable && oops_entry_is_ours(&o->entry[i]))
			return &o->entry[i];
	return NULL;
}

static bool explain_leftover(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *e = first_leftover(o);

	if (!e)
		return false;
	explain_name(m, "leftover",
		     "unknown kind: netfs or cifs only where the stack may hold leftovers");
	explain_say(
		m,
		"%s is on the stack, but marked as unreliable (?): the address may be left there by an earlier call, and nothing else here says that netfs or cifs is involved.",
		e->at.symbol);
	return true;
}

/* What the place is called that has no explanation of its own. */
static const char *what_happened(const struct oops *o)
{
	if (o->kind == OOPS_BUG || o->kind == OOPS_WARN)
		return "a failed assertion";
	return is_fault(o) || o->kind == OOPS_TRAP ? "a fault" : "a report of a place";
}

static bool explain_ours(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *e = explain_first_ours(o, STACK_CALL);

	if (!oops_place_is_ours(o) && !e)
		return false;
	if (oops_place_is_ours(o)) {
		m->id = "in-module";
		snprintf(m->title, sizeof(m->title),
			 "%s in %.40s itself, of a kind unknown to this tool", what_happened(o),
			 module_of(&o->at, o->file));
		explain_say(m, "The place is %s.", o->at.symbol);
		if (starts(o->at.symbol, "netfs_") &&
		    (strstr(o->at.symbol, "put") || strstr(o->at.symbol, "free")))
			explain_say(
				m,
				"It drops references: look at the request's gets and puts before it.");
		say_poison(o, m);
		explain_neighbours(o, m);
		return true;
	}
	m->id = "below-module";
	snprintf(m->title, sizeof(m->title),
		 "%.40s is in the call trace, but the kind is unknown to this tool",
		 module_of(&e->at, e->file));
	explain_say(m, "The innermost function of it is %s.", e->at.symbol);
	say_poison(o, m);
	explain_neighbours(o, m);
	return true;
}

static void explain(const struct oops *o, struct oops_meaning *ret)
{
	static bool (*const known[])(const struct oops *, struct oops_meaning *) = {
		explain_revert_bug, explain_revert_fault,   explain_revert_warn, explain_credits,
		explain_refcount,   explain_kasan,	    explain_hash_fault,	 explain_hung,
		explain_lockdep,    explain_race,	    explain_dentry,	 explain_slab,
		explain_cache_left, explain_leak,	    explain_hog,	 explain_pool,
		explain_sample,	    explain_stall,	    explain_atomic,	 explain_ours,
		explain_neighbour,  explain_without_frames, explain_leftover,
	};

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i](o, ret))
			return;
	explain_name(ret, "unknown",
		     "unknown kind: nothing of netfs or cifs in the stack that was read");
}

/* Neither the place nor a frame is sure to be of what the first line tells. */
static void explain_mixed(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *e = explain_first_ours(o, STACK_CALL);

	memset(m, 0, sizeof(*m));
	explain_name(m, "mixed",
		     "two reports are mixed, so that what happened to whom is not sure");
	explain_say(
		m,
		"Lines of two reports are mixed here, and nothing tells which line belongs to which.");
	if (e)
		explain_say(m, "%s is in one of the two.", e->at.symbol);
}

void oops_explain(const struct oops *o, struct oops_meaning *ret)
{
	if (o->mixed)
		explain_mixed(o, ret);
	else
		explain(o, ret);
	for (size_t i = 0; o->kind == OOPS_STACK && i < o->nr_entries; i++)
		if (!strcmp(o->entry[i].at.symbol, "__warn")) {
			explain_say(ret, "The trace goes through __warn(): it was a WARNING.");
			break;
		}
}
