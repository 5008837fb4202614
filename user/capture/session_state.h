/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two halves of a recording share: session.c begins and ends it, session_loop.c is between. */
#ifndef NETFSNOOP_SESSION_STATE_H
#define NETFSNOOP_SESSION_STATE_H

#include "capture/child.h"
#include "capture/faults.h"
#include "capture/idle.h"
#include "capture/kmsg.h"
#include "capture/records.h"
#include "capture/session.h"
#include "capture/spare.h"
#include "capture/testenv.h"
#include "capture/witness.h"

#define NSEC_PER_SEC	  1000000000ULL
#define SESSION_ANCHOR_NS (60 * NSEC_PER_SEC)

struct session {
	const struct session_options *opts;
	const struct session_ops *ops;
	struct attachment *probes;
	struct merge *merge;
	struct child child;
	struct witness witness;
	struct session_stats stats;
	struct settings settings;
	struct priority priority;
	struct spare spare;
	struct attach_options attach; /* opts->attach, with what the collector needs */
	uint64_t
		interrupted_ns; /* the last signal that asks to end; 0: none. A second one does not wait for the command */
	uint64_t start_ns, stop_ns, next_tick, next_second, next_anchor;
	struct mount_use mounts;
	uint64_t idle_since, next_attach;
	uint64_t asked;	      /* reference counts looked at before it became idle */
	bool used;	      /* since the last attach: only then can it become idle */
	bool without_cifs;    /* what is attached leaves the SMB client alone */
	bool attached;	      /* at some time */
	uint64_t requests;    /* events of requests */
	uint64_t drained;     /* records */
	uint64_t drained_ns;  /* when the last one came */
	uint64_t next_little; /* when a little may be worked up again */
	bool quiet;
	bool urgent; /* somebody waits: all is worked up at the next tick */
	struct tests *tests;
	struct testenv testenv;
	int epoll_fd, signal_fd, mounts_fd;
	struct kmsg kmsg;
	struct faults *faults; /* NULL: none are told */
	bool stop;
};

/* Records of the recorder's own, into the merge. */
struct record_sink session_sink(struct session *s);
/* What the object of tests has seen, at once: a process whose environment is asked for may be gone soon. */
int session_drain_tests(struct session *s);
/* Hands on what was collected, as far as it is old enough to be in order. */
int session_pump(struct session *s);
/* The kernel may be about to die: what is known goes out as soon as it is in order. */
void session_hurry(struct session *s);
/* Attaches, says so in the stream as `mark`, and only then lets events through. */
int session_attach(struct session *s, enum ev_mark mark, bool without_cifs, struct err *err);
/* Recording off, everything out of the rings and out of the kernel. */
int session_let_go(struct session *s, enum ev_parked why);
/* Until a signal, the end of the command or of the time. */
int session_loop(struct session *s);

#endif
