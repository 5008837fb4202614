/* SPDX-License-Identifier: GPL-2.0-only */
/* One request as a person reads it: head, a lane per subrequest, a line per event. */
#ifndef NETFSNOOP_VIEW_TIMELINE_H
#define NETFSNOOP_VIEW_TIMELINE_H

#include "model/why.h"

struct timeline_options {
	bool colour;
	unsigned int width; /* columns; at least 80 */
	unsigned int
		height;	 /* lines that one may take; of a longer one parts are left out; 0: any */
	bool lanes_only; /* without the events */
	uint32_t sreq;	 /* only this subrequest and the request's own events; 0: all */
	const struct why *why; /* to be asked what it waited for; NULL: nobody is */
};

/*
 * Prints a request whose events the model kept. Times are relative to its first event. Its own lane
 * is = until its caller had the result, then . until it was freed.
 * The letters of a lane: p prepare, w credit wait, s send, - on the wire, c callback, k collection,
 * r earlier attempts. -errno of the stream.
 */
int timeline_print(FILE *out, const struct model *m, const struct request *r,
		   const struct timeline_options *opts);

/* A line that stands between requests. -errno of the stream. */
int timeline_parked(FILE *out, const struct parked *p);

#endif
