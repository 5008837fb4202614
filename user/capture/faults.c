// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json_parse.h"
#include "capture/faults.h"
#include "event/enums.h"

#define ROOM 65536 /* more than a line of the proxy's has */

struct faults {
	int fd;
	off_t at; /* of the next line */
	char text[ROOM];
};

int faults_open(struct faults **ret_f, const char *path, struct err *err)
{
	struct faults *f = malloc(sizeof(*f));
	struct stat st;

	if (!f)
		return -ENOMEM;
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &st)) {
		int rc = err_set(
			err, -errno,
			"cannot read %s: %s; start `netfsnoop provoke --log %s PLAN` before the recording",
			path, strerror(errno), path);

		faults_free(f);
		return rc;
	}
	if (!S_ISREG(st.st_mode)) {
		faults_free(f);
		return err_set(err, -EINVAL, "%s is no file: give the log of `netfsnoop provoke`",
			       path);
	}
	f->at = st.st_size;
	*ret_f = f;
	return 0;
}

void faults_free(struct faults *f)
{
	if (!f)
		return;
	closep(&f->fd);
	free(f);
}

/* ---- a line ---- */

static uint64_t number(const json_t *line, const char *key)
{
	return json_integer_value(json_object_get(line, key));
}

static const char *text(const json_t *line, const char *key)
{
	const char *s = json_string_value(json_object_get(line, key));

	return s ? s : "";
}

/* "0x1f" */
static uint64_t id(const json_t *line, const char *key)
{
	return strtoull(text(line, key), NULL, 16);
}

/* Values are small. */
static uint64_t value_of(enum word_enum e, const char *word, uint64_t other)
{
	for (uint64_t v = 0; v < 256; v++) {
		const char *known = enum_word(e, v);

		if (known && !strcmp(known, word))
			return v;
	}
	return other;
}

static int take_fault(const json_t *line, const struct record_sink *to)
{
	__autofree struct draft *d =
		draft_make(EV_FAULT, sizeof(struct ev_fault), number(line, "monotonic_ns"));

	if (!d)
		return -ENOMEM;
	d->fault.sesid = id(line, "session_id");
	d->fault.mid = number(line, "mid");
	d->fault.offset = number(line, "offset");
	d->fault.len = number(line, "length");
	d->fault.was = number(line, "was");
	d->fault.became = number(line, "became");
	d->fault.status = id(line, "status");
	d->fault.line = number(line, "line");
	d->fault.nr = number(line, "connection");
	d->fault.cmd = value_of(WORDS_COMMAND, text(line, "command"), EV_NO_COMMAND);
	d->fault.fault = value_of(WORDS_FAULT, text(line, "fault"), EV_FAULT_OTHER);
	d->fault.again = json_is_true(json_object_get(line, "again"));
	draft_string(d, text(line, "text"));
	return draft_emit(d, to);
}

static int take_line(const char *s, size_t len, const struct record_sink *to)
{
	json_t *line;
	int rc = json_parse(s, len, 0, &line, NULL);

	if (rc)
		return rc == -EBADMSG ? 0 : rc;
	if (!strcmp(text(line, "type"), "fault"))
		rc = take_fault(line, to);
	json_decref(line);
	return rc;
}

/* ---- the file ---- */

/* What is behind the last line end waits for the rest of it; without any, it is no log of ours. */
static int take_lines(struct faults *f, size_t n, const struct record_sink *to)
{
	size_t from = 0;
	int rc = 0;

	for (const char *end; !rc && (end = memchr(f->text + from, '\n', n - from));) {
		size_t next = end - f->text + 1;

		rc = take_line(f->text + from, next - from, to);
		from = next;
	}
	f->at += !from && n == ROOM ? n : from;
	return rc;
}

int faults_read(struct faults *f, const struct record_sink *to)
{
	struct stat st;

	if (!fstat(f->fd, &st) && st.st_size < f->at) /* a new proxy has begun it anew */
		f->at = 0;
	for (;;) {
		ssize_t n = pread(f->fd, f->text, ROOM, f->at);
		off_t before = f->at;
		int rc = n > 0 ? take_lines(f, n, to) : 0;

		if (rc || n <= 0 || f->at == before)
			return rc;
	}
}
