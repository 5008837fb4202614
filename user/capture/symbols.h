/* SPDX-License-Identifier: GPL-2.0-only */
/* EV_SYM records: a trace has the name of every address in it, before the first use. */
#ifndef NETFSNOOP_SYMBOLS_H
#define NETFSNOOP_SYMBOLS_H

#include "capture/records.h"

/* Names the addresses of this record that were not named before. 0, -ENOMEM, or the sink's error.
 */
int symbols_name(struct revert *r, const struct ev_revert *ev, const struct record_sink *to);

#endif
