/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model: what the events say happened. Feed it the stream in order; it keeps what is open and
 * hands each object to its listeners when it is over. Memory grows with what is open, not with the
 * trace. It runs without libbpf and without privilege, live and on a file alike, and knows only
 * stream time.
 */
#ifndef NETFSNOOP_MODEL_H
#define NETFSNOOP_MODEL_H

#include "base/base.h"
#include "base/hash.h"
#include "base/smb2.h"
#include "bpf/event.h"
#include "model/names.h"
#include "model/test.h"
#include "tracepoints/probes.h"

struct model;

/* ---- who ---- */

struct task {
	uint32_t tid, tgid, ppid;
	char comm[EV_COMM_LEN + 1];
	uint64_t cgroup_id;
	/* what it is doing for a subrequest right now (between entry and exit of a step or
	 * callback) */
	uint32_t rreq, sreq;
	bool synth;		   /* rreq is not netfs's */
	uint32_t depth;		   /* steps and callbacks entered and not left */
	uint64_t wait_from;	   /* of the credit wait it is in; 0: none */
	uint64_t mtu_from, mtu_ns; /* of credits for I/O that no unit has yet; 0: none */
	uint32_t owed; /* final responses it received and has not booked the credits of */
	/* of the smb3_read_enter or smb3_write_enter whose smb3_cmd_enter is to follow */
	uint32_t rw_rreq, rw_sreq;
	struct unsealing {
		uint64_t receiving;	  /* the buffer of the message it receives; 0: none */
		uint64_t arrived_ns, mid; /* of the one it decrypted last */
	} unsealing;
	struct command *unsent; /* entered by this thread and not sent yet */
	UT_hash_handle hh;
};

struct mount {
	uint32_t dev; /* major << 20 | minor */
	char *fstype, *source, *point, *options;
	UT_hash_handle hh;
};

/* One SMB connection (TCP_Server_Info), all its reconnect instances. */
struct conn {
	uint64_t id; /* with the epoch the key: ids start again when cifs is loaded again */
	uint64_t epoch;
	char host[EV_HOST_LEN + 1];
	uint32_t instance;
	bool sign;
	bool smb1;	    /* none of its commands is seen */
	bool sealed;	    /* an answer was decrypted */
	bool plain;	    /* ... or one to a READ or WRITE came as it is */
	uint16_t cipher;    /* by which the last answer was decrypted; 0: none was seen */
	bool seen;	    /* by a probe that read the connection itself */
	bool pooled;	    /* credits, in_flight and max_in_flight are known: an event held them */
	bool takes, grants; /* so are taken and granted, where not seen */
	bool ledger;	    /* the functions that change credits are probed */
	bool headers;	    /* response headers are seen */
	uint32_t receiver;  /* tid of the cifsd that read its last response; 0: unknown */
	uint64_t reconnects;
	bool verified;		 /* answers that do not verify are recorded */
	uint64_t bad_signatures; /* such answers */
	uint64_t commands, responses;
	uint64_t taken;	   /* credits, all pools, less what was given back unused before a send */
	uint64_t granted;  /* credits, by response headers, interim ones included */
	uint64_t returned; /* credits taken and, through smb2_add_credits, given back unused */
	uint64_t credit_waits;			  /* times a thread asked for credits */
	uint64_t credit_wait_ns;		  /* and how long they took in all */
	int32_t credits, echo, oplock, in_flight; /* as last seen */
	int32_t max_in_flight;
	struct arrival {
		uint64_t buf, ns; /* an answer is in this buffer since, sealed; 0: none */
	} arrived[64];
	UT_hash_handle hh;
};

/* enum mid_state of cifsglob.h, 6.1 to 7.3 */
enum { MID_RECEIVED = 0x04, MID_RETRY = 0x08, MID_MALFORMED = 0x10 };

/* ---- requests ---- */

enum stage {
	STAGE_PREPARE,	   /* first sign of the attempt -> SUBMT, less the credit wait */
	STAGE_CREDIT_WAIT, /* inside smb2_wait_mtu_credits and wait_for_free_credits */
	STAGE_SEND,	   /* SUBMT -> __smb_send_rqst returned, less a credit wait in between */
	STAGE_WIRE,	   /* sent -> header of the final response, or a sealed one is there */
	STAGE_DECRYPT,	   /* from there -> header of the final response */
	STAGE_CALLBACK, /* header -> the response callback returned: receive, verify, terminate */
	STAGE_COLLECT,	/* callback returned -> subrequest freed */
	STAGE_MAX
};

#define STAGE_UNKNOWN UINT64_MAX

const char *stage_name(enum stage s); /* "credit wait" */

/* Times of one attempt; 0: not seen. */
struct attempt {
	uint64_t begin, submit, sent, response, callback, callback_end, term, end;
	uint64_t arrived;      /* the response, sealed; 0: not so, or not seen */
	uint64_t wait_ns;      /* for credits, before SUBMT */
	uint64_t late_wait_ns; /* and after it: the low-credit path takes one only when it sends */
	bool waited;	       /* wait_ns is known */
};

#define MAX_TRIED 4

struct subrequest {
	uint32_t index;
	struct request *rreq;
	uint8_t stream;
	uint8_t source; /* raw netfs_io_source, if sourced */
	bool sourced;
	bool write;
	bool freed;
	bool partial;
	bool told;  /* start and len are known: an event that holds them was seen, */
	bool moved; /* transferred and error, too: that it ended was seen, or it has not */
	bool open;  /* of a synthetic request, and not released */
	uint64_t start, len, transferred; /* bytes */
	int32_t error;			  /* -errno as the kernel last had it */
	uint32_t attempts;		  /* SUBMTs */
	uint32_t retries;		  /* attempts after the first */
	uint32_t faults;		  /* that a proxy showed its commands */
	uint64_t conn, mid; /* of the last attempt; 0: unknown (mid 0 never carries I/O) */
	int32_t credits;    /* taken for the last attempt; -1: unknown */
	int32_t granted;    /* by its responses; -1: unknown */
	uint64_t first_ns, last_ns;
	struct attempt now;
	struct attempt shown;		 /* the last whole attempt, for drawing it */
	struct attempt tried[MAX_TRIED]; /* the first attempts, and in the last place the last */
	uint32_t nr_tried;		 /* attempts in all; may exceed MAX_TRIED */
	uint64_t stage_ns[STAGE_MAX];	 /* all attempts together; STAGE_UNKNOWN: cannot be known */
	void *room;			 /* of who reserved it: model_reserve() */
	UT_hash_handle hh;
};

#define MAX_FAILURES 16
#define RECENT	     16 /* a power of 2 */

struct failure {
	uint32_t sreq; /* 0: the request's own */
	uint8_t what;  /* raw netfs_failure */
	int32_t error;
};

/* A stored event of a request; only for requests the timeline wants. */
struct kept_event {
	struct kept_event *next;
	uint32_t sreq;	  /* the subrequest it is about; 0: the request */
	enum stage stage; /* in which that subrequest is after it; STAGE_MAX: none */
	struct ev_hdr ev; /* ev.size bytes in all; aligned as the records are */
};

struct request_key {
	uint32_t epoch, rreq;
	uint32_t synth; /* 1: rebuilt by us for a cifs without netfs; rreq is no R */
};

struct request {
	struct request_key key;
	uint8_t origin; /* raw netfs_io_origin; of a synthetic one: enum ev_io_origin */
	bool origin_known;
	bool write;
	bool partial;	/* already running when recording began */
	bool unbegun;	/* its first event was not seen: since when it ran is not known */
	bool freed;	/* FREE seen */
	bool lost;	/* records were lost during its life: what it shows may be incomplete */
	bool untimed;	/* its recording is, or an event of its: nothing of it has a duration */
	bool described; /* something other than a bare reference count was seen */
	bool placed;	/* start and len are known, */
	bool moved;	/* transferred, */
	bool own_error; /* and error: records of tracepoints alone do not hold it */
	bool sends;	/* what is sent for it is seen, */
	bool ends;	/* and its end */
	char fs[EV_FSNAME_LEN + 1];
	uint32_t dev;
	uint64_t ino;
	char *path; /* as the file was called when this was first seen; NULL: not known */
	uint64_t start, len, transferred; /* bytes */
	uint64_t i_size;		  /* of the file, when the request was made */
	bool sized;			  /* i_size is known */
	int32_t error;
	uint32_t tid, tgid; /* who began it; 0, with an empty comm: not known, as it is unbegun */
	char comm[EV_COMM_LEN + 1];
	uint64_t first_ns, last_ns;
	uint64_t prev_ns; /* of the event before the latest; 0: there is none */
	uint64_t done_ns; /* results handed to the caller (DONE, WR-DONE, COMPLET); 0: not seen */
	int32_t ref;	  /* last seen */
	struct {
		int32_t sum;	/* by counting from NEW */
		int32_t before; /* seen before the last */
		int32_t lowest;
		bool from_new;
	} refs;
	uint32_t open;	      /* of a synthetic one: its call, and the units not released */
	uint64_t released_ns; /* of its last unit */
	uint32_t nr_subrequests, retries;
	uint32_t faults;		   /* that a proxy showed its commands */
	uint64_t moves;			   /* events about its subrequests */
	struct subrequest *subrequests;	   /* hash by index, iterates in order of appearance */
	struct subrequest *recent[RECENT]; /* the latest of each index modulo RECENT */
	struct failure failure[MAX_FAILURES];
	uint32_t nr_failures; /* may exceed MAX_FAILURES */
	struct kept_event *events, **events_tail;
	uint32_t test;		     /* ordinal; 0: of none */
	enum claim claim;	     /* how that is known */
	uint64_t retire_ns;	     /* stream time from which it is handed on; 0: not over */
	struct request *prev, *next; /* of the retire queue */
	void *room;		     /* of who reserved it: model_reserve() */
	UT_hash_handle hh;
};

/* ---- commands ---- */

#define STATUS_PENDING			0x00000103u /* MS-ERREF: an interim response */
#define STATUS_MORE_PROCESSING_REQUIRED 0xc0000016u /* every first leg of an authentication */

struct command {
	uint64_t conn, mid, sesid;
	uint32_t tid;	     /* tree */
	uint16_t cmd;	     /* MS-SMB2 2.2.1.2 */
	uint32_t thread;     /* that built it */
	uint32_t rreq, sreq; /* 0: none */
	bool synth;
	uint32_t epoch;
	uint64_t enter_ns; /* 0: it was before the recording, or not recorded */
	uint64_t setup_ns, sent_ns, response_ns, done_ns;
	uint64_t arrived_ns; /* its answer, sealed; 0: not so, or not seen */
	uint64_t failed_ns;  /* not sent, or cut off by a reconnect */
	uint32_t interim;    /* STATUS_PENDING responses */
	int32_t sign_rc;     /* of smb2_verify_signature(); 0: verified, or not told of */
	uint32_t faults;     /* that a proxy showed it: EV_FAULT */
	uint32_t status;     /* NTSTATUS of the final response or of smb3_cmd_err */
	int32_t rc;
	uint32_t charge;  /* CreditCharge */
	uint32_t granted; /* by all its responses */
	bool answered, failed;
	bool heard, counted; /* else it is not known whether it is not answered; interim */
	bool header;	     /* of a response was seen: granted is known */
	bool untimed;	     /* its recording is, or an event of its */
	uint32_t test;	     /* ordinal; 0: of none */
	enum claim claim;
	bool in_ses, in_conn; /* in which tables */
	uint64_t retire_ns;
	struct command *next_unsent;
	struct command *prev, *next; /* retire queue */
	UT_hash_handle hh_ses, hh_conn;
};

const char *
smb2_command_name(uint16_t cmd); /* "READ"; "0x0013" style for unknown ones is the caller's */

/* ---- the recording ---- */

struct probe_info {
	enum probe_id id; /* by its name; PROBE_NONE: this version has none of it */
	char *name, *mechanism, *target, *reason, *without;
	uint32_t state;		     /* enum ev_probe_state */
	uint64_t hits, lost, missed; /* of EV_HITS; missed UINT64_MAX: not countable */
	uint64_t seen;		     /* records of it in this stream */
	bool counted;		     /* EV_HITS came */
};

/* A span in which I/O was not recorded, so that a module could be unloaded. */
struct parked {
	uint64_t from, to; /* stream time, ns; to is 0 while it lasts */
	bool cifs_only;	   /* other users of netfs were recorded */
	bool asked;	   /* somebody looked at the reference count, as rmmod does */
	bool open;	   /* the recording ended in it */
};

#define KLOG_KEPT 256

/* What cifs or netfs said in the kernel's log, or by a tracepoint that is about no request. */
struct klog {
	uint64_t ts;	/* stream time at which it was read, ns */
	uint64_t stamp; /* ns of printk's clock */
	uint32_t lost;	/* messages of anybody that were overwritten before it */
	char *text;
};

/* The last ones of them. */
struct klog_ring {
	struct klog klog[KLOG_KEPT];
	uint64_t nr; /* in all */
};

struct recording {
	char *netfsnoop, *host, *release, *version, *machine, *cmdline, *page_size, *boot_id;
	char *saved;	/* a flight recorder's window: for what, "slower: R=00000001 took 2.00 s" */
	char *nothing;	/* why no event, or with filters no request, was recorded; NULL */
	char *imported; /* from what, if it is no recording of ours; its clock is not ours either */
	bool untimed;	/* imported without time stamps: times give the order, and no duration */
	bool filtered;
	bool paths; /* names of files were recorded */
	/* its probes see whether commands are answered, interim responses too, and when they are sent */
	bool answers, headers, sends;
	bool endless; /* and none sees when requests end */
	uint32_t epoch;
	uint64_t start_ns, stop_ns; /* of EV_MARK_START and STOP; 0: not in the stream */
	uint64_t first_ns, now_ns;  /* stream time */
	uint64_t anchor_mono, anchor_boot, anchor_real; /* the first anchor */
	uint64_t records;
	uint64_t events;    /* of them: events of probes */
	uint64_t late;	    /* records out of time order */
	uint64_t lost;	    /* records counted as lost */
	bool lost_at_least; /* there are losses that could not be counted in full, or at all */
	uint64_t folio_events;
	uint64_t faults; /* that a proxy showed the client */
	struct probe_info *probes;
	uint32_t nr_probes;
	struct parked *parked;
	uint32_t nr_parked;
	struct klog_ring logged; /* messages of the kernel's log */
	struct klog_ring
		told;	   /* causes of -EIO and slow responses, as event/kinds.def words them */
	char *klog_unread; /* why the kernel's log was not read; NULL: it was */
};

/* ---- listening ---- */

/* A record and what it is about, looked up once for all who want to know. */
struct seen {
	const struct ev_hdr *ev;
	enum probe_id probe; /* this version's number of it; PROBE_NONE: of none it knows */
	enum name_id name;   /* of the event's enum: SREQ_SUBMIT, RWC_FREE_SUBREQ, ... */
	uint32_t sreq;	     /* by stamp, command or thread; 0: the request itself, or none */
	/* NULL: none. After the event, but for the task: it may have left its step in it. */
	const struct task *task;
	const struct conn *conn;
	const struct command *command;
	const struct request *r;
	const struct subrequest *s;
};

struct model_listener {
	/* Any may be NULL. Objects are valid during the call only. */
	int (*event)(void *ctx, const struct seen *seen);
	const uint8_t *kinds; /* EV_* that event() wants, ends with 0; NULL: all */
	int (*request)(void *ctx,
		       const struct request *r); /* over, or open at the end of the stream */
	int (*command)(void *ctx, const struct command *c);
	int (*lost)(void *ctx, const struct ev_lost *l);
	/* Over, in order of their marks: its requests have been handed on, but for those that hang.
	 */
	int (*test)(void *ctx, const struct test *t);
	int (*parked)(void *ctx, const struct parked *p); /* a span that is over */
	void *ctx;
};

/* Bytes in each object: the first are zeroed when it is made, those behind them are not. */
struct model_room {
	struct object_room {
		size_t zeroed, raw;
	} request, subrequest;
};

struct model_options {
	/* Keep this request's events for a timeline? Asked for each event; NULL: never. */
	bool (*keep)(void *ctx, const struct request *r);
	void *keep_ctx;
};

/* "RA" as the kernel prints it, "ra" for a synthetic one, "?" */
const char *request_origin(const struct names *n, bool synthetic, uint8_t origin);

int model_new(struct model **ret_m, const struct model_options *opts);
void model_free(struct model *m);
/* The listener is not copied. -ENOMEM. */
int model_listen(struct model *m, const struct model_listener *l);
/*
 * Makes room in each request and each subrequest for state that a listener keeps of it; it comes and
 * goes with the object. Sizes are multiples of 8. -EBUSY: there was an event already, or another has
 * reserved.
 */
int model_reserve(struct model *m, const struct model_room *room);
/* One record of the stream, in stream order. 0, -ENOMEM, or a listener's return value. */
int model_feed(struct model *m, const struct ev_hdr *ev);
/* No more events come: what has ended is handed on, what is open stays so. */
int model_settle(struct model *m);
/* End of the stream: everything still open is handed on. */
int model_finish(struct model *m);

/* Stream time at which the oldest request that is not over began; UINT64_MAX: none is open. */
uint64_t model_open_since(const struct model *m);
const struct recording *model_recording(const struct model *m);
/* The next of those that are kept, between from and to; *at begins at 0. */
const struct klog *klog_next(const struct klog_ring *r, uint64_t from, uint64_t to, uint64_t *at);
const struct names *model_names(const struct model *m);
const struct mount *model_mount(const struct model *m, uint32_t dev); /* NULL: unknown */
/* "/dir/file" as it is called now in the stream, see model/pathname.h; NULL: not known */
const char *model_path(const struct model *m, uint32_t dev, uint64_t ino);
/* "smb2_readv_callback+0x50f/0x5b0 [cifs]"; NULL: the trace does not name this address */
const char *model_symbol(const struct model *m, uint64_t addr);
/* What is open, and what is over and was not handed on yet; uthash list: r->hh.next */
const struct request *model_requests(const struct model *m);
const struct request *model_request(const struct model *m,
				    const struct request_key *key);		    /* NULL */
const struct subrequest *model_subrequest(const struct request *r, uint32_t index); /* NULL */
/* "waits for the server": what a subrequest that is not freed does, by its last attempt; static */
const char *subrequest_waits(const struct subrequest *s);
const struct conn *model_conns(const struct model *m); /* uthash list: c->hh.next */
/* The connection that has this id now, in the current epoch; NULL: unknown */
const struct conn *model_conn(const struct model *m, uint64_t id);
bool model_has_smb1(const struct model *m);
/* Did answers on that connection come encrypted? */
bool model_sealed(const struct model *m, uint64_t conn);
const struct mount *model_mounts(const struct model *m);	    /* uthash list: mnt->hh.next */
const struct task *model_tasks(const struct model *m);		    /* uthash list: t->hh.next */
const struct task *model_task(const struct model *m, uint32_t tid); /* NULL: unknown */
const struct probe_info *model_probe(const struct model *m, uint32_t id); /* NULL: no such */
/* Was this one on? What its events would tell is not known otherwise. */
bool recording_had(const struct recording *rec, enum probe_id id);
/* The command a response, mid or SMB event of this connection belongs to; NULL. */
const struct command *model_command(const struct model *m, uint64_t conn, uint64_t mid);

static inline void model_freep(struct model **m)
{
	model_free(*m);
}

/*
 * Does its reference count jump: are events of it missing, whatever the stream says of losses? Of
 * two CPUs the last two values may come swapped.
 */
bool request_jumps(const struct request *r);
/*
 * -errno of what became of it; 0: it went well, as far as was seen. Its own, or else that of the first subrequest that ended
 * with one, as 6.12 does not take every such error over. A read at the end of the file (-ENODATA) did not fail.
 */
int32_t request_outcome(const struct request *r);
/* Is a 0 of it known, as all that could have failed was seen to end? */
bool request_outcome_known(const struct request *r);
/* The same of one subrequest, as far as its request is concerned. */
int32_t subrequest_outcome(const struct subrequest *s);

/* Iterates a request's subrequests in order of first appearance. */
#define for_each_subrequest(r, s) \
	for (const struct subrequest *s = (r)->subrequests; s; s = s->hh.next)

#endif
