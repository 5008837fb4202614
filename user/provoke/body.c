// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "provoke/flow_state.h"

int body_to_echo(struct message *m, const struct exchange *r)
{
	uint32_t flags = get32(m->at + HDR_FLAGS);
	int rc = message_resize(m, ECHO_SIZE);

	if (rc)
		return rc;
	put16(m->at + HDR_COMMAND, SMB2_ECHO);
	put32(m->at + HDR_FLAGS, flags & ~(uint32_t)SMB2_FLAG_RELATED);
	put32(m->at + HDR_TREE, 0);
	put64(m->at + HDR_SESSION, r->session);
	put16(m->at + HDR_SIZE, 4);
	put16(m->at + HDR_SIZE + 2, 0);
	return 0;
}

int body_to_error(struct message *m, const struct exchange *r, uint32_t status)
{
	uint32_t flags = get32(m->at + HDR_FLAGS);
	int rc = message_resize(m, ERROR_SIZE);

	if (rc)
		return rc;
	memset(m->at + HDR_SIZE, 0, ERROR_SIZE - HDR_SIZE);
	put16(m->at + HDR_SIZE, 9);
	put32(m->at + HDR_STATUS, status);
	put16(m->at + HDR_COMMAND, r->command);
	put32(m->at + HDR_FLAGS, r->related ? flags | SMB2_FLAG_RELATED : flags);
	if (!(flags & SMB2_FLAG_ASYNC))
		put32(m->at + HDR_TREE, r->tree);
	return 0;
}

/* What an amount leaves of all: at least one byte; all, if it is not less. */
static uint32_t left_of(const struct fault *f, uint32_t all)
{
	uint64_t left = f->percent ? (uint64_t)all * f->value / 100 : f->value;

	return left > all ? all : left ? left : 1;
}

bool body_shorten_write(struct message *m, const struct fault *fault, uint32_t *ret_left)
{
	uint32_t length, left;
	size_t at;

	if (m->size < WRITE_SIZE)
		return false;
	length = get32(m->at + WRITE_LENGTH);
	at = get16(m->at + WRITE_AT);
	left = left_of(fault, length);
	if (left >= length || at < WRITE_SIZE || at > m->size || length > m->size - at)
		return false;
	put32(m->at + WRITE_LENGTH, left);
	m->size = at + left;
	m->changed = true;
	*ret_left = left;
	return true;
}

bool body_shorten_read(struct message *m, const struct fault *fault, const struct exchange *r,
		       struct change *ret)
{
	uint32_t length, left;
	size_t at;

	if (m->size < READ_DONE_SIZE)
		return false;
	length = get32(m->at + READ_DONE_LENGTH);
	at = m->at[READ_DONE_AT];
	left = left_of(fault, length);
	if (left >= length || left < r->minimum || at < READ_DONE_SIZE || at > m->size ||
	    length > m->size - at)
		return false;
	put32(m->at + READ_DONE_LENGTH, left);
	m->size = at + left;
	m->changed = true;
	*ret = (struct change){ .was = length, .became = left };
	return true;
}
