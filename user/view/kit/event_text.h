/* SPDX-License-Identifier: GPL-2.0-only */
/* One event in the kernel's own words. */
#ifndef NETFSNOOP_VIEW_EVENT_TEXT_H
#define NETFSNOOP_VIEW_EVENT_TEXT_H

#include "model/model.h"

struct event_text {
	char what[40];	  /* "SUBMT", "GET SUBREQ", "READ enter", "wait_mtu done" */
	char bytes[24];	  /* "65536", "4096/65536" done of asked, or empty */
	char credits[16]; /* "+33", "-4", "=4" held, or empty */
	char detail[160]; /* what else it says: "e=-11 r=2", "mid 7 status 00000103" */
};

void event_text(struct event_text *ret, const struct model *m, const struct ev_hdr *ev);

/* "! short-read: READ 17 of R=0000000a[1]: returned 4096 of 65536 bytes": an EV_FAULT and whom it met, escaped. */
struct fault_name {
	char s[300];
};
struct fault_name fault_name(const struct seen *seen);

#endif
