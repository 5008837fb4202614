// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <nettle/base64.h>

#include "log/mime.h"

#define MAX_BOUNDARIES 8 /* of parts in parts; of more the first ones end a part */
#define MAX_BOUNDARY   72

enum encoding { ENC_NONE, ENC_QUOTED, ENC_BASE64 };

struct mail {
	enum encoding told; /* by the header that is being read */
	enum encoding body; /* of the part that is being read */
	bool joins;	    /* the line before ended in the middle */
	struct base64_decode_ctx base64;
	char boundary[MAX_BOUNDARIES][MAX_BOUNDARY];
	unsigned int nr_boundaries;
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

	if (!at || m->nr_boundaries == MAX_BOUNDARIES)
		return;
	at += strlen("boundary=");
	at += *at == '"';
	n = strcspn(at, "\"; \t\r");
	if (n && n < MAX_BOUNDARY)
		snprintf(m->boundary[m->nr_boundaries++], MAX_BOUNDARY, "%.*s", (int)n, at);
}

static void take_header(struct mail *m, const char *line)
{
	static const char name[] = "Content-Transfer-Encoding:";
	const char *value;

	take_boundary(m, line);
	if (strncasecmp(line, name, sizeof(name) - 1) != 0)
		return;
	value = line + sizeof(name) - 1;
	value += strspn(value, " \t");
	m->told = !strncasecmp(value, "base64", 6)		? ENC_BASE64
		  : !strncasecmp(value, "quoted-printable", 16) ? ENC_QUOTED
								: ENC_NONE;
}

static bool ends_part(const struct mail *m, const char *line)
{
	for (unsigned int i = 0; i < m->nr_boundaries; i++)
		if (!strncmp(line, "--", 2) &&
		    !strncmp(line + 2, m->boundary[i], strlen(m->boundary[i])))
			return true;
	return !strncmp(line, "From ", 5); /* the next mail of an mbox */
}

/* ---- bodies ---- */

/* Writes to out, which is not behind line. False: that is no base64, so the part is over. */
static bool take_base64(struct mail *m, const char *line, char **out)
{
	size_t n = strlen(line), got = BASE64_DECODE_LENGTH(n);

	if (!base64_decode_update(&m->base64, &got, (uint8_t *)*out, n, line))
		return false;
	*out += got;
	return true;
}

static void take_plain(struct mail *m, const char *line, char **out, bool newline)
{
	size_t n = strlen(line);

	memmove(*out, line, n);
	*out += n;
	if (newline && !m->joins)
		*(*out)++ = '\n';
}

/* What was encoded need not end with its line, and the line that ends it is one of its own. */
static void end_body(struct mail *m, char **out)
{
	if (m->body == ENC_BASE64 && (*out)[-1] != '\n')
		*(*out)++ = '\n';
	m->body = ENC_NONE;
}

/* One line without its newline; newline: it had one. */
static void take_line(struct mail *m, char *line, char **out, bool newline)
{
	m->joins = false;
	if (m->body != ENC_NONE && ends_part(m, line))
		end_body(m, out);
	if (m->body == ENC_BASE64) {
		if (take_base64(m, line, out))
			return;
		end_body(m, out);
	}
	if (m->body == ENC_QUOTED) {
		m->joins = mime_decode_quoted(line);
	} else if (!*line && m->told != ENC_NONE) {
		m->body = m->told;
		m->told = ENC_NONE;
		base64_decode_init(&m->base64);
	} else {
		take_header(m, line);
	}
	take_plain(m, line, out, newline);
}

size_t mime_decode(char *text, size_t size)
{
	struct mail m = {};
	char *out = text, *line = text, *end = text + size;

	if (!strcasestr(text, "Content-Transfer-Encoding:"))
		return size;
	while (line < end) {
		char *newline = memchr(line, '\n', end - line), *stop = newline ? newline : end;

		for (char *p = line; p < stop; p++)
			*p = *p ? *p : '?';
		*stop = '\0';
		if (stop > line && stop[-1] == '\r')
			stop[-1] = '\0';
		take_line(&m, line, &out, newline != NULL);
		line = stop + 1;
	}
	*out = '\0';
	return out - text;
}
