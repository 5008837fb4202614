/* SPDX-License-Identifier: GPL-2.0-only */
/* Probe numbers, for the programs that stamp them and for the table that names them. */
#ifndef NETFSNOOP_PROBES_H
#define NETFSNOOP_PROBES_H

enum probe_id {
	PROBE_NONE = 0,
#define PROBE(program, how, target, module, group, without) P_##program,
#include "probes.def"
#undef PROBE
	PROBE_MAX
};

/* one per probe and CPU, shared with the recorder through a mapped array */
struct probe_stat {
	unsigned long long hits;
	unsigned long long lost;
	unsigned long long last_lost_ns;
	unsigned long long pad;
};

#endif
