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

struct content {
	const uint8_t *seq, *as_is;
	uint32_t nr, nr_shapes, as_is_len;
	uint32_t nr_timed; /* of all but those that stand as they are */
	struct shape shape[MAX_SHAPES];
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

/* A record's size, if there is one. */
static size_t take_record(struct input *in)
{
	struct ev_hdr ev;

	if (in->end - in->p < (ptrdiff_t)sizeof(ev))
		return 0;
	memcpy(&ev, in->p, sizeof(ev));
	if (ev.size < sizeof(ev) || ev.size % EV_ALIGN || !take(in, ev.size))
		return 0;
	return ev.size;
}

static bool take_bases(struct input *in, struct content *b)
{
	for (uint32_t s = 0; s < b->nr_shapes; s++) {
		b->shape[s] = (struct shape){ .base = in->p };
		b->shape[s].size = take_record(in);
		if (!b->shape[s].size)
			return false;
	}
	return true;
}

/* Those that stand as they are: how many are whole records? */
static uint32_t count_as_is(const struct content *b)
{
	struct input in = { b->as_is, b->as_is + b->as_is_len };
	uint32_t n = 0;

	while (in.p < in.end && take_record(&in))
		n++;
	return in.p == in.end ? n : UINT32_MAX;
}

/* Do the records that seq names fill the room? */
static bool count(struct content *b, size_t plain)
{
	uint32_t nr[AS_IS + 1] = {}, first = 0;
	uint64_t sum = b->as_is_len;

	for (uint32_t i = 0; i < b->nr; i++)
		nr[b->seq[i]]++;
	for (uint32_t i = 0; i < b->nr_shapes; i++) {
		struct shape *s = &b->shape[i];

		if (!nr[i])
			return false;
		s->nr = nr[i];
		s->first = first;
		first += s->nr;
		sum += (uint64_t)s->nr * s->size;
	}
	b->nr_timed = first;
	/* none of another shape */
	return first + nr[AS_IS] == b->nr && sum == plain && nr[AS_IS] == count_as_is(b);
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

static uint32_t copy_record(uint8_t *out, const uint8_t **from)
{
	struct ev_hdr ev;

	memcpy(&ev, *from, sizeof(ev));
	memcpy(out, *from, ev.size);
	*from += ev.size;
	return ev.size;
}

/* Their places, in the order of the stream, with the times. */
INLINE void place(const struct content *b, uint32_t *at, uint8_t *out, struct planes planes,
		  unsigned int nr)
{
	const uint8_t *as_is = b->as_is;
	uint32_t next[MAX_SHAPES], size[MAX_SHAPES], pos = 0;
	uint64_t ts = 0;
	size_t n = 0;

	for (uint32_t s = 0; s < b->nr_shapes; s++) {
		next[s] = b->shape[s].first;
		size[s] = b->shape[s].size;
	}
	for (uint32_t i = 0; i < b->nr; i++) {
		uint8_t shape = b->seq[i];

		if (shape == AS_IS) {
			pos += copy_record(out + pos, &as_is);
			continue;
		}
		ts += unzigzag(word_at(&planes, planes.shift, n++, nr));
		at[next[shape]++] = pos;
		store(out + pos + TIME_AT, ts);
		pos += size[shape];
	}
}

static bool place_all(const struct content *b, struct input *in, uint32_t *at, uint8_t *out)
{
	const uint8_t *mask = take(in, 1);
	struct planes planes;

	if (!mask || !take_planes(in, *mask, b->nr_timed, &planes))
		return false;
#define PLACE(count) place(b, at, out, planes, count)
	WITH_CONSTANT(planes.nr, PLACE)
	return true;
}

static bool take_block(struct input *in, struct content *b, size_t plain)
{
	struct pack_head head;
	const uint8_t *p = take(in, sizeof(head));

	if (!p)
		return false;
	memcpy(&head, p, sizeof(head));
	b->nr = head.nr;
	b->nr_shapes = head.nr_shapes;
	b->as_is_len = head.as_is;
	if (head.nr_shapes > MAX_SHAPES || !take_bases(in, b))
		return false;
	b->seq = take(in, head.nr);
	b->as_is = take(in, head.as_is);
	return b->seq && b->as_is && count(b, plain);
}

int unpack(struct unpacker *u, const uint8_t *data, size_t len, uint8_t *out, size_t plain)
{
	struct input in = { data, data + len };
	struct content b;

	if (!take_block(&in, &b, plain))
		return -EBADMSG;
	if (make_room(u, b.nr_timed))
		return -ENOMEM;
	if (!place_all(&b, &in, u->at, out))
		return -EBADMSG;
	for (uint32_t s = 0; s < b.nr_shapes; s++)
		if (!fill_shape(u, &b.shape[s], &in, out))
			return -EBADMSG;
	return in.p == in.end ? 0 : -EBADMSG;
}
