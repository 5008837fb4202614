/* SPDX-License-Identifier: GPL-2.0-only */
/* What the checks share, for user/check/ alone. */
#ifndef NETFSNOOP_CHECK_INSIDE_H
#define NETFSNOOP_CHECK_INSIDE_H

#include "check/check.h"

#define NS_PER_SEC ((uint64_t)1000000000)
#define NS_PER_MS  ((uint64_t)1000000)
/* Events of two CPUs may come in the wrong order by this much. */
#define HAIR_NS (5 * NS_PER_MS)

/* ---- tables: state by a pair of numbers, zeroed when made ---- */

struct cell {
	struct {
		uint64_t a, b;
	} key;
	UT_hash_handle hh;
	max_align_t data[];
};

struct table {
	struct cell *cells;
	size_t size; /* of the data of one cell */
};

void *table_find(const struct table *t, uint64_t a, uint64_t b);
void *table_get(struct table *t, uint64_t a, uint64_t b); /* NULL: no memory */
void table_del(struct table *t, uint64_t a, uint64_t b);
void table_clear(struct table *t);

static inline struct cell *cell_of(const void *data)
{
	return (struct cell *)((char *)data - offsetof(struct cell, data));
}

static inline uint64_t request_id(const struct request *r)
{
	return (uint64_t)r->key.epoch << 32 | r->key.rreq;
}

/* Forgets (request_id, index) for 0 and all its subrequests. */
void table_drop_request(struct table *t, const struct request *r);

/* ---- the engine's side ---- */

const struct model *check_model(const struct check *c);
const struct names *check_names(const struct check *c);
enum family check_family(const struct check *c);
uint64_t check_now(const struct check *c); /* stream time */
/*
 * ns of progress that the machine has made since then: stream time, less that in which it was too
 * busy to give threads and work items their turn. Limits of time are limits of this.
 */
uint64_t check_progress(const struct check *c, uint64_t since);
/* Is this event of the probe of that name? */
bool from_probe(const struct check *c, const struct ev_hdr *ev, const char *name);
/* Is the probe of that name on? */
bool check_has_probe(const struct check *c, const char *name);
/* Did records get lost, or come late, between the two times, as far as is known yet? */
bool check_lost(const struct check *c, uint64_t from, uint64_t to);

/*
 * Making a finding. Each call takes NULL too, so that only finding_raise() has to be asked about
 * memory. It concerns what happened from `from` to `ts`.
 */
struct finding *finding_new(struct check *c, const char *kind, uint64_t from, uint64_t ts);
void finding_request(struct finding *f, struct check *c, const struct request *r, uint32_t sreq);
/* The same, for what a subrequest alone shows: only its own time has to be whole. */
void finding_subrequest(struct finding *f, struct check *c, const struct request *r,
			const struct subrequest *s);
/* File, mount, test, and, where it has none yet, the task. Not NULL. */
void finding_file(struct finding *f, struct check *c, const struct request *r);
/* Adds the last TERM of each subrequest: what a total was made of. */
void finding_ends(struct finding *f, struct check *c, const struct request *r);
void finding_conn(struct finding *f, uint64_t conn);
void finding_mid(struct finding *f, uint64_t conn, uint64_t mid);
void finding_task(struct finding *f, const struct check *c, uint32_t tid);
void finding_place(struct finding *f, const struct check *c, uint64_t addr);
/* Adds what the open subrequests did last, and asks for the stacks of the tasks that may wait. */
void finding_hang(struct finding *f, struct check *c, const struct request *r);
void finding_doubt(struct finding *f, const char *doubt); /* static text; makes it inconclusive */
void finding_note(struct finding *f); /* nothing is broken: worth knowing, and no more */
void finding_bytes(struct finding *f, uint64_t lost); /* of a file's data */
__attribute__((format(printf, 2, 3))) void finding_expected(struct finding *f, const char *fmt,
							    ...);
__attribute__((format(printf, 2, 3))) void finding_observed(struct finding *f, const char *fmt,
							    ...);
__attribute__((format(printf, 2, 3))) void finding_explain(struct finding *f, const char *fmt, ...);
/* It has the signature of this one of known.def; where that kernel has it, it is no violation. */
enum known_id {
#define KNOWN(id, check, kind, kernels, what) KNOWN_##id,
#include "check/known.def"
#undef KNOWN
};
void finding_known(struct finding *f, const struct check *c, enum known_id id);
/* Adds SUBMT, response, callback and TERM of the latest attempt, and the latest events, of a request
 * (0) or of a subrequest. */
void finding_evidence(struct finding *f, struct check *c, uint64_t id, uint32_t sreq);
void finding_event(struct finding *f, struct check *c, const struct ev_hdr *ev);
/* Of one that is not raised, as it turned out to be none; NULL is fine. */
void finding_free(struct finding *f);
int finding_raise(struct finding *f, struct check *c);

/* Writes what an event says into a mark. false: it says nothing worth it. */
bool mark_event(struct mark *mark, const struct model *m, const struct ev_hdr *ev);

/* ---- small facts ---- */

/* MS-SMB2 2.2.1.2 */
enum {
	SMB2_READ = 8,
	SMB2_WRITE = 9,
	SMB2_LOCK = 10,
	SMB2_CANCEL = 12,
	SMB2_ECHO = 13,
	SMB2_CHANGE_NOTIFY = 15,
	SMB2_OPLOCK_BREAK = 18
};

/* enum mid_state of cifsglob.h, 6.1 to 7.3 */
enum { MID_RECEIVED = 0x04, MID_RETRY = 0x08, MID_MALFORMED = 0x10 };

#define CIFS_TIMEOUT_MASK 0x3 /* cifsglob.h, 6.1 to 7.3 */
#define CIFS_BLOCKING_OP  0x1 /* takes no credit */

static inline bool is_final(const struct ev_rsp *rsp)
{
	return rsp->status != STATUS_PENDING;
}

/* ---- what a file system's own code leaves out of the stream (leaves.c) ---- */

enum {
	LEFT_READ_SUBMIT = 1, /* SUBMT of some or all reads from the server */
	LEFT_RETRY = 2,	      /* RETRY before a read or write is sent again */
};

unsigned int left_out(const struct check *c, const struct request *r);
/* A read of which it cannot be known how often it was sent. */
bool says_no_submit(const struct check *c, const struct request *r, const struct subrequest *s);
/* Counts it among what the check has not judged for that reason; the closing table says so. */
void check_leave(struct check *c, const struct request *r);
/*
 * Follows who waits for a request to be woken: WAIT-IP, up to DONE-IP (7.x) or the put that follows
 * the wait. *tid is its thread, or 0.
 */
void waiter_note(uint32_t *tid, const struct check_event *ce);
#define STATUS_SEVERITY(status) ((status) >> 30)
#define SEVERITY_STATUS_ERROR	3
#define STATUS_END_OF_FILE	0xc0000011u /* MS-ERREF 2.3.1 */

/* The server did not do a READ or WRITE; the end of the file is no refusal. */
static inline bool is_refusal(const struct ev_rsp *rsp)
{
	return is_final(rsp) && STATUS_SEVERITY(rsp->status) == SEVERITY_STATUS_ERROR &&
	       rsp->status != STATUS_END_OF_FILE &&
	       (rsp->cmd == SMB2_READ || rsp->cmd == SMB2_WRITE);
}

enum request_way {
	WAY_UNKNOWN,
	WAY_READ_BUFFERED,
	WAY_READ_DIRECT,
	WAY_WRITEBACK,
	WAY_WRITE_DIRECT,
	WAY_WRITETHROUGH,
	WAY_TO_CACHE
};
enum request_way way_of(const struct check *c, const struct request *r);

#endif
