/* SPDX-License-Identifier: GPL-2.0-only */
/* The inside of struct engine, for engine.c, needs.c and finding.c alone. */
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
	uint64_t conn; /* last booked as one of a place */
	uint32_t dev;
	unsigned int n;
	bool pinned[NR_PINS];
};

/* And of these n are there, of the pins those that are pinned. */
struct track_events {
	struct kept kept[MAX_LATEST];
	struct kept pin[NR_PINS];
};

/* ce->r is not NULL. */
void track_event(const struct engine *e, const struct seen *ce);
/* The latest that is worth a mark; false: none is. */
bool finding_last_event(const struct check *c, const struct request *r, const struct subrequest *s,
			struct mark *ret_mark);

/* The file systems whose subrequests went over a connection. */
struct places {
	uint32_t dev[MAX_PLACES];
	unsigned int nr; /* may exceed MAX_PLACES */
};

/* An event of a subrequest. Table: by connection and epoch. -ENOMEM */
int places_event(struct engine *e, const struct seen *ce);
/* Fills in what the stream knows of the finding's request, command, connection and file. */
void finding_complete(struct finding *f, struct check *c);

/* Which checks are active. Probes and enums stand before the first event, and again after parking. */
void needs_look(struct engine *e);
/* ... and which of them saw nothing that they could have judged. After their finish(). */
void needs_finish(struct engine *e);

/* A copy of the record, up to MAX_STACKS. -ENOMEM */
int finding_add_stack(struct finding *f, const struct ev_waiter *ev);

/* The active checks that want events of a kind that are of one probe or say one thing. */
struct calls {
	uint8_t kind;
	uint16_t probe;
	size_t nr;
	struct check *check[];
};

#define NR_CALLS (NAME_ID_MAX + PROBE_MAX + 256)

struct engine {
	struct model_listener listener;
	struct model *m;
	struct engine_options opts;
	struct check *check;
	size_t nr;
	enum family family;
	bool has_room;		       /* in the model's objects */
	bool looked;		       /* at probes and names, since they last changed */
	struct room_at events;	       /* of struct track_events */
	struct calls *calls[NR_CALLS]; /* by name, else probe, else kind; made as they come */
	struct table places;	       /* by connection and epoch */
	struct gap gap[MAX_GAPS];      /* times without all records, as a ring */
	uint64_t nr_gaps, forgotten_to;
	uint64_t late;
	uint64_t next_tick;
	struct pace pace;
	struct finding *pending;  /* until losses of their time are known */
	struct finding *findings; /* one per cause */
	size_t nr_findings;
	uint64_t dropped;
};

/* calls.c: whom an event concerns; NULL: no memory */
const struct calls *calls_of(struct engine *e, const struct seen *ce);
/* Other checks are active than before. */
void calls_forget(struct engine *e);

#endif
