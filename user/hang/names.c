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
		[HANG_UNCLEAR] = "unclear",
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

/* MS-CIFS 2.2.2.1: those that fs/smb/client/cifssmb.c sends */
static const struct {
	uint32_t cmd;
	const char *name;
	uint32_t kind;
} smb1[] = {
	{ 0x04, "CLOSE", UINT32_MAX },
	{ 0x05, "FLUSH", UINT32_MAX },
	{ 0x06, "DELETE", UINT32_MAX },
	{ 0x07, "RENAME", UINT32_MAX },
	{ 0x24, "LOCKING", HANG_CMD_LOCK },
	{ 0x25, "TRANS", UINT32_MAX },
	{ 0x2b, "ECHO", UINT32_MAX },
	{ 0x2e, "READ", HANG_CMD_READ },
	{ 0x2f, "WRITE", HANG_CMD_WRITE },
	{ 0x32, "TRANS2", UINT32_MAX },
	{ 0x71, "TREE_DISCONNECT", UINT32_MAX },
	{ 0x72, "NEGOTIATE", HANG_CMD_NEGOTIATE },
	{ 0x73, "SESSION_SETUP", HANG_CMD_SESSION_SETUP },
	{ 0x74, "LOGOFF", UINT32_MAX },
	{ 0x75, "TREE_CONNECT", HANG_CMD_TREE_CONNECT },
	{ 0xa0, "NT_TRANSACT", HANG_CMD_NOTIFY },
	{ 0xa2, "NT_CREATE", HANG_CMD_CREATE },
};

/* MS-SMB2 2.2.1 */
const char *hang_command_name(const struct hang_mid *m)
{
	static const char *const names[] = {
		"NEGOTIATE",	 "SESSION_SETUP", "LOGOFF",   "TREE_CONNECT", "TREE_DISCONNECT",
		"CREATE",	 "CLOSE",	  "FLUSH",    "READ",	      "WRITE",
		"LOCK",		 "IOCTL",	  "CANCEL",   "ECHO",	      "QUERY_DIRECTORY",
		"CHANGE_NOTIFY", "QUERY_INFO",	  "SET_INFO", "OPLOCK_BREAK",
	};

	if (!m->smb1)
		return m->cmd < ARRAY_SIZE(names) ? names[m->cmd] : NULL;
	for (size_t i = 0; i < ARRAY_SIZE(smb1); i++)
		if (smb1[i].cmd == m->cmd)
			return smb1[i].name;
	return NULL;
}

uint32_t hang_command_kind(const struct hang_mid *m)
{
	if (!m->smb1)
		return m->cmd;
	for (size_t i = 0; i < ARRAY_SIZE(smb1); i++)
		if (smb1[i].cmd == m->cmd)
			return smb1[i].kind;
	return UINT32_MAX;
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
