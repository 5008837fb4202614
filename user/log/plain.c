// SPDX-License-Identifier: GPL-2.0-only
/* What terminals, mailers and web pages do to the bytes of a line is undone. */
#include <ctype.h>
#include <string.h>

#include "log/line.h"

/* "\033[1;31m" (ECMA-48, CSI): bytes to leave out, 0 if it is none; others are part of a name */
static size_t escape_length(const char *p)
{
	size_t n;

	if (p[0] != '\033' || p[1] != '[')
		return 0;
	n = 2 + strspn(p + 2, "0123456789;:<=>?");
	return p[n] ? n + 1 : n;
}

/* A blank of Unicode (White_Space, and what is as wide as nothing): its bytes, 0 if it is none */
static size_t blank_length(const char *p, bool *ret_nothing)
{
	const unsigned char *b = (const unsigned char *)p;

	*ret_nothing = false;
	if (b[0] == 0xc2 && b[1] == 0xa0)
		return 2;
	if (b[0] == 0xe1 && b[1] == 0x9a && b[2] == 0x80)
		return 3;
	if (b[0] == 0xe2 && b[1] == 0x80) {
		*ret_nothing = b[2] >= 0x8b && b[2] <= 0x8f;
		return (b[2] >= 0x80 && b[2] <= 0x8f) || b[2] == 0xaf ? 3 : 0;
	}
	if (b[0] == 0xe2 && b[1] == 0x81) {
		*ret_nothing = b[2] == 0xa0;
		return b[2] == 0x9f || b[2] == 0xa0 ? 3 : 0;
	}
	if (b[0] == 0xe3 && b[1] == 0x80 && b[2] == 0x80)
		return 3;
	*ret_nothing = b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf;
	return *ret_nothing ? 3 : 0;
}

/* a no-break space of ISO 8859, which is no UTF-8: not the end of a longer sequence */
static bool is_latin_blank(const char *p, const char *start)
{
	return (unsigned char)*p == 0xa0 && (p == start || !((unsigned char)p[-1] & 0x80)) &&
	       !((unsigned char)p[1] & 0x80);
}

static const struct {
	const char *name;
	char byte;
} entities[] = {
	{ "&lt;", '<' },    { "&gt;", '>' },   { "&amp;", '&' }, { "&quot;", '"' },
	{ "&apos;", '\'' }, { "&nbsp;", ' ' }, { "#011", '\t' }, /* rsyslog's tab */
};

/* "&#39;", "&#x3c;" of ASCII; "&lt;" */
static size_t entity_length(const char *p, char *ret)
{
	char *end;
	unsigned long code;

	for (size_t i = 0; i < ARRAY_SIZE(entities); i++)
		if (!strncmp(p, entities[i].name, strlen(entities[i].name))) {
			*ret = entities[i].byte;
			return strlen(entities[i].name);
		}
	if (p[0] != '&' || p[1] != '#' || !isalnum((unsigned char)p[2]))
		return 0;
	code = p[2] == 'x' || p[2] == 'X' ? strtoul(p + 3, &end, 16) : strtoul(p + 2, &end, 10);
	if (*end != ';' || end - p > 8 || (code != 0xa0 && (code < ' ' || code > '~')))
		return 0;
	*ret = code == 0xa0 ? ' ' : (char)code;
	return end + 1 - p;
}

/* Bytes of p that become *ret, or nothing if that is '\0' */
static size_t replaced(const char *p, const char *start, char *ret)
{
	bool nothing;
	size_t n = escape_length(p);

	*ret = '\0';
	if (n)
		return n;
	n = blank_length(p, &nothing);
	if (n) {
		*ret = nothing ? '\0' : ' ';
		return n;
	}
	if (is_latin_blank(p, start)) {
		*ret = ' ';
		return 1;
	}
	if (*p == '\r' || *p == '\f' || *p == '\v') {
		*ret = p == start ? '\0' : ' ';
		return 1;
	}
	return *p == '&' || *p == '#' ? entity_length(p, ret) : 0;
}

size_t log_plain(char *text)
{
	char *to = text, byte;
	const char *p = text;

	while (*p) {
		size_t n = replaced(p, text, &byte);

		if (!n) {
			*to++ = *p++;
			continue;
		}
		if (byte)
			*to++ = byte;
		p += n;
	}
	while (to > text && isspace((unsigned char)to[-1]))
		to--;
	*to = '\0';
	return to - text;
}
