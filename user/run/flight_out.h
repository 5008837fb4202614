/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record --flight-recorder: which windows become files, under which names, and how many. Each
 * finding has a file of its own. All else that saves (what was slow, what failed, reconnects) may
 * come in thousands when a server stalls: what comes while a window is about to be saved is in it,
 * and windows that these save do not overlap.
 */
#ifndef NETFSNOOP_RUN_FLIGHT_OUT_H
#define NETFSNOOP_RUN_FLIGHT_OUT_H

#include "check/check.h"
#include "trace/flight.h"

struct flight_out_options {
	struct flight_options flight;
	const char *path;	/* of record's -o: "a.nsn" becomes "a-001.nsn" */
	unsigned int max_files; /* there are at most, whoever made them */
	/* After each; path NULL: it was not saved, as there are max_files. NULL: nobody asks. */
	void (*saved)(void *ctx, const char *path, const char *why);
	void *ctx;
};

struct flight_out;

/* o and m are borrowed. -ENOMEM */
int flight_out_new(struct flight_out **ret_f, const struct flight_out_options *o,
		   const struct model *m);
void flight_out_free(struct flight_out *f);
/* "30s,64M"; -EINVAL */
int flight_out_parse(const char *text, struct flight_options *ret);

int flight_out_add(struct flight_out *f, const struct ev_hdr *ev);
/* The window around it is saved, a second of stream time later, or at once. */
void flight_out_found(struct flight_out *f, const struct finding *finding, bool at_once);
/* The window around something else. */
void flight_out_event(struct flight_out *f, const char *why, bool at_once);
/* The window as it is, now: somebody asked for it. -errno with err set. */
int flight_out_now(struct flight_out *f, const char *why, struct err *err);
/* Saves what is due; all: whatever is waiting. -errno with err set. */
int flight_out_tick(struct flight_out *f, bool all, struct err *err);

struct flight_out_state {
	unsigned int saved, left_out; /* files; windows for which there was none any more */
	uint64_t bytes;		      /* of memory */
	const char *last;	      /* name of the last file; NULL: none */
};
struct flight_out_state flight_out_state(const struct flight_out *f);

static inline void flight_out_freep(struct flight_out **f)
{
	flight_out_free(*f);
}

#endif
