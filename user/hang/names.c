// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "hang/hang.h"

const char *hang_verdict_id(enum hang_verdict v)
{
	static const char *const ids[HANG_NR_VERDICTS] = {
		[HANG_NONE] = "nothing",	[HANG_MOVING] = "moving",
		[HANG_SERVER] = "server",	[HANG_UNHANDLED] = "unhandled",
		[HANG_LOST] = "lost",		[HANG_CREDITS] = "credits",
		[HANG_RECONNECT] = "reconnect", [HANG_UNKNOWN] = "unknown",
		[HANG_UNREAD] = "unread",	[HANG_LEAKED] = "leaked",
	};

	return ids[v];
}

const char *hang_wait_id(enum hang_wait w)
{
	static const char *const ids[] = {
		[HANG_WAIT_OTHER] = "other",
		[HANG_WAIT_READ] = "read",
		[HANG_WAIT_WRITE] = "write",
		[HANG_WAIT_FOLIO_READ] = "folio-read",
		[HANG_WAIT_FOLIO_WRITE] = "folio-writeback",
		[HANG_WAIT_CREDITS] = "credits",
		[HANG_WAIT_RESPONSE] = "response",
		[HANG_WAIT_RECONNECT] = "reconnect",
		[HANG_WAIT_RECEIVE] = "receive",
		[HANG_WAIT_LOCK] = "lock",
	};

	return ids[w];
}

const char *hang_mid_state_name(uint32_t state)
{
	switch (state) {
	case HANG_MID_ALLOCATED:
		return "allocated";
	case HANG_MID_SUBMITTED:
		return "submitted";
	case HANG_MID_RECEIVED:
		return "received";
	case HANG_MID_RETRY:
		return "retry";
	case HANG_MID_MALFORMED:
		return "malformed";
	case HANG_MID_SHUTDOWN:
		return "shutdown";
	case HANG_MID_READY:
		return "ready";
	default:
		return "unknown";
	}
}

/* MS-SMB2 2.2.1 */
const char *hang_command_name(uint32_t cmd)
{
	static const char *const names[] = {
		"NEGOTIATE",	 "SESSION_SETUP", "LOGOFF",   "TREE_CONNECT", "TREE_DISCONNECT",
		"CREATE",	 "CLOSE",	  "FLUSH",    "READ",	      "WRITE",
		"LOCK",		 "IOCTL",	  "CANCEL",   "ECHO",	      "QUERY_DIRECTORY",
		"CHANGE_NOTIFY", "QUERY_INFO",	  "SET_INFO", "OPLOCK_BREAK",
	};

	return cmd < ARRAY_SIZE(names) ? names[cmd] : NULL;
}

/* enum statusEnum of cifsglob.h */
const char *hang_tcp_status_name(uint32_t status)
{
	static const char *const names[] = {
		"new", "good", "exiting", "need-reconnect", "need-negotiate", "in-negotiate"
	};

	return status < ARRAY_SIZE(names) ? names[status] : "unknown";
}

const char *hang_origin_text(const char *origin)
{
	static const char *const texts[][2] = {
		{ "RA", "readahead" },	       { "RP", "read of a page" },
		{ "RG", "read of gaps" },      { "RW", "read for a write" },
		{ "R1", "single read" },       { "UR", "unbuffered read" },
		{ "DR", "direct read" },       { "WB", "writeback" },
		{ "W1", "single writeback" },  { "WT", "write-through" },
		{ "UW", "unbuffered write" },  { "DW", "direct write" },
		{ "2C", "copy to the cache" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!strcmp(origin, texts[i][0]))
			return texts[i][1];
	return "request";
}
