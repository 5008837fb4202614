/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Are the blocks of a file all there, in order, and of one trace? What is not becomes a loss, from
 * the last good time to the next; for user/trace/ alone.
 */
#ifndef NETFSNOOP_TRACE_ORDER_H
#define NETFSNOOP_TRACE_ORDER_H

#include "trace/trace.h"

/* Before 2.0 it ended there. */
#define EV_BLOCK_MIN offsetof(struct ev_block, packed)

struct order {
	struct trace_damage *damage; /* borrowed: counts blocks that are missing or left out */
	bool begun, numbered;	     /* numbered: by the writer, since 1.2 */
	bool ended; /* the last block was there, or, of an older trace, the stop mark */
	uint64_t id, seq, next,
		nr;	    /* of the trace, the block, the one behind it, the next record */
	uint64_t end;	    /* the number behind the block's last record */
	uint64_t last_ns;   /* of the latest record */
	uint64_t events_ns; /* the same, of the probes' */
	uint64_t hash;	    /* of the frame before; 0: it had several blocks */
	bool broken;	    /* something was left out before what comes next */
	uint8_t why;	    /* enum ev_lost_why: the first thing */
	bool owed;	    /* lost is to be handed on */
	struct ev_lost lost;
};

enum order_verdict { ORDER_USE, ORDER_LEAVE, ORDER_STOP /* another trace begins here */ };

/* Of the header of a trace that stands there; 0: none does. */
size_t order_header_size(const uint8_t *data, size_t len);
/* Something between the last record and the next could not be read. */
void order_break(struct order *o, enum ev_lost_why why);
/* A block, whole, as it is in the file; hash 0: it is not the only one of its frame. */
enum order_verdict order_block(struct order *o, const uint8_t *data, size_t len, uint64_t hash);
/* A record of the block is handed on, or skipped. */
void order_record(struct order *o, const struct ev_hdr *ev);
/* The input is over. */
void order_end(struct order *o);
/* The loss that stands before the next record, once; NULL: there is none. */
const struct ev_hdr *order_lost(struct order *o);

#endif
