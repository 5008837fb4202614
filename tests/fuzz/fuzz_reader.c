// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer target for the trace reader. The first byte of the input says how the rest is used: as
 * a file, as the records of a valid frame (a fuzzer does not guess checksums), as what follows a
 * valid frame, as a sequence of valid frames, as blocks whose beginning is missing, or as the records of a
 * block, packed. The mutator makes three quarters of the inputs one of the last two, which chance hardly does, and the
 * end says how many there were.
 * Build with -DWRITE_CORPUS for a program that writes the seed corpus into a directory.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "trace/pack.h"

enum mode {
	MODE_FILE = 0,
	MODE_RECORDS = 1,
	MODE_TAIL = 2,
	MODE_FRAMES = 3,
	MODE_REST = 4,
	MODE_PACKED = 5,
	NR_MODES
};

#define FRAME_PIECE 200

struct buf {
	uint8_t *data;
	size_t len;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most); /* libFuzzer's */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

static const uint8_t magic[] = { 0x28, 0xb5, 0x2f, 0xfd }; /* of a zstd frame */

/* One for all frames: making it takes longer than what it is for. */
static ZSTD_CCtx *compressor(void)
{
	static ZSTD_CCtx *z;

	if (!z) {
		z = ZSTD_createCCtx();
		ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
		ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, 1);
	}
	return z;
}

static void append_frame(struct buf *b, const void *data, size_t len)
{
	size_t bound = ZSTD_compressBound(len);

	b->data = realloc(b->data, b->len + bound);
	if (!compressor() || !b->data)
		abort();
	b->len += ZSTD_compress2(compressor(), b->data + b->len, bound, data, len);
}

static void append_bytes(struct buf *b, const void *data, size_t len)
{
	b->data = realloc(b->data, b->len + len + 1);
	if (!b->data)
		abort();
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

/* the first frame: the header and these records */
static void append_first_frame(struct buf *b, const void *records, size_t len)
{
	struct trace_header h = {
		.major = TRACE_MAJOR,
		.minor = TRACE_MINOR,
		.header_size = sizeof(h),
	};
	struct buf raw = { NULL, 0 };

	memcpy(h.magic, TRACE_MAGIC, sizeof(h.magic));
	append_bytes(&raw, &h, sizeof(h));
	append_bytes(&raw, records, len);
	append_frame(b, raw.data, raw.len);
	free(raw.data);
}

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* What trace.h promises of every record; ASan sees whether all of it is there. */
static void touch(const struct ev_hdr *ev)
{
	const struct ev_kind_info *info = ev_kind_info(ev->kind);
	const uint8_t *bytes = (const uint8_t *)ev;
	volatile unsigned int sum = 0;

	check(info && (uintptr_t)ev % EV_ALIGN == 0);
	check(ev->size % EV_ALIGN == 0 && ev->size >= info->min_size);
	for (size_t i = 0; i < ev->size; i++)
		sum += bytes[i];
	for (unsigned int i = 0; i < 4; i++)
		sum += strlen(ev_text(ev, i));
	if (info->text)
		check(!bytes[ev->size - 1] && ev->size > info->min_size);
	(void)sum;
}

static void read_all(const void *data, size_t size)
{
	struct trace_reader *r __free(trace_reader_freep) = NULL;
	const struct trace_damage *d;
	const struct ev_hdr *ev;
	struct err err = { "" };
	int rc;

	if (trace_reader_open_mem(&r, data, size, &err) < 0) {
		check(err.text[0]);
		return;
	}
	while ((rc = trace_reader_next(r, &ev)) > 0)
		touch(ev);
	check(rc == 0);
	check(trace_reader_next(r, &ev) == 0);
	d = trace_reader_damage(r);
	check(d->torn_bytes <= size);
	/* where: always of what is in a place, never of nothing */
	check(d->first_bad_offset != UINT64_MAX ||
	      (!d->torn_bytes && !d->bad_frames && !d->bad_records));
	check(d->first_bad_offset == UINT64_MAX || is_damaged(d));
}

static void append_frames(struct buf *b, const uint8_t *data, size_t size)
{
	append_first_frame(b, "", 0);
	while (size) {
		size_t n = size < FRAME_PIECE ? size : FRAME_PIECE;

		append_frame(b, data, n);
		data += n;
		size -= n;
	}
}

/*
 * What `tail -c` leaves of a trace: the end of some bytes, among them what looks like frames, and
 * whole blocks behind them. With nothing misleading before the first whole one, it must be known.
 */
static void read_rest(const uint8_t *data, size_t size)
{
	struct ev_block mark = { .hdr = { .size = sizeof(mark), .kind = EV_BLOCK }, .id = 1 };
	struct trace_reader *r __free(trace_reader_freep) = NULL;
	size_t n = size < FRAME_PIECE ? size : FRAME_PIECE;
	struct buf content = { NULL, 0 }, b = { NULL, 0 };
	struct err err = { "" };
	bool plain;

	append_bytes(&content, &mark, sizeof(mark));
	append_bytes(&content, data, size);
	append_bytes(&b, "cut", 3);
	append_bytes(&b, data, n);
	/* the zero: no magic from the last bytes of these and the first of the frame */
	append_bytes(&b, "", 1);
	plain = !memchr(data, 0x28, n);
	append_frame(&b, content.data, content.len);
	append_bytes(&b, data, size);
	check(trace_reader_open_mem(&r, b.data, b.len, &err) < 0);
	check(!plain || strstr(err.text, "is part of a trace") ||
	      !strstr(err.text, "is not a netfsnoop"));
	free(content.data);
	free(b.data);
}

/* How many bytes the records are to have, and what is to hold them. */
static void append_packed(struct buf *b, const uint8_t *data, size_t size)
{
	struct ev_block mark = { .hdr = { .size = sizeof(mark), .kind = EV_BLOCK }, .seq = 1 };
	struct buf content = { NULL, 0 };

	if (size < sizeof(mark.plain))
		return;
	memcpy(&mark.plain, data, sizeof(mark.plain));
	data += sizeof(mark.plain);
	mark.packed = size - sizeof(mark.plain);
	append_bytes(&content, &mark, sizeof(mark));
	append_bytes(&content, data, mark.packed);
	append_first_frame(b, content.data, content.len);
	free(content.data);
}

static uint64_t inputs, rests, packed;

static void say_rests(void)
{
	fprintf(stderr,
		"fuzz_reader: of %llu inputs %llu were the rest of a trace, %llu a packed block\n",
		(unsigned long long)inputs, (unsigned long long)rests, (unsigned long long)packed);
}

#ifndef WRITE_CORPUS
/* A rest, and in it what looks like the begin of a frame: neither is found by chance. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	size = LLVMFuzzerMutate(data, size, most);
	if (size)
		data[0] = seed & 1 ? MODE_PACKED : seed & 2 ? MODE_REST : (seed >> 3) % MODE_REST;
	if (size > sizeof(magic) + 1 && (seed & 5) == 4)
		memcpy(data + 1 + (seed >> 3) % (size - sizeof(magic)), magic, sizeof(magic));
	return size;
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ev_tick tick = { .hdr = { .size = sizeof(tick), .kind = EV_TICK } };
	struct buf b = { NULL, 0 };

	if (!size)
		return 0;
	if (!inputs++)
		atexit(say_rests);
	if (data[0] % NR_MODES == MODE_REST) {
		rests++;
		read_rest(data + 1, size - 1);
		return 0;
	}
	switch (data[0] % NR_MODES) {
	case MODE_FILE:
		append_bytes(&b, data + 1, size - 1);
		break;
	case MODE_RECORDS:
		append_first_frame(&b, data + 1, size - 1);
		break;
	case MODE_TAIL:
		append_first_frame(&b, &tick, sizeof(tick));
		append_bytes(&b, data + 1, size - 1);
		append_frame(&b, &tick, sizeof(tick));
		break;
	case MODE_FRAMES:
		append_frames(&b, data + 1, size - 1);
		break;
	case MODE_PACKED:
		packed++;
		append_packed(&b, data + 1, size - 1);
		break;
	}
	/* not from the fuzzer's own buffer: exactly as long as the file, for ASan */
	read_all(b.data, b.len);
	free(b.data);
	return 0;
}

#ifdef WRITE_CORPUS

static int put(const char *dir, const char *name, enum mode mode, const struct buf *b)
{
	FILE *f __autofclose = NULL;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f || fputc(mode, f) == EOF)
		return -1;
	return fwrite(b->data, 1, b->len, f) == b->len ? 0 : -1;
}

/* one record of every kind, a short and a long one of the first */
static void append_every_kind(struct buf *b)
{
	const struct ev_kind_info *table;
	uint64_t ev[32] = { 0 };
	size_t n;

	table = ev_kind_table(&n);
	for (size_t i = 0; i < n; i++) {
		struct ev_hdr *hdr = (struct ev_hdr *)ev;

		memset(ev, 'a', sizeof(ev));
		*hdr = (struct ev_hdr){
			.size = table[i].min_size + 8 * table[i].text,
			.kind = table[i].kind,
			.ts = i,
		};
		append_bytes(b, ev, hdr->size);
	}
}

/* The same, and as often as the fuzzer needs to learn what a column is. */
static void pack_records(struct buf *b, const struct buf *records)
{
	struct buf twice = { NULL, 0 };
	struct packer *p;
	uint32_t plain;

	append_bytes(&twice, records->data, records->len);
	append_bytes(&twice, records->data, records->len);
	plain = twice.len;
	b->data = malloc(sizeof(plain) + PACKED_MAX(twice.len));
	if (!b->data || packer_new(&p))
		abort();
	memcpy(b->data, &plain, sizeof(plain));
	b->len = sizeof(plain) + pack(p, twice.data, twice.len, b->data + sizeof(plain));
	packer_free(p);
	free(twice.data);
}

int main(int argc, char **argv)
{
	static const uint8_t skippable[] = { 0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 'h', 'i' };
	struct buf records = { NULL, 0 }, file = { NULL, 0 }, tail = { NULL, 0 },
		   block = { NULL, 0 };
	int rc;

	if (argc != 2)
		return 2;
	append_every_kind(&records);
	append_first_frame(&file, records.data, records.len);
	append_frame(&tail, records.data, 240);
	append_bytes(&tail, skippable, sizeof(skippable));
	append_frame(&tail, records.data, 120);
	tail.data[20] ^= 1;
	rc = put(argv[1], "records", MODE_RECORDS, &records) |
	     put(argv[1], "frames", MODE_FRAMES, &records) |
	     put(argv[1], "file", MODE_FILE, &file) | put(argv[1], "tail", MODE_TAIL, &tail);
	file.len -= 5;
	rc |= put(argv[1], "torn", MODE_FILE, &file);
	rc |= put(argv[1], "rest", MODE_REST, &records);
	pack_records(&block, &records);
	rc |= put(argv[1], "packed", MODE_PACKED, &block);
	free(block.data);
	rc |= put(argv[1], "rest-misleading", MODE_REST, &tail);
	free(records.data);
	free(file.data);
	free(tail.data);
	return !!rc;
}

#endif
