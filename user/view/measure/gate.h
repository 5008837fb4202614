/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command says too little for the filter: it goes with the request it works for, and may end
 * before or after it. The gate holds commands back until their request's verdict is known.
 */
#ifndef NETFSNOOP_VIEW_GATE_H
#define NETFSNOOP_VIEW_GATE_H

#include "view/measure/filter.h"

struct gate;

/* put gets the commands that pass: at once, or from gate_request(). m and f (may be NULL) are
 * borrowed. */
int gate_new(struct gate **ret_g, const struct model *m, const struct request_filter *f,
	     int (*put)(void *ctx, const struct command *c), void *ctx);
void gate_free(struct gate *g);
/* A command is over. 0, -ENOMEM, or what put returns. */
int gate_command(struct gate *g, const struct command *c);
/* A request is over, and whether it passed; after it was put itself. 0, -ENOMEM, or what put
 * returns. */
int gate_request(struct gate *g, const struct request *r, bool passed);

#endif
