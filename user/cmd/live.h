/* SPDX-License-Identifier: GPL-2.0-only */
/* The checks beside a recording: what they find goes to standard error as it is found. */
#ifndef NETFSNOOP_CMD_LIVE_H
#define NETFSNOOP_CMD_LIVE_H

#include "base/base.h"
#include "bpf/event.h"

struct live_check;

int live_check_new(struct live_check **ret_l);
void live_check_free(struct live_check *l);
/* A record of the stream. Never stops the recording: what goes wrong is told at the end. */
void live_check_feed(struct live_check *l, const struct ev_hdr *ev);
/* The closing table; *ret_found says whether there was a violation. 0 or -errno. */
int live_check_finish(struct live_check *l, bool *ret_found);

static inline void live_check_freep(struct live_check **l)
{
	live_check_free(*l);
}

#endif
