/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers from the command line; 0 or -EINVAL. */
#ifndef NETFSNOOP_UNITS_H
#define NETFSNOOP_UNITS_H

#include "base/base.h"

/* Decimal, within min..max. */
int parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret);
/* "64K", "16M", "1G", or bytes. */
int parse_size(const char *text, uint64_t *ret_bytes);
/* "30", "0.5": seconds. */
int parse_seconds(const char *text, uint64_t *ret_ns);
/* "250ms", "1.5s": a number and ns, us, ms, s, m or h; 0 needs no unit. */
int parse_duration(const char *text, uint64_t *ret_ns);
/* "0000002a", "2a", "R=0000002a", "0x2a", each also with "[3]"; *ret_sreq is 0 without. */
int parse_rreq(const char *text, uint32_t *ret_rreq, uint32_t *ret_sreq);
/* "cifs-42", also with "[3]": what fmt_request() prints for a synthetic one. */
int parse_synthetic(const char *text, uint32_t *ret_count, uint32_t *ret_sreq);

#endif
