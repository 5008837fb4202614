// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "sym/sym.h"

/* C identifiers, the suffixes of gcc and clang (.isra.0, .llvm.123) and Rust's ($) */
static bool symbol_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

static bool module_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static size_t span(const char *p, bool (*in)(char))
{
	size_t n = 0;

	while (p[n] && in(p[n]))
		n++;
	return n;
}

static int take(char *dst, size_t room, const char *from, size_t n)
{
	if (!n || n >= room)
		return -EINVAL;
	memcpy(dst, from, n);
	dst[n] = '\0';
	return 0;
}

/* "0x50f", with at most 16 digits */
static int take_hex(const char **p, uint64_t *ret)
{
	char *end;
	size_t n;

	if ((*p)[0] != '0' || ((*p)[1] != 'x' && (*p)[1] != 'X'))
		return -EINVAL;
	n = strspn(*p + 2, "0123456789abcdefABCDEF");
	if (!n || n > 16)
		return -EINVAL;
	*ret = strtoull(*p, &end, 16);
	*p = end;
	return 0;
}

/* " [cifs]", "[cifs 0123abcd...]" (lib/vsprintf.c, kernel/kallsyms.c); 0 also if there is none */
static void take_module(const char **at, struct sym_ref *r)
{
	const char *p = *at + strspn(*at, " \t"), *end;
	size_t n;

	if (*p++ != '[')
		return;
	end = strchr(p, ']');
	n = span(p, module_char);
	if (!end || n >= sizeof(r->module) || !n || (p[n] != ']' && p[n] != ' '))
		return;
	take(r->module, sizeof(r->module), p, n);
	if (p[n] == ' ') {
		p += n + 1;
		n = strspn(p, "0123456789abcdef");
		if (p[n] == ']')
			take(r->build_id, sizeof(r->build_id), p, n);
	}
	*at = end + 1;
}

int sym_ref_parse(const char *text, struct sym_ref *ret, const char **ret_end)
{
	struct sym_ref r = {};
	const char *p = text;
	size_t n = span(p, module_char);

	if (p[n] == ':' && p[n + 1] != ':') {
		if (take(r.module, sizeof(r.module), p, n))
			return -EINVAL;
		p += n + 1;
	}
	n = span(p, symbol_char);
	if (isdigit((unsigned char)*p) || take(r.symbol, sizeof(r.symbol), p, n))
		return -EINVAL;
	p += n;
	if (*p++ != '+' || take_hex(&p, &r.off))
		return -EINVAL;
	if (*p == '/') {
		p++;
		if (take_hex(&p, &r.size))
			return -EINVAL;
	}
	take_module(&p, &r);
	*ret = r;
	if (ret_end)
		*ret_end = p;
	return 0;
}
