/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a request took its time: which stage of its last subrequest dominated, and what that waited
 * for. Asked when the request is over, answered from it and from the commands around it.
 */
#ifndef NETFSNOOP_WHY_H
#define NETFSNOOP_WHY_H

#include "model/model.h"

struct why;

/* m is borrowed. -ENOMEM. */
int why_new(struct why **ret_w, const struct model *m);
void why_free(struct why *w);
/* Listens before whoever asks. */
const struct model_listener *why_listener(const struct why *w);

struct why_text {
	char s[224]; /* "164 ms of 180 ms on the wire: ..."; empty: not known */
};

/* Of a request that is over, while it is handed on. */
struct why_text why_request(const struct why *w, const struct request *r);

static inline void why_freep(struct why **w)
{
	why_free(*w);
}

#endif
