/* SPDX-License-Identifier: GPL-2.0-only */
/* From a tracepoint's raw record to the event that its BTF program would have written. */
#ifndef NETFSNOOP_DECODE_H
#define NETFSNOOP_DECODE_H

#include "bpf/raw.h"
#include "capture/format.h"
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
	struct ev_smb_rw rw;
	struct ev_smb_cmd cmd;
	struct ev_smb_file file;
	struct ev_credit credit;
	struct ev_rw_credits rw_credits;
	struct ev_reconnect reconnect;
	struct ev_eio eio;
	struct ev_slow_rsp slow;
};

/* False: no such probe has a record. What the record does not hold is 0, and EVF_TPONLY says so. */
bool decode_record(union decoded *ret, const struct raw_event *raw, const struct tp_format *format);

#endif
