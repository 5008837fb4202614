/* SPDX-License-Identifier: GPL-2.0-only */
/* Records as they lie in a frame: checked, and brought to this version's structs. */
#ifndef NETFSNOOP_TRACE_WIRE_H
#define NETFSNOOP_TRACE_WIRE_H

#include "trace/trace.h"

/* holds the zero-filled copy of a record shorter than this version's struct */
union wire_copy {
	struct ev_hdr hdr;
	uint8_t bytes[256];
};

/*
 * The record at data, of which left bytes are in the frame: its size there, or -EBADMSG if that is
 * impossible. *ret_ev is it or its copy; NULL: of an unknown kind. data is aligned to EV_ALIGN, and
 * changed where a record would otherwise send its readers out of bounds.
 */
int wire_record(void *data, size_t left, union wire_copy *copy, const struct ev_hdr **ret_ev);

#endif
