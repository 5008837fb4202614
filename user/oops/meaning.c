// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a crash means in terms of netfs and cifs. What lib/iov_iter.c, fs/netfs/ and fs/smb/client/
 * do is as in 6.1 to 7.3; register contents depend on the compiler and are given as hints.
 */
#include <inttypes.h>
#include <string.h>

#include "oops/oops.h"

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
	  "smb2_readv_callback reverts before it hashes a response: only signed, unencrypted reads "
	  "get there (server->sign && !mid->decrypted). The iterator it reverts is a fresh copy of "
	  "the subrequest's, so there are no got_bytes behind its position to go back over." },
	{ "crypt_message", "crypt_message (smb2_get_aead_req inlined) reverts what it extracted "
			   "for encryption: only "
			   "mounts with seal get there." },
	{ "smb2_get_aead_req",
	  "smb2_get_aead_req reverts what it extracted for encryption: only mounts with seal get "
	  "there." },
	{ "netfs_reset_iter",
	  "netfs_reset_iter takes a subrequest's iterator back to what is still to do: look for a "
	  "subrequest that was retried or cut short, and whose transferred disagrees with its "
	  "iterator." },
	{ "netfs_perform_write",
	  "netfs_perform_write takes the writer's own iterator back after a short copy from user "
	  "memory: no request's iterator is involved." },
	{ "cifs_readv_receive",
	  "cifs_readv_receive reverts what the socket just filled in: by the length that was "
	  "expected instead of what was received, after a short receive, it goes back too far." },
	{ "cifs_send_async_read",
	  "cifs_send_async_read reverts the user's iterator of a direct read that has to be sent "
	  "again (-EAGAIN)." },
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
	    e->reliable ? ""
			: " The kernel marked it ?, but it is the first entry below the trap, "
			  "where the "
			  "caller's return address stands.");
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
	    "iov_iter_revert() has this BUG for XARRAY and UBUF iterators, whose position counts "
	    "from the start: it was asked to go back further than the iterator had come.");
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
		say(m, "Address 0x11e is orders[30] of a struct folio_queue at NULL: going back "
		       "over a "
		       "FOLIOQ iterator it left the first segment, whose prev is NULL.");
	else if (o->kind == OOPS_NULL)
		say(m, "Going back over the iterator's segments it met a NULL pointer, most likely "
		       "before the first one (FOLIOQ).");
	else
		say(m,
		    "Going back over an array of segments (BVEC, KVEC, IOVEC) nothing stops it at "
		    "the first: what stands before the array was taken for a segment, or the "
		    "iterator was not one.");
	say_unroll(o, m);
	say_caller(o, m);
	return true;
}

static bool explain_revert_warn(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_WARN || !at(o, "iov_iter_revert"))
		return false;
	name_it(m, "iter-revert", "an iterator was to be wound back by an impossible count");
	say(m, "More than MAX_RW_COUNT (0x7ffff000), most likely a negative error code taken for a "
	       "size. The iterator was left as it was.");
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
			    "%s hashes what the request's iterator describes, and the hash "
			    "faulted. "
			    "A BVEC iterator wound back before its first segment ends like this: "
			    "iov_iter_revert() does not check arrays. Look for 'sign fail' or "
			    "'signature verification returned error' before it.",
			    sites[k]);
			return true;
		}
	return false;
}

/* ---- waits ---- */

/* The innermost of these a blocked task stands in says what it waits for. */
static const struct {
	const char *function, *wait, *look;
} waits[] = {
	{ "wait_for_response", "the answer to an SMB command",
	  "Is the command still in /proc/fs/cifs/DebugData (MIDs)? Then the server has not "
	  "answered; "
	  "if not, its wake-up was lost." },
	{ "wait_for_free_credits", "credits of the connection",
	  "Compare credits and in flight in /proc/fs/cifs/DebugData: nothing in flight and no "
	  "credits "
	  "means that some were lost." },
	{ "smb2_wait_mtu_credits", "credits of the connection",
	  "Compare credits and in flight in /proc/fs/cifs/DebugData: nothing in flight and no "
	  "credits "
	  "means that some were lost." },
	{ "cifs_wait_for_server_reconnect", "the connection to come back",
	  "cifsd reconnects: its own stack says where it is." },
	{ "netfs_wait_for_in_progress*", "a netfs request to end",
	  "See /proc/fs/netfs/requests: a request whose subrequests are all done was not "
	  "collected, "
	  "else one was never answered." },
	{ "netfs_wait_for_read", "a netfs read to end",
	  "See /proc/fs/netfs/requests: a request whose subrequests are all done was not "
	  "collected, "
	  "else one was never answered." },
	{ "netfs_wait_for_write", "a netfs write to end",
	  "See /proc/fs/netfs/requests: a request whose subrequests are all done was not "
	  "collected, "
	  "else one was never answered." },
	{ "netfs_wait_for_pause*", "subrequests in flight, so that the others can be retried",
	  "A subrequest of a paused request does not end: see /proc/fs/netfs/requests." },
	{ "netfs_wait_for_outstanding_io", "the last I/O of an inode that is being evicted",
	  "Its count of requests (io_count) did not come to 0: a request leaked or hangs." },
	{ "netfs_start_io_*", "the inode's I/O lock",
	  "Some other task holds it: look for the one "
	  "that hangs inside netfs without this line." },
	{ "cifs_get_writer", "an oplock break of the file", "cifs_oplock_break works on it." },
	{ "cifs_call_async", "the connection's send lock or send buffer",
	  "Another sender of the connection hangs in the socket, or holds it across a reconnect." },
	{ "compound_send_recv", "the connection's send lock or send buffer",
	  "Another sender of the connection hangs in the socket, or holds it across a reconnect." },
	{ "__smb_send_rqst", "room in the socket's send buffer",
	  "The server does not read, or the network is gone." },
	{ "netfs_writepages", "most likely the inode's writeback lock (wb_lock)",
	  "Another writeback of the inode holds it: look for the task that hangs in it." },
	{ "folio_wait_writeback", "the writeback of a folio",
	  "A write request ended without ending the folio's writeback, or did not end: see "
	  "/proc/fs/netfs/requests." },
	{ "folio_wait_bit*", "a folio's lock or flag",
	  "Who holds the folio is a request that did not end: see /proc/fs/netfs/requests." },
	{ "__folio_lock*", "a folio's lock",
	  "Who holds the folio is a request that did not end: see /proc/fs/netfs/requests." },
};

static bool matches(const char *symbol, const char *pattern)
{
	size_t n = strlen(pattern);

	return pattern[n - 1] == '*' ? !strncmp(symbol, pattern, n - 1) : !strcmp(symbol, pattern);
}

static bool explain_hung(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *ours = first_ours(o, STACK_CALL);

	if (o->kind != OOPS_HUNG_TASK || !ours)
		return false;
	name_it(m, "stuck", "a task waits in netfs or cifs");
	for (size_t i = 0; i < o->nr_entries; i++)
		for (size_t k = 0; k < ARRAY_SIZE(waits); k++) {
			const struct oops_entry *e = &o->entry[i];

			if (!e->reliable || !matches(e->at.symbol, waits[k].function))
				continue;
			say(m, "It waits for %s (%s).", waits[k].wait, e->at.symbol);
			say(m, "%s", waits[k].look);
			return true;
		}
	say(m, "It is blocked below %s; no wait this tool knows.", ours->at.symbol);
	return true;
}

/* ---- credits, references, memory ---- */

static bool explain_credits(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_WARN || !at(o, "smb2_add_credits"))
		return false;
	name_it(m, "credit-double", "credits came back while nothing was in flight");
	say(m,
	    "smb2_add_credits() takes one off the connection's in_flight for each answer, and it "
	    "was 0 already: one command's credits were returned twice, or of a connection that "
	    "was reset by a reconnect meanwhile.");
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
		    "The address is a list's poison: an entry was used, or removed again, after it "
		    "had been removed.");
	else if (o->address >> 32 == 0x6b6b6b6b)
		say(m, "The address is the slab's poison: the object was freed before.");
}

static const char *module_of(const struct sym_ref *ref)
{
	if (*ref->module)
		return ref->module;
	return starts(ref->symbol, "netfs_") || starts(ref->symbol, "fscache_") ? "netfs" : "cifs";
}

static bool explain_ours(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *e = first_ours(o, STACK_CALL);

	if (!oops_is_ours(&o->at) && !e)
		return false;
	if (oops_is_ours(&o->at)) {
		m->id = "in-module";
		snprintf(m->title, sizeof(m->title),
			 "a %s in %.40s itself, of no kind this tool knows",
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
		 "%.40s is in the call trace, but of no kind this tool knows", module_of(&e->at));
	say(m, "The innermost function of it is %s.", e->at.symbol);
	say_poison(o, m);
	return true;
}

void oops_explain(const struct oops *o, struct oops_meaning *ret)
{
	static bool (*const known[])(const struct oops *, struct oops_meaning *) = {
		explain_revert_bug, explain_revert_fault, explain_revert_warn,
		explain_credits,    explain_refcount,	  explain_kasan,
		explain_hash_fault, explain_hung,	  explain_ours,
	};

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i](o, ret))
			return;
	name_it(ret, "unknown", "unknown kind: nothing netfs or cifs in the stack");
}
