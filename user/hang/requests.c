// SPDX-License-Identifier: GPL-2.0-only
/* /proc/fs/netfs/requests and /proc/fs/netfs/stats */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "hang/hang.h"
#include "hang/parse.h"

#define MAX_REQUESTS 16384

/*
 * netfs_requests_seq_show(): "%08x %s %3d %2lx %4ld %3d @%04llx %llx/%llx". Since 6.17 the flags
 * are %4lx and their column is FLAG; the columns are the same.
 */
static bool parse_request(struct hang_request *r, const char *line, unsigned int in_progress)
{
	int end = 0;

	memset(r, 0, sizeof(*r));
	if (sscanf(line,
		   "%8" SCNx32 " %3s %" SCNu32 " %" SCNx64 " %" SCNd64 " %" SCNu32 " @%" SCNx64
		   " %" SCNx64 "/%" SCNx64 "%n",
		   &r->id, r->origin, &r->ref, &r->flags, &r->error, &r->ops, &r->start,
		   &r->submitted, &r->len, &end) != 9)
		return false;
	r->finished = !(r->flags >> in_progress & 1);
	return !line[end];
}

static bool is_header(const char *line)
{
	return line && !strncmp(line, "REQUEST  OR REF FL", 18);
}

int hang_parse_requests(struct hang_snap *s, char *text)
{
	bool cut = hang_is_cut(text);
	char *line = hang_line(&text);
	/* NETFS_RREQ_IN_PROGRESS is no enum: it went from bit 5 to 0 with the wider column */
	unsigned int in_progress = line && !strncmp(line, "REQUEST  OR REF FLAG", 20) ? 0 : 5;

	s->truncated |= cut;
	if (!is_header(line))
		return -EPROTO;
	while ((line = hang_line(&text))) {
		struct hang_request r;
		int rc;

		if (*line == '=')
			continue;
		if (!parse_request(&r, line, in_progress)) {
			s->truncated = true;
			continue;
		}
		rc = hang_grow((void **)&s->request, s->nr_requests, sizeof(r), MAX_REQUESTS);
		if (rc == -E2BIG) {
			s->truncated = true;
			return 0;
		}
		if (rc)
			return rc;
		s->request[s->nr_requests++] = r;
	}
	return 0;
}

static int64_t counter(const char *text, const char *line_key, const char *key)
{
	const char *line = strstr(text, line_key);
	uint32_t n;

	return line && hang_find_u32(line, key, 10, &n) ? (int64_t)n : -1;
}

/* netfs_stats_show() */
void hang_parse_stats(struct hang_stats *st, const char *text)
{
	st->requests = counter(text, "Objs   :", " rr=");
	st->subrequests = counter(text, "Objs   :", " sr=");
	st->retried_reads = counter(text, "Retries:", " rs=");
	st->retried_writes = counter(text, "Retries:", " ws=");
}

bool hang_counts_sent(const struct hang_request *r)
{
	return !strcmp(r->origin, "DR") || !strcmp(r->origin, "UR");
}

bool hang_is_write(const struct hang_request *r)
{
	static const char *const writes[] = { "WB", "WT", "UW", "DW", "2C", "W1" };

	for (size_t i = 0; i < ARRAY_SIZE(writes); i++)
		if (!strcmp(r->origin, writes[i]))
			return true;
	return false;
}
