/* SPDX-License-Identifier: GPL-2.0-only */
/* What each process did: its requests, and its SMB commands. */
#ifndef NETFSNOOP_VIEW_PROCESSES_H
#define NETFSNOOP_VIEW_PROCESSES_H

#include "base/hist.h"
#include "model/model.h"

#define PROCESSES_MAX 4096 /* told apart; xfstests starts tens of thousands */

struct process_key {
	uint32_t tgid;
	char comm[EV_COMM_LEN]; /* of the thread: padded with 0 */
};

struct process_row {
	struct process_key key;
	bool rest; /* all that found no row of its own */
	uint64_t requests, read_bytes, written_bytes, errors, retries;
	bool moved, judged; /* of one at least bytes, errors are known */
	uint64_t commands, command_errors;
	struct hist latency; /* of requests, ns */
	UT_hash_handle hh;
};

struct processes;

/* -ENOMEM, as all of these. */
int processes_new(struct processes **ret_p);
void processes_free(struct processes *p);
int processes_request(struct processes *p, const struct request *r);
int processes_command(struct processes *p, const struct model *m, const struct command *c);
/* Those that moved most first, then those with most requests, then most commands; the rest last. */
void processes_sort(struct processes *p);
const struct process_row *processes_first(const struct processes *p); /* row->hh.next */
size_t processes_count(const struct processes *p);
/* Whose command it is; tgid 0 and "" where that is not known. */
struct process_key command_process(const struct model *m, const struct command *c);

static inline void processes_freep(struct processes **p)
{
	processes_free(*p);
}

#endif
