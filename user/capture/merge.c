// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "capture/merge.h"

struct slot {
	uint64_t ts;
	size_t off; /* into bytes; also the order of arrival */
};

struct merge {
	unsigned char *bytes;
	size_t used, room;
	struct slot *slots;
	size_t nr, nr_room;
	bool sorted;
	uint64_t last; /* time of the last record handed on */
	uint64_t late;
};

int merge_new(struct merge **ret_m)
{
	struct merge *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->sorted = true;
	*ret_m = m;
	return 0;
}

void merge_free(struct merge *m)
{
	if (!m)
		return;
	free(m->bytes);
	free(m->slots);
	free(m);
}

static int grow(void **p, size_t *room, size_t need, size_t unit)
{
	size_t n = *room ? *room : 1024;
	void *bigger;

	if (need <= *room)
		return 0;
	while (n < need)
		n *= 2;
	bigger = realloc(*p, n * unit);
	if (!bigger)
		return -ENOMEM;
	*p = bigger;
	*room = n;
	return 0;
}

int merge_add(struct merge *m, const struct ev_hdr *ev)
{
	if (grow((void **)&m->bytes, &m->room, m->used + ev->size, 1) ||
	    grow((void **)&m->slots, &m->nr_room, m->nr + 1, sizeof(*m->slots)))
		return -ENOMEM;
	if (m->nr && m->slots[m->nr - 1].ts > ev->ts)
		m->sorted = false;
	m->slots[m->nr++] = (struct slot){ .ts = ev->ts, .off = m->used };
	memcpy(m->bytes + m->used, ev, ev->size);
	m->used += ev->size;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	return x->off < y->off ? -1 : x->off > y->off;
}

/* Drops the first n slots; the bytes of the others move to the front in their new order's storage.
 */
static int keep_rest(struct merge *m, size_t n)
{
	size_t used = 0;
	unsigned char *bytes;

	if (n == m->nr) {
		m->nr = m->used = 0;
		return 0;
	}
	bytes = malloc(m->used);
	if (!bytes)
		return -ENOMEM;
	for (size_t i = n; i < m->nr; i++) {
		const struct ev_hdr *ev = (void *)(m->bytes + m->slots[i].off);

		memcpy(bytes + used, ev, ev->size);
		m->slots[i - n] = (struct slot){ .ts = ev->ts, .off = used };
		used += ev->size;
	}
	memcpy(m->bytes, bytes, used);
	free(bytes);
	m->used = used;
	m->nr -= n;
	return 0;
}

int merge_flush(struct merge *m, uint64_t until, merge_sink sink, void *ctx)
{
	size_t i;

	if (!m->sorted)
		qsort(m->slots, m->nr, sizeof(*m->slots), by_time);
	m->sorted = true;
	for (i = 0; i < m->nr && m->slots[i].ts <= until; i++) {
		int rc = sink(ctx, (void *)(m->bytes + m->slots[i].off));

		if (rc)
			return rc;
		if (m->slots[i].ts < m->last)
			m->late++;
		else
			m->last = m->slots[i].ts;
	}
	return keep_rest(m, i);
}

uint64_t merge_late(const struct merge *m)
{
	return m->late;
}
