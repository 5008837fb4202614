/* SPDX-License-Identifier: GPL-2.0-only */
/* The inside of struct html_data, for html_data.c (collecting) and html_head.c (writing). */
#ifndef NETFSNOOP_VIEW_HTML_DATA_INSIDE_H
#define NETFSNOOP_VIEW_HTML_DATA_INSIDE_H

#include "base/hash.h"
#include "view/export/html/html_data.h"
#include "view/kit/json_value.h"

#define HTML_MAX_MOUNTS 256 /* a hostile trace has no end of them; the rest have none */

struct html_conn_key {
	uint64_t id, epoch;
};

struct html_conn {
	struct html_conn_key key;
	int64_t row;
	bool ledger;  /* samples come from the functions that change credits */
	bool sampled; /* and these are the last ones */
	int32_t credits, in_flight;
	UT_hash_handle hh;
};

/* What was mounted under a device number, which the next mount may use again. Numbers of texts. */
struct html_mount {
	uint32_t dev;
	bool named; /* the name of a device may come later than its requests */
	int64_t fs, source, point, options;
};

/* Which row of requests it is. */
struct html_key {
	struct request_key key;
	int64_t row;
	UT_hash_handle hh;
};

struct html_data {
	struct model_listener listener;
	const struct export_job *job;
	const struct model *m;
	struct html_texts *texts;
	struct totals *totals;
	struct why *why;
	struct html_table requests, subrequests, commands, credits, losses, moments;
	struct request_key *owners; /* of commands, row by row */
	size_t owner_room;
	struct html_key *keys;
	struct html_conn *conns; /* iterates in order of rows */
	int64_t nr_conns;
	struct html_mount mounts[HTML_MAX_MOUNTS];
	int64_t nr_mounts;
	int rc; /* the first failure of a cell */
};

/* Names the mount as it is now. */
void html_data_name_mount(struct html_data *d, struct html_mount *mnt);
/* NULL: no such request is shown. */
struct html_key *html_data_key(struct html_data *d, uint32_t epoch, uint32_t rreq, bool synth);

#endif
