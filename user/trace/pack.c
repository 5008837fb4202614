// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "trace/pack.h"
#include "trace/pack_layout.h"

#define MAX_RECORDS (BLOCK_SIZE / sizeof(struct ev_hdr))
#define NR_SLOTS    1024

struct shape {
	uint64_t key;
	uint32_t nr, first; /* of its records, in at[] */
};

struct packer {
	struct shape shape[MAX_SHAPES];
	uint32_t nr_shapes, nr;
	uint16_t slot[NR_SLOTS]; /* by key: a shape's number + 1 */
	uint8_t seq[MAX_RECORDS];
	uint32_t at[MAX_RECORDS]; /* where each record is, shape by shape */
	uint64_t words[MAX_RECORDS];
};

int packer_new(struct packer **ret_p)
{
	*ret_p = malloc(sizeof(**ret_p));
	return *ret_p ? 0 : -ENOMEM;
}

void packer_free(struct packer *p)
{
	free(p);
}

/* What stands before the CPU: size, kind, flags, probe. */
static uint64_t key_of(const uint8_t *record)
{
	return load(record) & SHAPE_MASK;
}

static uint8_t shape_of(struct packer *p, uint64_t key)
{
	size_t i = (key * 0x9e3779b97f4a7c15) >> 54;

	for (; p->slot[i]; i = (i + 1) % NR_SLOTS)
		if (p->shape[p->slot[i] - 1].key == key)
			return p->slot[i] - 1;
	if (p->nr_shapes == MAX_SHAPES)
		return AS_IS;
	p->shape[p->nr_shapes] = (struct shape){ .key = key };
	p->slot[i] = ++p->nr_shapes;
	return p->nr_shapes - 1;
}

static bool has_columns(const uint8_t *record)
{
	const struct ev_hdr *ev = (const void *)record;

	return ev->kind >= EV_RREQ && ev->kind < EV_META;
}

static void find_shapes(struct packer *p, const uint8_t *records, size_t len)
{
	memset(p->slot, 0, sizeof(p->slot));
	p->nr = p->nr_shapes = 0;
	for (size_t pos = 0; pos < len; pos += size_of(records + pos)) {
		const uint8_t *record = records + pos;
		uint8_t shape = has_columns(record) ? shape_of(p, key_of(record)) : AS_IS;

		p->seq[p->nr++] = shape;
		if (shape != AS_IS)
			p->shape[shape].nr++;
	}
}

static void sort(struct packer *p, const uint8_t *records, size_t len)
{
	uint32_t next[MAX_SHAPES], sum = 0;
	size_t i = 0;

	for (uint32_t s = 0; s < p->nr_shapes; s++) {
		p->shape[s].first = next[s] = sum;
		sum += p->shape[s].nr;
	}
	for (size_t pos = 0; pos < len; pos += size_of(records + pos), i++)
		if (p->seq[i] != AS_IS)
			p->at[next[p->seq[i]]++] = pos;
}

static uint8_t *put_as_is(const struct packer *p, const uint8_t *records, size_t len, uint8_t *out)
{
	size_t i = 0;

	for (size_t pos = 0; pos < len; pos += size_of(records + pos)) {
		if (p->seq[i++] != AS_IS)
			continue;
		memcpy(out, records + pos, size_of(records + pos));
		out += size_of(records + pos);
	}
	return out;
}

/* Those bytes of the words that are not 0 in all of them; *mask says which. */
static uint8_t *put_planes(uint8_t *out, uint8_t *mask, const uint64_t *words, size_t n)
{
	uint64_t any = 0;

	*mask = 0;
	for (size_t i = 0; i < n; i++)
		any |= words[i];
	for (int byte = 0; byte < 8; byte++) {
		if (!(any >> 8 * byte & 0xff))
			continue;
		*mask |= 1 << byte;
		for (size_t i = 0; i < n; i++)
			*out++ = words[i] >> 8 * byte;
	}
	return out;
}

/* In the order of the stream, as most of them are near to the one before. */
static uint8_t *put_times(struct packer *p, const uint8_t *records, size_t len, uint8_t *out)
{
	uint64_t last = 0;
	size_t i = 0, n = 0;

	for (size_t pos = 0; pos < len; pos += size_of(records + pos)) {
		uint64_t ts = load(records + pos + TIME_AT);

		if (p->seq[i++] == AS_IS)
			continue;
		p->words[n++] = zigzag(ts - last);
		last = ts;
	}
	return put_planes(out + 1, out, p->words, n);
}

static uint8_t *put_bases(const struct packer *p, const uint8_t *records, uint8_t *out)
{
	for (uint32_t s = 0; s < p->nr_shapes; s++) {
		const uint8_t *base = records + p->at[p->shape[s].first];

		memcpy(out, base, size_of(base));
		memset(out + TIME_AT, 0, 8);
		out += size_of(base);
	}
	return out;
}

static uint8_t *put_shape(struct packer *p, const struct shape *s, const uint8_t *records,
			  uint8_t *out)
{
	const uint32_t *at = p->at + s->first;
	const size_t size = size_of(records + at[0]);
	uint8_t *masks = out;

	out += size / 8;
	for (size_t word = 0; word < size; word += 8) {
		for (uint32_t i = 1; i < s->nr; i++)
			p->words[i - 1] =
				load(records + at[i] + word) ^ load(records + at[i - 1] + word);
		if (word == TIME_AT)
			masks[word / 8] = 0;
		else
			out = put_planes(out, &masks[word / 8], p->words, s->nr - 1);
	}
	return out;
}

size_t pack(struct packer *p, const uint8_t *records, size_t len, uint8_t *out)
{
	struct pack_head head = {};
	uint8_t *as_is, *end;

	find_shapes(p, records, len);
	sort(p, records, len);
	end = put_bases(p, records, out + sizeof(head));
	memcpy(end, p->seq, p->nr);
	as_is = end + p->nr;
	end = put_as_is(p, records, len, as_is);
	head.nr = p->nr;
	head.nr_shapes = p->nr_shapes;
	head.as_is = end - as_is;
	memcpy(out, &head, sizeof(head));
	end = put_times(p, records, len, end);
	for (uint32_t s = 0; s < p->nr_shapes; s++)
		end = put_shape(p, &p->shape[s], records, end);
	return end - out;
}
