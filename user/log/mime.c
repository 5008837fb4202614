// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include <nettle/base64.h>

#include "log/mime.h"
#include "log/unpack.h"

#define MAX_BOUNDARIES 8 /* the latest ones: of parts in parts */
#define MAX_BOUNDARY   72

enum encoding { ENC_NONE, ENC_QUOTED, ENC_BASE64 };

struct mail {
	enum encoding told; /* by the header that is being read */
	enum encoding body; /* of the part that is being read */
	bool html, skip;    /* told: it is HTML; body: the same was there as plain text */
	bool alternative;   /* parts say the same in several forms */
	bool plain_seen;    /* of these, plain text */
	bool joins;	    /* the line before ended in the middle */
	struct base64_decode_ctx base64;
	char boundary[MAX_BOUNDARIES][MAX_BOUNDARY];
	unsigned int nr_boundaries;
	struct log_text out, part; /* part: in base64, decoded so far */
};

static int hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool mime_decode_quoted(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (s[0] == '=' && !s[1]) {
			*out = '\0';
			return true;
		}
		if (s[0] == '=' && hex(s[1]) >= 0 && hex(s[2]) >= 0) {
			char c = hex(s[1]) << 4 | hex(s[2]);

			*out++ = c ? c : '?';
			s += 2;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
	return false;
}

/* ---- headers ---- */

static void take_boundary(struct mail *m, const char *line)
{
	const char *at = strcasestr(line, "boundary=");
	size_t n;

	if (!at)
		return;
	at += strlen("boundary=");
	at += *at == '"';
	n = strcspn(at, "\"; \t\r");
	if (n && n < MAX_BOUNDARY)
		snprintf(m->boundary[m->nr_boundaries++ % MAX_BOUNDARIES], MAX_BOUNDARY, "%.*s",
			 (int)n, at);
}

/* The value of a header; NULL: the line is not of that one. */
static const char *header(const char *line, const char *name)
{
	size_t n = strlen(name);

	return strncasecmp(line, name, n) ? NULL : line + n + strspn(line + n, " \t");
}

static void take_type(struct mail *m, const char *type)
{
	m->html = !strncasecmp(type, "text/html", 9);
	m->plain_seen |= m->alternative && !strncasecmp(type, "text/plain", 10);
	if (!strncasecmp(type, "multipart/alternative", 21)) {
		m->alternative = true;
		m->plain_seen = false;
	}
}

static void take_header(struct mail *m, const char *line)
{
	const char *encoding = header(line, "Content-Transfer-Encoding:");
	const char *type = header(line, "Content-Type:");

	take_boundary(m, line);
	if (type)
		take_type(m, type);
	if (encoding)
		m->told = !strncasecmp(encoding, "base64", 6)		   ? ENC_BASE64
			  : !strncasecmp(encoding, "quoted-printable", 16) ? ENC_QUOTED
									   : ENC_NONE;
}

static bool ends_part(const struct mail *m, const char *line)
{
	for (unsigned int i = 0; i < m->nr_boundaries && i < MAX_BOUNDARIES; i++)
		if (!strncmp(line, "--", 2) &&
		    !strncmp(line + 2, m->boundary[i], strlen(m->boundary[i])))
			return true;
	return !strncmp(line, "From ", 5); /* the next mail of an mbox */
}

/* ---- bodies ---- */

/* False: that is no base64, so the part is over. */
static bool take_base64(struct mail *m, const char *line, int *ret_rc)
{
	size_t n = strlen(line), got = BASE64_DECODE_LENGTH(n);
	__autofree char *bytes = malloc(got + 1);

	if (!bytes)
		*ret_rc = -ENOMEM;
	if (!bytes || !base64_decode_update(&m->base64, &got, (uint8_t *)bytes, n, line))
		return false;
	*ret_rc = log_text_add(&m->part, bytes, got);
	return true;
}

static int take_plain(struct mail *m, const char *line, bool newline)
{
	int rc = log_text_add(&m->out, line, strlen(line));

	return !rc && newline && !m->joins ? log_text_add(&m->out, "\n", 1) : rc;
}

/* What was encoded need not end with its line, and the line that ends it is one of its own. */
static int end_body(struct mail *m)
{
	int rc = 0;

	m->body = ENC_NONE;
	m->skip = false;
	if (!m->part.size)
		return 0;
	rc = log_unpack(&m->part.data, &m->part.size, m->part.max, &m->out.cut);
	if (rc == -EBADMSG) /* what came before the damage is there */
		rc = 0;
	if (!rc)
		rc = log_text_add(&m->out, m->part.data, m->part.size);
	if (!rc && m->part.size && m->part.data[m->part.size - 1] != '\n')
		rc = log_text_add(&m->out, "\n", 1);
	log_text_free(&m->part);
	m->part = (struct log_text){ .max = m->part.max };
	return rc;
}

/* A header is over: what follows is encoded as it says. */
static void begin_body(struct mail *m)
{
	m->skip = m->html && m->alternative && m->plain_seen;
	m->body = m->told;
	m->told = ENC_NONE;
	m->html = false;
	base64_decode_init(&m->base64);
}

/* One line without its newline; newline: it had one. */
static int take_line(struct mail *m, char *line, bool newline)
{
	int rc = 0;

	m->joins = false;
	if ((m->body != ENC_NONE || m->skip) && ends_part(m, line))
		rc = end_body(m);
	if (m->skip || rc)
		return rc;
	if (m->body == ENC_BASE64) {
		if (take_base64(m, line, &rc) || rc)
			return rc;
		rc = end_body(m);
	}
	if (m->body == ENC_QUOTED)
		m->joins = mime_decode_quoted(line);
	else if (!*line && (m->told != ENC_NONE || m->html))
		begin_body(m);
	else
		take_header(m, line);
	if (rc)
		return rc;
	return take_plain(m, line, newline);
}

static int decode(struct mail *m, char *text, size_t size)
{
	char *line = text, *end = text + size;
	int rc = 0;

	while (!rc && line < end) {
		char *newline = memchr(line, '\n', end - line), *stop = newline ? newline : end;

		for (char *p = line; p < stop; p++)
			*p = *p ? *p : '?';
		*stop = '\0';
		if (stop > line && stop[-1] == '\r')
			stop[-1] = '\0';
		rc = take_line(m, line, newline != NULL);
		line = stop + 1;
	}
	if (rc)
		return rc;
	return end_body(m);
}

int mime_decode(char **text, size_t *size, size_t max, bool *ret_cut)
{
	__autofree struct mail *m = NULL;
	int rc;

	if (!strcasestr(*text, "Content-Transfer-Encoding:") &&
	    !strcasestr(*text, "multipart/alternative"))
		return 0;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->out.max = m->part.max = max;
	rc = decode(m, *text, *size);
	if (!rc && !m->out.data && log_text_room(&m->out) < 0)
		rc = -ENOMEM;
	log_text_free(&m->part);
	if (rc) {
		log_text_free(&m->out);
		return rc;
	}
	m->out.data[m->out.size] = '\0';
	free(*text);
	*text = m->out.data;
	*size = m->out.size;
	*ret_cut |= m->out.cut;
	return 0;
}
