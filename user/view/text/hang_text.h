/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_VIEW_HANG_TEXT_H
#define NETFSNOOP_VIEW_HANG_TEXT_H

#include "hang/hang.h"

/* For 80 columns; -errno. */
int hang_text_print(FILE *out, const struct hang_report *r);
/* What a verdict means, in a sentence. */
const char *hang_verdict_text(enum hang_verdict v);

#endif
