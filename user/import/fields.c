// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "event/kinds.h"
#include "import/fields.h"

/* What an event looks like; NULL: none that is imported. */
static const struct ev_source *shape_of(uint16_t probe)
{
	const struct ev_source *s = ev_source(probe);

	return s && s->shape != SHAPE_RECORD_ONLY ? s : NULL;
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

static bool fields_get(const struct tp_record *r, const char *field, uint64_t *ret_value)
{
	const struct fields *f = container_of(r, struct fields, r);

	for (unsigned int i = 0; i < f->nr; i++)
		if (!strcmp(f->field[i].name, field)) {
			*ret_value = f->field[i].value;
			return true;
		}
	return false;
}

static bool has(const struct fields *f, const char *name)
{
	uint64_t value;

	return fields_get(&f->r, name, &value);
}

uint64_t fields_value(const struct fields *f, const char *name, uint64_t fallback)
{
	uint64_t value;

	return fields_get(&f->r, name, &value) ? value : fallback;
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

/* A key that is what the record calls the field; other kernels' other keys are passed over. */
static void take_own_name(struct fields *f, const struct ev_kind_info *k, const char *token,
			  const char *value)
{
	for (unsigned int i = 0; i < k->nr_fields; i++)
		for (unsigned int n = 0; n < EV_FROM && k->fields[i].from[n]; n++) {
			uint64_t v;

			if (!strcmp(k->fields[i].from[n], token) &&
			    number(&value, k->fields[i].form == FORM_HEX ? 16 : 10, &v))
				set(f, k->fields[i].from[n], v);
		}
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
	take_own_name(f, shape_of(probe)->kind, token, value);
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

static bool words_fit(const struct fields *f, const struct ev_source *s)
{
	switch ((enum ev_shape)s->shape) {
	case SHAPE_NONE:
		return !f->nr_words;
	case SHAPE_WHAT:
		return f->nr_words == 1;
	case SHAPE_ORIGIN:
		return f->nr_words == 1 || f->nr_words == 2;
	case SHAPE_SOURCE:
		return f->nr_words == 2;
	case SHAPE_REF:
		return f->nr_words >= 1 && f->nr_words <= 3;
	case SHAPE_RECORD_ONLY:
		break;
	}
	return false;
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

static bool is_complete(const struct fields *f, const struct ev_source *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(s->need) && s->need[i]; i++)
		if (!has(f, s->need[i]))
			return false;
	return !f->bad && words_fit(f, s);
}

bool fields_parse(struct fields *f, uint16_t probe, const char *text, bool decimal)
{
	const struct ev_source *s = shape_of(probe);
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
static const char *what_of(const struct fields *f, const struct ev_source *s,
			   const char **ret_other)
{
	unsigned int what = f->nr_words - 1;

	*ret_other = "";
	if (s->shape == SHAPE_SOURCE && !is_source(f->word[0]) && is_source(f->word[1]))
		what = 0;
	if (f->nr_words == 2 && s->shape != SHAPE_REF)
		*ret_other = f->word[!what];
	return f->word[what];
}

int fields_resolve(struct fields *f, uint16_t probe,
		   int (*intern)(void *ctx, const char *type, const char *text, uint8_t *ret),
		   void *ctx)
{
	const struct ev_source *s = shape_of(probe);
	char joined[WORDS_MAX * WORD_LEN] = "";
	const char *what, *other;
	uint8_t value;
	int rc;

	if (!s || s->shape == SHAPE_NONE)
		return 0;
	what = what_of(f, s, &other);
	if (s->what == NAMES_MAX) {
		set(f, "type", (unsigned char)what[0]);
		return 0;
	}
	if (s->shape == SHAPE_REF) {
		for (unsigned int i = 0; i < f->nr_words; i++) {
			strcat(joined, i ? " " : "");
			strcat(joined, f->word[i]);
		}
		what = joined;
	}
	rc = intern(ctx, kernel_enums[s->what].type, what, &value);
	if (rc)
		return rc;
	set(f, ev_field(s->kind, "what")->from[0], value);
	if (!*other)
		return 0;
	rc = intern(ctx, s->shape == SHAPE_SOURCE ? "netfs_io_source" : "netfs_io_origin", other,
		    &value);
	if (!rc)
		set(f, s->shape == SHAPE_SOURCE ? "source" : "origin", value);
	return rc;
}
