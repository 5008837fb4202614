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

/* What a rule goes by, and later events push out of the ring: of the latest attempt. */
enum pin { PIN_BEGIN, PIN_RESPONSE, PIN_CALLBACK, PIN_END, NR_PINS };

#define MAX_LATEST 8

/* The latest events of a request (0) or a subrequest. */
struct track {
	struct kept kept[MAX_LATEST];
	unsigned int n;
	struct kept pin[NR_PINS]; /* ts 0: none */
};

/* -ENOMEM */
int track_event(struct table *tracks, const struct check_event *ce);

/* The file systems whose subrequests went over a connection. */
struct places {
	uint32_t dev[MAX_PLACES];
	unsigned int nr; /* may exceed MAX_PLACES */
};

/* Table: by connection and epoch. -ENOMEM */
int places_event(struct table *places, const struct check_event *ce);
/* Fills in what the stream knows of the finding's request, command, connection and file. */
void finding_complete(struct finding *f, struct check *c);

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
	struct table places;	  /* by connection and epoch */
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
