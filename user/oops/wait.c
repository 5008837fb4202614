// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits of fs/smb/client and fs/netfs, read in the sources of 6.1, 6.12 and 7.3: what each function
 * locks, waits for, sends.
 */
#include <string.h>

#include "oops/wait.h"

/* RWSEM: of a row of locks[], for reading or for writing */
enum primitive { NONE, MUTEX, READ, WRITE, RWSEM, BIT, COMPLETION, FLUSH, UPCALL, GRACE, PAUSE };

static bool matches(const char *symbol, const char *pattern)
{
	size_t n = strlen(pattern);

	return pattern[n - 1] == '*' ? !strncmp(symbol, pattern, n - 1)
				     : oops_is_function(symbol, pattern);
}

/* Sleeping on something that only the function below it can name. */
static const struct {
	const char *function;
	enum primitive is;
} primitives[] = {
	{ "__mutex_lock*", MUTEX },
	{ "mutex_lock*", MUTEX },
	{ "rwsem_down_read_*", READ },
	{ "rwsem_down_write_*", WRITE },
	{ "call_rwsem_down_read_*", READ }, /* of x86, until 5.1 */
	{ "call_rwsem_down_write_*", WRITE },
	{ "down_read*", READ },
	{ "down_write*", WRITE },
	{ "out_of_line_wait_on_bit*", BIT },
	{ "__wait_on_bit*", BIT },
	{ "wait_for_completion*", COMPLETION },
	{ "__wait_for_common", COMPLETION },
	{ "__flush_work*", FLUSH },
	{ "flush_work*", FLUSH },
	{ "__cancel_work_sync", FLUSH },
	{ "cancel_work_sync", FLUSH },
	{ "cancel_delayed_work_sync", FLUSH },
	{ "flush_delayed_work", FLUSH },
	{ "__flush_workqueue*", FLUSH },
	{ "flush_workqueue*", FLUSH },
	{ "drain_workqueue", FLUSH },
	{ "destroy_workqueue", FLUSH },
	{ "call_usermodehelper_exec", UPCALL },
	{ "call_sbin_request_key", UPCALL },
	{ "construct_key*", UPCALL },
	{ "wait_for_key_construction", UPCALL },
	{ "request_key*", UPCALL },
	{ "__wait_rcu_gp", GRACE },
	{ "synchronize_rcu*", GRACE },
	{ "rcu_barrier*", GRACE },
	{ "msleep*", PAUSE },
	/* cifs's own wrappers */
	{ "cifs_down_write", WRITE },
	{ "cifs_wait_bit_killable", BIT },
};

static enum primitive primitive_of(const char *symbol)
{
	for (size_t i = 0; i < ARRAY_SIZE(primitives); i++)
		if (matches(symbol, primitives[i].function))
			return primitives[i].is;
	return NONE;
}

static const char *primitive_text(enum primitive is)
{
	static const char *const texts[] = { [MUTEX] = "a mutex",
					     [READ] = "a read-write semaphore",
					     [WRITE] = "a read-write semaphore",
					     [BIT] = "a flag",
					     [COMPLETION] = "a completion",
					     [FLUSH] = "a work item to end",
					     [UPCALL] = "a helper in user space (request-key)",
					     [GRACE] = "an RCU grace period",
					     [PAUSE] = "a pause to be over" };

	return texts[is];
}

#define SESSION	   "the session's session_mutex"
#define SEND	   "the connection's send lock (srv_mutex)" /* since 5.19 _srv_mutex */
#define LOCK_SEM   "the inode's lock_sem (byte-range locks)"
#define DFS_TABLE  "the DFS cache's htable_rw_lock"
#define REFPATH	   "the connection's refpath_lock (DFS)"
#define WB_LOCK	   "the inode's writeback lock (wb_lock)"
#define INODE_LOCK "the inode's lock (i_rwsem)"
#define DIR_LOCK   "the directory's lock (i_rwsem)"
#define S_UMOUNT   "the mount's s_umount"
#define MMAP_LOCK  "the process's mmap_lock"
#define INVALIDATE "the mapping's invalidate_lock"

/* Who takes which, or waits for what. */
static const struct {
	const char *function;
	enum primitive by;
	const char *lock;
} locks[] = {
	{ "smb2_reconnect", MUTEX, SESSION },
	{ "cifs_get_smb_ses", MUTEX, SESSION },
	{ "cifs_reconnect_tcon", MUTEX, SESSION },
	{ "cifs_ses_add_channel", MUTEX, SESSION },
	{ "smb3_reconfigure", MUTEX, SESSION },
	{ "cifs_do_automount", MUTEX, SESSION },
	{ "smb2_reconnect_server", MUTEX, "the connection's reconnect_mutex" },
	{ "cifs_reopen_file", MUTEX, "the open file's fh_mutex" },
	{ "compound_send_recv", MUTEX, SEND },
	{ "cifs_send_recv", MUTEX, SEND },
	{ "cifs_call_async", MUTEX, SEND },
	{ "__cifs_reconnect", MUTEX, SEND },
	{ "cifs_abort_connection", MUTEX, SEND },
	{ "cifs_readdir", MUTEX, "the cached directory's de_mutex" },
	{ "cifs_dir_emit", MUTEX, "the cached directory's de_mutex" },
	{ "reconnect_dfs_server", MUTEX, REFPATH },
	{ "cifs_swn_notify", MUTEX, "the witness registrations' mutex" },
	{ "cifs_swn_unregister", MUTEX, "the witness registrations' mutex" },
	{ "cifs_fscache_get_super_cookie", MUTEX, "the tree connection's fscache_lock" },
	{ "cache_refresh_path", RWSEM, DFS_TABLE },
	{ "dfs_cache_*", RWSEM, DFS_TABLE },
	{ "__refresh_tcon_referral", RWSEM, DFS_TABLE },
	{ "refresh_tcon_referral", RWSEM, DFS_TABLE },
	{ "cifs_new_fileinfo", RWSEM, LOCK_SEM },
	{ "cifsFileInfo_put_final", RWSEM, LOCK_SEM },
	{ "cifs_lock_*", RWSEM, LOCK_SEM },
	{ "cifs_push_locks", RWSEM, LOCK_SEM },
	{ "cifs_strict_readv", READ, LOCK_SEM },
	{ "cifs_writev", READ, LOCK_SEM },
	{ "cifs_strict_writev", READ, LOCK_SEM },
	{ "cifs_writev", WRITE, INODE_LOCK },
	{ "cifs_strict_writev", WRITE, INODE_LOCK },
	{ "smb2_unlock_range", RWSEM, LOCK_SEM },
	{ "netfs_begin_read", BIT, "the read request to end (NETFS_RREQ_IN_PROGRESS)" },
	{ "cifs_revalidate_mapping", BIT, "the inode's revalidation (CIFS_INO_LOCK)" },
	{ "cifs_get_writer", BIT, "the end of an oplock break of the file" },
	{ "cifs_oplock_break", BIT, "the last writer of the file (CIFS_INODE_PENDING_WRITERS)" },
	{ "cifs_sb_tlink", BIT, "another task that connects the same user's tree (tlink)" },
	{ "netfs_writepages", MUTEX, WB_LOCK },
	{ "netfs_write_folio*", MUTEX, WB_LOCK },
	{ "netfs_begin_writethrough", MUTEX, WB_LOCK },
	{ "netfs_start_io_*", RWSEM, INODE_LOCK },
	{ "path_openat", RWSEM, DIR_LOCK },
	{ "walk_component", READ, DIR_LOCK },
	{ "lookup_slow", READ, DIR_LOCK },
	{ "iterate_dir", RWSEM, DIR_LOCK },
	{ "do_unlinkat", WRITE, DIR_LOCK },
	{ "do_truncate", WRITE, INODE_LOCK },
	{ "chmod_common", WRITE, INODE_LOCK },
	{ "chown_common", WRITE, INODE_LOCK },
	{ "vfs_utimes", WRITE, INODE_LOCK },
	{ "vfs_setxattr*", WRITE, INODE_LOCK },
	{ "filename_create", WRITE, DIR_LOCK },
	{ "open_last_lookups", RWSEM, DIR_LOCK },
	{ "do_rmdir", WRITE, DIR_LOCK },
	{ "start_dirop", WRITE, DIR_LOCK },
	{ "__start_dirop", WRITE, DIR_LOCK },
	{ "lock_rename*", MUTEX, "the mount's s_vfs_rename_mutex" },
	{ "filemap_create_folio", READ, INVALIDATE },
	{ "page_cache_ra_*", READ, INVALIDATE },
	{ "filemap_fault", READ, INVALIDATE },
	{ "do_user_addr_fault", READ, MMAP_LOCK },
	{ "lock_mm_and_find_vma", READ, MMAP_LOCK },
	{ "do_page_fault", READ, MMAP_LOCK },
	{ "deactivate_super", RWSEM, S_UMOUNT },
	{ "super_lock*", RWSEM, S_UMOUNT },
	{ "__super_lock*", RWSEM, S_UMOUNT },
	{ "iterate_supers*", RWSEM, S_UMOUNT },
	{ "user_get_super", RWSEM, S_UMOUNT },
	{ "__cifs_reconnect", PAUSE, "the next attempt to reconnect" },
	{ "cifs_reconnect", PAUSE, "the next attempt to reconnect" },
	{ "reconnect_dfs_server", PAUSE, "the next attempt to reconnect" },
	{ "smb_send_kvec", PAUSE, "room in the socket's send buffer" },
	{ "crypt_message", COMPLETION, "the crypto engine" },
	{ "cifs_get_spnego_key", UPCALL, "cifs.upcall, for a Kerberos ticket" },
	{ "dns_query", UPCALL, "the DNS lookup in user space (dns_resolver)" },
	{ "sid_to_id", UPCALL, "cifs.idmap, which maps a SID" },
	{ "id_to_sid", UPCALL, "cifs.idmap, which maps an id" },
	{ "cifs_umount", FLUSH, "the mount's last work items (closes, unused tree connections)" },
	{ "cifs_kill_sb", FLUSH, "the mount's deferred closes and oplock breaks" },
	{ "close_all_cached_dirs", FLUSH, "cached directories that are being released" },
};

/* A release as 1000 * version + patch level: 6012 is 6.12. 0: not told */
static unsigned int release_of(const struct oops *o)
{
	unsigned int version, level;

	return sscanf(o->release, "%3u.%3u", &version, &level) == 2 ? 1000 * version + level : 0;
}

/*
 * Since 5.15.y (and in RHEL's kernels, whose cifs is newer than their release) it takes refpath_lock for itself, and
 * the send lock where what it calls is part of it.
 */
static const char *lock_of_reconnect(const struct oops *o)
{
	unsigned int release = release_of(o);
	bool old = release && release < 5015 && !strstr(o->release, ".el");

	return old ? SEND : SEND ", or its refpath_lock (DFS)";
}

static const char *lock_of(const struct oops *o, const char *symbol, enum primitive by)
{
	bool rwsem = by == READ || by == WRITE;

	if (by == MUTEX && oops_is_function(symbol, "cifs_reconnect"))
		return lock_of_reconnect(o);
	for (size_t i = 0; i < ARRAY_SIZE(locks); i++)
		if ((locks[i].by == by || (rwsem && locks[i].by == RWSEM)) &&
		    matches(symbol, locks[i].function))
			return locks[i].lock;
	return NULL;
}

#define MIDS                                                                               \
	"Is the command still in /proc/fs/cifs/DebugData (MIDs)? Then the server has not " \
	"answered; if not, its wake-up was lost."
#define CREDITS                                                                               \
	"Compare credits and in flight in /proc/fs/cifs/DebugData: nothing in flight and no " \
	"credits means that some were lost."
#define REQUESTS                                                                         \
	"See /proc/fs/netfs/requests: a request whose subrequests are all done was not " \
	"collected, else one was never answered."
#define RECEIVER                                                                                 \
	"cifsd sleeps here whenever the server says nothing: that alone is no fault. It is one " \
	"if answers are due."
#define EVICTED	 "the last I/O of an inode that is being evicted"
#define IO_COUNT "Its count of requests (io_count) did not come to 0: a request leaked or hangs."
#define CONNECT	 "Nothing answers on the server's port: it is down, or a firewall drops the packets."

#define PAGES \
	"Most likely a read or write did not end: those of cifs are in /proc/fs/cifs/DebugData (MIDs)."

#define SOCKET "Another task is in the socket: look for its stack."
#define DEBUG  "See the MIDs, the credits and what is in flight in /proc/fs/cifs/DebugData."

/*
 * The innermost of these a blocked task stands in says what it waits for. IDLE: where it waits for data; nothing hangs
 * then. ROOM: where the socket is full. DIRECT: only where it is the function itself that sleeps.
 */
enum how { ANY, IDLE, ROOM, DIRECT };

static const struct {
	const char *function, *wait, *look;
	enum how how;
} waits[] = {
	{ "__lock_sock", "the socket's lock", SOCKET, ANY },
	{ "cifs_readv_from_socket", "data from the server", RECEIVER, IDLE },
	{ "wait_for_response", "the answer to an SMB command", MIDS, ANY },
	{ "wait_for_free_credits", "credits of the connection", CREDITS, ANY },
	{ "smb2_wait_mtu_credits", "credits of the connection", CREDITS, ANY },
	{ "cifs_wait_for_server_reconnect", "the connection to come back",
	  "cifsd reconnects: its own stack says where it is.", ANY },
	{ "netfs_wait_for_in_progress*", "a netfs request to end", REQUESTS, ANY },
	{ "netfs_wait_for_read", "a netfs read to end", REQUESTS, ANY },
	{ "netfs_wait_for_write", "a netfs write to end", REQUESTS, ANY },
	{ "netfs_wait_for_pause*", "subrequests in flight, so that the others can be retried",
	  "A subrequest of a paused request does not end: see /proc/fs/netfs/requests.", ANY },
	{ "netfs_wait_for_outstanding_io", EVICTED, IO_COUNT, DIRECT },
	{ "cifs_evict_inode", EVICTED, IO_COUNT, DIRECT },
	{ "inet_wait_for_connect", "the TCP connection to the server", CONNECT, ANY },
	{ "generic_ip_connect", "the TCP connection to the server", CONNECT, ANY },
	{ "smbd_recv*", "data from the server (RDMA)", RECEIVER, IDLE },
	{ "smbd_send*", "room in the RDMA send queue",
	  "The server grants no credits of SMB Direct, or the network is gone.", ANY },
	{ "p9_client_rpc", "the answer of the 9p server",
	  "Does the server, or the transport to it, still run?", ANY },
	{ "afs_wait_for_call_to_complete", "the answer of the AFS server",
	  "See rxrpc's calls: /proc/net/rxrpc/calls.", ANY },
	{ "ceph_mdsc_wait_request", "the answer of a Ceph MDS",
	  "See /sys/kernel/debug/ceph/*/mdsc.", ANY },
	{ "ceph_osdc_wait_request", "the answer of a Ceph OSD",
	  "See /sys/kernel/debug/ceph/*/osdc.", ANY },
	{ "netfs_start_io_*", "the inode's I/O lock",
	  "Another task holds it: look for one that hangs inside netfs without this line.", ANY },
	{ "cifs_get_writer", "an oplock break of the file", "cifs_oplock_break works on it.", ANY },
	/* wait_for_free_credits() and wait_for_response() may be parts of their callers */
	{ "cifs_call_async", "credits of the connection", CREDITS, DIRECT },
	{ "compound_send_recv", "an answer of the server, or credits", DEBUG, DIRECT },
	{ "cifs_send_recv", "an answer of the server, or credits", DEBUG, DIRECT },
	{ "SendReceive*", "an answer of the server, or credits", DEBUG, DIRECT },
	{ "__smb_send_rqst", "room in the socket's send buffer",
	  "The server does not read, or the network is gone.", ROOM },
	{ "netfs_writepages", "most likely the inode's writeback lock (wb_lock)",
	  "Another writeback of the inode holds it: look for the task that hangs in it.", ANY },
	{ "balance_dirty_pages", "dirty pages to be written",
	  "Look for the task that writes them back.", ANY },
	{ "folio_wait_writeback", "the writeback of a folio",
	  "A write request ended without ending the folio's writeback, or did not end: see /proc/fs/netfs/requests.",
	  ANY },
	{ "folio_wait_bit*", "a folio's lock or flag",
	  "Most likely a request that did not end holds the folio: see /proc/fs/netfs/requests.",
	  ANY },
	{ "wait_on_page_writeback*", "the writeback of a page", PAGES, ANY }, /* until 5.15 */
	{ "wait_on_page_bit*", "a page's lock or flag", PAGES, ANY },
	{ "__lock_page*", "a page's lock", PAGES, ANY },
	{ "__folio_lock*", "a folio's lock",
	  "Most likely a request that did not end holds the folio: see /proc/fs/netfs/requests.",
	  ANY },
};

/* Which command a function sends. */
static const struct {
	const char *function, *command;
} commands[] = {
	{ "SMB2_negotiate", "NEGOTIATE" },
	{ "SMB2_sess_*", "SESSION_SETUP" },
	{ "SMB2_auth_*", "SESSION_SETUP" },
	{ "SMB2_logoff", "LOGOFF" },
	{ "SMB2_tcon", "TREE_CONNECT" },
	{ "SMB2_tdis", "TREE_DISCONNECT" },
	{ "SMB2_open", "CREATE" },
	{ "open_cached_dir", "CREATE" },
	{ "SMB2_close*", "CLOSE" },
	{ "__SMB2_close", "CLOSE" },
	{ "SMB2_flush", "FLUSH" },
	{ "SMB2_read", "READ" },
	{ "SMB2_write", "WRITE" },
	{ "smb2_lockv", "LOCK" },
	{ "SMB2_lock", "LOCK" },
	{ "SMB2_ioctl", "IOCTL" },
	{ "SMB2_echo", "ECHO" },
	{ "SMB2_query_directory", "QUERY_DIRECTORY" },
	{ "SMB2_change_notify", "CHANGE_NOTIFY" },
	{ "query_info", "QUERY_INFO" },
	{ "SMB2_query_info", "QUERY_INFO" },
	{ "SMB2_set_*", "SET_INFO" },
	{ "send_set_info", "SET_INFO" },
	{ "SMB2_oplock_break", "OPLOCK_BREAK" },
	{ "SMB2_lease_break", "OPLOCK_BREAK" },
	{ "smb2_compound_op", "a compound (CREATE, an operation, CLOSE)" },
};

static const char *command_of(const char *symbol)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (matches(symbol, commands[i].function))
			return commands[i].command;
	return NULL;
}

/* Below the wait for a bit of a folio stands what the bit is for. */
static bool says_which_bit(const char *symbol, const struct oops_wait *w)
{
	return (matches(w->function, "folio_wait_bit*") &&
		(matches(symbol, "folio_wait_writeback*") || matches(symbol, "__folio_lock*"))) ||
	       (matches(w->function, "wait_on_page_bit*") &&
		(matches(symbol, "wait_on_page_writeback*") || matches(symbol, "__lock_page*")));
}

static bool sleeps_in(const struct oops *o, size_t i)
{
	return i && (matches(o->entry[i - 1].at.symbol, "schedule*") ||
		     matches(o->entry[i - 1].at.symbol, "io_schedule*"));
}

static bool is_inside(const struct oops *o, size_t i, const char *callee)
{
	if (!strcmp(callee, "*"))
		return true;
	for (size_t k = 0; k < i; k++)
		if (o->entry[k].section == o->entry[i].section &&
		    oops_is_function(o->entry[k].at.symbol, callee))
			return true;
	return false;
}

static bool is_so(const struct oops *o, size_t at, enum how how)
{
	switch (how) {
	case IDLE:
		return sleeps_in(o, at) || is_inside(o, at, "sk_wait_data") ||
		       is_inside(o, at, "wait_woken") || is_inside(o, at, "tcp_recvmsg_locked") ||
		       is_inside(o, at, "tcp_recvmsg");
	case ROOM:
		return is_inside(o, at, "sk_stream_wait_memory") || is_inside(o, at, "wait_woken");
	case DIRECT:
		return sleeps_in(o, at);
	default:
		return true;
	}
}

static void find_plain(const struct oops *o, size_t at, struct oops_wait *w)
{
	const char *symbol = o->entry[at].at.symbol;

	for (size_t i = 0; i < ARRAY_SIZE(waits) && !w->what; i++)
		if (matches(symbol, waits[i].function) && is_so(o, at, waits[i].how)) {
			w->what = waits[i].wait;
			w->look = waits[i].look;
			w->function = symbol;
			w->idle = waits[i].how == IDLE;
		}
}

/*
 * Locks that a function is sure to hold while it is in another one (sources of 6.12 and 7.3). A call
 * that comes before the lock is taken or after it is dropped, as wait_for_response() in
 * compound_send_recv(), is not here. callee "*": whatever it calls that can sleep for long.
 */
static const struct {
	const char *function, *callee, *lock;
} holders[] = {
	{ "smb2_reconnect", "SMB2_negotiate", SESSION },
	{ "smb2_reconnect", "cifs_negotiate_protocol", SESSION },
	{ "smb2_reconnect", "cifs_setup_session", SESSION },
	{ "smb2_reconnect", "SMB2_sess_setup", SESSION },
	{ "smb2_reconnect", "cifs_tree_connect", SESSION },
	{ "smb2_reconnect", "SMB2_tcon", SESSION },
	{ "cifs_get_smb_ses", "cifs_negotiate_protocol", SESSION },
	{ "cifs_get_smb_ses", "SMB2_negotiate", SESSION },
	{ "cifs_get_smb_ses", "cifs_setup_session", SESSION },
	{ "cifs_get_smb_ses", "SMB2_sess_setup", SESSION },
	{ "smb2_reconnect_server", "*", "the connection's reconnect_mutex" },
	{ "cifs_reopen_file", "SMB2_open", "the open file's fh_mutex" },
	{ "cifs_reopen_file", "smb2_open_file", "the open file's fh_mutex" },
	{ "compound_send_recv", "__smb_send_rqst", SEND },
	{ "cifs_call_async", "__smb_send_rqst", SEND },
	{ "netfs_writepages", "netfs_write_folio", WB_LOCK },
	{ "netfs_writepages", "netfs_advance_write", WB_LOCK },
	{ "netfs_writepages", "netfs_do_issue_write", WB_LOCK },
	{ "netfs_writepages", "netfs_issue_write", WB_LOCK },
};

static bool is_held_already(const struct oops_wait *w, const char *lock)
{
	for (size_t i = 0; i < w->nr_held; i++)
		if (!strcmp(w->held[i], lock))
			return true;
	return w->lock && !strcmp(w->lock, lock);
}

/* Locks that the function of entry i holds while it is where the stack shows it. */
static void find_held(const struct oops *o, size_t i, struct oops_wait *w)
{
	const char *symbol = o->entry[i].at.symbol;

	for (size_t k = 0; k < ARRAY_SIZE(holders) && w->nr_held < OOPS_MAX_HELD; k++) {
		if (!oops_is_function(symbol, holders[k].function) ||
		    !is_inside(o, i, holders[k].callee) || is_held_already(w, holders[k].lock))
			continue;
		w->holder[w->nr_held] = symbol;
		w->held[w->nr_held++] = holders[k].lock;
	}
}

static void take_frame(const struct oops *o, size_t i, enum primitive *asleep, struct oops_wait *w)
{
	const char *symbol = o->entry[i].at.symbol;
	enum primitive is = primitive_of(symbol);

	if (is != NONE && !w->what) {
		*asleep = is;
	} else if (*asleep != NONE && !w->what) {
		const char *named = lock_of(o, symbol, *asleep);

		w->lock = *asleep == MUTEX || *asleep == READ || *asleep == WRITE ? named : NULL;
		w->what = named ? named : primitive_text(*asleep);
		w->function = symbol;
	} else if (!w->what || says_which_bit(symbol, w)) {
		w->what = NULL;
		find_plain(o, i, w);
	} else {
		find_held(o, i, w);
	}
	if (w->what && !w->command && !w->lock && !strncmp(w->what, "the answer", 10))
		w->command = command_of(symbol);
}

/* /proc/fs/netfs came with 6.8, and with it the writes of cifs by netfs. */
static void look_where_it_is(const struct oops *o, struct oops_wait *w)
{
	unsigned int release = release_of(o);

	if (w->look && release && release < 6008 && !strstr(o->release, ".el") &&
	    strstr(w->look, "/proc/fs/netfs/"))
		w->look = PAGES;
}

/* Whose folio reclaim waits for, nothing tells: it takes those of all file systems. */
static void look_at_reclaim(const struct oops *o, enum oops_stack stack, struct oops_wait *w)
{
	if (!w->what ||
	    (!matches(w->function, "folio_wait_*") && !matches(w->function, "__folio_*") &&
	     !matches(w->function, "wait_on_page_*") && !matches(w->function, "__lock_page*")))
		return;
	for (size_t i = 0; i < o->nr_entries; i++)
		if (o->entry[i].stack == stack && (matches(o->entry[i].at.symbol, "shrink_*") ||
						   matches(o->entry[i].at.symbol, "try_to_free_*")))
			w->look = "Memory is reclaimed here: the folio may be of any file system.";
}

void oops_find_wait(const struct oops *o, enum oops_stack stack, struct oops_wait *ret)
{
	enum primitive asleep = NONE;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < o->nr_entries; i++) {
		const struct oops_entry *e = &o->entry[i];

		/* a fault's own functions sleep, too: for mmap_lock */
		if (e->stack == stack && e->reliable &&
		    (asleep != NONE || !oops_is_machinery(e->at.symbol)))
			take_frame(o, i, &asleep, ret);
	}
	look_where_it_is(o, ret);
	look_at_reclaim(o, stack, ret);
}
