// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "provoke/frame.h"

static size_t padded(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

int64_t frame_size(const uint8_t *head, size_t have)
{
	if (have < FRAME_HEAD)
		return 0;
	/* 0x85 is a keep-alive of RFC 1002, which has no data */
	if (head[0] && head[0] != 0x85)
		return -EBADMSG;
	return FRAME_HEAD + ((int64_t)head[1] << 16 | head[2] << 8 | head[3]);
}

void frame_put_head(uint8_t head[FRAME_HEAD], size_t size)
{
	head[0] = 0;
	head[1] = size >> 16;
	head[2] = size >> 8;
	head[3] = size;
}

static bool is_smb2(const uint8_t *at, size_t size)
{
	return size >= HDR_SIZE && !memcmp(at, "\xfeSMB", 4) && get16(at + 4) == HDR_SIZE;
}

/* Adds a view of each message; false: they are not what they should be. */
static bool split(struct frame *f, uint8_t *data, size_t size)
{
	while (f->nr < MAX_COMPOUND && is_smb2(data, size)) {
		size_t next = get32(data + HDR_NEXT);
		struct message *m = &f->msg[f->nr++];

		if (next && (next % 8 || next < HDR_SIZE || next >= size))
			return false;
		*m = (struct message){ .at = data, .size = next ? next : size };
		m->room = m->size;
		if (!next)
			return true;
		data += next;
		size -= next;
	}
	return false;
}

void frame_parse(struct frame *f, uint8_t *data, size_t size)
{
	f->nr = 0;
	f->kind = FRAME_OTHER;
	if (size > SEAL_SIZE && !memcmp(data, "\xfdSMB", 4))
		f->kind = FRAME_SEALED;
	else if (split(f, data, size))
		f->kind = FRAME_SMB2;
	if (f->kind != FRAME_SMB2)
		f->nr = 0;
}

void frame_free(struct frame *f)
{
	for (unsigned int i = 0; i < f->nr; i++)
		if (f->msg[i].own)
			free(f->msg[i].at);
	f->nr = 0;
}

int message_resize(struct message *m, size_t size)
{
	if (size > m->room) {
		uint8_t *at = calloc(1, size);

		if (!at)
			return -ENOMEM;
		memcpy(at, m->at, m->size);
		if (m->own)
			free(m->at);
		m->at = at;
		m->own = true;
		m->room = size;
	} else if (size > m->size) {
		memset(m->at + m->size, 0, size - m->size);
	}
	m->size = size;
	m->changed = true;
	return 0;
}

int frame_link(struct frame *f)
{
	for (unsigned int i = 0; i < f->nr; i++) {
		struct message *m = &f->msg[i];
		size_t next = i + 1 < f->nr ? padded(m->size) : 0;
		int rc = next > m->size ? message_resize(m, next) : 0;

		if (rc)
			return rc;
		if (get32(m->at + HDR_NEXT) == next)
			continue;
		put32(m->at + HDR_NEXT, next);
		m->changed = true;
	}
	return 0;
}

size_t frame_total(const struct frame *f)
{
	size_t total = 0;

	for (unsigned int i = 0; i < f->nr; i++)
		total += f->msg[i].size;
	return total;
}

void frame_copy(const struct frame *f, uint8_t *ret)
{
	for (unsigned int i = 0; i < f->nr; i++) {
		memcpy(ret, f->msg[i].at, f->msg[i].size);
		ret += f->msg[i].size;
	}
}

bool frame_changed(const struct frame *f)
{
	for (unsigned int i = 0; i < f->nr; i++)
		if (f->msg[i].changed)
			return true;
	return false;
}
