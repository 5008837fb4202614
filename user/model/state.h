/* SPDX-License-Identifier: GPL-2.0-only */
/* The inside of struct model, for user/model/ alone: one file per kind of object. */
#ifndef NETFSNOOP_MODEL_STATE_H
#define NETFSNOOP_MODEL_STATE_H

#include "base/spares.h"
#include "event/kinds.h"
#include "model/model.h"

/*
 * Events of one request come from several CPUs and end after its FREE (the rest of a callback, the
 * record of a loss), so an object is handed on only when the stream is this much further.
 */
#define RETIRE_NS      (250 * 1000000ULL)
#define MAX_LISTENERS  8 /* bits of model.hears[] */
#define MAX_LOSS_SPANS 64

struct loss_span {
	uint64_t from, to;
};

struct retire_list {
	struct request *requests; /* utlist, oldest first */
	struct command *commands;
};

/* What the last events were about, by the low bits of its number. */
#define NEAR 256
struct near {
	struct task *task[NEAR];
	struct request *request[NEAR];
	struct conn *conn[NEAR];
};

/* An event of a probe, and what it is about: struct seen, for the model that changes it. */
struct about {
	const struct ev_hdr *ev;
	enum probe_id probe;
	enum name_id name;
	uint32_t sreq;
	struct task *t;
	struct conn *conn; /* the rest may be NULL */
	struct command *c; /* of the response side */
	struct request *r;
	struct subrequest *s;
};

/* What the model made of an event is what its listeners see, without a copy. */
union sight {
	struct about about;
	struct seen seen;
};

_Static_assert(offsetof(struct about, conn) == offsetof(struct seen, conn) &&
		       offsetof(struct about, s) == offsetof(struct seen, s) &&
		       sizeof(struct about) == sizeof(struct seen),
	       "the same fields");

struct model {
	struct model_options opts;
	const struct model_listener *listener[MAX_LISTENERS];
	int nr_listeners;
	uint8_t hears[256]; /* bits by kind of record: which listeners' event() wants it */
	struct recording rec;
	struct names *names;
	struct near near;
	struct model_room room;
	struct {
		struct spares requests, subrequests, commands;
	} spare;
	struct task *tasks;
	struct mount *mounts;
	struct file_name *files;
	struct symbol *symbols;
	struct conn *conns;
	struct request *requests;
	struct command *by_ses;	 /* (sesid, mid) */
	struct command *by_conn; /* (conn, mid), once a setup told the connection */
	struct retire_list retire;
	struct loss_span loss[MAX_LOSS_SPANS]; /* the latest, as a ring */
	uint64_t nr_loss;
	uint64_t forgotten_to; /* where the spans pushed out of the ring ended */
	struct test **tests;   /* by ordinal - 1, in order of their marks */
	uint32_t nr_tests, nr_tests_over, nr_running;
	uint32_t tests_before; /* of the run, in earlier files: results count from its first test */
	struct runner *runners;
	struct proc *procs, *exited;
	bool procs_lost;      /* records of processes: their tests may have ended unseen */
	uint64_t stranger_ns; /* the last event of a process that is of no test, while one ran */
	uint64_t events_outside, events_ambiguous;
	uint32_t event_test; /* of the event in hand */
	enum claim event_claim;
};

/* Zeroed, with a room behind it. NULL: no memory. */
void *object_new(struct spares *spares, size_t size, const struct object_room *room);

/* host.c: who and where; all return 0 or -ENOMEM */
int host_event(struct model *m, const struct ev_hdr *ev);
void host_free(struct model *m);
struct task *task_get(struct model *m, uint32_t tid); /* makes an unnamed one; NULL: no memory */

/* Replaces *dst by a copy. -ENOMEM */
int set_text(char **dst, const char *text);

/* symbol.c */
int symbol_add(struct model *m, const struct ev_sym *ev);
void symbol_free_all(struct model *m);

/* resolve.c */
/* Looks it all up; makes task, connection and request where the event is the first of it. -ENOMEM */
int resolve(struct model *m, const struct ev_hdr *ev, struct about *ret_a);
struct task *resolve_task(const struct model *m, uint32_t tid); /* NULL: unknown */
struct conn *resolve_conn(const struct model *m, uint64_t id);	/* of this epoch; NULL */
struct request *request_find(const struct model *m, uint32_t rreq, bool synth); /* the same */
/* They are about to be freed: all tasks, or this request. */
void resolve_forget_tasks(struct model *m);
void resolve_forget_request(struct model *m, const struct request *r);

/* unseal.c */
void unseal_event(struct conn *c, struct task *t, const struct ev_decrypt *ev);
/* When that answer was there, which this thread has decrypted; 0: not known, or not this one. */
uint64_t unseal_arrived(const struct task *t, uint64_t mid);

/* conn.c */
/* Is what it answers sealed? */
void conn_callback(struct model *m, const struct ev_callback *ev);
void conn_event(struct model *m, const struct about *a);
struct conn *conn_get(struct model *m, uint64_t id); /* NULL: no memory */
void conn_free_all(struct model *m);

/* request.c */
/* Makes it, which is not there, if this kind of event can be a request's first; NULL. */
struct request *request_begin(struct model *m, const struct about *a, uint32_t rreq, bool synth,
			      int *ret_rc);
/* a->r is not NULL; a->s is what the event is about after it. -ENOMEM */
int request_event(struct model *m, struct about *a);
/* The same, where opts.keep is set. */
int request_keep(struct model *m, const struct about *a);
void request_free(struct model *m, struct request *r);

/* subrequest.c */
struct subrequest *subrequest_find(const struct request *r, uint32_t index);
struct subrequest *subrequest_get(struct model *m, struct request *r, const struct ev_hdr *ev,
				  uint32_t index);
void subrequest_event(struct model *m, const struct about *a);
/* It is submitted: another attempt, if it was before. */
void subrequest_submit(struct subrequest *s, uint64_t ts);
/* A response header, found through its command. */
/* @arrived: sealed, and when; 0: it was not, or it is not known */
void subrequest_response(struct subrequest *s, const struct ev_rsp *ev, uint64_t arrived);
/* Where it is now; t is the thread that works on it. */
enum stage subrequest_stage(const struct subrequest *s, const struct task *t);
/* Books the stages of the attempt that ends here. */
void subrequest_fold(struct subrequest *s);

/* cifs_io.c: a cifs without netfs; s is NULL for events of the call */
void cifs_io_event(struct model *m, struct request *r, struct subrequest *s, struct task *t,
		   const struct ev_cifs_io *ev);

/* command.c */
int command_event(struct model *m, const struct about *a);
/* The command an event of the response side is about; NULL. */
struct command *command_of(const struct model *m, const struct ev_hdr *ev);
/* Takes it out of every table and list, and frees it. */
void command_free(struct model *m, struct command *c);
/* The connection is being rebuilt: what waited on it gets no answer. */
void command_reconnect(struct model *m, uint64_t conn, uint64_t ts);

/* test.c; all return 0, -ENOMEM or a listener's return value */
int test_event(struct model *m, const struct ev_hdr *ev);
/* Books an event of a probe. */
int test_count(struct model *m, const struct about *a);
void test_request_begins(struct model *m, struct request *r, const struct ev_hdr *ev);
void test_request_ends(struct model *m, const struct request *r);
void test_command_begins(struct model *m, struct command *c, const struct ev_hdr *ev);
void test_command_ends(struct model *m, const struct command *c);
/* Hands on the tests that are over. */
int test_retire(struct model *m);
int test_retire_all(struct model *m);
void test_free_all(struct model *m);

/* retire.c: the hand-over to listeners, once stream time has passed */
int retire_due(struct model *m);
/* Can there be anything due? */
static inline bool retire_concerns(const struct model *m)
{
	const struct retire_list *l = &m->retire;

	return (l->requests && l->requests->retire_ns <= m->rec.now_ns) ||
	       (l->commands && l->commands->retire_ns <= m->rec.now_ns) || m->exited ||
	       m->nr_tests_over < m->nr_tests;
}

int retire_ended(struct model *m);
int retire_all(struct model *m);

/* Hands a request or command to the retire queue. */
void retire_request(struct model *m, struct request *r, uint64_t ts);
void retire_command(struct model *m, struct command *c, uint64_t ts);
void loss_note(struct model *m, const struct ev_lost *ev);
/* Some records of that time are not in the stream. */
void loss_span(struct model *m, uint64_t from, uint64_t to);

/* path.c; 0 or -ENOMEM */
int path_event(struct model *m, const struct ev_path *ev);
int path_take(const struct model *m, struct request *r);
void path_free_all(struct model *m);

/* klog.c; 0 or -ENOMEM */
int klog_event(struct model *m, const struct ev_klog *ev);
/* EV_EIO, EV_SLOW_RSP */
int told_event(struct model *m, const struct ev_hdr *ev);
void klog_free(struct recording *r);

/* parking.c */
int parking_event(struct model *m, const struct ev_mark_rec *ev);
int parking_finish(struct model *m);

#endif
