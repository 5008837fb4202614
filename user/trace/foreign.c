// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "base/base.h"
#include "trace/foreign.h"
#include "trace/trace.h"

#define LOOK_AT 256

struct signature {
	const char *name;
	uint8_t len;
	char bytes[16];
};

#define SIGNATURE(name, bytes) name, sizeof(bytes) - 1, bytes

static const struct signature signatures[] = {
	{ SIGNATURE("a decompressed trace (zstd it again)", TRACE_MAGIC) },
	{ SIGNATURE("a trace-cmd file (trace.dat)", "\x17\x08\x44tracing") },
	{ SIGNATURE("a perf.data file", "PERFILE2") },
	{ SIGNATURE("a packet capture (pcap)", "\xd4\xc3\xb2\xa1") },
	{ SIGNATURE("a packet capture (pcap)", "\x4d\x3c\xb2\xa1") },
	{ SIGNATURE("a packet capture (pcapng)", "\x0a\x0d\x0d\x0a") },
	{ SIGNATURE("an SQLite database", "SQLite format 3") },
	{ SIGNATURE("an ELF file", "\x7f\x45LF") },
	{ SIGNATURE("gzip data", "\x1f\x8b") },
	{ SIGNATURE("xz data", "\xfd\x37zXZ") },
	{ SIGNATURE("bzip2 data", "BZh") },
	{ SIGNATURE("lz4 data", "\x04\x22\x4d\x18") },
	{ SIGNATURE("zip data", "PK\x03\x04") },
};

static bool is_text(const uint8_t *data, size_t len)
{
	if (len > LOOK_AT)
		len = LOOK_AT;
	for (size_t i = 0; i < len; i++) {
		if (data[i] < 0x80 && !isprint(data[i]) && !isspace(data[i]))
			return false;
	}
	return true;
}

const char *foreign_name(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(signatures); i++) {
		const struct signature *s = &signatures[i];

		if (len >= s->len && !memcmp(data, s->bytes, s->len))
			return s->name;
	}
	return len && is_text(data, len) ? "text" : NULL;
}
