/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the bytes of a log, whatever wrote it, to lines of the kernel: journals and containers in
 * JSON, journalctl's export and verbose forms, strings with \n in them, prefixes of all kinds.
 */
#ifndef NETFSNOOP_LOG_READER_H
#define NETFSNOOP_LOG_READER_H

#include "log/line.h"

/* Called for each line, which lives during the call. 0, or -errno, which ends the reading. */
typedef int (*log_sink)(void *ctx, struct log_line *l);

struct log_reader;

/* headline: see log_line_clean(). 0, -ENOMEM. */
int log_reader_new(struct log_reader **ret, log_headline headline, log_sink sink, void *ctx);
void log_reader_free(struct log_reader *r);

static inline void log_reader_freep(struct log_reader **r)
{
	log_reader_free(*r);
}

/* Bytes in any pieces. 0, or what the sink returned. */
int log_reader_feed(struct log_reader *r, const char *data, size_t size);
/* Nothing more comes, for now: gives out a last line without its newline. */
int log_reader_flush(struct log_reader *r);
/* Prefixes that were stripped so far: one of each shape, at most 8, as the lines had them. */
const char *log_reader_stripped(const struct log_reader *r, size_t i);

#endif
