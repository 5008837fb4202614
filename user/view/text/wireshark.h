/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_VIEW_WIRESHARK_H
#define NETFSNOOP_VIEW_WIRESHARK_H

#include "model/model.h"

/*
 * Prints "  wireshark: " and a display filter for the SMB messages of a request, folded between its
 * parts where it gets wider than `width` columns; white space does not matter to Wireshark.
 * Connections are by address, which we do not know. Nothing if no mid is known. -ENOMEM
 */
int wireshark_print(FILE *out, const struct request *r, unsigned int width);

#endif
