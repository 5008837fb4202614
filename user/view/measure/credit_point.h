/* SPDX-License-Identifier: GPL-2.0-only */
/* The credits of a connection over time: a point for each event that shows its pools. */
#ifndef NETFSNOOP_VIEW_CREDIT_POINT_H
#define NETFSNOOP_VIEW_CREDIT_POINT_H

#include "model/model.h"

struct credit_point {
	const struct conn *conn;
	uint64_t time_ns;
	uint32_t tid;
	const char *what;	       /* "wait_mtu", "add", ...; of a tracepoint its name */
	bool entry;		       /* a call begins; else it has ended */
	int32_t value;		       /* credits asked for, taken, added, set, or changed by */
	int32_t rc;		       /* of the call */
	int32_t credits, echo, oplock; /* the pools after it; echo, oplock -1: not known */
	int32_t in_flight;	       /* requests sent and not answered */
	uint32_t instance;	       /* of the connection; 0: not known */
	uint32_t rreq, sreq;	       /* it was for; 0: none, or not known */
	bool synth;		       /* rreq is none of netfs */
};

/*
 * Is this event one? Where functions that change credits are probed, theirs are the points, as the
 * credit tracepoints tell the same once more, and less of it.
 */
bool credit_point_of(const struct model *m, const struct ev_hdr *ev, struct credit_point *ret);

#endif
