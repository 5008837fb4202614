// SPDX-License-Identifier: GPL-2.0-only
/* Trusts nothing: what is written was checked to fit, and what is read to be there. */
#include <errno.h>
#include <string.h>

#include "trace/pack.h"
#include "trace/pack_layout.h"

struct input {
	const uint8_t *p, *end;
};

struct shape {
	const uint8_t *base;
	uint32_t size;
	uint32_t nr, first; /* of its records, in at[] */
};

/* Bytes of n words, those of each byte together. */
struct planes {
	const uint8_t *bytes;
	size_t n;
	unsigned int nr;
	unsigned int shift[8];
};

void unpacker_release(struct unpacker *u)
{
	free(u->at);
}

/* NULL: there are fewer. */
static const uint8_t *take(struct input *in, size_t n)
{
	const uint8_t *p = in->p;

	if (n > (size_t)(in->end - p))
		return NULL;
	in->p += n;
	return p;
}

static bool take_planes(struct input *in, uint8_t mask, size_t n, struct planes *ret)
{
	*ret = (struct planes){ .n = n };
	for (unsigned int byte = 0; byte < 8; byte++)
		if (mask >> byte & 1)
			ret->shift[ret->nr++] = 8 * byte;
	ret->bytes = take(in, ret->nr * n);
	return ret->bytes;
}

/* ---- which records there are ---- */

static bool take_base(struct input *in, struct shape *s)
{
	const uint8_t *hdr = take(in, sizeof(struct ev_hdr));
	struct ev_hdr ev;

	if (!hdr)
		return false;
	memcpy(&ev, hdr, sizeof(ev));
	if (ev.size < sizeof(ev) || ev.size % EV_ALIGN || !take(in, ev.size - sizeof(ev)))
		return false;
	*s = (struct shape){ .base = hdr, .size = ev.size };
	return true;
}

/* Do the records that seq names fill the room? */
static bool count(struct shape *shape, uint32_t nr_shapes, const uint8_t *seq, uint32_t nr,
		  size_t plain)
{
	uint64_t sum = 0;
	uint32_t first = 0;

	for (uint32_t i = 0; i < nr; i++) {
		if (seq[i] >= nr_shapes)
			return false;
		shape[seq[i]].nr++;
	}
	for (uint32_t s = 0; s < nr_shapes; s++) {
		if (!shape[s].nr)
			return false;
		shape[s].first = first;
		first += shape[s].nr;
		sum += (uint64_t)shape[s].nr * shape[s].size;
	}
	return sum == plain;
}

static int make_room(struct unpacker *u, size_t n)
{
	uint32_t *at;

	if (n <= u->cap)
		return 0;
	at = realloc(u->at, n * sizeof(*at));
	if (!at)
		return -ENOMEM;
	u->at = at;
	u->cap = n;
	return 0;
}

static void place(struct unpacker *u, const struct shape *shape, uint32_t nr_shapes,
		  const uint8_t *seq, uint32_t nr)
{
	struct {
		uint32_t next, size;
	} of[MAX_SHAPES];
	uint32_t pos = 0;

	for (uint32_t s = 0; s < nr_shapes; s++) {
		of[s].next = shape[s].first;
		of[s].size = shape[s].size;
	}
	for (uint32_t i = 0; i < nr; i++) {
		u->at[of[seq[i]].next++] = pos;
		pos += of[seq[i]].size;
	}
}

/* ---- what is in them ---- */

#define INLINE static inline __attribute__((always_inline))

/* A loop over a constant number of bytes is worth it: this is most of what reading costs beside zstd. */
#define CASE(number, call)    \
	case number:          \
		call(number); \
		break;
#define WITH_CONSTANT(count, call) \
	switch (count) {           \
		CASE(0, call)      \
		CASE(1, call)      \
		CASE(2, call)      \
		CASE(3, call)      \
		CASE(4, call)      \
		CASE(5, call)      \
		CASE(6, call)      \
		CASE(7, call)      \
		CASE(8, call)      \
	}

INLINE uint64_t word_at(const struct planes *planes, const unsigned int *shift, size_t i,
			unsigned int nr)
{
	uint64_t word = 0;

#pragma GCC unroll 8
	for (unsigned int k = 0; k < nr; k++)
		word |= (uint64_t)planes->bytes[k * planes->n + i] << shift[k];
	return word;
}

INLINE void fill(uint8_t *out, const uint32_t *at, uint64_t word, struct planes planes,
		 unsigned int nr)
{
	store(out + at[0], word);
#pragma GCC unroll 8
	for (size_t i = 0; i < planes.n; i++) {
		word ^= word_at(&planes, planes.shift, i, nr);
		store(out + at[i + 1], word);
	}
}

static void fill_column(uint8_t *out, const uint32_t *at, uint64_t word, struct planes planes)
{
#define FILL(count) fill(out, at, word, planes, count)
	WITH_CONSTANT(planes.nr, FILL)
}

static bool fill_shape(const struct unpacker *u, const struct shape *s, struct input *in,
		       uint8_t *out)
{
	const uint8_t *masks = take(in, s->size / 8);
	struct planes planes;

	for (uint32_t word = 0; masks && word < s->size; word += 8) {
		if (!take_planes(in, masks[word / 8], s->nr - 1, &planes))
			return false;
		if (word != TIME_AT)
			fill_column(out + word, u->at + s->first, load(s->base + word), planes);
	}
	return masks;
}

INLINE void times(const struct shape *shape, const uint8_t *seq, uint8_t *out, struct planes planes,
		  unsigned int nr)
{
	uint64_t ts = 0;

	out += TIME_AT;
	for (size_t i = 0; i < planes.n; i++) {
		ts += unzigzag(word_at(&planes, planes.shift, i, nr));
		store(out, ts);
		out += shape[seq[i]].size;
	}
}

static bool fill_times(const struct shape *shape, const uint8_t *seq, uint32_t nr_records,
		       struct input *in, uint8_t *out)
{
	const uint8_t *mask = take(in, 1);
	struct planes planes;

	if (!mask || !take_planes(in, *mask, nr_records, &planes))
		return false;
#define TIMES(count) times(shape, seq, out, planes, count)
	WITH_CONSTANT(planes.nr, TIMES)
	return true;
}

int unpack(struct unpacker *u, const uint8_t *data, size_t len, uint8_t *out, size_t plain)
{
	struct input in = { data, data + len };
	struct shape shape[MAX_SHAPES];
	struct pack_head head;
	const uint8_t *seq;

	if (len < sizeof(head))
		return -EBADMSG;
	memcpy(&head, take(&in, sizeof(head)), sizeof(head));
	if (head.nr_shapes > MAX_SHAPES)
		return -EBADMSG;
	for (uint32_t s = 0; s < head.nr_shapes; s++)
		if (!take_base(&in, &shape[s]))
			return -EBADMSG;
	seq = take(&in, head.nr);
	if (!seq || !count(shape, head.nr_shapes, seq, head.nr, plain))
		return -EBADMSG;
	if (make_room(u, head.nr))
		return -ENOMEM;
	place(u, shape, head.nr_shapes, seq, head.nr);
	if (!fill_times(shape, seq, head.nr, &in, out))
		return -EBADMSG;
	for (uint32_t s = 0; s < head.nr_shapes; s++)
		if (!fill_shape(u, &shape[s], &in, out))
			return -EBADMSG;
	return in.p == in.end ? 0 : -EBADMSG;
}
