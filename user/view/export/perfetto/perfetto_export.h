/* SPDX-License-Identifier: GPL-2.0-only */
/* The inside of export_perfetto: what its two files share. */
#ifndef NETFSNOOP_VIEW_PERFETTO_EXPORT_H
#define NETFSNOOP_VIEW_PERFETTO_EXPORT_H

#include "view/export/export.h"
#include "view/export/perfetto/perfetto_out.h"
#include "view/text/lanes.h"

enum group_of { GROUP_MOUNT, GROUP_CONNECTION };

struct group_key {
	uint64_t what, id, epoch; /* dev, or connection id; no padding, as it is hashed */
};

struct counter {
	uint64_t track;
	bool known;
	int64_t value;
};

/* A mount with its requests, or a connection with its commands and credits. */
struct group {
	struct group_key key;
	uint64_t track;
	struct lanes lanes;
	struct counter credits, in_flight;
	UT_hash_handle hh;
};

struct perfetto_export {
	const struct export_job *job;
	struct model_listener listener;
	struct perfetto_out out;
	struct gate *gate; /* for the commands */
	struct group *groups;
	struct lanes losses, test_lanes;
	uint64_t root, tests, findings, moments, lost, parked_track; /* tracks; 0: not made yet */
	uint64_t parked_ns;					     /* since when; 0: it is not */
};

/* From its first to its last sign. */
void perfetto_span(const struct subrequest *s, uint64_t *ret_from, uint64_t *ret_to);
/* A subrequest with its attempts and their stages as slices in it. 0 or -errno. */
int perfetto_subrequest(struct perfetto_export *x, const struct subrequest *s, uint64_t track,
			uint64_t flow);

#endif
