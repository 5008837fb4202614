/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The checks: rules that the kernel's netfs library and SMB client keep, judged by the model's
 * stream alone. No clock, no /proc, no symbol files: live and on a file they find the same.
 *
 * One file per check, one table of them (registry.c), one listener that feeds them (engine.c).
 */
#ifndef NETFSNOOP_CHECK_H
#define NETFSNOOP_CHECK_H

#include "model/model.h"

struct engine;
struct check;

enum severity { SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_CRITICAL };
enum verdict {
	VERDICT_VIOLATION,
	VERDICT_INCONCLUSIVE,
	VERDICT_KNOWN, /* a violation, by a defect of this kernel that known.def has */
	VERDICT_NOTE,  /* nothing is broken, but whoever looks may want to know */
};

const char *severity_name(enum severity s);
const char *verdict_name(enum verdict v);

/* Kernels that behave alike, told apart by the names their enums have, never by a version. */
enum family {
	FAMILY_NONE = 0,	/* cifs does not use netfs for its I/O: 6.1 */
	FAMILY_DONATE = 1,	/* reads end one by one and donate data to their neighbours: 6.12 */
	FAMILY_COLLECT = 2,	/* a collector consumes what has ended in order: 7.x */
	FAMILY_ANY = 4 | 1 | 2, /* for check_ops.families: also where cifs does not use netfs */
	FAMILY_NETFS = 1 | 2,
};

enum family family_of(const struct names *n);
/* "7.x, 6.12": the kernels of check_ops.families; static */
const char *families_text(unsigned int families);

/* ---- findings ---- */

#define MAX_EVIDENCE 12
#define MAX_PLACES   4

struct mark {
	uint64_t ts;
	uint32_t tid;
	char text[64]; /* "SUBMT 0/65536", "rd-resp-add +4" */
};

/* What a subrequest that is not freed did last. */
struct last_step {
	uint32_t sreq;
	const char *waits; /* what for; static */
	struct mark mark;
};

#define MAX_STEPS  16
#define MAX_STACKS 24

/* A task's kernel stack, as the stream has it; ev.hdr.size bytes in all. */
struct finding_stack {
	struct finding_stack *next;
	struct ev_waiter ev;
};

struct finding {
	const struct check_ops *check;
	const char *kind; /* which part of the rule; static */
	enum verdict verdict;
	const char *doubt; /* why it is inconclusive, or what is known of it; NULL: a violation */
	uint32_t epoch, rreq, sreq;
	bool synth; /* rreq is none of netfs, but ours */
	uint64_t conn, mid;
	bool has_mid;
	char fs[EV_FSNAME_LEN + 1];
	char mount[128];
	uint32_t dev;
	uint64_t ino;
	char *path; /* of that file, as it was called then; NULL: not known */
	/* Without a request: the file systems (dev) whose I/O its connection carries; may exceed
	 * MAX_PLACES. */
	uint32_t places[MAX_PLACES];
	unsigned int nr_places;
	uint32_t test; /* in which it happened: ordinal, 0: in none */
	uint32_t tid, tgid;
	char comm[EV_COMM_LEN + 1];
	char place[192]; /* "smb2_readv_callback+0x50f/0x5b0 [cifs]", or empty */
	uint64_t place_addr;
	uint64_t time_ns;  /* of the event that shows it */
	uint64_t from_ns;  /* from where on the stream had to be whole to judge */
	uint64_t until_ns; /* to where the stream had to be whole, if later; 0: it is not */
	uint64_t last_ns;  /* of the latest repeat */
	char expected[200], observed[300], explanation[240];
	struct mark evidence[MAX_EVIDENCE];
	unsigned int nr_evidence;
	struct last_step step[MAX_STEPS];
	unsigned int nr_steps; /* may exceed MAX_STEPS */
	bool wants_stacks;     /* of the tasks that may wait: the recorder is to take them */
	struct finding_stack *stacks;
	unsigned int nr_stacks;
	uint64_t count;
	uint64_t bytes;	    /* of a file that are lost, with all repeats; 0: none, or not known */
	uint64_t settle_ns; /* stream time at which losses up to time_ns are known */
	struct finding *prev, *next;
};

/* ---- what a check is ---- */

/*
 * Of check_ops.wants: all events of a kind (EV_SREQ), those of one probe of it (EV_CREDIT |
 * FROM(P_smb3_pend_credits)), or those that say one thing (EV_SREQ | SAYS(SREQ_SUBMIT)).
 */
#define FROM(probe) ((uint32_t)(probe) << 8)
#define SAYS(name)  ((uint32_t)(name) << 20)
_Static_assert(PROBE_MAX < 1 << 12 && NAME_ID_MAX < 1 << 12, "they fit");
#define WANTS(...) ((const uint32_t[]){ __VA_ARGS__, 0 })

struct check_ops {
	const char *id;
	enum severity severity;
	const char *title;
	const char *rule;	  /* one sentence */
	const char *why;	  /* it matters */
	const char *next;	  /* what to look at */
	const char *limits;	  /* what it does not find, by design */
	const char *bugs;	  /* past ones of this kind */
	const char *example;	  /* a real finding, as `check` printed it */
	const char *judges[2];	  /* what its rule is applied to: "retry", "retries" */
	const char *const *needs; /* probes, alternatives as "a|b"; ends with NULL */
	const uint32_t *wants;	  /* what event() is called for: WANTS(EV_SREQ, ...) */
	unsigned int families;
	bool commands;		 /* judges SMB commands, which nobody sees of SMB 1 */
	size_t state_size;	 /* of the check */
	size_t request_state;	 /* and what it keeps of each request, */
	size_t subrequest_state; /* and of each subrequest: state_get() */
	void (*init)(struct check *c);
	/* Any may be NULL. 0 or -ENOMEM. */
	int (*event)(struct check *c, const struct seen *ce);
	/* A state that was made goes, with its object. */
	void (*forget_request)(struct check *c, void *state);
	void (*forget_subrequest)(struct check *c, void *state);
	int (*request)(struct check *c, const struct request *r);
	int (*command)(struct check *c, const struct command *cmd);
	int (*tick)(struct check *c, uint64_t now); /* about every second of the stream */
	int (*finish)(struct check *c);
	void (*free)(struct check *c);
};

/* Where in the room of requests and subrequests, in bytes. */
struct room_at {
	size_t request, subrequest;
};

struct check {
	const struct check_ops *ops;
	struct engine *e;
	void *state;	   /* ops->state_size, zeroed */
	struct room_at at; /* of its states */
	bool wanted;
	bool active; /* its probes are on and the kernel is one it knows */
	bool smb1;   /* nothing of SMB 1 is among what it judged, and there was some */
	bool later;  /* not active, as the recording is of a version that had no such probe */
	char missing[200];
	char note[160];	 /* for the closing table: "12 reverts, 3 not decidable" */
	uint64_t judged; /* how many ops->judges; 0: its being silent says nothing */
	uint64_t violations, inconclusive, known, notes;
	uint64_t lost;	    /* records that it may have needed */
	bool lost_at_least; /* or more than these, or an unknown number */
	uint64_t left;	    /* not judged, as the file system's own code leaves out what it takes */
	char left_fs[16];   /* of the first of them */
};

extern const struct check_ops *const checks[]; /* ends with NULL */
const struct check_ops *check_find(const char *id);

/* ---- the engine ---- */

struct engine_options {
	const char *only; /* "a,b": these checks; NULL: all */
	/* A finding the first time it is seen, when it is settled. NULL: look at them at the end.
	 */
	int (*found)(void *ctx, const struct finding *f);
	/*
	 * Live: a finding that wants stacks, when it is raised. What comes into the stream soon as
	 * EV_WAITER is part of it. NULL: nobody takes any.
	 */
	void (*stacks)(void *ctx, const struct finding *f);
	void *ctx;
};

/*
 * -EINVAL: `only` names no check. -EBUSY: the model has seen events, or has an engine. m and opts are
 * borrowed.
 */
int engine_new(struct engine **ret_e, struct model *m, const struct engine_options *opts);
void engine_free(struct engine *e);
const struct model_listener *engine_listener(struct engine *e);
/* After model_finish(). */
int engine_finish(struct engine *e);
const struct finding *engine_findings(const struct engine *e); /* ->next, in order of stream time */
const struct check *engine_checks(const struct engine *e, size_t *ret_n);
/* Findings of kinds there was no room to keep apart. */
uint64_t engine_dropped(const struct engine *e);

static inline void engine_freep(struct engine **e)
{
	engine_free(*e);
}

#endif
