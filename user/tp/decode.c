// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of tracepoints, from a kernel without BTF or from ftrace, by the names of their
 * fields. classic.c and import call it.
 */
#include <string.h>

#include "event/kinds.h"
#include "tp/decode.h"

/* Of the names that kernels have for one thing, at most one is there. */
static bool get(const struct tp_record *s, const struct ev_field *f, uint64_t *ret_value)
{
	bool found = false;

	*ret_value = 0;
	for (unsigned int i = 0; i < EV_FROM && f->from[i]; i++) {
		uint64_t value;

		if (!s->get(s, f->from[i], &value))
			continue;
		*ret_value |= value;
		found = true;
	}
	return found;
}

static uint64_t convert(const struct ev_field *f, uint64_t value)
{
	if (f->form == FORM_INDEX) /* -1: the request's own */
		return (uint16_t)value == UINT16_MAX ? 0 : value ? value : EV_SREQ_ZERO;
	if (f->form == FORM_ERRSEQ)
		return -(value & 4095); /* MAX_ERRNO */
	return value;
}

/* Of a little-endian value the low bytes. */
static void store(union decoded *d, const struct ev_field *f, uint64_t value)
{
	uint8_t *to = d->bytes + f->offset;

	switch (f->size) {
	case 1:
		*to = value;
		break;
	case 2:
		memcpy(to, &value, 2);
		break;
	case 4:
		memcpy(to, &value, 4);
		break;
	default:
		memcpy(to, &value, 8);
	}
}

bool decode_fields(union decoded *ret, const struct tp_record *r)
{
	const struct ev_source *source = ev_source(r->hdr->probe);
	const struct ev_kind_info *k = source ? source->kind : NULL;
	uint64_t value;

	if (!k || k->min_size > sizeof(*ret))
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->hdr = *r->hdr;
	ret->hdr.kind = k->kind;
	ret->hdr.size = k->min_size;
	ret->hdr.flags = EVF_TPONLY | (ev_kind_of_rreq(k) ? EVF_RREQ : 0);
	for (unsigned int i = 0; i < k->nr_fields; i++)
		if (k->fields[i].from[0] && get(r, &k->fields[i], &value))
			store(ret, &k->fields[i], convert(&k->fields[i], value));
	for (unsigned int i = 0; i < EV_SETS && source->set[i].offset; i++)
		ret->bytes[source->set[i].offset] = source->set[i].value;
	return true;
}

struct raw_record {
	struct tp_record r;
	const struct tp_format *format;
	const void *bytes;
	size_t size;
};

static bool raw_get(const struct tp_record *r, const char *field, uint64_t *ret_value)
{
	const struct raw_record *raw = container_of(r, struct raw_record, r);

	return format_get(raw->format, field, raw->bytes, raw->size, ret_value);
}

bool decode_record(union decoded *ret, const struct ev_hdr *hdr, const struct tp_format *format,
		   const void *bytes, size_t size)
{
	const struct raw_record raw = {
		.r = { .hdr = hdr, .get = raw_get }, .format = format, .bytes = bytes, .size = size
	};

	return decode_fields(ret, &raw.r);
}
