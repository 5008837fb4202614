// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every event of every kernel in tracepoints/formats, printed as that kernel prints it: what
 * import/fields.c makes of the text is what tp/decode.c makes of the record.
 */
#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "import/fields.h"

#define RECORD 256

struct event {
	char name[64];
	char *text; /* of its format */
	struct tp_format format;
	uint8_t record[RECORD];
};

static const struct tp_field *field_of(const struct event *e, const char *name)
{
	for (unsigned int i = 0; i < e->format.nr; i++)
		if (!strcmp(e->format.field[i].name, name))
			return &e->format.field[i];
	return NULL;
}

static uint64_t value_of(const struct event *e, const char *name)
{
	return format_value(&e->format, name, e->record, RECORD, 0);
}

static void put(struct event *e, const char *name, uint64_t value)
{
	const struct tp_field *f = field_of(e, name);

	if (f && f->size <= 8)
		memcpy(e->record + f->offset, &value, f->size);
}

/* ---- the kernel's printing, as far as these formats need it ---- */

/* The argument's end: a comma outside of parentheses, braces and quotes, or the end. */
static const char *argument_end(const char *p)
{
	int depth = 0;

	for (; *p && *p != '\n'; p++) {
		if (*p == '"')
			p = strchr(p + 1, '"');
		else if (*p == '(' || *p == '{')
			depth++;
		else if (*p == ')' || *p == '}')
			depth--;
		else if (*p == ',' && !depth)
			break;
	}
	return p;
}

static char rec_name[64];

static const char *rec(const char *p)
{
	p = strstr(p, "REC->");
	sscanf(p + 5, "%63[a-z_0-9A-Z]", rec_name);
	return rec_name;
}

struct wanted {
	int64_t value;
	char text[64];
};

static int find_symbol(void *ctx, int64_t value, const char *symbol)
{
	struct wanted *w = ctx;

	if (value == w->value)
		snprintf(w->text, sizeof(w->text), "%s", symbol);
	return 0;
}

/* One argument: a text, or *ret_number. */
static const char *argument(const struct event *e, const char *arg, uint64_t *ret_number)
{
	static struct wanted w;

	if (!strncmp(arg, "__get_str", 9))
		return "some.host";
	if (!strncmp(arg, "__print_symbolic", 16)) {
		w = (struct wanted){ .value = value_of(e, rec(arg)) };
		format_symbols(e->text, rec_name, find_symbol, &w);
		return w.text;
	}
	*ret_number = 0;
	if (memmem(arg, argument_end(arg) - arg, "<< 12", 5)) {
		*ret_number = value_of(e, rec(arg)) << 12;
		return NULL;
	}
	/* a sum of fields, less 1 */
	for (const char *p = arg, *end = argument_end(arg); p < end && (p = strstr(p, "REC->"));
	     p++) {
		if (p >= end)
			break;
		*ret_number += value_of(e, rec(p));
	}
	if (memmem(arg, argument_end(arg) - arg, "- 1", 3))
		--*ret_number;
	return NULL;
}

static void print_one(char *out, const char *spec, const char *text, uint64_t number)
{
	char type = spec[strlen(spec) - 1], copy[16];

	if (text) {
		strcat(out, text);
		return;
	}
	if (strstr(spec, "pISpsfc")) {
		strcat(out, "127.0.0.1:445");
		return;
	}
	/* 32-bit arguments are cut to 32 bit, 64-bit ones have ll, l or z */
	snprintf(copy, sizeof(copy), "%%%s%c", strspn(spec + 1, "0123456789") ? "0*" : "", type);
	if (!strpbrk(spec, "lz"))
		number = (uint32_t)number;
	if (type == 'd')
		sprintf(out + strlen(out), "%lld",
			strpbrk(spec, "lz") ? (long long)number : (int)number);
	else if (type == 'u')
		sprintf(out + strlen(out), "%llu", (unsigned long long)number);
	else if (type == 'c')
		sprintf(out + strlen(out), "%c", (char)number);
	else
		sprintf(out + strlen(out), "%0*llx", atoi(spec + 1), (unsigned long long)number);
}

static void render(const struct event *e, char *out)
{
	const char *p = strstr(e->text, "print fmt: \"") + 12;
	const char *args = strchr(p, '"') + 1;

	*out = '\0';
	for (; *p != '"'; p++) {
		size_t len = strcspn(p, "duxcs");
		const char *text;
		uint64_t number;
		char spec[16];

		if (*p != '%') {
			snprintf(out + strlen(out), 2, "%s",
				 p[0] == '\\' && p[1] == 't' ? "\t" : p);
			p += *p == '\\';
			continue;
		}
		if (p[1] == 'p')
			len = strlen("%pISpsfc") - 1;
		snprintf(spec, sizeof(spec), "%.*s", (int)len + 1, p);
		args += strspn(args, ", ");
		text = argument(e, args, &number);
		print_one(out, spec, text, number);
		args = argument_end(args);
		p += len;
	}
}

/* ---- both ways ---- */

struct symbols {
	const struct event *e;
	const char *type, *text;
	int64_t value;
};

static int match_symbol(void *ctx, int64_t value, const char *symbol)
{
	struct symbols *s = ctx;

	if (strcmp(symbol, s->text))
		return 0;
	s->value = value;
	return 1;
}

/* As the importer, but with the kernel's own numbers. */
static int intern(void *ctx, const char *type, const char *text, uint8_t *ret)
{
	static const char *const fields[] = { "what", "why", "trace", "source", "origin" };
	struct symbols s = { .e = ctx, .type = type, .text = text };
	bool other = !strcmp(type, "netfs_io_source") || !strcmp(type, "netfs_io_origin");

	for (size_t i = other ? 3 : 0; i < (other ? 5 : 3); i++)
		if (format_symbols(s.e->text, fields[i], match_symbol, &s) == 1) {
			*ret = s.value;
			return 0;
		}
	fail_msg("%s: no %s is called %s", s.e->name, type, text);
	return 0;
}

static void fill(struct event *e, uint64_t what)
{
	memset(e->record, 0, sizeof(e->record));
	for (unsigned int i = 0; i < e->format.nr; i++) {
		char mention[64];

		snprintf(mention, sizeof(mention), "REC->%s", e->format.field[i].name);
		if (strstr(strstr(e->text, "print fmt"), mention))
			put(e, e->format.field[i].name, 11 + 16 * i);
	}
	put(e, "what", what);
	put(e, "why", what);
	put(e, "trace", what);
	put(e, "source", 2);
	put(e, "origin", 2);
	put(e, "type", 'F');
	put(e, "error", -5);
	put(e, "rc", -11);
	put(e, "index", 12);
	put(e, "stream", 1);
	put(e, "lease_key_low", 0); /* printed without a gap to the other half */
	if (!strcmp(e->name, "netfs_collect"))
		put(e, "transferred", 0); /* printed as part of a sum only */
	put(e, "len", 65536);
}

static void compare(struct event *e, const char *kernel)
{
	uint16_t probe = fields_probe(e->name, strlen(e->name));
	struct ev_hdr hdr = { .probe = probe, .ts = 77, .tid = 5 };
	union decoded a, b;
	struct fields f;
	char text[1024];

	render(e, text);
	assert_true(decode_record(&a, &hdr, &e->format, e->record, RECORD));
	if (!fields_parse(&f, probe, text, !strncmp(kernel, "6.1.", 4)))
		fail_msg("%s: %s is not parsed: %s", kernel, e->name, text);
	assert_int_equal(fields_resolve(&f, probe, intern, e), 0);
	f.r.hdr = &hdr;
	assert_true(decode_fields(&b, &f.r));
	if (a.hdr.size != b.hdr.size || memcmp(&a, &b, a.hdr.size))
		fail_msg("%s: %s differs from its record: %s", kernel, e->name, text);
}

static int count(void *ctx, int64_t value, const char *symbol)
{
	(void)symbol;
	if (value >= *(int64_t *)ctx)
		*(int64_t *)ctx = value + 1;
	return 0;
}

static unsigned int check_event(struct event *e, const char *kernel)
{
	static const char *const fields[] = { "what", "why", "trace" };
	int64_t values = 1;

	if (!fields_probe(e->name, strlen(e->name)) || format_parse(&e->format, e->text))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		format_symbols(e->text, fields[i], count, &values);
	for (int64_t v = 0; v < values; v++) {
		fill(e, v);
		compare(e, kernel);
	}
	return 1;
}

/* The page cache's two are not imported as text: a trace.dat has them, as records. */
static unsigned int check_wb_err(struct event *e)
{
	bool set = !strcmp(e->name, "filemap_set_wb_err");
	struct ev_hdr hdr = { .ts = 77, .tid = 5 };
	union decoded d;

	if (!set && strcmp(e->name, "file_check_and_advance_wb_err"))
		return 0;
	hdr.probe = set ? P_filemap_set_wb_err : P_file_check_and_advance_wb_err;
	assert_int_equal(format_parse(&e->format, e->text), 0);
	memset(e->record, 0, sizeof(e->record));
	put(e, "i_ino", 0x123456789);
	put(e, "s_dev", 35);
	put(e, set ? "errseq" : "old", 0x1000);
	put(e, "new", 0x2000 | 28);
	assert_true(decode_record(&d, &hdr, &e->format, e->record, RECORD));
	assert_int_equal(d.wb_err.hdr.kind, EV_WB_ERR);
	assert_int_equal(d.wb_err.ino, 0x123456789);
	assert_int_equal(d.wb_err.dev, 35);
	assert_int_equal(d.wb_err.old, 0x1000);
	assert_int_equal(d.wb_err.seq, set ? 0 : (0x2000 | 28));
	assert_int_equal(d.wb_err.error, set ? 0 : -28);
	return 1;
}

static unsigned int check_kernel(const char *kernel, unsigned int *wb_err)
{
	__autofree char *all = NULL;
	unsigned int n = 0;
	char path[512];

	snprintf(path, sizeof(path), "tracepoints/formats/%s/formats", kernel);
	assert_int_equal(file_read(path, 1 << 20, &all, NULL), 0);
	for (char *p = all, *next; p; p = next) {
		struct event e = { .text = p };

		next = strstr(p + 1, "\nname: ");
		if (next)
			*next++ = '\0';
		assert_int_equal(sscanf(p, "name: %63s", e.name), 1);
		n += check_event(&e, kernel);
		*wb_err += check_wb_err(&e);
	}
	return n;
}

static void test_every_kernel(void **state)
{
	DIR *d = opendir("tracepoints/formats");
	const struct dirent *e;
	unsigned int kernels = 0, checked, wb_err = 0;

	(void)state;
	assert_non_null(d);
	while ((e = readdir(d)))
		if (e->d_name[0] != '.') {
			checked = check_kernel(e->d_name, &wb_err);
			assert_true(checked >= 30 && checked <= 200);
			kernels++;
		}
	closedir(d);
	assert_true(kernels >= 3 && kernels <= 100);
	assert_true(wb_err >= 4); /* both, of two kernels and more */
}

/* A key that no kernel has printed so far is read, if it is what the record calls the field. */
static void test_own_names(void **state)
{
	static const char slow[] = "cmd=8 mid=5 pid=1 when_sent=10 when_received=25 more=7";
	struct ev_hdr hdr = { .probe = P_smb3_slow_rsp };
	union decoded d;
	struct fields f;

	(void)state;
	assert_true(fields_parse(&f, hdr.probe, slow, false));
	assert_int_equal(fields_resolve(&f, hdr.probe, intern, NULL), 0);
	f.r.hdr = &hdr;
	assert_true(decode_fields(&d, &f.r));
	assert_int_equal(d.slow.sent, 10);
	assert_int_equal(d.slow.received, 25);
	/* without it, it is not whole */
	assert_false(fields_parse(&f, hdr.probe, "cmd=8 mid=5 pid=1 when_sent=10", false));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_kernel),
					    cmocka_unit_test(test_own_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
