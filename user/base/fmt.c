// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/fmt.h"
#include "base/utf8.h"
#include "bpf/event.h"

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

/* By hand, as an export does it for each row: printf() takes ten times as long. */
static struct short_text hex(uint32_t v, unsigned int width)
{
	struct short_text t;
	unsigned int digits = 1;

	while (digits < 8 && v >> 4 * digits)
		digits++;
	if (digits < width)
		digits = width;
	for (unsigned int i = 0; i < digits; i++)
		t.s[i] = "0123456789abcdef"[v >> 4 * (digits - 1 - i) & 0xf];
	t.s[digits] = '\0';
	return t;
}

struct short_text fmt_index(uint32_t sreq)
{
	return hex(sreq == EV_SREQ_ZERO ? 0 : sreq, 1);
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
	return synthetic ? fmt_request(true, rreq, 0) : hex(rreq, 8);
}

struct short_text fmt_tid(uint32_t tid)
{
	struct short_text t = { "?" };

	if (tid_known(tid))
		snprintf(t.s, sizeof(t.s), "%" PRIu32, tid);
	return t;
}

struct short_text fmt_ino(uint64_t ino)
{
	struct short_text t = { "?" };

	if (ino)
		snprintf(t.s, sizeof(t.s), "%" PRIu64, ino);
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

struct long_text fmt_lost(uint64_t count, bool at_least)
{
	struct long_text t;

	if (!count && at_least)
		snprintf(t.s, sizeof(t.s), "an unknown number of records");
	else
		snprintf(t.s, sizeof(t.s), "%" PRIu64 "%s record%s", count,
			 at_least ? " or more" : "", at_least ? "s" : plural(count));
	return t;
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

/*
 * The next character, or a byte that is none: its bytes. *ret_shown: how many it takes where it is shown,
 * more than it has if it is escaped.
 */
static size_t next_shown(const unsigned char *p, size_t *ret_shown)
{
	size_t n = utf8_length(p);
	bool plain = n > 1 ? !utf8_is_control(p, n) : n == 1 && *p >= 0x20 && *p != 0x7f;

	*ret_shown = plain ? n : sizeof("\\x00") - 1;
	return plain ? n : 1;
}

char *fmt_escape(char *dst, size_t room, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t at = 0;

	while (*p) {
		size_t shown, n = next_shown(p, &shown);

		if (at + shown + 4 > room) {
			if (room >= 4)
				at += snprintf(dst + at, room - at, "...");
			break;
		}
		if (n < shown)
			sprintf(dst + at, "\\x%02x", *p);
		else
			memcpy(dst + at, p, n);
		at += shown;
		p += n;
	}
	if (room)
		dst[at < room ? at : room - 1] = '\0';
	return dst;
}

/* Bytes that fmt_escape() makes of text, without a NUL. */
static size_t escaped_length(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t sum = 0, shown;

	for (; *p; sum += shown)
		p += next_shown(p, &shown);
	return sum;
}

char *fmt_path(char *dst, size_t room, const char *path)
{
	const size_t around = sizeof("...") + 4; /* fmt_escape() keeps room for its own "..." */
	size_t len = strlen(path);
	const char *p = len > room ? path + len - room : path, *slash;
	size_t left, shown;
	bool cut;

	while (p != path && (*p & 0xc0) == 0x80) /* within a character */
		p++;
	for (left = escaped_length(p); *p && left + around > room; left -= shown)
		p += next_shown((const unsigned char *)p, &shown);
	cut = p != path && *p;
	slash = cut ? strchr(p, '/') : NULL;
	if (slash)
		p = slash;
	strcpy(dst, cut ? "..." : "");
	fmt_escape(dst + strlen(dst), room - strlen(dst), p);
	return dst;
}

const char *frame_next(const char *p, char *frame, size_t size)
{
	size_t n = strcspn(p, "\n"), kept = n < size ? n : size - 1;

	memcpy(frame, p, kept);
	frame[kept] = 0;
	return p + n + (p[n] == '\n');
}

void fmt_end(char *dst, size_t room, const char *text)
{
	size_t len = strlen(text);

	snprintf(dst, room, "%s", len < room ? text : text + len - (room - 1));
}

/* include/linux/errno.h of the kernel */
static const char *inner_errno(int error)
{
	static const char *const names[] = {
		"ERESTARTSYS",
		"ERESTARTNOINTR",
		"ERESTARTNOHAND",
		"ENOIOCTLCMD",
		"ERESTART_RESTARTBLOCK",
		"EPROBE_DEFER",
		"EOPENSTALE",
		"ENOPARAM",
		NULL,
		"EBADHANDLE",
		"ENOTSYNC",
		"EBADCOOKIE",
		"ENOTSUPP",
		"ETOOSMALL",
		"ESERVERFAULT",
		"EBADTYPE",
		"EJUKEBOX",
		"EIOCBQUEUED",
		"ERECALLCONFLICT",
		"ENOGRACE",
	};

	return error >= 512 && error - 512 < (int)ARRAY_SIZE(names) ? names[error - 512] : NULL;
}

struct short_text fmt_errno(int error)
{
	int number = error < 0 ? -error : error;
	const char *name = number < 512 ? strerrorname_np(number) : inner_errno(number);
	struct short_text t;

	if (name)
		snprintf(t.s, sizeof(t.s), "%s", name);
	else
		snprintf(t.s, sizeof(t.s), "error %d", number);
	return t;
}

char *fmt_words(int n, char *const *words)
{
	size_t size = 1;
	char *line, *end;

	for (int i = 0; i < n; i++)
		size += strlen(words[i]) + 1;
	end = line = calloc(1, size);
	for (int i = 0; line && i < n; i++)
		end = stpcpy(i ? stpcpy(end, " ") : end, words[i]);
	return line;
}
