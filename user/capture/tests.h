/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The marks of an xfstests run (bpf/tests.bpf.c). They pin no module, so they stay attached from
 * the first attach to the end of the recording, through every parking.
 */
#ifndef NETFSNOOP_TESTS_H
#define NETFSNOOP_TESTS_H

#include "capture/loader.h"
#include "capture/records.h"

struct tests;

/* Loads and attaches what the kernel offers. Never an error of the recording: *ret_t may be NULL.
 */
int tests_new(struct tests **ret_t);
void tests_free(struct tests *t);
void tests_enable(struct tests *t, bool on);
/* Marks the probes that could not be had in the plan, with the reason; t may be NULL. */
void tests_plan(const struct tests *t, struct plan *plan);
/* Are start marks seen as they are written? If not, /dev/kmsg has them. */
bool tests_sees_marks(const struct tests *t);
/* Readable when a mark or an exec waits; -1 for NULL. */
int tests_epoll_fd(const struct tests *t);
int tests_drain(struct tests *t, record_fn fn, void *ctx);
/* New losses since the last call become EV_LOST records; *lost counts them. */
int tests_note_losses(struct tests *t, const struct record_sink *to, uint64_t *lost);
/* EV_HITS of its probes, once, at the end. */
int tests_hits(const struct tests *t, const struct record_sink *to);

#endif
