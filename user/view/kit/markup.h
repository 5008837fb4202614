/* SPDX-License-Identifier: GPL-2.0-only */
/* Text of any bytes inside HTML and XML. */
#ifndef NETFSNOOP_VIEW_MARKUP_H
#define NETFSNOOP_VIEW_MARKUP_H

#include <stdio.h>

/* Terminal-safe first, then for HTML and XML. */
void put_html(FILE *out, const char *text);

#endif
