/* SPDX-License-Identifier: GPL-2.0-only */
/* The inside of struct engine, for engine.c and finding.c alone. */
#ifndef NETFSNOOP_CHECK_ENGINE_H
#define NETFSNOOP_CHECK_ENGINE_H

#include "check/pace.h"

#define MAX_GAPS 256
#define MAX_FINDINGS \
	1024 /* of different causes; a broken kernel has a few, a hostile file no end */

struct gap {
	uint64_t from, to;
};

/* A copy of an event; the longest of a probe are shorter than this. */
struct kept {
	struct ev_hdr hdr;
	char rest[128 - sizeof(struct ev_hdr)];
};

/* The latest events of a request (0) or a subrequest. */
struct track {
	struct kept kept[MAX_EVIDENCE];
	unsigned int n;
};

/* A copy of the record, up to MAX_STACKS. -ENOMEM */
int finding_add_stack(struct finding *f, const struct ev_waiter *ev);

struct engine {
	struct model_listener listener;
	struct model *m;
	struct engine_options opts;
	struct check *check;
	size_t nr;
	enum family family;
	bool looked;		  /* at probes and names, since they last changed */
	struct table tracks;	  /* by request and subrequest */
	struct gap gap[MAX_GAPS]; /* times without all records, as a ring */
	uint64_t nr_gaps, forgotten_to;
	uint64_t late;
	uint64_t next_tick;
	struct pace pace;
	struct finding *pending;  /* until losses of their time are known */
	struct finding *findings; /* one per cause */
	size_t nr_findings;
	uint64_t dropped;
};

#endif
