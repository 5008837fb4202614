// SPDX-License-Identifier: GPL-2.0-only
/*
 * What kernels say of themselves (tracepoints/formats, made by tracepoints/snapshot.sh) against
 * what we make of it: every enumerator has our text, which is the kernel's own; and every probe's
 * target has the arguments that its BPF program reads.
 */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "model/names.h"

/* These we show by their raw names: the folio states say what they mean, the causes of -EIO are
 * many. */
static bool raw_by_choice(enum name_enum e)
{
	return e == NAMES_FOLIO || e == NAMES_EIO;
}

/* Enumerators shown raw though others of their enum have a text; why. */
static const char *const raw[] = {
	"nr__netfs_io_origin", /* counts them */
};

/* One meaning, one text: where a kernel prints another one for the same enumerator, this is its
 * own. */
static const struct {
	const char *enumerator, *kernel_text;
} other_spelling[] = {
	{ "netfs_rreq_trace_wait_pause", "WT-PAUS" },	     /* 6.12 */
	{ "netfs_sreq_trace_io_progress", "IO" },	     /* 6.12 */
	{ "netfs_sreq_trace_get_resubmit", "GET RESUBMIT" }, /* 6.1, 6.12 */
	{ "NETFS_INVALID_WRITE", "INVL" }, /* 6.12: the same as NETFS_INVALID_READ */
};

static bool spelled(const char *enumerator, const char *kernel_text)
{
	for (size_t i = 0; i < ARRAY_SIZE(other_spelling); i++)
		if (!strcmp(other_spelling[i].enumerator, enumerator))
			return !strcmp(other_spelling[i].kernel_text, kernel_text);
	return false;
}

static bool listed(const char *const *list, size_t nr, const char *name)
{
	for (size_t i = 0; i < nr; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

/* ---- the files ---- */

struct snapshot {
	char *dir, *formats, *enums, *prototypes;
};

static char *load(const char *dir, const char *name)
{
	__autofree char *path = NULL;
	char *text;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	if (file_read(path, 4 << 20, &text, NULL))
		fail_msg("cannot read %s; do: tracepoints/snapshot.sh SERIES", path);
	return text;
}

/* Calls check with every snapshot. */
static void each_kernel(void (*check)(const struct snapshot *s))
{
	glob_t found;

	if (glob("tracepoints/formats/*/", 0, NULL, &found))
		fail_msg("no tracepoints/formats: run this at the top of the tree");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *dir = found.gl_pathv[i];
		struct snapshot s = { dir, load(dir, "formats"), load(dir, "enums"),
				      load(dir, "prototypes") };

		check(&s);
		free(s.formats);
		free(s.enums);
		free(s.prototypes);
	}
	assert_true(found.gl_pathc >= 3);
	globfree(&found);
}

/* The part of "formats" about an event; NULL if the kernel has none of that name. Freed by the
 * caller. */
static char *format_of(const struct snapshot *s, const char *event)
{
	char head[128];
	const char *from, *to;

	snprintf(head, sizeof(head), "name: %s\n", event);
	from = strstr(s->formats, head);
	if (!from)
		return NULL;
	to = strstr(from + 1, "\nname: ");
	return strndup(from, to ? (size_t)(to - from) : strlen(from));
}

/* ---- enums ---- */

/* The text that the event prints for a value, without padding; false if it has none. */
static bool kernel_text(const char *format, const char *field, int64_t value, char *out,
			size_t size)
{
	char head[128];
	const char *p, *end;

	snprintf(head, sizeof(head), "__print_symbolic(REC->%s, ", field);
	p = strstr(format, head);
	if (!p)
		return false;
	end = strstr(p, "})");
	while ((p = strstr(p, "{ ")) && p < end) {
		char *text;
		long nr = strtol(p + 2, &text, 0);
		size_t len;

		p = text;
		if (nr != value || strncmp(text, ", \"", 3))
			continue;
		text += 3;
		len = strcspn(text, "\"");
		while (len && text[len - 1] == ' ')
			len--;
		snprintf(out, size, "%.*s", (int)len, text);
		return true;
	}
	return false;
}

static void add(struct names *n, const char *type, int64_t value, const char *enumerator)
{
	struct {
		struct ev_enum_rec rec;
		char room[256];
	} u;
	size_t type_len = strlen(type) + 1, len = type_len + strlen(enumerator) + 1;

	memset(&u, 0, sizeof(u));
	assert_true(len < sizeof(u.room));
	memcpy(u.room, type, type_len);
	memcpy(u.room + type_len, enumerator, len - type_len);
	u.rec.hdr.size = sizeof(u.rec) + len;
	u.rec.hdr.kind = EV_ENUM;
	u.rec.value = value;
	assert_int_equal(names_add(n, &u.rec), 0);
}

/* next line of *rest as "TYPE VALUE ENUMERATOR" */
static bool next_enumerator(const char **rest, char type[64], int *value, char name[128])
{
	int used;

	if (sscanf(*rest, "%63s %d %127s\n%n", type, value, name, &used) != 3)
		return false;
	*rest += used;
	return true;
}

static struct names *names_of(const struct snapshot *s)
{
	const char *rest = s->enums;
	char type[64], name[128];
	struct names *n;
	int value;

	assert_int_equal(names_new(&n), 0);
	while (next_enumerator(&rest, type, &value, name))
		add(n, type, value, name);
	return n;
}

static enum name_enum find_enum(const char *type)
{
	for (size_t i = 0; i < NAMES_MAX; i++)
		if (!strcmp(kernel_enums[i].type, type))
			return i;
	fail_msg("%s: an enum that user/event/enums.def has not", type);
	return NAMES_MAX;
}

static void check_enumerator(const struct snapshot *s, const struct names *n, enum name_enum e,
			     int value, const char *name)
{
	const struct kernel_enum *k = &kernel_enums[e];
	const char *ours = names_text(n, e, value);
	__autofree char *format = k->event ? format_of(s, k->event) : NULL;
	char text[64];

	if (raw_by_choice(e) || listed(raw, ARRAY_SIZE(raw), name)) {
		assert_string_equal(ours, name);
		assert_int_equal(names_id(n, e, value), NAME_UNKNOWN);
		return;
	}
	if (names_id(n, e, value) == NAME_UNKNOWN)
		fail_msg("%s: %s has no entry in user/model/names.def", s->dir, name);
	if (!k->event)
		return;
	if (!format)
		fail_msg("%s has %s and no event %s", s->dir, k->type, k->event);
	if (!kernel_text(format, k->field, value, text, sizeof(text)))
		fail_msg("%s: %s does not print %s = %d", s->dir, k->event, name, value);
	if (strcmp(text, ours) && !spelled(name, text))
		fail_msg("%s: %s is \"%s\" for the kernel, \"%s\" for us", s->dir, name, text,
			 ours);
}

static void check_enums(const struct snapshot *s)
{
	struct names *n = names_of(s);
	const char *rest = s->enums;
	char type[64], name[128];
	int value;

	while (next_enumerator(&rest, type, &value, name))
		check_enumerator(s, n, find_enum(type), value, name);
	assert_int_equal(*rest, '\0');
	assert_string_equal(names_text(n, NAMES_RREQ_TRACE, 255), "?");
	names_free(n);
}

static void test_enums(void **state)
{
	(void)state;
	each_kernel(check_enums);
}

/* What every part of report counts on, whatever its number. */
static void check_essential(const struct snapshot *s)
{
	static const enum name_id ids[] = {
		RREQ_FREE,	 RREQ_DONE, SREQ_FREE,	      SREQ_SUBMIT,
		SREQ_TERMINATED, FAIL_READ, ORIGIN_READAHEAD, SOURCE_DOWNLOAD_FROM_SERVER,
		READ_READAHEAD,	 ITER_BVEC, TCP_NEEDRECONNECT
	};
	struct names *n = names_of(s);

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		assert_true(names_has(n, ids[i]));
	names_free(n);
}

static void test_essential(void **state)
{
	(void)state;
	each_kernel(check_essential);
}

/* ---- arguments ---- */

/*
 * What the programs in bpf/ read, by position, as user/event/kinds.def has it. Of cifs's tracepoints
 * the names of the record's fields, which are in the order of the arguments; of all others the types,
 * without const. Alternatives are told apart by the programs, by number of arguments or by what types
 * exist.
 */
static const struct {
	const char *target;
	const char *args[2];
} assumed[] = {
#define TP(kind, probe, words, e, need, args, ...) { "tp " #probe, { args } },
#define CALL(target, ...)			   { target, { __VA_ARGS__ } },
#define ARGS(...)				   __VA_ARGS__
#include "event/kinds.def"
#undef ARGS
};

/* text without every "const " */
static void drop_const(char *text)
{
	char *p;

	while ((p = strstr(text, "const ")))
		memmove(p, p + 6, strlen(p + 6) + 1);
}

/* "a,b,c": names of the record's fields */
static void field_names(const char *format, char *out, size_t size)
{
	const char *p = format;

	*out = '\0';
	while ((p = strstr(p, "field:"))) {
		size_t end = strcspn(p, ";["), begin, used = strlen(out);

		/* "__data_loc char[] NAME", "__u8 NAME[sizeof(...)]" */
		if (!strncmp(p, "field:__data_loc", 16))
			end = strcspn(p, ";");
		for (begin = end; p[begin - 1] != ' '; begin--)
			;
		snprintf(out + used, size - used, "%s%.*s", used ? "," : "", (int)(end - begin),
			 p + begin);
		p += end;
	}
}

static int count_commas(const char *text)
{
	int n = 0;

	while ((text = strchr(text, ',')))
		n++, text++;
	return n;
}

static bool matches(const char *have, const char *want)
{
	size_t len = strlen(want);

	if (len > 3 && !strcmp(want + len - 3, "..."))
		return !strncmp(have, want, len - 3);
	return !strcmp(have, want);
}

/* line: "tp NAME(TYPES)..." */
static void check_prototype(const struct snapshot *s, const char *target, char *types)
{
	char fields[512];
	const char *have = types;

	drop_const(types);
	if (!strncmp(target, "tp smb3_", 8)) {
		__autofree char *format = format_of(s, target + 3);

		assert_non_null(format);
		field_names(format, fields, sizeof(fields));
		if (count_commas(fields) != count_commas(types))
			fail_msg("%s: %s(%s) has the fields %s", s->dir, target, types, fields);
		have = fields;
	}
	for (size_t i = 0; i < ARRAY_SIZE(assumed); i++) {
		if (strcmp(assumed[i].target, target))
			continue;
		for (int k = 0; k < 2 && assumed[i].args[k]; k++)
			if (matches(have, assumed[i].args[k]))
				return;
		fail_msg("%s: %s(%s): not what bpf/ and kinds.def know", s->dir, target, have);
	}
	fail_msg("%s: not in user/event/kinds.def; add what its program in bpf/ reads", target);
}

static void check_arguments(const struct snapshot *s)
{
	__autofree char *copy = strdup(s->prototypes);
	char *rest = copy, *line;
	int n = 0;

	while ((line = strsep(&rest, "\n")) && *line) {
		char *types = strchr(line, '('), *end = strrchr(line, ')');

		assert_non_null(types);
		*types++ = '\0';
		*end = '\0';
		check_prototype(s, line, types);
		n++;
	}
	assert_true(n > 40);
}

static void test_arguments(void **state)
{
	(void)state;
	each_kernel(check_arguments);
}

/* smb3_{read,write}_* are told apart by the number of smb3_read_enter's arguments alone. */
static void check_rw_counts(const struct snapshot *s)
{
	static const char *const names[] = {
		"smb3_read_enter",  "smb3_read_done",  "smb3_read_err",
		"smb3_write_enter", "smb3_write_done", "smb3_write_err"
	};
	bool with_rreq = strstr(s->prototypes, "tp smb3_rw_credits(") != NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		__autofree char *format = format_of(s, names[i]);

		assert_non_null(format);
		assert_int_equal(strstr(format, " rreq_debug_id;") != NULL, with_rreq);
	}
}

static void test_rw_counts(void **state)
{
	(void)state;
	each_kernel(check_rw_counts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_enums),
		cmocka_unit_test(test_essential),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_rw_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
