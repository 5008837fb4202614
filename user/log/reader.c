// SPDX-License-Identifier: GPL-2.0-only
/* Bytes of any log become lines of the kernel: oops reads through this. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/json_parse.h"
#include "log/reader.h"

#define MAX_LINE     (256 << 10) /* one record in JSON with a report in it */
#define MAX_STRIPPED 8

struct log_reader {
	log_headline headline;
	log_sink sink;
	void *ctx;
	struct log_prefix prefix;
	uint64_t number;
	bool fields;   /* of a record whose fields stand on lines of their own */
	char when[48]; /* of that record, told before its message */
	struct log_prefix seen[MAX_STRIPPED];
	char stripped[MAX_STRIPPED][LOG_MAX_PREFIX];
	size_t nr_stripped;
	size_t size;
	char raw[MAX_LINE];
};

int log_reader_new(struct log_reader **ret, log_headline headline, log_sink sink, void *ctx)
{
	struct log_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->headline = headline;
	r->sink = sink;
	r->ctx = ctx;
	*ret = r;
	return 0;
}

void log_reader_free(struct log_reader *r)
{
	free(r);
}

const char *log_reader_stripped(const struct log_reader *r, size_t i)
{
	return i < r->nr_stripped ? r->stripped[i] : NULL;
}

static void note_stripped(struct log_reader *r, const struct log_line *l)
{
	struct log_prefix p = {};

	if (!l->prefix_size || l->prefix_size >= LOG_MAX_PREFIX || r->nr_stripped == MAX_STRIPPED)
		return;
	log_shape_learn(&p, l->prefix, l->prefix_size);
	for (size_t i = 0; i < r->nr_stripped; i++)
		if (!strcmp(p.shape, r->seen[i].shape))
			return;
	r->seen[r->nr_stripped] = p;
	memcpy(r->stripped[r->nr_stripped++], l->prefix, l->prefix_size);
}

/* "message repeated 3 times: [ TEXT]" becomes TEXT: how often it was said */
static uint64_t take_repeated(char *text)
{
	char *at = strstr(text, "message repeated ");
	unsigned int times;
	size_t size;
	int n = 0;

	if (!at || sscanf(at, "message repeated %9u times: [ %n", &times, &n) != 1 || !n)
		return 1;
	size = strlen(at + n);
	size -= size && at[n + size - 1] == ']';
	memmove(at, at + n, size);
	at[size] = '\0';
	return times;
}

/* text: a line of the kernel's, which may be changed */
static int give(struct log_reader *r, char *text)
{
	uint64_t times = take_repeated(text);
	struct log_line l;

	log_line_clean(&r->prefix, text, r->headline, &l);
	l.number = r->number;
	l.times = times;
	if (*r->when) {
		l.stamped = true;
		if (!*l.when)
			memcpy(l.when, r->when, sizeof(l.when));
	}
	note_stripped(r, &l);
	return r->sink(r->ctx, &l);
}

static int give_lines(struct log_reader *r, char *text)
{
	int rc = 0;

	while (text && !rc)
		rc = give(r, strsep(&text, "\n"));
	return rc;
}

/* ---- JSON ---- */

/* A message of the journal that is no UTF-8 is an array of its bytes (systemd.journal-fields(7)). */
static char *text_of(const json_t *v)
{
	size_t n = json_array_size(v), i;
	const json_t *byte;
	char *text;

	if (json_is_string(v))
		return strdup(json_string_value(v));
	text = n ? malloc(n + 1) : NULL;
	if (!text)
		return NULL;
	json_array_foreach (v, i, byte)
		text[i] = json_integer_value(byte) ? (char)json_integer_value(byte) : '?';
	text[n] = '\0';
	return text;
}

/* Of journalctl, containers, Elastic, Loki ("line"), OpenTelemetry ("body", within it "stringValue"). */
static const char *const message_keys[] = { "MESSAGE", "message", "msg",	 "log",
					    "text",    "line",	  "stringValue", "body" };

#define MAX_DEPTH 8

/* The message of a record, or of an object in it; NULL: it has none */
static char *message_of(const json_t *record, unsigned int depth)
{
	char *text = NULL;
	const char *key;
	json_t *v;

	for (size_t i = 0; i < ARRAY_SIZE(message_keys) && !text; i++)
		text = text_of(json_object_get(record, message_keys[i]));
	if (text || depth == MAX_DEPTH)
		return text;
	json_object_foreach ((json_t *)record, key, v) {
		text = json_is_object(v) ? message_of(v, depth + 1) : NULL;
		if (text)
			break;
	}
	return text;
}

static void take_time(struct log_reader *r, const json_t *record)
{
	const json_t *usec = json_object_get(record, "_SOURCE_MONOTONIC_TIMESTAMP");
	const json_t *time = json_object_get(record, "time");
	static const char *const keys[] = { "ts", "timestamp", "@timestamp" };
	unsigned long long us;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && !time; i++)
		time = json_object_get(record, keys[i]);
	if (!usec)
		usec = json_object_get(record, "__MONOTONIC_TIMESTAMP");
	us = json_is_string(usec) ? strtoull(json_string_value(usec), NULL, 10) : 0;
	if (us)
		snprintf(r->when, sizeof(r->when), "%llu.%06llu", us / 1000000, us % 1000000);
	else if (json_is_real(time))
		snprintf(r->when, sizeof(r->when), "%.6f", json_real_value(time));
	else if (json_is_string(time))
		snprintf(r->when, sizeof(r->when), "%s", json_string_value(time));
}

/* 1: the record was one, and its message is given out; 0 it has none; or what the sink returned */
static int give_record(struct log_reader *r, const json_t *record)
{
	__autofree char *text = NULL;
	size_t n;
	int rc;

	take_time(r, record);
	text = message_of(record, 0);
	if (!text)
		return 0;
	n = strlen(text);
	if (n && text[n - 1] == '\n') /* Docker's */
		text[n - 1] = '\0';
	rc = give_lines(r, text);
	*r->when = '\0';
	return rc ?: 1;
}

/* 1: *ret_v is what the text says; 0: it is no JSON; -ENOMEM */
static int parse(const char *text, json_t **ret_v)
{
	int rc = json_parse(text, strlen(text), JSON_ALLOW_NUL, ret_v, NULL);

	return !rc ? 1 : rc == -EBADMSG ? 0 : rc;
}

/* One object on one line; "data: " of server-sent events, \x1e of json-seq */
static int json_line(struct log_reader *r, const char *text)
{
	json_t *record;
	int rc;

	if (!strncmp(text, "data: ", 6))
		text += 6;
	if (*text == '\x1e')
		text++;
	if (*text != '{' || !strchr(text, '}'))
		return 0;
	rc = parse(text, &record);
	if (rc <= 0)
		return rc;
	rc = give_record(r, record);
	json_decref(record);
	return rc;
}

/* [{"message": ...}, ...] on one line: a record without a message in between is left out */
static int json_array_line(struct log_reader *r, const char *text)
{
	json_t *all, *record;
	int rc = parse(text, &all), given = 0;

	if (rc <= 0)
		return rc;
	for (size_t i = 0; i < json_array_size(all) && rc >= 0; i++) {
		record = json_array_get(all, i);
		rc = json_is_object(record) ? give_record(r, record) : 0;
		given |= rc > 0;
	}
	json_decref(all);
	return rc < 0 ? rc : given;
}

/* `dmesg --json`, `journalctl -o json-pretty`: "key": value on a line of its own */
static int json_field(struct log_reader *r, const char *text)
{
	size_t n = strlen(text);
	__autofree char *object = NULL;
	json_t *record;
	int rc;

	if (*text != '"' || !strstr(text, "\":") == !strstr(text, "\" :"))
		return 0;
	if (asprintf(&object, "{%.*s}", (int)(n - (text[n - 1] == ',')), text) < 0)
		return -ENOMEM;
	rc = parse(object, &record);
	if (rc <= 0)
		return rc;
	r->fields = true;
	rc = give_record(r, record);
	json_decref(record);
	return rc ?: 1;
}

/* What is between the fields of such a document: no line of a kernel's is like that. */
static bool is_scaffolding(const char *text)
{
	return *text && (text[strspn(text, "{}[], \t")] == '\0' || !strcmp(text, "\"dmesg\": ["));
}

/* ---- journalctl -o export, -o verbose ---- */

static int journal_field(struct log_reader *r, char *text)
{
	size_t key = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	unsigned long long us;
	int rc;

	if (key < 3 || text[key] != '=')
		return 0;
	if (!strncmp(text, "MESSAGE=", 8)) {
		r->fields = true;
		rc = give(r, text + 8);
		*r->when = '\0';
		return rc ?: 1;
	}
	if (*text != '_' && !r->fields)
		return 0;
	r->fields = true;
	if (!strncmp(text, "__MONOTONIC_TIMESTAMP=", 22)) {
		us = strtoull(text + 22, NULL, 10);
		snprintf(r->when, sizeof(r->when), "%llu.%06llu", us / 1000000, us % 1000000);
	}
	return 1;
}

/* ---- lines ---- */

/*
 * The two bytes \ and n, or rsyslog's #012, for a newline. Not those of "\\nas.example", a server: its
 * first backslash escapes the second. What was escaped twice has a stamp or level behind it.
 */
static size_t escape_at(const char *p, char *ret)
{
	bool twice = p[0] == '\\' && p[1] == '\\';

	if (!strncmp(p, "#012", 4) || (twice && p[2] == 'n' && p[3] && strchr("[<", p[3]))) {
		*ret = '\n';
		return twice ? 3 : 4;
	}
	*ret = p[1] == 'n' ? '\n' : twice ? '\\' : ' ';
	return p[0] == '\\' && p[1] && strchr("ntr\\", p[1]) ? 2 : 0;
}

static void unescape(char *text)
{
	char *to = text, byte;

	for (const char *p = text; *p;) {
		size_t n = escape_at(p, &byte);

		*to++ = n ? byte : *p;
		p += n ? n : 1;
	}
	*to = '\0';
}

/* Several newlines, or one with a stamp, a level or a blank behind it: a single one may be a name's. */
static bool looks_escaped(const char *text)
{
	unsigned int newlines = 0;
	char byte;

	for (const char *p = text; *p;) {
		size_t n = escape_at(p, &byte);

		if (n && byte == '\n' &&
		    (++newlines > 1 || *p == '#' || (p[n] && strchr(" [<", p[n]))))
			return true;
		p += n ? n : 1;
	}
	return false;
}

static int plain_line(struct log_reader *r, char *text)
{
	if (!looks_escaped(text))
		return give(r, text);
	unescape(text);
	return give_lines(r, text);
}

static int take_line(struct log_reader *r)
{
	char *text = r->raw + strspn(r->raw, " \t");
	int rc = 0;

	if (*text == '{' || *text == '\x1e' || !strncmp(text, "data: {", 7))
		rc = json_line(r, text);
	else if (*text == '[' && text[strspn(text, "[ ")] == '{')
		rc = json_array_line(r, text);
	else if (*text == '"')
		rc = json_field(r, text);
	else if (isupper((unsigned char)*text) || *text == '_')
		rc = journal_field(r, text);
	if (!rc && (is_scaffolding(text) || (r->fields && strstr(text, " [s="))))
		return 0;
	return rc > 0 ? 0 : rc < 0 ? rc : plain_line(r, r->raw);
}

static int end_line(struct log_reader *r)
{
	size_t n = r->size;

	while (n && (r->raw[n - 1] == '\r' || r->raw[n - 1] == ' '))
		n--;
	r->raw[n] = '\0';
	r->size = 0;
	r->number++;
	return take_line(r);
}

int log_reader_feed(struct log_reader *r, const char *data, size_t size)
{
	int rc = 0;

	for (size_t i = 0; i < size && !rc; i++) {
		if (data[i] == '\n')
			rc = end_line(r);
		else if (r->size + 1 < sizeof(r->raw))
			r->raw[r->size++] = data[i] ? data[i] : '?';
	}
	return rc;
}

int log_reader_flush(struct log_reader *r)
{
	return r->size ? end_line(r) : 0;
}
