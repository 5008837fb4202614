// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "tp/enums.h"

const struct tp_enum tp_enums[] = {
	{ "netfs_rreq_trace", "netfs", "netfs_rreq", "what" },
	{ "netfs_sreq_trace", "netfs", "netfs_sreq", "what" },
	{ "netfs_rreq_ref_trace", "netfs", "netfs_rreq_ref", "what" },
	{ "netfs_sreq_ref_trace", "netfs", "netfs_sreq_ref", "what" },
	{ "netfs_failure", "netfs", "netfs_failure", "what" },
	{ "netfs_io_origin", "netfs", "netfs_rreq", "origin" },
	{ "netfs_io_source", "netfs", "netfs_sreq", "source" },
	{ "netfs_read_trace", "netfs", "netfs_read", "what" },
	{ "netfs_write_trace", "netfs", "netfs_write", "what" },
	{ "netfs_folio_trace", "netfs", "netfs_folio", "why" },
	{ "smb3_rw_credits_trace", "cifs", "smb3_rw_credits", "trace" },
	{ "smb_eio_trace", "cifs", "smb3_eio", "trace" },
};
const size_t tp_enums_nr = ARRAY_SIZE(tp_enums);

const struct tp_enum *tp_enum_find(const char *type)
{
	for (size_t i = 0; i < tp_enums_nr; i++)
		if (!strcmp(tp_enums[i].type, type))
			return &tp_enums[i];
	return NULL;
}
