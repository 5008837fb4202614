/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_VIEW_WIRESHARK_H
#define NETFSNOOP_VIEW_WIRESHARK_H

#include "model/model.h"

/* What to put behind "wireshark: " for that message; a sealed one has no id that a capture shows. */
struct wireshark_text {
	char s[64];
};
struct wireshark_text wireshark_mid(bool sealed, uint64_t mid);

/*
 * Prints "  wireshark: " and a display filter for the SMB messages of a request, folded between its
 * parts where it gets wider than `width` columns; white space does not matter to Wireshark.
 * Connections are by address, which we do not know. Nothing if no mid is known. A sealed connection has no such
 * filter, and is said to be sealed. -ENOMEM
 */
int wireshark_print(FILE *out, const struct model *m, const struct request *r, unsigned int width);

#endif
