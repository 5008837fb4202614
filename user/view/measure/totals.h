/* SPDX-License-Identifier: GPL-2.0-only */
/* What the summaries count, in text and in JSON. */
#ifndef NETFSNOOP_VIEW_TOTALS_H
#define NETFSNOOP_VIEW_TOTALS_H

#include "base/fmt.h"
#include "base/hist.h"
#include "model/why.h"
#include "view/measure/filter.h"

#define TOTALS_COMMANDS	 0x14 /* MS-SMB2 2.2.1.2 ends at 0x13; what is beyond shares the last row */
#define TOTALS_MAX_ROWS	 64   /* origin and file system pairs; a hostile trace has no end of them */
#define TOTALS_MAX_NAMES 512  /* probes with losses, for the same reason */
#define TOTALS_SLOWEST	 5

/* Requests of one origin and file system. */
struct request_row {
	uint8_t origin; /* as in struct request */
	bool origin_known, synthetic;
	bool rest; /* all that found no row of its own */
	char fs[EV_FSNAME_LEN + 1];
	uint64_t count, bytes, errors, retries;
	bool moved, judged, tried; /* of one at least bytes, errors, retries are known */
	struct hist latency;	   /* ns, first event to results delivered */
	struct request_row *next;
};

struct subrequest_row {
	uint64_t count, bytes, errors, retries, attempts;
	bool told, tried; /* of one at least bytes and errors, retries and attempts are known */
	struct hist stage[STAGE_MAX]; /* ns */
};

struct command_row {
	uint64_t count, errors, unanswered, interim, charged, granted;
	bool charge_known, granted_known; /* else nobody saw them built, or response headers */
	bool heard, interim_known;	  /* else nobody would have seen answers, or interim ones */
	struct hist latency;		  /* ns, built to final response header */
};

/* Errors of one command with one status. */
struct status_row {
	uint16_t cmd;
	bool answered; /* else it was not sent or a reconnect cut it off: there is no status */
	bool rest;
	uint32_t status; /* NTSTATUS */
	uint64_t count;
	struct status_row *next;
};

struct loss_row {
	uint16_t probe;
	uint8_t why; /* enum ev_lost_why */
	bool rest, at_least;
	uint64_t count, from, to; /* records, stream time in ns */
	struct loss_row *next;
};

/* What is kept of a slow request. */
struct slow_request {
	uint32_t rreq, dev, tid;
	uint8_t origin;
	bool origin_known, synthetic, write, lost, placed, moved;
	char fs[EV_FSNAME_LEN + 1], comm[EV_COMM_LEN + 1];
	uint64_t ino, start, transferred, first_ns, latency_ns;
	int32_t error;
	uint32_t nr_subrequests, retries;
	uint64_t stage_ns[STAGE_MAX]; /* of its subrequests, summed over those where it is known */
	struct why_text why;
	char path[256]; /* its end, if it is long; "": not known */
};

struct totals {
	const struct why *why; /* borrowed, to be asked about slow requests; NULL: nobody is */
	struct request_row *requests; /* in order of appearance */
	unsigned int nr_request_rows;
	struct subrequest_row subrequests[2]; /* reads, writes */
	struct command_row commands[TOTALS_COMMANDS + 1];
	struct status_row *statuses; /* in order of appearance */
	unsigned int nr_status_rows;
	struct slow_request slow[TOTALS_SLOWEST]; /* slowest first */
	unsigned int nr_slow;
	struct loss_row *losses;
	unsigned int nr_loss_rows;
	uint64_t reconnects;  /* of connections that have no id */
	uint64_t nr_commands; /* recorded; 0: or none would have been */
	bool ends;	      /* of requests are seen; else open is not known */
	uint64_t nr_requests, open, partial, unreliable, failures;
	uint64_t cifs_requests; /* of netfs and rebuilt ones, whatever the filter says */
	uint64_t synthetic;
};

int totals_new(struct totals **ret_t);
void totals_free(struct totals *t);

/* The filter's verdict is the caller's to ask; 0 or -ENOMEM. */
int totals_request(struct totals *t, const struct request *r, const struct request_filter *f);
int totals_command(struct totals *t, const struct command *c);
int totals_lost(struct totals *t, const struct ev_lost *l);
/* Every request, before the filter: does this kernel's cifs use netfs at all? */
void totals_seen(struct totals *t, const struct request *r);

/* ns to the caller's results; false where that is not known. */
bool request_latency(const struct request *r, uint64_t *ret_ns);
/* Stream time a command was first seen. */
uint64_t command_begin(const struct command *c);
/* ns to the final response header; false where that is not known. */
bool command_latency(const struct command *c, uint64_t *ret_ns);
/* Not sent, cut off by a reconnect, or refused by the server (NTSTATUS of severity error). */
bool command_failed(const struct command *c);
/* "READ", or "0x0013" for one without a name */
struct short_text command_text(uint16_t cmd);
const char *probe_state_text(const struct probe_info *p); /* "on", "off", "failed" */
/* CLOCK_REALTIME of a stream time by the first anchor; false without one. */
bool recording_realtime(const struct recording *rec, uint64_t ns, uint64_t *ret_real);
/* Stream time of recording's start and stop, or of the first and last record. */
uint64_t recording_begin(const struct recording *rec);
uint64_t recording_end(const struct recording *rec);
/* From begin to end; false where that is not known. */
bool recording_duration(const struct recording *rec, uint64_t *ret_ns);
/* How long SMB I/O was not recorded because the probes were out of the kernel. */
uint64_t parked_ns(const struct recording *rec);

static inline void totals_freep(struct totals **t)
{
	totals_free(*t);
}

#endif
