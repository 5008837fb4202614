/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers and names for people. Results are small structs by value: nothing to free, no statics. */
#ifndef NETFSNOOP_FMT_H
#define NETFSNOOP_FMT_H

#include "base/base.h"

struct short_text {
	char s[32];
};

struct long_text {
	char s[48];
};

/* "0 B", "512 B", "4.0 KiB", "16.0 MiB" */
struct short_text fmt_bytes(uint64_t bytes);
/* "0", "850 ns", "12.3 us", "4.56 ms", "1.23 s"; at most 8 columns */
struct short_text fmt_ns(uint64_t ns);
/* A subrequest's number as the kernel prints it: hex, and "0" for EV_SREQ_ZERO. */
struct short_text fmt_index(uint32_t sreq);
/* "R=0000002a" or, with sreq, "R=0000002a[3]": as the kernel prints them (index in hex) */
struct short_text fmt_rreq(uint32_t rreq, uint32_t sreq);
/*
 * The same, or for a synthetic one "cifs-42[3]": the count without the top bit that marks it, in a
 * form that no R has.
 */
struct short_text fmt_request(bool synthetic, uint32_t rreq, uint32_t sreq);
/* "0000002a", or "cifs-42" of a synthetic one */
struct short_text fmt_request_id(bool synthetic, uint32_t rreq);
/* No kernel has more threads (PID_MAX_LIMIT): an import numbers those from here on whose id it does not know. */
#define TID_UNKNOWN (1u << 22)
static inline bool tid_known(uint32_t tid)
{
	return tid && tid < TID_UNKNOWN;
}
/* "412", "?" for one that is not known */
struct short_text fmt_tid(uint32_t tid);
/* "131", "?" for 0, which no file has: not known */
struct short_text fmt_ino(uint64_t ino);
/* "0:45", of major << 20 | minor */
struct short_text fmt_dev(uint32_t dev);
/* "s", but for 1: fprintf("%u event%s", n, plural(n)) */
const char *plural(uint64_t n);
/* "ies", but "y" for 1: "%u retr%s" */
const char *plural_y(uint64_t n);
/*
 * How much was lost: "1 record", "12 records", "12 or more records", "an unknown number of records".
 * at_least: not all of it could be counted.
 */
struct long_text fmt_lost(uint64_t count, bool at_least);
/* dmesg's "[sec.usec]" from a CLOCK_MONOTONIC or BOOTTIME ns */
struct short_text fmt_dmesg(uint64_t ns);
/* "2026-11-23 15:21:22.160123", UTC, from a CLOCK_REALTIME ns; "" for what no calendar has */
struct short_text fmt_wall(uint64_t realtime_ns);

/*
 * Copies text so that a terminal shows it and does nothing else: control characters, ESC, DEL and
 * bytes that are not UTF-8 become \xNN. Truncates with "..." at room. Returns dst.
 */
char *fmt_escape(char *dst, size_t room, const char *text);
/*
 * The same, of the name of a file: of one that is too long its end stays, ".../dir/file", as what
 * stands last tells more. room is 8 or more. Returns dst.
 */
char *fmt_path(char *dst, size_t room, const char *path);

/* The words of a command line, joined by blanks. NULL: no memory. */
char *fmt_words(int n, char *const *words);

/* Copies the line at p of a stack's text into frame, cut to fit; returns where the next begins. */
const char *frame_next(const char *p, char *frame, size_t size);

/* text, or its end where it does not fit: of a path that tells more. */
void fmt_end(char *dst, size_t room, const char *text);
/* "ENOSPC", also of the numbers from 512 on that the kernel keeps to itself; "error 600" of others. error: with its sign, or without. */
struct short_text fmt_errno(int error);

#endif
