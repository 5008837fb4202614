// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/fmt.h"
#include "event/kinds.h"
#include "view/kit/json_out.h"

/* ---- bytes ---- */

static void put(struct json_out *o, const char *bytes, size_t n)
{
	char *to = mem_more(&o->mem, n);

	if (!to)
		return;
	memcpy(to, bytes, n);
	o->mem.len += n;
}

static void put_byte(struct json_out *o, char byte)
{
	char *to = mem_more(&o->mem, 1);

	if (!to)
		return;
	*to = byte;
	o->mem.len++;
}

static void put_digits(struct json_out *o, uint64_t v, unsigned int base, unsigned int width)
{
	char digits[24];
	unsigned int n = 0;

	do {
		digits[sizeof(digits) - ++n] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v || n < width);
	put(o, digits + sizeof(digits) - n, n);
}

/* The length of what is to be escaped: quotes, backslashes and control characters, RFC 8259 7. */
static void put_escaped(struct json_out *o, const char *text)
{
	static const char short_for[32] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'
	};

	for (const char *from = text;; text++) {
		unsigned char c = *text;

		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		put(o, from, text - from);
		from = text + 1;
		if (!c)
			return;
		put_byte(o, '\\');
		if (c >= ' ' || short_for[c]) {
			put_byte(o, c >= ' ' ? (char)c : short_for[c]);
			continue;
		}
		put_byte(o, 'u');
		put_digits(o, c, 16, 4);
	}
}

static bool is_plain(const char *name)
{
	for (; *name; name++)
		if (*name < ' ' || *name > '~' || *name == '"' || *name == '\\')
			return false;
	return true;
}

/* Names may hold any byte: what the terminal would not show is escaped twice, as text and as JSON. */
static void put_name(struct json_out *o, const char *name)
{
	size_t room = 4 * strlen(name) + 8;
	__autofree char *text = NULL;

	put_byte(o, '"');
	if (is_plain(name)) {
		put(o, name, strlen(name));
	} else {
		text = malloc(room);
		o->mem.failed |= !text;
		if (text)
			put_escaped(o, fmt_escape(text, room, name));
	}
	put_byte(o, '"');
}

/* ---- the object ---- */

void jout_begin(struct json_out *o)
{
	o->mem.len = 0;
	o->mem.failed = o->comma = false;
	put_byte(o, '{');
}

void jout_free(struct json_out *o)
{
	mem_free(&o->mem);
}

int jout_print(struct json_out *o, FILE *out)
{
	put(o, "}\n", 2);
	if (o->mem.failed)
		return -ENOMEM;
	errno = 0;
	if (fwrite(o->mem.text, o->mem.len, 1, out) == 1)
		return 0;
	return errno ? -errno : -EIO;
}

int jout_print_last(struct json_out *o, FILE *out)
{
	int rc = jout_print(o, out);

	jout_free(o);
	return rc;
}

static void put_key(struct json_out *o, const char *key)
{
	if (o->comma)
		put_byte(o, ',');
	o->comma = true;
	if (!key)
		return;
	put_byte(o, '"');
	put(o, key, strlen(key));
	put(o, "\":", 2);
}

void jout_line(struct json_out *o, const char *type)
{
	jout_begin(o);
	jout_word(o, "type", type);
}

void jout_open(struct json_out *o, const char *key, enum json_how how)
{
	put_key(o, key);
	put_byte(o, how == JOUT_LIST ? '[' : '{');
	o->comma = false;
}

void jout_open_name(struct json_out *o, const char *name)
{
	put_key(o, NULL);
	put_name(o, name);
	put(o, ":{", 2);
	o->comma = false;
}

void jout_number_named(struct json_out *o, const char *name, uint64_t v)
{
	put_key(o, NULL);
	put_name(o, name);
	put(o, ":", 1);
	o->comma = false;
	jout_number(o, NULL, v);
}

void jout_close(struct json_out *o, enum json_how how)
{
	put_byte(o, how == JOUT_LIST ? ']' : '}');
	o->comma = true;
}

void jout_add(struct json_out *o, const char *key, struct json_out *item)
{
	put_byte(item, '}');
	o->mem.failed |= item->mem.failed;
	put_key(o, key);
	put(o, item->mem.text, item->mem.len);
}

bool jout_open_if(struct json_out *o, const char *key, bool known)
{
	if (known)
		jout_open(o, key, JOUT_OBJECT);
	else
		jout_null(o, key);
	return known;
}

/* ---- values ---- */

void jout_null(struct json_out *o, const char *key)
{
	put_key(o, key);
	put(o, "null", 4);
}

void jout_bool(struct json_out *o, const char *key, bool v)
{
	put_key(o, key);
	put(o, v ? "true" : "false", v ? 4 : 5);
}

void jout_bool_if(struct json_out *o, const char *key, bool known, bool v)
{
	if (known)
		jout_bool(o, key, v);
	else
		jout_null(o, key);
}

void jout_number(struct json_out *o, const char *key, uint64_t v)
{
	bool large = v > INT64_MAX; /* a string, as jansson has it */

	put_key(o, key);
	if (large)
		put_byte(o, '"');
	put_digits(o, v, 10, 1);
	if (large)
		put_byte(o, '"');
}

void jout_number_if(struct json_out *o, const char *key, bool known, uint64_t v)
{
	if (known)
		jout_number(o, key, v);
	else
		jout_null(o, key);
}

void jout_lost(struct json_out *o, const char *key, uint64_t count, bool at_least)
{
	jout_number_if(o, key, count || !at_least, count);
}

void jout_test(struct json_out *o, const char *key, uint32_t test)
{
	if (test)
		jout_number(o, key, test);
}

void jout_big_if(struct json_out *o, const char *key, bool known, uint64_t v)
{
	if (!known) {
		jout_null(o, key);
		return;
	}
	put_key(o, key);
	put_byte(o, '"');
	put_digits(o, v, 10, 1);
	put_byte(o, '"');
}

void jout_signed(struct json_out *o, const char *key, int64_t v)
{
	put_key(o, key);
	if (v < 0)
		put_byte(o, '-');
	put_digits(o, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, 1);
}

void jout_signed_if(struct json_out *o, const char *key, bool known, int64_t v)
{
	if (known)
		jout_signed(o, key, v);
	else
		jout_null(o, key);
}

static void put_hex(struct json_out *o, const char *key, uint64_t v, unsigned int width)
{
	put_key(o, key);
	put(o, "\"0x", 3);
	put_digits(o, v, 16, width);
	put_byte(o, '"');
}

void jout_id(struct json_out *o, const char *key, uint64_t v)
{
	put_hex(o, key, v, 1);
}

void jout_id_if(struct json_out *o, const char *key, bool known, uint64_t v)
{
	if (known)
		jout_id(o, key, v);
	else
		jout_null(o, key);
}

void jout_hex_if(struct json_out *o, const char *key, bool known, uint64_t v)
{
	jout_id_if(o, key, known, v);
}

void jout_status_if(struct json_out *o, const char *key, bool known, uint32_t status)
{
	if (known)
		put_hex(o, key, status, 8);
	else
		jout_null(o, key);
}

void jout_word(struct json_out *o, const char *key, const char *word)
{
	put_key(o, key);
	put_byte(o, '"');
	put(o, word, strlen(word));
	put_byte(o, '"');
}

void jout_word_if(struct json_out *o, const char *key, bool known, const char *word)
{
	if (known)
		jout_word(o, key, word);
	else
		jout_null(o, key);
}

void jout_rreq(struct json_out *o, const char *key, uint32_t rreq, bool synthetic)
{
	if (!rreq) {
		jout_null(o, key);
		return;
	}
	if (synthetic) {
		jout_word(o, key, fmt_request_id(true, rreq).s);
		return;
	}
	put_key(o, key);
	put_byte(o, '"');
	put_digits(o, rreq, 16, 8);
	put_byte(o, '"');
}

void jout_sreq(struct json_out *o, const char *key, uint32_t sreq)
{
	if (!sreq) {
		jout_null(o, key);
		return;
	}
	put_key(o, key);
	put_byte(o, '"');
	put_digits(o, sreq == EV_SREQ_ZERO ? 0 : sreq, 16, 1);
	put_byte(o, '"');
}

void jout_dev(struct json_out *o, const char *key, uint32_t dev)
{
	if (dev)
		jout_word(o, key, fmt_dev(dev).s);
	else
		jout_null(o, key);
}

void jout_name(struct json_out *o, const char *key, const char *name)
{
	if (!name || !*name) {
		jout_null(o, key);
		return;
	}
	put_key(o, key);
	put_name(o, name);
}
