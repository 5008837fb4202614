/* SPDX-License-Identifier: GPL-2.0-only */
/* Between bpf/classic.bpf.c and user/capture/classic.c only: a tracepoint's record as it is. */
#ifndef NETFSNOOP_RAW_H
#define NETFSNOOP_RAW_H

#include "event.h"

#define RAW_BYTES 96  /* beyond the fields anybody reads */
#define RAW_KIND  255 /* never leaves the recorder */

struct raw_event {
	struct ev_hdr hdr;
	ev_u8 bytes[RAW_BYTES]; /* from the record's first byte, common fields included */
};

#endif
