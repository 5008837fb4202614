/* SPDX-License-Identifier: GPL-2.0-only */
/* What the checks share, for user/check/ alone. */
#ifndef NETFSNOOP_CHECK_INSIDE_H
#define NETFSNOOP_CHECK_INSIDE_H

#include "base/clock.h"
#include "base/spares.h"
#include "check/check.h"

/* Events of two CPUs may come in the wrong order by this much. */
#define HAIR_NS (5 * NS_PER_MS)

/* ---- what a check keeps of a request or subrequest, zeroed when made ---- */

/*
 * It lies in the room of the object (model_reserve()), as large as check_ops says, and goes with it;
 * s NULL: the request's own. Nothing has to be looked up for it.
 */
struct state {
	uint64_t made;
	char data[];
};

static inline struct state *state_at(const struct check *c, const struct request *r,
				     const struct subrequest *s)
{
	char *room = s ? s->room : r->room;

	return (void *)(room + (s ? c->at.subrequest : c->at.request));
}

static inline void *state_get(const struct check *c, const struct request *r,
			      const struct subrequest *s)
{
	struct state *st = state_at(c, r, s);

	st->made = 1;
	return st->data;
}

/* NULL: it was not made. */
static inline void *state_find(const struct check *c, const struct request *r,
			       const struct subrequest *s)
{
	struct state *st = state_at(c, r, s);

	return st->made ? st->data : NULL;
}

void state_drop(const struct check *c, const struct request *r, const struct subrequest *s);

/* ---- tables, for what is of no request: state by a pair of numbers, zeroed when made ---- */

struct cell {
	struct {
		uint64_t a, b;
	} key;
	UT_hash_handle hh;
	max_align_t data[];
};

#define TABLE_NEAR 64

struct table {
	struct cell *cells;
	size_t size;		       /* of the data of one cell */
	struct cell *near[TABLE_NEAR]; /* that were asked for last */
	struct spares spares;
};

void *table_search(struct table *t, uint64_t a, uint64_t b); /* of table_find() */
void *table_make(struct table *t, uint64_t a, uint64_t b);   /* of table_get() */
void table_del(struct table *t, uint64_t a, uint64_t b);
void table_clear(struct table *t);

static inline struct cell **table_near(struct table *t, uint64_t a, uint64_t b)
{
	return &t->near[(a ^ b) % TABLE_NEAR];
}

static inline void *table_find(struct table *t, uint64_t a, uint64_t b)
{
	struct cell *c = *table_near(t, a, b);

	return c && c->key.a == a && c->key.b == b ? c->data : table_search(t, a, b);
}

/* NULL: no memory */
static inline void *table_get(struct table *t, uint64_t a, uint64_t b)
{
	void *data = table_find(t, a, b);

	return data ? data : table_make(t, a, b);
}

static inline uint64_t request_id(const struct request *r)
{
	return (uint64_t)r->key.epoch << 32 | r->key.rreq;
}

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
/* Is the probe of that name on? */
bool check_has_probe(const struct check *c, const char *name);
/* How often that probe ran, as far as the recording has told yet; 0: unknown. */
uint64_t check_probe_hits(const struct check *c, const char *name);
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
/* The same of the file that a record of writeback errors is about. */
void finding_inode(struct finding *f, const struct check *c, const struct ev_wb_err *ev);
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
void finding_evidence(struct finding *f, struct check *c, const struct request *r, uint32_t sreq);
void finding_event(struct finding *f, struct check *c, const struct ev_hdr *ev);
/* Of one that is not raised, as it turned out to be none; NULL is fine. */
void finding_free(struct finding *f);
int finding_raise(struct finding *f, struct check *c);

/* Writes what an event says into a mark. false: it says nothing worth it. */
bool mark_event(struct mark *mark, const struct model *m, const struct ev_hdr *ev);

/* ---- small facts ---- */

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
void waiter_note(uint32_t *tid, const struct seen *ce);
#define STATUS_SEVERITY(status)	     ((status) >> 30)
#define SEVERITY_STATUS_ERROR	     3
#define KERNEL_ERESTARTSYS	     512	 /* include/linux/errno.h */
#define KERNEL_ERESTART_RESTARTBLOCK 516	 /* the same */
#define STATUS_END_OF_FILE	     0xc0000011u /* MS-ERREF 2.3.1 */

/* Nothing that a server or network could do, but a signal, or a lack of memory. */
static inline bool is_local_error(int32_t error)
{
	return error == -EINTR || error == -ENOMEM ||
	       (error <= -KERNEL_ERESTARTSYS && error >= -KERNEL_ERESTART_RESTARTBLOCK);
}

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
