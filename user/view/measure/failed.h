/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests that failed, and what the server said of the commands that failed them. */
#ifndef NETFSNOOP_VIEW_FAILED_H
#define NETFSNOOP_VIEW_FAILED_H

#include "model/model.h"
#include "view/measure/filter.h"

#define FAILED_SHOWN 10 /* of more only the number is known */

/* A command that failed, for the subrequest that it worked for. */
struct failed_command {
	uint32_t epoch, rreq, sreq;
	uint64_t mid;
	uint16_t cmd;
	bool synth;
	bool answered;	 /* else it was not sent, or cut off by a reconnect */
	uint32_t status; /* NTSTATUS */
};

struct failed_request {
	struct request_key key;
	uint8_t origin;
	bool origin_known, write, lost;
	uint32_t dev, tid;
	char comm[EV_COMM_LEN + 1];
	uint64_t ino, first_ns;
	int32_t outcome; /* -errno */
	uint64_t mid;	 /* of the command of the first that failed; 0: not known */
	bool ended;	 /* it is over, and its own error is known */
	bool placed;	 /* start and end are known */
	bool own;	 /* the request ended with an error; else some of its subrequests alone */
	uint32_t nr_subrequests, nr_failed;
	uint32_t sreq; /* the first that failed; 0: none did */
	uint64_t start,
		end;	  /* what those that failed span in the file, or else the request; bytes */
	uint64_t missing; /* bytes of them that were not transferred */
	bool told;	  /* command is known */
	struct failed_command by; /* of the first that failed */
	char path[256];		  /* its end, if it is long; "": not known */
};

struct failed {
	uint64_t nr;
	struct failed_request list[FAILED_SHOWN]; /* the first ones */
	/* Commands often end before their request is over: the latest, in a ring. */
	struct failed_command recent[64];
	unsigned int nr_recent;
};

/* A request that is over and passes the filter. */
void failed_take_request(struct failed *f, const struct request *r);
/* Any command that is over. */
void failed_take_command(struct failed *f, const struct command *c);

#endif
