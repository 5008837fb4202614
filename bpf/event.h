/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wire ABI: what the BPF programs put into a ring, what a trace file holds, what the model
 * reads.
 *
 * Rules. Fixed-width types only, naturally aligned, no holes. Kind numbers are append-only: a
 * retired kind leaves its number unused. A struct only ever grows at its end; a reader zero-fills a
 * shorter record and ignores the tail of a longer one. Times are CLOCK_MONOTONIC ns, sizes are
 * bytes. Enum values of the kernel travel raw; EV_ENUM records of the same stream say what they
 * mean.
 */
#ifndef NETFSNOOP_EVENT_H
#define NETFSNOOP_EVENT_H

#ifndef __bpf__
#include <stdint.h>
typedef uint8_t ev_u8;
typedef uint16_t ev_u16;
typedef uint32_t ev_u32;
typedef uint64_t ev_u64;
typedef int32_t ev_s32;
typedef int64_t ev_s64;
#else
typedef __u8 ev_u8;
typedef __u16 ev_u16;
typedef __u32 ev_u32;
typedef __u64 ev_u64;
typedef __s32 ev_s32;
typedef __s64 ev_s64;
#endif

#define EV_COMM_LEN   16
#define EV_HOST_LEN   64
#define EV_FSNAME_LEN 8
#define EV_PATH_LEN   64
#define EV_TEST_LEN   128
#define EV_ALIGN      8
#define EV_MAX_SIZE   65528 /* largest record, a multiple of EV_ALIGN that fits hdr.size */

enum ev_kind {
	EV_NONE = 0,
	/* from BPF programs */
	EV_TASK = 1, /* a thread seen for the first time, or under a new name */
	EV_CONN = 2, /* an SMB connection seen for the first time, or reconnected */
	EV_PROC = 3, /* fork, exec, exit in the process tree of an xfstests run */
	EV_TEST = 4, /* a test's start mark, from the kernel log as it is written */
	EV_PATH = 5, /* the name of a file, before the first event that is about it */
	EV_RREQ = 10,
	EV_SREQ = 11,
	EV_REF = 12,
	EV_FAILURE = 13,
	EV_COLLECT = 14,
	EV_WRITE_ITER = 15,
	EV_FOLIO = 16,
	EV_REVERT = 17, /* iov_iter_revert() with something to take back */
	EV_WB_ERR = 18, /* an error of writeback, told to a mapping or read by a file */
	EV_SMB_RW = 20,
	EV_SMB_CMD = 21,
	EV_SMB_FILE = 22,
	EV_CREDIT = 23,
	EV_RW_CREDITS = 24,
	EV_RECONNECT = 25,
	EV_EIO = 26,
	EV_SLOW_RSP = 27,
	EV_STEP = 30,
	EV_CREDIT_FN = 31,
	EV_SETUP = 32,
	EV_SEND = 33,
	EV_RSP = 34,
	EV_CALLBACK = 35,
	EV_SIGNATURE = 36, /* an answer whose signature did not verify */
	EV_DECRYPT = 37,   /* an answer of a sealed connection: it comes, and is decrypted */
	EV_CIFS_IO = 40,   /* a read or write of a cifs without netfs */
	/* from the recorder */
	EV_META = 128,	      /* key=value about the host, the kernel, the run */
	EV_KIND = 129,	      /* kind number -> name and size at the time of writing */
	EV_PROBE = 130,	      /* the probe plan: id, name, how attached or why not */
	EV_ENUM = 131,	      /* enum values of this kernel, by BTF name */
	EV_ANCHOR = 132,      /* three clocks read together */
	EV_TICK = 133,	      /* the stream has reached this time */
	EV_LOST = 134,	      /* records a probe could not write, on one CPU, in a span of time */
	EV_MODULE = 135,      /* module epoch: R and connection ids restart when it changes */
	EV_MOUNT = 136,	      /* one line of mountinfo */
	EV_SNAPSHOT = 137,    /* a /proc file, whole */
	EV_MARK = 138,	      /* start and stop of recording, parked, attached */
	EV_HITS = 139,	      /* how often a probe fired and lost, at the end */
	EV_SYM = 140,	      /* address -> symbol+off/size [module], before its first use */
	EV_WAITER = 143,      /* kernel stack of a task that may wait for a request that hangs */
	EV_TEST_LINE = 144,   /* an ev_test, read from /dev/kmsg; hdr.ts is when it was read */
	EV_TEST_ENV = 145,    /* the environment of a test's script, as far as it matters */
	EV_TEST_RESULT = 146, /* what check said of a test */
	EV_BLOCK = 147,	      /* the first of each block of a file: which one it is */
	EV_KLOG = 148,	/* what cifs or netfs said in the kernel log; hdr.ts is when it was read */
	EV_FAULT = 149, /* what a proxy (`netfsnoop provoke`) showed the client */
};

/* hdr.flags */
#define EVF_RREQ   0x01 /* the payload starts with {u32 rreq, u32 sreq} */
#define EVF_EXIT   0x02 /* return of a function whose entry is the same probe pair */
#define EVF_TPONLY 0x04 /* only what the tracepoint record itself holds; other fields are 0 */
#define EVF_SYNTH  0x08 /* {rreq, sreq} are no ids of netfs: rreq is EV_SYNTH_RREQ | a count */
#define EVF_NOTIME 0x10 /* ts gives its place in the order, and no time: it was imported without */

#define EV_SYNTH_RREQ 0x80000000U
/* In any sreq: the subrequest that the kernel calls 0, as 6.1 does its first one; 0 means none. */
#define EV_SREQ_ZERO 0xffffffffU

struct ev_hdr {
	ev_u16 size; /* whole record, a multiple of EV_ALIGN */
	ev_u8 kind;
	ev_u8 flags;
	ev_u16 probe; /* EV_PROBE id; 0 for the recorder's own */
	ev_u16 cpu;
	ev_u64 ts;
	ev_u32 tid;
	ev_u32 tgid;
};

struct ev_task {
	struct ev_hdr hdr;
	ev_u64 start_ns;  /* task_struct.start_time: tells reused tids apart */
	ev_u64 cgroup_id; /* cgroup v2 */
	ev_u32 ppid;	  /* tgid of the real parent */
	ev_u32 pad;
	char comm[EV_COMM_LEN];
};

enum ev_proc_event { EV_PROC_FORK = 0, EV_PROC_EXEC = 1, EV_PROC_EXIT = 2 };

/* A process whose ancestors include one that wrote a start mark. */
struct ev_proc {
	struct ev_hdr hdr; /* of a fork: the parent's */
	ev_u32 pid;	   /* tgid */
	ev_u32 ppid;
	ev_u32 root;   /* tgid of the `check` that heads the tree */
	ev_s32 status; /* exit: as wait(2) has it */
	ev_u64 cgroup_id;
	ev_u8 event; /* enum ev_proc_event */
	ev_u8 pad[7];
	char comm[EV_COMM_LEN];
	char path[EV_PATH_LEN]; /* exec: the last bytes of the file's name */
};

/* "run fstests generic/306 at 2026-11-22 20:07:16" */
struct ev_test {
	struct ev_hdr hdr;
	ev_u32 root; /* tgid of the `check` that wrote it; 0: unknown */
	ev_u32 pad;
	char text[EV_TEST_LEN];
};

#define EV_PATH_DEPTH 16   /* names of one path */
#define EV_PATH_NAME  256  /* bytes of one, with its NUL: NAME_MAX + 1 */
#define EV_PATH_FULL  1024 /* bytes of names after which no more are taken */

enum ev_path_how {
	EV_PATH_LOOSE =
		0, /* the last name's directory does not lead to the root, or was not readable */
	EV_PATH_WHOLE = 1, /* the last name is in the root of the file system */
	EV_PATH_CUT = 2,   /* there are more above it than are taken */
};

/* Only with `record --paths`. As the dentries had it then; no names and LOOSE: none is known. */
struct ev_path {
	struct ev_hdr hdr;
	ev_u64 ino;
	ev_u32 dev; /* as in ev_rreq.dev */
	ev_u8 nr;   /* of names */
	ev_u8 how;  /* enum ev_path_how */
	ev_u8 pad[2];
	char text[]; /* the file's own name, its directory's, ...: each with its NUL */
};

struct ev_conn {
	struct ev_hdr hdr;
	ev_u64 conn;
	ev_u32 instance; /* TCP_Server_Info.reconnect_instance */
	ev_u32 status;	 /* enum statusEnum */
	ev_u32 sign;
	ev_s32 max_credits;
	char hostname[EV_HOST_LEN];
	ev_u8 smb1; /* its commands are none that a probe sees */
	ev_u8 pad[7];
};

/* netfs_rreq, netfs_read, netfs_write: which one, hdr.probe says */
struct ev_rreq {
	struct ev_hdr hdr;
	ev_u32 rreq;
	ev_u32 sreq; /* 0 */
	ev_u64 start;
	ev_u64 len;
	ev_u64 transferred;
	ev_u64 submitted;
	ev_u64 ino;
	ev_u64 i_size;
	ev_u64 arg_start; /* range asked for by netfs_read, netfs_write */
	ev_u64 arg_len;
	ev_u32 dev; /* super_block.s_dev, the kernel's encoding: major << 20 | minor */
	ev_u32 flags;
	ev_s32 error;
	ev_u8 origin;
	ev_u8 what;
	ev_u8 event; /* enum ev_rreq_event */
	ev_u8 sized; /* the last two are known; before 6.9 netfs has no zero_point */
	char fs[EV_FSNAME_LEN];
	ev_u64 zero_point; /* netfs_inode.zero_point: from here on the server has nothing */
	ev_u64 begin_size; /* netfs_io_request.i_size: that of the file when it was made */
};

enum ev_rreq_event { EV_RREQ_STATE = 0, EV_RREQ_READ = 1, EV_RREQ_WRITE = 2 };

struct ev_sreq {
	struct ev_hdr hdr;
	ev_u32 rreq;
	ev_u32 sreq;
	ev_u64 start;
	ev_u64 len;
	ev_u64 transferred;
	ev_s32 error;
	ev_u32 flags;
	ev_u8 what;
	ev_u8 source;
	ev_u8 stream;
	ev_u8 retries; /* retry_count, 7.x */
	ev_u32 iter_type;
	ev_u64 iter_count; /* bytes left in sreq->io_iter */
	ev_u64 iter_offset;
};

struct ev_ref {
	struct ev_hdr hdr;
	ev_u32 rreq;
	ev_u32 sreq; /* 0: the request's own reference count */
	ev_s32 ref;  /* value after the change */
	ev_u8 what;
	ev_u8 pad[3];
};

struct ev_failure {
	struct ev_hdr hdr;
	ev_u32 rreq;
	ev_u32 sreq; /* 0: the failure is the request's */
	ev_u64 start;
	ev_u64 len;
	ev_u64 transferred;
	ev_s32 error;
	ev_u32 flags;
	ev_u8 what;
	ev_u8 source;
	ev_u8 pad[6];
};

enum ev_collect_event {
	EV_COLLECT_REQ = 0,
	EV_COLLECT_SREQ = 1,
	EV_COLLECT_STATE = 2,
	EV_COLLECT_GAP = 3,
	EV_COLLECT_STREAM = 4,
};

struct ev_collect {
	struct ev_hdr hdr;
	ev_u32 rreq;
	ev_u32 sreq;
	ev_u64 start;
	ev_u64 len;
	ev_u64 transferred;
	ev_u64 collected_to;
	ev_u32 notes;
	ev_u8 event; /* enum ev_collect_event */
	ev_u8 stream;
	ev_u8 type; /* netfs_collect_gap: 'F' or 'E' */
	ev_u8 pad;
};

struct ev_write_iter {
	struct ev_hdr hdr;
	ev_u64 start;
	ev_u64 len;
	ev_u64 ino;
	ev_u32 dev;
	ev_u32 ki_flags;
};

struct ev_folio {
	struct ev_hdr hdr;
	ev_u64 ino;
	ev_u64 index;
	ev_u32 dev;
	ev_u8 what;
	ev_u8 order;
	ev_u8 pad[2];
};

enum ev_revert_via {
	EV_VIA_KPROBE = 0,     /* on the function itself */
	EV_VIA_CALLSITE = 1,   /* on the instruction that calls it */
	EV_VIA_BREAKPOINT = 2, /* debug register on its address */
};

/* How the subrequest was found; whatever it says of rreq and sreq is a fact, not a guess. */
enum ev_revert_knows {
	EV_KNOWS_NOTHING = 0,
	EV_KNOWS_WORK = 1,  /* the thread is in a step or callback of that subrequest */
	EV_KNOWS_RESET = 2, /* the caller is netfs_reset_iter: the iterator is in the subrequest */
	EV_KNOWS_ITER = 3,  /* the iterator is in a subrequest that is on its request's list */
};

/* Which rule the program judged by; 0 in recordings older than the rules. */
enum ev_revert_rule {
	EV_RULE_NONE = 0,
	EV_RULE_EXACT = 1,     /* UBUF, XARRAY: iov_offset counts from the start */
	EV_RULE_FOLIOQ = 2,    /* the queue ends before so much can be taken back */
	EV_RULE_DIRECT_BV = 3, /* so does the request's array of pages */
	EV_RULE_SLICE = 4,     /* the length of the subrequest */
	EV_RULE_TOO_LARGE = 5, /* MAX_RW_COUNT: the kernel warns and changes nothing */
	EV_RULE_UNDECIDABLE = 6,
};

struct ev_revert {
	struct ev_hdr hdr;
	ev_u32 rreq; /* 0: not known */
	ev_u32 sreq;
	ev_u64 iter;   /* address of the iov_iter */
	ev_u64 offset; /* iov_offset before the call, as all of these */
	ev_u64 count;
	ev_u64 unroll;
	ev_u64 segs;   /* nr_segs; of an ITER_FOLIOQ its lowest byte is folioq_slot */
	ev_u64 caller; /* return address */
	ev_u64 site;   /* the call or jump itself; 0: not known */
	ev_u32 iter_type;
	ev_u8 via;   /* enum ev_revert_via */
	ev_u8 knows; /* enum ev_revert_knows */
	ev_u8 pad[2];
	ev_u64 room; /* bytes that could be taken back, by `rule` */
	ev_u64 past; /* bytes beyond those: more than 0 is a bug */
	ev_u8 rule;  /* enum ev_revert_rule */
	ev_u8 pad2[7];
};

enum ev_wb_err_event {
	EV_WB_ERR_SET = 0,
	EV_WB_ERR_READ = 1,
	EV_WB_ERR_FSYNC = 2, /* begins */
	EV_WB_ERR_FSYNCED = 3,
};

/*
 * filemap_set_wb_err, file_check_and_advance_wb_err, fsync() of cifs; of file systems that netfs may serve.
 * FSYNC and FSYNCED: seq is the mapping's, old the file's errseq_t then.
 */
struct ev_wb_err {
	struct ev_hdr hdr;
	ev_u64 ino;
	ev_u32 dev;
	/* -errno: the mapping's now, or for the file's fsync(); 0: not in the record. FSYNCED: what it returns */
	ev_s32 error;
	ev_u32 seq;  /* the errseq_t that says so */
	ev_u32 old;  /* and the one before it, of the mapping or the file */
	ev_u8 event; /* enum ev_wb_err_event */
	ev_u8 pad[7];
	char fs[EV_FSNAME_LEN];
};

enum ev_rw_event { EV_RW_ENTER = 0, EV_RW_DONE = 1, EV_RW_ERR = 2 };

/* smb3_read_*, smb3_write_* */
struct ev_smb_rw {
	struct ev_hdr hdr;
	ev_u32 rreq; /* 0: a synchronous SMB2_read or SMB2_write, or a kernel before 6.12 */
	ev_u32 sreq;
	ev_u64 fid;
	ev_u64 sesid;
	ev_u64 offset;
	ev_u32 len;
	ev_u32 xid;
	ev_u32 tid;
	ev_s32 rc;
	ev_u8 event; /* enum ev_rw_event */
	ev_u8 write;
	ev_u8 pad[6];
};

enum ev_cmd_event { EV_CMD_ENTER = 0, EV_CMD_DONE = 1, EV_CMD_ERR = 2, EV_CMD_SES_EXPIRED = 3 };

struct ev_smb_cmd {
	struct ev_hdr hdr;
	ev_u32 rreq; /* the subrequest this thread was issuing, or 0 */
	ev_u32 sreq;
	ev_u64 mid;
	ev_u64 sesid;
	ev_u32 tid;
	ev_u32 status; /* NTSTATUS */
	ev_s32 rc;
	ev_u16 cmd;
	ev_u8 event; /* enum ev_cmd_event */
	ev_u8 pad;
};

/* opens, closes, flushes, leases, oplock breaks and the like; probe name says which */
struct ev_smb_file {
	struct ev_hdr hdr;
	ev_u64 fid;
	ev_u64 sesid;
	ev_u64 arg[2];
	ev_u32 xid;
	ev_u32 tid;
	ev_s32 rc;
	ev_u32 pad;
};

/* the credit tracepoint class; `mid` is the connection's next one and joins nothing */
struct ev_credit {
	struct ev_hdr hdr;
	ev_u64 conn;
	ev_u64 mid;
	ev_s32 credits;
	ev_s32 change;
	ev_s32 in_flight;
	ev_u32 pad;
};

struct ev_rw_credits {
	struct ev_hdr hdr;
	ev_u32 rreq;
	ev_u32 sreq;
	ev_s32 held; /* credits of the subrequest */
	ev_s32 pool; /* read without the lock: a hint */
	ev_s32 in_flight;
	ev_s32 change;
	ev_u8 what;
	ev_u8 pad[7];
};

/* smb3_reconnect, partial_send_reconnect, connect_done, connect_err, ses_not_found */
struct ev_reconnect {
	struct ev_hdr hdr;
	ev_u64 conn;
	ev_u64 mid;
	ev_s32 rc;
	ev_u32 pad;
};

struct ev_eio {
	struct ev_hdr hdr;
	ev_u64 info;
	ev_u64 info2;
	ev_u32 what;
	ev_u32 pad;
};

struct ev_slow_rsp {
	struct ev_hdr hdr;
	ev_u64 mid;
	ev_u64 sent;	 /* jiffies */
	ev_u64 received; /* jiffies */
	ev_u32 pid;
	ev_u16 cmd;
	ev_u16 pad;
};

enum ev_step {
	EV_STEP_PREPARE_READ = 0,
	EV_STEP_PREPARE_WRITE = 1,
	EV_STEP_ISSUE_READ = 2, /* cifs_issue_read: adjust credits, then smb2_async_readv */
	EV_STEP_ISSUE_WRITE = 3,
	EV_STEP_ASYNC_READ = 4, /* smb2_async_readv: build, sign, send */
	EV_STEP_ASYNC_WRITE = 5,
	EV_STEP_FREE = 6, /* cifs_free_subrequest: `credits` still held is a recovered hold */
};

/* cifs_prepare_*, cifs_issue_*, smb2_async_readv/writev, cifs_free_subrequest: entry, and exit with
 * EVF_EXIT */
struct ev_step_rec {
	struct ev_hdr hdr;
	ev_u32 rreq;
	ev_u32 sreq;
	ev_u64 conn;
	ev_u64 got_bytes;
	ev_s32 credits; /* cifs_credits.value held by the subrequest */
	ev_u32 instance;
	ev_s32 rc;
	ev_u8 step; /* enum ev_step */
	ev_u8 pad[3];
};

enum ev_credit_fn {
	EV_CFN_WAIT_MTU = 0,	 /* smb2_wait_mtu_credits */
	EV_CFN_WAIT_FREE = 1,	 /* wait_for_free_credits */
	EV_CFN_ADD = 2,		 /* smb2_add_credits */
	EV_CFN_ADJUST = 3,	 /* smb2_adjust_credits */
	EV_CFN_SET = 4,		 /* smb2_set_credits */
	EV_CFN_ADD_FROM_HDR = 5, /* smb2_add_credits_from_hdr */
};

/* the functions that change a connection's credits; pools are read unlocked, after the change */
struct ev_credit_fn_rec {
	struct ev_hdr hdr;
	ev_u32 rreq; /* the subrequest this thread works for, or 0 */
	ev_u32 sreq;
	ev_u64 conn;
	ev_u64 mid;
	ev_s32 value; /* credits asked for, taken, added or set */
	ev_u32 value_instance;
	ev_s32 rc;
	ev_s32 optype; /* mid optype or wait flags */
	ev_s32 credits;
	ev_s32 echo;
	ev_s32 oplock;
	ev_s32 in_flight;
	ev_u32 instance;
	ev_u8 fn; /* enum ev_credit_fn */
	ev_u8 pad[3];
	ev_u64 size; /* bytes asked for (wait_mtu entry) or granted (exit) */
};

/* smb2_setup_request, smb2_setup_async_request: the mid exists, and is signed if it has to be */
struct ev_setup {
	struct ev_hdr hdr;
	ev_u32 rreq;
	ev_u32 sreq;
	ev_u64 conn;
	ev_u64 mid;
	ev_s32 rc;
	ev_u16 cmd;
	ev_u16 credit_charge;
	ev_u16 credit_request;
	ev_u16 async;
	ev_u32 pad;
};

/* __smb_send_rqst */
struct ev_send {
	struct ev_hdr hdr;
	ev_u32 rreq;
	ev_u32 sreq;
	ev_u64 conn;
	ev_s32 rc;
	ev_u32 nr_rqst;
};

/* a response header as smb2_is_status_pending sees it, interim ones included */
struct ev_rsp {
	struct ev_hdr hdr;
	ev_u64 conn;
	ev_u64 mid;
	ev_u64 sesid;
	ev_u32 status;
	ev_u32 smb_flags;
	ev_u16 cmd;
	ev_u16 credits; /* granted by this response */
	ev_u32 pad;
};

/* smb2_verify_signature(), where it did not return 0 */
struct ev_signature {
	struct ev_hdr hdr;
	ev_u64 conn;
	ev_u64 mid;
	ev_u64 sesid;
	ev_u32 status; /* NTSTATUS that the answer claims */
	ev_s32 rc;
	ev_u16 cmd;
	ev_u8 pad[6];
};

enum ev_decrypt_event { EV_DECRYPT_RECEIVE = 0, EV_DECRYPT_CIPHER = 1 };

/* smb3_receive_transform(), and crypt_message() where it decrypts: entry, and exit with EVF_EXIT */
struct ev_decrypt {
	struct ev_hdr hdr;
	ev_u64 conn;
	ev_u64 mid; /* at the exit of the cipher without an error: of the first message in it */
	ev_u64 buf; /* its address; 0 at the exit of RECEIVE, which may have handed it on */
	ev_s32 rc;
	ev_u16 cipher; /* MS-SMB2 2.2.3.1.2 */
	ev_u8 event;   /* enum ev_decrypt_event */
	ev_u8 pad;
};

/* smb2_readv_callback, smb2_writev_callback: entry, and exit with EVF_EXIT */
struct ev_callback {
	struct ev_hdr hdr;
	ev_u32 rreq;
	ev_u32 sreq;
	ev_u64 conn;
	ev_u64 mid;
	ev_u64 got_bytes;
	ev_s32 result;
	ev_u32 mid_state;
	ev_s32 credits; /* held by the subrequest at entry */
	ev_u8 write;
	ev_u8 decrypted;
	ev_u8 pad[2];
};

enum ev_io_phase {
	EV_IO_SUBMIT = 0,   /* smb2_async_readv, smb2_async_writev: entry, and exit with EVF_EXIT */
	EV_IO_COMPLETE = 1, /* cifs_readv_complete and the like: the result is there */
	EV_IO_RELEASE = 2,  /* the unit is freed, or, with EVF_EXIT, as good as freed */
	EV_IO_CALL_END = 3, /* cifs_readahead, cifs_writepages return: sreq is 0 */
	EV_IO_CTX_END = 4,  /* cifs_aio_ctx is freed: sreq is 0 */
};

enum ev_io_origin {
	EV_IO_READ = 0, /* of the page cache, outside a call that is probed */
	EV_IO_WRITE = 1,
	EV_IO_READAHEAD = 2,
	EV_IO_WRITEPAGES = 3,
	EV_IO_UNCACHED_READ = 4,
	EV_IO_UNCACHED_WRITE = 5,
	EV_IO_DIRECT_READ = 6,
	EV_IO_DIRECT_WRITE = 7,
	EV_IO_ORIGINS
};

/*
 * One cifs_readdata or cifs_writedata: one SMB READ or WRITE. rreq counts the calls that made them,
 * sreq the units of a call. At an exit only ids, result, phase and write are set.
 */
struct ev_cifs_io {
	struct ev_hdr hdr;
	ev_u32 rreq;
	ev_u32 sreq;
	ev_u64 start;
	ev_u64 len;
	ev_u64 got; /* bytes read; bytes written, once the result is there */
	ev_u64 conn;
	ev_u64 ino;
	ev_u64 call_len; /* what the whole uncached call asked for; 0: unknown */
	ev_u32 dev;
	ev_s32 result;	/* of the unit, of the send (exit), of the call */
	ev_s32 credits; /* held by the unit */
	ev_u32 instance;
	ev_u8 phase;  /* enum ev_io_phase */
	ev_u8 origin; /* enum ev_io_origin */
	ev_u8 write;
	ev_u8 pad[5];
	char fs[EV_FSNAME_LEN];
};

/* ---- the recorder's own kinds; strings are NUL-padded to EV_ALIGN ---- */

struct ev_meta {
	struct ev_hdr hdr;
	char text[]; /* "key=value" */
};

struct ev_kind_rec {
	struct ev_hdr hdr;
	ev_u32 nr;
	ev_u32 nr_size;
	char name[];
};

enum ev_probe_state { EV_PROBE_OFF = 0, EV_PROBE_ON = 1, EV_PROBE_FAILED = 2 };

struct ev_probe_rec {
	struct ev_hdr hdr;
	ev_u32 id;
	ev_u32 state; /* enum ev_probe_state */
	char text[];  /* "name\0mechanism\0target\0reason" */
};

struct ev_enum_rec {
	struct ev_hdr hdr;
	ev_s64 value;
	char text[]; /* "enum type\0enumerator" as BTF spells them */
};

struct ev_anchor {
	struct ev_hdr hdr; /* hdr.ts is CLOCK_MONOTONIC */
	ev_u64 boottime;
	ev_u64 realtime;
};

struct ev_tick {
	struct ev_hdr hdr;
};

#define EV_ANY_CPU   0xffff
#define EV_ANY_PROBE 0xffff

/* Why records are not there; all but the first are said by the reader of a file, of all probes. */
enum ev_lost_why {
	EV_LOST_RECORDER = 0,  /* the recorder could not write them */
	EV_LOST_DAMAGED = 1,   /* a block of the file, or a record in it, cannot be read */
	EV_LOST_MISSING = 2,   /* blocks are not there */
	EV_LOST_MISPLACED = 3, /* a block is there twice, or behind later ones */
	EV_LOST_FOREIGN = 4,   /* blocks of another trace, or a whole one, are in the file */
	EV_LOST_END = 5,       /* the end is missing: cut off, or not written yet */
};

/*
 * Refused by a full ring, or, with hdr.cpu EV_ANY_CPU, never made: the kernel skips a program that
 * is already running on that CPU, which a preempted one still is (7.x). Or it was recorded and is
 * not in the file any more: then hdr.probe is EV_ANY_PROBE.
 */
struct ev_lost {
	struct ev_hdr hdr; /* hdr.probe, hdr.cpu: whose; hdr.ts: where the span begins */
	ev_u64 count;	   /* 0: not known, of an imported one */
	ev_u64 from;
	ev_u64 to;
	ev_u8 why;	/* enum ev_lost_why */
	ev_u8 at_least; /* 1: count is the least it can be */
	ev_u8 pad[6];
};

/*
 * Blocks are numbered, so that one that is gone, twice or in the wrong place can be told. Numbers
 * that differ in their upper half are of two series, whose records are counted apart.
 */
struct ev_block {
	struct ev_hdr hdr;
	ev_u64 id;    /* of the trace: random */
	ev_u64 seq;   /* of this block */
	ev_u64 next;  /* of the block behind it; 0: it is the last */
	ev_u64 first; /* records in the blocks before it, those of a block's number left out */
	ev_u64 nr;    /* records in it */
	ev_u64 prev;  /* hash of the frame before it in the series, as it was written; 0: none */
	/* since 2.0: */
	ev_u32 packed; /* bytes behind it that hold its records packed; 0: they stand there as they are */
	ev_u32 plain; /* bytes of these records */
};

struct ev_module {
	struct ev_hdr hdr;
	ev_u32 epoch; /* counts from 1 */
	ev_u32 live;
	char text[]; /* "name\0build-id in hex\0srcversion" */
};

struct ev_mount {
	struct ev_hdr hdr;
	ev_u32 dev; /* as in ev_rreq.dev */
	ev_u32 live;
	char text[]; /* "fs type\0source\0mount point\0super options" */
};

struct ev_snapshot {
	struct ev_hdr hdr;
	ev_u32 more; /* the text goes on in the next record of the same path */
	ev_u32 pad;
	char text[]; /* "path\0contents" */
};

enum ev_mark {
	EV_MARK_START = 1,    /* all probes attached, recording enabled */
	EV_MARK_STOP = 2,     /* recording disabled; probes are still to be taken out */
	EV_MARK_PARKED = 3,   /* probes dropped for the modules; value is an enum ev_parked */
	EV_MARK_ATTACHED = 4, /* probes back; value is an enum ev_attached */
	EV_MARK_COMMAND = 5,  /* the recorded command started; value is its pid */
	EV_MARK_EXIT = 6,     /* it ended; value is its wait status */
};

enum ev_parked {
	EV_PARKED_IDLE = 0,  /* unused for a while, or not loaded yet */
	EV_PARKED_ASKED = 1, /* unused, and somebody looked whether it is */
};

enum ev_attached {
	EV_ATTACHED_ALL = 0,
	EV_ATTACHED_WITHOUT_CIFS = 1, /* netfs has other users; cifs is still free to go */
};

struct ev_mark_rec {
	struct ev_hdr hdr;
	ev_u32 mark; /* enum ev_mark */
	ev_u32 value;
};

struct ev_hits {
	struct ev_hdr hdr; /* hdr.probe: whose */
	ev_u64 hits;	   /* times the program ran while enabled */
	ev_u64 lost;	   /* records it could not write */
	ev_u64 missed;	   /* runs the kernel skipped (recursion); ~0: not countable here */
};

struct ev_sym {
	struct ev_hdr hdr;
	ev_u64 addr;
	ev_u32 off;
	ev_u32 size;
	char text[]; /* "symbol\0module" */
};

/* Taken while the request hangs. hdr.tid and tgid are the task's. */
struct ev_waiter {
	struct ev_hdr hdr;
	ev_u32 rreq;  /* the request that hangs */
	ev_u32 sreq;  /* the subrequest that it hangs on, or 0 */
	ev_u32 state; /* letter of /proc/TID/stat: 'D' */
	ev_u32 pad;
	char text[]; /* "comm\0symbol+0x1/0x2 [module]\nsymbol...", innermost first */
};

struct ev_test_env {
	struct ev_hdr hdr;
	ev_u32 pid; /* of the script */
	ev_u32 pad;
	char text[]; /* "NAME=value\0NAME=value" */
};

struct ev_klog {
	struct ev_hdr hdr;
	ev_u64 stamp; /* ns of printk's clock, which is not that of hdr.ts */
	ev_u32 lost;  /* messages of anybody that were overwritten since the one before was read */
	ev_u32 level; /* KERN_*: 3 is an error */
	char text[];
};

/* Kinds of faults; user/provoke/faults.def says what they are. */
enum ev_fault_kind {
	EV_FAULT_OTHER = 0, /* of a later version */
	EV_FAULT_STATUS = 1,
	EV_FAULT_SHORT_READ = 2,
	EV_FAULT_SHORT_WRITE = 3,
	EV_FAULT_MAX_READ = 4,
	EV_FAULT_MAX_WRITE = 5,
	EV_FAULT_MAX_TRANSACT = 6,
	EV_FAULT_GRANT = 7,
	EV_FAULT_CEILING = 8,
	EV_FAULT_PENDING = 9,
	EV_FAULT_DELAY = 10,
	EV_FAULT_REORDER = 11,
	EV_FAULT_STALL = 12,
	EV_FAULT_CUT = 13,
};

#define EV_NO_COMMAND 0xffff

/* hdr.ts is when the proxy decided on it, before the client could see it. */
struct ev_fault {
	struct ev_hdr hdr;
	ev_u64 sesid;
	ev_u64 mid;
	ev_u64 offset;	    /* of a READ or WRITE */
	ev_u64 was, became; /* bytes, credits or ns, by kind; both 0: nothing of these */
	ev_u32 len;	    /* as offset */
	ev_u32 status;	    /* NTSTATUS that was answered; 0: none */
	ev_u32 line;	    /* of the plan */
	ev_u32 nr;	    /* the proxy's number of the connection */
	ev_u16 cmd;  /* EV_NO_COMMAND: sealed, so that the proxy cannot tell, nor sesid and mid */
	ev_u8 fault; /* enum ev_fault_kind */
	ev_u8 again; /* it follows from an earlier one: what it names is forgotten */
	ev_u32 pad;
	char text[]; /* what the client sees, in words */
};

enum ev_outcome {
	EV_TEST_UNFINISHED = 0, /* the recording or the run ended before it did */
	EV_TEST_PASS = 1,
	EV_TEST_FAIL = 2,
	EV_TEST_NOTRUN = 3,
	EV_TEST_DMESG = 4, /* passed, but for what the kernel log says */
	EV_TEST_KILLED = 5,
	EV_TEST_UNKNOWN = 6, /* over, and check left no word of how */
};

struct ev_test_result {
	struct ev_hdr hdr;
	ev_u32 ordinal; /* of the start mark, counted from 1 */
	ev_u32 outcome; /* enum ev_outcome */
	char text[];	/* why: "reason\0section\0result directory" */
};

#define EV_SIZE_IS(type, n) _Static_assert(sizeof(struct type) == (n), #type " is wire ABI")
EV_SIZE_IS(ev_hdr, 24);
EV_SIZE_IS(ev_task, 64);
EV_SIZE_IS(ev_conn, 120);
EV_SIZE_IS(ev_proc, 136);
EV_SIZE_IS(ev_test, 160);
EV_SIZE_IS(ev_path, 40);
EV_SIZE_IS(ev_rreq, 136);
EV_SIZE_IS(ev_sreq, 88);
EV_SIZE_IS(ev_ref, 40);
EV_SIZE_IS(ev_failure, 72);
EV_SIZE_IS(ev_collect, 72);
EV_SIZE_IS(ev_write_iter, 56);
EV_SIZE_IS(ev_folio, 48);
EV_SIZE_IS(ev_revert, 120);
EV_SIZE_IS(ev_wb_err, 64);
EV_SIZE_IS(ev_smb_rw, 80);
EV_SIZE_IS(ev_smb_cmd, 64);
EV_SIZE_IS(ev_smb_file, 72);
EV_SIZE_IS(ev_credit, 56);
EV_SIZE_IS(ev_rw_credits, 56);
EV_SIZE_IS(ev_reconnect, 48);
EV_SIZE_IS(ev_eio, 48);
EV_SIZE_IS(ev_slow_rsp, 56);
EV_SIZE_IS(ev_step_rec, 64);
EV_SIZE_IS(ev_credit_fn_rec, 96);
EV_SIZE_IS(ev_setup, 64);
EV_SIZE_IS(ev_send, 48);
EV_SIZE_IS(ev_rsp, 64);
EV_SIZE_IS(ev_signature, 64);
EV_SIZE_IS(ev_decrypt, 56);
EV_SIZE_IS(ev_callback, 72);
EV_SIZE_IS(ev_cifs_io, 112);
EV_SIZE_IS(ev_anchor, 40);
EV_SIZE_IS(ev_lost, 56);
EV_SIZE_IS(ev_block, 80);
EV_SIZE_IS(ev_klog, 40);
EV_SIZE_IS(ev_fault, 88);
EV_SIZE_IS(ev_mark_rec, 32);
EV_SIZE_IS(ev_hits, 48);
EV_SIZE_IS(ev_waiter, 40);

#endif /* NETFSNOOP_EVENT_H */
