/* SPDX-License-Identifier: GPL-2.0-only */
/* A resolved address as text and as JSON. */
#ifndef NETFSNOOP_VIEW_OOPS_PLACE_H
#define NETFSNOOP_VIEW_OOPS_PLACE_H

#include <jansson.h>

#include "sym/sym.h"

/* "fs/smb/client/smb2pdu.c:4600 in smb2_readv_callback", inlined calls on lines of their own. */
void place_print(FILE *out, const char *indent, const struct sym_place *p);
/* One line: the innermost place or call; "" in ret where there is none. Returns ret. */
char *place_short(char *ret, size_t room, const struct sym_place *p);
/* The caller's; NULL: no memory. */
json_t *place_json(const struct sym_place *p);

#endif
