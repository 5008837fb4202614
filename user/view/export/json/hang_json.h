/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_VIEW_HANG_JSON_H
#define NETFSNOOP_VIEW_HANG_JSON_H

#include "hang/hang.h"

/* Lines of docs/hang.md; -errno. */
int hang_json_print(FILE *out, const struct hang_report *r);

#endif
