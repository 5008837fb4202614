/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What hangs, from /proc alone. hang_snap_read() takes everything down, twice; hang_judge() joins
 * the two and says which request waits for what. All of /proc is hostile text: names hold any
 * bytes, numbers are checked, lists are bounded.
 */
#ifndef NETFSNOOP_HANG_H
#define NETFSNOOP_HANG_H

#include "base/base.h"

#define HANG_FRAMES    32
#define HANG_FRAME_LEN 96
#define HANG_NO_TASK   SIZE_MAX
#define HANG_NO_CONN   SIZE_MAX

/* One line of /proc/fs/netfs/requests: netfs_requests_seq_show() */
struct hang_request {
	uint32_t id;
	char origin[4]; /* netfs_origins[] */
	uint32_t ref;
	uint64_t flags;
	int64_t error;
	uint32_t ops; /* nr_outstanding; always 0 in 7.x */
	uint64_t start, submitted, len;
	bool finished; /* IN_PROGRESS is not among its flags */
};

/* mid->mid_state of cifsglob.h; the same numbers in all kernels */
enum hang_mid_state {
	HANG_MID_ALLOCATED = 1,
	HANG_MID_SUBMITTED = 2,
	HANG_MID_RECEIVED = 4,
	HANG_MID_RETRY = 8,
	HANG_MID_MALFORMED = 0x10,
	HANG_MID_SHUTDOWN = 0x20,
	HANG_MID_READY = 0x40,
};

/* SMB2 commands that matter here */
enum {
	HANG_CMD_NEGOTIATE,
	HANG_CMD_SESSION_SETUP,
	HANG_CMD_TREE_CONNECT = 3,
	HANG_CMD_CREATE = 5,
	HANG_CMD_READ = 8,
	HANG_CMD_WRITE,
	HANG_CMD_LOCK,
	HANG_CMD_NOTIFY = 15,
};

/* One pending message: cifs_debug_data_proc_show() */
struct hang_mid {
	uint64_t conn;
	uint64_t mid;
	uint32_t state, cmd;
	int32_t pid;   /* the thread that sent it */
	bool smb1;     /* its command is one of SMB 1, which has numbers of its own */
	bool stuck;    /* by hang_judge(): pending, in the same state, in both looks */
	bool may_wait; /* the same, but a server may answer it whenever it likes */
	bool is_new;   /* it was not there at the first look */
};

/* server->tcpStatus, enum statusEnum of cifsglob.h */
enum { HANG_TCP_NEW, HANG_TCP_GOOD };

/* One TCP connection: cifs_debug_data_proc_show(), or an extra channel: cifs_dump_channel() */
struct hang_conn {
	uint64_t id;   /* until 5.10, which has none: its number in the list */
	char host[64]; /* "" if the kernel knows none */
	char address[64];
	char share[128];       /* the first tree that is not IPC$ */
	bool has_credits;      /* until 4.17 they are not told */
	bool has_echo_credits; /* with those of oplocks; not in every form */
	int32_t credits, echo_credits, oplock_credits;
	uint32_t dialect, tcp_status, instance;
	bool smb1;
	int32_t in_flight, in_send, waiters;
	bool channel;	   /* an extra one of the connection before it */
	bool disconnected; /* "DISCONNECTED" or "[RECONNECTING]" */
	uint64_t session_id;
};

/* What the stack says the task waits for. */
enum hang_wait {
	HANG_WAIT_OTHER,
	HANG_WAIT_READ,	       /* netfs_wait_for_read and its like */
	HANG_WAIT_WRITE,       /* netfs_wait_for_write and its like */
	HANG_WAIT_FOLIO_READ,  /* a folio's lock or uptodate, below a read */
	HANG_WAIT_FOLIO_WRITE, /* folio_wait_writeback */
	HANG_WAIT_CREDITS,     /* wait_for_free_credits, smb2_wait_mtu_credits */
	HANG_WAIT_RESPONSE,    /* wait_for_response */
	HANG_WAIT_RECONNECT,   /* cifs_wait_for_server_reconnect, smb2_reconnect */
	HANG_WAIT_RECEIVE,     /* cifsd in its socket */
	HANG_WAIT_LOCK,	       /* of an inode, a page cache, a mutex */
};

struct hang_task {
	int32_t pid, tid;
	char comm[64]; /* a kworker's has its work queue behind it */
	char state;
	uint64_t start_ticks; /* stat's field 22: the same tid may be another task */
	bool cifsd, kernel;   /* kernel: no user memory */
	bool in_fs;	      /* netfs, cifs or smb in its stack */
	bool foreign;	      /* another file system that uses netfs is in its stack */
	bool reopens;	      /* it opens a file anew after the connection was lost */
	bool has_switches, has_last_run;
	uint64_t switches;
	uint64_t idle_ns; /* since it last ran, if has_last_run */
	enum hang_wait wait;
	enum hang_wait request_wait; /* READ, WRITE or a FOLIO: how it came to wait */
	size_t nr_frames;
	char frame[HANG_FRAMES][HANG_FRAME_LEN];
	/* the file of the system call it is in */
	bool has_fd, has_pos;
	int32_t fd;
	uint64_t pos;
	char path[256];
	bool stuck; /* by hang_judge(): has not run between the looks */
};

/* Of netfs_stats_show(); -1 where this kernel has none */
struct hang_stats {
	int64_t requests, subrequests;
	int64_t retried_reads, retried_writes;
};

struct hang_snap {
	bool has_netfs, has_cifs, truncated;
	bool has_others; /* the kernel knows file systems whose reads and writes may be netfs's, too */
	size_t seen_tasks, unread_tasks; /* there, and those whose stack could not be read */
	struct hang_request *request;
	struct hang_conn *conn;
	struct hang_mid *mid;
	struct hang_task *task;
	size_t nr_requests, nr_conns, nr_mids, nr_tasks;
	struct hang_stats stats;
};

/* The parsers add to the snapshot; text is changed. 0, -ENOMEM, or -EPROTO for a strange header. */
int hang_parse_requests(struct hang_snap *s, char *text);
int hang_parse_debug_data(struct hang_snap *s, char *text);
void hang_parse_stats(struct hang_stats *st, const char *text);
/* Fills frames, wait, in_fs. */
void hang_parse_stack(struct hang_task *t, char *text);
/* pid (comm) state ... start; do_task_stat() */
int hang_parse_stat(struct hang_task *t, const char *text);
/* "se.exec_start" in ns and "nr_switches": proc_sched_show_task() */
bool hang_parse_sched(const char *text, uint64_t *ret_exec_start, uint64_t *ret_switches);

/* Takes everything below proc ("/proc"). -errno; -ENOENT: neither netfs nor cifs is there. */
int hang_snap_read(struct hang_snap *s, const char *proc, struct err *err);
/* The tasks alone: those in netfs, cifs or a page's wait, and every cifsd; by tid. -errno. */
int hang_snap_tasks(struct hang_snap *s, const char *proc);
void hang_snap_free(struct hang_snap *s);

#define HANG_WORKERS 32

/* Whose stacks explain a request that hangs. Thread ids; 0: not known. */
struct hang_wish {
	uint32_t maker;		       /* of the request: mostly the one that waits */
	uint32_t receiver;	       /* cifsd of its connection */
	uint32_t worker[HANG_WORKERS]; /* threads that did something for it */
	size_t nr_workers;
};

/*
 * The tasks in the order of what they may say, at most max: who made it, who worked for it, the
 * connection's cifsd, what is blocked in netfs or cifs, the rest in there, waits for pages. A cifsd
 * that waits for its socket says nothing unless it is that connection's, or none is known to be.
 */
size_t hang_waiters(const struct hang_snap *s, const struct hang_wish *w,
		    const struct hang_task **ret, size_t max);

enum hang_verdict {
	HANG_NONE,
	HANG_MOVING,	/* open, but something about it changed */
	HANG_SERVER,	/* sent, and no answer comes */
	HANG_UNHANDLED, /* an answer came, and its message is still pending */
	HANG_LOST,	/* nothing is pending that could end it */
	HANG_CREDITS,
	HANG_RECONNECT,
	HANG_UNKNOWN, /* it hangs, and /proc does not say why */
	HANG_UNREAD,  /* messages are in flight, and none could be read: not understood */
	HANG_LEAKED,  /* its result is out, and it is not freed */
	HANG_UNCLEAR, /* of all: nothing hangs as far as could be read, but some data could not be read */
	HANG_NR_VERDICTS,
};

struct hang_request_view {
	const struct hang_request *r;
	enum hang_verdict verdict;
	const struct hang_task *task; /* NULL: none fits */
	bool by_position;	      /* the task's file position is in the request */
	size_t candidates;	      /* tasks that fit as well as this one, it included */
	const struct hang_mid *waits; /* no READ or WRITE: what must be answered first; or NULL */
};

struct hang_conn_view {
	const struct hang_conn *c;
	enum hang_verdict verdict;
	size_t stuck_mids;
	const struct hang_task *cifsd; /* NULL: which one is not told, or none */
};

struct hang_report {
	struct hang_snap *first, *last;
	uint64_t gap_ns; /* between the looks; 0: not known, of copies */
	bool short_list; /* netfs counts more requests than are listed, in both looks */
	bool one_look;	 /* the two are the same copy: progress cannot be told */
	struct hang_request_view *request;
	struct hang_conn_view *conn;
	bool hangs;			/* or it cannot be told that nothing does */
	bool unclear;			/* it cannot be told */
	size_t count[HANG_NR_VERDICTS]; /* of requests */
	size_t nr_stuck_mids, nr_stuck_tasks, nr_cifsds;
	enum hang_verdict verdict; /* of all: what to look into first */
};

int hang_judge(struct hang_report *r, struct hang_snap *first, struct hang_snap *last,
	       uint64_t gap_ns);
void hang_report_free(struct hang_report *r);
bool hang_is_write(const struct hang_request *r);
/* Is `submitted` the bytes that were sent? Of direct reads alone; of buffered ones it is where the
 * buffer ends in the file, and of writes it is 0 until they are issued (6.12 to 7.3). */
bool hang_counts_sent(const struct hang_request *r);
const struct hang_task *hang_task_by_tid(const struct hang_snap *s, int32_t tid);

struct hang_advice {
	const char *why;
	char command[128]; /* "" if there is none */
};

/* What to collect next, at most max. */
size_t hang_advise(const struct hang_report *r, struct hang_advice *a, size_t max);

/* ids of the JSON output, docs/hang.md */
const char *hang_verdict_id(enum hang_verdict v);
const char *hang_wait_id(enum hang_wait w);
const char *hang_mid_state_name(uint32_t state);
const char *hang_command_name(const struct hang_mid *m); /* NULL: unknown */
/* One of HANG_CMD_*, of SMB 1 what does the same; any other number: none of them. */
uint32_t hang_command_kind(const struct hang_mid *m);
const char *hang_tcp_status_name(uint32_t status);
const char *hang_origin_text(const char *origin);

#endif
