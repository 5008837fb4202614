// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "tp/format.h"

#define MAX_FORMAT (64 << 10)

/* "\tfield:unsigned short index;\toffset:12;\tsize:2;\tsigned:0;" */
static bool parse_line(struct tp_field *f, const char *line)
{
	const char *end = strchr(line, ';'), *p;
	unsigned int offset, size;
	int is_signed;
	size_t len;

	if (!end ||
	    sscanf(end, ";\toffset:%u;\tsize:%u;\tsigned:%d;", &offset, &size, &is_signed) != 3)
		return false;
	for (p = end; p > line && p[-1] != ' '; p--)
		;
	len = strcspn(p, "[;");
	if (len >= sizeof(f->name))
		return false;
	memcpy(f->name, p, len);
	f->name[len] = '\0';
	f->offset = offset;
	f->size = size;
	f->is_signed = is_signed;
	return true;
}

int format_parse(struct tp_format *ret, const char *text)
{
	const char *line = text;

	ret->nr = 0;
	while (line && ret->nr < FORMAT_MAX_FIELDS) {
		if (!strncmp(line, "\tfield:", 7)) {
			struct tp_field *f = &ret->field[ret->nr];

			if (!parse_line(f, line))
				return -EBADMSG;
			ret->nr += strncmp(f->name, "common_", 7) != 0;
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return ret->nr ? 0 : -EBADMSG;
}

int format_read(struct tp_format *ret, const char *category, const char *name, char **ret_text)
{
	static const char *const roots[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	__autofree char *text = NULL;
	char path[256];
	int rc = -ENOENT;

	for (size_t i = 0; rc == -ENOENT && i < ARRAY_SIZE(roots); i++) {
		snprintf(path, sizeof(path), "%s/events/%s/%s/format", roots[i], category, name);
		rc = file_read(path, MAX_FORMAT, &text, NULL);
	}
	if (!rc)
		rc = format_parse(ret, text);
	if (!rc && ret_text)
		*ret_text = TAKE(text);
	return rc;
}

static const struct tp_field *find(const struct tp_format *f, const char *name)
{
	for (unsigned int i = 0; i < f->nr; i++)
		if (f->field[i].name[0] == name[0] && !strcmp(f->field[i].name, name))
			return &f->field[i];
	return NULL;
}

/* Little-endian like the machines this is built for; wider than 8 bytes is not a number. */
bool format_get(const struct tp_format *f, const char *field, const void *record, size_t size,
		uint64_t *ret_value)
{
	const struct tp_field *fl = find(f, field);
	uint64_t v = 0;

	if (!fl || !fl->size || fl->size > sizeof(v) || fl->offset + (size_t)fl->size > size)
		return false;
	memcpy(&v, (const char *)record + fl->offset, fl->size);
	if (fl->is_signed && fl->size < sizeof(v) && v >> (fl->size * 8 - 1))
		v |= ~0ULL << (fl->size * 8);
	*ret_value = v;
	return true;
}

uint64_t format_value(const struct tp_format *f, const char *field, const void *record, size_t size,
		      uint64_t fallback)
{
	uint64_t v;

	return format_get(f, field, record, size, &v) ? v : fallback;
}

static void trim(char *s)
{
	size_t len = strlen(s);

	while (len && isspace((unsigned char)s[len - 1]))
		s[--len] = '\0';
}

int format_symbols(const char *text, const char *field,
		   int (*fn)(void *ctx, int64_t value, const char *symbol), void *ctx)
{
	char start[64], symbol[64];
	long long value;
	const char *p;
	int used, rc;

	snprintf(start, sizeof(start), "__print_symbolic(REC->%s,", field);
	p = strstr(text, start);
	if (!p)
		return -ENOENT;
	p += strlen(start);
	while (sscanf(p, " { %lld , \"%63[^\"]\" }%n", &value, symbol, &used) == 2) {
		trim(symbol);
		rc = fn(ctx, value, symbol);
		if (rc)
			return rc;
		p += used;
		p += *p == ',';
	}
	return 0;
}
