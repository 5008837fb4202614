/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trace file: a stream of zstd frames, each with a checksum and each holding whole records, so
 * that a torn tail costs one frame, and a damaged frame costs that frame. Their content is `struct trace_header`,
 * then records of bpf/event.h, which pack.c writes by columns.
 */
#ifndef NETFSNOOP_TRACE_H
#define NETFSNOOP_TRACE_H

#include "base/base.h"
#include "base/damage.h"
#include "event/kinds.h"
#include "bpf/event.h"

#define TRACE_MAGIC "NETFSNOO"
#define TRACE_MAJOR 2 /* a reader refuses a higher one */
#define TRACE_MINOR 0 /* a reader takes older and newer minors */

/* first bytes of the first frame, little-endian like everything after it */
struct trace_header {
	char magic[8];
	uint16_t major;
	uint16_t minor;
	uint32_t header_size; /* of this struct; the records start there */
};

/* Of this version: what every stream begins with. */
struct trace_header trace_header_now(void);

/* ---- writing ---- */

struct trace_writer;

/* Takes ownership of fd on success. level: zstd's. Writes the header with the first frame. */
int trace_writer_new(struct trace_writer **ret_w, int fd, int level);
/* Appends one record; hdr->size bytes are copied. -errno of write(2) when the disk is full etc. */
int trace_writer_add(struct trace_writer *w, const struct ev_hdr *hdr);
/* Ends the current frame and write(2)s it; sync also fdatasync()s. */
int trace_writer_flush(struct trace_writer *w, bool sync);
/* Bytes of records taken, and bytes written to the file so far. */
void trace_writer_sizes(const struct trace_writer *w, uint64_t *ret_raw, uint64_t *ret_file);
/* Flushes and closes; returns the first error seen. NULL is fine. */
int trace_writer_close(struct trace_writer *w);

/* ---- reading ---- */

struct trace_reader;

/* path "-" is standard input. -EBADMSG: not a trace (err says what it looks like). */
int trace_reader_open(struct trace_reader **ret_r, const char *path, struct err *err);
/* For tests and fuzzing: reads from memory, which must outlive the reader. */
int trace_reader_open_mem(struct trace_reader **ret_r, const void *data, size_t size,
			  struct err *err);
/*
 * 1 and the next record, 0 at the end, -errno on a read error. The record is validated: its size is
 * a multiple of EV_ALIGN and at least what this version's struct of its kind needs (shorter ones
 * are zero-filled copies); text records and fixed strings are NUL-terminated. Valid until the next
 * call. Records of unknown kinds are counted and skipped.
 */
int trace_reader_next(struct trace_reader *r, const struct ev_hdr **ret_ev);
/*
 * From now on it hands on what it keeps to itself, too: the numbers of blocks, and records of unknown
 * kinds as they lie (they are counted all the same).
 */
void trace_reader_all(struct trace_reader *r);
/* Bytes that the last record has in the file: fewer than this version's struct, or more. */
size_t trace_reader_size(const struct trace_reader *r);
const struct trace_damage *trace_reader_damage(const struct trace_reader *r);
/* Bytes of the file before the block that is being read. */
uint64_t trace_reader_offset(const struct trace_reader *r);
void trace_reader_free(struct trace_reader *r);

static inline void trace_reader_freep(struct trace_reader **r)
{
	trace_reader_free(*r);
}

#endif
