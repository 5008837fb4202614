// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <nettle/hmac.h>
#include <string.h>
#include <sys/random.h>

#include "base/file.h"
#include "base/klog.h"
#include "event/kinds.h"
#include "trace/redact.h"

#define KTHREADD   2 /* kernel threads are its children, and nobody else is */
#define TOKEN_MAX  48
#define TEST_PATH  "abcdefghijklmnopqrstuvwxyz0123456789/" /* characters of "tests/generic/306" */
#define TOKEN_BYTE 5 /* 40 bits: a million names have one collision with a chance of 1 in 3 */

struct redactor {
	struct hmac_sha256_ctx keyed;
	size_t size; /* of the record that is built */
	union {
		struct ev_hdr hdr;
		struct ev_task task;
		struct ev_proc proc;
		struct ev_test test;
		struct ev_path path;
		unsigned char bytes[EV_MAX_SIZE];
	} out;
};

/* ---- tokens ---- */

struct token {
	char s[TOKEN_MAX];
};

/* "host-1f2e3d4c5b": what it is, and whose nobody can tell who lacks the key. "" stays "". */
static struct token token_of(const struct redactor *r, const char *what, const char *name,
			     size_t len)
{
	struct hmac_sha256_ctx mac = r->keyed;
	uint8_t digest[TOKEN_BYTE];
	struct token t = { "" };
	int n;

	if (!len)
		return t;
	hmac_sha256_update(&mac, strlen(what) + 1, (const uint8_t *)what);
	hmac_sha256_update(&mac, len, (const uint8_t *)name);
	hmac_sha256_digest(&mac, sizeof(digest), digest);
	n = snprintf(t.s, sizeof(t.s), "%s-", what);
	for (size_t i = 0; i < sizeof(digest); i++)
		n += snprintf(t.s + n, sizeof(t.s) - n, "%02x", digest[i]);
	return t;
}

static struct token token(const struct redactor *r, const char *what, const char *name)
{
	return token_of(r, what, name, strlen(name));
}

/* ---- building a record ---- */

/* Begins with the fixed part of ev; what a newer version has added behind it is left out. */
static void start(struct redactor *r, const struct ev_hdr *ev)
{
	r->size = ev_kind_info(ev->kind)->min_size;
	memcpy(r->out.bytes, ev, r->size);
}

static void add(struct redactor *r, const char *text)
{
	size_t room = sizeof(r->out.bytes) - 2 * EV_ALIGN - r->size, len = strnlen(text, room);

	memcpy(r->out.bytes + r->size, text, len);
	r->size += len;
}

static void end_text(struct redactor *r)
{
	r->out.bytes[r->size++] = '\0';
}

static const struct ev_hdr *done(struct redactor *r)
{
	while (r->size % EV_ALIGN)
		r->out.bytes[r->size++] = '\0';
	r->out.hdr.size = r->size;
	return &r->out.hdr;
}

/* A field of fixed length, with nothing left of what was in it. text is not in it. */
static void set_text(char *field, size_t size, const char *text)
{
	size_t len = strnlen(text, size - 1);

	memset(field, 0, size);
	memcpy(field, text, len);
}

static void set_field(char *field, size_t size, struct token t)
{
	size_t len = strlen(t.s);

	memset(field, 0, size);
	memcpy(field, t.s, len < size ? len : size - 1);
}

/* ---- kinds ---- */

static bool is_one_of(const char *word, size_t len, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == len && !memcmp(*list, word, len))
			return true;
	return false;
}

static const struct ev_hdr *meta(struct redactor *r, const struct ev_meta *ev)
{
	static const char *const open[] = { "netfsnoop", "release",  "version", "machine", "cpus",
					    "page_size", "filtered", "paths",	NULL };
	size_t key = strcspn(ev->text, "=");
	const char *value = ev->text + key + (ev->text[key] == '=');

	if (is_one_of(ev->text, key, open))
		return &ev->hdr;
	if (ev->text[key] != '=')
		key = 0;
	start(r, &ev->hdr);
	for (size_t i = 0; i < key; i++)
		add(r, (char[]){ ev->text[i], '\0' });
	add(r, "=");
	if (key == 4 && !memcmp(ev->text, "host", key))
		add(r, token(r, "host", value).s);
	else if (key == 7 && !memcmp(ev->text, "boot_id", key))
		add(r, token(r, "", value).s + !!*value); /* names the recording: digits only */
	else
		add(r, "redacted");
	end_text(r);
	return done(r);
}

static const struct ev_hdr *task(struct redactor *r, const struct ev_task *ev)
{
	if (ev->ppid == KTHREADD || ev->hdr.tgid == KTHREADD || !strcmp(ev->comm, "netfsnoop"))
		return &ev->hdr;
	start(r, &ev->hdr);
	set_field(r->out.task.comm, sizeof(r->out.task.comm), token(r, "task", ev->comm));
	return done(r);
}

/* "//host/share/dir": host and share; others name things their own way. */
static void add_source(struct redactor *r, const char *source)
{
	size_t host = strncmp(source, "//", 2) ? 0 : strcspn(source + 2, "/");

	if (!host) {
		add(r, token(r, "source", source).s);
		return;
	}
	add(r, "//");
	add(r, token_of(r, "host", source + 2, host).s);
	source += 2 + host;
	if (*source && source[1]) {
		add(r, "/");
		add(r, token(r, "share", source + 1).s);
	}
}

/* The root says nothing of its user. */
static bool is_open_path(const char *path)
{
	return !strcmp(path, "/") || !*path;
}

/* One of the options between commas. */
static void add_option(struct redactor *r, const char *option, size_t len, bool *first)
{
	static const char *const open[] = {
		"acdirmax",    "acregmax", "actimeo",	   "bsize",	    "cache",
		"closetimeo",  "dir_mode", "file_mode",	   "echo_interval", "handletimeout",
		"hard",	       "mapposix", "max_channels", "max_credits",   "multichannel",
		"nosharesock", "nounix",   "relatime",	   "reparse",	    "ro",
		"rsize",       "rw",	   "seal",	   "sec",	    "serverino",
		"noserverino", "sign",	   "soft",	   "symlink",	    "trans",
		"unix",	       "vers",	   "wsize",	   "msize",	    "version",
		NULL
	};
	static const char *const hosts[] = { "addr", "ip", NULL };
	static const char *const users[] = { "username", "user", "domain", NULL };
	size_t key = 0;
	const char *what;

	while (key < len && option[key] != '=')
		key++;
	what = is_one_of(option, key, hosts)   ? "host"
	       : is_one_of(option, key, users) ? "user"
					       : NULL;
	if (!what && !is_one_of(option, key, open))
		return;
	if (!*first)
		add(r, ",");
	*first = false;
	for (size_t i = 0; i < (what ? key : len); i++)
		add(r, (char[]){ option[i], '\0' });
	if (what && key < len) {
		add(r, "=");
		add(r, token_of(r, what, option + key + 1, len - key - 1).s);
	}
}

/* As redact_path() has it. */
static void add_path(struct redactor *r, const char *path)
{
	if (is_open_path(path)) {
		add(r, path);
		return;
	}
	add(r, "/");
	add(r, token(r, "path", path).s);
}

static const struct ev_hdr *mount(struct redactor *r, const struct ev_mount *ev)
{
	const char *options = ev_text(&ev->hdr, 3);
	bool first = true;

	start(r, &ev->hdr);
	add(r, ev_text(&ev->hdr, 0));
	end_text(r);
	add_source(r, ev_text(&ev->hdr, 1));
	end_text(r);
	add_path(r, ev_text(&ev->hdr, 2));
	end_text(r);
	while (*options) {
		size_t len = strcspn(options, ",");

		add_option(r, options, len, &first);
		options += len + (options[len] == ',');
	}
	end_text(r);
	return done(r);
}

/* netfs prints numbers; DebugData and Stats are full of names. */
static const struct ev_hdr *snapshot(struct redactor *r, const struct ev_snapshot *ev)
{
	const char *path = ev_text(&ev->hdr, 0);

	if (!strncmp(path, "/proc/fs/netfs/", 15))
		return &ev->hdr;
	start(r, &ev->hdr);
	add(r, path);
	end_text(r);
	add(r, "redacted\n");
	end_text(r);
	return done(r);
}

/* Names of tests are no secret, those of the programs and directories around them may be. */
static const struct ev_hdr *proc(struct redactor *r, const struct ev_proc *ev)
{
	const char *test = strstr(ev->path, "tests/");

	start(r, &ev->hdr);
	if (strspn(ev->comm, "0123456789") !=
	    strlen(ev->comm)) /* that of a test's script is its number */
		set_field(r->out.proc.comm, sizeof(ev->comm), token(r, "task", ev->comm));
	if (test && strspn(test, TEST_PATH) == strlen(test))
		set_text(r->out.proc.path, sizeof(ev->path), test);
	else
		set_field(r->out.proc.path, sizeof(ev->path), token(r, "path", ev->path));
	return done(r);
}

static const struct ev_hdr *test(struct redactor *r, const struct ev_test *ev)
{
	if (!strncmp(ev->text, "run fstests ", 12))
		return &ev->hdr;
	start(r, &ev->hdr);
	set_field(r->out.test.text, sizeof(ev->text), token(r, "text", ev->text));
	return done(r);
}

/* "NAME=value": server, share and password are among them. */
static const struct ev_hdr *test_env(struct redactor *r, const struct ev_test_env *ev)
{
	const char *text;

	start(r, &ev->hdr);
	for (unsigned int i = 0; *(text = ev_text(&ev->hdr, i)); i++) {
		size_t name = strcspn(text, "=");

		for (size_t k = 0; k < name; k++)
			add(r, (char[]){ text[k], '\0' });
		add(r, "=");
		add(r, token(r, "env", text + name + !!text[name]).s);
		end_text(r);
	}
	return done(r);
}

/* Names of servers, shares and files may stand anywhere in it. */
static const struct ev_hdr *klog(struct redactor *r, const struct ev_klog *ev)
{
	const char *text = ev_text(&ev->hdr, 0), *rest = klog_without_origin(text);

	start(r, &ev->hdr);
	for (const char *p = text; rest && p < rest; p++)
		add(r, (char[]){ *p, '\0' });
	add(r, "redacted");
	end_text(r);
	return done(r);
}

/* Which files are in one directory, and how deep, can still be told. */
static const struct ev_hdr *path(struct redactor *r, const struct ev_path *ev)
{
	unsigned int n = 0;
	const char *name;

	start(r, &ev->hdr);
	while (n < ev->nr && *(name = ev_text(&ev->hdr, n))) {
		add(r, token(r, "name", name).s);
		end_text(r);
		n++;
	}
	r->out.path.nr = n;
	end_text(r);
	return done(r);
}

/* ---- kinds of which the table says it all ---- */

static struct token secret_token(const struct redactor *r, const struct ev_field *f,
				 const char *text)
{
	if (*f->secret || !*text)
		return token(r, f->secret, text);
	return (struct token){ "redacted" };
}

static void redact_field(struct redactor *r, const struct ev_hdr *ev, const struct ev_field *f,
			 unsigned int *nr_text)
{
	const char *text;

	if (f->form == FORM_STRING && f->secret)
		set_field((char *)r->out.bytes + f->offset, f->size,
			  secret_token(r, f, (const char *)ev + f->offset));
	if (f->form != FORM_TEXT)
		return;
	text = ev_text(ev, (*nr_text)++);
	add(r, f->secret ? secret_token(r, f, text).s : text);
	end_text(r);
}

static const struct ev_hdr *names(struct redactor *r, const struct ev_hdr *ev,
				  const struct ev_kind_info *k)
{
	unsigned int nr_text = 0;

	start(r, ev);
	for (unsigned int i = 0; i < k->nr_fields; i++)
		redact_field(r, ev, &k->fields[i], &nr_text);
	return done(r);
}

/* Kinds that are OWN in kinds.def. */
static const struct ev_hdr *own(struct redactor *r, const struct ev_hdr *ev)
{
	switch (ev->kind) {
	case EV_TASK:
		return task(r, (const void *)ev);
	case EV_PATH:
		return path(r, (const void *)ev);
	case EV_META:
		return meta(r, (const void *)ev);
	case EV_MOUNT:
		return mount(r, (const void *)ev);
	case EV_SNAPSHOT:
		return snapshot(r, (const void *)ev);
	case EV_PROC:
		return proc(r, (const void *)ev);
	case EV_TEST:
	case EV_TEST_LINE:
		return test(r, (const void *)ev);
	case EV_TEST_ENV:
		return test_env(r, (const void *)ev);
	case EV_KLOG:
		return klog(r, (const void *)ev);
	default:
		return NULL;
	}
}

const struct ev_hdr *redact(struct redactor *r, const struct ev_hdr *ev)
{
	const struct ev_kind_info *k = ev_kind_info(ev->kind);

	if (!k)
		return NULL;
	switch ((enum ev_redact)k->redact) {
	case REDACT_OPEN:
		return ev;
	case REDACT_NAMES:
		return names(r, ev, k);
	case REDACT_OWN:
		return own(r, ev);
	}
	return NULL;
}

/* ---- the redactor ---- */

char *redact_path(const struct redactor *r, const char *path)
{
	char *text;

	if (is_open_path(path))
		return strdup(path);
	return asprintf(&text, "/%s", token(r, "path", path).s) < 0 ? NULL : text;
}

static int read_key(struct redactor *r, const char *path, struct err *err)
{
	__autofree char *key = NULL;
	size_t size = 0;
	int rc = file_read(path, 65536, &key, &size);

	if (rc)
		return err_set(err, rc, "key file %s: %s", path, strerror(-rc));
	if (size < REDACT_KEY_MIN)
		return err_set(
			err, -EINVAL,
			"key file %s has fewer than %d bytes; make one with `head -c 32 /dev/urandom >FILE`",
			path, REDACT_KEY_MIN);
	hmac_sha256_set_key(&r->keyed, size, (const uint8_t *)key);
	explicit_bzero(key, size);
	return 0;
}

static int random_key(struct redactor *r)
{
	uint8_t key[32];

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return -errno;
	hmac_sha256_set_key(&r->keyed, sizeof(key), key);
	explicit_bzero(key, sizeof(key));
	return 0;
}

int redactor_new(struct redactor **ret_r, const char *keyfile, struct err *err)
{
	__free(redactor_freep) struct redactor *r = calloc(1, sizeof(*r));
	int rc = r ? 0 : -ENOMEM;

	if (!rc)
		rc = keyfile ? read_key(r, keyfile, err) : random_key(r);
	if (!rc)
		*ret_r = TAKE(r);
	return rc;
}

void redactor_free(struct redactor *r)
{
	if (r)
		explicit_bzero(&r->keyed, sizeof(r->keyed));
	free(r);
}

const struct ev_hdr *redact_if(struct redactor *r, const struct ev_hdr *ev)
{
	return r ? redact(r, ev) : ev;
}
