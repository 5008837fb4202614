/* SPDX-License-Identifier: GPL-2.0-only */
/* From a tracepoint's record to the event that its BTF program would have written. */
#ifndef NETFSNOOP_DECODE_H
#define NETFSNOOP_DECODE_H

#include "bpf/event.h"
#include "tp/format.h"
#include "tracepoints/probes.h"

union decoded {
	struct ev_hdr hdr;
	struct ev_rreq rreq;
	struct ev_sreq sreq;
	struct ev_ref ref;
	struct ev_failure failure;
	struct ev_collect collect;
	struct ev_write_iter write_iter;
	struct ev_folio folio;
	struct ev_wb_err wb_err;
	struct ev_smb_rw rw;
	struct ev_smb_cmd cmd;
	struct ev_smb_file file;
	struct ev_credit credit;
	struct ev_rw_credits rw_credits;
	struct ev_reconnect reconnect;
	struct ev_eio eio;
	struct ev_slow_rsp slow;
	uint8_t bytes[sizeof(
		struct ev_rreq)]; /* of whatever kind; none that is decoded is larger */
};

/* A record of the probe hdr->probe, by the names that tracefs gives to its fields. */
struct tp_record {
	const struct ev_hdr *hdr;
	/* The field's value, sign-extended; false where the record has no such field. */
	bool (*get)(const struct tp_record *r, const char *field, uint64_t *ret_value);
};

/* False: no such probe has a record. What the record does not hold is 0, and EVF_TPONLY says so. */
bool decode_fields(union decoded *ret, const struct tp_record *r);
/* The same of size bytes that lie as format says, from the record's first one. */
bool decode_record(union decoded *ret, const struct ev_hdr *hdr, const struct tp_format *format,
		   const void *bytes, size_t size);

#endif
