/* SPDX-License-Identifier: GPL-2.0-only */
/* What the environment of a running test's script says of the test. */
#ifndef NETFSNOOP_TESTENV_H
#define NETFSNOOP_TESTENV_H

#include "capture/records.h"

/* The script that the latest start mark announces; zeroed at first. */
struct testenv {
	char comm[EV_COMM_LEN]; /* of its process; empty: none is awaited */
};

/*
 * Takes the records of bpf/tests.bpf.c as they leave the ring, before they are in order: the script
 * may be gone soon. Adds an EV_TEST_ENV for each script that still lives. 0 or the sink's error.
 */
int testenv_note(struct testenv *te, const struct ev_hdr *ev, const struct record_sink *to);

#endif
