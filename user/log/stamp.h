/* SPDX-License-Identifier: GPL-2.0-only */
/* Pieces of prefixes: each function takes one off the front of p, or returns p. */
#ifndef NETFSNOOP_LOG_STAMP_H
#define NETFSNOOP_LOG_STAMP_H

#include "log/line.h"

/* "[  228.573734]", "[Fri Nov 23 10:00:00 2024]", "[  +0.000003]", "[228.573734@3]": also its time */
const char *log_skip_stamp(const char *p, struct log_line *l);
/* Where such a stamp of printk's begins in the first LOG_MAX_PREFIX bytes; NULL: nowhere */
const char *log_find_stamp(const char *p);
/* "[   T4033]", "[C2]", "(3)[456:name]", "[2:  name:  456]", "c0   456": who printed it */
const char *log_skip_caller(const char *p, struct log_line *l);
/* A stamp at the front that lost one of its brackets or both, or all of its digits */
const char *log_skip_torn_stamp(const char *p, struct log_line *l);
/* "Nov 23 10:00:00 host kernel: ", "<3>1 2026-11-23T10:00:00Z host kernel - - - ", "E/kernel(0): " */
const char *log_skip_tag(const char *p, struct log_line *l);
/* "2026-11-23T10:00:00.123Z stdout F ", "2026-11-23 10:00:00,123 " */
const char *log_skip_date(const char *p, struct log_line *l);
/* "<4>", "6,1234,228573734,-;", "kern  :err   : " */
const char *log_skip_level(const char *p, struct log_line *l);

#endif
