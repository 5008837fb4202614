// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "view/text/wireshark.h"

#define FIRST "  wireshark: "

#define SEALED "no filter: the connection is sealed"

struct wireshark_text wireshark_mid(bool sealed, uint64_t mid)
{
	struct wireshark_text t = { SEALED };

	if (!sealed)
		snprintf(t.s, sizeof(t.s), "smb2.msg_id == %" PRIu64, mid);
	return t;
}

/* All of it: a request uses one connection, or several of one session. */
static bool is_sealed(const struct model *m, const struct request *r)
{
	for_each_subrequest (r, s)
		if (s->mid && model_sealed(m, s->conn))
			return true;
	return false;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static size_t collect(const struct request *r, uint64_t *mid)
{
	size_t n = 0;

	for_each_subrequest (r, s)
		if (s->mid)
			mid[n++] = s->mid;
	qsort(mid, n, sizeof(*mid), by_value);
	return n;
}

/* The mids from `from` to `to`, as one element of a set. */
static void put_element(FILE *out, uint64_t from, uint64_t to, bool first, unsigned int width,
			unsigned int *col)
{
	char text[64];
	int len = from == to ? snprintf(text, sizeof(text), "%" PRIu64, from)
			     : snprintf(text, sizeof(text), "%" PRIu64 "..%" PRIu64, from, to);

	if (!first)
		*col += fprintf(out, ",");
	if (!first && *col + 1 + len + 1 > width) /* and what closes the set, or another comma */
		*col = fprintf(out, "\n%*s%s", (int)sizeof(FIRST) - 1, "", text) - 1;
	else
		*col += fprintf(out, "%s%s", first ? "" : " ", text);
}

int wireshark_print(FILE *out, const struct model *m, const struct request *r, unsigned int width)
{
	__autofree uint64_t *mid = calloc(r->nr_subrequests + 1, sizeof(*mid));
	unsigned int col;
	size_t n, i = 0;

	if (!mid)
		return -ENOMEM;
	n = collect(r, mid);
	if (is_sealed(m, r)) {
		fputs(FIRST SEALED "\n", out);
		return 0;
	}
	if (n < 2) {
		if (n)
			fprintf(out, FIRST "smb2.msg_id == %" PRIu64 "\n", mid[0]);
		return 0;
	}
	col = fprintf(out, FIRST "smb2.msg_id in {");
	while (i < n) {
		size_t from = i++;

		while (i < n && mid[i] - mid[i - 1] <= 1)
			i++;
		put_element(out, mid[from], mid[i - 1], !from, width, &col);
	}
	fputs("}\n", out);
	return 0;
}
