// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "event/kinds.h"
#include "trace/draft.h"

struct draft *draft_make(uint8_t kind, size_t fixed, uint64_t ts)
{
	struct draft *d = malloc(sizeof(*d));

	if (!d)
		return NULL;
	memset(d->bytes, 0, fixed);
	d->hdr.kind = kind;
	d->hdr.ts = ts;
	d->size = fixed;
	return d;
}

void draft_text(struct draft *d, const char *text, size_t len)
{
	size_t room = sizeof(d->bytes) - EV_ALIGN - d->size;

	if (len > room)
		len = room;
	memcpy(d->bytes + d->size, text, len);
	d->size += len;
	d->bytes[d->size++] = '\0';
}

void draft_string(struct draft *d, const char *text)
{
	draft_text(d, text, strlen(text));
}

int draft_emit(struct draft *d, const struct record_sink *to)
{
	while (d->size % EV_ALIGN)
		d->bytes[d->size++] = '\0';
	d->hdr.size = d->size;
	return to->add(to->ctx, &d->hdr);
}

int record_meta(const struct record_sink *to, uint64_t ts, const char *key, const char *value)
{
	__autofree struct draft *d = draft_make(EV_META, sizeof(struct ev_meta), ts);
	__autofree char *text = NULL;

	if (!d || asprintf(&text, "%s=%s", key, value) < 0)
		return -ENOMEM;
	draft_string(d, text);
	return draft_emit(d, to);
}

int record_kinds(const struct record_sink *to, uint64_t ts)
{
	size_t n;
	const struct ev_kind_info *table = ev_kind_table(&n);
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		__autofree struct draft *d = draft_make(EV_KIND, sizeof(struct ev_kind_rec), ts);

		if (!d)
			return -ENOMEM;
		d->kind.nr = table[i].kind;
		d->kind.nr_size = table[i].min_size;
		draft_string(d, table[i].name);
		rc = draft_emit(d, to);
	}
	return rc;
}

int record_enum(const struct record_sink *to, uint64_t ts, const char *type, int64_t value,
		const char *name)
{
	__autofree struct draft *d = draft_make(EV_ENUM, sizeof(struct ev_enum_rec), ts);

	if (!d)
		return -ENOMEM;
	d->enumerator.value = value;
	draft_string(d, type);
	draft_string(d, name);
	return draft_emit(d, to);
}
