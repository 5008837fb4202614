/* SPDX-License-Identifier: GPL-2.0-only */
/* Which events are recorded: what the BPF programs compare. */
#ifndef NETFSNOOP_CAPTURE_FILTER_H
#define NETFSNOOP_CAPTURE_FILTER_H

#include "base/base.h"
#include "bpf/event.h"

struct capture_filter {
	uint32_t dev; /* kernel encoding; 0: any */
	uint32_t tgid;
	uint64_t ino;
	char fs[EV_FSNAME_LEN];
};

static inline bool capture_filters(const struct capture_filter *f)
{
	return f->dev || f->tgid || f->ino || f->fs[0];
}

/* The type and the mount point, as the user names them; NULL: any. -errno with err set. */
int capture_filter_names(struct capture_filter *f, const char *fs, const char *mount,
			 struct err *err);

#endif
