// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "import/fields.h"

/* ---- what an event looks like ---- */

enum words {
	WORDS_NONE,
	WORDS_WHAT,   /* one: what happened */
	WORDS_ORIGIN, /* origin, what; until 5.19 what alone */
	WORDS_SOURCE, /* source and what, in either order */
	WORDS_REF,    /* what, of several words */
};

struct shape {
	uint16_t first, last; /* probes */
	enum words words;
	const char *type;    /* of what's enum */
	const char *name;    /* of what's field */
	const char *need[4]; /* fields without which it is not whole */
};

static const struct shape shapes[] = {
	{ P_netfs_read,
	  P_netfs_read,
	  WORDS_WHAT,
	  "netfs_read_trace",
	  "what",
	  { "rreq", "start", "len" } },
	{ P_netfs_write,
	  P_netfs_write,
	  WORDS_WHAT,
	  "netfs_write_trace",
	  "what",
	  { "rreq", "start" } },
	{ P_netfs_write_iter, P_netfs_write_iter, WORDS_WHAT, NULL, NULL, { "start", "len" } },
	{ P_netfs_rreq,
	  P_netfs_rreq,
	  WORDS_ORIGIN,
	  "netfs_rreq_trace",
	  "what",
	  { "rreq", "flags" } },
	{ P_netfs_sreq,
	  P_netfs_sreq,
	  WORDS_SOURCE,
	  "netfs_sreq_trace",
	  "what",
	  { "index", "start", "len", "error" } },
	{ P_netfs_rreq_ref,
	  P_netfs_rreq_ref,
	  WORDS_REF,
	  "netfs_rreq_ref_trace",
	  "what",
	  { "rreq", "ref" } },
	{ P_netfs_sreq_ref,
	  P_netfs_sreq_ref,
	  WORDS_REF,
	  "netfs_sreq_ref_trace",
	  "what",
	  { "subreq", "ref" } },
	{ P_netfs_failure,
	  P_netfs_failure,
	  WORDS_SOURCE,
	  "netfs_failure",
	  "what",
	  { "index", "start", "len", "error" } },
	{ P_netfs_collect, P_netfs_collect, WORDS_NONE, NULL, NULL, { "rreq", "len" } },
	{ P_netfs_collect_sreq,
	  P_netfs_collect_sreq,
	  WORDS_NONE,
	  NULL,
	  NULL,
	  { "subreq", "start", "len" } },
	{ P_netfs_collect_state,
	  P_netfs_collect_state,
	  WORDS_NONE,
	  NULL,
	  NULL,
	  { "rreq", "collected_to", "notes" } },
	{ P_netfs_collect_gap, P_netfs_collect_gap, WORDS_WHAT, NULL, NULL, { "rreq", "to" } },
	{ P_netfs_collect_stream,
	  P_netfs_collect_stream,
	  WORDS_NONE,
	  NULL,
	  NULL,
	  { "rreq", "collected_to" } },
	{ P_netfs_folio,
	  P_netfs_folio,
	  WORDS_WHAT,
	  "netfs_folio_trace",
	  "why",
	  { "ino", "index" } },
	{ P_netfs_collect_folio,
	  P_netfs_collect_folio,
	  WORDS_NONE,
	  NULL,
	  NULL,
	  { "rreq", "index" } },
	{ P_smb3_read_enter, P_smb3_read_done, WORDS_NONE, NULL, NULL, { "fid", "offset", "len" } },
	{ P_smb3_read_err,
	  P_smb3_read_err,
	  WORDS_NONE,
	  NULL,
	  NULL,
	  { "fid", "offset", "len", "rc" } },
	{ P_smb3_write_enter,
	  P_smb3_write_done,
	  WORDS_NONE,
	  NULL,
	  NULL,
	  { "fid", "offset", "len" } },
	{ P_smb3_write_err,
	  P_smb3_write_err,
	  WORDS_NONE,
	  NULL,
	  NULL,
	  { "fid", "offset", "len", "rc" } },
	{ P_smb3_cmd_enter, P_smb3_cmd_done, WORDS_NONE, NULL, NULL, { "sesid", "cmd", "mid" } },
	{ P_smb3_cmd_err,
	  P_smb3_cmd_err,
	  WORDS_NONE,
	  NULL,
	  NULL,
	  { "sesid", "mid", "status", "rc" } },
	{ P_smb3_ses_expired,
	  P_smb3_ses_expired,
	  WORDS_NONE,
	  NULL,
	  NULL,
	  { "sesid", "cmd", "mid" } },
	{ P_smb3_slow_rsp,
	  P_smb3_slow_rsp,
	  WORDS_NONE,
	  NULL,
	  NULL,
	  { "cmd", "mid", "when_sent", "when_received" } },
	{ P_smb3_eio, P_smb3_eio, WORDS_WHAT, "smb_eio_trace", "trace", { "info" } },
	{ P_smb3_open_enter, P_smb3_lease_not_found, WORDS_NONE, NULL, NULL, { "sesid", "tid" } },
	{ P_smb3_reconnect, P_smb3_partial_send_reconnect, WORDS_NONE, NULL, NULL, { "currmid" } },
	{ P_smb3_connect_done, P_smb3_connect_err, WORDS_NONE, NULL, NULL, { "conn_id" } },
	{ P_smb3_ses_not_found, P_smb3_ses_not_found, WORDS_NONE, NULL, NULL, { "sesid" } },
	{ P_smb3_rw_credits,
	  P_smb3_rw_credits,
	  WORDS_WHAT,
	  "smb3_rw_credits_trace",
	  "trace",
	  { "rreq", "subreq_credits", "credit_change" } },
	{ P_smb3_add_credits,
	  P_smb3_reconnect_with_invalid_credits,
	  WORDS_NONE,
	  NULL,
	  NULL,
	  { "currmid", "credits" } },
};

static const struct shape *shape_of(uint16_t probe)
{
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		if (probe >= shapes[i].first && probe <= shapes[i].last)
			return &shapes[i];
	return NULL;
}

uint16_t fields_probe(const char *event, size_t len)
{
	static const struct {
		uint16_t id;
		const char *target;
	} events[] = {
#define PROBE(program, how, target, module, group, without) { P_##program, #target },
#include "tracepoints/probes.def"
#undef PROBE
	};

	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		if (strlen(events[i].target) == len && !memcmp(events[i].target, event, len) &&
		    shape_of(events[i].id))
			return events[i].id;
	return PROBE_NONE;
}

/* ---- fields ---- */

/* Keys of the print formats of 5.13 to 7.3, and the record's fields they stand for. */
static const struct {
	const char *key, *name;
	int base;
} keys[] = {
	{ "s", "start", 16 },
	{ "l", "len", 16 },
	{ "f", "flags", 16 },
	{ "ni", "netfs_inode", 16 },
	{ "sz", "i_size", 16 },
	{ "i", "ino", 16 },
	{ "ix", "index", 16 },
	{ "n", "notes", 16 },
	{ "col", "collected_to", 16 },
	{ "cto", "collected_to", 16 },
	{ "by", "start", 16 },
	{ "t", "transferred", 16 },
	{ "info", "info", 16 },
	{ "e", "error", 10 },
	{ "r", "ref", 10 },
	{ "cred", "subreq_credits", 10 },
	{ "chg", "credit_change", 10 },
	{ "pool", "server_credits", 10 },
	{ "ifl", "in_flight", 10 },
	{ "xid", "xid", 10 },
	{ "sid", "sesid", 10 },
	{ "tid", "tid", 10 },
	{ "fid", "fid", 10 },
	{ "offset", "offset", 10 },
	{ "len", "len", 10 },
	{ "rc", "rc", 10 },
	{ "cmd", "cmd", 10 },
	{ "mid", "mid", 10 },
	{ "status", "status", 10 },
	{ "pid", "pid", 10 },
	{ "when_sent", "when_sent", 10 },
	{ "when_rcv", "when_received", 10 },
	{ "conn_id", "conn_id", 10 },
	{ "current_mid", "currmid", 10 },
	{ "credits", "credits", 10 },
	{ "credit_change", "credits_to_add", 10 },
	{ "credits_to_add", "credits_to_add", 10 },
	{ "in_flight", "in_flight", 10 },
	{ "cr_opts", "create_options", 10 },
	{ "des_access", "desired_access", 10 },
	{ "oflags", "oflags", 10 },
	{ "cflags", "cflags", 10 },
	{ "lease_state", "lease_state", 10 },
};

static bool has(const struct fields *f, const char *name)
{
	for (unsigned int i = 0; i < f->nr; i++)
		if (!strcmp(f->field[i].name, name))
			return true;
	return false;
}

uint64_t fields_value(const struct fields *f, const char *name, uint64_t fallback)
{
	for (unsigned int i = 0; i < f->nr; i++)
		if (!strcmp(f->field[i].name, name))
			return f->field[i].value;
	return fallback;
}

/* The first of a name counts: a second "s=" is a slot. */
static void set(struct fields *f, const char *name, uint64_t value)
{
	if (f->nr == FIELDS_MAX || has(f, name))
		return;
	f->field[f->nr].name = name;
	f->field[f->nr++].value = value;
}

/* A number up to the end or a character that no number has; *p moves behind it. */
static bool number(const char **p, int base, uint64_t *ret)
{
	const char *s = *p;
	bool minus = *s == '-';
	char *end;

	s += minus;
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	}
	if (base == 16 ? !isxdigit((unsigned char)*s) : !isdigit((unsigned char)*s))
		return false;
	*ret = strtoull(s, &end, base);
	if (minus)
		*ret = -*ret;
	*p = end;
	return true;
}

/* "s=1000-2000" and "by=0-fff" are ranges, "t=0/1000" is done of all, "info=1,2" a pair. */
static void set_pair(struct fields *f, const char *key, char sep, uint64_t a, uint64_t b)
{
	if (sep == '-' && !strcmp(key, "by"))
		set(f, "len", b - a + 1);
	else if (sep == '-' && !strcmp(key, "s"))
		set(f, "len", b - a);
	else if (sep == '/' && !strcmp(key, "t"))
		set(f, "len", b);
	else if (sep == ',' && !strcmp(key, "info"))
		set(f, "info2", b);
}

static void take_key(struct fields *f, uint16_t probe, char *token, char *equals)
{
	const char *value = equals + 1;
	uint64_t a, b;

	*equals = '\0';
	if (probe == P_netfs_collect_folio && !strcmp(token, "r"))
		return; /* a range there, no reference count */
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char sep;

		if (strcmp(token, keys[i].key))
			continue;
		if (!number(&value, keys[i].base, &a)) {
			f->bad = true;
			return;
		}
		set(f, keys[i].name, a);
		sep = *value++;
		if (sep && number(&value, keys[i].base, &b))
			set_pair(f, token, sep, a, b);
		return;
	}
}

/* "R=0000002a", "[3]" subrequest, "[0:]" stream, "[0:03]" both */
static void take_request(struct fields *f, const char *value, bool decimal)
{
	uint64_t n, index;

	if (!number(&value, 16, &n)) {
		f->bad = true;
		return;
	}
	set(f, "rreq", n);
	set(f, "wreq", n);
	set(f, "rreq_debug_id", n);
	if (!*value)
		return;
	if (*value++ != '[' || !number(&value, decimal ? 10 : 16, &index)) {
		f->bad = true;
		return;
	}
	if (*value == ':') {
		set(f, "stream", index);
		value++;
		if (*value == ']' || !number(&value, 16, &index))
			return;
	}
	f->bad = f->bad || *value != ']';
	set(f, "index", index);
	set(f, "subreq", index);
	set(f, "rreq_debug_index", index);
}

/* "0/1000", "1000->2000", and the length that 6.1's netfs_read prints without a key */
static bool take_bare_number(struct fields *f, uint16_t probe, const char *token)
{
	uint64_t a, b;

	if (!number(&token, 16, &a))
		return false;
	if (*token == '/') {
		token++;
		if (!number(&token, 16, &b) || *token)
			return false;
		set(f, "transferred", a);
		set(f, "len", b);
		return true;
	}
	if (token[0] == '-' && token[1] == '>') {
		token += 2;
		if (!number(&token, 16, &b) || *token)
			return false;
		set(f, "from", a);
		set(f, "to", b);
		return true;
	}
	if (*token || probe != P_netfs_read || !has(f, "start"))
		return false;
	set(f, "len", a);
	return true;
}

static void take_word(struct fields *f, const char *token)
{
	if (f->nr_words == WORDS_MAX || strlen(token) >= WORD_LEN) {
		f->bad = true;
		return;
	}
	strcpy(f->word[f->nr_words++], token);
}

/* A path may hold anything, so also what looks like a key: it is cut out. */
static void cut_path(char *text)
{
	char *path = strstr(text, "path="), *tail = NULL;

	if (!path || (path > text && path[-1] != ' '))
		return;
	for (char *p = path; (p = strstr(p, " cr_opts=")); p++)
		tail = p;
	if (tail)
		memmove(path, tail, strlen(tail) + 1);
	else
		*path = '\0';
}

static bool words_fit(const struct fields *f, const struct shape *s)
{
	switch (s->words) {
	case WORDS_NONE:
		return !f->nr_words;
	case WORDS_WHAT:
		return f->nr_words == 1;
	case WORDS_ORIGIN:
		return f->nr_words == 1 || f->nr_words == 2;
	case WORDS_SOURCE:
		return f->nr_words == 2;
	case WORDS_REF:
		return f->nr_words >= 1 && f->nr_words <= 3;
	}
	return false;
}

static uint64_t fields_get(const struct tp_record *r, const char *field)
{
	return fields_value(container_of(r, struct fields, r), field, 0);
}

/* What trace-cmd prints where it does not understand the format: the record's own names, decimal or
 * 0x. 6.1's events with a tab in front are such. */
static bool parse_raw(struct fields *f, const char *text)
{
	static const char mark[] = "[FAILED TO PARSE]";
	const char *p = strstr(text, mark);

	if (!p)
		return false;
	for (p += sizeof(mark) - 1; *(p += strspn(p, " ")); p += strcspn(p, " ")) {
		const char *value = p + strcspn(p, "= ");
		uint64_t n;

		for (size_t i = 0; *value == '=' && i < ARRAY_SIZE(keys); i++) {
			const char *v = value + 1;

			if (strlen(keys[i].name) == (size_t)(value - p) &&
			    !strncmp(keys[i].name, p, value - p) && number(&v, 10, &n))
				set(f, keys[i].name, n);
		}
	}
	return true;
}

static bool is_complete(const struct fields *f, const struct shape *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(s->need) && s->need[i]; i++)
		if (!has(f, s->need[i]))
			return false;
	return !f->bad && words_fit(f, s);
}

bool fields_parse(struct fields *f, uint16_t probe, const char *text, bool decimal)
{
	const struct shape *s = shape_of(probe);
	char copy[8192], *rest = copy, *token;

	memset(f, 0, sizeof(*f));
	f->r.get = fields_get;
	if (!s || strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	if (parse_raw(f, text))
		return is_complete(f, s);
	cut_path(copy);
	while ((token = strsep(&rest, " \t\r\n"))) {
		char *equals = strchr(token, '=');

		if (!*token || !strcmp(token, "*/")) /* the end of function_graph's comment */
			continue;
		if (token[0] == 'R' && equals == token + 1)
			take_request(f, equals + 1,
				     decimal &&
					     (probe == P_netfs_sreq || probe == P_netfs_failure));
		else if (equals)
			take_key(f, probe, token, equals);
		else if (!take_bare_number(f, probe, token))
			take_word(f, token);
	}
	return is_complete(f, s);
}

/* ---- words ---- */

/* of netfs_io_source; no state of a subrequest is called so */
static bool is_source(const char *word)
{
	static const char *const sources[] = { "----", "ZERO", "DOWN", "READ",
					       "INVL", "UPLD", "WRIT" };

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		if (!strcmp(word, sources[i]))
			return true;
	return false;
}

/* The word that says what happened; *ret_other is the other one, "" if there is none. */
static const char *what_of(const struct fields *f, const struct shape *s, const char **ret_other)
{
	unsigned int what = f->nr_words - 1;

	*ret_other = "";
	if (s->words == WORDS_SOURCE && !is_source(f->word[0]) && is_source(f->word[1]))
		what = 0;
	if (f->nr_words == 2 && s->words != WORDS_REF)
		*ret_other = f->word[!what];
	return f->word[what];
}

int fields_resolve(struct fields *f, uint16_t probe,
		   int (*intern)(void *ctx, const char *type, const char *text, uint8_t *ret),
		   void *ctx)
{
	const struct shape *s = shape_of(probe);
	char joined[WORDS_MAX * WORD_LEN] = "";
	const char *what, *other;
	uint8_t value;
	int rc;

	if (!s || s->words == WORDS_NONE)
		return 0;
	what = what_of(f, s, &other);
	if (!s->type) {
		set(f, "type", (unsigned char)what[0]);
		return 0;
	}
	if (s->words == WORDS_REF) {
		for (unsigned int i = 0; i < f->nr_words; i++) {
			strcat(joined, i ? " " : "");
			strcat(joined, f->word[i]);
		}
		what = joined;
	}
	rc = intern(ctx, s->type, what, &value);
	if (rc)
		return rc;
	set(f, s->name, value);
	if (!*other)
		return 0;
	rc = intern(ctx, s->words == WORDS_SOURCE ? "netfs_io_source" : "netfs_io_origin", other,
		    &value);
	if (!rc)
		set(f, s->words == WORDS_SOURCE ? "source" : "origin", value);
	return rc;
}
