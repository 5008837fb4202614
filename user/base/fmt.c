// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/fmt.h"
#include "base/utf8.h"
#include "base/kinds.h"

struct short_text fmt_bytes(uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	struct short_text t;
	double v = bytes;
	size_t u = 0;

	for (; v >= 1024 && u + 1 < ARRAY_SIZE(units); u++)
		v /= 1024;
	snprintf(t.s, sizeof(t.s), u ? "%.1f %s" : "%.0f %s", v, units[u]);
	return t;
}

struct short_text fmt_ns(uint64_t ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	struct short_text t;
	double v = ns;
	size_t u = 0;

	for (; v >= 999.5 && u + 1 < ARRAY_SIZE(units); u++)
		v /= 1000;
	snprintf(t.s, sizeof(t.s),
		 !u	   ? "%.0f %s"
		 : v < 10  ? "%.2f %s"
		 : v < 100 ? "%.1f %s"
			   : "%.0f %s",
		 v, units[u]);
	return t;
}

struct short_text fmt_index(uint32_t sreq)
{
	struct short_text t;

	snprintf(t.s, sizeof(t.s), "%" PRIx32, sreq == EV_SREQ_ZERO ? 0 : sreq);
	return t;
}

struct short_text fmt_rreq(uint32_t rreq, uint32_t sreq)
{
	struct short_text t;

	if (sreq)
		snprintf(t.s, sizeof(t.s), "R=%08" PRIx32 "[%.8s]", rreq, fmt_index(sreq).s);
	else
		snprintf(t.s, sizeof(t.s), "R=%08" PRIx32, rreq);
	return t;
}

struct short_text fmt_request(bool synthetic, uint32_t rreq, uint32_t sreq)
{
	uint32_t count = rreq & INT32_MAX;
	struct short_text t;

	if (!synthetic)
		return fmt_rreq(rreq, sreq);
	if (sreq)
		snprintf(t.s, sizeof(t.s), "cifs-%" PRIu32 "[%.8s]", count, fmt_index(sreq).s);
	else
		snprintf(t.s, sizeof(t.s), "cifs-%" PRIu32, count);
	return t;
}

struct short_text fmt_request_id(bool synthetic, uint32_t rreq)
{
	struct short_text t;

	if (synthetic)
		return fmt_request(true, rreq, 0);
	snprintf(t.s, sizeof(t.s), "%08" PRIx32, rreq);
	return t;
}

struct short_text fmt_dev(uint32_t dev)
{
	struct short_text t;

	snprintf(t.s, sizeof(t.s), "%" PRIu32 ":%" PRIu32, dev >> 20, dev & 0xfffff);
	return t;
}

const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

const char *plural_y(uint64_t n)
{
	return n == 1 ? "y" : "ies";
}

struct short_text fmt_dmesg(uint64_t ns)
{
	struct short_text t;

	snprintf(t.s, sizeof(t.s), "[%5" PRIu64 ".%06" PRIu64 "]", ns / 1000000000,
		 ns / 1000 % 1000000);
	return t;
}

struct short_text fmt_wall(uint64_t realtime_ns)
{
	time_t sec = realtime_ns / 1000000000;
	struct short_text t = { "" };
	struct tm tm;
	size_t n;

	if (!gmtime_r(&sec, &tm))
		return t;
	n = strftime(t.s, sizeof(t.s), "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(t.s + n, sizeof(t.s) - n, ".%06" PRIu64, realtime_ns / 1000 % 1000000);
	return t;
}

char *fmt_escape(char *dst, size_t room, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t at = 0;

	while (*p) {
		size_t n = utf8_length(p);
		bool plain = n > 1 ? !utf8_is_control(p, n) : n == 1 && *p >= 0x20 && *p != 0x7f;
		size_t need = plain ? n : 4;

		if (at + need + 4 > room) {
			if (room >= 4)
				at += snprintf(dst + at, room - at, "...");
			break;
		}
		if (plain)
			memcpy(dst + at, p, n);
		else
			sprintf(dst + at, "\\x%02x", *p);
		at += need;
		p += plain ? n : 1;
	}
	if (room)
		dst[at < room ? at : room - 1] = '\0';
	return dst;
}

/* Bytes that fmt_escape() makes of text, without a NUL. */
static size_t escaped_length(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t sum = 0;

	while (*p) {
		size_t n = utf8_length(p);
		bool plain = n > 1 ? !utf8_is_control(p, n) : n == 1 && *p >= 0x20 && *p != 0x7f;

		sum += plain ? n : 4;
		p += plain ? n : 1;
	}
	return sum;
}

/* One character on, or one byte that is none. */
static const char *next_character(const char *p)
{
	size_t n = utf8_length((const unsigned char *)p);

	return p + (n > 1 ? n : 1);
}

char *fmt_path(char *dst, size_t room, const char *path)
{
	const size_t around = sizeof("...") + 4; /* fmt_escape() keeps room for its own "..." */
	size_t len = strlen(path);
	const char *p = len > room ? path + len - room : path, *slash;
	bool cut;

	while (p != path && (*p & 0xc0) == 0x80) /* within a character */
		p++;
	while (*p && escaped_length(p) + around > room)
		p = next_character(p);
	cut = p != path && *p;
	slash = cut ? strchr(p, '/') : NULL;
	if (slash)
		p = slash;
	strcpy(dst, cut ? "..." : "");
	fmt_escape(dst + strlen(dst), room - strlen(dst), p);
	return dst;
}
